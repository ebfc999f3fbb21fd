//! Branches of a formula: `if`, `else`, and the conditions between.

use super::check::{Number, Reader};
use super::graph::{Condition, Way};
use crate::text::tidy;
use proc_macro2::Span;
use quote::ToTokens;
use syn::{BinOp, Expr, ExprIf, UnOp};

pub(crate) const NOT_A_NUMBER: &str = "this is true or false, not a number: write `if x > 0.0 { 1.0 } else { 0.0 }`";

impl Reader<'_> {
    /// `if x > 0.0 { x } else { 0.0 }`
    pub(crate) fn branch(&mut self, branch: &ExprIf) -> Option<Number> {
        let condition = self.condition(&branch.cond);
        let first = self.way(|reader| reader.block(&branch.then_branch, false));
        let Some((_, otherwise)) = &branch.else_branch else {
            // What stands in it may be the reason: an early return.
            first.as_ref()?;
            return self.mistake(branch.if_token, "this `if` needs an `else`: the formula has a value in both cases");
        };
        let second = self.way(|reader| reader.number(otherwise));
        let (condition, first, second) = (condition?, first?, second?);
        Some(Number::new(self.graph.branch(condition, [first, second])))
    }

    /// One way of a branch, in a scope of its own.
    fn way(&mut self, read: impl FnOnce(&mut Self) -> Option<Number>) -> Option<Way> {
        let scope = self.graph.open_scope();
        let outside = std::mem::replace(&mut self.graph.scope, scope);
        let result = read(self);
        self.graph.scope = outside;
        Some(Way { scope, outputs: vec![result?.id] })
    }

    fn condition(&mut self, expression: &Expr) -> Option<Condition> {
        match expression {
            Expr::Paren(paren) => self.condition(&paren.expr),
            Expr::Group(group) => self.condition(&group.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                Some(Condition::Not(Box::new(self.condition(&unary.expr)?)))
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                let (left, right) = (self.condition(&binary.left), self.condition(&binary.right));
                let pair = Box::new([left?, right?]);
                Some(if matches!(binary.op, BinOp::And(_)) { Condition::And(pair) } else { Condition::Or(pair) })
            }
            Expr::Binary(binary) if comparison(&binary.op).is_some() => {
                let (left, right) = (self.number(&binary.left), self.number(&binary.right));
                let sign = BinOp::to_token_stream(&binary.op).into_iter().map(|mut token| {
                    token.set_span(Span::mixed_site());
                    token
                });
                Some(Condition::Compare(comparison(&binary.op)?, sign.collect(), left?.id, right?.id))
            }
            Expr::Let(binding) => {
                self.mistake(binding.let_token, "a formula has no patterns: a condition compares numbers")
            }
            other => {
                let found = tidy(other.to_token_stream());
                let message = format!(
                    "a condition compares two numbers, as in `x > 0.0`, with `&&`, `||` and `!`; found `{found}`"
                );
                self.mistake(other, message)
            }
        }
    }
}

/// The name of a comparison in the library.
pub(crate) fn comparison(operator: &BinOp) -> Option<&'static str> {
    Some(match operator {
        BinOp::Lt(_) => "Less",
        BinOp::Le(_) => "LessEqual",
        BinOp::Gt(_) => "Greater",
        BinOp::Ge(_) => "GreaterEqual",
        BinOp::Eq(_) => "Equal",
        BinOp::Ne(_) => "NotEqual",
        _ => return None,
    })
}
