//! The handle of a tensor: what it is, and where sweeps start. How operations come onto the tape stands in `record`.

use super::{
    Gradients, Keep, Tape, Var,
    nodes::{Entry, Kind, Node, Parents},
    scalars::CONSTANT,
    step::Step,
    sweep,
};
use crate::{Element, Shape, Tensor};
use smallvec::SmallVec;
use std::fmt;
use std::panic::Location;

/// A tensor on a tape. `Copy`, 16 bytes; its numbers are on the tape.
///
/// ```
/// use gradtape::{Tape, Tensor};
/// let tape = Tape::new();
/// let x = tape.constant([[1.0, 2.0]]);
/// let w = tape.tensor([[3.0], [4.0]]);
/// let y = x.matmul(w).sum();
/// assert_eq!(y.item(), 11.0);
/// assert_eq!(y.backward().wrt(w), Tensor::from([[1.0], [2.0]]));
/// ```
pub struct TensorVar<'t, T> {
    pub(super) tape: &'t Tape<T>,
    pub(super) id: u32,
}

impl<T> Clone for TensorVar<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for TensorVar<'_, T> {}

impl<'t, T: Element> TensorVar<'t, T> {
    /// The tape it is on.
    pub fn tape(self) -> &'t Tape<T> {
        self.tape
    }

    #[inline]
    pub(crate) fn node(self) -> &'t Node<T> {
        self.tape.storage.nodes.get(self.id)
    }

    /// The sizes of the axes, outermost first.
    #[inline]
    pub fn shape(self) -> &'t [usize] {
        &self.node().shape
    }

    /// The number of axes.
    pub fn rank(self) -> usize {
        self.shape().len()
    }

    /// The numbers; a reference count.
    pub fn value(self) -> Tensor<T> {
        self.tape.value(self.id).clone()
    }

    /// The only number of a tensor with one element, of any rank.
    ///
    /// # Panics
    /// If it has more or fewer.
    #[track_caller]
    pub fn item(self) -> T {
        self.tape.value(self.id).item()
    }

    /// Whether a variable lies behind it, so that gradients go through it.
    pub fn needs_gradient(self) -> bool {
        self.node().needs
    }

    /// The same numbers as a constant: no gradient goes back from here.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([3.0]);
    /// let y = (x * x.detach()).sum();
    /// assert_eq!(y.backward().wrt(x), Tensor::from([3.0]));
    /// ```
    #[track_caller]
    #[doc(alias = "stop_gradient")]
    pub fn detach(self) -> Self {
        let parents = Parents::from_slice(&[self.id]);
        let node = self.node();
        let detached = self.tape.push(Kind::Detached, parents, &node.shape, false, Location::caller());
        *detached.node().value.borrow_mut() = Some(self.value());
        detached
    }

    /// The gradient of this number with respect to everything it depends on.
    ///
    /// # Panics
    /// If it is not a single number (rank 0), if it depends on no variable, or on an inference tape.
    #[track_caller]
    pub fn backward(self) -> Gradients<T> {
        self.backward_keeping(Keep::All)
    }

    /// The gradient of this number with respect to variables and parameters only: what a training step needs. The
    /// memory of the gradients of intermediate values is used again during the sweep.
    ///
    /// # Panics
    /// As [`backward`](Self::backward).
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let gradients = x.square().sum().backward_to_leaves();
    /// assert_eq!(gradients.wrt(x), Tensor::from([2.0, 4.0]));
    /// ```
    #[track_caller]
    pub fn backward_to_leaves(self) -> Gradients<T> {
        self.backward_keeping(Keep::Leaves)
    }

    #[track_caller]
    fn backward_keeping(self, keep: Keep) -> Gradients<T> {
        if !self.shape().is_empty() {
            panic!(
                "backward: {} is not a single number (rank 0): reduce it with sum() or mean(), or give its cotangent \
                 with backward_with(seed)",
                self.node().describe(self.id)
            );
        }
        self.check_start("backward", &[]);
        sweep::sweep(self.tape, sweep::Start::Number(self.id), keep)
    }

    /// The gradient of the sum of this tensor times `seed`: the product of the cotangent `seed` with the Jacobian.
    ///
    /// # Panics
    /// If the shape of `seed` is another; if it depends on no variable, or is on an inference tape.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let gradients = x.square().backward_with([10.0, 1.0]);
    /// assert_eq!(gradients.wrt(x), Tensor::from([20.0, 4.0]));
    /// ```
    #[track_caller]
    pub fn backward_with(self, seed: impl Into<Tensor<T>>) -> Gradients<T> {
        let seed = seed.into();
        self.check_start("backward", seed.shape());
        sweep::sweep(self.tape, sweep::Start::Tensor(self.id, seed), Keep::All)
    }

    /// Whether a sweep can start here with a cotangent of that shape.
    #[track_caller]
    pub(crate) fn check_start(self, what: &str, seed: &[usize]) {
        let node = self.node();
        if self.tape.is_inference() {
            panic!("{what}: {} is on an inference tape, which has no gradients", node.describe(self.id));
        }
        if seed != self.shape() {
            panic!(
                "{what}: {:?} and {seed:?}: a cotangent has the shape of its value, {}",
                self.shape(),
                node.describe(self.id)
            );
        }
        if !node.needs {
            panic!("{what}: {} depends on no variable of its tape{}", node.describe(self.id), self.cut());
        }
    }

    /// Where the path to variables was cut, if it was.
    fn cut(self) -> String {
        let mut open = vec![self.id];
        let mut seen = vec![false; self.id as usize + 1];
        while let Some(id) = open.pop() {
            let node = self.tape.storage.nodes.get(id);
            if matches!(node.kind, Kind::Detached) {
                return format!(": the path is cut at {}", node.describe(id));
            }
            for parent in node.parents.iter() {
                if !std::mem::replace(&mut seen[*parent as usize], true) {
                    open.push(*parent);
                }
            }
        }
        ": everything it is computed from is constant; make a variable with tape.tensor(..) or tape.param(..)".into()
    }

    /// One element as a scalar.
    ///
    /// # Panics
    /// If the index lies outside the shape.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let y = x.at(&[1]).exp();
    /// assert_eq!(y.backward().wrt(x), Tensor::from([0.0, 2f64.exp()]));
    /// ```
    #[track_caller]
    pub fn at(self, index: &[usize]) -> Var<'t, T> {
        let shape = self.shape();
        let inside = index.len() == shape.len() && index.iter().zip(shape).all(|(i, size)| i < size);
        assert!(inside, "at: {shape:?}: there is no element {index:?}");
        let offset = index.iter().zip(shape).fold(0, |offset, (i, size)| offset * size + i);
        self.element(offset, Location::caller())
    }

    /// The only number of a tensor with one element as a scalar.
    ///
    /// # Panics
    /// If it has more or fewer.
    #[track_caller]
    pub fn to_var(self) -> Var<'t, T> {
        let n = self.node().shape.elements();
        assert!(n == 1, "to_var: {:?}: a tensor of {n} numbers is not one number", self.shape());
        self.element(0, Location::caller())
    }

    fn element(self, offset: usize, location: &'static Location<'static>) -> Var<'t, T> {
        let value = self.tape.value(self.id).as_slice()[offset];
        if !self.node().needs && !self.tape.is_inference() {
            return Var::constant(value);
        }
        let scalar = self.tape.var(value);
        if !self.node().needs {
            return scalar;
        }
        // The node is numbered before the scalar it defines, so that the sweep reaches the scalar's users first.
        let id = self.tape.storage.nodes.push(Entry {
            kind: Kind::ToScalar { offset, var: scalar.index },
            parents: Parents::from_slice(&[self.id]),
            shape: &Shape::default(),
            scalars_before: scalar.index,
            needs: true,
            location,
        });
        *self.tape.storage.nodes.get(id).value.borrow_mut() = Some(Tensor::scalar(value));
        scalar
    }

    /// Scalars put together as a tensor of rank 1.
    ///
    /// # Panics
    /// If none of them is on a tape (then `Tensor` is the type to use), or two are on different ones.
    ///
    /// ```
    /// use gradtape::{Tape, TensorVar};
    /// let tape = Tape::new();
    /// let (a, b) = (tape.var(2.0), tape.var(3.0));
    /// let y = TensorVar::stack_vars(&[a, b, a * b]).sum();
    /// assert_eq!(y.backward().wrt(a), 4.0);
    /// ```
    #[track_caller]
    pub fn stack_vars(scalars: &[Var<'t, T>]) -> Self {
        let location = Location::caller();
        let Some(tape) = scalars.iter().find_map(|scalar| scalar.tape) else {
            panic!("stack_vars: none of the {} scalars is on a tape; make a tensor of their values", scalars.len());
        };
        let one_tape = scalars.iter().all(|scalar| scalar.tape.is_none_or(|own| std::ptr::eq(own, tape)));
        assert!(one_tape, "stack_vars: the scalars are on different tapes");
        let sources =
            scalars.iter().map(|scalar| if scalar.tape.is_some() { scalar.index } else { CONSTANT }).collect();
        let value: Tensor<T> = Tensor::build([scalars.len()].into(), |to| {
            for (to, scalar) in to.iter_mut().zip(scalars) {
                *to = scalar.value;
            }
        });
        let needs = !tape.is_inference();
        let stacked = tape.push(Kind::FromScalars(sources), Parents::new(), value.shape_itself(), needs, location);
        *stacked.node().value.borrow_mut() = Some(value);
        stacked
    }

    /// The operation that made this tensor, if it is an `O`, and its first input.
    pub(crate) fn made_by<O: 'static>(self) -> Option<(&'t O, Self)> {
        let node = self.node();
        let Kind::Step(step) = &node.kind else { return None };
        let op = step.op().downcast_ref::<O>()?;
        Some((op, TensorVar { tape: self.tape, id: *node.parents.first()? }))
    }

    /// Marks the end of a layer: on an inference tape, drops what was computed between its input and its output.
    pub(crate) fn end_layer(self, input: Self) {
        if self.tape.is_inference() {
            self.tape.forget(input.id, self.id);
        }
    }
}

