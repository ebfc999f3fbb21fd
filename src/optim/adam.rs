//! [`Adam`], steps of a size of their own for each number.

use super::{Optimizer, check_decay, check_rate, check_share};
use super::{
    memory::Memory,
    update::{Rule, Weight, apply, pinned, replace},
};
use crate::{Scalar, nn::Module, tape::Gradients};

/// Adam: descent by running means of gradient and squared gradient.
///
/// With learning rate η, shares β₁ = 0.9 and β₂ = 0.999, ε = 1e-8 and weight decay λ = 0 unless set, in step number t
/// of a parameter w with gradient ∇:
///
/// - g = ∇ + λ w
/// - m ← β₁ m + (1 - β₁) g and v ← β₂ v + (1 - β₂) g², from 0
/// - w ← w - η m̂ / (√v̂ + ε), with m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ).
///
/// Kingma and Ba, 2015; steps are counted for each parameter.
///
/// ```
/// use gradtape::optim::{Adam, Optimizer};
/// use gradtape::{Param, Tape, Tensor};
/// let mut weight = Param::<f64>::new([1.0, -2.0]);
/// let mut optimizer = Adam::new(0.1).betas(0.9, 0.99).eps(1e-8);
/// let tape = Tape::new();
/// let gradients = tape.param(&weight).square().sum().backward();
/// optimizer.step(&mut weight, &gradients);
/// // The first step goes by the learning rate, whatever the size of the gradient.
/// assert!(weight.value().iter().zip([0.9, -1.9]).all(|(w, expected)| (w - expected).abs() < 1e-8));
/// ```
#[derive(Clone, Debug)]
pub struct Adam<T> {
    rate: f64,
    betas: [f64; 2],
    eps: f64,
    decay: f64,
    means: Memory<T, 2>,
}

impl<T> Adam<T> {
    /// Adam with a learning rate; 0.001 is usual.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        check_rate("Adam", learning_rate);
        Adam { rate: learning_rate, betas: [0.9, 0.999], eps: 1e-8, decay: 0.0, means: Memory::default() }
    }

    /// The shares that the means of the gradient and of its square keep from step to step.
    ///
    /// # Panics
    /// If one is not in `[0, 1)`.
    #[must_use]
    #[track_caller]
    pub fn betas(mut self, gradient: f64, square: f64) -> Self {
        check_share("Adam", "the first beta", gradient);
        check_share("Adam", "the second beta", square);
        self.betas = [gradient, square];
        self
    }

    /// What is added to the root of the mean square, so that a step stays finite.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn eps(mut self, eps: f64) -> Self {
        assert!(eps >= 0.0 && eps.is_finite(), "Adam: epsilon is at least 0 and finite; found {eps}");
        self.eps = eps;
        self
    }

    /// Adds so many times the weight to its gradient.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, decay: f64) -> Self {
        check_decay("Adam", decay);
        self.decay = decay;
        self
    }
}

impl<T: Scalar> Optimizer<T> for Adam<T> {
    fn step<M: Module<T> + ?Sized>(&mut self, model: &mut M, gradients: &Gradients<T>) {
        let Adam { rate, betas, eps, decay, ref mut means } = *self;
        means.for_each(model, gradients, |weight, gradient, state| {
            let [first, second] = betas.map(|beta| 1.0 - beta.powi(state.steps));
            let moments = Moments { rate: rate / first, root: second.sqrt(), betas, eps, decay };
            apply(moments, weight, gradient, &mut state.tensors);
        });
    }

    fn learning_rate(&self) -> f64 {
        self.rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        check_rate("Adam", rate);
        self.rate = rate;
    }
}

/// The numbers of one step, with the means' bias towards their first value, 0, taken out.
#[derive(Clone, Copy)]
struct Moments {
    /// η / (1 - β₁ᵗ).
    rate: f64,
    /// √(1 - β₂ᵗ).
    root: f64,
    betas: [f64; 2],
    eps: f64,
    decay: f64,
}

impl Rule<2> for Moments {
    #[inline(always)]
    fn update<T: Scalar>(self, weight: Weight<'_, T>, gradient: &[T], [mean, square]: [&mut [T]; 2]) {
        let [rate, per_root, eps, decay] = [self.rate, 1.0 / self.root, self.eps, self.decay].map(T::lit);
        let [keep_mean, keep_square] = self.betas.map(T::lit);
        let [take_mean, take_square] = self.betas.map(|beta| T::lit(1.0 - beta));
        let state = mean.iter_mut().zip(square);
        replace(weight, gradient, state, |w, g, (m, v)| {
            let g = g + decay * w;
            *m = keep_mean * *m + take_mean * g;
            *v = keep_square * *v + take_square * (g * g);
            w - rate * *m / (v.sqrt() * per_root + eps)
        });
    }

    pinned!(2);
}
