//! Jacobians of functions of tensors, in both directions, and sparse ones.

use super::{each, pulled};
use crate::{
    MultiDual, Scalar, Tape, Tensor, TensorVar,
    functional::{Mode, SparseMatrix, probe, recorded::LANES},
    ops::Pushforward,
};

/// The Jacobian of a function of one tensor, `∂f(x)ᵢ/∂xⱼ`: of the shape of the result followed by that of the variable.
///
/// One recording, then the direction that costs less: a sweep for each number of the result, or for each of the
/// variable. See [`jacobian_with`] to choose, and [`jacobian_forward`] for eight columns at once.
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
    jacobian_with(Mode::Auto, f, x)
}

/// A sweep over a recorded gradient goes over about so many times as many operations as one over the function.
const FORWARD_COSTS: usize = 3;

/// As [`jacobian`], in the direction asked for.
///
/// In reverse, a sweep for each of the m numbers of the result. Forward, the gradient is recorded once, and swept once
/// for each of the n numbers of the variable: the sweep of a sweep, which is linear in its cotangent, gives columns.
/// [`Mode::Auto`] goes forward for 3 n < m, where every operation on the way has a second derivative.
///
/// ```
/// use gradtape::{Tensor, functional::{Mode, tensors::jacobian_with}};
/// let x = Tensor::from([0.5, 2.0]);
/// let f = |mode| jacobian_with(mode, |x| x.outer(x.exp()), &x);
/// assert_eq!(f(Mode::Auto).shape(), [2, 2, 2]);
/// approx::assert_relative_eq!(f(Mode::Forward), f(Mode::Reverse), max_relative = 1e-14);
/// ```
///
/// # Panics
/// Where the function does; if [`Mode::Forward`] is asked for and an operation on the way has no second derivative.
#[track_caller]
pub fn jacobian_with<T, F>(mode: Mode, f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, T>) -> TensorVar<'t, T>,
{
    let tape = Tape::new();
    let x = tape.tensor(x);
    let y = f(x);
    let mut result = Tensor::zeros([y.shape(), x.shape()].concat());
    let (m, n) = (y.shape().iter().product::<usize>(), x.shape().iter().product::<usize>());
    let numbers = result.as_mut_slice();
    let forward = match mode {
        Mode::Auto => FORWARD_COSTS * n < m,
        Mode::Forward => true,
        Mode::Reverse => false,
    };
    let unit = |of: &[usize], i: usize| {
        let mut unit = Tensor::zeros(of);
        unit.as_mut_slice()[i] = T::one();
        unit
    };
    if forward {
        match Pushforward::new(y, x) {
            Ok(push) => {
                for j in 0..n {
                    for (i, value) in push.along(unit(x.shape(), j)).iter().enumerate() {
                        numbers[i * n + j] = *value;
                    }
                }
                return result;
            }
            Err(reason) if mode == Mode::Forward => {
                panic!("jacobian_with: {reason}; or use Mode::Reverse, or jacobian_forward, which runs on dual numbers")
            }
            Err(_) => {}
        }
    }
    for (i, row) in numbers.chunks_mut(n.max(1)).enumerate() {
        row.copy_from_slice(pulled(y, unit(y.shape(), i), &[x])[0].as_slice());
    }
    result
}

/// The Jacobian of a function of one tensor as [`jacobian`] gives it, eight columns an evaluation.
///
/// n/8 evaluations (rounded up) on tensors of [`MultiDual`] numbers for the n numbers of x; nothing is recorded for a
/// sweep. For few variables and any number of results.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::jacobian_forward};
/// let j = jacobian_forward(|x| x.square(), &Tensor::from([2.0, 3.0]));
/// assert_eq!(j, Tensor::from([[4.0, 0.0], [0.0, 6.0]]));
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn jacobian_forward<T, F>(f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, MultiDual<T, 8>>) -> TensorVar<'t, MultiDual<T, 8>>,
{
    let n = x.len();
    let mut result: Option<Tensor<T>> = None;
    for first in (0..n.max(1)).step_by(LANES) {
        let y = along(&f, x, |j| std::array::from_fn(|lane| if j == first + lane { T::one() } else { T::zero() }));
        let result = result.get_or_insert_with(|| Tensor::zeros([y.shape(), x.shape()].concat()));
        let columns = first..(first + LANES).min(n);
        for (row, y) in result.as_mut_slice().chunks_mut(n.max(1)).zip(y.iter()) {
            row[columns.clone()].copy_from_slice(&y.tangents[..columns.len()]);
        }
    }
    result.unwrap_or_else(|| Tensor::zeros(x.shape()))
}

/// The Jacobian of a function of one tensor whose results each depend on few numbers of it, of shape `[m, n]` for m
/// numbers of the result and n of the variable, each in the order of their memory.
///
/// Evaluations on tensors of [`MultiDual`] numbers, each in eight directions. The columns that a result depends on are
/// found group by group, from random directions; columns of groups without a common row share a colour. A band of width
/// w costs about w evaluations for each power of eight in n; a full Jacobian a seventh more than [`jacobian_forward`].
/// One result that depends on everything makes it full: leave such results to [`grad`](super::grad). An entry that is
/// 0 at this point is not stored.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::jacobian_sparse};
/// let x = Tensor::linspace(0.0, 1.0, 1000);
/// let j = jacobian_sparse(|x| x.slice(0, 1, 1000, 1) - x.slice(0, 0, 999, 1).square(), &x);
/// assert_eq!((j.shape(), j.stored()), ([999, 1000], 999 + 998)); // the slope of x² at 0 is 0
/// assert_eq!(j.row(999 - 1).collect::<Vec<_>>(), [(998, -2.0 * x.as_slice()[998]), (999, 1.0)]);
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn jacobian_sparse<T, F>(f: F, x: &Tensor<T>) -> SparseMatrix<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, MultiDual<T, 8>>) -> TensorVar<'t, MultiDual<T, 8>>,
{
    let entries = probe::entries(x.len(), |seeds| along(&f, x, |j| seeds[j]).iter().map(|y| y.tangents).collect());
    SparseMatrix::from_entries(&entries, x.len())
}

/// The function along eight directions.
#[track_caller]
fn along<T, F>(f: &F, x: &Tensor<T>, direction: impl Fn(usize) -> [T; LANES]) -> Tensor<MultiDual<T, LANES>>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, MultiDual<T, LANES>>) -> TensorVar<'t, MultiDual<T, LANES>>,
{
    let tape = Tape::inference();
    f(tape.tensor(each(x, |j, x| MultiDual::new(*x, direction(j))))).value()
}
