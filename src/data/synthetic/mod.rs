//! Problems made from nothing but a seed: small ones to try things out, and handwritten [`digits()`] for which no file
//! is needed. Data read from files live elsewhere.
//!
//! The same arguments give the same numbers on every platform: only `+ - * /` and square roots make them (see
//! [`rng::normal`] for the one exception of no consequence).

mod digits;
mod glyphs;

pub use digits::digits;

use super::Dataset;
use crate::rng::{self, Rng, normal, uniform};
use crate::{Tensor, data::Target};

/// Exclusive or, the smallest problem that no linear model solves: the four rows of two bits, targets `[4, 1]`.
///
/// ```
/// use gradtape::data::synthetic;
///
/// let data = synthetic::xor();
/// assert_eq!(data.inputs().as_slice(), [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
/// assert_eq!(data.targets().values().unwrap().as_slice(), [0.0, 1.0, 1.0, 0.0]);
/// ```
pub fn xor() -> Dataset<f32> {
    dataset([0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0].to_vec(), 2, [[0.0], [1.0], [1.0], [0.0]])
}

/// Two half circles of radius 1, one around (0, 0) and one around (1, 0.5) upside down, each reaching into the other;
/// `n` points in turn from both, in random order, classes 0 and 1. `noise` is the standard deviation of what is added
/// to each coordinate; 0.1 is usual.
///
/// ```
/// let moons = gradtape::data::synthetic::moons(100, 0.1, 7);
/// assert_eq!((moons.inputs().shape(), moons.class_count()), (&[100, 2][..], Some(2)));
/// ```
pub fn moons(n: usize, noise: f64, seed: u64) -> Dataset<f32> {
    let mut rng = Rng::new(seed);
    let place = |rng: &mut Rng, class| {
        let (x, y) = direction(0.5 * uniform(rng));
        if class == 0 { (x, y) } else { (1.0 - x, 0.5 - y) }
    };
    points(n, 2, noise, &mut rng, place)
}

/// Spirals from the centre outwards to radius 1, one for each class, three quarters of a turn long; `n` points in turn
/// from each, in random order. `noise` is the standard deviation of what is added to each coordinate; 0.02 is mild.
///
/// # Panics
///
/// If there is no class.
///
/// ```
/// let spirals = gradtape::data::synthetic::spirals(300, 3, 0.02, 7);
/// assert_eq!((spirals.inputs().shape(), spirals.class_count()), (&[300, 2][..], Some(3)));
/// ```
#[track_caller]
pub fn spirals(n: usize, classes: usize, noise: f64, seed: u64) -> Dataset<f32> {
    assert!(classes > 0, "spirals: 0 classes; there must be at least one");
    let mut rng = Rng::new(seed);
    let place = |rng: &mut Rng, class| {
        let radius = uniform(rng);
        let (x, y) = direction(class as f64 / classes as f64 + 0.75 * radius);
        (radius * x, radius * y)
    };
    points(n, classes, noise, &mut rng, place)
}

/// `n` points in the plane, balanced over the classes and in random order, each at its place plus noise.
fn points(
    n: usize,
    classes: usize,
    noise: f64,
    rng: &mut Rng,
    place: impl Fn(&mut Rng, usize) -> (f64, f64),
) -> Dataset<f32> {
    let labels = balanced(n, classes, rng);
    let mut coordinates = Vec::with_capacity(2 * n);
    for &class in &labels {
        let (x, y) = place(rng, class);
        coordinates.extend([x, y].map(|exact| (exact + noise * normal(rng)) as f32));
    }
    dataset(coordinates, 2, labels)
}

/// Class numbers, as nearly equally many of each as can be, in random order.
fn balanced(n: usize, classes: usize, rng: &mut Rng) -> Vec<usize> {
    let mut labels: Vec<usize> = (0..n).map(|row| row % classes).collect();
    rng::shuffle(rng, &mut labels);
    labels
}

/// A data set of inputs that are known to be rows of this width, one for each target.
fn dataset(inputs: Vec<f32>, width: usize, targets: impl Into<Target<f32>>) -> Dataset<f32> {
    let targets = targets.into();
    Tensor::from_vec(inputs, [targets.len(), width])
        .and_then(|inputs| Dataset::new(inputs, targets))
        .expect("a row of inputs for each target")
}

/// The point of the unit circle at this share of a full turn from (1, 0).
///
/// The sine of the standard library may differ between platforms in its last bit. This one is a Taylor polynomial at
/// 1/1024 of the angle, whose error is below rounding there, doubled ten times; it is good to about 12 digits.
fn direction(turns: f64) -> (f64, f64) {
    let angle = turns * std::f64::consts::TAU / 1024.0;
    let square = angle * angle;
    let mut cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
    let mut sin = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    for _ in 0..10 {
        (cos, sin) = (cos * cos - sin * sin, 2.0 * sin * cos);
    }
    (cos, sin)
}
