//! The same derivatives for functions of tensors, under the same names.
//!
//! A function takes a list of tensors, as in [`GradCheck::check`](crate::gradcheck::GradCheck::check), and gives one
//! tensor. Where it is to be differentiated forward, it is called with tensors of [`Dual`] numbers or of
//! [`Taylor`](crate::Taylor) series: a model that it holds is brought to them by
//! [`Module::convert`](crate::nn::Module::convert).
//!
//! | function | gives | cost |
//! |---|---|---|
//! | [`grad`], [`value_and_grad`] | the gradient | 1 recording, 1 sweep |
//! | [`vjp`] | a cotangent times the Jacobian | 1 recording, 1 sweep |
//! | [`jvp`] | the derivative in one direction | 1 evaluation on dual numbers |
//! | [`jacobian`], [`jacobian_with`] | the Jacobian, by either mode | 1 recording, min(m, 3 n) sweeps |
//! | [`jacobian_forward`] | the same | n/8 evaluations on dual numbers of eight directions |
//! | [`jacobian_sparse`] | a sparse Jacobian | colours times log₈ n evaluations in eight directions |
//! | [`hvp`] | the Hessian times a direction | 1 recording, 1 sweep, on dual numbers |
//! | [`hessian`] | the Hessian | n recordings, n sweeps, on dual numbers |
//! | [`hessian_diagonal`] | its diagonal | n evaluations on series of order 2 |
//! | [`hessian_sparse`] | a sparse Hessian | as many recordings and sweeps in eight directions |
//! | [`laplacian`] | a Laplacian for each row | 1 evaluation on series of order 2 for each column |
//! | [`laplacian_estimate`] | an estimate of it | 1 such evaluation for each sample |
//!
//! for n numbers of the variable and m of the result. Gradients that are to be differentiated again are recorded by
//! [`Tape::gradient`]. A function of numbers that computes with tensors on the way is one for the functions of
//! [`functional`](super).

mod jacobian;
mod second;

pub use jacobian::{jacobian, jacobian_forward, jacobian_sparse, jacobian_with};
pub use second::{hessian, hessian_diagonal, hessian_sparse, laplacian, laplacian_estimate};

use super::check_lengths;
use crate::{Dual, Scalar, Tape, Tensor, TensorVar};

/// The gradient `∂f/∂xᵢ` of a function of tensors that gives one number: for each tensor one of its shape.
///
/// One recording and one sweep, whatever the number of tensors and their sizes. Zeros for a tensor that the result does
/// not depend on.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::grad};
/// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0]));
/// let gradient = grad(|x| x[0].dot(x[1]), &[a.clone(), b.clone()]);
/// assert_eq!(gradient, [b, a]);
/// ```
///
/// # Panics
/// If the result is not one number (rank 0).
#[track_caller]
pub fn grad<T, F>(f: F, x: &[Tensor<T>]) -> Vec<Tensor<T>>
where
    T: Scalar,
    F: for<'t> Fn(&[TensorVar<'t, T>]) -> TensorVar<'t, T>,
{
    value_and_grad(f, x).1
}

/// The value `f(x)` of a function of tensors that gives one number, and its [gradient](grad) `∂f/∂xᵢ`, for each tensor
/// one of its shape.
///
/// One recording and one sweep.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::value_and_grad};
/// let (value, gradient) = value_and_grad(|x| x[0].square().sum(), &[Tensor::from([3.0, 4.0])]);
/// assert_eq!((value, gradient), (25.0, vec![Tensor::from([6.0, 8.0])]));
/// ```
///
/// # Panics
/// If the result is not one number (rank 0).
#[track_caller]
pub fn value_and_grad<T, F>(f: F, x: &[Tensor<T>]) -> (T, Vec<Tensor<T>>)
where
    T: Scalar,
    F: for<'t> Fn(&[TensorVar<'t, T>]) -> TensorVar<'t, T>,
{
    let tape = Tape::new();
    let x = variables(&tape, x);
    let y = f(&x);
    let shape = y.shape();
    assert!(shape.is_empty(), "value_and_grad: {shape:?}: the function gives one number (rank 0)");
    (y.item(), pulled(y, Tensor::scalar(T::one()), &x))
}

