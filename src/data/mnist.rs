//! MNIST, the handwritten digits, from its four files in the IDX format, plain or gzip-compressed. Nothing is
//! downloaded here; [`super::synthetic::digits`] makes similar images from nothing.
//!
//! The files are untrusted: whatever is wrong with one of them is an [`Error`] that names the file, and memory follows
//! the bytes that a file holds, never the sizes that its header claims.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::Dataset;
use crate::{Error, Result, Tensor};

/// Bytes of the two magic numbers: unsigned bytes with three axes, and with one.
const IMAGES: [u8; 4] = [0, 0, 8, 3];
const LABELS: [u8; 4] = [0, 0, 8, 1];

/// The training and the test images of MNIST, or of a data set in the same form (Fashion-MNIST, KMNIST), from the
/// folder with the files `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
/// `t10k-labels-idx1-ubyte`, each plain or with `.gz` at the end of its name.
///
/// Inputs are `[images, 784]` with pixels from 0 (paper) to 1 (ink), row by row from the top; targets are the digits.
///
/// # Errors
///
/// If the folder or one of the files is missing, cannot be read or is damaged; if images and labels differ in number,
/// or training and test images in size; if a file is compressed and the crate was built without its feature `gzip`.
///
/// Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
///
/// ```
/// use gradtape::data::mnist;
///
/// match mnist::load("data/mnist") {
///     Ok((train, test)) => println!("{} images to learn from, {} to test with", train.len(), test.len()),
///     Err(error) => println!("{error}"), // which file or folder, and what is wrong with it
/// }
/// # assert!(mnist::load("data/no-such-folder").is_err());
/// ```
pub fn load(dir: impl AsRef<Path>) -> Result<(Dataset<f32>, Dataset<f32>)> {
    let dir = dir.as_ref();
    let metadata = fs::metadata(dir).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::format(dir, "there is no such folder; give that of the four files of MNIST"),
        _ => Error::io(dir, error),
    })?;
    if !metadata.is_dir() {
        return Err(Error::format(dir, "this is a file; give the folder that holds the four files of MNIST"));
    }
    let (train, train_size) = load_part(dir, "train")?;
    let (test, test_size) = load_part(dir, "t10k")?;
    if train_size != test_size {
        let message = format!("training images of {train_size:?} pixels, but test images of {test_size:?}");
        return Err(Error::format(dir, message));
    }
    Ok((train, test))
}

/// The images of one IDX file, plain or gzip-compressed: `[images, height, width]`, from 0 to 1.
///
/// # Errors
///
/// If the file cannot be read, holds something else, or more or fewer bytes than its header says.
///
/// ```
/// let error = gradtape::data::mnist::read_images("no-such-file").unwrap_err();
/// assert!(error.to_string().contains("no-such-file"));
/// ```
pub fn read_images(path: impl AsRef<Path>) -> Result<Tensor<f32>> {
    let (sizes, bytes) = read_idx::<3>(path.as_ref(), IMAGES, "images")?;
    let pixels = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    Tensor::from_vec(pixels, sizes)
}

/// The labels of one IDX file, plain or gzip-compressed: the digits 0 to 9.
///
/// # Errors
///
/// If the file cannot be read, holds something else, more or fewer bytes than its header says, or a label above 9.
///
/// ```
/// let error = gradtape::data::mnist::read_labels("no-such-file").unwrap_err();
/// assert!(error.to_string().contains("no-such-file"));
/// ```
pub fn read_labels(path: impl AsRef<Path>) -> Result<Vec<usize>> {
    let path = path.as_ref();
    let (_, bytes) = read_idx::<1>(path, LABELS, "labels")?;
    if let Some(place) = bytes.iter().position(|&label| label > 9) {
        let message = format!("label number {place} is {}; labels are digits from 0 to 9", bytes[place]);
        return Err(Error::format(path, message));
    }
    Ok(bytes.into_iter().map(usize::from).collect())
}

/// Images and labels of one part, and the height and width of its images.
fn load_part(dir: &Path, part: &str) -> Result<(Dataset<f32>, [usize; 2])> {
    let images_path = find(dir, &format!("{part}-images-idx3-ubyte"))?;
    let labels_path = find(dir, &format!("{part}-labels-idx1-ubyte"))?;
    let labels = read_labels(&labels_path)?;
    let images = read_images(&images_path)?;
    let (count, height, width) = (images.shape()[0], images.shape()[1], images.shape()[2]);
    if count != labels.len() {
        let message = format!("{count} images, but {} labels in {}", labels.len(), labels_path.display());
        return Err(Error::format(&images_path, message));
    }
    let inputs = Tensor::from_vec(images.into_vec(), [count, height * width])?;
    Ok((Dataset::new(inputs, labels)?, [height, width]))
}

