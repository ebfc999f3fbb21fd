//! Loops of slopes: with the values they belong to, or times cotangents. The form of the loops is explained one level
//! up.

use super::{BLOCK, Blocks, LANES, LONG, array, correct_values, cut, lanes, lay, part, parts};
use crate::{
    ops::{
        Elementwise, Expr, Operand, Scalar,
        lane::{self, Lanes},
        map,
    },
    tensor::kernels::{
        dispatch::{InstructionSet, multiversion},
        map::element,
    },
};

/// `y = f(x)` and `to[j] = slope_j(x, y)` for every argument j that has a place, in one loop: what they have in common
/// is computed once. The arguments lie side by side. The same bits as by [`values`], and by [`slope`] with a `g` of 1.
pub(in crate::ops) fn value_and_slopes<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: [&[T]; N],
    y: &mut [T],
    to: [Option<&mut [T]>; N],
) {
    value_and_slopes_vectors(InstructionSet::detected(), formula, x, y, to);
}

multiversion! {
    @widest if F::WIDEST;
    fn value_and_slopes_vectors[T: Scalar, F: Elementwise<N>, const N: usize][T, F, N](
        set: InstructionSet, formula: F, x: [&[T]; N], y: &mut [T], to: [Option<&mut [T]>; N]
    ) {
        let mut to = to;
        let mut blocks = [[T::zero(); LONG]; N];
        // For a rest, for slopes that nobody wants, and for those towards later arguments.
        let (mut values, mut spare) = ([T::zero(); LONG], [[T::zero(); LONG]; DIRECT]);
        let mut others = [[T::zero(); LONG]; N];
        let mut at = 0;
        while at < y.len() {
            let size = (y.len() - at).min(LONG);
            let whole = size == LONG;
            let x = if whole {
                let mut arrays = [array(x[0], at); N];
                for j in 1..N {
                    arrays[j] = array(x[j], at);
                }
                arrays
            } else {
                lay(&x, &[1; N], at, size, &mut blocks);
                let mut arrays = [&blocks[0]; N];
                for j in 1..N {
                    arrays[j] = &blocks[j];
                }
                arrays
            };
            let n = size.next_multiple_of(LANES).min(LONG);
            let ([first, second, third], mut wanted) = (&mut spare, to.iter_mut());
            let first = place(wanted.next(), at, whole, first);
            let second = place(wanted.next(), at, whole, second);
            let third = place(wanted.next(), at, whole, third);
            let result = if whole { array_mut(y, at) } else { &mut values };
            let any_left = value_and_slopes_of_block::<FMA, T, F, N>(
                formula, x, n, result, first, second, third, &mut others
            );
            if const { F::LEAVES_SOME } && any_left {
                let x = x.map(|x| &x[..n]);
                correct_values::<FMA, T, F, N>(formula, &x, &mut result[..n]);
                for j in 0..N {
                    let slopes = match j {
                        0 => &mut first[..n],
                        1 => &mut second[..n],
                        2 => &mut third[..n],
                        _ => &mut others[j][..n],
                    };
                    slopes_again::<FMA, T, F, N>(formula, &x, &result[..n], slopes, j);
                }
            }
            if !whole {
                y[at..].copy_from_slice(&values[..size]);
            }
            for (j, to) in to.iter_mut().enumerate() {
                let from = if j < DIRECT { &spare[j] } else { &others[j] };
                match to {
                    Some(to) if !whole || j >= DIRECT => to[at..at + size].copy_from_slice(&from[..size]),
                    _ => {}
                }
            }
            at += size;
        }
    }
}

/// The slopes towards so many arguments are written where they belong; those towards others go through the stack.
const DIRECT: usize = 3;

/// Where the slopes of a block go.
#[inline(always)]
fn place<'a, T>(
    to: Option<&'a mut Option<&mut [T]>>,
    at: usize,
    whole: bool,
    spare: &'a mut [T; LONG],
) -> &'a mut [T; LONG] {
    match to {
        Some(Some(to)) if whole => array_mut(to, at),
        _ => spare,
    }
}

#[inline(always)]
fn array_mut<T>(x: &mut [T], at: usize) -> &mut [T; LONG] {
    x[at..].first_chunk_mut().expect("the rows have as many elements")
}

