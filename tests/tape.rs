//! The engine: order of time, memory, and that no gradient is silently wrong or missing.

mod common;

use common::assert_panics;
use gradtape::{Dual, Gradients, Op, Param, Scalar, Shape, Tape, Tensor, TensorVar, ops, ops::Algebra};

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
fn gradients_outlive_the_tape_and_move_to_another_thread() {
    let weight = Param::new([1.0, 2.0]);
    let of = |x: [f64; 2]| {
        let tape = Tape::new();
        (tape.param(&weight) * tape.constant(x)).sum().backward()
    };
    let parts: Vec<Gradients<f64>> = std::thread::scope(|scope| {
        let workers = [[1.0, 2.0], [10.0, 20.0]].map(|x| scope.spawn(move || of(x)));
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).collect()
    });
    let mut sum = parts[0].clone();
    sum.merge(&parts[1]);
    assert_eq!(sum.wrt(&weight), Tensor::from([11.0, 22.0]));
    assert_eq!(parts[1].wrt(&weight), Tensor::from([10.0, 20.0]), "the parts stay what they were");
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
fn a_reset_keeps_nothing_but_memory() {
    let mut tape = Tape::<f64>::new();
    for step in 1..4 {
        tape.reset();
        assert!(tape.is_empty());
        let (x, v) = (tape.tensor([f64::from(step)]), tape.var(f64::from(step)));
        let y = (x.square() * v).sum();
        let gradients = y.backward();
        assert_eq!(gradients.wrt(x).item(), f64::from(2 * step * step));
        assert_eq!(gradients.wrt(v), f64::from(step * step));
    }
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
fn backward_starts_from_a_single_number() {
    let tape = Tape::new();
    let x = tape.tensor([[1.0, 2.0]]);
    let y = x.square();
    assert_panics(line!(), &["backward", "square", "[1, 2]", "backward_with", "tape.rs"], || y.backward());
    assert_panics(line!(), &["backward", "[1]"], || tape.tensor([1.0]).backward());
    let seeded = x.square().backward_with([[1.0, 10.0]]);
    assert_eq!(seeded.wrt(x), Tensor::from([[2.0, 40.0]]));
    assert_panics(line!(), &["backward", "[1, 2] and [2]"], || x.square().backward_with([1.0, 2.0]));
}

#[test]
fn backward_of_what_depends_on_no_variable_names_where_the_path_was_cut() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let cut = x.square().detach();
    let (from, to) = (cut.label(), cut.exp().sum());
    assert_panics(line!(), &["backward", "sum", "no variable", "cut", &from], || to.backward());
    let constant = tape.constant([1.0]).sum();
    assert_panics(line!(), &["backward", "constant", "tape.tensor"], || constant.backward());
    assert_panics(line!(), &["gradient", "no variable"], || tape.gradient(constant, &[x]));
    assert_panics(line!(), &["gradient", "is a constant"], || tape.gradient(x.sum(), &[cut]));
}

#[test]
fn an_inference_tape_has_no_gradients() {
    let tape = Tape::inference();
    let x = tape.tensor([1.0, 2.0]);
    let y = x.square().sum();
    assert_eq!(y.item(), 5.0);
    assert_panics(line!(), &["backward", "inference"], || y.backward());
    assert_panics(line!(), &["gradient", "inference"], || tape.gradient(y, &[x]));
    let v = tape.var(2.0) * 3.0;
    assert_eq!(v.value(), 6.0);
    assert_panics(line!(), &["backward", "inference"], || v.backward());
    let stacked = TensorVar::stack_vars(&[x.at(&[0]), v]).sum();
    assert_eq!(stacked.item(), 7.0);
    assert_panics(line!(), &["backward", "inference"], || stacked.backward());
}

