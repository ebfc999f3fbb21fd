//! The gradient check of a model: of every parameter by its name, and of the input. What a check is stands in
//! [`gradcheck`](crate::gradcheck).

use super::{Layer, Module};
use crate::{
    Param, Result, Scalar, Tape, Tensor, TensorVar,
    gradcheck::{GradCheck, Report},
};

impl GradCheck {
    /// Checks the gradients of a model's parameters, and of its input, for a loss of its output.
    ///
    /// The model is converted to `f64` first: differences in `f32` prove little. Frozen parameters and buffers are
    /// constants. The input is left out where the output does not depend on it by recorded operations, as behind an
    /// embedding. The report names elements like `hidden.weight[3, 7]`, and `the input [0, 2]`. What happens in
    /// training only is checked after [`training`](Self::training).
    ///
    /// # Errors
    /// As [`check`](Self::check).
    ///
    /// ```
    /// use gradtape::{Rng, Tensor, gradcheck::GradCheck, network};
    /// let rng = &mut Rng::new(7);
    /// let net = network!(dense(3, 5, tanh), dense(5, 2)).init(rng);
    /// let x = Tensor::from([[0.1, -0.4, 0.9], [1.0, 0.3, -0.2]]);
    /// let report = GradCheck::new().check_model(&net, &x, |y| y.square().mean())?;
    /// assert_eq!(report.orders[0].elements, (3 * 5 + 5) + (5 * 2 + 2) + 2 * 3);
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn check_model<T, M, F>(&self, model: &M, x: &Tensor<T>, loss: F) -> Result<Report>
    where
        T: Scalar,
        M: Module<T>,
        M::In<f64>: Layer<f64>,
        F: for<'t> Fn(TensorVar<'t, f64>) -> TensorVar<'t, f64>,
    {
        let model: M::In<f64> = model.convert();
        let mut x_in_f64 = Tensor::<f64>::zeros(x.shape());
        x_in_f64.update(|i, _| x.as_slice()[i].real());
        let x = x_in_f64;

        let mut names = Vec::new();
        let mut params: Vec<&Param<f64>> = Vec::new();
        for (name, param) in model.named_params() {
            if param.is_trained() {
                names.push(name);
                params.push(param);
            }
        }
        let mut inputs: Vec<Tensor<f64>> = params.iter().map(|param| param.value()).collect();
        let varies_input = depends_on_input(&model, &params, &x);
        if varies_input {
            names.push("the input ".into());
            inputs.push(x.clone());
        }
        self.check_named(
            |variables| {
                let tape = variables[0].tape();
                for (param, variable) in params.iter().zip(variables) {
                    tape.bind(param, *variable);
                }
                let input = if varies_input { variables[params.len()] } else { tape.constant(&x) };
                loss(model.forward(input))
            },
            &inputs,
            names,
        )
    }
}

/// Whether recorded operations lead from the input to the output.
fn depends_on_input<L: Layer<f64>>(model: &L, params: &[&Param<f64>], x: &Tensor<f64>) -> bool {
    let tape = Tape::new();
    for param in params {
        tape.bind(param, tape.constant(param.value()));
    }
    model.forward(tape.tensor(x)).needs_gradient()
}
