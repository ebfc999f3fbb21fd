//! What a sweep gives, in the order of time and to any order.

use gradtape::{Dual, Op, Scalar, Shape, Tape, Tensor, TensorVar, ops, ops::Algebra};

#[test]
fn a_value_used_twice_gets_both_gradients() {
    let tape = Tape::new();
    let x = tape.tensor([3.0]);
    let gradient = |y: TensorVar<'_, f64>| y.sum().backward().wrt(x).item();
    assert_eq!(gradient(x * x), 6.0);
    assert_eq!(gradient(x + x), 2.0);
    assert_eq!(gradient(x - x), 0.0);
    assert_eq!(gradient(x * x * x), 27.0);
    assert_eq!(gradient(x / x), 0.0);
    assert_eq!(gradient(x.reshape([1, 1]).matmul(x.reshape([1, 1]))), 6.0);
}

#[test]
fn a_chain_of_a_million_tensors_needs_no_recursion() {
    let tape = Tape::new();
    let x = tape.tensor([1.0]);
    let y = (0..1_000_000).fold(x, |y, _| y + 1e-6);
    assert_eq!(y.sum().backward().wrt(x).item(), 1.0);
}

#[test]
fn scalars_and_tensors_meet_in_one_order() {
    let f = |p: f64, q: f64| ((p + 2.0 * q + 3.0 * p * q) * q).sin() * p + 2.0;
    let tape = Tape::new();
    let (p, q) = (tape.var(0.5), tape.var(2.0));
    let weights = tape.tensor([1.0, 2.0, 3.0]);
    let z = (TensorVar::stack_vars(&[p, q, p * q]) * weights * q).sum();
    let y = z.to_var().sin() * p + weights.at(&[1]);
    let gradients = y.backward();
    let h = 1e-6;
    let difference = |a: f64, b: f64| (a - b) / (2.0 * h);
    assert!((y.value() - f(0.5, 2.0)).abs() < 1e-12);
    assert!((gradients.wrt(p) - difference(f(0.5 + h, 2.0), f(0.5 - h, 2.0))).abs() < 1e-8);
    assert!((gradients.wrt(q) - difference(f(0.5, 2.0 + h), f(0.5, 2.0 - h))).abs() < 1e-8);
    let at_weights = gradients.wrt(weights);
    let slope = 15f64.cos() * 0.5 * 2.0;
    let expected = Tensor::from([slope * 0.5, slope * 2.0 + 1.0, slope * 1.0]);
    approx::assert_abs_diff_eq!(at_weights, expected, epsilon = 1e-12);
}

#[test]
fn a_tensor_beside_a_scalar_of_the_tape_gives_both_their_gradients() {
    let tape = Tape::new();
    let (x, k) = (tape.tensor([[1.0, 2.0], [3.0, 4.0]]), tape.var(10.0));
    let gradients = (x * k - k).sum().backward();
    assert_eq!(gradients.wrt(x), Tensor::full([2, 2], 10.0));
    assert_eq!(gradients.wrt(k), 6.0);
}

#[test]
fn gradients_of_leaves_and_of_intermediate_values_are_there_after_the_sweep() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let h = x.square();
    let unused = tape.tensor([5.0]);
    let gradients = (3.0 * h).sum().backward();
    assert_eq!(gradients.wrt(h), Tensor::from([3.0, 3.0]));
    assert_eq!(gradients.wrt(x), Tensor::from([6.0, 12.0]));
    assert_eq!(gradients.wrt(unused), Tensor::from([0.0]));
    assert_eq!(gradients.wrt(tape.tensor([1.0])), Tensor::from([0.0]), "made after the sweep");
}

#[test]
fn several_sweeps_of_one_tape_do_not_disturb_each_other() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let (a, b) = (x.square().sum(), x.powi(3).sum());
    let first = a.backward();
    let second = b.backward();
    assert_eq!(first.wrt(x), Tensor::from([2.0, 4.0]));
    assert_eq!(second.wrt(x), Tensor::from([3.0, 12.0]));
    drop((first, second));
    assert_eq!(a.backward().wrt(x), Tensor::from([2.0, 4.0]));
}

