//! The chain rule, backwards through a graph: the slopes of a formula as further nodes. The slopes of the table's
//! functions are the library's. How a formula is written is not known here.

use super::functions::{FUNCTIONS, Function};
use super::graph::{Application, Graph, Id, Node, Operator, Scope, Size};
use std::collections::BTreeMap;

impl Graph {
    /// The slope of `result` towards each argument that varies.
    pub(crate) fn slopes(&mut self, result: Id, arguments: usize) -> Vec<Id> {
        let found = self.backwards(result, 0);
        (0..arguments)
            .map(|number| {
                let slope = found.iter().find(|(id, _)| *self.node(**id) == Node::Argument(number));
                slope.map(|(_, slope)| *slope).unwrap_or_else(|| self.literal(0.0))
            })
            .collect()
    }

    /// The slopes of `result`, a node of `scope`, towards the nodes outside that scope and the arguments.
    fn backwards(&mut self, result: Id, scope: Scope) -> BTreeMap<Id, Id> {
        let outside = std::mem::replace(&mut self.scope, scope);
        let one = self.literal(1.0);
        let mut cotangents = BTreeMap::from([(result, one)]);
        let mut found = BTreeMap::new();
        // What a node is made of has smaller numbers, so that its cotangent is whole when its turn comes.
        while let Some((id, cotangent)) = cotangents.pop_last() {
            if self.is_constant(id) {
                continue;
            }
            if matches!(self.node(id), Node::Argument(_)) || !self.is_within(self.scope_of(id), scope) {
                found.insert(id, cotangent);
                continue;
            }
            for (operand, contribution) in self.contributions(id, cotangent) {
                if self.is_constant(operand) || self.literal_value(contribution) == Some(0.0) {
                    continue;
                }
                let sum = match cotangents.get(&operand) {
                    Some(before) => self.sum(*before, contribution),
                    None => contribution,
                };
                cotangents.insert(operand, sum);
            }
        }
        self.scope = outside;
        found
    }

    /// What the cotangent `g` of a node contributes to those of the nodes that it is made of.
    fn contributions(&mut self, id: Id, g: Id) -> Vec<(Id, Id)> {
        match self.node(id).clone() {
            Node::Negative(a) => vec![(a, self.negative(g))],
            Node::Arithmetic(Operator::Add, a, b) => vec![(a, g), (b, g)],
            Node::Arithmetic(Operator::Sub, a, b) => vec![(a, g), (b, self.negative(g))],
            Node::Arithmetic(Operator::Mul, a, b) => vec![(a, self.product(g, b)), (b, self.product(g, a))],
            Node::Arithmetic(Operator::Div, a, b) => {
                let over_b = if self.is_plain_factor(b) || self.is_plain_factor(g) {
                    self.quotient(g, b)
                } else {
                    let one = self.literal(1.0);
                    let reciprocal = self.quotient(one, b);
                    self.product(g, reciprocal)
                };
                if self.is_constant(b) {
                    return vec![(a, over_b)];
                }
                let for_b = self.product(over_b, id);
                vec![(a, over_b), (b, self.negative(for_b))]
            }
            Node::Apply(application) => self.of_function(application, id, g),
            Node::Output(all, _) => match *self.node(all) {
                Node::Call(number) => {
                    let arguments = self.calls[number].arguments.clone();
                    let varying = arguments.into_iter().filter(|argument| !self.is_constant(*argument));
                    let varying: Vec<Id> = varying.collect();
                    let slopes = varying.into_iter().enumerate().map(|(i, argument)| {
                        let slope = self.add(Node::Output(all, i + 1));
                        (argument, self.product(g, slope))
                    });
                    slopes.collect()
                }
                Node::Branch(number) => self.of_branch(number, all, g),
                _ => Vec::new(),
            },
            // Leaves, and nodes that only slopes are made of.
            _ => Vec::new(),
        }
    }

