//! A graph as statements, one for each node that is needed: for the value over a number, for the slopes over terms.
//! What stands around the statements is not known here.

use super::functions::{FUNCTIONS, Function};
use super::generated::{argument_name, call_name, const_name, literal, name, output_name};
use super::graph::{Application, Condition, Graph, Id, Node, Operator, Parameter, Scope, Way};
use crate::tokens::crate_path;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the statements compute with.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Over {
    /// A number of the type `__Number`.
    Numbers,
    /// `Expr<__Operand>`.
    Terms,
}

pub(crate) struct Writer<'g> {
    graph: &'g Graph,
    over: Over,
    /// What need not be computed, because it is known.
    given: HashMap<Id, TokenStream>,
    needed: HashSet<Id>,
    /// Which numbers of those that have several.
    outputs: HashMap<Id, BTreeSet<usize>>,
    written: HashSet<Id>,
    statements: HashMap<Scope, Vec<TokenStream>>,
}

impl<'g> Writer<'g> {
    pub(crate) fn new(graph: &'g Graph, over: Over) -> Self {
        Writer {
            graph,
            over,
            given: HashMap::new(),
            needed: HashSet::new(),
            outputs: HashMap::new(),
            written: HashSet::new(),
            statements: HashMap::new(),
        }
    }

    /// The value of the formula is known as `answer`, and so is that of the way which is taken.
    pub(crate) fn know(&mut self, result: Id, answer: &TokenStream) {
        let graph = self.graph;
        if graph.is_constant(result) || matches!(graph.node(result), Node::Argument(_)) {
            return;
        }
        self.given.insert(result, answer.clone());
        if let Node::Output(all, 0) = *graph.node(result)
            && let Node::Branch(number) = *graph.node(all)
        {
            for way in &graph.branches[number].ways {
                if graph.is_within(graph.scope_of(way.outputs[0]), way.scope) {
                    self.know(way.outputs[0], answer);
                }
            }
        }
    }

    /// The statements that compute the nodes, and an expression for each.
    pub(crate) fn write(mut self, results: &[Id]) -> (TokenStream, Vec<TokenStream>) {
        for id in results {
            self.need(*id);
        }
        for id in results {
            self.statement(*id);
        }
        let statements = self.statements.remove(&0).unwrap_or_default();
        (statements.into_iter().collect(), results.iter().map(|id| self.operand(*id)).collect())
    }

    /// Notes everything that the node is made of.
    fn need(&mut self, id: Id) {
        if self.given.contains_key(&id) {
            return;
        }
        let graph = self.graph;
        if let Node::Output(all, k) = *graph.node(id) {
            if self.outputs.entry(all).or_default().insert(k) {
                self.need(all);
                if let Node::Branch(number) = *graph.node(all) {
                    graph.branches[number].ways.iter().for_each(|way| self.need(way.outputs[k]));
                }
            }
        } else if self.needed.insert(id) {
            graph.operands_of(id).into_iter().for_each(|operand| self.need(operand));
        }
    }

    /// Writes the node, after everything that it is made of.
    fn statement(&mut self, id: Id) {
        let graph = self.graph;
        if self.given.contains_key(&id) || !self.written.insert(id) {
            return;
        }
        graph.operands_of(id).into_iter().for_each(|operand| self.statement(operand));
        if let Node::Branch(number) = *graph.node(id) {
            for way in &graph.branches[number].ways {
                self.outputs[&id].clone().into_iter().for_each(|k| self.statement(way.outputs[k]));
            }
        }
        if let Some(statement) = self.written_as(id) {
            self.statements.entry(graph.scope_of(id)).or_default().push(statement);
        }
    }

