//! What must compile without a type written down: literals, references and containers beside the handles of a tape,
//! whose number type is open, `f32`, or generic. That it compiles is most of the test; the values are the rest.

// References that could be values are what is tested here.
#![allow(clippy::op_ref, clippy::needless_borrows_for_generic_args)]

use gradtape::functional::{grad, hessian_diagonal, hvp, jacobian};
use gradtape::{Dual, Scalar, Tape, Tensor, TensorVar, Var};
use num_traits::Float;

/// Literals and operators of scalars. The same text for every tape.
macro_rules! scalar_forms {
    ($tape:expr, $x:expr, $y:expr, $k:expr) => {{
        let (x, y, k) = ($x, $y, $k);
        let z = (x * 2.0).sin() + 1.0 / x.powi(2) - (3.0 - y) * 0.5 + -x % 4.0;
        let by_reference = (&x * 2.0).sin() + 1.0 / (&x).powi(2) - (3.0 - &y) * 0.5 + -&x % 4.0;
        assert!(z == by_reference && &x + &y == x + y && &x * y == x * &y);
        let mut sum = x * k + k;
        sum += x;
        sum += &x;
        sum += 1.0;
        sum += k;
        sum -= 2.0 * x;
        sum *= 0.5;
        sum /= y;
        let total: Var<'_, _> = [x, y, z, sum].iter().sum();
        let squares = [x, y].iter().map(|x| x * x).sum::<Var<'_, _>>() + [x, y].into_iter().product::<Var<'_, _>>();
        let chosen = if x > y && x > 0.0 { x.relu() } else { (-y).leaky_relu(0.1).clamp(-1.0, 1.0) };
        let powers = x.powf(0.5) + x.pow(y) + x.pow(2.0) + x.maximum(0.0) + x.minimum(k) + x.hypot(&y) + x.atan2(y);
        let last = (total + squares + chosen + powers).sqrt().ln() / 3.0;
        let gradients = last.backward();
        assert!(gradients.wrt(x).is_finite() && gradients.wrt(y).is_finite());
        assert!($tape.len() > 20);
    }};
}

/// Literals and operators of tensors.
macro_rules! tensor_forms {
    ($x:expr, $w:expr, $plain:expr, $k:expr) => {{
        let (x, w, plain, k) = ($x, $w, $plain, $k);
        let y = -x + 1.0 - 2.0 * x + (1.0 - x) / 2.0 + 1.0 / (x * x + 1.0);
        let by_reference = -&x + 1.0 - 2.0 * &x + (1.0 - &x) / 2.0 + 1.0 / (&x * &x + 1.0);
        assert!(y.value() == by_reference.value());
        let mut sum = x * k + x / k - k;
        sum += x;
        sum += 1.0;
        sum += k;
        sum -= y;
        sum -= &y;
        sum += &plain;
        sum *= plain.clone();
        sum *= 0.5;
        sum /= 4.0;
        sum = sum + &x + x * &sum + &x * sum + &x * &sum;
        sum = sum * &plain + &plain * sum - plain.clone() + plain.clone() * sum + &x * &plain - &plain / &x;
        let products = x.matmul(w) + x.matmul(&w) + x.matmul(&plain) + x.matmul(plain.clone());
        let bounded = x.maximum(0.0) + x.maximum(k) + x.minimum(&x) + x.maximum(x) + x.maximum(&plain).clamp(0.0, 1.0);
        let powers = x.square().pow(2.0) + x.powf(2.0) + x.powi(2) + x.hypot(1.0) + x.atan2(&plain) + x.exp().pow(x);
        let loss = (sum + products + bounded + powers).tanh().square().sum() * 0.5;
        let gradients = (1.0 - loss).backward();
        assert_eq!(gradients.wrt(x).shape(), [2, 2]);
        assert!(loss.item().is_finite());
    }};
}

/// Literals and operators of plain tensors.
macro_rules! plain_forms {
    ($x:expr, $k:expr) => {{
        let (x, k) = ($x, $k);
        let y = -&x + 1.0 - 2.0 * &x + (1.0 - x.clone()) / 2.0 + 1.0 / (&x * &x + 1.0) + &x * k + x.clone() % 2.0;
        let mut sum = &y + x.clone() + (y.clone() - &x) + y.clone() * x.clone();
        sum += &y;
        sum += y;
        sum -= 1.0;
        sum *= k;
        let bounded = x.maximum(0.0) + x.maximum(k) + x.minimum(&sum) + x.pow(2.0) + x.powi(2) + x.matmul(&sum);
        assert_eq!(bounded.tanh().shape(), [2, 2]);
    }};
}

