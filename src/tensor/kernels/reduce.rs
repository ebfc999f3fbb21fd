//! Loops that make one number of many, along an axis or over all, and those that spread a number back. They know
//! sums, and folds by whatever is associative.

use crate::{
    Element, Tensor,
    tensor::{
        kernels::{
            dispatch::{InstructionSet, multiversion},
            map::{self, CHUNK, SUMMED_IN_A_NANOSECOND, add_into, update_with},
        },
        parallel::{self, for_each_chunk},
    },
};
use std::slice::ChunksExact;

/// About how many numbers one thread fills in a nanosecond.
const FILLED_IN_A_NANOSECOND: usize = 4;

/// A tensor as the lanes along one axis: `outer` blocks, each of `n` rows of `inner` neighbours. A lane takes one
/// number of each row of its block; lanes are counted block by block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes {
    outer: usize,
    pub(crate) n: usize,
    pub(crate) inner: usize,
}

impl Lanes {
    /// Along an axis.
    pub(crate) fn along(shape: &[usize], axis: usize) -> Self {
        let inner = shape[axis + 1..].iter().product();
        Lanes { outer: shape[..axis].iter().product(), n: shape[axis], inner }
    }

    /// Down the columns of a matrix.
    pub(crate) fn columns(rows: usize, columns: usize) -> Self {
        Lanes { outer: 1, n: rows, inner: columns }
    }

    /// One lane of all numbers.
    pub(crate) fn one(len: usize) -> Self {
        Lanes { outer: 1, n: len, inner: 1 }
    }

    /// So many of the lanes of a tensor whose lanes are rows.
    pub(crate) fn rows(&self, count: usize) -> Self {
        Lanes { outer: count, ..*self }
    }

    /// How many numbers a group of lanes has at most.
    pub(crate) fn group(&self) -> usize {
        lanes_of_group(self.n, self.count()) * self.n
    }

    /// How many numbers a block has.
    pub(crate) fn block(&self) -> usize {
        self.n * self.inner
    }

    pub(crate) fn count(&self) -> usize {
        self.outer * self.inner
    }

    /// Where the numbers of a lane lie: the first, and the distance between neighbours.
    pub(crate) fn places(&self, lane: usize) -> impl Iterator<Item = usize> + use<> {
        let start = lane / self.inner * self.block() + lane % self.inner;
        (start..).step_by(self.inner).take(self.n)
    }
}

/// `f` over each lane, from `start`: `f` is associative, and is taken in a fixed order.
pub(crate) fn fold<T: Element>(x: &[T], lanes: Lanes, start: T, out: &mut [T], f: impl Fn(T, T) -> T + Copy + Sync) {
    out.fill(start);
    if x.is_empty() {
        return;
    }
    if lanes.inner == 1 {
        fold_rows(InstructionSet::detected(), x, lanes.n, start, out, f);
        return;
    }
    for (out, block) in out.chunks_exact_mut(lanes.inner).zip(x.chunks_exact(lanes.block())) {
        for row in block.chunks_exact(lanes.inner) {
            update_with(out, row, f);
        }
    }
}

multiversion! {
    /// `f` over each of the rows of `n` numbers.
    fn fold_rows[T: Element, F: Fn(T, T) -> T + Copy][T, F](
        set: InstructionSet, x: &[T], n: usize, start: T, out: &mut [T], f: F
    ) {
        for (out, row) in out.iter_mut().zip(x.chunks_exact(n)) {
            *out = fold_row(row, start, f);
        }
    }
}

/// `f` over neighbours. In interleaved parts, which vectorises, where there are enough: eight, or 32 in a long row, so
/// that several vectors are under way at a time.
#[inline(always)]
pub(crate) fn fold_row<T: Element>(row: &[T], start: T, f: impl Fn(T, T) -> T) -> T {
    if row.len() < 512 { fold_parts::<T, 8>(row, start, f) } else { fold_parts::<T, 32>(row, start, f) }
}

#[inline(always)]
fn fold_parts<T: Element, const PARTS: usize>(row: &[T], start: T, f: impl Fn(T, T) -> T) -> T {
    let (chunks, rest) = row.as_chunks::<PARTS>();
    let [first, chunks @ ..] = chunks else {
        return rest.iter().fold(start, |a, b| f(a, *b));
    };
    let mut parts = *first;
    for chunk in chunks {
        for k in 0..PARTS {
            parts[k] = f(parts[k], chunk[k]);
        }
    }
    parts.iter().chain(rest).fold(start, |a, b| f(a, *b))
}

/// The larger of two; a NaN is larger than any number.
#[inline(always)]
pub(crate) fn larger<T: Element>(a: T, b: T) -> T {
    if a.is_nan() || b < a { a } else { b }
}

/// The smaller of two; a NaN wins.
#[inline(always)]
pub(crate) fn smaller<T: Element>(a: T, b: T) -> T {
    if a.is_nan() || b > a { a } else { b }
}

