//! Functions of two numbers: errors within the stated bounds, the same bits from every build, and powers, angles and
//! lengths at the edges as the standard library has them.

use crate::float::Float;
use gradtape::__vector::{InstructionSet, VectorMath, VectorPair};
use gradtape::{Scalar, Tape, Tensor};

/// Made with mpmath; its head says how.
const REFERENCE: &str = include_str!("reference_pairs.txt");

fn apply<T: Float>(function: &VectorPair<T>, set: InstructionSet, x: &[T], z: &[T]) -> Vec<T> {
    let mut out = vec![T::default(); x.len()];
    (function.map)(set, x, z, &mut out);
    out
}

fn assert_within<T: Float>(function: &VectorPair<T>, x: &[T], z: &[T], bound: f64, error: impl Fn(usize, T) -> f64) {
    for set in InstructionSet::all() {
        let out = apply(function, set, x, z);
        let errors = out.iter().enumerate().map(|(i, y)| (error(i, *y), i));
        // Not `max`, which would drop a NaN.
        let (worst, i) = errors.fold((0.0, 0), |worst, next| if next.0 <= worst.0 { worst } else { next });
        println!("{} {:10} {set:?}: {worst:.2} ulp at {:?}, {:?}", T::NAME, function.name, x[i], z[i]);
        assert!(worst <= bound, "{} {set:?}: {worst} ulp at {:?}, {:?}", function.name, x[i], z[i]);
    }
}

#[test]
fn errors_of_f64_against_fifty_digits() {
    for function in f64::PAIRS {
        let rows: Vec<[f64; 4]> = REFERENCE
            .lines()
            .filter_map(|line| line.strip_prefix(function.name))
            .map(|line| {
                let mut numbers = line.split_whitespace().map(|word| word.parse().expect("a number"));
                std::array::from_fn(|_| numbers.next().expect("four numbers"))
            })
            .collect();
        assert!(rows.len() > 30, "{}: few rows", function.name);
        let [x, z] = [0, 1].map(|at| rows.iter().map(|row| row[at]).collect::<Vec<f64>>());
        let error = |i: usize, y: f64| ((y - rows[i][2]) / rows[i][2].ulp() - rows[i][3]).abs();
        assert_within(function, &x, &z, function.bound, error);
    }
}

/// All pairs of numbers of many sizes and signs, zeros, infinities, whole and odd ones and no number among them.
fn samples<T: Float>() -> (Vec<T>, Vec<T>) {
    let largest_odd = 2.0 / T::of(1.0).ulp() - 1.0;
    let mut numbers = vec![T::tiny(0), T::tiny(77), T::of(f64::INFINITY), T::of(f64::NAN)];
    for x in [0.0, 1.0, 0.5, 2.0, 3.0, 2.5, 7.0, 0.999, 1.0001, 33.3, 150.0, 1e-3, 1e-30, 1e30, 1e-38, 3e38] {
        numbers.push(T::of(x));
    }
    numbers.extend([largest_odd, largest_odd / 2.0, largest_odd + 1.0].map(T::of));
    numbers.extend((0..40).map(|i| T::of((f64::from(i) * 0.37 - 7.0).exp2())));
    let negative: Vec<T> = numbers.iter().map(|x| -*x).collect();
    numbers.extend(negative);
    let pairs = numbers.iter().flat_map(|x| numbers.iter().map(move |z| (*x, *z)));
    pairs.unzip()
}

#[test]
fn f64_agrees_with_the_standard_library() {
    let (x, z) = samples::<f64>();
    for function in f64::PAIRS {
        let standard = match function.name {
            "pow" => f64::powf,
            "hypot" => f64::hypot,
            "atan2" => f64::atan2,
            _ => panic!("{}: of the library's?", function.name),
        };
        // The library has errors of its own.
        assert_within(function, &x, &z, function.bound + 1.0, |i, y| y.error(standard(x[i], z[i])));
    }
}

#[test]
fn errors_of_f32_against_f64() {
    let (x, z) = samples::<f32>();
    for (single, double) in f32::PAIRS.iter().zip(f64::PAIRS) {
        let exact = |i: usize| (double.unfused)(f64::from(x[i]), f64::from(z[i]));
        assert_within(single, &x, &z, single.bound, |i, y| y.error(exact(i)));
    }
}

fn every_build_gives_the_same_bits<T: Float>() {
    let (x, z) = samples::<T>();
    for function in T::PAIRS {
        for set in InstructionSet::all() {
            let one = if set.fuses() { function.fused } else { function.unfused };
            for ((x, z), y) in x.iter().zip(&z).zip(apply(function, set, &x, &z)) {
                let expected = one(*x, *z);
                assert!(y.same(expected), "{}({x:?}, {z:?}), {set:?}: {y:?} and {expected:?}", function.name);
            }
        }
    }
}

