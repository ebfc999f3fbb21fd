//! The sparse Hessian: its pattern from the nodes of the tape that are not linear, its numbers from products with
//! vectors, coloured so that few of them are enough.

use super::{
    color::star,
    dependence::Dependence,
    probe,
    recorded::{LANES, Lanes, lane, number},
    sparse_matrix::SparseMatrix,
};
use crate::{MultiDual, Scalar, Tape, Var, rng::element_uniform, tape::Keep};

/// The number that a function is recorded on for its sparse Hessian.
type Tangents<T> = MultiDual<T, LANES>;

/// The Hessian `H[i][j] = ∂²f/∂xᵢ∂xⱼ` of a function in which each variable meets few others; both triangles are
/// stored.
///
/// The function is recorded on [`MultiDual`] numbers: once to find the pattern, which is that of the pairs of variables
/// that meet in an operation with a varying slope, then once, with one sweep, for each eight colours of a star
/// colouring. A banded Hessian of any size takes two recordings, and so does an arrow. An entry that is 0 at this point
/// may be stored or not.
///
/// Where the function computes with tensors on the way ([`stack_vars`](crate::TensorVar::stack_vars),
/// [`at`](crate::TensorVar::at)), no pattern is traced: the rows are found group by group from products with random
/// vectors, in a few recordings and sweeps more for each power of eight in the number of variables. For functions of
/// tensors see [`tensors::hessian_sparse`](super::tensors::hessian_sparse).
///
/// Give a closure: a generic function is passed as `|x| f(x)`. Gebremedhin, Manne and Pothen, 2005.
///
/// ```
/// use gradtape::functional::hessian_sparse;
/// let x = vec![1.0; 1000];
/// let h = hessian_sparse(|x| x.windows(2).map(|pair| pair[0].powi(2) * pair[1]).sum(), &x);
/// assert_eq!(h.row(500).collect::<Vec<_>>(), [(499, 2.0), (500, 2.0), (501, 2.0)]);
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn hessian_sparse<T, F>(f: F, x: &[T]) -> SparseMatrix<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, MultiDual<T, 8>>]) -> Var<'t, MultiDual<T, 8>>,
{
    let mut tape = Tape::new();
    let Some(pattern) = pattern(&f, &tape, x) else {
        let entries = probe::entries(x.len(), |seeds| {
            tape.reset();
            products(&f, &tape, x, |j| seeds[j]).0
        });
        return SparseMatrix::from_entries(&entries, x.len());
    };
    let colors = star(&pattern);
    let passes: Vec<_> = (0..colors.count)
        .step_by(LANES)
        .map(|first| {
            tape.reset();
            products(&f, &tape, x, |j| {
                let lane = lane(colors.of[j], first);
                std::array::from_fn(|k| if lane == Some(k) { T::one() } else { T::zero() })
            })
        })
        .collect();
    SparseMatrix::from_pattern(&pattern, x.len(), |i, j| {
        // Read from row i, unless another variable of j's colour meets i; then row j is free, as the colouring is a
        // star.
        let other = |k: &u32| *k as usize != j && colors.of[*k as usize] == colors.of[j];
        let (row, column) = if pattern[i].iter().any(other) { (j, i) } else { (i, j) };
        number(&passes, row, colors.of[column])
    })
}

/// For each variable those that it meets, and itself; `None` where tensors lie on the way.
#[track_caller]
fn pattern<T, F>(f: &F, tape: &Tape<Tangents<T>>, x: &[T]) -> Option<Vec<Vec<u32>>>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, Tangents<T>>]) -> Var<'t, Tangents<T>>,
{
    // Variable j moves in lane j modulo 8, by a random amount, so that what depends on it does not stay by chance: the
    // tangents of a slope say which lanes it depends on.
    let start = x.iter().enumerate().map(|(j, x)| {
        let mut number = MultiDual::constant(*x);
        number.tangents[j % LANES] = T::lit(0.5 + element_uniform(7, 0, j as u64));
        number
    });
    let x = tape.vars(&start.collect::<Vec<_>>());
    let y = f(&x);
    let mut pattern: Vec<Vec<u32>> = (0..x.len() as u32).map(|j| vec![j]).collect();
    let Some(y) = y.place(tape) else { return Some(pattern) };
    let graph = tape.scalar_graph()?;
    let mut sets = Dependence::new(&graph, x.len());
    for index in x.len()..=y {
        let inputs = graph.inputs(index);
        if inputs.iter().all(|(_, slope)| still(slope)) {
            continue;
        }
        let all = sets.of(index);
        for (input, slope) in inputs.iter().filter(|(_, slope)| !still(slope)) {
            let moving = all.iter().filter(|k| !slope.tangents[**k as usize % LANES].is_exactly_zero());
            let moving: Vec<u32> = moving.copied().collect();
            for j in sets.of(*input as usize) {
                for k in &moving {
                    pattern[j as usize].push(*k);
                    pattern[*k as usize].push(j);
                }
            }
        }
    }
    for row in &mut pattern {
        row.sort_unstable();
        row.dedup();
    }
    Some(pattern)
}

/// Whether a slope is the same everywhere.
fn still<T: Scalar>(slope: &Tangents<T>) -> bool {
    slope.tangents.iter().all(|tangent| tangent.is_exactly_zero())
}

/// The Hessian times eight vectors, of which `seed` gives the numbers at each variable.
#[track_caller]
fn products<T, F>(f: &F, tape: &Tape<Tangents<T>>, x: &[T], seed: impl Fn(usize) -> [T; LANES]) -> Lanes<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, Tangents<T>>]) -> Var<'t, Tangents<T>>,
{
    let start = x.iter().enumerate().map(|(j, x)| MultiDual::new(*x, seed(j)));
    let x = tape.vars(&start.collect::<Vec<_>>());
    let y = f(&x);
    if y.tape().is_none() {
        return Lanes(vec![[T::zero(); LANES]; x.len()]);
    }
    let gradients = y.sweep(Keep::Leaves);
    Lanes(x.iter().map(|x| gradients.wrt(*x).tangents).collect())
}
