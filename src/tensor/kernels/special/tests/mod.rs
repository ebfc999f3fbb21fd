//! Tests of the special functions: reference values, limits, and the identities that tie them together.
//! The reference values themselves are in `reference`.

mod reference;

use super::Special;

type Table = &'static [(f64, f64)];

/// Asserts that `f64` is within `bound` ulp of every row, and `f32` within `bound_f32` on the rows whose argument is
/// an f32.
#[track_caller]
fn assert_within(
    name: &str,
    table: Table,
    (f64, bound): (fn(f64) -> f64, f64),
    (f32, bound_f32): (fn(f32) -> f32, f64),
) {
    let mut single = 0;
    for &(x, want) in table {
        let got = f64(x);
        let ulp = want.abs().next_up() - want.abs();
        assert!((got - want).abs() <= bound * ulp, "{name}({x:e}) is {got:e}, not {want:e} within {bound} ulp");

        let x32 = x as f32;
        let want32 = want as f32;
        if f64::from(x32) == x && want32.is_finite() {
            single += 1;
            let got = f32(x32);
            let ulp = f64::from(want32.abs().next_up() - want32.abs());
            let error = (f64::from(got) - want).abs();
            assert!(error <= bound_f32 * ulp, "{name}({x:e}) in f32 is {got:e}, not {want:e} within {bound_f32} ulp");
        }
    }
    assert!(single * 2 > table.len(), "{name}: too few arguments are exact in f32");
}

/// An f32 that was computed in f64 is rounded once more, so that it is off by hardly more than half an ulp.
const ROUNDED: f64 = 0.51;

#[test]
fn erf_agrees_with_its_reference() {
    assert_within("erf", reference::ERF, (Special::erf, 1.0), (Special::erf, ROUNDED));
}

#[test]
fn erfc_keeps_relative_accuracy_down_to_underflow() {
    assert_within("erfc", reference::ERFC, (Special::erfc, 2.0), (Special::erfc, ROUNDED));
}

#[test]
fn lgamma_keeps_relative_accuracy_near_its_zeros() {
    assert_within("lgamma", reference::LGAMMA, (Special::lgamma, 4.0), (Special::lgamma, ROUNDED));
}

#[test]
fn lgamma_is_reflected_left_of_zero() {
    for &(x, want) in reference::LGAMMA_LEFT {
        let got = x.lgamma();
        let largest_term = want.abs() + (-x).lgamma().abs();
        assert!((got - want).abs() <= 1e-15 * largest_term, "lgamma({x:e}) is {got:e}, not {want:e}");
    }
}

#[test]
fn polygamma_agrees_with_its_reference() {
    for &(n, x, want) in reference::POLYGAMMA {
        let got = x.polygamma(n);
        let bound = if n <= 10 { 1e-14 } else { 1e-12 };
        assert!((got - want).abs() <= bound * want.abs(), "polygamma({n}, {x:e}) is {got:e}, not {want:e}");
        let (x32, want32) = (x as f32, want as f32);
        if f64::from(x32) == x && want32.is_normal() {
            let got = x32.polygamma(n);
            assert!((got - want32).abs() <= f32::EPSILON * want32.abs(), "polygamma({n}, {x}) in f32 is {got:e}");
        }
    }
}

#[test]
fn polygamma_is_reflected_left_of_zero() {
    for &(n, x, want) in reference::POLYGAMMA_LEFT {
        let got = x.polygamma(n);
        let factorial: f64 = (1..=n).map(f64::from).product();
        let nearest_term = factorial / (x - x.round()).abs().powi(n + 1);
        let bound = 1e-14 * want.abs().max(nearest_term);
        assert!((got - want).abs() <= bound, "polygamma({n}, {x:e}) is {got:e}, not {want:e}");
    }
}

#[test]
fn sigmoid_keeps_relative_accuracy_in_its_left_tail() {
    assert_within("sigmoid", reference::SIGMOID, (Special::sigmoid, 2.0), (Special::sigmoid, 2.0));
}

#[test]
fn softplus_keeps_relative_accuracy_in_its_left_tail() {
    assert_within("softplus", reference::SOFTPLUS, (Special::softplus, 2.0), (Special::softplus, 2.0));
}

#[test]
fn gelu_keeps_relative_accuracy_in_its_left_tail() {
    assert_within("gelu", reference::GELU, (Special::gelu, 5.0), (Special::gelu, ROUNDED));
}

