// What is checked is no function of the inputs.
use gradtape::prelude::*;

fn main() {
    gradcheck!(|x: [3, 4]| y.tanh());
    gradcheck!(|x: [3, 4]| x.tahn());
    gradcheck!(|x: [3]| 2.0);
    gradcheck!(|x: [3]| {
        x.tanh();
    });
    let n = 3.0;
    gradcheck!(|x: [n]| x.tanh());
    gradcheck!(rtol = "small".len(); |x: [3]| x.tanh());
}