    fn written_as(&mut self, id: Id) -> Option<TokenStream> {
        let graph = self.graph;
        let p = crate_path();
        let name = name(id);
        let value = match graph.node(id) {
            Node::Argument(_) | Node::Literal(_) | Node::Parameter(_) | Node::Const(_) | Node::Output(..) => {
                return None;
            }
            Node::Negative(a) => {
                let a = self.beside(*a, id);
                quote!(-#a)
            }
            Node::Arithmetic(operator, a, b) => {
                let (a, b) = (self.beside(*a, id), self.beside(*b, id));
                match operator {
                    Operator::Add => quote!(#a + #b),
                    Operator::Sub => quote!(#a - #b),
                    Operator::Mul => quote!(#a * #b),
                    Operator::Div => quote!(#a / #b),
                }
            }
            Node::Guarded(a, b) => {
                let (a, b) = (self.beside(*a, id), self.beside(*b, id));
                if graph.is_constant(id) {
                    quote!(#p::ElementwiseArgument::call(#p::row::Guarded(), [#a, #b]))
                } else {
                    quote!(#p::guarded(#a, #b))
                }
            }
            Node::Apply(application) => {
                let (row, arguments) = self.application(application, id);
                quote!(#p::ElementwiseArgument::call(#row, [#(#arguments),*]))
            }
            Node::Slopes(application, answer) => {
                let (row, arguments) = self.application(application, id);
                let answer = self.beside(*answer, id);
                let names = self.output_names(id, application.arguments.len());
                return Some(quote!(let [#(#names),*] = #p::slopes(#row, [#(#arguments),*], #answer);));
            }
            Node::Call(number) => return Some(self.call(id, *number)),
            Node::Branch(number) => return Some(self.branch(id, *number)),
        };
        let of = graph.is_constant(id).then(|| quote!(: f64));
        Some(quote!(let #name #of = #value;))
    }

    /// The row of the table, and the arguments.
    fn application(&self, application: &Application, of: Id) -> (TokenStream, Vec<TokenStream>) {
        let p = crate_path();
        let row = FUNCTIONS[application.function].row();
        let parameters = application.parameters.iter().map(|parameter| match parameter {
            Parameter::Number(id) => self.constant(*id),
            Parameter::Whole(whole) => {
                let whole = Literal::i32_suffixed(*whole);
                quote!(#whole)
            }
            Parameter::WholeConst(number) => {
                let name = const_name(*number);
                quote!(#name)
            }
        });
        let row = quote!(#p::row::#row(#(#parameters),*));
        (row, application.arguments.iter().map(|argument| self.beside(*argument, of)).collect())
    }

    /// Names for the first numbers of a node that has several; `_` where none is needed.
    fn output_names(&self, id: Id, count: usize) -> Vec<TokenStream> {
        let needed = |k: &usize| self.outputs.get(&id).is_some_and(|outputs| outputs.contains(k));
        (0..count)
            .map(|k| {
                let name = output_name(id, k);
                if needed(&k) { quote!(#name) } else { quote!(_) }
            })
            .collect()
    }

    fn call(&self, id: Id, number: usize) -> TokenStream {
        let graph = self.graph;
        let (p, function) = (crate_path(), call_name(number));
        let arguments = &graph.calls[number].arguments;
        let varying = arguments.iter().filter(|argument| !graph.is_constant(**argument)).count();
        let names = self.output_names(id, varying + 1);
        let (answer, slopes) = (&names[0], &names[1..]);
        let needs_slopes = self.outputs.get(&id).is_some_and(|outputs| outputs.iter().any(|k| *k > 0));
        let mut count = 0usize;
        let mut argument = |argument: &Id| {
            if graph.is_constant(*argument) {
                return self.constant(*argument);
            }
            let term = self.operand(*argument);
            if !needs_slopes {
                return term;
            }
            let known = self.given.iter().find(|(known, _)| *graph.node(**known) == Node::Output(id, 0));
            let known = known.map_or_else(
                || quote!(::core::option::Option::None),
                |(_, known)| quote!(::core::option::Option::Some(#known)),
            );
            count += 1;
            let number = count - 1;
            quote!(#p::Inner::new(#term, #number, #known))
        };
        let arguments: Vec<TokenStream> = arguments.iter().map(&mut argument).collect();
        if graph.is_constant(id) {
            quote!(let #answer: f64 = Self::#function(#(#arguments),*);)
        } else if needs_slopes {
            let inner = quote!(#p::Inner<__Operand, #varying>);
            quote!(let (#answer, [#(#slopes),*]) = Self::#function::<#inner>(#(#arguments),*);)
        } else {
            let of = match self.over {
                Over::Numbers => quote!(__Number),
                Over::Terms => quote!(#p::Expr<__Operand>),
            };
            quote!(let #answer = Self::#function::<#of>(#(#arguments),*);)
        }
    }

    fn branch(&mut self, id: Id, number: usize) -> TokenStream {
        let graph = self.graph;
        let branch = &graph.branches[number];
        let constant = graph.is_constant(id);
        let plain = constant || self.over == Over::Numbers;
        let condition = self.condition(&branch.condition, plain);
        let outputs: Vec<usize> = self.outputs.get(&id).into_iter().flatten().copied().collect();
        let names: Vec<Ident> = outputs.iter().map(|k| output_name(id, *k)).collect();
        let [first, second] = [0, 1].map(|way| {
            let way = &branch.ways[way];
            let statements = self.statements.remove(&way.scope).unwrap_or_default();
            let results = outputs.iter().map(|k| {
                let result = way.outputs[*k];
                if constant { self.constant(result) } else { self.operand(result) }
            });
            let results = if plain { quote!(#(#results)*) } else { quote!([#(#results),*]) };
            quote!({ #(#statements)* #results })
        });
        if plain {
            let of = constant.then(|| quote!(: f64));
            let chosen = quote!(if #condition #first else #second);
            let chosen = if constant { chosen } else { self.beside_compared(&branch.condition, chosen) };
            quote!(#(let #names #of = #chosen;)*)
        } else {
            let cheap = self.cheap(&branch.ways);
            quote!(let [#(#names),*] = #condition.branch::<#cheap, _>(|| #first, || #second);)
        }
    }

    /// The const that says whether nothing in the ways takes longer than a wrong guess of the way would.
    fn cheap(&self, ways: &[Way]) -> TokenStream {
        let graph = self.graph;
        let is_in_a_way = |id: &&Id| ways.iter().any(|way| graph.is_within(graph.scope_of(**id), way.scope));
        let within = self.written.iter().filter(is_in_a_way).map(|id| graph.node(*id));
        let mut functions = BTreeSet::new();
        for node in within {
            match node {
                Node::Apply(application) | Node::Slopes(application, _) => {
                    functions.insert(application.function);
                }
                Node::Call(_) => return quote!(false),
                _ => {}
            }
        }
        let are_cheap = facts(functions, "CHEAP");
        if are_cheap.is_empty() { quote!(true) } else { quote!({ #(#are_cheap)&&* }) }
    }

    fn condition(&self, condition: &Condition, plain: bool) -> TokenStream {
        let p = crate_path();
        let both = |pair: &[Condition; 2]| [self.condition(&pair[0], plain), self.condition(&pair[1], plain)];
        match condition {
            Condition::Compare(name, sign, a, b) => {
                if !plain {
                    let name = format_ident!("{name}");
                    let (a, b) = (self.operand(*a), self.operand(*b));
                    return quote!(#p::Condition::compare(#p::Comparison::#name, #a, #b));
                }
                let constant = self.graph.is_constant(*a) && self.graph.is_constant(*b);
                let [a, b] = [*a, *b].map(|id| if constant { self.constant(id) } else { self.operand(id) });
                quote!((#a #sign #b))
            }
            Condition::And(pair) => {
                let [a, b] = both(pair);
                if plain { quote!((#a && #b)) } else { quote!(#a.and(#b)) }
            }
            Condition::Or(pair) => {
                let [a, b] = both(pair);
                if plain { quote!((#a || #b)) } else { quote!(#a.or(#b)) }
            }
            Condition::Not(condition) => {
                let condition = self.condition(condition, plain);
                quote!((!#condition))
            }
        }
    }

    /// The value, with a note of what it depends on by the condition.
    fn beside_compared(&self, condition: &Condition, value: TokenStream) -> TokenStream {
        let p = crate_path();
        match condition {
            Condition::Compare(_, _, a, b) => [*a, *b].into_iter().fold(value, |value, id| {
                if self.graph.is_constant(id) {
                    return value;
                }
                let compared = self.operand(id);
                quote!(#p::Operand::beside(#value, #compared))
            }),
            Condition::And(pair) | Condition::Or(pair) => {
                pair.iter().fold(value, |value, condition| self.beside_compared(condition, value))
            }
            Condition::Not(condition) => self.beside_compared(condition, value),
        }
    }

    /// The node as an operand of node `of`: a number in double precision where that is a constant.
    fn beside(&self, id: Id, of: Id) -> TokenStream {
        if self.graph.is_constant(of) { self.constant(id) } else { self.operand(id) }
    }

    /// The node as a number or a term.
    fn operand(&self, id: Id) -> TokenStream {
        if let Some(known) = self.given.get(&id) {
            return known.clone();
        }
        if !self.graph.is_constant(id) {
            return self.named(id);
        }
        let (p, constant) = (crate_path(), self.constant(id));
        match self.over {
            Over::Numbers => quote!(<__Number as #p::Constant>::constant(#constant)),
            Over::Terms => quote!(#p::Expr::<__Operand>::Literal(#constant)),
        }
    }

    /// A constant in double precision.
    fn constant(&self, id: Id) -> TokenStream {
        match self.graph.node(id) {
            Node::Literal(bits) => literal(f64::from_bits(*bits)),
            Node::Parameter(number) => {
                let number = Literal::usize_unsuffixed(*number);
                quote!(self.#number)
            }
            Node::Const(number) => {
                let name = const_name(*number);
                quote!(#name)
            }
            _ => self.named(id),
        }
    }

    fn named(&self, id: Id) -> TokenStream {
        let name = match self.graph.node(id) {
            Node::Argument(number) => argument_name(*number),
            Node::Output(all, k) => output_name(*all, *k),
            _ => name(id),
        };
        quote!(#name)
    }
}

/// A const of the library's rows, by its name, for each of the functions.
pub(crate) fn facts(functions: BTreeSet<usize>, name: &str) -> Vec<TokenStream> {
    let p = crate_path();
    let name = format_ident!("{name}");
    let fact = |function| {
        let function: &Function = &FUNCTIONS[function];
        let (row, count) = (function.row(), function.arguments.len());
        quote!(<#p::row::#row as #p::Elementwise<#count>>::#name)
    };
    functions.into_iter().map(fact).collect()
}