/// The file of this name, or with `.gz` where there is no plain one.
fn find(dir: &Path, name: &str) -> Result<PathBuf> {
    let (plain, compressed) = (dir.join(name), dir.join(format!("{name}.gz")));
    let exists = |path: &Path| path.try_exists().map_err(|error| Error::io(path, error));
    if exists(&plain)? {
        Ok(plain)
    } else if exists(&compressed)? {
        Ok(compressed)
    } else {
        Err(Error::format(&plain, "there is no such file, nor one with .gz at the end of the name"))
    }
}

/// Reads an IDX file of bytes with `AXES` axes: its sizes, and its bytes, exactly as many as the sizes say.
fn read_idx<const AXES: usize>(path: &Path, magic: [u8; 4], content: &str) -> Result<([usize; AXES], Vec<u8>)> {
    let mut reader = open(path)?;
    let mut read = |limit: u64| {
        // Into a vector that grows with what arrives, so that a header cannot ask for memory.
        let mut bytes = Vec::new();
        reader.by_ref().take(limit).read_to_end(&mut bytes).map_err(|error| damaged(path, error))?;
        Ok::<_, Error>(bytes)
    };

    let found = read(4)?;
    if found.is_empty() {
        return Err(Error::format(path, "the file is empty"));
    }
    if found != magic {
        let message = format!("not an IDX file of {content}: it starts with the bytes {found:?} instead of {magic:?}");
        return Err(Error::format(path, message));
    }
    let header = read(4 * AXES as u64)?;
    if header.len() < 4 * AXES {
        return Err(Error::format(path, "the file ends within its header; get it again"));
    }
    let mut sizes = [0; AXES];
    for (size, bytes) in sizes.iter_mut().zip(header.chunks_exact(4)) {
        *size = bytes.iter().fold(0, |size, &byte| size << 8 | u32::from(byte));
    }
    let expected = sizes.iter().try_fold(1u64, |product, &size| product.checked_mul(u64::from(size)));
    let expected = expected.filter(|&bytes| bytes > 0 && usize::try_from(bytes).is_ok());
    let Some(expected) = expected else {
        let problem = if sizes.contains(&0) { "there is nothing in it" } else { "nothing is that large" };
        return Err(Error::format(path, format!("its header says {content} of sizes {sizes:?}: {problem}")));
    };

    let bytes = read(expected)?;
    if (bytes.len() as u64) < expected {
        let says = format!("its header says {content} of sizes {sizes:?}, which is {expected} bytes");
        return Err(Error::format(path, format!("{says}, but it ends after {}; get it again", bytes.len())));
    }
    if !read(1)?.is_empty() {
        return Err(Error::format(path, format!("it goes on after the {expected} bytes that its header says")));
    }
    Ok((sizes.map(|size| size as usize), bytes))
}

/// Opens a file, and looks through its compression if its first bytes say that it is compressed, whatever its name is:
/// browsers and tools like to unpack a file and leave it the `.gz`.
fn open(path: &Path) -> Result<Box<dyn Read>> {
    let failed = |error| Error::io(path, error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(Error::format(path, "this is not a file; the file may lie within a folder of its name"));
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.by_ref().take(2).read_to_end(&mut start).map_err(failed)?;
    let compressed = start == [0x1F, 0x8B];
    let whole = BufReader::new(io::Cursor::new(start).chain(file));
    if compressed { decompress(path, whole) } else { Ok(Box::new(whole)) }
}

#[cfg(feature = "gzip")]
fn decompress(_: &Path, compressed: impl io::BufRead + 'static) -> Result<Box<dyn Read>> {
    Ok(Box::new(flate2::bufread::MultiGzDecoder::new(compressed)))
}

#[cfg(not(feature = "gzip"))]
fn decompress(path: &Path, _: impl io::BufRead + 'static) -> Result<Box<dyn Read>> {
    let message = "the file is gzip-compressed, and gradtape was built without its feature `gzip`: switch it on, or \
                   decompress the file";
    Err(Error::format(path, message))
}

/// An error while reading: of the compressed data, or of the disk.
fn damaged(path: &Path, error: io::Error) -> Error {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => Error::format(path, "the compressed data end too early; get the file again"),
        InvalidData | InvalidInput => {
            Error::format(path, format!("the compressed data are damaged ({error}); get the file again"))
        }
        _ => Error::io(path, error),
    }
}
