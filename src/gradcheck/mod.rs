//! Checks of gradients against differences, for the rules of this library and for users' own operations and layers.
//! Nothing is differentiated here; what is compared comes from the tape.
//!
//! [`GradCheck`] holds the settings and is where to start; [`gradcheck!`](crate::gradcheck!) is the short form for
//! tests. How a difference gets its own error bound is told in `difference`, how noise is measured in `noise`; which
//! points are compared, in `order`.

mod difference;
mod drawn;
mod failure;
mod function;
mod noise;
mod order;
mod report;
mod taylor;

#[doc(hidden)]
pub use drawn::{Drawn, check_drawn};
pub use report::{OrderReport, Report, Worst};

use crate::{Error, Result, Rng, Tape, Tensor, TensorVar, Var};
use function::Function;
use order::Check;

/// Compares derivatives of the tape with differences of values, in double precision.
///
/// Each order is checked on
/// - every element of every input (a random sample of large ones), by central differences with extrapolation, whose
///   own error is known from several step sizes and the measured noise of the function;
/// - random directions, along which the remainder of Taylor's formula must fall like the square of the step;
/// - both paths to the gradient: the fast sweep and the recorded gradient, which must agree.
///
/// Results that are not single numbers are contracted with random cotangents, never with ones: a softmax whose gradient
/// is checked with ones passes whatever the rule says. From the second order on, what is differentiated is the
/// recorded gradient, as a function of the inputs and of the cotangent.
///
/// A function may round inside (an offset of 1e7, single precision): its values are stairs, whose height is measured as
/// noise, and steps are chosen well above them. Stairs wider than about 1e-6 of the input are not told from a function
/// that is constant between them, and a gradient of 0 passes.
///
/// A point where the slope jumps, as `relu` at 0, has no derivative to compare with. If a kink lies so near to the
/// point that no step fits before it, the check says so, as an error of its own;
/// [`allow_kinks`](Self::allow_kinks) accepts any slope between those of the two sides.
///
/// ```
/// use gradtape::{Tensor, gradcheck::GradCheck};
/// let (a, b) = (Tensor::from([[0.5, -1.0], [2.0, 0.1]]), Tensor::from([0.3, -0.7]));
/// let report = GradCheck::new().order(2).rtol(1e-6).check(|x| (x[0] * x[1]).tanh().sum(), &[a, b])?;
/// assert!(report.worst().relative < 1e-6);
///
/// // A mistake: the derivative of x² is not x.
/// let error = GradCheck::new()
///     .check(
///         |x| {
///             let slope = x[0].value();
///             x[0].tape().custom([x[0]], x[0].value().square(), move |g| [g * &slope])
///         },
///         &[Tensor::from([1.0, 2.0])],
///     )
///     .unwrap_err();
/// assert!(error.to_string().starts_with("the gradient is wrong: 2 of 2 elements of input 0"));
/// assert!(error.to_string().contains("a factor of 2 too small"));
/// # Ok::<(), gradtape::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct GradCheck {
    order: usize,
    rtol: f64,
    atol: f64,
    seeds: usize,
    seed: u64,
    step: Option<f64>,
    elements: usize,
    kinks: bool,
    training: Option<u64>,
}

impl Default for GradCheck {
    fn default() -> Self {
        GradCheck {
            order: 1,
            rtol: 1e-6,
            atol: 1e-9,
            seeds: 3,
            seed: 0,
            step: None,
            elements: 500,
            kinks: false,
            training: None,
        }
    }
}

impl GradCheck {
    /// First order, relative tolerance 1e-6, absolute tolerance 1e-9, three random cotangents and directions.
    pub fn new() -> Self {
        Self::default()
    }

