//! Which variables a recorded number depends on, found by following its inputs on the tape. No derivatives.

use crate::tape::ScalarGraph;

/// A set that is larger is not kept but found again where it is asked for: a sum of all variables is asked for once.
const KEPT: usize = 32;

/// The sets of variables behind every scalar of a tape, of which the first `variables` are the variables.
pub(super) struct Dependence<'a, T> {
    graph: &'a ScalarGraph<T>,
    /// Small sets, each in increasing order; a scalar with the set of its input shares it.
    pool: Vec<u32>,
    kept: Vec<Option<(u32, u32)>>,
    seen: Vec<u32>,
    mark: u32,
    open: Vec<u32>,
}

impl<'a, T> Dependence<'a, T> {
    /// Follows the tape once, in the order of time.
    pub(super) fn new(graph: &'a ScalarGraph<T>, variables: usize) -> Self {
        let n = graph.len();
        let mut sets = Dependence {
            graph,
            pool: Vec::new(),
            kept: Vec::with_capacity(n),
            seen: vec![0; n],
            mark: 0,
            open: Vec::new(),
        };
        for index in 0..n {
            let set = if index < variables {
                sets.pool.push(index as u32);
                Some((sets.pool.len() as u32 - 1, sets.pool.len() as u32))
            } else {
                sets.union(index)
            };
            sets.kept.push(set);
        }
        sets
    }

    fn slice(&self, (start, end): (u32, u32)) -> &[u32] {
        &self.pool[start as usize..end as usize]
    }

    /// The set of a scalar from those of its inputs, if it is small.
    fn union(&mut self, index: usize) -> Option<(u32, u32)> {
        let mut result = (0, 0);
        for (k, (input, _)) in self.graph.inputs(index).iter().enumerate() {
            let set = self.kept[*input as usize]?;
            if k == 0 || self.slice(result).is_empty() {
                result = set;
                continue;
            }
            if set == result || self.slice(set).iter().all(|v| self.slice(result).binary_search(v).is_ok()) {
                continue;
            }
            let mut merged: Vec<u32> = self.slice(result).iter().chain(self.slice(set)).copied().collect();
            merged.sort_unstable();
            merged.dedup();
            if merged.len() > KEPT {
                return None;
            }
            let start = self.pool.len() as u32;
            self.pool.extend(merged);
            result = (start, self.pool.len() as u32);
        }
        Some(result)
    }

    /// The variables behind a scalar, in increasing order.
    pub(super) fn of(&mut self, index: usize) -> Vec<u32> {
        if let Some(set) = self.kept[index] {
            return self.slice(set).to_vec();
        }
        let mut found = Vec::new();
        self.mark += 1;
        self.open.push(index as u32);
        while let Some(index) = self.open.pop() {
            if std::mem::replace(&mut self.seen[index as usize], self.mark) == self.mark {
                continue;
            }
            match self.kept[index as usize] {
                Some((start, end)) => found.extend_from_slice(&self.pool[start as usize..end as usize]),
                None => self.open.extend(self.graph.inputs(index as usize).iter().map(|(input, _)| *input)),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
