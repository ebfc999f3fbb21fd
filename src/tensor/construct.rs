//! How tensors are made: from arrays and vectors, of one value, of ranges and of random numbers.

use super::{Buffer, Shape, Tensor, shape::checked_elements};
use crate::{Element, rng};
use std::fmt::Display;

/// The shape, if its tensor could exist in memory.
#[track_caller]
fn checked(shape: &[usize]) -> Shape {
    match checked_elements(shape) {
        Some(_) => shape.into(),
        None => panic!("the shape {shape:?} takes more numbers than memory can hold"),
    }
}

impl<T: Clone> Tensor<T> {
    /// A tensor of one value.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// assert_eq!(Tensor::full([2], 7usize), Tensor::from([7usize, 7]));
    /// ```
    ///
    /// # Panics
    /// If the product of the sizes is more than memory can address; so do all constructors that take a shape.
    #[track_caller]
    pub fn full(shape: impl AsRef<[usize]>, value: T) -> Self {
        let shape = checked(shape.as_ref());
        Tensor { buffer: Buffer::from_vec(vec![value; shape.elements()]), shape }
    }
}

impl<T: Element> Tensor<T> {
    /// A single number: rank 0, shape `[]`.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// let one = Tensor::scalar(1.0);
    /// assert_eq!((one.rank(), one.item()), (0, 1.0));
    /// ```
    pub fn scalar(value: T) -> Self {
        Tensor::filled(Shape::default(), value)
    }

    /// Zeros.
    #[track_caller]
    pub fn zeros(shape: impl AsRef<[usize]>) -> Self {
        Tensor::filled(checked(shape.as_ref()), T::zero())
    }

    /// Ones.
    #[track_caller]
    pub fn ones(shape: impl AsRef<[usize]>) -> Self {
        Tensor::filled(checked(shape.as_ref()), T::one())
    }

    /// One value, in a buffer of the pool.
    pub(crate) fn filled(shape: Shape, value: T) -> Self {
        Tensor::build(shape, |to| to.fill(value))
    }

    /// The identity matrix of `n` rows.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// assert_eq!(Tensor::eye(2), Tensor::from([[1.0, 0.0], [0.0, 1.0]]));
    /// ```
    #[track_caller]
    pub fn eye(n: usize) -> Self {
        let mut result = Tensor::zeros([n, n]);
        for row in result.pooled_mut().chunks_exact_mut(n.max(1)).enumerate().map(|(i, row)| &mut row[i]) {
            *row = T::one();
        }
        result
    }

    /// `start, start + step, ...` up to but not including `end`; empty if `end` is not ahead.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// assert_eq!(Tensor::arange(0.0, 2.0, 0.5), Tensor::from([0.0, 0.5, 1.0, 1.5]));
    /// ```
    ///
    /// # Panics
    /// If `step` is 0, or one of the three is not finite.
    #[track_caller]
    pub fn arange(start: f64, end: f64, step: f64) -> Self {
        assert!(
            step != 0.0 && start.is_finite() && end.is_finite() && step.is_finite(),
            "arange: from {start} to {end} in steps of {step} never ends"
        );
        let n = ((end - start) / step).ceil().max(0.0) as usize;
        Tensor::build(checked(&[n]), |to| {
            for (i, x) in to.iter_mut().enumerate() {
                *x = T::lit(start + i as f64 * step);
            }
        })
    }

    /// `n` numbers at equal distances, from `start` to `end` inclusive.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// assert_eq!(Tensor::linspace(0.0, 1.0, 5), Tensor::from([0.0, 0.25, 0.5, 0.75, 1.0]));
    /// ```
    #[track_caller]
    pub fn linspace(start: f64, end: f64, n: usize) -> Self {
        Tensor::build(checked(&[n]), |to| {
            for (i, x) in to.iter_mut().enumerate() {
                let last = i > 0 && i == n - 1;
                let value = if last { end } else { start + (end - start) * (i as f64 / (n - 1).max(1) as f64) };
                *x = T::lit(value);
            }
        })
    }

    /// Independent numbers of the standard normal distribution.
    ///
    /// The bits depend on the generator's alone: [`Rng`](crate::Rng) promises the same for a major version.
    ///
    /// ```
    /// use gradtape::{Rng, Tensor};
    /// let noise: Tensor<f32> = Tensor::randn([64, 64], &mut Rng::new(7));
    /// assert!(noise.mean().item().abs() < 0.1);
    /// ```
    #[track_caller]
    pub fn randn(shape: impl AsRef<[usize]>, rng: &mut (impl rand::Rng + ?Sized)) -> Self {
        Tensor::build(checked(shape.as_ref()), |to| to.fill_with(|| T::lit(rng::normal(rng))))
    }

