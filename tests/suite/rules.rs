//! Every rule of the book against differences: whoever adds an operation with its cases has it checked here. Rows of
//! the elementwise table are also compared between all kinds of numbers they run on.

use gradtape::{
    Dual, Rng, Tape, Tensor, TensorVar, Var,
    gradcheck::GradCheck,
    ops::{Case, Row, cases},
    rng,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Numbers from the case's domain, or the given ones.
fn inputs(case: &Case, seed: u64) -> Vec<Tensor<f64>> {
    if let Some(given) = &case.given {
        return given.clone();
    }
    let mut generator = Rng::new(seed);
    let draw = |(shape, (low, high)): &(Vec<usize>, (f64, f64))| {
        let mut input = Tensor::zeros(shape);
        input.update(|_, _| low + (high - low) * rng::uniform(&mut generator));
        input
    };
    case.inputs.iter().map(draw).collect()
}

fn check(case: &Case, seed: u64) -> Result<(), String> {
    let inputs = inputs(case, seed);
    let step = (case.step)();
    let references: Vec<&Tensor<f64>> = inputs.iter().collect();
    let shapes: Vec<&[usize]> = inputs.iter().map(|input| input.shape()).collect();
    let shape = step.shape(&shapes)?;
    let value = || step.value(&references).ok_or("the operation has no value");
    let (first, second) = (value()?, value()?);
    if first.shape() != &shape[..] {
        return Err(format!("the rule says {shape:?}, the value has the shape {:?}", first.shape()));
    }
    if !first.iter().zip(second.iter()).all(|(a, b)| a.to_bits() == b.to_bits()) {
        return Err("two evaluations differ".into());
    }
    if inputs.iter().all(Tensor::is_empty) {
        // Nothing to vary, and perhaps no value (the mean of nothing is NaN); but the sweep must run.
        let tape = Tape::new();
        let x: Vec<_> = inputs.iter().map(|x| tape.tensor(x)).collect();
        let y = TensorVar::record((case.step)(), &x);
        let gradients = y.backward_with(Tensor::ones(y.shape()));
        let recorded = tape.gradient_with(y, tape.constant(Tensor::ones(y.shape())), &x);
        let fits = |(x, g): (&TensorVar<'_, f64>, &TensorVar<'_, f64>)| {
            gradients.wrt(*x).shape() == x.shape() && g.shape() == x.shape()
        };
        return x.iter().zip(&recorded).all(fits).then_some(()).ok_or("a gradient has another shape".into());
    }
    let mut settings = GradCheck::new().order(case.order).seed(seed);
    if case.given.is_some() {
        // Ties, zeros and the like are given on purpose.
        settings = settings.allow_kinks();
    }
    let report = settings.check(|x| TensorVar::record((case.step)(), x), &inputs).map_err(|error| error.to_string())?;
    match report.note {
        Some(note) => Err(format!("the case claims order {}: {note}", case.order)),
        None => Ok(()),
    }
}

#[test]
fn every_rule_in_every_input_to_its_order() {
    let mut failures = Vec::new();
    let cases = cases();
    for (i, case) in cases.iter().enumerate() {
        let outcome = catch_unwind(AssertUnwindSafe(|| check(case, i as u64))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(format!("it panics: {}", text.unwrap_or("without words")))
        });
        if let Err(message) = outcome {
            failures.push(format!("{}: {message}", case.name));
        }
    }
    let list = failures.join("\n\n");
    assert!(failures.is_empty(), "{} of {} cases fail\n\n{list}\n", failures.len(), cases.len());
    assert!(cases.len() > 200, "only {} cases: is the table empty?", cases.len());
}

