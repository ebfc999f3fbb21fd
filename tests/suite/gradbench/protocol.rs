//! How messages are answered, and what is no message.

use super::{hand, pose, tool::respond};
use serde_json::{Value, json};

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
    for function in ["rr", "rf", "fr", "ff"] {
        fails("saddle", json!(function), json!({"start": [1.0, 1e308]}));
    }
    fails("kmeans", json!("dir"), json!({"points": [[1, 2]], "centroids": [[1]]}));
    let huge = json!({"n": 1, "m": 1, "p": 200_000_000, "cam": vec![0; 11], "x": vec![0; 3], "w": 1, "feat": [0, 0]});
    fails("ba", json!("jacobian"), huge);
    let mut model = hand();
    model["parents"][3] = json!(7);
    let data = json!({"correspondences": [0], "points": [[0, 0, 0]], "model": model});
    fails("ht", json!("objective"), json!({"theta": pose(), "us": [], "data": data}));
    let data = json!({"correspondences": [3], "points": [[0, 0, 0]], "model": hand()});
    fails("ht", json!("objective"), json!({"theta": pose(), "us": [], "data": data}));
    for corner in [json!(-1), json!(0.5), json!(3), json!(1e300), json!("1")] {
        let mut model = hand();
        model["triangles"][0][2] = corner;
        let data = json!({"correspondences": [0], "points": [[0, 0, 0]], "model": model});
        fails("ht", json!("jacobian"), json!({"theta": pose(), "us": [[0.25, 0.5]], "data": data}));
    }
    for correspondence in [json!(-1), json!(1), json!(0.5)] {
        let data = json!({"correspondences": [correspondence], "points": [[0, 0, 0]], "model": hand()});
        fails("ht", json!("objective"), json!({"theta": pose(), "us": [[0.25, 0.5]], "data": data}));
    }
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
        let built = std::process::Command::new(env!("CARGO"))
            .args(["build", "-p", "gradtape", "--example", "gradbench"])
            .status();
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
