//! Products of vectors and matrices.

use crate::{
    Scalar, Shape, Tensor, TensorVar,
    ops::{
        Algebra, Builtin, Case, Op, TapeOperand, TensorOperand,
        cotangent_product::{Cotangent, cotangent_product},
        run,
    },
    tape::Cotangents,
    tensor::{
        kernels::product::{Factor, nanoseconds, product},
        parallel::{self, for_each_chunk},
        shape::{broadcast, broadcast_strides, elements},
    },
};
use std::ops::Range;

/// The product of two matrices, or of two stacks of them that broadcast; a factor may be read transposed.
#[derive(Clone, Copy)]
pub struct MatMul {
    pub(crate) transpose: [bool; 2],
    /// In a gradient, the factor that is a cotangent.
    pub(crate) cotangent: Option<Cotangent>,
}

/// Sizes of one product in a stack: rows, inner, columns.
struct Sizes {
    m: usize,
    k: usize,
    n: usize,
}

impl MatMul {
    pub(crate) const PLAIN: MatMul = MatMul { transpose: [false, false], cotangent: None };

    /// The product of a cotangent and another factor, read transposed where said.
    pub(crate) fn of_cotangent(cotangent: Cotangent, transpose: [bool; 2]) -> Self {
        MatMul { transpose, cotangent: Some(cotangent) }
    }

    /// The last two sizes of a factor, as it is read.
    fn matrix(&self, i: usize, shape: &[usize]) -> Result<[usize; 2], String> {
        match *shape {
            [.., rows, columns] if self.transpose[i] => Ok([columns, rows]),
            [.., rows, columns] => Ok([rows, columns]),
            _ => Err("a factor must be a matrix".into()),
        }
    }

    fn sizes(&self, a: &[usize], b: &[usize]) -> Result<Sizes, String> {
        let describe = |reason: String| format!("{a:?} and {b:?}: {reason}");
        let ([m, k], [inner, n]) = (self.matrix(0, a).map_err(describe)?, self.matrix(1, b).map_err(describe)?);
        if k != inner {
            return Err(describe(format!("the inner sizes {k} and {inner} differ")));
        }
        Ok(Sizes { m, k, n })
    }

    /// The outer axes of a factor: those that stack matrices.
    fn stack(shape: &[usize]) -> &[usize] {
        &shape[..shape.len().saturating_sub(2)]
    }

    /// `c = a b` or `c += a b`, for every pair of the stacks. `c` is already of the broadcast stack.
    fn multiply<T: Scalar>(&self, a: &Tensor<T>, b: &Tensor<T>, add: bool, c: &mut [T]) {
        let Ok(Sizes { m, k, n }) = self.sizes(a.shape(), b.shape()) else { return };
        let left = |numbers| match self.transpose[0] {
            true => Factor::new(numbers, k, m).transposed_if(true),
            false => Factor::new(numbers, m, k),
        };
        let right = |numbers| match self.transpose[1] {
            true => Factor::new(numbers, n, k).transposed_if(true),
            false => Factor::new(numbers, k, n),
        };
        let multiply = |a, b, c: &mut [T]| match self.cotangent {
            None => product(a, b, add, c),
            Some(cotangent) => cotangent_product(a, b, cotangent, add, c),
        };
        let (stack_a, stack_b) = (Self::stack(a.shape()), Self::stack(b.shape()));
        if elements(stack_b) == 1 && !self.transpose[0] && m > 0 {
            // One right factor for all: the stack on the left is one tall matrix.
            let rows = elements(stack_a) * m;
            return multiply(Factor::new(a.as_slice(), rows, k), right(b.as_slice()), c);
        }
        let Ok(stack) = broadcast(stack_a, stack_b) else { return };
        let (steps_a, steps_b) = (broadcast_strides(stack_a, &stack), broadcast_strides(stack_b, &stack));
        let offset = |index: usize, steps: &[usize]| {
            let mut rest = index;
            stack.iter().zip(steps).rev().fold(0, |offset, (size, step)| {
                let i = rest % size;
                rest /= size;
                offset + i * step
            })
        };
        let size = (m * n).max(1);
        let products = |at: Range<usize>, c: &mut [T]| {
            for (i, c) in (at.start / size..).zip(c.chunks_exact_mut(size)) {
                let (at_a, at_b) = (offset(i, &steps_a) * m * k, offset(i, &steps_b) * k * n);
                multiply(left(&a.as_slice()[at_a..at_a + m * k]), right(&b.as_slice()[at_b..at_b + k * n]), c);
            }
        };
        // A stack is divided among threads, unless it is so low that its products are to be divided themselves.
        let (len, count) = (c.len(), c.len() / size);
        if count < parallel::threads() {
            return products(0..len, c);
        }
        let work = nanoseconds([count * m, k, n], size_of::<T>());
        let chunk = count.div_ceil(4 * parallel::threads()) * size;
        for_each_chunk(c, len, chunk, work, &products);
    }

