//! A formula as a graph in which equal expressions are one node. A branch is a scope of its own: what is computed in it
//! is not seen outside. No syntax is known here, and no derivative.

use super::functions::FUNCTIONS;
use proc_macro2::TokenStream;
use std::collections::{BTreeSet, HashMap};
use syn::{Expr, Path};

/// A node. One is made after the nodes that it is made of, so it has a larger number.
pub(crate) type Id = usize;

/// Where a node is computed: 0 in the formula, others each in one way of a branch.
pub(crate) type Scope = usize;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// An argument that is differentiated.
    Argument(usize),
    /// A number, by its bits.
    Literal(u64),
    /// An argument that is a constant of the operation.
    Parameter(usize),
    /// A const, by its place among [`Graph::consts`].
    Const(usize),
    Negative(Id),
    Arithmetic(Operator, Id, Id),
    /// A cotangent times a slope, of which one may be 0 and the other infinite.
    Guarded(Id, Id),
    /// A function of the table.
    Apply(Application),
    /// The slopes of one, which knows its value too: as many numbers as it has arguments.
    Slopes(Application, Id),
    /// A call, by its place among [`Graph::calls`]: the value, then its slopes towards the arguments that vary.
    Call(usize),
    /// A branch, by its place among [`Graph::branches`]: its outputs.
    Branch(usize),
    /// One of the numbers of a node that has several.
    Output(Id, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operator {
    Add,
    Sub,
    Mul,
    Div,
}

/// A function of the table with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Application {
    /// The place among [`FUNCTIONS`].
    pub(crate) function: usize,
    pub(crate) arguments: Vec<Id>,
    pub(crate) parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Parameter {
    Number(Id),
    /// A whole number.
    Whole(i32),
    /// A const that is one.
    WholeConst(usize),
}

/// A const that the formula names, and its type.
pub(crate) struct Const {
    pub(crate) text: String,
    pub(crate) value: TokenStream,
    pub(crate) whole: bool,
}

/// A call of another formula.
pub(crate) struct Call {
    pub(crate) path: Path,
    pub(crate) text: String,
    pub(crate) arguments: Vec<Id>,
    pub(crate) written: Vec<Expr>,
    pub(crate) parenthesis: proc_macro2::Span,
}

pub(crate) struct Branch {
    pub(crate) condition: Condition,
    pub(crate) ways: [Way; 2],
    /// The nodes outside that its value depends on, once it has been differentiated: outputs 1 and further are the
    /// slopes towards them.
    pub(crate) free: Option<Vec<Id>>,
}

pub(crate) struct Way {
    pub(crate) scope: Scope,
    pub(crate) outputs: Vec<Id>,
}

pub(crate) enum Condition {
    /// By the name of the comparison in the library, its operator, and the two sides.
    Compare(&'static str, TokenStream, Id, Id),
    And(Box<[Condition; 2]>),
    Or(Box<[Condition; 2]>),
    Not(Box<Condition>),
}

impl Condition {
    pub(crate) fn operands(&self) -> Vec<Id> {
        match self {
            Condition::Compare(_, _, a, b) => vec![*a, *b],
            Condition::And(pair) | Condition::Or(pair) => pair.iter().flat_map(Condition::operands).collect(),
            Condition::Not(condition) => condition.operands(),
        }
    }
}

struct Entry {
    node: Node,
    scope: Scope,
    constant: bool,
    size: Size,
}

/// How large a number can get where the arguments of the formula are finite.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Size {
    /// It may be infinite, if only because a sum or a product overflows.
    Any,
    /// It is finite.
    Finite,
    /// It is small whatever the arguments are, and so are sums and products of such numbers.
    Bounded,
}

pub(crate) struct Graph {
    nodes: Vec<Entry>,
    known: HashMap<Node, Vec<Id>>,
    /// The scope around each.
    scopes: Vec<Option<Scope>>,
    /// Where new nodes are.
    pub(crate) scope: Scope,
    pub(crate) consts: Vec<Const>,
    pub(crate) calls: Vec<Call>,
    pub(crate) branches: Vec<Branch>,
}

impl Graph {
    pub(crate) fn new() -> Self {
        Graph {
            nodes: Vec::new(),
            known: HashMap::new(),
            scopes: vec![None],
            scope: 0,
            consts: Vec::new(),
            calls: Vec::new(),
            branches: Vec::new(),
        }
    }

    /// The functions of the table that are in it, each once.
    pub(crate) fn functions(&self) -> BTreeSet<usize> {
        let function = |entry: &Entry| match &entry.node {
            Node::Apply(application) => Some(application.function),
            _ => None,
        };
        self.nodes.iter().filter_map(function).collect()
    }

    pub(crate) fn node(&self, id: Id) -> &Node {
        &self.nodes[id].node
    }

    pub(crate) fn scope_of(&self, id: Id) -> Scope {
        self.nodes[id].scope
    }

    /// It depends on no argument that varies.
    pub(crate) fn is_constant(&self, id: Id) -> bool {
        self.nodes[id].constant
    }

    pub(crate) fn size(&self, id: Id) -> Size {
        self.nodes[id].size
    }

    pub(crate) fn literal_value(&self, id: Id) -> Option<f64> {
        if let Node::Literal(bits) = self.node(id) { Some(f64::from_bits(*bits)) } else { None }
    }

    /// A scope within the present one.
    pub(crate) fn open_scope(&mut self) -> Scope {
        self.scopes.push(Some(self.scope));
        self.scopes.len() - 1
    }

    /// Whether what lies in `inner` is computed within `outer`.
    pub(crate) fn is_within(&self, inner: Scope, outer: Scope) -> bool {
        let mut scope = Some(inner);
        while let Some(inner) = scope {
            if inner == outer {
                return true;
            }
            scope = self.scopes[inner];
        }
        false
    }

    /// The node, or the equal one that can be seen from here.
    pub(crate) fn add(&mut self, node: Node) -> Id {
        if let Some(equal) = self.known.get(&node)
            && let Some(id) = equal.iter().find(|id| self.is_within(self.scope, self.nodes[**id].scope))
        {
            return *id;
        }
        let (constant, size) = (self.constant(&node), self.size_of(&node));
        self.nodes.push(Entry { node: node.clone(), scope: self.scope, constant, size });
        let id = self.nodes.len() - 1;
        self.known.entry(node).or_default().push(id);
        id
    }

    /// A node that needs no computation, and so belongs to no branch.
    pub(crate) fn leaf(&mut self, node: Node) -> Id {
        let scope = std::mem::replace(&mut self.scope, 0);
        let id = self.add(node);
        self.scope = scope;
        id
    }

    pub(crate) fn literal(&mut self, value: f64) -> Id {
        self.leaf(Node::Literal(value.to_bits()))
    }

    pub(crate) fn negative(&mut self, of: Id) -> Id {
        match *self.node(of) {
            Node::Literal(bits) => self.literal(-f64::from_bits(bits)),
            Node::Negative(inner) => inner,
            _ => self.add(Node::Negative(of)),
        }
    }

    /// As it is written; only numbers are computed with here.
    pub(crate) fn arithmetic(&mut self, operator: Operator, a: Id, b: Id) -> Id {
        let (Some(x), Some(y)) = (self.literal_value(a), self.literal_value(b)) else {
            return self.add(Node::Arithmetic(operator, a, b));
        };
        self.literal(match operator {
            Operator::Add => x + y,
            Operator::Sub => x - y,
            Operator::Mul => x * y,
            Operator::Div => x / y,
        })
    }

    /// A const of the user's.
    pub(crate) fn constant_named(&mut self, text: String, value: TokenStream, whole: bool) -> usize {
        let known = self.consts.iter().position(|other| other.text == text && other.whole == whole);
        known.unwrap_or_else(|| {
            self.consts.push(Const { text, value, whole });
            self.consts.len() - 1
        })
    }

    /// The value of a call; of an equal one that was written before, if there is one.
    pub(crate) fn call(&mut self, call: Call) -> Id {
        let known = self.calls.iter().position(|other| other.text == call.text && other.arguments == call.arguments);
        let number = known.unwrap_or_else(|| {
            self.calls.push(call);
            self.calls.len() - 1
        });
        let all = self.add(Node::Call(number));
        self.add(Node::Output(all, 0))
    }

    /// The value of a branch.
    pub(crate) fn branch(&mut self, condition: Condition, ways: [Way; 2]) -> Id {
        self.branches.push(Branch { condition, ways, free: None });
        let all = self.add(Node::Branch(self.branches.len() - 1));
        self.add(Node::Output(all, 0))
    }

    /// The nodes that this one is made of, without those inside the ways of a branch.
    fn operands(&self, node: &Node) -> Vec<Id> {
        match node {
            Node::Argument(_) | Node::Literal(_) | Node::Parameter(_) | Node::Const(_) => Vec::new(),
            Node::Negative(a) | Node::Output(a, _) => vec![*a],
            Node::Arithmetic(_, a, b) | Node::Guarded(a, b) => vec![*a, *b],
            Node::Apply(application) => application.operands(),
            Node::Slopes(application, answer) => application.operands().into_iter().chain([*answer]).collect(),
            Node::Call(number) => self.calls[*number].arguments.clone(),
            Node::Branch(number) => self.branches[*number].condition.operands(),
        }
    }

    pub(crate) fn operands_of(&self, id: Id) -> Vec<Id> {
        self.operands(self.node(id))
    }

    fn constant(&self, node: &Node) -> bool {
        let of_ways = |number: usize| self.branches[number].ways.iter().all(|way| self.is_constant(way.outputs[0]));
        match node {
            Node::Argument(_) => false,
            Node::Branch(number) if !of_ways(*number) => false,
            _ => self.operands(node).into_iter().all(|operand| self.is_constant(operand)),
        }
    }

    fn size_of(&self, node: &Node) -> Size {
        /// Of so many factors no formula has enough to overflow.
        const SMALL: f64 = 16.0;
        let bounded = |holds: bool| if holds { Size::Bounded } else { Size::Any };
        let smaller = |a: &Id, b: &Id| self.size(*a).min(self.size(*b));
        match node {
            Node::Argument(_) | Node::Parameter(_) | Node::Const(_) => Size::Finite,
            Node::Literal(bits) => match f64::from_bits(*bits).abs() {
                size if size <= SMALL => Size::Bounded,
                size if size <= f64::from(f32::MAX) => Size::Finite,
                _ => Size::Any,
            },
            Node::Negative(a) => self.size(*a),
            Node::Arithmetic(Operator::Div, _, _) => Size::Any,
            Node::Arithmetic(_, a, b) | Node::Guarded(a, b) => bounded(smaller(a, b) == Size::Bounded),
            Node::Apply(application) => bounded(FUNCTIONS[application.function].bounded),
            Node::Output(all, k) => match self.node(*all) {
                Node::Branch(number) => {
                    let [first, second] = &self.branches[*number].ways;
                    let outputs = first.outputs.get(*k).zip(second.outputs.get(*k));
                    outputs.map_or(Size::Any, |(first, second)| smaller(first, second))
                }
                Node::Slopes(application, _) => bounded(FUNCTIONS[application.function].bounded_slopes),
                _ => Size::Any,
            },
            Node::Slopes(..) | Node::Call(_) | Node::Branch(_) => Size::Any,
        }
    }
}

impl Application {
    fn operands(&self) -> Vec<Id> {
        let numbers = self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Number(id) => Some(*id),
            Parameter::Whole(_) | Parameter::WholeConst(_) => None,
        });
        self.arguments.iter().copied().chain(numbers).collect()
    }
}