/// The value of a function of tensors, and the cotangent `w` of its result pulled back to each tensor: `wᵀ J`.
///
/// One recording and one sweep.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::vjp};
/// let x = Tensor::from([2.0, 3.0]);
/// let (value, pulled) = vjp(|x| x[0].square(), &[x], &Tensor::from([1.0, 10.0]));
/// assert_eq!((value, pulled), (Tensor::from([4.0, 9.0]), vec![Tensor::from([4.0, 60.0])]));
/// ```
///
/// # Panics
/// If `w` has not the shape of the result.
#[track_caller]
pub fn vjp<T, F>(f: F, x: &[Tensor<T>], w: &Tensor<T>) -> (Tensor<T>, Vec<Tensor<T>>)
where
    T: Scalar,
    F: for<'t> Fn(&[TensorVar<'t, T>]) -> TensorVar<'t, T>,
{
    let tape = Tape::new();
    let x = variables(&tape, x);
    let y = f(&x);
    let (of, given) = (y.shape(), w.shape());
    assert!(of == given, "vjp: {of:?} and {given:?}: the cotangent has the shape of the result");
    (y.value(), pulled(y, w.clone(), &x))
}

/// The value of a function of tensors and its derivative in the direction `v`: `J v`.
///
/// One evaluation on tensors of [`Dual`] numbers; nothing is recorded for a sweep.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::jvp};
/// let (x, v) = (Tensor::from([2.0, 3.0]), Tensor::from([1.0, 10.0]));
/// let (value, derivative) = jvp(|x| x[0].square(), &[x], &[v]);
/// assert_eq!((value, derivative), (Tensor::from([4.0, 9.0]), Tensor::from([4.0, 60.0])));
/// ```
///
/// # Panics
/// If `x` and `v` differ in number or shapes.
#[track_caller]
pub fn jvp<T, F>(f: F, x: &[Tensor<T>], v: &[Tensor<T>]) -> (Tensor<T>, Tensor<T>)
where
    T: Scalar,
    F: for<'t> Fn(&[TensorVar<'t, Dual<T>>]) -> TensorVar<'t, Dual<T>>,
{
    let tape = Tape::inference();
    let y = f(&variables(&tape, &duals("jvp", x, v))).value();
    (each(&y, |_, y| y.value), each(&y, |_, y| y.tangent))
}

/// The Hessian of a function of tensors that gives one number, times the direction `v`: for each tensor one of its
/// shape.
///
/// One recording and one sweep on tensors of [`Dual`] numbers (forward over reverse). Where products of matrices are
/// most of the work, as in a network, the gradient recorded by [`Tape::gradient`] and swept again costs a third of
/// that.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::hvp};
/// let (x, v) = (Tensor::from([2.0, 3.0]), Tensor::from([1.0, 10.0]));
/// let product = hvp(|x| x[0].powi(3).sum(), &[x], &[v]);
/// assert_eq!(product, [Tensor::from([12.0, 180.0])]);
/// ```
///
/// # Panics
/// If `x` and `v` differ in number or shapes; if the result is not one number (rank 0).
#[track_caller]
pub fn hvp<T, F>(f: F, x: &[Tensor<T>], v: &[Tensor<T>]) -> Vec<Tensor<T>>
where
    T: Scalar,
    F: for<'t> Fn(&[TensorVar<'t, Dual<T>>]) -> TensorVar<'t, Dual<T>>,
{
    let (_, gradient) = value_and_grad(f, &duals("hvp", x, v));
    gradient.iter().map(|gradient| each(gradient, |_, g| g.tangent)).collect()
}

fn variables<'t, T: Scalar>(tape: &'t Tape<T>, x: &[Tensor<T>]) -> Vec<TensorVar<'t, T>> {
    x.iter().map(|x| tape.tensor(x)).collect()
}

/// A cotangent of `y` pulled back; zeros where `y` depends on no variable.
#[track_caller]
fn pulled<'t, T: Scalar>(y: TensorVar<'t, T>, seed: Tensor<T>, x: &[TensorVar<'t, T>]) -> Vec<Tensor<T>> {
    if !y.needs_gradient() {
        return x.iter().map(|x| Tensor::zeros(x.shape())).collect();
    }
    let gradients = y.backward_with(seed);
    x.iter().map(|x| gradients.wrt(*x)).collect()
}

#[track_caller]
fn duals<T: Scalar>(name: &str, x: &[Tensor<T>], v: &[Tensor<T>]) -> Vec<Tensor<Dual<T>>> {
    check_lengths(name, x.len(), v.len(), "the direction has one tensor for each variable");
    let pairs = x.iter().zip(v).map(|(x, v)| {
        let (of, given) = (x.shape(), v.shape());
        assert!(of == given, "{name}: {of:?} and {given:?}: a direction has the shape of its variable");
        Tensor::assemble(x.iter().zip(v.iter()).map(|(x, v)| Dual::new(*x, *v)).collect(), of.into())
    });
    pairs.collect()
}

/// A number made of each number and its place.
fn each<T: Scalar, U: Scalar>(x: &Tensor<T>, to: impl Fn(usize, &T) -> U) -> Tensor<U> {
    Tensor::assemble(x.iter().enumerate().map(|(at, x)| to(at, x)).collect(), x.shape().into())
}
