//! Truncated power series as data. Their arithmetic is derived from the rule book, a layer above.

use crate::Element;
use std::fmt;

/// A value along a curve and its Taylor coefficients up to order `K`: a univariate jet.
///
/// With `x(t) = value + coefficients[0] t + coefficients[1] t² + ..`, arithmetic and every elementwise function give
/// the coefficients of `f(x(t))`. So one evaluation on [`Taylor::along`] a direction v gives the derivatives
/// `dᵏ/dtᵏ f(x + t v)` of every order up to `K`, without a tape, at a price that grows like K² (K³ for functions whose
/// slope is made of their own value) where nested dual numbers cost 2ᴷ.
///
/// Implements [`num_traits::Float`]; may be the number of a [`Tensor`](crate::Tensor) or of a tape: products,
/// reductions and whole networks run on it. Comparisons look at the value alone. A coefficient of 0 stays 0, also
/// against an infinite slope. Griewank and Walther, "Evaluating Derivatives", 2008, chapter 13.
///
/// ```
/// use gradtape::Taylor;
/// let x = Taylor::<f64, 3>::variable(0.0);
/// let y = (x.sin() * 2.0).exp();
/// assert_eq!(y.value, 1.0);
/// assert_eq!([y.derivative(1), y.derivative(2), y.derivative(3)], [2.0, 4.0, 6.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Taylor<T, const K: usize> {
    /// The coefficient of order 0.
    pub value: T,
    /// Those of order 1 to `K`: the derivative of order k over k! is `coefficients[k - 1]`.
    pub coefficients: [T; K],
}

impl<T, const K: usize> Taylor<T, K> {
    /// A number with its coefficients of order 1 to `K`.
    #[inline(always)]
    pub const fn new(value: T, coefficients: [T; K]) -> Self {
        Taylor { value, coefficients }
    }
}

impl<T: Element, const K: usize> Taylor<T, K> {
    /// A number that does not change.
    #[inline(always)]
    pub fn constant(value: T) -> Self {
        Taylor::new(value, [T::zero(); K])
    }

    /// The point `value + direction t` of a straight line.
    ///
    /// ```
    /// use gradtape::Taylor;
    /// // Along (1, 2) at (3, 4): (3 + t) (4 + 2 t) = 12 + 10 t + 2 t².
    /// let (x, y) = (Taylor::<f64, 2>::along(3.0, 1.0), Taylor::along(4.0, 2.0));
    /// assert_eq!((x * y).coefficients, [10.0, 2.0]);
    /// ```
    #[inline(always)]
    pub fn along(value: T, direction: T) -> Self {
        let mut number = Taylor::constant(value);
        if let Some(first) = number.coefficients.first_mut() {
            *first = direction;
        }
        number
    }

    /// The variable of a derivative: `value + t`.
    #[inline(always)]
    pub fn variable(value: T) -> Self {
        Taylor::along(value, T::one())
    }

    /// The coefficient of order `k`; 0 is the value.
    ///
    /// # Panics
    /// If `k` is larger than `K`.
    #[inline(always)]
    #[track_caller]
    pub fn coefficient(&self, k: usize) -> T {
        if k == 0 { self.value } else { self.coefficients[k - 1] }
    }

    /// The derivative of order `k` by t: k! times the coefficient.
    ///
    /// # Panics
    /// If `k` is larger than `K`.
    #[track_caller]
    pub fn derivative(&self, k: usize) -> T {
        (1..=k).fold(self.coefficient(k), |derivative, i| derivative * T::lit(i as f64))
    }
}

impl<T: Element, const K: usize> Default for Taylor<T, K> {
    fn default() -> Self {
        Taylor::constant(T::zero())
    }
}

impl<T: Element, const K: usize> From<T> for Taylor<T, K> {
    #[inline(always)]
    fn from(value: T) -> Self {
        Taylor::constant(value)
    }
}

/// `1 + 2 t + 0.5 t^2`
impl<T: fmt::Display, const K: usize> fmt::Display for Taylor<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        for (i, coefficient) in self.coefficients.iter().enumerate() {
            f.write_str(" + ")?;
            coefficient.fmt(f)?;
            f.write_str(" t")?;
            if i > 0 {
                write!(f, "^{}", i + 1)?;
            }
        }
        Ok(())
    }
}
