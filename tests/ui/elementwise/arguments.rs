//! Arguments of a call that no formula takes, or of different types.
use gradtape::prelude::*;

#[elementwise]
fn swish<T>(x: T, beta: T) -> T {
    x / (1.0 + exp(-beta * x))
}

fn main() {
    let tape = Tape::new();
    let (x, t) = (tape.tensor([1.0, 2.0]), Tensor::from([1.0, 2.0]));
    let _ = swish(1, 2);
    let _ = swish("a", "b");
    let _ = swish(x, 1.0);
    let _ = swish(&t, t.clone());
}
