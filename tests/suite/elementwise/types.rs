//! On every type that they run on: numbers, dual numbers of every kind, tapes and tensors.

use super::{close, leaky, swish, swish_by_hand};
use gradtape::{Dual, ElementwiseArgument, MultiDual, Scalar, Tape, Taylor, Tensor, TensorVar, Var, elementwise};

#[test]
fn one_name_for_every_type() {
    let (x, beta) = (0.7, 1.5);
    let (value, by_x, by_beta) = swish_by_hand(x, beta);

    assert!(close(swish(x, beta), value));
    assert!((f64::from(swish(0.7f32, 1.5)) - value).abs() < 1e-6);

    let dual: Dual<f64> = swish(Dual::new(x, 1.0), Dual::new(beta, 2.0));
    assert!(close(dual.value, value) && close(dual.tangent, by_x + 2.0 * by_beta));

    let tape = Tape::new();
    let (vx, vb) = (tape.var(x), tape.var(beta));
    let y: Var<'_, f64> = swish(vx, vb);
    let gradients = y.backward();
    assert!(close(y.value(), value) && close(gradients.wrt(vx), by_x) && close(gradients.wrt(vb), by_beta));

    let (tx, tb) = (tape.tensor([x, -x, 0.0]), tape.tensor(beta));
    let y: TensorVar<'_, f64> = swish(tx, tb);
    let gradients = y.sum().backward();
    let [there, back, zero] = [x, -x, 0.0].map(|x| swish_by_hand(x, beta));
    for (i, by_hand) in [there, back, zero].into_iter().enumerate() {
        assert!(close(y.value().as_slice()[i], by_hand.0));
        assert!(close(gradients.wrt(tx).as_slice()[i], by_hand.1));
    }
    assert!(close(gradients.wrt(tb).item(), there.2 + back.2 + zero.2));

    let (x, b) = (Tensor::from([x, -x, 0.0]), Tensor::from(beta));
    assert_eq!(swish(&x, &b), y.value());
    assert_eq!(swish(x.clone(), b), y.value());
    let (x, b) = (Tensor::from([0.7f32, -0.7]), Tensor::from([1.5f32, 1.5]));
    assert_eq!(swish(&x, &b).as_slice(), [swish(0.7f32, 1.5), swish(-0.7f32, 1.5)]);
}

#[test]
fn the_value_is_the_plain_expression() {
    #[elementwise]
    fn f<T>(x: T, y: T) -> T {
        let s = x.sqrt() * 2.0 - y / 3.0;
        s.tanh() + (x * y).sin().abs() * 0.1 - 1.0 / (x + 0.25)
    }
    for i in 0..50 {
        let (x, y) = (0.1 * f64::from(i), 2.0 - 0.07 * f64::from(i));
        let s = x.sqrt() * 2.0 - y / 3.0;
        assert_eq!(f(x, y), s.tanh() + (x * y).sin().abs() * 0.1 - 1.0 / (x + 0.25));
        let (x, y) = (x as f32, y as f32);
        let s = x.sqrt() * 2.0 - y / 3.0;
        assert_eq!(f(x, y), s.tanh() + (x * y).sin().abs() * 0.1 - 1.0 / (x + 0.25));
    }
}

#[test]
fn literals_and_generic_code_infer() {
    let y: f32 = swish(1.0, 2.0);
    assert_eq!(y, swish(1.0f32, 2.0));
    assert_eq!(swish(1.0, 2.0), swish(1.0f64, 2.0));
    assert_eq!(leaky(-1.0, 0.5), -0.5);
    fn over_tapes<'t, T: Scalar>(x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        swish(x, 2.0 * x).sum()
    }
    fn over_numbers<T: Scalar>(x: T) -> T {
        swish(x, x) + x
    }
    fn over_all<A: ElementwiseArgument + Clone>(x: A) -> A::Output {
        swish(x.clone(), x)
    }
    let tape = Tape::<f32>::new();
    assert_eq!(over_tapes(tape.tensor([1.0, 2.0])).item(), swish(1.0f32, 2.0) + swish(2.0f32, 4.0));
    assert_eq!(over_numbers(1.0), over_all(1.0) + 1.0);
    assert_eq!(over_all(&Tensor::from([1.0])).item(), over_all(1.0));
    let sum: f64 = [1.0, 2.0].iter().map(|x| swish(*x, 1.0)).sum();
    assert_eq!(sum, swish(1.0, 1.0) + swish(2.0, 1.0));
}

