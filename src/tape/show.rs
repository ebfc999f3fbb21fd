//! The tape as text, and as Graphviz.

use super::{Tape, TensorVar, nodes::Kind, scalars::CONSTANT};
use crate::Element;
use std::collections::HashSet;
use std::fmt::{self, Write};

impl<T: Element> Tape<T> {
    /// The bytes that values and scalar nodes take. A buffer that several values share counts once.
    pub fn memory_bytes(&self) -> usize {
        let mut seen = HashSet::new();
        let tensors = self.storage.nodes.iter().filter_map(|(_, node)| {
            let value = node.value.borrow();
            let value = value.as_ref()?;
            seen.insert(value.as_slice().as_ptr()).then(|| size_of_val(value.as_slice()))
        });
        let kept = self.storage.nodes.iter().map(|(_, node)| node.kept_bytes());
        tensors.sum::<usize>() + kept.sum::<usize>() + self.storage.scalars.memory_bytes()
    }

    /// The tape as a Graphviz digraph: a box a tensor, an ellipse a scalar, an edge from input to result.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// x.tanh();
    /// assert!(tape.to_dot().contains("t0 -> t1"));
    /// ```
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph tape {\n  rankdir = BT;\n");
        let scalars = self.scalars_with_inputs();
        self.each_line(|line| {
            // Writing to a String does not fail.
            let _ = match line {
                Line::Scalar(index) => {
                    let _ = writeln!(dot, "  s{index} [label = \"s{index}\"];");
                    scalars
                        .inputs(index as usize)
                        .iter()
                        .try_for_each(|(p, d)| writeln!(dot, "  s{p} -> s{index} [label = \"{}\"];", d.real()))
                }
                Line::Tensor(id) => {
                    let node = self.storage.nodes.get(id);
                    let label = format!("%{id} {} {}", node.name(), node.shape);
                    let _ = writeln!(dot, "  t{id} [shape = box, label = \"{label}\"];");
                    for parent in node.parents.iter() {
                        let _ = writeln!(dot, "  t{parent} -> t{id};");
                    }
                    match &node.kind {
                        Kind::FromScalars(vars) => vars
                            .iter()
                            .filter(|var| **var != CONSTANT)
                            .try_for_each(|var| writeln!(dot, "  s{var} -> t{id};")),
                        Kind::ToScalar { var, .. } => writeln!(dot, "  t{id} -> s{var};"),
                        _ => Ok(()),
                    }
                }
            };
        });
        dot.push_str("}\n");
        dot
    }

    /// All nodes in the order of time.
    fn each_line(&self, mut f: impl FnMut(Line)) {
        let mut next = 0;
        for (id, node) in self.storage.nodes.iter() {
            (next..node.scalars_before).for_each(|index| f(Line::Scalar(index)));
            next = next.max(node.scalars_before);
            f(Line::Tensor(id));
        }
        (next..self.storage.scalars.len() as u32).for_each(|index| f(Line::Scalar(index)));
    }
}

enum Line {
    Scalar(u32),
    Tensor(u32),
}

/// One line a node: `%2 = matmul(%0, %1): [3, 2]` for a tensor, `s2 = 3 s0 + 2 s1` for a scalar, which is its inputs
/// times its partial derivatives.
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let x = tape.tensor([[1.0, 2.0]]);
/// x.tanh();
/// assert_eq!(tape.to_string(), "%0 = tensor: [1, 2]\n%1 = tanh(%0): [1, 2]\n");
/// ```
impl<T: Element> fmt::Display for Tape<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut result = Ok(());
        let scalars = self.scalars_with_inputs();
        self.each_line(|line| {
            if result.is_ok() {
                result = match line {
                    Line::Scalar(index) => write_scalar(f, index, scalars.inputs(index as usize)),
                    Line::Tensor(id) => self.write_tensor(f, id),
                };
            }
        });
        result
    }
}

impl<T: Element> Tape<T> {
    fn write_tensor(&self, f: &mut fmt::Formatter<'_>, id: u32) -> fmt::Result {
        let node = self.storage.nodes.get(id);
        write!(f, "%{id} = {}", node.name())?;
        let mut inputs: Vec<String> = node.parents.iter().map(|parent| format!("%{parent}")).collect();
        if let Kind::FromScalars(vars) = &node.kind {
            let name = |var: &u32| if *var == CONSTANT { "constant".into() } else { format!("s{var}") };
            inputs.extend(vars.iter().map(name));
        }
        if !inputs.is_empty() {
            write!(f, "({})", inputs.join(", "))?;
        }
        write!(f, ": {}", node.shape)?;
        if let Kind::ToScalar { offset, var } = node.kind {
            write!(f, ", element {offset} is s{var}")?;
        }
        writeln!(f)
    }
}

/// As `Display`.
impl<T: Element> fmt::Debug for Tape<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: Element> TensorVar<'_, T> {
    /// How messages name it: number, operation, shape and the line that recorded it.
    pub fn label(self) -> String {
        self.describe().to_string()
    }
}

fn write_scalar<T: Element>(f: &mut fmt::Formatter<'_>, index: u32, inputs: &[(u32, T)]) -> fmt::Result {
    write!(f, "s{index} = ")?;
    if inputs.is_empty() {
        f.write_str("var")?;
    }
    for (i, (p, d)) in inputs.iter().enumerate() {
        write!(f, "{}{d} s{p}", if i > 0 { " + " } else { "" })?;
    }
    writeln!(f)
}
