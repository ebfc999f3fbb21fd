//! [`Sgd`], gradient descent with momentum.

use super::{Optimizer, check_decay, check_rate, check_share};
use super::{
    memory::{Memory, for_each_gradient},
    update::{Rule, Weight, apply, pinned, replace},
};
use crate::{Scalar, nn::Module, tape::Gradients};

/// Stochastic gradient descent, with momentum if asked for.
///
/// With learning rate η, momentum μ and weight decay λ (0 unless set), for each parameter w with gradient ∇:
///
/// - g = ∇ + λ w
/// - v ← μ v + g, from 0
/// - w ← w - η v, or with Nesterov's momentum w ← w - η (g + μ v).
///
/// Without momentum nothing is remembered, and Nesterov's is the same. Sutskever et al., 2013, in PyTorch's form, where
/// the learning rate is not part of v.
///
/// ```
/// use gradtape::optim::{Optimizer, Sgd};
/// use gradtape::{Param, Tape, Tensor};
/// let mut weight = Param::<f64>::new([1.0, -2.0]);
/// let mut optimizer = Sgd::new(0.1).momentum(0.9).nesterov().weight_decay(1e-4);
/// let tape = Tape::new();
/// let gradients = tape.param(&weight).square().sum().backward();
/// optimizer.step(&mut weight, &gradients);
/// assert!((weight.value().as_slice()[0] - (1.0 - 0.1 * 1.9 * 2.0001)).abs() < 1e-12);
/// ```
#[derive(Clone, Debug)]
pub struct Sgd<T> {
    rule: Descent,
    velocities: Memory<T, 1>,
}

#[derive(Clone, Copy, Debug)]
struct Descent {
    rate: f64,
    momentum: f64,
    nesterov: bool,
    decay: f64,
}

impl<T> Sgd<T> {
    /// Descent with a learning rate.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        check_rate("Sgd", learning_rate);
        let rule = Descent { rate: learning_rate, momentum: 0.0, nesterov: false, decay: 0.0 };
        Sgd { rule, velocities: Memory::default() }
    }

    /// The share of its velocity that a parameter keeps from step to step.
    ///
    /// # Panics
    /// If it is not in `[0, 1)`.
    #[must_use]
    #[track_caller]
    pub fn momentum(mut self, momentum: f64) -> Self {
        check_share("Sgd", "the momentum", momentum);
        self.rule.momentum = momentum;
        self
    }

    /// Goes on by the velocity that the next step would have.
    #[must_use]
    pub fn nesterov(mut self) -> Self {
        self.rule.nesterov = true;
        self
    }

    /// Adds so many times the weight to its gradient: the gradient of an L2 penalty of half of that.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, decay: f64) -> Self {
        check_decay("Sgd", decay);
        self.rule.decay = decay;
        self
    }
}

impl<T: Scalar> Optimizer<T> for Sgd<T> {
    fn step<M: Module<T> + ?Sized>(&mut self, model: &mut M, gradients: &Gradients<T>) {
        let rule = self.rule;
        if rule.momentum == 0.0 {
            return for_each_gradient(model, gradients, |param, gradient| {
                apply(rule, param.value_mut(), gradient, &mut []);
            });
        }
        self.velocities.for_each(model, gradients, |weight, gradient, state| {
            apply(rule, weight, gradient, &mut state.tensors);
        });
    }

    fn learning_rate(&self) -> f64 {
        self.rule.rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        check_rate("Sgd", rate);
        self.rule.rate = rate;
    }
}

impl Rule<0> for Descent {
    #[inline(always)]
    fn update<T: Scalar>(self, weight: Weight<'_, T>, gradient: &[T], _: [&mut [T]; 0]) {
        let (rate, decay) = (T::lit(self.rate), T::lit(self.decay));
        replace(weight, gradient, gradient.iter().map(|_| ()), |w, g, ()| w - rate * (g + decay * w));
    }

    pinned!(0);
}

impl Rule<1> for Descent {
    #[inline(always)]
    fn update<T: Scalar>(self, weight: Weight<'_, T>, gradient: &[T], [velocity]: [&mut [T]; 1]) {
        let (rate, decay, momentum) = (T::lit(self.rate), T::lit(self.decay), T::lit(self.momentum));
        let velocity = velocity.iter_mut();
        if self.nesterov {
            replace(weight, gradient, velocity, |w, g, v| {
                let g = g + decay * w;
                *v = momentum * *v + g;
                w - rate * (g + momentum * *v)
            });
        } else {
            replace(weight, gradient, velocity, |w, g, v| {
                *v = momentum * *v + (g + decay * w);
                w - rate * *v
            });
        }
    }

    pinned!(1);
}
