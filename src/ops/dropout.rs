//! Dropout: a random mask that is a function of its numbers, so that it can be computed again.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op},
    rng::element_uniform,
};

/// Each number divided by 1 - p, or 0 with probability p. Linear in the input: its pullback is itself.
#[derive(Clone, Copy)]
pub struct Dropout {
    pub(crate) p: f64,
    pub(crate) seed: u64,
    pub(crate) draw: u64,
}

impl<T: Scalar> Op<T, 1> for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        Ok(x.into())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let scale = T::lit(1.0 / (1.0 - self.p));
        Tensor::build(x.shape().into(), |to| {
            for (i, (to, x)) in to.iter_mut().zip(x.as_slice()).enumerate() {
                let kept = element_uniform(self.seed, self.draw, i as u64) >= self.p;
                *to = if kept { *x * scale } else { T::zero() };
            }
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(*self, [g]))]
    }
}

pub(crate) fn dropout_cases() -> Vec<Case> {
    let case = |p: f64, shape: &[usize]| Case::new(move || Builtin::Dropout(Dropout { p, seed: 7, draw: 3 }), &[shape]);
    vec![case(0.5, &[4, 5]), case(0.2, &[7]), case(0.9, &[]), case(0.5, &[0, 2])]
}
