//! Derivatives of what an equation defines: roots and fixed points, whoever solved for them. The linear systems are
//! solved in `linear`; no rule of an operation stands here.

mod linear;

use crate::{
    Scalar, Shape, Tape, Tensor, TensorVar,
    ops::{Pushforward, recorded_partials},
    tape::{Closure, Cotangents, Slots, Step},
};
use linear::{System, dot, norm, part_by_part};
use std::any::Any;
use std::sync::Arc;

/// An equation `r(y, θ) = 0`, as it runs on any tape.
type Residual<T> =
    Arc<dyn for<'s> Fn(TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static>;

/// Records the solution y of the equation `residual(y, parameters) = 0`, found by any solver, as a function of the
/// parameters.
///
/// The solver is never differentiated. By the implicit function theorem `∂y/∂θ = -(∂r/∂y)⁻¹ ∂r/∂θ`: the cotangent g of
/// y comes back as `-(∂r/∂θ)ᵀ λ` with `(∂r/∂y)ᵀ λ = g`. For up to 256 unknowns that is one recording of the residual, a
/// sweep for each unknown, and an LU factorisation; for more, GMRES with a sweep an iteration (and the factorisation
/// again where that does not converge). Can be differentiated again, to any order ([`Tape::gradient`]): λ is itself the
/// root of an equation. On a tape of numbers with tangents, the solution gets the tangents that the parameters give it,
/// and λ its own: one linear system more for each, with the same matrix of values.
///
/// `residual` runs on tapes of its own: it computes with its arguments and plain numbers, not with tensors of a tape
/// that it captures. It gives as many numbers as y has, in the shape of y.
///
/// ```
/// use gradtape::{Tape, Tensor, implicit};
/// let tape = Tape::new();
/// let a = tape.tensor([2.0, 9.0]);
/// let solution = a.value().map(f64::sqrt); // an opaque solver of y² = a
/// let y = implicit::root(|y, p| y.square() - p[0], solution, &[a]);
/// let slope = tape.gradient(y.sum(), &[a])[0];
/// approx::assert_relative_eq!(slope.value(), Tensor::from([0.5 / 2f64.sqrt(), 0.5 / 3.0]));
/// let curvature = slope.sum().backward().wrt(a); // -1/4 a^(-3/2)
/// approx::assert_relative_eq!(curvature, Tensor::from([-0.25 / 8f64.sqrt(), -0.25 / 27.0]), epsilon = 1e-12);
/// ```
///
/// # Panics
/// If there are no parameters. In the sweep, and on a tape of numbers with tangents already here, if the residual's
/// shape is another than y's, if the solution is not finite, if the derivative of the residual by y is singular there,
/// or if GMRES does not converge for more than 4096 unknowns.
///
/// There too if the solution does not solve the equation, as the gradient would be that of another: if Newton's step
/// from it, `-(∂r/∂y)⁻¹ r`, is longer than ∛ε |y| (or than ∛ε, where y is shorter than 1), with ε the accuracy of the
/// numbers: 6e-6 in `f64`, 5e-3 in `f32`. A residual of the size of rounding errors passes. For more than 256 unknowns
/// the sweep sees only the part of the step that changes what is differentiated, `g·y`.
#[track_caller]
pub fn root<'t, T, F>(residual: F, solution: Tensor<T>, parameters: &[TensorVar<'t, T>]) -> TensorVar<'t, T>
where
    T: Scalar,
    F: for<'s> Fn(TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static,
{
    assert!(!parameters.is_empty(), "root: the equation has no parameters to differentiate by");
    let residual: Residual<T> = Arc::new(residual);
    let solution = match T::IS_PLAIN {
        true => solution,
        false => with_tangents(&residual, solution, parameters),
    };
    TensorVar::record(Box::new(Root { residual, solution, solved_here: false }), parameters)
}

/// Records the fixed point `y = f(y, parameters)`, found by any iteration, as a function of the parameters: the
/// [`root`] of `y - f(y, parameters)`, of the shape of y.
///
/// `∂y/∂θ = (1 - ∂f/∂y)⁻¹ ∂f/∂θ`, at the price that [`root`] says, and to any order. The iteration is never
/// differentiated.
///
/// ```
/// use gradtape::{Tape, implicit};
/// let tape = Tape::new();
/// let a = tape.tensor(0.5);
/// let mut y = 0.7;
/// for _ in 0..200 {
///     y = f64::cos(a.item() * y);
/// }
/// let fixed = implicit::fixed_point(|y, p| (p[0] * y).cos(), y.into(), &[a]);
/// // From y = cos(a y): y' = -sin(a y) (y + a y').
/// let s = f64::sin(0.5 * y);
/// assert!((fixed.backward().wrt(a).item() + s * y / (1.0 + 0.5 * s)).abs() < 1e-12);
/// ```
///
/// # Panics
/// As [`root`].
#[track_caller]
pub fn fixed_point<'t, T, F>(f: F, solution: Tensor<T>, parameters: &[TensorVar<'t, T>]) -> TensorVar<'t, T>
where
    T: Scalar,
    F: for<'s> Fn(TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static,
{
    root(move |y, parameters| y - f(y, parameters), solution, parameters)
}