#[test]
fn a_tape_of_the_default_number() {
    let tape = Tape::new();
    scalar_forms!(tape, tape.var(2.0), tape.var(0.7), 3.0);
    let tape = Tape::new();
    let (x, w) = (tape.tensor([[0.5, -1.0], [2.0, 0.1]]), tape.constant([[1.0, 0.0], [0.0, 1.0]]));
    tensor_forms!(x, w, Tensor::from([[1.0, 2.0], [3.0, 4.0]]), 3.0);
    plain_forms!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]), 3.0);
}

#[test]
fn a_tape_of_single_precision() {
    let tape = Tape::<f32>::new();
    scalar_forms!(tape, tape.var(2.0), tape.var(0.7), 3.0f32);
    scalar_forms!(tape, tape.var(2.0), tape.var(0.7), 3.0);
    let (x, w) = (tape.tensor([[0.5, -1.0], [2.0, 0.1]]), tape.constant([[1.0, 0.0], [0.0, 1.0]]));
    tensor_forms!(x, w, Tensor::from([[1.0, 2.0], [3.0, 4.0]]), 3.0f32);
    tensor_forms!(x, w, Tensor::from([[1.0, 2.0], [3.0, 4.0]]), 3.0);
    tensor_forms!(x, w, Tensor::from([[1.0, 2.0], [3.0, 4.0]]), 3.0f64);
    plain_forms!(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]), 3.0f32);
    plain_forms!(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]), 3.0);
}

#[test]
fn a_tape_of_dual_numbers() {
    let dual = |x: f64| Dual::new(x, 1.0);
    let tape = Tape::new();
    scalar_forms!(tape, tape.var(dual(2.0)), tape.var(dual(0.7)), dual(3.0));
    scalar_forms!(tape, tape.var(dual(2.0)), tape.var(dual(0.7)), 3.0);
    let numbers = [[0.5, -1.0], [2.0, 0.1]].map(|row| row.map(dual));
    let (x, w) = (tape.tensor(numbers), tape.constant(numbers));
    tensor_forms!(x, w, Tensor::from(numbers), dual(3.0));
    tensor_forms!(x, w, Tensor::from(numbers), 3.0);
    plain_forms!(Tensor::from(numbers), 3.0);
}

fn generic_scalars<T: Scalar>() {
    let tape = Tape::<T>::new();
    scalar_forms!(tape, tape.var(T::lit(2.0)), tape.var(T::lit(0.7)), T::lit(3.0));
    scalar_forms!(tape, tape.var(T::lit(2.0)), tape.var(T::lit(0.7)), 3.0);
}

fn generic_tensors<T: Scalar>() {
    let tape = Tape::<T>::new();
    let numbers = [[0.5, -1.0], [2.0, 0.1]].map(|row| row.map(T::lit));
    let (x, w) = (tape.tensor(numbers), tape.constant(numbers));
    tensor_forms!(x, w, Tensor::from(numbers), 3.0);
    plain_forms!(Tensor::from(numbers), T::lit(3.0));
    plain_forms!(Tensor::from(numbers), 3.0);
}

#[test]
fn code_generic_over_the_number() {
    generic_scalars::<f32>();
    generic_scalars::<f64>();
    generic_scalars::<Dual<f64>>();
    generic_tensors::<f32>();
    generic_tensors::<f64>();
    generic_tensors::<Dual<f32>>();
}

#[test]
fn what_a_tensor_is_made_of() {
    let tape = Tape::new();
    let plain = Tensor::from([1.0, 2.0]);
    let numbers = vec![1.0, 2.0];
    assert_eq!(tape.tensor(1.5).shape(), [0; 0]);
    assert_eq!(tape.tensor([1.0, 2.0]).shape(), [2]);
    assert_eq!(tape.tensor([[1.0, 2.0]]).shape(), [1, 2]);
    assert_eq!(tape.tensor([[[1.0, 2.0]]]).shape(), [1, 1, 2]);
    assert_eq!(tape.tensor([[[[1.0, 2.0]]]]).shape(), [1, 1, 1, 2]);
    assert_eq!(tape.tensor(&[1.0, 2.0]).shape(), [2]);
    assert_eq!(tape.tensor(&numbers[1..]).shape(), [1]);
    assert_eq!(tape.tensor(vec![1.0, 2.0]).shape(), [2]);
    assert_eq!(tape.tensor(numbers).value(), tape.constant(&plain).value());
    assert_eq!(tape.tensor(plain.clone()).value(), tape.tensor(plain).value());

    // The same with the number type of the tape.
    let tape = Tape::<f32>::new();
    let (a, b, c) = (tape.tensor([1.0, 2.0]), tape.tensor([[1.0, 2.0]]), tape.constant(vec![1.0, 2.0]));
    let (d, e, f) = (tape.tensor(&[1.0, 2.0]), tape.constant(&Tensor::from([1.0, 2.0])), tape.tensor(1.5));
    let (g, h) = (tape.tensor([[[1.0, 2.0]]]), tape.tensor([[[[1.0, 2.0]]]]));
    let sum = (a + b + c + d + e + f + g + h).sum();
    assert_eq!(sum.item(), 3.0 * 7.0 + 3.0);
    assert_eq!(sum.backward_with(2.0).wrt(f).item(), 4.0);
    assert_eq!((a * 2.0).backward_with([1.0, 10.0]).wrt(a), Tensor::from([2.0, 20.0]));
}

