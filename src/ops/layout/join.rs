//! Several tensors put together as one, along an axis they have or a new one.

use crate::{
    Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, VariadicOp,
        layout::{Pick, Positions, memory_holds, new_axis},
        methods::methods_of_both,
    },
    tensor::shape::{elements, resolve_axis},
};

/// Tensors one after another along an axis: one they have (`concat`), or a new one (`stack`).
pub struct Join {
    pub(crate) axis: isize,
    pub(crate) new: bool,
}

impl Join {
    fn axis(&self, first: &[usize]) -> Result<usize, String> {
        if self.new { new_axis(self.axis, first) } else { resolve_axis(self.axis, first) }
    }

    /// How much room an input takes along the axis.
    fn size(&self, axis: usize, x: &[usize]) -> usize {
        if self.new { 1 } else { x[axis] }
    }

    fn joined(&self, axis: usize, x: &[&[usize]]) -> Shape {
        let mut shape = Shape::from(x[0]);
        if self.new {
            shape.insert(axis, 0);
        }
        shape[axis] = x.iter().fold(0, |sum, x| sum.saturating_add(self.size(axis, x)));
        shape
    }
}

impl<T: Scalar> VariadicOp<T> for Join {
    fn name(&self) -> &'static str {
        if self.new { "stack" } else { "concat" }
    }

    fn shape(&self, x: &[&[usize]]) -> Result<Shape, String> {
        let Some(first) = x.first() else { return Err("takes at least one tensor".into()) };
        let axis = self.axis(first)?;
        let fits = |other: &[usize]| match self.new {
            true => *other == **first,
            false => other.len() == first.len() && (0..first.len()).all(|i| i == axis || other[i] == first[i]),
        };
        if let Some(other) = x.iter().find(|other| !fits(other)) {
            let reason = if self.new { "the shapes" } else { "the sizes of the other axes" };
            return Err(format!("{first:?} and {other:?}: {reason} differ (the axis is {axis})"));
        }
        memory_holds(self.joined(axis, x), first)
    }

    fn value(&self, x: &[&Tensor<T>]) -> Tensor<T> {
        let shapes: Vec<&[usize]> = x.iter().map(|x| x.shape()).collect();
        let axis = self.axis(shapes[0]).expect("the engine has checked the axis");
        let shape = self.joined(axis, &shapes);
        let row = elements(&shape[axis..]);
        Tensor::build(shape, |to| {
            let mut start = 0;
            for x in x {
                // An axis of the inputs or a new one: what lies together is all from the axis on.
                let part = elements(&x.shape()[axis..]);
                if part > 0 {
                    for (to, from) in to.chunks_exact_mut(row).zip(x.as_slice().chunks_exact(part)) {
                        to[start..start + part].copy_from_slice(from);
                    }
                }
                start += part;
            }
        })
    }

    fn pullback<A: Algebra<T>>(&self, x: &[A], _y: A, g: A, needs: &[bool]) -> Vec<Option<A>> {
        let axis = self.axis(&x[0].shape()).expect("the engine has checked the axis");
        let mut start = 0;
        let part = |(x, needs): (&A, &bool)| {
            let shape = x.shape();
            let end = start + self.size(axis, &shape);
            let positions = Positions::Range { start, end, step: 1 };
            start = end;
            needs.then(|| A::apply(Pick { axis: axis as isize, positions }, [g.clone()]).reshape(&shape))
        };
        x.iter().zip(needs).map(part).collect()
    }
}

methods_of_both! {
    /// Tensors one after another along an axis, which is as long as all of theirs together.
    ///
    /// # Panics
    /// If the list is empty, there is no such axis, or the sizes of the other axes differ.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor, TensorVar};
    /// let (a, b) = (Tensor::<f64>::from([[1.0], [2.0]]), Tensor::from([[3.0], [4.0]]));
    /// assert_eq!(Tensor::concat(&[&a, &b], 1), Tensor::from([[1.0, 3.0], [2.0, 4.0]]));
    /// let tape = Tape::new();
    /// let (a, b) = (tape.tensor(a), tape.tensor(b));
    /// assert_eq!(TensorVar::concat(&[a, b], 0).shape(), [4, 1]);
    /// ```
    fn concat([x], axis: isize) = Builtin::Join(Join { axis, new: false });

    /// Tensors of one shape along a new axis: number `axis` of the result, from the end if negative.
    ///
    /// # Panics
    /// If the list is empty, the shapes differ, or `axis` is not from `-rank - 1` to `rank`.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor, TensorVar};
    /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0]));
    /// assert_eq!(Tensor::stack(&[&a, &b], 0), Tensor::from([[1.0, 2.0], [3.0, 4.0]]));
    /// assert_eq!(Tensor::stack(&[&a, &b], -1), Tensor::from([[1.0, 3.0], [2.0, 4.0]]));
    /// let tape = Tape::new();
    /// let (a, b) = (tape.tensor(a), tape.tensor(b));
    /// assert_eq!(TensorVar::stack(&[a, b, a], 0).shape(), [3, 2]);
    /// ```
    fn stack([x], axis: isize) = Builtin::Join(Join { axis, new: true });
}

pub(crate) fn join_cases() -> Vec<Case> {
    let case =
        |new: bool, axis: isize, shapes: &[&[usize]]| Case::new(move || Builtin::Join(Join { axis, new }), shapes);
    vec![
        case(false, 0, &[&[2], &[3]]),
        case(false, -1, &[&[2, 1], &[2, 3], &[2, 0]]),
        case(false, 1, &[&[2, 1, 3], &[2, 2, 3]]),
        case(false, 0, &[&[2, 2]]),
        case(false, 0, &[&[0, 2], &[0, 2]]),
        case(true, 0, &[&[], &[], &[]]),
        case(true, 0, &[&[2], &[2]]),
        case(true, -1, &[&[2, 3], &[2, 3]]),
        case(true, 1, &[&[2, 3], &[2, 3], &[2, 3]]),
        case(true, 1, &[&[2, 0], &[2, 0]]),
    ]
}
