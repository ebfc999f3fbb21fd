//! Layer 2: the engine. One tape for scalars and tensors, its handles, and the sweep that goes back over it. It names
//! no operation: what can be recorded is a [`Step`], and the rules are a layer above.
//!
//! A reader's map: [`Tape`] here; `scalars` and `nodes` hold what was recorded; [`Var`] and [`TensorVar`] are the
//! handles; `sweep` goes back, `cotangents` adds up on the way, [`Gradients`] is what comes out.

mod cotangents;
mod custom;
mod diagnose;
pub(crate) use custom::Closure;
mod gradients;
mod graph;
mod lanes;
mod nodes;
mod param;
mod recompute;
mod record;
mod run;
mod scalars;
mod show;
mod statistics;
mod step;
mod storage;
mod sum_over;
mod sweep;
mod swept;
mod tensor_var;
mod var;

pub use cotangents::Cotangents;
pub(crate) use cotangents::is_broadcast_of;
pub(crate) use gradients::Keep;
pub use gradients::{Gradients, Wrt};
pub(crate) use graph::ScalarGraph;
pub use param::Param;
pub use recompute::{recompute, recompute_chain};
pub(crate) use scalars::Partial;
pub use statistics::{OperationCount, Statistics};
pub use step::{Kept, Slots, Step};
pub use sum_over::sum_over;
pub(crate) use tensor_var::History;
pub use tensor_var::TensorVar;
pub(crate) use var::Rows;
pub use var::Var;

use crate::{Element, Shape, Tensor};
use nodes::{Entry, Kind, Parents};
use param::KnownParam;
pub(crate) use param::ParamId;
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::Location;
use storage::Storage;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Plain,
    Training { seed: u64 },
    Inference,
}

/// The record of a computation, in the order of time, from which gradients are derived.
///
/// Variables are put on it with [`var`](Self::var) and [`tensor`](Self::tensor); what is computed from them is
/// recorded; `backward` of a result goes back over the record once. Handles are `Copy` and borrow the tape, so that
/// [`reset`](Self::reset) can use all memory again: a handle kept from before does not compile.
///
/// A tape can be sent to another thread and not be shared between threads: each thread has its own.
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let (x, y) = (tape.var(2.0), tape.var(3.0));
/// let z = (x * y).sin() + 1.0 / x.powi(2);
/// let gradients = z.backward();
/// assert!((gradients.wrt(x) - (3.0 * 6f64.cos() - 0.25)).abs() < 1e-12);
/// ```
///
/// ```compile_fail
/// # use gradtape::Tape;
/// let mut tape = Tape::new();
/// let x = tape.var(1.0);
/// tape.reset();
/// println!("{}", x.value()); // x is of before the reset
/// ```
pub struct Tape<T> {
    number: u64,
    mode: Mode,
    storage: Storage<T>,
    /// A tape belongs to one thread at a time.
    not_sync: PhantomData<Cell<()>>,
}

impl<T: Element> Default for Tape<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Element> Tape<T> {
    /// An empty tape; of `f64` where nothing says otherwise.
    pub fn new() -> Self {
        Self::build(Mode::Plain, 0)
    }

    /// An empty tape with room for so many scalars.
    pub fn with_capacity(scalars: usize) -> Self {
        Self::build(Mode::Plain, scalars)
    }

    /// A tape for training: dropout is on, and layers with statistics take those of the batch.
    ///
    /// Random masks are a function of the seed, of how many were drawn before, and of the element: the same seed
    /// gives the same masks. [`reset`](Self::reset) does not restart the draws.
    ///
    /// ```
    /// use gradtape::Tape;
    /// assert!(Tape::<f32>::training(7).is_training());
    /// assert!(!Tape::<f32>::new().is_training());
    /// ```
    #[doc(alias = "train")]
    pub fn training(seed: u64) -> Self {
        Self::build(Mode::Training { seed }, 0)
    }

    /// A tape without gradients: for evaluating a model. `backward` panics, and values behind the current layer of a
    /// network are dropped (and computed again if asked for).
    #[doc(alias = "eval")]
    #[doc(alias = "no_grad")]
    pub fn inference() -> Self {
        Self::build(Mode::Inference, 0)
    }

    fn build(mode: Mode, scalars: usize) -> Self {
        Tape { number: gradients::next_number(), mode, storage: Storage::with_capacity(scalars), not_sync: PhantomData }
    }

    /// Whether the tape was made by [`training`](Self::training).
    pub fn is_training(&self) -> bool {
        matches!(self.mode, Mode::Training { .. })
    }

    /// Whether the tape was made by [`inference`](Self::inference).
    pub fn is_inference(&self) -> bool {
        self.mode == Mode::Inference
    }

    /// Empties the tape and keeps its memory for what is recorded next.
    ///
    /// It takes the tape mutably, so that the compiler refuses a handle of before the reset.
    pub fn reset(&mut self) {
        // What a node holds may panic when it is dropped. So that comes after everything by which one asks for nodes.
        self.storage.begin_epoch();
        self.storage.params.get_mut().clear();
        self.storage.bound.get_mut().clear();
        self.storage.has_blocks.set(false);
        self.storage.nodes.clear();
        self.storage.scalars.clear();
    }

