//! Reading a checkpoint: what is wrong with a file, whether it fits a module, and the numbers. Nothing is written.
//!
//! The files are untrusted: memory follows the bytes that a file holds, never the sizes that its header claims.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufReader, ErrorKind, Read},
    path::Path,
};

use safetensors::tensor::{Metadata, TensorInfo};

use super::{CHUNK, Stored};
use crate::{Error, Result, Tensor, nn::Param};

/// The bytes that hold the length of the header.
const LENGTH: u64 = 8;

/// The longest header that the format allows.
const LONGEST_HEADER: u64 = 100_000_000;

/// The values of all parameters, each of the shape of the one with its name.
pub(super) fn load<T: Stored>(path: &Path, params: &[(String, &Param<T>)]) -> Result<HashMap<String, Tensor<T>>> {
    let damaged = |message: String| Error::format(path, message);
    let (mut file, metadata) = open(path)?;
    fits(params, &metadata).map_err(damaged)?;
    // The numbers of a tensor begin where those of the one before end.
    let names = metadata.offset_keys();
    let mut values = HashMap::with_capacity(names.len());
    let mut bytes = vec![0; CHUNK];
    for name in names {
        let info = metadata.info(&name).expect("the names are those of the header");
        let mut numbers = Vec::with_capacity(elements(info));
        let mut rest = info.data_offsets.1 - info.data_offsets.0;
        while rest > 0 {
            let chunk = &mut bytes[..rest.min(CHUNK)];
            file.read_exact(chunk).map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => damaged(format!("it ended while `{name}` was read")),
                _ => Error::io(path, error),
            })?;
            T::read(chunk, &mut numbers);
            rest -= chunk.len();
        }
        values.insert(name, Tensor::from_vec(numbers, &info.shape)?);
    }
    Ok(values)
}

fn elements(info: &TensorInfo) -> usize {
    info.shape.iter().product()
}

/// A file, read up to its numbers, and what its header says, which agrees with its length.
fn open(path: &Path) -> Result<(BufReader<File>, Metadata)> {
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => Error::format(path, "there is no such file"),
        _ => Error::io(path, error),
    };
    let damaged = |message: String| Error::format(path, message);
    // Asked before it is opened: to open a pipe waits for who writes into it.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::format(path, "this is no file; give the one that was saved"));
    }
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut file = BufReader::with_capacity(CHUNK, file);

    let mut first = Vec::new();
    file.by_ref().take(LENGTH).read_to_end(&mut first).map_err(failed)?;
    let Ok(header_length) = <[u8; LENGTH as usize]>::try_from(&*first).map(u64::from_le_bytes) else {
        return Err(damaged(format!("it holds {} bytes and is no safetensors file; save it again", first.len())));
    };
    if first.starts_with(b"PK") {
        let message = "this is a zip archive, as `torch.save` writes; save it with `safetensors.torch.save_file`";
        return Err(Error::format(path, message));
    }
    let there = length.saturating_sub(LENGTH);
    if header_length > there || header_length > LONGEST_HEADER {
        return Err(damaged(format!(
            "it begins as a safetensors file with a header of {header_length} bytes, and holds {there} more: it is cut \
             off, or of another format; save it again"
        )));
    }
    let mut header = Vec::new();
    file.by_ref().take(header_length).read_to_end(&mut header).map_err(failed)?;
    let metadata: Metadata = serde_json::from_slice(&header)
        .map_err(|error| damaged(format!("its header is damaged, or of another format: {error}; save it again")))?;

    let (expected, found) = (metadata.data_len() as u64, there - header_length);
    if found != expected {
        let what = if found < expected { "is cut off" } else { "goes on behind them" };
        return Err(damaged(format!(
            "its header tells of {expected} bytes of numbers, and {found} are there: it {what}; save it again"
        )));
    }
    Ok((file, metadata))
}

/// Whether the file holds the parameters of the module and no others; else what is wrong, and what to do.
fn fits<T: Stored>(params: &[(String, &Param<T>)], metadata: &Metadata) -> std::result::Result<(), String> {
    let in_module: HashMap<&str, &Param<T>> = params.iter().map(|(name, param)| (&**name, *param)).collect();
    let in_file = metadata.offset_keys();
    let missing: Vec<&str> = params.iter().map(|(name, _)| &**name).filter(|n| metadata.info(n).is_none()).collect();
    let unknown: Vec<&str> = in_file.iter().map(|name| &**name).filter(|n| !in_module.contains_key(n)).collect();
    let lacks = (!missing.is_empty()).then(|| format!("it lacks {}, which the module has", list(&missing)));
    let holds = (!unknown.is_empty()).then(|| format!("it holds {}, which the module does not have", list(&unknown)));
    let names: Vec<String> = lacks.into_iter().chain(holds).collect();
    if !names.is_empty() {
        return Err(format!("{}; load it into a module that is built as the saved one was", names.join(", and ")));
    }

    let pairs = || params.iter().filter_map(|(name, param)| Some((name, param, metadata.info(name)?)));
    let others = |count: usize| match count {
        1 => String::new(),
        2 => " (and one more differs)".into(),
        _ => format!(" (and {} more differ)", count - 1),
    };
    let mut types = pairs().filter(|(_, _, info)| info.dtype != T::TYPE);
    if let Some((name, _, info)) = types.next() {
        let (in_file, in_module) = (info.dtype, T::TYPE);
        let others = others(1 + types.count());
        let advice = match in_file {
            safetensors::Dtype::F32 | safetensors::Dtype::F64 => {
                let number = in_file.to_string().to_lowercase();
                format!("load it into a module of `{number}`, and `convert` that")
            }
            _ => format!("make it {in_module} where it was saved, in PyTorch by `tensor.{}()`", T::CAST),
        };
        return Err(format!("`{name}` is of type {in_file} there and {in_module} in the module{others}; {advice}"));
    }
    let mut shapes = pairs().filter(|(_, param, info)| info.shape != param.shape());
    if let Some((name, param, info)) = shapes.next() {
        let (there, here) = (&info.shape, param.shape());
        let others = others(1 + shapes.count());
        let advice = if here.len() == 2 && there.iter().eq(here.iter().rev()) {
            "it is transposed, as PyTorch keeps the weight of a `Linear`; save `weight.T.contiguous()` there"
        } else {
            "build the module with the sizes of the saved one"
        };
        return Err(format!("`{name}` has the shape {there:?} there and {here:?} in the module{others}; {advice}"));
    }
    Ok(())
}

/// `a`, `b`, `c` and 5 more
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
