//! What a newcomer's mistakes in the macros look like, to the letter. The programs in the folders `pass`, which are
//! right, are tests of their own (see `tests/suite/Cargo.toml`): if one of them were built here, the library would be
//! built once more.
//!
//! The sentences are ours; the frame around them, and the words about constants (`E0080`), are rustc's and may change
//! with its version: so the mistakes are compared to the letter with one version only. `TRYBUILD=overwrite cargo test
//! --test ui` writes the files anew: read the difference.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The compiler whose frame the files have.
const KNOWN: &str = "rustc 1.95.";

/// Whether this is that compiler; if not, says so.
fn frame_is_known() -> bool {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version).into_owned();
    let known = version.starts_with(KNOWN);
    if !known {
        println!("the words of mistakes are not compared: this is {}, they are of {KNOWN}x", version.trim());
    }
    known
}

#[test]
fn network() {
    if frame_is_known() {
        trybuild::TestCases::new().compile_fail("tests/ui/network/*.rs");
    }
}

/// What only a build finds: constants that depend on parameters of the function that is compiled. Built beside the
/// tests, where the library is at hand.
#[test]
fn network_built() {
    if !frame_is_known() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).and_then(Path::file_name).and_then(|name| name.to_str());
    let profile = folder.filter(|name| *name != "debug").unwrap_or("test");
    let name = "wrong_network_const_parameters";
    let built = Command::new(env!("CARGO"))
        .args(["build", "--workspace", "--features", "gradtape-suite/wrong", "--test", name])
        .args(["--message-format", "json", "--profile", profile])
        .current_dir(root)
        .output()
        .expect("cargo starts");
    assert!(!built.status.success(), "{name} compiles");
    let messages = String::from_utf8(built.stdout).expect("cargo writes text");
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let words = messages.filter(|message| message["target"]["name"] == name).filter_map(|message| {
        let message = &message["message"];
        let words = message["rendered"].as_str()?.to_owned();
        // The last error counts the others, and a note says where one reads more.
        (message["level"] != "failure-note" && !words.starts_with("error: aborting")).then_some(words)
    });
    // The package of the test lies beside the folder of its program.
    let words = words.collect::<String>().replace("suite/../", "");
    let path = root.join("tests/ui/network/built/const_parameters.stderr");
    if std::env::var("TRYBUILD").is_ok_and(|wish| wish == "overwrite") {
        fs::write(&path, format!("{}\n", words.trim_end())).expect("a file that can be written");
        return;
    }
    let expected = fs::read_to_string(&path).expect("the words of the mistakes");
    assert_eq!(
        words.trim_end(),
        expected.trim_end(),
        "other words; cargo says:\n{}",
        String::from_utf8_lossy(&built.stderr)
    );
}

#[test]
fn elementwise() {
    if frame_is_known() {
        trybuild::TestCases::new().compile_fail("tests/ui/elementwise/*.rs");
    }
}

#[test]
fn layer() {
    if frame_is_known() {
        trybuild::TestCases::new().compile_fail("tests/ui/layer/*.rs");
    }
}

#[test]
fn derive() {
    if frame_is_known() {
        trybuild::TestCases::new().compile_fail("tests/ui/derive/*.rs");
    }
}

#[test]
fn gradcheck() {
    if frame_is_known() {
        trybuild::TestCases::new().compile_fail("tests/ui/gradcheck/*.rs");
    }
}

#[test]
fn traits() {
    if frame_is_known() {
        trybuild::TestCases::new().compile_fail("tests/ui/traits/*.rs");
    }
}
