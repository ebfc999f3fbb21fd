//! Lesson 4: a network in one line, trained by hand and by the trainer. `cargo run --example 04_network`

use gradtape::prelude::*;

network! {
    /// Two coordinates in, the probabilities of two classes out.
    pub struct Moons { hidden: dense(2, 16, tanh), output: dense(16, 2, softmax) }
}

fn main() -> gradtape::Result<()> {
    let (train, test) = data::synthetic::moons(600, 0.1, 7).split(0.8)?;
    let mut net = Moons::new(&mut Rng::new(1));
    println!("{net}\n");

    // One step by hand: forward, loss, backward, update. The tape belongs to this step; the network does not change
    // until the optimizer is told to.
    let batch = train.batches(32).next().expect("a first batch");
    let tape = Tape::training(7);
    let output = net.forward(tape.constant(&batch.inputs));
    let loss = loss::cross_entropy(output, &batch.targets);
    let gradients = loss.backward();
    println!("loss of the first batch: {:.3}", loss.item());
    println!("gradient of the output's bias: {}", gradients.wrt(&net.output.bias));
    let before = loss.item();
    Sgd::new(0.1).step(&mut net, &gradients);
    let tape = Tape::inference();
    let after = loss::cross_entropy(net.forward(tape.constant(&batch.inputs)), &batch.targets).item();
    println!("the same after one step:  {after:.3}\n");
    assert!(after < before);

    // The rest by the trainer.
    let history = Trainer::new(Adam::new(1e-2), loss::cross_entropy)
        .epochs(40)
        .batch_size(32)
        .seed(7)
        .metric(Accuracy)
        .validation(&test)
        .early_stopping(10)
        .fit(&mut net, &train)?;
    for epoch in history.epochs.iter().step_by(10) {
        println!("{epoch}");
    }

    // Ask it.
    let tape = Tape::inference();
    let points = tape.constant([[0.0, 1.0], [1.0, -0.5]]);
    let answers = net.forward(points).value();
    println!("\ntop of the upper moon, bottom of the lower:\n{answers:.3}");
    assert!(answers.at(&[0, 0]) > 0.9 && answers.at(&[1, 1]) > 0.9);
    Ok(())
}
