//! Elementwise loops over one or more tensors, with broadcasting. They know no operation.

use std::ops::Range;

use crate::{
    Element, Shape, Tensor,
    tensor::{
        kernels::{
            dispatch::{InstructionSet, multiversion},
            walk,
        },
        parallel::{self, Split, for_each_chunk},
        shape::{broadcast_strides, elements, is_same},
    },
};

/// Elements that a thread takes at a time.
pub(crate) const CHUNK: usize = 1 << 15;

/// About how many elements of an elementwise loop take a nanosecond on one thread, and how many of a sum.
pub(crate) const ELEMENTS_IN_A_NANOSECOND: usize = 2;
pub(crate) const SUMMED_IN_A_NANOSECOND: usize = 4;

/// The tensor of `f` of the inputs' elements, broadcast to `shape`.
pub(crate) fn map<T: Element, const N: usize>(
    inputs: [&Tensor<T>; N],
    shape: Shape,
    f: impl Fn([T; N]) -> T,
) -> Tensor<T> {
    Tensor::build(shape.clone(), |out| {
        each_row(inputs, &shape, &mut |inputs, steps, at| map_row(inputs, steps, &f, &mut out[at]));
    })
}

/// What is done with a row: the numbers of each input from its start, the steps between them, its places in the result.
pub(crate) type VisitRow<'a, T, const N: usize> = &'a mut dyn FnMut([&[T]; N], [usize; N], Range<usize>);

/// Visits the rows of several tensors broadcast to one shape.
///
/// Not generic over what is done with a row: it would be compiled again for every operation.
pub(crate) fn each_row<T, const N: usize>(inputs: [&Tensor<T>; N], shape: &[usize], row: VisitRow<'_, T, N>) {
    if inputs.iter().all(|input| is_same(input.shape(), shape)) {
        return row(inputs.map(Tensor::as_slice), [1; N], 0..elements(shape));
    }
    let strides = inputs.map(|input| broadcast_strides(input.shape(), shape));
    let strides = strides.each_ref().map(|strides| &strides[..]);
    each_row_of(inputs.map(Tensor::as_slice), strides, shape, 0, row);
}

/// Those of a box of the given shape; its first element is number `at` of the result.
fn each_row_of<T, const N: usize>(
    inputs: [&[T]; N],
    strides: [&[usize]; N],
    shape: &[usize],
    mut at: usize,
    row: VisitRow<'_, T, N>,
) {
    walk::rows(shape, strides, &mut |offsets, steps, len| {
        let mut rows = inputs;
        for (row, offset) in rows.iter_mut().zip(offsets) {
            *row = &row[offset..];
        }
        row(rows, steps, at..at + len);
        at += len;
    });
}

/// What is done with a row by any of several threads: as [`VisitRow`], and the places of the row in what is written.
pub(crate) type WriteRow<'a, T, S, const N: usize> = &'a (dyn Fn([&[T]; N], [usize; N], Range<usize>, S) + Sync);

/// The same, where `row` writes to places of `to`, on several threads if there is enough to do. An elementwise result
/// does not depend on where a row is cut.
pub(crate) fn write_each_row<T: Element, S: Split, const N: usize>(
    inputs: [&Tensor<T>; N],
    shape: &[usize],
    to: S,
    row: WriteRow<'_, T, S, N>,
) {
    let len = elements(shape);
    let nanoseconds = len / ELEMENTS_IN_A_NANOSECOND;
    if inputs.iter().all(|input| is_same(input.shape(), shape)) {
        return for_each_chunk(to, len, CHUNK, nanoseconds, &|at, to| {
            row(inputs.map(|input| &input.as_slice()[at.clone()]), [1; N], at, to);
        });
    }
    let strides = inputs.map(|input| broadcast_strides(input.shape(), shape));
    let strides = strides.each_ref().map(|strides| &strides[..]);
    // Chunks are slices along the outermost axis.
    let axis = shape.iter().position(|size| *size > 1).unwrap_or(0);
    let slice = elements(&shape[shape.len().min(axis + 1)..]);
    let chunk = CHUNK.div_ceil(slice.max(1)) * slice;
    for_each_chunk(to, len, chunk, nanoseconds, &|at, to| {
        let mut part = Shape::from(shape);
        let mut numbers = inputs.map(Tensor::as_slice);
        if at.len() < len {
            part[axis] = at.len() / slice;
            for (numbers, strides) in numbers.iter_mut().zip(strides) {
                *numbers = &numbers[at.start / slice * strides[axis]..];
            }
        }
        let mut rest = Some(to);
        each_row_of(numbers, strides, &part, at.start, &mut |inputs, steps, at| {
            let (to, others) = rest.take().expect("rows are not longer than the places").split(at.len());
            rest = Some(others);
            row(inputs, steps, at, to);
        });
    });
}

