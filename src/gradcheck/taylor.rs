//! The test that needs no step: the remainder of Taylor's formula falls with the square of the step, or the gradient is
//! wrong.

use super::difference::Line;

/// What the remainders `|f(x + h v) - f(x) - h g·v|` say, for a ladder of h.
pub(super) enum Remainder {
    /// They fall like this power of h. 2 or more where the gradient is right, 1 where it is wrong.
    Falls(f64),
    /// They are round-off: the function is linear in this direction, or nearly.
    RoundOff,
}

/// Fits the rate at which the remainder falls, at the smallest steps at which it stands out from round-off.
pub(super) fn remainder(line: &mut Line<'_>, k: usize, slope: f64, noise: f64) -> Remainder {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut below = 0;
    for i in 3..40 {
        let (step, change) = line(2f64.powi(-i));
        let remainder = (change[k] - step * slope).abs();
        let floor = 100.0 * (noise + f64::EPSILON * (step * slope).abs());
        if !remainder.is_finite() {
            points.clear();
            below = 0;
        } else if remainder > floor {
            below = 0;
            points.push((step.ln(), remainder.ln()));
        } else {
            below += 1;
            if below == 1 && remainder > 0.0 {
                // Nearly as good as those above the floor; and it shows where a kink is left behind.
                points.push((step.ln(), remainder.max(0.01 * floor).ln()));
            }
        }
        if below == 4 {
            break;
        }
    }
    let points = &points[points.len().saturating_sub(5)..];
    if points.len() < 3 {
        return Remainder::RoundOff;
    }
    let n = points.len() as f64;
    let [mean_x, mean_y] = [points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n];
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    Remainder::Falls(covariance / variance)
}
