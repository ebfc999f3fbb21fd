//! The vector mathematics: errors within the stated bounds, the same bits from every build and for every cut of a
//! slice, and the right values at the edges. `cargo test --test vector_math -- --nocapture` prints the table of errors.

mod float;
mod pairs;
mod remainder;
mod slopes;
mod tensors;

use float::Float;
use gradtape::__vector::{InstructionSet, VectorFunction, VectorMath};

/// Made with mpmath; its head says how.
const REFERENCE: &str = include_str!("reference.txt");

fn function<T: Float>(name: &str) -> &'static VectorFunction<T> {
    T::ALL.iter().find(|function| function.name == name).expect("a function of that name")
}

fn apply<T: Float>(function: &VectorFunction<T>, set: InstructionSet, x: &[T]) -> Vec<T> {
    let mut out = vec![T::default(); x.len()];
    (function.map)(set, x, &mut out);
    out
}

/// Numbers of all sizes, denormal ones and infinities included, and many of moderate size.
fn samples<T: Float>(bit_patterns: u64) -> Vec<T> {
    let spread = (0..bit_patterns).map(|i| T::pattern(i * (u64::MAX / bit_patterns)));
    let moderate = (0..bit_patterns).flat_map(|i| {
        let x = i as f64 / bit_patterns as f64 - 0.5;
        [T::of(3.0 * x), T::of(24.0 * x), T::of(250.0 * x), T::of(1500.0 * x)]
    });
    let tiny = (0..100).flat_map(|i| [T::tiny(i * 77), -T::tiny(i * 77 + 1)]);
    spread.chain(moderate).chain(tiny).collect()
}

/// Asserts that no build's error exceeds the bound of the function by more than what the measure itself is allowed.
/// Prints the rows of the table.
fn assert_within<T: Float>(
    function: &VectorFunction<T>,
    x: &[T],
    measure: &str,
    allowance: f64,
    error: impl Fn(usize, T) -> f64,
) {
    for set in InstructionSet::all() {
        let out = apply(function, set, x);
        let errors = out.iter().enumerate().map(|(i, y)| error(i, *y));
        let (worst, at) = errors.zip(x).fold((0.0, x[0]), |worst, (error, x)| {
            // Not `max`, which would drop a NaN.
            if error <= worst.0 { worst } else { (error, *x) }
        });
        println!("{} {:10} {set:?} against {measure}: {worst:.2} ulp at {at:?}", T::NAME, function.name);
        let bound = function.bound + allowance;
        assert!(worst <= bound, "{} {} {set:?}: {worst} ulp at {at:?}, bound {bound}", T::NAME, function.name);
    }
}

#[test]
fn errors_of_f64_against_fifty_digits() {
    let rows: Vec<(&str, f64, f64, f64)> = REFERENCE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().expect("a name");
            let mut number = || words.next().and_then(|word| word.parse().ok()).expect("three numbers");
            (name, number(), number(), number())
        })
        .collect();
    for function in f64::ALL {
        let rows: Vec<_> = rows.iter().filter(|row| row.0 == function.name).collect();
        assert!(rows.len() > 20, "{}: few rows", function.name);
        let x: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let error = |i: usize, y: f64| ((y - rows[i].2) / rows[i].2.ulp() - rows[i].3).abs();
        assert_within(function, &x, "mpmath", 0.0, error);
    }
}

#[test]
fn errors_of_f32_against_f64() {
    let x = samples::<f32>(40_000);
    for single in f32::ALL {
        let exact = function::<f64>(single.name).unfused;
        let exact: Vec<f64> = x.iter().map(|x| exact(f64::from(*x))).collect();
        let error = |i: usize, y: f32| if (single.is_left)(x[i]) { 0.0 } else { y.error(exact[i]) };
        assert_within(single, &x, "f64", 0.0, error);
    }
}

