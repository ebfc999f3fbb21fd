//! Differences along one line: estimates of a derivative from values alone, each with a bound on its own error, and the
//! verdict on a derivative that is claimed. Which lines are looked at is decided a level up, and how large the noise of
//! a function is in `noise`.
//!
//! The estimate is a central difference with one step of Richardson's extrapolation, so that two step sizes give the
//! value and three give its uncertainty. Where the first try, with a step near the cube root of the rounding unit, does
//! not agree, the whole ladder of steps is walked and the estimate with the least uncertainty decides. An uncertainty
//! is the change from one step size to the next (truncation) plus the measured noise of the function over the step
//! (round-off). So a wrong derivative cannot pass by finding one lucky step, and a right one is not flagged because one
//! step fits all functions badly.

/// The largest step of the ladder, in steps of the first try: by this one it is half the size of a number.
const LARGEST: f64 = 65536.0;

/// What noise leaves to be seen of a derivative, relative to it or to others of the same input. Where it is less, there
/// is no verdict.
const RESOLUTION: f64 = 1e-4;

/// Differences of several functions (one for each random cotangent) at one step size.
pub(super) struct Level {
    /// The step.
    step: f64,
    /// The slopes to the left and to the right.
    sides: Vec<[f64; 2]>,
}

/// The functions along a line, with the origin's values taken away. Given a displacement, it answers with the
/// displacement that could be made and the changes of the values.
pub(super) type Line<'a> = dyn FnMut(f64) -> (f64, Vec<f64>) + 'a;

impl Level {
    fn measure(line: &mut Line<'_>, step: f64) -> Self {
        let [(left, below), (right, above)] = [line(-step), line(step)];
        Level { step, sides: below.iter().zip(&above).map(|(l, r)| [l / left, r / right]).collect() }
    }

    fn central(&self, k: usize) -> f64 {
        let [left, right] = self.sides[k];
        0.5 * (left + right)
    }

    /// The larger change of the value, of the two sides.
    fn change(&self, k: usize) -> f64 {
        let [left, right] = self.sides[k];
        self.step * left.abs().max(right.abs())
    }

    /// How far the slopes of the two sides are apart.
    fn gap(&self, k: usize) -> f64 {
        let [left, right] = self.sides[k];
        (right - left).abs()
    }
}

/// What is asked of one derivative.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    /// The derivative that is claimed.
    pub(super) analytic: f64,
    /// The noise in values of the function.
    pub(super) noise: f64,
    /// The size that derivatives of the same input have, for judging whether an estimate says anything.
    pub(super) scale: f64,
    pub(super) rtol: f64,
    pub(super) atol: f64,
}

impl Claim {
    pub(super) fn tolerance(&self, numeric: f64) -> f64 {
        self.atol + self.rtol * self.analytic.abs().max(numeric.abs())
    }
}

/// What the differences say about a derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Agrees,
    Wrong,
    /// The slopes of the two sides differ, however small the step.
    Kink {
        left: f64,
        right: f64,
    },
    /// The value itself jumps within the step.
    Jump,
    /// The function has no finite value on one side, however small the step.
    Edge,
    /// The function is too noisy for a verdict.
    Unclear {
        uncertainty: f64,
    },
}

/// An estimate and the verdict drawn from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finding {
    pub(super) numeric: f64,
    pub(super) verdict: Verdict,
}

/// Two step sizes: enough where all is well. `None` where the claim is not confirmed.
pub(super) fn glance(line: &mut Line<'_>, step: f64, claims: &[Claim]) -> Option<Vec<Finding>> {
    let levels = [Level::measure(line, step), Level::measure(line, 0.5 * step)];
    let findings = claims.iter().enumerate().map(|(k, claim)| {
        let numeric = (4.0 * levels[1].central(k) - levels[0].central(k)) / 3.0;
        // Written so that a NaN does not agree.
        let agrees = (claim.analytic - numeric).abs() <= claim.tolerance(numeric);
        agrees.then_some(Finding { numeric, verdict: Verdict::Agrees })
    });
    findings.collect()
}

/// Walks the ladder of steps around `step`, from large to small, by factors of 4. `resolution` is the spacing of
/// numbers on the line.
pub(super) fn investigate(line: &mut Line<'_>, step: f64, resolution: f64, claims: &[Claim]) -> Vec<Finding> {
    let mut levels: Vec<Level> = Vec::new();
    let mut step = LARGEST * step;
    while step > 32.0 * resolution {
        levels.push(Level::measure(line, step));
        step *= 0.25;
        // Smaller steps say nothing more where the values do not change by more than their noise. Four in a row:
        // enough for an estimate on this side of a kink.
        let is_lost = |(k, claim): (usize, &Claim)| {
            let known = finite_tail(&levels, k);
            known.len() >= 6 && known[known.len() - 4..].iter().all(|level| level.change(k) < 10.0 * claim.noise)
        };
        if claims.iter().enumerate().all(is_lost) {
            break;
        }
    }
    claims.iter().enumerate().map(|(k, claim)| judge(finite_tail(&levels, k), k, claim)).collect()
}

