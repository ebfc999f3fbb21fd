//! What is wrong in a `gradcheck!` that could be read: settings, sizes, ranges, names.

use super::arguments::Argument;
use super::parse::{Invocation, Setting};
use crate::errors::{Errors, suggest};
use crate::text::tidy;
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, ExprLit, ExprRange, Lit, UnOp};

/// What a setting takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Whole { least: u64 },
    Positive,
    Flag,
}

/// The settings: functions of `GradCheck`.
const SETTINGS: [(&str, Kind); 9] = [
    ("order", Kind::Whole { least: 1 }),
    ("rtol", Kind::Positive),
    ("atol", Kind::Positive),
    ("seeds", Kind::Whole { least: 1 }),
    ("seed", Kind::Whole { least: 0 }),
    ("step", Kind::Positive),
    ("elements", Kind::Whole { least: 0 }),
    ("training", Kind::Whole { least: 0 }),
    ("allow_kinks", Kind::Flag),
];

pub(super) fn kind_of(name: &Ident) -> Option<Kind> {
    SETTINGS.iter().find(|(known, _)| name == known).map(|(_, kind)| *kind)
}

pub(super) fn check(invocation: &mut Invocation, errors: &mut Errors) {
    settings(&invocation.settings, errors);
    for i in 0..invocation.cases.len() {
        let (found, case) = (errors.len(), &invocation.cases[i]);
        if let Some(item) = &case.item {
            settings(&item.settings, errors);
            let earlier = invocation.cases[..i].iter().filter_map(|case| case.item.as_ref());
            if earlier.into_iter().any(|other| other.name == item.name) {
                errors.at(&item.name, format!("`{}` is a check already: give this one another name", item.name));
            }
        }
        arguments(&case.arguments, errors);
        invocation.cases[i].broken |= errors.len() > found;
    }
}

fn settings(list: &[Setting], errors: &mut Errors) {
    for (i, Setting { name, value }) in list.iter().enumerate() {
        let Some(kind) = kind_of(name) else {
            let known = SETTINGS.map(|(known, _)| known);
            let all = format!("the settings are {}", known.map(|name| format!("`{name}`")).join(", "));
            errors.at(name, format!("unknown setting `{name}`; {}", suggest(&name.to_string(), &known, all)));
            continue;
        };
        if list[..i].iter().any(|other| other.name == *name) {
            errors.at(name, format!("`{name}` is set twice"));
        }
        match (kind, value) {
            (Kind::Flag, Some(value)) => {
                if !matches!(literal(value), Some((Lit::Bool(_), false))) {
                    errors.at(value, format!("`{name}` is written alone, or with `true` or `false`"));
                }
            }
            (Kind::Flag, None) => {}
            (_, None) => errors.at(name, format!("what is `{name}`? write `{name} = ` and a number")),
            (kind, Some(value)) => number(name, kind, value, errors),
        }
    }
}

/// A literal, with its sign.
fn literal(value: &Expr) -> Option<(&Lit, bool)> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some((lit, false)),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => literal(&unary.expr).map(|(lit, sign)| (lit, !sign)),
        Expr::Paren(paren) => literal(&paren.expr),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn number(name: &Ident, kind: Kind, value: &Expr, errors: &mut Errors) {
    let found = tidy(value.to_token_stream());
    match (kind, literal(value)) {
        (Kind::Whole { least }, Some((Lit::Int(whole), negative))) => {
            let is_small = negative || whole.base10_parse::<u64>().is_ok_and(|whole| whole < least);
            if is_small {
                errors.at(value, format!("`{name}` is a whole number from {least} up, found `{found}`"));
            }
        }
        (Kind::Whole { .. }, Some(_)) => errors.at(value, format!("`{name}` is a whole number, found `{found}`")),
        (Kind::Positive, Some((Lit::Int(_) | Lit::Float(_), negative))) => {
            if negative {
                errors.at(value, format!("`{name}` is a positive number, found `{found}`"));
            }
        }
        (Kind::Positive, Some(_)) => errors.at(value, format!("`{name}` is a number, such as `1e-6`, found `{found}`")),
        (Kind::Flag, _) | (_, None) => {}
    }
}

fn arguments(list: &[Argument], errors: &mut Errors) {
    for (i, argument) in list.iter().enumerate() {
        if let Some(name) = &argument.name
            && list[..i].iter().any(|other| other.name.as_ref() == Some(name))
        {
            errors.at(name, format!("`{name}` is the name of an argument already: give this one another name"));
        }
        if argument.is_model() && list[..i].iter().any(Argument::is_model) {
            errors.push(syn::Error::new(
                argument.place(),
                "one model is checked at a time: put both into a tuple struct",
            ));
        }
        for size in &argument.sizes {
            check_size(size, errors);
        }
        if let Some(range) = &argument.range {
            check_range(range, errors);
        }
    }
}

fn check_size(size: &Expr, errors: &mut Errors) {
    let found = tidy(size.to_token_stream());
    match literal(size) {
        Some((Lit::Int(whole), false)) => {
            if !matches!(whole.suffix(), "" | "usize") {
                errors.at(whole, format!("a size is a `usize`: write `{}`", whole.base10_digits()));
            } else if whole.base10_digits() == "0" {
                errors.at(whole, "a size of 0 leaves nothing to check");
            }
        }
        Some((Lit::Int(_), true)) => errors.at(size, format!("a size is not negative, found `{found}`")),
        Some(_) => errors.at(size, format!("a size is a whole number, found `{found}`")),
        None => {}
    }
}

fn check_range(range: &ExprRange, errors: &mut Errors) {
    let value = |end: &Option<Box<Expr>>| {
        let (lit, negative) = literal(end.as_deref()?)?;
        let size: f64 = match lit {
            Lit::Int(whole) => whole.base10_parse().ok()?,
            Lit::Float(number) => number.base10_parse().ok()?,
            _ => return None,
        };
        Some(if negative { -size } else { size })
    };
    if let (Some(low), Some(high)) = (value(&range.start), value(&range.end))
        && low >= high
    {
        let (from, to) = (range.end.to_token_stream(), range.start.to_token_stream());
        errors.at(range, format!("this range is empty: write `{}..{}`", tidy(from), tidy(to)));
    }
}
