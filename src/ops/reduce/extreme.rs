//! The largest and the smallest number, and where the largest is.

use super::Over;
use crate::{
    Element, Scalar, Shape, Tensor, TensorVar,
    ops::{Algebra, Builtin, Case, Op, methods, methods::axis_of, reduce::sum::Sum},
    tensor::kernels::reduce::{self, Lanes},
};

/// The largest or the smallest of all numbers, or along an axis.
#[derive(Clone, Copy)]
pub struct Extreme {
    pub(crate) largest: bool,
    pub(crate) over: Over,
}

impl<T: Scalar> Op<T, 1> for Extreme {
    fn name(&self) -> &'static str {
        self.over.named(if self.largest { ["max", "max_axis"] } else { ["min", "min_axis"] })
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.over.result_of_some(x, if self.largest { "largest" } else { "smallest" })
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let numbers = x.as_slice();
        self.over.build(x, |lanes, to| {
            match self.largest {
                true => reduce::fold(numbers, lanes, T::neg_infinity(), to, reduce::larger),
                false => reduce::fold(numbers, lanes, T::infinity(), to, reduce::smaller),
            }
            average_tangents_of_ties(numbers, lanes, to);
        })
    }

    /// Those that are equal to the answer share the cotangent. Which those are does not change nearby.
    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let [y, g] = [y, g].map(|of_result| self.over.beside(of_result, &x));
        let chosen = x.equal(y);
        let count = A::apply(Sum(self.over.kept()), [chosen.clone()]);
        [Some(chosen.guarded(g.div(count)))]
    }
}

/// For numbers that carry tangents: gives the largest (or smallest) of each lane the mean tangent of those that are
/// equal to it, so that forward mode makes the same choice at a tie as reverse mode.
fn average_tangents_of_ties<T: Element>(x: &[T], lanes: Lanes, extremes: &mut [T]) {
    if T::IS_PLAIN {
        return;
    }
    for (lane, extreme) in extremes.iter_mut().enumerate().filter(|(_, extreme)| extreme.is_finite()) {
        let chosen = *extreme;
        let (mut count, mut sum) = (T::zero(), T::zero());
        for place in lanes.places(lane).filter(|place| x[*place] == chosen) {
            count += T::one();
            sum += x[place] - chosen;
        }
        *extreme += sum / count;
    }
}

/// The place of the first of the largest; a NaN is larger than any number.
fn place_of_largest<T: Element>(lane: &[T]) -> usize {
    let mut best = 0;
    for (i, x) in lane.iter().enumerate() {
        if lane[best].is_nan() {
            break;
        }
        if x.is_nan() || *x > lane[best] {
            best = i;
        }
    }
    best
}

methods! {
    /// The largest of all numbers, of rank 0. A NaN wins; the largest ones share the gradient evenly.
    ///
    /// # Panics
    /// If there are no numbers.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 3.0, 3.0]);
    /// assert_eq!(x.max().item(), 3.0);
    /// assert_eq!(x.max().backward().wrt(x), Tensor::from([0.0, 0.5, 0.5]));
    /// ```
    fn max() = |_shape| Builtin::Extreme(Extreme { largest: true, over: Over::All });

    /// The smallest of all numbers, of rank 0. A NaN wins; the smallest ones share the gradient evenly.
    ///
    /// # Panics
    /// If there are no numbers.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// assert_eq!(Tensor::from([1.0, -3.0]).min(), Tensor::scalar(-3.0));
    /// ```
    fn min() = |_shape| Builtin::Extreme(Extreme { largest: false, over: Over::All });

    /// The largest number along an axis, which is kept with size 1 or dropped. A NaN wins; the largest ones share the
    /// gradient evenly.
    ///
    /// # Panics
    /// If there is no such axis, or no number along it.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::from([[1.0, 5.0], [3.0, 4.0]]);
    /// assert_eq!(x.max_axis(0, false), Tensor::from([3.0, 5.0]));
    /// assert_eq!(x.max_axis(-1, true), Tensor::from([[5.0], [4.0]]));
    /// ```
    fn max_axis(axis: isize, keep: bool) = |shape| Builtin::Extreme(Extreme {
        largest: true,
        over: Over::Axis { axis: axis_of("max_axis", axis, shape), keep },
    });

    /// The smallest number along an axis, which is kept with size 1 or dropped. A NaN wins; the smallest ones share the
    /// gradient evenly.
    ///
    /// # Panics
    /// If there is no such axis, or no number along it.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::from([[1.0, 5.0], [3.0, 4.0]]);
    /// assert_eq!(x.min_axis(0, false), Tensor::from([1.0, 4.0]));
    /// ```
    fn min_axis(axis: isize, keep: bool) = |shape| Builtin::Extreme(Extreme {
        largest: false,
        over: Over::Axis { axis: axis_of("min_axis", axis, shape), keep },
    });
}

impl<T: Scalar> Tensor<T> {
    /// Where along an axis the largest number is; the axis is dropped. The first of several; a NaN is the largest.
    ///
    /// # Panics
    /// If there is no such axis, or no number along it.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::<f64>::from([[1.0, 5.0, 5.0], [3.0, 2.0, 1.0]]);
    /// assert_eq!(x.argmax(1), Tensor::from([1usize, 0]));
    /// ```
    #[track_caller]
    pub fn argmax(&self, axis: isize) -> Tensor<usize> {
        let over = Over::Axis { axis: axis_of("argmax", axis, self.shape()), keep: false };
        let shape = match over.result_of_some(self.shape(), "largest") {
            Ok(shape) => shape,
            Err(reason) => panic!("argmax: {reason}"),
        };
        let mut places = vec![0; shape.elements()];
        reduce::each_lane(self.as_slice(), over.lanes(self.shape()), &mut places, place_of_largest);
        Tensor::assemble(places, shape)
    }
}

impl<T: Scalar> TensorVar<'_, T> {
    /// Where along an axis the largest number is: plain indices, through which no gradient goes. The axis is dropped;
    /// the first of several; a NaN is the largest.
    ///
    /// # Panics
    /// If there is no such axis, or no number along it.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::<f64>::new();
    /// assert_eq!(tape.tensor([[1.0, 5.0, 5.0]]).argmax(1), Tensor::from([1usize]));
    /// ```
    #[track_caller]
    pub fn argmax(self, axis: isize) -> Tensor<usize> {
        self.value().argmax(axis)
    }
}

pub(crate) fn extreme_cases() -> Vec<Case> {
    let mut cases = super::cases(super::BOTH, |over| Builtin::Extreme(Extreme { largest: true, over }), false);
    cases.extend(super::cases(super::BOTH, |over| Builtin::Extreme(Extreme { largest: false, over }), false));
    // Between two equal ones, half the slope is also what differences give.
    for largest in [true, false] {
        let extreme = move || Builtin::Extreme(Extreme { largest, over: super::ALONG[2] });
        let ties = if largest { [[0.5, 1.5, 1.5], [1.0, 1.0, 0.0]] } else { [[2.5, 1.5, 1.5], [-1.0, -1.0, 0.0]] };
        cases.push(Case::new(extreme, &[]).given(vec![ties.into()]).order(1));
    }
    cases
}