#[test]
fn every_build_of_a_pair_gives_the_same_bits() {
    every_build_gives_the_same_bits::<f32>();
    every_build_gives_the_same_bits::<f64>();
}

fn powers_of_tensors<T: Float + Scalar + num_traits::Float>() {
    let (x, z) = samples::<T>();
    let (x, z) = (Tensor::from(x), Tensor::from(z));
    for n in [0, 1, 2, 3, 4, -1, -2, 5, 10, -31, 64, 127, -127, 128, -128, 1001, -70000, i32::MAX, i32::MIN] {
        for (x, y) in x.as_slice().iter().zip(x.powi(n).as_slice()) {
            let expected = num_traits::Float::powi(*x, n);
            assert!(y.same(expected), "{x:?}^{n}: {y:?} and {expected:?}");
        }
        let near = Tensor::from([0.7, -1.3, 2.0].map(T::of));
        let tape = Tape::new();
        let variable = tape.tensor(&near);
        let slopes = variable.powi(n).sum().backward().wrt(variable);
        for (x, slope) in near.as_slice().iter().zip(slopes.as_slice()) {
            let power = |n| num_traits::Float::powi(*x, n);
            let below = n.checked_sub(1).map_or_else(|| power(n) / *x, power);
            let expected = T::of(f64::from(n)) * below;
            assert!(*slope == expected, "slope of x^{n} at {x:?}: {slope:?} and {expected:?}");
        }
    }
    // Third derivatives: exponents that grow in size stay in their loops.
    let near = Tensor::from([0.9, -1.1, 1.0].map(T::of));
    for (n, factor) in [(7, 210.0), (-127, -127.0 * 128.0 * 129.0), (-128, -128.0 * 129.0 * 130.0)] {
        let tape = Tape::new();
        let variable = tape.tensor(&near);
        let mut y = variable.powi(n);
        for _ in 0..3 {
            y = tape.gradient(y.sum(), &[variable])[0];
        }
        for (x, y) in near.as_slice().iter().zip(y.value().as_slice()) {
            let expected = T::of(factor) * num_traits::Float::powi(*x, n - 3);
            let error = Float::real(*y) - Float::real(expected);
            assert!(error.abs() <= 4.0 * expected.ulp(), "{x:?}^{n} three times: {y:?}, {expected:?}");
        }
    }
    let powers = x.pow(&z);
    for p in [-2.5, 0.0, 0.5, 1.0, 1.7, 3.0] {
        let (at, with_p) = (x.powf(p), x.pow(T::of(p)));
        assert!(at.as_slice().iter().zip(with_p.as_slice()).all(|(a, b)| a.same(*b)), "powf({p})");
    }
    assert!(
        powers
            .as_slice()
            .iter()
            .zip(apply(&T::PAIRS[0], InstructionSet::detected(), x.as_slice(), z.as_slice()))
            .all(|(a, b)| a.same(b))
    );
}

#[test]
fn whole_powers_of_tensors_have_the_bits_of_numbers() {
    powers_of_tensors::<f32>();
    powers_of_tensors::<f64>();
}

/// The smallest exponent has none below it, for its slope to be written with.
#[test]
fn slopes_of_the_longest_whole_powers() {
    let x = 1.000000001_f64;
    let close = |found: f64, expected: f64| (found - expected).abs() <= 1e-6 * expected.abs();
    for n in [i32::MIN, i32::MIN + 1, i32::MAX] {
        let p = f64::from(n);
        let first = p * x.powf(p - 1.0);
        let second = p * (p - 1.0) * x.powf(p - 2.0);
        let tape = Tape::new();
        let a = tape.tensor([x]);
        let slope = a.powi(n).sum().backward().wrt(a).as_slice()[0];
        assert!(close(slope, first), "x^{n} of tensors: {slope}, and it is {first}");
        let b = tape.var(x);
        let slope = b.powi(n).backward().wrt(b);
        assert!(close(slope, first), "x^{n} of scalars: {slope}, and it is {first}");
        let outer = Tape::new();
        let c = outer.tensor([x]);
        let slope = outer.gradient(c.powi(n).sum(), &[c])[0];
        let curvature = slope.sum().backward().wrt(c).as_slice()[0];
        assert!(close(curvature, second), "x^{n}, second derivative: {curvature}, and it is {second}");
    }
}
