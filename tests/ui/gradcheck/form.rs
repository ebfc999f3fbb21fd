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
    gradcheck!(move |x: [3]| x.tanh());
}
