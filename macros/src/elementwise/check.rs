//! From the body of the function to the graph of the formula: statements, and the kinds of expressions. Mistakes are
//! collected, and what follows from one is not reported. Literals and operators are read in `arithmetic`, names in
//! `names`, functions in `calls`, conditions in `branches`.

use super::branches::NOT_A_NUMBER;
use super::graph::{Graph, Id, Node};
use super::names::Name;
use super::parse::{Declaration, is_word};
use crate::errors::Errors;
use crate::text::tidy;
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Block, Expr, Item, Local, Pat, Stmt, UnOp};

/// What has been read.
pub(crate) struct Formula {
    pub(crate) graph: Graph,
    /// `None` after a mistake.
    pub(crate) result: Option<Id>,
    /// The consts and imports of the body.
    pub(crate) items: Vec<Item>,
    /// Arguments and `let`s that nothing uses: the compiler is to warn of them as in any function.
    pub(crate) unused: Vec<Ident>,
}

/// A number of the formula.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    pub(crate) id: Id,
    /// It is made of whole literals only, as in `1 / 2`.
    pub(super) whole: bool,
}

impl Number {
    pub(crate) fn new(id: Id) -> Self {
        Number { id, whole: false }
    }
}

pub(crate) struct Reader<'e> {
    pub(crate) graph: Graph,
    pub(crate) errors: &'e mut Errors,
    /// The names from here on. The last one of a word counts.
    pub(super) names: Vec<Name>,
    pub(super) unused: Vec<Ident>,
    pub(crate) generic: String,
    pub(crate) function: Ident,
    items: Vec<Item>,
}

pub(super) const MADE_OF: &str = "it is made of numbers, `let`, `if`/`else`, `+ - * /` and functions";

pub(crate) fn check(declaration: &Declaration, function: &Ident, body: &Block, errors: &mut Errors) -> Formula {
    let mut graph = Graph::new();
    let mut names = Vec::new();
    let (mut varying, mut constant) = (0, 0);
    for argument in &declaration.arguments {
        let count = if argument.varies { &mut varying } else { &mut constant };
        let node = if argument.varies { Node::Argument(*count) } else { Node::Parameter(*count) };
        *count += 1;
        let number = Some(Number::new(graph.leaf(node)));
        names.push(Name { word: argument.name.clone(), number, used: false });
    }
    let generic = declaration.generic.to_string();
    let (unused, items) = (Vec::new(), Vec::new());
    let mut reader = Reader { graph, errors, names, unused, generic, function: function.clone(), items };
    let result = reader.block(body, true).map(|number| number.id);
    reader.forget(0);
    Formula { graph: reader.graph, result, items: reader.items, unused: reader.unused }
}

