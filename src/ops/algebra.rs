//! The two algebras that rules are written over: plain tensors, for the first-order sweep, and recorded ones, for
//! gradients that can be differentiated again.

use crate::{
    Scalar, Shape, Tape, Tensor, TensorVar,
    ops::{
        self, Elementwise, Expr, Op, Operand, VariadicOp, elementwise as row,
        layout::{BroadcastTo, Permute, Reshape},
        map::{Map, times_slope},
        reduce::sum::SumTo,
    },
    tape::{History, is_broadcast_of},
};

/// Tensors as a rule sees them: [`Tensor`], or [`TensorVar`] where the gradient itself is recorded.
///
/// The provided methods are the vocabulary of rules; any [`Op`] can be applied besides.
pub trait Algebra<T: Scalar>: Clone {
    /// An operation on such tensors.
    #[track_caller]
    fn apply<O: Op<T, N>, const N: usize>(op: O, x: [Self; N]) -> Self;

    /// An operation on a list of such tensors.
    #[track_caller]
    fn apply_variadic(op: impl VariadicOp<T>, x: &[Self]) -> Self;

    /// The sizes of the axes.
    fn shape(&self) -> Shape;

    /// Numbers that no gradient goes back through.
    fn constant(&self, value: Tensor<T>) -> Self;

    /// For an elementwise function, `g` times its partial derivative, for each input that needs it.
    fn chain<F: Elementwise<N>, const N: usize>(
        formula: F,
        x: [Self; N],
        y: Self,
        g: Self,
        needs: [bool; N],
    ) -> [Option<Self>; N];

    /// An elementwise function.
    #[track_caller]
    fn map<F: Elementwise<N>, const N: usize>(formula: F, x: [Self; N]) -> Self {
        Self::apply(Map(formula), x)
    }

    /// The sum of two.
    fn add(self, other: Self) -> Self {
        Self::map(row::Add(), [self, other])
    }

    /// The difference.
    fn sub(self, other: Self) -> Self {
        Self::map(row::Sub(), [self, other])
    }

    /// The elementwise product.
    fn mul(self, other: Self) -> Self {
        Self::map(row::Mul(), [self, other])
    }

    /// The quotient.
    fn div(self, other: Self) -> Self {
        Self::map(row::Div(), [self, other])
    }

    /// The product in which a 0 of this one wins against an infinity of the other.
    fn guarded(self, other: Self) -> Self {
        Self::map(row::Guarded(), [self, other])
    }

    /// The quotient, but 0 where the other is 0.
    fn ratio(self, other: Self) -> Self {
        Self::map(row::Ratio(), [self, other])
    }

    /// The negative.
    fn neg(self) -> Self {
        Self::map(row::Neg(), [self])
    }

    /// The product with a number.
    fn scale(self, factor: f64) -> Self {
        Self::map(row::Scale(factor), [self])
    }

    /// The square.
    fn square(self) -> Self {
        Self::map(row::Square(), [self])
    }

    /// The exponential.
    fn exp(self) -> Self {
        Self::map(row::Exp(), [self])
    }

    /// 1 where the two are equal (a NaN to a NaN), else 0; without a slope.
    fn equal(self, other: Self) -> Self {
        Self::map(row::Equal(), [self, other])
    }

    /// The sum over axes, so that a tensor of that shape would broadcast to this one.
    fn sum_to(self, shape: &[usize]) -> Self {
        if self.shape()[..] == *shape { self } else { Self::apply(SumTo(shape.into()), [self]) }
    }

    /// The same numbers read as if they had a larger shape.
    fn broadcast_to(self, shape: &[usize]) -> Self {
        if self.shape()[..] == *shape { self } else { Self::apply(BroadcastTo(shape.into()), [self]) }
    }

    /// The same numbers in another shape.
    fn reshape(self, shape: &[usize]) -> Self {
        if self.shape()[..] == *shape { self } else { Self::apply(Reshape(shape.into()), [self]) }
    }

    /// The axes in another order.
    fn permute(self, order: &[usize]) -> Self {
        Self::apply(Permute(order.into()), [self])
    }

    /// Zeros of the same shape.
    fn zeros(&self) -> Self {
        self.constant(Tensor::zeros(self.shape()))
    }
}

impl<T: Scalar> Algebra<T> for Tensor<T> {
    #[track_caller]
    fn apply<O: Op<T, N>, const N: usize>(op: O, x: [Self; N]) -> Self {
        ops::run(&ops::Erased::<O, N>(op), &x.each_ref())
    }

    #[track_caller]
    fn apply_variadic(op: impl VariadicOp<T>, x: &[Self]) -> Self {
        ops::run(&ops::ErasedVariadic(op), &x.iter().collect::<Vec<_>>())
    }

