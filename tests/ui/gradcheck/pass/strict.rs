//! Checks in a program that denies every warning, in every form and place.
#![deny(warnings, missing_docs, unused, clippy::all, rust_2018_idioms)]

use gradtape::{Rng, gradcheck, network};

gradcheck! {
    rtol = 1e-5, seeds = 1;

    /// Documented.
    #[test]
    fn kept(x: [3]) { x.tanh() }

    #[gradcheck(order = 1)]
    #[ignore = "slow"]
    fn slow(x: [3, 2] in -1..1) {
        let y = x.sum();
        y * y
    }
}

macro_rules! check {
    ($n:expr, $x:ident => $body:expr) => {
        gradcheck!(|$x: [2 * $n]| $body)
    };
}

fn main() {
    let one: () = gradcheck!(|x: [3]| x.sin());
    let rng = &mut Rng::new(7);
    let net = network!(dense(3, 4, tanh), dense(4, 2)).init(rng);
    let reference = &net;
    gradcheck!(net, x: [2, 3]);
    gradcheck!(reference, x: [2, 3] in 0.0..1.0, |y| y.square().mean());
    gradcheck!(model: &net, [2, 3]);
    gradcheck!(order = 1; net, [2, 3]; |x: [2]| x.cos(); |m = reference, x: [2, 3], k: []| m.forward(x) * k);
    gradcheck!(order = 1, allow_kinks; |x: [2]| x.relu(););
    gradcheck! { allow_kinks = false; |x: [2]| x.exp() }
    let (n, low) = (3, 0.5);
    gradcheck!(|x: [n, n + 1,] in low..2.0 * low, y: [] in 1..=2| x.ln() * y);
    if net.parameter_count_is_large() {
        gradcheck!(|x: [1]| x)
    } else {
        one
    }
    check!(1 + 1, x => x * 2.0);
}

trait Count {
    fn parameter_count_is_large(&self) -> bool;
}

impl<M: gradtape::nn::Module<f32>> Count for M {
    fn parameter_count_is_large(&self) -> bool {
        self.parameter_count() > 100
    }
}
