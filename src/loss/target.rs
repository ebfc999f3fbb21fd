//! What losses take as target: [`AsTarget`] and its reading.

use crate::{Element, Tensor, data::Target};

/// What an output should be, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum TargetRef<'a, T> {
    /// The number of the right class, from 0, one for each row.
    Classes(&'a [usize]),
    /// Numbers to come close to.
    Values(&'a Tensor<T>),
}

/// What a loss takes as target: class numbers, a tensor, or a [`Target`] of a data set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a target for outputs of type `{T}`",
    label = "not a target",
    note = "a target is class numbers (`Vec<usize>`, `[usize; N]`, `Tensor<usize>`), a `Tensor<{T}>`, or \
            a `data::Target<{T}>`"
)]
pub trait AsTarget<T> {
    /// The target itself.
    fn as_target(&self) -> TargetRef<'_, T>;
}

impl<T> AsTarget<T> for [usize] {
    fn as_target(&self) -> TargetRef<'_, T> {
        TargetRef::Classes(self)
    }
}

impl<T, const N: usize> AsTarget<T> for [usize; N] {
    fn as_target(&self) -> TargetRef<'_, T> {
        TargetRef::Classes(self)
    }
}

impl<T> AsTarget<T> for Vec<usize> {
    fn as_target(&self) -> TargetRef<'_, T> {
        TargetRef::Classes(self)
    }
}

/// Class numbers, in the order of the rows.
impl<T: Element> AsTarget<T> for Tensor<usize> {
    fn as_target(&self) -> TargetRef<'_, T> {
        TargetRef::Classes(self.as_slice())
    }
}

impl<T: Element> AsTarget<T> for Tensor<T> {
    fn as_target(&self) -> TargetRef<'_, T> {
        TargetRef::Values(self)
    }
}

impl<T> AsTarget<T> for Target<T> {
    fn as_target(&self) -> TargetRef<'_, T> {
        match self {
            Target::Classes(classes) => TargetRef::Classes(classes),
            Target::Values(values) => TargetRef::Values(values),
        }
    }
}

impl<T, Y: AsTarget<T> + ?Sized> AsTarget<T> for &Y {
    fn as_target(&self) -> TargetRef<'_, T> {
        (**self).as_target()
    }
}
