//! The two ways to a gradient, the fast sweep and the recorded one, give the same numbers. Whether these are right is
//! said by differences, one level up.

use super::{Check, finite_size, signs};
use crate::{Error, Result, Rng, Tensor, TensorVar};

impl<F> Check<'_, F>
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    /// The first-order derivatives by the recorded path, for the first cotangent.
    pub(super) fn recorded(&mut self) -> Option<Vec<Tensor<f64>>> {
        let cotangent = self.cotangents[0][0].clone();
        self.function.recorded(self.z, &cotangent)
    }

    /// The fast sweep and the recorded gradient are two ways to the same numbers, but for their rounding.
    pub(super) fn paths_agree(&mut self, recorded: &[Tensor<f64>], rng: &mut Rng) -> Result<()> {
        // Sums in two orders differ by the root of their length, in units of the rounding of their largest part.
        let count: usize = self.z.iter().map(Tensor::len).sum();
        let unit = 16.0 * f64::EPSILON * (count as f64).sqrt();
        let mut sensitivity: Option<Vec<Tensor<f64>>> = None;
        for (i, recorded_i) in recorded.iter().enumerate() {
            let fast_i = self.analytic[0][i].clone();
            let size = fast_i.iter().chain(recorded_i.iter()).fold(0.0, |size: f64, x| size.max(x.abs()));
            for (offset, (fast, slow)) in fast_i.iter().zip(recorded_i.iter()).enumerate() {
                let difference = (fast - slow).abs();
                // Written so that a NaN does not pass.
                if difference <= unit * size {
                    continue;
                }
                // Where large numbers cancel, rounding grows as much as a change of the inputs in their last bits.
                let measured = sensitivity.get_or_insert_with(|| self.sensitivity(recorded, rng));
                let agrees = difference <= unit * size + 8.0 * measured[i].as_slice()[offset];
                if !agrees {
                    return Err(Error::invalid(format!(
                        "backward and the recorded gradient differ at {}: {fast} (Op::accumulate) and {slow} \
                         (Op::pullback); differences confirm the first",
                        self.place(i, offset).0
                    )));
                }
            }
        }
        Ok(())
    }

    /// How much the first-order derivatives change, by either path, where inputs and cotangent change by 16 units of
    /// their rounding: the condition of the computation, which bounds what rounding inside of it can do (N. Higham,
    /// "Accuracy and stability of numerical algorithms", 2002, section 1.6).
    fn sensitivity(&mut self, recorded: &[Tensor<f64>], rng: &mut Rng) -> Vec<Tensor<f64>> {
        let mut largest: Vec<Tensor<f64>> = self.z.iter().map(|z| Tensor::zeros(z.shape())).collect();
        for _ in 0..4 {
            let mut near = |x: &Tensor<f64>| x + x.map(finite_size) * signs(x.shape(), rng) * (16.0 * f64::EPSILON);
            let z: Vec<_> = self.z.iter().map(&mut near).collect();
            let cotangent = near(&self.cotangents[0][0]);
            let fast = self.function.derivatives(1, &z, &[vec![cotangent.clone()]]).ok();
            let slow = self.function.recorded(&z, &cotangent);
            let changes = [(fast.and_then(|mut all| all.pop()), &self.analytic[0][..]), (slow, recorded)];
            for (moved, there) in changes {
                for ((largest, moved), there) in largest.iter_mut().zip(moved.iter().flatten()).zip(there) {
                    largest.update(|e, x| x.max((moved.as_slice()[e] - there.as_slice()[e]).abs()));
                }
            }
        }
        largest
    }
}
