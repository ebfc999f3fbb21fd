//! Elementwise loops over one or more tensors, with broadcasting. They know no operation.

use std::ops::Range;

use crate::{
    Element, Shape, Tensor,
    tensor::{
        kernels::walk,
        shape::{broadcast_strides, elements},
    },
};

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
    if inputs.iter().all(|input| input.shape() == shape) {
        return row(inputs.map(Tensor::as_slice), [1; N], 0..elements(shape));
    }
    let strides = inputs.map(|input| broadcast_strides(input.shape(), shape));
    let mut at = 0;
    walk::rows(shape, strides.each_ref().map(|strides| &strides[..]), &mut |offsets, steps, len| {
        let mut rows = inputs.map(Tensor::as_slice);
        for (row, offset) in rows.iter_mut().zip(offsets) {
            *row = &row[offset..];
        }
        row(rows, steps, at..at + len);
        at += len;
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

/// Replaces every number `x` of `to` by `f(x, a)`, with the number of `from` at the same place.
pub(crate) fn update_with<T: Element>(to: &mut [T], from: &[T], f: impl Fn(T, T) -> T) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = f(*to, *from);
    }
}

/// The tensor read as if it had the larger shape.
pub(crate) fn broadcast_to<T: Element>(from: &Tensor<T>, shape: Shape) -> Tensor<T> {
    if from.shape() == &shape[..] {
        return from.clone();
    }
    let strides = broadcast_strides(from.shape(), &shape);
    Tensor::build(shape.clone(), |to| walk::gather(from.as_slice(), 0, &shape, &strides, to))
}

/// Sums over the axes along which a tensor of shape `shape` would be broadcast to the shape of `from`.
pub(crate) fn sum_to<T: Element>(from: &Tensor<T>, shape: &[usize]) -> Tensor<T> {
    if from.shape() == shape {
        return from.clone();
    }
    Tensor::build(shape.into(), |to| {
        to.fill(T::zero());
        sum_into(from, shape, to);
    })
}

/// Adds those sums to what `to` holds.
pub(crate) fn sum_into<T: Element>(from: &Tensor<T>, shape: &[usize], to: &mut [T]) {
    if elements(shape) == 1 {
        to[0] += sum(from.as_slice());
        return;
    }
    let strides = broadcast_strides(shape, from.shape());
    walk::scatter_add(from.as_slice(), from.shape(), &strides, to);
}

/// The sum in a fixed order: blocks of 1024, each in 16 interleaved lanes, blocks added as a tree. So it is as exact
/// as pairwise summation, vectorises, and has the same bits whoever computes it.
pub(crate) fn sum<T: Element>(numbers: &[T]) -> T {
    sum_of(numbers, |x| x)
}

/// The sum of `f` of the numbers, in the same order.
pub(crate) fn sum_of<T: Element>(numbers: &[T], f: impl Fn(T) -> T + Copy) -> T {
    const BLOCK: usize = 1024;
    if numbers.len() <= BLOCK {
        return block_sum(numbers, f);
    }
    let blocks = numbers.len().div_ceil(BLOCK);
    let (left, right) = numbers.split_at(blocks.div_ceil(2) * BLOCK);
    sum_of(left, f) + sum_of(right, f)
}

fn block_sum<T: Element>(numbers: &[T], f: impl Fn(T) -> T) -> T {
    const LANES: usize = 16;
    let mut lanes = [T::zero(); LANES];
    let chunks = numbers.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += f(*x);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane += f(*x);
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
