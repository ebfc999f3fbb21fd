//! Reductions, cumulative operations and softmax: values against plain loops, what happens at the edges, derivatives
//! against differences.

use gradtape::{
    Dual, Rng, Scalar, Tape, Tensor, TensorVar,
    ops::{self, Case},
};
const INFINITY: f64 = f64::INFINITY;
const NEG_INFINITY: f64 = f64::NEG_INFINITY;
const NAN: f64 = f64::NAN;

/// Everything along an axis that keeps or drops it, under its name.
fn along<T: Scalar>(x: &Tensor<T>, axis: isize, keep: bool) -> Vec<(&'static str, Tensor<T>)> {
    vec![
        ("sum", x.sum_axis(axis, keep)),
        ("mean", x.mean_axis(axis, keep)),
        ("prod", x.prod_axis(axis, keep)),
        ("max", x.max_axis(axis, keep)),
        ("min", x.min_axis(axis, keep)),
        ("var", x.var_axis(axis, keep)),
        ("logsumexp", x.logsumexp_axis(axis, keep)),
    ]
}

fn over_all<T: Scalar>(x: &Tensor<T>) -> Vec<(&'static str, Tensor<T>)> {
    vec![
        ("sum", x.sum()),
        ("mean", x.mean()),
        ("prod", x.prod()),
        ("max", x.max()),
        ("min", x.min()),
        ("norm", x.norm()),
    ]
}

/// Everything along an axis that keeps the shape.
fn running<T: Scalar>(x: &Tensor<T>, axis: isize) -> Vec<(&'static str, Tensor<T>)> {
    vec![
        ("cumsum", x.cumsum(axis)),
        ("cumprod", x.cumprod(axis)),
        ("softmax", x.softmax(axis)),
        ("log_softmax", x.log_softmax(axis)),
    ]
}

/// The definition of a reduction.
fn defined(name: &str, x: &[f64]) -> f64 {
    let (n, sum) = (x.len() as f64, x.iter().sum::<f64>());
    match name {
        "sum" => sum,
        "mean" => sum / n,
        "prod" => x.iter().product(),
        "max" => x.iter().fold(NEG_INFINITY, |a, b| a.max(*b)),
        "min" => x.iter().fold(INFINITY, |a, b| a.min(*b)),
        "var" => x.iter().map(|x| (x - sum / n).powi(2)).sum::<f64>() / n,
        "norm" => x.iter().map(|x| x * x).sum::<f64>().sqrt(),
        "logsumexp" => x.iter().map(|x| x.exp()).sum::<f64>().ln(),
        _ => panic!("no definition of {name}"),
    }
}

fn defined_running(name: &str, x: &[f64]) -> Vec<f64> {
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    let number = |i: usize| match name {
        "cumsum" => x[..=i].iter().sum(),
        "cumprod" => x[..=i].iter().product(),
        "softmax" => x[i].exp() / sum,
        "log_softmax" => x[i] - sum.ln(),
        _ => panic!("no definition of {name}"),
    };
    (0..x.len()).map(number).collect()
}

/// The lanes of a tensor along an axis, each with its index; the index of the axis itself is left out.
fn lanes(x: &Tensor<f64>, axis: usize) -> Vec<(Vec<usize>, Vec<f64>)> {
    let mut outer = x.shape().to_vec();
    let n = outer.remove(axis);
    let mut result = Vec::new();
    for number in 0..outer.iter().product() {
        let (mut rest, mut index): (usize, Vec<usize>) = (number, vec![0; outer.len()]);
        for (i, size) in index.iter_mut().zip(&outer).rev() {
            *i = rest % size;
            rest /= size;
        }
        let at = |k: usize| [&index[..axis], &[k], &index[axis..]].concat();
        let numbers = (0..n).map(|k| x.get(&at(k)).unwrap()).collect();
        result.push((index, numbers));
    }
    result
}