struct Root<T: 'static> {
    residual: Residual<T>,
    solution: Tensor<T>,
    /// Not by a solver of the user's, so that nobody asks whether it is right.
    solved_here: bool,
}

/// The residual recorded at a point, on a tape of its own.
struct At<'s, T: 'static> {
    y: TensorVar<'s, T>,
    parameters: Vec<TensorVar<'s, T>>,
    residual: TensorVar<'s, T>,
}

impl<'s, T: Scalar> At<'s, T> {
    fn new(tape: &'s Tape<T>, residual: &Residual<T>, y: &Tensor<T>, parameters: &[&Tensor<T>]) -> Self {
        let y = tape.tensor(y);
        let parameters: Vec<_> = parameters.iter().map(|p| tape.tensor(*p)).collect();
        let residual = residual(y, &parameters);
        let (of, given) = (y.shape(), residual.shape());
        assert!(of == given, "root: {of:?} and {given:?}: the equation has another shape than its unknown");
        At { y, parameters, residual }
    }

    /// `wᵀ ∂r/∂y`.
    fn pull_to_y(&self, w: Tensor<T>) -> Tensor<T> {
        match self.residual.needs_gradient() {
            true => self.residual.backward_with(w).wrt(self.y),
            false => Tensor::zeros(self.y.shape()),
        }
    }
}

/// `wᵀ ∂r/∂y` and `wᵀ ∂r/∂θ` for every parameter, recorded.
fn partials<'t, T: Scalar>(
    residual: &Residual<T>,
    y: TensorVar<'t, T>,
    parameters: &[TensorVar<'t, T>],
    w: TensorVar<'t, T>,
) -> Result<Vec<TensorVar<'t, T>>, String> {
    let all: Vec<_> = [y].iter().chain(parameters).copied().collect();
    Ok(recorded_partials(|x| residual(x[0], &x[1..]), &all, w)?.1)
}

/// λ with `(∂r/∂y)ᵀ λ = g`; with a look at the solution, where asked for.
fn adjoint<T: Scalar>(at: &At<'_, T>, g: &Tensor<T>, solved_here: bool) -> Tensor<T> {
    if !solved_here {
        check_finite(&at.y.value());
    }
    let pull = |w: &[f64]| reals(&at.pull_to_y(numbers(w, g.shape())));
    let system = System::new::<T>(g.len(), Some(&pull), None);
    let lambda =
        part_by_part(&system, 0, Tensor::zeros(g.shape()), g.clone(), |lambda| g - at.pull_to_y(lambda.clone()));
    let residual = reals(&at.residual.value());
    if !solved_here && norm(&reals(g)) > 0.0 && !is_rounding(&residual, &pull, &at.y.value()) {
        // The step changes g·y by -λ·r, so that it is at least this long.
        let least = || dot(&reals(&lambda), &residual).abs() / norm(&reals(g));
        check_step(system.size_of_transposed_solution(&residual).unwrap_or_else(least), &at.y.value());
    }
    lambda
}

fn check_finite<T: Scalar>(solution: &Tensor<T>) {
    if let Some(y) = solution.iter().find(|y| !y.real().is_finite()) {
        let y = y.real();
        panic!("root: {:?}: the solution holds a number that is not finite, {y}: the solver failed", solution.shape());
    }
}

/// Whether a residual is as large as rounding the solution makes it, which an ill-conditioned system makes a long step
/// of; the size of ∂r/∂y is judged by what it makes of the residual.
fn is_rounding<T: Scalar>(residual: &[f64], pull: linear::Product<'_>, solution: &Tensor<T>) -> bool {
    if residual.iter().all(|r| *r == 0.0) {
        return true;
    }
    let rounding = 1000.0 * T::epsilon().real() * norm(&reals(solution)) * norm(&pull(residual));
    dot(residual, residual) <= rounding
}

