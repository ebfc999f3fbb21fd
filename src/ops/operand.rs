//! The algebra of elementwise formulas: what they can be applied to. The expressions that slopes are written in stand
//! in `expr`.

use crate::{
    Dual, Element, MultiDual, TensorVar, Var,
    ops::{
        self, Expr, Scalar,
        formula::{Comparison, Condition},
        lane::{self, Lane},
        lists,
        map::Map,
    },
    tape::Partial,
    tensor::guarded,
};

/// An elementwise function of `N` numbers: its value, and its partial derivatives as expressions.
///
/// A row of the built-in table is one, and so is what `#[elementwise]` makes of a formula. `slopes` receives the
/// arguments `x` and the answer `y`, and is written over any [`Operand`], so that it serves numbers, dual numbers,
/// tapes, and every order of derivative.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an elementwise operation of {N} arguments",
    label = "not an elementwise operation",
    note = "`#[elementwise]` makes one of a formula; by hand, implement `gradtape::Elementwise`"
)]
pub trait Elementwise<const N: usize>: Copy + Send + Sync + 'static {
    /// The name in messages and in the tape's `Display`.
    const NAME: &'static str;

    /// Whether the slopes have so much in common that the pullback of a tensor computes all of them in one loop.
    const SLOPES_TOGETHER: bool = false;

    /// Whether loops over many numbers are compiled for vectors. Not worth it for what calls the standard library.
    #[doc(hidden)]
    const VECTORISES: bool = true;

    /// Whether its loops are compiled for the widest vectors too. Those of a user's formula are compiled in the user's
    /// crate: without optimisation they would take seconds to compile and run no faster, with the same bits.
    #[doc(hidden)]
    const WIDEST: bool = cfg!(not(debug_assertions));

    /// Whether a function may be in it that leaves some numbers to be computed one by one: a sine those of far angles,
    /// `lgamma` those below 0.
    #[doc(hidden)]
    const LEAVES_SOME: bool = true;

    /// Whether it is a handful of instructions, and so are its slopes: sooner computed than a jump is guessed wrong, or
    /// than a number is written to memory and read.
    #[doc(hidden)]
    const CHEAP: bool = false;

    /// Whether its slopes take longer to compute again than to keep, as functions do that are in them and in the value.
    #[doc(hidden)]
    const KEEPS_SLOPES: bool = false;

    /// The value in single precision.
    fn f32(&self, x: [f32; N]) -> f32;

    /// The value in double precision.
    fn f64(&self, x: [f64; N]) -> f64;

    /// The value in a loop over many numbers, without branches where there is such a form.
    #[doc(hidden)]
    #[inline(always)]
    fn lane_f32<const FMA: bool>(&self, x: [Lane<f32, FMA>; N]) -> Lane<f32, FMA> {
        let (x, is_left) = lane::numbers(x);
        Lane { number: self.f32(x), is_left }
    }

    /// The same in double precision.
    #[doc(hidden)]
    #[inline(always)]
    fn lane_f64<const FMA: bool>(&self, x: [Lane<f64, FMA>; N]) -> Lane<f64, FMA> {
        let (x, is_left) = lane::numbers(x);
        Lane { number: self.f64(x), is_left }
    }

    /// The partial derivative with respect to each argument.
    fn slopes<A: Operand>(&self, x: [Expr<A>; N], y: Expr<A>) -> [Expr<A>; N];
}

/// What an elementwise function can be applied to: `f32`, `f64`, [`Dual`], [`MultiDual`], [`Taylor`](crate::Taylor),
/// [`Var`] and [`TensorVar`].
#[diagnostic::on_unimplemented(
    message = "an elementwise operation does not take `{Self}`",
    note = "it takes f32, f64, Dual, MultiDual, Taylor, Var or TensorVar, all arguments of the same type; \
            formulas of `#[elementwise]` take lists of them too, as `&x` or `&x[..]`"
)]
pub trait Operand: Copy {
    /// The function of the arguments.
    #[track_caller]
    fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self;

    /// A literal, on the same tape where there is one.
    fn like(self, literal: f64) -> Self;

    /// The function of the first elements of all lists, of the second ones, and so on. The lists have one length.
    #[doc(hidden)]
    #[track_caller]
    fn apply_each<F: Elementwise<N>, const N: usize>(f: F, x: [&[Self]; N]) -> Vec<Self> {
        lists::one_by_one(f, x)
    }

    /// Compares two values: numbers decide, tensors do so element by element.
    #[doc(hidden)]
    #[inline(always)]
    #[track_caller]
    fn compare(comparison: Comparison, a: Self, b: Self) -> Condition<Self> {
        Condition::mask(comparison, a, b)
    }

    /// The same value, known to depend on the other one by a comparison.
    #[doc(hidden)]
    #[inline(always)]
    fn beside(self, _other: Self) -> Self {
        self
    }
}

/// The branch of a number, by its value.
macro_rules! decided {
    () => {
        #[inline(always)]
        fn compare(comparison: Comparison, a: Self, b: Self) -> Condition<Self> {
            Condition::Decided(comparison.holds(a, b), a)
        }
    };
}

