//! Handwritten digits made from nothing: a pen path from `glyphs`, the hand that writes it, and the ink on a grid of
//! pixels. The paths themselves are in `glyphs`.

use super::glyphs::{DIGITS, Stroke, Style};
use super::{balanced, dataset};
use crate::data::Dataset;
use crate::rng::{Rng, below, normal, uniform};

/// Height and width of an image.
const SIDE: usize = 28;

/// How many straight pieces a curve has between two points of its path.
const PIECES: usize = 6;

type Point = (f64, f64);

/// Images of handwritten digits for which no file is needed: as MNIST, `n` rows of 784 = 28 x 28 pixels from 0 (paper)
/// to 1 (ink), row by row from the top, and the classes 0 to 9, equally many of each, in random order.
///
/// Each digit is written in one of three ways, by a hand of its own slant, size, proportions and steadiness, with a pen
/// of its own width; the image is noisy, and here and there a spot of ink is missing or too much. With 10,000 images to
/// learn from, a linear model gets about nine of ten right, and a network with one hidden layer clearly more.
///
/// ```
/// let (train, test) = (gradtape::data::synthetic::digits(100, 1), gradtape::data::synthetic::digits(20, 2));
/// assert_eq!((train.inputs().shape(), train.class_count()), (&[100, 784][..], Some(10)));
/// assert!(test.inputs().as_slice().iter().all(|pixel| (0.0..=1.0).contains(pixel)));
/// ```
pub fn digits(n: usize, seed: u64) -> Dataset<f32> {
    let mut rng = Rng::new(seed);
    let labels = balanced(n, DIGITS.len(), &mut rng);
    let mut pixels = vec![0.0; n * SIDE * SIDE];
    for (image, &digit) in pixels.chunks_exact_mut(SIDE * SIDE).zip(&labels) {
        let styles = DIGITS[digit];
        write(styles[below(&mut rng, styles.len())], image, &mut rng);
    }
    dataset(pixels, SIDE * SIDE, labels)
}

/// Writes a digit on white paper.
fn write(style: Style, image: &mut [f32], rng: &mut Rng) {
    let hand = Hand::draw(rng);
    let mut ink = Ink::new(between(rng, 0.75, 1.6));
    let mut end = None;
    for stroke in style {
        let path = hand.path(stroke, end, rng);
        end = stroke.last().copied().zip(path.last().copied());
        ink.follow(&path);
    }
    ink.dry(between(rng, 0.75, 1.0), image);
    spot(image, rng);
    let noise = between(rng, 0.02, 0.10);
    for pixel in image {
        *pixel = (f64::from(*pixel) + noise * normal(rng)).clamp(0.0, 1.0) as f32;
    }
}

/// How a hand moves the pen: an affine map from the unit square of the glyphs to pixels, and how much it trembles.
struct Hand {
    right: Point,
    down: Point,
    middle: Point,
    tremble: f64,
}

impl Hand {
    fn draw(rng: &mut Rng) -> Hand {
        let height = between(rng, 15.0, 21.0);
        let width = height * between(rng, 0.60, 1.0);
        let slant = 0.22 * normal(rng).clamp(-2.5, 2.5);
        // A rotation by the angle whose half has this tangent, without a sine.
        let half = 0.07 * normal(rng).clamp(-2.5, 2.5);
        let (cos, sin) = ((1.0 - half * half) / (1.0 + half * half), 2.0 * half / (1.0 + half * half));
        Hand {
            right: (width * cos, width * sin),
            down: (-height * (slant * cos + sin), height * (cos - slant * sin)),
            middle: (SIDE as f64 / 2.0 + between(rng, -2.0, 2.0), SIDE as f64 / 2.0 + between(rng, -2.0, 2.0)),
            tremble: between(rng, 0.01, 0.04),
        }
    }

    /// Where the pen goes for a stroke: its points, none of them quite met, and a smooth curve through them. `end` is
    /// the last point of the stroke before, and where it was put; a stroke that starts at the same point starts there.
    fn path(&self, stroke: Stroke, end: Option<((u8, u8), Point)>, rng: &mut Rng) -> Vec<Point> {
        let mut points: Vec<Point> = stroke
            .iter()
            .map(|&(x, y)| {
                let [x, y] = [x, y].map(|z| f64::from(z) / 100.0 - 0.5 + self.tremble * normal(rng));
                let place = |middle: f64, right: f64, down: f64| middle + x * right + y * down;
                (place(self.middle.0, self.right.0, self.down.0), place(self.middle.1, self.right.1, self.down.1))
            })
            .collect();
        if let Some((point, place)) = end
            && stroke[0] == point
        {
            points[0] = place;
        }
        let closed = stroke.first() == stroke.last();
        if closed {
            points.pop();
        }
        curve(&points, closed)
    }
}

