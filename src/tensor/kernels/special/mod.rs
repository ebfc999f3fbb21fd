//! The special functions that the standard library lacks, for f32 and f64: error function, gamma function and its
//! logarithmic derivatives, and activation functions that are stable in both tails.
//! No derivatives and no loops over tensors: those are the business of the rules and of the other kernels.

mod activation;
mod erf;
mod lgamma;
mod polygamma;
#[cfg(test)]
mod tests;

use activation::in_own_precision;

/// Special functions of one real number.
///
/// For every method: NaN gives NaN; infinities and zeros give the limit; nothing panics. The bounds of error are for
/// f64, in units of the last place (ulp) of the result, and are asserted by the tests of this module. An f32 method is
/// within 1 ulp where the f64 method is computed and rounded, which is every method whose documentation does not say
/// "in its own precision".
///
/// `f32` and `f64` have unstable inherent methods `erf` and `erfc`: on a concrete type write `Special::erf(x)`, so that
/// the call neither warns today nor changes its meaning later.
pub(crate) trait Special: Sized + Copy {
    /// The error function, erf(x) = 2/√π ∫₀ˣ exp(-t²) dt.
    ///
    /// Within 1 ulp. erf(±0) = ±0, erf(±∞) = ±1. Source: Cody 1969; coefficients of Sun's fdlibm.
    fn erf(self) -> Self;

    /// The complementary error function, erfc(x) = 1 - erf(x) = 2/√π ∫ₓ^∞ exp(-t²) dt.
    ///
    /// Within 2 ulp, in the right tail too, down to the underflow near x = 27.2. erfc(+∞) = 0, erfc(-∞) = 2.
    /// Source: Cody 1969; coefficients of Sun's fdlibm.
    fn erfc(self) -> Self;

    /// The logarithm of the absolute value of the gamma function, ln |Γ(x)|.
    ///
    /// Within 4 ulp for x > 0, the neighbourhoods of the zeros at 1 and 2 included. For x < 0, by reflection, the error
    /// is below 1e-15 of the larger of the two reflected terms: it is not bounded relative to the result near the zeros
    /// there, such as -2.457. The poles 0, -1, -2, .. and both infinities give +∞.
    /// Source: rational approximations of Sun's fdlibm below 8, Stirling's series from there.
    fn lgamma(self) -> Self;

    /// The polygamma function ψ⁽ⁿ⁾(x) = dⁿ⁺¹/dxⁿ⁺¹ ln Γ(x): digamma for n = 0, trigamma for n = 1.
    ///
    /// For n <= 10 and x > 0 the relative error is below 1e-14, near the zero of ψ at 1.4616 too, and below 1e-12 for
    /// n <= 100; it grows with n. For x < 0 that holds relative to the largest of the reflected terms, which is the
    /// result itself unless that is near a zero. A negative n gives NaN.
    ///
    /// At the poles 0, -1, -2, .. the answers are those of SciPy: ψ(±0) = ∓∞, ψ is NaN at the negative ones, and
    /// for n >= 1 the limit from the right is given, which is +∞ for odd n and -∞ for even n. At +∞, ψ is +∞ and its
    /// derivatives are 0; at -∞ there is no limit and the answer is NaN.
    ///
    /// Formula: for n = 0 recurrence and asymptotic series, Abramowitz and Stegun 6.3.5 and 6.3.18, and 6.3.7 for
    /// reflection; for n >= 1 ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹ n! ζ(n + 1, x), NIST DLMF 25.11.12, by Euler-Maclaurin summation.
    fn polygamma(self, n: i32) -> Self;

    /// The logistic function, 1/(1 + e⁻ˣ).
    ///
    /// Within 2 ulp, in the left tail too, where it is eˣ, down to underflow. In its own precision.
    fn sigmoid(self) -> Self;

    /// ln(1 + eˣ), the smooth version of max(x, 0).
    ///
    /// Within 2 ulp, in the left tail too, where it is eˣ; for large x it is x. In its own precision.
    fn softplus(self) -> Self;

    /// The Gaussian error linear unit x Φ(x), with Φ(x) = erfc(-x/√2)/2 the distribution function of the normal law.
    ///
    /// Within 5 ulp, in the left tail too, down to the underflow near x = -38.6. gelu(-∞) = -0.
    /// Source: Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
    fn gelu(self) -> Self;

    /// The approximation of `gelu` by tanh, x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).
    ///
    /// The relative error is below 4e-16 (2 + e), where e is 0 for x > 0 and the exponent 2√(2/π) |x + 0.044715 x³| for
    /// x < 0, as long as exp(-e) is a normal number (x > -21.1). gelu_tanh(-∞) = -0.
    /// Source: Hendrycks and Gimpel, 2016.
    fn gelu_tanh(self) -> Self;

    /// x tanh(softplus(x)) = x tanh(ln(1 + eˣ)).
    ///
    /// Within 4 ulp, in the left tail too, as long as eˣ is a normal number (x > -708). mish(-∞) = -0.
    /// Source: Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", BMVC 2020.
    fn mish(self) -> Self;

    /// The scaled exponential linear unit, λx for x > 0, else λα(eˣ - 1), with λ = 1.0507009873554805 and
    /// α = 1.6732632423543772.
    ///
    /// Within 3 ulp. selu(-∞) = -λα. In its own precision.
    /// Source: Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.
    fn selu(self) -> Self;

    /// x/(1 + |x|).
    ///
    /// Within 2 ulp. softsign(±∞) = ±1. In its own precision.
    fn softsign(self) -> Self;
}

impl Special for f64 {
    in_own_precision!();

    fn erf(self) -> Self {
        erf::erf(self)
    }

    fn erfc(self) -> Self {
        erf::erfc(self)
    }

    fn lgamma(self) -> Self {
        lgamma::lgamma(self)
    }

    fn polygamma(self, n: i32) -> Self {
        polygamma::polygamma(n, self)
    }

    fn gelu(self) -> Self {
        erf::gelu(self)
    }

    fn gelu_tanh(self) -> Self {
        activation::gelu_tanh(self)
    }

    fn mish(self) -> Self {
        activation::mish(self)
    }
}

impl Special for f32 {
    in_own_precision!();

    fn erf(self) -> Self {
        erf::erf(self.into()) as f32
    }

    fn erfc(self) -> Self {
        erf::erfc(self.into()) as f32
    }

    fn lgamma(self) -> Self {
        lgamma::lgamma(self.into()) as f32
    }

    fn polygamma(self, n: i32) -> Self {
        polygamma::polygamma(n, self.into()) as f32
    }

    fn gelu(self) -> Self {
        erf::gelu(self.into()) as f32
    }

    fn gelu_tanh(self) -> Self {
        activation::gelu_tanh(self.into()) as f32
    }

    fn mish(self) -> Self {
        activation::mish(self.into()) as f32
    }
}

/// c₀ + c₁ x + c₂ x² + .., by Horner's rule.
fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let leading = coefficients[N - 1];
    coefficients[..N - 1].iter().rev().fold(leading, |sum, c| sum * x + c)
}
