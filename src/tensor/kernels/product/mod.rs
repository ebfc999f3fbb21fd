//! The matrix product: one function, `c = a b` or `c += a b`, with factors read transposed as they lie. What stacks
//! of matrices mean, and what a product's gradient is, live with the operations.
//!
//! For `f32` and `f64` the inner axis is cut into blocks of [`BLOCK`](blocks::BLOCK) from its start. In a block an
//! element of `c` is one chain of fused multiply-adds, in the order of the inner axis, from zero; the sums of the
//! blocks are added one after the other, first to what `c` held where the product is to be added to it. That is the
//! whole definition: the bits depend neither on how rows and columns are divided nor on the instructions that compute
//! them, and every instruction set gives those of `mul_add` in a plain loop. (Chains that end after a block are also
//! the more exact: an error grows with the block and the number of blocks, not with the product of the two.) So a large
//! product is divided among threads by rows or columns, in as many pieces as there are threads for.
//!
//! Unsafe: the loops read vectors through pointers, in files of this folder alone. Those into matrices are made here,
//! in `product_on`, after the sizes of the three matrices are checked against their slices.
#![allow(unsafe_code)]

mod blocks;
mod large;
mod pack;
mod portable;
#[cfg(test)]
mod tests;
mod tile;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::dispatch::{Build, InstructionSet};
use crate::Element;
use crate::tensor::parallel;
use blocks::Problem;

/// A matrix as it lies in memory: row-major, or the transpose of such a one.
#[derive(Clone, Copy)]
pub struct Factor<'a, T> {
    numbers: &'a [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, T> Factor<'a, T> {
    /// The matrix of `rows` by `columns` in row-major order.
    pub(crate) fn new(numbers: &'a [T], rows: usize, columns: usize) -> Self {
        assert_eq!(Some(numbers.len()), rows.checked_mul(columns), "a {rows} by {columns} matrix");
        Factor { numbers, rows, columns, transposed: false }
    }

    /// Its transpose, without moving a number.
    pub(crate) fn transposed_if(self, yes: bool) -> Self {
        if yes { Factor { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self } } else { self }
    }

    /// The numbers in the order of memory.
    pub(crate) fn numbers(&self) -> &'a [T] {
        self.numbers
    }

    /// A matrix of the same form with other numbers.
    pub(crate) fn with_numbers<'b, U>(&self, numbers: &'b [U]) -> Factor<'b, U> {
        assert_eq!(numbers.len(), self.numbers.len(), "numbers of a matrix");
        Factor { numbers, rows: self.rows, columns: self.columns, transposed: self.transposed }
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The number in row `i` and column `j`.
    pub(crate) fn at(&self, i: usize, j: usize) -> T
    where
        T: Copy,
    {
        let (down, along) = self.strides();
        self.numbers[i * down + j * along]
    }

    /// Distances between neighbours in a column, and in a row.
    fn strides(&self) -> (usize, usize) {
        if self.transposed { (1, self.rows) } else { (self.columns, 1) }
    }

    fn check(&self, right: &Self, c: &[T]) {
        assert_eq!(self.columns, right.rows, "inner sizes of a product");
        assert_eq!(Some(c.len()), self.rows.checked_mul(right.columns), "the size of a product");
    }
}

/// `c = a b`, or `c += a b` where `add` says so.
///
/// Inlined, and handed on by reference: to copy a factor that was just written in parts is to wait for it, in a small
/// product as long as it takes.
#[inline(always)]
pub(crate) fn product<T: Element>(a: Factor<'_, T>, b: Factor<'_, T>, add: bool, c: &mut [T]) {
    a.check(&b, c);
    if a.columns == 0 || c.is_empty() {
        if !add {
            c.fill(T::zero());
        }
        return;
    }
    T::product(&a, &b, add, c);
}

/// The definition, for numbers without a kernel of their own.
pub(crate) fn product_by_loops<T: Element>(a: &Factor<'_, T>, b: &Factor<'_, T>, add: bool, c: &mut [T]) {
    if !add {
        c.fill(T::zero());
    }
    let ((a_down, a_along), (b_down, b_along)) = (a.strides(), b.strides());
    for (i, c) in c.chunks_exact_mut(b.columns).enumerate() {
        for k in 0..a.columns {
            let factor = a.numbers[i * a_down + k * a_along];
            for (j, c) in c.iter_mut().enumerate() {
                *c += factor * b.numbers[k * b_down + j * b_along];
            }
        }
    }
}

/// The blocked kernel for `f32` and `f64`.
#[inline]
pub(crate) fn product_by_blocks<T: Kernel>(a: &Factor<'_, T>, b: &Factor<'_, T>, add: bool, c: &mut [T]) {
    product_on(InstructionSet::detected(), *a, *b, add, c);
}

