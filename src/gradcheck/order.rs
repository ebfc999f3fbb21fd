//! The check of one order of derivative: which elements and directions are looked at, and what is made of the verdicts.
//! That the two ways to a gradient agree is checked in `paths`.

mod paths;

use super::{
    GradCheck,
    difference::{Claim, Finding, Line, Verdict, glance, investigate, kink},
    failure::{Compared, Problem, describe},
    function::Function,
    noise::{Profile, WIDEST, noise, rise, widths},
    report::{OrderReport, Worst},
    taylor::{Remainder, remainder},
};
use crate::{Error, Result, Rng, Tensor, TensorVar, rng};

/// The step relative to the size of a number (at least 1): the power of 2 next to the cube root of the rounding unit.
const STEP: f64 = 1.0 / 131_072.0;

/// The function of one order at one point.
pub(super) struct Check<'a, F> {
    settings: &'a GradCheck,
    function: &'a mut Function<F>,
    order: usize,
    /// The point: the inputs, then the cotangents of the orders below.
    z: &'a [Tensor<f64>],
    names: &'a [String],
    /// The values at the point.
    y: Vec<Tensor<f64>>,
    /// The random cotangents that the values are contracted with, one set for each seed.
    cotangents: Vec<Vec<Tensor<f64>>>,
    /// The derivatives by the tape, for each set of cotangents and each part of the point.
    analytic: Vec<Vec<Tensor<f64>>>,
    /// The noise of each contraction.
    noise: Vec<f64>,
}