macro_rules! number_operand {
    ($($T:ident),*) => { $(
        impl Operand for $T {
            #[inline(always)]
            fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self {
                f.$T(x)
            }
            #[inline(always)]
            fn like(self, literal: f64) -> Self {
                literal as $T
            }
            fn apply_each<F: Elementwise<N>, const N: usize>(f: F, x: [&[Self]; N]) -> Vec<Self> {
                lists::of_numbers(f, x)
            }
            decided!();
        }
    )* };
}
number_operand!(f32, f64);

impl<T: Scalar> Operand for Dual<T> {
    #[inline(always)]
    fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self {
        let mut values = [x[0].value; N];
        for j in 1..N {
            values[j] = x[j].value;
        }
        let value = T::apply(f, values);
        let slopes = f.slopes(Expr::values(values), Expr::Value(value));
        let mut tangent = T::zero();
        for i in 0..N {
            tangent += guarded(slopes[i].or_like(value), x[i].tangent);
        }
        Dual { value, tangent }
    }

    #[inline(always)]
    fn like(self, literal: f64) -> Self {
        Dual::lit(literal)
    }

    decided!();
}

impl<T: Scalar, const N: usize> Operand for MultiDual<T, N> {
    #[inline(always)]
    fn apply<F: Elementwise<M>, const M: usize>(f: F, x: [Self; M]) -> Self {
        let mut values = [x[0].value; M];
        for j in 1..M {
            values[j] = x[j].value;
        }
        let value = T::apply(f, values);
        let slopes = f.slopes(Expr::values(values), Expr::Value(value));
        let mut tangents = products(slopes[0], value, x[0].tangents);
        for j in 1..M {
            let more = products(slopes[j], value, x[j].tangents);
            for i in 0..N {
                tangents[i] += more[i];
            }
        }
        MultiDual { value, tangents }
    }

    #[inline(always)]
    fn like(self, literal: f64) -> Self {
        MultiDual::lit(literal)
    }

    decided!();
}

/// A slope times each of the tangents, as [`guarded`] computes it.
#[inline(always)]
fn products<T: Scalar, const N: usize>(slope: Expr<T>, neighbour: T, mut tangents: [T; N]) -> [T; N] {
    match slope {
        Expr::Literal(1.0) => return tangents,
        Expr::Literal(-1.0) => {
            for tangent in &mut tangents {
                *tangent = -*tangent;
            }
            return tangents;
        }
        _ => {}
    }
    let slope = slope.or_like(neighbour);
    if const { !T::IS_PLAIN } {
        for tangent in &mut tangents {
            *tangent = guarded(slope, *tangent);
        }
        return tangents;
    }
    // What `guarded` computes, with one comparison and no jump, so that the loop stays in vector registers: a tangent
    // of 0 gives 0, and with a slope of 0 every tangent does that is a number.
    let vanishing = if slope.is_exactly_zero() { T::infinity() } else { T::zero() };
    for tangent in &mut tangents {
        *tangent = if tangent.abs() <= vanishing { T::zero() } else { *tangent * slope };
    }
    tangents
}

impl<T: Scalar> Operand for Var<'_, T> {
    #[inline(always)]
    #[track_caller]
    fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self {
        let mut values = [x[0].value(); N];
        for j in 1..N {
            values[j] = x[j].value();
        }
        let value = T::apply(f, values);
        let slopes = || f.slopes(Expr::values(values), Expr::Value(value));
        match N {
            1 => x[0].unary(value, || partial(slopes()[0])),
            2 => x[0].binary(x[1], F::NAME, value, || {
                let slopes = slopes();
                [partial(slopes[0]), partial(slopes[1])]
            }),
            _ => Var::wide(x, F::NAME, value, Expr::all_or_like(slopes(), value)),
        }
    }

    #[inline(always)]
    fn like(self, literal: f64) -> Self {
        Var::constant(T::lit(literal))
    }

    #[track_caller]
    fn apply_each<F: Elementwise<N>, const N: usize>(f: F, x: [&[Self]; N]) -> Vec<Self> {
        lists::of_vars(f, x)
    }

    decided!();
}

/// A slope as the tape keeps it: those of a sum, of a difference and of a negation are known before the program runs.
#[inline(always)]
fn partial<T: Scalar>(slope: Expr<T>) -> Partial<T> {
    match slope {
        Expr::Literal(1.0) => Partial::One,
        Expr::Literal(-1.0) => Partial::MinusOne,
        Expr::Literal(literal) => Partial::Number(T::lit(literal)),
        Expr::Value(slope) => Partial::Number(slope),
    }
}

impl<T: Scalar> Operand for TensorVar<'_, T> {
    #[track_caller]
    fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self {
        ops::apply(Map(f), x)
    }

    #[track_caller]
    fn like(self, literal: f64) -> Self {
        self.tape().constant(crate::Tensor::scalar(T::lit(literal)))
    }
}
