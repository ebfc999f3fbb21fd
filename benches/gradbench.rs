//! The example `gradbench` at the sizes of the suite: a table of the best times of primal and derivative, and how many
//! times the primal's time the derivative's is. `cargo bench --bench gradbench [-- NAME]`

#[path = "../examples/gradbench/main.rs"]
#[allow(dead_code, reason = "its `main` is not called here")]
mod tool;

use gradtape::Rng;
use gradtape::rand::RngExt;
use serde_json::{Value, json};
use std::time::Duration;

/// Random numbers of a shape, uniform in `[0, 1)`.
fn uniform(rng: &mut Rng, shape: &[usize]) -> Value {
    match shape {
        [] => json!(rng.random::<f64>()),
        [size, inner @ ..] => (0..*size).map(|_| uniform(rng, inner)).collect(),
    }
}

/// The same, standard normal, nearly: a sum of twelve.
fn normal(rng: &mut Rng, shape: &[usize]) -> Value {
    match shape {
        [] => json!((0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0),
        [size, inner @ ..] => (0..*size).map(|_| normal(rng, inner)).collect(),
    }
}

/// The best run of one function.
fn best(module: &str, function: &str, input: &Value) -> Duration {
    let answer = tool::evaluate(&module.into(), &function.into(), input);
    answer.unwrap_or_else(|error| panic!("{module} {function}: {error}")).runs.into_iter().min().unwrap_or_default()
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let rng = &mut Rng::new(7);
    println!("{:<32}{:>14}{:>14}{:>8}", "", "primal ms", "derivative ms", "ratio");
    let row = |module: &str, size: String, functions: [&str; 2], mut input: Value| {
        input["min_runs"] = json!(5);
        input["min_seconds"] = json!(0.2);
        let [primal, derivative] = functions.map(|function| best(module, function, &input).as_secs_f64() * 1e3);
        println!("{:<32}{primal:>14.4}{derivative:>14.4}{:>8.2}", format!("{module} {size}"), derivative / primal);
    };
    if is_wanted("gmm") {
        for [d, k] in [[2, 5], [10, 5], [10, 25], [32, 25], [64, 100]] {
            let input = json!({
                "d": d, "k": k, "n": 1000, "x": normal(rng, &[1000, d]), "m": 0, "gamma": 1.0,
                "alpha": normal(rng, &[k]), "mu": uniform(rng, &[k, d]), "q": normal(rng, &[k, d]),
                "l": normal(rng, &[k, d * (d - 1) / 2]),
            });
            row("gmm", format!("d={d} k={k}"), ["objective", "jacobian"], input);
        }
    }
    if is_wanted("ba") {
        for [n, m, p] in [[49, 7776, 31843], [161, 48126, 182072]] {
            let camera = [0.1, -0.2, 0.3, 1.0, 2.0, 3.0, 100.0, 1.0, -2.0, 0.05, 0.01];
            let input = json!({
                "n": n, "m": m, "p": p, "cam": camera, "x": [4.0, 5.0, 12.0], "w": 0.5, "feat": [10.0, 20.0],
            });
            row("ba", format!("p={p}"), ["objective", "jacobian"], input);
        }
    }
    if is_wanted("kmeans") {
        for [k, n, d] in [[10, 1000, 8], [100, 1000, 8], [10, 10000, 8], [100, 10000, 8], [1000, 10000, 16]] {
            let points = uniform(rng, &[n, d]);
            let centroids = &points.as_array().expect("a list")[n - k..];
            let input = json!({"points": points, "centroids": centroids});
            row("kmeans", format!("k={k} n={n} d={d}"), ["cost", "dir"], input);
        }
    }
    if is_wanted("llsq") {
        for n in [64, 512, 4096, 16392] {
            let input = json!({"x": uniform(rng, &[128]), "n": n});
            row("llsq", format!("m=128 n={n}"), ["primal", "gradient"], input);
        }
    }
    if is_wanted("lse") {
        for n in [2500, 40_000, 640_000] {
            row("lse", format!("n={n}"), ["primal", "gradient"], json!({"x": uniform(rng, &[n])}));
        }
    }
    if is_wanted("ode") {
        for [n, s] in [[1000, 1], [1000, 10], [1000, 100], [10_000, 10], [10_000, 100]] {
            let input = json!({"x": uniform(rng, &[n]), "s": s});
            row("ode", format!("n={n} s={s}"), ["primal", "gradient"], input);
        }
        for [n, s] in [[400, 100], [4000, 1000]] {
            let x: Vec<f64> = (0..n).map(|i| (i + 1) as f64 / 2.0).collect();
            row("ode", format!("n={n} s={s} all"), ["primal", "gradient"], json!({"x": x, "s": s}));
        }
    }
    if is_wanted("ht") {
        for (vertices, points, triangles) in
            [(544, 100, true), (544, 200, true), (544, 200, false), (10_000, 100, true)]
        {
            let input = hand(rng, vertices, points, triangles);
            let on = if triangles { "us" } else { "" };
            row("ht", format!("verts={vertices} pts={points} {on}"), ["objective", "jacobian"], input);
        }
    }
    if is_wanted("det") {
        for ell in [5, 6, 8, 9, 10] {
            row(
                "det",
                format!("ell={ell}"),
                ["primal", "gradient"],
                json!({"A": uniform(rng, &[ell * ell]), "ell": ell}),
            );
        }
    }
    if is_wanted("lstm") {
        for [l, c] in [[2, 1024], [4, 1024], [2, 4096], [4, 4096]] {
            let bits: Vec<Vec<f64>> =
                (0..c).map(|_| (0..14).map(|_| if rng.random::<bool>() { 1.0 } else { 0.0 }).collect()).collect();
            let input = json!({
                "main_params": uniform(rng, &[2 * l, 56]), "extra_params": uniform(rng, &[3, 14]),
                "state": uniform(rng, &[2 * l, 14]), "sequence": bits,
            });
            row("lstm", format!("l={l} c={c}"), ["objective", "jacobian"], input);
        }
    }
    for (module, input) in [("particle", json!({"w": 0.0})), ("saddle", json!({"start": [1.0, 1.0]}))] {
        if is_wanted(module) {
            for function in ["rr", "rf", "fr", "ff"] {
                let mut input = input.clone();
                input["min_runs"] = json!(5);
                println!(
                    "{:<46}{:>14.4}",
                    format!("{module} {function}"),
                    best(module, function, &input).as_secs_f64() * 1e3
                );
            }
        }
    }
}

/// A random model of a hand: dense weights, a point for each correspondence.
fn hand(rng: &mut Rng, vertices: usize, points: usize, triangles: bool) -> Value {
    let parents: Vec<i64> = (0..22)
        .map(|b| match b {
            0 => -1,
            1 | 5 | 9 | 13 | 17 | 21 => 0,
            _ => b - 1,
        })
        .collect();
    let affine = |rng: &mut Rng| {
        let mut rows: Vec<Value> = (0..3).map(|_| uniform(rng, &[4])).collect();
        rows.push(json!([0, 0, 0, 1]));
        rows
    };
    let positions: Vec<Value> =
        (0..vertices).map(|_| json!([rng.random::<f64>(), rng.random::<f64>(), rng.random::<f64>(), 1.0])).collect();
    let corner = |rng: &mut Rng| rng.random_range(0..vertices);
    let faces: Vec<[usize; 3]> = (0..vertices).map(|_| [corner(rng), corner(rng), corner(rng)]).collect();
    let correspondences: Vec<usize> = (0..points).map(|_| corner(rng)).collect();
    json!({
        "theta": uniform(rng, &[26]),
        "us": if triangles { uniform(rng, &[points, 2]) } else { json!([]) },
        "data": {
            "correspondences": correspondences, "points": uniform(rng, &[points, 3]),
            "model": {
                "bone_count": 22, "parents": parents,
                "base_relatives": (0..22).map(|_| affine(rng)).collect::<Vec<_>>(),
                "inverse_base_absolutes": (0..22).map(|_| affine(rng)).collect::<Vec<_>>(),
                "base_positions": positions, "weights": uniform(rng, &[vertices, 22]), "triangles": faces,
                "is_mirrored": false,
            },
        },
    })
}
