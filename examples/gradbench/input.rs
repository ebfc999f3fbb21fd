//! What an evaluation reads and gives: the fields of an input, checked, and the answer with its timings. What is
//! computed with them stands in the files of the evaluations.

use gradtape::Tensor;
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::{Duration, Instant};

pub(crate) type Result<T> = std::result::Result<T, String>;

/// What counts can be at most; the suite's largest is a tenth of it.
const MOST: u64 = 1 << 24;

/// The input of a function: a JSON object, of which each evaluation reads its fields.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a>(pub(crate) &'a Value);

impl<'a> Input<'a> {
    pub(crate) fn field(self, name: &str) -> Result<Input<'a>> {
        self.0.get(name).map(Input).ok_or_else(|| format!("{name}: the field is missing"))
    }

    pub(crate) fn number(self, name: &str) -> Result<f64> {
        self.field(name)?.0.as_f64().ok_or_else(|| format!("{name}: not a number"))
    }

    pub(crate) fn count(self, name: &str) -> Result<usize> {
        let count = self.field(name)?.0.as_u64().ok_or_else(|| format!("{name}: not a count"))?;
        if count <= MOST { Ok(count as usize) } else { Err(format!("{name}: {count} is more than {MOST}")) }
    }

    /// A count of at least 1.
    pub(crate) fn size(self, name: &str) -> Result<usize> {
        let count = self.count(name)?;
        if count > 0 { Ok(count) } else { Err(format!("{name}: it must not be 0")) }
    }

    pub(crate) fn flag(self, name: &str) -> Result<bool> {
        self.field(name)?.0.as_bool().ok_or_else(|| format!("{name}: not true or false"))
    }

    /// Integers, none of which lies below -1.
    pub(crate) fn integers(self, name: &str) -> Result<Vec<i64>> {
        let list = self.field(name)?.0.as_array().ok_or_else(|| format!("{name}: not a list"))?;
        let integer = |value: &Value| value.as_i64().filter(|integer| *integer >= -1);
        list.iter().map(integer).collect::<Option<_>>().ok_or_else(|| format!("{name}: not integers from -1"))
    }

    /// Numbers in nested lists. An empty list has size 0 along the axes that it does not show.
    pub(crate) fn tensor<const AXES: usize>(self, name: &str) -> Result<Tensor<f64>> {
        let (mut shape, mut numbers) = ([0; AXES], Vec::new());
        let mut first = self.field(name)?.0;
        for size in &mut shape {
            *size = first.as_array().ok_or_else(|| format!("{name}: not lists of {AXES} levels"))?.len();
            first = first.get(0).unwrap_or(first);
        }
        flatten(self.field(name)?.0, &shape, &mut numbers)
            .ok_or_else(|| format!("{name}: not lists of numbers of the shape {shape:?}"))?;
        Tensor::from_vec(numbers, shape).map_err(|error| format!("{name}: {error}"))
    }

    pub(crate) fn vector(self, name: &str) -> Result<Vec<f64>> {
        self.tensor::<1>(name).map(Tensor::into_vec)
    }

    pub(crate) fn array<const N: usize>(self, name: &str) -> Result<[f64; N]> {
        let found = self.vector(name)?;
        found.try_into().map_err(|found: Vec<_>| format!("{name}: {} numbers instead of {N}", found.len()))
    }

    /// Computes as often and as long as the input asks for; the last result, and how long each run took.
    pub(crate) fn run<R>(self, mut compute: impl FnMut() -> R) -> (R, Vec<Duration>) {
        let least = self.0.get("min_runs").and_then(Value::as_u64).unwrap_or(1).max(1);
        let seconds = self.0.get("min_seconds").and_then(Value::as_f64).unwrap_or(0.0);
        let (mut runs, mut elapsed) = (Vec::new(), Duration::ZERO);
        loop {
            let start = Instant::now();
            let result = black_box(compute());
            let time = start.elapsed();
            runs.push(time);
            elapsed += time;
            if runs.len() as u64 >= least && elapsed.as_secs_f64() >= seconds {
                return (result, runs);
            }
        }
    }
}

/// Appends the numbers of nested lists, where they have the shape.
fn flatten(value: &Value, shape: &[usize], numbers: &mut Vec<f64>) -> Option<()> {
    let Some((size, inner)) = shape.split_first() else {
        numbers.push(value.as_f64()?);
        return Some(());
    };
    let list = value.as_array().filter(|list| list.len() == *size)?;
    list.iter().try_for_each(|value| flatten(value, inner, numbers))
}

/// An empty list with room for so many numbers.
pub(crate) fn reserved<T>(numbers: usize) -> Result<Vec<T>> {
    let mut list = Vec::new();
    list.try_reserve_exact(numbers).map_err(|error| error.to_string())?;
    Ok(list)
}

/// The same thing so many times.
pub(crate) fn repeated<T: Copy>(thing: T, times: usize) -> Result<Vec<T>> {
    let mut list = reserved(times)?;
    list.resize(times, thing);
    Ok(list)
}

/// Tells an input that does not fit together.
pub(crate) fn check(holds: bool, reason: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(reason.into()) }
}

/// The answer to a function that the evaluation does not have.
pub(crate) fn no_function(name: &str) -> Result<Answer> {
    Err(format!("the evaluation has no function `{name}`"))
}

/// What comes out, and the times of the runs.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) output: Value,
    pub(crate) runs: Vec<Duration>,
}

impl Answer {
    pub(crate) fn new(output: Value, runs: Vec<Duration>) -> Self {
        Answer { output, runs }
    }

    pub(crate) fn timings(&self) -> Value {
        let entry = |run: &Duration| json!({"name": "evaluate", "nanoseconds": run.as_nanos() as u64});
        self.runs.iter().map(entry).collect()
    }
}

/// A tensor as nested lists.
pub(crate) fn lists(tensor: &Tensor<f64>) -> Value {
    fn nest(numbers: &[f64], shape: &[usize]) -> Value {
        match shape {
            [] => number(numbers[0]),
            [size, inner @ ..] => {
                let step: usize = inner.iter().product();
                (0..*size).map(|i| nest(&numbers[i * step..(i + 1) * step], inner)).collect()
            }
        }
    }
    nest(tensor.as_slice(), tensor.shape())
}

/// A number; JSON has none for infinities and NaN, and gets `null`.
fn number(x: f64) -> Value {
    json!(x)
}

/// Whether no number in the output was an infinity or a NaN.
pub(crate) fn is_finite(output: &Value) -> bool {
    match output {
        Value::Null => false,
        Value::Array(list) => list.iter().all(is_finite),
        Value::Object(fields) => fields.values().all(is_finite),
        _ => true,
    }
}
