//! Hand tracking: few inputs and many residuals, so that all columns of the Jacobian are one evaluation on numbers with
//! a tangent for each.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::{MultiDual, Tensor, vectorized};
use serde_json::{Value, json};
use std::ops::Mul;

type Matrix<T> = [[T; 4]; 4];

struct Bone {
    parent: Option<usize>,
    base_relative: Matrix<f64>,
    inverse_base_absolute: Matrix<f64>,
}

/// A vertex that is asked for: where it is at rest, and which bones move it, by which weight.
struct Vertex {
    base: [f64; 4],
    weights: Vec<(usize, f64)>,
}

/// What a residual compares: a point with a vertex, or with a place on a triangle.
enum Target {
    Vertex(usize),
    Triangle([usize; 3]),
}

struct Data {
    bones: Vec<Bone>,
    vertices: Vec<Vertex>,
    mirrored: bool,
    points: Vec<[f64; 3]>,
    targets: Vec<Target>,
}

/// The differences between the points and where the pose `theta` puts their targets; `us` are places on triangles.
#[inline(always)]
fn residuals<T: Real>(data: &Data, theta: &[T; 26], us: &[[T; 2]], found: &mut Found<T>) {
    bones(data, theta, found);
    let global = global_rotation([theta[0], theta[1], theta[2]]);
    found.positions.clear();
    for vertex in &data.vertices {
        let mut p = blended(&found.maps, vertex);
        if data.mirrored {
            p[0] = -p[0];
        }
        let mut position = [theta[3], theta[4], theta[5]];
        for i in 0..3 {
            let [a, b, c] = global[i];
            position[i] = a * p[0] + b * p[1] + c * p[2] + position[i];
        }
        found.positions.push(position);
    }
    found.residuals.clear();
    for (i, (point, target)) in data.points.iter().zip(&data.targets).enumerate() {
        let mut residual = match target {
            Target::Vertex(vertex) => found.positions[*vertex],
            Target::Triangle([a, b, c]) => {
                let ([u, v], [a, b, c]) = (us[i], [a, b, c].map(|corner| &found.positions[*corner]));
                let (w, mut place) = (-(u + v) + 1.0, *a);
                for i in 0..3 {
                    place[i] = u * a[i] + v * b[i] + w * c[i];
                }
                place
            }
        };
        for (residual, point) in residual.iter_mut().zip(point) {
            *residual = -(*residual - *point);
        }
        found.residuals.push(residual);
    }
}

/// What is computed on the way; its memory serves every run.
struct Found<T> {
    /// Where each bone is, and what the pose does to what hangs on it.
    absolutes: Vec<Matrix<T>>,
    maps: Vec<Matrix<T>>,
    positions: Vec<[T; 3]>,
    residuals: Vec<[T; 3]>,
}

impl<T> Found<T> {
    fn new() -> Self {
        Found { absolutes: Vec::new(), maps: Vec::new(), positions: Vec::new(), residuals: Vec::new() }
    }
}

#[inline(always)]
fn bones<T: Real>(data: &Data, theta: &[T; 26], Found { absolutes, maps, .. }: &mut Found<T>) {
    absolutes.clear();
    maps.clear();
    for (b, bone) in data.bones.iter().enumerate() {
        let mut absolute = posed(&bone.base_relative, b, theta);
        if let Some(parent) = bone.parent {
            absolute = product(&absolutes[parent], &absolute);
        }
        maps.push(product(&absolute, &bone.inverse_base_absolute));
        absolutes.push(absolute);
    }
}

