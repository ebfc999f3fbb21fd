//! The table of elementwise operations: a row is a name, a value, a slope and the domain it is checked on. Methods,
//! documentation, tape nodes and gradient checks are made from it. How a row runs over a tensor stands in `map`.

// `neg` is a row like the others; the operator of the same name calls it.
#![allow(clippy::should_implement_trait)]

mod expand;
mod terms;
mod whole;

use crate::{
    Dual, FromNumber, MultiDual, Scalar, Taylor, Tensor, TensorVar, Var,
    ops::{
        Builtin, Elementwise, Erased, Expr, Operand, TapeOperand, TensorOperand,
        lane::{self, Lane},
        map::Map,
        run,
    },
    tape::Step,
    tensor::kernels::{special::Special, vector::VectorNumber as V},
};
use expand::{Parameter, elementwise, formula, lanes, methods_of_numbers};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2, LN_10};

/// Constants of SELU: Klambauer et al., Self-Normalizing Neural Networks, 2017.
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
/// Of the tanh form of GELU: Hendrycks and Gimpel, 2016.
const GELU_CUBIC: f64 = 0.044715;

elementwise! {
unary {
    /// The negative, -x.
    Neg neg(): |x| -x; |_x, _y| -1.0; on (-2.0, 2.0);
    /// The absolute value |x|. The slope at 0 is 0.
    Abs abs(): |x| x.abs(); |x, _y| x.sign(); on (-2.0, 2.0);
    /// The exponential e^x.
    Exp exp(): |x| x.exp(), vector V::exp::<FMA>(x); |_x, y| y; on (-2.0, 2.0);
    /// 2^x.
    Exp2 exp2(): |x| x.exp2(), vector V::exp2::<FMA>(x); |_x, y| y * LN_2; on (-2.0, 2.0);
    /// e^x - 1, exact near 0.
    Expm1 expm1(): |x| x.exp_m1(), vector V::exp_m1::<FMA>(x); |x, _y| x.exp(); on (-2.0, 2.0);
    /// The natural logarithm ln x.
    Ln ln(): |x| x.ln(), vector V::ln::<FMA>(x); |x, _y| 1.0 / x; on (0.1, 2.0);
    /// The logarithm to base 2.
    Log2 log2(): |x| x.log2(), vector V::log2::<FMA>(x); |x, _y| 1.0 / (x * LN_2); on (0.1, 2.0);
    /// The logarithm to base 10.
    Log10 log10(): |x| x.log10(), vector V::log10::<FMA>(x); |x, _y| 1.0 / (x * LN_10); on (0.1, 2.0);
    /// ln(1 + x), exact near 0.
    Ln1p ln_1p(): |x| x.ln_1p(), vector V::ln_1p::<FMA>(x); |x, _y| 1.0 / (1.0 + x); on (-0.9, 2.0);
    /// The square root. Its slope at 0 is infinite, and contributes 0 where the cotangent is 0.
    Sqrt sqrt(): |x| x.sqrt(); |_x, y| 0.5 / y; on (0.1, 2.0);
    /// The reciprocal 1/x.
    Recip recip(): |x| 1.0 / x; |_x, y| -(y * y); on (0.5, 2.0);
    /// The square x².
    Square square(): |x| x * x; |x, _y| 2.0 * x; on (-2.0, 2.0);
    /// The sign: -1, 0 or 1. The slope is 0.
    Sign sign(): |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { x }; |_x, _y| 0.0; on (0.1, 2.0);
    /// The largest whole number not above x. The slope is 0.
    Floor floor(): |x| x.floor(); |_x, _y| 0.0; on (0.1, 0.9);
    /// The smallest whole number not below x. The slope is 0.
    Ceil ceil(): |x| x.ceil(); |_x, _y| 0.0; on (0.1, 0.9);
    /// The nearest whole number, halves away from 0. The slope is 0.
    Round round(): |x| x.round(); |_x, _y| 0.0; on (0.6, 1.4);
    /// The sine of x in radians.
    Sin sin(): |x| x.sin(), in_part V::sin::<FMA>(x); |x, _y| x.cos(); on (-2.0, 2.0);
    /// The cosine of x in radians.
    Cos cos(): |x| x.cos(), in_part V::cos::<FMA>(x); |x, _y| -x.sin(); on (-2.0, 2.0);
    /// The tangent of x in radians.
    Tan tan(): |x| x.tan(), in_part V::tan::<FMA>(x); |_x, y| 1.0 + y * y; on (-1.2, 1.2);
    /// The arc sine, in radians.
    Asin asin(): |x| x.asin(), vector V::asin::<FMA>(x); |x, _y| 1.0 / ((1.0 - x) * (1.0 + x)).sqrt(); on (-0.9, 0.9);
    /// The arc cosine, in radians.
    Acos acos(): |x| x.acos(), vector V::acos::<FMA>(x); |x, _y| -1.0 / ((1.0 - x) * (1.0 + x)).sqrt(); on (-0.9, 0.9);
    /// The arc tangent, in radians.
    Atan atan(): |x| x.atan(), vector V::atan::<FMA>(x); |x, _y| 1.0 / (1.0 + x * x); on (-2.0, 2.0);
    /// The hyperbolic sine.
    Sinh sinh(): |x| x.sinh(), vector V::sinh::<FMA>(x); |x, _y| x.cosh(); on (-2.0, 2.0);
    /// The hyperbolic cosine.
    Cosh cosh(): |x| x.cosh(), vector V::cosh::<FMA>(x); |x, _y| x.sinh(); on (-2.0, 2.0);
    /// The hyperbolic tangent.
    Tanh tanh(): |x| x.tanh(), vector V::tanh::<FMA>(x); |_x, y| 1.0 - y * y; on (-2.0, 2.0);
    /// The inverse hyperbolic sine.
    Asinh asinh(): |x| x.asinh(), vector V::asinh::<FMA>(x); |x, _y| 1.0 / x.hypot(1.0); on (-2.0, 2.0);
    /// The inverse hyperbolic cosine.
    Acosh acosh(): |x| x.acosh(), vector V::acosh::<FMA>(x);
        |x, _y| 1.0 / ((x - 1.0) * (x + 1.0)).sqrt(); on (1.2, 3.0);
    /// The inverse hyperbolic tangent.
    Atanh atanh(): |x| x.atanh(), vector V::atanh::<FMA>(x); |x, _y| 1.0 / ((1.0 - x) * (1.0 + x)); on (-0.8, 0.8);
    /// The logistic function 1/(1 + e^-x), right in both tails.
    Sigmoid sigmoid(): |x| x.sigmoid(), vector V::sigmoid::<FMA>(x); |x, y| y * (-x).sigmoid(); on (-2.0, 2.0);
    /// max(x, 0). The slope at 0 is 0.
    Relu relu(): |x| if x <= 0.0 { 0.0 } else { x }; |x, _y| x.step(); on (-2.0, 2.0);
    /// x where positive, else `slope` times x. The slope at 0 is `slope`.
    LeakyRelu leaky_relu(slope: f64 = 0.1): |x| if x > 0.0 { x } else { x * slope };
        |x, _y| x.step() * (1.0 - slope) + slope; on (-2.0, 2.0);
    /// x where positive, else `alpha` (e^x - 1). The slope at 0 is `alpha`. Clevert et al., 2015.
    Elu elu(alpha: f64 = 1.5): |x| if x > 0.0 { x } else { x.exp_m1() * alpha },
        vector if x > 0.0 { x } else { V::exp_m1::<FMA>(x) * alpha };
        |x, _y| x.choose(1.0, x.not_above_0().exp() * alpha); on (-2.0, 2.0);
    /// The self-normalising ELU of Klambauer et al., 2017: 1.0507 times x where positive, else times 1.6733 (e^x - 1).
    /// The second derivative at a NaN is 0 or NaN, as it is computed.
    Selu selu(): |x| x.selu(),
        vector if x > 0.0 { x * SELU_SCALE as Real } else { V::exp_m1::<FMA>(x) * (SELU_SCALE * SELU_ALPHA) as Real };
        |x, _y| x.choose(SELU_SCALE, x.not_above_0().exp() * (SELU_SCALE * SELU_ALPHA)); on (-2.0, 2.0);
    /// x sigmoid(x), also called swish.
    Silu silu(): |x| if x < -1e4 { -0.0 } else { x * x.sigmoid() }, vector V::silu::<FMA>(x);
        |x, _y| x.sigmoid() + (x.sigmoid() * (-x).sigmoid()).guarded(x); on (-2.0, 2.0);
    /// x tanh(softplus(x)). Misra, 2019.
    Mish mish(): |x| x.mish(), vector V::mish::<FMA>(x);
        |x, _y| x.softplus().tanh() + ((1.0 - x.softplus().tanh().square()) * x.sigmoid()).guarded(x);
        on (-2.0, 2.0);
    /// ln(1 + e^x), right in both tails.
    Softplus softplus(): |x| x.softplus(), vector V::softplus::<FMA>(x); |x, _y| x.sigmoid(); on (-2.0, 2.0);
    /// x/(1 + |x|).
    Softsign softsign(): |x| x.softsign(), vector if x.is_infinite() { x.signum() } else { x / (1.0 + x.abs()) };
        |x, _y| (1.0 / (1.0 + x.abs())).square(); on (-2.0, 2.0);
    /// x Φ(x), with the normal distribution function by erf. Hendrycks and Gimpel, 2016.
    Gelu gelu(): |x| x.gelu(), vector V::gelu::<FMA>(x);
        |x, _y| (x * -FRAC_1_SQRT_2).erfc() * 0.5
            + (x.square() * -0.5).exp().guarded(x) * (0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
        on (-2.0, 2.0);
    /// GELU in its tanh form: x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).
    GeluTanh gelu_tanh(): |x| x.gelu_tanh(), vector V::gelu_tanh::<FMA>(x);
        |x, _y| {
            let factor = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
            let t = ((x + x * x.square() * GELU_CUBIC) * factor).tanh();
            let inner = x * (1.0 + x.square() * (3.0 * GELU_CUBIC)) * (0.5 * factor);
            0.5 + 0.5 * t + (1.0 - t.square()).guarded(inner)
        };
        on (-2.0, 2.0);
    /// The error function 2/√π ∫₀ˣ e^(-t²) dt.
    Erf erf(): |x| Special::erf(x), vector V::erf::<FMA>(x); |x, _y| (-x.square()).exp() * FRAC_2_SQRT_PI;
        on (-2.0, 2.0);
    /// 1 - erf(x), exact in the tail.
    Erfc erfc(): |x| Special::erfc(x), vector V::erfc::<FMA>(x); |x, _y| (-x.square()).exp() * -FRAC_2_SQRT_PI;
        on (-2.0, 2.0);
    /// ln |Γ(x)|.
    Lgamma lgamma(): |x| Special::lgamma(x), in_part V::lgamma::<FMA>(x);
        |x, _y| x.unary(Digamma()); on (0.3, 4.0);
    /// x limited to `[min, max]`. The slope is 1 from `min` to `max` inclusive, else 0.
    Clamp clamp(min: f64 = -1.0, max: f64 = 1.0): |x| if x < min { min } else if x > max { max } else { x };
        |x, _y| x.inside(min, max); on (-2.0, 2.0);
    /// x^p.
    Powf powf(p: f64 = 1.7): |x| x.powf(p), vector V::pow::<FMA>(x, p); |x, _y| x.powf(p - 1.0) * p; on (0.5, 2.0);
    /// x^n for a whole number n. Loops over many numbers are those of `whole`, but for formulas that say n.
    Powi powi(n: i32 = 5): |x| x.powi(n), std (); |x, y| whole::below(x, y, n, Powi) * f64::from(n);
        on (0.5, 2.0);
}
binary {
    /// x^z. Where x is 0, its logarithm contributes 0: what moves only with z has no slope there. Where a derivative
    /// does not exist, as the second of x^x at 0, ways to compute it give different answers.
    Pow pow: |x, z| x.powf(z), vector V::pow::<FMA>(x, z);
        |x, z, y| [z.guarded(x.pow(z - 1.0)), y * x.ln_or_0()]; on (0.5, 2.0);
    /// The larger of two. Where they are equal, each has slope 1/2; a NaN wins.
    Maximum maximum: |x, z| if x >= z || x.is_nan() { x } else { z };
        |x, z, _y| [x.share(z), 1.0 - x.share(z)]; on (-2.0, 2.0);
    /// The smaller of two. Where they are equal, each has slope 1/2; a NaN wins.
    Minimum minimum: |x, z| if x <= z || x.is_nan() { x } else { z };
        |x, z, _y| [(-x).share(-z), 1.0 - (-x).share(-z)]; on (-2.0, 2.0);
    /// The angle of the point (z, x) in radians, in (-π, π]; slopes at the origin are 0.
    Atan2 atan2: |x, z| x.atan2(z), vector V::atan2::<FMA>(x, z);
        |x, z, _y| [z.ratio(x.hypot(z)).ratio(x.hypot(z)), (-x).ratio(x.hypot(z)).ratio(x.hypot(z))]; on (0.3, 2.0);
    /// √(x² + z²), without overflow on the way; slopes at the origin are 0.
    Hypot hypot: |x, z| x.hypot(z), vector V::hypot::<FMA>(x, z); |x, z, y| [x.ratio(y), z.ratio(y)]; on (0.3, 2.0);
}
inner {
    Add add 2 (): |x, z| x + z; |_x, _z; _y| [1.0, 1.0]; on (-2.0, 2.0);
    Sub sub 2 (): |x, z| x - z; |_x, _z; _y| [1.0, -1.0]; on (-2.0, 2.0);
    Mul mul 2 (): |x, z| x * z; |x, z; _y| [z, x]; on (-2.0, 2.0);
    Div div 2 (): |x, z| x / z; |_x, z; y| [1.0 / z, -(y / z)]; on (0.5, 2.0);
    /// The remainder of x / z, with the sign of x. For z = 0 there is none, nor second derivatives.
    Rem rem 2 (): |x, z| x % z, in_part V::remainder::<FMA>(x, z); |x, z; y| [1.0, (y - x) / z]; on (1.2, 1.9);
    AddNumber add_number 1 (c: f64 = 1.5): |x| x + c; |_x; _y| [1.0]; on (-2.0, 2.0);
    SubtractFrom subtract_from 1 (c: f64 = 1.5): |x| c - x; |_x; _y| [-1.0]; on (-2.0, 2.0);
    Scale scale 1 (c: f64 = 1.5): |x| x * c; |_x; _y| [c]; on (-2.0, 2.0);
    DivideBy divide_by 1 (c: f64 = 1.5): |x| x / c; |_x; _y| [1.0 / c]; on (-2.0, 2.0);
    DivideInto divide_into 1 (c: f64 = 1.5): |x| c / x; |x; y| [-(y / x)]; on (0.5, 2.0);
    /// The cube root, also of negative numbers.
    Cbrt cbrt 1 (): |x| x.cbrt(), vector V::cbrt::<FMA>(x); |_x; y| [(1.0 / 3.0) / y.square()]; on (0.2, 2.0);
    /// 1 where x is positive, else 0.
    StepAt0 step 1 (): |x| if x > 0.0 { 1.0 } else { 0.0 }; |_x; _y| [0.0]; on (0.1, 2.0);
    /// 1 from `min` to `max` inclusive, else 0.
    Inside inside 1 (min: f64 = -1.0, max: f64 = 1.0): |x| if x >= min && x <= max { 1.0 } else { 0.0 };
        |_x; _y| [0.0]; on (-0.9, 0.9);
    /// The derivative of lgamma.
    Digamma digamma 1 (): |x| Special::polygamma(x, 0), in_part V::digamma::<FMA>(x);
        |x; _y| [x.unary(Trigamma())]; on (0.5, 4.0);
    /// The second derivative of lgamma.
    Trigamma trigamma 1 (): |x| Special::polygamma(x, 1), in_part V::trigamma::<FMA>(x);
        |x; _y| [x.unary(Polygamma(2))]; on (0.5, 4.0);
    /// The derivative of order n + 1 of lgamma, from the third on.
    Polygamma polygamma 1 (n: i32 = 2): |x| Special::polygamma(x, n), std (); |x; _y| [x.unary(Polygamma(n + 1))];
        on (0.5, 4.0);
    /// x z, but 0 where x is 0, or where z is 0 and x infinite: how a cotangent meets a slope.
    /// Each comparison chooses by itself: of two together, the compiler would make a jump.
    Guarded guarded 2 (): |x, z| if x.abs() <= if z == 0.0 { 1.0 / 0.0 } else { 0.0 } { 0.0 } else { x * z };
        |x, z; _y| [z.finite_or(x), x]; on (0.5, 2.0);
    /// x, but 0 where it is infinite and z is 0: the slope of the guarded product.
    FiniteOr finite_or 2 (): |x, z| if z == 0.0 && !x.is_finite() { 0.0 } else { x }; |_x, _z; _y| [1.0, 0.0];
        on (0.5, 2.0);
    /// The logarithm, but 0 at 0.
    LnOr0 ln_or_0 1 (): |x| if x == 0.0 { 0.0 } else { x.ln() }, vector if x == 0.0 { 0.0 } else { V::ln::<FMA>(x) };
        |x; _y| [Expr::from(1.0).ratio(x)]; on (0.1, 2.0);
    /// 1 where x is the larger of the two or no number, 1/2 where they are equal, else 0.
    Share share 2 (): |x, z| if x > z || x.is_nan() { 1.0 } else if x == z { 0.5 } else { 0.0 };
        |_x, _z; _y| [0.0, 0.0]; on (-2.0, 2.0);
    /// x / z, but 0 where z is 0: how a slope at a corner is chosen to be 0.
    Ratio ratio 2 (): |x, z| if z == 0.0 { 0.0 } else { x / z }; |_x, z; y| [Expr::from(1.0).ratio(z), -y.ratio(z)];
        on (0.5, 2.0);
    /// 1 where x and z are equal, also a NaN to a NaN; else 0.
    Equal equal 2 (): |x, z| if x == z || (x.is_nan() && z.is_nan()) { 1.0 } else { 0.0 }; |_x, _z; _y| [0.0, 0.0];
        on (0.5, 2.0);
    /// a where x is positive, else b.
    Choose choose 3 (): |x, a, b| if x > 0.0 { a } else { b }; |x, _a, _b; _y| [0.0, x.step(), 1.0 - x.step()];
        on (0.5, 2.0);
}
}
