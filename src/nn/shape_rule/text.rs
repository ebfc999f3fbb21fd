//! [`Text`], a message of a constant function.

use super::{Shape, UNKNOWN, or_unknown};

/// A message built at compile time, where `format!` does not exist. What does not fit is left out.
#[derive(Clone, Copy)]
pub(super) struct Text {
    bytes: [u8; 240],
    len: usize,
}

impl Text {
    pub(super) const fn new() -> Text {
        Text { bytes: [0; 240], len: 0 }
    }

    pub(super) const fn put(mut self, text: &str) -> Text {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[i];
            (self.len, i) = (self.len + 1, i + 1);
        }
        self
    }

    pub(super) const fn size(self, size: usize) -> Text {
        if or_unknown(size) == UNKNOWN {
            return self.put("?");
        }
        let (rest, digit) = (size / 10, size % 10);
        let before = if rest > 0 { self.size(rest) } else { self };
        before.put("0123456789".split_at(digit).1.split_at(1).0)
    }

    /// `[28, 64]`, with `?` for what is not known.
    pub(super) const fn shape(self, shape: Shape) -> Text {
        let mut text = self.put("[");
        let mut i = shape.known;
        while i > 0 {
            i -= 1;
            text = text.size(shape.axis(i));
            text = if i > 0 { text.put(", ") } else { text };
        }
        text.put("]")
    }

    #[track_caller]
    pub(super) const fn panic(self) -> ! {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("the shapes of two layers differ"),
        }
    }
}
