//! The numbers of two methods of Runge and Kutta, and their step.

use crate::{Scalar, TensorVar};

/// `kᵢ = f(t + cᵢ h, y + h Σⱼ aᵢⱼ kⱼ)`, `y₁ = y + h Σᵢ bᵢ kᵢ`, and the weights of an estimate of the error.
pub(super) struct Tableau {
    a: &'static [&'static [f64]],
    c: &'static [f64],
    b: &'static [f64],
    error: Option<&'static [f64]>,
}

pub(super) static RK4: Tableau = Tableau {
    a: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
    c: &[0.0, 0.5, 0.5, 1.0],
    b: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    error: None,
};

/// Dormand and Prince, "A family of embedded Runge-Kutta formulae", 1980: order 5, with one of order 4 inside.
pub(super) static DORMAND_PRINCE: Tableau = Tableau {
    a: &[
        &[],
        &[1.0 / 5.0],
        &[3.0 / 40.0, 9.0 / 40.0],
        &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
        &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
        &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
        &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
    ],
    c: &[0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0],
    b: &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0, 0.0],
    error: Some(&[
        35.0 / 384.0 - 5179.0 / 57600.0,
        0.0,
        500.0 / 1113.0 - 7571.0 / 16695.0,
        125.0 / 192.0 - 393.0 / 640.0,
        -2187.0 / 6784.0 + 92097.0 / 339200.0,
        11.0 / 84.0 - 187.0 / 2100.0,
        -1.0 / 40.0,
    ]),
};

impl Tableau {
    /// y after a step of h, and the estimate of its error where there is one.
    ///
    /// # Panics
    /// If f gives another shape than that of y.
    #[track_caller]
    pub(super) fn step<'t, T: Scalar>(
        &self,
        f: impl Fn(f64, TensorVar<'t, T>) -> TensorVar<'t, T>,
        t: f64,
        h: f64,
        y: TensorVar<'t, T>,
    ) -> (TensorVar<'t, T>, Option<TensorVar<'t, T>>) {
        let mut k: Vec<TensorVar<'t, T>> = Vec::with_capacity(self.a.len());
        for (weights, c) in self.a.iter().zip(self.c) {
            let at = combine(&k, weights, h).map_or(y, |change| y + change);
            let slope = f(t + c * h, at);
            let (of, given) = (y.shape(), slope.shape());
            assert!(of == given, "solve: {of:?} and {given:?}: the derivative has another shape than the state");
            k.push(slope);
        }
        let next = combine(&k, self.b, h).map_or(y, |change| y + change);
        (next, self.error.and_then(|weights| combine(&k, weights, h)))
    }
}

/// `h Σᵢ wᵢ kᵢ`; `None` where all weights are 0.
fn combine<'t, T: Scalar>(k: &[TensorVar<'t, T>], weights: &[f64], h: f64) -> Option<TensorVar<'t, T>> {
    let terms = k.iter().zip(weights).filter(|(_, weight)| **weight != 0.0);
    terms.map(|(k, weight)| *k * T::lit(weight * h)).reduce(|sum, term| sum + term)
}