#[test]
fn handles_and_gradients_of_another_tape_are_refused() {
    let (tape, other) = (Tape::new(), Tape::new());
    let (x, z) = (tape.tensor([1.0]), other.tensor([1.0]));
    assert_panics(line!(), &["add", "different tapes"], || x + z);
    let (row, column) = (x.reshape([1, 1]), z.reshape([1, 1]));
    assert_panics(line!(), &["matmul", "different tapes"], || row.matmul(column));
    let (a, b) = (tape.var(1.0), other.var(1.0));
    assert_panics(line!(), &["mul", "different tapes"], || a * b);
    let gradients = x.sum().backward();
    assert_panics(line!(), &["wrt", "another tape"], || gradients.wrt(z));
    assert_panics(line!(), &["wrt", "another tape"], || gradients.wrt(b));
    assert_panics(line!(), &["another tape"], || tape.custom([z], Tensor::from([1.0]), |g| [g.clone()]));
    assert_panics(line!(), &["another tape"], || tape.gradient(x.sum(), &[z]));
    assert_panics(line!(), &["stack_vars", "different tapes"], || TensorVar::stack_vars(&[a, b]));
}

#[test]
fn gradients_of_before_a_reset_are_refused() {
    let mut tape = Tape::new();
    let before = tape.tensor([1.0]).sum().backward();
    tape.reset();
    let (x, v) = (tape.tensor([1.0]), tape.var(1.0));
    assert_panics(line!(), &["wrt", "reset"], || before.wrt(x));
    assert_panics(line!(), &["wrt", "reset"], || before.wrt(v));
}

#[test]
fn gradients_of_constants_are_refused() {
    let tape = Tape::new();
    let (x, k) = (tape.tensor([1.0]), tape.constant([2.0]));
    let gradients = (x * k).sum().backward();
    assert_panics(line!(), &["wrt", "constant", "tape.tensor"], || gradients.wrt(k));
    let constant = gradtape::Var::from(1.0);
    assert_panics(line!(), &["wrt", "constant"], || gradients.wrt(constant));
    assert_panics(line!(), &["backward", "constant"], || constant.backward());
}

#[test]
fn merged_gradients_are_of_parameters_only() {
    let tape = Tape::new();
    let x = tape.tensor([1.0]);
    let mut gradients = x.sum().backward();
    gradients.merge(&gradients.clone());
    assert_panics(line!(), &["wrt", "merged"], || gradients.wrt(x));
}

#[test]
fn a_second_order_through_what_has_none_is_an_error() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let slope = x.value();
    let y = tape.custom([x], x.value(), move |g| [g * &slope]).sum();
    assert_eq!(y.backward().wrt(x), Tensor::from([1.0, 2.0]));
    assert_panics(line!(), &["gradient", "custom", "closure", "Op"], || tape.gradient(y, &[x]));
    let through_scalars = x.at(&[0]).exp();
    let y = (TensorVar::stack_vars(&[through_scalars]) * x).sum();
    assert_panics(line!(), &["gradient", "stack_vars", "Dual"], || tape.gradient(y, &[x]));
}

#[test]
fn a_rule_that_returns_nothing_for_an_input_that_needs_it_is_an_error() {
    struct Forgetful;
    impl<T: Scalar> Op<T, 1> for Forgetful {
        fn name(&self) -> &'static str {
            "forgetful"
        }
        fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
            Ok(x.into())
        }
        fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
            x.clone()
        }
        fn pullback<A: Algebra<T>>(&self, _: [A; 1], _: A, _: A, _: [bool; 1]) -> [Option<A>; 1] {
            [None]
        }
    }
    let tape = Tape::new();
    let x = tape.tensor([1.0]);
    let y = ops::apply(Forgetful, [x]).sum();
    let panic = common::panic_of(|| y.backward());
    assert!(panic.text.contains("forgetful: the rule returned no cotangent"), "{}", panic.text);
    let panic = common::panic_of(|| tape.gradient(y, &[x]));
    assert!(panic.text.contains("forgetful"), "{}", panic.text);
}

