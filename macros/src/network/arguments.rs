//! The arguments of an entry, matched to the parameters of its row; what was left out is inferred. What a single
//! argument has to be is not known here, nor which layers there are.

use super::check::Checker;
use super::layers::{Activation, activation_names};
use super::parse::{Argument, Entry};
use super::row::{Layer, Parameter, Takes, Value, Values};
use super::shape::Size;
use super::values::{Whole, bare, is_activation, looks_like_integer, variable};
use super::{call_at, crate_path};
use crate::errors::nearest;
use crate::foreign;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Expr;

impl Checker<'_> {
    /// The arguments of `entry` as values of the row's parameters; what could not be understood is reported and absent.
    pub(crate) fn arguments(&mut self, row: &'static Layer, entry: &Entry) -> Values {
        let given = entry.arguments.as_deref().unwrap_or_default();
        let found_before = self.errors.len();
        let mut values = Values::default();
        let mut matched: Vec<(&'static Parameter, &Expr)> = Vec::new();
        for argument in given {
            let Some(name) = &argument.name else { continue };
            match row.positional.iter().chain(row.named).find(|parameter| name == parameter.name) {
                Some(parameter) if matched.iter().any(|(other, _)| other.name == parameter.name) => {
                    self.errors.at(name, format!("`{name}` is given twice"));
                }
                Some(parameter) => {
                    matched.push((parameter, &argument.value));
                    values.named_at(parameter.name, name.span());
                }
                None => {
                    self.unknown_argument(row, name);
                    // What was meant has a value.
                    let here = foreign::here(foreign::ARGUMENTS, &name.to_string());
                    let meant = row.positional.iter().chain(row.named).find(|parameter| here == Some(parameter.name));
                    matched.extend(meant.map(|parameter| (parameter, &argument.value)));
                }
            }
        }
        let by_place: Vec<&Expr> = given.iter().filter(|argument| argument.name.is_none()).map(|a| &a.value).collect();
        let is_first_mistake = self.errors.len() == found_before;
        if !self.by_place(row, entry, &by_place, &mut matched, is_first_mistake) {
            return Values::default();
        }
        for parameter in row.positional.iter().chain(row.named) {
            let mut expressions = matched.iter().filter(|(other, _)| other.name == parameter.name).map(|(_, e)| *e);
            let value = match parameter.takes {
                Takes::Sizes => expressions.map(|e| self.size(e, row.into())).collect::<Option<_>>().map(Value::Sizes),
                Takes::Count => {
                    let count = expressions.next().and_then(|e| self.count(row.name, e));
                    count.map(|count| Value::Sizes(vec![count]))
                }
                Takes::Size => match (expressions.next(), parameter.axis) {
                    (Some(expression), axis) => {
                        let size = self.size(expression, row.into());
                        if let (Some(size), Some(axis)) = (&size, axis) {
                            self.compare(row.name, size, axis, expression);
                        }
                        size.map(|size| Value::Sizes(vec![size]))
                    }
                    (None, Some(axis)) => {
                        let found_before = self.errors.len();
                        let size = self.infer(row, parameter, axis, entry);
                        if self.errors.len() > found_before {
                            // Perhaps it is the other size that was left out.
                            return Values::default();
                        }
                        size.map(|size| Value::Sizes(vec![size]))
                    }
                    (None, None) => parameter.default.map(|size| Value::Sizes(vec![Size::from(size)])),
                },
                Takes::Fraction => expressions.next().and_then(|e| self.fraction(row.name, e)).map(Value::Tokens),
                Takes::Activation => expressions.next().and_then(|e| self.activation(e)).map(Value::Tokens),
                Takes::Flag => expressions.next().and_then(|e| self.flag(parameter.name, e)).map(Value::Flag),
                Takes::Initializer => expressions.next().and_then(|e| self.initializer(e)).map(Value::Tokens),
            };
            if let Some(value) = value {
                values.set(parameter.name, value);
            }
        }
        values
    }

    /// Matches the arguments without a name to the parameters that are still open; false when that cannot be done.
    fn by_place<'e>(
        &mut self,
        row: &'static Layer,
        entry: &Entry,
        given: &[&'e Expr],
        matched: &mut Vec<(&'static Parameter, &'e Expr)>,
        is_first_mistake: bool,
    ) -> bool {
        let usage = row.usage();
        let is_set = |parameter: &Parameter| matched.iter().any(|(other, _)| other.name == parameter.name);
        let mut open: Vec<&'static Parameter> = row.positional.iter().filter(|parameter| !is_set(parameter)).collect();
        if let [only] = open[..]
            && only.takes == Takes::Sizes
        {
            if given.is_empty() {
                self.errors.at(&entry.tokens, format!("`{}` needs its sizes, as in `{}(28, 28)`", row.name, row.name));
            }
            matched.extend(given.iter().map(|expression| (only, *expression)));
            return !given.is_empty();
        }
        // How many of them are sizes tells whether the first width was left out.
        let needed = open.iter().filter(|parameter| !parameter.optional).count();
        let last_is_activation = open.last().is_some_and(|parameter| parameter.takes == Takes::Activation)
            && given.last().is_some_and(|last| {
                let is_word = bare(last).is_some_and(|_| variable(last).is_some());
                is_activation(last) || (is_word && given.len() > needed.saturating_sub(1).max(1))
            });
        if let [before @ .., _] = given
            && let Some(activation) = before.iter().find(|e| is_activation(e))
            && open.last().is_some_and(|parameter| parameter.takes == Takes::Activation)
        {
            self.errors.at(activation, format!("the activation stands last: write `{usage}`"));
            return false;
        }
        let sizes = given.len() - usize::from(last_is_activation);
        if last_is_activation
            && sizes < needed
            && let Some(word) = given.last().and_then(|last| bare(last))
            && Activation::find(&word.to_string()).is_none()
            && nearest(&word.to_string(), activation_names()).is_none()
        {
            self.errors.at(
                word,
                format!("`{word}` is neither a size nor an activation: {}", Whole::from(row).must_be_constant()),
            );
            return false;
        }
        if sizes + 1 == needed && open[0].axis.is_some() {
            open.remove(0);
        } else if sizes < needed {
            if is_first_mistake {
                let missing: Vec<String> =
                    open.iter().filter(|p| !p.optional).skip(sizes).map(|p| format!("`{}`", p.name)).collect();
                let at = if entry.arguments.is_some() { entry.tokens.clone() } else { entry.path.to_token_stream() };
                self.errors.at(at, format!("`{}` needs {}: write `{usage}`", row.name, missing.join(" and ")));
            }
            return false;
        }
        if let Some(extra) = given.get(open.len()) {
            let takes = match row.positional.len() {
                0 => "no argument".to_string(),
                1 => "at most 1 argument".to_string(),
                most => format!("at most {most} arguments"),
            };
            self.errors.at(extra, format!("`{}` takes {takes}: write `{usage}`", row.name));
        }
        matched.extend(open.into_iter().zip(given.iter().copied()));
        true
    }

    fn unknown_argument(&mut self, row: &Layer, name: &Ident) {
        let known: Vec<&str> = row.named.iter().chain(row.positional).map(|parameter| parameter.name).collect();
        let list = format!("it takes {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "));
        let hint = foreign::suggest(foreign::ARGUMENTS, &name.to_string(), &known, list);
        self.errors.at(name, format!("`{}` has no argument `{name}`; {hint}", row.name));
    }

    /// A size that was left out.
    fn infer(&mut self, row: &Layer, parameter: &Parameter, axis: usize, entry: &Entry) -> Option<Size> {
        let size = self.shape.axis(axis);
        match &size {
            Size::Literal(..) | Size::Const(_) => Some(size),
            Size::Impossible(_) | Size::Broken => None,
            Size::Unknown => {
                let (name, usage) = (parameter.name, row.usage());
                let input = match () {
                    () if self.is_first => format!(", or put `input({name})` first"),
                    () if self.has_input => String::new(),
                    () => ", or begin the network with `input(..)`, the sizes of one example".to_string(),
                };
                let message = format!("nothing before `{}` tells its `{name}`: write `{usage}`{input}", row.name);
                self.errors.at(&entry.tokens, message);
                None
            }
            Size::Perhaps(perhaps) | Size::Computed(perhaps) => {
                let (name, usage) = (parameter.name, row.usage());
                let message = format!("the layer before `{}` does not tell its `{name}`: write `{usage}`", row.name);
                let call = call_at(&entry.tokens, quote!(inferred), quote!(#perhaps, #message));
                self.ask(call);
                Some(size)
            }
        }
    }
}

/// The arguments of an entry as integers, where they look like that: what a shape rule is evaluated on.
pub(crate) fn integers(arguments: &[Argument]) -> TokenStream {
    let p = crate_path();
    let unknown = Size::Unknown.tokens();
    let integer = |value: &Expr| if looks_like_integer(value) { quote!((#value) as usize) } else { unknown.clone() };
    let by_place = arguments.iter().filter(|argument| argument.name.is_none()).map(|argument| integer(&argument.value));
    let by_name = arguments.iter().filter_map(|argument| {
        let (name, value) = (argument.name.as_ref()?.to_string(), integer(&argument.value));
        Some(quote!((#name, #value)))
    });
    quote!(#p::shape_rule::Arguments { by_place: &[#(#by_place),*], by_name: &[#(#by_name),*] })
}