const SHAPES: &[&[usize]] = &[&[7], &[1], &[40], &[3, 4], &[2, 3, 4], &[3, 1, 2], &[5, 33], &[33, 5]];

#[test]
fn along_an_axis_each_lane_has_its_definition() {
    let mut rng = Rng::new(1);
    for shape in SHAPES {
        let x = Tensor::<f64>::randn(shape, &mut rng);
        for axis in 0..shape.len() {
            let negative = axis as isize - shape.len() as isize;
            let kept = along(&x, axis as isize, true);
            for ((name, y), (_, kept)) in along(&x, negative, false).into_iter().zip(kept) {
                for (index, lane) in lanes(&x, axis) {
                    let (y, expected) = (y.get(&index).unwrap(), defined(name, &lane));
                    let close = (y - expected).abs() <= 1e-12 * (1.0 + expected.abs());
                    assert!(close, "{name} along {axis} of {shape:?}: {y} instead of {expected}");
                }
                let mut kept_shape = shape.to_vec();
                kept_shape[axis] = 1;
                assert_eq!(kept.shape(), kept_shape, "{name}");
                assert_eq!(kept.reshape(y.shape()), y, "{name}");
            }
            for (name, y) in running(&x, negative) {
                for ((_, lane), (_, y)) in lanes(&x, axis).into_iter().zip(lanes(&y, axis)) {
                    for (y, expected) in y.iter().zip(defined_running(name, &lane)) {
                        let close = (y - expected).abs() <= 1e-12 * (1.0 + expected.abs());
                        assert!(close, "{name} along {axis} of {shape:?}: {y} instead of {expected}");
                    }
                }
            }
            for (index, lane) in lanes(&x, axis) {
                let largest = lane.iter().position(|x| *x == defined("max", &lane));
                assert_eq!(x.argmax(negative).get(&index), largest);
            }
        }
        for (name, y) in over_all(&x) {
            assert_eq!(y.shape(), [0; 0]);
            approx::assert_relative_eq!(y.item(), defined(name, x.as_slice()), max_relative = 1e-12);
        }
    }
    for (name, y) in over_all(&Tensor::scalar(-3.0)) {
        assert_eq!(y.item(), if name == "norm" { 3.0 } else { -3.0 }, "{name} of a single number");
    }
}

#[test]
fn recorded_methods_give_what_plain_ones_do() {
    let tape = Tape::new();
    let plain = Tensor::<f64>::randn([2, 3, 2], &mut Rng::new(2));
    let x = tape.tensor(&plain);
    let recorded = [
        x.sum_axis(1, true),
        x.mean_axis(1, true),
        x.prod_axis(1, true),
        x.max_axis(1, true),
        x.min_axis(1, true),
        x.var_axis(1, true),
        x.logsumexp_axis(1, true),
    ];
    for (recorded, (name, plain)) in recorded.iter().zip(along(&plain, 1, true)) {
        assert_eq!(recorded.value(), plain, "{name}");
    }
    let recorded = [x.sum(), x.mean(), x.prod(), x.max(), x.min(), x.norm()];
    for (recorded, (name, plain)) in recorded.iter().zip(over_all(&plain)) {
        assert_eq!(recorded.value(), plain, "{name}");
    }
    let recorded = [x.cumsum(-2), x.cumprod(-2), x.softmax(-2), x.log_softmax(-2)];
    for (recorded, (name, plain)) in recorded.iter().zip(running(&plain, -2)) {
        assert_eq!(recorded.value(), plain, "{name}");
    }
    assert_eq!(x.argmax(-1), plain.argmax(2));
}

