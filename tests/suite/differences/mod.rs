//! What the tests of operations share: gradients against central differences. It names no operation.

use gradtape::{Rng, Tape, Tensor, TensorVar, ops};

/// Checks every case of the built-in operations of these names, and that each of them has one.
pub(crate) fn check_cases(names: &[&str]) {
    let cases = ops::cases();
    for name in names {
        let prefix = format!("{name} of ");
        let mut count = 0;
        for case in cases.iter().filter(|case| case.name.starts_with(&prefix)) {
            let mut rng = Rng::new(count);
            let mut draw = |(shape, (low, high)): &(Vec<usize>, (f64, f64))| {
                Tensor::<f64>::rand(shape, &mut rng) * (high - low) + *low
            };
            let inputs = case.given.clone().unwrap_or_else(|| case.inputs.iter().map(&mut draw).collect());
            check(&case.name, &inputs, |x| TensorVar::record((case.step)(), x));
            count += 1;
        }
        assert!(count > 0, "{name} has no case");
    }
}

/// Checks the gradient of `f` at `inputs` and its gradient in turn: against central differences, and the sweep over
/// numbers against the recorded one.
pub(crate) fn check(
    name: &str,
    inputs: &[Tensor<f64>],
    f: impl for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
) {
    let (mut rng, tape) = (Rng::new(99), Tape::new());
    let shape: Vec<usize> = f(&leaves(&tape, inputs)).shape().to_vec();
    let weights: [Tensor<f64>; 2] = std::array::from_fn(|_| Tensor::randn(&shape, &mut rng));
    let directions: Vec<Tensor<f64>> = inputs.iter().map(|x| Tensor::randn(x.shape(), &mut rng)).collect();
    let value = |x: &[Tensor<f64>]| {
        let tape = Tape::new();
        total(&leaves(&tape, x), &f, &weights).item()
    };
    let gradient = |x: &[Tensor<f64>]| {
        let tape = Tape::new();
        let x = leaves(&tape, x);
        let gradients = total(&x, &f, &weights).backward();
        x.iter().map(|x| gradients.wrt(*x)).collect::<Vec<_>>()
    };
    let first = gradient(inputs);
    compare(name, "gradient", inputs, &first, value);

    let along = |x: &[Tensor<f64>]| gradient(x).iter().zip(&directions).map(|(g, v)| (g * v).sum().item()).sum::<f64>();
    let tape = Tape::new();
    let x = leaves(&tape, inputs);
    let recorded = tape.gradient(total(&x, &f, &weights), &x);
    for (i, (recorded, first)) in recorded.iter().zip(&first).enumerate() {
        let difference = (recorded.value() - first).abs();
        assert!(difference.iter().all(|d| *d < 1e-12), "{name}: input {i}: recorded {recorded}, swept {first}");
    }
    let slope = recorded.iter().zip(&directions).map(|(g, v)| (*g * v).sum()).reduce(|a, b| a + b);
    let slope = slope.expect("an operation has an input");
    // Numbers that are not there have no curvature.
    if slope.needs_gradient() {
        let gradients = slope.backward();
        let second: Vec<_> = x.iter().map(|x| gradients.wrt(*x)).collect();
        compare(name, "second derivative", inputs, &second, along);
    } else {
        assert!(first.iter().all(|g| g.iter().all(|g| *g == 0.0)), "{name}: the recorded gradient is cut");
    }
}

fn leaves<'t>(tape: &'t Tape<f64>, x: &[Tensor<f64>]) -> Vec<TensorVar<'t, f64>> {
    x.iter().map(|x| tape.tensor(x)).collect()
}

/// A number that depends on every element of `f(x)`: curved, so that there is a second order, and with `f` in it
/// twice, so that the second cotangent of an input meets the first.
fn total<'t>(
    x: &[TensorVar<'t, f64>],
    f: &impl Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
    weights: &[Tensor<f64>; 2],
) -> TensorVar<'t, f64> {
    (f(x).sin() * &weights[0]).sum() + (f(x) * &weights[1]).sum()
}

fn compare(
    name: &str,
    what: &str,
    inputs: &[Tensor<f64>],
    derivative: &[Tensor<f64>],
    f: impl Fn(&[Tensor<f64>]) -> f64,
) {
    let step = 1e-5;
    for (i, input) in inputs.iter().enumerate() {
        assert_eq!(derivative[i].shape(), input.shape(), "{name}: the shape of the {what} of input {i}");
        for j in 0..input.len() {
            let at = |offset: f64| {
                let mut moved = inputs.to_vec();
                moved[i].as_mut_slice()[j] += offset;
                f(&moved)
            };
            let difference = (at(step) - at(-step)) / (2.0 * step);
            let given = derivative[i].as_slice()[j];
            let near = (given - difference).abs() <= 1e-7 * (1.0 + difference.abs());
            assert!(near, "{name}: {what} of input {i} at {j}: the rule gives {given}, differences {difference}");
        }
    }
}
