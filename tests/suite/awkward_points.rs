//! Right rules at points that are awkward for differences must all pass: large and tiny values, long sums, saturated
//! and linear functions, kinks nearby. That wrong ones are found is in `planted`.

mod right;

use gradtape::{Tensor, gradcheck::GradCheck};
use right::{matrix, passes, vector};

#[test]
fn right_at_large_and_tiny_values() {
    for size in [1e6, 1e3, 1e-3, 1e-6, 1e-9] {
        let x = [vector() * size, Tensor::from([1.1, 0.4, 2.2]) * size];
        passes(|x| x[0] * x[1], &x);
        passes(|x| x[0] / x[1], &x);
        passes(|x| x[0].square().sum(), &x);
        passes(|x| x[1].ln().sum(), &x);
        passes(|x| x[1].sqrt() * x[0].sin(), &x);
        passes(|x| x[0].tanh() + x[1].recip(), &x);
        passes(|x| x[0].hypot(x[1]), &x);
        passes(|x| x[1].powf(2.5).mean(), &x);
    }
    passes(|x| x[0].exp(), &[Tensor::from([100.0, -100.0, 20.0])]);
    passes(|x| x[0] + 1e9, &[vector()]);
    passes(|x| (x[0] + 1e6).square().sum(), &[vector()]);
}

#[test]
fn right_in_long_sums() {
    let x = [Tensor::<f64>::randn([10_000], &mut gradtape::Rng::new(5))];
    let check = GradCheck::new().elements(30).order(2);
    for report in [
        check.check(|x| x[0].sum(), &x),
        check.check(|x| x[0].square().sum(), &x),
        check.check(|x| x[0].sin().mean(), &x),
        check.check(|x| x[0].exp().sum().ln(), &x),
    ] {
        report.unwrap_or_else(|error| panic!("a right rule was refused: {error}"));
    }
}

#[test]
fn right_where_saturated_linear_or_zero() {
    passes(|x| x[0].tanh(), &[Tensor::from([20.0, -40.0, 5.0, 1000.0])]);
    passes(|x| x[0].sigmoid(), &[Tensor::from([20.0, -40.0, 800.0, -800.0])]);
    passes(|x| x[0].softplus().sum(), &[Tensor::from([50.0, -50.0, 700.0])]);
    passes(|x| x[0] * 3.0 - x[1], &[matrix(), vector()]);
    passes(|x| x[0] * 0.0, &[matrix()]);
    passes(|x| x[0] - x[0], &[matrix()]);
    passes(|x| x[0].square().sum(), &[Tensor::zeros([3])]);
    passes(|x| x[0].powi(3) * x[1].sum(), &[Tensor::zeros([3]), vector()]);
    passes(|x| x[0].cos().sum(), &[Tensor::zeros([2, 2])]);
    passes(|x| x[0].floor(), &[matrix()]);
}

#[test]
fn right_where_tiny_steps_are_rounded_away() {
    passes(|x| (x[0] + 1e7) - 1e7, &[vector()]);
    passes(|x| (x[0] + 1e8) - 1e8, &[matrix()]);
    passes(|x| (x[0] + 1e6).var_axis(0, false), &[Tensor::from([0.3, -1.1, 0.8, 2.1, -0.4, 0.9, 0.1, -1.7])]);
    passes(|x| (x[0] + 1e7).var_axis(0, false), &[vector()]);
    passes(|x| (x[0] + 1e8).softmax(0), &[vector()]);
    passes(|x| (x[0] + 1e8).square() - (x[1] + 1e8).square(), &[vector(), vector() * 0.7]);
    passes(|x| ((x[0] + 1.7e9) - 1.7e9).square(), &[Tensor::from([0.2, 0.5, 0.9])]);
    let rows = [Tensor::<f64>::randn([4, 8], &mut gradtape::Rng::new(3))];
    passes(
        |x| {
            let y = x[0] + 1e6;
            let centred = y - y.mean_axis(1, true);
            centred / (centred.square().mean_axis(1, true) + 1e-5).sqrt()
        },
        &rows,
    );
    // Stairs of the function's own: flat between them, and 0 is right.
    passes(|x| x[0].floor(), &[Tensor::from([250.5, -3.25, 1e3 + 0.4])]);
}

#[test]
fn right_away_from_kinks() {
    passes(|x| x[0].relu(), &[matrix()]);
    passes(|x| x[0].abs().sum(), &[matrix() * 1e-4]);
    passes(|x| x[0].maximum(x[1]), &[matrix(), vector()]);
    passes(|x| x[0].clamp(-0.5, 0.5), &[Tensor::from([0.499, -0.5001, 0.50002])]);
    passes(|x| x[0].elu(1.5) + x[0].selu() + x[0].leaky_relu(0.1), &[Tensor::from([1e-5, -1e-5])]);
}

#[test]
fn right_models_on_numbers_that_nobody_scaled() {
    let rng = &mut gradtape::Rng::new(11);
    // Columns as measured: a count, a length in metres, a year, a rate.
    let scales = Tensor::from([4e3, 1e-4, 1.0, 1e-7]);
    let offsets = Tensor::from([1e4, 3e-4, 2024.0, 0.0]);
    let x = Tensor::<f64>::randn([32, 4], rng) * scales + offsets;
    let w = Tensor::<f64>::randn([4, 3], rng);
    let check = GradCheck::new().order(2).seeds(1);
    for report in [
        check.check(|v| v[0].matmul(v[1]).softmax(-1), &[x.clone(), &w * 1e-4]),
        check.check(|v| (v[0].matmul(v[1]) * 1e-4).logsumexp_axis(-1, false), &[x.clone(), w.clone()]),
        check.check(|v| v[0].var_axis(0, false).sqrt().ln().sum(), std::slice::from_ref(&x)),
        check.check(|v| ((v[0] - v[0].mean_axis(0, true)) / v[0].var_axis(0, true).sqrt()).tanh(), &[x]),
    ] {
        report.unwrap_or_else(|error| panic!("{error}"));
    }
}
