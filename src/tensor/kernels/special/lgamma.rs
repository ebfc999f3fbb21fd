//! The logarithm of the absolute value of the gamma function, for f64.
//! Its derivatives are in `polygamma`; the f32 version and the documentation of accuracy are in the parent module.
//!
//! Ranges and coefficients are those of Sun's fdlibm, `e_lgamma_r.c` (1993).

use std::f64::consts::PI;

use super::polynomial;

/// ln Γ(2 - y) = -y/2 + (y P(y²) + y² Q(y²)) for y in [0, 0.2684): the even and the odd coefficients of one series.
const BELOW_TWO_EVEN: [f64; 6] = [
    0.07721566490153287,
    0.06735230105312927,
    0.007385550860814029,
    0.0011927076318336207,
    0.00022086279071390839,
    2.5214456545125733e-05,
];
const BELOW_TWO_ODD: [f64; 6] = [
    0.3224670334241136,
    0.020580808432516733,
    0.0028905138367341563,
    0.0005100697921535113,
    0.00010801156724758394,
    4.4864094961891516e-05,
];

/// Where Γ is least for positive arguments, the logarithm there, and the part of it that the constant cuts off.
const MINIMUM: f64 = 1.4616321449683622;
const AT_MINIMUM: f64 = -0.12148629053584961;
const AT_MINIMUM_REST: f64 = 3.638676997039505e-18;
/// (ln Γ(`MINIMUM` + y) - ln Γ(`MINIMUM`)) / y² for y in [-0.23, 0.27).
const NEAR_MINIMUM: [f64; 15] = [
    0.48383612272381005,
    -0.1475877229945939,
    0.06462494023913339,
    -0.032788541075985965,
    0.01797067508118204,
    -0.010314224129834144,
    0.006100538702462913,
    -0.0036845201678113826,
    0.0022596478090061247,
    -0.0014034646998923284,
    0.000881081882437654,
    -0.0005385953053567405,
    0.00031563207090362595,
    -0.00031275416837512086,
    0.0003355291926355191,
];

/// ln Γ(1 + y) = -y/2 + y P/Q in y for y in [-0.1, 0.2316).
const ABOVE_ONE_P: [f64; 6] = [
    -0.07721566490153287,
    0.6328270640250934,
    1.4549225013723477,
    0.9777175279633727,
    0.22896372806469245,
    0.013381091853678766,
];
const ABOVE_ONE_Q: [f64; 6] =
    [1.0, 2.4559779371304113, 2.128489763798934, 0.7692851504566728, 0.10422264559336913, 0.003217092422824239];

/// ln Γ(2 + y) = y/2 + y P/Q in y for y in [0, 1).
const ABOVE_TWO_P: [f64; 7] = [
    -0.07721566490153287,
    0.21498241596060885,
    0.325778796408931,
    0.14635047265246445,
    0.02664227030336386,
    0.0018402845140733772,
    3.194753265841009e-05,
];
const ABOVE_TWO_Q: [f64; 7] = [
    1.0,
    1.3920053346762105,
    0.7219355475671381,
    0.17193386563280308,
    0.01864591917156529,
    0.0007779424963818936,
    7.326684307446256e-06,
];

/// Stirling's remainder ln Γ(x) - (x - 1/2)(ln x - 1) is `STIRLING_CONSTANT` + P(1/x²)/x for x >= 8.
/// The constant is (ln 2π - 1)/2.
const STIRLING_CONSTANT: f64 = 0.4189385332046727;
const STIRLING: [f64; 6] = [
    0.08333333333333297,
    -0.0027777777772877554,
    0.0007936505586430196,
    -0.00059518755745034,
    0.0008363399189962821,
    -0.0016309293409657527,
];

/// ln |Γ(x)|.
pub(super) fn lgamma(x: f64) -> f64 {
    if x > 0.0 {
        return positive(x);
    }
    if x.is_nan() {
        return x;
    }
    if x > -1e-20 {
        // Γ(x) is 1/x to the last bit; zero of either sign is a pole.
        return -x.abs().ln();
    }
    // The reflection Γ(x) Γ(-x) = -π / (x sin πx). The distance to the nearest pole is exact.
    let distance = (x - x.round()).abs();
    if distance == 0.0 || x.is_infinite() {
        return f64::INFINITY;
    }
    (PI / (-x * (PI * distance).sin())).ln() - positive(-x)
}

fn positive(x: f64) -> f64 {
    if x >= 8.0 {
        let inverse = 1.0 / x;
        let rest = STIRLING_CONSTANT + inverse * polynomial(inverse * inverse, &STIRLING);
        (x - 0.5) * (x.ln() - 1.0) + rest
    } else if x >= 2.0 {
        let whole = x.floor();
        let y = x - whole;
        let above_two = 0.5 * y + y * polynomial(y, &ABOVE_TWO_P) / polynomial(y, &ABOVE_TWO_Q);
        if whole == 2.0 {
            return above_two;
        }
        // Γ(x) = (x - 1)(x - 2) .. (2 + y) Γ(2 + y), five factors at most.
        let mut product = 1.0;
        let mut factor = 2.0;
        while factor < whole {
            product *= factor + y;
            factor += 1.0;
        }
        above_two + product.ln()
    } else if x > 0.9 {
        from_one_to_two(x - 1.0)
    } else {
        // Γ(x) = Γ(x + 1)/x; the sum x + 1 is never formed, so that a small x keeps its bits.
        from_one_to_two(x) - x.ln()
    }
}

/// ln Γ(1 + y) for y in [-0.1, 1).
fn from_one_to_two(y: f64) -> f64 {
    if y >= 0.7316 {
        let below = 1.0 - y;
        let square = below * below;
        below * polynomial(square, &BELOW_TWO_EVEN) + square * polynomial(square, &BELOW_TWO_ODD) - 0.5 * below
    } else if y >= 0.2316 {
        let y = y - (MINIMUM - 1.0);
        let square = y * y;
        AT_MINIMUM + (square * polynomial(y, &NEAR_MINIMUM) + AT_MINIMUM_REST)
    } else {
        y * polynomial(y, &ABOVE_ONE_P) / polynomial(y, &ABOVE_ONE_Q) - 0.5 * y
    }
}
