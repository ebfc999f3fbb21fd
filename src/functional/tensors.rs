//! The same derivatives for functions of tensors, under the same names.
//!
//! A function takes a list of tensors, as in [`GradCheck::check`](crate::gradcheck::GradCheck::check), and gives one
//! tensor. Where it is to be differentiated forward, it is called with tensors of [`Dual`] numbers or of [`Taylor`]
//! series: a model that it holds is brought to them by [`Module::convert`](crate::nn::Module::convert).
//!
//! | function | gives | cost |
//! |---|---|---|
//! | [`grad`], [`value_and_grad`] | the gradient | 1 recording, 1 sweep |
//! | [`vjp`] | a cotangent times the Jacobian | 1 recording, 1 sweep |
//! | [`jvp`] | the derivative in one direction | 1 evaluation on dual numbers |
//! | [`jacobian`] | the Jacobian | 1 recording, a sweep for each number of the result |
//! | [`hvp`] | the Hessian times a direction | 1 recording, 1 sweep, on dual numbers |
//! | [`hessian`] | the Hessian | as many of these as there are variables |
//! | [`laplacian`] | a Laplacian for each row | 1 evaluation on series of order 2 for each column |
//! | [`laplacian_estimate`] | an estimate of it | 1 such evaluation for each sample |
//!
//! Gradients that are to be differentiated again are recorded by [`Tape::gradient`].

use super::{Estimate, check_lengths, taylor};
use crate::{Dual, Scalar, Tape, Taylor, Tensor, TensorVar};

/// The gradient of a function of tensors that gives one number: for each tensor one of its shape.
///
/// One recording and one sweep.
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

/// The value of a function of tensors that gives one number, and its [gradient](grad), for the price of one.
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
    (each(&y, |y| y.value), each(&y, |y| y.tangent))
}

/// The Hessian of a function of tensors that gives one number, times the direction `v`: for each tensor one of its
/// shape.
///
/// One recording and one sweep on tensors of [`Dual`] numbers (forward over reverse).
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
    gradient.iter().map(|gradient| each(gradient, |g| g.tangent)).collect()
}

/// The Jacobian of a function of one tensor: of the shape of the result followed by that of the variable.
///
/// One recording and one sweep for each number of the result.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::jacobian};
/// let w = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(jacobian(|x| x.tape().constant(&w).matmul(x), &Tensor::from([5.0, 6.0])), w);
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn jacobian<T, F>(f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, T>) -> TensorVar<'t, T>,
{
    let tape = Tape::new();
    let x = tape.tensor(x);
    let y = f(x);
    let mut seed = Tensor::zeros(y.shape());
    let (m, n) = (seed.len(), x.value().len());
    let mut rows = Tensor::zeros([y.shape(), x.shape()].concat());
    for (i, row) in rows.as_mut_slice().chunks_mut(n.max(1)).enumerate().take(m) {
        seed.as_mut_slice()[i] = T::one();
        row.copy_from_slice(pulled(y, seed.clone(), &[x])[0].as_slice());
        seed.as_mut_slice()[i] = T::zero();
    }
    rows
}

/// The Hessian of a function of one tensor that gives one number: of the shape of the variable twice.
///
/// A recording and a sweep on tensors of [`Dual`] numbers for each number of the variable.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::hessian};
/// let h = hessian(|x| x.prod(), &Tensor::from([2.0, 3.0, 4.0]));
/// assert_eq!(h, Tensor::from([[0.0, 4.0, 3.0], [4.0, 0.0, 2.0], [3.0, 2.0, 0.0]]));
/// ```
///
/// # Panics
/// If the result is not one number (rank 0).
#[track_caller]
pub fn hessian<T, F>(f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Dual<T>>) -> TensorVar<'t, Dual<T>>,
{
    let mut rows = Tensor::zeros([x.shape(), x.shape()].concat());
    let mut v = Tensor::zeros(x.shape());
    for (i, row) in rows.as_mut_slice().chunks_mut(x.len().max(1)).enumerate() {
        v.as_mut_slice()[i] = T::one();
        let product = hvp(|x| f(x[0]), std::slice::from_ref(x), std::slice::from_ref(&v));
        row.copy_from_slice(product[0].as_slice());
        v.as_mut_slice()[i] = T::zero();
    }
    rows
}

