//! Ordinary differential equations `y' = f(t, y, θ)`, and derivatives of their solutions: by backpropagation through
//! the steps, or by the adjoint equation. The numbers of the methods stand in `tableau`.

mod adjoint;
mod tableau;

use crate::{Scalar, Tape, Tensor, TensorVar};
use tableau::{DORMAND_PRINCE, RK4, Tableau};

/// How an equation is solved.
///
/// ```
/// use gradtape::{Tape, ode::Solver};
/// let tape = Tape::new();
/// let (y0, rate) = (tape.tensor(2.0f64), tape.tensor(-0.5));
/// let y = Solver::dormand_prince(1e-12, 1e-12).solve(|_, y, p| y * p[0], y0, (0.0, 3.0), &[rate]);
/// assert!((y.item() - 2.0 * f64::exp(-1.5)).abs() < 1e-10);
/// let gradients = y.backward();
/// assert!((gradients.wrt(y0).item() - f64::exp(-1.5)).abs() < 1e-10);
/// assert!((gradients.wrt(rate).item() - 6.0 * f64::exp(-1.5)).abs() < 1e-10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solver(Method);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    Rk4 { steps: usize },
    DormandPrince { rtol: f64, atol: f64 },
}

/// More steps than any equation takes that the method is made for.
const MOST_STEPS: usize = 1_000_000;

impl Solver {
    /// The classical method of Runge and Kutta, of order 4, with equal steps: four evaluations of f a step, and an
    /// error that goes like the fourth power of the step. Kutta, 1901.
    ///
    /// ```
    /// use gradtape::{Tape, ode::Solver};
    /// let tape = Tape::new();
    /// let y = Solver::rk4(100).solve(|t, y, _| y * t.cos(), tape.tensor(1.0), (0.0, 2.0), &[]).item();
    /// assert!(f64::abs(y - f64::exp(f64::sin(2.0))) < 1e-8);
    /// ```
    ///
    /// # Panics
    /// If `steps` is 0.
    #[track_caller]
    pub fn rk4(steps: usize) -> Self {
        assert!(steps > 0, "rk4: takes at least one step");
        Solver(Method::Rk4 { steps })
    }

    /// The method of Dormand and Prince, 1980, of order 5, whose steps are chosen such that the estimated error of each
    /// is below `atol + rtol |y|`, as a root mean square over the numbers of y: seven evaluations of f a step, of those
    /// that are taken back too.
    ///
    /// ```
    /// use gradtape::{Tape, ode::Solver};
    /// let tape = Tape::new();
    /// let solver = Solver::dormand_prince(1e-10, 1e-10);
    /// let y = solver.solve(|t, y, _| y * t.cos(), tape.tensor(1.0), (0.0, 2.0), &[]).item();
    /// assert!(f64::abs(y - f64::exp(f64::sin(2.0))) < 1e-8);
    /// ```
    ///
    /// # Panics
    /// If a tolerance is negative, or both are 0.
    #[track_caller]
    pub fn dormand_prince(rtol: f64, atol: f64) -> Self {
        assert!(
            rtol >= 0.0 && atol >= 0.0 && rtol + atol > 0.0,
            "dormand_prince: the tolerances are {rtol} and {atol}"
        );
        Solver(Method::DormandPrince { rtol, atol })
    }

    /// The solution of `y' = f(t, y, θ)` with `y = y0` at the start of the span, at its end; of the shape of y0.
    ///
    /// Recorded step by step: its gradient is that of the numbers computed, for a sweep over all of them. The steps are
    /// found first, on numbers alone, so that each is evaluated twice.
    ///
    /// ```
    /// use gradtape::{Tape, ode::Solver};
    /// let tape = Tape::new();
    /// let (y0, a) = (tape.tensor(1.0), tape.tensor(0.5));
    /// let y = Solver::dormand_prince(1e-12, 1e-12).solve(|_, y, p| y * p[0], y0, (0.0, 2.0), &[a]);
    /// let slope = tape.gradient(y, &[a])[0]; // t e^(a t)
    /// let curvature: f64 = slope.backward().wrt(a).item(); // t² e^(a t)
    /// assert!((curvature - 4.0 * f64::exp(1.0)).abs() < 1e-9);
    /// ```
    ///
    /// `f(t, y, parameters)` is called on the tape, and on tapes of its own to choose the steps: it computes with its
    /// arguments and plain numbers, not with other tensors of a tape. The steps are constants: they are not
    /// differentiated. Can be differentiated again. Memory grows with the number of steps; see
    /// [`recompute_chain`](crate::recompute_chain) and [`solve_adjoint`](Self::solve_adjoint).
    ///
    /// # Panics
    /// If f changes the shape of y; if an end of the span is not finite; if a step becomes too small to change t, as at
    /// a pole.
    #[track_caller]
    pub fn solve<'t, T, F>(
        self,
        f: F,
        y0: TensorVar<'t, T>,
        span: (f64, f64),
        parameters: &[TensorVar<'t, T>],
    ) -> TensorVar<'t, T>
    where
        T: Scalar,
        F: for<'s> Fn(f64, TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T>,
    {
        let values: Vec<_> = parameters.iter().map(|p| p.value()).collect();
        let (times, _) = self.march(&f, y0.value(), span, &values);
        let tableau = self.tableau();
        times.windows(2).fold(y0, |y, t| tableau.step(|t, y| f(t, y, parameters), t[0], t[1] - t[0], y).0)
    }