    /// The product that gives the cotangent of each factor: of `g` and the other factor, in the order that it says.
    fn backward(&self, i: usize) -> MatMul {
        let [ta, tb] = self.transpose;
        let (cotangent, transpose) = match (i, ta, tb) {
            // c = a b: da = g bᵀ, and its transpose where a is read transposed.
            (0, false, _) => (Cotangent::Left, [false, !tb]),
            (0, true, _) => (Cotangent::Right, [tb, true]),
            // db = aᵀ g.
            (_, _, false) => (Cotangent::Right, [!ta, false]),
            (_, _, true) => (Cotangent::Left, [true, ta]),
        };
        MatMul::of_cotangent(cotangent, transpose)
    }

    /// The factors of such a product.
    fn factors<A>(&self, g: A, other: A) -> [A; 2] {
        if self.cotangent == Some(Cotangent::Left) { [g, other] } else { [other, g] }
    }
}

impl<T: Scalar> Op<T, 2> for MatMul {
    fn name(&self) -> &'static str {
        "matmul"
    }

    fn shape(&self, [a, b]: [&[usize]; 2]) -> Result<Shape, String> {
        let Sizes { m, n, .. } = self.sizes(a, b)?;
        let mut shape = broadcast(Self::stack(a), Self::stack(b))
            .map_err(|_| format!("{a:?} and {b:?}: the outer axes, which stack the matrices, do not broadcast"))?;
        shape.push(m);
        shape.push(n);
        Ok(shape)
    }

    fn value(&self, [a, b]: [&Tensor<T>; 2]) -> Tensor<T> {
        let shape = Op::<T, 2>::shape(self, [a.shape(), b.shape()]).expect("the engine has checked the shapes");
        Tensor::build(shape, |c| self.multiply(a, b, false, c))
    }

    fn pullback<A: Algebra<T>>(&self, x: [A; 2], _y: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
        std::array::from_fn(|i| {
            let product = self.backward(i);
            needs[i].then(|| A::apply(product, product.factors(g.clone(), x[1 - i].clone())))
        })
    }

    /// A product is added straight into the gradient.
    fn accumulate(&self, x: [&Tensor<T>; 2], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        for i in 0..2 {
            if !into.wants(i) {
                continue;
            }
            let product = self.backward(i);
            let [left, right] = product.factors(&g, x[1 - i]);
            let stack = Self::stack(g.shape());
            if Self::stack(x[i].shape()) == stack {
                let (c, add) = into.slot(i);
                product.multiply(left, right, add, c);
            } else {
                into.give(i, product.value([left, right]));
            }
        }
    }
}

#[track_caller]
fn axis_count_is_at_least_one(a: &[usize], b: &[usize]) {
    assert!(
        !a.is_empty() && !b.is_empty(),
        "matmul: {a:?} and {b:?}: a single number is not a factor; multiply it with *"
    );
}

/// The shapes in which one-dimensional factors take part: a row on the left, a column on the right.
fn as_matrices(a: &[usize], b: &[usize]) -> (Option<Shape>, Option<Shape>) {
    ((a.len() == 1).then(|| Shape::from([1, a[0]])), (b.len() == 1).then(|| Shape::from([b[0], 1])))
}

