//! The gradient of a solution by the adjoint equation, solved backwards in time; and the gradient of that, by its own.

use super::Solver;
use crate::{
    Scalar, Shape, Tape, Tensor, TensorVar,
    ops::recorded_partials,
    tape::{Closure, Cotangents, Slots, Step},
};
use std::any::Any;
use std::sync::Arc;

/// An equation `y' = f(t, y, θ)`, as it runs on any tape.
type Equation<T> =
    Arc<dyn for<'s> Fn(f64, TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static>;

#[track_caller]
pub(super) fn solve<'t, T, F>(
    solver: Solver,
    f: F,
    y0: TensorVar<'t, T>,
    span: (f64, f64),
    parameters: &[TensorVar<'t, T>],
) -> TensorVar<'t, T>
where
    T: Scalar,
    F: for<'s> Fn(f64, TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static,
{
    record(solver, Arc::new(f), y0, span, parameters)
}

#[track_caller]
fn record<'t, T: Scalar>(
    solver: Solver,
    equation: Equation<T>,
    y0: TensorVar<'t, T>,
    span: (f64, f64),
    parameters: &[TensorVar<'t, T>],
) -> TensorVar<'t, T> {
    let values: Vec<_> = parameters.iter().map(|p| p.value()).collect();
    let (_, solution) = solver.march(&|t, y, p: &[TensorVar<'_, T>]| equation(t, y, p), y0.value(), span, &values);
    let inputs: Vec<_> = [y0].iter().chain(parameters).copied().collect();
    TensorVar::record(Box::new(Solved { solver, equation, span, solution }), &inputs)
}

struct Solved<T: 'static> {
    solver: Solver,
    equation: Equation<T>,
    span: (f64, f64),
    solution: Tensor<T>,
}

/// The equation of y, a and θ̄, one after the other in one vector: `y' = f`, `a' = -(∂f/∂y)ᵀ a`, `θ̄' = -(∂f/∂θ)ᵀ a`.
fn adjoint<T: Scalar>(f: Equation<T>, shape: Shape) -> Equation<T> {
    Arc::new(move |t, all, parameters| {
        if all.tape().is_inference() {
            let parameters: Vec<_> = parameters.iter().map(|p| p.value()).collect();
            return all.tape().constant(adjoint_slope(&f, &shape, t, &all.value(), &parameters));
        }
        let n = shape.elements();
        let part = |from: usize| all.slice(0, from, from + n, 1).reshape(&shape[..]);
        let variables: Vec<_> = [part(0)].iter().chain(parameters).copied().collect();
        let found = recorded_partials(|x| f(t, x[0], &x[1..]), &variables, -part(n));
        let (slope, pulled) = found.unwrap_or_else(|reason| panic!("solve_adjoint: {reason}"));
        let flat: Vec<_> = [slope].iter().chain(&pulled).map(|x| x.reshape([x.node().shape.elements()])).collect();
        TensorVar::concat(&flat, 0)
    })
}

/// The same on numbers alone.
fn adjoint_slope<T: Scalar>(
    f: &Equation<T>,
    shape: &Shape,
    t: f64,
    all: &Tensor<T>,
    parameters: &[Tensor<T>],
) -> Tensor<T> {
    let tape = Tape::new();
    let n = shape.elements();
    let part = |from: usize| Tensor::assemble(all.as_slice()[from..from + n].to_vec(), shape.clone());
    let y = tape.tensor(part(0));
    let parameters: Vec<_> = parameters.iter().map(|p| tape.tensor(p)).collect();
    let f = f(t, y, &parameters);
    let mut slope = Vec::with_capacity(all.len());
    slope.extend_from_slice(f.value().as_slice());
    if f.needs_gradient() {
        let gradients = f.backward_with(-part(n));
        slope.extend_from_slice(gradients.wrt(y).as_slice());
        for p in &parameters {
            slope.extend_from_slice(gradients.wrt(*p).as_slice());
        }
    }
    slope.resize(all.len(), T::zero());
    slope.into()
}

impl<T: Scalar> Step<T> for Solved<T> {
    fn name(&self) -> &'static str {
        "solve_adjoint"
    }

    fn shape(&self, inputs: &[&[usize]]) -> Result<Shape, String> {
        Ok(inputs[0].into())
    }

    fn value(&self, _: &[&Tensor<T>]) -> Option<Tensor<T>> {
        Some(self.solution.clone())
    }

    fn accumulate(&self, inputs: &[&Tensor<T>], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let sizes: usize = inputs[1..].iter().map(|p| p.len()).sum();
        let zeros = std::iter::repeat_n(T::zero(), sizes);
        let start: Vec<T> = y.iter().chain(g.iter()).copied().chain(zeros).collect();
        let parameters: Vec<Tensor<T>> = inputs[1..].iter().map(|p| (*p).clone()).collect();
        let equation = adjoint(self.equation.clone(), y.shape().into());
        let (first, last) = self.span;
        let (_, found) = self.solver.march(
            &|t, all, p: &[TensorVar<'_, T>]| equation(t, all, p),
            start.into(),
            (last, first),
            &parameters,
        );
        let mut rest = &found.as_slice()[y.len()..];
        for (i, input) in inputs.iter().enumerate() {
            let (part, more) = rest.split_at(input.len());
            rest = more;
            into.give(i, Tensor::assemble(part.to_vec(), input.shape().into()));
        }
    }

    fn pullback<'t>(
        &self,
        inputs: &[TensorVar<'t, T>],
        y: TensorVar<'t, T>,
        g: TensorVar<'t, T>,
        needs: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String> {
        let size = |x: &TensorVar<'t, T>| x.node().shape.elements();
        let zeros = Tensor::zeros([inputs[1..].iter().map(size).sum::<usize>()]);
        let flat = |x: TensorVar<'t, T>| x.reshape([size(&x)]);
        let start = TensorVar::concat(&[flat(y), flat(g), y.tape().constant(zeros)], 0);
        let equation = adjoint(self.equation.clone(), y.shape().into());
        let (first, last) = self.span;
        let found = record(self.solver, equation, start, (last, first), &inputs[1..]);
        let mut from = size(&y);
        let cotangents = inputs.iter().zip(needs).map(|(input, needs)| {
            let end = from + size(input);
            let part = needs.then(|| found.slice(0, from, end, 1).reshape(input.shape()));
            from = end;
            part
        });
        Ok(cotangents.collect())
    }

    /// It is not run again where values are dropped or replaced: the whole solution would be.
    fn op(&self) -> &dyn Any {
        &Closure
    }
}
