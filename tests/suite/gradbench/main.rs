//! The tool for GradBench: the worked examples of the suite's evaluations, its protocol, and what is no message.

#[path = "../../../examples/gradbench/main.rs"]
#[allow(dead_code, reason = "its `main` is not called here")]
mod tool;

mod differences;
mod protocol;
mod worked;

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