#[test]
fn shapes_that_do_not_fit_are_reported_at_the_users_line() {
    let tape = Tape::new();
    let (a, b) = (tape.tensor(Tensor::zeros([3, 4])), tape.tensor(Tensor::zeros([5, 2])));
    assert_panics(line!(), &["matmul: [3, 4] and [5, 2]: the inner sizes 4 and 5 differ"], || a.matmul(b));
    assert_panics(line!(), &["add: [3, 4] and [5, 2]", "-2", "3 and 5"], || a + b);
    assert_panics(line!(), &["mul: [3, 4] and [5, 2]"], || a * &b.value());
    assert_panics(line!(), &["sub: [3, 4] and [5, 2]"], || a.value() - b.value());
    assert_panics(line!(), &["pow: [3, 4] and [5, 2]"], || a.pow(b));
    assert_panics(line!(), &["reshape: [3, 4] and [5]", "12 numbers do not fill 5"], || a.reshape([5]));
    assert_panics(line!(), &["at: [3, 4]", "[3, 0]"], || a.at(&[3, 0]));
    assert_panics(line!(), &["to_var: [3, 4]"], || a.to_var());
    assert_panics(line!(), &["item: [3, 4]"], || a.item());
    assert_panics(line!(), &["matmul: [] and [5, 2]", "single number"], || tape.tensor(1.0).matmul(b));
    assert_panics(line!(), &["dot: [3, 4] and [5, 2]"], || a.dot(b));
    let mut sum = a;
    assert_panics(line!(), &["add: [3, 4] and [5, 2]"], || sum += b);
}

#[test]
fn after_a_panic_the_tape_goes_on() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let before = tape.len();
    common::panic_of(|| x + &Tensor::zeros([3]));
    assert_eq!(tape.len(), before + 1, "the plain tensor came onto the tape, the sum did not");
    assert_eq!(x.square().sum().backward().wrt(x), Tensor::from([2.0, 4.0]));
    let failing = tape.custom([x], x.value(), |_| panic!("a solver failed"));
    common::panic_of(|| failing.sum().backward());
    assert_eq!(x.square().sum().backward().wrt(x), Tensor::from([2.0, 4.0]));
}

#[test]
fn a_custom_pullback_of_another_shape_is_refused() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let y = tape.custom([x], x.value(), |_| [Tensor::zeros([3])]).sum();
    let panic = common::panic_of(|| y.backward());
    assert!(panic.text.contains("custom: [2] and [3]"), "{}", panic.text);
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

#[test]
fn replay_computes_recorded_operations_on_new_numbers() {
    let tape = Tape::new();
    let (x, w) = (tape.constant([[1.0, 2.0]]), tape.tensor([[1.0], [1.0]]));
    let y = x.matmul(w).sum();
    tape.replay(&[(x, Tensor::from([[3.0, 4.0]]))]);
    assert_eq!(y.item(), 7.0);
    assert_eq!(y.backward().wrt(w), Tensor::from([[3.0], [4.0]]));
    assert_panics(line!(), &["replay: [1, 2] and [2]"], || tape.replay(&[(x, Tensor::from([1.0, 2.0]))]));
    assert_panics(line!(), &["replay", "computed"], || tape.replay(&[(y, Tensor::scalar(1.0))]));
    let made = tape.custom([w], w.value(), |g| [g.clone()]);
    let _ = made;
    assert_panics(line!(), &["replay", "closure"], || tape.replay(&[]));
}

#[test]
fn the_tape_shows_what_it_recorded() {
    let tape = Tape::new();
    let x = tape.constant([[1.0, 2.0]]);
    let w = tape.tensor([[1.0], [1.0]]);
    let v = tape.var(3.0);
    let y = (x.matmul(w).tanh() * (v * v)).sum();
    let _ = y;
    let text = tape.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "%0 = constant: [1, 2]");
    assert_eq!(lines[2], "s0 = var");
    assert_eq!(lines[3], "%2 = matmul(%0, %1): [1, 1]");
    assert_eq!(lines[5], "s1 = 3 s0 + 3 s0");
    assert!(lines.last().is_some_and(|line| line.starts_with("%7 = sum(%6)")), "{text}");
    assert_eq!(tape.len(), 10);
    assert!(tape.memory_bytes() >= 2 * 24 + 8 * 8);
    let dot = tape.to_dot();
    assert!(dot.starts_with("digraph") && dot.contains("t0 -> t2") && dot.contains("s0 -> s1"));
}

#[test]
fn a_buffer_that_several_values_share_counts_once() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(Tensor::zeros([100]));
    let before = tape.memory_bytes();
    x.reshape([10, 10]);
    assert_eq!(tape.memory_bytes(), before);
}

