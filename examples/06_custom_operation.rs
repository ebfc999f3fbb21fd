//! Lesson 6: operations of your own, from their formula. `cargo run --example 06_custom_operation`

use gradtape::gradcheck::GradCheck;
use gradtape::{Rng, Tape, Tensor, elementwise};

/// x sigmoid(beta x): between a line (beta = 0) and relu (beta large).
///
/// The attribute differentiates the formula while the program is compiled. An argument of type `T` is a variable.
#[elementwise]
fn swish<T>(x: T, beta: T) -> T {
    x / (1.0 + exp(-beta * x))
}

/// Huber's loss: a parabola near the target, and straight lines further out, which outliers cannot bend.
///
/// An argument of type `f64` is a constant of the operation. `if` compares, and each way has its own slope.
#[elementwise]
fn huber<T>(y: T, target: T, delta: f64) -> T {
    let d = abs(y - target);
    if d <= delta { 0.5 * d * d } else { delta * (d - 0.5 * delta) }
}

/// A bell of height 1. Formulas may use functions in either style, consts, and each other.
#[elementwise]
fn bell<T>(x: T, center: T, width: T) -> T {
    let z = (x - center) / width;
    (-0.5 * z.square()).exp()
}

/// A bell on a slope that swish makes.
#[elementwise]
fn curve<T>(x: T, height: T, center: T, width: T, beta: T) -> T {
    height * bell(x, center, width) + swish(x, beta)
}

fn main() {
    // One name for every type: plain numbers,
    let y: f64 = swish(1.0, 2.0);
    println!("swish(1, 2) is {y:.6}");
    assert_eq!(y, 1.0 / (1.0 + (-2.0f64).exp()));

    // plain tensors,
    let x = Tensor::from([-2.0, 0.0, 2.0]);
    let scores = swish(&x, &Tensor::from(1.0));
    println!("of a tensor: {:.4?}", scores.as_slice());

    // and a tape, where the whole formula is one node, not one for every sign in it.
    let tape = Tape::new();
    let (v, beta) = (tape.tensor(&x), tape.tensor(1.0));
    let before = tape.len();
    let total = swish(v, beta).sum();
    assert_eq!(tape.len() - before, 2, "swish and the sum");
    let gradients = total.backward();
    println!("its slopes: {:.4?}, towards beta {:.4}", gradients.wrt(v).as_slice(), gradients.wrt(beta).item());
    assert_eq!(gradients.wrt(v).as_slice()[1], 0.5);
    assert_eq!(total.value(), scores.sum());

    // Is the derivative right? Ask differences, here to the third order.
    let report = GradCheck::new().order(3).check(|x| swish(x[0], x[1]), &[x, Tensor::from(1.0)]);
    println!("checked to the third order: {}", report.is_ok());
    assert!(report.is_ok());

    // At a kink, the comparison says which way is taken: `d <= delta` is the parabola's.
    let y = tape.tensor([0.0, 0.5, 1.0, 3.0]);
    let loss = huber(y, tape.constant(0.0), 1.0).sum();
    println!("the slope of Huber's loss stops growing: {:?}", loss.backward().wrt(y).as_slice());
    assert_eq!(loss.backward().wrt(y).as_slice(), [0.0, 0.5, 1.0, 1.0]);

    // All together: the curve behind noisy data, a tenth of which is nonsense.
    let mut rng = Rng::new(7);
    let x: Tensor<f64> = Tensor::linspace(-3.0, 3.0, 200);
    let truth = [2.0, 0.5, 0.7, 1.5];
    let number = |x: f64| Tensor::from(x);
    let noise = 0.01 * Tensor::randn([200], &mut rng);
    let mut data = curve(&x, &number(truth[0]), &number(truth[1]), &number(truth[2]), &number(truth[3])) + noise;
    data.update(|i, y| if i % 10 == 3 { y + 5.0 } else { y });

    let mut tape = Tape::new();
    let mut found = [1.0, 0.0, 1.0, 1.0];
    for step in 0..=1000 {
        tape.reset();
        let p = found.map(|parameter| tape.tensor(parameter));
        let model = curve(tape.constant(&x), p[0], p[1], p[2], p[3]);
        let loss = huber(model, tape.constant(&data), 0.1).mean();
        if step % 250 == 0 {
            println!("step {step:>4}: loss {:.6} with {found:.4?}", loss.item());
        }
        let gradients = loss.backward();
        for (parameter, variable) in found.iter_mut().zip(p) {
            *parameter -= 0.2 * gradients.wrt(variable).item();
        }
    }
    println!("the truth was       {truth:.4?}");
    assert!(found.iter().zip(truth).all(|(found, truth)| (found - truth).abs() < 0.1), "{found:?}");
}
