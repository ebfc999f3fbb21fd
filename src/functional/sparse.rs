//! Sparse derivatives, and dense Jacobians by either mode: the function is recorded once, and swept as often as the
//! pattern of its derivative asks for. How sweeps run stands in `recorded`, how they are shared in `color`.

use super::{
    color::{Coloring, columns_apart, transposed},
    first::{rows, sweep_into},
    probe,
    recorded::{LANES, Recorded, number},
    sparse_matrix::SparseMatrix,
};
use crate::{Scalar, Tape, Tensor, Var, tape::Rows};

/// In which direction a Jacobian is swept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The one that takes fewer sweeps.
    #[default]
    Auto,
    /// Tangents from the variables: a sweep for each variable, or for each colour of columns.
    Forward,
    /// Cotangents from the results: a sweep for each result, or for each colour of rows.
    Reverse,
}

/// Why there is no forward sweep.
const NOT_FORWARD: &str = "the function computes with tensors, through which a tape has no forward sweep: use \
                           Mode::Reverse or Mode::Auto, or dual numbers (jacobian_forward, \
                           functional::tensors::jacobian_sparse)";

/// The Jacobian `J[i][j] = ∂fᵢ/∂xⱼ` of shape `[results, variables]`, swept in the direction that costs less, or in the
/// one asked for.
///
/// One recording; then min(n, m)/8 sweeps for n variables and m results, each of eight tangents or cotangents at once.
/// Give a closure: a generic function is passed as `|x| f(x)`. See [`jacobian`](super::jacobian) for the same on dual
/// numbers without a tape. A function that computes with tensors on the way
/// ([`stack_vars`](crate::TensorVar::stack_vars), [`at`](crate::TensorVar::at)) is swept from its results, one a sweep.
///
/// ```
/// use gradtape::{Tensor, functional::{Mode, jacobian_with}};
/// let f = |mode| jacobian_with(mode, |x| vec![x[0] * x[1], x[0] + x[1].exp()], &[2.0, 0.0]);
/// assert_eq!(f(Mode::Auto), Tensor::from([[0.0, 2.0], [1.0, 1.0]]));
/// assert_eq!(f(Mode::Forward), f(Mode::Reverse));
/// ```
///
/// # Panics
/// Where the function does; if it computes with tensors and [`Mode::Forward`] is asked for.
#[track_caller]
pub fn jacobian_with<T, F>(mode: Mode, f: F, x: &[T]) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
{
    let tape = Tape::new();
    let x = tape.vars(x);
    let y = f(&x);
    let (m, n) = (y.len(), x.len());
    let Some(recorded) = Recorded::new(&tape, n, &y) else {
        assert!(mode != Mode::Forward, "jacobian_with: {NOT_FORWARD}");
        return rows(&tape, &x, &y);
    };
    let forward = match mode {
        Mode::Auto => n <= m,
        Mode::Forward => true,
        Mode::Reverse => false,
    };
    let passes = match forward {
        true => recorded.forward(&Coloring::all_different(n)),
        false => recorded.reverse(&Coloring::all_different(m)),
    };
    let mut result = Tensor::zeros([m, n]);
    for (at, entry) in result.as_mut_slice().iter_mut().enumerate() {
        let (i, j) = (at / n, at % n);
        *entry = if forward { number(&passes, i, j as u32) } else { number(&passes, j, i as u32) };
    }
    result
}

/// The Jacobian `J[i][j] = ∂fᵢ/∂xⱼ` of a function whose results each depend on few variables.
///
/// The function is recorded once. Which result depends on which variable is read from the tape; columns without a
/// common row (or rows without a common column, where that takes fewer) share a colour, and eight colours a sweep. So a
/// banded Jacobian of any size costs one recording and a sweep for each eight of its diagonals. Results that all lie
/// behind one long common computation take longer to trace: the time of the tape for each.
///
/// Through tensors on the way ([`stack_vars`](crate::TensorVar::stack_vars), [`at`](crate::TensorVar::at)) no
/// dependence is traced; there, rows are found group by group from sweeps with random cotangents, a few dozen of them
/// for a banded Jacobian of thousands. Then an entry that is 0 at this point is not stored. Functions of tensors:
/// [`tensors::jacobian_sparse`](super::tensors::jacobian_sparse).
///
/// Give a closure: a generic function is passed as `|x| f(x)`. Curtis, Powell and Reid, 1974; Gebremedhin, Manne and
/// Pothen, 2005.
///
/// ```
/// use gradtape::functional::jacobian_sparse;
/// let x: Vec<f64> = (0..1000).map(|i| 0.01 * i as f64).collect();
/// let j = jacobian_sparse(|x| x.windows(2).map(|pair| pair[1] - pair[0].powi(2)).collect(), &x);
/// assert_eq!(j.shape(), [999, 1000]);
/// assert_eq!(j.stored(), 2 * 999);
/// assert_eq!(j.row(500).collect::<Vec<_>>(), [(500, -10.0), (501, 1.0)]);
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn jacobian_sparse<T, F>(f: F, x: &[T]) -> SparseMatrix<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
{
    jacobian_sparse_with(Mode::Auto, f, x)
}