    fn shape(&self) -> Shape {
        Tensor::shape(self).into()
    }

    fn constant(&self, value: Tensor<T>) -> Self {
        value
    }

    fn chain<F: Elementwise<N>, const N: usize>(
        formula: F,
        x: [Self; N],
        y: Self,
        g: Self,
        needs: [bool; N],
    ) -> [Option<Self>; N] {
        std::array::from_fn(|i| {
            let chained = || times_slope(formula, i, x.each_ref(), &y, g.clone());
            needs[i].then(|| chained().unwrap_or_else(|| Tensor::zeros(y.shape())))
        })
    }
}

impl<T: Scalar> Algebra<T> for TensorVar<'_, T> {
    #[track_caller]
    fn apply<O: Op<T, N>, const N: usize>(op: O, x: [Self; N]) -> Self {
        ops::apply(op, x)
    }

    #[track_caller]
    fn apply_variadic(op: impl VariadicOp<T>, x: &[Self]) -> Self {
        ops::apply_variadic(op, x)
    }

    fn shape(&self) -> Shape {
        TensorVar::shape(*self).into()
    }

    fn constant(&self, value: Tensor<T>) -> Self {
        self.tape().constant(value)
    }

    fn chain<F: Elementwise<N>, const N: usize>(
        formula: F,
        x: [Self; N],
        y: Self,
        g: Self,
        needs: [bool; N],
    ) -> [Option<Self>; N] {
        let slopes = formula.slopes(x.map(Expr::Value), Expr::Value(y));
        let mut cotangents = [None; N];
        for i in (0..N).filter(|i| needs[*i]) {
            cotangents[i] = Some(match slopes[i] {
                Expr::Literal(0.0) => Algebra::zeros(&g),
                Expr::Literal(1.0) => g,
                Expr::Literal(c) if c.is_finite() => Operand::apply(row::Scale(c), [g]),
                Expr::Literal(c) => Operand::apply(row::Guarded(), [g, g.like(c)]),
                Expr::Value(slope) => Operand::apply(row::Guarded(), [g, slope]),
            });
        }
        cotangents
    }
}

impl<T: Scalar> Tape<T> {
    /// The gradient `∂y/∂xᵢ` of the number `y` with respect to each of `x`, recorded: it can be differentiated again,
    /// to any order.
    ///
    /// Each of the shape of its variable; zeros where `y` does not depend on it. Costs one sweep, whose operations come
    /// onto the tape: some two to three times as many as those of `y`.
    ///
    /// # Panics
    /// If `y` is not a single number (rank 0) or depends on no variable; on an inference tape; if the way passes
    /// through scalars (`at`, `stack_vars`) or a closure over numbers ([`custom`](Self::custom)), which have no second
    /// derivative: then use a tape of [`Dual`](crate::Dual) numbers, or
    /// [`custom_recorded`](Self::custom_recorded).
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let y = x.powi(3).sum();
    /// let gradient = tape.gradient(y, &[x])[0];
    /// assert_eq!(gradient.value(), Tensor::from([3.0, 12.0]));
    /// assert_eq!(gradient.sum().backward().wrt(x), Tensor::from([6.0, 12.0]));
    /// ```
    #[track_caller]
    pub fn gradient<'t>(&'t self, y: TensorVar<'t, T>, x: &[TensorVar<'t, T>]) -> Vec<TensorVar<'t, T>> {
        if !y.shape().is_empty() {
            panic!("gradient: {} is not a single number (rank 0); use gradient_with(y, seed, x)", y.label());
        }
        self.gradient_with(y, self.constant(Tensor::scalar(T::one())), x)
    }

    /// The recorded gradient of the sum of `y` times `seed`, `seedᵀ ∂y/∂xᵢ`: each of the shape of its variable.
    ///
    /// Costs one recorded sweep, as [`gradient`](Self::gradient). The seed is a tensor of the tape: the result can be
    /// differentiated by it too.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let (x, seed) = (tape.tensor([1.0, 2.0]), tape.tensor([10.0, 1.0]));
    /// let pulled = tape.gradient_with(x.square(), seed, &[x])[0];
    /// assert_eq!(pulled.value(), Tensor::from([20.0, 4.0]));
    /// assert_eq!(pulled.sum().backward().wrt(seed), Tensor::from([2.0, 4.0]));
    /// ```
    ///
    /// # Panics
    /// As [`gradient`](Self::gradient); and if the shapes of `y` and `seed` differ.
    #[track_caller]
    pub fn gradient_with<'t>(
        &'t self,
        y: TensorVar<'t, T>,
        seed: TensorVar<'t, T>,
        x: &[TensorVar<'t, T>],
    ) -> Vec<TensorVar<'t, T>> {
        let one_tape = [&y, &seed].into_iter().chain(x).all(|v| std::ptr::eq(v.tape(), self));
        assert!(one_tape, "gradient: a tensor of another tape");
        y.check_start("gradient", seed.shape());
        for variable in x {
            if !variable.needs_gradient() {
                panic!("gradient: {} is a constant; make it a variable with tape.tensor(..)", variable.label());
            }
        }
        match recorded_sweep(y, seed) {
            Ok(cotangents) => x
                .iter()
                .map(|x| match cotangents.get(x.id() as usize) {
                    Some(Some(cotangent)) => *cotangent,
                    _ => self.constant(Tensor::zeros(x.shape())),
                })
                .collect(),
            Err(message) => panic!("gradient: {message}"),
        }
    }
}

