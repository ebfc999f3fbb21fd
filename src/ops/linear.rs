//! A linear map with its bias and the function behind it, as one node, which saves passes over memory.

use crate::{
    Element, Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, Op,
        cotangent_product::{Cotangent, cotangent_product},
        elementwise::{Relu, Tanh},
        product::MatMul,
        rows,
    },
    tape::Cotangents,
    tensor::{
        kernels::{
            dispatch::{InstructionSet, multiversion},
            map::{CHUNK, ELEMENTS_IN_A_NANOSECOND},
            product::{Factor, product},
            reduce::{self, Lanes},
        },
        parallel::for_each_chunk,
        shape::{elements, is_same},
    },
};

/// `x · w + b` on the last axis of x, and a function behind it: what a dense layer computes.
#[derive(Clone, Copy)]
pub struct Linear<E>(pub(crate) E);

/// What can stand behind a linear map in the same node: a function whose slope follows from its value, since the sum
/// before it is not kept.
pub trait Epilogue: Copy + Send + Sync + 'static {
    /// The name of the node.
    const NAME: &'static str;

    /// Whether it changes a number.
    const CHANGES: bool = true;

    /// The function of numbers where they lie.
    fn apply<T: Scalar>(self, y: &mut [T]);

    /// Its slopes, by the values `y`, times cotangents where they lie.
    fn times_slope<T: Scalar>(self, y: &[T], g: &mut [T]);

    /// The same over an algebra.
    fn chain<T: Scalar, A: Algebra<T>>(self, y: A, g: A) -> A;
}

/// No function.
#[derive(Clone, Copy)]
pub struct Identity;

impl Epilogue for Identity {
    const NAME: &'static str = "linear";
    const CHANGES: bool = false;

    fn apply<T: Scalar>(self, _: &mut [T]) {}

    fn times_slope<T: Scalar>(self, _: &[T], _: &mut [T]) {}

    fn chain<T: Scalar, A: Algebra<T>>(self, _: A, g: A) -> A {
        g
    }
}

/// A row of the table whose slope is written with its value, or is the same at the value.
macro_rules! epilogue {
    ($($Row:ident $name:literal),*) => { $(
        impl Epilogue for $Row {
            const NAME: &'static str = $name;

            fn apply<T: Scalar>(self, y: &mut [T]) {
                rows::values_in_place(self, y);
            }

            fn times_slope<T: Scalar>(self, y: &[T], g: &mut [T]) {
                rows::slope::<T, Self, 1, 0>(self, [y], [1], y, None, g);
            }

            fn chain<T: Scalar, A: Algebra<T>>(self, y: A, g: A) -> A {
                let [cotangent] = A::chain(self, [y.clone()], y, g, [true]);
                cotangent.expect("a cotangent that is needed is given")
            }
        }
    )* };
}
epilogue!(Relu "linear_relu", Tanh "linear_tanh");

/// x as a matrix, and w.
struct Sizes {
    rows: usize,
    inputs: usize,
    outputs: usize,
}

impl Sizes {
    fn of<T: Scalar>(x: &Tensor<T>, w: &Tensor<T>) -> Self {
        let (outer, inputs) = x.shape().split_at(x.rank() - 1);
        Sizes { rows: elements(outer), inputs: inputs[0], outputs: w.shape()[1] }
    }
}

/// The shape of the result, which is that of x but for the last axis.
#[inline]
fn result(x: &[usize], outputs: usize) -> Shape {
    if let [rows, _] = *x {
        return Shape::from([rows, outputs]);
    }
    let mut shape = Shape::from(x);
    if let Some(last) = shape.last_mut() {
        *last = outputs;
    }
    shape
}