impl<'t, T: Element> TensorVar<'t, T> {
    /// What lies behind the node, for a sweep that records.
    pub(crate) fn history(self) -> History<'t, T> {
        let node = self.node();
        match &node.kind {
            Kind::Step(step) => History::Step {
                step: &**step,
                inputs: node.parents.iter().map(|id| TensorVar { tape: self.tape, id: *id }).collect(),
            },
            Kind::Leaf | Kind::Constant | Kind::Detached => History::Given,
            Kind::FromScalars(_) | Kind::ToScalar { .. } => History::Scalars,
        }
    }

    pub(crate) fn id(self) -> u32 {
        self.id
    }

    /// The node recorded as number `id` on the same tape.
    pub(crate) fn sibling(self, id: u32) -> Self {
        TensorVar { id, ..self }
    }

    /// The node of the same tape that was recorded last.
    pub(crate) fn newest(self) -> Self {
        self.sibling(self.tape.storage.nodes.len() - 1)
    }

    pub(crate) fn describe(self) -> impl fmt::Display {
        self.node().describe(self.id)
    }
}

/// What made a tensor.
pub(crate) enum History<'t, T> {
    Given,
    Step { step: &'t dyn Step<T>, inputs: SmallVec<[TensorVar<'t, T>; 2]> },
    Scalars,
}

impl<T: Element> fmt::Display for TensorVar<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<T: Element> fmt::Debug for TensorVar<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TensorVar({})", self.describe())
    }
}
