//! Parts of a tensor by their positions along one axis: slices, splits and reversals; and the transpose, which adds
//! the parts back in their places.

use crate::{
    Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, Op,
        layout::sum_slot,
        methods::{axis_of, methods, methods_of_both},
    },
    tape::Cotangents,
    tensor::{
        kernels::{
            along::{self, Along},
            strided,
        },
        shape::{resolve_axis, strides},
    },
};

/// Which positions along an axis.
#[derive(Clone)]
pub(crate) enum Positions {
    /// Every `step`-th from `start` to before `end`.
    Range { start: usize, end: usize, step: usize },
    /// All, from the last to the first.
    Reversed,
    /// Any, in any order and number.
    List(Tensor<usize>),
}

impl Positions {
    fn name(&self) -> &'static str {
        match self {
            Positions::Range { .. } => "slice",
            Positions::Reversed => "flip",
            Positions::List(_) => "index_select",
        }
    }

    /// How many they are, of an axis of the given size.
    fn count(&self, size: usize) -> usize {
        match self {
            Positions::Range { start, end, step } => (end - start).div_ceil(*step),
            Positions::Reversed => size,
            Positions::List(list) => list.len(),
        }
    }

    /// What is wrong with them for an axis of the given size.
    fn check(&self, axis: usize, size: usize) -> Result<(), String> {
        match self {
            Positions::Range { step: 0, .. } => Err("the step must be at least 1".into()),
            Positions::Range { start, end, .. } if start > end => Err(format!("{start}..{end} ends before it starts")),
            Positions::Range { start, end, .. } if *end > size => {
                Err(format!("{start}..{end} does not lie in axis {axis}, which has size {size}"))
            }
            Positions::List(list) => match list.iter().find(|position| **position >= size) {
                Some(position) => {
                    Err(format!("the index {position} does not lie in axis {axis}, which has size {size}"))
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Reads the positions of `x`, or adds them to what `to` holds.
    fn read<T: Scalar>(&self, axis: usize, x: &[T], shape: &[usize], to: &mut [T], add: bool) {
        let along = Along::new(shape, axis);
        match self {
            Positions::Range { start, .. } => {
                let (start, part, strides) = self.range(*start, axis, shape);
                strided::read(x, start, &part, &strides, to, add);
            }
            Positions::Reversed => along::pick(x, along, along.size, |i| along.size - 1 - i, to, add),
            Positions::List(list) => {
                let list = list.as_slice();
                along::pick(x, along, list.len(), |i| list[i], to, add);
            }
        }
    }

    /// Adds `x` to the positions of `to`, whose shape is given.
    fn add_back<T: Scalar>(&self, axis: usize, x: &[T], to: &mut [T], shape: &[usize]) {
        let along = Along::new(shape, axis);
        match self {
            Positions::Range { start, .. } => {
                let (start, part, strides) = self.range(*start, axis, shape);
                strided::write(x, start, &part, &strides, to, true);
            }
            Positions::Reversed => along::put(x, along, along.size, |i| along.size - 1 - i, to),
            Positions::List(list) => {
                let list = list.as_slice();
                along::put(x, along, list.len(), |i| list[i], to);
            }
        }
    }

    /// A range as a part of the whole: where it begins in memory, its shape and its strides.
    fn range(&self, start: usize, axis: usize, shape: &[usize]) -> (usize, Shape, Shape) {
        let mut strides: Shape = strides(shape).into_iter().collect();
        let first = start * strides[axis];
        if let Positions::Range { step, .. } = self {
            // A step beyond the axis takes one position, whose stride nobody reads.
            strides[axis] = strides[axis].saturating_mul(*step);
        }
        (first, with_size(shape, axis, self.count(shape[axis])), strides)
    }
}

fn with_size(shape: &[usize], axis: usize, size: usize) -> Shape {
    let mut shape = Shape::from(shape);
    shape[axis] = size;
    shape
}

/// The numbers at some positions along an axis.
pub struct Pick {
    pub(crate) axis: isize,
    pub(crate) positions: Positions,
}

impl Pick {
    fn axis(&self, x: &[usize]) -> usize {
        resolve_axis(self.axis, x).expect("the engine has checked the axis")
    }
}

impl<T: Scalar> Op<T, 1> for Pick {
    fn name(&self) -> &'static str {
        self.positions.name()
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        let axis = resolve_axis(self.axis, x)?;
        self.positions.check(axis, x[axis]).map_err(|reason| format!("{x:?}: {reason}"))?;
        Ok(with_size(x, axis, self.positions.count(x[axis])))
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let axis = self.axis(x.shape());
        let shape = with_size(x.shape(), axis, self.positions.count(x.shape()[axis]));
        Tensor::build(shape, |to| self.positions.read(axis, x.as_slice(), x.shape(), to, false))
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let size = x.shape()[self.axis(&x.shape())];
        [Some(A::apply(Put { axis: self.axis, size, positions: self.positions.clone() }, [g]))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        self.positions.add_back(self.axis(x.shape()), g.as_slice(), sum_slot(into, 0), x.shape());
    }
}

/// Zeros of size `size` along the axis, to which the input is added at the positions: the transpose of [`Pick`].
pub struct Put {
    pub(crate) axis: isize,
    pub(crate) size: usize,
    pub(crate) positions: Positions,
}

impl<T: Scalar> Op<T, 1> for Put {
    fn name(&self) -> &'static str {
        "put"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        let axis = resolve_axis(self.axis, x)?;
        self.positions.check(axis, self.size).map_err(|reason| format!("{x:?}: {reason}"))?;
        let count = self.positions.count(self.size);
        if x[axis] != count {
            return Err(format!("{x:?}: axis {axis} has size {}, for {count} positions", x[axis]));
        }
        Ok(with_size(x, axis, self.size))
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let axis = resolve_axis(self.axis, x.shape()).expect("the engine has checked the axis");
        let shape = with_size(x.shape(), axis, self.size);
        Tensor::build(shape.clone(), |to| {
            to.fill(T::zero());
            self.positions.add_back(axis, x.as_slice(), to, &shape);
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(Pick { axis: self.axis, positions: self.positions.clone() }, [g]))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let axis = resolve_axis(self.axis, x.shape()).expect("the engine has checked the axis");
        let (slot, add) = into.slot(0);
        self.positions.read(axis, g.as_slice(), y.shape(), slot, add);
    }
}

methods! {
    /// Every `step`-th of the positions from `start` to before `end` along an axis.
    ///
    /// # Panics
    /// If `start..end` does not lie in the axis, or `step` is 0.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::<f64>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(a.slice(1, 1, 3, 1), Tensor::from([[2.0, 3.0], [5.0, 6.0]]));
    /// assert_eq!(a.slice(-1, 0, 3, 2), Tensor::from([[1.0, 3.0], [4.0, 6.0]]));
    /// ```
    fn slice(axis: isize, start: usize, end: usize, step: usize) = |_shape| Builtin::Pick(Pick {
        axis,
        positions: Positions::Range { start, end, step },
    });

    /// The positions along an axis from the last to the first.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).flip(0), Tensor::from([3.0, 2.0, 1.0]));
    /// ```
    fn flip(axis: isize) = |_shape| Builtin::Pick(Pick { axis, positions: Positions::Reversed });
}

methods_of_both! {
    /// Parts one after another along an axis, of the given sizes.
    ///
    /// # Panics
    /// If the sizes do not add up to that of the axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let parts = Tensor::from([1.0, 2.0, 3.0]).split(0, &[1, 2]);
    /// assert_eq!(parts, [Tensor::from([1.0]), Tensor::from([2.0, 3.0])]);
    /// ```
    fn split(x, axis: isize, sizes: &[usize]) -> Vec<Self> {
        let mut start = check_sizes(x.shape(), axis, sizes);
        let mut parts = Vec::with_capacity(sizes.len());
        for size in sizes {
            parts.push(x.slice(axis, start, start + size, 1));
            start += size;
        }
        parts
    }
}

/// The start of the first part.
#[track_caller]
fn check_sizes(shape: &[usize], axis: isize, sizes: &[usize]) -> usize {
    let axis = axis_of("split", axis, shape);
    let total = sizes.iter().try_fold(0usize, |sum, size| sum.checked_add(*size));
    assert!(
        total == Some(shape[axis]),
        "split: {shape:?}: the sizes {sizes:?} do not add up to {}, the size of axis {axis}",
        shape[axis]
    );
    0
}

fn list(positions: &'static [usize]) -> Positions {
    Positions::List(positions.into())
}

const fn range(start: usize, end: usize, step: usize) -> Positions {
    Positions::Range { start, end, step }
}

/// Positions with the size of the axis they lie in: shapes with that axis, the axis, the positions.
fn samples() -> Vec<(&'static [usize], isize, Positions)> {
    vec![
        (&[5], 0, range(1, 4, 1)),
        (&[5], -1, range(0, 5, 3)),
        (&[2, 4], 1, range(1, 4, 2)),
        (&[4, 2, 3], 0, range(1, 3, 1)),
        (&[2, 4, 3], -2, range(0, 4, 3)),
        (&[3, 2], 0, range(2, 2, 1)),
        (&[0, 2], 1, range(0, 1, 1)),
        (&[3], 0, Positions::Reversed),
        (&[2, 3, 2], 1, Positions::Reversed),
        (&[2, 0], -1, Positions::Reversed),
        (&[4], 0, list(&[2, 0, 2, 2])),
        (&[3, 2], 0, list(&[1, 1])),
        (&[2, 3], -1, list(&[2, 0])),
        (&[2, 3, 2], 1, list(&[0, 2, 0])),
        (&[2, 3], 0, list(&[])),
        (&[0, 3], 1, list(&[1])),
        (&[1], 0, list(&[0, 0])),
    ]
}

pub(crate) fn pick_cases() -> Vec<Case> {
    let case = |(shape, axis, positions): (&'static [usize], isize, Positions)| {
        Case::new(move || Builtin::Pick(Pick { axis, positions: positions.clone() }), &[shape])
    };
    samples().into_iter().map(case).collect()
}

pub(crate) fn put_cases() -> Vec<Case> {
    let case = |(shape, axis, positions): (&'static [usize], isize, Positions)| {
        let along = resolve_axis(axis, shape).expect("an axis of the sample");
        let size = shape[along];
        let part = with_size(shape, along, positions.count(size));
        Case::new(move || Builtin::Put(Put { axis, size, positions: positions.clone() }), &[&part])
    };
    samples().into_iter().map(case).collect()
}