/// The shape of the result, without the axes that stood in for missing ones.
fn without_stand_ins(shape: &[usize], row: bool, column: bool) -> Shape {
    let mut result = Shape::from(shape);
    if column {
        result.remove(result.len() - 1);
    }
    if row {
        result.remove(result.len() - 1 - usize::from(!column));
    }
    result
}

impl<'t, T: Scalar> TensorVar<'t, T> {
    /// The matrix product `[.., m, k]` by `[.., k, n]` to `[.., m, n]`, where the outer axes broadcast.
    ///
    /// A factor of one axis is a row on the left, a column on the right, and the axis is gone from the result:
    /// `[k]` by `[k]` is a number.
    ///
    /// In its gradients a cotangent of 0 contributes 0, also against a number of the other factor that is infinite or
    /// NaN. (In the value 0 times an infinity is NaN.)
    ///
    /// # Panics
    /// If the inner sizes differ, or the outer axes do not broadcast.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let a = tape.tensor([[1.0, 2.0], [3.0, 4.0]]);
    /// let y = a.matmul(&Tensor::from([1.0, 10.0]));
    /// assert_eq!(y.value(), Tensor::from([21.0, 43.0]));
    /// assert_eq!(y.sum().backward().wrt(a), Tensor::from([[1.0, 10.0], [1.0, 10.0]]));
    /// ```
    #[track_caller]
    #[doc(alias = "mm")]
    #[doc(alias = "dot")]
    #[doc(alias = "bmm")]
    pub fn matmul(self, other: impl TapeOperand<'t, T>) -> Self {
        let other = other.on(self.tape());
        let (a, b) = (self.shape(), other.shape());
        if a.len() >= 2 && b.len() >= 2 {
            return TensorVar::record(T::step(Builtin::MatMul(MatMul::PLAIN)), &[self, other]);
        }
        axis_count_is_at_least_one(a, b);
        check_inner(a, b);
        let (row, column) = as_matrices(a, b);
        let (row_shape, column_shape) = (row.is_some(), column.is_some());
        let left = row.map_or(self, |shape| self.reshape(shape));
        let right = column.map_or(other, |shape| other.reshape(shape));
        let product = TensorVar::record(T::step(Builtin::MatMul(MatMul::PLAIN)), &[left, right]);
        product.reshape(without_stand_ins(product.shape(), row_shape, column_shape))
    }

    /// The scalar product of two tensors of one axis: the sum of the products of their numbers.
    ///
    /// # Panics
    /// If one of them has another number of axes, or their sizes differ.
    #[track_caller]
    pub fn dot(self, other: impl TapeOperand<'t, T>) -> Self {
        let other = other.on(self.tape());
        check_vectors("dot", self.shape(), other.shape(), true);
        self.matmul(other)
    }

    /// The outer product of two tensors of one axis: `[m]` and `[n]` to `[m, n]`.
    ///
    /// # Panics
    /// If one of them has another number of axes.
    #[track_caller]
    pub fn outer(self, other: impl TapeOperand<'t, T>) -> Self {
        let other = other.on(self.tape());
        check_vectors("outer", self.shape(), other.shape(), false);
        let (m, n) = (self.shape()[0], other.shape()[0]);
        self.reshape([m, 1]).matmul(other.reshape([1, n]))
    }
}

