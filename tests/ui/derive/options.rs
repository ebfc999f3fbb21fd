//! Options that do not exist, and names that do not fit.
use gradtape::nn::{Dense, Module};

#[derive(Module)]
struct Net<T> {
    #[module(skp)]
    first: Dense<T>,
    #[module(rename = "a.b")]
    second: Dense<T>,
    #[module(rename = "first")]
    third: Dense<T>,
    #[module(name = "x")]
    fourth: Dense<T>,
}

#[derive(Module)]
#[module(number = "T")]
struct Forms<T> {
    #[module(rename)]
    first: Dense<T>,
    #[module(rename = w)]
    second: Dense<T>,
    #[module]
    third: Dense<T>,
    #[module(skip = true)]
    fourth: usize,
}

#[derive(Module)]
#[module(skip)]
struct Other<T>(Dense<T>);

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    println!("{}", Other::<f32>(Dense::new(2, 2, rng)).parameter_count());
}
