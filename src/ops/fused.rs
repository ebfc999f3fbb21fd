//! Operations that are compositions of others, as one node where that saves passes over memory.

use crate::{
    Scalar, Shape, Tensor, TensorVar,
    ops::{
        Algebra, Builtin, Case, Op,
        elementwise::{Relu, Sigmoid},
        map::Map,
    },
    tape::Cotangents,
    tensor::{
        kernels::product::{Factor, product},
        shape::elements,
    },
};

/// `x · w + b` on the last axis of x, and a relu behind it if said: what a dense layer computes.
#[derive(Clone, Copy)]
pub struct Linear {
    pub(crate) relu: bool,
}

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

impl<T: Scalar> Op<T, 3> for Linear {
    fn name(&self) -> &'static str {
        if self.relu { "linear_relu" } else { "linear" }
    }

    fn shape(&self, [x, w, b]: [&[usize]; 3]) -> Result<Shape, String> {
        let ([outer @ .., width], [inputs, outputs]) = (x, w) else {
            return Err(format!("{x:?} and {w:?}: takes a tensor of at least one axis and a matrix"));
        };
        if width != inputs {
            return Err(format!("{x:?} and {w:?}: the inner sizes {width} and {inputs} differ"));
        }
        if b != [*outputs] {
            return Err(format!("{w:?} and {b:?}: the bias must have one number for each of the {outputs} columns"));
        }
        Ok(outer.iter().chain([outputs]).copied().collect())
    }

    fn value(&self, [x, w, b]: [&Tensor<T>; 3]) -> Tensor<T> {
        let shape = Op::<T, 3>::shape(self, [x.shape(), w.shape(), b.shape()]);
        let Sizes { rows, inputs, outputs } = Sizes::of(x, w);
        Tensor::build(shape.expect("the engine has checked the shapes"), |y| {
            product(Factor::new(x.as_slice(), rows, inputs), Factor::new(w.as_slice(), inputs, outputs), false, y);
            for row in y.chunks_exact_mut(outputs.max(1)) {
                for (y, b) in row.iter_mut().zip(b.as_slice()) {
                    let sum = *y + *b;
                    *y = if self.relu && sum <= T::zero() { T::zero() } else { sum };
                }
            }
        })
    }

    fn pullback<A: Algebra<T>>(&self, [x, w, b]: [A; 3], y: A, g: A, needs: [bool; 3]) -> [Option<A>; 3] {
        // The relu has the same slope at its output as at its input.
        let g = match self.relu {
            true => A::chain(Relu(), [y.clone()], y, g, [true]).into_iter().flatten().next(),
            false => Some(g),
        };
        let Some(g) = g else { return [None, None, None] };
        let (shape, [inputs, outputs]) = (x.shape(), [w.shape()[0], w.shape()[1]]);
        let rows = elements(&shape[..shape.len() - 1]);
        let g = g.reshape(&[rows, outputs]);
        let [for_x, for_w, for_b] = needs;
        [
            for_x.then(|| g.clone().product(false, w, true).reshape(&shape)),
            for_w.then(|| x.reshape(&[rows, inputs]).product(true, g.clone(), false)),
            for_b.then(|| g.sum_to(&b.shape())),
        ]
    }

    /// The cotangent is masked where it lies, and products are added straight into the gradients.
    fn accumulate(&self, [x, w, _]: [&Tensor<T>; 3], y: &Tensor<T>, mut g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if self.relu {
            let masked = |g: T, y: T| if y > T::zero() { g } else { T::zero() };
            match g.own() {
                Some(numbers) => numbers.iter_mut().zip(y.as_slice()).for_each(|(g, y)| *g = masked(*g, *y)),
                None => {
                    g = Tensor::build(y.shape().into(), |to| {
                        let pairs = g.as_slice().iter().zip(y.as_slice());
                        to.iter_mut().zip(pairs).for_each(|(to, (g, y))| *to = masked(*g, *y));
                    });
                }
            }
        }
        let Sizes { rows, inputs, outputs } = Sizes::of(x, w);
        let g = g.as_slice();
        if into.wants(2) {
            let (sums, add) = into.slot(2);
            if !add {
                sums.fill(T::zero());
            }
            for row in g.chunks_exact(outputs.max(1)) {
                sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += *g);
            }
        }
        if into.wants(1) {
            let (gradient, add) = into.slot(1);
            let transposed = Factor::new(x.as_slice(), rows, inputs).transposed_if(true);
            product(transposed, Factor::new(g, rows, outputs), add, gradient);
        }
        if into.wants(0) {
            let (gradient, add) = into.slot(0);
            let transposed = Factor::new(w.as_slice(), inputs, outputs).transposed_if(true);
            product(Factor::new(g, rows, outputs), transposed, add, gradient);
        }
    }
}

/// What a sigmoid was taken of to give `y`, if one was.
pub(crate) fn logits_of<T: Scalar>(y: TensorVar<'_, T>) -> Option<TensorVar<'_, T>> {
    y.made_by::<Map<Sigmoid>>().map(|(_, logits)| logits)
}

pub(crate) fn linear_cases() -> Vec<Case> {
    let case =
        |relu: bool, x: &[usize], w: &[usize]| Case::new(move || Builtin::Linear(Linear { relu }), &[x, w, &[w[1]]]);
    vec![
        case(false, &[4, 3], &[3, 2]),
        case(true, &[4, 3], &[3, 2]),
        case(true, &[3], &[3, 5]),
        case(true, &[2, 2, 3], &[3, 4]),
        case(false, &[0, 3], &[3, 2]),
        case(false, &[2, 0], &[0, 2]),
        case(false, &[2, 3], &[3, 0]),
    ]
}