#[test]
fn gelu_tanh_keeps_its_left_tail() {
    for &(x, want) in reference::GELU_TANH {
        let got = x.gelu_tanh();
        // Left of -25 the result has underflowed long before; the cube must not overflow the bound.
        let left = x.clamp(-25.0, 0.0);
        let exponent = 1.6 * (left + 0.044715 * left.powi(3)).abs();
        let underflow = 2.0 * f64::from_bits(1) * left.abs();
        let bound = 4e-16 * (2.0 + exponent) * want.abs() + underflow;
        assert!((got - want).abs() <= bound, "gelu_tanh({x:e}) is {got:e}, not {want:e}");
    }
    // The exponent goes to 708 before the result is subnormal: that many ulp, times four, at the very end of the tail.
    assert_within("gelu_tanh", reference::GELU_TANH, (Special::gelu_tanh, 2600.0), (Special::gelu_tanh, ROUNDED));
}

#[test]
fn mish_agrees_with_its_reference() {
    assert_within("mish", reference::MISH, (Special::mish, 4.0), (Special::mish, ROUNDED));
}

#[test]
fn selu_agrees_with_its_reference() {
    assert_within("selu", reference::SELU, (Special::selu, 3.0), (Special::selu, 3.0));
}

#[test]
fn softsign_agrees_with_its_reference() {
    assert_within("softsign", reference::SOFTSIGN, (Special::softsign, 2.0), (Special::softsign, 2.0));
}

/// Tests at NaN, infinities and zeros, once for each float type. Bits are compared, so that -0 is not 0.
macro_rules! limits {
    ($module:ident, $float:ident) => {
        mod $module {
            use super::Special;

            const INF: $float = $float::INFINITY;

            #[test]
            fn nan_in_gives_nan_out() {
                let one_argument: [fn($float) -> $float; 11] = [
                    Special::erf,
                    Special::erfc,
                    Special::lgamma,
                    Special::sigmoid,
                    Special::softplus,
                    Special::gelu,
                    Special::gelu_tanh,
                    Special::mish,
                    Special::selu,
                    Special::softsign,
                    |x| x.polygamma(0),
                ];
                for (index, function) in one_argument.iter().enumerate() {
                    assert!(function($float::NAN).is_nan(), "function {index}");
                    assert!(function(-$float::NAN).is_nan(), "function {index}");
                }
                for n in -1..40 {
                    assert!($float::NAN.polygamma(n).is_nan(), "n = {n}");
                }
            }

            #[test]
            fn infinities_and_zeros_give_the_limits() {
                let alpha = (1.0507009873554805_f64 * 1.6732632423543772) as $float;
                // The function, and its values at -∞, -0, 0 and +∞.
                let cases: [(&str, fn($float) -> $float, [$float; 4]); 10] = [
                    ("erf", Special::erf, [-1.0, -0.0, 0.0, 1.0]),
                    ("erfc", Special::erfc, [2.0, 1.0, 1.0, 0.0]),
                    ("lgamma", Special::lgamma, [INF, INF, INF, INF]),
                    ("sigmoid", Special::sigmoid, [0.0, 0.5, 0.5, 1.0]),
                    ("softplus", Special::softplus, [0.0, (2.0 as $float).ln(), (2.0 as $float).ln(), INF]),
                    ("gelu", Special::gelu, [-0.0, -0.0, 0.0, INF]),
                    ("gelu_tanh", Special::gelu_tanh, [-0.0, -0.0, 0.0, INF]),
                    ("mish", Special::mish, [-0.0, -0.0, 0.0, INF]),
                    ("selu", Special::selu, [-alpha, -0.0, 0.0, INF]),
                    ("softsign", Special::softsign, [-1.0, -0.0, 0.0, 1.0]),
                ];
                for (name, function, wants) in cases {
                    for (x, want) in [-INF, -0.0, 0.0, INF].into_iter().zip(wants) {
                        let got = function(x);
                        assert_eq!(got.to_bits(), want.to_bits(), "{name}({x}) is {got}, not {want}");
                    }
                }
            }

            #[test]
            fn the_largest_numbers_do_not_overflow_on_the_way() {
                let max = $float::MAX;
                assert_eq!([Special::erf(max), Special::erf(-max)], [1.0, -1.0]);
                assert_eq!([Special::erfc(max), Special::erfc(-max)], [0.0, 2.0]);
                assert_eq!([max.sigmoid(), (-max).sigmoid()], [1.0, 0.0]);
                assert_eq!([max.softplus(), (-max).softplus()], [max, 0.0]);
                assert_eq!([max.gelu(), (-max).gelu()], [max, 0.0]);
                assert_eq!([max.gelu_tanh(), (-max).gelu_tanh()], [max, 0.0]);
                assert_eq!([max.mish(), (-max).mish()], [max, 0.0]);
                assert_eq!([max.softsign(), (-max).softsign()], [1.0, -1.0]);
            }

            #[test]
            fn poles_of_the_gamma_function() {
                for pole in [-1.0, -2.0, -17.0, -$float::MAX] {
                    assert_eq!((pole as $float).lgamma(), INF, "{pole}");
                    assert!((pole as $float).polygamma(0).is_nan(), "{pole}");
                    assert_eq!([1, 2, 3, 4].map(|n| (pole as $float).polygamma(n)), [INF, -INF, INF, -INF], "{pole}");
                }
                let zero: $float = 0.0;
                assert_eq!([zero.polygamma(0), (-zero).polygamma(0)], [-INF, INF]);
                assert_eq!([1, 2].map(|n| zero.polygamma(n)), [INF, -INF]);
                assert_eq!([0, 1, 2].map(|n| INF.polygamma(n)), [INF, 0.0, 0.0]);
                assert!((0..5).all(|n| (-INF).polygamma(n).is_nan()));
                assert!((1.5 as $float).polygamma(-1).is_nan());
            }
        }
    };
}

