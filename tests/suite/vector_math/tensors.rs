//! The functions as tensors use them: the same bits wherever an element lies, the standard library's values for far
//! angles, and a few units of the last place from what a number gives.

use crate::float::Float;
use gradtape::{Scalar, Tape, Tensor, TensorVar, elementwise, ops::Row};

#[elementwise]
fn mixed<T>(x: T, a: T, b: T) -> T {
    if a > 0.5 { tanh(x * a + b) * sigmoid(x) } else { exp(-(x * x)) + sin(b) }
}

/// The far angle is not in the answer itself, but in what it is compared with.
#[elementwise]
fn turns<T>(x: T) -> T {
    let y = x * 1000.0;
    if sin(y) > 0.25 { cos(x) } else { 0.5 * x }
}

fn same<T: Float>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(*b))
}

/// Values and slopes of a function of one tensor.
fn both<T: Scalar>(x: &Tensor<T>, f: impl for<'t> Fn(TensorVar<'t, T>) -> TensorVar<'t, T>) -> [Tensor<T>; 2] {
    let tape = Tape::new();
    let x = tape.tensor(x);
    let y = f(x);
    [y.value(), y.sum().backward().wrt(x)]
}

fn places_change_no_bit<T: Float + Scalar>() {
    let x = Tensor::from((0..301).map(|i| T::of(f64::from(i) * 0.0137 - 2.0)).collect::<Vec<T>>());
    for (row, _, (low, high)) in Row::ALL.iter().copied().filter(|(_, arity, _)| *arity == 1) {
        let x = x.map(|x| T::lit((Float::real(x) + 2.0) / 4.2 * (high - low) + low));
        let whole = both(&x, |x| row.apply(&[x]));
        for (from, len) in [(0, 1), (7, 1), (3, 15), (5, 16), (1, 17), (11, 63), (2, 64), (9, 65), (0, 255), (44, 257)]
        {
            let part = Tensor::from(x.as_slice()[from..from + len].to_vec());
            for (whole, part) in whole.iter().zip(both(&part, |x| row.apply(&[x]))) {
                assert!(same(&whole.as_slice()[from..from + len], part.as_slice()), "{row:?}, {len} from {from}");
            }
        }
    }
}

#[test]
fn an_element_has_the_same_bits_wherever_it_lies() {
    places_change_no_bit::<f32>();
    places_change_no_bit::<f64>();
}

#[test]
fn broadcasting_changes_no_bit() {
    let numbers = |n: usize, step: f32| (0..n).map(|i| (i as f32 * step).sin() * 2.0).collect::<Vec<f32>>();
    let x = Tensor::from_vec(numbers(5 * 37, 0.7), [5, 37]).expect("as many numbers");
    let a = Tensor::from_vec(numbers(37, 0.3), [37]).expect("as many numbers");
    let b = Tensor::from_vec(numbers(5, 1.1), [5, 1]).expect("as many numbers");
    let narrow = [x.clone(), a.clone(), b.clone()];
    let wide = [x.clone(), &x * 0.0 + &a, &x * 0.0 + &b];
    let run = |inputs: &[Tensor<f32>; 3]| {
        let tape = Tape::new();
        let [x, a, b] = inputs.each_ref().map(|input| tape.tensor(input));
        let y = mixed(x, a, b);
        let gradients = y.sum().backward();
        [y.value(), gradients.wrt(x)]
    };
    for (narrow, wide) in run(&narrow).iter().zip(run(&wide)) {
        assert!(same(narrow.as_slice(), wide.as_slice()));
    }
}