/// The Laplacian `Σⱼ ∂²f/∂xⱼ²` by the last axis, for each row of `x`: of the shape of the function's result.
///
/// The function treats rows independently, as a network does: `[rows, variables]` to `[rows]` or `[rows, outputs]`.
/// One evaluation on tensors of [`Taylor`] series of order 2 for each variable; nothing is recorded for a sweep. With
/// plain weights a product of matrices costs three plain ones.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::laplacian};
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// let values = laplacian(|x| x.powi(3).sum_axis(1, false), &x);
/// assert_eq!(values, Tensor::from([18.0, 42.0]));
/// ```
///
/// # Panics
/// If `x` has no axis.
#[track_caller]
pub fn laplacian<T, F>(f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Taylor<T, 2>>) -> TensorVar<'t, Taylor<T, 2>>,
{
    let n = columns("laplacian", x);
    let mut sum: Option<Tensor<T>> = None;
    for j in 0..n {
        let second = second_derivative(&f, x, |at| if at % n == j { T::one() } else { T::zero() });
        sum = Some(match sum {
            Some(sum) => sum + second,
            None => second,
        });
    }
    sum.unwrap_or_else(|| Tensor::zeros(second_derivative(&f, x, |_| T::zero()).shape()))
}

/// The mean over all numbers of the result of the [`laplacian`], from random directions: independent signs for every
/// number of `x` and every sample.
///
/// One evaluation on tensors of [`Taylor`] series of order 2 for each sample, however many variables there are. See
/// [`laplacian_estimate`](super::laplacian_estimate).
///
/// ```
/// use gradtape::{Rng, Tensor, functional::tensors::laplacian_estimate};
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// let estimate = laplacian_estimate(|x| x.powi(3).sum_axis(1, false), &x, 2, &mut Rng::new(7));
/// assert_eq!((estimate.mean, estimate.standard_error), (30.0, 0.0));
/// ```
///
/// # Panics
/// If `x` has no axis, or `samples` is 0.
#[track_caller]
pub fn laplacian_estimate<T, F, R>(f: F, x: &Tensor<T>, samples: usize, rng: &mut R) -> Estimate<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Taylor<T, 2>>) -> TensorVar<'t, Taylor<T, 2>>,
    R: rand::Rng + ?Sized,
{
    columns("laplacian_estimate", x);
    assert!(samples > 0, "laplacian_estimate: takes at least one sample");
    let sample = |_| {
        let signs: Vec<T> = (0..x.len()).map(|_| taylor::random_sign(rng)).collect();
        second_derivative(&f, x, |at| signs[at]).mean().item()
    };
    taylor::estimate(&(0..samples).map(sample).collect::<Vec<_>>())
}

#[track_caller]
fn columns<T: Scalar>(name: &str, x: &Tensor<T>) -> usize {
    match x.shape().last() {
        Some(n) => *n,
        None => panic!("{name}: []: the variables stand along the last axis"),
    }
}

/// `d²/dt² f(x + t v)`.
#[track_caller]
fn second_derivative<T, F>(f: &F, x: &Tensor<T>, v: impl Fn(usize) -> T) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Taylor<T, 2>>) -> TensorVar<'t, Taylor<T, 2>>,
{
    let tape = Tape::inference();
    let numbers = x.iter().enumerate().map(|(at, x)| Taylor::along(*x, v(at))).collect();
    let y = f(tape.tensor(Tensor::assemble(numbers, x.shape().into()))).value();
    each(&y, |y| y.derivative(2))
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

fn each<T: Scalar, U: Scalar>(x: &Tensor<T>, part: impl Fn(&T) -> U) -> Tensor<U> {
    Tensor::assemble(x.iter().map(part).collect(), x.shape().into())
}
