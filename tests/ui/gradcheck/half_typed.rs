// Checks of which the rest is still to be typed: what is there is known.
use gradtape::prelude::*;

gradcheck! {
    fn begun(x: [3], w: ) { x.tanh() }
    fn whole(x: [3]) { x.tahn() }
    fn
}

fn main() {
    let net = network!(dense(3, 2)).init(&mut Rng::new(7));
    gradcheck!(net, x: );
    gradcheck!(|x: [3]| x.sigmod(); |w: [3]);
    gradcheck!(order = );
}
