//! Hand tracking: few inputs and many residuals, so that all columns of the Jacobian are one evaluation on numbers with
//! a tangent for each. What only a finger moves has tangents for its angles alone.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::{MultiDual, Tensor, num_traits::Zero, vectorized};
use serde_json::{Value, json};
use std::ops::Mul;

type Matrix<T> = [[T; 4]; 4];

const FINGERS: usize = 5;

/// The angles of a finger: two of its first joint, one of each of the others.
const ANGLES: usize = 4;

struct Bone {
    parent: Option<usize>,
    base_relative: Matrix<f64>,
    inverse_base_absolute: Matrix<f64>,
}

/// A vertex that is asked for: where it is at rest, and which bones of each finger move it, by which weight.
struct Vertex {
    base: [f64; 4],
    weights: [Vec<(usize, f64)>; FINGERS],
}

/// What a residual compares: a point with a vertex, or with a place on a triangle.
enum Target {
    Vertex(usize),
    Triangle([usize; 3]),
}

struct Data {
    bones: Vec<Bone>,
    vertices: Vec<Vertex>,
    /// Whether a bone hangs on several fingers.
    entangled: bool,
    mirrored: bool,
    points: Vec<[f64; 3]>,
    targets: Vec<Target>,
}

/// A pose: how the hand is turned, where it is, and the angles of the fingers. `A` are the numbers of a finger, `T`
/// those of the whole.
struct Pose<A, T> {
    rotation: [A; 3],
    place: [T; 3],
    angles: [[A; ANGLES]; FINGERS],
}

impl<A, T> Pose<A, T> {
    /// By the places of the numbers in `theta`, and by these.
    fn new(theta: &[f64; 26], of_finger: impl Fn(usize, f64) -> A, of_whole: impl Fn(usize, f64) -> T) -> Self {
        let number = |i: usize| of_finger(i, theta[i]);
        Pose {
            rotation: std::array::from_fn(number),
            place: std::array::from_fn(|i| of_whole(3 + i, theta[3 + i])),
            angles: std::array::from_fn(|finger| std::array::from_fn(|i| number(6 + ANGLES * finger + i))),
        }
    }
}

