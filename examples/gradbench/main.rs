//! A tool for the benchmark suite GradBench: reads its messages on standard input, one JSON object a line, and answers
//! each on standard output. `cargo run --release --example gradbench`, as the suite starts it.
//!
//! This file is the protocol. Each evaluation has a file of its own: one generic function, and the derivative that the
//! library takes of it. `input` reads what comes in, `real` is the number that the functions are generic over.

mod ba;
mod descent;
mod det;
mod gmm;
mod hello;
mod ht;
mod input;
mod kmeans;
mod llsq;
mod lse;
mod lstm;
mod ode;
mod particle;
mod real;
mod saddle;

use input::{Answer, Input, Result};
use serde_json::{Map, Value, json};
use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe};

fn main() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        // What is said about a panic goes into the answer.
        panic::set_hook(Box::new(|_| ()));
        if !line.trim_ascii().is_empty() {
            serde_json::to_writer(&mut output, &respond(&line))?;
            output.write_all(b"\n")?;
            output.flush()?;
        }
        line.clear();
    }
    Ok(())
}

/// The answer to one message. Whatever it says, there is one.
pub(crate) fn respond(line: &[u8]) -> Value {
    let message: Value = match serde_json::from_slice(line) {
        Ok(message) => message,
        Err(error) => return json!({"id": null, "success": false, "error": format!("no JSON: {error}")}),
    };
    let mut response = Map::new();
    response.insert("id".into(), message["id"].clone());
    match message["kind"].as_str() {
        Some("start") => {
            response.insert("tool".into(), "gradtape".into());
        }
        Some("define") => {
            let known = evaluation(&message["module"]);
            response.insert("success".into(), known.is_ok().into());
            if let Err(error) = known {
                response.insert("error".into(), error.into());
            }
        }
        Some("evaluate") => match evaluate(&message["module"], &message["function"], &message["input"]) {
            Ok(answer) => {
                response.insert("success".into(), true.into());
                response.insert("timings".into(), answer.timings());
                response.insert("output".into(), answer.output);
            }
            Err(error) => {
                response.insert("success".into(), false.into());
                response.insert("error".into(), error.into());
            }
        },
        _ => {}
    }
    Value::Object(response)
}

type Evaluation = fn(&str, Input<'_>) -> Result<Answer>;

fn evaluation(module: &Value) -> Result<Evaluation> {
    Ok(match module.as_str() {
        Some("hello") => hello::evaluate,
        Some("gmm") => gmm::evaluate,
        Some("ba") => ba::evaluate,
        Some("kmeans") => kmeans::evaluate,
        Some("llsq") => llsq::evaluate,
        Some("lse") => lse::evaluate,
        Some("ode") => ode::evaluate,
        Some("particle") => particle::evaluate,
        Some("saddle") => saddle::evaluate,
        Some("ht") => ht::evaluate,
        Some("det") => det::evaluate,
        Some("lstm") => lstm::evaluate,
        _ => return Err(format!("there is no evaluation {module}")),
    })
}

/// Computes a function of an evaluation. A panic on the way is an error like others.
pub(crate) fn evaluate(module: &Value, function: &Value, input: &Value) -> Result<Answer> {
    let evaluation = evaluation(module)?;
    let function = function.as_str().ok_or("no function is named")?;
    let answer = panic::catch_unwind(AssertUnwindSafe(|| evaluation(function, Input(input)))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it stopped").to_owned()
    })??;
    if input::is_finite(&answer.output) { Ok(answer) } else { Err("the result is not finite".into()) }
}