impl<'a, F> Check<'a, F>
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    /// `Ok(Err(reason))` where there is no derivative of that order.
    pub(super) fn new(
        settings: &'a GradCheck,
        function: &'a mut Function<F>,
        order: usize,
        z: &'a [Tensor<f64>],
        names: &'a [String],
        rng: &mut Rng,
    ) -> Result<std::result::Result<Self, String>> {
        let y = match function.values(order, z) {
            Ok(y) => y,
            Err(reason) => return Ok(Err(reason)),
        };
        if order == 1 {
            let again = function.values(order, z).unwrap_or_default();
            same_bits(&y, &again)?;
            all_finite("the value", &["the result ".into()], &y)?;
        }
        let cotangents: Vec<Vec<Tensor<f64>>> =
            (0..settings.seeds).map(|_| y.iter().map(|y| Tensor::randn(y.shape(), rng)).collect()).collect();
        let analytic = match function.derivatives(order, z, &cotangents) {
            Ok(analytic) => analytic,
            Err(reason) => return Ok(Err(reason)),
        };
        for derivatives in &analytic {
            all_finite(&format!("the derivative of order {order}"), names, derivatives)?;
        }
        Ok(Ok(Check { settings, function, order, z, names, y, cotangents, analytic, noise: Vec::new() }))
    }

    /// The first cotangents: the point at which the next order is checked is made of them.
    pub(super) fn cotangents(&self) -> &[Tensor<f64>] {
        &self.cotangents[0]
    }

    pub(super) fn run(mut self, rng: &mut Rng) -> Result<OrderReport> {
        let direction = self.direction(rng);
        // In proportion to tiny numbers too: the sample must be so close that the function is smooth over it.
        let size = |x: f64| if x == 0.0 { 1.0 } else { finite_size(x) };
        let nearby: Vec<_> = self.z.iter().map(|z| signs(z.shape(), rng) * z.map(size)).collect();
        self.noise = noise(&mut |t| self.along(&nearby, t));
        for (k, cotangents) in self.cotangents.iter().enumerate() {
            // At least the rounding of the values themselves, where the sample happened to be exact.
            let terms = self.y.iter().zip(cotangents).flat_map(|(y, c)| y.iter().zip(c.iter()));
            let rounding = 0.5 * f64::EPSILON * terms.map(|(y, c)| (y * c).powi(2)).sum::<f64>().sqrt();
            self.noise[k] = self.noise[k].max(rounding);
        }
        self.raise_noise_by_stairs(&nearby);

        let recorded = (self.order == 1).then(|| self.recorded()).flatten();
        let mut problems = Vec::new();
        let mut compared: Vec<Compared> = (0..self.z.len())
            .map(|i| Compared {
                name: self.names[i].clone(),
                analytic: self.analytic[0][i].clone(),
                numeric: vec![None; self.z[i].len()],
                wrong: 0,
                recorded: recorded.as_ref().map(|recorded| recorded[i].clone()),
            })
            .collect();
        let mut report = OrderReport {
            order: self.order,
            checked: 0,
            elements: self.z.iter().map(Tensor::len).sum(),
            kinks: 0,
            worst: Worst::default(),
            taylor_rate: None,
        };
        let mut worst_excess = -1.0;

        for (i, compared) in compared.iter_mut().enumerate() {
            for offset in sample(&self.z[i], self.settings.elements, rng) {
                report.checked += 1;
                let findings = self.element(i, offset);
                compared.numeric[offset] = Some(findings[0].numeric);
                let mut is_wrong = false;
                let mut has_kink = false;
                // One line of a message for each element: that of the cotangent with the largest error.
                let mut problem: Option<Problem> = None;
                for (k, finding) in findings.into_iter().enumerate() {
                    let analytic = self.analytic[k][i].as_slice()[offset];
                    let (name, index) = self.place(i, offset);
                    let element = Worst::new(name, i, index, analytic, finding.numeric);
                    let tolerance = self.claim(k, i, analytic).tolerance(finding.numeric);
                    if self.is_accepted(finding.verdict, analytic, tolerance) {
                        has_kink |= finding.verdict != Verdict::Agrees;
                        let excess = element.absolute / tolerance;
                        if finding.verdict == Verdict::Agrees && excess > worst_excess {
                            (worst_excess, report.worst) = (excess, element);
                        }
                        continue;
                    }
                    is_wrong |= finding.verdict == Verdict::Wrong;
                    if problem.as_ref().is_none_or(|known| known.element.absolute < element.absolute) {
                        problem = Some(Problem { element, finding });
                    }
                }
                problems.extend(problem);
                compared.wrong += usize::from(is_wrong);
                report.kinks += usize::from(has_kink);
            }
        }
        if problems.is_empty() {
            report.taylor_rate = self.directions(direction, rng, &mut problems);
        }
        if !problems.is_empty() {
            return Err(Error::invalid(describe(self.order, problems, &compared)));
        }
        if let Some(recorded) = recorded {
            self.paths_agree(&recorded, rng)?;
        }
        Ok(report)
    }

    /// Stairs that stand out from the noise of the contractions are noise themselves.
    fn raise_noise_by_stairs(&mut self, direction: &[Tensor<f64>]) {
        let contracted = |of_values: &[f64], cotangents: &[Tensor<f64>]| {
            let terms = cotangents.iter().flat_map(Tensor::iter).zip(of_values);
            terms.map(|(c, noise)| (c * noise).powi(2)).sum::<f64>().sqrt()
        };
        let stands_out = |noise: f64, known: f64| noise > 16.0 * known;
        // Mostly one wide sample shows that there are none.
        let widest = rise(&mut |t| self.values_along(direction, t), WIDEST);
        let mut known = self.cotangents.iter().zip(&self.noise);
        if !known.any(|(cotangents, known)| stands_out(contracted(&widest, cotangents), *known)) {
            return;
        }
        let roundings = self.y.iter().flat_map(Tensor::iter).map(|y| 0.5 * f64::EPSILON * y.abs());
        let mut profiles: Vec<Profile> = roundings.map(Profile::new).collect();
        for step in widths() {
            let rises = rise(&mut |t| self.values_along(direction, t), step);
            profiles.iter_mut().zip(rises).for_each(|(profile, rise)| profile.see(rise));
        }
        let of_values: Vec<f64> = profiles.iter().map(Profile::noise).collect();
        for (noise, cotangents) in self.noise.iter_mut().zip(&self.cotangents) {
            let stairs = contracted(&of_values, cotangents);
            if stands_out(stairs, *noise) {
                *noise = stairs;
            }
        }
    }

    /// All numbers of the result along a direction; NaN where there are none.
    fn values_along(&mut self, direction: &[Tensor<f64>], t: f64) -> Vec<f64> {
        let z = self.moved(direction, t);
        match self.function.values(self.order, &z) {
            Ok(y) => y.iter().flat_map(|y| y.as_slice().to_vec()).collect(),
            Err(_) => vec![f64::NAN; self.y.iter().map(Tensor::len).sum()],
        }
    }

    fn claim(&self, k: usize, i: usize, analytic: f64) -> Claim {
        let scale = self.analytic[k][i].iter().fold(0.0, |scale: f64, x| scale.max(x.abs()));
        Claim { analytic, noise: self.noise[k], scale, rtol: self.settings.rtol, atol: self.settings.atol }
    }

    /// What is asked of the derivative along a direction: as much as follows from what is asked of each element. The
    /// errors that are tolerated there add up as independent numbers do, and so do the slopes.
    fn claim_along(&self, k: usize, direction: &[Tensor<f64>]) -> Claim {
        let GradCheck { rtol, atol, .. } = *self.settings;
        let parts = self.analytic[k].iter().zip(direction).flat_map(|(a, v)| a.iter().zip(v.iter()));
        let [mut analytic, mut scale, mut error] = [0.0; 3];
        for (a, v) in parts {
            analytic += a * v;
            scale += (a * v).powi(2);
            error += (v * (atol + rtol * a.abs())).powi(2);
        }
        Claim { analytic, noise: self.noise[k], scale: scale.sqrt(), rtol, atol: error.sqrt() }
    }

    /// The verdicts on one element, one for each cotangent.
    fn element(&mut self, i: usize, offset: usize) -> Vec<Finding> {
        let x = self.z[i].as_slice()[offset];
        let claims: Vec<Claim> =
            (0..self.cotangents.len()).map(|k| self.claim(k, i, self.analytic[k][i].as_slice()[offset])).collect();
        let size = 2f64.powf(x.abs().max(1.0).log2().ceil());
        let step = self.settings.step.unwrap_or(STEP) * size;
        let mut line = |t: f64| {
            let mut z = self.z.to_vec();
            z[i].as_mut_slice()[offset] = x + t;
            ((x + t) - x, self.changes(&z))
        };
        let line: &mut Line<'_> = &mut line;
        let glance = glance(line, step, &claims);
        glance.unwrap_or_else(|| investigate(line, step, f64::EPSILON * x.abs().max(1e-12), &claims))
    }

    /// The remainders of Taylor's formula along random directions, which vary all elements at once. Where one does not
    /// fall as it should, differences along the same line say whether it is a wrong gradient or a kink.
    fn directions(&mut self, first: Vec<Tensor<f64>>, rng: &mut Rng, problems: &mut Vec<Problem>) -> Option<f64> {
        let mut lowest: Option<f64> = None;
        let mut direction = first;
        for k in 0..self.cotangents.len() {
            let claim = self.claim_along(k, &direction);
            let slope = claim.analytic;
            let mut line = |t: f64| self.along(&direction, t);
            let found = remainder(&mut line, k, slope, claim.noise);
            if let Remainder::Falls(rate) = found {
                lowest = Some(lowest.map_or(rate, |lowest| lowest.min(rate)));
                if rate < 1.9 {
                    let mut line = |t: f64| {
                        let (t, changes) = self.along(&direction, t);
                        (t, vec![changes[k]])
                    };
                    let mut finding = investigate(&mut line, STEP, f64::EPSILON, &[claim])[0];
                    if finding.verdict == Verdict::Agrees
                        && let Some([left, right]) = kink(&mut line, STEP, f64::EPSILON, 0, &claim)
                    {
                        finding.verdict = Verdict::Kink { left, right };
                    }
                    if !self.is_accepted(finding.verdict, slope, claim.tolerance(finding.numeric)) {
                        let name = "a random direction (all elements at once)".into();
                        let element = Worst::new(name, 0, Vec::new(), slope, finding.numeric);
                        problems.push(Problem { element, finding });
                    }
                }
            }
            direction = self.direction(rng);
        }
        lowest
    }

    fn is_accepted(&self, verdict: Verdict, analytic: f64, tolerance: f64) -> bool {
        match verdict {
            Verdict::Agrees => true,
            // Above the first order a kink of the function is a jump of its gradient, without a derivative.
            Verdict::Kink { left, right } => {
                let within = left.min(right) - tolerance..=left.max(right) + tolerance;
                self.settings.kinks && (self.order > 1 || within.contains(&analytic))
            }
            Verdict::Jump | Verdict::Edge => self.settings.kinks,
            Verdict::Wrong | Verdict::Unclear { .. } => false,
        }
    }

    /// The changes of all contractions from the point to another one.
    fn changes(&mut self, z: &[Tensor<f64>]) -> Vec<f64> {
        let Ok(y) = self.function.values(self.order, z) else { return vec![f64::NAN; self.cotangents.len()] };
        let change = |cotangents: &Vec<Tensor<f64>>| {
            let parts = self.y.iter().zip(&y).zip(cotangents);
            let terms = parts.flat_map(|((from, to), c)| from.iter().zip(to.iter()).zip(c.iter()));
            terms.map(|((from, to), c)| (to - from) * c).sum()
        };
        self.cotangents.iter().map(change).collect()
    }

    fn along(&mut self, direction: &[Tensor<f64>], t: f64) -> (f64, Vec<f64>) {
        let z = self.moved(direction, t);
        (t, self.changes(&z))
    }

    /// The point, moved along a direction.
    fn moved(&self, direction: &[Tensor<f64>], t: f64) -> Vec<Tensor<f64>> {
        let move_by = |(z, v): (&Tensor<f64>, &Tensor<f64>)| {
            let mut moved = z.clone();
            moved.update(|e, x| x + t * v.as_slice()[e]);
            moved
        };
        self.z.iter().zip(direction).map(move_by).collect()
    }

    /// A random direction, for each element in proportion to its size.
    fn direction(&self, rng: &mut Rng) -> Vec<Tensor<f64>> {
        let size = |x: f64| finite_size(x).max(if x.is_finite() { 1.0 } else { 0.0 });
        self.z.iter().map(|z| z.map(size) * Tensor::randn(z.shape(), rng)).collect()
    }

    /// How an element is called.
    fn place(&self, i: usize, offset: usize) -> (String, Vec<usize>) {
        let index = index_of(offset, self.z[i].shape());
        (element_name(&self.names[i], &index), index)
    }
}