/// One row. The frequent cases of plain numbers are zipped loops without bounds checks, which vectorise.
fn map_row<T: Element, const N: usize>(inputs: [&[T]; N], steps: [usize; N], f: &impl Fn([T; N]) -> T, out: &mut [T]) {
    let len = out.len();
    if const { N == 1 } {
        // A single input is never broadcast.
        for (out, a) in out.iter_mut().zip(inputs[0]) {
            *out = f([*a; N]);
        }
        return;
    }
    if const { N == 2 && T::IS_PLAIN } {
        let (a, b) = (inputs[0], inputs[N - 1]);
        let f = |a: T, b: T| {
            let mut pair = [a; N];
            pair[N - 1] = b;
            f(pair)
        };
        match (steps[0], steps[N - 1]) {
            (1, 1) => {
                for (out, (a, b)) in out.iter_mut().zip(a[..len].iter().zip(&b[..len])) {
                    *out = f(*a, *b);
                }
                return;
            }
            (1, 0) => {
                for (out, a) in out.iter_mut().zip(&a[..len]) {
                    *out = f(*a, b[0]);
                }
                return;
            }
            (0, 1) => {
                for (out, b) in out.iter_mut().zip(&b[..len]) {
                    *out = f(a[0], *b);
                }
                return;
            }
            _ => {}
        }
    }
    for (i, out) in out.iter_mut().enumerate() {
        *out = f(element(&inputs, &steps, i));
    }
}

/// The arguments of element `i` of a row.
#[inline(always)]
pub(crate) fn element<T: Copy, const N: usize>(inputs: &[&[T]; N], steps: &[usize; N], i: usize) -> [T; N] {
    let mut arguments = [inputs[0][i * steps[0]]; N];
    for j in 1..N {
        arguments[j] = inputs[j][i * steps[j]];
    }
    arguments
}

/// Adds to every number of `to` the number of `from` at the same place.
pub(crate) fn add_into<T: Element>(to: &mut [T], from: &[T]) {
    update_with(to, from, |a, b| a + b);
}

/// Replaces every number `x` of `to` by `f(x, a)`, with the number of `from` at the same place.
pub(crate) fn update_with<T: Element>(to: &mut [T], from: &[T], f: impl Fn(T, T) -> T + Copy + Sync) {
    let (len, nanoseconds) = (to.len(), to.len() / ELEMENTS_IN_A_NANOSECOND);
    let set = InstructionSet::detected();
    if parallel::is_worth(nanoseconds) {
        for_each_chunk(to, len, CHUNK, nanoseconds, &|at, to| update_part(set, to, &from[at], f));
    } else {
        update_part(set, to, from, f);
    }
}

multiversion! {
    fn update_part[T: Element, F: Fn(T, T) -> T][T, F](set: InstructionSet, to: &mut [T], from: &[T], f: F) {
        for (to, from) in to.iter_mut().zip(from) {
            *to = f(*to, *from);
        }
    }
}

/// The tensor read as if it had the larger shape.
pub(crate) fn broadcast_to<T: Element>(from: &Tensor<T>, shape: Shape) -> Tensor<T> {
    if is_same(from.shape(), &shape) {
        return from.clone();
    }
    let strides = broadcast_strides(from.shape(), &shape);
    Tensor::build(shape.clone(), |to| walk::gather(from.as_slice(), 0, &shape, &strides, to))
}

/// The sum in a fixed order: blocks of 1024, each in 16 interleaved lanes, blocks added as a tree. So it is as exact
/// as pairwise summation, vectorises, and has the same bits whoever computes it.
#[inline]
pub(crate) fn sum<T: Element>(numbers: &[T]) -> T {
    sum_of([numbers], |[x]| x)
}

