//! What a newcomer's mistakes in the macros look like, to the letter. The programs in the folders `pass`, which are right,
//! are tests of their own (see `tests/Cargo.toml`): if one of them were built here, the library would be built once more.
//!
//! The sentences are ours; the frame around them, and the words about constants (`E0080`), are rustc's and may change
//! with its version: so the mistakes are compared to the letter with one version only. `TRYBUILD=overwrite cargo test
//! --test ui` writes the files anew: read the difference.

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