/// The size of a number, but 0 for an infinite one, which stays where it is.
fn finite_size(x: f64) -> f64 {
    if x.is_finite() { x.abs() } else { 0.0 }
}

/// Numbers near 1 and -1.
fn signs(shape: &[usize], rng: &mut Rng) -> Tensor<f64> {
    let mut signs = Tensor::rand(shape, rng);
    signs.update(|_, u| if u < 0.5 { -0.5 - u } else { u });
    signs
}

fn index_of(offset: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = offset;
    let mut index = vec![0; shape.len()];
    for (i, size) in index.iter_mut().zip(shape).rev() {
        *i = rest % size;
        rest /= size;
    }
    index
}

fn element_name(name: &str, index: &[usize]) -> String {
    if index.is_empty() { name.trim().into() } else { format!("{name}{index:?}") }
}

/// At most `most` different positions, in order; all that can be varied if there are no more.
fn sample(z: &Tensor<f64>, most: usize, rng: &mut Rng) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..z.len()).filter(|i| z.as_slice()[*i].is_finite()).collect();
    if positions.len() > most {
        rng::shuffle(rng, &mut positions);
        positions.truncate(most);
        positions.sort_unstable();
    }
    positions
}

fn all_finite(what: &str, names: &[String], tensors: &[Tensor<f64>]) -> Result<()> {
    for (name, tensor) in names.iter().zip(tensors) {
        if let Some(offset) = tensor.iter().position(|x| !x.is_finite()) {
            let (value, index) = (tensor.as_slice()[offset], index_of(offset, tensor.shape()));
            return Err(Error::invalid(format!("{what} is {value} at {}", element_name(name, &index))));
        }
    }
    Ok(())
}

fn same_bits(first: &[Tensor<f64>], second: &[Tensor<f64>]) -> Result<()> {
    let bits = |y: &[Tensor<f64>]| y.iter().flat_map(|y| y.iter().map(|x| x.to_bits())).collect::<Vec<_>>();
    if bits(first) == bits(second) {
        return Ok(());
    }
    Err(Error::invalid(
        "the function is not deterministic: two evaluations at the same inputs differ. If it draws random numbers (a \
         dropout of its own), fix their seed inside the function; if it keeps state between calls, reset it there",
    ))
}
