//! Plateaus: numbers of a result that stand still at tiny steps, because something inside rounds the input (an offset of
//! 1e7, single precision), while larger steps move them. What stands still so says nothing about the slope; here is the
//! noise that follows from it. Differences are in `difference`.

/// What the numbers of a result do on the way down a ladder of steps.
#[derive(Default)]
pub(super) struct Plateaus {
    /// The changes to the left, until those to the right of the same step have come.
    left: Option<Vec<f64>>,
    parts: Vec<Part>,
}

/// One number of the result.
#[derive(Clone, Copy)]
struct Part {
    /// The smallest change that is not 0: the height of a stair, where it is a staircase.
    least: f64,
    largest: f64,
    /// Whether a step moved it on both sides.
    moved: bool,
    /// Whether it stood still on both sides after that.
    still: bool,
}

impl Plateaus {
    /// Takes the changes of all numbers, of a step to the left and to the right in turn, from large steps to small.
    pub(super) fn see(&mut self, changes: impl Iterator<Item = f64>) {
        let Some(left) = self.left.take() else {
            self.left = Some(changes.collect());
            return;
        };
        let unseen = Part { least: f64::INFINITY, largest: 0.0, moved: false, still: false };
        self.parts.resize(left.len(), unseen);
        for ((part, left), right) in self.parts.iter_mut().zip(left).zip(changes) {
            for size in [left.abs(), right.abs()] {
                if size > 0.0 && size.is_finite() {
                    part.least = part.least.min(size);
                    part.largest = part.largest.max(size);
                }
            }
            part.moved |= left != 0.0 && right != 0.0;
            // With a single side that stands still it is a kink, and the flat side is as good as the other.
            part.still = part.moved && left == 0.0 && right == 0.0;
        }
    }

    /// The noise of the numbers that ended on a plateau, contracted with a cotangent.
    pub(super) fn noise<'c>(&self, cotangent: impl Iterator<Item = &'c f64>) -> f64 {
        // A fine staircase is rounding; a few high stairs are the function's own, and flat is what it is between them.
        let is_rounding = |part: &Part| part.still && part.largest >= 16.0 * part.least;
        let stairs = self.parts.iter().zip(cotangent).filter(|(part, _)| is_rounding(part));
        // Rounding to multiples of a height has a standard deviation of the height over the root of 12.
        (stairs.map(|(part, c)| (part.least * c).powi(2)).sum::<f64>() / 12.0).sqrt()
    }
}
