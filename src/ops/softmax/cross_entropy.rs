//! The cross-entropy of a softmax as one node: the loss of a classifier, from its logits.

use super::{Softmax, below, exponentials, logarithms, scale};
use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op},
    tape::Cotangents,
    tensor::kernels::{
        dispatch::InstructionSet,
        map,
        reduce::{Lanes, lanes_into},
    },
};

/// For logits `[rows, classes]` and a class for each row, the mean over rows of ln Σ e^x - x[class].
pub struct SoftmaxCrossEntropy {
    /// Half as wide as `usize`: they are copied in every step.
    classes: Box<[u32]>,
}

impl SoftmaxCrossEntropy {
    /// For the right class of each row.
    pub(crate) fn new(classes: &[usize]) -> Self {
        SoftmaxCrossEntropy { classes: classes.iter().map(|class| u32::try_from(*class).unwrap_or(u32::MAX)).collect() }
    }
}

/// The sizes of logits.
fn matrix(x: &[usize], target: &[usize]) -> Result<[usize; 2], String> {
    match *x {
        [rows, classes] => Ok([rows, classes]),
        _ => Err(format!("{x:?} and {target:?}: the logits must be of shape [rows, classes]")),
    }
}

impl<T: Scalar> Op<T, 1> for SoftmaxCrossEntropy {
    fn name(&self) -> &'static str {
        "softmax_cross_entropy"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        let target = [self.classes.len()];
        let [rows, classes] = matrix(x, &target)?;
        if rows != target[0] {
            return Err(format!("{x:?} and {target:?}: there must be one class number for each row"));
        }
        match self.classes.iter().enumerate().find(|(_, class)| **class as usize >= classes) {
            Some((row, class)) => {
                Err(format!("{x:?} and {target:?}: row {row} has class {class}, but there are {classes} classes"))
            }
            None => Ok(Shape::default()),
        }
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let mut losses = vec![T::zero(); self.classes.len()];
        logarithms(x.as_slice(), Lanes::along(x.shape(), 1), &mut losses, &|row, x, largest, rest| {
            rest - below(x[self.classes[row] as usize], largest)
        });
        Tensor::scalar(map::sum(&losses) / T::lit(losses.len() as f64))
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let shape = x.shape();
        let truth = Tensor::build(shape.clone(), |to| {
            to.fill(T::zero());
            for (row, class) in to.chunks_exact_mut(shape[1].max(1)).zip(&*self.classes) {
                row[*class as usize] = T::one();
            }
        });
        let truth = x.constant(truth);
        let difference = A::apply(Softmax { axis: 1 }, [x]).sub(truth);
        [Some(difference.mul(g.scale(1.0 / shape[0] as f64)))]
    }

    /// (softmax - truth) g / rows, in one pass.
    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if !into.wants(0) {
            return;
        }
        let factor = g.item() * T::lit(1.0 / x.shape()[0] as f64);
        let (to, add) = into.slot(0);
        let lanes = Lanes::along(x.shape(), 1);
        lanes_into([x.as_slice()], lanes, add, to, |first, [x], to| {
            exponentials(x, lanes.n, to, |row, _, e, _, sum| {
                scale(InstructionSet::detected(), e, factor / sum);
                e[self.classes[first + row] as usize] -= factor;
            });
        });
    }
}

/// For logits and probabilities t, both `[rows, classes]`, the mean over rows of Σ t (ln Σ e^x - x).
pub struct SoftmaxCrossEntropySoft;

impl<T: Scalar> Op<T, 2> for SoftmaxCrossEntropySoft {
    fn name(&self) -> &'static str {
        "softmax_cross_entropy"
    }

    fn shape(&self, [x, t]: [&[usize]; 2]) -> Result<Shape, String> {
        matrix(x, t)?;
        if x != t {
            return Err(format!("{x:?} and {t:?}: the logits and the probabilities must have the same shape"));
        }
        Ok(Shape::default())
    }

    fn value(&self, [x, t]: [&Tensor<T>; 2]) -> Tensor<T> {
        let (columns, t) = (x.shape()[1], t.as_slice());
        let mut losses = vec![T::zero(); if columns > 0 { x.shape()[0] } else { 0 }];
        logarithms(x.as_slice(), Lanes::along(x.shape(), 1), &mut losses, &|row, x, largest, rest| {
            // A class that cannot be, and is not asked for, costs nothing.
            let term = |[x, t]: [T; 2]| if t.is_exactly_zero() { t } else { t * (rest - below(x, largest)) };
            map::sum_of([x, &t[row * columns..][..columns]], term)
        });
        Tensor::scalar(map::sum(&losses) / T::lit(x.shape()[0] as f64))
    }

    fn pullback<A: Algebra<T>>(&self, [x, t]: [A; 2], _y: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
        let rows = x.shape()[0];
        let g = g.scale(1.0 / rows as f64);
        let of_logits = needs[0].then(|| {
            let total = t.clone().sum_to(&[rows, 1]);
            A::apply(Softmax { axis: 1 }, [x.clone()]).mul(total).sub(t).mul(g.clone())
        });
        let of_target = needs[1].then(|| A::apply(super::LogSoftmax { axis: 1 }, [x]).mul(g.neg()));
        [of_logits, of_target]
    }

    /// (softmax Σt - t) g / rows for the logits, in one pass; and as much for the probabilities.
    fn accumulate(&self, [x, t]: [&Tensor<T>; 2], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let factor = g.item() * T::lit(1.0 / x.shape()[0] as f64);
        let lanes = Lanes::along(x.shape(), 1);
        if into.wants(0) {
            let (to, add) = into.slot(0);
            lanes_into([x.as_slice(), t.as_slice()], lanes, add, to, |_, [x, t], to| {
                exponentials(x, lanes.n, to, |row, _, e, _, sum| {
                    let t = &t[row * lanes.n..][..lanes.n];
                    let scale = map::sum(t) * factor / sum;
                    e.iter_mut().zip(t).for_each(|(e, t)| *e = *e * scale - *t * factor);
                });
            });
        }
        if into.wants(1) {
            let (to, add) = into.slot(1);
            lanes_into([x.as_slice()], lanes, add, to, |_, [x], to| {
                exponentials(x, lanes.n, to, |_, x, to, largest, sum| {
                    let rest = sum.ln();
                    to.iter_mut().zip(x).for_each(|(to, x)| *to = (rest - below(*x, largest)) * factor);
                });
            });
        }
    }
}