#[inline]
fn product_on<T: Kernel>(set: InstructionSet, a: Factor<'_, T>, b: Factor<'_, T>, add: bool, c: &mut [T]) {
    a.check(&b, c);
    let ((a_down, a_along), (b_down, b_along)) = (a.strides(), b.strides());
    let problem = Problem {
        m: a.rows,
        k: a.columns,
        n: b.columns,
        a: a.numbers.as_ptr(),
        a_down,
        a_along,
        b: b.numbers.as_ptr(),
        b_down,
        b_along,
        c: c.as_mut_ptr(),
        c_down: b.columns,
        add,
    };
    let problem = if problem.n == 1 { problem.into_row() } else { problem };
    let cut = Cut::of(&problem);
    match cut {
        // SAFETY: an instruction set is made only where the processor has its instructions. `Factor::new` has checked
        // that each slice holds rows times columns numbers, which are the ones that its strides reach; `check` has done
        // so for `c` and for the inner sizes. No two of the three overlap, as `c` is borrowed mutably.
        Cut::None => unsafe { T::solve(set, &problem) },
        Cut::Rows(pieces) | Cut::Columns(pieces) => {
            let problem = Shared(problem);
            // SAFETY: as above; a piece is a part of the rows or columns, and no two have an element of `c` in common.
            parallel::run(pieces, &|i| unsafe { T::solve(set, &problem.piece(i, cut)) });
        }
    }
}

/// About how many nanoseconds a product takes on one thread, on a fast processor.
pub(crate) fn nanoseconds([m, k, n]: [usize; 3], number: usize) -> usize {
    m.saturating_mul(k).saturating_mul(n).saturating_mul(number) / (50 * size_of::<f32>())
}

/// A product of which several threads solve pieces.
struct Shared<T>(Problem<T>);

// SAFETY: the numbers behind the pointers are borrowed for as long as the product takes, those of `c` for it alone, and
// pieces write different parts of `c`. Other threads read the factors (`Sync`) and make the numbers of `c` (`Send`).
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T: Copy> Shared<T> {
    fn piece(&self, i: usize, cut: Cut) -> Problem<T> {
        let part = |size: usize, of: usize, pieces: usize| {
            let blocks = size.div_ceil(of);
            let [start, end] = [i, i + 1].map(|i| (blocks * i / pieces * of).min(size));
            (start, end - start)
        };
        let whole = self.0;
        // The pointers stay in their slices: a piece begins before the end of the rows, or of the columns.
        match cut {
            Cut::None => whole,
            Cut::Rows(pieces) => {
                let (start, m) = part(whole.m, Cut::ROWS, pieces);
                let [a, c] = [start * whole.a_down, start * whole.c_down];
                Problem { m, a: whole.a.wrapping_add(a), c: whole.c.wrapping_add(c), ..whole }
            }
            Cut::Columns(pieces) => {
                let (start, n) = part(whole.n, Cut::COLUMNS, pieces);
                Problem { n, b: whole.b.wrapping_add(start * whole.b_along), c: whole.c.wrapping_add(start), ..whole }
            }
        }
    }
}

/// How a product is divided among threads, and in how many pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    None,
    Rows(usize),
    Columns(usize),
}

impl Cut {
    /// Rows of pieces are multiples of the tile's, columns of some vectors.
    const ROWS: usize = 8;
    const COLUMNS: usize = 32;

    /// Two pieces for each thread, so that one who comes late leaves more to the others.
    ///
    /// By columns a piece reads its part of `b` once and, if need be, packs it once; by rows it reads all of it. But
    /// few columns make few pieces, and tall results have rows enough.
    fn of<T>(problem: &Problem<T>) -> Cut {
        let Problem { m, k, n, .. } = *problem;
        if !parallel::is_worth(nanoseconds([m, k, n], size_of::<T>())) {
            return Cut::None;
        }
        let (rows, columns, most) = (m.div_ceil(Self::ROWS), n.div_ceil(Self::COLUMNS), 2 * parallel::threads());
        if m >= 2 * n || (columns < rows && columns < 2 * most) {
            Cut::Rows(rows.min(most))
        } else {
            Cut::Columns(columns.min(most))
        }
    }
}

/// A number type with vectors of every instruction set.
pub(crate) trait Kernel: Element {
    /// Computes the product.
    ///
    /// # Safety
    /// The pointers of the problem reach what its sizes and strides say, `c` alone for writing, and the processor has
    /// the instructions of the set.
    #[allow(private_interfaces, reason = "called in this module alone")]
    unsafe fn solve(set: InstructionSet, problem: &Problem<Self>);
}

macro_rules! kernel {
    ($T:ident, $avx512:ident, $avx2:ident, $portable:ty) => {
        impl Kernel for $T {
            #[allow(private_interfaces)]
            unsafe fn solve(set: InstructionSet, problem: &Problem<$T>) {
                // SAFETY: that of this function, for the vectors of each set.
                unsafe {
                    match set.build() {
                        #[cfg(target_arch = "x86_64")]
                        Build::Avx512 => blocks::solve::<std::arch::x86_64::$avx512>(problem),
                        #[cfg(target_arch = "x86_64")]
                        Build::Avx2 => blocks::solve::<std::arch::x86_64::$avx2>(problem),
                        Build::Baseline => blocks::solve::<$portable>(problem),
                    }
                }
            }
        }
    };
}
kernel!(f32, __m512, __m256, [f32; 4]);
kernel!(f64, __m512d, __m256d, [f64; 2]);
