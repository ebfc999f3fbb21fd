//! The mean square error as one node: the loss of numbers, which small networks spend much of a step on.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op},
    tape::Cotangents,
    tensor::{
        guarded,
        kernels::{
            dispatch::{InstructionSet, multiversion},
            map::{CHUNK, ELEMENTS_IN_A_NANOSECOND, sum_of},
        },
        parallel::for_each_chunk,
        shape::{elements, is_same},
    },
};

/// For numbers y and t of the same shape, the mean of (y - t)².
#[derive(Clone, Copy)]
pub struct MeanSquareError;

impl<T: Scalar> Op<T, 2> for MeanSquareError {
    fn name(&self) -> &'static str {
        "mse"
    }

    fn shape(&self, [y, t]: [&[usize]; 2]) -> Result<Shape, String> {
        if !is_same(y, t) {
            return Err(format!("{y:?} and {t:?}: output and target must have the same shape"));
        }
        Ok(Shape::default())
    }

    fn value(&self, [y, t]: [&Tensor<T>; 2]) -> Tensor<T> {
        let sum = sum_of([y.as_slice(), t.as_slice()], |[y, t]| (y - t) * (y - t));
        Tensor::scalar(sum / T::lit(y.len() as f64))
    }

    fn pullback<A: Algebra<T>>(&self, [y, t]: [A; 2], _y: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
        let count = elements(&y.shape()) as f64;
        let cotangent = g.scale(1.0 / count).guarded(y.sub(t).scale(2.0));
        [needs[0].then(|| cotangent.clone()), needs[1].then(|| cotangent.neg())]
    }

    /// 2 (y - t) g / n straight into the gradient, and its negative for the target.
    fn accumulate(&self, [y, t]: [&Tensor<T>; 2], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let (len, factor) = (y.len(), g.item() * T::lit(1.0 / y.len() as f64));
        for (i, factor) in [factor, -factor].into_iter().enumerate() {
            if !into.wants(i) {
                continue;
            }
            let (to, add) = into.slot(i);
            for_each_chunk(to, len, CHUNK, len / ELEMENTS_IN_A_NANOSECOND, &|at, to| {
                let (y, t) = (&y.as_slice()[at.clone()], &t.as_slice()[at]);
                times_differences(InstructionSet::detected(), y, t, factor, add, to);
            });
        }
    }
}

multiversion! {
    /// Twice the differences, times a number: added or written.
    fn times_differences[T: Scalar][T](set: InstructionSet, y: &[T], t: &[T], factor: T, add: bool, to: &mut [T]) {
        let two = T::one() + T::one();
        let pairs = y.iter().zip(t);
        if add {
            to.iter_mut().zip(pairs).for_each(|(to, (y, t))| *to += guarded(two * (*y - *t), factor));
        } else {
            to.iter_mut().zip(pairs).for_each(|(to, (y, t))| *to = guarded(two * (*y - *t), factor));
        }
    }
}

pub(crate) fn mean_square_error_cases() -> Vec<Case> {
    const SHAPES: &[&[usize]] = &[&[], &[5], &[4, 1], &[3, 7], &[0]];
    SHAPES.iter().map(|shape| Case::new(|| Builtin::MeanSquareError(MeanSquareError), &[shape, shape])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rng, Tape, ops::apply, rng::uniform};

    #[test]
    fn it_is_what_the_operations_give_that_it_is_made_of() {
        let mut rng = Rng::new(3);
        let mut draw = |n: usize| Tensor::from((0..n).map(|_| uniform(&mut rng) as f32).collect::<Vec<f32>>());
        for n in [1, 4, 17, 1025, 5000] {
            let tape = Tape::new();
            let (y, t) = (tape.tensor(draw(n)), tape.tensor(draw(n)));
            let (one, many) = (apply(MeanSquareError, [y, t]), (y - t).square().mean());
            assert_eq!(one.item().to_bits(), many.item().to_bits());
            let (one, many) = (one.backward(), many.backward());
            assert_eq!([one.wrt(y), one.wrt(t)], [many.wrt(y), many.wrt(t)]);
        }
    }
}
