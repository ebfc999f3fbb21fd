//! The words of other libraries: each is told its name here, and what is not here is listed.
use gradtape::prelude::*;

network! {
    pub struct Layers {
        first: Linear(2, 8),
        linear(8, 8),
        SiLU,
        swish,
        identity,
        Sequential(dense(8, 8), relu),
        parallel(dense(8, 4), dense(8, 4)),
        conv2d(3, 8),
        prelu,
    }
}

network! {
    pub struct Arguments {
        dense(4, units = 3, use_bias = false, kernel_initializer = zeros),
        dense(in_features = 3, out_features = 8, activation = swish),
        dropout(rate = 0.1),
        leaky_relu(negative_slope = 0.1),
    }
}

network! {
    pub struct Initializers {
        dense(4, 4, init = he),
        dense(4, 4, init = glorot_uniform),
        dense(4, 4, init = kaiming_normal),
        dense(4, 4, init = randn),
        dense(4, 4, init = normal),
        dense(4, 4, init = init::zeros()),
        dense(4, 4, init = init::zeros),
    }
}

fn main() {
    let net = Layers::new(&mut Rng::new(7));
    println!("{:?}", net.first.weight);
}
