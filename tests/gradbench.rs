//! The tool for GradBench: the worked examples of the suite's evaluations, its protocol, and what is no message.

#[path = "../examples/gradbench/main.rs"]
#[allow(dead_code)]
mod tool;

use serde_json::{Value, json};
use tool::respond;

fn evaluate(module: &str, function: &str, input: &Value) -> Value {
    let message = json!({"id": 7, "kind": "evaluate", "module": module, "function": function, "input": input});
    let answer = respond(message.to_string().as_bytes());
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["success"], true, "{module} {function}: {answer}");
    assert!(answer["timings"].as_array().is_some_and(|runs| !runs.is_empty()), "{answer}");
    answer["output"].clone()
}

/// Compares the outputs, numbers to 1e-12 of the largest.
#[track_caller]
fn expect(module: &str, function: &str, input: &Value, expected: &Value) {
    fn largest(value: &Value) -> f64 {
        match value {
            Value::Array(list) => list.iter().map(largest).fold(0.0, f64::max),
            Value::Object(fields) => fields.values().map(largest).fold(0.0, f64::max),
            _ => value.as_f64().map_or(0.0, f64::abs),
        }
    }
    fn close(a: &Value, b: &Value, tolerance: f64) -> bool {
        match (a, b) {
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(a, b, tolerance))
            }
            (Value::Object(a), Value::Object(b)) => {
                let same = |(key, a)| b.get(key).is_some_and(|b| close(a, b, tolerance));
                a.len() == b.len() && a.iter().all(same)
            }
            (Value::Number(a), Value::Number(b)) => {
                a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| (a - b).abs() <= tolerance)
            }
            _ => false,
        }
    }
    let found = evaluate(module, function, input);
    assert!(close(&found, expected, 1e-12 * largest(expected)), "{module} {function}: {found}\ninstead of {expected}");
}

#[test]
fn hello() {
    expect("hello", "square", &json!(3.0), &json!(9.0));
    expect("hello", "double", &json!(3), &json!(6.0));
}

#[test]
fn gmm() {
    let input = json!({
        "d": 2, "k": 2, "n": 3, "x": [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]], "m": 1, "gamma": 0.5,
        "alpha": [0.1, -0.2], "mu": [[0.0, 0.5], [1.0, -0.5]], "q": [[0.2, -0.1], [0.0, 0.3]], "l": [[0.4], [-0.6]],
    });
    expect("gmm", "objective", &input, &json!(-25.775270463007583));
    let gradient = json!({
        "alpha": [-0.14063906317953245, 0.14063906317953245],
        "mu": [[-0.06944763371525954, 0.6503242672001703], [-0.11858560508248389, 0.4286590480748468]],
        "q": [[0.498789012091302, 0.3909021323120265], [1.8129015273785276, 1.2372262219721972]],
        "l": [[0.78017776432351], [-0.2471838668950396]],
    });
    expect("gmm", "jacobian", &input, &gradient);
}

