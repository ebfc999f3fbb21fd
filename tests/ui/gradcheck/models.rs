// Models that are none, or that are checked in a form of another one.
use gradtape::prelude::*;

struct Plain;

layer! {
    struct Pair() {}
    forward(x, y) { x * y }
}

fn main() {
    let rng = &mut Rng::new(7);
    let net = network!(dense(3, 2)).init(rng);
    gradcheck!(Plain, x: [3]);
    gradcheck!(net);
    gradcheck!(Pair::<f32>::new(rng), x: [3]);
    gradcheck!(Pair::<f32>::new(rng), x: [3], y: [3]);
    gradcheck!(ent, x: [4, 3]);
    gradcheck!(net, x: [4, 3], |y| 1.0);
    gradcheck!(net, [4, 3.5]);
    gradcheck!(net, x: [4, 3], loss::mse);
    gradcheck!(net, x: [4, 3], order = 2);
    gradcheck!(network!(dense(3, 2)), x: [4, 3]);
}
