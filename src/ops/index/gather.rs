//! Picking by indices along an axis, and adding up at indices: each is the other's rule.

use crate::{
    Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, Op,
        layout::{Pick, Positions, sum_slot},
        methods::{methods, methods_of_both},
    },
    tape::Cotangents,
    tensor::{
        kernels::{along, map},
        shape::{broadcast, resolve_axis},
    },
};

/// An axis, and for each element of the indices' shape a position along it.
#[derive(Clone)]
struct Places {
    axis: isize,
    indices: Tensor<usize>,
}

impl Places {
    /// Whether they lie in a tensor of shape `x`: of the same rank, nowhere longer but along the axis.
    fn check(&self, x: &[usize]) -> Result<(), String> {
        let axis = resolve_axis(self.axis, x)?;
        let shape = self.indices.shape();
        let fits = shape.len() == x.len() && (0..x.len()).all(|i| i == axis || shape[i] <= x[i]);
        if !fits {
            return Err(format!(
                "{x:?} and {shape:?}: the indices need as many axes, none longer than the tensor's but axis {axis}"
            ));
        }
        match self.indices.iter().find(|index| **index >= x[axis]) {
            Some(index) => {
                Err(format!("{x:?}: the index {index} does not lie in axis {axis}, which has size {}", x[axis]))
            }
            None => Ok(()),
        }
    }

    fn axis(&self, x: &[usize]) -> usize {
        resolve_axis(self.axis, x).expect("the engine has checked the axis")
    }

    /// `to` becomes what the indices name in `x`, or that is added to it.
    fn read<T: Scalar>(&self, x: &Tensor<T>, to: &mut [T], add: bool) {
        let (axis, indices) = (self.axis(x.shape()), self.indices.as_slice());
        along::gather((x.as_slice(), x.shape()), axis, indices, self.indices.shape(), to, add);
    }

    /// Adds `x`, which has the shape of the indices, to what they name in `to`.
    fn add_back<T: Scalar>(&self, x: &[T], to: &mut [T], shape: &[usize]) {
        let (axis, indices) = (self.axis(shape), self.indices.as_slice());
        along::scatter_add(x, axis, indices, self.indices.shape(), (to, shape));
    }
}

/// The numbers at indices along an axis.
pub struct Gather(Places);

/// The first input, to which the second, broadcast to the shape of the indices, is added at indices along an axis.
pub struct ScatterAdd(Places);

impl Gather {
    pub(crate) fn new(axis: isize, indices: &Tensor<usize>) -> Self {
        Gather(Places { axis, indices: indices.clone() })
    }
}

impl ScatterAdd {
    pub(crate) fn new(axis: isize, indices: &Tensor<usize>) -> Self {
        ScatterAdd(Places { axis, indices: indices.clone() })
    }
}

impl<T: Scalar> Op<T, 1> for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.0.check(x)?;
        Ok(self.0.indices.shape().into())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        Tensor::build(self.0.indices.shape().into(), |to| self.0.read(x, to, false))
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(ScatterAdd(self.0.clone()), [x.zeros(), g]))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        self.0.add_back(g.as_slice(), sum_slot(into, 0), x.shape());
    }
}

impl<T: Scalar> Op<T, 2> for ScatterAdd {
    fn name(&self) -> &'static str {
        "scatter_add"
    }

    fn shape(&self, [x, source]: [&[usize]; 2]) -> Result<Shape, String> {
        self.0.check(x)?;
        let indices = self.0.indices.shape();
        match broadcast(source, indices) {
            Ok(shape) if shape[..] == *indices => Ok(x.into()),
            _ => Err(format!("{source:?} and {indices:?}: the source does not broadcast to the shape of the indices")),
        }
    }

    fn value(&self, [x, source]: [&Tensor<T>; 2]) -> Tensor<T> {
        let source = map::broadcast_to(source, self.0.indices.shape().into());
        let mut y = x.clone();
        self.0.add_back(source.as_slice(), y.pooled_mut(), x.shape());
        y
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 2], _y: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
        let source = needs[1].then(|| A::apply(Gather(self.0.clone()), [g.clone()]));
        [needs[0].then_some(g), source]
    }
}