/// A bone's own matrix: only the fingers bend.
#[inline(always)]
fn posed<T: Real>(base: &Matrix<f64>, bone: usize, theta: &[T; 26]) -> Matrix<T> {
    let mut posed = [[T::zero(); 4]; 4];
    let (finger, joint) = (bone.wrapping_sub(2) / 4, bone.wrapping_sub(2) % 4);
    if finger > 4 || joint > 2 {
        for (posed, base) in posed.as_flattened_mut().iter_mut().zip(base.as_flattened()) {
            *posed = T::of(*base);
        }
        return posed;
    }
    let angles = &theta[6 + 4 * finger..10 + 4 * finger];
    let bend = if joint == 0 { angles[0] } else { angles[1 + joint] };
    let (sin, cos) = bend.sin_cos();
    // Bends about the first axis, then, at the root of the finger, turns about the third.
    let turn = if joint == 0 { Some(angles[1].sin_cos()) } else { None };
    for (posed, [x, y, z, w]) in posed.iter_mut().zip(base) {
        let (x, y) = match turn {
            Some((sin, cos)) => (cos * *x + sin * *y, cos * *y - sin * *x),
            None => (T::of(*x), T::of(*y)),
        };
        *posed = [x, y * cos + sin * *z, cos * *z - y * sin, T::of(*w)];
    }
    posed
}

#[inline(always)]
fn product<T: Real + Mul<B, Output = T>, B: Copy>(a: &Matrix<T>, b: &Matrix<B>) -> Matrix<T> {
    let mut product = [[T::zero(); 4]; 4];
    for (row, [x, y, z, w]) in product.iter_mut().zip(a) {
        for j in 0..4 {
            row[j] = *x * b[0][j] + *y * b[1][j] + *z * b[2][j] + *w * b[3][j];
        }
    }
    product
}

/// Where the bones put a vertex.
#[inline(always)]
fn blended<T: Real>(bones: &[Matrix<T>], vertex: &Vertex) -> [T; 3] {
    let mut position = [T::zero(); 3];
    for (bone, weight) in &vertex.weights {
        let [x, y, z, w] = vertex.base;
        let (x, y, z, w) = (x * weight, y * weight, z * weight, w * weight);
        for (position, row) in position.iter_mut().zip(&bones[*bone]) {
            *position = *position + (row[0] * x + row[1] * y + row[2] * z + row[3] * w);
        }
    }
    position
}

/// The rotation about a vector by its length.
#[inline(always)]
fn global_rotation<T: Real>(g: [T; 3]) -> [[T; 3]; 3] {
    let angle = (g[0] * g[0] + g[1] * g[1] + g[2] * g[2]).sqrt();
    if angle < T::of(1e-4) {
        return [0, 1, 2].map(|i| [0, 1, 2].map(|j| T::of(if i == j { 1.0 } else { 0.0 })));
    }
    let ([x, y, z], (s, c)) = (g.map(|g| g / angle), angle.sin_cos());
    let (one, d) = (T::one(), T::one() - c);
    [
        [x * x + (one - x * x) * c, x * y * d - z * s, x * z * d + y * s],
        [x * y * d + z * s, y * y + (one - y * y) * c, y * z * d - x * s],
        [x * z * d - y * s, y * z * d + x * s, z * z + (one - z * z) * c],
    ]
}

/// The residuals with their derivatives: by the numbers `us` of the triangle itself first, where there are any.
fn jacobian<const N: usize>(data: &Data, theta: &[f64; 26], us: &[[f64; 2]], found: &mut Found<MultiDual<f64, N>>) {
    let first = N - theta.len();
    let theta = std::array::from_fn(|i| MultiDual::variable(theta[i], first + i));
    let us: Vec<_> = us.iter().map(|[u, v]| [MultiDual::variable(*u, 0), MultiDual::variable(*v, 1)]).collect();
    vectorized(
        #[inline(always)]
        || residuals(data, &theta, &us, found),
    );
}

fn rows<const N: usize>(residuals: &[[MultiDual<f64, N>; 3]]) -> Value {
    residuals.as_flattened().iter().map(|residual| json!(residual.tangents[..])).collect()
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let theta = input.array::<26>("theta")?;
    let us = groups(&input.tensor::<2>("us")?, "us")?;
    let data = read(input.field("data")?, us.len())?;
    match function {
        "objective" => {
            let mut found = Found::new();
            let ((), runs) = input.run(|| {
                vectorized(
                    #[inline(always)]
                    || residuals(&data, &theta, &us, &mut found),
                )
            });
            Ok(Answer::new(json!(found.residuals.as_flattened()), runs))
        }
        "jacobian" if us.is_empty() => {
            let mut found = Found::new();
            let ((), runs) = input.run(|| jacobian::<26>(&data, &theta, &us, &mut found));
            Ok(Answer::new(rows(&found.residuals), runs))
        }
        "jacobian" => {
            let mut found = Found::new();
            let ((), runs) = input.run(|| jacobian::<28>(&data, &theta, &us, &mut found));
            Ok(Answer::new(rows(&found.residuals), runs))
        }
        _ => no_function(function),
    }
}

