//! Functions of lists of scalars: sums, products of vectors, norms, polynomials. On a tape each is one node, however
//! long the list. The same for tensors stands in `reduce` and `softmax`.
//!
//! # One name for every number
//!
//! All take slices of any [`Numeric`] number: `f32`, `f64`, [`Dual`](crate::Dual), [`MultiDual`](crate::MultiDual) and
//! [`Var`]. Code that is generic over `Numeric` (which implies [`num_traits::Float`]) runs on plain numbers at their
//! speed, and records one node on a tape.
//!
//! ```
//! use gradtape::{Tape, numeric::{self, Numeric, dot, logsumexp}};
//!
//! fn log_likelihood<N: Numeric>(weights: &[N], scores: &[N]) -> N {
//!     dot(weights, scores) - logsumexp(scores)
//! }
//!
//! assert!(log_likelihood(&[0.5, 0.5], &[1.0, 1.0]) < 0.31);
//! let tape = Tape::new();
//! let (weights, scores) = (tape.vars(&[0.5, 0.5]), tape.vars(&[1.0, 1.0]));
//! let gradients = log_likelihood(&weights, &scores).backward();
//! assert_eq!(tape.len(), 4 + 3); // dot, logsumexp, and the difference
//! assert_eq!(gradients.wrt(weights[0]), 1.0);
//! ```
//!
//! A list costs its own computation, and on the tape 16 bytes and 16 for each variable; the same by operators costs up
//! to 24 bytes for each operation. Lists of one and two variables are nodes like any other. Where the second argument
//! may be plain numbers (as in `dot(&weights, &data)`), nothing is recorded of them.

use super::{elementwise::Exp, rows, softmax::below};
use crate::{Element, FromNumber, Scalar, Var, tape::Rows};
use num_traits::{Float, NumAssign};
use std::iter::Sum;

/// A number that the functions of [`numeric`](self) take: `f32`, `f64`, `Dual`, `MultiDual`, `Taylor`, and [`Var`] of
/// each.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number for the functions of `gradtape::numeric`",
    note = "they take slices of f32, f64, Dual, MultiDual, Taylor or Var"
)]
pub trait Numeric: Float + NumAssign + Sum + FromNumber<f64> + FromNumber<Self> {
    /// What the value of a handle is made of; the number itself where there is no tape.
    type Number: Scalar;

    /// The value, without what a tape knows of it.
    fn number(self) -> Self::Number;

    /// A node in the making, or nothing.
    #[doc(hidden)]
    type Node: Node<Self>;
}

/// A node of many inputs, or a number that needs none.
#[doc(hidden)]
pub trait Node<N: Numeric>: Sized {
    fn begin(name: &'static str) -> Self;

    #[track_caller]
    fn add(&mut self, input: N, partial: impl FnOnce() -> N::Number);

    #[track_caller]
    fn finish(self, value: N::Number, factor: N::Number) -> N;
}

impl<T: Scalar + Sum> Numeric for T {
    type Number = T;
    type Node = ();

    #[inline(always)]
    fn number(self) -> T {
        self
    }
}

impl<T: Scalar + Sum> Node<T> for () {
    #[inline(always)]
    fn begin(_: &'static str) {}

    #[inline(always)]
    fn add(&mut self, _: T, _: impl FnOnce() -> T) {}

    #[inline(always)]
    fn finish(self, value: T, _: T) -> T {
        value
    }
}

impl<'t, T: Scalar> Numeric for Var<'t, T> {
    type Number = T;
    type Node = OnTape<'t, T>;

    #[inline(always)]
    fn number(self) -> T {
        self.value()
    }
}

/// A node in the making on a tape.
#[doc(hidden)]
pub struct OnTape<'t, T>(Rows<'t, 'static, T>);

impl<'t, T: Scalar> Node<Var<'t, T>> for OnTape<'t, T> {
    #[inline(always)]
    fn begin(name: &'static str) -> Self {
        OnTape(Rows::new(name))
    }

    #[inline(always)]
    #[track_caller]
    fn add(&mut self, input: Var<'t, T>, partial: impl FnOnce() -> T) {
        self.0.add(input, partial());
    }

    #[inline(always)]
    #[track_caller]
    fn finish(self, value: T, factor: T) -> Var<'t, T> {
        self.0.finish(value, factor)
    }
}

/// The zero and the one of the number below a handle.
fn zero<N: Numeric>() -> N::Number {
    num_traits::Zero::zero()
}

fn one<N: Numeric>() -> N::Number {
    num_traits::One::one()
}

