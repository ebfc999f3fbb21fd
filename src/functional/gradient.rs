//! A gradient for the inner loop of a solver: the tape and all memory are kept from one call to the next.

use super::{check_lengths, first::sweep_into};
use crate::{Scalar, Tape, Var, ops::numeric::dot};

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
        let variables = variables(&self.tape, std::mem::take(&mut self.variables), x.iter().copied());
        let y = f(&variables);
        write(y, &variables, &mut self.numbers);
        let value = y.value();
        self.variables = emptied(variables);
        (value, &self.numbers)
    }

    /// The cotangents `w` of several results, pulled back to the variables: `wᵀ J` with `J[i][j] = ∂fᵢ/∂xⱼ`, as
    /// [`vjp`](super::vjp); as many numbers as `x` has. `None`, for zeros, if all cotangents are 0: then neither is `f`
    /// called, nor `x` asked for its numbers.
    ///
    /// One recording and one sweep, in memory that is there. So a long computation is swept part by part: keep the
    /// numbers between the parts, and pull the cotangents back through one after the other, the last first. The tape
    /// is as long as a part then, and what no cotangent comes back to is not recorded again.
    ///
    /// ```
    /// use gradtape::functional::Gradient;
    /// let mut gradient = Gradient::new();
    /// let pulled = gradient.pull(|x| vec![x[0] * x[1], x[0] + x[1]], [2.0, 5.0], &[1.0, 10.0]);
    /// assert_eq!(pulled, Some(&[15.0, 12.0][..]));
    /// let pulled = gradient.pull(|_| unreachable!("nothing comes back"), [2.0, 5.0], &[0.0, 0.0]);
    /// assert_eq!(pulled, None);
    /// ```
    ///
    /// # Panics
    /// If the function returns another number of results than there are cotangents.
    #[track_caller]
    pub fn pull<F>(&mut self, f: F, x: impl IntoIterator<Item = T>, cotangents: &[T]) -> Option<&[T]>
    where
        F: for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
    {
        if cotangents.iter().all(|cotangent| cotangent.is_exactly_zero()) {
            return None;
        }
        self.tape.reset();
        let variables = variables(&self.tape, std::mem::take(&mut self.variables), x);
        let results = f(&variables);
        let (found, given) = (results.len(), cotangents.len());
        check_lengths("pull", found, given, "the cotangent has one number for each result of the function");
        write(dot(&results, cotangents), &variables, &mut self.numbers);
        self.variables = emptied(variables);
        Some(&self.numbers)
    }
}

/// A variable for each number, in memory that is there.
fn variables<'t, T: Scalar>(
    tape: &'t Tape<T>,
    room: Vec<Var<'static, T>>,
    x: impl IntoIterator<Item = T>,
) -> Vec<Var<'t, T>> {
    let mut variables = emptied(room);
    variables.extend(x.into_iter().map(|x| tape.var(x)));
    variables
}

/// Writes the gradient of `y`: zeros where it is a constant.
#[track_caller]
fn write<T: Scalar>(y: Var<'_, T>, variables: &[Var<'_, T>], gradient: &mut Vec<T>) {
    gradient.clear();
    gradient.resize(variables.len(), T::zero());
    sweep_into(y, variables, gradient);
}

/// The same memory as a list of another lifetime: the iterator of a list collects in place.
fn emptied<'a, T: Scalar>(mut list: Vec<Var<'_, T>>) -> Vec<Var<'a, T>> {
    list.clear();
    list.into_iter().map(|variable| Var::constant(variable.value())).collect()
}
