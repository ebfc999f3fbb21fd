//! The functional interface: derivatives of functions of several numbers, without a tape in sight. Derivatives of
//! single operations stand in `ops`.
//!
//! One family under one naming, for three kinds of functions:
//!
//! - of **one number**, `|x| x.sin()`: [`derivatives`] of any order at once;
//! - of a **slice of numbers**, `|x| x[0] * x[1]`: the table below;
//! - of **tensors**, `|x| x[0].matmul(x[1]).sum()`: the same names in [`tensors`].
//!
//! | function | gives | cost |
//! |---|---|---|
//! | [`grad`], [`value_and_grad`] | the gradient | 1 recording, 1 sweep |
//! | [`vjp`] | a row of numbers times the Jacobian | 1 recording, 1 sweep |
//! | [`jvp`] | the derivative in one direction | 1 evaluation on dual numbers |
//! | [`jacobian`] | the Jacobian | n evaluations on dual numbers |
//! | [`jacobian_forward`] | the same | n/8 evaluations on dual numbers of eight directions |
//! | [`jacobian_reverse`] | the same | 1 recording, m/8 sweeps |
//! | [`hvp`] | the Hessian times a vector | 1 recording, 1 sweep, on dual numbers |
//! | [`hessian`] | the Hessian | n recordings, n sweeps, on dual numbers |
//! | [`hessian_diagonal`] | its diagonal | n evaluations on dual numbers of dual numbers |
//! | [`jacobian_with`] | the Jacobian by the cheaper mode | 1 recording, min(n, m)/8 sweeps of eight lanes |
//! | [`jacobian_sparse`] | a sparse Jacobian | 1 recording, colours/8 sweeps of eight lanes |
//! | [`hessian_sparse`] | a sparse Hessian | 1 + colours/8 recordings and sweeps of eight lanes |
//! | [`laplacian`] | the sum of the Hessian's diagonal | n evaluations on series of order 2 |
//! | [`laplacian_estimate`] | an estimate of it | 1 evaluation on series of order 2 for each sample |
//! | [`derivatives`], [`directional_derivatives`] | derivatives of order 1 to K | 1 evaluation on series |
//! | [`mixed_partial`] | a derivative by several variables | at most 2ᴷ⁻¹ evaluations on series |
//!
//! for n variables and m results. All take a closure over a slice of numbers, `f64` or `f32` (or numbers with
//! tangents). It may compute with tensors on the way ([`TensorVar::stack_vars`](crate::TensorVar::stack_vars) and
//! [`TensorVar::at`](crate::TensorVar::at)) where it is given [`Var`](crate::Var).
//!
//! # Forward or reverse
//!
//! The type of number that a closure is given says which way it is differentiated, so that the choice between
//! evaluations on dual numbers and a recording is one of the function's name: [`jacobian_forward`] for up to a few
//! dozen variables, [`jacobian_reverse`] for few results. [`jacobian_with`] and [`jacobian_sparse`] choose by the shape
//! on one recording, and so does [`tensors::jacobian`]; [`Mode`] overrides it. For a loop that takes the same
//! derivative again and again, [`Gradient`] keeps its tape.
//!
//! # Give a closure
//!
//! A generic function is passed as `|x| f(x)`, not by its name: where a tape is recorded, the function is called with
//! [`Var`](crate::Var) of that tape, and a name alone would stand for one tape. (What runs on [`Dual`] alone,
//! without a tape, takes the name as well.) So there are three ways to write a function:
//!
//! - a closure in the call itself, `hessian(|x| x[0] * x[0], &p)`; behind a `let` the compiler could not tell its type;
//! - a generic `fn f<T: Float>(x: &[T]) -> T`, given as `|x| f(x)`;
//! - a function of the very type, `fn f<'t>(x: &[Var<'t, f64>]) -> Var<'t, f64>` for [`grad`], over
//!   `Var<'t, Dual<f64>>` for [`hessian`], given as `|x| f(x)`.
//!
//! A sum begins with its first term, `let mut e = x[0] * x[0];`, or is folded from it; a number that begins as `0.0` is
//! no number of the tape and cannot take one up. Generic code begins with `T::zero()`. Code generic over
//! [`num_traits::Float`] runs on all of them. What `Float` does not have, such as `lgamma`, `erf` and `sigmoid`,
//! generic code reaches by a formula, and has the bound `T: Float + Operand`:
//!
//! ```
//! use gradtape::{Operand, elementwise, functional::grad, num_traits::Float};
//!
//! #[elementwise]
//! fn ln_gamma<T>(x: T) -> T {
//!     lgamma(x)
//! }
//!
//! fn ln_beta<T: Float + Operand>(a: T, b: T) -> T {
//!     ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
//! }
//!
//! assert!((ln_beta(2.0, 3.0) - f64::ln(1.0 / 12.0)).abs() < 1e-14);
//! assert!((grad(|x| ln_beta(x[0], x[1]), &[2.0, 3.0])[0] + 13.0 / 12.0).abs() < 1e-14);
//! ```
//!
//! In closures, comparisons are by value and literals are `f64`.
//!
//! ```
//! use gradtape::functional::{hessian, hvp, jacobian, value_and_grad};
//! use gradtape::Tensor;
//!
//! fn rosenbrock<T: gradtape::num_traits::Float>(x: &[T]) -> T {
//!     let (one, hundred) = (T::one(), T::from(100.0).unwrap());
//!     (one - x[0]).powi(2) + hundred * (x[1] - x[0].powi(2)).powi(2)
//! }
//!
//! let (value, gradient) = value_and_grad(|x| rosenbrock(x), &[1.0, 2.0]);
//! assert_eq!((value, gradient), (100.0, vec![-400.0, 200.0]));
//! let h = hessian(|x| rosenbrock(x), &[1.0, 2.0]);
//! assert_eq!(h, Tensor::from([[402.0, -400.0], [-400.0, 200.0]]));
//! let hv = hvp(|x| rosenbrock(x), &[1.0, 2.0], &[1.0, 0.0]); // never forms the Hessian
//! assert_eq!(hv, [402.0, -400.0]);
//! let j = jacobian(|x| vec![x[0] * x[1], x[0].powi(2)], &[1.0, 2.0]);
//! assert_eq!(j, Tensor::from([[2.0, 1.0], [2.0, 0.0]]));
//! ```