    /// The solution at the end of the span, with its gradient by the adjoint equation `a' = -(∂f/∂y)ᵀ a`, which is
    /// solved backwards in time together with y, and with `θ̄' = -(∂f/∂θ)ᵀ a`.
    ///
    /// Memory does not grow with the number of steps: nothing of them is kept. The gradient is that of the exact
    /// solution, to the accuracy of the method, and so differs from that of [`solve`](Self::solve) by its error;
    /// equations that run apart backwards in time lose more. Can be differentiated again, to any order: the second
    /// derivative is that of the adjoint equation, by an adjoint equation of its own. Costs, for each order, one
    /// solution more of an equation of at least twice the size; in each evaluation a recording of f and a sweep.
    /// Pontryagin et al., 1962; Chen et al., "Neural Ordinary Differential Equations", NeurIPS 2018.
    ///
    /// ```
    /// use gradtape::{Tape, ode::Solver};
    /// let tape = Tape::new();
    /// let (y0, rate) = (tape.tensor(2.0f64), tape.tensor(-0.5));
    /// let y = Solver::rk4(1000).solve_adjoint(|_, y, p| y * p[0], y0, (0.0, 3.0), &[rate]);
    /// let gradients = y.backward();
    /// assert!((gradients.wrt(rate).item() - 6.0 * f64::exp(-1.5)).abs() < 1e-10);
    /// ```
    ///
    /// # Panics
    /// As [`solve`](Self::solve).
    #[track_caller]
    pub fn solve_adjoint<'t, T, F>(
        self,
        f: F,
        y0: TensorVar<'t, T>,
        span: (f64, f64),
        parameters: &[TensorVar<'t, T>],
    ) -> TensorVar<'t, T>
    where
        T: Scalar,
        F: for<'s> Fn(f64, TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T> + Send + Sync + 'static,
    {
        adjoint::solve(self, f, y0, span, parameters)
    }

    fn tableau(self) -> &'static Tableau {
        match self.0 {
            Method::Rk4 { .. } => &RK4,
            Method::DormandPrince { .. } => &DORMAND_PRINCE,
        }
    }

    /// The times between the steps, and the solution at the last, on numbers alone.
    #[track_caller]
    fn march<T, F>(self, f: &F, y0: Tensor<T>, span: (f64, f64), parameters: &[Tensor<T>]) -> (Vec<f64>, Tensor<T>)
    where
        T: Scalar,
        F: for<'s> Fn(f64, TensorVar<'s, T>, &[TensorVar<'s, T>]) -> TensorVar<'s, T>,
    {
        let (start, end) = span;
        assert!(start.is_finite() && end.is_finite(), "solve: {start} to {end}: both ends of the span must be finite");
        let tableau = self.tableau();
        let mut tape = Tape::inference();
        let mut step = |t: f64, h: f64, y: &Tensor<T>| {
            tape.reset();
            let parameters: Vec<_> = parameters.iter().map(|p| tape.tensor(p)).collect();
            let (next, error) = tableau.step(|t, y| f(t, y, &parameters), t, h, tape.tensor(y));
            (next.value(), error.map(|error| error.value()))
        };
        let (mut times, mut y) = (vec![start], y0);
        let (rtol, atol) = match self.0 {
            Method::Rk4 { steps } => {
                for i in 0..steps {
                    let next = start + (end - start) * ((i + 1) as f64 / steps as f64);
                    y = step(times[i], next - times[i], &y).0;
                    times.push(next);
                }
                return (times, y);
            }
            Method::DormandPrince { rtol, atol } => (rtol, atol),
        };
        let mut h = (end - start) * 1e-3;
        let (mut t, mut attempts) = (start, 0);
        while t != end {
            attempts += 1;
            let last = (end - t).abs() <= h.abs();
            let size = if last { end - t } else { h };
            if t + size == t || attempts > MOST_STEPS {
                panic!("solve: the steps become too small at t = {t}: the equation may have a pole there, or be stiff");
            }
            let (next, error) = step(t, size, &y);
            let error = error.map_or(0.0, |error| relative(&error, &y, &next, rtol, atol));
            if error <= 1.0 {
                t = if last { end } else { t + size };
                y = next;
                times.push(t);
            }
            // The error goes like the fifth power of the step. What is no number asks for a much smaller one.
            let factor = if error.is_finite() { 0.9 * error.max(1e-10).powf(-0.2) } else { 0.1 };
            h = size * factor.clamp(0.1, 5.0);
        }
        (times, y)
    }
}

/// The root mean square of the error over what is tolerated.
fn relative<T: Scalar>(error: &Tensor<T>, y: &Tensor<T>, next: &Tensor<T>, rtol: f64, atol: f64) -> f64 {
    let parts = error
        .iter()
        .zip(y.iter().zip(next.iter()))
        .map(|(error, (y, next))| (error.real() / (atol + rtol * y.real().abs().max(next.real().abs()))).powi(2));
    (parts.sum::<f64>() / error.len().max(1) as f64).sqrt()
}
