//! What a newcomer's mistakes in the macros look like, to the letter, and that what is right compiles. What the right
//! programs compute is tested elsewhere.
//!
//! The sentences are ours; the frame around them, and the words about constants (`E0080`), are rustc's and may change
//! with its version. `TRYBUILD=overwrite cargo test --test ui` writes the files anew: read the difference.

#[test]
fn network() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/network/pass/*.rs");
    cases.compile_fail("tests/ui/network/*.rs");
}