#[test]
fn f64_agrees_with_the_standard_library() {
    let x = samples::<f64>(10_000);
    for function in f64::ALL {
        if let Some(standard) = float::standard(function.name) {
            // The library has errors of its own.
            assert_within(function, &x, "std", 2.0, |i, y| y.error(standard(x[i])));
        }
    }
}

fn every_build_gives_the_same_bits<T: Float>() {
    let x = samples::<T>(1000);
    for function in T::ALL {
        for set in InstructionSet::all() {
            let one = if set.fuses() { function.fused } else { function.unfused };
            for (x, y) in x.iter().zip(apply(function, set, &x)).filter(|(x, _)| !(function.is_left)(**x)) {
                let expected = one(*x);
                assert!(y.same(expected), "{}({x:?}), {set:?}: {y:?} and {expected:?}", function.name);
            }
        }
    }
}

#[test]
fn every_build_of_f32_gives_the_same_bits() {
    every_build_gives_the_same_bits::<f32>();
}

#[test]
fn every_build_of_f64_gives_the_same_bits() {
    every_build_gives_the_same_bits::<f64>();
}

fn cuts_change_nothing<T: Float>() {
    let x: Vec<T> = (0..301).map(|i| T::of(f64::from(i) * 0.037 - 3.0)).collect();
    for function in T::ALL {
        for set in InstructionSet::all() {
            let whole = apply(function, set, &x);
            for cut in [1, 3, 16, 17, 64, 300] {
                let parts: Vec<T> = x.chunks(cut).flat_map(|x| apply(function, set, x)).collect();
                let same = whole.iter().zip(&parts).all(|(a, b)| a.same(*b));
                assert!(same, "{} {}, {set:?}, in parts of {cut}", T::NAME, function.name);
            }
        }
        assert!(apply(function, InstructionSet::detected(), &[]).is_empty());
    }
    let mut numbers = x.clone();
    T::in_place(T::exp, &mut numbers);
    let apart = apply(function::<T>("exp"), InstructionSet::detected(), &x);
    assert!(numbers.iter().zip(&apart).all(|(a, b)| a.same(*b)), "exp in place");
}

#[test]
fn cuts_of_a_slice_change_no_bit() {
    cuts_change_nothing::<f32>();
    cuts_change_nothing::<f64>();
}

/// The values at -∞, -0, 0 and ∞.
fn edges(name: &str) -> [f64; 4] {
    use std::f64::consts::{FRAC_PI_2, LN_2};
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    match name {
        "exp" | "exp2" => [0.0, 1.0, 1.0, INF],
        "exp_m1" => [-1.0, -0.0, 0.0, INF],
        "ln" | "log2" | "log10" => [NAN, -INF, -INF, INF],
        "ln_1p" => [NAN, -0.0, 0.0, INF],
        "softplus" => [0.0, LN_2, LN_2, INF],
        "tanh" | "erf" => [-1.0, -0.0, 0.0, 1.0],
        "sinh" => [-INF, -0.0, 0.0, INF],
        "cosh" => [INF, 1.0, 1.0, INF],
        "sigmoid" => [0.0, 0.5, 0.5, 1.0],
        "silu" | "mish" | "gelu" | "gelu_tanh" => [-0.0, -0.0, 0.0, INF],
        "erfc" => [2.0, 1.0, 1.0, 0.0],
        "asin" | "atanh" => [NAN, -0.0, 0.0, NAN],
        "acos" => [NAN, FRAC_PI_2, FRAC_PI_2, NAN],
        "asinh" | "cbrt" => [-INF, -0.0, 0.0, INF],
        "acosh" => [NAN, NAN, NAN, INF],
        "atan" => [-FRAC_PI_2, -0.0, 0.0, FRAC_PI_2],
        "sin" | "tan" => [NAN, -0.0, 0.0, NAN],
        "cos" => [NAN, 1.0, 1.0, NAN],
        "lgamma" => [INF, INF, INF, INF],
        "digamma" => [NAN, INF, -INF, INF],
        "trigamma" => [NAN, INF, INF, 0.0],
        _ => panic!("{name}: its edges are not written down"),
    }
}