#[test]
fn a_parameter_comes_onto_a_tape_once() {
    let mut weight = Param::new([1.0, 2.0]);
    let copy = weight.clone();
    let tape = Tape::new();
    let y = (tape.param(&weight) * tape.param(&weight)).sum();
    assert_eq!(tape.len(), 3);
    let gradients = y.backward();
    assert_eq!(gradients.wrt(&weight), Tensor::from([2.0, 4.0]));
    assert_eq!(gradients.wrt(&copy), Tensor::zeros([2]), "a clone is a parameter of its own");
    weight.set([5.0, 5.0]).expect("the shape fits");
    assert_eq!(y.backward().wrt(&weight), Tensor::from([2.0, 4.0]), "the tape holds the value of the forward pass");
}

fn assert_send<T: Send>() {}

#[test]
fn what_may_move_between_threads_does() {
    assert_send::<Tape<f32>>();
    assert_send::<Gradients<f64>>();
    assert_send::<Tensor<f32>>();
    fn assert_sync<T: Sync>() {}
    assert_sync::<Gradients<f64>>();
    assert_sync::<Tensor<f32>>();
    assert_sync::<Param<f32>>();
}

/// An operation that is the identity on one tensor, and whose pullback gives ones of a shape of its own.
struct Misshapen(&'static [usize]);
impl<T: Scalar> Op<T, 1> for Misshapen {
    fn name(&self) -> &'static str {
        "misshapen"
    }
    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        Ok(x.into())
    }
    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        x.clone()
    }
    fn pullback<A: Algebra<T>>(&self, _: [A; 1], _: A, g: A, _: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.constant(Tensor::ones(self.0)))]
    }
}

#[test]
fn a_cotangent_of_a_shape_that_the_input_does_not_broadcast_to_is_refused() {
    for (input, given) in [(vec![3], &[1][..]), (vec![3], &[4]), (vec![2, 3], &[6]), (vec![2, 3], &[3, 2])] {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(Tensor::zeros(&input));
        let y = ops::apply(Misshapen(given), [x]).sum();
        for panic in [common::panic_of(|| y.backward()), common::panic_of(|| tape.gradient(y, &[x]))] {
            for part in ["misshapen", &format!("{input:?} and {given:?}")] {
                assert!(panic.text.contains(part), "`{}` does not say `{part}`", panic.text);
            }
        }
    }
}

#[test]
fn a_rule_of_a_list_returns_a_cotangent_for_each_input() {
    struct Short;
    impl<T: Scalar> ops::VariadicOp<T> for Short {
        fn name(&self) -> &'static str {
            "short"
        }
        fn shape(&self, x: &[&[usize]]) -> Result<Shape, String> {
            Ok(x[0].into())
        }
        fn value(&self, x: &[&Tensor<T>]) -> Tensor<T> {
            x[0] + x[1]
        }
        fn pullback<A: Algebra<T>>(&self, _: &[A], _: A, g: A, _: &[bool]) -> Vec<Option<A>> {
            vec![Some(g)]
        }
    }
    let tape = Tape::new();
    let (a, b) = (tape.tensor([1.0]), tape.tensor([2.0]));
    let y = ops::apply_variadic(Short, &[a, b]).sum();
    for panic in [common::panic_of(|| y.backward()), common::panic_of(|| tape.gradient(y, &[b]))] {
        assert!(panic.text.contains("short") && panic.text.contains("1 cotangents for 2 inputs"), "{}", panic.text);
    }
}

#[test]
fn a_parameter_that_changed_since_it_came_onto_the_tape_is_refused_until_the_reset() {
    let mut weight = Param::new([1.0, 2.0]);
    let mut tape = Tape::new();
    assert_eq!(tape.param(&weight).sum().item(), 3.0);
    weight.set([5.0, 5.0]).expect("the shape fits");
    assert_panics(line!(), &["param", "changed since", "reset"], || tape.param(&weight));
    tape.reset();
    assert_eq!(tape.param(&weight).sum().item(), 10.0);
    weight.freeze(true);
    assert_panics(line!(), &["param", "changed since"], || tape.param(&weight));
}

#[test]
fn replay_runs_detached_values_again() {
    let tape = Tape::new();
    let x = tape.tensor([3.0]);
    let y = (x * x.detach()).sum();
    tape.replay(&[(x, Tensor::from([5.0]))]);
    assert_eq!((y.item(), y.backward().wrt(x).item()), (25.0, 5.0));
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
