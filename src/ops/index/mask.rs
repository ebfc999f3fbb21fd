//! Choosing by a mask. What is not chosen has the gradient 0, whatever its value.

use crate::{
    Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, Op,
        methods::{methods, methods_of_both},
    },
    tape::Cotangents,
    tensor::{kernels::masked::choose, shape::broadcast},
};

/// The first input where the mask is true, else the second; all three broadcast.
pub struct Where(pub(crate) Tensor<bool>);

/// One value where the mask is `on`, else the input; the two broadcast.
pub struct MaskedFill {
    pub(crate) mask: Tensor<bool>,
    pub(crate) on: bool,
    pub(crate) value: f64,
}

impl<T: Scalar> Op<T, 2> for Where {
    fn name(&self) -> &'static str {
        "where_mask"
    }

    fn shape(&self, [a, b]: [&[usize]; 2]) -> Result<Shape, String> {
        broadcast(&broadcast(a, b)?, self.0.shape()).map_err(|reason| format!("{reason} (the second is the mask)"))
    }

    fn value(&self, [a, b]: [&Tensor<T>; 2]) -> Tensor<T> {
        let shape = Op::<T, 2>::shape(self, [a.shape(), b.shape()]).expect("the engine has checked the shapes");
        choose(&self.0, a, b, shape)
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 2], _y: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
        [false, true].map(|on| {
            let other = || MaskedFill { mask: self.0.clone(), on, value: 0.0 };
            needs[usize::from(on)].then(|| A::apply(other(), [g.clone()]))
        })
    }

    fn accumulate(&self, _x: [&Tensor<T>; 2], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let mut g = Some(g);
        for i in 0..2 {
            // The last one may be written over the cotangent itself.
            let own = if i == 0 && into.wants(1) { g.clone() } else { g.take() };
            if let (true, Some(own)) = (into.wants(i), own) {
                into.give(i, cleared(own, &self.0, i == 1));
            }
        }
    }
}

/// `g` with zeros where the mask is `on`.
fn cleared<T: Scalar>(mut g: Tensor<T>, mask: &Tensor<bool>, on: bool) -> Tensor<T> {
    if g.shape() == mask.shape()
        && let Some(numbers) = g.own()
    {
        for (number, masked) in numbers.iter_mut().zip(mask.iter()) {
            if *masked == on {
                *number = T::zero();
            }
        }
        return g;
    }
    let zero = Tensor::scalar(T::zero());
    let (first, second) = if on { (&zero, &g) } else { (&g, &zero) };
    choose(mask, first, second, g.shape().into())
}

impl<T: Scalar> Op<T, 1> for MaskedFill {
    fn name(&self) -> &'static str {
        "masked_fill"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        broadcast(x, self.mask.shape()).map_err(|reason| format!("{reason} (the second is the mask)"))
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let shape = Op::<T, 1>::shape(self, [x.shape()]).expect("the engine has checked the shapes");
        let value = Tensor::scalar(T::lit(self.value));
        let (first, second) = if self.on { (&value, x) } else { (x, &value) };
        choose(&self.mask, first, second, shape)
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(MaskedFill { mask: self.mask.clone(), on: self.on, value: 0.0 }, [g]))]
    }

    fn accumulate(&self, _x: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        into.give(0, cleared(g, &self.mask, self.on));
    }
}

methods_of_both! {
    /// This where the mask is true, else `other`, a tensor or a number. All three broadcast.
    ///
    /// A number that is not chosen has the gradient 0, even if it is infinite or NaN.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let column = Tensor::from([[true], [false]]);
    /// assert_eq!(a.where_mask(&column, -1.0), Tensor::from([[1.0, 2.0], [-1.0, -1.0]]));
    /// assert_eq!(a.where_mask(&column, Tensor::from([8.0, 9.0])), Tensor::from([[1.0, 2.0], [8.0, 9.0]]));
    /// ```
    fn where_mask(mask: &Tensor<bool>; other) = Builtin::Where(Where(mask.clone()));
}

methods! {
    /// One value where the mask is true, else this. The two broadcast.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let scores = Tensor::<f64>::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let hidden = Tensor::from([[false, true], [false, false]]);
    /// let masked = scores.masked_fill(&hidden, f64::NEG_INFINITY);
    /// assert_eq!(masked, Tensor::from([[1.0, f64::NEG_INFINITY], [3.0, 4.0]]));
    /// ```
    fn masked_fill(mask: &Tensor<bool>, value: f64) = |_shape| Builtin::MaskedFill(MaskedFill {
        mask: mask.clone(),
        on: true,
        value,
    });
}

/// A mask of the given shape that is true where the pattern says, which is repeated.
fn sample_mask(shape: &[usize], pattern: &[bool]) -> Tensor<bool> {
    let n = shape.iter().product();
    let numbers = pattern.iter().copied().cycle().take(n).collect();
    Tensor::from_vec(numbers, shape).expect("as many as the shape takes")
}

const MIXED: &[bool] = &[true, false, false, true, true];

pub(crate) fn where_cases() -> Vec<Case> {
    let case = |mask: &'static [usize], pattern: &'static [bool], a: &[usize], b: &[usize]| {
        Case::new(|| Builtin::Where(Where(sample_mask(mask, pattern))), &[a, b])
    };
    vec![
        case(&[2, 3], MIXED, &[2, 3], &[2, 3]),
        case(&[2, 3], &[true], &[2, 3], &[2, 3]),
        case(&[2, 3], &[false], &[2, 3], &[2, 3]),
        case(&[2, 1], MIXED, &[3], &[]),
        case(&[3], MIXED, &[2, 1], &[2, 3]),
        case(&[4], MIXED, &[4], &[1]),
        case(&[], &[true], &[2, 2], &[2]),
        case(&[2, 1, 2], MIXED, &[1, 3, 1], &[3, 2]),
        case(&[0, 2], MIXED, &[0, 2], &[2]),
        case(&[1], &[false], &[1], &[1]),
    ]
}

pub(crate) fn masked_fill_cases() -> Vec<Case> {
    let case = |mask: &'static [usize], pattern: &'static [bool], on: bool, x: &[usize]| {
        Case::new(move || Builtin::MaskedFill(MaskedFill { mask: sample_mask(mask, pattern), on, value: 0.5 }), &[x])
    };
    vec![
        case(&[2, 3], MIXED, true, &[2, 3]),
        case(&[2, 3], MIXED, false, &[2, 3]),
        case(&[2, 3], &[true], true, &[2, 3]),
        case(&[2, 3], &[false], true, &[2, 3]),
        case(&[3], MIXED, true, &[2, 3]),
        case(&[2, 1], MIXED, false, &[2, 3]),
        case(&[2, 3], MIXED, true, &[3]),
        case(&[2, 2, 2], MIXED, true, &[2, 1]),
        case(&[2], MIXED, true, &[]),
        case(&[0], MIXED, true, &[0]),
    ]
}