/// The sum `Σ xᵢ`; 0 of nothing. `xs.iter().sum()` is the same, but that its panic names a line of the standard
/// library.
///
/// ```
/// use gradtape::{Tape, numeric};
/// let tape = Tape::new();
/// let x = tape.vars(&[1.0, 2.0, 3.0]);
/// let sum = numeric::sum(&x);
/// assert_eq!((sum.value(), tape.len()), (6.0, 4));
/// ```
///
/// # Panics
/// If the numbers are on different tapes.
#[track_caller]
pub fn sum<N: Numeric>(x: &[N]) -> N {
    if let [x] = x {
        return *x;
    }
    let (mut node, mut total) = (N::Node::begin("sum"), zero::<N>());
    for x in x {
        total += x.number();
        node.add(*x, one::<N>);
    }
    node.finish(total, one::<N>())
}

/// The mean `Σ xᵢ / n`.
///
/// ```
/// use gradtape::{Tape, numeric::mean};
/// assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
/// let tape = Tape::new();
/// let x = tape.vars(&[1.0, 2.0, 3.0, 6.0]);
/// assert_eq!(mean(&x).backward().wrt(x[0]), 0.25);
/// ```
///
/// # Panics
/// If there are no numbers; if they are on different tapes.
#[track_caller]
pub fn mean<N: Numeric>(x: &[N]) -> N {
    assert!(!x.is_empty(), "mean: [0]: of no numbers there is no mean");
    let n = <N::Number as FromNumber<f64>>::from_number(x.len() as f64);
    let (mut node, mut total) = (N::Node::begin("mean"), zero::<N>());
    for x in x {
        total += x.number();
        node.add(*x, one::<N>);
    }
    node.finish(total / n, one::<N>() / n)
}

/// The product of all, `Π xᵢ`; 1 of nothing. Right also where some are 0.
///
/// ```
/// use gradtape::{Tape, numeric::product};
/// let tape = Tape::new();
/// let x = tape.vars(&[2.0, 0.0, 5.0]);
/// let gradients = product(&x).backward();
/// assert_eq!((gradients.wrt(x[0]), gradients.wrt(x[1])), (0.0, 10.0));
/// ```
///
/// # Panics
/// If the numbers are on different tapes.
#[track_caller]
pub fn product<N: Numeric>(x: &[N]) -> N {
    if let [x] = x {
        return *x;
    }
    let mut node = N::Node::begin("product");
    // The products of what stands behind each number.
    let mut behind = vec![one::<N>(); x.len()];
    for i in (1..x.len()).rev() {
        behind[i - 1] = behind[i] * x[i].number();
    }
    let mut before = one::<N>();
    for (x, behind) in x.iter().zip(behind) {
        node.add(*x, || before * behind);
        before *= x.number();
    }
    node.finish(before, one::<N>())
}

/// The scalar product `Σ aᵢ bᵢ`. `b` may be plain numbers, of which nothing is recorded.
///
/// ```
/// use gradtape::{Tape, numeric::dot};
/// assert_eq!(dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
/// let tape = Tape::new();
/// let weights = tape.vars(&[1.0, 2.0]);
/// let data = [3.0, 4.0];
/// let gradients = dot(&weights, &data).backward();
/// assert_eq!((gradients.wrt(weights[0]), gradients.wrt(weights[1])), (3.0, 4.0));
/// ```
///
/// # Panics
/// If the lists differ in length; if the numbers are on different tapes.
#[inline]
#[track_caller]
pub fn dot<N: Numeric + FromNumber<B>, B: Copy>(a: &[N], b: &[B]) -> N {
    let (n, m) = (a.len(), b.len());
    assert!(n == m, "dot: [{n}] and [{m}]: the lists must be of one length");
    let (mut node, mut total) = (N::Node::begin("dot"), zero::<N>());
    for (a, b) in a.iter().zip(b) {
        let b = N::from_number(*b);
        total += a.number() * b.number();
        node.add(*a, || b.number());
        node.add(b, || a.number());
    }
    node.finish(total, one::<N>())
}

/// The sum of squares `Σ xᵢ²`; 0 of nothing.
///
/// ```
/// use gradtape::{Tape, numeric::sum_of_squares};
/// let tape = Tape::new();
/// let x = tape.vars(&[3.0, 4.0]);
/// let squares = sum_of_squares(&x);
/// assert_eq!((squares.value(), squares.backward().wrt(x[1])), (25.0, 8.0));
/// ```
///
/// # Panics
/// If the numbers are on different tapes.
#[track_caller]
pub fn sum_of_squares<N: Numeric>(x: &[N]) -> N {
    let (mut node, mut total) = (N::Node::begin("sum_of_squares"), zero::<N>());
    for x in x {
        total += x.number() * x.number();
        node.add(*x, || x.number());
    }
    node.finish(total, one::<N>() + one::<N>())
}

