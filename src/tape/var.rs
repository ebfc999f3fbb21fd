//! The handle of a scalar. What can be computed with it stands in the rule book, a layer above.

use super::{Gradients, Keep, Partial, Tape, sweep};
use crate::Element;
use std::fmt;

/// A scalar on a tape; or a constant, which is on none. `Copy`, 24 bytes for `f64`.
///
/// Behaves like a number: operators with other handles and with numbers, comparisons by value,
/// [`num_traits::Float`], so that generic code runs on it.
///
/// ```
/// use gradtape::Tape;
/// fn norm<T: gradtape::num_traits::Float>(x: T, y: T) -> T {
///     (x * x + y * y).sqrt()
/// }
/// let tape = Tape::new();
/// let (x, y) = (tape.var(3.0), tape.var(4.0));
/// let gradients = norm(x, y).backward();
/// assert!(f64::abs(gradients.wrt(x) - 0.6) < 1e-15 && f64::abs(gradients.wrt(y) - 0.8) < 1e-15);
/// ```
pub struct Var<'t, T> {
    pub(super) value: T,
    pub(super) index: u32,
    pub(super) tape: Option<&'t Tape<T>>,
}

impl<T: Copy> Clone for Var<'_, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy> Copy for Var<'_, T> {}

impl<T: Copy> Var<'_, T> {
    /// The number, as a constant: what is computed from it is cut from this scalar, and no gradient goes back through
    /// it. (So is what [`num_traits::NumCast`] makes of a scalar.) A gradient check finds a path that was cut by
    /// mistake.
    #[inline(always)]
    pub fn value(self) -> T {
        self.value
    }
}

impl<'t, T: Element> Var<'t, T> {
    /// A number that is on no tape.
    #[inline(always)]
    pub(crate) fn constant(value: T) -> Self {
        Var { value, index: 0, tape: None }
    }

    /// The tape it is on; `None` for a constant.
    pub fn tape(self) -> Option<&'t Tape<T>> {
        self.tape
    }

    /// The result of an operation of one input, with its partial derivative.
    #[inline(always)]
    pub(crate) fn unary(self, value: T, partial: impl FnOnce() -> Partial<T>) -> Self {
        match self.tape {
            Some(tape) => Var { value, index: tape.storage.scalars.unary(self.index, partial()), tape: self.tape },
            None => Var::constant(value),
        }
    }

    /// The result of an operation of two inputs, with its partial derivatives. A constant costs nothing.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn binary(self, other: Self, name: &str, value: T, partials: impl FnOnce() -> [Partial<T>; 2]) -> Self {
        let (index, tape) = match (self.tape, other.tape) {
            (Some(tape), Some(second)) => {
                if !std::ptr::eq(tape, second) {
                    two_tapes(name);
                }
                let [d, e] = partials();
                (tape.storage.scalars.binary(self.index, d, other.index, e), tape)
            }
            (Some(tape), None) => (tape.storage.scalars.unary(self.index, partials()[0]), tape),
            (None, Some(tape)) => (tape.storage.scalars.unary(other.index, partials()[1]), tape),
            (None, None) => return Var::constant(value),
        };
        Var { value, index, tape: Some(tape) }
    }

    /// The result of an operation of any number of inputs, each with its partial derivative.
    #[track_caller]
    pub(crate) fn wide<const N: usize>(inputs: [Self; N], name: &str, value: T, partials: [T; N]) -> Self {
        match N {
            1 => inputs[0].unary(value, || Partial::Number(partials[0])),
            2 => inputs[0].binary(inputs[1], name, value, || [partials[0], partials[1]].map(Partial::Number)),
            _ => {
                let mut rows = Rows::new(name);
                for (input, partial) in inputs.iter().zip(partials) {
                    rows.add(*input, partial);
                }
                rows.finish(value, T::one())
            }
        }
    }

    /// Records an operation of every element of some lists, whose values and partial derivatives towards each argument
    /// stand at the beginning of blocks, and appends the results.
    #[track_caller]
    pub(crate) fn push_list<const N: usize, const L: usize>(
        inputs: [&[Self]; N],
        name: &str,
        values: &[T; L],
        partials: &[[T; L]; N],
        results: &mut Vec<Self>,
    ) {
        let count = inputs[0].len();
        let mut indices = [[0; L]; N];
        // Which arguments are all on the tape; the others must be constants all.
        let (mut recorded, mut recorded_count, mut is_uniform, mut tape) = ([0; N], 0, true, None);
        for (j, (inputs, indices)) in inputs.iter().zip(&mut indices).enumerate() {
            let own = inputs.first().and_then(|input| input.tape);
            for (input, index) in inputs.iter().zip(indices) {
                *index = input.index;
                is_uniform &= input.tape.map(std::ptr::from_ref) == own.map(std::ptr::from_ref);
            }
            if let Some(own) = own {
                recorded[recorded_count] = j;
                recorded_count += 1;
                is_uniform &= std::ptr::eq(*tape.get_or_insert(own), own);
            }
        }
        match tape {
            None if is_uniform => results.extend(values[..count].iter().map(|value| Var::constant(*value))),
            Some(tape) if is_uniform => {
                let first = tape.storage.scalars.push_list(&indices, partials, &recorded[..recorded_count], count);
                let nodes = values[..count].iter().zip(first..);
                results.extend(nodes.map(|(value, index)| Var { value: *value, index, tape: Some(tape) }));
            }
            _ => {
                for k in 0..count {
                    let (inputs, partials) = (inputs.map(|inputs| inputs[k]), partials.each_ref().map(|of| of[k]));
                    results.push(Var::wide(inputs, name, values[k], partials));
                }
            }
        }
    }

    /// The gradient of this number with respect to everything it depends on.
    ///
    /// # Panics
    /// If it is a constant, made from numbers only, or on an [`inference`](Tape::inference) tape.
    #[track_caller]
    pub fn backward(self) -> Gradients<T> {
        self.sweep(Keep::All)
    }

    #[track_caller]
    pub(crate) fn sweep(self, keep: Keep) -> Gradients<T> {
        let Some(tape) = self.tape else {
            panic!(
                "backward: {} is a constant: it depends on no variable of a tape; make one with `tape.var(x)` (what \
                 is computed from `x.value()` does not depend on x)",
                self.value
            );
        };
        assert!(!tape.is_inference(), "backward: {} is on an inference tape, which has no gradients", self.value);
        sweep::sweep(tape, sweep::Start::Scalar(self.index), keep)
    }
}

