//! Hand tracking: few inputs and many residuals, so that all columns of the Jacobian are one evaluation on numbers with
//! a tangent for each. What a finger moves is computed on numbers with tangents for its own angles alone, until it
//! meets what others move. A vertex is placed once, if a residual asks for it; those that none asks for are not.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::{MultiDual, Tensor, vectorized};
use serde_json::{Value, json};
use std::array;
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

struct Data {
    bones: Vec<Bone>,
    /// Where each vertex is at rest, and how much each bone moves it, vertex by vertex.
    bases: Vec<[f64; 4]>,
    weights: Vec<f64>,
    mirrored: bool,
    /// The corners of triangles, where the correspondences are with these and not with vertices.
    triangles: Vec<[usize; 3]>,
    correspondences: Vec<usize>,
    points: Vec<[f64; 3]>,
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

/// The bones that each finger moves, of which those that none does are with the first; `None` if a bone hangs on
/// several fingers.
fn fingers(bones: &[Bone]) -> Option<[Vec<usize>; FINGERS]> {
    let (mut of_bones, mut fingers) = (Vec::<Option<usize>>::new(), <[Vec<usize>; FINGERS]>::default());
    for (b, bone) in bones.iter().enumerate() {
        let (own, above) = (joint(b).map(|(finger, _)| finger), bone.parent.and_then(|parent| of_bones[parent]));
        if own.is_some() && above.is_some() && own != above {
            return None;
        }
        let finger = own.or(above);
        of_bones.push(finger);
        fingers[finger.unwrap_or(0)].push(b);
    }
    Some(fingers)
}

/// What is computed on the way; its memory serves every run.
struct Found<T> {
    /// The number of a vertex among the positions.
    numbers: Vec<Option<usize>>,
    positions: Vec<[T; 3]>,
    residuals: Vec<[T; 3]>,
}

/// The differences between the points and where the pose puts their correspondences; `us` are places on triangles.
/// `parts` are bones that a vertex is moved by in one go, and `whole` makes a number of the whole of one of such a
/// part.
#[inline(always)]
fn residuals<A: Real, T: Real>(
    data: &Data,
    pose: &Pose<A, T>,
    us: &[[T; 2]],
    parts: &[Vec<usize>],
    whole: impl Fn(usize, A) -> T,
    Found { numbers, positions, residuals }: &mut Found<T>,
) {
    let maps = maps(data, pose);
    let corners = |correspondence: usize| match us {
        [] => [correspondence; 3],
        _ => data.triangles[correspondence],
    };
    numbers.clear();
    numbers.resize(data.bases.len(), None);
    positions.clear();
    for vertex in data.correspondences.iter().flat_map(|correspondence| corners(*correspondence)) {
        if numbers[vertex].is_some() {
            continue;
        }
        let mut position = pose.place;
        for (i, bones) in parts.iter().enumerate() {
            let Some(moved) = moved(data, &maps, bones, vertex) else { continue };
            for (position, moved) in position.iter_mut().zip(moved) {
                *position = *position + whole(i, moved);
            }
        }
        numbers[vertex] = Some(positions.len());
        positions.push(position);
    }
    residuals.clear();
    for (i, (point, correspondence)) in data.points.iter().zip(&data.correspondences).enumerate() {
        let [a, b, c] = corners(*correspondence).map(|corner| numbers[corner].expect("every corner has a place"));
        let (a, b, c) = (&positions[a], &positions[b], &positions[c]);
        let mut residual = *a;
        if let Some([u, v]) = us.get(i).copied() {
            let w = -(u + v) + 1.0;
            for i in 0..3 {
                residual[i] = u * a[i] + v * b[i] + w * c[i];
            }
        }
        for (residual, point) in residual.iter_mut().zip(point) {
            *residual = -(*residual - *point);
        }
        residuals.push(residual);
    }
}

/// What the pose does to what hangs on each bone.
#[inline(always)]
fn maps<A: Real, T>(data: &Data, pose: &Pose<A, T>) -> Vec<[[A; 4]; 3]> {
    let (mut absolutes, mut maps) = (Vec::<Matrix<A>>::new(), Vec::new());
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
    maps
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

/// Where some bones put a vertex, each by its weight; `None` if it hangs on none of them.
#[inline(always)]
fn moved<A: Real>(data: &Data, maps: &[[[A; 4]; 3]], bones: &[usize], vertex: usize) -> Option<[A; 3]> {
    let weights = &data.weights[vertex * maps.len()..][..maps.len()];
    let (mut sum, mut any) = ([[A::zero(); 4]; 3], false);
    for bone in bones {
        let weight = weights[*bone];
        if weight != 0.0 {
            any = true;
            for (sum, entry) in sum.as_flattened_mut().iter_mut().zip(maps[*bone].as_flattened()) {
                *sum = *sum + *entry * weight;
            }
        }
    }
    let [x, y, z, w] = data.bases[vertex];
    any.then(|| sum.map(|[a, b, c, d]| a * x + b * y + c * z + d * w))
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

/// How many tangents a number of a finger has: for each axis of the rotation and each angle of its own, and one more,
/// which is 0, to fill a vector.
const TANGENTS: usize = 8;

type Finger = MultiDual<f64, TANGENTS>;

/// The rows of the Jacobian.
fn jacobian<const N: usize>(data: &Data, theta: &[f64; 26], us: &[[f64; 2]], input: Input<'_>) -> Answer {
    let us: Vec<_> = us.iter().map(|[u, v]| [Whole::variable(*u, 0), Whole::variable(*v, 1)]).collect();
    // Which column is that of a number of theta.
    let column = |i: usize| N - theta.len() + i;
    let whole = |i: usize, number: f64| Whole::<N>::variable(number, column(i));
    let finger = |i: usize, number: f64| Finger::variable(number, if i < 3 { i } else { 3 + (i - 6) % ANGLES });
    let of_finger = |finger, i: usize| column(if i < 3 { i } else { 6 + ANGLES * finger + (i - 3).min(ANGLES - 1) });
    let columns: [[usize; TANGENTS]; FINGERS] = array::from_fn(|finger| array::from_fn(|i| of_finger(finger, i)));
    let poses = (Pose::new(theta, finger, whole), Pose::new(theta, whole, whole));
    answer(
        input,
        #[inline(always)]
        |found| match fingers(&data.bones) {
            Some(fingers) => {
                let whole = |i: usize, part: Finger| part.with_directions(columns[i]);
                residuals(data, &poses.0, &us, &fingers, whole, found);
            }
            None => residuals(data, &poses.1, &us, &[all(data)], |_, part| part, found),
        },
        |residual: &Whole<N>| json!(residual.tangents[..]),
    )
}

/// All bones.
fn all(data: &Data) -> Vec<usize> {
    (0..data.bones.len()).collect()
}

/// Computes residuals as often as it is asked for, and shows what is wanted of each.
fn answer<T>(input: Input<'_>, compute: impl Fn(&mut Found<T>), show: impl Fn(&T) -> Value) -> Answer {
    let mut found = Found { numbers: Vec::new(), positions: Vec::new(), residuals: Vec::new() };
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
                |found| residuals(&data, &pose, &us, &[all(&data)], |_, part| part, found),
                |residual| json!(residual),
            ))
        }
        "jacobian" if us.is_empty() => Ok(jacobian::<26>(&data, &theta, &us, input)),
        "jacobian" => Ok(jacobian::<28>(&data, &theta, &us, input)),
        _ => no_function(function),
    }
}

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
    let mut bones = Vec::new();
    for (b, parent) in parents.iter().enumerate() {
        let parent = usize::try_from(*parent).ok();
        check(parent.is_none_or(|parent| parent < b), "parents: a parent comes before its child")?;
        bones.push(Bone { parent, base_relative: relatives[b], inverse_base_absolute: inverses[b] });
    }

    check(us == 0 || us == points.len(), "us: neither empty nor one for each point")?;
    let corner = |corner: f64| {
        // A negative number and a fraction become another one.
        let vertex = corner as usize;
        check(vertex as f64 == corner && vertex < bases.len(), "triangles: there is no such vertex").map(|()| vertex)
    };
    let triangle = |[a, b, c]: [f64; 3]| Ok([corner(a)?, corner(b)?, corner(c)?]);
    let triangles = if us > 0 { groups(&model.tensor::<2>("triangles")?, "triangles")? } else { Vec::new() };
    let triangles: Vec<_> = triangles.into_iter().map(triangle).collect::<Result<_>>()?;
    let count = if us > 0 { triangles.len() } else { bases.len() };
    let correspondence = |i: i64| {
        let found = usize::try_from(i).ok().filter(|i| *i < count);
        found.ok_or_else(|| format!("correspondences: there is no number {i}"))
    };
    let correspondences =
        input.integers("correspondences")?.into_iter().map(correspondence).collect::<Result<Vec<_>>>()?;
    check(correspondences.len() == points.len(), "correspondences: not one for each point")?;
    let (weights, mirrored) = (weights.into_vec(), model.flag("is_mirrored")?);
    Ok(Data { bones, bases, weights, mirrored, triangles, correspondences, points })
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
