//! Checkpoints: what is saved is what is loaded, to the bit; what is wrong with a file is said; and nothing is changed
//! unless all fits.

#[path = "../common/mod.rs"]
mod common;
#[path = "../counting/mod.rs"]
mod counting;

mod damaged;
mod kept;
mod refused;

use gradtape::nn::Dense;
use gradtape::prelude::*;
use gradtape::train::checkpoint;
use std::fs;
use std::path::{Path, PathBuf};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting { from: 0 };

/// A path for one test, in a folder of its own, which is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gradtape-checkpoint-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        Folder(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("model.safetensors")
    }

    fn with(&self, bytes: &[u8]) -> PathBuf {
        fs::write(self.file(), bytes).expect("a file for the test");
        self.file()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Names, shapes and bits of everything that a checkpoint holds.
fn bits<T: Scalar>(module: &impl Module<T>) -> Vec<(String, Vec<usize>, Vec<u64>)> {
    let params = module.named_params().into_iter().chain(module.named_buffers());
    params
        .map(|(name, param)| {
            let numbers = param.value().iter().map(|x| x.real().to_bits()).collect();
            (name, param.shape().to_vec(), numbers)
        })
        .collect()
}

/// What loading says, after it was seen that nothing has changed.
#[track_caller]
fn error_of<T: checkpoint::Stored>(path: &Path, module: &mut impl Module<T>) -> String {
    let before = bits(module);
    let error = checkpoint::load(path, module).expect_err("the file does not fit").to_string();
    assert!(bits(module) == before, "something has changed, and then: {error}");
    let without_path = error.strip_prefix(&format!("{}: ", path.display())).expect("the path is said first");
    without_path.to_owned()
}

/// As `safetensors.numpy.save` of Python writes it (version 0.8.0).
const OF_PYTHON: &[u8] = b"\xa0\x00\x00\x00\x00\x00\x00\x00{\"__metadata__\":{\"format\":\"pt\"},\
    \"0.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},\
    \"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[12,36]}}     \
    \x00\x00\x00?\x00\x00\x80\xbfo\x12\x83:\
    \x00\x00\x00\x00\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@\x00\x00\xa0@";

fn one_layer(inputs: usize, outputs: usize) -> Vec<Dense<f32>> {
    vec![Dense::new(inputs, outputs, &mut Rng::new(7))]
}

/// A file with this header, and so many bytes of numbers.
fn with_header(header: &str, numbers: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; numbers]].concat()
}
