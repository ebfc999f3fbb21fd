//! The cost of clusters, on tensors: which centroid is nearest is found on plain numbers. The gradient is recorded, and
//! the gradient of its sum gives the sums of the rows of the Hessian: its diagonal, since there is nothing beside it.
//! Blocks of points, each swept as soon as it is recorded, stay in the cache.

use super::input::{Answer, Input, Result, check, lists, no_function};
use gradtape::{Tape, Tensor, TensorVar, vectorized};
use serde_json::json;

/// How many points are recorded together.
const BLOCK: usize = 1024;

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

/// What some points add to the cost: the squares of the distances to their nearest centroids.
fn part<'t>(centroids: TensorVar<'t, f64>, points: &Tensor<f64>) -> TensorVar<'t, f64> {
    let (d, values) = (points.shape()[1], centroids.value());
    let nearest = vectorized(
        #[inline(always)]
        || nearest(points.as_slice(), values.as_slice(), d),
    );
    (centroids.index_select(0, &nearest) - points).square().sum()
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (points, centroids) = (input.tensor::<2>("points")?, input.tensor::<2>("centroids")?);
    check(!points.is_empty() && !centroids.is_empty(), "points and centroids: there must be some")?;
    check(points.shape()[1] == centroids.shape()[1], "points and centroids: not of the same dimension")?;
    let d = points.shape()[1];
    let blocks: Vec<_> =
        points.as_slice().chunks(BLOCK * d).map(|block| Tensor::from(block).reshape([block.len() / d, d])).collect();
    match function {
        "cost" => {
            let mut tape = Tape::inference();
            let mut part = |points| {
                tape.reset();
                part(tape.constant(&centroids), points).item()
            };
            let (cost, runs) = input.run(|| blocks.iter().map(&mut part).sum::<f64>());
            Ok(Answer::new(json!(cost), runs))
        }
        "dir" => {
            let mut tape = Tape::new();
            let (direction, runs) = input.run(|| {
                let mut sums = [Tensor::zeros(centroids.shape()), Tensor::zeros(centroids.shape())];
                for points in &blocks {
                    tape.reset();
                    let centroids = tape.tensor(&centroids);
                    let slope = tape.gradient(part(centroids, points), &[centroids])[0];
                    sums[0] += slope.value();
                    sums[1] += slope.sum().backward_to_leaves().wrt(centroids);
                }
                &sums[0] / &sums[1]
            });
            Ok(Answer::new(lists(&direction), runs))
        }
        _ => no_function(function),
    }
}
