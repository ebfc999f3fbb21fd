//! Gradients and Jacobians of inputs without a pattern, compared with central differences.

use super::{evaluate, expect, hand, pose};
use serde_json::{Value, json};

/// Numbers in `[-1, 1)` without a pattern, the same ones in every run.
fn noise(shape: &[usize], seed: &mut u64) -> Value {
    match shape {
        [] => {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            json!((*seed >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
        }
        [size, inner @ ..] => (0..*size).map(|_| noise(inner, seed)).collect(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        Value::Object(fields) => fields.values().flat_map(numbers).collect(),
        _ => vec![value.as_f64().expect("a number")],
    }
}

/// Every place of a number in nested lists.
fn nudged(value: &Value, place: &mut usize, by: f64) -> Value {
    match value {
        Value::Array(list) => list.iter().map(|value| nudged(value, place, by)).collect(),
        _ => {
            let hit = *place == 0;
            *place = place.wrapping_sub(1);
            json!(value.as_f64().expect("a number") + if hit { by } else { 0.0 })
        }
    }
}

/// Compares a gradient with central differences of the objective, which are good to about 1e-9.
fn differences(module: &str, [objective, gradient]: [&str; 2], input: &Value, fields: &[&str]) {
    let found = evaluate(module, gradient, input);
    for field in fields {
        let of_field = found.get(field).unwrap_or(&found);
        for (k, found) in numbers(of_field).into_iter().enumerate() {
            let at = |by: f64| {
                let mut input = input.clone();
                input[field] = nudged(&input[field], &mut k.clone(), by);
                *numbers(&evaluate(module, objective, &input)).last().expect("a number")
            };
            // Of four points, so that they may lie far enough apart for rounding not to be seen.
            let h = 1e-3;
            let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            let scale = 1.0 + found.abs();
            assert!((found - difference).abs() < 1e-8 * scale, "{module} {field} {k}: {found}, not {difference}");
        }
    }
}

#[test]
fn gradients_of_random_inputs_are_those_of_differences() {
    let seed = &mut 1;
    for [n, d, k] in [[1, 1, 1], [5, 1, 3], [7, 4, 3], [3, 5, 1]] {
        let input = json!({
            "d": d, "k": k, "n": n, "x": noise(&[n, d], seed), "m": 2, "gamma": 0.7, "alpha": noise(&[k], seed),
            "mu": noise(&[k, d], seed), "q": noise(&[k, d], seed), "l": noise(&[k, d * (d - 1) / 2], seed),
        });
        differences("gmm", ["objective", "jacobian"], &input, &["alpha", "mu", "q", "l"]);
    }
    for [m, n] in [[1, 1], [3, 1], [4, 2], [5, 257], [6, 600]] {
        differences("llsq", ["primal", "gradient"], &json!({"x": noise(&[m], seed), "n": n}), &["x"]);
    }
    for [n, s] in [[1, 1], [1, 3], [5, 1], [9, 2], [70, 20], [200, 3]] {
        // Near (i + 1)/2 the last component stays near 1 and depends on all.
        let x: Vec<f64> = (1..=n).map(|i| i as f64 / 2.0 + 0.01).collect();
        differences("ode", ["primal", "gradient"], &json!({"x": x, "s": s}), &["x"]);
    }
    for ell in 1..7 {
        let input = json!({"A": noise(&[ell * ell], seed), "ell": ell});
        differences("det", ["primal", "gradient"], &input, &["A"]);
    }
    for [layers, units, characters] in [[1, 1, 2], [2, 3, 5], [3, 2, 9]] {
        let input = json!({
            "main_params": noise(&[2 * layers, 4 * units], seed), "extra_params": noise(&[3, units], seed),
            "state": noise(&[2 * layers, units], seed), "sequence": noise(&[characters, units], seed),
        });
        // The gradient is one list; each field's part of it is compared by a check of its own.
        let found = numbers(&evaluate("lstm", "jacobian", &input));
        let mut parts = found.into_iter();
        for field in ["main_params", "extra_params"] {
            let size = numbers(&input[field]).len();
            for k in 0..size {
                let at = |by: f64| {
                    let mut input = input.clone();
                    input[field] = nudged(&input[field], &mut k.clone(), by);
                    numbers(&evaluate("lstm", "objective", &input))[0]
                };
                let difference = (8.0 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
                let found = parts.next().expect("a derivative for each parameter");
                assert!((found - difference).abs() < 1e-9, "lstm {field} {k}: {found}, not {difference}");
            }
        }
        assert_eq!(parts.next(), None);
    }
}

#[test]
fn logsumexp_of_many_numbers_is_their_softmax() {
    let seed = &mut 3;
    for n in [1, 2, 8192, 8193, 20_000] {
        let x: Vec<f64> = numbers(&noise(&[n], seed)).into_iter().map(|x| 40.0 * x - 1000.0).collect();
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = x.iter().map(|x| (x - largest).exp()).sum();
        expect("lse", "primal", &json!({"x": x}), &json!(largest + sum.ln()));
        let softmax: Vec<f64> = x.iter().map(|x| (x - largest).exp() / sum).collect();
        expect("lse", "gradient", &json!({"x": x}), &json!(softmax));
    }
}

#[test]
fn directions_of_clusters_lead_to_their_means() {
    let seed = &mut 4;
    for [n, k, d] in [[1, 1, 1], [50, 3, 2], [203, 20, 5], [64, 7, 9]] {
        let points = noise(&[n, d], seed);
        let centroids = points.as_array().unwrap()[n - k..].to_vec();
        let rows = |value: &Value| value.as_array().unwrap().iter().map(numbers).collect::<Vec<_>>();
        let (list, centres) = (rows(&points), rows(&json!(centroids)));
        let distance = |p: &[f64], c: &[f64]| p.iter().zip(c).map(|(p, c)| (p - c).powi(2)).sum::<f64>();
        let mut sums = vec![(vec![0.0; d], 0.0); k];
        let mut cost = 0.0;
        for p in &list {
            let (nearest, least) = (0..k).fold((0, f64::INFINITY), |best, j| {
                let distance = distance(p, &centres[j]);
                if distance < best.1 { (j, distance) } else { best }
            });
            cost += least;
            sums[nearest].0.iter_mut().zip(p).for_each(|(sum, p)| *sum += p);
            sums[nearest].1 += 1.0;
        }
        let expected: Vec<Vec<f64>> = centres
            .iter()
            .zip(&sums)
            .map(|(c, (sum, count))| c.iter().zip(sum).map(|(c, sum)| c - sum / count).collect())
            .collect();
        let input = json!({"points": points, "centroids": centroids});
        expect("kmeans", "cost", &input, &json!(cost));
        expect("kmeans", "dir", &input, &json!(expected));
    }
}

#[test]
fn the_jacobians_of_observations_and_hands_are_those_of_differences() {
    // Without a rotation, and with one; the camera's fields are the first columns.
    for rotation in [[0.0; 3], [0.4, 0.3, -0.2]] {
        let camera = [&rotation[..], &[0.3, -0.1, -5.0, 30.0, 0.2, 0.1, 0.03, -0.01]].concat();
        let input = json!({"n": 1, "m": 1, "p": 10, "cam": camera, "x": [0.5, 0.25, 2.0], "w": 0.8, "feat": [1, 2]});
        let values = numbers(&evaluate("ba", "jacobian", &input)["vals"]);
        for (column, field) in (0..11).map(|k| (k, "cam")).chain((0..3).map(|k| (k, "x"))) {
            if rotation == [0.0; 3] && field == "cam" && column < 3 {
                // Differences lead away from where the formula for no rotation holds.
                continue;
            }
            let at = |by: f64| {
                let mut input = input.clone();
                input[field] = nudged(&input[field], &mut column.clone(), by);
                numbers(&evaluate("ba", "objective", &input)["reproj_error"]["elements"])
            };
            let (near, far) = ([at(1e-3), at(-1e-3)], [at(2e-3), at(-2e-3)]);
            let k = if field == "cam" { column } else { 11 + column };
            for axis in 0..2 {
                let found = values[15 * axis + k];
                let difference = (8.0 * (near[0][axis] - near[1][axis]) - (far[0][axis] - far[1][axis])) / 12e-3;
                assert!((found - difference).abs() < 1e-7, "{field} {column}: {found}, not {difference}");
            }
        }
    }
    let seed = &mut 5;
    let mut model = hand();
    // Every bone moves every vertex a little.
    model["weights"] = noise(&[3, 22], seed);
    for (mirrored, parent) in [(false, 5), (true, 5), (false, 4), (true, 4)] {
        model["is_mirrored"] = json!(mirrored);
        // A bone of the second finger hangs on its own finger, or on the first.
        model["parents"][6] = json!(parent);
        for us in [json!([]), json!([[0.2, 0.3], [0.6, 0.1]])] {
            let correspondences = if us == json!([]) { [2, 1] } else { [0, 0] };
            let data = json!({"correspondences": correspondences, "points": noise(&[2, 3], seed), "model": model});
            let input = json!({"theta": pose(), "us": us, "data": data});
            let jacobian = evaluate("ht", "jacobian", &input);
            let rows: Vec<_> = jacobian.as_array().unwrap().iter().map(numbers).collect();
            let own = rows[0].len() - 26;
            for column in 0..rows[0].len() {
                let at = |by: f64| {
                    let mut input = input.clone();
                    if column < own {
                        // Each row has its own two numbers: both points' at once.
                        for point in 0..2 {
                            input["us"] = nudged(&input["us"], &mut (2 * point + column), by);
                        }
                    } else {
                        input["theta"] = nudged(&input["theta"], &mut (column - own), by);
                    }
                    numbers(&evaluate("ht", "objective", &input))
                };
                let (near, far) = ([at(1e-3), at(-1e-3)], [at(2e-3), at(-2e-3)]);
                for (row, found) in rows.iter().map(|row| row[column]).enumerate() {
                    let difference = (8.0 * (near[0][row] - near[1][row]) - (far[0][row] - far[1][row])) / 12e-3;
                    assert!((found - difference).abs() < 1e-9, "{row}, {column}: {found}, not {difference}");
                }
            }
        }
    }
}
