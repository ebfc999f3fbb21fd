//! What has no gradient, or belongs to another tape, is refused by name and at the user's line.

use crate::common::{assert_panics, panic_of};
use gradtape::{Op, Param, Scalar, Shape, Tape, Tensor, TensorVar, ops, ops::Algebra};

#[test]
fn backward_starts_from_a_single_number() {
    let tape = Tape::new();
    let x = tape.tensor([[1.0, 2.0]]);
    let y = x.square();
    assert_panics(line!(), &["backward", "square", "[1, 2]", "backward_with", "refused.rs"], || y.backward());
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
    let panic = panic_of(|| y.backward());
    assert!(panic.text.contains("forgetful: the rule returned no cotangent"), "{}", panic.text);
    let panic = panic_of(|| tape.gradient(y, &[x]));
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
    panic_of(|| x + &Tensor::zeros([3]));
    assert_eq!(tape.len(), before + 1, "the plain tensor came onto the tape, the sum did not");
    assert_eq!(x.square().sum().backward().wrt(x), Tensor::from([2.0, 4.0]));
    let failing = tape.custom([x], x.value(), |_| panic!("a solver failed"));
    panic_of(|| failing.sum().backward());
    assert_eq!(x.square().sum().backward().wrt(x), Tensor::from([2.0, 4.0]));
}

#[test]
fn a_custom_pullback_of_another_shape_is_refused() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let y = tape.custom([x], x.value(), |_| [Tensor::zeros([3])]).sum();
    let panic = panic_of(|| y.backward());
    assert!(panic.text.contains("custom: [2] and [3]"), "{}", panic.text);
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
        for panic in [panic_of(|| y.backward()), panic_of(|| tape.gradient(y, &[x]))] {
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
    for panic in [panic_of(|| y.backward()), panic_of(|| tape.gradient(y, &[b]))] {
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
