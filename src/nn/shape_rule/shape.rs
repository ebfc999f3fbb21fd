//! [`Shape`], what is known of the shape between two layers. How layers change it is not known here.

use super::{MAX_RANK, UNKNOWN, check::differ_from, mul, or_unknown};

/// The shape behind a layer, without the batch: its last axes, and whether there may be others before them.
///
/// ```
/// use gradtape::__private::shape_rule::{Shape, UNKNOWN};
/// let image = Shape::exact(&[3, 28, 28]);
/// assert_eq!((image.axis(2), image.axis(3)), (3, UNKNOWN));
/// assert_eq!(image.ending(&[64]).to_string(), "[3, 28, 64]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    axes: [usize; MAX_RANK],
    pub(super) known: usize,
    pub(super) exact: bool,
}

impl Shape {
    /// Nothing is known.
    pub const UNKNOWN: Shape = Shape { axes: [UNKNOWN; MAX_RANK], known: 0, exact: false };

    /// These axes and no others (up to [`MAX_RANK`]).
    pub const fn exact(sizes: &[usize]) -> Shape {
        let nothing = Shape { exact: true, ..Shape::UNKNOWN };
        nothing.ending(sizes)
    }

    /// The same shape with its last axes replaced.
    pub const fn ending(self, sizes: &[usize]) -> Shape {
        self.replaced(sizes.len(), sizes)
    }

    /// The same shape with more axes behind its last.
    pub const fn followed_by(self, sizes: &[usize]) -> Shape {
        self.replaced(0, sizes)
    }

    /// The shape without its last axes.
    pub const fn without(self, last: usize) -> Shape {
        self.replaced(last, &[])
    }

    /// What is known of a shape that is told twice; nothing where the two differ, which has been reported.
    pub const fn agreed(self, other: Shape) -> Shape {
        if differ_from(&self, &other, 0) {
            return Shape::UNKNOWN;
        }
        let mut shape = if self.known >= other.known { self } else { other };
        let mut i = 0;
        while i < shape.known {
            shape.axes[i] = if self.axis(i) == UNKNOWN { other.axis(i) } else { self.axis(i) };
            i += 1;
        }
        shape.exact = self.exact || other.exact;
        shape
    }

    /// All axes as one.
    pub const fn flat(self) -> Shape {
        let mut size = if self.exact { 1 } else { UNKNOWN };
        let mut i = 0;
        while i < self.known {
            size = mul(size, self.axes[i]);
            i += 1;
        }
        Shape::exact(&[size])
    }

    /// The size of an axis, counted from the end; [`UNKNOWN`] where it is not known or not there.
    pub const fn axis(&self, from_end: usize) -> usize {
        if from_end < self.known { self.axes[from_end] } else { UNKNOWN }
    }

    /// Takes the last `removed` axes away and puts `sizes` in their place.
    pub(super) const fn replaced(self, removed: usize, sizes: &[usize]) -> Shape {
        let mut shape = Shape::UNKNOWN;
        let mut i = 0;
        while i < sizes.len() && i < MAX_RANK {
            shape.axes[i] = sizes[sizes.len() - 1 - i];
            i += 1;
        }
        let mut k = removed;
        while k < self.known && i < MAX_RANK {
            shape.axes[i] = self.axes[k];
            (i, k) = (i + 1, k + 1);
        }
        shape.known = i;
        // What did not fit is not known.
        shape.exact = self.exact && sizes.len() <= MAX_RANK && k >= self.known;
        shape
    }
}

/// `[28, 64]`, with `?` for an axis that is not known; `?` when none is.
impl core::fmt::Display for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if (0..self.known).all(|i| or_unknown(self.axes[i]) == UNKNOWN) {
            return f.write_str("?");
        }
        for i in (0..self.known).rev() {
            f.write_str(if i + 1 == self.known { "[" } else { ", " })?;
            match or_unknown(self.axes[i]) {
                UNKNOWN => f.write_str("?")?,
                size => write!(f, "{size}")?,
            }
        }
        f.write_str("]")
    }
}
