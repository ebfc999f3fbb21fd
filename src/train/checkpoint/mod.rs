//! Checkpoints: the parameters and buffers of a module in a file, found by their names. What a module computes, and
//! what an optimizer remembers, is not in it. Takes the feature `checkpoint`.
//!
//! Training that goes on from a checkpoint begins with a fresh optimizer: momentum and the like start at zero.
//!
//! The format is safetensors: a header of names, number types and shapes, then the numbers, which Python reads with
//! `safetensors.torch.load_file` or `safetensors.numpy.load_file` and writes with `save_file`. The names are those of
//! [`named_params`](crate::nn::Module::named_params) and [`named_buffers`](crate::nn::Module::named_buffers), so that
//! whatever is a [`Module`] has a checkpoint: a `network!`, a `layer!`, a struct that derives it, a list of them.
//!
//! From PyTorch, mind that `torch.nn.Linear` keeps its weight as `[outputs, inputs]` and
//! [`Dense`](crate::nn::Dense) as `[inputs, outputs]`: save `weight.T.contiguous()` there. A square weight that was not
//! transposed has the right shape, and is loaded as it stands.
//!
//! ```
//! use gradtape::prelude::*;
//! use gradtape::train::checkpoint;
//!
//! network! {
//!     struct Net { hidden: dense(2, 8, tanh), output: dense(8, 1) }
//! }
//! # let path = std::env::temp_dir().join(format!("gradtape-doc-{}.safetensors", std::process::id()));
//! let trained = Net::<f32>::new(&mut Rng::new(1));
//! checkpoint::save(&path, &trained)?;
//!
//! let mut net = Net::<f32>::new(&mut Rng::new(2));
//! checkpoint::load(&path, &mut net)?;
//! let predict = |net: &Net| net.forward(Tape::inference().constant([[0.5, -1.0]])).value();
//! assert_eq!(predict(&net), predict(&trained));
//!
//! // What does not fit is said, and changes nothing.
//! let mut other = network!(dense(2, 9, tanh)).init(&mut Rng::new(3));
//! let error = checkpoint::load::<f32, _>(&path, &mut other).unwrap_err().to_string();
//! assert!(error.contains("it holds `hidden.weight`, `hidden.bias`,"), "{error}");
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), gradtape::Error>(())
//! ```

mod read;
mod write;

use std::path::Path;

use crate::{
    Error, Result, Scalar,
    nn::{self, Module, Param},
};

/// Writes every parameter and buffer of a module into a file, under its name and in its number type.
///
/// A file that is there is replaced as a whole: the new one is written beside it, brought to the disk and renamed, so
/// that no crash leaves half a file. The same parameters give the same bytes. Beside the module itself, memory holds
/// the names and 64 KiB.
///
/// # Errors
/// If the file cannot be written: its folder is missing, a folder has its name, it is write-protected, the disk is
/// full. If two parameters of the module have one name. The old file then stays.
///
/// ```
/// use gradtape::{Rng, nn::Dense, train::checkpoint};
/// let layer = Dense::<f32>::new(2, 3, &mut Rng::new(7));
/// let error = checkpoint::save("no/such/folder/layer.safetensors", &layer).unwrap_err();
/// assert!(error.to_string().contains("there is no folder `no/such/folder`"));
/// ```
pub fn save<T: Stored, M: Module<T> + ?Sized>(path: impl AsRef<Path>, module: &M) -> Result<()> {
    write::save(path.as_ref(), &named(module)?)
}