methods! {
    /// The positions `indices` along an axis, in their order; one may come more than once.
    ///
    /// # Panics
    /// If an index does not lie in the axis.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let table = Tensor::<f64>::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// assert_eq!(table.index_select(0, &[2, 0]), Tensor::from([[5.0, 6.0], [1.0, 2.0]]));
    /// let tape = Tape::new();
    /// let table = tape.tensor(table);
    /// let gradients = table.index_select(0, &[1, 1]).sum().backward();
    /// assert_eq!(gradients.wrt(table), Tensor::from([[0.0, 0.0], [2.0, 2.0], [0.0, 0.0]]));
    /// ```
    fn index_select(axis: isize, indices: &[usize]) = |_shape| Builtin::Pick(Pick {
        axis,
        positions: Positions::List(indices.into()),
    });

    /// The numbers at each element's own position along an axis: along axis 1 of three,
    /// `y[i, j, k] = x[i, indices[i, j, k], k]`. The result has the shape of the indices.
    ///
    /// # Panics
    /// If the indices have another number of axes or are longer along another axis than this one, or if one of them
    /// does not lie in the axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let scores = Tensor::<f64>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let chosen = scores.gather(1, &Tensor::from([[2usize], [0]]));
    /// assert_eq!(chosen, Tensor::from([[3.0], [4.0]]));
    /// ```
    fn gather(axis: isize, indices: &Tensor<usize>) = |_shape| Builtin::Gather(Gather::new(axis, indices));
}

methods_of_both! {
    /// This, with the numbers of `source` added at each one's own position along an axis: along axis 1 of three,
    /// `y[i, indices[i, j, k], k] += source[i, j, k]`. Numbers at the same place add up.
    ///
    /// `source` is a tensor that broadcasts to the shape of the indices, or a number.
    ///
    /// # Panics
    /// As [`gather`](Self::gather), and if `source` does not broadcast to the shape of the indices.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let counts = Tensor::<f64>::zeros([3]).scatter_add(0, &Tensor::from([2usize, 0, 2]), 1.0);
    /// assert_eq!(counts, Tensor::from([1.0, 0.0, 2.0]));
    /// ```
    fn scatter_add(axis: isize, indices: &Tensor<usize>; source)
        = Builtin::ScatterAdd(ScatterAdd::new(axis, indices));
}

/// Shape of the tensor, axis, shape of the indices, indices.
type Sample = (&'static [usize], isize, &'static [usize], &'static [usize]);

const SAMPLES: &[Sample] = &[
    (&[4], 0, &[3], &[2, 0, 2]),
    (&[2, 3], 1, &[2, 2], &[2, 0, 1, 1]),
    (&[2, 3], -2, &[3, 2], &[1, 0, 1, 1, 0, 0]),
    (&[2, 2, 2], 1, &[1, 3, 2], &[0, 1, 1, 1, 0, 1]),
    (&[3], 0, &[0], &[]),
    (&[1, 2], 0, &[2, 1], &[0, 0]),
    (&[0, 2], 1, &[0, 3], &[]),
];

fn sample_indices((_, _, shape, indices): &Sample) -> Tensor<usize> {
    Tensor::from_vec(indices.to_vec(), shape).expect("a sample's indices fill their shape")
}

pub(crate) fn gather_cases() -> Vec<Case> {
    let case = |sample: &'static Sample| {
        Case::new(|| Builtin::Gather(Gather::new(sample.1, &sample_indices(sample))), &[sample.0])
    };
    SAMPLES.iter().map(case).collect()
}

pub(crate) fn scatter_add_cases() -> Vec<Case> {
    let case = |sample: &'static Sample, source: &[usize]| {
        let op = || Builtin::ScatterAdd(ScatterAdd::new(sample.1, &sample_indices(sample)));
        Case::new(op, &[sample.0, source])
    };
    let mut cases: Vec<Case> = SAMPLES.iter().map(|sample| case(sample, sample.2)).collect();
    cases.extend([case(&SAMPLES[1], &[2]), case(&SAMPLES[1], &[]), case(&SAMPLES[3], &[3, 1])]);
    cases
}