#[test]
fn one_formula_is_one_node() {
    let tape = Tape::new();
    let (x, beta) = (tape.tensor([1.0, 2.0]), tape.tensor([1.0]));
    let before = tape.len();
    swish(x, beta);
    assert_eq!(tape.len(), before + 1);
    assert!(tape.to_string().contains("swish"));
    let (x, beta) = (tape.var(1.0), tape.var(1.0));
    let before = tape.len();
    swish(x, beta);
    assert_eq!(tape.len(), before + 1);
}

#[test]
fn a_tape_of_dual_numbers() {
    let tape = Tape::new();
    let (x, beta) = (tape.var(Dual::new(0.7, 1.0)), tape.var(Dual::new(1.5, 0.0)));
    let y = swish(x, beta);
    let second = y.backward().wrt(x).tangent;
    let h = 1e-5;
    let difference = (swish_by_hand(0.7 + h, 1.5).1 - swish_by_hand(0.7 - h, 1.5).1) / (2.0 * h);
    assert!((second - difference).abs() < 1e-8);
    let x = tape.tensor(Tensor::from([Dual::new(0.7, 1.0), Dual::new(-0.7, 1.0)]));
    let gradient = swish(x, tape.tensor([Dual::new(1.5, 0.0)])).sum().backward().wrt(x);
    assert!((gradient.as_slice()[0].tangent - difference).abs() < 1e-8);
    let branch = tape.tensor(Tensor::from([Dual::new(0.7, 1.0), Dual::new(-0.7, 1.0)]));
    let slopes = leaky(branch, 0.25).sum().backward().wrt(branch);
    assert_eq!(slopes.as_slice(), [Dual::new(1.0, 0.0), Dual::new(0.25, 0.0)]);
}

/// Made of nothing but operations of numbers.
fn swish_composed<T: Scalar>(x: T, beta: T) -> T {
    x / (T::one() + (-beta * x).exp())
}

#[test]
fn several_directions_at_once() {
    let [x, beta] = MultiDual::<f64, 2>::variables([0.7, 1.5]);
    let (y, composed) = (swish(x, beta), swish_composed(x, beta));
    let (value, by_x, by_beta) = swish_by_hand(0.7, 1.5);
    assert!(close(y.value, value) && close(y.tangents[0], by_x) && close(y.tangents[1], by_beta));
    assert!(close(y.value, composed.value));
    assert!(y.tangents.iter().zip(composed.tangents).all(|(a, b)| close(*a, b)));
    let [x] = MultiDual::<f64, 1>::variables([-0.7]);
    assert_eq!(leaky(x, 0.25).tangents, [0.25]);
}

#[test]
fn derivatives_of_every_order_at_once() {
    let (x, beta) = (Taylor::<f64, 5>::variable(0.7), Taylor::constant(1.5));
    let (y, composed) = (swish(x, beta), swish_composed(x, beta));
    let (value, by_x, _) = swish_by_hand(0.7, 1.5);
    assert!(close(y.derivative(0), value) && close(y.derivative(1), by_x));
    for order in 0..5 {
        assert!(close(y.derivative(order), composed.derivative(order)), "order {order}");
    }

    // Both arguments vary, and one formula calls another, in the way that is taken.
    #[elementwise]
    fn outer<T>(x: T, y: T) -> T {
        if x > 0.0 { swish(x * y, 2.0) + x.sin() } else { y }
    }
    let along = |value, direction| Taylor::<f64, 5>::along(value, direction);
    let (x, beta) = (along(0.4, 1.0), along(1.2, -0.5));
    let composed = swish_composed(x * beta, Taylor::constant(2.0)) + num_traits::Float::sin(x);
    for order in 0..5 {
        assert!(close(outer(x, beta).derivative(order), composed.derivative(order)), "order {order}");
        assert!(close(outer(-x, beta).derivative(order), beta.derivative(order)), "order {order}");
    }
}
