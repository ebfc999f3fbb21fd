//! What a network adds to `cargo check` of a program: a small crate that depends on this library is checked with and
//! without a network of twenty layers, the best of five times each. Prints; asserts nothing about time. Run it alone:
//! `cargo bench --bench compile_time`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, io};

const LAYERS: usize = 20;
const TIMES: usize = 5;

fn main() -> io::Result<()> {
    let program = Program::new()?;
    let [without, with] = [plain(), network()];
    // Builds the library.
    program.check(&without)?;
    let (mut best_without, mut best_with) = (Duration::MAX, Duration::MAX);
    for _ in 0..TIMES {
        best_without = best_without.min(program.check(&without)?);
        best_with = best_with.min(program.check(&with)?);
    }
    let milliseconds = |time: Duration| 1e3 * time.as_secs_f64();
    println!("cargo check of a program, best of {TIMES}");
    println!("without a network              {:7.1} ms", milliseconds(best_without));
    println!("with a network of {LAYERS} layers    {:7.1} ms", milliseconds(best_with));
    println!("the network                    {:7.1} ms", milliseconds(best_with) - milliseconds(best_without));
    Ok(())
}

/// The program without a network.
fn plain() -> String {
    "fn main() {\n    println!(\"{:?}\", gradtape::Rng::new(7));\n}\n".into()
}

/// The program with one, each size of which is compared with the one before.
fn network() -> String {
    let layers: String = (0..LAYERS / 2).map(|_| "        dense(64, 64, relu),\n        dropout(0.2),\n").collect();
    format!(
        "gradtape::network! {{\n    pub struct Deep {{\n{layers}    }}\n}}\n\nfn main() {{\n    println!(\"{{}}\", \
         Deep::new(&mut gradtape::Rng::new(7)));\n}}\n"
    )
}

/// A crate in a folder of its own.
struct Program {
    folder: PathBuf,
}

impl Program {
    fn new() -> io::Result<Program> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_time");
        fs::create_dir_all(folder.join("src"))?;
        let library = env!("CARGO_MANIFEST_DIR");
        let manifest = format!(
            "[package]\nname = \"compile-time\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             gradtape = {{ path = {library:?} }}\n\n[workspace]\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // The versions that this library was built with.
        let lock = Path::new(library).join("Cargo.lock");
        if lock.exists() {
            fs::copy(lock, folder.join("Cargo.lock"))?;
        }
        Ok(Program { folder })
    }

    /// How long `cargo check` takes after the text of the program has changed.
    fn check(&self, text: &str) -> io::Result<Duration> {
        fs::write(self.folder.join("src/main.rs"), text)?;
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(["check", "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"));
        let start = Instant::now();
        let status = command.status()?;
        let time = start.elapsed();
        if status.success() { Ok(time) } else { Err(io::Error::other("the program does not build")) }
    }
}
