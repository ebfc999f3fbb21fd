//! Sizes that are const parameters: checked for each value that the program uses.
use gradtape::{Rng, network};

network! {
    struct Mlp<const H: usize, T = f32> {
        dense(2, H, relu), residual(dense(H, 2 * H, relu), dense(H + 3, H)), dense(H, 1)
    }
}

fn generic<const N: usize>() {
    let _ = network!(dense(4, N), dense(3, 2)).init(&mut Rng::new(7));
}

fn main() {
    let _ = Mlp::<3>::new(&mut Rng::new(7));
    let _ = Mlp::<5>::new(&mut Rng::new(7));
    generic::<3>();
    generic::<7>();
}
