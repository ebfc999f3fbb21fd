//! The house's layers, as a test: a module names only what lies below it.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules in the order of the layers, each with those that it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("rng", &[]),
    ("tensor", &["error", "rng"]),
    ("tape", &["error", "tensor"]),
    ("ops", &["error", "rng", "tensor", "tape"]),
    ("functional", &["error", "rng", "tensor", "tape", "ops"]),
    ("implicit", &["error", "tensor", "tape", "ops"]),
    ("ode", &["error", "tensor", "tape", "ops"]),
    ("gradcheck", &["error", "rng", "tensor", "tape", "ops"]),
    ("data", &["error", "rng", "tensor"]),
    ("metrics", &["error", "tensor", "data"]),
    ("nn", &["error", "rng", "tensor", "tape", "ops", "gradcheck", "data"]),
    ("loss", &["error", "tensor", "tape", "ops", "data", "nn"]),
    ("optim", &["error", "tensor", "tape", "ops", "nn"]),
    ("train", &["error", "rng", "tensor", "tape", "ops", "data", "metrics", "nn", "loss", "optim"]),
];

/// Names that the crate's root exports, and the module they come from.
const ROOT: &[(&str, &str)] = &[
    ("Error", "error"),
    ("Result", "error"),
    ("Element", "tensor"),
    ("Rng", "rng"),
    ("Tensor", "tensor"),
    ("Shape", "tensor"),
    ("Dual", "tensor"),
    ("MultiDual", "tensor"),
    ("Taylor", "tensor"),
    ("Tape", "tape"),
    ("Var", "tape"),
    ("TensorVar", "tape"),
    ("Gradients", "tape"),
    ("Param", "tape"),
    ("Step", "tape"),
    ("Scalar", "ops"),
    ("Operand", "ops"),
    ("Op", "ops"),
    ("Number", "ops"),
    ("FromNumber", "ops"),
    ("Elementwise", "ops"),
    ("ElementwiseArgument", "ops"),
];

fn rust_files(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder of the sources") {
            rust_files(&entry.expect("an entry of a folder").path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
    }
}

/// The code without comments, documentation and test modules, which may name anything.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// What follows `crate::`: the names in a path, or all first names in a list of paths.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let (mut depth, mut start) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    names.push(word(&list[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn a_module_names_only_what_lies_below_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut checked = 0;
    for (module, allowed) in LAYERS {
        let mut files = Vec::new();
        rust_files(&source.join(module), &mut files);
        rust_files(&source.join(format!("{module}.rs")), &mut files);
        for file in files.iter().filter(|file| file.exists()) {
            let text = fs::read_to_string(file).expect("a source file");
            for name in named(&code(&text)) {
                let of_root = ROOT.iter().find(|(export, _)| *export == name).map(|(_, module)| *module);
                let known = LAYERS.iter().find(|(module, _)| *module == name).map(|(module, _)| *module);
                let Some(used) = of_root.or(known) else { continue };
                let fine = used == *module || allowed.contains(&used);
                assert!(fine, "{}: the layer `{module}` names `{name}` of `{used}`", file.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} names found: does the test still read the sources?");
}

#[test]
fn the_engine_names_no_operation() {
    let tape = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tape");
    let mut files = Vec::new();
    rust_files(&tape, &mut files);
    for file in files {
        let text = code(&fs::read_to_string(&file).expect("a source file"));
        for operation in ["crate::ops", "MatMul", "Softmax", "tanh", "matmul", "relu", "SumTo", "Builtin"] {
            assert!(!text.contains(operation), "{}: names {operation}", file.display());
        }
    }
}
