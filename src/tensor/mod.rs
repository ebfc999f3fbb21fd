//! Layer 1: numbers. Tensors, their shapes, buffers and kernels; no tape and no gradient.

mod buffer;
mod compare;
mod construct;
mod dual;
mod element;
pub(crate) mod kernels;
mod multi_dual;
pub(crate) mod parallel;
pub(crate) mod shape;
mod show;
mod taylor;

pub(crate) use buffer::Buffer;
pub(crate) use buffer::{Near, Pool};
pub use dual::Dual;
pub use element::Element;
pub(crate) use element::guarded;
pub(crate) use kernels::product::Factor;
pub(crate) use kernels::product::{product_by_blocks, product_by_loops};
pub use multi_dual::MultiDual;
pub use parallel::{threads, with_threads};
pub use shape::Shape;
pub use taylor::Taylor;

use crate::{Error, Result};
use shape::checked_elements;

/// Numbers in a box of any rank: row-major, contiguous, shared until written to.
///
/// A clone is a reference count; writing to one of several clones copies the numbers first. `Tensor<usize>` and
/// `Tensor<bool>` are containers (indices, masks) without mathematics.
///
/// ```
/// use gradtape::Tensor;
/// let a = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// let b = &a * 2.0 + 1.0;
/// assert_eq!(b.shape(), [2, 3]);
/// assert_eq!(b.get(&[1, 2]), Some(13.0));
/// ```
pub struct Tensor<T> {
    shape: Shape,
    buffer: Buffer<T>,
}

impl<T: Clone> Clone for Tensor<T> {
    #[inline]
    fn clone(&self) -> Self {
        Tensor { shape: self.shape.clone(), buffer: self.buffer.clone() }
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.shape.clone_from(&source.shape);
        self.buffer.clone_from(&source.buffer);
    }
}

impl<T> Tensor<T> {
    /// A place for a copy of another tensor; nothing else may be done with it.
    #[inline]
    pub(crate) fn nothing() -> Self {
        Tensor { shape: Shape::default(), buffer: Buffer::nothing() }
    }

    /// The sizes of the axes, outermost first; `[]` for a single number.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The same, to be copied as it is.
    #[inline]
    pub(crate) fn shape_itself(&self) -> &Shape {
        &self.shape
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The number of numbers: the product of the shape.
    #[inline]
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether some axis has size 0.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All numbers, row by row.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        self.buffer.as_slice()
    }

    /// All numbers, row by row.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    /// The numbers for writing, if no clone of this tensor shares them.
    #[inline]
    pub(crate) fn own(&mut self) -> Option<&mut [T]> {
        self.buffer.own()
    }

    fn offset(&self, index: &[usize]) -> Option<usize> {
        if index.len() != self.rank() {
            return None;
        }
        index.iter().zip(self.shape()).try_fold(0, |offset, (i, size)| (i < size).then(|| offset * size + i))
    }
}

impl<T: Clone> Tensor<T> {
    /// The numbers of `data`, row by row, in the given shape.
    ///
    /// # Errors
    /// If the shape does not take exactly as many numbers.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// let a = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])?;
    /// assert_eq!(a, Tensor::from([[1.0, 2.0], [3.0, 4.0]]));
    /// assert!(Tensor::from_vec(vec![1.0, 2.0, 3.0], [2, 2]).is_err());
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn from_vec(data: Vec<T>, shape: impl AsRef<[usize]>) -> Result<Self> {
        let shape = shape.as_ref();
        match checked_elements(shape) {
            Some(n) if n == data.len() => Ok(Tensor { shape: shape.into(), buffer: Buffer::from_vec(data) }),
            Some(n) => {
                Err(Error::invalid(format!("{} numbers do not fill the shape {shape:?}, which takes {n}", data.len())))
            }
            None => Err(Error::invalid(format!("the shape {shape:?} takes more numbers than memory can hold"))),
        }
    }

    /// For data whose length is known to be right.
    pub(crate) fn assemble(data: Vec<T>, shape: Shape) -> Self {
        debug_assert_eq!(shape.elements(), data.len());
        Tensor { shape, buffer: Buffer::from_vec(data) }
    }