/// A block of values and slopes, and whether some have to be computed once more. Each place is an argument of its own:
/// so the compiler knows that it is no other, and has nothing to check before it takes vectors.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn value_and_slopes_of_block<const FMA: bool, T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: [&[T; LONG]; N],
    n: usize,
    values: &mut [T; LONG],
    first: &mut [T; LONG],
    second: &mut [T; LONG],
    third: &mut [T; LONG],
    others: &mut [[T; LONG]; N],
) -> bool {
    let mut any_left = false;
    for k in 0..n {
        let mut arguments = [<T::Lane<FMA>>::of(x[0][k]); N];
        for j in 1..N {
            arguments[j] = <T::Lane<FMA>>::of(x[j][k]);
        }
        let y = <T::Lane<FMA>>::apply(formula, arguments);
        values[k] = y.number();
        any_left |= y.is_left();
        let of = formula.slopes(Expr::values(arguments), Expr::Value(y));
        for j in 0..N {
            let (slope, is_left) = lane::times(of[j], T::one());
            match j {
                0 => first[k] = slope,
                1 => second[k] = slope,
                2 => third[k] = slope,
                _ => others[j][k] = slope,
            }
            any_left |= is_left;
        }
    }
    any_left
}

/// `out = slope(x, y) g`, with the slope towards argument `I`; without a `g`, `out` holds it.
pub(in crate::ops) fn slope<T: Scalar, F: Elementwise<N>, const N: usize, const I: usize>(
    formula: F,
    x: [&[T]; N],
    steps: [usize; N],
    y: &[T],
    g: Option<&[T]>,
    out: &mut [T],
) {
    if const { T::IS_PLAIN && F::VECTORISES } {
        return slope_vectors::<T, F, N, I>(InstructionSet::detected(), formula, x, steps, y, g, out);
    }
    for (k, (out, y)) in out.iter_mut().zip(y).enumerate() {
        let g = g.map_or(*out, |g| g[k]);
        *out = slope_of_one::<T, F, N>(formula, element(&x, &steps, k), *y, g, I);
    }
}

fn slope_of_one<T: Scalar, F: Elementwise<N>, const N: usize>(formula: F, x: [T; N], y: T, g: T, i: usize) -> T {
    map::times(formula.slopes(Expr::values(x), Expr::Value(y))[i], g)
}

multiversion! {
    @widest if F::WIDEST;
    fn slope_vectors[T: Scalar, F: Elementwise<N>, const N: usize, const I: usize][T, F, N, I](
        set: InstructionSet,
        formula: F,
        x: [&[T]; N],
        steps: [usize; N],
        y: &[T],
        g: Option<&[T]>,
        out: &mut [T],
    ) {
        let (mut blocks, mut results): (Blocks<T, N>, _) = ([[T::zero(); BLOCK]; N], [T::zero(); BLOCK]);
        let mut y_block = [T::zero(); BLOCK];
        let mut at = 0;
        while at < out.len() {
            let most = if g.is_some() { usize::MAX } else { LONG };
            let (size, direct) = part(&steps, out.len() - at, most);
            let mut held;
            let g = match g {
                Some(g) if direct => &g[at..at + size],
                _ => {
                    held = [T::zero(); LONG];
                    held[..size].copy_from_slice(&g.unwrap_or(out)[at..at + size]);
                    &held[..size.next_multiple_of(LANES)]
                }
            };
            let (x, y, to) = if direct {
                (cut(&x, at, size), &y[at..at + size], &mut out[at..at + size])
            } else {
                y_block[..size].copy_from_slice(&y[at..at + size]);
                let n = size.next_multiple_of(LANES);
                lay(&x, &steps, at, size, &mut blocks);
                (parts(&blocks, size), &y_block[..n], &mut results[..n])
            };
            let n = to.len();
            let (x, y, g) = (cut(&x, 0, n), &y[..n], &g[..n]);
            let mut any_left = false;
            for k in 0..n {
                let y = Expr::Value(<T::Lane<FMA>>::of(y[k]));
                let slope = formula.slopes(Expr::values(lanes::<FMA, T, N>(&x, k)), y)[I];
                let (product, is_left) = lane::times(slope, g[k]);
                to[k] = product;
                any_left |= is_left;
            }
            if const { F::LEAVES_SOME } && any_left {
                correct_slope::<FMA, T, F, N>(formula, &x, y, g, to, I);
            }
            if !direct {
                out[at..at + size].copy_from_slice(&results[..size]);
            }
            at += size;
        }
    }
}

