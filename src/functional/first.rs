//! First derivatives by one recording: the gradient, products with the Jacobian from the left, its rows.

use super::{Cotangent, check_lengths};
use crate::{Scalar, Tape, Tensor, Var, tape::Keep};

/// The gradient of a function of several numbers: `[∂f/∂x₀, ∂f/∂x₁, ..]`.
///
/// One recording and one sweep, whatever the number of variables. Give a closure: a generic function is passed as
/// `|x| f(x)`. Where the result does not depend on a variable, its derivative is 0.
///
/// ```
/// use gradtape::functional::grad;
/// let gradient = grad(|x| x[0] * x[1] + x[0].powi(3), &[2.0, 5.0]);
/// assert_eq!(gradient, [17.0, 2.0]);
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn grad<T, F>(f: F, x: &[T]) -> Vec<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, T>]) -> Var<'t, T>,
{
    value_and_grad(f, x).1
}

/// The value of a function of several numbers and its [gradient](grad), for the price of one.
///
/// One recording and one sweep. Give a closure: a generic function is passed as `|x| f(x)`.
///
/// ```
/// use gradtape::functional::value_and_grad;
/// fn energy<T: gradtape::num_traits::Float>(x: &[T]) -> T {
///     x.iter().fold(T::zero(), |sum, x| sum + *x * *x)
/// }
/// let (value, gradient) = value_and_grad(|x| energy(x), &[3.0, 4.0]);
/// assert_eq!((value, gradient), (25.0, vec![6.0, 8.0]));
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn value_and_grad<T, F>(f: F, x: &[T]) -> (T, Vec<T>)
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, T>]) -> Var<'t, T>,
{
    let tape = Tape::new();
    let x = tape.vars(x);
    let y = f(&x);
    let mut gradient = vec![T::zero(); x.len()];
    sweep_into(y, &x, &mut gradient);
    (y.value(), gradient)
}

/// The value of a function and the cotangent `w` of its result pulled back to the variables: `wᵀ J`, where
/// `J[i][j] = ∂fᵢ/∂xⱼ`.
///
/// One recording and one sweep, whatever the number of variables and results; the Jacobian is never formed. Give a
/// closure: a generic function is passed as `|x| f(x)`. The value has the form of what the function returns, and `w`
/// says which one that is: a number where it returns one, `[a, b]` where it returns an array, and `&[a, b]`, a slice or
/// a `Vec` where it returns a `Vec`. A weight of 0 hides its result, even where that has an infinite slope.
///
/// ```
/// use gradtape::functional::vjp;
/// let (value, pulled) = vjp(|x| vec![x[0] * x[1], x[0] + x[1]], &[2.0, 5.0], &[1.0, 10.0]);
/// assert_eq!((value, pulled), (vec![10.0, 7.0], vec![15.0, 12.0]));
/// let (value, pulled) = vjp(|x| [x[0] * x[1], x[0] + x[1]], &[2.0, 5.0], [1.0, 0.0]);
/// assert_eq!((value, pulled), ([10.0, 7.0], vec![5.0, 2.0]));
/// let (value, pulled) = vjp(|x| x[0] * x[1], &[2.0, 5.0], 3.0);
/// assert_eq!((value, pulled), (10.0, vec![15.0, 6.0]));
/// ```
///
/// # Panics
/// If the function returns another number of results than `w` has numbers.
#[track_caller]
pub fn vjp<T, W, F>(f: F, x: &[T], w: W) -> (W::Values, Vec<T>)
where
    T: Scalar,
    W: Cotangent<T>,
    F: for<'t> Fn(&[Var<'t, T>]) -> W::Outputs<'t>,
{
    let tape = Tape::new();
    let x = tape.vars(x);
    let y = f(&x);
    let (outputs, weights) = (W::as_list(&y), w.weights());
    check_lengths("vjp", outputs.len(), weights.len(), "the cotangent has one number for each result of the function");
    let sum = outputs.iter().zip(weights).map(|(y, w)| *y * Var::from(*w)).sum();
    let mut pulled = vec![T::zero(); x.len()];
    sweep_into(sum, &x, &mut pulled);
    (W::values(&y), pulled)
}

/// The Jacobian `J[i][j] = ∂fᵢ/∂xⱼ` row by row, for functions of many variables with few results; otherwise
/// [`jacobian`](super::jacobian) is faster.
///
/// One recording, and one sweep for each eight results. The function returns a `Vec`; the shape is `[results,
/// variables]`. Give a closure: a generic function is passed as `|x| f(x)`.
///
/// ```
/// use gradtape::{Tensor, functional::jacobian_reverse};
/// let j = jacobian_reverse(|x| vec![x[0] * x[1] * x[2]], &[2.0, 3.0, 4.0]);
/// assert_eq!(j, Tensor::from([[12.0, 8.0, 6.0]]));
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn jacobian_reverse<T, F>(f: F, x: &[T]) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
{
    let tape = Tape::new();
    let x = tape.vars(x);
    rows(&tape, &x, &f(&x))
}

/// The gradient of each result, row by row.
#[track_caller]
pub(super) fn rows<'t, T: Scalar>(tape: &'t Tape<T>, x: &[Var<'t, T>], y: &[Var<'t, T>]) -> Tensor<T> {
    let mut rows = Tensor::zeros([y.len(), x.len()]);
    // Of no variables there is nothing to chunk by.
    let n = x.len().max(1);
    let numbers = rows.as_mut_slice();
    // Eight rows a sweep, or two, where no tensors were recorded.
    let (done, rest) = tape.gradients_of_leaves::<8>(y, 0, numbers, n);
    let (done, rest) = tape.gradients_of_leaves::<2>(y, done, rest, n);
    for (y, row) in y[done..].iter().zip(rest.chunks_mut(n)) {
        sweep_into(*y, x, row);
    }
    rows
}

/// Writes the gradient of `y`, which is zero where `y` is a constant.
#[track_caller]
pub(super) fn sweep_into<T: Scalar>(y: Var<'_, T>, x: &[Var<'_, T>], gradient: &mut [T]) {
    if y.tape().is_some() {
        let gradients = y.sweep(Keep::Leaves);
        for (gradient, x) in gradient.iter_mut().zip(x) {
            *gradient = gradients.wrt(*x);
        }
    }
}
