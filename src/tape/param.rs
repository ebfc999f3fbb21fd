//! Parameters: tensors that training changes, with an identity that their gradients are found by.

use crate::{Element, Error, Result, Tensor};
use std::sync::atomic::{AtomicU64, Ordering};

/// Who a parameter is. A number and not an allocation of its own: each step copies it several times, and to count
/// owners would be a tenth of a small step. No result depends on which number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ParamId(u64);

impl ParamId {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        ParamId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A parameter on a tape: its node there, and how often it had been changed when it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownParam {
    pub(super) id: ParamId,
    pub(super) node: u32,
    pub(super) changes: u64,
}

/// What a forward pass does with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Trained,
    Frozen,
    Buffer,
}

/// A tensor of a model that training changes.
///
/// [`Tape::param`](crate::Tape::param) puts it on a tape, [`Gradients::wrt`](crate::Gradients::wrt) finds its
/// gradient. `Send + Sync`: several threads may evaluate one model, each on a tape of its own. A clone is a parameter
/// of its own, with a gradient of its own.
///
/// ```
/// use gradtape::{Param, Tape, Tensor};
/// let weight = Param::new([2.0, 3.0]);
/// let tape = Tape::new();
/// let loss = tape.param(&weight).square().sum();
/// assert_eq!(loss.backward().wrt(&weight), Tensor::from([4.0, 6.0]));
/// ```
#[derive(Debug)]
pub struct Param<T> {
    pub(crate) id: ParamId,
    value: Tensor<T>,
    role: Role,
    /// How often the value was changed, so that a tape can tell whether it has the present one.
    changes: u64,
}

impl<T> Param<T> {
    fn with_role(value: Tensor<T>, role: Role) -> Self {
        Param { id: ParamId::new(), value, role, changes: 0 }
    }

    /// A parameter with its first value.
    pub fn new(value: impl Into<Tensor<T>>) -> Self {
        Param::with_role(value.into(), Role::Trained)
    }

    /// Numbers that belong to a model, but that no gradient changes, such as running means.
    pub fn buffer(value: impl Into<Tensor<T>>) -> Self {
        Param::with_role(value.into(), Role::Buffer)
    }

    /// The present value; a reference count.
    pub fn value(&self) -> Tensor<T>
    where
        T: Clone,
    {
        self.value.clone()
    }

    /// The same, borrowed.
    pub(crate) fn value_itself(&self) -> &Tensor<T> {
        &self.value
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        self.value.shape()
    }

    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Replaces the value.
    ///
    /// # Errors
    /// If the shape is another; the old value then stays.
    ///
    /// ```
    /// use gradtape::{Param, Tensor};
    /// let mut bias = Param::new([0.0, 0.0]);
    /// bias.set([1.0, 2.0])?;
    /// assert!(bias.set([1.0, 2.0, 3.0]).is_err());
    /// assert_eq!(bias.value(), Tensor::from([1.0, 2.0]));
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn set(&mut self, value: impl Into<Tensor<T>>) -> Result<()> {
        let value = value.into();
        if value.shape() != self.shape() {
            return Err(Error::invalid(format!(
                "a parameter of shape {:?} cannot take a value of shape {:?}",
                self.shape(),
                value.shape()
            )));
        }
        *self.value_mut() = value;
        Ok(())
    }

    /// The value for an update in place.
    pub(crate) fn value_mut(&mut self) -> &mut Tensor<T> {
        self.changes += 1;
        &mut self.value
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether it is a [`buffer`](Self::buffer).
    pub fn is_buffer(&self) -> bool {
        self.role == Role::Buffer
    }

    /// Whether gradients reach it.
    pub fn is_trained(&self) -> bool {
        self.role == Role::Trained
    }

    /// Keeps the value from being trained, or lets it be trained again. A buffer stays a buffer.
    ///
    /// ```
    /// use gradtape::{Param, Tape, Tensor};
    /// let mut weight = Param::new([2.0, 3.0]);
    /// weight.freeze(true);
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 1.0]);
    /// let gradients = (tape.param(&weight) * x).sum().backward();
    /// assert_eq!(gradients.wrt(&weight), Tensor::zeros([2]));
    /// ```
    pub fn freeze(&mut self, frozen: bool) {
        if !self.is_buffer() {
            self.role = if frozen { Role::Frozen } else { Role::Trained };
        }
    }
}

impl<T: Element> Param<T> {
    /// A parameter of another number type with the same value, rounded.
    pub fn convert<U: Element>(&self) -> Param<U> {
        let numbers = self.value.iter().map(|x| U::lit(x.real())).collect();
        Param::with_role(Tensor::assemble(numbers, self.shape().into()), self.role)
    }
}

impl<T: Clone> Clone for Param<T> {
    fn clone(&self) -> Self {
        Param::with_role(self.value.clone(), self.role)
    }
}
