//! Choosing between two tensors by a mask, with broadcasting of all three.

use crate::{
    Element, Shape, Tensor,
    tensor::{kernels::walk, shape::broadcast_strides},
};

/// `a` where the mask is true, else `b`, each read as if it had the given shape.
pub(crate) fn choose<T: Element>(mask: &Tensor<bool>, a: &Tensor<T>, b: &Tensor<T>, shape: Shape) -> Tensor<T> {
    let strides = [mask.shape(), a.shape(), b.shape()].map(|own| broadcast_strides(own, &shape));
    let (mask, a, b) = (mask.as_slice(), a.as_slice(), b.as_slice());
    Tensor::build(shape.clone(), |to| {
        let mut at = 0;
        walk::rows(&shape, std::array::from_fn(|j| &strides[j][..]), |[m, i, j], [step_m, step_a, step_b], len| {
            let (mask, a, b) = (&mask[m..], &a[i..], &b[j..]);
            for (k, to) in to[at..at + len].iter_mut().enumerate() {
                *to = if mask[k * step_m] { a[k * step_a] } else { b[k * step_b] };
            }
            at += len;
        });
    })
}