#[test]
fn no_numbers_have_a_sum_and_a_product_and_no_mean() {
    let none = Tensor::<f64>::zeros([2, 0]);
    assert_eq!((none.sum().item(), none.prod().item(), none.norm().item()), (0.0, 1.0, 0.0));
    assert!(none.mean().item().is_nan());
    assert_eq!(none.sum_axis(1, false), Tensor::zeros([2]));
    assert_eq!(none.prod_axis(1, true), Tensor::ones([2, 1]));
    assert_eq!(none.logsumexp_axis(1, false), Tensor::full([2], NEG_INFINITY));
    assert!(none.mean_axis(1, false).iter().chain(none.var_axis(1, false).iter()).all(|x| x.is_nan()));
    for (name, y) in running(&none, 1).into_iter().chain(running(&none, 0)) {
        assert_eq!(y.shape(), [2, 0], "{name}");
    }
    // Along the other axis there is no lane, and so nothing that could be missing.
    for (name, y) in along(&none, 0, false) {
        assert_eq!(y.shape(), [0], "{name}");
    }
    assert_eq!(none.argmax(0).shape(), [0]);
}

#[test]
#[should_panic(expected = "max: [2, 0] and []: no numbers have no largest one")]
fn the_largest_of_no_numbers_is_an_error() {
    Tensor::<f64>::zeros([2, 0]).max();
}

#[test]
#[should_panic(expected = "min_axis: [2, 0] and [2]: no numbers have no smallest one")]
fn the_smallest_along_an_empty_axis_is_an_error() {
    Tape::new().tensor(Tensor::<f64>::zeros([2, 0])).min_axis(-1, false);
}

#[test]
#[should_panic(expected = "argmax: [0] and []: no numbers have no largest one")]
fn the_place_of_the_largest_of_no_numbers_is_an_error() {
    Tensor::<f64>::zeros([0]).argmax(0);
}

#[test]
#[should_panic(expected = "var_axis: [2, 3]: there is no axis -3; it takes -2 to 1")]
fn an_axis_that_is_not_there_is_an_error() {
    Tensor::<f64>::zeros([2, 3]).var_axis(-3, true);
}

#[test]
fn a_panic_is_at_the_line_of_the_caller() {
    let line = std::sync::Arc::new(std::sync::Mutex::new(0));
    let (seen, thread) = (line.clone(), std::thread::current().id());
    let before = std::panic::take_hook();
    // Other tests of this file panic at the same time.
    std::panic::set_hook(Box::new(move |info| {
        let location = info.location().filter(|location| location.file().ends_with("reductions.rs"));
        if let (Some(location), true) = (location, std::thread::current().id() == thread) {
            *seen.lock().unwrap() = location.line();
        }
    }));
    let here = line!() + 1;
    let result = std::panic::catch_unwind(|| Tensor::<f64>::zeros([2]).softmax(3));
    std::panic::set_hook(before);
    assert!(result.is_err());
    assert_eq!(*line.lock().unwrap(), here);
}

#[test]
fn a_nan_wins_and_the_first_of_ties_is_named() {
    let x = Tensor::<f64>::from([[1.0, NAN, 3.0, NAN], [3.0, 5.0, 5.0, -1.0]]);
    let (largest, smallest) = (x.max_axis(1, false), x.min_axis(1, false));
    assert!(largest.as_slice()[0].is_nan() && smallest.as_slice()[0].is_nan() && x.max().item().is_nan());
    assert_eq!((largest.as_slice()[1], smallest.as_slice()[1]), (5.0, -1.0));
    assert_eq!(x.argmax(1), Tensor::from([1usize, 1]));
    assert!(x.max_axis(0, false).as_slice()[1].is_nan());
    assert_eq!(Tensor::from([NEG_INFINITY; 3]).max().item(), NEG_INFINITY);
    assert_eq!(Tensor::from([INFINITY; 3]).min_axis(0, false).item(), INFINITY);
}

