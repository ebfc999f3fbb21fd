//! The axes in another order.

use crate::{
    Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, Op,
        methods::{axis_of, methods},
    },
    tape::Cotangents,
    tensor::{
        kernels::strided,
        shape::{resolve_axis, strides},
    },
};

/// The axes in another order: axis `i` of the result is axis `order[i]` of the input.
pub struct Permute(pub(crate) Shape);

impl Permute {
    fn of(&self, x: &[usize]) -> Shape {
        self.0.iter().map(|axis| x[*axis]).collect()
    }

    fn inverse(&self) -> Permute {
        let mut inverse = self.0.clone();
        for (i, axis) in self.0.iter().enumerate() {
            inverse[*axis] = i;
        }
        Permute(inverse)
    }

    fn read<T: Scalar>(&self, x: &Tensor<T>, to: &mut [T], add: bool) {
        let own = strides(x.shape());
        let strides: Shape = self.0.iter().map(|axis| own[*axis]).collect();
        strided::read(x.as_slice(), 0, &self.of(x.shape()), &strides, to, add);
    }
}

impl<T: Scalar> Op<T, 1> for Permute {
    fn name(&self) -> &'static str {
        "permute"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.len()) {
            return Err(format!("{x:?}: {:?} does not name each axis once", self.0));
        }
        Ok(self.of(x))
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        if self.0.is_sorted() {
            return x.clone();
        }
        Tensor::build(self.of(x.shape()), |to| self.read(x, to, false))
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(self.inverse(), [g]))]
    }

    fn accumulate(&self, _x: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if self.0.is_sorted() {
            return into.give(0, g);
        }
        let (slot, add) = into.slot(0);
        self.inverse().read(&g, slot, add);
    }
}

methods! {
    /// The axes in another order: axis `i` of the result is axis `order[i]` of this.
    ///
    /// # Panics
    /// If `order` does not name each axis once.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let images = Tensor::<f32>::zeros([8, 28, 30, 3]);
    /// assert_eq!(images.permute([0, 3, 1, 2]).shape(), [8, 3, 28, 30]);
    /// assert_eq!(images.permute([0, -1, 1, 2]).shape(), [8, 3, 28, 30]);
    /// ```
    fn permute(order: impl AsRef<[isize]>) = |shape| Builtin::Permute(Permute(order_of(shape, order.as_ref())));

    /// Two axes exchanged.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// assert_eq!(Tensor::<f64>::zeros([2, 3, 4]).transpose(0, -1).shape(), [4, 3, 2]);
    /// ```
    #[doc(alias = "swapaxes")]
    fn transpose(a: isize, b: isize) = |shape| Builtin::Permute(Permute(exchange(shape, a, b)));

    /// The transpose of a matrix, or of each matrix in a stack: the last two axes exchanged. A tensor with less than
    /// two axes stays as it is.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::<f64>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(a.t(), Tensor::from([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]));
    /// ```
    fn t() = |shape| Builtin::Permute(Permute(if shape.len() < 2 {
        (0..shape.len()).collect()
    } else {
        exchange(shape, -2, -1)
    }));
}

#[track_caller]
fn order_of(shape: &[usize], order: &[isize]) -> Shape {
    let axes: Result<Shape, String> = order.iter().map(|axis| resolve_axis(*axis, shape)).collect();
    match axes {
        Ok(axes) => axes,
        Err(reason) => panic!("permute: {reason}"),
    }
}

#[track_caller]
fn exchange(shape: &[usize], a: isize, b: isize) -> Shape {
    let (a, b) = (axis_of("transpose", a, shape), axis_of("transpose", b, shape));
    let mut order: Shape = (0..shape.len()).collect();
    order.swap(a, b);
    order
}

pub(crate) fn permute_cases() -> Vec<Case> {
    let case =
        |shape: &[usize], order: &'static [usize]| Case::new(|| Builtin::Permute(Permute(order.into())), &[shape]);
    vec![
        case(&[2, 3], &[1, 0]),
        case(&[2, 3, 4], &[2, 0, 1]),
        case(&[2, 1, 3], &[1, 2, 0]),
        case(&[2, 0], &[1, 0]),
        case(&[3], &[0]),
        case(&[], &[]),
    ]
}
