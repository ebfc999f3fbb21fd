//! The words of a struct by hand, of `network!` and of other libraries, among the entries of a layer.
use gradtape::prelude::*;

layer! {
    struct Block(n: usize) {
        weight: Param<T> = init::zeros,
        tuple: (n, n) = zeros,
        plain: n = zeros,
        inner: dense(n, n),
        depth: usize = 3,
        foreign: [n] = kaiming_normal,
        drawn: [n] = randn,
        tensor: [n] = Tensor::zeros([n]),
        called: [n] = zeros([n]),
        maker: [n] = init::normal,
    }
    forward(x) { x * weight }
}

layer! {
    struct Gate(n: usize) { weight: [n, n] = xavier_uniform }
    forward(x) { x * self.weight }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{} {}", Block::<f64>::new(2, rng), Gate::<f64>::new(2, rng));
}
