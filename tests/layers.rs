//! The house's layers, as a test: a module names only what lies below it. And that no file of tests is left out.

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

/// What any layer may name: other crates' items that the root exports again, and macros of the crate's own.
const ANYWHERE: &[&str] = &["rand", "num_traits", "elementwise", "__private", "macros"];

/// The files in which an operation is given to the engine: all rules stand in `ops`, the others hold what is no rule, a
/// user's closures and equations whose derivatives come from the tape.
const STEPS: &[&str] = &["ops/", "tape/custom.rs", "tape/recompute.rs", "implicit/", "ode/"];

/// Names that the crate's root exports, with the module they come from: read from `lib.rs`.
fn exports(root: &str) -> Vec<(String, String)> {
    let mut exports = Vec::new();
    for item in root.split("pub use ").skip(1) {
        let item = item.split(';').next().unwrap_or_default();
        if let Some((module, names)) = item.split_once("::") {
            let names = names.split(['{', '}', ',']).map(str::trim).filter(|name| !name.is_empty());
            exports.extend(names.map(|name| (name.to_owned(), module.to_owned())));
        }
    }
    exports
}

fn rust_files(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder of the sources") {
            rust_files(&entry.expect("an entry of a folder").path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
    }
}

/// The code without comments, documentation and what is there for tests only, which may name anything.
fn code(text: &str) -> String {
    let text = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let (mut code, mut rest) = (String::new(), &*text);
    while let Some((before, item)) = rest.split_once("#[cfg(test)]") {
        code.push_str(before);
        rest = behind_item(item);
    }
    code + rest
}

/// What follows the item at the beginning of a text, which ends with its block or a semicolon.
fn behind_item(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (c == '}' || c == ';') {
            return &text[at + 1..];
        }
    }
    panic!("an item for tests does not end: {text}");
}

#[test]
fn only_what_is_for_tests_is_left_out() {
    let text = "use a;\n#[cfg(test)]\n#[path = \"x\"]\nmod tests;\nuse b; // no\n\
                #[cfg(test)]\nmod more { use c; #[cfg(test)] fn f(x: [u8; 2]) {} }\nuse d;\n\
                #[cfg(test)]\nuse e::{f, g};\nuse h;";
    let code = code(text);
    let words: Vec<&str> = code.split_whitespace().filter(|word| *word != ";").collect();
    assert_eq!(words, ["use", "a;", "use", "b;", "use", "d;", "use", "h;"]);
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
    let root = exports(&fs::read_to_string(source.join("lib.rs")).expect("the crate's root"));
    let mut checked = 0;
    for (module, allowed) in LAYERS {
        let mut files = Vec::new();
        rust_files(&source.join(module), &mut files);
        rust_files(&source.join(format!("{module}.rs")), &mut files);
        for file in files.iter().filter(|file| file.exists()) {
            let text = fs::read_to_string(file).expect("a source file");
            for name in named(&code(&text)) {
                if ANYWHERE.contains(&name.as_str()) {
                    continue;
                }
                let known = LAYERS.iter().find(|(module, _)| *module == name).map(|(module, _)| *module);
                let of_root = root.iter().find(|(export, _)| *export == name).map(|(_, module)| module.as_str());
                let Some(used) = known.or(of_root) else {
                    panic!("{}: `{name}` is of no layer that this test knows", file.display());
                };
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

#[test]
fn every_module_has_a_layer() {
    let root = code(&fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("the root"));
    for line in root.lines().filter(|line| line.ends_with(';')) {
        let Some((_, name)) = line.split_once("mod ") else { continue };
        let name = name.trim_end_matches(';');
        let known = LAYERS.iter().any(|(module, _)| *module == name) || ANYWHERE.contains(&name);
        assert!(known, "the module `{name}` is in no layer");
    }
}

#[test]
fn operations_are_given_to_the_engine_by_the_rule_book_alone() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut found = 0;
    for file in files {
        let text = code(&fs::read_to_string(&file).expect("a source file"));
        let gives = text.lines().any(|line| {
            let line = line.trim_start();
            let implements = ["Op<", "VariadicOp<", "Step<", "Elementwise<"].iter().any(|name| {
                line.split_once(name).is_some_and(|(before, after)| {
                    before.starts_with("impl") && before.ends_with([' ', ':']) && after.contains("> for ")
                })
            });
            implements && !line.contains("fn ")
        });
        if gives {
            let name = file.strip_prefix(&source).expect("a file below the sources").display().to_string();
            assert!(STEPS.iter().any(|place| name.starts_with(place)), "{name} gives an operation to the engine");
            found += 1;
        }
    }
    assert!(found > 10, "only {found} files found: does the test still read the sources?");
}

/// The package in `tests/suite` names its tests one by one, as programs that are right in `tests/ui` are among them.
#[test]
fn every_file_of_tests_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let manifest = fs::read_to_string(root.join("suite/Cargo.toml")).expect("a manifest");
    let mut programs = 0;
    let mut expect = |path: &str| {
        assert!(manifest.contains(&format!("path = \"{path}\"\n")), "{path} is not in the manifest of tests/suite");
        programs += 1;
    };
    let entries = |folder: PathBuf| {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name of text"))
    };
    for name in entries(root.join("suite")) {
        if name.ends_with(".rs") {
            expect(&name);
        } else if root.join("suite").join(&name).join("main.rs").exists() {
            expect(&format!("{name}/main.rs"));
        }
    }
    for mistakes in entries(root.join("ui")) {
        for kind in ["pass", "built"] {
            let folder = root.join("ui").join(&mistakes).join(kind);
            if folder.exists() {
                let programs = entries(folder).filter(|name| name.ends_with(".rs"));
                programs.for_each(|name| expect(&format!("../ui/{mistakes}/{kind}/{name}")));
            }
        }
    }
    assert!(programs > 30, "only {programs} programs found: does the test still look into the folders?");
}
