//! The examples, run as a user runs them; each ends in asserts of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// The programs of all examples, built once from the sources as they are, in the profile of this test: what `cargo
/// test` has built already is only looked at.
static PROGRAMS: LazyLock<HashMap<String, PathBuf>> = LazyLock::new(|| {
    let test = std::env::current_exe().expect("a test has a path");
    // A profile's folder bears its name, but for that of `test` and `dev`.
    let folder = test.ancestors().nth(2).and_then(Path::file_name).and_then(|name| name.to_str());
    let profile = folder.filter(|name| *name != "debug").unwrap_or("test");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--workspace", "--examples", "--message-format", "json", "--profile", profile])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(built.status.success(), "the examples do not build:\n{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).expect("cargo writes text");
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let program = |message: serde_json::Value| {
        let target = &message["target"];
        let (name, path) = (target["name"].as_str()?, message["executable"].as_str()?);
        (target["kind"][0] == "example").then(|| (name.to_owned(), path.into()))
    };
    messages.filter_map(program).collect()
});

fn program(name: &str) -> &'static Path {
    PROGRAMS.get(name).unwrap_or_else(|| panic!("there is no example {name}"))
}

fn run(name: &str, arguments: &[&str]) -> Output {
    Command::new(program(name)).args(arguments).output().expect("an example starts")
}

#[track_caller]
fn run_well(name: &str, arguments: &[&str]) -> String {
    let output = run(name, arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name} {arguments:?} fails:\n{text}\n{errors}");
    text
}

#[test]
fn the_course_runs() {
    for name in [
        "01_scalar",
        "02_function",
        "03_tensor",
        "04_network",
        "05_custom_layer",
        "06_custom_operation",
        "07_gradient_check",
        "heat_equation",
        "xor",
    ] {
        assert!(!run_well(name, &[]).is_empty(), "{name} says nothing");
    }
}

#[test]
fn the_digits_classifier_learns_the_digits_that_it_draws() {
    let text = run_well("digits", &[]);
    for part in
        ["dense(784, 128, relu)", "101,770", "are read right", "recall", "a linear model reads", "the fastest epoch"]
    {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn the_digits_classifier_reads_mnist() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mnist");
    if !data.exists() {
        println!("skipped: {} is not there", data.display());
        return;
    }
    let text = run_well("digits", &["--data", data.to_str().expect("a path of text")]);
    let sentence = text.split("\nof the test images, ").nth(1).expect("the accuracy is said");
    let accuracy: f64 = sentence.split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    assert!(accuracy >= 97.5, "{accuracy} % of the test images after 5 epochs");
}

#[test]
fn the_digits_classifier_explains_itself_and_what_is_wrong() {
    assert!(run_well("digits", &["--help"]).contains("--data DIR"));
    let empty = std::env::temp_dir().join(format!("gradtape-no-digits-{}", std::process::id()));
    std::fs::create_dir_all(&empty).expect("a folder for the test");
    let mut arguments =
        vec![vec!["--data", "no/such/folder"], vec!["--epochs", "many"], vec!["--nonsense"], vec!["--rate", "0"]];
    arguments.push(vec!["--batch", "0"]);
    arguments.push(vec!["--data", empty.to_str().expect("a path of text")]);
    for arguments in &arguments {
        let output = run("digits", arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().count(), 1, "one line, not:\n{said}");
        assert!(said.starts_with("digits: "), "{said}");
    }
    std::fs::remove_dir(&empty).expect("the folder is still empty");
}

#[test]
fn the_gated_residual_network_tells_the_rows_of_a_table() {
    let text = run_well("table", &[]);
    for part in [
        "Block(24, drop = 0.0)",
        "the gradients agree with differences: of each parameter up to 20",
        "put on the right arm",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn the_gated_residual_network_tells_the_rows_of_real_tables() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/tabular");
    if !data.exists() {
        println!("skipped: {} is not there", data.display());
        return;
    }
    for (name, least) in [("breast_cancer", 95.5), ("wine", 96.5), ("iris", 95.5)] {
        let file = data.join(name).with_extension("csv");
        let text = run_well("table", &["--data", file.to_str().expect("a path of text")]);
        let average = text.split("\non average ").nth(1).and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        let average = average.expect("the accuracy is said");
        assert!(average >= least, "{name}: {average} % of the rows held out");
    }
}

#[test]
fn the_table_example_says_what_is_wrong() {
    assert!(run_well("table", &["--help"]).contains("--data FILE"));
    for arguments in [vec!["--data", "no/such/table.csv"], vec!["--splits", "0"], vec!["--nonsense"]] {
        let output = run("table", &arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().count(), 1, "one line, not:\n{said}");
        assert!(said.starts_with("table: "), "{said}");
    }
}