/// Replaces every parameter and buffer of a module by the one of its name in a file; also in a file that
/// [Python](self) has written.
///
/// All or nothing: names, number types and shapes are compared first, and the module changes once everything is read.
/// Which parameters are frozen stays as it is. Numbers keep their bits; for the same reason none are converted: a file
/// of `f64` is loaded into a module of `f64`, and [`Module::convert`] makes one of `f32` of that. Beside the module
/// and the new parameters, memory holds the names and 64 KiB.
///
/// The format has no checksum: of the numbers, it is noticed that some are missing, not that one is another.
///
/// # Errors
/// If the file cannot be read, is cut off or damaged, or is of another format; if it lacks a parameter of the module or
/// holds one that the module does not have; if shapes or number types differ. The module then is as it was.
///
/// # Panics
/// If the module's `visit_mut` leaves out what its `visit` gives, which those of the macros do not.
///
/// ```
/// use gradtape::{Rng, nn::Dense, train::checkpoint};
/// let mut layer = Dense::<f32>::new(2, 3, &mut Rng::new(7));
/// let error = checkpoint::load("no-such-file.safetensors", &mut layer).unwrap_err();
/// assert!(error.to_string().contains("no-such-file.safetensors: there is no such file"));
/// ```
#[track_caller]
pub fn load<T: Stored, M: Module<T> + ?Sized>(path: impl AsRef<Path>, module: &mut M) -> Result<()> {
    let mut values = read::load::<T>(path.as_ref(), &named(&*module)?)?;
    module.visit_mut(&nn::Path::root(), &mut |name, param| {
        if let Some(value) = values.remove(&name.to_string()) {
            *param.value_mut() = value;
        }
    });
    let forgotten = values.into_keys().next();
    assert!(
        forgotten.is_none(),
        "load: `visit` gives the parameter `{}`, and `visit_mut` does not",
        forgotten.unwrap()
    );
    Ok(())
}

/// A number that a checkpoint holds: `f32` or `f64`. The bound for code generic over them.
///
/// ```
/// use gradtape::{Param, Result, nn::Module, train::checkpoint};
///
/// /// A copy that has been in a file.
/// fn through_a_file<T: checkpoint::Stored, M: Module<T> + Clone>(path: &std::path::Path, module: &M) -> Result<M> {
///     let mut copy = module.clone();
///     checkpoint::save(path, module)?;
///     checkpoint::load(path, &mut copy)?;
///     Ok(copy)
/// }
/// # let path = std::env::temp_dir().join(format!("gradtape-stored-{}.safetensors", std::process::id()));
/// assert_eq!(through_a_file(&path, &Param::new([0.1f32, 0.2]))?.value().as_slice(), [0.1, 0.2]);
/// assert_eq!(through_a_file(&path, &Param::new([0.1f64, 0.2]))?.value().as_slice(), [0.1, 0.2]);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), gradtape::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a checkpoint does not hold numbers of type `{Self}`",
    label = "not `f32` or `f64`"
)]
pub trait Stored: Scalar + sealed::Bytes {}

/// What stands in the file, named nowhere in the interface.
mod sealed {
    use safetensors::Dtype;

    pub trait Bytes: Sized {
        const TYPE: Dtype;
        /// How Python makes this type of another.
        const CAST: &str;
        fn write(numbers: &[Self], bytes: &mut Vec<u8>);
        fn read(bytes: &[u8], numbers: &mut Vec<Self>);
    }

    macro_rules! stored {
        ($($T:ident as $Type:ident, $cast:literal;)*) => { $(
            impl Bytes for $T {
                const TYPE: Dtype = Dtype::$Type;
                const CAST: &str = $cast;

                fn write(numbers: &[Self], bytes: &mut Vec<u8>) {
                    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
                }

                fn read(bytes: &[u8], numbers: &mut Vec<Self>) {
                    let (each, _) = bytes.as_chunks();
                    numbers.extend(each.iter().map(|bytes| $T::from_le_bytes(*bytes)));
                }
            }

            impl super::Stored for $T {}
        )* };
    }
    stored! {
        f32 as F32, "float";
        f64 as F64, "double";
    }
}

/// How many bytes are converted at a time.
const CHUNK: usize = 1 << 16;

/// The parameters and buffers with their names, in the order of a visit.
fn named<T: Scalar, M: Module<T> + ?Sized>(module: &M) -> Result<Vec<(String, &Param<T>)>> {
    let mut params = Vec::new();
    module.visit(&nn::Path::root(), &mut |name, param| params.push((name.to_string(), param)));
    let mut names: Vec<&str> = params.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    let rename = "rename one, as by `#[module(rename = \"...\")]`";
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let name = twice[0];
        return Err(Error::invalid(format!("a checkpoint needs names: two parameters are called `{name}`; {rename}")));
    }
    if names.binary_search(&METADATA).is_ok() {
        return Err(Error::invalid(format!("safetensors keeps the name `{METADATA}` for itself; {rename}")));
    }
    Ok(params)
}

/// The entry of the header that is no tensor.
const METADATA: &str = "__metadata__";
