//! Sorting along an axis. The gradient of a number goes back to where the number came from.

use crate::{
    Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, Op,
        layout::sum_slot,
        methods::{Apply, methods_of_both},
    },
    tape::Cotangents,
    tensor::{
        kernels::{
            along::{self, Along},
            sort::{is_order, order},
        },
        shape::resolve_axis,
    },
};
use std::sync::{Arc, OnceLock};

/// By what numbers are ranked: along an axis, in a direction, the first so many.
#[derive(Clone)]
pub(crate) struct Ranking {
    axis: isize,
    descending: bool,
    /// How many of each lane; all of them if not given.
    take: Option<usize>,
    /// The order that was found first: to be given to the user, and to spare sorting again on the way back. It is used
    /// again only for keys that it sorts, so that it changes no result.
    known: Arc<OnceLock<Tensor<usize>>>,
}

impl Ranking {
    fn new(axis: isize, descending: bool, take: Option<usize>) -> Self {
        Ranking { axis, descending, take, known: Arc::default() }
    }

    fn axis(&self, keys: &[usize]) -> usize {
        resolve_axis(self.axis, keys).expect("the axis was checked")
    }

    fn check(&self, keys: &[usize]) -> Result<Shape, String> {
        let axis = resolve_axis(self.axis, keys)?;
        match self.take {
            Some(k) if k > keys[axis] => {
                Err(format!("{keys:?}: there are no {k} numbers along axis {axis}, which has size {}", keys[axis]))
            }
            _ => Ok(self.ranked(keys)),
        }
    }

    /// The shape of what is taken.
    fn ranked(&self, keys: &[usize]) -> Shape {
        let mut shape = Shape::from(keys);
        if let Some(k) = self.take {
            shape[self.axis(keys)] = k;
        }
        shape
    }

    /// The positions of the numbers that are taken, from first to last.
    fn positions<T: Scalar>(&self, keys: &Tensor<T>) -> Tensor<usize> {
        let along = Along::new(keys.shape(), self.axis(keys.shape()));
        let numbers = keys.as_slice();
        let full = match self.known.get() {
            Some(known)
                if known.shape() == keys.shape() && is_order(known.as_slice(), numbers, along, self.descending) =>
            {
                known.clone()
            }
            _ => {
                let order = Tensor::assemble(order(numbers, along, self.descending), keys.shape().into());
                self.known.get_or_init(|| order.clone());
                order
            }
        };
        self.first(&full)
    }

    /// The first of each lane of a whole order.
    fn first(&self, full: &Tensor<usize>) -> Tensor<usize> {
        let Some(k) = self.take else { return full.clone() };
        let along = Along::new(full.shape(), self.axis(full.shape()));
        let lanes = full.as_slice().chunks_exact((along.size * along.inner).max(1));
        Tensor::assemble(lanes.flat_map(|lane| &lane[..k * along.inner]).copied().collect(), self.ranked(full.shape()))
    }

    /// What the user is given of the order that a value was computed with.
    fn found(&self) -> Tensor<usize> {
        self.first(self.known.get().expect("the value has been computed"))
    }
}

/// The numbers along an axis by rank.
pub struct Sort(pub(crate) Ranking);

impl<T: Scalar> Op<T, 1> for Sort {
    fn name(&self) -> &'static str {
        if self.0.take.is_some() { "topk" } else { "sort_axis" }
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.0.check(x)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        arranged(&self.0, x, x)
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(Arrange { by: self.0.clone(), back: true }, [x, g]))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        put_back(&self.0, x, &g, sum_slot(into, 0));
    }
}

/// The second input arranged by the rank of the first one's numbers; or, `back`, zeros with the second input where the
/// ranked numbers came from. Each is the other's transpose.
pub struct Arrange {
    pub(crate) by: Ranking,
    pub(crate) back: bool,
}

