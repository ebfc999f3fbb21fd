//! Activation functions of networks, arranged so that neither tail overflows or cancels.
//! The Gaussian error linear unit by erfc is in `erf`; the documentation of accuracy is in the parent module.

use std::f64::consts::FRAC_2_PI;

use super::Special;

/// λ and α of Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.
pub(super) const SELU_SCALE: f64 = 1.0507009873554805;
pub(super) const SELU_ALPHA: f64 = 1.6732632423543772;

/// The methods that lose nothing in their own precision: one text for f32 and f64.
macro_rules! in_own_precision {
    () => {
        fn sigmoid(self) -> Self {
            // exp of negative numbers only: it cannot overflow, and for x < 0 it is the leading factor.
            let decay = (-self.abs()).exp();
            let numerator = if self < 0.0 { decay } else { 1.0 };
            numerator / (1.0 + decay)
        }

        fn softplus(self) -> Self {
            // `max` drops a NaN, the second term keeps it.
            self.max(0.0) + (-self.abs()).exp().ln_1p()
        }

        fn selu(self) -> Self {
            const SCALE: f64 = activation::SELU_SCALE;
            const SCALE_ALPHA: f64 = activation::SELU_SCALE * activation::SELU_ALPHA;
            if self > 0.0 { SCALE as Self * self } else { SCALE_ALPHA as Self * self.exp_m1() }
        }

        fn softsign(self) -> Self {
            if self.is_infinite() { self.signum() } else { self / (1.0 + self.abs()) }
        }
    };
}
pub(super) use in_own_precision;

/// x (1 + tanh u)/2 with u = √(2/π) (x + 0.044715 x³), written as x sigmoid(2u), which keeps the left tail.
pub(super) fn gelu_tanh(x: f64) -> f64 {
    let twice_u = 2.0 * FRAC_2_PI.sqrt() * x * (1.0 + 0.044715 * (x * x));
    // Below this exp(2u) is 0; the limit is given, since x may be -∞.
    if twice_u < -800.0 { -0.0 } else { x * twice_u.sigmoid() }
}

/// x tanh(ln(1 + eˣ)) = x (w - 1)/(w + 1) with w = (1 + eˣ)².
pub(super) fn mish(x: f64) -> f64 {
    if x == f64::NEG_INFINITY {
        return -0.0;
    }
    // With the decaying one of eˣ and e⁻ˣ, so that nothing overflows; the 1 in w - 1 is cancelled by hand.
    let decay = (-x.abs()).exp();
    if x < 0.0 {
        let numerator = decay * (decay + 2.0);
        x * numerator / (numerator + 2.0)
    } else {
        let numerator = 1.0 + 2.0 * decay;
        x * (numerator / (numerator + 2.0 * decay * decay))
    }
}
