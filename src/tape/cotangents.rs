//! Where a rule puts the cotangents of its inputs during a sweep. It adds and un-broadcasts, so that no rule has to.

use super::{
    nodes::{Kind, Node, Nodes},
    step::Kept,
};
use crate::{
    Element, Tensor,
    tensor::{
        kernels::{
            map::{self, add_into},
            unbroadcast,
        },
        parallel::for_each_chunk,
        shape::{broadcast, is_same},
    },
};

/// Whether a cotangent of that shape can be summed to the shape of its input; or why not, with both shapes.
pub(crate) fn is_broadcast_of(input: &[usize], cotangent: &[usize]) -> Result<(), String> {
    match broadcast(input, cotangent) {
        Ok(shape) if is_same(&shape, cotangent) => Ok(()),
        _ => Err(format!("{input:?} and {cotangent:?}: the input does not broadcast to the cotangent's shape")),
    }
}

/// A cotangent of rank 0 that stands for one of a shape becomes this one.
pub(super) fn spread<T: Element>(cotangent: &mut Tensor<T>, shape: &[usize]) {
    if !is_same(cotangent.shape(), shape) {
        *cotangent = Tensor::filled(shape.into(), cotangent.item());
    }
}

/// The places for the cotangents of one operation's inputs.
pub struct Cotangents<'a, T> {
    pub(super) nodes: &'a Nodes<T>,
    /// The operation.
    pub(super) node: &'a Node<T>,
    /// What the operation has kept.
    pub(super) kept: Kept<T>,
    /// Those of all nodes below the operation, which all its inputs are.
    pub(super) slots: &'a mut [Option<Tensor<T>>],
}

impl<T: Element> Cotangents<'_, T> {
    /// Whether anything lies behind input `i`. If not, its cotangent need not be computed.
    #[inline]
    pub fn wants(&self, i: usize) -> bool {
        self.nodes.get(self.node.parents[i]).needs
    }

    /// What the operation has kept of its forward pass by [`Op::value_keeping`](crate::ops::Op::value_keeping); nothing
    /// where it kept nothing, or where that is gone: a first sweep has taken it, or the value was computed again.
    pub fn kept(&mut self) -> Kept<T> {
        std::mem::take(&mut self.kept)
    }

    /// The shape of input `i`.
    pub fn shape(&self, i: usize) -> &[usize] {
        &self.nodes.get(self.node.parents[i]).shape
    }

    /// Adds `cotangent` to that of input `i`, summed over the axes along which the input was broadcast.
    ///
    /// # Panics
    /// If its shape is not one that the input broadcasts to: the rule is wrong.
    pub fn give(&mut self, i: usize, cotangent: Tensor<T>) {
        if !self.wants(i) {
            return;
        }
        let nodes = self.nodes;
        let parent = self.node.parents[i];
        let shape = &nodes.get(parent).shape;
        let slot = &mut self.slots[parent as usize];
        if let Some(sum) = slot {
            spread(sum, shape);
        }
        if !is_same(cotangent.shape(), shape) {
            if let Err(reason) = is_broadcast_of(shape, cotangent.shape()) {
                panic!("{}: the cotangent of input {i}: {reason}", self.node.name());
            }
            match slot.as_mut().and_then(Tensor::own) {
                Some(sum) => unbroadcast::sum_into(&cotangent, shape, true, sum),
                None => {
                    let summed = unbroadcast::sum_to(&cotangent, shape);
                    self.give(i, summed);
                }
            }
            return;
        }
        let Some(sum) = slot else {
            *slot = Some(cotangent);
            return;
        };
        let mut cotangent = cotangent;
        if let Some(sum) = sum.own() {
            add_into(sum, cotangent.as_slice());
        } else if let Some(numbers) = cotangent.own() {
            add_into(numbers, sum.as_slice());
            *sum = cotangent;
        } else {
            *sum = map::map([sum, &cotangent], shape.clone(), |[a, b]| a + b);
        }
    }

    /// Adds the same number to every element of input `i`'s cotangent. Where that is the first of an operation that
    /// takes one number for all, only this one is kept.
    pub fn give_uniform(&mut self, i: usize, number: T) {
        if !self.wants(i) {
            return;
        }
        let parent = self.node.parents[i];
        let node = self.nodes.get(parent);
        let slot = &mut self.slots[parent as usize];
        let takes_it = matches!(&node.kind, Kind::Step(step) if step.takes_uniform());
        if slot.is_none() && takes_it && !node.shape.is_empty() {
            *slot = Some(Tensor::scalar(number));
            return;
        }
        let (numbers, add) = self.slot(i);
        let (len, nanoseconds) = (numbers.len(), numbers.len() / map::ELEMENTS_IN_A_NANOSECOND);
        for_each_chunk(numbers, len, map::CHUNK, nanoseconds, &|_, numbers| {
            if add {
                numbers.iter_mut().for_each(|sum| *sum += number);
            } else {
                numbers.fill(number);
            }
        });
    }

    /// The numbers of input `i`'s cotangent, to be added to, where there are some that nobody else holds.
    pub(crate) fn begun(&mut self, i: usize) -> Option<&mut [T]> {
        let parent = self.node.parents[i];
        let (shape, sum) = (&self.nodes.get(parent).shape, self.slots[parent as usize].as_mut()?);
        if is_same(sum.shape(), shape) { sum.own() } else { None }
    }

    /// The numbers of input `i`'s cotangent themselves: to be added to where the flag is true, else to be written,
    /// every one.
    #[inline]
    pub fn slot(&mut self, i: usize) -> (&mut [T], bool) {
        let parent = self.node.parents[i];
        let (shape, slot) = (&self.nodes.get(parent).shape, &mut self.slots[parent as usize]);
        let add = slot.is_some();
        if let Some(sum) = slot {
            spread(sum, shape);
            return (sum.pooled_mut(), add);
        }
        let fresh = slot.insert(Tensor::fresh(shape.clone()));
        (fresh.own().expect("a fresh tensor has one owner"), add)
    }
}
