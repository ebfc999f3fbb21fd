//! Bundle adjustment: few inputs and outputs an observation, so that its rows of the Jacobian are one evaluation on
//! numbers with fifteen tangents.

use super::input::{self, Answer, Input, Result, no_function};
use super::real::Real;
use gradtape::{Dual, MultiDual};
use serde_json::json;

/// Where a camera sees a point, beside where it was seen.
#[inline(always)]
fn reprojection_error<T: Real>(camera: [T; 11], x: [T; 3], w: T, feature: [f64; 2]) -> [T; 2] {
    let [r1, r2, r3, c1, c2, c3, f, u, v, k1, k2] = camera;
    let [x, y, z] = rotated([r1, r2, r3], [x[0] - c1, x[1] - c2, x[2] - c3]);
    let depth = z.recip();
    let (x, y) = (x * depth, y * depth);
    let s = x * x + y * y;
    let radial = f * (s * (k1 + s * k2) + 1.0);
    [w * (x * radial + u - feature[0]), w * (y * radial + v - feature[1])]
}

/// Rodrigues' rotation about `r` by its length.
#[inline(always)]
fn rotated<T: Real>(r: [T; 3], p: [T; 3]) -> [T; 3] {
    let ([r1, r2, r3], [p1, p2, p3]) = (r, p);
    let square = r1 * r1 + r2 * r2 + r3 * r3;
    let turned = [r2 * p3 - r3 * p2, r3 * p1 - r1 * p3, r1 * p2 - r2 * p1];
    if square == T::zero() {
        return [p1 + turned[0], p2 + turned[1], p3 + turned[2]];
    }
    let angle = square.sqrt();
    let (sin, cos) = angle.sin_cos();
    // With the axis r / angle, twice where it stands twice.
    let (sin, along) = (sin / angle, (r1 * p1 + r2 * p2 + r3 * p3) * (T::one() - cos) / square);
    [
        p1 * cos + turned[0] * sin + r1 * along,
        p2 * cos + turned[1] * sin + r2 * along,
        p3 * cos + turned[2] * sin + r3 * along,
    ]
}

fn weight_error<T: Real>(w: T) -> T {
    T::one() - w * w
}

/// The observations: each has a camera, a point, a weight and a feature.
struct Data {
    cameras: Vec<[f64; 11]>,
    points: Vec<[f64; 3]>,
    weights: Vec<f64>,
    features: Vec<[f64; 2]>,
}

impl Data {
    /// How many observations there are.
    fn len(&self) -> usize {
        self.weights.len()
    }

    /// The observations one after the other: camera and point by number, weight and feature.
    fn observations(&self) -> impl Iterator<Item = (usize, usize, f64, [f64; 2])> {
        let (cameras, points) = ((0..self.cameras.len()).cycle(), (0..self.points.len()).cycle());
        let (weights, features) = (self.weights.iter().copied(), self.features.iter().copied());
        cameras
            .zip(points)
            .zip(weights.zip(features))
            .map(|((camera, point), (w, feature))| (camera, point, w, feature))
    }

    /// The errors of reprojection and those of weights.
    fn errors(&self) -> Result<(Vec<[f64; 2]>, Vec<f64>)> {
        let (mut reprojection, mut weight) = (input::reserved(self.len())?, input::reserved(self.len())?);
        reprojection.extend(self.observations().map(|(camera, point, w, feature)| {
            reprojection_error(self.cameras[camera], self.points[point], w, feature)
        }));
        weight.extend(self.weights.iter().map(|w| weight_error(*w)));
        Ok((reprojection, weight))
    }

    fn jacobian(&self) -> Result<Sparse> {
        let (points_at, weights_at) = (11 * self.cameras.len(), 11 * self.cameras.len() + 3 * self.points.len());
        let mut matrix = Sparse::with_capacity(self.len())?;
        for (i, (camera, point, w, feature)) in self.observations().enumerate() {
            let [r1, r2, r3, c1, c2, c3, f, u, v, k1, k2] = self.cameras[camera];
            let [x, y, z] = self.points[point];
            let variables = MultiDual::variables([r1, r2, r3, c1, c2, c3, f, u, v, k1, k2, x, y, z, w]);
            let [camera_variables @ .., x, y, z, w] = variables;
            let errors = reprojection_error(camera_variables, [x, y, z], w, feature);
            let (camera, point) = (11 * camera, points_at + 3 * point);
            let columns: [u32; 15] = std::array::from_fn(|k| match k {
                0..11 => (camera + k) as u32,
                11..14 => (point + k - 11) as u32,
                _ => (weights_at + i) as u32,
            });
            errors.iter().for_each(|error| matrix.push(&columns, &error.tangents));
        }
        for (i, w) in self.weights.iter().enumerate() {
            matrix.push(&[(weights_at + i) as u32], &[weight_error(Dual::new(*w, 1.0)).tangent]);
        }
        Ok(matrix)
    }
}

/// A matrix in compressed-row form.
struct Sparse {
    rows: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl Sparse {
    fn with_capacity(observations: usize) -> Result<Self> {
        let mut rows = input::reserved(3 * observations + 1)?;
        rows.push(0);
        Ok(Sparse { rows, columns: input::reserved(31 * observations)?, values: input::reserved(31 * observations)? })
    }

    fn push(&mut self, columns: &[u32], values: &[f64]) {
        self.columns.extend_from_slice(columns);
        self.values.extend_from_slice(values);
        self.rows.push(self.values.len() as u32);
    }
}

/// The first thirty and the last.
fn ends<T: Copy>(list: &[T]) -> Vec<T> {
    list.iter().take(30).chain(list.last()).copied().collect()
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let [n, m, p] = [input.size("n")?, input.size("m")?, input.size("p")?];
    let data = Data {
        cameras: input::repeated(input.array("cam")?, n)?,
        points: input::repeated(input.array("x")?, m)?,
        weights: input::repeated(input.number("w")?, p)?,
        features: input::repeated(input.array("feat")?, p)?,
    };
    match function {
        "objective" => {
            let (errors, runs) = input.run(|| data.errors());
            let (reprojection, weight) = errors?;
            let output = json!({
                "reproj_error": {"elements": reprojection[0], "repeated": p},
                "w_err": {"element": weight[0], "repeated": p},
            });
            Ok(Answer::new(output, runs))
        }
        "jacobian" => {
            let (matrix, runs) = input.run(|| data.jacobian());
            let Sparse { rows, columns, values } = &matrix?;
            Ok(Answer::new(json!({"rows": ends(rows), "cols": ends(columns), "vals": ends(values)}), runs))
        }
        _ => no_function(function),
    }
}