mod color;
mod dependence;
mod first;
mod forms;
mod forward;
mod gradient;
mod hessian_sparse;
mod probe;
mod recorded;
mod second;
mod sparse;
mod sparse_matrix;
mod taylor;
pub mod tensors;

pub use first::{grad, jacobian_reverse, value_and_grad, vjp};
pub use forms::{Cotangent, Outputs};
pub use forward::{jacobian, jacobian_forward, jvp};
pub use gradient::Gradient;
pub use hessian_sparse::hessian_sparse;
pub use second::{hessian, hessian_diagonal, hvp};
pub use sparse::{Mode, jacobian_sparse, jacobian_sparse_with, jacobian_with};
pub use sparse_matrix::SparseMatrix;
pub use taylor::{Estimate, derivatives, directional_derivatives, laplacian, laplacian_estimate, mixed_partial};

use crate::{Dual, Scalar};

/// Stops where two lists of numbers that belong together differ in length.
#[track_caller]
fn check_lengths(name: &str, of: usize, given: usize, reason: &str) {
    assert!(of == given, "{name}: [{of}] and [{given}]: {reason}");
}

/// The numbers with a tangent of 1 on variable `j` alone.
fn along_axis<T: Scalar>(x: &[T], j: usize) -> Vec<Dual<T>> {
    let tangent = |i| if i == j { T::one() } else { T::zero() };
    x.iter().enumerate().map(|(i, x)| Dual::new(*x, tangent(i))).collect()
}