pub(crate) fn class_cases() -> Vec<Case> {
    let case = |shape: &[usize], classes: &'static [usize]| {
        Case::new(|| Builtin::SoftmaxCrossEntropy(SoftmaxCrossEntropy::new(classes)), &[shape])
    };
    vec![case(&[3, 4], &[2, 0, 2]), case(&[1, 3], &[1]), case(&[2, 1], &[0, 0]), case(&[5, 2], &[0, 1, 1, 0, 0])]
}

pub(crate) fn soft_cases() -> Vec<Case> {
    let case = |shape: &[usize]| Case::new(|| Builtin::SoftmaxCrossEntropySoft(SoftmaxCrossEntropySoft), &[shape; 2]);
    let (logits, zeros) = ([[0.3, -1.0, 0.8], [1.1, 0.2, -0.5]], [[0.0, 1.0, 0.0], [0.25, 0.75, 0.0]]);
    vec![case(&[3, 4]), case(&[1, 3]), case(&[2, 1]), case(&[2, 3]).given(vec![logits.into(), zeros.into()])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tape, TensorVar, ops::apply};

    fn hard<'t>(x: TensorVar<'t, f64>, classes: &[usize]) -> TensorVar<'t, f64> {
        apply(SoftmaxCrossEntropy::new(classes), [x])
    }

    #[test]
    fn the_two_losses_are_those_of_the_log_softmax() {
        let tape = Tape::new();
        let x = tape.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]);
        let truth = Tensor::from([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
        let losses = [
            hard(x, &[1, 0]),
            apply(SoftmaxCrossEntropySoft, [x, tape.constant(&truth)]),
            (x.log_softmax(1) * &truth).sum() * -0.5,
        ];
        let gradients = losses.map(|loss| loss.backward().wrt(x));
        for (loss, gradient) in losses.iter().zip(&gradients) {
            approx::assert_relative_eq!(loss.item(), losses[2].item(), max_relative = 1e-14);
            approx::assert_relative_eq!(*gradient, gradients[2], epsilon = 1e-15);
        }
    }

    #[test]
    fn logits_of_a_thousand_and_of_infinity_are_right() {
        let tape = Tape::new();
        let x = tape.tensor([[1000.0, -1000.0], [-1000.0, 1000.0]]);
        let loss = hard(x, &[0, 0]);
        assert_eq!(loss.item(), 1000.0);
        assert_eq!(loss.backward().wrt(x), Tensor::from([[0.0, 0.0], [-0.5, 0.5]]));
        let masked = tape.tensor([[0.0, f64::NEG_INFINITY]]);
        let target = tape.constant([[1.0, 0.0]]);
        for loss in [hard(masked, &[0]), apply(SoftmaxCrossEntropySoft, [masked, target])] {
            assert_eq!(loss.item(), 0.0);
            assert_eq!(loss.backward().wrt(masked), Tensor::zeros([1, 2]));
        }
    }

    #[test]
    fn targets_that_do_not_fit_are_named_with_both_shapes() {
        let reason =
            |classes: &[usize], x: &[usize]| Op::<f64, 1>::shape(&SoftmaxCrossEntropy::new(classes), [x]).unwrap_err();
        assert_eq!(reason(&[0], &[2, 3]), "[2, 3] and [1]: there must be one class number for each row");
        assert_eq!(reason(&[0, 3], &[2, 3]), "[2, 3] and [2]: row 1 has class 3, but there are 3 classes");
        assert_eq!(reason(&[0], &[3]), "[3] and [1]: the logits must be of shape [rows, classes]");
        let soft = Op::<f64, 2>::shape(&SoftmaxCrossEntropySoft, [&[2, 3], &[2, 2]]).unwrap_err();
        assert_eq!(soft, "[2, 3] and [2, 2]: the logits and the probabilities must have the same shape");
    }
}
