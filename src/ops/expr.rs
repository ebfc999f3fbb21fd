//! The terms that slopes are written in: literals, which are folded and never recorded, and values of an algebra.
//!
//! Arrays of them are made by loops: the standard library's `map` of arrays is not always inlined, and a loop with a
//! call in it does not become one of vectors.

use crate::ops::{Elementwise, Operand, elementwise as row};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A term of a slope: a literal, which is folded and never recorded, or a value.
#[derive(Clone, Copy, Debug)]
pub enum Expr<A> {
    /// A number known where the rule is written.
    Literal(f64),
    /// A value of the algebra.
    Value(A),
}

impl<A: Operand> Expr<A> {
    #[inline(always)]
    #[track_caller]
    pub(crate) fn unary<F: Elementwise<1>>(self, f: F) -> Self {
        match self {
            Expr::Literal(literal) => Expr::Literal(f.f64([literal])),
            Expr::Value(value) => Expr::Value(A::apply(f, [value])),
        }
    }

    #[inline(always)]
    #[track_caller]
    pub(crate) fn binary<F: Elementwise<2>>(self, f: F, other: Self) -> Self {
        match (self, other) {
            (Expr::Literal(a), Expr::Literal(b)) => Expr::Literal(f.f64([a, b])),
            (Expr::Value(a), Expr::Literal(b)) => Expr::Value(A::apply(f, [a, a.like(b)])),
            (Expr::Literal(a), Expr::Value(b)) => Expr::Value(A::apply(f, [b.like(a), b])),
            (Expr::Value(a), Expr::Value(b)) => Expr::Value(A::apply(f, [a, b])),
        }
    }

    /// The value; a literal becomes one beside `neighbour`.
    #[inline(always)]
    pub fn or_like(self, neighbour: A) -> A {
        match self {
            Expr::Literal(literal) => neighbour.like(literal),
            Expr::Value(value) => value,
        }
    }

    /// The values of all.
    #[inline(always)]
    pub(in crate::ops) fn all_or_like<const N: usize>(terms: [Self; N], neighbour: A) -> [A; N] {
        let mut values = [neighbour; N];
        for j in 0..N {
            values[j] = terms[j].or_like(neighbour);
        }
        values
    }
}

impl<A: Copy> Expr<A> {
    /// Numbers as the values of a formula.
    #[inline(always)]
    pub(in crate::ops) fn values<const N: usize>(x: [A; N]) -> [Expr<A>; N] {
        let mut values = [Expr::Value(x[0]); N];
        for j in 1..N {
            values[j] = Expr::Value(x[j]);
        }
        values
    }
}

impl<A> From<f64> for Expr<A> {
    #[inline(always)]
    fn from(literal: f64) -> Self {
        Expr::Literal(literal)
    }
}

/// `+ - * /` with folding: what is multiplied by a literal 1 or added to a literal 0 costs nothing.
macro_rules! expr_operator {
    ($Trait:ident $method:ident: $($pattern:pat => $folded:expr,)*) => {
        impl<A: Operand> $Trait for Expr<A> {
            type Output = Self;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: Self) -> Self {
                match (self, other) {
                    $($pattern => $folded,)*
                    (a, b) => a.binary(row::$Trait(), b),
                }
            }
        }
        impl<A: Operand> $Trait<f64> for Expr<A> {
            type Output = Self;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: f64) -> Self {
                $Trait::$method(self, Expr::Literal(other))
            }
        }
        impl<A: Operand> $Trait<Expr<A>> for f64 {
            type Output = Expr<A>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: Expr<A>) -> Expr<A> {
                $Trait::$method(Expr::Literal(self), other)
            }
        }
    };
}

use Expr::{Literal, Value};
expr_operator! { Add add:
    (Literal(0.0), e) | (e, Literal(0.0)) => e,
    (Value(a), Literal(b)) | (Literal(b), Value(a)) => Value(a).unary(row::AddNumber(b)),
}
expr_operator! { Sub sub:
    (e, Literal(0.0)) => e,
    (Value(a), Literal(b)) => Value(a).unary(row::AddNumber(-b)),
    (Literal(a), Value(b)) => Value(b).unary(row::SubtractFrom(a)),
}
expr_operator! { Mul mul:
    (Literal(1.0), e) | (e, Literal(1.0)) => e,
    (Literal(0.0), _) | (_, Literal(0.0)) => Literal(0.0),
    (Value(a), Literal(b)) | (Literal(b), Value(a)) => Value(a).unary(row::Scale(b)),
}
expr_operator! { Div div:
    (e, Literal(1.0)) => e,
    (Value(a), Literal(b)) => Value(a).unary(row::DivideBy(b)),
    (Literal(a), Value(b)) => Value(b).unary(row::DivideInto(a)),
}

impl<A: Operand> Neg for Expr<A> {
    type Output = Self;
    #[inline(always)]
    #[track_caller]
    fn neg(self) -> Self {
        self.unary(row::Neg())
    }
}
