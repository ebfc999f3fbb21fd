//! Terms that slopes are made of beyond what users have methods for.

use super::{Choose, FiniteOr, Guarded, Inside, LnOr0, Ratio, Share, StepAt0};
use crate::ops::{Expr, Operand};

impl<A: Operand> Expr<A> {
    #[inline(always)]
    #[track_caller]
    pub(super) fn step(self) -> Self {
        self.unary(StepAt0())
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn inside(self, min: f64, max: f64) -> Self {
        self.unary(Inside(min, max))
    }

    #[inline(always)]
    #[track_caller]
    pub(crate) fn guarded(self, other: Self) -> Self {
        self.binary(Guarded(), other)
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn finite_or(self, other: Self) -> Self {
        self.binary(FiniteOr(), other)
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn ln_or_0(self) -> Self {
        self.unary(LnOr0())
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn share(self, other: Self) -> Self {
        self.binary(Share(), other)
    }

    /// So that the exponential of a branch that was not taken does not overflow.
    #[inline(always)]
    #[track_caller]
    pub(super) fn not_above_0(self) -> Self {
        self.clamp(f64::NEG_INFINITY, 0.0)
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn ratio(self, other: Self) -> Self {
        self.binary(Ratio(), other)
    }

    /// `positive` where this is positive, else `otherwise`.
    #[inline(always)]
    #[track_caller]
    pub(super) fn choose(self, positive: impl Into<Self>, otherwise: impl Into<Self>) -> Self {
        let (positive, otherwise) = (positive.into(), otherwise.into());
        match self {
            Expr::Literal(x) => {
                if x > 0.0 {
                    positive
                } else {
                    otherwise
                }
            }
            Expr::Value(x) => Expr::Value(A::apply(Choose(), [x, positive.or_like(x), otherwise.or_like(x)])),
        }
    }
}
