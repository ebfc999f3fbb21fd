//! Small whole powers, each with loops of its own: its multiplications and nothing else. Other powers are a row.

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

/// The step of a power that has loops of its own.
pub(super) fn step<T: Scalar>(row: Row) -> Option<Box<dyn Step<T>>> {
    match row {
        Row::Powi(2) => Some(Box::new(Erased::<_, 1>(Map(Whole::<2>)))),
        Row::Powi(3) => Some(Box::new(Erased::<_, 1>(Map(Whole::<3>)))),
        Row::Powi(4) => Some(Box::new(Erased::<_, 1>(Map(Whole::<4>)))),
        Row::Powi(-1) => Some(Box::new(Erased::<_, 1>(Map(Whole::<-1>)))),
        Row::Powi(-2) => Some(Box::new(Erased::<_, 1>(Map(Whole::<-2>)))),
        _ => None,
    }
}
