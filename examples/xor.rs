//! The seed of the field: exclusive or. A single layer provably cannot compute it, two layers learn it.
//!
//! Minsky and Papert, Perceptrons, 1969; Rumelhart, Hinton and Williams, 1986.

use gradtape::prelude::*;

network! {
    /// A perceptron: one line through the plane.
    pub struct OneLayer { output: dense(2, 1, sigmoid) }
}

network! {
    /// A hidden layer bends the plane before the line is drawn.
    pub struct TwoLayers { hidden: dense(2, 4, tanh), output: dense(4, 1, sigmoid) }
}

fn main() -> gradtape::Result<()> {
    let data = data::synthetic::xor();

    // A line a x + b y + c has 0 and 1 on one side, and the two mixed inputs on the other. Adding what is asked of
    // the corners: (c) + (a + b + c) <= 0 from the outputs 0, and (a + c) + (b + c) > 0 from the outputs 1. Both are
    // a + b + 2c, so no line does it. The best probability for every input is 1/2, and the best loss ln 2.
    let mut one = OneLayer::new(&mut Rng::new(1));
    let loss_of_one = train(&mut one, &data)?;
    println!("one layer:  loss {loss_of_one:.4} (never below ln 2 = {:.4})", 2f64.ln());
    print_answers(&one.forward(Tape::inference().constant(data.inputs())).value(), &data);

    let mut two = TwoLayers::new(&mut Rng::new(1));
    let loss_of_two = train(&mut two, &data)?;
    println!("two layers: loss {loss_of_two:.4}");
    let answers = two.forward(Tape::inference().constant(data.inputs())).value();
    print_answers(&answers, &data);

    assert!(loss_of_one > 2f64.ln() - 1e-6);
    assert!(loss_of_two < 0.05);
    assert_eq!(answers.map(f32::round).as_slice(), [0.0, 1.0, 1.0, 0.0]);
    Ok(())
}

fn train<M: Layer<f32> + Module<f32>>(net: &mut M, data: &Dataset<f32>) -> gradtape::Result<f64> {
    let history = Trainer::new(Adam::new(0.05), loss::bce).epochs(500).batch_size(4).seed(7).fit(net, data)?;
    Ok(history.epochs.last().map_or(f64::NAN, |epoch| epoch.loss))
}

fn print_answers(answers: &Tensor<f32>, data: &Dataset<f32>) {
    for (x, p) in data.inputs().as_slice().chunks(2).zip(answers.iter()) {
        println!("  {} xor {} is 1 with probability {p:.3}", x[0], x[1]);
    }
}
