//! The function under check, and its recorded gradients as functions of their own: values and derivatives of each
//! order. Nothing here is a difference.

use crate::{Tape, Tensor, TensorVar, ops::recorded_sweep};

/// A user's function, to be evaluated many times on one tape.
///
/// The function of order 1 is the user's. That of order 2 is its recorded gradient, a function of the inputs *and* of
/// the cotangent, so that a pullback that is wrong in its cotangent is found too; and so on.
pub(super) struct Function<F> {
    f: F,
    inputs: usize,
    tape: Tape<f64>,
    /// The seed of a training tape.
    training: Option<u64>,
}

impl<F> Function<F>
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    pub(super) fn new(f: F, inputs: usize, training: Option<u64>) -> Self {
        Function { f, inputs, tape: Tape::new(), training }
    }

    /// An empty tape. One for training is made anew, so that its random masks are the same each time.
    fn restart(&mut self) {
        match self.training {
            Some(seed) => self.tape = Tape::training(seed),
            None => self.tape.reset(),
        }
    }

    /// The values of the function of that order at `z`: the inputs, and the cotangents of the orders below.
    ///
    /// # Errors
    /// Why there is no recorded gradient.
    pub(super) fn values(&mut self, order: usize, z: &[Tensor<f64>]) -> Result<Vec<Tensor<f64>>, String> {
        self.restart();
        let z: Vec<_> = z.iter().map(|z| self.tape.tensor(z)).collect();
        let y = outputs(&self.f, &self.tape, &z, self.inputs, order)?;
        Ok(y.iter().map(|y| y.value()).collect())
    }

    /// The derivatives towards every part of `z`, once for each set of cotangents, by the fast sweep.
    ///
    /// # Errors
    /// As [`values`](Self::values).
    pub(super) fn derivatives(
        &mut self,
        order: usize,
        z: &[Tensor<f64>],
        cotangents: &[Vec<Tensor<f64>>],
    ) -> Result<Vec<Vec<Tensor<f64>>>, String> {
        self.restart();
        let z: Vec<_> = z.iter().map(|z| self.tape.tensor(z)).collect();
        let y = outputs(&self.f, &self.tape, &z, self.inputs, order)?;
        let derivatives = cotangents.iter().map(|cotangents| {
            let zeros = || z.iter().map(|z| Tensor::zeros(z.shape())).collect();
            let gradients = match (&y[..], &cotangents[..]) {
                ([y], [cotangent]) => y.needs_gradient().then(|| y.backward_with(cotangent)),
                _ => {
                    let cotangents: Vec<_> = cotangents.iter().map(|c| self.tape.constant(c)).collect();
                    let sum = contraction(&y, &cotangents);
                    sum.needs_gradient().then(|| sum.backward())
                }
            };
            gradients.map_or_else(zeros, |gradients| z.iter().map(|z| gradients.wrt(*z)).collect())
        });
        Ok(derivatives.collect())
    }

    /// The first-order derivatives by the recorded path; `None` where a rule has none.
    pub(super) fn recorded(&mut self, x: &[Tensor<f64>], cotangent: &Tensor<f64>) -> Option<Vec<Tensor<f64>>> {
        let z: Vec<_> = x.iter().chain([cotangent]).cloned().collect();
        self.values(2, &z).ok()
    }
}

/// The recorded values of the function of that order.
fn outputs<'t, F>(
    f: &F,
    tape: &'t Tape<f64>,
    z: &[TensorVar<'t, f64>],
    inputs: usize,
    order: usize,
) -> Result<Vec<TensorVar<'t, f64>>, String>
where
    F: Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    let mut y = vec![f(&z[..inputs])];
    let mut known = inputs;
    for _ in 1..order {
        let cotangents = &z[known..known + y.len()];
        let (start, seed) = match (&y[..], cotangents) {
            ([y], [cotangent]) => (*y, *cotangent),
            _ => (contraction(&y, cotangents), tape.constant(1.0)),
        };
        let found = recorded_sweep(start, seed)?;
        let next = z[..known].iter().map(|z| match found.get(z.id() as usize) {
            Some(Some(cotangent)) => *cotangent,
            _ => tape.constant(Tensor::zeros(z.shape())),
        });
        let next = next.collect();
        known += cotangents.len();
        y = next;
    }
    Ok(y)
}

/// The sum of all numbers of `y`, each times that of its cotangent.
fn contraction<'t>(y: &[TensorVar<'t, f64>], cotangents: &[TensorVar<'t, f64>]) -> TensorVar<'t, f64> {
    let terms = y.iter().zip(cotangents).map(|(y, c)| (*y * *c).sum());
    terms.reduce(|a, b| a + b).expect("a function has a value, and so a gradient has a part for each input")
}
