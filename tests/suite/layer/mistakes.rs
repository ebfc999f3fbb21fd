//! Where the mistakes of layers are reported when the program runs.

use super::*;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

layer! {
    /// Says nothing of its shape, so that its body finds the mistake.
    struct Unruled(features: usize) { weight: [features, features] = init::orthogonal }
    forward(x) {
        let y = x + 1.0;
        y.matmul(weight)
    }

    struct Picky(features: usize) { weight: [features] = |shape, rng| init::ones(&[shape[0], 2], rng) }
    forward(x) { x * weight }

    struct Image(channels: usize) {}
    shape [channels, height @ _, _] -> [channels, height * 2 / 2 + 1 - 1, 2]
    forward(x) { x.slice(-1, 0, 2, 1) }
}

layer! {
    struct Bad(n: usize) { weight: [n, n] = init::xavier_uniform }
    shape [n] -> [2 * n]
    forward(x) { x.matmul(weight) }

    struct Flat(channels: usize, extra: usize = 1) {}
    shape [channels, height @ _] -> [_, height + extra]
    forward(x) { x.reshape([x.shape().iter().product::<usize>()]) }
}

#[test]
fn a_forward_pass_that_breaks_the_shape_rule_is_reported_at_the_callers_line() {
    let rng = &mut Rng::new(7);
    let bad = Bad::<f64>::new(3, rng);
    let tape = Tape::new();
    let x = tape.constant(Tensor::zeros([2, 3]));
    let (message, line) = panic_of(|| _ = bad.forward(x));
    assert_eq!((&*message, line), ("Bad: the shape rule says [6], `forward` gives [3]", line!() - 1));
    let flat = Flat::<f64>::new(2, rng);
    let (message, line) = panic_of(|| _ = flat.forward(tape.constant(Tensor::zeros([2, 3]))));
    assert_eq!((&*message, line), ("Flat: the shape rule says [_, 4], `forward` gives [6]", line!() - 1));
    let (message, line) = panic_of(|| _ = Layer::forward(&bad, x));
    assert_eq!((&*message, line), ("Bad: the shape rule says [6], `forward` gives [3]", line!() - 1));
    let net = network!(Bad(3), dense(6, 1)).init_as::<f64>(rng);
    let (message, _) = panic_of(|| _ = net.forward(x));
    assert_eq!(message, "Bad: the shape rule says [6], `forward` gives [3]");
}

#[test]
fn a_mistake_in_the_body_is_reported_at_its_line() {
    let layer = Unruled::<f64>::new(3, &mut Rng::new(7));
    let tape = Tape::new();
    let x = tape.constant(Tensor::zeros([2, 4]));
    let (message, line) = panic_of(|| _ = layer.forward(x));
    assert_eq!(message, "matmul: [2, 4] and [3, 3]: the inner sizes 4 and 3 differ");
    assert_eq!(line, line!() - 46);
}

#[test]
fn an_input_that_breaks_the_shape_rule_is_reported_at_the_callers_line() {
    let rng = &mut Rng::new(7);
    let gate = Gate::<f64>::new(3, rng);
    let tape = Tape::new();
    let x = tape.constant(Tensor::zeros([2, 4]));
    let (message, line) = panic_of(|| _ = gate.forward(x));
    assert_eq!((&*message, line), ("Gate: [2, 4]: the layer expects 3 inputs, but gets 4", line!() - 1));
    let list = vec![gate];
    let (message, line) = panic_of(|| _ = list.forward(x));
    assert_eq!((&*message, line), ("Gate: [2, 4]: the layer expects 3 inputs, but gets 4", line!() - 1));
    let image = Image::<f64>::new(3, rng);
    let (message, line) = panic_of(|| _ = image.forward(x));
    assert_eq!((&*message, line), ("Image: [2, 4]: the layer expects [3, _, _] as last axes", line!() - 1));
    let y = image.forward(tape.constant(Tensor::zeros([7, 3, 5, 4])));
    assert_eq!(y.shape(), [7, 3, 5, 2]);
    let (message, line) = panic_of(|| _ = gate_of_nothing().forward(tape.constant(Tensor::scalar(1.0))));
    assert_eq!((&*message, line), ("Gate: []: the layer expects [0] as last axes", line!() - 1));
}

fn gate_of_nothing() -> Gate<f64> {
    Gate::new(0, &mut Rng::new(7))
}

#[test]
fn an_initialisation_of_another_shape_is_reported_where_the_layer_is_made() {
    let (message, line) = panic_of(|| _ = Picky::<f64>::new(3, &mut Rng::new(7)));
    let expected = "Picky.weight: [3] and [3, 2]: the initialisation gave another shape";
    assert_eq!((&*message, line), (expected, line!() - 2));
}

#[test]
fn shape_rules_are_checked_and_followed_by_a_network() {
    let net = network!(input(3, 5, 4), Image(3), dense(7)).init(&mut Rng::new(7));
    assert_eq!(net.dense1.weight.shape(), [2, 7]);
    assert!(net.to_string().contains("[3, 5, 2]"), "{net}");
}

/// The message of a panic, and the line of this file that it names.
fn panic_of(f: impl FnOnce()) -> (String, u32) {
    thread_local!(static SEEN: RefCell<Option<(String, u32)>> = const { RefCell::new(None) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let message = info.payload().downcast_ref::<String>().cloned().unwrap_or_default();
            let here = info.location().filter(|location| location.file() == file!());
            let line = here.map_or(0, |location| location.line());
            SEEN.with(|seen| *seen.borrow_mut() = Some((message, line)));
        }));
    });
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err(), "it should panic");
    SEEN.with(|seen| seen.borrow_mut().take()).expect("the hook has seen the panic")
}