/// The Euclidean norm `√Σ xᵢ²`. The slopes at the origin are 0.
///
/// ```
/// use gradtape::{Tape, numeric::norm};
/// let tape = Tape::new();
/// let x = tape.vars(&[3.0, 4.0]);
/// let length = norm(&x);
/// assert_eq!(length.value(), 5.0);
/// assert!(f64::abs(length.backward().wrt(x[0]) - 0.6) < 1e-15);
/// ```
///
/// # Panics
/// If the numbers are on different tapes.
#[track_caller]
pub fn norm<N: Numeric>(x: &[N]) -> N {
    // The largest is taken out where its square, or a sum of many of them, would overflow or vanish.
    let largest = x.iter().fold(0f64, |largest, x| largest.max(real(*x).abs()));
    let small = real(N::min_positive_value()).sqrt() * 1e4;
    let is_safe = (small..1.0 / small).contains(&largest);
    let scale = if largest > 0.0 && largest.is_finite() && !is_safe { largest } else { 1.0 };
    let scale = <N::Number as FromNumber<f64>>::from_number(scale);
    let (mut node, mut total) = (N::Node::begin("norm"), zero::<N>());
    for x in x {
        let scaled = x.number() / scale;
        total += scaled * scaled;
        node.add(*x, || scaled);
    }
    if total == zero::<N>() {
        return node.finish(zero::<N>(), zero::<N>());
    }
    let root = total.sqrt();
    node.finish(root * scale, one::<N>() / root)
}

/// `ln Σ exp xᵢ`, without overflow; -∞ of nothing. Where the largest is infinite, the slopes of those equal to it are
/// the same and add up to 1, as for tensors.
///
/// ```
/// use gradtape::{Tape, numeric::logsumexp};
/// assert_eq!(logsumexp(&[1000.0, 1000.0]), 1000.0 + f64::ln(2.0));
/// let tape = Tape::new();
/// let x = tape.vars(&[0.0, f64::ln(3.0)]);
/// let y = logsumexp(&x);
/// assert_eq!(y.value(), f64::ln(4.0));
/// assert!((y.backward().wrt(x[1]) - 0.75).abs() < 1e-15);
/// ```
///
/// # Panics
/// If the numbers are on different tapes.
#[track_caller]
pub fn logsumexp<N: Numeric>(x: &[N]) -> N {
    let largest = x.iter().fold(f64::NEG_INFINITY, |largest, x| largest.max(real(*x)));
    let largest = <N::Number as FromNumber<f64>>::from_number(largest);
    let (mut node, mut total) = (N::Node::begin("logsumexp"), zero::<N>());
    // Of a short list, and of numbers that are no vectors, one by one.
    if const { !<N::Number as Element>::IS_PLAIN } || x.len() < 8 {
        for x in x {
            let term = below(x.number(), largest).exp();
            total += term;
            node.add(*x, || term);
        }
    } else {
        let mut buffers = [[zero::<N>(); 64]; 2];
        for x in x.chunks(64) {
            let [differences, terms] = buffers.each_mut().map(|buffer| &mut buffer[..x.len()]);
            for (difference, x) in differences.iter_mut().zip(x) {
                *difference = below(x.number(), largest);
            }
            rows::values(Exp(), [differences], [1], terms);
            for (x, term) in x.iter().zip(terms) {
                total += *term;
                node.add(*x, || *term);
            }
        }
    }
    if x.is_empty() {
        return node.finish(largest, zero::<N>());
    }
    node.finish(total.ln() + largest, one::<N>() / total)
}

/// The polynomial `c₀ + c₁ x + c₂ x² + ..`, by Horner's rule; 0 without coefficients. The coefficients may be plain
/// numbers, of which nothing is recorded.
///
/// ```
/// use gradtape::{Tape, numeric::polynomial};
/// assert_eq!(polynomial(&[1.0, 2.0, 3.0], 2.0), 17.0);
/// let tape = Tape::new();
/// let x = tape.var(2.0);
/// let y = polynomial(&[1.0, 2.0, 3.0], x);
/// assert_eq!((y.value(), y.backward().wrt(x)), (17.0, 14.0));
/// ```
///
/// # Panics
/// If coefficients and `x` are on different tapes.
#[track_caller]
pub fn polynomial<N: Numeric + FromNumber<C>, C: Copy>(coefficients: &[C], x: N) -> N {
    let number = x.number();
    let (mut value, mut slope) = (zero::<N>(), zero::<N>());
    for c in coefficients.iter().rev() {
        slope = slope * number + value;
        value = value * number + N::from_number(*c).number();
    }
    let mut node = N::Node::begin("polynomial");
    node.add(x, || slope);
    let mut power = one::<N>();
    for c in coefficients {
        node.add(N::from_number(*c), || power);
        power *= number;
    }
    node.finish(value, one::<N>())
}

fn real<N: Numeric>(x: N) -> f64 {
    x.number().real()
}