/// A node of many inputs in the making. Nothing else may be recorded meanwhile.
pub(crate) struct Rows<'t, 'n, T> {
    name: &'n str,
    tape: Option<&'t Tape<T>>,
    /// How long the tape was.
    len: usize,
}

impl<'t, 'n, T: Element> Rows<'t, 'n, T> {
    pub(crate) fn new(name: &'n str) -> Self {
        Rows { name, tape: None, len: 0 }
    }

    /// One more input, with the partial derivative towards it. A constant costs nothing.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn add(&mut self, input: Var<'t, T>, partial: T) {
        let Some(own) = input.tape else { return };
        match self.tape {
            None => {
                self.tape = Some(own);
                self.len = own.storage.scalars.len();
                own.storage.scalars.begin_rows();
            }
            Some(tape) if std::ptr::eq(tape, own) => {}
            Some(_) => two_tapes(self.name),
        }
        own.storage.scalars.row(input.index, partial);
    }

    /// The node: all partial derivatives are times `factor`.
    ///
    /// # Panics
    /// Something was recorded meanwhile, as a `FromNumber` of the caller's own may do.
    #[inline]
    #[track_caller]
    pub(crate) fn finish(self, value: T, factor: T) -> Var<'t, T> {
        let Some(tape) = self.tape else { return Var::constant(value) };
        if tape.storage.scalars.len() != self.len {
            recorded_meanwhile(self.name);
        }
        Var { value, index: tape.storage.scalars.wide(factor), tape: Some(tape) }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn recorded_meanwhile(name: &str) -> ! {
    panic!(
        "{name}: converting one of its numbers recorded something on the tape; make scalars of the tape of them before"
    )
}

#[cold]
#[inline(never)]
#[track_caller]
pub(super) fn two_tapes(name: &str) -> ! {
    panic!("{name}: its operands are on different tapes; make all variables of a computation on one tape")
}

impl<T: Element> From<T> for Var<'_, T> {
    /// A constant; it is on no tape, and no gradient goes to it.
    #[inline(always)]
    fn from(value: T) -> Self {
        Var::constant(value)
    }
}

impl<T: Element> Default for Var<'_, T> {
    fn default() -> Self {
        Var::constant(T::zero())
    }
}

impl<T: fmt::Display> fmt::Display for Var<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Var<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tape {
            Some(_) => write!(f, "Var({:?}, #{})", self.value, self.index),
            None => write!(f, "Var({:?}, constant)", self.value),
        }
    }
}
