//! Elementwise loops over one or more tensors, with broadcasting. They know no operation.

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
    let mut result = Tensor::fresh(shape);
    let shape: Shape = result.shape().into();
    map_into(inputs.map(|input| (input.as_slice(), input.shape())), &shape, &f, result.pooled_mut());
    result
}

/// As [`map`], into a buffer of the shape's size.
fn map_into<T: Element, const N: usize>(
    inputs: [(&[T], &[usize]); N],
    shape: &[usize],
    f: &impl Fn([T; N]) -> T,
    out: &mut [T],
) {
    if inputs.iter().all(|(_, own)| *own == shape) {
        return map_row(inputs.map(|(numbers, _)| numbers), [1; N], f, out);
    }
    let strides = inputs.map(|(_, own)| broadcast_strides(own, shape));
    let mut at = 0;
    let strides: [&[usize]; N] = std::array::from_fn(|j| &strides[j][..]);
    walk::rows(shape, strides, |offsets, steps, len| {
        let row = std::array::from_fn(|j| &inputs[j].0[offsets[j]..]);
        map_row(row, steps, f, &mut out[at..at + len]);
        at += len;
    });
}

/// One row. The frequent cases are zipped loops without bounds checks, which vectorise.
#[inline(always)]
fn map_row<T: Element, const N: usize>(inputs: [&[T]; N], steps: [usize; N], f: &impl Fn([T; N]) -> T, out: &mut [T]) {
    let len = out.len();
    let pick = |a: T, b: T, c: T| std::array::from_fn(|j| [a, b, c][j.min(2)]);
    let zero = T::zero();
    match (N, &steps[..]) {
        (1, [1]) => {
            for (out, a) in out.iter_mut().zip(inputs[0]) {
                *out = f(pick(*a, zero, zero));
            }
        }
        (2, [1, 1]) => {
            for ((out, a), b) in out.iter_mut().zip(&inputs[0][..len]).zip(&inputs[1][..len]) {
                *out = f(pick(*a, *b, zero));
            }
        }
        (2, [1, 0]) => {
            let b = inputs[1][0];
            for (out, a) in out.iter_mut().zip(&inputs[0][..len]) {
                *out = f(pick(*a, b, zero));
            }
        }
        (2, [0, 1]) => {
            let a = inputs[0][0];
            for (out, b) in out.iter_mut().zip(&inputs[1][..len]) {
                *out = f(pick(a, *b, zero));
            }
        }
        (3, [1, 1, 1]) => {
            let rows = inputs[0][..len].iter().zip(&inputs[1][..len]).zip(&inputs[2][..len]);
            for (out, ((a, b), c)) in out.iter_mut().zip(rows) {
                *out = f(pick(*a, *b, *c));
            }
        }
        _ => {
            for (i, out) in out.iter_mut().enumerate() {
                *out = f(std::array::from_fn(|j| inputs[j][i * steps[j]]));
            }
        }
    }
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
            lanes[i] = lanes[i] + lanes[i + width];
        }
    }
    lanes[0]
}
