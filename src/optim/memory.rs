//! What an optimizer remembers of each parameter, found by the parameter's identity.

use crate::{
    Scalar, Tensor,
    nn::{Module, Param, Path},
    tape::{Gradients, ParamId},
};

/// Calls `change` with every trained parameter that has a gradient, and that gradient.
#[track_caller]
pub(super) fn for_each_gradient<T: Scalar, M: Module<T> + ?Sized>(
    model: &mut M,
    gradients: &Gradients<T>,
    mut change: impl FnMut(&mut Param<T>, &Tensor<T>),
) {
    let (mut trained, mut known) = (0, 0);
    model.visit_mut(&Path::root(), &mut |_, param| {
        if !param.is_trained() {
            return;
        }
        let found = gradients.look_up(param, trained);
        trained += 1;
        known += usize::from(found.is_some());
        if let Some(Some(gradient)) = found {
            change(param, gradient);
        }
    });
    assert!(
        trained == 0 || known > 0,
        "step: none of the model's {trained} parameters was on the tape of these gradients; they are of another model, \
         or of a clone, whose parameters are its own"
    );
}

/// The state of one parameter: how often it was changed, and tensors of its shape.
#[derive(Clone, Debug)]
pub(super) struct State<T, const N: usize> {
    of: ParamId,
    pub(super) steps: i32,
    pub(super) tensors: [Tensor<T>; N],
}

/// The states of all parameters that were changed, in the order in which they first were.
#[derive(Clone, Debug)]
pub(super) struct Memory<T, const N: usize>(Vec<State<T, N>>);

impl<T, const N: usize> Default for Memory<T, N> {
    fn default() -> Self {
        Memory(Vec::new())
    }
}

impl<T: Scalar, const N: usize> Memory<T, N> {
    /// Calls `change` with every such parameter, its gradient and its state, which begins with zeros.
    pub(super) fn for_each<M: Module<T> + ?Sized>(
        &mut self,
        model: &mut M,
        gradients: &Gradients<T>,
        mut change: impl FnMut(&mut Tensor<T>, &Tensor<T>, &mut State<T, N>),
    ) {
        let mut place = 0;
        for_each_gradient(model, gradients, |param, gradient| {
            let state = self.of(param, place);
            state.steps = state.steps.saturating_add(1);
            change(param.value_mut(), gradient, state);
            place += 1;
        });
    }

    /// The state of a parameter. As a rule it is at the same place as in the step before.
    fn of(&mut self, param: &Param<T>, place: usize) -> &mut State<T, N> {
        let is_there = |state: &State<T, N>| state.of == param.id;
        let place = match self.0.get(place) {
            Some(state) if is_there(state) => place,
            _ => self.0.iter().position(is_there).unwrap_or_else(|| {
                let tensors = std::array::from_fn(|_| Tensor::zeros(param.shape()));
                self.0.push(State { of: param.id, steps: 0, tensors });
                self.0.len() - 1
            }),
        };
        &mut self.0[place]
    }
}