impl<T: Scalar> Tensor<T> {
    /// The matrix product `[.., m, k]` by `[.., k, n]` to `[.., m, n]`, where the outer axes broadcast.
    ///
    /// A factor of one axis is a row on the left, a column on the right, and the axis is gone from the result:
    /// `[k]` by `[k]` is a number.
    ///
    /// # Panics
    /// If the inner sizes differ, or the outer axes do not broadcast.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.matmul(&Tensor::eye(2)), a);
    /// assert_eq!(a.matmul(Tensor::from([1.0, 10.0])), Tensor::from([21.0, 43.0]));
    /// ```
    #[track_caller]
    #[doc(alias = "mm")]
    #[doc(alias = "dot")]
    #[doc(alias = "bmm")]
    pub fn matmul(&self, other: impl TensorOperand<T>) -> Self {
        let other = other.tensor();
        let (a, b) = (self.shape(), other.shape());
        if a.len() >= 2 && b.len() >= 2 {
            return run(&*T::step(Builtin::MatMul(MatMul::PLAIN)), &[self, &other]);
        }
        axis_count_is_at_least_one(a, b);
        check_inner(a, b);
        let (row, column) = as_matrices(a, b);
        let (row_shape, column_shape) = (row.is_some(), column.is_some());
        let left = row.map_or_else(|| self.clone(), |shape| self.with_shape(shape));
        let right = column.map_or_else(|| other.clone(), |shape| other.with_shape(shape));
        let product = run(&*T::step(Builtin::MatMul(MatMul::PLAIN)), &[&left, &right]);
        product.with_shape(without_stand_ins(product.shape(), row_shape, column_shape))
    }

    /// The scalar product of two tensors of one axis: the sum of the products of their numbers.
    ///
    /// # Panics
    /// If one of them has another number of axes, or their sizes differ.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).dot(Tensor::from([3.0, 4.0])).item(), 11.0);
    /// ```
    #[track_caller]
    pub fn dot(&self, other: impl TensorOperand<T>) -> Self {
        let other = other.tensor();
        check_vectors("dot", self.shape(), other.shape(), true);
        self.matmul(other)
    }

    /// The outer product of two tensors of one axis: `[m]` and `[n]` to `[m, n]`.
    ///
    /// # Panics
    /// If one of them has another number of axes.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let product = Tensor::from([1.0, 2.0]).outer(Tensor::from([3.0, 4.0]));
    /// assert_eq!(product, Tensor::from([[3.0, 4.0], [6.0, 8.0]]));
    /// ```
    #[track_caller]
    pub fn outer(&self, other: impl TensorOperand<T>) -> Self {
        let other = other.tensor();
        check_vectors("outer", self.shape(), other.shape(), false);
        let (m, n) = (self.len(), other.len());
        self.with_shape([m, 1].into()).matmul(other.with_shape([1, n].into()))
    }
}

/// The inner sizes, before one-dimensional factors are given a second axis: messages show the user's shapes.
#[track_caller]
fn check_inner(a: &[usize], b: &[usize]) {
    let (k, inner) = (a[a.len() - 1], if b.len() == 1 { b[0] } else { b[b.len() - 2] });
    assert!(k == inner, "matmul: {a:?} and {b:?}: the inner sizes {k} and {inner} differ");
}

#[track_caller]
fn check_vectors(name: &str, a: &[usize], b: &[usize], same_size: bool) {
    assert!(a.len() == 1 && b.len() == 1, "{name}: {a:?} and {b:?}: takes two tensors of one axis");
    assert!(!same_size || a == b, "{name}: {a:?} and {b:?}: the sizes {} and {} differ", a[0], b[0]);
}

pub(crate) fn matmul_cases() -> Vec<Case> {
    let case = |transpose: [bool; 2], a: &[usize], b: &[usize]| {
        Case::new(move || Builtin::MatMul(MatMul { transpose, cotangent: None }), &[a, b])
    };
    vec![
        case([false, false], &[3, 4], &[4, 2]),
        case([true, false], &[4, 3], &[4, 2]),
        case([false, true], &[3, 4], &[2, 4]),
        case([true, true], &[4, 3], &[2, 4]),
        case([false, false], &[2, 3, 4], &[4, 2]),
        case([false, false], &[3, 4], &[2, 4, 2]),
        case([true, false], &[2, 1, 4, 3], &[3, 4, 2]),
        case([false, true], &[2, 1, 3, 4], &[3, 2, 4]),
        case([false, false], &[3, 0], &[0, 2]),
        case([false, false], &[0, 3], &[3, 2]),
    ]
}
