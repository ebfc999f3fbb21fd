//! First values of weights: functions of a shape and a generator of random numbers. When they are called is for layers
//! to say.
//!
//! The fans of a weight `[inputs, outputs]` are its two sizes; those of a convolution's, `[outputs, inputs, kernel..]`,
//! are the channels times the size of the kernel; those of a single axis are its size.
//!
//! Functions without parameters are given as they are, `init::he_normal`; those with parameters return one,
//! `init::normal(0.0, 0.02)`.
//!
//! ```
//! use gradtape::nn::{Dense, init};
//! use gradtape::{Rng, Tensor};
//! let rng = &mut Rng::new(7);
//! let weight: Tensor<f32> = init::he_normal(&[784, 128], rng);
//! let layer = Dense::<f32>::new(784, 128, rng).init_weight(init::normal(0.0, 0.02), rng);
//! assert_eq!(weight.shape(), layer.weight.shape());
//! ```

use crate::{Scalar, Tensor, rng as random};
use rand::Rng;

/// Zeros.
#[track_caller]
pub fn zeros<T: Scalar, R: Rng + ?Sized>(shape: &[usize], _: &mut R) -> Tensor<T> {
    Tensor::zeros(shape)
}

/// Ones.
#[track_caller]
pub fn ones<T: Scalar, R: Rng + ?Sized>(shape: &[usize], _: &mut R) -> Tensor<T> {
    Tensor::ones(shape)
}

/// One value.
pub fn constant<T: Scalar, R: Rng + ?Sized>(value: f64) -> impl Fn(&[usize], &mut R) -> Tensor<T> + Clone {
    move |shape, _| fill(shape, || value)
}

/// The uniform distribution from `low` to `high`.
///
/// # Panics
/// If one of them is not finite, or `low` is larger.
#[track_caller]
pub fn uniform<T: Scalar, R: Rng + ?Sized>(low: f64, high: f64) -> impl Fn(&[usize], &mut R) -> Tensor<T> + Clone {
    assert!(low <= high && (high - low).is_finite(), "uniform: there is no number from {low} to {high}");
    move |shape, rng| fill(shape, || low + (high - low) * random::uniform(rng))
}

/// The normal distribution.
///
/// # Panics
/// If a parameter is not finite, or the standard deviation is negative.
#[track_caller]
pub fn normal<T: Scalar, R: Rng + ?Sized>(mean: f64, std: f64) -> impl Fn(&[usize], &mut R) -> Tensor<T> + Clone {
    let possible = mean.is_finite() && std.is_finite() && std >= 0.0;
    assert!(possible, "normal: there is no distribution of mean {mean} and standard deviation {std}");
    move |shape, rng| fill(shape, || mean + std * random::normal(rng))
}

/// Uniform from -a to a with a = √(6 / (fan in + fan out)). Glorot and Bengio, 2010.
#[track_caller]
pub fn xavier_uniform<T: Scalar, R: Rng + ?Sized>(shape: &[usize], rng: &mut R) -> Tensor<T> {
    let (inputs, outputs) = fans(shape);
    symmetric(shape, (6.0 / (inputs + outputs)).sqrt(), rng)
}

/// Normal of variance 2 / (fan in + fan out). Glorot and Bengio, 2010.
#[track_caller]
pub fn xavier_normal<T: Scalar, R: Rng + ?Sized>(shape: &[usize], rng: &mut R) -> Tensor<T> {
    let (inputs, outputs) = fans(shape);
    centered(shape, (2.0 / (inputs + outputs)).sqrt(), rng)
}

/// Uniform from -a to a with a = √(6 / fan in), for rectifiers. He et al., 2015.
#[track_caller]
pub fn he_uniform<T: Scalar, R: Rng + ?Sized>(shape: &[usize], rng: &mut R) -> Tensor<T> {
    symmetric(shape, (6.0 / fans(shape).0).sqrt(), rng)
}

/// Normal of variance 2 / fan in, for rectifiers. He et al., 2015.
#[track_caller]
pub fn he_normal<T: Scalar, R: Rng + ?Sized>(shape: &[usize], rng: &mut R) -> Tensor<T> {
    centered(shape, (2.0 / fans(shape).0).sqrt(), rng)
}

