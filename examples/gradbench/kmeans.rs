//! The cost of clusters: which centroid is nearest is found on plain numbers; each term of the cost then depends on one
//! number, and dual numbers of dual numbers give its slope and its curvature without a tape.

use super::input::{Answer, Input, Result, check, lists, no_function};
use super::real::Real;
use gradtape::{Dual, Tensor, vectorized};
use serde_json::json;

/// What one coordinate of a point contributes.
#[inline(always)]
fn term<T: Real>(point: f64, centroid: T) -> T {
    let difference = centroid - point;
    difference * difference
}

/// Hands each point and its nearest centroid to `take`.
#[inline(always)]
fn each_nearest(points: &Tensor<f64>, centroids: &Tensor<f64>, mut take: impl FnMut(&[f64], usize)) {
    /// So many points side by side.
    const LANES: usize = 8;
    let d = points.shape()[1];
    let mut block = vec![[0.0; LANES]; d];
    for points in points.as_slice().chunks(LANES * d) {
        for (i, point) in points.chunks_exact(d).enumerate() {
            block.iter_mut().zip(point).for_each(|(lanes, x)| lanes[i] = *x);
        }
        let (mut least, mut nearest) = ([f64::INFINITY; LANES], [0.0; LANES]);
        for (j, centroid) in centroids.as_slice().chunks_exact(d).enumerate() {
            let mut distances = [0.0; LANES];
            for (points, c) in block.iter().zip(centroid) {
                for i in 0..LANES {
                    distances[i] += term(points[i], *c);
                }
            }
            for i in 0..LANES {
                let nearer = distances[i] < least[i];
                least[i] = if nearer { distances[i] } else { least[i] };
                nearest[i] = if nearer { j as f64 } else { nearest[i] };
            }
        }
        points.chunks_exact(d).zip(nearest).for_each(|(point, j)| take(point, j as usize));
    }
}

#[inline(always)]
fn cost(points: &Tensor<f64>, centroids: &Tensor<f64>) -> f64 {
    let (d, mut cost) = (points.shape()[1], 0.0);
    each_nearest(points, centroids, |point, j| {
        let centroid = &centroids.as_slice()[j * d..][..d];
        cost += point.iter().zip(centroid).map(|(p, c)| term(*p, *c)).sum::<f64>();
    });
    cost
}

/// The slope of the cost along each coordinate of a centroid, by the curvature.
#[inline(always)]
fn direction(points: &Tensor<f64>, centroids: &Tensor<f64>) -> Tensor<f64> {
    let (d, zero) = (points.shape()[1], Dual::constant(0.0));
    let mut derivatives = vec![zero; centroids.len()];
    each_nearest(points, centroids, |point, j| {
        let centroid = &centroids.as_slice()[j * d..][..d];
        for ((sum, p), c) in derivatives[j * d..][..d].iter_mut().zip(point).zip(centroid) {
            *sum += term(*p, Dual::new(Dual::new(*c, 1.0), Dual::constant(1.0))).tangent;
        }
    });
    let mut direction = Tensor::zeros(centroids.shape());
    direction.update(|i, _| derivatives[i].value / derivatives[i].tangent);
    direction
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (points, centroids) = (input.tensor::<2>("points")?, input.tensor::<2>("centroids")?);
    check(!points.is_empty() && !centroids.is_empty(), "points and centroids: there must be some")?;
    check(points.shape()[1] == centroids.shape()[1], "points and centroids: not of the same dimension")?;
    match function {
        "cost" => {
            let (cost, runs) = input.run(|| {
                vectorized(
                    #[inline(always)]
                    || cost(&points, &centroids),
                )
            });
            Ok(Answer::new(json!(cost), runs))
        }
        "dir" => {
            let (direction, runs) = input.run(|| {
                vectorized(
                    #[inline(always)]
                    || direction(&points, &centroids),
                )
            });
            Ok(Answer::new(lists(&direction), runs))
        }
        _ => no_function(function),
    }
}
