//! Dual numbers of several directions as data. Their arithmetic is derived from the rule book, a layer above.

use crate::Element;
use std::fmt;

/// A value and its derivatives in `N` directions: [`Dual`](crate::Dual) with several tangents.
///
/// One evaluation of `f` on [`MultiDual::variables`] gives the value and the whole gradient, without a tape: about the
/// price of `1 + N/4` plain evaluations where the loops over tangents run in vector registers, so for up to some
/// 16 variables less than recording and sweeping. [`fuse`](crate::fuse) makes one node of a tape of it.
///
/// Arithmetic and every elementwise function carry the tangents along: on numbers with the tangents `v₁ .. v_N`, `f`
/// has the tangents `∇f · v₁ .. ∇f · v_N`. Implements [`num_traits::Float`]; nests with itself and with
/// [`Dual`](crate::Dual), for higher derivatives; may be the number of a tape (forward over reverse, in `N` directions
/// at once). Comparisons look at the value alone. A tangent of 0 stays 0, also against an infinite slope.
///
/// ```
/// use gradtape::MultiDual;
/// fn area<T: gradtape::num_traits::Float>(radius: T, height: T) -> T {
///     radius * height.sqrt()
/// }
/// let [radius, height] = MultiDual::variables([3.0, 4.0]);
/// let area = area(radius, height);
/// assert_eq!(area.value, 6.0);
/// assert_eq!(area.tangents, [2.0, 0.75]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MultiDual<T, const N: usize> {
    /// The value.
    pub value: T,
    /// The derivatives in the chosen directions.
    pub tangents: [T; N],
}

impl<T, const N: usize> MultiDual<T, N> {
    /// A number with its tangents.
    #[inline(always)]
    pub const fn new(value: T, tangents: [T; N]) -> Self {
        MultiDual { value, tangents }
    }
}

impl<T: Element, const N: usize> MultiDual<T, N> {
    /// A number that does not change.
    #[inline(always)]
    pub fn constant(value: T) -> Self {
        MultiDual::new(value, [T::zero(); N])
    }

    /// The variable of direction `direction`: a tangent of 1 there, of 0 elsewhere.
    ///
    /// ```
    /// use gradtape::MultiDual;
    /// let x = MultiDual::<f64, 3>::variable(0.5, 1);
    /// assert_eq!(x.sin().tangents, [0.0, 0.5f64.cos(), 0.0]);
    /// ```
    ///
    /// # Panics
    /// If there is no such direction.
    #[inline(always)]
    #[track_caller]
    pub fn variable(value: T, direction: usize) -> Self {
        assert!(direction < N, "variable: direction {direction} of a number with {N} directions");
        let mut variable = MultiDual::constant(value);
        variable.tangents[direction] = T::one();
        variable
    }

    /// The variables of a function of `N` numbers, a direction for each.
    #[inline(always)]
    pub fn variables(values: [T; N]) -> [Self; N] {
        let mut variables = values.map(Self::constant);
        for (direction, variable) in variables.iter_mut().enumerate() {
            variable.tangents[direction] = T::one();
        }
        variables
    }

    /// The same number among `M` directions: what was direction `i` is `directions[i]` of them. Of two that become one,
    /// the tangents are added.
    ///
    /// A piece of a program that only a few of the variables go into is evaluated with tangents for these alone; its
    /// results take the tangents of the others, zeros, where they meet them.
    ///
    /// ```
    /// use gradtape::MultiDual;
    /// let [x, y] = MultiDual::variables([3.0, 4.0]); // variables 0 and 5 of eight
    /// let area = (x * y).with_directions::<8>([0, 5]);
    /// let volume = area * MultiDual::variable(2.0, 7);
    /// assert_eq!(volume.value, 24.0);
    /// assert_eq!(volume.tangents, [8.0, 0.0, 0.0, 0.0, 0.0, 6.0, 0.0, 12.0]);
    /// ```
    ///
    /// # Panics
    /// If there is no such direction.
    #[inline(always)]
    #[track_caller]
    pub fn with_directions<const M: usize>(self, directions: [usize; N]) -> MultiDual<T, M> {
        let mut number = MultiDual::constant(self.value);
        for i in 0..N {
            let direction = directions[i];
            assert!(direction < M, "with_directions: direction {direction} of a number with {M} directions");
            number.tangents[direction] += self.tangents[i];
        }
        number
    }
}

impl<T: Element, const N: usize> Default for MultiDual<T, N> {
    fn default() -> Self {
        MultiDual::constant(T::zero())
    }
}

impl<T: Element, const N: usize> From<T> for MultiDual<T, N> {
    #[inline(always)]
    fn from(value: T) -> Self {
        MultiDual::constant(value)
    }
}

impl<T: fmt::Display, const N: usize> fmt::Display for MultiDual<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        f.write_str(" + [")?;
        for (i, tangent) in self.tangents.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            tangent.fmt(f)?;
        }
        f.write_str("]ε")
    }
}
