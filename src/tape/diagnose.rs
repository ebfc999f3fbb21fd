//! Where a computation went wrong, on request: the first value and the first gradient that are not finite. What a tape
//! consists of is counted in `statistics`.

use super::{Gradients, Tape, nodes::Kind};
use crate::{Element, Error, Result, Tensor};

/// The first number that is not finite, and its place.
fn bad<T: Element>(x: &Tensor<T>) -> Option<String> {
    let at = x.iter().position(|x| !x.is_finite())?;
    let (mut rest, mut index) = (at, vec![0; x.rank()]);
    for (i, size) in index.iter_mut().zip(x.shape()).rev() {
        *i = rest % size;
        rest /= size;
    }
    Some(format!("{} at {index:?}", x.as_slice()[at]))
}

impl<T: Element> Tape<T> {
    /// Looks for the first tensor in which a number stopped being finite: neither NaN nor an infinity.
    ///
    /// That is a variable with a NaN or an infinity, or the first result with one of which all inputs are finite; and,
    /// as a NaN is never meant, the first result or constant with a NaN. An infinity that a constant brings, such as
    /// the mask of a softmax, is let pass. Of scalars, whose values are not kept, the partial derivatives are looked
    /// at. One pass over all values; nothing is computed.
    ///
    /// # Errors
    /// With what was found: operation, shapes, the lines that recorded it and its inputs.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 0.0]);
    /// assert!(tape.check_finite().is_ok());
    /// (x - 1.0).ln().sum();
    /// let error = tape.check_finite().unwrap_err().to_string();
    /// assert!(error.starts_with("the first value that is not finite is -inf at [0] of %2 = ln [2] ("));
    /// ```
    pub fn check_finite(&self) -> Result<()> {
        let finite = |id: u32| self.storage.nodes.get(id).value.borrow().as_ref().is_none_or(|x| bad(x).is_none());
        let scalars = self.scalars_with_inputs();
        for index in 0..scalars.len() {
            for (input, d) in scalars.inputs(index) {
                if !d.is_finite() {
                    return Err(Error::invalid(format!(
                        "the first partial derivative of a scalar that is not finite is {d}, of s{index} by s{input}"
                    )));
                }
            }
        }
        for (id, node) in self.storage.nodes.iter() {
            let value = node.value.borrow();
            let Some((value, what)) = value.as_ref().and_then(|value| Some((value, bad(value)?))) else { continue };
            let has_nan = value.iter().any(|x| x.is_nan());
            let arises = match node.kind {
                Kind::Constant => has_nan,
                _ => has_nan || node.parents.iter().all(|parent| finite(*parent)),
            };
            if arises {
                let inputs = node.parents.iter().map(|id| self.storage.nodes.get(*id).describe(*id).to_string());
                let inputs = inputs.collect::<Vec<_>>().join(" and ");
                let of = if inputs.is_empty() { inputs } else { format!(", made of {inputs}") };
                return Err(Error::invalid(format!(
                    "the first value that is not finite is {what} of {}{of}",
                    node.describe(id)
                )));
            }
        }
        Ok(())
    }
}

impl<T: Element> Gradients<T> {
    /// Looks for the first tensor, in the order of the sweep, whose gradient is not finite.
    ///
    /// One pass over the gradients that were kept: after [`TensorVar::backward`](crate::TensorVar::backward) those of
    /// intermediate values too.
    ///
    /// # Errors
    /// With what was found, and the operations through which it came back.
    ///
    /// # Panics
    /// If the gradients are of another tape or of before a reset, or merged.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.tensor([4.0, 0.0]);
    /// let gradients = x.sqrt().sum().backward();
    /// assert!(tape.check_finite().is_ok());
    /// let error = gradients.check_finite(&tape).unwrap_err().to_string();
    /// assert!(error.contains("is inf at [1], of %0 = tensor [2]") && error.contains("back from %1 = sqrt [2]"));
    /// ```
    #[track_caller]
    pub fn check_finite(&self, tape: &Tape<T>) -> Result<()> {
        let slots = &self.of_tape(tape, &"the tape").tensors;
        for (id, slot) in slots.iter().enumerate().rev() {
            let Some(what) = slot.as_ref().and_then(bad) else { continue };
            let reached = |user: &u32| slots.get(*user as usize).is_some_and(Option::is_some);
            let users = (id as u32 + 1..tape.storage.nodes.len())
                .filter(|user| tape.storage.nodes.get(*user).parents.contains(&(id as u32)))
                .filter(reached)
                .map(|user| tape.storage.nodes.get(user).describe(user).to_string())
                .collect::<Vec<_>>()
                .join(" and ");
            let from = if users.is_empty() { users } else { format!("; it came back from {users}") };
            let node = tape.storage.nodes.get(id as u32);
            return Err(Error::invalid(format!(
                "the first gradient that is not finite is {what}, of {}{from}",
                node.describe(id as u32)
            )));
        }
        Ok(())
    }
}