/// Derivatives of an elementwise function at a point: first towards each argument, second towards each pair.
#[derive(Debug)]
struct Derivatives {
    value: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Derivatives {
    fn forward(row: Row, x: &[f64]) -> Self {
        // dual over dual: the outer tangent in direction i, the inner in direction j.
        let n = x.len();
        let along = |i: usize, j: usize| {
            let unit = |k: usize, i: usize| if k == i { 1.0 } else { 0.0 };
            let nested = |k: usize| Dual::new(Dual::new(x[k], unit(k, j)), Dual::new(unit(k, i), 0.0));
            row.apply(&(0..n).map(nested).collect::<Vec<_>>())
        };
        Derivatives {
            value: along(0, 0).value.value,
            first: (0..n).map(|i| along(i, i).tangent.value).collect(),
            second: (0..n * n).map(|ij| along(ij / n, ij % n).tangent.tangent).collect(),
        }
    }

    fn scalars(row: Row, x: &[f64]) -> Self {
        let n = x.len();
        let tape = Tape::new();
        let variables = tape.vars(x);
        let y = row.apply(&variables);
        let gradients = y.backward();
        let second = (0..n).flat_map(|i| {
            let tape = Tape::new();
            let variables: Vec<Var<'_, Dual<f64>>> =
                (0..n).map(|k| tape.var(Dual::new(x[k], if k == i { 1.0 } else { 0.0 }))).collect();
            let gradients = row.apply(&variables).backward();
            variables.iter().map(|v| gradients.wrt(*v).tangent).collect::<Vec<_>>()
        });
        Derivatives {
            value: y.value(),
            first: variables.iter().map(|v| gradients.wrt(*v)).collect(),
            second: second.collect(),
        }
    }

    fn tensors(row: Row, x: &[f64]) -> Self {
        let tape = Tape::new();
        let variables: Vec<_> = x.iter().map(|x| tape.tensor(*x)).collect();
        let y = row.apply(&variables);
        let gradients = y.backward();
        let recorded = tape.gradient(y, &variables);
        let second = recorded.iter().flat_map(|g| match g.needs_gradient() {
            true => {
                let gradients = g.backward();
                variables.iter().map(|v| gradients.wrt(*v).item()).collect()
            }
            false => vec![0.0; x.len()],
        });
        Derivatives {
            value: y.item(),
            first: variables.iter().map(|v| gradients.wrt(*v).item()).collect(),
            second: second.collect(),
        }
    }

    fn single(row: Row, x: &[f64]) -> Self {
        let tape = Tape::<f32>::new();
        let variables: Vec<_> = x.iter().map(|x| tape.tensor(*x as f32)).collect();
        let y = row.apply(&variables);
        let gradients = y.backward();
        Derivatives {
            value: f64::from(y.item()),
            first: variables.iter().map(|v| f64::from(gradients.wrt(*v).item())).collect(),
            second: Vec::new(),
        }
    }

    fn differ(&self, other: &Self, tolerance: f64) -> Option<String> {
        let is_near = |a: &f64, b: &f64| (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()));
        let all_near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| is_near(a, b));
        if !is_near(&self.value, &other.value) {
            return Some(format!("values {} and {}", self.value, other.value));
        }
        if self.first.len() != other.first.len() || !all_near(&self.first, &other.first) {
            return Some(format!("first derivatives {:?} and {:?}", self.first, other.first));
        }
        if !all_near(&self.second, &other.second) {
            return Some(format!("second derivatives {:?} and {:?}", self.second, other.second));
        }
        None
    }
}

#[test]
fn rows_agree_between_all_kinds_of_numbers() {
    let mut failures = Vec::new();
    let mut generator = Rng::new(11);
    for (row, arity, (low, high)) in Row::ALL {
        for _ in 0..5 {
            let x: Vec<f64> = (0..*arity).map(|_| low + (high - low) * rng::uniform(&mut generator)).collect();
            let tensors = Derivatives::tensors(*row, &x);
            let kinds = [
                ("Dual", Derivatives::forward(*row, &x), 1e-12),
                ("Var", Derivatives::scalars(*row, &x), 1e-12),
                ("f32", Derivatives::single(*row, &x), 2e-4),
            ];
            for (kind, derivatives, tolerance) in kinds {
                if let Some(difference) = tensors.differ(&derivatives, tolerance) {
                    failures.push(format!("{row:?} at {x:?}: TensorVar and {kind} have {difference}"));
                }
            }
            // A number goes through the standard library, a tensor through functions for vectors.
            let plain: f64 = row.apply(&x);
            if (plain - tensors.value).abs() > 4.0 * f64::EPSILON * plain.abs() {
                failures.push(format!("{row:?} at {x:?}: f64 gives {plain}, TensorVar {}", tensors.value));
            }
        }
    }
    assert!(failures.is_empty(), "{} differences\n{}\n", failures.len(), failures.join("\n"));
}

#[test]
fn rows_over_their_whole_domain() {
    let mut failures = Vec::new();
    let mut generator = Rng::new(13);
    for (row, arity, (low, high)) in Row::ALL {
        // One number in each of as many equal parts of the domain, so that no branch of a formula is left out.
        let parts = 64;
        let inputs = (0..*arity).map(|_| {
            let mut part: Vec<usize> = (0..parts).collect();
            rng::shuffle(&mut generator, &mut part);
            let within = part.iter().map(|i| (*i as f64 + rng::uniform(&mut generator)) / parts as f64);
            Tensor::from(within.map(|u| low + (high - low) * u).collect::<Vec<f64>>())
        });
        let inputs: Vec<_> = inputs.collect();
        if let Err(error) = GradCheck::new().order(2).seeds(1).check(|x| row.apply(x), &inputs) {
            failures.push(format!("{row:?}: {error}"));
        }
    }
    assert!(failures.is_empty(), "{} rows fail\n\n{}\n", failures.len(), failures.join("\n\n"));
}