#[test]
fn ties_share_the_gradient_evenly() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([[2.0, 1.0, 2.0], [0.0, 0.0, 0.0]]);
    let third = 1.0 / 3.0;
    assert_eq!(x.max_axis(1, true).sum().backward().wrt(x), Tensor::from([[0.5, 0.0, 0.5], [third; 3]]));
    assert_eq!(x.min().backward().wrt(x), Tensor::from([[0.0; 3], [third; 3]]));
    // Forward mode makes the same choice.
    let x = Tensor::<Dual<f64>>::from([[Dual::new(2.0, 1.0), Dual::new(1.0, 7.0), Dual::new(2.0, 4.0)]]);
    assert_eq!((x.max().item().tangent, x.max_axis(0, false).as_slice()[1].tangent), (2.5, 7.0));
}

#[test]
fn softmax_is_right_for_large_numbers() {
    for big in [800.0, 1e300] {
        let x = Tensor::from([[big, big, -big], [-big, -big, -big]]);
        let third = 1.0 / 3.0;
        assert_eq!(x.softmax(1), Tensor::from([[0.5, 0.5, 0.0], [third; 3]]));
        assert_eq!(x.logsumexp_axis(1, false), Tensor::from([big + 2f64.ln(), -big + 3f64.ln()]));
        let logarithm = x.log_softmax(1);
        approx::assert_relative_eq!(logarithm.get(&[0, 1]).unwrap(), -2f64.ln(), max_relative = 1e-15);
        approx::assert_relative_eq!(logarithm.get(&[0, 2]).unwrap(), -2.0 * big - 2f64.ln(), max_relative = 1e-15);
    }
    let single = Tensor::from([800.0f32, -800.0]);
    assert_eq!(single.softmax(0), Tensor::from([1.0f32, 0.0]));
    assert_eq!(single.log_softmax(0), Tensor::from([0.0f32, -1600.0]));
}

#[test]
fn the_infinite_largest_share_the_probability() {
    let rows = Tensor::from([[NEG_INFINITY, NEG_INFINITY], [NEG_INFINITY, 0.0], [INFINITY, 1.0]]);
    let shares = Tensor::from([[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]]);
    assert_eq!(rows.softmax(1), shares);
    assert_eq!(rows.log_softmax(1), Tensor::from([[-2f64.ln(), -2f64.ln()], [NEG_INFINITY, 0.0], [0.0, NEG_INFINITY]]));
    assert_eq!(rows.logsumexp_axis(1, false), Tensor::from([NEG_INFINITY, 0.0, INFINITY]));
    let tape = Tape::new();
    let x = tape.tensor(&rows);
    assert_eq!(x.logsumexp_axis(1, false).backward_with([1.0; 3]).wrt(x), shares);
    assert_eq!(x.softmax(1).backward_with(Tensor::ones([3, 2])).wrt(x), Tensor::zeros([3, 2]));
    assert!(Tensor::from([1.0, NAN]).softmax(0).iter().all(|x| x.is_nan()));
}

#[test]
fn the_norm_neither_overflows_nor_underflows() {
    let norm = |x: [f64; 2]| Tensor::from(x).norm().item();
    approx::assert_relative_eq!(norm([3e200, -4e200]), 5e200, max_relative = 1e-15);
    approx::assert_relative_eq!(norm([3e-200, 4e-200]), 5e-200, max_relative = 1e-15);
    assert_eq!(norm([5e-324, 0.0]), 5e-324);
    assert_eq!((norm([NEG_INFINITY, 1.0]), norm([0.0, -0.0])), (INFINITY, 0.0));
    assert!(norm([NAN, 1.0]).is_nan());
    assert_eq!(Tensor::from([3e30f32, 4e30]).norm().item(), 5e30);
    let tape = Tape::new();
    let (large, zero) = (tape.tensor([3e200, 4e200]), tape.tensor([0.0, 0.0]));
    approx::assert_relative_eq!(large.norm().backward().wrt(large), Tensor::from([0.6, 0.8]), epsilon = 1e-15);
    assert_eq!(zero.norm().backward().wrt(zero), Tensor::zeros([2]));
}

