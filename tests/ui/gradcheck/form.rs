// A check whose parts stand in the wrong places.
use gradtape::prelude::*;

fn main() {
    gradcheck!();
    gradcheck!(|x: [3, 4]);
    gradcheck!(|x: [3, 4] x.tanh());
    gradcheck!(|x: [3]| x.tanh(); |w: [3]|);
    gradcheck!(x: [3], w: [3], x * w);
    gradcheck!(order = 1, |x: [3]| x.tanh());
    gradcheck!(order = 1;);
    gradcheck!(|x: [3]| x.sin(), |x: [2]| x.cos());
    gradcheck!(|x: [3]| x.sin(), order = 2);
    gradcheck!(order(2); |x: [3]| x.sin());
    gradcheck!(x.sin());
    gradcheck!(move |x: [3]| x.tanh());
}
