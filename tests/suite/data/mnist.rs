//! Files of the MNIST form: the four of them, plain and compressed, and every way in which one can be damaged.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gradtape::data::mnist;

/// A folder of its own for a test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("gradtape-mnist-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// A folder with a small data set: 3 images of 2 x 4 pixels to train with, and 2 to test with.
    fn filled() -> Folder {
        let folder = Folder::new();
        for (part, count) in [("train", 3), ("t10k", 2)] {
            folder.write(&format!("{part}-images-idx3-ubyte"), &images(count));
            folder.write(&format!("{part}-labels-idx1-ubyte"), &labels(&[7, 0, 9][..count]));
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn idx(kind: u8, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, kind];
    sizes.iter().for_each(|size| file.extend(size.to_be_bytes()));
    file.extend(bytes);
    file
}

fn images(count: usize) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count * 8).map(|i| (i * 51 % 256) as u8).collect();
    idx(3, &[count as u32, 2, 4], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx(1, &[labels.len() as u32], labels)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The message about a file or folder, which must name it.
fn message<T>(path: &Path, result: gradtape::Result<T>) -> String {
    let message = result.err().expect("a damaged file is an error").to_string();
    assert!(message.contains(path.file_name().unwrap().to_str().unwrap()), "{message}");
    message
}

#[test]
fn plain_and_compressed_files_give_the_same_data() {
    let plain = Folder::filled();
    let (train, test) = mnist::load(&plain.0).unwrap();
    assert_eq!((train.inputs().shape(), test.inputs().shape()), (&[3, 8][..], &[2, 8][..]));
    assert_eq!((train.targets().classes(), test.targets().classes()), (Some(&[7, 0, 9][..]), Some(&[7, 0][..])));
    assert_eq!(train.inputs().as_slice()[..6], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);

    // Compressed, with .gz at the end of the name; compressed under the plain name; plain with .gz in the name.
    let (compressed, misnamed, unpacked) = (Folder::new(), Folder::new(), Folder::new());
    for entry in fs::read_dir(&plain.0).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let bytes = fs::read(plain.path(&name)).unwrap();
        compressed.write(&format!("{name}.gz"), &gzip(&bytes));
        misnamed.write(&name, &gzip(&bytes));
        unpacked.write(&format!("{name}.gz"), &bytes);
    }
    for folder in [&compressed, &misnamed, &unpacked] {
        assert_eq!(mnist::load(&folder.0).unwrap(), (train.clone(), test.clone()));
    }
}

#[test]
fn single_files_can_be_read_and_keep_their_height_and_width() {
    let folder = Folder::filled();
    let images = mnist::read_images(folder.path("train-images-idx3-ubyte")).unwrap();
    assert_eq!(images.shape(), [3, 2, 4]);
    assert_eq!(mnist::read_labels(folder.path("train-labels-idx1-ubyte")).unwrap(), [7, 0, 9]);

    // A gzip file may be several, one after the other.
    let (first, second) = (gzip(&labels(&[1, 2, 3])[..9]), gzip(&labels(&[1, 2, 3])[9..]));
    assert_eq!(mnist::read_labels(folder.write("two.gz", &[first, second].concat())).unwrap(), [1, 2, 3]);
}

#[test]
fn a_file_cut_at_any_offset_is_an_error() {
    let folder = Folder::new();
    for whole in [images(3), gzip(&images(3))] {
        for length in 0..whole.len() {
            let path = folder.write("cut", &whole[..length]);
            message(&path, mnist::read_images(&path));
        }
    }
    for whole in [labels(&[1, 2, 3]), gzip(&labels(&[1, 2, 3]))] {
        for length in 0..whole.len() {
            let path = folder.write("cut", &whole[..length]);
            message(&path, mnist::read_labels(&path));
        }
    }
    let path = folder.write("empty", &[]);
    assert!(message(&path, mnist::read_labels(&path)).contains("the file is empty"));
    let path = folder.write("cut", &images(3)[..20]);
    let text = message(&path, mnist::read_images(&path));
    assert!(text.contains("[3, 2, 4]") && text.contains("24 bytes") && text.contains("ends after 4"), "{text}");
    let path = folder.write("cut", &gzip(&images(3))[..30]);
    assert!(message(&path, mnist::read_images(&path)).contains("the compressed data end too early"));
}

#[test]
fn a_file_with_any_byte_changed_is_an_error_or_says_what_it_said() {
    let folder = Folder::new();
    // In the header of a plain file every byte matters. (The pixels after it can be anything.)
    for place in 0..16 {
        for flip in [0x01, 0x80, 0xFF] {
            let mut bytes = images(3);
            bytes[place] ^= flip;
            let path = folder.write("changed", &bytes);
            message(&path, mnist::read_images(&path));
        }
    }
    // A compressed file has a checksum; only its time stamp and the like can change unnoticed.
    let right = mnist::read_images(folder.write("right", &images(3))).unwrap();
    for place in 0..gzip(&images(3)).len() {
        for flip in [0x01, 0x10, 0x80, 0xFF] {
            let mut bytes = gzip(&images(3));
            bytes[place] ^= flip;
            let path = folder.write("changed", &bytes);
            match mnist::read_images(&path) {
                Ok(images) => assert_eq!(images, right, "byte {place} of a compressed file"),
                error => drop(message(&path, error)),
            }
        }
    }
}

