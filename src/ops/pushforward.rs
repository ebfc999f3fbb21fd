//! Derivatives of recorded tensors in a direction, without a rule of their own: a reverse sweep is linear in its
//! cotangent w, and what it gives, `wᵀ J`, swept again from w with the cotangent v, is `J v`.

use crate::{Scalar, Tensor, TensorVar, ops::recorded_sweep};

/// How a tensor moves with a variable: made by one recorded sweep.
pub(crate) struct Pushforward<'t, T: 'static> {
    w: TensorVar<'t, T>,
    /// `wᵀ J`; `None` where nothing depends on the variable.
    pulled: Option<TensorVar<'t, T>>,
}

impl<'t, T: Scalar> Pushforward<'t, T> {
    /// # Errors
    /// What on the way from `x` to `y` has no second derivative.
    pub(crate) fn new(y: TensorVar<'t, T>, x: TensorVar<'t, T>) -> Result<Self, String> {
        let w = y.tape().tensor(Tensor::ones(y.shape()));
        let pulled = match y.needs_gradient() {
            true => recorded_sweep(y, w)?.get(x.id() as usize).copied().flatten(),
            false => None,
        };
        Ok(Pushforward { w, pulled: pulled.filter(|pulled| pulled.needs_gradient()) })
    }

    /// `J v`. Costs a sweep over what the recorded one has recorded.
    pub(crate) fn along(&self, v: Tensor<T>) -> Tensor<T> {
        match self.pulled {
            Some(pulled) => pulled.backward_with(v).wrt(self.w),
            None => Tensor::zeros(self.w.shape()),
        }
    }
}