impl<T: Scalar, E: Epilogue> Op<T, 3> for Linear<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn shape(&self, [x, w, b]: [&[usize]; 3]) -> Result<Shape, String> {
        let ([.., width], [inputs, outputs]) = (x, w) else {
            return Err(format!("{x:?} and {w:?}: takes a tensor of at least one axis and a matrix"));
        };
        if width != inputs {
            return Err(format!("{x:?} and {w:?}: the inner sizes {width} and {inputs} differ"));
        }
        if !is_same(b, &[*outputs]) {
            return Err(format!("{w:?} and {b:?}: the bias must have one number for each of the {outputs} columns"));
        }
        Ok(result(x, *outputs))
    }

    fn value(&self, [x, w, b]: [&Tensor<T>; 3]) -> Tensor<T> {
        let Sizes { rows, inputs, outputs } = Sizes::of(x, w);
        Tensor::build(result(x.shape(), outputs), |y| {
            product(Factor::new(x.as_slice(), rows, inputs), Factor::new(w.as_slice(), inputs, outputs), false, y);
            let (len, chunk) = (y.len(), CHUNK.next_multiple_of(outputs.max(1)));
            for_each_chunk(y, len, chunk, len / ELEMENTS_IN_A_NANOSECOND, &|_, y| {
                add_to_rows(InstructionSet::detected(), y, b.as_slice());
                self.0.apply(y);
            });
        })
    }

    fn pullback<A: Algebra<T>>(&self, [x, w, b]: [A; 3], y: A, g: A, needs: [bool; 3]) -> [Option<A>; 3] {
        let g = self.0.chain(y, g);
        let (shape, [inputs, outputs]) = (x.shape(), [w.shape()[0], w.shape()[1]]);
        let rows = elements(&shape[..shape.len() - 1]);
        let g = g.reshape(&[rows, outputs]);
        let [for_x, for_w, for_b] = needs;
        [
            for_x.then(|| {
                A::apply(MatMul::of_cotangent(Cotangent::Left, [false, true]), [g.clone(), w]).reshape(&shape)
            }),
            for_w.then(|| {
                A::apply(MatMul::of_cotangent(Cotangent::Right, [true, false]), [x.reshape(&[rows, inputs]), g.clone()])
            }),
            for_b.then(|| g.sum_to(&b.shape())),
        ]
    }

    /// The cotangent is taken through the function where it lies, and products are added straight into the gradients.
    fn accumulate(&self, [x, w, _]: [&Tensor<T>; 3], y: &Tensor<T>, mut g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if const { E::CHANGES } {
            let (numbers, len) = (g.pooled_mut(), y.len());
            for_each_chunk(numbers, len, CHUNK, len / ELEMENTS_IN_A_NANOSECOND, &|at, g| {
                self.0.times_slope(&y.as_slice()[at], g);
            });
        }
        let Sizes { rows, inputs, outputs } = Sizes::of(x, w);
        let g = g.as_slice();
        if into.wants(2) {
            let (sums, add) = into.slot(2);
            if rows > reduce::ROWS {
                reduce::sum_into(g, Lanes::columns(rows, outputs), add, sums);
            } else {
                if !add {
                    sums.fill(T::zero());
                }
                reduce::add_rows(InstructionSet::detected(), g, outputs, 0, sums);
            }
        }
        if into.wants(1) {
            let (gradient, add) = into.slot(1);
            let transposed = Factor::new(x.as_slice(), rows, inputs).transposed_if(true);
            cotangent_product(transposed, Factor::new(g, rows, outputs), Cotangent::Right, add, gradient);
        }
        if into.wants(0) {
            let (gradient, add) = into.slot(0);
            let transposed = Factor::new(w.as_slice(), inputs, outputs).transposed_if(true);
            cotangent_product(Factor::new(g, rows, outputs), transposed, Cotangent::Left, add, gradient);
        }
    }
}

multiversion! {
    /// Adds the same numbers to every row of a matrix.
    fn add_to_rows[T: Element][T](set: InstructionSet, matrix: &mut [T], numbers: &[T]) {
        for row in matrix.chunks_exact_mut(numbers.len().max(1)) {
            for (x, number) in row.iter_mut().zip(numbers) {
                *x += *number;
            }
        }
    }
}

fn cases(builtin: fn() -> Builtin) -> Vec<Case> {
    const SHAPES: &[[&[usize]; 2]] = &[
        [&[4, 3], &[3, 2]],
        [&[3], &[3, 5]],
        [&[2, 2, 3], &[3, 4]],
        [&[0, 3], &[3, 2]],
        [&[2, 0], &[0, 2]],
        [&[2, 3], &[3, 0]],
    ];
    SHAPES.iter().map(|[x, w]| Case::new(builtin, &[x, w, &[w[1]]])).collect()
}

pub(crate) fn linear_cases() -> Vec<Case> {
    cases(|| Builtin::Linear(Linear(Identity)))
}

pub(crate) fn linear_relu_cases() -> Vec<Case> {
    cases(|| Builtin::LinearRelu(Linear(Relu())))
}

pub(crate) fn linear_tanh_cases() -> Vec<Case> {
    cases(|| Builtin::LinearTanh(Linear(Tanh())))
}
