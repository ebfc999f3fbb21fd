//! A user's own loop, compiled for the widest vectors that the processor has. The loops of the library itself choose
//! theirs in `kernels::dispatch`.

use crate::tensor::kernels::dispatch::{InstructionSet, multiversion};

/// Runs `f` as it is compiled for the widest vectors of this processor: AVX-512 or AVX2 where they are found at run
/// time, what every processor of the target has elsewhere.
///
/// Programs are compiled for the oldest processor of their target, which on x86-64 has vectors of two `f64`. The
/// tensors of this library know better; arithmetic in your own code does not. Put a whole loop into `vectorized`, above
/// all one on [`MultiDual`](crate::MultiDual) numbers, whose tangents then go eight at a time: with some 16 tangents
/// and more it runs two to four times as fast. It replaces `-C target-cpu=native` for the part of a program where that
/// pays, and the program runs on every processor. No result changes by a bit.
///
/// **Write `#[inline(always)]`** in front of the closure and on the functions that it calls, as below: only what is
/// inlined is compiled anew. Loops are safe; the adapters of iterators mostly are, `collect` and `map` of large arrays
/// may not be. A call costs some nanoseconds, and the code in it is compiled three times: keep it around loops.
///
/// ```
/// use gradtape::{MultiDual, num_traits::Float, vectorized};
///
/// #[inline(always)]
/// fn residual<T: Float>(parameters: &[T; 4], x: T) -> T {
///     parameters.iter().rev().fold(T::zero(), |sum, parameter| sum * x + *parameter)
/// }
///
/// let parameters = MultiDual::variables([1.0, 0.5, -0.25, 2.0]);
/// let mut gradient = [0.0; 4];
/// vectorized(
///     #[inline(always)]
///     || {
///         for x in [0.5, 1.0, 2.0] {
///             let residual = residual(&parameters, MultiDual::constant(x));
///             for (sum, slope) in gradient.iter_mut().zip(residual.tangents) {
///                 *sum += slope;
///             }
///         }
///     },
/// );
/// assert_eq!(gradient, [3.0, 3.5, 5.25, 9.125]);
/// ```
pub fn vectorized<R>(f: impl FnOnce() -> R) -> R {
    widest(InstructionSet::detected(), f)
}

multiversion! {
    fn widest[R, F: FnOnce() -> R][R, F](set: InstructionSet, f: F) -> R {
        f()
    }
}