impl<T: Scalar> Op<T, 2> for Arrange {
    fn name(&self) -> &'static str {
        if self.back { "arrange_back" } else { "arrange" }
    }

    fn shape(&self, [keys, x]: [&[usize]; 2]) -> Result<Shape, String> {
        let ranked = self.by.check(keys)?;
        let (from, to) = if self.back { (ranked, keys.into()) } else { (keys.into(), ranked) };
        if from[..] == *x { Ok(to) } else { Err(format!("{keys:?} and {x:?}: the second should be {from:?}")) }
    }

    fn value(&self, [keys, x]: [&Tensor<T>; 2]) -> Tensor<T> {
        if !self.back {
            return arranged(&self.by, keys, x);
        }
        Tensor::build(keys.shape().into(), |to| {
            to.fill(T::zero());
            put_back(&self.by, keys, x, to);
        })
    }

    fn pullback<A: Algebra<T>>(&self, [keys, _x]: [A; 2], _y: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
        let transpose = Arrange { by: self.by.clone(), back: !self.back };
        // The order does not change with the keys, but where two of them meet.
        [needs[0].then(|| keys.zeros()), needs[1].then(|| A::apply(transpose, [keys, g]))]
    }
}

fn arranged<T: Scalar>(by: &Ranking, keys: &Tensor<T>, x: &Tensor<T>) -> Tensor<T> {
    let (axis, positions) = (by.axis(keys.shape()), by.positions(keys));
    let shape = positions.shape();
    Tensor::build(shape.into(), |to| {
        along::gather((x.as_slice(), x.shape()), axis, positions.as_slice(), shape, to, false);
    })
}

fn put_back<T: Scalar>(by: &Ranking, keys: &Tensor<T>, x: &Tensor<T>, to: &mut [T]) {
    let (axis, positions) = (by.axis(keys.shape()), by.positions(keys));
    along::scatter_add(x.as_slice(), axis, positions.as_slice(), positions.shape(), (to, keys.shape()));
}

methods_of_both! {
    /// The numbers along an axis in ascending order, and their positions before.
    ///
    /// Equal numbers keep their order (the sort is stable), and so share no gradient; NaN come last. The positions are
    /// those of this computation: a replay of the tape does not change them.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let (values, positions) = Tensor::from([3.0, 1.0, 2.0]).sort_axis(0);
    /// assert_eq!(values, Tensor::from([1.0, 2.0, 3.0]));
    /// assert_eq!(positions, Tensor::from([1, 2, 0usize]));
    /// ```
    fn sort_axis(x, axis: isize) -> (Self, Tensor<usize>) {
        let ranking = Ranking::new(axis, false, None);
        (x.apply(Builtin::Sort(Sort(ranking.clone()))), ranking.found())
    }

    /// The `k` largest numbers along an axis, the largest first, and their positions.
    ///
    /// Of equal numbers the one at the lower position comes first; NaN come last. The positions are those of this
    /// computation: a replay of the tape does not change them.
    ///
    /// # Panics
    /// If there is no such axis, or it has less than `k` numbers.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let (values, positions) = Tensor::<f64>::from([[3.0, 1.0, 3.0], [0.0, 2.0, 1.0]]).topk(2, 1);
    /// assert_eq!(values, Tensor::from([[3.0, 3.0], [2.0, 1.0]]));
    /// assert_eq!(positions, Tensor::from([[0, 2], [1, 2usize]]));
    /// ```
    fn topk(x, k: usize, axis: isize) -> (Self, Tensor<usize>) {
        let ranking = Ranking::new(axis, true, Some(k));
        (x.apply(Builtin::Sort(Sort(ranking.clone()))), ranking.found())
    }
}

/// Shape, axis, direction, how many.
type Sample = (&'static [usize], isize, bool, Option<usize>);

const SAMPLES: &[Sample] = &[
    (&[5], 0, false, None),
    (&[3, 4], 1, false, None),
    (&[4, 3], -2, true, None),
    (&[2, 3, 2], 1, false, None),
    (&[5], -1, true, Some(2)),
    (&[4, 2], 0, true, Some(3)),
    (&[2, 3], 1, true, Some(0)),
    (&[1], 0, false, None),
    (&[0, 2], 1, false, None),
    (&[2, 0], 1, true, Some(0)),
];

fn sample((_, axis, descending, take): &Sample) -> Ranking {
    Ranking::new(*axis, *descending, *take)
}

pub(crate) fn sort_cases() -> Vec<Case> {
    SAMPLES.iter().map(|of| Case::new(|| Builtin::Sort(Sort(sample(of))), &[of.0])).collect()
}

pub(crate) fn arrange_cases() -> Vec<Case> {
    let case = |of: &'static Sample, back: bool| {
        let x = if back { sample(of).ranked(of.0) } else { of.0.into() };
        Case::new(move || Builtin::Arrange(Arrange { by: sample(of), back }), &[of.0, &x])
    };
    SAMPLES.iter().flat_map(|of| [case(of, false), case(of, true)]).collect()
}
