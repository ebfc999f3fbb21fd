//! Functions in a formula: those of the table, in both styles, and other formulas, by their path.

use super::check::{Number, Reader};
use super::functions::{FUNCTIONS, Function, name_here, names};
use super::graph::{Application, Call, Node, Parameter};
use crate::errors::nearest;
use crate::text::tidy;
use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::{Expr, ExprCall, ExprLit, ExprMethodCall, Lit, UnOp};

impl Reader<'_> {
    /// `exp(x)`, `swish(x, 1.0)`, `my::swish(x, 1.0)`
    pub(crate) fn call(&mut self, call: &ExprCall) -> Option<Number> {
        let arguments: Vec<&Expr> = call.args.iter().collect();
        let Expr::Path(function) = strip(&call.func) else {
            self.all(&arguments);
            let found = tidy(call.func.to_token_stream());
            return self.mistake(&call.func, format!("expected the name of a function, found `{found}`"));
        };
        let last = function.path.segments.last()?;
        let name = last.ident.to_string();
        if let Some(word) = function.path.get_ident() {
            if let Some(number) = self.lookup(word) {
                self.all(&arguments);
                // A closure, say, which has been refused.
                number?;
                return self
                    .mistake(word, format!("`{word}` is a number here, not a function; for a product write `*`"));
            }
            if let Some(function) = Function::find(&name) {
                return self.apply(function, word, &arguments);
            }
            if let Some(meant) = name_here(&name) {
                self.all(&arguments);
                let own = format!("a function of your own with this name is written `self::{name}`");
                return self.mistake(word, format!("`{name}` is called `{meant}` here ({own})"));
            }
            if *word == self.function {
                self.all(&arguments);
                return self.mistake(word, "a formula cannot call itself");
            }
        } else if let Some(first) = function.path.segments.first() {
            let first = first.ident.to_string();
            if Function::find(&name).is_some() && (first == self.generic || first == "f64" || first == "f32") {
                self.all(&arguments);
                return self.mistake(function, format!("`{name}` is written without a path, `{name}(x)`"));
            }
            if first == self.generic || first == "Self" {
                self.all(&arguments);
                let number = match (&name[..], &arguments[..]) {
                    ("zero", []) => "`0.0`".into(),
                    ("one", []) => "`1.0`".into(),
                    (_, [Expr::Lit(ExprLit { lit: Lit::Float(literal), .. })]) => format!("`{literal}`"),
                    (_, [Expr::Lit(ExprLit { lit: Lit::Int(literal), .. })]) => format!("`{literal}.0`"),
                    (_, [one]) => format!(
                        "`{}`, with a literal, a const or an argument of type `f64`",
                        tidy(one.to_token_stream())
                    ),
                    _ => "a literal, or a const of type `f64`".into(),
                };
                return self.mistake(call, format!("numbers need no `{first}` in a formula: write {number}"));
            }
        }
        if arguments.is_empty() {
            let message = "a function of nothing is a constant: write a const, or an argument of type `f64`";
            return self.mistake(call, message);
        }
        let numbers = self.all(&arguments)?;
        Some(Number::new(self.graph.call(Call {
            text: function.path.to_token_stream().to_string(),
            path: function.path.clone(),
            arguments: numbers.into_iter().map(|number| number.id).collect(),
            written: call.args.iter().cloned().collect(),
            parenthesis: call.paren_token.span.join(),
        })))
    }

    /// `x.exp()`
    pub(crate) fn method(&mut self, call: &ExprMethodCall) -> Option<Number> {
        let arguments: Vec<&Expr> = std::iter::once(&*call.receiver).chain(&call.args).collect();
        let word = &call.method;
        let name = word.to_string();
        if let Some(function) = Function::find(&name) {
            return self.apply(function, word, &arguments);
        }
        self.all(&arguments);
        let operator = [("add", "+"), ("sub", "-"), ("mul", "*"), ("div", "/")];
        let hint = if let Some((_, sign)) = operator.iter().find(|(method, _)| *method == name) {
            format!("write `{sign}`")
        } else if ["clone", "into", "to_owned", "borrow", "as_ref"].contains(&&name[..]) {
            return self
                .mistake(word, format!("a number of a formula is used as often as it is named: remove `.{name}()`"));
        } else if let Some(meant) = name_here(&name) {
            format!("here it is called `{meant}`")
        } else if let Some(meant) = nearest(&name, names()) {
            format!("did you mean `{meant}`?")
        } else {
            format!(
                "a formula of your own is called as `{name}(x)`, and the functions known are {}",
                names().join(", ")
            )
        };
        self.mistake(word, format!("unknown function `{name}`; {hint}"))
    }

    /// All of them, so that every mistake is found.
    fn all(&mut self, arguments: &[&Expr]) -> Option<Vec<Number>> {
        let numbers: Vec<Option<Number>> = arguments.iter().map(|argument| self.number(argument)).collect();
        numbers.into_iter().collect()
    }

    /// A function of the table.
    fn apply(&mut self, function: usize, word: &Ident, given: &[&Expr]) -> Option<Number> {
        let row = &FUNCTIONS[function];
        let varying = row.arguments.len();
        let count = varying + row.parameters.len();
        if given.len() != count {
            self.all(given);
            let (arguments, [free, method]) = (if count == 1 { "argument" } else { "arguments" }, row.spellings());
            let found = given.len();
            return self.mistake(
                word,
                format!("`{word}` takes {count} {arguments}, found {found}: write `{free}` or `{method}`"),
            );
        }
        let numbers = self.all(&given[..varying]);
        let parameters: Vec<Option<Parameter>> = row
            .parameters
            .iter()
            .zip(&given[varying..])
            .map(|(parameter, given)| match *parameter {
                "n" => self.whole(given),
                parameter => self.parameter(row, parameter, given),
            })
            .collect();
        let numbers = numbers?;
        let parameters = parameters.into_iter().collect::<Option<Vec<_>>>()?;
        if let ("clamp", [Parameter::Number(min), Parameter::Number(max)]) = (row.name, &parameters[..])
            && let (Some(min), Some(max)) = (self.graph.literal_value(*min), self.graph.literal_value(*max))
            && min > max
        {
            let [min, max] = [&given[varying], &given[varying + 1]];
            let [low, high] = [min, max].map(|bound| tidy(bound.to_token_stream()));
            let message = format!("nothing lies between {low} and {high}: the smaller bound stands first");
            return self.mistake(quote!(#min, #max), message);
        }
        if row.name == "neg" {
            return Some(Number::new(self.graph.negative(numbers[0].id)));
        }
        let arguments = numbers.into_iter().map(|number| number.id).collect();
        Some(Number::new(self.graph.add(Node::Apply(Application { function, arguments, parameters }))))
    }

    /// A constant behind the argument, such as the slope of `leaky_relu`.
    fn parameter(&mut self, row: &Function, parameter: &str, given: &Expr) -> Option<Parameter> {
        let number = self.number(given)?;
        if self.graph.is_constant(number.id) {
            return Some(Parameter::Number(number.id));
        }
        let found = tidy(given.to_token_stream());
        if row.name == "powf" {
            return self.mistake(
                given,
                format!("`powf` takes a constant, and `{found}` varies: use `pow`, as in `x.pow({found})`"),
            );
        }
        let constant = "a literal, a const or an argument of type `f64`";
        self.mistake(given, format!("`{parameter}` of `{}` is a constant ({constant}), and `{found}` varies", row.name))
    }

    /// The exponent of `powi`.
    fn whole(&mut self, given: &Expr) -> Option<Parameter> {
        match strip(given) {
            Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) if matches!(literal.suffix(), "" | "i32") => {
                match literal.base10_parse() {
                    Ok(whole) => return Some(Parameter::Whole(whole)),
                    Err(error) => return self.mistake(literal, error),
                }
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) && matches!(strip(&unary.expr), Expr::Lit(_)) => {
                return match self.whole(&unary.expr)? {
                    Parameter::Whole(whole) => Some(Parameter::Whole(-whole)),
                    other => Some(other),
                };
            }
            Expr::Path(path) => {
                let is_name =
                    path.path.get_ident().is_some_and(|name| name.to_string().chars().any(char::is_lowercase));
                if !is_name {
                    let tokens = path.to_token_stream();
                    let number = self.graph.constant_named(tokens.to_string(), tokens, true);
                    return Some(Parameter::WholeConst(number));
                }
                self.number(given)?;
            }
            other => {
                self.number(other)?;
            }
        }
        let found = tidy(given.to_token_stream());
        let message = format!(
            "`powi` takes a whole number, such as `3`, or a const of type `i32`; found `{found}`: use `powf` or `pow`"
        );
        self.mistake(given, message)
    }
}

/// Without parentheses, and without the invisible group that a `macro_rules!` puts around an expression.
fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(paren) => strip(&paren.expr),
        Expr::Group(group) => strip(&group.expr),
        other => other,
    }
}