#[test]
fn a_product_with_zeros_has_its_derivatives() {
    let tape = Tape::new();
    // The second derivative towards two factors is the product of the others.
    let x = tape.tensor([0.0, 2.0, 0.0, 5.0]);
    let gradient = tape.gradient(x.prod(), &[x])[0];
    assert_eq!(gradient.value(), Tensor::zeros([4]));
    let row = gradient.backward_with([1.0, 0.0, 0.0, 0.0]).wrt(x);
    assert_eq!(row, Tensor::from([0.0, 0.0, 10.0, 0.0]));
    // And the third, by a tape of the gradient's gradient.
    let seed = tape.constant([1.0, 0.0, 0.0, 0.0]);
    let second = tape.gradient_with(gradient, seed, &[x])[0];
    assert_eq!(second.backward_with([0.0, 0.0, 1.0, 0.0]).wrt(x), Tensor::from([0.0, 5.0, 0.0, 2.0]));
}

#[test]
fn single_precision_follows_double() {
    let mut rng = Rng::new(3);
    for shape in SHAPES {
        let double = Tensor::<f64>::randn(shape, &mut rng);
        let single = Tensor::from_vec(double.iter().map(|x| *x as f32).collect(), shape).unwrap();
        let double = Tensor::from_vec(single.iter().map(|x| f64::from(*x)).collect(), shape).unwrap();
        let axis = shape.len() as isize - 1;
        let singles = over_all(&single).into_iter().chain(along(&single, axis, false)).chain(running(&single, 0));
        let doubles = over_all(&double).into_iter().chain(along(&double, axis, false)).chain(running(&double, 0));
        for ((name, single), (_, double)) in singles.zip(doubles) {
            for (single, double) in single.iter().zip(double.iter()) {
                let close = (f64::from(*single) - double).abs() <= 1e-5 * (1.0 + double.abs());
                assert!(close, "{name} of {shape:?}: {single} instead of {double}");
            }
        }
    }
}

#[test]
fn forward_mode_agrees_with_the_definitions() {
    let mut rng = Rng::new(4);
    for shape in [&[5][..], &[3, 4], &[2, 3, 2]] {
        let (x, v) = (Tensor::<f64>::randn(shape, &mut rng), Tensor::<f64>::randn(shape, &mut rng));
        let dual: Vec<Dual<f64>> = x.iter().zip(v.iter()).map(|(x, v)| Dual::new(*x, *v)).collect();
        let dual = Tensor::from_vec(dual, shape).unwrap();
        let moved = |step: f64| {
            let x = &x + &v * step;
            [over_all(&x), along(&x, -1, false), running(&x, 0)].concat()
        };
        let duals = [over_all(&dual), along(&dual, -1, false), running(&dual, 0)].concat();
        for (((name, dual), (_, right)), (_, left)) in duals.into_iter().zip(moved(1e-5)).zip(moved(-1e-5)) {
            for (dual, difference) in dual.iter().zip((right - left).iter().map(|d| d / 2e-5)) {
                let close = (dual.tangent - difference).abs() < 1e-7 * (1.0 + difference.abs());
                assert!(close, "{name} of {shape:?}: {} instead of {difference}", dual.tangent);
            }
        }
    }
}

/// A function of the inputs in which the operation occurs twice, so that its cotangent is written once and added once.
fn twice<'t>(case: &Case, x: &[TensorVar<'t, f64>], weights: &[Tensor<f64>; 2]) -> TensorVar<'t, f64> {
    let [a, b] = [0, 1].map(|i| (TensorVar::record((case.step)(), x) * &weights[i]).sum());
    a + b
}

/// The derivative of `f` towards every number of every input, by central differences.
fn differences(inputs: &[Tensor<f64>], f: impl Fn(&[Tensor<f64>]) -> f64) -> Vec<f64> {
    let step = 1e-5;
    let mut result = Vec::new();
    for i in 0..inputs.len() {
        for k in 0..inputs[i].len() {
            let at = |step: f64| {
                let mut inputs = inputs.to_vec();
                inputs[i].as_mut_slice()[k] += step;
                f(&inputs)
            };
            result.push((at(step) - at(-step)) / (2.0 * step));
        }
    }
    result
}

