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
        walk::rows(
            &shape,
            std::array::from_fn(|j| &strides[j][..]),
            &mut |[m, i, j], [step_m, step_a, step_b], len| {
                let (mask, a, b, row) = (&mask[m..], &a[i..], &b[j..], &mut to[at..at + len]);
                at += len;
                match [step_m, step_a, step_b] {
                    // The frequent cases, without bounds checks: equal shapes, and a number on one side.
                    [1, 1, 1] => {
                        for ((to, mask), (a, b)) in row.iter_mut().zip(mask).zip(a.iter().zip(b)) {
                            *to = if *mask { *a } else { *b };
                        }
                    }
                    [1, 1, 0] => {
                        for ((to, mask), a) in row.iter_mut().zip(mask).zip(a) {
                            *to = if *mask { *a } else { b[0] };
                        }
                    }
                    [1, 0, 1] => {
                        for ((to, mask), b) in row.iter_mut().zip(mask).zip(b) {
                            *to = if *mask { a[0] } else { *b };
                        }
                    }
                    _ => {
                        for (k, to) in row.iter_mut().enumerate() {
                            *to = if mask[k * step_m] { a[k * step_a] } else { b[k * step_b] };
                        }
                    }
                }
            },
        );
    })
}
