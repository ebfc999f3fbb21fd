//! Lesson 5: layers of your own, from their forward pass. `cargo run --example 05_custom_layer`

use gradtape::data::synthetic;
use gradtape::prelude::*;
use gradtape::train::evaluate;

layer! {
    /// Scales every feature by a gate between 0 and 1 that looks at all of them.
    pub struct Gate(features: usize) {
        weight: [features, features] = init::xavier_uniform,
        bias: [features] = init::zeros,
    }
    shape [features] -> [features]
    forward(x) { x * (x.matmul(weight) + bias).sigmoid() }
}

layer! {
    /// A dense layer, a gate, and a way around both.
    pub struct Block(features: usize, strength: f64 = 1.0) {
        dense: nn::Dense<T> = nn::Dense::new(features, features, rng),
        gate: Gate<T> = Gate::new(features, rng),
    }
    shape [features] -> [features]
    forward(x) { x + strength * gate.forward(dense.forward(x).tanh()) }
}

network! {
    /// A point in the plane to the three arms of a spiral.
    pub struct Spirals {
        embed: dense(2, 24, tanh),
        first: Block(24),
        second: Block(24, strength = 0.5),
        gate: Gate(24),
        output: dense(24, 3, softmax),
    }
}

fn main() -> gradtape::Result<()> {
    let mut net = Spirals::new(&mut Rng::new(7));
    println!("{net}");

    // Parameters have the names of their fields, all the way down.
    let names: Vec<String> = net.named_params().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[2..6], ["first.dense.weight", "first.dense.bias", "first.gate.weight", "first.gate.bias"]);

    // No derivative was written; that those of the tape are right can be checked, in double precision, to second order.
    let x = Tensor::randn([5, 24], &mut Rng::new(1));
    let report = GradCheck::new().order(2).check_model(&net.first, &x, |y| y.square().mean())?;
    println!("\n{report}\n");

    // Training, as for every network.
    let (train, test) = (synthetic::spirals(600, 3, 0.02, 7), synthetic::spirals(300, 3, 0.02, 8));
    let history = Trainer::new(Adam::new(5e-3), loss::cross_entropy)
        .epochs(40)
        .batch_size(50)
        .seed(7)
        .metric(Accuracy)
        .validation(&test)
        .fit(&mut net, &train)?;
    for epoch in history.epochs.iter().step_by(13) {
        println!("{epoch}");
    }
    let best = history.best().expect("forty epochs");
    let accuracy = best.metric("accuracy").expect("it is measured");
    println!("of new points, {:.1} % are put on the right arm", 100.0 * accuracy);
    assert!(accuracy > 0.95);

    // The gates are used: without them the trained network is another function.
    let before = evaluate(&net, &test, loss::cross_entropy, &[])?.loss;
    for bias in [&mut net.first.gate.bias, &mut net.second.gate.bias, &mut net.gate.bias] {
        bias.set(Tensor::full([24], -20.0))?;
    }
    let closed = evaluate(&net, &test, loss::cross_entropy, &[])?.loss;
    println!("loss {before:.4} with the gates, {closed:.4} with closed ones");
    assert!(closed > 2.0 * before);
    Ok(())
}