/// The model, of which only the vertices that are asked for are kept.
fn read(input: Input<'_>, us: usize) -> Result<Data> {
    let model = input.field("model")?;
    let points = groups(&input.tensor::<2>("points")?, "points")?;
    let parents = model.integers("parents")?;
    let [relatives, inverses] = ["base_relatives", "inverse_base_absolutes"].map(|name| matrices(model, name));
    let bases = groups::<4>(&model.tensor::<2>("base_positions")?, "base_positions")?;
    let weights = model.tensor::<2>("weights")?;
    let (relatives, inverses) = (relatives?, inverses?);
    let sizes = [relatives.len(), inverses.len(), weights.shape()[1]];
    check(sizes == [parents.len(); 3], "the bones: not as many in each list")?;
    check(weights.shape()[0] == bases.len(), "weights: not a row for each of the base_positions")?;
    let bone = |(b, parent): (usize, &i64)| {
        let parent = usize::try_from(*parent).ok();
        check(parent.is_none_or(|parent| parent < b), "parents: a parent comes before its child")?;
        Ok(Bone { parent, base_relative: relatives[b], inverse_base_absolute: inverses[b] })
    };
    let bones = parents.iter().enumerate().map(bone).collect::<Result<_>>()?;

    let correspondences = input.integers("correspondences")?;
    check(correspondences.len() == points.len(), "correspondences: not one for each point")?;
    check(us == 0 || us == points.len(), "us: neither empty nor one for each point")?;
    let triangles = if us > 0 { groups::<3>(&model.tensor::<2>("triangles")?, "triangles")? } else { Vec::new() };
    let (mut vertices, mut places) = (Vec::new(), vec![None; bases.len()]);
    let mut keep = |v: usize| {
        check(v < bases.len(), "there is no such vertex")?;
        Ok(*places[v].get_or_insert_with(|| {
            let weights = weights.as_slice()[v * parents.len()..][..parents.len()].iter().copied();
            let weights = weights.enumerate().filter(|(_, weight)| *weight != 0.0).collect();
            vertices.push(Vertex { base: bases[v], weights });
            vertices.len() - 1
        }))
    };
    let target = |correspondence: &i64| {
        let i = usize::try_from(*correspondence).map_err(|_| "correspondences: below 0")?;
        if us == 0 {
            return keep(i).map(Target::Vertex);
        }
        let [a, b, c] = *triangles.get(i).ok_or("there is no such triangle")?;
        let mut corner = |corner: f64| keep(corner as usize);
        Ok(Target::Triangle([corner(a)?, corner(b)?, corner(c)?]))
    };
    let targets = correspondences.iter().map(target).collect::<Result<_>>()?;
    Ok(Data { bones, vertices, mirrored: model.flag("is_mirrored")?, points, targets })
}

fn matrices(model: Input<'_>, name: &str) -> Result<Vec<Matrix<f64>>> {
    let tensor = model.tensor::<3>(name)?;
    check(tensor.shape()[1..] == [4, 4], "the matrices of bones: not of 4 rows and columns")?;
    let matrix = |numbers: &[f64]| std::array::from_fn(|i| std::array::from_fn(|j| numbers[4 * i + j]));
    Ok(tensor.as_slice().chunks_exact(16).map(matrix).collect())
}

/// The rows of a matrix, each of which has `N` numbers.
fn groups<const N: usize>(tensor: &Tensor<f64>, name: &str) -> Result<Vec<[f64; N]>> {
    check(tensor.is_empty() || tensor.shape()[1] == N, &format!("{name}: not {N} numbers in each row"))?;
    Ok(tensor.as_slice().chunks_exact(N).map(|row| std::array::from_fn(|i| row[i])).collect())
}
