//! Operations that move numbers and compute none: shapes, orders of axes, parts, and parts put together. What picks
//! by a tensor of indices or a mask stands in `index`.
//!
//! Most come in pairs of transposes, each of which is the other's rule: [`Pick`] and [`Put`], [`Pad`] and [`Crop`],
//! [`Diagonal`] and [`PutDiagonal`].

mod broadcast;
mod diagonal;
mod join;
mod pad;
mod permute;
mod pick;
mod reshape;

pub(crate) use broadcast::{BroadcastTo, Repeat, broadcast_cases, repeat_cases};
pub(crate) use diagonal::{Diagonal, PutDiagonal, Triangular, diagonal_cases, put_diagonal_cases, triangular_cases};
pub(crate) use join::{Join, join_cases};
pub(crate) use pad::{Crop, Pad, crop_cases, pad_cases};
pub(crate) use permute::{Permute, permute_cases};
pub(crate) use pick::{Pick, Positions, Put, pick_cases, put_cases};
pub(crate) use reshape::{Reshape, reshape_cases};

use crate::{Scalar, Shape, tape::Cotangents, tensor::shape::checked_elements};

/// The cotangent of input `i` as numbers to add to: zeros if there was none yet.
pub(crate) fn sum_slot<'a, T: Scalar>(into: &'a mut Cotangents<'_, T>, i: usize) -> &'a mut [T] {
    let (slot, add) = into.slot(i);
    if !add {
        slot.fill(T::zero());
    }
    slot
}

/// The shape of a larger result, if it can be: sizes that were too large to count are `usize::MAX`.
pub(crate) fn memory_holds(shape: Shape, from: &[usize]) -> Result<Shape, String> {
    const LIMIT: usize = isize::MAX as usize / size_of::<f64>();
    match checked_elements(&shape) {
        Some(count) if count <= LIMIT => Ok(shape),
        _ => Err(format!("{from:?} and {shape:?}: more numbers than memory can hold")),
    }
}

/// The axis that is to be added to a shape; negative ones count from the end of the result.
pub(crate) fn new_axis(axis: isize, shape: &[usize]) -> Result<usize, String> {
    let rank = shape.len() as isize;
    if (-rank - 1..=rank).contains(&axis) {
        Ok((if axis < 0 { axis + rank + 1 } else { axis }) as usize)
    } else {
        Err(format!("{shape:?}: a new axis cannot be axis {axis} of the result; it takes {} to {rank}", -rank - 1))
    }
}
