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
#[module(skip)]
struct Other<T>(Dense<T>);

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    println!("{}", Other::<f32>(Dense::new(2, 2, rng)).parameter_count());
}
