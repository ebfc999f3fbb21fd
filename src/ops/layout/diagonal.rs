//! Triangles and diagonals of matrices, and of stacks of matrices.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op, layout::sum_slot, methods::methods},
    tape::Cotangents,
    tensor::{kernels::strided, shape::strides},
};

/// One side of a diagonal of each matrix, with the diagonal itself; zeros beyond.
#[derive(Clone, Copy)]
pub struct Triangular {
    pub(crate) upper: bool,
    /// Which diagonal: 0 the main one, 1 the one above it.
    pub(crate) diagonal: isize,
}

impl Triangular {
    /// Writes zeros where the triangle is not.
    fn clear<T: Scalar>(self, shape: &[usize], numbers: &mut [T]) {
        let [.., rows, columns] = *shape else { return };
        if rows * columns == 0 {
            return;
        }
        for matrix in numbers.chunks_exact_mut(rows * columns) {
            for (i, row) in matrix.chunks_exact_mut(columns).enumerate() {
                // The diagonal passes this row at column i + diagonal, which may lie outside.
                let first_above = (i as isize).saturating_add(self.diagonal).saturating_add(isize::from(!self.upper));
                let split = first_above.clamp(0, columns as isize) as usize;
                if self.upper { row[..split].fill(T::zero()) } else { row[split..].fill(T::zero()) }
            }
        }
    }
}

impl<T: Scalar> Op<T, 1> for Triangular {
    fn name(&self) -> &'static str {
        if self.upper { "triu" } else { "tril" }
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        matrix_of(x)?;
        Ok(x.into())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let mut y = x.clone();
        self.clear(x.shape(), y.pooled_mut());
        y
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(*self, [g]))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, mut g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        self.clear(x.shape(), g.pooled_mut());
        into.give(0, g);
    }
}

fn matrix_of(x: &[usize]) -> Result<[usize; 2], String> {
    match *x {
        [.., rows, columns] => Ok([rows, columns]),
        _ => Err(format!("{x:?}: takes matrices, a tensor of at least two axes")),
    }
}

/// The main diagonal of each matrix: `[.., m, n]` to `[.., min(m, n)]`.
pub struct Diagonal;

/// Matrices `[.., rows, columns]` of zeros with the input on the main diagonal: the transpose of [`Diagonal`].
pub struct PutDiagonal {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// Strides with which the diagonals of matrices of shape `x` are read.
fn diagonal_strides(x: &[usize]) -> Shape {
    let mut strides: Shape = strides(x).into_iter().collect();
    let along = strides.remove(x.len() - 1);
    let last = strides.len() - 1;
    strides[last] += along;
    strides
}

fn diagonal_shape(x: &[usize]) -> Shape {
    let mut shape = Shape::from(x);
    let columns = shape.remove(x.len() - 1);
    let last = shape.len() - 1;
    shape[last] = shape[last].min(columns);
    shape
}

impl<T: Scalar> Op<T, 1> for Diagonal {
    fn name(&self) -> &'static str {
        "diagonal"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        matrix_of(x)?;
        Ok(diagonal_shape(x))
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let shape = diagonal_shape(x.shape());
        Tensor::build(shape.clone(), |to| {
            strided::read(x.as_slice(), 0, &shape, &diagonal_strides(x.shape()), to, false);
        })
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let [rows, columns] = matrix_of(&x.shape()).expect("the engine has checked the shape");
        [Some(A::apply(PutDiagonal { rows, columns }, [g]))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let strides = diagonal_strides(x.shape());
        strided::write(g.as_slice(), 0, y.shape(), &strides, sum_slot(into, 0), true);
    }
}

impl PutDiagonal {
    fn matrices(&self, x: &[usize]) -> Shape {
        let mut shape = Shape::from(x);
        let last = shape.len() - 1;
        shape[last] = self.rows;
        shape.push(self.columns);
        shape
    }
}

impl<T: Scalar> Op<T, 1> for PutDiagonal {
    fn name(&self) -> &'static str {
        "put_diagonal"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        match x.last() {
            Some(size) if *size == self.rows.min(self.columns) => Ok(self.matrices(x)),
            _ => Err(format!("{x:?}: not the diagonal of matrices {:?}", [self.rows, self.columns])),
        }
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let shape = self.matrices(x.shape());
        Tensor::build(shape.clone(), |to| {
            to.fill(T::zero());
            strided::write(x.as_slice(), 0, x.shape(), &diagonal_strides(&shape), to, false);
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(Diagonal, [g]))]
    }
}

methods! {
    /// The lower triangle of each matrix, up to diagonal `k` (0 the main one, 1 the one above it); zeros beyond.
    ///
    /// # Panics
    /// If there are less than two axes.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::<f64>::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.tril(0), Tensor::from([[1.0, 0.0], [3.0, 4.0]]));
    /// assert_eq!(a.tril(-1), Tensor::from([[0.0, 0.0], [3.0, 0.0]]));
    /// ```
    fn tril(k: isize) = |_shape| Builtin::Triangular(Triangular { upper: false, diagonal: k });

    /// The upper triangle of each matrix, from diagonal `k` (0 the main one, 1 the one above it); zeros beyond.
    ///
    /// # Panics
    /// If there are less than two axes.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::<f64>::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.triu(0), Tensor::from([[1.0, 2.0], [0.0, 4.0]]));
    /// assert_eq!(a.triu(1), Tensor::from([[0.0, 2.0], [0.0, 0.0]]));
    /// ```
    fn triu(k: isize) = |_shape| Builtin::Triangular(Triangular { upper: true, diagonal: k });

    /// The main diagonal of each matrix: `[.., m, n]` to `[.., min(m, n)]`.
    ///
    /// # Panics
    /// If there are less than two axes.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).diagonal(), Tensor::from([1.0, 4.0]));
    /// ```
    fn diagonal() = |_shape| Builtin::Diagonal(Diagonal);
}

pub(crate) fn triangular_cases() -> Vec<Case> {
    let case = |upper: bool, diagonal: isize, shape: &[usize]| {
        Case::new(move || Builtin::Triangular(Triangular { upper, diagonal }), &[shape])
    };
    vec![
        case(false, 0, &[3, 3]),
        case(true, 0, &[3, 3]),
        case(false, 1, &[2, 4]),
        case(true, -1, &[4, 2]),
        case(false, -2, &[2, 3, 3]),
        case(true, 5, &[2, 2]),
        case(false, -5, &[1, 1]),
        case(true, 0, &[0, 2]),
    ]
}

pub(crate) fn diagonal_cases() -> Vec<Case> {
    let shapes: [&[usize]; 6] = [&[3, 3], &[2, 4], &[4, 2], &[2, 3, 3], &[1, 1], &[2, 0]];
    shapes.into_iter().map(|shape| Case::new(|| Builtin::Diagonal(Diagonal), &[shape])).collect()
}

pub(crate) fn put_diagonal_cases() -> Vec<Case> {
    let case = |rows: usize, columns: usize, shape: &[usize]| {
        Case::new(move || Builtin::PutDiagonal(PutDiagonal { rows, columns }), &[shape])
    };
    vec![case(3, 3, &[3]), case(2, 4, &[2]), case(4, 2, &[3, 2]), case(1, 1, &[1]), case(0, 2, &[0])]
}