    /// The order of derivative up to which is checked: 1 for gradients, 2 for Hessians too, 3 if you have time.
    ///
    /// Where an operation on the way has no recorded gradient (a closure of [`Tape::custom`](crate::Tape::custom),
    /// scalars), the check ends at the first order, and the report says why.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn order(mut self, order: usize) -> Self {
        assert!(order > 0, "order: 0: the first derivative is of order 1");
        self.order = order;
        self
    }

    /// The relative error that is tolerated; 1e-6 unless set.
    ///
    /// # Panics
    /// If it is not below 1, or negative: 0 has a relative error of 1 to every number, and would pass for each of them.
    ///
    /// ```should_panic
    /// // rtol: 1: a relative tolerance is below 1: at 1 and above, a missing gradient passes
    /// gradtape::gradcheck::GradCheck::new().rtol(1.0);
    /// ```
    #[track_caller]
    pub fn rtol(mut self, rtol: f64) -> Self {
        assert!(
            (0.0..1.0).contains(&rtol),
            "rtol: {rtol}: a relative tolerance is below 1: at 1 and above, a missing gradient passes"
        );
        self.rtol = rtol;
        self
    }

    /// The absolute error that is tolerated; 1e-9 unless set. A derivative smaller than this is not checked (a 0 in its
    /// place passes): for results of about 1e-10, scale the function up or set a tolerance far below its slopes.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn atol(mut self, atol: f64) -> Self {
        assert!(atol >= 0.0 && atol.is_finite(), "atol: {atol}: an absolute tolerance is a finite number, 0 or above");
        self.atol = atol;
        self
    }

    /// How many random cotangents, and random directions.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn seeds(mut self, seeds: usize) -> Self {
        assert!(seeds > 0, "seeds: 0: takes at least one random cotangent");
        self.seeds = seeds;
        self
    }

    /// The seed of all random numbers of the check.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The first step tried, relative to the size of an element (at least 1); 2⁻¹⁷ unless set.
    ///
    /// # Panics
    /// If it is not positive.
    #[track_caller]
    pub fn step(mut self, step: f64) -> Self {
        assert!(step > 0.0 && step.is_finite(), "step: {step}: a step is a positive number");
        self.step = Some(step);
        self
    }

    /// At most so many elements of each input are varied one by one, chosen at random; 500 unless set. The others take
    /// part in the random directions.
    pub fn elements(mut self, elements: usize) -> Self {
        self.elements = elements;
        self
    }

    /// Accepts points on a kink where the gradient lies between the slopes of the two sides, and points on a jump or at
    /// the end of the domain, where there is nothing to compare with. Their number is in the report.
    ///
    /// ```
    /// use gradtape::{Tensor, gradcheck::GradCheck};
    /// let x = [Tensor::from([0.0, 1.0])];
    /// let error = GradCheck::new().check(|x| x[0].relu(), &x).unwrap_err();
    /// assert!(error.to_string().contains("a kink lies within the step of input 0 [0]"));
    /// assert_eq!(GradCheck::new().allow_kinks().check(|x| x[0].relu(), &x)?.orders[0].kinks, 1);
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn allow_kinks(mut self) -> Self {
        self.kinks = true;
        self
    }

    /// Evaluates on a [training tape](crate::Tape::training) of this seed, the same random masks each time: dropout is
    /// on, and layers with statistics take those of the batch.
    pub fn training(mut self, seed: u64) -> Self {
        self.training = Some(seed);
        self
    }

    /// Checks a function of tensors at a point. Its result may have any shape.
    ///
    /// An infinite number in an input, such as the mask of a softmax, is kept as it is. The function runs many times,
    /// on a plain tape, where dropout is off, or on one for [`training`](Self::training).
    ///
    /// # Errors
    /// With a report as text: what is wrong where, both numbers, and what they point to. Also if a value or a
    /// gradient is not finite, if a kink lies within the step, or if two evaluations differ. Where no input or no
    /// result has a number there is nothing to be wrong, and it passes; [`gradcheck!`](crate::gradcheck!) refuses that.
    pub fn check<F>(&self, f: F, inputs: &[Tensor<f64>]) -> Result<Report>
    where
        F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
    {
        self.check_named(f, inputs, (0..inputs.len()).map(|i| format!("input {i} ")).collect())
    }

    /// Checks a function of scalars at a point, to first order: scalars are recorded as their partial derivatives.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    ///
    /// ```
    /// use gradtape::gradcheck::GradCheck;
    /// let report = GradCheck::new().check_scalars(|x| (x[0] * x[1]).sin() / x[1], &[0.5, 2.0])?;
    /// assert_eq!(report.orders[0].checked, 2);
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn check_scalars<F>(&self, f: F, x: &[f64]) -> Result<Report>
    where
        F: for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>,
    {
        self.check_named(|x| on_scalars(&f, x[0]), &[Tensor::from(x)], vec!["x".into()])
    }

    /// An empty tape of the kind on which the function is evaluated.
    pub(crate) fn tape(&self) -> Tape<f64> {
        self.training.map_or_else(Tape::new, Tape::training)
    }

    /// The check itself, with a name for each input: an element's is the name with the index behind it.
    pub(crate) fn check_named<F>(&self, f: F, inputs: &[Tensor<f64>], mut names: Vec<String>) -> Result<Report>
    where
        F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
    {
        if inputs.is_empty() {
            return Err(Error::invalid("gradcheck: there is no input to differentiate with respect to"));
        }
        for (name, input) in names.iter().zip(inputs) {
            if input.iter().any(|x| x.is_nan()) {
                return Err(Error::invalid(format!("gradcheck: {} holds NaN", name.trim())));
            }
        }
        let mut rng = Rng::new(self.seed);
        let mut function = Function::new(f, inputs.len(), self.training);
        let mut report = Report { orders: Vec::new(), note: None, unused: Vec::new() };
        let mut z = inputs.to_vec();
        for order in 1..=self.order {
            let check = match Check::new(self, &mut function, order, &z, &names, &mut rng)? {
                Ok(check) => check,
                Err(reason) => {
                    report.note = Some(format!("no derivative of order {order}: {reason}"));
                    break;
                }
            };
            let cotangents = check.cotangents().to_vec();
            report.orders.push(check.run(&mut rng)?);
            for i in 0..cotangents.len() {
                names.push(match order {
                    1 => "the cotangent of the result ".into(),
                    _ => format!("the cotangent of the gradient of {} ", names[i].trim()),
                });
            }
            z.extend(cotangents);
        }
        Ok(report)
    }
}

/// A function of scalars as one of a tensor.
fn on_scalars<'t, F>(f: &F, x: TensorVar<'t, f64>) -> TensorVar<'t, f64>
where
    F: Fn(&[Var<'t, f64>]) -> Var<'t, f64>,
{
    let scalars: Vec<_> = (0..x.shape()[0]).map(|i| x.at(&[i])).collect();
    let y = f(&scalars);
    match y.tape() {
        Some(_) => TensorVar::stack_vars(&[y]),
        None => x.tape().constant([y.value()]),
    }
}