    /// A scalar variable.
    #[inline(always)]
    pub fn var(&self, value: T) -> Var<'_, T> {
        Var { value, index: self.storage.scalars.leaf(), tape: Some(self) }
    }

    /// Several scalar variables.
    pub fn vars(&self, values: &[T]) -> Vec<Var<'_, T>> {
        let first = self.storage.scalars.leaves_of(values.len());
        let handle = |(i, value): (usize, &T)| Var { value: *value, index: first + i as u32, tape: Some(self) };
        values.iter().enumerate().map(handle).collect()
    }

    /// A tensor that gradients are wanted for.
    #[track_caller]
    pub fn tensor(&self, value: impl Into<Tensor<T>>) -> TensorVar<'_, T> {
        self.leaf(Kind::Leaf, value.into(), Location::caller())
    }

    /// A tensor that no gradients are wanted for, such as the inputs of a batch; nothing is computed for it.
    #[track_caller]
    pub fn constant(&self, value: impl Into<Tensor<T>>) -> TensorVar<'_, T> {
        self.leaf(Kind::Constant, value.into(), Location::caller())
    }

    /// The tensor of a parameter of a model; the same handle whenever it is asked for again.
    ///
    /// # Panics
    /// If the parameter has changed since it came onto the tape: a step that goes on without a [`reset`](Self::reset)
    /// would compute with its old value.
    #[track_caller]
    pub fn param(&self, param: &Param<T>) -> TensorVar<'_, T> {
        let known = self.storage.param(param.id).map(|known| {
            let is_current = known.changes == param.changes() && self.is_trained(known.node) == param.is_trained();
            (known.node, is_current)
        });
        if let Some((id, is_current)) = known {
            let known = TensorVar { tape: self, id };
            if !is_current && !self.is_bound(id) {
                panic!("param: the parameter behind {} has changed since; reset the tape first", known.label());
            }
            return known;
        }
        let kind = if param.is_trained() { Kind::Leaf } else { Kind::Constant };
        let leaf = self.leaf_of(kind, param.value_itself(), Location::caller());
        self.put_param(param, leaf);
        leaf
    }

    fn is_trained(&self, id: u32) -> bool {
        matches!(self.storage.nodes.get(id).kind, Kind::Leaf)
    }

    /// Whether a node stands for a parameter without being its leaf.
    fn is_bound(&self, id: u32) -> bool {
        self.storage.bound.borrow().contains(&id)
    }

    /// Lets a variable stand for a parameter until the next reset, as a check does that varies parameters.
    pub(crate) fn bind(&self, param: &Param<T>, variable: TensorVar<'_, T>) {
        self.storage.bound.borrow_mut().push(variable.id);
        self.put_param(param, variable);
    }

    fn put_param(&self, param: &Param<T>, TensorVar { id: node, .. }: TensorVar<'_, T>) {
        let known = KnownParam { id: param.id, node, changes: param.changes() };
        self.storage.put_param(known);
    }

    /// Whether a parameter has come onto the tape.
    pub(crate) fn has_param(&self, param: &Param<T>) -> bool {
        self.storage.param(param.id).is_some()
    }

    /// The parameters that have come onto the tape and are none of these.
    pub(crate) fn other_params(&self, known: &[&Param<T>]) -> Vec<TensorVar<'_, T>> {
        let params = self.storage.params.borrow();
        let others = params.iter().filter(|other| !known.iter().any(|param| param.id == other.id));
        others.map(|other| TensorVar { tape: self, id: other.node }).collect()
    }

    /// Inlined, as what it calls, so that a value is written where it is to lie and nowhere before.
    #[inline(always)]
    fn leaf(&self, kind: Kind<T>, value: Tensor<T>, location: &'static Location<'static>) -> TensorVar<'_, T> {
        let needs = self.is_wanted(&kind);
        let leaf = self.push(kind, Parents::new(), value.shape_itself(), needs, location);
        *leaf.node().value.borrow_mut() = Some(value);
        leaf
    }

    /// The same with a copy of a value, which is made where it is to lie.
    #[inline(always)]
    fn leaf_of(&self, kind: Kind<T>, value: &Tensor<T>, location: &'static Location<'static>) -> TensorVar<'_, T> {
        let needs = self.is_wanted(&kind);
        let leaf = self.push(kind, Parents::new(), value.shape_itself(), needs, location);
        leaf.node().value.borrow_mut().insert(Tensor::nothing()).clone_from(value);
        leaf
    }

    #[inline]
    fn is_wanted(&self, kind: &Kind<T>) -> bool {
        matches!(kind, Kind::Leaf) && self.mode != Mode::Inference
    }

    /// [`constant`](Self::constant) of what is held elsewhere.
    #[track_caller]
    pub(crate) fn constant_of(&self, value: &Tensor<T>) -> TensorVar<'_, T> {
        self.leaf_of(Kind::Constant, value, Location::caller())
    }

    /// A node, still without a value.
    #[inline(always)]
    fn push(
        &self,
        kind: Kind<T>,
        parents: Parents,
        shape: &Shape,
        needs: bool,
        location: &'static Location<'static>,
    ) -> TensorVar<'_, T> {
        let scalars_before = self.storage.scalars.len() as u32;
        let id = self.storage.nodes.push(Entry { kind, parents, shape, scalars_before, needs, location });
        TensorVar { tape: self, id }
    }

    /// How many values are recorded: scalars and tensors.
    pub fn len(&self) -> usize {
        self.storage.scalars.len() + self.storage.nodes.len() as usize
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A random number for a mask, another at each call; a function of the tape's seed and the calls before.
    ///
    /// # Panics
    /// If the tape was not made by [`training`](Self::training).
    #[track_caller]
    pub(crate) fn draw(&self) -> (u64, u64) {
        let Mode::Training { seed } = self.mode else { panic!("random masks are drawn on a training tape only") };
        let draw = self.storage.draws.get();
        self.storage.draws.set(draw + 1);
        (seed, draw)
    }
}