    fn of_function(&mut self, application: Application, id: Id, g: Id) -> Vec<(Id, Id)> {
        let arguments = application.arguments.clone();
        if let Some((slope, negative)) = FUNCTIONS[application.function].slope
            && let Some(function) = Function::find(slope)
        {
            let slope = Application { function, arguments: arguments.clone(), parameters: Vec::new() };
            let slope = self.add(Node::Apply(slope));
            let slope = if negative { self.negative(slope) } else { slope };
            return vec![(arguments[0], self.product(g, slope))];
        }
        let all = self.add(Node::Slopes(application, id));
        let mut contributions = Vec::new();
        for (i, argument) in arguments.into_iter().enumerate() {
            let slope = self.add(Node::Output(all, i));
            contributions.push((argument, self.product(g, slope)));
        }
        contributions
    }

    /// Each way gives the slopes of its own value, so that nothing of the other one takes part.
    fn of_branch(&mut self, number: usize, all: Id, g: Id) -> Vec<(Id, Id)> {
        if self.branches[number].free.is_none() {
            let [first, second] = [0, 1].map(|way| {
                let way = &self.branches[number].ways[way];
                self.backwards(way.outputs[0], way.scope)
            });
            let mut free: Vec<Id> = first.keys().chain(second.keys()).copied().collect();
            free.sort_unstable();
            free.dedup();
            let zero = self.literal(0.0);
            for (way, slopes) in [first, second].into_iter().enumerate() {
                let slopes = free.iter().map(|id| slopes.get(id).copied().unwrap_or(zero));
                self.branches[number].ways[way].outputs.extend(slopes);
            }
            self.branches[number].free = Some(free);
        }
        let free = self.branches[number].free.clone().unwrap_or_default();
        let mut contributions = Vec::new();
        for (i, operand) in free.into_iter().enumerate() {
            let [first, second] = [0, 1].map(|way| self.branches[number].ways[way].outputs[i + 1]);
            let same = first == second && self.literal_value(first).is_some();
            let slope = if same { first } else { self.add(Node::Output(all, i + 1)) };
            contributions.push((operand, self.product(g, slope)));
        }
        contributions
    }

    fn sum(&mut self, a: Id, b: Id) -> Id {
        match (self.node(a).clone(), self.node(b).clone()) {
            (_, Node::Negative(b)) => self.arithmetic(Operator::Sub, a, b),
            (Node::Negative(a), _) => self.arithmetic(Operator::Sub, b, a),
            _ => self.arithmetic(Operator::Add, a, b),
        }
    }

    fn quotient(&mut self, g: Id, by: Id) -> Id {
        if self.literal_value(by) == Some(1.0) {
            return g;
        }
        if let Node::Negative(g) = *self.node(g) {
            let positive = self.quotient(g, by);
            return self.negative(positive);
        }
        self.arithmetic(Operator::Div, g, by)
    }

    /// A cotangent times a slope: a 0 of one contributes 0, even against an infinity of the other.
    fn product(&mut self, g: Id, slope: Id) -> Id {
        if let Node::Negative(g) = *self.node(g) {
            let positive = self.product(g, slope);
            return self.negative(positive);
        }
        if let Node::Negative(slope) = *self.node(slope) {
            let positive = self.product(g, slope);
            return self.negative(positive);
        }
        match (self.literal_value(g), self.literal_value(slope)) {
            (Some(0.0), _) | (_, Some(1.0)) => g,
            (Some(1.0), _) | (_, Some(0.0)) => slope,
            (Some(-1.0), _) => self.negative(slope),
            (_, Some(-1.0)) => self.negative(g),
            _ if self.is_plain_factor(g) || self.is_plain_factor(slope) => self.arithmetic(Operator::Mul, g, slope),
            // Nothing to look at: neither is infinite.
            _ if self.size(g) >= Size::Finite && self.size(slope) >= Size::Finite => {
                self.arithmetic(Operator::Mul, g, slope)
            }
            _ => self.add(Node::Guarded(g, slope)),
        }
    }

    /// A number that is neither 0 nor infinite.
    fn is_plain_factor(&self, id: Id) -> bool {
        self.literal_value(id).is_some_and(|number| number != 0.0 && number.is_finite())
    }
}
