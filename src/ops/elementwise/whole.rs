//! Whole powers over many numbers. The small ones have loops of their own: their multiplications and nothing else.
//! Other exponents are taken apart into bits, as many for all of a loop.

use super::{Powi, Row};
use crate::{
    Scalar,
    ops::{
        Elementwise, Erased, Expr, Operand,
        lane::{self, Lane},
        map::Map,
    },
    tape::Step,
    tensor::kernels::vector::VectorNumber as V,
};

/// x^n, for an exponent of at most `BITS` bits, and slopes for one of as many. `N` is n where a loop is compiled for
/// that alone, else 0.
#[derive(Clone, Copy)]
struct Whole<const BITS: u32, const N: i32 = 0>(i32);

impl<const BITS: u32, const N: i32> Whole<BITS, N> {
    #[inline(always)]
    fn exponent(self) -> i32 {
        if N == 0 { self.0 } else { N }
    }
}

/// Exponents up to this, and those of as many of their derivatives, have at most 8 bits.
const SHORT: u32 = 127;

impl<const BITS: u32, const N: i32> Elementwise<1> for Whole<BITS, N> {
    const NAME: &'static str = <Powi as Elementwise<1>>::NAME;
    const WIDEST: bool = true;
    const LEAVES_SOME: bool = false;

    #[inline(always)]
    fn f32(&self, x: [f32; 1]) -> f32 {
        Powi(self.exponent()).f32(x)
    }

    #[inline(always)]
    fn f64(&self, x: [f64; 1]) -> f64 {
        Powi(self.exponent()).f64(x)
    }

    #[inline(always)]
    fn lane_f32<const FMA: bool>(&self, x: [Lane<f32, FMA>; 1]) -> Lane<f32, FMA> {
        let ([x], is_left) = lane::numbers(x);
        Lane { number: V::powi::<BITS>(x, self.exponent()), is_left }
    }

    #[inline(always)]
    fn lane_f64<const FMA: bool>(&self, x: [Lane<f64, FMA>; 1]) -> Lane<f64, FMA> {
        let ([x], is_left) = lane::numbers(x);
        Lane { number: V::powi::<BITS>(x, self.exponent()), is_left }
    }

    #[inline(always)]
    #[track_caller]
    fn slopes<A: Operand>(&self, [x]: [Expr<A>; 1], y: Expr<A>) -> [Expr<A>; 1] {
        let n = self.exponent();
        [below(x, y, n, Whole::<BITS>) * f64::from(n)]
    }
}

/// x^(n - 1), where `y` is x^n; the smallest exponent has none below it.
#[inline(always)]
#[track_caller]
pub(super) fn below<A: Operand, F: Elementwise<1>>(x: Expr<A>, y: Expr<A>, n: i32, power: fn(i32) -> F) -> Expr<A> {
    match n.checked_sub(1) {
        Some(below) => x.unary(power(below)),
        None => y / x,
    }
}

/// The step of a whole power.
pub(super) fn step<T: Scalar>(row: Row) -> Option<Box<dyn Step<T>>> {
    match row {
        Row::Powi(n @ 2) => Some(Box::new(Erased::<_, 1>(Map(Whole::<8, 2>(n))))),
        Row::Powi(n @ 3) => Some(Box::new(Erased::<_, 1>(Map(Whole::<8, 3>(n))))),
        Row::Powi(n @ 4) => Some(Box::new(Erased::<_, 1>(Map(Whole::<8, 4>(n))))),
        Row::Powi(n @ -1) => Some(Box::new(Erased::<_, 1>(Map(Whole::<8, -1>(n))))),
        Row::Powi(n @ -2) => Some(Box::new(Erased::<_, 1>(Map(Whole::<8, -2>(n))))),
        Row::Powi(n) if n.unsigned_abs() <= SHORT => Some(Box::new(Erased::<_, 1>(Map(Whole::<8>(n))))),
        Row::Powi(n) => Some(Box::new(Erased::<_, 1>(Map(Whole::<32>(n))))),
        _ => None,
    }
}
