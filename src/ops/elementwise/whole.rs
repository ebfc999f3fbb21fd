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

/// x^N.
#[derive(Clone, Copy)]
struct Whole<const N: i32>;

impl<const N: i32> Elementwise<1> for Whole<N> {
    const NAME: &'static str = <Powi as Elementwise<1>>::NAME;
    const WIDEST: bool = true;
    const ANGLES: bool = false;

    #[inline(always)]
    fn f32(&self, x: [f32; 1]) -> f32 {
        Powi(N).f32(x)
    }

    #[inline(always)]
    fn f64(&self, x: [f64; 1]) -> f64 {
        Powi(N).f64(x)
    }

    #[inline(always)]
    fn lane_f32<const FMA: bool>(&self, x: [Lane<f32, FMA>; 1]) -> Lane<f32, FMA> {
        let ([x], far) = lane::numbers(x);
        Lane { number: V::powi::<N>(x), far }
    }

    #[inline(always)]
    fn lane_f64<const FMA: bool>(&self, x: [Lane<f64, FMA>; 1]) -> Lane<f64, FMA> {
        let ([x], far) = lane::numbers(x);
        Lane { number: V::powi::<N>(x), far }
    }

    #[inline(always)]
    #[track_caller]
    fn slopes<A: Operand>(&self, x: [Expr<A>; 1], y: Expr<A>) -> [Expr<A>; 1] {
        Powi(N).slopes(x, y)
    }
}

/// x^n, for an exponent of at most so many bits. Of slopes too: that of a derivative is smaller by 1.
#[derive(Clone, Copy)]
struct Bits<const BITS: u32>(i32);

/// Exponents up to this, and those of as many of their derivatives, have at most 8 bits.
const SHORT: u32 = 127;

impl<const BITS: u32> Elementwise<1> for Bits<BITS> {
    const NAME: &'static str = <Powi as Elementwise<1>>::NAME;
    const WIDEST: bool = true;
    const ANGLES: bool = false;

    #[inline(always)]
    fn f32(&self, x: [f32; 1]) -> f32 {
        Powi(self.0).f32(x)
    }

    #[inline(always)]
    fn f64(&self, x: [f64; 1]) -> f64 {
        Powi(self.0).f64(x)
    }

    #[inline(always)]
    fn lane_f32<const FMA: bool>(&self, x: [Lane<f32, FMA>; 1]) -> Lane<f32, FMA> {
        let ([x], far) = lane::numbers(x);
        Lane { number: V::powi_of_bits::<BITS>(x, self.0), far }
    }

    #[inline(always)]
    fn lane_f64<const FMA: bool>(&self, x: [Lane<f64, FMA>; 1]) -> Lane<f64, FMA> {
        let ([x], far) = lane::numbers(x);
        Lane { number: V::powi_of_bits::<BITS>(x, self.0), far }
    }

    #[inline(always)]
    #[track_caller]
    fn slopes<A: Operand>(&self, [x]: [Expr<A>; 1], y: Expr<A>) -> [Expr<A>; 1] {
        [below(x, y, self.0, |n| x.unary(Self(n))) * f64::from(self.0)]
    }
}

/// x^(n - 1), where `y` is x^n; the smallest exponent has none below it.
#[inline(always)]
#[track_caller]
pub(super) fn below<A: Operand>(x: Expr<A>, y: Expr<A>, n: i32, power: impl FnOnce(i32) -> Expr<A>) -> Expr<A> {
    match n.checked_sub(1) {
        Some(below) => power(below),
        None => y / x,
    }
}

/// The step of a whole power.
pub(super) fn step<T: Scalar>(row: Row) -> Option<Box<dyn Step<T>>> {
    match row {
        Row::Powi(2) => Some(Box::new(Erased::<_, 1>(Map(Whole::<2>)))),
        Row::Powi(3) => Some(Box::new(Erased::<_, 1>(Map(Whole::<3>)))),
        Row::Powi(4) => Some(Box::new(Erased::<_, 1>(Map(Whole::<4>)))),
        Row::Powi(-1) => Some(Box::new(Erased::<_, 1>(Map(Whole::<-1>)))),
        Row::Powi(-2) => Some(Box::new(Erased::<_, 1>(Map(Whole::<-2>)))),
        Row::Powi(n) if n.unsigned_abs() <= SHORT => Some(Box::new(Erased::<_, 1>(Map(Bits::<8>(n))))),
        Row::Powi(n) => Some(Box::new(Erased::<_, 1>(Map(Bits::<32>(n))))),
        _ => None,
    }
}