#[test]
fn nested_arrays_of_open_numbers() {
    assert_eq!(Tensor::from([1.0, 2.0]).shape(), [2]);
    assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).shape(), [2, 2]);
    assert_eq!(Tensor::from([[[1.0, 2.0]]]).shape(), [1, 1, 2]);
    assert_eq!(Tensor::from([[[[1.0, 2.0]]]]).shape(), [1, 1, 1, 2]);
    let tape = Tape::new();
    let y = tape.tensor([[1.0, 2.0], [3.0, 4.0]]) * 2.0 + 1.0;
    assert_eq!(y.shape(), [2, 2]);
    let tape = Tape::new();
    assert_eq!(tape.constant([[[1.0], [2.0]]]).sum().item(), 3.0);
}

#[test]
fn literals_beside_scalars_in_functions_of_any_order() {
    let x = [3.0, -1.0];
    let ramp = [3.0, 0.0];
    assert_eq!(grad(|x| x[0].maximum(0.0).pow(2.0) / 2.0 + x[1].maximum(0.0), &x), ramp);
    assert_eq!(hvp(|x| x[0].maximum(0.0).pow(2.0) / 2.0 + x[1].maximum(0.0), &x, &[2.0, 1.0]), [2.0, 0.0]);
    assert_eq!(hessian_diagonal(|x| x[0].maximum(0.0).pow(2.0) / 2.0 + x[1].maximum(0.0), &x), [1.0, 0.0]);
    assert_eq!(jacobian(|x| [x[0].maximum(0.0).pow(2.0) / 2.0, x[1].minimum(x[0])], &[3f32, -1.0]).shape(), [2, 2]);
}

#[test]
fn scalars_and_tensors_together() {
    let tape = Tape::new();
    let (x, k) = (tape.tensor([1.0, 2.0]), tape.var(3.0));
    let y = (x * k + k * x - k) / (k + 1.0);
    let z = TensorVar::stack_vars(&[k, k * 2.0, 1.0.into()]).sum() + x.maximum(k).sum();
    let mut y = y + &x * k + k * &x;
    y -= k;
    let gradients = (y.sum() + z).backward();
    assert_eq!(gradients.wrt(x), Tensor::from([7.5, 7.5]));
    assert!(gradients.wrt(k).is_finite());
}

#[test]
fn constants_of_the_default_number() {
    let (a, b) = (Var::from(2.0), Var::from(3.0));
    assert_eq!((a * b + a.sin()).value(), 6.0 + 2f64.sin());
    let y = Dual::new(2.0, 1.0).powi(2) + 1.0;
    assert_eq!((y.value, y.tangent), (5.0, 4.0));
}

#[test]
fn literals_in_functions_over_handles() {
    fn energy<'t, T: Scalar>(x: TensorVar<'t, T>, k: Var<'t, T>) -> TensorVar<'t, T> {
        0.5 * x.square().sum() - (1.0 - k) * x.mean() + x.maximum(0.0).sum() / 2.0
    }
    fn mixed<T: Float>(x: T) -> T {
        x * T::from(2.0).unwrap() + x.recip()
    }
    let tape = Tape::<f32>::new();
    let (x, k) = (tape.tensor([3.0, -4.0]), tape.var(2.0));
    assert_eq!(energy(x, k).item(), 12.5 - 0.5 + 1.5);
    assert_eq!(mixed(k).value(), 4.5);
    let double = |x: TensorVar<'_, f32>| (2.0 * x).sum().item();
    assert_eq!(double(x), -2.0);
}