#[test]
fn ba() {
    let camera = [0.1, -0.2, 0.3, 1.0, 2.0, 3.0, 100.0, 1.0, -2.0, 0.05, 0.01];
    let input = json!({
        "n": 2, "m": 3, "p": 17, "cam": camera, "x": [4.0, 5.0, 12.0], "w": 0.5, "feat": [10.0, 20.0],
    });
    let errors = json!({
        "reproj_error": {"elements": [-3.071632808869219, 2.3396415592572257], "repeated": 17},
        "w_err": {"element": 0.75, "repeated": 17},
    });
    expect("ba", "objective", &input, &errors);
    let rows: Vec<usize> = (0..30).map(|row| 15 * row).chain([527]).collect();
    let row = [(0..11).collect(), vec![22, 23, 24, 31]].concat();
    let columns = [row.clone(), row, vec![47]].concat();
    let values = [
        5.4831767099760675,
        48.93219842103294,
        -16.17061069262609,
        -4.8552287561613285,
        1.5879368249572503,
        1.0890973104013595,
        0.014283671911307808,
        0.5,
        0.0,
        0.10172436947670446,
        0.007270789245413367,
        4.8552287561613285,
        -1.5879368249572503,
        -1.0890973104013595,
        -6.143265617738438,
        -52.743014031323526,
        8.673202718237453,
        6.471670653480845,
        -1.1989320539934587,
        -4.902148629184039,
        2.0336935610591658,
        0.1333964155925723,
        0.0,
        0.5,
        0.9500124583416317,
        0.067902513435592,
        1.1989320539934587,
        4.902148629184039,
        -2.0336935610591658,
        4.6792831185144586,
        -1.0,
    ];
    let jacobian = json!({"rows": rows, "cols": columns, "vals": values});
    expect("ba", "jacobian", &input, &jacobian);
    let found = evaluate("ba", "jacobian", &input);
    assert_eq!((&found["rows"], &found["cols"]), (&jacobian["rows"], &jacobian["cols"]), "integers stay integers");
}

#[test]
fn kmeans() {
    let points = [[0, 0], [1, 0], [4, 4], [5, 4], [4, 6]];
    let input = json!({"points": points, "centroids": [[0.5, 1.0], [4.0, 4.5]]});
    expect("kmeans", "cost", &input, &json!(6.25));
    expect("kmeans", "dir", &input, &json!([[0.0, 1.0], [-1.0 / 3.0, -1.0 / 6.0]]));
}

#[test]
fn llsq() {
    let input = json!({"x": [0.5, -0.25, 1.0], "n": 5});
    expect("llsq", "primal", &input, &json!(5.765625));
    expect("llsq", "gradient", &input, &json!([5.0, -3.625, 3.375]));
}

#[test]
fn lse() {
    let input = json!({"x": [1.0, 2.0, 0.5, -1.0]});
    expect("lse", "primal", &input, &json!(2.495181898085856));
    let softmax = [0.22420781804820114, 0.6094600375988772, 0.1359889157935055, 0.030343228559416225];
    expect("lse", "gradient", &input, &json!(softmax));
}

#[test]
fn ode() {
    let input = json!({"x": [0.5, 1.5, 2.0, 0.25], "s": 3});
    expect("ode", "primal", &input, &json!([1.0, 1.5, 2.0, 0.25]));
    expect("ode", "gradient", &input, &json!([0.5, 1.0 / 6.0, 0.125, 1.0]));
}

#[test]
fn particle() {
    for (start, end) in [(0.0, 0.2071918746486116), (0.6, 0.20721259128824898), (0.1, 0.20719351122579968)] {
        for function in ["rr", "rf", "fr", "ff"] {
            expect("particle", function, &json!({"w": start}), &json!(end));
        }
    }
}

#[test]
fn saddle() {
    let far = [1.236948723921053e-05, -4.123162413070176e-06, 1.236948723921053e-05, -4.123162413070176e-06];
    for (start, end) in [([1.0, 1.0], [8.246324826140356e-06; 4]), ([1.5, -0.5], far)] {
        for function in ["rr", "rf", "fr", "ff"] {
            expect("saddle", function, &json!({"start": start}), &json!(end));
        }
    }
}