#[test]
fn far_angles_are_those_of_a_number() {
    let x: Vec<f64> = (0..100).map(|i| if i % 7 == 3 { 1e7 + f64::from(i) } else { f64::from(i) * 0.01 }).collect();
    let tensor = Tensor::from(x.clone());
    let [sin, slope_of_sin] = both(&tensor, |x| x.sin());
    let [cos, slope_of_cos] = both(&tensor, |x| x.cos());
    let [tan, _] = both(&tensor, |x| x.tan());
    for (i, x) in x.iter().enumerate().filter(|(_, x)| **x > 1e6) {
        let found = [&sin, &slope_of_sin, &cos, &slope_of_cos, &tan].map(|tensor| tensor.as_slice()[i]);
        assert_eq!(found, [x.sin(), x.cos(), x.cos(), -x.sin(), x.tan()]);
    }
    let [values, slopes] = both(&tensor, |x| turns(x));
    for (i, x) in x.iter().enumerate() {
        let tape = Tape::new();
        let variable = tape.var(*x);
        let y = turns(variable);
        assert!((values.as_slice()[i] - y.value()).abs() <= 4.0 * f64::EPSILON * y.value().abs(), "at {x}");
        let slope = y.backward().wrt(variable);
        assert!((slopes.as_slice()[i] - slope).abs() <= 4.0 * f64::EPSILON * slope.abs(), "slope at {x}");
    }
}

#[test]
fn a_formula_of_tensors_is_near_that_of_numbers() {
    let x: Vec<f64> = (0..77).map(|i| f64::from(i) * 0.05 - 1.9).collect();
    let tensors = [1.0, 0.7, -0.3].map(|factor| Tensor::from(x.iter().map(|x| x * factor).collect::<Vec<_>>()));
    let y = mixed(&tensors[0], &tensors[1], &tensors[2]);
    for (i, y) in y.as_slice().iter().enumerate() {
        let [x, a, b] = tensors.each_ref().map(|tensor| tensor.as_slice()[i]);
        assert!((y - mixed(x, a, b)).abs() <= 8.0 * f64::EPSILON);
    }
}

/// Below 0 a gamma function is computed number by number, its slope too, also in a formula.
#[test]
fn gamma_functions_of_negative_numbers_are_those_of_a_number() {
    #[elementwise]
    fn weighted<T>(x: T, w: T) -> T {
        w * lgamma(x)
    }
    let x: Vec<f64> =
        (0..200).map(|i| if i % 9 == 2 { -0.31 - f64::from(i) * 0.1 } else { f64::from(i) * 0.07 }).collect();
    let tensor = Tensor::from(x[1..].to_vec());
    let [values, slopes] = both(&tensor, |x| x.lgamma());
    let weight = &tensor * 0.0 + 1.0;
    let [in_formula, slopes_in_formula] = both(&tensor, |x| weighted(x, x.tape().tensor(&weight)));
    assert_eq!((&in_formula, &slopes_in_formula), (&values, &slopes));
    for (i, x) in x[1..].iter().enumerate() {
        let tape = Tape::new();
        let variable = tape.var(*x);
        let y = variable.lgamma();
        let slope = y.backward().wrt(variable);
        let found = (values.as_slice()[i], slopes.as_slice()[i]);
        if *x < 0.0 {
            assert_eq!(found, (y.value(), slope), "at {x}");
        } else {
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-14 * b.abs();
            assert!(near(found.0, y.value()) && near(found.1, slope), "at {x}: {found:?}");
        }
    }
}

#[test]
fn derivatives_of_lgamma_are_right_to_every_order() {
    // ψ⁽ⁿ⁾(1) = (-1)ⁿ⁺¹ n! ζ(n + 1): the first two in vectors, then number by number.
    let exact: [f64; 4] =
        [-0.577_215_664_901_532_9, 1.644_934_066_848_226_4, -2.404_113_806_319_188_6, 6.493_939_402_266_829];
    let tape = Tape::new();
    let x = tape.tensor(Tensor::from([1.0; 20]));
    let mut y = x.lgamma();
    for exact in exact {
        y = tape.gradient(y.sum(), &[x])[0];
        assert!(y.value().as_slice().iter().all(|y| (y - exact).abs() <= 1e-14 * exact.abs()), "{exact}");
    }
}
