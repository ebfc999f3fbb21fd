// Settings that are misspelt, or that no check can have.
use gradtape::prelude::*;

fn main() {
    gradcheck!(ordr = 1; |x: [3]| x.tanh());
    gradcheck!(tolerance = 1e-3, order = 0, seeds = 2.5, rtol = -1e-6, atol = "small"; |x: [3]| x.tanh());
    gradcheck!(seed = 1, seed = 2, order, allow_kinks = 1, elements = ; |x: [3]| x.tanh());
    gradcheck!(order = 1 seeds = 2; |x: [3]| x.tanh());
}