/// A skeleton of straight fingers, and one triangle.
fn hand() -> Value {
    let moved = |by: f64| json!([[1, 0, 0, by], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
    let bones = 0..22;
    let parent = |b: i32| match b {
        0 => -1,
        1 | 5 | 9 | 13 | 17 | 21 => 0,
        _ => b - 1,
    };
    let relative = |b: i32| {
        if b == 0 {
            0.0
        } else if b == 21 {
            -1.0
        } else {
            1.0
        }
    };
    let inverse = |b: i32| {
        if b == 0 {
            0.0
        } else if b == 21 {
            1.0
        } else {
            -f64::from(1 + (b - 1) % 4)
        }
    };
    let weights = |of: &[(usize, f64)]| {
        let mut row = vec![0.0; 22];
        of.iter().for_each(|(bone, weight)| row[*bone] = *weight);
        row
    };
    json!({
        "bone_count": 22, "bone_names": vec!["bone"; 22], "parents": bones.clone().map(parent).collect::<Vec<_>>(),
        "base_relatives": bones.clone().map(|b| moved(relative(b))).collect::<Vec<_>>(),
        "inverse_base_absolutes": bones.map(|b| moved(inverse(b))).collect::<Vec<_>>(),
        "base_positions": [[0.2, 0.1, 0, 1], [2.5, 0.3, 0.1, 1], [2.2, -0.1, 0.4, 1]],
        "weights": [weights(&[(0, 1.0)]), weights(&[(2, 0.5), (3, 0.5)]), weights(&[(6, 1.0)])],
        "triangles": [[0, 1, 2]], "is_mirrored": false,
    })
}

fn pose() -> Vec<f64> {
    let fingers = (0..20).map(|i| 0.1 * f64::from(i % 5) - 0.15);
    [0.3, -0.2, 0.1, 0.05, 0.06, 0.07].into_iter().chain(fingers).collect()
}

#[test]
fn ht() {
    let input = |correspondence: usize, us: Value| {
        let data = json!({"correspondences": [correspondence], "points": [[1.0, 0.5, 0.25]], "model": hand()});
        json!({"theta": pose(), "us": us, "data": data})
    };
    let first_row = |input: &Value, head: &[f64], columns: usize| {
        let jacobian = evaluate("ht", "jacobian", input);
        assert_eq!(jacobian.as_array().map(Vec::len), Some(3));
        let row: Vec<f64> = jacobian[0].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        assert_eq!(row.len(), columns);
        for (k, found) in row.into_iter().enumerate() {
            let expected = head.get(k).copied().unwrap_or(0.0);
            assert!((found - expected).abs() < 1e-14, "column {k}: {found} instead of {expected}");
        }
    };
    let complicated = input(0, json!([[0.25, 0.5]]));
    let objective = [-0.8177097826295445, 0.24507665384893795, -0.35411029707749164];
    expect("ht", "objective", &complicated, &json!(objective));
    let row = [
        1.895539255473589,
        -0.3274614734510135,
        -0.000857761462408466,
        -0.4970168017943011,
        0.2716836211046683,
        -1.0,
        0.0,
        0.0,
        0.025562959640488752,
        0.17158995651392275,
        0.012559727070871603,
        0.0,
        -0.007040137018753442,
        -0.0491408663782419,
    ];
    first_row(&complicated, &row, 28);
    let simple = input(1, json!([]));
    let objective = [-1.4553253332234486, 0.01704526082500013, -0.4870363588047584];
    expect("ht", "objective", &simple, &json!(objective));
    let row = [
        0.017563644952528847,
        -0.5946901755953737,
        0.5149561707361824,
        -1.0,
        0.0,
        0.0,
        0.051125919280977504,
        0.3431799130278455,
        0.025119454141743207,
    ];
    first_row(&simple, &row, 26);
}

#[test]
fn det() {
    let input = json!({"A": [2, 1, 0, 1, 3, 1, 0, 1, 4], "ell": 3});
    expect("det", "primal", &input, &json!(18.0));
    expect("det", "gradient", &input, &json!([11, -4, 1, -4, 8, -2, 1, -2, 5]));
}

#[test]
fn lstm() {
    let input = json!({
        "main_params": [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [-0.1, 0.1, 0.0, 0.2, -0.2, 0.3, 0.15, -0.05]],
        "extra_params": [[1.0, 0.5], [0.8, -0.6], [0.1, 0.2]], "state": [[0.3, 0.6], [0.2, 0.9]],
        "sequence": [[1, 0], [0, 1], [1, 1]],
    });
    expect("lstm", "objective", &input, &json!(1.0335510097522498));
    let gradient = [
        0.0003828947387639998,
        0.0034332933281848175,
        -0.00015915567976447414,
        0.00473532263567554,
        0.003100218916274418,
        0.004332438850750543,
        -0.0016338092419075309,
        0.028489888407527773,
        -0.002121163213533124,
        0.022263751658082365,
        -0.001614996644230351,
        0.0087721453043208,
        -0.0023268320360029745,
        0.028705798761172116,
        -0.013620343892562772,
        0.05624424000290882,
        0.001588398932013609,
        0.006572243952174579,
        -0.0007429861678823392,
        -0.108649739009424,
        -0.03263149033916418,
        -0.3219739359566426,
    ];
    expect("lstm", "jacobian", &input, &json!(gradient));
}

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
    for mirrored in [false, true] {
        model["is_mirrored"] = json!(mirrored);
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

#[test]
fn runs_are_repeated_as_often_and_as_long_as_asked() {
    let runs = |min_runs: Value, min_seconds: Value| {
        let input = json!({"x": [1.0], "min_runs": min_runs, "min_seconds": min_seconds, "of no meaning": {}});
        let message = json!({"id": 1, "kind": "evaluate", "module": "lse", "function": "primal", "input": input});
        let answer = respond(message.to_string().as_bytes());
        let runs = answer["timings"].as_array().expect("timings").clone();
        assert!(runs.iter().all(|run| run["name"] == "evaluate" && run["nanoseconds"].is_u64()), "{answer}");
        runs.iter().map(|run| run["nanoseconds"].as_u64().unwrap()).fold((0, 0), |(n, sum), run| (n + 1, sum + run))
    };
    assert_eq!(runs(json!(5), json!(0)).0, 5);
    assert_eq!(runs(Value::Null, Value::Null).0, 1);
    let (count, nanoseconds) = runs(json!(1), json!(0.01));
    assert!(count > 1 && nanoseconds >= 10_000_000, "{count} runs of {nanoseconds} ns together");
}

#[test]
fn messages_are_answered_by_the_protocol() {
    let answer = |message: Value| respond(message.to_string().as_bytes());
    assert_eq!(answer(json!({"id": 0, "kind": "start", "eval": "gmm"})), json!({"id": 0, "tool": "gradtape"}));
    let modules = ["hello", "gmm", "ba", "kmeans", "llsq", "lse", "ode", "particle", "saddle", "ht", "det", "lstm"];
    for module in modules {
        let define = json!({"id": 1, "kind": "define", "module": module});
        assert_eq!(answer(define), json!({"id": 1, "success": true}));
    }
    let unknown = answer(json!({"id": 1, "kind": "define", "module": "weather"}));
    assert_eq!((&unknown["id"], &unknown["success"]), (&json!(1), &json!(false)));
    assert!(unknown["error"].is_string());
    assert_eq!(answer(json!({"id": 3, "kind": "analysis", "of": 2, "valid": false, "error": "no"})), json!({"id": 3}));
    assert_eq!(answer(json!({"id": 9_007_199_254_740_993u64, "kind": "?"})), json!({"id": 9_007_199_254_740_993u64}));
    assert_eq!(answer(json!({"id": 4})), json!({"id": 4}));
}

#[test]
fn what_makes_no_sense_is_an_error_and_nothing_else() {
    let fails = |module: &str, function: Value, input: Value| {
        let message = json!({"id": 2, "kind": "evaluate", "module": module, "function": function, "input": input});
        let answer = respond(message.to_string().as_bytes());
        assert_eq!((&answer["id"], &answer["success"]), (&json!(2), &json!(false)), "{message}: {answer}");
        assert!(answer["error"].as_str().is_some_and(|error| !error.is_empty()), "{answer}");
    };
    fails("weather", json!("primal"), json!({}));
    for module in ["hello", "gmm", "ba", "kmeans", "llsq", "lse", "ode", "particle", "saddle", "ht", "det", "lstm"] {
        for input in [json!({}), json!(null), json!([1]), json!("x"), json!({"x": "y"}), json!({"x": [[1], [2, 3]]})] {
            for function in ["objective", "jacobian", "primal", "gradient", "rr", "ff", "cost", "dir", "double"] {
                fails(module, json!(function), input.clone());
            }
        }
        fails(module, json!(7), json!({}));
    }
    fails("llsq", json!("primal"), json!({"x": [1.0], "n": -1}));
    fails("llsq", json!("primal"), json!({"x": [1.0], "n": 1_000_000_000_000_000u64}));
    fails("llsq", json!("hessian"), json!({"x": [1.0], "n": 1}));
    fails("lse", json!("primal"), json!({"x": []}));
    fails("lse", json!("primal"), json!({"x": [1.0, "a"]}));
    fails("ode", json!("gradient"), json!({"x": [1.0], "s": 0}));
    fails("ode", json!("primal"), json!({"x": [1e300, 1e300, 1e300], "s": 1}));
    fails("det", json!("primal"), json!({"A": [1, 2, 3], "ell": 2}));
    fails("det", json!("gradient"), json!({"A": vec![1; 10_000], "ell": 100}));
    fails("particle", json!("ff"), json!({"w": -0.4}));
    fails("kmeans", json!("dir"), json!({"points": [[1, 2]], "centroids": [[1]]}));
    let huge = json!({"n": 1, "m": 1, "p": 200_000_000, "cam": vec![0; 11], "x": vec![0; 3], "w": 1, "feat": [0, 0]});
    fails("ba", json!("jacobian"), huge);
    let mut model = hand();
    model["parents"][3] = json!(7);
    let data = json!({"correspondences": [0], "points": [[0, 0, 0]], "model": model});
    fails("ht", json!("objective"), json!({"theta": pose(), "us": [], "data": data}));
    let data = json!({"correspondences": [3], "points": [[0, 0, 0]], "model": hand()});
    fails("ht", json!("objective"), json!({"theta": pose(), "us": [], "data": data}));
    for line in [&b"nonsense"[..], b"{\"id\": 1", b"\xff\xfe", b"[]", b"17", "[".repeat(100_000).as_bytes()] {
        let answer = respond(line);
        assert!(answer.get("id").is_some(), "{answer}");
    }
}

#[test]
fn the_program_answers_line_by_line_until_its_input_ends() {
    use std::io::Write;
    // `cargo test` has built it beside this one.
    let mut path = std::env::current_exe().expect("a test has a path");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    let path = path.join("examples").join("gradbench").with_extension(std::env::consts::EXE_EXTENSION);
    if !path.exists() {
        let built = std::process::Command::new(env!("CARGO")).args(["build", "--example", "gradbench"]).status();
        assert!(built.is_ok_and(|status| status.success()), "the example does not build");
    }
    let mut command = std::process::Command::new(path);
    let piped = std::process::Stdio::piped;
    let mut program = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().expect("cargo runs");
    let lines = [
        "{\"id\":0,\"kind\":\"start\",\"eval\":\"hello\"}",
        "{\"id\":1,\"kind\":\"define\",\"module\":\"hello\"}",
        "",
        "what?",
        "{\"id\":2,\"kind\":\"evaluate\",\"module\":\"hello\",\"function\":\"double\",\"input\":3.0}",
        "{\"id\":3,\"kind\":\"analysis\",\"of\":2,\"valid\":true}",
    ];
    let mut input = program.stdin.take().expect("a pipe");
    input.write_all(lines.join("\n").as_bytes()).expect("the program reads");
    drop(input);
    let output = program.wait_with_output().expect("the program ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an answer is JSON"))
        .collect();
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[0], json!({"id": 0, "tool": "gradtape"}));
    assert_eq!(answers[1], json!({"id": 1, "success": true}));
    assert_eq!(answers[2]["id"], Value::Null);
    assert_eq!(answers[3]["output"], 6.0);
    assert_eq!(answers[4], json!({"id": 3}));
}
