//! Lesson 3: tensors on the tape, and a first model fitted by hand. `cargo run --example 03_tensor`

use gradtape::{Rng, Tape, Tensor};

fn main() {
    // Tensors broadcast as in NumPy. Those of `tensor` get a gradient, those of `constant` none.
    let mut tape = Tape::new();
    let x = tape.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let w = tape.tensor([[0.1], [0.2], [0.3]]);
    let y = x.matmul(w) + 1.0;
    println!("x {:?} times w {:?} plus 1 gives {:?}:\n{y}", x.shape(), w.shape(), y.shape());

    // A gradient has the shape of its variable; it starts from one number.
    let gradients = y.square().sum().backward();
    println!("the gradient of the sum of squares by w:\n{}", gradients.wrt(w));
    let expected = 2.0 * x.value().t().matmul(y.value());
    assert_eq!(gradients.wrt(w), expected);

    // Data from a line in three dimensions, with noise.
    let mut rng = Rng::new(7);
    let inputs: Tensor<f64> = Tensor::randn([200, 3], &mut rng);
    let truth = Tensor::from([[2.0], [-1.0], [0.5]]);
    let noise = 0.01 * Tensor::randn([200, 1], &mut rng);
    let targets = inputs.matmul(&truth) + 4.0 + noise;

    // Gradient descent. Weights live outside the tape as plain tensors; each step puts them on it again.
    let mut weights = Tensor::zeros([3, 1]);
    let mut bias = Tensor::zeros([1]);
    let mut last = f64::INFINITY;
    for step in 0..=100 {
        tape.reset();
        let (w, b) = (tape.tensor(&weights), tape.tensor(&bias));
        let predictions = tape.constant(&inputs).matmul(w) + b;
        let loss = (predictions - &targets).square().mean();
        if step % 25 == 0 {
            println!("step {step:>3}: mean squared error {:.6}", loss.item());
        }
        let gradients = loss.backward();
        weights -= 0.1 * gradients.wrt(w);
        bias -= 0.1 * gradients.wrt(b);
        last = loss.item();
    }
    println!("found weights {:.3?} and bias {:.3?}", weights.as_slice(), bias.as_slice());
    assert!(last < 2e-4, "what is left is the noise");
    let error = (&weights - &truth).abs().max();
    assert!(error.item() < 0.01 && (bias.item() - 4.0).abs() < 0.01);
}
