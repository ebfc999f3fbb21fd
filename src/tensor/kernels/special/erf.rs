//! The error function, its complement, and the Gaussian error linear unit built on them, for f64.
//! The f32 versions and the documentation of accuracy are in the parent module.
//!
//! The rational approximations follow the idea of W. J. Cody, "Rational Chebyshev approximations for the error
//! function", Math. Comp. 23 (1969), with the ranges and coefficients of Sun's fdlibm, `s_erf.c` (1993).

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use super::polynomial;

/// `(erf(x) - x) / x` is P/Q in x² for |x| below this bound.
const SMALL: f64 = 0.84375;
const SMALL_P: [f64; 5] =
    [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-05];
const SMALL_Q: [f64; 6] = [
    1.0,
    0.39791722395915535,
    0.0650222499887673,
    0.005081306281875766,
    0.00013249473800432164,
    -3.960228278775368e-06,
];

/// `erf(1 + s)` is `NEAR_ONE` + P/Q in s for |x| from `SMALL` up to this bound.
const MIDDLE: f64 = 1.25;
/// erf(1) cut to 24 bits, so that `1 - NEAR_ONE` is exact.
const NEAR_ONE: f64 = 0.8450629115104675;
const MIDDLE_P: [f64; 7] = [
    -0.0023621185607526594,
    0.41485611868374833,
    -0.3722078760357013,
    0.31834661990116175,
    -0.11089469428239668,
    0.035478304325618236,
    -0.002166375594868791,
];
const MIDDLE_Q: [f64; 7] = [
    1.0,
    0.10642088040084423,
    0.540397917702171,
    0.07182865441419627,
    0.12617121980876164,
    0.01363708391202905,
    0.011984499846799107,
];

/// `ln(x erfc(x)) + x² + 0.5625` is P/Q in 1/x²: one pair from `MIDDLE` up to this bound, another above it.
const TAIL: f64 = 1.0 / 0.35;
const TAIL_LOW_P: [f64; 8] = [
    -0.009864944034847148,
    -0.6938585727071818,
    -10.558626225323291,
    -62.375332450326006,
    -162.39666946257347,
    -184.60509290671104,
    -81.2874355063066,
    -9.814329344169145,
];
const TAIL_LOW_Q: [f64; 9] = [
    1.0,
    19.651271667439257,
    137.65775414351904,
    434.56587747522923,
    645.3872717332679,
    429.00814002756783,
    108.63500554177944,
    6.570249770319282,
    -0.0604244152148581,
];
const TAIL_HIGH_P: [f64; 7] = [
    -0.0098649429247001,
    -0.799283237680523,
    -17.757954917754752,
    -160.63638485582192,
    -637.5664433683896,
    -1025.0951316110772,
    -483.5191916086514,
];
const TAIL_HIGH_Q: [f64; 8] = [
    1.0,
    30.33806074348246,
    325.7925129965739,
    1536.729586084437,
    3199.8582195085955,
    2553.0504064331644,
    474.52854120695537,
    -22.44095244658582,
];

/// erf(x) = 2/√π ∫₀ˣ exp(-t²) dt.
pub(super) fn erf(x: f64) -> f64 {
    let size = x.abs();
    if size < SMALL {
        x + x * small(x)
    } else if size < MIDDLE {
        (NEAR_ONE + middle(size)).copysign(x)
    } else if size < 6.0 {
        (1.0 - erfc_tail(size)).copysign(x)
    } else if x.is_nan() {
        x
    } else {
        1.0_f64.copysign(x)
    }
}

/// erfc(x) = 1 - erf(x), without the cancellation for positive x.
pub(super) fn erfc(x: f64) -> f64 {
    let size = x.abs();
    if size < SMALL {
        let rest = x * small(x);
        // The order of the sums is such that all but the last are exact, or small beside the result.
        if x < 0.25 {
            1.0 - (x + rest)
        } else if x < 0.5 {
            0.5 - (x - 0.5 + rest)
        } else {
            (1.0 - x) - rest
        }
    } else if size < MIDDLE {
        if x > 0.0 { 1.0 - NEAR_ONE - middle(size) } else { 1.0 + (NEAR_ONE + middle(size)) }
    } else if size < 28.0 {
        if x > 0.0 { erfc_tail(size) } else { 2.0 - erfc_tail(size) }
    } else if x.is_nan() {
        x
    } else if x > 0.0 {
        0.0
    } else {
        2.0
    }
}

/// x Φ(x), where Φ(x) = erfc(-x/√2) / 2 is the distribution function of the normal law.
pub(super) fn gelu(x: f64) -> f64 {
    let size = x.abs();
    let t = size * FRAC_1_SQRT_2;
    if t < MIDDLE {
        return 0.5 * x * erfc(-x * FRAC_1_SQRT_2);
    }
    if size < 40.0 {
        // |x| Φ(-|x|) = t erfc(t) / √2. The exponent t² is x²/2, taken from x itself: the rounding of t would be
        // multiplied by x² there.
        let (high, low) = split_square(size);
        let tail = tail_over(SQRT_2, t, 0.5 * high, 0.5 * low);
        return if x > 0.0 { x - tail } else { -tail };
    }
    // Here Φ is 1 or below the smallest number; only NaN and positive x come back as they are.
    if x < 0.0 { -0.0 } else { x }
}

/// `(erf(x) - x) / x` for |x| < `SMALL`.
fn small(x: f64) -> f64 {
    let square = x * x;
    polynomial(square, &SMALL_P) / polynomial(square, &SMALL_Q)
}

/// `erf(x) - NEAR_ONE` for x from `SMALL` to `MIDDLE`.
fn middle(x: f64) -> f64 {
    let s = x - 1.0;
    polynomial(s, &MIDDLE_P) / polynomial(s, &MIDDLE_Q)
}

/// erfc(x) for x from `MIDDLE` to 28.
fn erfc_tail(x: f64) -> f64 {
    let (high, low) = split_square(x);
    tail_over(x, x, high, low)
}

/// x erfc(x) / divisor for x >= `MIDDLE`, where `high + low` is x² to more bits than one number holds.
fn tail_over(divisor: f64, x: f64, high: f64, low: f64) -> f64 {
    let s = 1.0 / (x * x);
    let ratio = if x < TAIL {
        polynomial(s, &TAIL_LOW_P) / polynomial(s, &TAIL_LOW_Q)
    } else {
        polynomial(s, &TAIL_HIGH_P) / polynomial(s, &TAIL_HIGH_Q)
    };
    // Two exponentials: the argument of the first is exact; the second is near 1, so only its distance from 1 is used,
    // which adds a small term where a product would round twice.
    let power = (-high - 0.5625).exp();
    let quotient = power / divisor;
    quotient + (quotient * (ratio - low).exp_m1() + division_rest(power, divisor, quotient) / divisor)
}

/// dividend - divisor × quotient, where the product is taken to more bits than one number holds.
fn division_rest(dividend: f64, divisor: f64, quotient: f64) -> f64 {
    let (d, q) = (leading_bits(divisor), leading_bits(quotient));
    let (d_rest, q_rest) = (divisor - d, quotient - q);
    dividend - d * q - d_rest * q - d * q_rest - d_rest * q_rest
}

/// x² as a sum: the square of its leading bits, which is exact, and the rest.
fn split_square(x: f64) -> (f64, f64) {
    let leading = leading_bits(x);
    (leading * leading, (x - leading) * (x + leading))
}

/// The first 21 bits of x: the product of two such numbers is exact.
fn leading_bits(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_0000_0000)
}
