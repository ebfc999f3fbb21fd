//! Sums over many points as one node: recorded, swept and dropped point by point. It names no operation.
//!
//! Unsafe: a tape is cut back while handles of its first nodes are used on.
#![allow(unsafe_code)]

use super::{Keep, Mode, Rows, Tape, Var, var::two_tapes};
use crate::Element;

/// `Σ f(params, point)` over all points, as one node on `params`.
///
/// Each point is recorded on a small tape of its own, swept at once, and dropped: the tape stays as long as one point
/// makes it, in the nearest cache, where recording all points would fill the memory. Use it for likelihoods and losses
/// over data. Value and gradient are those of the sum written with operators.
///
/// `f` is given the parameters as handles of that tape, and may compute with these, with numbers and with the point; a
/// handle from outside has to be among `params`. The compiler refuses it in `f`, because it lives on another tape: of a
/// captured `Var` it says that the tape "does not live long enough", or that "borrowed data escapes". Its
/// [`value`](Var::value) may be captured, as a constant.
/// Intermediate values that every point needs are parameters too. Of no points the sum is 0, and so is its gradient.
/// Constants among `params` stay constants.
///
/// The partial derivatives are numbers by the time the node is recorded. For second derivatives make the tape one of
/// [`Dual`](crate::Dual) or [`MultiDual`](crate::MultiDual) numbers, as [`hvp`](crate::hvp) and
/// [`hessian`](crate::hessian) do; all of them go through `sum_over`.
///
/// Costs the recordings and sweeps of the points, and on the tape itself one node, however many points there are.
///
/// ```
/// use gradtape::{Tape, sum_over};
/// let data = [(1.0, 2.0), (2.0, 3.0), (3.0, 5.0)];
/// let tape = Tape::new();
/// let (slope, offset) = (tape.var(1.5), tape.var(0.0));
/// let squares = sum_over(&[slope, offset], data, |params, (x, y)| {
///     let error = params[0] * x + params[1] - y;
///     error * error
/// });
/// assert_eq!(squares.value(), 0.5);
/// let gradients = squares.backward();
/// assert_eq!((gradients.wrt(slope), gradients.wrt(offset)), (-4.0, -2.0));
/// assert_eq!(tape.len(), 3);
/// ```
///
/// # Panics
/// If `params` are on different tapes; if `f` brings a trained [`Param`](crate::Param) onto the tape of its point, from
/// which no gradient would go back to it; and where `f` does.
#[track_caller]
pub fn sum_over<'t, T: Element, P>(
    params: &[Var<'t, T>],
    points: impl IntoIterator<Item = P>,
    mut f: impl for<'p> FnMut(&[Var<'p, T>], P) -> Var<'p, T>,
) -> Var<'t, T> {
    let mut tapes = params.iter().filter_map(|param| param.tape);
    let Some(outer) = tapes.next() else {
        let total = points.into_iter().fold(T::zero(), |total, point| total + f(params, point).value);
        return Var::constant(total);
    };
    if tapes.any(|other| !std::ptr::eq(other, outer)) {
        two_tapes("sum_over");
    }
    let mut inner = outer.storage.points.take().unwrap_or_else(|| Box::new(Tape::new()));
    inner.mode = outer.mode;
    inner.storage.draws.set(outer.storage.draws.get());
    let mut points = points.into_iter();
    let mut sums = Sums { total: T::zero(), kept: vec![T::zero(); params.len()], adjoints: Vec::new() };
    // A tape on which tensors were made is emptied before the next point; on others scalars are dropped behind the
    // parameters.
    loop {
        inner.reset();
        if sums.add_points(&inner, params, &mut points, &mut f) {
            break;
        }
    }
    outer.storage.draws.set(inner.storage.draws.get());
    outer.storage.points.set(Some(inner));
    let mut rows = Rows::new("sum_over");
    for (param, partial) in params.iter().zip(sums.kept) {
        rows.add(*param, partial);
    }
    rows.finish(sums.total, T::one())
}

struct Sums<T> {
    total: T,
    /// The gradient so far, of each parameter.
    kept: Vec<T>,
    adjoints: Vec<T>,
}

impl<T: Element> Sums<T> {
    /// Adds points until there are no more (true) or tensors have been recorded (false).
    #[track_caller]
    fn add_points<'p, P>(
        &mut self,
        tape: &'p Tape<T>,
        params: &[Var<'_, T>],
        points: &mut impl Iterator<Item = P>,
        f: &mut impl FnMut(&[Var<'p, T>], P) -> Var<'p, T>,
    ) -> bool {
        let own = |param: &Var<'_, T>| match param.tape {
            Some(_) => tape.var(param.value),
            None => Var::constant(param.value),
        };
        let params: Vec<Var<'p, T>> = params.iter().map(own).collect();
        let scalars = &tape.storage.scalars;
        let (mark, leaves) = (scalars.mark(), scalars.len());
        self.adjoints.clear();
        self.adjoints.resize(leaves, T::zero());
        let mut is_last = true;
        for point in points {
            let y = f(&params, point);
            self.total += y.value;
            let has_tensors = tape.storage.nodes.len() > 0;
            assert!(
                !has_tensors || tape.other_params(&[]).iter().all(|param| !param.node().needs),
                "sum_over: a Param came onto the tape of a point, from which no gradient goes back to it; \
                 give its numbers among params"
            );
            if let Some(of) = y.tape {
                if !std::ptr::eq(of, tape) {
                    two_tapes("sum_over");
                }
                if tape.mode != Mode::Inference {
                    if has_tensors {
                        self.sweep_tensors(y, &params);
                    } else {
                        self.sweep(y, leaves);
                    }
                }
            }
            if has_tensors {
                is_last = false;
                break;
            }
            // SAFETY: `f` works for tapes of any lifetime, so that it can leave no handle of this one anywhere; the
            // parameters were recorded before the mark.
            unsafe { scalars.truncate(&mark) };
            tape.storage.begin_epoch();
        }
        let mut adjoints = self.adjoints.iter();
        for (kept, param) in self.kept.iter_mut().zip(&params) {
            if param.tape.is_some() {
                *kept += *adjoints.next().expect("an adjoint for every parameter that is on the tape");
            }
        }
        is_last
    }

    /// Adds the gradient of one point to the adjoints of the parameters, which are the first `leaves` scalars.
    fn sweep(&mut self, y: Var<'_, T>, leaves: usize) {
        let (Some(tape), end) = (y.tape, y.index as usize + 1) else { return };
        if end > self.adjoints.len() {
            self.adjoints.resize(end, T::zero());
        }
        self.adjoints[end - 1] += T::one();
        if end > leaves {
            tape.storage.scalars.sweep_and_clear(leaves..end, &mut self.adjoints);
        }
    }

    #[cold]
    fn sweep_tensors(&mut self, y: Var<'_, T>, params: &[Var<'_, T>]) {
        let gradients = y.sweep(Keep::Leaves);
        for (kept, param) in self.kept.iter_mut().zip(params) {
            if param.tape.is_some() {
                *kept += gradients.wrt(*param);
            }
        }
    }
}