#[test]
fn nothing_is_computed_for_what_needs_no_gradient() {
    struct Counted;
    impl<T: Scalar> Op<T, 2> for Counted {
        fn name(&self) -> &'static str {
            "counted"
        }
        fn shape(&self, [x, _]: [&[usize]; 2]) -> Result<Shape, String> {
            Ok(x.into())
        }
        fn value(&self, [x, w]: [&Tensor<T>; 2]) -> Tensor<T> {
            x * w
        }
        fn pullback<A: Algebra<T>>(&self, [x, w]: [A; 2], _: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
            assert_eq!(needs, [false, true]);
            let _ = w;
            [None, Some(g.mul(x))]
        }
    }
    let tape = Tape::new();
    let (x, w) = (tape.constant([1.0, 2.0]), tape.tensor([3.0, 4.0]));
    let gradients = ops::apply(Counted, [x, w]).sum().backward();
    assert_eq!(gradients.wrt(w), Tensor::from([1.0, 2.0]));
}

#[test]
fn a_zero_cotangent_contributes_zero_against_an_infinite_slope() {
    let tape = Tape::new();
    let x = tape.tensor([0.0, 4.0]);
    let mask = Tensor::from([0.0, 1.0]);
    let y = (x.sqrt() * &mask).sum();
    assert_eq!(y.backward().wrt(x), Tensor::from([0.0, 0.25]));
    let recorded = tape.gradient(y, &[x])[0];
    assert_eq!(recorded.value(), Tensor::from([0.0, 0.25]));
    let second = recorded.sum().backward().wrt(x);
    assert_eq!(second, Tensor::from([0.0, -1.0 / 32.0]));
    let (v, zero) = (tape.var(0.0), tape.var(0.0));
    assert_eq!((v.sqrt() * zero).backward().wrt(v), 0.0);
}

#[test]
fn where_a_function_is_constant_an_infinite_cotangent_stays_out() {
    let tape = Tape::new();
    let x = tape.tensor([-1.0, 4.0]);
    for y in [x.relu(), x.maximum(0.0), x.clamp(0.0, 9.0)] {
        let y = y.sqrt().sum();
        assert_eq!(y.backward().wrt(x), Tensor::from([0.0, 0.25]));
        assert_eq!(tape.gradient(y, &[x])[0].value(), Tensor::from([0.0, 0.25]));
    }
    let v = tape.var(-1.0);
    assert_eq!(v.relu().sqrt().backward().wrt(v), 0.0);
    assert_eq!(Dual::new(-1.0, 1.0).relu().sqrt().tangent, 0.0);
}

#[test]
fn ties_and_corners_are_as_their_rows_say() {
    let tape = Tape::new();
    let slopes = |y: TensorVar<'_, f64>, x, z| {
        let gradients = y.sum().backward();
        (gradients.wrt(x), gradients.wrt(z))
    };
    let (x, z) = (tape.tensor([f64::INFINITY, 2.0]), tape.tensor([f64::INFINITY, 2.0]));
    let half = Tensor::from([0.5, 0.5]);
    assert_eq!(slopes(x.maximum(z), x, z), (half.clone(), half.clone()));
    assert_eq!(slopes(x.minimum(z), x, z), (half.clone(), half));
    let (x, z) = (tape.tensor([0.0, 0.0]), tape.tensor([0.0, 2.0]));
    assert_eq!(slopes(x.pow(z), x, z).1, Tensor::from([0.0, 0.0]));
    let (x, z) = (tape.tensor([1e-170]), tape.tensor([1e-170]));
    let (dx, dz) = slopes(x.atan2(z), x, z);
    approx::assert_relative_eq!(dx, Tensor::from([5e169]), max_relative = 1e-12);
    approx::assert_relative_eq!(dz, Tensor::from([-5e169]), max_relative = 1e-12);
}

#[test]
fn recorded_gradients_can_be_differentiated_again_and_again() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let y = x.powi(4).sum();
    let first = tape.gradient(y, &[x])[0];
    let second = tape.gradient(first.sum(), &[x])[0];
    let third = tape.gradient(second.sum(), &[x])[0];
    assert_eq!(third.value(), Tensor::from([24.0, 48.0]));
    assert_eq!(third.sum().backward().wrt(x), Tensor::from([24.0, 24.0]));
}

#[test]
fn forward_over_reverse_gives_hessian_vector_products_of_tensors() {
    let tape = Tape::<Dual<f64>>::new();
    let x = tape.tensor(Tensor::from([Dual::new(1.0, 1.0), Dual::new(2.0, 0.0)]));
    let y = (x.dot(x) * x.dot(x)).backward().wrt(x);
    // f = (x·x)², H v = 4 (x·x) v + 8 x (x·v)
    assert_eq!(y.map(|d| Dual::constant(d.tangent)).iter().map(|d| d.value).collect::<Vec<_>>(), [28.0, 16.0]);
}
