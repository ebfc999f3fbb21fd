//! A shape rule of which a size would be below zero, or divided by zero, where the layer is used.
use gradtape::prelude::*;

layer! {
    /// A mean over windows of the last axis.
    struct Window(kernel: usize, stride: usize = 1) {}
    shape [length @ _] -> [(length - kernel) / stride + 1]
    forward(x) { x.slice(-1, 0, 1, 1) * (kernel + stride) as f64 }
}

network! {
    struct Fits { input(8), Window(8), dense(1, 2) }
    struct TooLarge { input(3), Window(5), dense(10) }
    struct NoStride { input(8), Window(3, stride = 0), dense(4, 2) }
    struct Inside { input(8), residual(Window(9), dense(8, 8)) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{} {} {} {}", Fits::new(rng), TooLarge::new(rng), NoStride::new(rng), Inside::new(rng));
}
