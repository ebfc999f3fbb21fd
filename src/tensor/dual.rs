//! Dual numbers as data. Their arithmetic is derived from the rule book, a layer above.

use crate::Element;
use std::fmt;

/// A value and its derivative in one direction.
///
/// Arithmetic and every elementwise function carry the tangent along: `f(Dual::new(x, v))` has the value `f(x)` and the
/// tangent `f'(x) v`. Implements [`num_traits::Float`]; nests, for higher derivatives; may be the number of a tape
/// (forward over reverse). Comparisons look at the value alone.
///
/// ```
/// use gradtape::Dual;
/// let y = Dual::new(0.5, 1.0).sin() * 2.0;
/// assert_eq!((y.value, y.tangent), (2.0 * 0.5f64.sin(), 2.0 * 0.5f64.cos()));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual<T> {
    /// The value.
    pub value: T,
    /// The derivative in the chosen direction.
    pub tangent: T,
}

impl<T> Dual<T> {
    /// A number with its tangent: 1 for the variable of a derivative, 0 for a constant.
    pub const fn new(value: T, tangent: T) -> Self {
        Dual { value, tangent }
    }
}

impl<T: Element> Dual<T> {
    /// A number that does not change.
    pub fn constant(value: T) -> Self {
        Dual::new(value, T::zero())
    }
}

impl<T: Element> From<T> for Dual<T> {
    fn from(value: T) -> Self {
        Dual::constant(value)
    }
}

impl<T: fmt::Display> fmt::Display for Dual<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        f.write_str(" + ")?;
        self.tangent.fmt(f)?;
        f.write_str("ε")
    }
}