fn joined(gradients: impl IntoIterator<Item = Tensor<f64>>) -> Vec<f64> {
    gradients.into_iter().flat_map(Tensor::into_vec).collect()
}

fn assert_close(what: &str, numbers: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(numbers.len(), expected.len(), "{what}");
    for (i, (number, expected)) in numbers.iter().zip(expected).enumerate() {
        let close = (number - expected).abs() <= tolerance * (1.0 + expected.abs());
        assert!(close, "{what}, number {i}: {number} instead of {expected}");
    }
}

#[test]
fn derivatives_of_every_case_agree_with_differences() {
    const FAMILY: &[&str] = &[
        "Sum",
        "SumTo",
        "Mean",
        "Variance",
        "Prod",
        "Norm",
        "Extreme",
        "CumSum",
        "CumProd",
        "Recurrence",
        "Shift",
        "Softmax",
        "LogSoftmax",
        "LogSumExp",
        "SoftmaxCrossEntropy",
        "SoftmaxCrossEntropySoft",
    ];
    let mut rng = Rng::new(5);
    let mut checked = std::collections::HashSet::new();
    for case in ops::cases() {
        let Some(name) = FAMILY.iter().find(|name| case.name.starts_with(&format!("{name} of"))) else { continue };
        checked.insert(name);
        let drawn = || case.inputs.iter().map(|(shape, _)| Tensor::randn(shape, &mut rng)).collect();
        let inputs: Vec<Tensor<f64>> = case.given.clone().unwrap_or_else(drawn);
        let tape = Tape::new();
        let x: Vec<_> = inputs.iter().map(|input| tape.tensor(input)).collect();
        let shape = TensorVar::record((case.step)(), &x).shape();
        let weights = [Tensor::randn(shape, &mut rng), Tensor::randn(shape, &mut rng)];
        let y = twice(&case, &x, &weights);
        let swept = y.backward();
        let swept = joined(x.iter().map(|x| swept.wrt(*x)));
        let recorded = tape.gradient(y, &x);
        let expected = differences(&inputs, |inputs| {
            let tape = Tape::new();
            let x: Vec<_> = inputs.iter().map(|input| tape.tensor(input)).collect();
            twice(&case, &x, &weights).item()
        });
        assert_close(&case.name, &swept, &expected, 1e-6);
        assert_close(&case.name, &joined(recorded.iter().map(|g| g.value())), &swept, 1e-12);
        if case.order < 2 {
            continue;
        }
        // The derivative of the gradient's product with a vector.
        let directions: Vec<Tensor<f64>> = inputs.iter().map(|x| Tensor::randn(x.shape(), &mut rng)).collect();
        let slope = |gradients: &[TensorVar<'_, f64>]| {
            let products: Vec<f64> =
                gradients.iter().zip(&directions).map(|(g, v)| (g.value() * v).sum().item()).collect();
            products.iter().sum()
        };
        let expected = differences(&inputs, |inputs| {
            let tape = Tape::new();
            let x: Vec<_> = inputs.iter().map(|input| tape.tensor(input)).collect();
            slope(&tape.gradient(twice(&case, &x, &weights), &x))
        });
        let products = recorded.iter().zip(&directions).map(|(g, v)| (*g * v).sum());
        let product = products.reduce(|a, b| a + b).unwrap();
        let second = match product.needs_gradient() {
            true => joined(x.iter().map(|x| product.backward().wrt(*x))),
            false => vec![0.0; expected.len()],
        };
        assert_close(&format!("{}, second order", case.name), &second, &expected, 1e-5);
    }
    assert_eq!(checked.len(), FAMILY.len(), "{checked:?}");
}
