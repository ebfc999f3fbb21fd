// Numbers beside a tape that are of another type, and things that are no numbers.
use gradtape::prelude::*;

fn main() {
    let tape = Tape::<f32>::new();
    let x = tape.tensor([1.0, 2.0]);
    let _ = x * 2;
    let _ = x.matmul([[1.0], [2.0]]);
    let _ = loss::mse(x, "three");
    let _ = x.sum().backward().wrt("x");
    let _ = Tape::<i32>::new();
}
