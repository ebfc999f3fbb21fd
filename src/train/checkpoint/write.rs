//! Writing a checkpoint: the header, the numbers, and how the file takes the place of an older one. Nothing is read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use safetensors::tensor::{Metadata, TensorInfo};

use super::{CHUNK, Stored};
use crate::{Error, Result, nn::Param};

/// Writes named parameters into a file.
pub(super) fn save<T: Stored>(path: &Path, params: &[(String, &Param<T>)]) -> Result<()> {
    let header = header(params).map_err(|error| Error::format(path, error))?;
    replace(path, |file| {
        file.write_all(&header)?;
        let mut bytes = Vec::with_capacity(CHUNK);
        for (_, param) in params {
            for numbers in param.value().as_slice().chunks(CHUNK / size_of::<T>()) {
                bytes.clear();
                T::write(numbers, &mut bytes);
                file.write_all(&bytes)?;
            }
        }
        Ok(())
    })
}

/// The length of the header in eight bytes, and the header, filled up so that the numbers begin at a multiple of eight.
fn header<T: Stored>(params: &[(String, &Param<T>)]) -> std::result::Result<Vec<u8>, String> {
    let mut end = 0;
    let entries = params.iter().map(|(name, param)| {
        let start = end;
        end += param.len() * size_of::<T>();
        (name.clone(), TensorInfo { dtype: T::TYPE, shape: param.shape().to_vec(), data_offsets: (start, end) })
    });
    let entries = entries.collect();
    let metadata = Metadata::new(None, entries).map_err(|error| error.to_string())?;
    let mut json = serde_json::to_vec(&metadata).map_err(|error| error.to_string())?;
    json.resize(json.len().next_multiple_of(8), b' ');
    let mut header = (json.len() as u64).to_le_bytes().to_vec();
    header.append(&mut json);
    Ok(header)
}

/// Gives a file a new content, all of it or, after an error, none.
fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    let failed = |error| Error::io(path, error);
    let old = match fs::metadata(path) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    if let Some(old) = &old {
        if old.is_dir() {
            return Err(Error::format(path, "this is a folder; give the name of a file"));
        }
        if !old.is_file() {
            return Err(Error::format(path, "this is a device or a pipe; give the name of a file"));
        }
        if old.permissions().readonly() {
            return Err(Error::format(path, "the file is write-protected; give another name, or allow writing"));
        }
    }
    // Behind a link, the file that it leads to is replaced, not the link.
    let path = &if old.is_some() { fs::canonicalize(path).map_err(failed)? } else { path.to_owned() };
    let (mut file, temporary) = Temporary::beside(path)?;
    if let Some(old) = old {
        file.set_permissions(old.permissions()).map_err(failed)?;
    }
    write(&mut file).and_then(|()| file.sync_all()).map_err(failed)?;
    drop(file);
    temporary.rename(path).map_err(failed)
}

/// A file that is removed unless it is renamed.
struct Temporary(PathBuf);

impl Temporary {
    /// A new file in the folder of another, so that a rename moves no bytes.
    fn beside(path: &Path) -> Result<(File, Temporary)> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut number = 0;
        loop {
            let temporary = folder.join(format!(".gradtape-{}-{number}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&temporary) {
                Ok(file) => return Ok((file, Temporary(temporary))),
                // That of another thread, or left by a process that was killed.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && number < 10_000 => number += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let message = format!("there is no folder `{}`; create it first", folder.display());
                    return Err(Error::format(path, message));
                }
                Err(error) => {
                    let message = format!("no file can be made in the folder `{}`: {error}", folder.display());
                    return Err(Error::io(path, io::Error::new(error.kind(), message)));
                }
            }
        }
    }

    fn rename(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.0, path)?;
        std::mem::forget(self);
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // There is an error already; that a file is left over is the lesser one.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_no_other() {
        let folder = std::env::temp_dir().join(format!("gradtape-replace-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("file");
        replace(&path, |file| file.write_all(b"old")).unwrap();
        let full = |file: &mut File| {
            file.write_all(b"ne")?;
            Err(io::Error::new(ErrorKind::StorageFull, "the disk is full"))
        };
        let error = replace(&path, full).unwrap_err().to_string();
        assert!(error.ends_with("file: the disk is full"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        replace(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