/// The differences between the points and where the pose puts their targets; `us` are places on triangles. `sum` adds
/// what the fingers give.
#[inline(always)]
fn residuals<A: Real, T: Real>(
    data: &Data,
    pose: &Pose<A, T>,
    us: &[[T; 2]],
    sum: impl Fn([A; FINGERS]) -> T,
    found: &mut Found<A, T>,
) {
    bones(data, pose, found);
    found.positions.clear();
    for vertex in &data.vertices {
        let mut position = pose.place;
        for (position, parts) in position.iter_mut().zip(blended(&found.maps, vertex)) {
            *position = *position + sum(parts);
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
struct Found<A, T> {
    /// Where each bone is in the hand, and what the pose does to what hangs on it.
    absolutes: Vec<Matrix<A>>,
    maps: Vec<[[A; 4]; 3]>,
    positions: Vec<[T; 3]>,
    residuals: Vec<[T; 3]>,
}

impl<A, T> Found<A, T> {
    fn new() -> Self {
        Found { absolutes: Vec::new(), maps: Vec::new(), positions: Vec::new(), residuals: Vec::new() }
    }
}

#[inline(always)]
fn bones<A: Real, T>(data: &Data, pose: &Pose<A, T>, Found { absolutes, maps, .. }: &mut Found<A, T>) {
    absolutes.clear();
    maps.clear();
    let mut global = global_rotation(pose.rotation);
    if data.mirrored {
        for row in &mut global {
            row[0] = -row[0];
        }
    }
    for (b, bone) in data.bones.iter().enumerate() {
        let mut absolute = posed(&bone.base_relative, b, &pose.angles);
        if let Some(parent) = bone.parent {
            absolute = product(&absolutes[parent], &absolute);
        }
        let [x, y, z, _] = product(&absolute, &bone.inverse_base_absolute);
        maps.push(global.map(|[a, b, c]| [0, 1, 2, 3].map(|j| a * x[j] + b * y[j] + c * z[j])));
        absolutes.push(absolute);
    }
}

/// The finger and the joint that a bone bends at: only the fingers do.
#[inline(always)]
fn joint(bone: usize) -> Option<(usize, usize)> {
    let bone = bone.checked_sub(2)?;
    let (finger, joint) = (bone / 4, bone % 4);
    (finger < FINGERS && joint < 3).then_some((finger, joint))
}

/// A bone's own matrix.
#[inline(always)]
fn posed<A: Real>(base: &Matrix<f64>, bone: usize, angles: &[[A; ANGLES]; FINGERS]) -> Matrix<A> {
    let mut posed = [[A::zero(); 4]; 4];
    let Some((finger, joint)) = joint(bone) else {
        for (posed, base) in posed.as_flattened_mut().iter_mut().zip(base.as_flattened()) {
            *posed = A::of(*base);
        }
        return posed;
    };
    let angles = &angles[finger];
    let bend = if joint == 0 { angles[0] } else { angles[1 + joint] };
    let (sin, cos) = bend.sin_cos();
    // Bends about the first axis, then, at the root of the finger, turns about the third.
    let turn = if joint == 0 { Some(angles[1].sin_cos()) } else { None };
    for (posed, [x, y, z, w]) in posed.iter_mut().zip(base) {
        let (x, y) = match turn {
            Some((sin, cos)) => (cos * *x + sin * *y, cos * *y - sin * *x),
            None => (A::of(*x), A::of(*y)),
        };
        *posed = [x, y * cos + sin * *z, cos * *z - y * sin, A::of(*w)];
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

/// Where the bones put a vertex: along each axis, the part of each finger.
#[inline(always)]
fn blended<A: Real>(maps: &[[[A; 4]; 3]], vertex: &Vertex) -> [[A; FINGERS]; 3] {
    let mut parts = [[A::zero(); FINGERS]; 3];
    let [x, y, z, w] = vertex.base;
    for (finger, weights) in vertex.weights.iter().enumerate() {
        if weights.is_empty() {
            continue;
        }
        let mut sum = [[A::zero(); 4]; 3];
        for (bone, weight) in weights {
            for (sum, entry) in sum.as_flattened_mut().iter_mut().zip(maps[*bone].as_flattened()) {
                *sum = *sum + *entry * *weight;
            }
        }
        for (parts, [a, b, c, d]) in parts.iter_mut().zip(sum) {
            parts[finger] = a * x + b * y + c * z + d * w;
        }
    }
    parts
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

/// A number with a tangent for each column of the Jacobian: those of the numbers `us` of the triangle first, where
/// there are any, then those of `theta`.
type Whole<const N: usize> = MultiDual<f64, N>;

/// A number with a tangent for each axis of the rotation and for each angle of its finger, and one that fills the
/// vector.
type Finger = MultiDual<f64, 8>;

/// How many columns there are for angles.
const ALL_ANGLES: usize = FINGERS * ANGLES;

/// The sum of what the fingers give.
#[inline(always)]
fn joined<const N: usize>(parts: [Finger; FINGERS]) -> Whole<N> {
    let (mut sum, mut rotation) = (Whole::zero(), [0.0; 3]);
    let (first, angles) = sum.tangents.split_at_mut(N - ALL_ANGLES);
    for (to, part) in angles.chunks_exact_mut(ANGLES).zip(&parts) {
        sum.value += part.value;
        let (about, angles) = part.tangents.split_at(3);
        to.copy_from_slice(&angles[..ANGLES]);
        for (rotation, about) in rotation.iter_mut().zip(about) {
            *rotation += about;
        }
    }
    first[N - ALL_ANGLES - 6..][..3].copy_from_slice(&rotation);
    sum
}

#[inline(always)]
fn added<T: Real>(parts: [T; FINGERS]) -> T {
    parts.into_iter().fold(T::zero(), |sum, part| sum + part)
}

/// The rows of the Jacobian.
fn jacobian<const N: usize>(data: &Data, theta: &[f64; 26], us: &[[f64; 2]], input: Input<'_>) -> Answer {
    let us: Vec<_> = us.iter().map(|[u, v]| [Whole::variable(*u, 0), Whole::variable(*v, 1)]).collect();
    let whole = |i: usize, number: f64| Whole::<N>::variable(number, N - theta.len() + i);
    let finger = |i: usize, number: f64| Finger::variable(number, if i < 3 { i } else { 3 + (i - 6) % ANGLES });
    let show = |residual: &Whole<N>| json!(residual.tangents[..]);
    if data.entangled {
        let pose = Pose::new(theta, whole, whole);
        answer(
            input,
            #[inline(always)]
            |found| residuals(data, &pose, &us, added, found),
            show,
        )
    } else {
        let pose = Pose::new(theta, finger, whole);
        answer(
            input,
            #[inline(always)]
            |found| residuals(data, &pose, &us, joined, found),
            show,
        )
    }
}

/// Computes residuals as often as it is asked for, and shows what is wanted of each.
fn answer<A, T>(input: Input<'_>, compute: impl Fn(&mut Found<A, T>), show: impl Fn(&T) -> Value) -> Answer {
    let mut found = Found::new();
    let ((), runs) = input.run(|| {
        vectorized(
            #[inline(always)]
            || compute(&mut found),
        )
    });
    Answer::new(found.residuals.as_flattened().iter().map(show).collect(), runs)
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let theta = input.array::<26>("theta")?;
    let us = groups(&input.tensor::<2>("us")?, "us")?;
    let data = read(input.field("data")?, us.len())?;
    match function {
        "objective" => {
            let pose = Pose::new(&theta, |_, number| number, |_, number| number);
            Ok(answer(
                input,
                #[inline(always)]
                |found| residuals(&data, &pose, &us, added, found),
                |residual| json!(residual),
            ))
        }
        "jacobian" if us.is_empty() => Ok(jacobian::<26>(&data, &theta, &us, input)),
        "jacobian" => Ok(jacobian::<28>(&data, &theta, &us, input)),
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
    let (mut bones, mut fingers) = (Vec::<Bone>::new(), Vec::new());
    let mut entangled = false;
    for (b, parent) in parents.iter().enumerate() {
        let parent = usize::try_from(*parent).ok();
        check(parent.is_none_or(|parent| parent < b), "parents: a parent comes before its child")?;
        let (own, above) = (joint(b).map(|(finger, _)| finger), parent.and_then(|parent| fingers[parent]));
        entangled |= own.is_some() && above.is_some() && own != above;
        fingers.push(own.or(above));
        bones.push(Bone { parent, base_relative: relatives[b], inverse_base_absolute: inverses[b] });
    }

    let correspondences = input.integers("correspondences")?;
    check(correspondences.len() == points.len(), "correspondences: not one for each point")?;
    check(us == 0 || us == points.len(), "us: neither empty nor one for each point")?;
    let triangles = if us > 0 { groups::<3>(&model.tensor::<2>("triangles")?, "triangles")? } else { Vec::new() };
    let (mut vertices, mut places) = (Vec::new(), vec![None; bases.len()]);
    let mut keep = |v: usize| {
        check(v < bases.len(), "there is no such vertex")?;
        Ok(*places[v].get_or_insert_with(|| {
            let mut vertex = Vertex { base: bases[v], weights: Default::default() };
            let weights = weights.as_slice()[v * parents.len()..][..parents.len()].iter().copied();
            for (bone, weight) in weights.enumerate().filter(|(_, weight)| *weight != 0.0) {
                // What no finger moves is with any of them.
                vertex.weights[fingers[bone].unwrap_or(0)].push((bone, weight));
            }
            vertices.push(vertex);
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
    Ok(Data { bones, vertices, entangled, mirrored: model.flag("is_mirrored")?, points, targets })
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
