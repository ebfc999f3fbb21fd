//! Only structs are modules by derive.
use gradtape::nn::{Dense, Module};

#[derive(Module)]
enum Either<T> {
    One(Dense<T>),
    Two,
}

#[derive(Module)]
union Both<T: Copy> {
    one: T,
    other: f64,
}

fn count<T: gradtape::Scalar>(module: &Either<T>) -> usize {
    module.parameter_count()
}

fn main() {}