    /// Independent numbers of the uniform distribution on [0, 1).
    ///
    /// ```
    /// use gradtape::{Rng, Tensor};
    /// let a = Tensor::<f64>::rand([100], &mut Rng::new(1));
    /// assert!(a.iter().all(|x| (0.0..1.0).contains(x)));
    /// ```
    #[track_caller]
    pub fn rand(shape: impl AsRef<[usize]>, rng: &mut (impl rand::Rng + ?Sized)) -> Self {
        Tensor::build(checked(shape.as_ref()), |to| {
            to.fill_with(|| {
                // The nearest f32 to a number just below 1 may be 1 itself.
                loop {
                    let x = T::lit(rng::uniform(rng));
                    if x < T::one() {
                        return x;
                    }
                }
            });
        })
    }

    /// Independent numbers of any distribution of [`rand`] or of the crate `rand_distr`.
    ///
    /// How many bits of the generator a distribution takes, and what it makes of them, is that crate's business and may
    /// change with its version; [`randn`](Self::randn) and [`rand`](Self::rand) do not.
    ///
    /// ```
    /// use gradtape::{Rng, Tensor};
    /// use rand_distr::Exp;
    /// let waits: Tensor<f64> = Tensor::sample([1000], &Exp::new(2.0).unwrap(), &mut Rng::new(7));
    /// assert!((waits.mean().item() - 0.5).abs() < 0.1);
    /// ```
    #[track_caller]
    pub fn sample(
        shape: impl AsRef<[usize]>,
        distribution: &impl rand::distr::Distribution<f64>,
        rng: &mut (impl rand::Rng + ?Sized),
    ) -> Self {
        Tensor::build(checked(shape.as_ref()), |to| to.fill_with(|| T::lit(distribution.sample(rng))))
    }
}

impl<T: Clone> From<Vec<T>> for Tensor<T> {
    fn from(data: Vec<T>) -> Self {
        let shape = Shape::from([data.len()]);
        Tensor::assemble(data, shape)
    }
}

impl<T: Clone> From<&[T]> for Tensor<T> {
    fn from(data: &[T]) -> Self {
        data.to_vec().into()
    }
}

impl<T: Clone> From<&Tensor<T>> for Tensor<T> {
    fn from(tensor: &Tensor<T>) -> Self {
        tensor.clone()
    }
}

macro_rules! from_number {
    ($($T:ty),*) => { $(
        impl From<$T> for Tensor<$T> {
            fn from(value: $T) -> Self {
                Tensor::assemble(vec![value], Shape::default())
            }
        }
    )* };
}
from_number!(f32, f64, usize, bool, u8);

impl<T: Clone> From<crate::Dual<T>> for Tensor<crate::Dual<T>> {
    fn from(value: crate::Dual<T>) -> Self {
        Tensor::assemble(vec![value], Shape::default())
    }
}

impl<T: Copy, const N: usize> From<crate::MultiDual<T, N>> for Tensor<crate::MultiDual<T, N>> {
    fn from(value: crate::MultiDual<T, N>) -> Self {
        Tensor::assemble(vec![value], Shape::default())
    }
}

impl<T: Clone, const K: usize> From<crate::Taylor<T, K>> for Tensor<crate::Taylor<T, K>> {
    fn from(value: crate::Taylor<T, K>) -> Self {
        Tensor::assemble(vec![value], Shape::default())
    }
}

// Numbers can be shown, arrays cannot: asking for that leaves one reading of a nested array, so that the compiler can
// infer its number.
impl<T: Display + Clone, const A: usize> From<[T; A]> for Tensor<T> {
    fn from(data: [T; A]) -> Self {
        Vec::from(data).into()
    }
}

impl<T: Display + Clone, const A: usize> From<&[T; A]> for Tensor<T> {
    fn from(data: &[T; A]) -> Self {
        data.to_vec().into()
    }
}

impl<T: Display + Clone, const A: usize, const B: usize> From<[[T; B]; A]> for Tensor<T> {
    fn from(data: [[T; B]; A]) -> Self {
        Tensor::assemble(data.into_iter().flatten().collect(), [A, B].into())
    }
}

impl<T: Display + Clone, const A: usize, const B: usize, const C: usize> From<[[[T; C]; B]; A]> for Tensor<T> {
    fn from(data: [[[T; C]; B]; A]) -> Self {
        Tensor::assemble(data.into_iter().flatten().flatten().collect(), [A, B, C].into())
    }
}

impl<T: Display + Clone, const A: usize, const B: usize, const C: usize, const D: usize> From<[[[[T; D]; C]; B]; A]>
    for Tensor<T>
{
    fn from(data: [[[[T; D]; C]; B]; A]) -> Self {
        Tensor::assemble(data.into_iter().flatten().flatten().flatten().collect(), [A, B, C, D].into())
    }
}