/// The Jacobian `J[i][j] = ∂fᵢ/∂xⱼ` as [`jacobian_sparse`] gives it, in the direction asked for: columns coloured for
/// [`Mode::Forward`], rows for [`Mode::Reverse`].
///
/// One recording, and a sweep for each eight colours. Choose where the automatic choice is not the better one: it
/// compares the fullest row with the fullest column.
///
/// ```
/// use gradtape::functional::{Mode, jacobian_sparse, jacobian_sparse_with};
/// let j = jacobian_sparse_with(Mode::Reverse, |x| vec![x[0] * x[1], x[2].exp()], &[2.0, 5.0, 0.0]);
/// assert_eq!(j, jacobian_sparse(|x| vec![x[0] * x[1], x[2].exp()], &[2.0, 5.0, 0.0]));
/// ```
///
/// # Panics
/// Where the function does; if it computes with tensors and [`Mode::Forward`] is asked for.
#[track_caller]
pub fn jacobian_sparse_with<T, F>(mode: Mode, f: F, x: &[T]) -> SparseMatrix<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
{
    let tape = Tape::new();
    let x = tape.vars(x);
    let y = f(&x);
    let Some(recorded) = Recorded::new(&tape, x.len(), &y) else {
        assert!(mode != Mode::Forward, "jacobian_sparse: {NOT_FORWARD}");
        return through_tensors(&x, &y);
    };
    let rows = recorded.pattern();
    let columns = transposed(&rows, recorded.variables);
    // There are at least as many colours as entries in the fullest line across.
    let fullest = |lines: &[Vec<u32>]| lines.iter().map(Vec::len).max().unwrap_or(0);
    let forward = match mode {
        Mode::Auto => fullest(&rows) <= fullest(&columns),
        Mode::Forward => true,
        Mode::Reverse => false,
    };
    if forward {
        let colors = columns_apart(&rows, &columns);
        let passes = recorded.forward(&colors);
        SparseMatrix::from_pattern(&rows, recorded.variables, |i, j| number(&passes, i, colors.of[j]))
    } else {
        let colors = columns_apart(&columns, &rows);
        let passes = recorded.reverse(&colors);
        SparseMatrix::from_pattern(&rows, recorded.variables, |i, j| number(&passes, j, colors.of[i]))
    }
}

/// The Jacobian of results that tensors lie before, from sweeps with eight sets of cotangents at a time.
#[track_caller]
fn through_tensors<'t, T: Scalar>(x: &[Var<'t, T>], y: &[Var<'t, T>]) -> SparseMatrix<T> {
    let columns = probe::entries(y.len(), |seeds: &[[T; LANES]]| {
        let mut pulled = vec![[T::zero(); LANES]; x.len()];
        let mut one = vec![T::zero(); x.len()];
        for lane in 0..LANES {
            let mut sum = Rows::new("jacobian_sparse");
            for (y, seed) in y.iter().zip(seeds).filter(|(_, seed)| !seed[lane].is_exactly_zero()) {
                sum.add(*y, seed[lane]);
            }
            one.fill(T::zero());
            sweep_into(sum.finish(T::zero(), T::one()), x, &mut one);
            for (pulled, one) in pulled.iter_mut().zip(&one) {
                pulled[lane] = *one;
            }
        }
        pulled
    });
    SparseMatrix::from_entries(&probe::turned(&columns, y.len()), x.len())
}