/// Rows of length 1 that are orthogonal to each other, or columns where there are more rows than columns; axes from the
/// second on are one. Saxe, McClelland and Ganguli, 2014.
///
/// # Panics
/// If the shape has fewer than two axes.
///
/// ```
/// use gradtape::nn::init;
/// use gradtape::{Rng, Tensor};
/// let weight: Tensor<f64> = init::orthogonal(&[3, 5], &mut Rng::new(7));
/// let rows = weight.as_slice();
/// let dot: f64 = (0..5).map(|j| rows[j] * rows[5 + j]).sum();
/// let length: f64 = (0..5).map(|j| rows[j] * rows[j]).sum();
/// assert!(dot.abs() < 1e-12 && (length - 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn orthogonal<T: Scalar, R: Rng + ?Sized>(shape: &[usize], rng: &mut R) -> Tensor<T> {
    assert!(shape.len() >= 2, "orthogonal: {shape:?}: takes a shape of at least two axes");
    let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
    let (count, length) = (rows.min(columns), rows.max(columns));
    // Gram and Schmidt, with each vector made orthogonal twice, which is enough for full accuracy.
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    while vectors.len() < count {
        let mut vector: Vec<f64> = (0..length).map(|_| random::normal(rng)).collect();
        for _ in 0..2 {
            for known in &vectors {
                let along: f64 = vector.iter().zip(known).map(|(a, b)| a * b).sum();
                vector.iter_mut().zip(known).for_each(|(a, b)| *a -= along * b);
            }
        }
        let norm = vector.iter().map(|a| a * a).sum::<f64>().sqrt();
        // One that lies among the others by chance is drawn again.
        if norm > 1e-6 {
            vector.iter_mut().for_each(|a| *a /= norm);
            vectors.push(vector);
        }
    }
    let mut places = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j)));
    fill(shape, || {
        let (i, j) = places.next().expect("as many places as numbers");
        if rows <= columns { vectors[i][j] } else { vectors[j][i] }
    })
}

fn symmetric<T: Scalar>(shape: &[usize], bound: f64, rng: &mut (impl Rng + ?Sized)) -> Tensor<T> {
    fill(shape, || bound * (2.0 * random::uniform(rng) - 1.0))
}

fn centered<T: Scalar>(shape: &[usize], std: f64, rng: &mut (impl Rng + ?Sized)) -> Tensor<T> {
    fill(shape, || std * random::normal(rng))
}

#[track_caller]
fn fill<T: Scalar>(shape: &[usize], mut number: impl FnMut() -> f64) -> Tensor<T> {
    let mut tensor = Tensor::zeros(shape);
    tensor.as_mut_slice().fill_with(|| T::lit(number()));
    tensor
}

/// How many numbers go into one output of a weight, and out of one input; at least 1 each.
fn fans(shape: &[usize]) -> (f64, f64) {
    let (inputs, outputs) = match *shape {
        [] => (1, 1),
        [n] => (n, n),
        [inputs, outputs] => (inputs, outputs),
        [outputs, inputs, ref kernel @ ..] => {
            let field: usize = kernel.iter().product();
            (inputs * field, outputs * field)
        }
    };
    (inputs.max(1) as f64, outputs.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    #[test]
    fn the_fans_of_dense_and_convolution_weights() {
        assert_eq!(fans(&[784, 128]), (784.0, 128.0));
        assert_eq!(fans(&[32, 16, 3, 5]), (16.0 * 15.0, 32.0 * 15.0));
        assert_eq!(fans(&[7]), (7.0, 7.0));
        assert_eq!(fans(&[0, 3]), (1.0, 3.0));
    }

    #[test]
    fn each_distribution_has_the_variance_of_its_paper() {
        let shape = [300, 100];
        let rng = &mut Rng::new(5);
        let cases: [(Tensor<f64>, f64); 6] = [
            (xavier_uniform(&shape, rng), 2.0 / 400.0),
            (xavier_normal(&shape, rng), 2.0 / 400.0),
            (he_uniform(&shape, rng), 2.0 / 300.0),
            (he_normal(&shape, rng), 2.0 / 300.0),
            (uniform(-1.0, 1.0)(&shape, rng), 1.0 / 3.0),
            (normal(0.0, 0.5)(&shape, rng), 0.25),
        ];
        for (i, (weight, variance)) in cases.iter().enumerate() {
            let n = weight.len() as f64;
            let mean = weight.iter().sum::<f64>() / n;
            let square = weight.iter().map(|w| w * w).sum::<f64>() / n;
            assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "{i}: {mean}");
            assert!((square / variance - 1.0).abs() < 0.04, "{i}: {square} and {variance}");
        }
        let bound = (6.0f64 / 400.0).sqrt();
        assert!(cases[0].0.iter().all(|w| w.abs() <= bound));
    }

    #[test]
    fn an_orthogonal_weight_keeps_lengths_in_its_smaller_direction() {
        for shape in [[6, 4], [4, 6], [5, 5], [1, 3], [0, 3]] {
            let weight: Tensor<f64> = orthogonal(&shape, &mut Rng::new(3));
            let (rows, columns) = (shape[0], shape[1]);
            let at = |i: usize, j: usize| weight.as_slice()[i * columns + j];
            let count = rows.min(columns);
            for a in 0..count {
                for b in 0..count {
                    let dot: f64 = if rows <= columns {
                        (0..columns).map(|j| at(a, j) * at(b, j)).sum()
                    } else {
                        (0..rows).map(|i| at(i, a) * at(i, b)).sum()
                    };
                    assert!((dot - f64::from(u8::from(a == b))).abs() < 1e-12, "{shape:?} {a} {b}: {dot}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "orthogonal: [3]: takes a shape of at least two axes")]
    fn a_single_axis_has_no_orthogonal_rows() {
        let _: Tensor<f64> = orthogonal(&[3], &mut Rng::new(3));
    }
}