#[test]
fn sizes_that_lie_are_errors_and_cost_no_memory() {
    let folder = Folder::new();
    let before = peak_bytes();
    let all = u32::MAX;
    for sizes in [[all, 28, 28], [all, all, all], [60_000, 28, 28], [all, 1, 1], [1 << 22, 1 << 21, 1 << 21], [4, 2, 4]]
    {
        for compress in [false, true] {
            let bytes = idx(3, &sizes, &[1; 24]);
            let path = folder.write("lie", &if compress { gzip(&bytes) } else { bytes });
            let text = message(&path, mnist::read_images(&path));
            assert!(text.contains(&format!("{sizes:?}")), "{text}");
        }
    }
    let path = folder.write("lie", &idx(1, &[all], &[1; 24]));
    assert!(message(&path, mnist::read_labels(&path)).contains("ends after 24"));
    if let (Some(before), Some(after)) = (before, peak_bytes()) {
        assert!(after - before < 1 << 30, "reading a few bytes reserved {} bytes", after - before);
    }

    for sizes in [[0, 28, 28], [3, 0, 8], [3, 8, 0]] {
        let path = folder.write("nothing", &idx(3, &sizes, &[]));
        assert!(message(&path, mnist::read_images(&path)).contains("there is nothing in it"));
    }
}

/// The largest address space that this process had, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmPeak:"))?;
    Some(1024 * line.split_whitespace().nth(1)?.parse::<u64>().ok()?)
}

#[test]
fn bytes_after_the_end_are_errors() {
    let folder = Folder::new();
    let longer = [images(3), vec![0]].concat();
    for bytes in [longer.clone(), gzip(&longer)] {
        let path = folder.write("longer", &bytes);
        assert!(message(&path, mnist::read_images(&path)).contains("goes on after the 24 bytes"));
    }
    let path = folder.write("longer", &[gzip(&images(3)), vec![1, 2, 3]].concat());
    message(&path, mnist::read_images(&path));
}

#[test]
fn files_of_another_kind_are_errors() {
    let folder = Folder::filled();
    let (images, labels) = (folder.path("train-images-idx3-ubyte"), folder.path("train-labels-idx1-ubyte"));
    assert!(message(&labels, mnist::read_images(&labels)).contains("not an IDX file of images"));
    assert!(message(&images, mnist::read_labels(&images)).contains("not an IDX file of labels"));
    let page = folder.write("page", b"<html>404</html>");
    assert!(message(&page, mnist::read_labels(&page)).contains("not an IDX file of labels"));
    let above = folder.write("above", &self::labels(&[1, 10, 3]));
    assert!(message(&above, mnist::read_labels(&above)).contains("label number 1 is 10"));
    message(&folder.0, mnist::read_images(&folder.0));
}

#[test]
fn a_folder_that_is_missing_or_incomplete_or_does_not_fit_together_is_an_error() {
    let folder = Folder::filled();
    let (missing, file) = (folder.path("missing"), folder.path("train-images-idx3-ubyte"));
    message(&missing, mnist::load(&missing));
    assert!(message(&file, mnist::load(&file)).contains("give the folder"));

    for name in
        ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
    {
        let folder = Folder::filled();
        let path = folder.path(name);
        fs::remove_file(&path).unwrap();
        assert!(message(&path, mnist::load(&folder.0)).contains("no such file"));
        fs::create_dir(&path).unwrap();
        assert!(message(&path, mnist::load(&folder.0)).contains("not a file"));
    }

    let folder = Folder::filled();
    let path = folder.write("train-images-idx3-ubyte", &images(2));
    let text = message(&path, mnist::load(&folder.0));
    assert!(text.contains("2 images, but 3 labels in") && text.contains("train-labels"), "{text}");

    let folder = Folder::filled();
    folder.write("t10k-images-idx3-ubyte", &idx(3, &[2, 4, 2], &[0; 16]));
    assert!(message(&folder.0, mnist::load(&folder.0)).contains("[2, 4] pixels, but test images of [4, 2]"));
}

/// The first 10,000 and 2,000 images of the original, where they are at hand.
#[test]
fn the_original_can_be_read() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mnist-sample");
    if !dir.exists() {
        println!("skipped: there is no {}", dir.display());
        return;
    }
    let (train, test) = mnist::load(&dir).unwrap();
    assert_eq!((train.inputs().shape(), test.inputs().shape()), (&[10_000, 784][..], &[2_000, 784][..]));
    assert_eq!(train.targets().classes().unwrap()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(train.class_count(), Some(10));
    let mean = train.inputs().as_slice().iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / 7_840_000.0;
    assert!((mean - 0.131).abs() < 0.001, "{mean}");
}