    /// The same numbers in another shape of as many elements.
    pub(crate) fn with_shape(&self, shape: Shape) -> Self {
        debug_assert_eq!(shape.elements(), self.len());
        Tensor { shape, buffer: self.buffer.clone() }
    }

    /// The number at an index, `None` outside the shape.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// let a = Tensor::from([[1, 2], [3, 4usize]]);
    /// assert_eq!(a.get(&[1, 0]), Some(3));
    /// assert_eq!(a.get(&[2, 0]), None);
    /// ```
    pub fn get(&self, index: &[usize]) -> Option<T> {
        self.offset(index).map(|offset| self.as_slice()[offset].clone())
    }

    /// The number at an index.
    ///
    /// # Panics
    /// If it lies outside the shape; [`get`](Self::get) does not.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).at(&[1, 0]), 3.0);
    /// ```
    #[track_caller]
    pub fn at(&self, index: &[usize]) -> T {
        match self.get(index) {
            Some(number) => number,
            None => panic!("at: {:?}: there is no element {index:?}", self.shape()),
        }
    }

    /// All numbers for writing, row by row; copied first if a clone shares them.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self.buffer.make_mut()
    }

    /// All numbers, row by row; without a copy if no clone shares them.
    pub fn into_vec(self) -> Vec<T> {
        self.buffer.into_vec()
    }
}

impl<T: Element> Tensor<T> {
    /// A tensor with old numbers in it, for kernels that write every element.
    #[inline(always)]
    pub(crate) fn fresh(shape: Shape) -> Self {
        let buffer = Buffer::fresh(shape.elements());
        Tensor { shape, buffer }
    }

    /// A new tensor whose numbers are written by `write`, which must set every element.
    #[inline(always)]
    pub(crate) fn build(shape: Shape, write: impl FnOnce(&mut [T])) -> Self {
        let mut result = Tensor::fresh(shape);
        write(result.own().expect("a fresh tensor has one owner"));
        result
    }

    /// The numbers for writing; if a clone shares them, a pooled copy.
    #[inline]
    pub(crate) fn pooled_mut(&mut self) -> &mut [T] {
        if !self.buffer.is_own() {
            *self = Tensor::build(self.shape.clone(), |to| to.copy_from_slice(self.as_slice()));
        }
        self.own().expect("a new tensor has one owner")
    }

    /// The only number of a tensor with one element, of any rank.
    ///
    /// # Panics
    /// If it has more or fewer.
    ///
    /// ```
    /// assert_eq!(gradtape::Tensor::from([[2.5]]).item(), 2.5);
    /// ```
    #[track_caller]
    pub fn item(&self) -> T {
        match self.as_slice() {
            [value] => *value,
            _ => panic!("item: {:?}: a tensor of {} numbers is not one number", self.shape(), self.len()),
        }
    }

    /// The tensor of `f` of every number.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// assert_eq!(Tensor::from([1.0, 4.0]).map(|x| x + 1.0), Tensor::from([2.0, 5.0]));
    /// ```
    pub fn map(&self, f: impl Fn(T) -> T) -> Self {
        kernels::map::map([self], self.shape.clone(), |[x]| f(x))
    }

    /// Replaces every number by `f(position, number)`: in place if nobody else holds them, else into a new buffer.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// let mut weight = Tensor::from([1.0, 2.0]);
    /// let before = weight.clone();
    /// weight.update(|i, w| w - 0.5 * i as f64);
    /// assert_eq!((weight, before), (Tensor::from([1.0, 1.5]), Tensor::from([1.0, 2.0])));
    /// ```
    pub fn update(&mut self, mut f: impl FnMut(usize, T) -> T) {
        if let Some(numbers) = self.own() {
            for (i, x) in numbers.iter_mut().enumerate() {
                *x = f(i, *x);
            }
            return;
        }
        *self = Tensor::build(self.shape.clone(), |to| {
            for (i, (to, from)) in to.iter_mut().zip(self.as_slice()).enumerate() {
                *to = f(i, *from);
            }
        });
    }
}
