//! The determinant by expansion along the first row of every minor: the last minors are formulas, each one node of the
//! tape, and each minor of the first row is swept as soon as it is recorded.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::ops::Operand;
use gradtape::{Tape, elementwise, sum_over};
use serde_json::json;

#[elementwise]
fn det2<T>(a: T, b: T, c: T, d: T) -> T {
    a * d - b * c
}

#[elementwise]
fn det3<T>(a: T, b: T, c: T, d: T, e: T, f: T, g: T, h: T, i: T) -> T {
    a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}

/// The rows of a matrix, and the columns that are left in them: a circle, in which each column names the next one, and
/// the place behind the last column the first.
struct Minor<'a, T> {
    rows: Vec<&'a [T]>,
    next: Vec<usize>,
}

impl<T: Real + Operand> Minor<'_, T> {
    /// The determinant of the rows from `row` on in the columns that are left.
    fn determinant(&mut self, row: usize) -> T {
        let end = self.rows.len();
        let i = self.next[end];
        match self.rows[row..] {
            [] => T::one(),
            [a] => a[i],
            [a, b] => {
                let j = self.next[i];
                det2(a[i], a[j], b[i], b[j])
            }
            [a, b, c] => {
                let j = self.next[i];
                let k = self.next[j];
                det3(a[i], a[j], a[k], b[i], b[j], b[k], c[i], c[j], c[k])
            }
            _ => {
                let mut sum = self.term(row, end);
                let (mut before, mut odd) = (i, true);
                while self.next[before] != end {
                    let term = self.term(row, before);
                    sum = if odd { sum - term } else { sum + term };
                    (before, odd) = (self.next[before], !odd);
                }
                sum
            }
        }
    }

    /// The element of the row in the column behind `before`, times the minor without them.
    fn term(&mut self, row: usize, before: usize) -> T {
        let column = self.next[before];
        self.next[before] = self.next[column];
        let term = self.rows[row][column] * self.determinant(row + 1);
        self.next[before] = column;
        term
    }
}

/// The part of the determinant that comes from one element of the first row.
fn part<T: Real + Operand>(a: &[T], ell: usize, column: usize) -> T {
    // The place behind the last column is `ell`.
    let next = (0..=ell).map(|column| (column + 1) % (ell + 1)).collect();
    let term = Minor { rows: a.chunks_exact(ell).collect(), next }.term(0, (column + ell) % (ell + 1));
    if column.is_multiple_of(2) { term } else { -term }
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (a, ell) = (input.vector("A")?, input.size("ell")?);
    check(a.len() == ell * ell, "A: not ell rows of ell numbers")?;
    // 15! multiplications take an hour, 20! a century.
    check(ell < 16, "ell: the expansion by minors would not end")?;
    match function {
        "primal" => {
            let (y, runs) = input.run(|| (0..ell).map(|column| part(&a, ell, column)).sum::<f64>());
            Ok(Answer::new(json!(y), runs))
        }
        "gradient" => {
            let mut tape = Tape::new();
            let (gradient, runs) = input.run(|| {
                tape.reset();
                let variables = tape.vars(&a);
                let gradients = sum_over(&variables, 0..ell, |a, column| part(a, ell, column)).backward();
                gradients.wrt(&variables)
            });
            Ok(Answer::new(json!(gradient), runs))
        }
        _ => no_function(function),
    }
}
