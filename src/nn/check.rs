//! The gradient check of a model: of every parameter by its name, and of the inputs. What a check is stands in
//! [`gradcheck`](crate::gradcheck).

use super::{Layer, Module};
use crate::{
    Error, Param, Result, Scalar, Tensor, TensorVar,
    gradcheck::{Drawn, GradCheck, Report},
};

impl GradCheck {
    /// Checks the gradients of a model's parameters, and of its input, for a loss of its output.
    ///
    /// The model is converted to `f64` first: differences in `f32` prove little. Frozen parameters and buffers are
    /// constants. The input is left out where the output does not depend on it by recorded operations, as behind an
    /// embedding. The report names elements like `hidden.weight[3, 7]`, and `the input [0, 2]`, and lists parameters
    /// that the output does not depend on. What happens in training only is checked after
    /// [`training`](Self::training).
    ///
    /// # Errors
    /// As [`check`](Self::check); and if the forward pass uses a parameter that
    /// [`visit`](Module::visit) leaves out, which no optimizer would train and no checkpoint would hold.
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
        let mut x_in_f64 = Tensor::<f64>::zeros(x.shape());
        x_in_f64.update(|i, _| x.as_slice()[i].real());
        let names = vec!["the input ".into()];
        self.check_converted(&model.convert(), &[x_in_f64], names, |model, x| loss(model.forward(x[0])))
    }

    /// Checks the gradients of a model's parameters, and of inputs, for any function of them: for a model with several
    /// inputs, or with an output of its own form. As [`check_model`](Self::check_model) otherwise.
    ///
    /// # Errors
    /// As [`check_model`](Self::check_model).
    ///
    /// ```
    /// use gradtape::prelude::*;
    /// layer! {
    ///     /// One step of a recurrence.
    ///     struct Cell(inputs: usize, hidden: usize) {
    ///         input: nn::Dense<T> = nn::Dense::new(inputs, hidden, rng),
    ///         recurrent: nn::Dense<T> = nn::Dense::new(hidden, hidden, rng).without_bias(),
    ///     }
    ///     forward(x, state) { (input.forward(x) + recurrent.forward(state)).tanh() }
    /// }
    /// let rng = &mut Rng::new(7);
    /// let cell = Cell::<f32>::new(3, 2, rng);
    /// let (x, state) = (Tensor::randn([4, 3], rng), Tensor::randn([4, 2], rng));
    /// let report = GradCheck::new().check_module(&cell, &[x, state], |cell, v| cell.forward(v[0], v[1]))?;
    /// assert_eq!(report.orders[0].elements, (3 * 2 + 2) + 2 * 2 + 4 * 3 + 4 * 2);
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn check_module<T, M, F>(&self, model: &M, inputs: &[Tensor<f64>], f: F) -> Result<Report>
    where
        T: Scalar,
        M: Module<T>,
        F: for<'t> Fn(&M::In<f64>, &[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
    {
        let names = (0..inputs.len()).map(|i| format!("input {i} ")).collect();
        self.check_converted(&model.convert(), inputs, names, f)
    }

    fn check_converted<M, F>(&self, model: &M, inputs: &[Tensor<f64>], names: Vec<String>, f: F) -> Result<Report>
    where
        M: Module<f64>,
        F: for<'t> Fn(&M, &[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
    {
        let found = self.look(model, inputs, &f)?;
        let params = &found.trained;
        let mut all_names: Vec<String> = params.iter().map(|(name, _)| name.clone()).collect();
        let mut point: Vec<Tensor<f64>> = params.iter().map(|(_, param)| param.value()).collect();
        for (i, name) in names.into_iter().enumerate().filter(|(i, _)| found.varies[*i]) {
            all_names.push(name);
            point.push(inputs[i].clone());
        }
        let mut report = self.check_named(
            |variables| {
                let tape = variables[0].tape();
                for ((_, param), variable) in params.iter().zip(variables) {
                    tape.bind(param, *variable);
                }
                let mut varied = variables[params.len()..].iter();
                let given = inputs.iter().zip(&found.varies);
                let given = given.map(|(input, varies)| match varies.then(|| varied.next()).flatten() {
                    Some(variable) => *variable,
                    None => tape.constant(input),
                });
                f(model, &given.collect::<Vec<_>>())
            },
            &point,
            all_names,
        )?;
        report.unused = found.unused;
        Ok(report)
    }
}

