//! Hand tracking: few inputs and many residuals, so that all columns of the Jacobian are one evaluation on numbers with
//! a tangent for each.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::{MultiDual, Tensor};
use serde_json::{Value, json};

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
fn residuals<T: Real>(data: &Data, theta: &[T; 26], us: &[[T; 2]]) -> Vec<[T; 3]> {
    let bones = bones(data, theta);
    let global = global_rotation([theta[0], theta[1], theta[2]]);
    let place = |vertex: &Vertex| {
        let mut position = blended(&bones, vertex);
        if data.mirrored {
            position[0] = -position[0];
        }
        [0, 1, 2].map(|i| {
            let [a, b, c] = global[i];
            a * position[0] + b * position[1] + c * position[2] + theta[3 + i]
        })
    };
    let positions: Vec<[T; 3]> = data.vertices.iter().map(place).collect();
    let mut us = us.iter();
    let seen = |target: &Target| match target {
        Target::Vertex(vertex) => positions[*vertex],
        Target::Triangle(corners) => {
            let [u, v] = *us.next().expect("a triangle has a place on it");
            let ([a, b, c], w) = (corners.map(|corner| positions[corner]), T::one() - u - v);
            [0, 1, 2].map(|i| u * a[i] + v * b[i] + w * c[i])
        }
    };
    let differences = |(point, seen): (&[f64; 3], [T; 3])| [0, 1, 2].map(|i| -(seen[i] - point[i]));
    data.points.iter().zip(data.targets.iter().map(seen)).map(differences).collect()
}

/// What the pose does to what hangs on each bone.
fn bones<T: Real>(data: &Data, theta: &[T; 26]) -> Vec<Matrix<T>> {
    let mut absolutes: Vec<Matrix<T>> = Vec::with_capacity(data.bones.len());
    let mut maps = Vec::with_capacity(data.bones.len());
    for (b, bone) in data.bones.iter().enumerate() {
        let local = posed(&bone.base_relative, b, theta);
        let absolute = match bone.parent {
            Some(parent) => product(&absolutes[parent], &local),
            None => local,
        };
        maps.push(by_constant(&absolute, &bone.inverse_base_absolute));
        absolutes.push(absolute);
    }
    maps
}

/// A bone's own matrix: only the fingers bend.
fn posed<T: Real>(base: &Matrix<f64>, bone: usize, theta: &[T; 26]) -> Matrix<T> {
    let (finger, joint) = (bone.wrapping_sub(2) / 4, bone.wrapping_sub(2) % 4);
    if finger > 4 || joint > 2 {
        return base.map(|row| row.map(T::of));
    }
    let angles = &theta[6 + 4 * finger..10 + 4 * finger];
    let bend = if joint == 0 { angles[0] } else { angles[1 + joint] };
    let (sin, cos) = bend.sin_cos();
    // Bends about the first axis, then, at the root of the finger, turns about the third.
    let turn = if joint == 0 { Some(angles[1].sin_cos()) } else { None };
    base.map(|[x, y, z, w]| {
        let (x, y) = match turn {
            Some((sin, cos)) => (cos * x + sin * y, cos * y - sin * x),
            None => (T::of(x), T::of(y)),
        };
        [x, y * cos + sin * z, cos * z - y * sin, T::of(w)]
    })
}

fn product<T: Real>(a: &Matrix<T>, b: &Matrix<T>) -> Matrix<T> {
    a.map(|[x, y, z, w]| [0, 1, 2, 3].map(|j| x * b[0][j] + y * b[1][j] + z * b[2][j] + w * b[3][j]))
}

fn by_constant<T: Real>(a: &Matrix<T>, b: &Matrix<f64>) -> Matrix<T> {
    a.map(|[x, y, z, w]| [0, 1, 2, 3].map(|j| x * b[0][j] + y * b[1][j] + z * b[2][j] + w * b[3][j]))
}

/// Where the bones put a vertex.
fn blended<T: Real>(bones: &[Matrix<T>], vertex: &Vertex) -> [T; 3] {
    let mut position = [T::zero(); 3];
    for (bone, weight) in &vertex.weights {
        let [x, y, z, w] = vertex.base.map(|x| x * *weight);
        for (position, row) in position.iter_mut().zip(&bones[*bone]) {
            *position = *position + (row[0] * x + row[1] * y + row[2] * z + row[3] * w);
        }
    }
    position
}

/// The rotation about a vector by its length.
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
fn jacobian<const N: usize>(data: &Data, theta: &[f64; 26], us: &[[f64; 2]]) -> Vec<[MultiDual<f64, N>; 3]> {
    let first = N - theta.len();
    let theta = std::array::from_fn(|i| MultiDual::variable(theta[i], first + i));
    let us: Vec<_> = us.iter().map(|[u, v]| [MultiDual::variable(*u, 0), MultiDual::variable(*v, 1)]).collect();
    residuals(data, &theta, &us)
}

fn rows<const N: usize>(residuals: Vec<[MultiDual<f64, N>; 3]>) -> Value {
    residuals.iter().flatten().map(|residual| json!(residual.tangents[..])).collect()
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let theta = input.array::<26>("theta")?;
    let us = groups(&input.tensor::<2>("us")?, "us")?;
    let data = read(input.field("data")?, us.len())?;
    match function {
        "objective" => {
            let (residuals, runs) = input.run(|| residuals(&data, &theta, &us));
            Ok(Answer::new(json!(residuals.as_flattened()), runs))
        }
        "jacobian" if us.is_empty() => {
            let (residuals, runs) = input.run(|| jacobian::<26>(&data, &theta, &us));
            Ok(Answer::new(rows(residuals), runs))
        }
        "jacobian" => {
            let (residuals, runs) = input.run(|| jacobian::<28>(&data, &theta, &us));
            Ok(Answer::new(rows(residuals), runs))
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
