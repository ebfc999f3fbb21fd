//! Early stopping: keeps the parameters of the best epoch, and tells when to stop waiting for a better one.

use crate::{
    Scalar, Tensor,
    nn::{Module, Path},
};

/// The best parameters so far.
pub(super) struct Best<T> {
    patience: usize,
    lowest: f64,
    waited: usize,
    /// Values of parameters and buffers in the order of a visit; counts of their buffers, not copies.
    values: Vec<Tensor<T>>,
}

impl<T: Scalar> Best<T> {
    pub(super) fn new(patience: usize) -> Self {
        Best { patience, lowest: f64::INFINITY, waited: 0, values: Vec::new() }
    }

    /// Takes in an epoch, and tells whether to stop. A loss that is no number is no better one.
    pub(super) fn after_epoch<M: Module<T> + ?Sized>(&mut self, loss: f64, model: &M) -> bool {
        if loss < self.lowest {
            (self.lowest, self.waited) = (loss, 0);
            self.values.clear();
            model.visit(&Path::root(), &mut |_, param| self.values.push(param.value()));
            return false;
        }
        self.waited += 1;
        self.waited >= self.patience.max(1)
    }

    /// Puts the best parameters back.
    pub(super) fn restore<M: Module<T> + ?Sized>(self, model: &mut M) {
        let mut values = self.values.into_iter();
        model.visit_mut(&Path::root(), &mut |_, param| {
            if let Some(value) = values.next() {
                *param.value_mut() = value;
            }
        });
    }
}
