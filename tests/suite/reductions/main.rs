//! Reductions, cumulative operations and softmax: values against plain loops here; what happens at the edges, and
//! derivatives against differences, in the files beside this one.

#[allow(dead_code, reason = "several test files share it, and each uses a part")]
#[path = "../common/mod.rs"]
mod common;
mod derivatives;
mod edges;

use gradtape::{Dual, Rng, Scalar, Tape, Tensor};

const INFINITY: f64 = f64::INFINITY;
const NEG_INFINITY: f64 = f64::NEG_INFINITY;

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
