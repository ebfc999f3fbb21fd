//! When two tensors are equal: exactly, or nearly in the sense of the crate `approx`.

use super::Tensor;
use approx::{AbsDiffEq, RelativeEq, UlpsEq};

/// The same shape and equal numbers; a NaN equals nothing.
impl<T: PartialEq> PartialEq for Tensor<T> {
    fn eq(&self, other: &Self) -> bool {
        self.shape() == other.shape() && self.as_slice() == other.as_slice()
    }
}

impl<T: Eq> Eq for Tensor<T> {}

/// The same shape, and every pair of numbers nearly equal.
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use gradtape::Tensor;
/// assert_abs_diff_eq!(Tensor::from([0.1 + 0.2]), Tensor::from([0.3]), epsilon = 1e-12);
/// ```
impl<T: AbsDiffEq> AbsDiffEq for Tensor<T>
where
    T::Epsilon: Clone,
{
    type Epsilon = T::Epsilon;

    fn default_epsilon() -> T::Epsilon {
        T::default_epsilon()
    }

    fn abs_diff_eq(&self, other: &Self, epsilon: T::Epsilon) -> bool {
        self.shape() == other.shape() && self.iter().zip(other.iter()).all(|(a, b)| a.abs_diff_eq(b, epsilon.clone()))
    }
}

impl<T: RelativeEq> RelativeEq for Tensor<T>
where
    T::Epsilon: Clone,
{
    fn default_max_relative() -> T::Epsilon {
        T::default_max_relative()
    }

    fn relative_eq(&self, other: &Self, epsilon: T::Epsilon, max_relative: T::Epsilon) -> bool {
        self.shape() == other.shape()
            && self.iter().zip(other.iter()).all(|(a, b)| a.relative_eq(b, epsilon.clone(), max_relative.clone()))
    }
}

impl<T: UlpsEq> UlpsEq for Tensor<T>
where
    T::Epsilon: Clone,
{
    fn default_max_ulps() -> u32 {
        T::default_max_ulps()
    }

    fn ulps_eq(&self, other: &Self, epsilon: T::Epsilon, max_ulps: u32) -> bool {
        self.shape() == other.shape()
            && self.iter().zip(other.iter()).all(|(a, b)| a.ulps_eq(b, epsilon.clone(), max_ulps))
    }
}
