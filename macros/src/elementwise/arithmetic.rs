//! Literals and operators of a formula. What else a number can be is read in [`check`](super::check).

use super::branches::{NOT_A_NUMBER, comparison};
use super::check::{ASSIGNMENT, MADE_OF, Number, Reader};
use super::graph::Operator;
use crate::text::tidy;
use quote::{ToTokens, quote};
use syn::{BinOp, Expr, ExprLit, ExprUnary, Lit, UnOp};

impl Reader<'_> {
    pub(super) fn literal(&mut self, literal: &Lit) -> Option<Number> {
        let (digits, suffix, whole) = match literal {
            Lit::Float(literal) => (literal.base10_digits(), literal.suffix(), false),
            Lit::Int(literal) => (literal.base10_digits(), literal.suffix(), true),
            other => {
                let found = other.to_token_stream();
                return self.mistake(other, format!("expected a number, found `{found}`"));
            }
        };
        if !matches!(suffix, "" | "f64") {
            return self
                .mistake(literal, format!("a literal takes the type of the arguments: write it without `{suffix}`"));
        }
        match digits.parse::<f64>() {
            Ok(value) => Some(Number { id: self.graph.literal(value), whole: whole && suffix.is_empty() }),
            Err(error) => self.mistake(literal, error),
        }
    }

    pub(super) fn binary(&mut self, all: &Expr, left: &Expr, operator: &BinOp, right: &Expr) -> Option<Number> {
        // `x ** 2`
        if let (BinOp::Mul(first), Expr::Unary(ExprUnary { op: UnOp::Deref(second), expr, .. })) = (operator, right) {
            return self.power(quote!(#first #second), left, expr);
        }
        let operator = match operator {
            BinOp::BitXor(sign) => return self.power(sign, left, right),
            BinOp::Add(_) => Operator::Add,
            BinOp::Sub(_) => Operator::Sub,
            BinOp::Mul(_) => Operator::Mul,
            BinOp::Div(_) => Operator::Div,
            _ if comparison(operator).is_some() || matches!(operator, BinOp::And(_) | BinOp::Or(_)) => {
                return self.mistake(all, NOT_A_NUMBER);
            }
            BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) | BinOp::DivAssign(_) => {
                return self.mistake(operator, ASSIGNMENT);
            }
            other => {
                let found = other.to_token_stream();
                return self.mistake(other, format!("a formula has no `{found}`; {MADE_OF}"));
            }
        };
        let (left, right) = (self.number(left), self.number(right));
        let (left, right) = (left?, right?);
        let whole = left.whole && right.whole;
        if whole && operator == Operator::Div {
            let written = tidy(all.to_token_stream());
            return self.mistake(
                all,
                format!(
                    "`{written}` of whole numbers is rounded in Rust: write one of them with a point, as in `1.0 / 2.0`"
                ),
            );
        }
        Some(Number { id: self.graph.arithmetic(operator, left.id, right.id), whole })
    }

    /// `x ^ 2`, in which `^` binds less than `+` does, and `x ** 2`, in which `**` binds as `*` does.
    fn power(&mut self, sign: impl ToTokens, left: &Expr, right: &Expr) -> Option<Number> {
        self.number(left);
        let (mut base, mut exponent) = (left, right);
        while let Expr::Binary(binary) = base {
            base = &binary.right;
        }
        while let Expr::Binary(binary) = exponent {
            exponent = &binary.left;
        }
        let function = match exponent {
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => kind_of_power(expr),
            exponent => kind_of_power(exponent),
        };
        let [base, exponent] = [base, exponent].map(|number| match number {
            Expr::Paren(paren) => tidy(paren.expr.to_token_stream()),
            number => tidy(number.to_token_stream()),
        });
        self.mistake(sign, format!("a power is written `{function}({base}, {exponent})`"))
    }
}

/// The function for such an exponent.
fn kind_of_power(exponent: &Expr) -> &'static str {
    match exponent {
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) => "powi",
        Expr::Lit(_) => "powf",
        _ => "pow",
    }
}
