//! Several sweeps at once, for Jacobians of many results. Of scalars only; the sweep over both kinds is in `sweep`.

use super::{Mode, Tape, Var};
use crate::Element;

impl<T: Element> Tape<T> {
    /// Writes the gradients of `results[done..]` with respect to the first `n` scalars of the tape, `L` of them in a
    /// sweep, as rows of `n` numbers. Returns how many results are done then, and the rows of the others: fewer than
    /// `L`, or all where a sweep would meet tensors or must not be.
    pub(crate) fn gradients_of_leaves<'a, const L: usize>(
        &self,
        results: &[Var<'_, T>],
        mut done: usize,
        mut rows: &'a mut [T],
        n: usize,
    ) -> (usize, &'a mut [T]) {
        let belongs = |y: &Var<'_, T>| y.tape.is_none_or(|tape| std::ptr::eq(tape, self));
        if self.storage.nodes.len() > 0 || self.mode == Mode::Inference || !results.iter().all(belongs) {
            return (done, rows);
        }
        let mut adjoints: Vec<[T; L]> = Vec::new();
        while results.len() - done >= L && rows.len() >= L * n {
            let group = &results[done..done + L];
            let own = || group.iter().enumerate().filter(|(_, y)| y.tape.is_some());
            let len = own().map(|(_, y)| y.index as usize + 1).max().unwrap_or(0);
            adjoints.clear();
            adjoints.resize(len.max(n), [T::zero(); L]);
            for (lane, y) in own() {
                adjoints[y.index as usize][lane] += T::one();
            }
            self.storage.scalars.sweep_lanes(&mut adjoints[..len]);
            let (here, rest) = rows.split_at_mut(L * n);
            for (lane, row) in here.chunks_mut(n).enumerate() {
                for (number, adjoints) in row.iter_mut().zip(&adjoints) {
                    *number = adjoints[lane];
                }
            }
            rows = rest;
            done += L;
        }
        (done, rows)
    }
}
