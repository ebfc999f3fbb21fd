//! The cost of clusters: which centroid is nearest is found on plain numbers, the distance to it is recorded. A tape of
//! dual numbers gives the gradient and, by a tangent of 1 on every coordinate, the sums of the rows of the Hessian: its
//! diagonal, since there is nothing beside it.

use super::input::{Answer, Input, Result, check, lists, no_function};
use super::real::Real;
use gradtape::numeric::{Numeric, sum, sum_of_squares};
use gradtape::{Dual, Tape, Tensor, sum_over, vectorized};
use serde_json::json;

/// How many points are recorded together.
const BLOCK: usize = 64;

/// So many points are compared with a centroid side by side.
const LANES: usize = 8;

/// The number of the nearest centroid of each point of `d` coordinates.
#[inline(always)]
fn nearest(points: &[f64], centroids: &[f64], d: usize) -> Vec<usize> {
    let (mut numbers, mut block) = (Vec::with_capacity(points.len() / d), vec![[0.0; LANES]; d]);
    for points in points.chunks(LANES * d) {
        for (i, point) in points.chunks_exact(d).enumerate() {
            block.iter_mut().zip(point).for_each(|(lanes, x)| lanes[i] = *x);
        }
        let (mut least, mut nearest) = ([f64::INFINITY; LANES], [0.0; LANES]);
        for (j, centroid) in centroids.chunks_exact(d).enumerate() {
            let mut distances = [0.0; LANES];
            for (points, c) in block.iter().zip(centroid) {
                for i in 0..LANES {
                    distances[i] += (points[i] - c) * (points[i] - c);
                }
            }
            for i in 0..LANES {
                let nearer = distances[i] < least[i];
                least[i] = if nearer { distances[i] } else { least[i] };
                nearest[i] = if nearer { j as f64 } else { nearest[i] };
            }
        }
        numbers.extend(nearest[..points.len() / d].iter().map(|j| *j as usize));
    }
    numbers
}

/// What some points of `d` coordinates add to the cost: the squares of the distances to their nearest centroids.
fn part<T: Real + Numeric>(centroids: &[T], points: &[f64], d: usize) -> T {
    let values: Vec<f64> = centroids.iter().map(|c| c.to_f64().unwrap_or(f64::NAN)).collect();
    let nearest = vectorized(
        #[inline(always)]
        || nearest(points, &values, d),
    );
    let mut differences = Vec::with_capacity(d);
    let distance = |(point, j): (&[f64], usize)| {
        differences.clear();
        differences.extend(centroids[j * d..][..d].iter().zip(point).map(|(c, p)| *c - *p));
        sum_of_squares(&differences)
    };
    sum(&points.chunks_exact(d).zip(nearest).map(distance).collect::<Vec<_>>())
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (points, centroids) = (input.tensor::<2>("points")?, input.tensor::<2>("centroids")?);
    check(!points.is_empty() && !centroids.is_empty(), "points and centroids: there must be some")?;
    check(points.shape()[1] == centroids.shape()[1], "points and centroids: not of the same dimension")?;
    let d = points.shape()[1];
    let blocks = || points.as_slice().chunks(BLOCK * d);
    match function {
        "cost" => {
            let (cost, runs) = input.run(|| blocks().map(|points| part(centroids.as_slice(), points, d)).sum::<f64>());
            Ok(Answer::new(json!(cost), runs))
        }
        "dir" => {
            let mut tape = Tape::new();
            let (direction, runs) = input.run(|| {
                tape.reset();
                let variables: Vec<_> = centroids.iter().map(|c| tape.var(Dual::new(*c, 1.0))).collect();
                let cost = sum_over(&variables, blocks(), |centroids, points| part(centroids, points, d));
                let slopes = cost.backward().wrt(&variables);
                let mut direction = Tensor::zeros(centroids.shape());
                direction.update(|i, _| slopes[i].value / slopes[i].tangent);
                direction
            });
            Ok(Answer::new(lists(&direction), runs))
        }
        _ => no_function(function),
    }
}
