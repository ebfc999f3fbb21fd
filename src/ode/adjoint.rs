//! The gradient of a solution by the adjoint equation, solved backwards in time.

use super::Solver;
use crate::{
    Scalar, Shape, Tape, Tensor, TensorVar,
    tape::{Closure, Cotangents, Slots, Step},
};
use std::any::Any;

struct Solved<F, T: 'static> {
    solver: Solver,
    f: F,
    span: (f64, f64),
    solution: Tensor<T>,
}

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
    let values: Vec<_> = parameters.iter().map(|p| p.value()).collect();
    let (_, solution) = solver.march(&f, y0.value(), span, &values);
    let inputs: Vec<_> = [y0].iter().chain(parameters).copied().collect();
    TensorVar::record(Box::new(Solved { solver, f, span, solution }), &inputs)
}

impl<F, T> Solved<F, T>
where
    T: Scalar,
    F: for<'s> Fn(f64, TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static,
{
    /// The derivative by time of y, a and θ̄, one after the other in one vector.
    fn slope(&self, t: f64, all: &Tensor<T>, shapes: &[&[usize]], parameters: &[&Tensor<T>]) -> Tensor<T> {
        let tape = Tape::new();
        let n: usize = shapes[0].iter().product();
        let part = |from: usize| Tensor::assemble(all.as_slice()[from..from + n].to_vec(), shapes[0].into());
        let y = tape.tensor(part(0));
        let parameters: Vec<_> = parameters.iter().map(|p| tape.tensor(*p)).collect();
        let f = (self.f)(t, y, &parameters);
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
}

impl<F, T> Step<T> for Solved<F, T>
where
    T: Scalar,
    F: for<'s> Fn(f64, TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static,
{
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
        let shapes: Vec<_> = inputs.iter().map(|input| input.shape()).collect();
        let sizes: usize = inputs[1..].iter().map(|p| p.len()).sum();
        let zeros = std::iter::repeat_n(T::zero(), sizes);
        let start: Vec<T> = y.iter().chain(g.iter()).copied().chain(zeros).collect();
        let slope = |t: f64, all: TensorVar<'_, T>| self.slope(t, &all.value(), &shapes, &inputs[1..]);
        let (first, last) = self.span;
        let backwards = (last, first);
        let f = Numbers(slope);
        let (_, found) =
            self.solver.march(&|t, all, _: &[TensorVar<'_, T>]| f.at(t, all), start.into(), backwards, &[]);
        let mut rest = &found.as_slice()[y.len()..];
        for (i, shape) in shapes.iter().enumerate() {
            let (part, more) = rest.split_at(shape.iter().product());
            rest = more;
            into.give(i, Tensor::assemble(part.to_vec(), (*shape).into()));
        }
    }

    fn pullback<'t>(
        &self,
        _: &[TensorVar<'t, T>],
        _: TensorVar<'t, T>,
        _: TensorVar<'t, T>,
        _: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String> {
        Err("the adjoint equation is not differentiated again; use solve(..), which goes through the steps".into())
    }

    /// It is not run again where values are dropped or replaced: the whole solution would be.
    fn op(&self) -> &dyn Any {
        &Closure
    }
}

/// A function of numbers as one of tensors on a tape of any lifetime.
struct Numbers<G>(G);

impl<G> Numbers<G> {
    fn at<'s, T: Scalar>(&self, t: f64, x: TensorVar<'s, T>) -> TensorVar<'s, T>
    where
        G: for<'a> Fn(f64, TensorVar<'a, T>) -> Tensor<T>,
    {
        x.tape().constant((self.0)(t, x))
    }
}