/// Whether a solution solves the equation, from the length of Newton's step from it.
fn check_step<T: Scalar>(step: f64, solution: &Tensor<T>) {
    let size = norm(&reals(solution));
    let allowed = T::epsilon().real().cbrt() * size.max(1.0);
    if step > allowed {
        panic!(
            "root: {:?}: the solution does not solve the equation: Newton's step from it has length {step:.1e}, more \
             than {allowed:.1e}, where the solution has length {size:.1e}; a gradient there is that of no root",
            solution.shape()
        );
    }
}

/// The solution with the tangents that the parameters give it: those of one order after the other, by a linear system
/// with the values of ∂r/∂y.
fn with_tangents<T: Scalar>(residual: &Residual<T>, solution: Tensor<T>, parameters: &[TensorVar<'_, T>]) -> Tensor<T> {
    let values: Vec<_> = parameters.iter().map(|p| p.value()).collect();
    let values: Vec<_> = values.iter().collect();
    let left = |y: &Tensor<T>| -At::new(&Tape::new(), residual, y, &values).residual.value();
    let tape = Tape::new();
    let at = At::new(&tape, residual, &solution, &values);
    let shape = solution.shape();
    check_finite(&solution);
    let pull = |w: &[f64]| reals(&at.pull_to_y(numbers(w, shape)));
    // Where a rule on the way has no second derivative, the matrix is written out, as it is for few unknowns.
    let pushforward = match solution.len() > linear::DENSE {
        true => Pushforward::new(at.residual, at.y).ok(),
        false => None,
    };
    let push = pushforward.as_ref().map(|push| |v: &[f64]| reals(&push.along(numbers(v, shape))));
    let system = System::new::<T>(solution.len(), push.as_ref().map(|push| push as linear::Product<'_>), Some(&pull));
    let start = -at.residual.value();
    let has_tangents = |left: &T| (1..T::PARTS).any(|part| left.part(part) != 0.0);
    let residual = reals(&start);
    if start.iter().any(has_tangents) && !is_rounding(&residual, &pull, &solution) {
        check_step(system.size_of_solution(&residual), &solution);
    }
    part_by_part(&system, 1, solution.clone(), start, left)
}

/// Plain numbers as those of a tape.
fn numbers<T: Scalar>(values: &[f64], shape: &[usize]) -> Tensor<T> {
    Tensor::assemble(values.iter().map(|value| T::lit(*value)).collect(), shape.into())
}

/// The values of numbers with tangents.
fn reals<T: Scalar>(x: &Tensor<T>) -> Vec<f64> {
    x.iter().map(|x| x.real()).collect()
}

impl<T: Scalar> Step<T> for Root<T> {
    fn name(&self) -> &'static str {
        "root"
    }

    fn shape(&self, _: &[&[usize]]) -> Result<Shape, String> {
        Ok(self.solution.shape().into())
    }

    fn value(&self, _: &[&Tensor<T>]) -> Option<Tensor<T>> {
        Some(self.solution.clone())
    }

    fn accumulate(&self, inputs: &[&Tensor<T>], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let tape = Tape::new();
        let at = At::new(&tape, &self.residual, y, inputs);
        let gradients = at.residual.backward_with(-adjoint(&at, &g, self.solved_here));
        for (i, parameter) in at.parameters.iter().enumerate().filter(|(i, _)| into.wants(*i)).collect::<Vec<_>>() {
            into.give(i, gradients.wrt(*parameter));
        }
    }

    fn pullback<'t>(
        &self,
        inputs: &[TensorVar<'t, T>],
        y: TensorVar<'t, T>,
        g: TensorVar<'t, T>,
        needs: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String> {
        let values: Vec<_> = inputs.iter().map(|input| input.value()).collect();
        let lambda = {
            let tape = Tape::new();
            let at = At::new(&tape, &self.residual, &y.value(), &values.iter().collect::<Vec<_>>());
            adjoint(&at, &g.value(), self.solved_here)
        };
        // λ is the root of (∂r/∂y)ᵀ λ - g, an equation with the parameters y, g and θ.
        let residual = self.residual.clone();
        let equation: Residual<T> = Arc::new(move |lambda, all| {
            let pulled = partials(&residual, all[0], &all[2..], lambda);
            pulled.unwrap_or_else(|reason| panic!("root: {reason}"))[0] - all[1]
        });
        let all: Vec<_> = [y, g].into_iter().chain(inputs.iter().copied()).collect();
        let lambda =
            TensorVar::record(Box::new(Root { residual: equation, solution: lambda, solved_here: true }), &all);
        let cotangents = partials(&self.residual, y, inputs, -lambda)?;
        Ok(cotangents[1..].iter().zip(needs).map(|(cotangent, needs)| needs.then_some(*cotangent)).collect())
    }

    /// It cannot be run again with other parameters: the solver is not known.
    fn op(&self) -> &dyn Any {
        &Closure
    }
}