/// Whether the slopes of the two sides stay apart as the step shrinks, at the smallest steps that say something.
pub(super) fn kink(line: &mut Line<'_>, step: f64, resolution: f64, k: usize, claim: &Claim) -> Option<[f64; 2]> {
    let mut levels = Vec::new();
    let mut step = LARGEST * step;
    while step > 32.0 * resolution {
        levels.push(Level::measure(line, step));
        step *= 0.25;
    }
    any_kink(finite_tail(&levels, k), k, claim)
}

/// The levels at small steps, down from the first at which all values are finite from there on.
fn finite_tail(levels: &[Level], k: usize) -> &[Level] {
    let is_finite = |level: &Level| level.sides[k].iter().all(|slope| slope.is_finite());
    let start = levels.iter().rposition(|level| !is_finite(level)).map_or(0, |last| last + 1);
    &levels[start..]
}

struct Estimate {
    numeric: f64,
    uncertainty: f64,
    /// The smallest of the steps it is made from.
    level: usize,
}

/// The estimate with the least uncertainty, of those that do not contradict one with a smaller step. (Where a kink or a
/// pole lies at a small distance, large steps give estimates that agree well with each other, and are wrong.)
fn best_estimate(levels: &[Level], k: usize, claim: &Claim) -> Option<Estimate> {
    let extrapolated = |j: usize| (16.0 * levels[j + 1].central(k) - levels[j].central(k)) / 15.0;
    let estimate = |j: usize| {
        let numeric = extrapolated(j);
        let round_off = 4.0 * claim.noise / levels[j + 1].step + 4.0 * f64::EPSILON * numeric.abs();
        Estimate { numeric, uncertainty: (numeric - extrapolated(j - 1)).abs() + round_off, level: j + 1 }
    };
    let mut consistent: Vec<Estimate> = Vec::new();
    for candidate in (1..levels.len().saturating_sub(1)).rev().map(estimate) {
        let contradicts = |smaller: &Estimate| {
            (candidate.numeric - smaller.numeric).abs() > 3.0 * (candidate.uncertainty + smaller.uncertainty)
        };
        if !consistent.iter().any(contradicts) {
            consistent.push(candidate);
        }
    }
    consistent.into_iter().min_by(|a, b| a.uncertainty.total_cmp(&b.uncertainty))
}

fn judge(levels: &[Level], k: usize, claim: &Claim) -> Finding {
    let Some(best) = best_estimate(levels, k, claim) else {
        return Finding { numeric: f64::NAN, verdict: Verdict::Edge };
    };
    let Estimate { numeric, uncertainty, level } = best;
    let error = (claim.analytic - numeric).abs();
    let tolerance = claim.tolerance(numeric);
    let says_something = uncertainty <= tolerance.max(RESOLUTION * numeric.abs().max(claim.scale));
    let verdict = if error <= tolerance + 3.0 * uncertainty && says_something {
        Verdict::Agrees
    } else if jumps(levels, k, claim) {
        Verdict::Jump
    } else if let Some([left, right]) = kink_at(levels, k, level, claim) {
        Verdict::Kink { left, right }
    } else if error > tolerance + 3.0 * uncertainty {
        Verdict::Wrong
    } else if let Some([left, right]) = any_kink(levels, k, claim) {
        Verdict::Kink { left, right }
    } else {
        Verdict::Unclear { uncertainty }
    };
    Finding { numeric, verdict }
}

/// Of a smooth function, the slopes of the two sides come together like the step; here they do not.
fn kink_at(levels: &[Level], k: usize, level: usize, claim: &Claim) -> Option<[f64; 2]> {
    let [first, second, third] = levels.get(level.checked_sub(2)?..=level)? else { return None };
    let above_noise =
        third.gap(k) > 50.0 * claim.noise / third.step && third.gap(k) > claim.tolerance(third.central(k));
    let stays = second.gap(k) > 0.6 * first.gap(k) && third.gap(k) > 0.6 * second.gap(k);
    (above_noise && stays).then_some(third.sides[k])
}

/// A kink at the smallest steps at which one could be seen.
fn any_kink(levels: &[Level], k: usize, claim: &Claim) -> Option<[f64; 2]> {
    let visible = |j: usize, gap: f64| gap > 50.0 * claim.noise / levels[j].step;
    let last = (2..levels.len()).rev().find(|&j| visible(j, levels[j].gap(k)))?;
    let gap = levels[last].gap(k);
    // A jump would have slopes that grow as the step shrinks; and a kink would be seen at the next step too.
    let is_kink = gap < 1.7 * levels[last - 1].gap(k) && (last + 1 == levels.len() || !visible(last + 1, 0.5 * gap));
    if is_kink { kink_at(levels, k, last, claim) } else { None }
}

/// Whether the change of the value stays as the step shrinks.
fn jumps(levels: &[Level], k: usize, claim: &Claim) -> bool {
    let [.., first, second, third] = levels else { return false };
    (0..2).any(|side| {
        let change = |level: &Level| (level.sides[k][side] * level.step).abs();
        let last = change(third);
        let above_noise = last > 100.0 * claim.noise && last > 1e3 * third.step * claim.scale.max(claim.atol);
        above_noise && [first, second].iter().all(|level| (change(level) / last - 1.0).abs() < 0.2)
    })
}