limits!(limits_in_f32, f32);
limits!(limits_in_f64, f64);

/// 4001 numbers from `-size` to `size`, both included.
fn grid(size: f64) -> impl Iterator<Item = f64> {
    (-2000..=2000).map(move |i| f64::from(i) / 2000.0 * size)
}

#[test]
fn erf_and_erfc_add_to_one() {
    for x in grid(7.0) {
        assert!((Special::erf(x) + Special::erfc(x) - 1.0).abs() <= f64::EPSILON, "{x}");
        assert_eq!(Special::erf(-x), -Special::erf(x), "{x}");
    }
}

#[test]
fn lgamma_obeys_the_recurrence_of_the_gamma_function() {
    for x in grid(20.0).filter(|&x| x != x.round()) {
        let terms = [x.lgamma(), x.abs().ln(), (x + 1.0).lgamma()];
        let size = terms.iter().fold(1.0, |size: f64, term| size.max(term.abs()));
        assert!((terms[0] + terms[1] - terms[2]).abs() <= 2e-14 * size, "{x}: {terms:?}");
    }
}

#[test]
fn polygamma_obeys_its_recurrence() {
    for n in 0..8 {
        let factorial: f64 = (1..=n).map(f64::from).product();
        // Near a pole the argument x + 1 is rounded, and the pole multiplies that.
        for x in grid(20.0).filter(|&x| (x - x.round()).abs() > 0.1) {
            let step = factorial / (-x).powi(n + 1);
            let terms = [x.polygamma(n), -step, (x + 1.0).polygamma(n)];
            let size = factorial / (x - x.round()).abs().powi(n + 1);
            assert!((terms[0] + terms[1] - terms[2]).abs() <= 1e-13 * size, "{n}, {x}: {terms:?}");
        }
    }
}

#[test]
fn any_order_of_polygamma_ends_soon_and_in_range() {
    for n in [200, 10_000, 1_000_001, i32::MAX] {
        for x in [-1e15 - 0.25, -1e6 - 0.25, -3.25, -0.75, 1e-3, 0.75, 1.0, 30.5, 1e4, 1e9, 1e300] {
            let value = f64::polygamma(x, n);
            assert!(!value.is_nan(), "{n}, {x}");
            assert!(x < 0.0 || (value >= 0.0) == (n % 2 == 1) || value == 0.0, "{n}, {x}: {value}");
        }
    }
}

#[test]
fn each_polygamma_is_the_slope_of_the_one_before() {
    let step = 1e-5_f64;
    for x in [-3.375_f64, -1.625, -0.25, 0.5, 1.0, 1.4375, 2.0, 7.9375, 30.0] {
        let slope = ((x + step).lgamma() - (x - step).lgamma()) / (2.0 * step);
        assert!((slope - x.polygamma(0)).abs() <= 1e-7 * slope.abs().max(1.0), "{x}");
        for n in 0..5 {
            let slope = ((x + step).polygamma(n) - (x - step).polygamma(n)) / (2.0 * step);
            assert!((slope - x.polygamma(n + 1)).abs() <= 1e-7 * slope.abs().max(1.0), "{n}, {x}");
        }
    }
}

#[test]
fn activations_obey_their_symmetries() {
    for x in grid(30.0) {
        let bound = 4.0 * f64::EPSILON * (1.0 + x.abs());
        assert!((x.sigmoid() + (-x).sigmoid() - 1.0).abs() <= bound, "{x}");
        assert!((x.softplus() - (-x).softplus() - x).abs() <= bound, "{x}");
        assert!((x.gelu() - (-x).gelu() - x).abs() <= bound, "{x}");
        assert!((x.gelu_tanh() - (-x).gelu_tanh() - x).abs() <= bound, "{x}");
        assert!((x.mish() - x * x.softplus().tanh()).abs() <= bound, "{x}");
        assert!((x.gelu() - x.gelu_tanh()).abs() <= 5e-4, "{x}");
    }
}