/// What a first look at a model finds out.
struct Found<'a> {
    /// The parameters that are varied, with their names.
    trained: Vec<(String, &'a Param<f64>)>,
    /// Those of them that the forward pass does not use.
    unused: Vec<String>,
    /// Of each input, whether recorded operations lead from it to the output.
    varies: Vec<bool>,
}

impl GradCheck {
    /// # Errors
    /// If a parameter is used that is not visited.
    fn look<'a, M, F>(&self, model: &'a M, inputs: &[Tensor<f64>], f: &F) -> Result<Found<'a>>
    where
        M: Module<f64>,
        F: for<'t> Fn(&M, &[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
    {
        let mut visited = model.params();
        let trained: Vec<_> = model.named_params().into_iter().filter(|(_, param)| param.is_trained()).collect();
        visited.extend(model.buffers());

        let tape = self.tape();
        f(model, &inputs.iter().map(|input| tape.constant(input)).collect::<Vec<_>>());
        if let Some(stray) = tape.other_params(&visited).first() {
            // A layer that is `track_caller` says this file, which helps nobody.
            let place = stray.node().location;
            let place = if place.file() == file!() { String::new() } else { format!(", at {place}") };
            return Err(Error::invalid(format!(
                "the forward pass uses a parameter of shape {:?} that `visit` leaves out{place}: no optimizer would \
                 change it, and no checkpoint would hold it",
                stray.shape()
            )));
        }
        let unused = trained.iter().filter(|(_, param)| !tape.has_param(param)).map(|(name, _)| name.clone()).collect();

        let varies = (0..inputs.len()).map(|varied| {
            let tape = self.tape();
            for (_, param) in &trained {
                tape.bind(param, tape.constant(param.value()));
            }
            let inputs = inputs.iter().enumerate();
            let inputs = inputs.map(|(i, input)| if i == varied { tape.tensor(input) } else { tape.constant(input) });
            f(model, &inputs.collect::<Vec<_>>()).needs_gradient()
        });
        let varies = varies.collect();
        Ok(Found { trained, unused, varies })
    }
}

/// The model of a `gradcheck!`: its value, or a reference to it.
pub trait CheckModel {
    /// Checks a layer, by its forward pass, for a loss of its output.
    ///
    /// # Panics
    /// With the report, if a gradient is wrong.
    #[track_caller]
    fn gradcheck_layer<T, O, F>(&self, check: GradCheck, inputs: &[Drawn<'_>], forward: O, loss: F)
    where
        T: Scalar,
        Self: Module<T> + Sized,
        O: for<'t> Fn(&Self::In<f64>, TensorVar<'t, f64>) -> TensorVar<'t, f64>,
        F: for<'t> Fn(TensorVar<'t, f64>) -> TensorVar<'t, f64>,
    {
        self.gradcheck_module(check, inputs, |model, x| loss(forward(model, x[0])));
    }

    /// Checks a function of a model and inputs.
    ///
    /// # Panics
    /// With the report, if a gradient is wrong.
    #[track_caller]
    fn gradcheck_module<T, F>(&self, check: GradCheck, inputs: &[Drawn<'_>], f: F)
    where
        T: Scalar,
        Self: Module<T> + Sized,
        F: for<'t> Fn(&Self::In<f64>, &[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
    {
        let names = inputs.iter().map(|input| input.name.into()).collect();
        if let Err(report) = check.check_converted(&self.convert(), &check.draw(inputs), names, f) {
            panic!("gradcheck: {report}");
        }
    }
}

impl<M> CheckModel for M {}