fn edges_are_exact<T: Float>() {
    let x = [T::of(f64::NEG_INFINITY), T::of(-0.0), T::of(0.0), T::of(f64::INFINITY), T::of(f64::NAN)];
    for function in T::ALL {
        let expected = edges(function.name).into_iter().chain([f64::NAN]).map(T::of);
        for set in InstructionSet::all() {
            for ((x, y), expected) in x.iter().zip(apply(function, set, &x)).zip(expected.clone()) {
                assert!(y.same(expected), "{}({x:?}) is {expected:?}, {set:?} gave {y:?}", function.name);
            }
        }
    }
}

#[test]
fn zeros_infinities_and_nan_are_exact() {
    edges_are_exact::<f32>();
    edges_are_exact::<f64>();
}

#[test]
fn logarithms_of_powers_are_whole() {
    for set in InstructionSet::all() {
        for k in -1074..1024 {
            // 2^k in two factors, since the denormal ones cannot be had from `powi` of 2.
            let x = 2f64.powi(k / 2) * 2f64.powi(k - k / 2);
            assert_eq!(apply(function("log2"), set, &[x]), [f64::from(k)]);
            assert_eq!(apply(function("exp2"), set, &[f64::from(k)]), [x]);
        }
        for k in 0..=10 {
            assert_eq!(apply(function("log10"), set, &[10f32.powi(k)]), [k as f32]);
            assert_eq!(apply(function("log10"), set, &[10f64.powi(k)]), [f64::from(k)]);
        }
    }
}

#[test]
fn nothing_has_a_logarithm_left_of_the_pole() {
    for set in InstructionSet::all() {
        for name in ["ln", "log2", "log10"] {
            assert!(apply(function(name), set, &[-1f32, -f32::MIN_POSITIVE, -1e-45]).iter().all(|y| y.is_nan()));
        }
        assert_eq!(apply(function("ln_1p"), set, &[-1f64]), [f64::NEG_INFINITY]);
        assert!(apply(function("ln_1p"), set, &[-1.0000000000000002f64])[0].is_nan());
    }
}

#[test]
fn large_angles_are_those_of_the_standard_library() {
    let x = [1e6f64, 1_000_000.1, -3e7, 1e22, f64::MAX];
    let sin = apply(function("sin"), InstructionSet::detected(), &x);
    assert_eq!(sin[1..], x[1..].iter().map(|x| x.sin()).collect::<Vec<_>>()[..]);
    let x = [1e6f32, 1_000_001.0, -3e7, 1e22, f32::MAX];
    let cos = apply(function("cos"), InstructionSet::detected(), &x);
    assert_eq!(cos[1..], x[1..].iter().map(|x| x.cos()).collect::<Vec<_>>()[..]);
}

#[test]
fn the_table_in_the_documentation_is_that_of_the_bounds() {
    let page = include_str!("../../../src/ops/accuracy.md");
    let rows: Vec<(String, String)> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
            let names = cells[0].split(", ").map(|name| name.trim_matches('`').to_string()).collect::<Vec<_>>();
            names.into_iter().map(|name| (name, cells[1].to_string())).collect::<Vec<_>>()
        })
        .collect();
    let bounds = |functions: Vec<(&str, f64)>| {
        let mut bounds: Vec<_> =
            functions.into_iter().map(|(name, bound)| (name.replace("exp_m1", "expm1"), bound.to_string())).collect();
        bounds.sort();
        bounds
    };
    let mut rows = rows;
    rows.sort();
    fn stated<T: Float>() -> Vec<(&'static str, f64)> {
        let pairs = T::PAIRS.iter().map(|function| (function.name, function.bound));
        T::ALL.iter().map(|function| (function.name, function.bound)).chain(pairs).collect()
    }
    assert_eq!(rows, bounds(stated::<f32>()));
    assert_eq!(rows, bounds(stated::<f64>()));
}
