//! A gradient for the inner loop of a solver: the tape and all memory are kept from one call to the next.

use crate::{Scalar, Tape, Var, tape::Keep};

/// Computes gradients of functions of several numbers again and again, and allocates nothing once it has seen the
/// longest of them.
///
/// One recording and one sweep a call, as [`value_and_grad`](super::value_and_grad). On [`Dual`](crate::Dual) numbers
/// it gives products with the Hessian, on [`MultiDual`](crate::MultiDual) numbers several at once.
///
/// ```
/// use gradtape::functional::Gradient;
/// let mut gradient = Gradient::new();
/// let mut x = [-1.0, 2.0];
/// for _ in 0..100 {
///     let (_, slope) = gradient.at(|x| (x[0] - 3.0).powi(2) + x[1].powi(2), &x);
///     x = [x[0] - 0.2 * slope[0], x[1] - 0.2 * slope[1]];
/// }
/// assert!(f64::abs(x[0] - 3.0) < 1e-12 && f64::abs(x[1]) < 1e-12);
/// ```
pub struct Gradient<T: 'static> {
    tape: Tape<T>,
    /// Room for the variables; empty between two calls, so that it can be of any lifetime.
    variables: Vec<Var<'static, T>>,
    numbers: Vec<T>,
}

impl<T: Scalar> Default for Gradient<T> {
    fn default() -> Self {
        Gradient { tape: Tape::new(), variables: Vec::new(), numbers: Vec::new() }
    }
}

impl<T: Scalar> Gradient<T> {
    /// One that has not yet seen a function. It allocates nothing before the first.
    ///
    /// ```
    /// use gradtape::functional::Gradient;
    /// let mut gradient = Gradient::<f32>::new();
    /// assert_eq!(gradient.at(|x| x[0] * 2.0, &[5.0]), (10.0, &[2.0][..]));
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the function and its gradient at `x`: `f(x)` and `[∂f/∂x₀, ∂f/∂x₁, ..]`, as many numbers as `x`
    /// has.
    ///
    /// One recording and one sweep, in memory that is there. Give a closure: a generic function is passed as `|x|
    /// f(x)`.
    ///
    /// ```
    /// use gradtape::{Dual, functional::Gradient};
    /// let mut gradient = Gradient::new();
    /// assert_eq!(gradient.at(|x| x[0] * x[1], &[2.0, 3.0]), (6.0, &[3.0, 2.0][..]));
    /// // On dual numbers, the tangents of the gradient are the Hessian times those of x.
    /// let mut product = Gradient::new();
    /// let (_, gradient) = product.at(|x| x[0].powi(2) * x[1], &[Dual::new(2.0, 1.0), Dual::new(5.0, 0.0)]);
    /// assert_eq!([gradient[0].tangent, gradient[1].tangent], [10.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// Where the function does.
    #[track_caller]
    pub fn at<F>(&mut self, f: F, x: &[T]) -> (T, &[T])
    where
        F: for<'t> Fn(&[Var<'t, T>]) -> Var<'t, T>,
    {
        self.tape.reset();
        let mut variables = emptied(std::mem::take(&mut self.variables));
        variables.extend(x.iter().map(|x| self.tape.var(*x)));
        let y = f(&variables);
        self.numbers.clear();
        self.numbers.resize(x.len(), T::zero());
        if y.tape().is_some() {
            let gradients = y.sweep(Keep::Leaves);
            for (number, variable) in self.numbers.iter_mut().zip(&variables) {
                *number = gradients.wrt(*variable);
            }
        }
        let value = y.value();
        self.variables = emptied(variables);
        (value, &self.numbers)
    }
}

/// The same memory as a list of another lifetime: the iterator of a list collects in place.
fn emptied<'a, T: Scalar>(mut list: Vec<Var<'_, T>>) -> Vec<Var<'a, T>> {
    list.clear();
    list.into_iter().map(|variable| Var::constant(variable.value())).collect()
}