/// The sum of each lane, in a fixed order that halves as pairwise summation does.
pub(crate) fn sum<T: Element>(x: &[T], lanes: Lanes, out: &mut [T]) {
    out.fill(T::zero());
    if x.is_empty() {
        return;
    }
    if lanes.count() == 1 {
        out[0] = sum_of_lane(x);
        return;
    }
    // Lanes are divided among threads: blocks of them, if there are several, else parts of the rows.
    let nanoseconds = x.len() / SUMMED_IN_A_NANOSECOND;
    if lanes.outer == 1 && parallel::is_worth(nanoseconds) {
        let chunk = (CHUNK / lanes.n).clamp(64, CHUNK);
        if lanes.inner <= chunk {
            return sum_rows_in_branches(x, lanes.inner, nanoseconds, out);
        }
        return for_each_chunk(out, lanes.inner, chunk, nanoseconds, &|at, out| {
            sum_rows(x, lanes.inner, at.start, out)
        });
    }
    let blocks = (CHUNK / lanes.block()).max(1);
    for_each_chunk(out, lanes.count(), blocks * lanes.inner, nanoseconds, &|at, out| {
        let block = lanes.block();
        let x = &x[at.start / lanes.inner * block..at.end / lanes.inner * block];
        if lanes.inner > 1 {
            for (out, block) in out.chunks_exact_mut(lanes.inner).zip(x.chunks_exact(block)) {
                sum_rows(block, lanes.inner, 0, out);
            }
        } else {
            for (out, lane) in out.iter_mut().zip(x.chunks_exact(lanes.n)) {
                *out = sum_of_lane(lane);
            }
        }
    });
}

/// The same, added to what `out` holds or written.
pub(crate) fn sum_into<T: Element>(x: &[T], lanes: Lanes, add: bool, out: &mut [T]) {
    if !add {
        return sum(x, lanes, out);
    }
    let sums = Tensor::build([out.len()].into(), |sums| sum(x, lanes, sums));
    add_into(out, sums.as_slice());
}

/// The sum of neighbours.
fn sum_of_lane<T: Element>(lane: &[T]) -> T {
    if lane.len() < 16 { lane.iter().fold(T::zero(), |sum, x| sum + *x) } else { map::sum(lane) }
}

/// Rows that are added one after the other.
pub(crate) const ROWS: usize = 256;

/// Adds rows of `inner` numbers to `out`, or that part of them which begins at `first` and is as long.
fn sum_rows<T: Element>(rows: &[T], inner: usize, first: usize, out: &mut [T]) {
    let count = rows.len() / inner;
    if count <= ROWS {
        return add_rows(InstructionSet::detected(), rows, inner, first, out);
    }
    let (left, right) = rows.split_at(count.div_ceil(2) * inner);
    sum_rows(left, inner, first, out);
    let second = Tensor::build([out.len()].into(), |second| {
        second.fill(T::zero());
        sum_rows(right, inner, first, second);
    });
    add_into(out, second.as_slice());
}

multiversion! {
    /// The same, one row after the other.
    pub(crate) fn add_rows[T: Element][T](set: InstructionSet, rows: &[T], inner: usize, first: usize, out: &mut [T]) {
        if let ([sum], 1) = (&mut *out, inner) {
            // In a register, and not in memory from row to row.
            *sum = rows.iter().fold(*sum, |sum, x| sum + *x);
            return;
        }
        let len = out.len();
        for row in rows.chunks_exact(inner.max(1)) {
            for (sum, x) in out.iter_mut().zip(&row[first..first + len]) {
                *sum += *x;
            }
        }
    }
}

/// Writes the sum of rows of few numbers, on several threads, each of which takes branches of the tree.
fn sum_rows_in_branches<T: Element>(rows: &[T], inner: usize, nanoseconds: usize, out: &mut [T]) {
    let mut branches = Vec::new();
    branches_of(rows, inner, &mut branches);
    let sums = Tensor::build([branches.len() * inner].into(), |sums| {
        sums.fill(T::zero());
        let len = sums.len();
        for_each_chunk(sums, len, inner, nanoseconds, &|at, sums| {
            for (sums, branch) in sums.chunks_exact_mut(inner).zip(&branches[at.start / inner..]) {
                sum_rows(branch, inner, 0, sums);
            }
        });
    });
    join_branches(rows.len() / inner, inner, &mut sums.as_slice().chunks_exact(inner), out);
}

/// Whether so many rows are summed by one thread.
fn is_branch(count: usize, inner: usize) -> bool {
    count <= ROWS || count * inner <= CHUNK
}

fn branches_of<'a, T>(rows: &'a [T], inner: usize, to: &mut Vec<&'a [T]>) {
    let count = rows.len() / inner;
    if is_branch(count, inner) {
        return to.push(rows);
    }
    let (left, right) = rows.split_at(count.div_ceil(2) * inner);
    branches_of(left, inner, to);
    branches_of(right, inner, to);
}

