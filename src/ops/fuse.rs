//! A user's function of several scalars as one node, its partial derivatives by dual numbers. Functions of lists, such
//! as `dot`, stand in `numeric`.

use crate::{MultiDual, Scalar, Var};

/// A function of `N` numbers as one node of the tape for each of its results.
///
/// `f` is called once, on [`MultiDual`] numbers, which carry all `N` partial derivatives along in vector registers; no
/// operation in it is recorded. It returns one number or an array of them. A generic function is passed as
/// `|[a, b]| f(a, b)`; for one over [`num_traits::Float`] nothing has to be written anew.
///
/// # When to fuse
/// What a sweep costs is its nodes, about 2 ns each and 8 to 24 bytes, and recording as much again. A fused function
/// costs one node of 16 or 24 bytes, and from three inputs on 16 bytes and 16 for each; its own operations cost some
/// plain ones each.
/// So fuse where a piece has few inputs and several operations: a residual, a time step, a cell of a network. With more
/// than some 16 inputs, [`sum_over`](crate::sum_over) and the functions of [`numeric`](crate::numeric) are the better
/// way; a fused function of two operations gains nothing.
///
/// A number from outside that `f` uses is a constant to it: every variable goes through `inputs`. (A captured `Var` is
/// refused: "cannot multiply `MultiDual` by `Var`"; its [`value`](Var::value) would be a constant.) A constant among
/// the inputs stays one. The partial derivatives are numbers by the time the node is recorded; second derivatives come
/// from a tape of [`Dual`](crate::Dual) numbers, as with [`hvp`](crate::hvp).
///
/// ```
/// use gradtape::{Tape, fuse};
/// use gradtape::num_traits::Float;
///
/// fn polar<T: Float>(x: T, y: T) -> [T; 2] {
///     [x.hypot(y), y.atan2(x)]
/// }
///
/// let tape = Tape::new();
/// let (x, y) = (tape.var(3.0), tape.var(4.0));
/// let [radius, angle] = fuse([x, y], |[x, y]| polar(x, y));
/// assert_eq!(tape.len(), 4); // two variables, two results
/// let gradients = radius.backward();
/// assert_eq!((gradients.wrt(x), gradients.wrt(y)), (0.6, 0.8));
/// let gradients = angle.backward();
/// assert!(f64::abs(gradients.wrt(x) + 4.0 / 25.0) < 1e-15);
/// ```
///
/// # Panics
/// If the inputs are on different tapes; and where `f` does.
#[inline(always)]
#[track_caller]
pub fn fuse<'t, T: Scalar, const N: usize, Y: Fused<T, N>>(
    inputs: [Var<'t, T>; N],
    f: impl FnOnce([MultiDual<T, N>; N]) -> Y,
) -> Y::Vars<'t> {
    let mut numbers = MultiDual::variables([T::zero(); N]);
    for i in 0..N {
        numbers[i].value = inputs[i].value();
    }
    f(numbers).record(&inputs)
}

/// What a fused function may return: one [`MultiDual`], or an array of them.
#[diagnostic::on_unimplemented(
    message = "a fused function cannot return `{Self}`",
    note = "it returns one of the numbers that it is given, or an array `[a, b]` of them"
)]
pub trait Fused<T, const N: usize> {
    /// The same form, of handles.
    type Vars<'t>
    where
        T: 't;

    #[doc(hidden)]
    #[track_caller]
    fn record<'t>(self, inputs: &[Var<'t, T>; N]) -> Self::Vars<'t>;
}

impl<T: Scalar, const N: usize> Fused<T, N> for MultiDual<T, N> {
    type Vars<'t>
        = Var<'t, T>
    where
        T: 't;

    #[inline(always)]
    #[track_caller]
    fn record<'t>(self, inputs: &[Var<'t, T>; N]) -> Var<'t, T> {
        Var::wide(*inputs, "fuse", self.value, self.tangents)
    }
}

impl<T: Scalar, const N: usize, const M: usize> Fused<T, N> for [MultiDual<T, N>; M] {
    type Vars<'t>
        = [Var<'t, T>; M]
    where
        T: 't;

    #[inline(always)]
    #[track_caller]
    fn record<'t>(self, inputs: &[Var<'t, T>; N]) -> [Var<'t, T>; M] {
        let mut results = [Var::constant(T::zero()); M];
        for (result, y) in results.iter_mut().zip(self) {
            *result = y.record(inputs);
        }
        results
    }
}