impl Reader<'_> {
    /// `let`s and a number behind them.
    pub(crate) fn block(&mut self, block: &Block, is_body: bool) -> Option<Number> {
        let names = self.names.len();
        let mut result = None;
        for (i, statement) in block.stmts.iter().enumerate() {
            let is_last = i + 1 == block.stmts.len();
            match statement {
                Stmt::Local(local) => self.binding(local),
                Stmt::Item(item @ (Item::Const(_) | Item::Use(_))) if is_body => self.items.push(item.clone()),
                Stmt::Item(item) => {
                    self.errors.at(item, "only a `const` or a `use` may stand in a formula, outside of blocks")
                }
                Stmt::Macro(call) => self.errors.at(&call.mac, format!("a formula has no macro calls; {MADE_OF}")),
                Stmt::Expr(expression, None) if is_last => result = Some(self.number(expression)),
                Stmt::Expr(expression, semicolon) => {
                    if self.is_unsupported(expression) {
                        continue;
                    }
                    let found_before = self.errors.len();
                    self.number(expression);
                    if self.errors.len() == found_before {
                        match semicolon.filter(|_| is_last) {
                            Some(semicolon) => {
                                self.errors.at(semicolon, "remove this `;`: the last line is the result")
                            }
                            None => self.errors.at(expression, "this number is dropped: give it a name with `let`"),
                        }
                    }
                    result = Some(None);
                }
            }
        }
        self.forget(names);
        result.unwrap_or_else(|| {
            if !block.stmts.iter().any(|statement| matches!(statement, Stmt::Expr(..) | Stmt::Macro(_))) {
                self.errors.at(block, "a formula, and every block in it, ends in a number");
            }
            None
        })
    }

    /// `let y = x * x;`
    fn binding(&mut self, local: &Local) {
        let (pattern, of) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pattern => (pattern, None),
        };
        let mut value = None;
        match &local.init {
            Some(init) => {
                value = match &*init.expr {
                    // Said about the pattern.
                    Expr::Tuple(tuple) if matches!(pattern, Pat::Tuple(_)) => {
                        for number in &tuple.elems {
                            self.number(number);
                        }
                        None
                    }
                    number => self.number(number),
                };
                if let Some((token, _)) = &init.diverge {
                    self.errors.at(token, "a number is always there: remove this `else`");
                }
            }
            None => self.errors.at(local, "give the name its number here: a formula has no assignments"),
        }
        if let Some(of) = of
            && !is_word(of, &self.generic)
            && !matches!(of, syn::Type::Infer(_))
        {
            let varies = value.is_some_and(|value| !self.graph.is_constant(value.id));
            if !is_word(of, "f64") || varies {
                let generic = &self.generic;
                self.errors.at(of, format!("a number that depends on the arguments is a `{generic}`"));
            }
        }
        match pattern {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                if let Some(token) = &name.mutability {
                    let message = "a formula changes nothing: remove `mut`; a `let` may give the name another value";
                    self.errors.at(token, message);
                }
                self.names.push(Name { word: name.ident.clone(), number: value, used: false });
            }
            Pat::Wild(_) => {}
            other => {
                self.errors.at(other, "a `let` gives one number a name");
                self.broken_names(other);
            }
        }
    }

    /// The number that an expression is; `None` if there is a mistake in it.
    pub(crate) fn number(&mut self, expression: &Expr) -> Option<Number> {
        match expression {
            Expr::Paren(paren) => self.number(&paren.expr),
            Expr::Group(group) => self.number(&group.expr),
            Expr::Lit(literal) => self.literal(&literal.lit),
            Expr::Path(path) => self.name(path),
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(_) => {
                    let number = self.number(&unary.expr)?;
                    Some(Number { id: self.graph.negative(number.id), whole: number.whole })
                }
                UnOp::Not(_) => self.mistake(expression, NOT_A_NUMBER),
                _ => self.mistake(unary.op, "a formula has no references: remove this `*`"),
            },
            Expr::Binary(binary) => self.binary(expression, &binary.left, &binary.op, &binary.right),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method(call),
            Expr::If(branch) => self.branch(branch),
            Expr::Block(block) if block.label.is_none() => self.block(&block.block, false),
            Expr::Cast(cast) => match &*cast.expr {
                Expr::Path(path) if is_word(&cast.ty, "f64") && !self.is_known(path) => {
                    Some(self.constant(cast.to_token_stream()))
                }
                inner => {
                    self.number(inner)?;
                    let message = "only a const can be cast, `SIZE as f64`; numbers of a formula have one type";
                    self.mistake(cast.as_token, message)
                }
            },
            other => {
                if !self.is_unsupported(other) {
                    let found = tidy(other.to_token_stream());
                    self.errors.at(other, format!("expected a number, found `{found}`; a formula has none: {MADE_OF}"));
                }
                None
            }
        }
    }

    pub(crate) fn mistake<N>(&mut self, at: impl ToTokens, message: impl std::fmt::Display) -> Option<N> {
        self.errors.at(at, message);
        None
    }

    /// Reports what no formula has.
    fn is_unsupported(&mut self, expression: &Expr) -> bool {
        let message = match expression {
            Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
                let token: proc_macro2::TokenStream = expression.to_token_stream().into_iter().take(1).collect();
                self.errors.at(token, format!("a formula has no loops; {MADE_OF}"));
                return true;
            }
            Expr::Assign(assignment) => {
                self.errors.at(assignment.eq_token, ASSIGNMENT);
                return true;
            }
            Expr::Match(branch) => {
                self.errors.at(branch.match_token, "a formula has no `match`: use `if` and `else`");
                return true;
            }
            Expr::Return(_) => {
                "a formula has no `return`: the last line is the result, and `if`/`else` gives one of two"
            }
            Expr::Macro(_) => "a formula has no macro calls: it is computed on tensors too, all at once",
            Expr::Closure(_) => "a formula has no closures: write another #[elementwise] function and call it",
            Expr::Reference(_) => "a formula has no references: remove the `&`",
            Expr::Try(_) | Expr::Await(_) | Expr::Async(_) | Expr::TryBlock(_) | Expr::Yield(_) => {
                "a formula is plain arithmetic: it cannot fail or wait"
            }
            Expr::Unsafe(_) | Expr::Const(_) => "a formula needs no such block: remove the word before the `{`",
            Expr::Index(_) | Expr::Field(_) => {
                "a formula sees one element of each argument: numbers have no elements and no fields"
            }
            Expr::Array(_) | Expr::Tuple(_) | Expr::Struct(_) | Expr::Repeat(_) | Expr::Range(_) => {
                "a formula gives and takes single numbers"
            }
            Expr::Break(_) | Expr::Continue(_) => "a formula has no loops",
            _ => return false,
        };
        self.errors.at(expression, message);
        true
    }
}

pub(super) const ASSIGNMENT: &str = "a formula has no assignments: `let` gives a name another value";
