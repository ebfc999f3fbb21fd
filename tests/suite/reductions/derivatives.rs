//! Gradients and second derivatives, of every case in the list of operations and at the zeros of a product.

use gradtape::{
    Rng, Tape, Tensor, TensorVar,
    ops::{self, Case},
};

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
