//! Files that are cut off, changed, or never were a checkpoint.

use crate::{Folder, OF_PYTHON, bits, error_of, one_layer, with_header};
use gradtape::train::checkpoint;

#[test]
fn a_file_that_is_cut_off_or_goes_on_changes_nothing() {
    let folder = Folder::new("cut");
    let mut layers = one_layer(2, 3);
    for length in 0..OF_PYTHON.len() {
        let error = error_of(&folder.with(&OF_PYTHON[..length]), &mut layers);
        let says = match length {
            0..8 => "is no safetensors file",
            8..168 => "it is cut off, or of another format; save it again",
            _ => "its header tells of 36 bytes of numbers, and",
        };
        assert!(error.contains(says), "{length} bytes: {error}");
    }
    let longer = [OF_PYTHON, b"\0"].concat();
    let error = error_of(&folder.with(&longer), &mut layers);
    assert_eq!(
        error,
        "its header tells of 36 bytes of numbers, and 37 are there: it goes on behind them; save it again"
    );
}

#[test]
fn no_byte_of_the_header_makes_a_panic_or_half_a_load() {
    let folder = Folder::new("flipped");
    let (mut refused, mut accepted) = (0, 0);
    for place in 0..168 {
        for flip in [1, 0x10, 0x80, 0xFF] {
            let mut bytes = OF_PYTHON.to_vec();
            bytes[place] ^= flip;
            let mut layers = one_layer(2, 3);
            let before = bits(&layers);
            match checkpoint::load(folder.with(&bytes), &mut layers) {
                Ok(()) => accepted += 1,
                Err(_) => {
                    assert!(bits(&layers) == before, "byte {place} with {flip}");
                    refused += 1;
                }
            }
        }
    }
    // Some flips are in the words about the file, which say nothing of the numbers.
    assert!(refused > 500 && accepted < 100, "{refused} refused, {accepted} accepted");
}

#[test]
fn sizes_that_lie_are_told_before_memory_is_taken() {
    let folder = Folder::new("lies");
    let layers = &mut one_layer(2, 3);
    let entry = |shape: &str, offsets: &str| {
        format!(r#"{{"0.bias":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
    };
    for (shape, offsets, says) in [
        ("[1000000000000]", "[0,12]", "its header is damaged, or of another format: invalid shape"),
        ("[1000000000000]", "[0,4000000000000]", "tells of 4000000000000 bytes of numbers, and 12 are there"),
        ("[18446744073709551615,9]", "[0,12]", "its header is damaged"),
        ("[4611686018427387904]", "[0,0]", "its header is damaged"),
        ("[0,18446744073709551615]", "[0,0]", "and 12 are there: it goes on"),
        ("[3]", "[4,16]", "its header is damaged, or of another format: invalid offset for tensor `0.bias`"),
        ("[3]", "[12,0]", "its header is damaged"),
        ("[3]", "[0,24]", "its header is damaged"),
        ("[-3]", "[0,12]", "its header is damaged"),
        ("[3.5]", "[0,12]", "its header is damaged"),
    ] {
        let error = error_of(&folder.with(&with_header(&entry(shape, offsets), 12)), layers);
        assert!(error.contains(says), "{shape} at {offsets}: {error}");
    }
    for length in [u64::MAX, u64::MAX - 7, 1 << 63, 100_000_001, 1 << 32] {
        let bytes = [&length.to_le_bytes()[..], b"{}"].concat();
        let error = error_of(&folder.with(&bytes), layers);
        assert!(error.starts_with(&format!("it begins as a safetensors file with a header of {length} bytes")));
    }
    let deep = "[".repeat(100_000);
    for header in ["", "{", "[]", "null", "{\"a\":1}", "\u{0}", &deep] {
        let error = error_of(&folder.with(&with_header(header, 0)), layers);
        assert!(error.starts_with("its header is damaged, or of another format: "), "{header}: {error}");
    }
}

#[test]
fn what_is_no_checkpoint_is_told() {
    let folder = Folder::new("none");
    let layers = &mut one_layer(2, 3);
    assert_eq!(error_of(&folder.file(), layers), "there is no such file");
    assert_eq!(error_of(&folder.0, layers), "this is no file; give the one that was saved");
    let zip = folder.with(b"PK\x03\x04archive/data.pkl");
    assert!(error_of(&zip, layers).starts_with("this is a zip archive, as `torch.save` writes; save it with"));
    let text = folder.with(b"epoch,loss\n1,0.5\n");
    assert!(error_of(&text, layers).contains("it is cut off, or of another format"));
}
