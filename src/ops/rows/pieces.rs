//! Slopes of long rows times cotangents, in pieces that stay in the nearest cache.

use crate::{
    ops::{Elementwise, Scalar},
    tensor::kernels::map::add_into,
};

/// The form of [`slope`](super::slope()) towards one of the arguments.
pub(in crate::ops) type SlopeLoop<T, F, const N: usize> = fn(F, [&[T]; N], [usize; N], &[T], Option<&[T]>, &mut [T]);

/// What slopes are multiplied by.
#[derive(Clone, Copy)]
pub(in crate::ops) enum Multiplier<'a, T> {
    /// The same number for all.
    Number(T),
    Numbers(&'a [T]),
}

/// `out = slope(x, y) g`, or `out += slope(x, y) g` where `add` says so, by a loop of slopes over pieces that stay in
/// the nearest cache. The same bits as by the loop over the whole row.
#[allow(clippy::too_many_arguments)]
pub(in crate::ops) fn slope_in_pieces<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    row: SlopeLoop<T, F, N>,
    x: [&[T]; N],
    steps: [usize; N],
    y: &[T],
    g: Multiplier<'_, T>,
    add: bool,
    out: &mut [T],
) {
    const PIECE: usize = 1024;
    let (mut products, mut same) = ([T::zero(); PIECE], [T::zero(); PIECE]);
    if let Multiplier::Number(number) = g {
        same.fill(number);
    }
    for at in (0..out.len()).step_by(PIECE) {
        let size = PIECE.min(out.len() - at);
        let part = at..at + size;
        let mut rows = x;
        for j in 0..N {
            rows[j] = &x[j][at * steps[j]..];
        }
        let g = match g {
            Multiplier::Number(_) => &same[..size],
            Multiplier::Numbers(g) => &g[part.clone()],
        };
        let (y, out) = (&y[part.clone()], &mut out[part]);
        if add {
            row(formula, rows, steps, y, Some(g), &mut products[..size]);
            add_into(out, &products[..size]);
        } else {
            row(formula, rows, steps, y, Some(g), out);
        }
    }
}
