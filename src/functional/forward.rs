//! First derivatives by dual numbers: in one direction, and the Jacobian, one column or eight at a time. No tape.

use super::{Outputs, along_axis, check_lengths};
use crate::{Dual, MultiDual, Scalar, Tensor};

/// The value of a function and its derivative in the direction `v`: `J v`, where `J[i][j] = ∂fᵢ/∂xⱼ`.
///
/// One evaluation on [`Dual`] numbers, without a tape; the Jacobian is never formed. Give a closure: a generic function
/// is passed as `|x| f(x)`. It may return one number, an array or a `Vec`: value and derivative have the same form.
///
/// ```
/// use gradtape::functional::jvp;
/// let (value, derivative) = jvp(|x| x[0] * x[1], &[2.0, 5.0], &[1.0, 0.0]);
/// assert_eq!((value, derivative), (10.0, 5.0));
/// let (value, derivative) = jvp(|x| [x[0] * x[1], x[0] + x[1]], &[2.0, 5.0], &[1.0, 10.0]);
/// assert_eq!((value, derivative), ([10.0, 7.0], [25.0, 11.0]));
/// ```
///
/// # Panics
/// If `x` and `v` differ in length.
#[track_caller]
pub fn jvp<T, F, Y>(f: F, x: &[T], v: &[T]) -> (Y::Values, Y::Values)
where
    T: Scalar,
    F: Fn(&[Dual<T>]) -> Y,
    Y: Outputs<T>,
{
    check_lengths("jvp", x.len(), v.len(), "the direction has one number for each variable");
    let x: Vec<_> = x.iter().zip(v).map(|(x, v)| Dual::new(*x, *v)).collect();
    f(&x).into_parts()
}

/// The Jacobian of a function: `J[i][j] = ∂fᵢ/∂xⱼ`.
///
/// One evaluation on [`Dual`] numbers for each variable, without a tape; for many variables and few results see
/// [`jacobian_reverse`](super::jacobian_reverse). Give a closure: a generic function is passed as `|x| f(x)`. It may
/// return an array or a `Vec`, for the shape `[results, variables]`, or one number, for the shape `[variables]`.
///
/// ```
/// use gradtape::{Tensor, functional::jacobian};
/// let polar = |r: f64, angle: f64| jacobian(|x| [x[0] * x[1].cos(), x[0] * x[1].sin()], &[r, angle]);
/// assert_eq!(polar(2.0, 0.0), Tensor::from([[1.0, 0.0], [0.0, 2.0]]));
/// ```
///
/// # Panics
/// If the function returns another number of results at the same point when it is called again.
#[track_caller]
pub fn jacobian<T, F, Y>(f: F, x: &[T]) -> Tensor<T>
where
    T: Scalar,
    F: Fn(&[Dual<T>]) -> Y,
    Y: Outputs<T>,
{
    let n = x.len();
    // The first column also says how many rows there are; a function of no variables is called to learn that.
    let first = f(&along_axis(x, 0));
    let m = first.as_list().len();
    let shape: &[usize] = if Y::IS_ONE { &[n] } else { &[m, n] };
    let mut result = Tensor::zeros(shape);
    let numbers = result.as_mut_slice();
    for j in 0..n {
        let next;
        let column = if j == 0 {
            first.as_list()
        } else {
            next = f(&along_axis(x, j));
            next.as_list()
        };
        check_lengths("jacobian", m, column.len(), "the function returned more results at one call than at another");
        for (i, y) in column.iter().enumerate() {
            numbers[i * n + j] = y.tangent;
        }
    }
    result
}

/// The Jacobian `J[i][j] = ∂fᵢ/∂xⱼ` of shape `[results, variables]`, eight columns an evaluation.
///
/// n/8 evaluations on [`MultiDual`] numbers (rounded up) for n variables, without a tape: the fastest way for up to a
/// few dozen variables, and for as many results as one likes. Give a closure: a generic function is passed as `|x|
/// f(x)`.
///
/// ```
/// use gradtape::{Tensor, functional::jacobian_forward};
/// let j = jacobian_forward(|x| vec![x[0] * x[1], x[0].exp()], &[0.0, 5.0]);
/// assert_eq!(j, Tensor::from([[5.0, 0.0], [1.0, 0.0]]));
/// ```
///
/// # Panics
/// If the function returns another number of results at the same point when it is called again.
#[track_caller]
pub fn jacobian_forward<T, F>(f: F, x: &[T]) -> Tensor<T>
where
    T: Scalar,
    F: Fn(&[MultiDual<T, 8>]) -> Vec<MultiDual<T, 8>>,
{
    let n = x.len();
    let mut point: Vec<_> = x.iter().map(|x| MultiDual::constant(*x)).collect();
    let mut result: Option<Tensor<T>> = None;
    for first in (0..n.max(1)).step_by(8) {
        let columns = first..(first + 8).min(n);
        for j in columns.clone() {
            point[j] = MultiDual::variable(x[j], j - first);
        }
        let y = f(&point);
        let result = result.get_or_insert_with(|| Tensor::zeros([y.len(), n]));
        let why = "the function returned more results at one call than at another";
        check_lengths("jacobian_forward", result.shape()[0], y.len(), why);
        let rows = result.as_mut_slice().chunks_mut(n.max(1));
        for (row, y) in rows.zip(&y) {
            row[columns.clone()].copy_from_slice(&y.tangents[..columns.len()]);
        }
        for j in columns {
            point[j] = MultiDual::constant(x[j]);
        }
    }
    result.unwrap_or_else(|| Tensor::zeros([0, n]))
}