/// The cotangent of every node up to `y`, as recorded tensors; or the node that has no second derivative, and why.
pub(crate) fn recorded_sweep<'t, T: Scalar>(
    y: TensorVar<'t, T>,
    seed: TensorVar<'t, T>,
) -> Result<Vec<Option<TensorVar<'t, T>>>, String> {
    recorded_sweep_down_to(0, y, seed)
}

/// `f(x)`, and `wᵀ ∂f/∂xᵢ` for each of the tensors, recorded. They are taken as independent, whatever they are made of.
pub(crate) fn recorded_partials<'t, T: Scalar>(
    f: impl FnOnce(&[TensorVar<'t, T>]) -> TensorVar<'t, T>,
    x: &[TensorVar<'t, T>],
    w: TensorVar<'t, T>,
) -> Result<(TensorVar<'t, T>, Vec<TensorVar<'t, T>>), String> {
    // The sweep ends at these copies.
    let copies: Vec<_> = x.iter().map(|x| *x * 1.0).collect();
    let y = f(&copies);
    let cotangents = recorded_sweep_down_to(copies[0].id(), y, w)?;
    let found = copies.iter().map(|copy| match cotangents.get(copy.id() as usize) {
        Some(Some(cotangent)) => *cotangent,
        _ => copy.tape().constant(Tensor::zeros(copy.shape())),
    });
    Ok((y, found.collect()))
}

/// The same for the nodes from number `first` on, for partial derivatives: what lies before is taken as given.
fn recorded_sweep_down_to<'t, T: Scalar>(
    first: u32,
    y: TensorVar<'t, T>,
    seed: TensorVar<'t, T>,
) -> Result<Vec<Option<TensorVar<'t, T>>>, String> {
    let mut cotangents: Vec<Option<TensorVar<'t, T>>> = vec![None; y.id() as usize + 1];
    cotangents[y.id() as usize] = Some(seed);
    for id in (first..=y.id()).rev() {
        let (Some(cotangent), output) = (cotangents[id as usize], y.sibling(id)) else { continue };
        if !output.needs_gradient() {
            continue;
        }
        let (step, inputs) = match output.history() {
            History::Given => continue,
            History::Step { step, inputs } => (step, inputs),
            History::Scalars => {
                return Err(format!(
                    "{} passes through scalars, which are recorded as their partial derivatives and have no second \
                     one: use a Tape<Dual<_>> (forward over reverse), or stay with tensors",
                    output.label()
                ));
            }
        };
        let needs: Vec<bool> = inputs.iter().map(|input| input.needs_gradient()).collect();
        let slots = step
            .pullback(&inputs, output, cotangent, &needs)
            .map_err(|reason| format!("{}: {reason}", output.label()))?;
        if slots.len() != inputs.len() {
            let (n, given) = (inputs.len(), slots.len());
            return Err(format!("{}: the rule returned {given} cotangents for {n} inputs", output.label()));
        }
        for ((input, slot), needs) in inputs.iter().zip(slots).zip(needs) {
            if !needs {
                continue;
            }
            let Some(slot) = slot else {
                return Err(format!("{}: the rule returned no cotangent for {}", output.label(), input.label()));
            };
            if let Err(reason) = is_broadcast_of(&Algebra::shape(input), &Algebra::shape(&slot)) {
                return Err(format!("{}: the cotangent of {}: {reason}", output.label(), input.label()));
            }
            let slot = slot.sum_to(&Algebra::shape(input));
            let sum = &mut cotangents[input.id() as usize];
            *sum = Some(match *sum {
                Some(sum) => Algebra::add(sum, slot),
                None => slot,
            });
        }
    }
    Ok(cotangents)
}