/// The slopes towards one argument of a block in which values have been corrected, from those values.
#[cold]
pub(super) fn slopes_again<const FMA: bool, T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: &[&[T]; N],
    y: &[T],
    slopes: &mut [T],
    j: usize,
) {
    for (k, slope) in slopes.iter_mut().enumerate() {
        let y = Expr::Value(<T::Lane<FMA>>::of(y[k]));
        *slope = lane::times(formula.slopes(Expr::values(lanes::<FMA, T, N>(x, k)), y)[j], T::one()).0;
    }
    let ones = [T::one(); LONG];
    correct_slope::<FMA, T, F, N>(formula, x, y, &ones[..y.len()], slopes, j);
}

#[cold]
fn correct_slope<const FMA: bool, T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: &[&[T]; N],
    y: &[T],
    g: &[T],
    to: &mut [T],
    i: usize,
) {
    for (k, to) in to.iter_mut().enumerate() {
        let slope = formula.slopes(Expr::values(lanes::<FMA, T, N>(x, k)), Expr::Value(<T::Lane<FMA>>::of(y[k])))[i];
        if lane::times(slope, g[k]).1 {
            *to = slope_of_one(formula, element(x, &[1; N], k), y[k], g[k], i);
        }
    }
}

/// `to[j] = slope_j(x, y) g` for every argument j that has a place, in one loop: what the slopes share is computed
/// once.
pub(in crate::ops) fn slopes<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: [&[T]; N],
    steps: [usize; N],
    y: &[T],
    g: &[T],
    mut to: [Option<&mut [T]>; N],
) {
    if const { T::IS_PLAIN && F::VECTORISES } {
        return slopes_vectors(InstructionSet::detected(), formula, x, steps, y, g, to);
    }
    for (k, (y, g)) in y.iter().zip(g).enumerate() {
        let slopes = formula.slopes(Expr::values(element(&x, &steps, k)), Expr::Value(*y));
        for (to, slope) in to.iter_mut().zip(slopes) {
            if let Some(to) = to {
                to[k] = map::times(slope, *g);
            }
        }
    }
}

multiversion! {
    @widest if F::WIDEST;
    fn slopes_vectors[T: Scalar, F: Elementwise<N>, const N: usize][T, F, N](
        set: InstructionSet,
        formula: F,
        x: [&[T]; N],
        steps: [usize; N],
        y: &[T],
        g: &[T],
        to: [Option<&mut [T]>; N],
    ) {
        let mut to = to;
        let (mut y_block, mut g_block) = ([T::zero(); LONG], [T::zero(); LONG]);
        let mut blocks = [[T::zero(); LONG]; N];
        // Apart from the places of the results, so that the loop has less to check for overlaps.
        let mut products = [[T::zero(); LONG]; N];
        let mut at = 0;
        while at < y.len() {
            let size = (y.len() - at).min(LONG);
            // Arrays, of a length that the compiler knows: there are more of them here than it can follow as slices.
            let (x, y, g) = if size == LONG && steps == [1; N] {
                let mut arrays = [array(x[0], at); N];
                for j in 1..N {
                    arrays[j] = array(x[j], at);
                }
                (arrays, array(y, at), array(g, at))
            } else {
                y_block[..size].copy_from_slice(&y[at..at + size]);
                g_block[..size].copy_from_slice(&g[at..at + size]);
                lay(&x, &steps, at, size, &mut blocks);
                let mut arrays = [&blocks[0]; N];
                for j in 1..N {
                    arrays[j] = &blocks[j];
                }
                (arrays, &y_block, &g_block)
            };
            let n = size.next_multiple_of(LANES).min(LONG);
            let mut any_left = false;
            for k in 0..n {
                let y = Expr::Value(<T::Lane<FMA>>::of(y[k]));
                let mut arguments = [<T::Lane<FMA>>::of(x[0][k]); N];
                for j in 1..N {
                    arguments[j] = <T::Lane<FMA>>::of(x[j][k]);
                }
                let slopes = formula.slopes(Expr::values(arguments), y);
                for j in 0..N {
                    let (product, is_left) = lane::times(slopes[j], g[k]);
                    products[j][k] = product;
                    any_left |= is_left;
                }
            }
            if const { F::LEAVES_SOME } && any_left {
                for (j, products) in products.iter_mut().enumerate() {
                    let (x, products) = (x.map(|x| &x[..n]), &mut products[..n]);
                    correct_slope::<FMA, T, F, N>(formula, &x, &y[..n], &g[..n], products, j);
                }
            }
            for (to, products) in to.iter_mut().zip(&products) {
                if let Some(to) = to {
                    to[at..at + size].copy_from_slice(&products[..size]);
                }
            }
            at += size;
        }
    }
}
