//! The noise in values of a function, which bounds what a difference of them can say. What is said is in `difference`.
//!
//! Mostly it is the rounding of each operation, which nine values very close to each other show. But where something
//! inside rounds the input (an offset of 1e7, single precision), the values are a staircase: tiny steps change nothing,
//! and a sample among them finds no noise. It is found by widening the sample: see [`Profile`].

use super::difference::Line;

/// How many values a sample of [`rise`] has.
const SAMPLE: usize = 17;

/// The noise of functions in a neighbourhood in which they are smooth: the fourth differences of nine values very close
/// to each other. Hamming's method, as in Moré and Wild, "Estimating computational noise", 2011.
pub(super) fn noise(line: &mut Line<'_>) -> Vec<f64> {
    let mut values: Vec<Vec<f64>> = (1..=9).map(|i| line(f64::from(i) * 2f64.powi(-40)).1).collect();
    for _ in 0..4 {
        values = values
            .windows(2)
            .map(|pair| pair[1].iter().zip(&pair[0]).map(|(later, earlier)| later - earlier).collect())
            .collect();
    }
    // The variance of a fourth difference of independent errors is (8 choose 4) times theirs.
    let functions = values[0].len();
    let mean = |k: usize| values.iter().map(|row| row[k] * row[k]).sum::<f64>() / values.len() as f64;
    (0..functions).map(|k| (mean(k) / 70.0).sqrt()).collect()
}

/// The noise of each of many numbers, by the median of the fourth differences of 17 values near multiples of a step: so
/// that a kink or a jump among them, which meets five differences of the 13, counts for nothing.
///
/// They are not evenly spaced: steps that happen to be a multiple of the width of stairs would see none.
pub(super) fn rise(values: &mut dyn FnMut(f64) -> Vec<f64>, step: f64) -> Vec<f64> {
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    let points: Vec<f64> = (1..=SAMPLE).map(|i| i as f64 + 0.5 * (i as f64 * golden).fract()).collect();
    let values: Vec<Vec<f64>> = points.iter().map(|point| values(point * step)).collect();
    let weights: Vec<[f64; 5]> = points.windows(5).map(fourth_difference).collect();
    let median = |e: usize| {
        let difference = |(i, weights): (usize, &[f64; 5])| {
            let from = values[i][e];
            (0..5).map(|j| weights[j] * (values[i + j][e] - from)).sum::<f64>().abs()
        };
        let mut differences: Vec<f64> = weights.iter().enumerate().map(difference).collect();
        differences.sort_by(f64::total_cmp);
        // That of the sizes of independent normal numbers is 0.6745 of their standard deviation.
        let median = differences[differences.len() / 2] / 0.6745;
        if median.is_finite() { median } else { 0.0 }
    };
    (0..values[0].len()).map(median).collect()
}

/// The weights of values at five points in the divided difference, which is 0 for every cubic polynomial; scaled so
/// that of independent numbers it has their own variance.
fn fourth_difference(points: &[f64]) -> [f64; 5] {
    let others = |j: usize| (0..5).filter(move |i| *i != j);
    let weights = std::array::from_fn(|j| 1.0 / others(j).map(|i| points[j] - points[i]).product::<f64>());
    let norm = weights.iter().map(|w: &f64| w * w).sum::<f64>().sqrt();
    weights.map(|w| w / norm)
}

/// The step of the one sample that mostly shows that there are no stairs, relative to the input.
pub(super) const WIDEST: f64 = 1.0 / (1 << 20) as f64;

/// The steps of the samples of a [`Profile`], from the least to the widest and one beyond, by factors of 4.
pub(super) fn widths() -> impl Iterator<Item = f64> {
    (0..=11).map(|i| 2f64.powi(2 * i - 40))
}

/// What stands out as noise of one number while the sample grows wider, by [`widths`].
///
/// The noise of a sample stays what it is as the step grows fourfold; it leaps where the steps reach the width of
/// stairs, and stays again. Of a smooth function, what looks like noise grows 256-fold with each such step: from the
/// first time that it grows and goes on growing, samples tell of the function and no longer of its noise. (Once the
/// sample is wider than a swing of the function, there is no growth any more, but one has come through it to there.)
#[derive(Clone, Copy)]
pub(super) struct Profile {
    /// The noise that is known from smaller steps.
    noise: f64,
    /// A rise above it, of which the next step decides whether it is stairs.
    risen: Option<f64>,
    /// Whether the function's own shape shows at larger steps.
    is_resolved: bool,
}

impl Profile {
    /// Begins with the rounding of the number itself.
    pub(super) fn new(rounding: f64) -> Self {
        Profile { noise: rounding, risen: None, is_resolved: false }
    }

    /// Takes what a sample of the next width shows.
    pub(super) fn see(&mut self, rise: f64) {
        // Halfway between staying and growing 256-fold. Where the stairs of many inputs cross, a sample meets some of
        // them first, and more with the next.
        let grows = |from: f64| rise > 16.0 * from;
        match self.risen {
            _ if self.is_resolved => {}
            Some(risen) if grows(4.0 * risen) => self.is_resolved = true,
            Some(risen) if grows(risen) => self.risen = Some(rise),
            Some(risen) => (self.noise, self.risen) = (risen.max(rise), None),
            None if grows(self.noise) => self.risen = Some(rise),
            None => {}
        }
    }

    pub(super) fn noise(&self) -> f64 {
        self.noise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The noise that is found of a function around a number, beyond its rounding.
    fn found(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        let mut profile = Profile::new(0.5 * f64::EPSILON * f(x).abs());
        for step in widths() {
            profile.see(rise(&mut |t| vec![f(x + t * x)], step)[0]);
        }
        profile.noise()
    }

    #[test]
    fn stairs_are_noise_of_about_their_height() {
        for offset in [1e5, 1e6, 1e7, 1e8, 1e9] {
            let height = f64::EPSILON * offset;
            let noise = found(|x| (x + offset) - offset, 0.7);
            assert!((0.1 * height..2.0 * height).contains(&noise), "{offset}: {noise} of {height}");
        }
        let noise = found(|x| f64::from(x as f32), 0.7);
        assert!((1e-8..1e-7).contains(&noise), "{noise}");
    }

    #[test]
    fn what_a_smooth_function_does_between_the_steps_is_no_noise() {
        assert!(found(|x| x.sin(), 0.7) < 1e-15);
        // Swings of 1e-6, 1e-9 and 1e-11 of the input: the rounding of the input is all there is.
        for frequency in [1e6, 1e9, 1e11] {
            let noise = found(|x| (x * frequency).sin(), 0.7);
            assert!(noise < 100.0 * f64::EPSILON * frequency, "{frequency}: {noise}");
        }
        // Without rounding, from 0 on.
        assert!(found(|x| (x - 0.7).powi(5), 0.7) < 1e-40);
    }
}