/// The sum of `f` of the numbers of rows that are equally long, in the same order.
///
/// Many numbers are summed by several threads, each of which takes branches of the tree.
pub(crate) fn sum_of<T: Element, F: Fn([T; N]) -> T + Copy + Sync, const N: usize>(numbers: [&[T]; N], f: F) -> T {
    let len = numbers[0].len();
    let nanoseconds = len / SUMMED_IN_A_NANOSECOND;
    if !parallel::is_worth(nanoseconds) {
        return tree_sum(numbers, f);
    }
    let mut branches = Vec::new();
    branches_of(numbers, &mut branches);
    let (mut sums, count) = (vec![T::zero(); branches.len()], branches.len());
    for_each_chunk(&mut sums[..], count, 1, nanoseconds, &|at, sums| {
        for (sum, branch) in sums.iter_mut().zip(&branches[at]) {
            *sum = tree_sum(*branch, f);
        }
    });
    sum_branches(len, &mut sums.into_iter())
}

/// Numbers of a block.
const BLOCK: usize = 1024;

/// The two halves of a sum of more than a block: whole blocks, and the rest.
fn halves<T, const N: usize>(numbers: [&[T]; N]) -> [[&[T]; N]; 2] {
    let left = left_of(numbers[0].len());
    [numbers.map(|numbers| &numbers[..left]), numbers.map(|numbers| &numbers[left..])]
}

fn left_of(len: usize) -> usize {
    len.div_ceil(BLOCK).div_ceil(2) * BLOCK
}

fn tree_sum<T: Element, F: Fn([T; N]) -> T + Copy, const N: usize>(numbers: [&[T]; N], f: F) -> T {
    if numbers[0].len() <= BLOCK {
        return block_sum(numbers, f);
    }
    let [left, right] = halves(numbers);
    tree_sum(left, f) + tree_sum(right, f)
}

/// The branches of the tree that are summed each by one thread.
fn branches_of<'a, T, const N: usize>(numbers: [&'a [T]; N], to: &mut Vec<[&'a [T]; N]>) {
    if numbers[0].len() <= CHUNK {
        return to.push(numbers);
    }
    let [left, right] = halves(numbers);
    branches_of(left, to);
    branches_of(right, to);
}

/// Puts them together, of so many numbers.
fn sum_branches<T: Element>(len: usize, sums: &mut impl Iterator<Item = T>) -> T {
    if len <= CHUNK {
        return sums.next().expect("a sum for each branch");
    }
    let left = left_of(len);
    sum_branches(left, sums) + sum_branches(len - left, sums)
}

#[inline]
fn block_sum<T: Element, F: Fn([T; N]) -> T, const N: usize>(numbers: [&[T]; N], f: F) -> T {
    if const { T::IS_PLAIN } {
        block_sum_vectors(InstructionSet::detected(), numbers, f)
    } else {
        block_sum_in_lanes(numbers, f)
    }
}

multiversion! {
    fn block_sum_vectors[T: Element, F: Fn([T; N]) -> T, const N: usize][T, F, N](
        set: InstructionSet, numbers: [&[T]; N], f: F
    ) -> T {
        block_sum_in_lanes(numbers, f)
    }
}

#[inline(always)]
fn block_sum_in_lanes<T: Element, F: Fn([T; N]) -> T, const N: usize>(numbers: [&[T]; N], f: F) -> T {
    const LANES: usize = 16;
    let mut lanes = [T::zero(); LANES];
    let len = numbers[0].len();
    // By loops: the standard library's `map` of arrays may stay a call.
    let mut whole = [numbers[0].as_chunks::<LANES>().0; N];
    for j in 1..N {
        whole[j] = numbers[j][..len].as_chunks::<LANES>().0;
    }
    for (block, first) in whole[0].iter().enumerate() {
        let mut blocks = [first; N];
        for j in 1..N {
            blocks[j] = &whole[j][block];
        }
        for k in 0..LANES {
            let mut x = [blocks[0][k]; N];
            for j in 1..N {
                x[j] = blocks[j][k];
            }
            lanes[k] += f(x);
        }
    }
    for (k, lane) in (len / LANES * LANES..len).zip(&mut lanes) {
        let mut x = [numbers[0][k]; N];
        for j in 1..N {
            x[j] = numbers[j][k];
        }
        *lane += f(x);
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            let upper = lanes[i + width];
            lanes[i] += upper;
        }
    }
    lanes[0]
}
