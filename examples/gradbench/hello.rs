//! The square of a number, and its derivative.

use super::input::{Answer, Input, Result, no_function};
use super::real::Real;
use gradtape::Dual;
use serde_json::json;

fn square<T: Real>(x: T) -> T {
    x * x
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let x = input.0.as_f64().ok_or("the input is not a number")?;
    let (y, runs) = match function {
        "square" => input.run(|| square(x)),
        "double" => input.run(|| square(Dual::new(x, 1.0)).tangent),
        _ => return no_function(function),
    };
    Ok(Answer::new(json!(y), runs))
}