/// Puts the sums of branches together, of so many rows.
fn join_branches<T: Element>(count: usize, inner: usize, sums: &mut ChunksExact<'_, T>, out: &mut [T]) {
    if is_branch(count, inner) {
        return out.copy_from_slice(sums.next().expect("sums for each branch"));
    }
    let left = count.div_ceil(2);
    join_branches(left, inner, sums, out);
    let second = Tensor::build([inner].into(), |second| join_branches(count - left, inner, sums, second));
    add_into(out, second.as_slice());
}

/// Gives every number of a lane the lane's number of `from`: added, or written.
pub(crate) fn spread<T: Element>(from: &[T], lanes: Lanes, add: bool, to: &mut [T]) {
    if to.is_empty() {
        return;
    }
    if lanes.inner == 1 {
        for (to, x) in to.chunks_exact_mut(lanes.n).zip(from) {
            let len = to.len();
            for_each_chunk(to, len, CHUNK, len / FILLED_IN_A_NANOSECOND, &|_, to| match add {
                true => to.iter_mut().for_each(|to| *to += *x),
                false => to.fill(*x),
            });
        }
        return;
    }
    for (to, from) in to.chunks_exact_mut(lanes.block()).zip(from.chunks_exact(lanes.inner)) {
        for to in to.chunks_exact_mut(lanes.inner) {
            match add {
                true => add_into(to, from),
                false => to.copy_from_slice(from),
            }
        }
    }
}

/// One number of each lane, by a function of the lane's numbers as neighbours.
pub(crate) fn each_lane<T: Copy, R>(x: &[T], lanes: Lanes, out: &mut [R], f: impl Fn(&[T]) -> R) {
    if lanes.inner == 1 && lanes.n > 0 {
        for (out, lane) in out.iter_mut().zip(x.chunks_exact(lanes.n)) {
            *out = f(lane);
        }
        return;
    }
    let mut neighbours = Vec::with_capacity(lanes.n);
    for (lane, out) in out.iter_mut().enumerate() {
        neighbours.clear();
        neighbours.extend(lanes.places(lane).map(|place| x[place]));
        *out = f(&neighbours);
    }
}

/// Numbers of a group of lanes: enough for vectors, and they stay in the cache.
const GROUP: usize = 2048;

/// How many lanes of `n` numbers are taken together, of so many.
fn lanes_of_group(n: usize, count: usize) -> usize {
    (GROUP / n.max(1)).clamp(1, count.max(1))
}

/// Calls `f(first, numbers)` for groups of lanes: the first one's number, and of each input the numbers of one lane
/// after the other, as neighbours.
pub(crate) fn each_group<T: Element, const N: usize>(
    inputs: [&[T]; N],
    lanes: Lanes,
    mut f: impl FnMut(usize, [&[T]; N]),
) {
    let (n, all) = (lanes.n, lanes.count());
    let count = lanes_of_group(n, all);
    let mut neighbours: [Vec<T>; N] =
        std::array::from_fn(|_| Vec::with_capacity(if lanes.inner == 1 { 0 } else { count * n }));
    for first in (0..all).step_by(count) {
        let end = (first + count).min(all);
        if lanes.inner == 1 {
            f(first, inputs.map(|input| &input[first * n..end * n]));
            continue;
        }
        for (neighbours, input) in neighbours.iter_mut().zip(inputs) {
            neighbours.clear();
            (first..end).for_each(|lane| neighbours.extend(lanes.places(lane).map(|place| input[place])));
        }
        f(first, neighbours.each_ref().map(|numbers| &numbers[..]));
    }
}

/// Lanes of `to`, by a function `f(first, numbers of the inputs, result)` that sees groups of lanes as [`each_group`]
/// gives them and writes every number of the result; they are added to what `to` holds, or written. On several threads
/// if there is enough to do.
pub(crate) fn lanes_into<T: Element, const N: usize>(
    inputs: [&[T]; N],
    lanes: Lanes,
    add: bool,
    to: &mut [T],
    f: impl Fn(usize, [&[T]; N], &mut [T]) + Sync,
) {
    if to.is_empty() {
        return;
    }
    let (n, len) = (lanes.n, to.len());
    if lanes.inner > 1 {
        let mut result = vec![T::zero(); lanes.group()];
        return each_group(inputs, lanes, |first, numbers| {
            let result = &mut result[..numbers[0].len()];
            f(first, numbers, result);
            for (lane, result) in (first..).zip(result.chunks_exact(n)) {
                for (place, x) in lanes.places(lane).zip(result) {
                    to[place] = if add { to[place] + *x } else { *x };
                }
            }
        });
    }
    for_each_chunk(to, len, CHUNK.next_multiple_of(n), len, &|at, to| {
        let (inputs, lane) = (inputs.map(|input| &input[at.clone()]), at.start / n);
        let lanes = lanes.rows(to.len() / n);
        let mut result = vec![T::zero(); if add { lanes.group() } else { 0 }];
        each_group(inputs, lanes, |first, numbers| {
            let to = &mut to[first * n..][..numbers[0].len()];
            if add {
                let result = &mut result[..to.len()];
                f(lane + first, numbers, result);
                add_into(to, result);
            } else {
                f(lane + first, numbers, to);
            }
        });
    });
}

#[cfg(test)]
mod tests;
