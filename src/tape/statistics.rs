//! What a tape consists of: counts and bytes by operation, as a table.

use super::Tape;
use crate::Element;
use std::collections::HashSet;
use std::fmt;

/// How often an operation stands on a tape, and what its results take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationCount {
    /// The operation's name; `scalars` for all of those together.
    pub name: &'static str,
    /// How many nodes there are of it.
    pub count: usize,
    /// The bytes of its values that are on the tape. A buffer that several share belongs to the first.
    pub bytes: usize,
}

/// The operations on a tape, those that take most memory first. Shown as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// One row an operation.
    pub operations: Vec<OperationCount>,
}

impl<T: Element> Tape<T> {
    /// Counts the operations on the tape and the bytes of their values: together what
    /// [`memory_bytes`](Self::memory_bytes) says. One pass over the nodes.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.tensor(vec![0.5; 1000]);
    /// (x.exp() + x.square().exp()).sum();
    /// let statistics = tape.statistics();
    /// let exp = statistics.operations.iter().find(|row| row.name == "exp").unwrap();
    /// assert_eq!((exp.count, exp.bytes), (2, 16000));
    /// assert!(statistics.to_string().contains("exp            2     16000"));
    /// ```
    pub fn statistics(&self) -> Statistics {
        let mut seen = HashSet::new();
        let mut operations: Vec<OperationCount> = Vec::new();
        let mut add = |name: &'static str, count: usize, bytes: usize| {
            match operations.iter_mut().find(|row| row.name == name) {
                Some(row) => {
                    row.count += count;
                    row.bytes += bytes;
                }
                None => operations.push(OperationCount { name, count, bytes }),
            };
        };
        for (_, node) in self.storage.nodes.iter() {
            let value = node.value.borrow();
            let new = value.as_ref().filter(|value| seen.insert(value.as_slice().as_ptr()));
            add(node.name(), 1, new.map_or(0, |value| size_of_val(value.as_slice())) + node.kept_bytes());
        }
        if self.storage.scalars.len() > 0 {
            add("scalars", self.storage.scalars.len(), self.storage.scalars.memory_bytes());
        }
        operations.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(b.count.cmp(&a.count)).then(a.name.cmp(b.name)));
        Statistics { operations }
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.operations.iter().map(|row| row.name.len()).max().unwrap_or(0).max("operation".len());
        writeln!(f, "{:width$}  {:>5}  {:>8}", "operation", "count", "bytes")?;
        for row in &self.operations {
            writeln!(f, "{:width$}  {:>5}  {:>8}", row.name, row.count, row.bytes)?;
        }
        let (count, bytes) = self.operations.iter().fold((0, 0), |(c, b), row| (c + row.count, b + row.bytes));
        writeln!(f, "{:width$}  {count:>5}  {bytes:>8}", "total")
    }
}
