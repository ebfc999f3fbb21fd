//! Lesson 1: a tape, numbers on it, and their gradient. `cargo run --example 01_scalar`

use gradtape::Tape;

fn main() {
    // A tape writes down what is computed. Variables are put on it; they behave like numbers.
    let tape = Tape::new();
    let (x, y) = (tape.var(2.0), tape.var(3.0));
    let z = (x * y).sin() + 1.0 / x.powi(2);
    println!("z = sin(x y) + 1/x² at x = 2, y = 3");
    println!("  value                 {:>9.6}", z.value());

    // `backward` goes back over the tape once, and knows how z changes with every number before it.
    let gradients = z.backward();
    let (by_x, by_y) = (gradients.wrt(x), gradients.wrt(y));
    println!("  ∂z/∂x from the tape   {by_x:>9.6}");
    println!("  y cos(x y) - 2/x³     {:>9.6}", 3.0 * 6f64.cos() - 0.25);
    println!("  ∂z/∂y from the tape   {by_y:>9.6}");
    println!("  x cos(x y)            {:>9.6}", 2.0 * 6f64.cos());
    assert!((by_x - (3.0 * 6f64.cos() - 0.25)).abs() < 1e-12);
    assert!((by_y - 2.0 * 6f64.cos()).abs() < 1e-12);

    // It is no finite difference: loops and branches are ordinary Rust, and the slope is that of what was computed.
    let root = (0..20).fold(x, |guess, _| (guess + x / guess) / 2.0);
    let slope = root.backward().wrt(x);
    println!("√2 by Newton's iteration, as the tape saw it");
    println!("  value {:.12}, slope {slope:.12}; 1/(2√2) is {:.12}", root.value(), 0.5 / 2f64.sqrt());
    assert!((root.value() - 2f64.sqrt()).abs() < 1e-12);
    assert!((slope - 0.5 / 2f64.sqrt()).abs() < 1e-12);

    // Downhill to the minimum of (a - 3)² + a b + b². After each step the tape starts again in the same memory; `reset`
    // takes the tape mutably, so that a variable of the step before would not compile.
    let mut tape = tape;
    let (mut a, mut b) = (0.0, 0.0);
    for step in 0..=60 {
        tape.reset();
        let (va, vb) = (tape.var(a), tape.var(b));
        let height = (va - 3.0).powi(2) + va * vb + vb * vb;
        if step % 20 == 0 {
            println!("step {step:>2}: height {:>8.5} at ({a:.4}, {b:.4})", height.value());
        }
        let gradients = height.backward();
        a -= 0.3 * gradients.wrt(va);
        b -= 0.3 * gradients.wrt(vb);
    }
    assert!((a - 4.0).abs() < 1e-4 && (b + 2.0).abs() < 1e-4, "the minimum is at (4, -2)");
}