/// Points along the Catmull-Rom spline through the given ones: each piece is the cubic that at its two ends has the
/// direction from the neighbour before to the neighbour after.
fn curve(points: &[Point], closed: bool) -> Vec<Point> {
    let n = points.len() as isize;
    let at = |i: isize| points[if closed { i.rem_euclid(n) } else { i.clamp(0, n - 1) } as usize];
    let spans = if closed { n } else { n - 1 };
    let mut path = vec![points[0]];
    for span in 0..spans {
        let [p, q, r, s] = [at(span - 1), at(span), at(span + 1), at(span + 2)];
        for piece in 1..=PIECES {
            let t = piece as f64 / PIECES as f64;
            let cubic = |p: f64, q: f64, r: f64, s: f64| {
                let (b, c, d) = (r - p, 2.0 * p - 5.0 * q + 4.0 * r - s, s - p + 3.0 * (q - r));
                q + 0.5 * t * (b + t * (c + t * d))
            };
            path.push((cubic(p.0, q.0, r.0, s.0), cubic(p.1, q.1, r.1, s.1)));
        }
    }
    path
}

/// Wet ink: for every pixel the square of its distance from the path of the pen, as far as the pen reaches.
struct Ink {
    radius: f64,
    squares: [f64; SIDE * SIDE],
}

impl Ink {
    fn new(radius: f64) -> Ink {
        Ink { radius, squares: [f64::INFINITY; SIDE * SIDE] }
    }

    fn follow(&mut self, path: &[Point]) {
        let reach = self.radius + 0.5;
        for ends in path.windows(2) {
            let ((x0, y0), (x1, y1)) = (ends[0], ends[1]);
            let (dx, dy) = (x1 - x0, y1 - y0);
            let length = (dx * dx + dy * dy).max(f64::MIN_POSITIVE);
            for row in pixels(y0.min(y1) - reach, y0.max(y1) + reach) {
                for column in pixels(x0.min(x1) - reach, x0.max(x1) + reach) {
                    let (x, y) = (column as f64 + 0.5 - x0, row as f64 + 0.5 - y0);
                    let along = ((x * dx + y * dy) / length).clamp(0.0, 1.0);
                    let (x, y) = (x - along * dx, y - along * dy);
                    let square = &mut self.squares[row * SIDE + column];
                    *square = square.min(x * x + y * y);
                }
            }
        }
    }

    /// The image of the ink: full within the width of the pen, with an edge of one pixel.
    fn dry(&self, darkness: f64, image: &mut [f32]) {
        for (pixel, square) in image.iter_mut().zip(&self.squares) {
            *pixel = (darkness * (self.radius + 0.5 - square.sqrt()).clamp(0.0, 1.0)) as f32;
        }
    }
}

/// Sometimes a few spots, on which the ink is gone or which are ink where none should be.
fn spot(image: &mut [f32], rng: &mut Rng) {
    if uniform(rng) > 0.3 {
        return;
    }
    for _ in 0..1 + below(rng, 3) {
        let (x, y) = (between(rng, 3.0, 25.0), between(rng, 3.0, 25.0));
        let (radius, shade) = (between(rng, 0.8, 2.0), if uniform(rng) < 0.6 { 0.0 } else { uniform(rng) });
        for row in pixels(y - radius, y + radius) {
            for column in pixels(x - radius, x + radius) {
                let (dx, dy) = (column as f64 + 0.5 - x, row as f64 + 0.5 - y);
                if dx * dx + dy * dy <= radius * radius {
                    image[row * SIDE + column] = shade as f32;
                }
            }
        }
    }
}

/// The pixels, along one axis, whose middle may lie between two coordinates.
fn pixels(from: f64, to: f64) -> std::ops::Range<usize> {
    from.max(0.0) as usize..(to + 1.0).clamp(0.0, SIDE as f64) as usize
}

/// A number between two others.
fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * uniform(rng)
}
