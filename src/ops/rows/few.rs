//! A loop for lists of scalars, which are short and lie scattered among handles: a vector's worth of values and slopes
//! at a time, on the stack. The form of the loops is explained one level up.

use super::{LANES, correct_values, lanes, slopes::slopes_again};
use crate::{
    ops::{
        Elementwise, Expr, Operand, Scalar,
        lane::{self, Lanes},
    },
    tensor::kernels::dispatch::{InstructionSet, multiversion},
};

/// As many numbers as a block has.
pub(in crate::ops) type Few<T> = [T; LANES];

/// `y = f(x)`, with the same bits as by [`values`](super::values).
pub(in crate::ops) fn values_of_few<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: &[Few<T>; N],
    y: &mut Few<T>,
) {
    few_values_vectors(InstructionSet::detected(), formula, x, y, LANES);
}

multiversion! {
    @widest if F::WIDEST;
    fn few_values_vectors[T: Scalar, F: Elementwise<N>, const N: usize][T, F, N](
        set: InstructionSet, formula: F, x: &[Few<T>; N], y: &mut Few<T>, count: usize
    ) {
        let (rows, mut any_left) = (x.each_ref().map(|x| &x[..]), false);
        // A vector at a time: of a loop over all, several vectors would be taken at once, and what is less than that
        // one by one.
        let vector = const { 64 / size_of::<T>() };
        for first in (0..count.min(LANES)).step_by(vector) {
            let y = &mut y[first..first + vector];
            for k in 0..vector {
                let value = <T::Lane<FMA>>::apply(formula, lanes(&rows, first + k));
                y[k] = value.number();
                any_left |= value.is_left();
            }
        }
        if const { F::LEAVES_SOME } && any_left {
            correct_values::<FMA, T, F, N>(formula, &rows, y);
        }
    }
}

/// `y = f(x)` and `to[j] = slope_j(x, y)` for every argument j. The same bits as by [`values`](super::values) and by
/// [`slopes`](super::slopes()).
pub(in crate::ops) fn value_and_slopes_of_few<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: &[Few<T>; N],
    y: &mut Few<T>,
    to: &mut [Few<T>; N],
) {
    of_few_vectors(InstructionSet::detected(), formula, x, y, to, LANES);
}

multiversion! {
    @widest if F::WIDEST;
    fn of_few_vectors[T: Scalar, F: Elementwise<N>, const N: usize][T, F, N](
        set: InstructionSet, formula: F, x: &[Few<T>; N], y: &mut Few<T>, to: &mut [Few<T>; N], count: usize
    ) {
        let mut any_left = false;
        for k in 0..count.min(LANES) {
            let mut arguments = [<T::Lane<FMA>>::of(x[0][k]); N];
            for j in 1..N {
                arguments[j] = <T::Lane<FMA>>::of(x[j][k]);
            }
            let value = <T::Lane<FMA>>::apply(formula, arguments);
            y[k] = value.number();
            any_left |= value.is_left();
            let slopes = formula.slopes(Expr::values(arguments), Expr::Value(value));
            for j in 0..N {
                let (slope, is_left) = lane::times(slopes[j], T::one());
                to[j][k] = slope;
                any_left |= is_left;
            }
        }
        if const { F::LEAVES_SOME } && any_left {
            let x = x.each_ref().map(|x| &x[..]);
            correct_values::<FMA, T, F, N>(formula, &x, y);
            for (j, slopes) in to.iter_mut().enumerate() {
                slopes_again::<FMA, T, F, N>(formula, &x, &y[..], slopes, j);
            }
        }
    }
}
