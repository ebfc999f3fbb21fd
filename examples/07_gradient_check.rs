//! Lesson 7: is the gradient right? `cargo run --example 07_gradient_check`
//!
//! The derivatives of this library are checked in its own tests. Yours need checks where you write one by hand, and
//! where you want to be sure that a layer computes what you think it does.

use gradtape::prelude::*;

// As an item, the macro makes tests: `cargo test --example 07_gradient_check` runs these.
gradcheck! {
    /// Inputs are named with their shapes; their numbers are random.
    fn attention_scores(q: [3, 4], k: [5, 4]) {
        (q.matmul(k.t()) / 2.0).softmax(-1)
    }

    /// A range keeps the inputs where the function is defined.
    #[gradcheck(order = 3)]
    fn entropy(p: [6] in 0.1..1.0) {
        -(p * p.ln()).sum()
    }

    /// A network: its parameters and its input.
    fn a_network(net = network!(dense(4, 8, gelu), dense(8, 3, softmax)).init(&mut Rng::new(7)), x: [5, 4]);
}

/// The length of each row, with a pullback by hand: a closure of the cotangent. It is right.
fn row_length<'t>(x: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
    let value = x.value();
    let length = value.square().sum_axis(-1, true).sqrt();
    let direction = &value / &length;
    x.tape().custom([x], length, move |g| [g * &direction])
}

/// The same with a mistake that happens: the slope is the row, not its direction.
fn wrong_row_length<'t>(x: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
    let value = x.value();
    let length = value.square().sum_axis(-1, true).sqrt();
    x.tape().custom([x], length, move |g| [g * &value])
}

layer! {
    /// A gate of two inputs.
    struct Mix(features: usize) {
        weight: [features, features] = init::xavier_uniform,
    }
    forward(x, other) {
        let gate = x.matmul(weight).sigmoid();
        gate * x + (1.0 - gate) * other
    }
}

fn main() -> gradtape::Result<()> {
    // As an expression it is one line, with several cases if need be, and panics with a report if one is wrong.
    gradcheck!(
        |x: [3, 4], w: [4, 2]| x.matmul(w).tanh();
        |x: [5] in 0.5..2.0| x.ln() / x;
    );

    // A pullback by hand. The result has three numbers; they are contracted with random cotangents.
    gradcheck!(|x: [3, 4]| row_length(x));

    // The function behind the macro gives the report, or the mistake, as a value.
    let x = [Tensor::randn([3, 4], &mut Rng::new(7))];
    let report = GradCheck::new().check(|x| row_length(x[0]), &x)?;
    println!("right:\n{report}\n");
    assert!(report.worst().relative < 1e-6);

    let mistake = GradCheck::new().check(|x| wrong_row_length(x[0]), &x).unwrap_err();
    println!("wrong:\n{mistake}\n");
    assert!(mistake.to_string().starts_with("the gradient is wrong: 12 of 12 elements of input 0"));

    // A model by its name: every parameter, and the input. A loss may follow.
    let net = network!(dense(4, 8, tanh), dense(8, 3)).init(&mut Rng::new(7));
    let labels = vec![2, 0, 1];
    gradcheck!(net, x: [3, 4]);
    gradcheck!(net, x: [3, 4], |y| loss::softmax_cross_entropy(y, &labels));

    // A layer of several inputs is called by hand.
    gradcheck!(|mix = Mix::<f32>::new(4, &mut Rng::new(7)), x: [2, 4], other: [2, 4]| mix.forward(x, other));

    // Where the slope jumps there is no derivative, and the check says so instead of guessing.
    let at_the_kink = GradCheck::new().check(|x| x[0].relu(), &[Tensor::from([0.0, 1.0])]).unwrap_err();
    println!("at a kink:\n{at_the_kink}");
    assert!(at_the_kink.to_string().contains("a kink lies within the step of input 0 [0]"));
    Ok(())
}
