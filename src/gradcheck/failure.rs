//! The words of a failed check: what, where, both numbers, and what the pattern of the errors points to.

use super::{
    difference::{Finding, Verdict},
    report::{Worst, number},
};
use crate::Tensor;
use std::fmt::Write;

/// An element whose derivative did not pass.
pub(super) struct Problem {
    pub(super) element: Worst,
    pub(super) finding: Finding,
}

/// All that was found out about one input: the derivatives of the tape and of differences, for the first cotangent.
pub(super) struct Compared {
    pub(super) name: String,
    pub(super) analytic: Tensor<f64>,
    /// By position; `None` where the element was not varied.
    pub(super) numeric: Vec<Option<f64>>,
    /// How many of its elements are wrong, for any cotangent.
    pub(super) wrong: usize,
    /// The first-order derivatives by the recorded path.
    pub(super) recorded: Option<Tensor<f64>>,
}

/// How many elements a message lists.
const LISTED: usize = 5;

/// The whole message.
pub(super) fn describe(order: usize, mut problems: Vec<Problem>, inputs: &[Compared]) -> String {
    let is_wrong = |problem: &Problem| matches!(problem.finding.verdict, Verdict::Wrong);
    let wrong = problems.iter().filter(|problem| is_wrong(problem)).count();
    let mut text = match wrong {
        0 => format!("the {} could not be checked", subject(order)),
        _ => {
            let counts = inputs.iter().filter(|input| input.wrong > 0).map(|input| {
                let checked = input.numeric.iter().flatten().count();
                format!("{} of {checked} elements of {}", input.wrong, input.name.trim())
            });
            let counts: Vec<_> = counts.collect();
            let place = if counts.is_empty() { "along a random direction".into() } else { counts.join(", ") };
            format!("the {} is wrong: {place}", subject(order))
        }
    };
    // What is wrong goes first, and the largest errors before the others.
    problems.sort_by(|a, b| {
        let key = |p: &Problem| (is_wrong(p), if p.element.absolute.is_nan() { 0.0 } else { p.element.absolute });
        key(b).partial_cmp(&key(a)).expect("a NaN was replaced")
    });
    for problem in problems.iter().take(LISTED) {
        let _ = write!(text, "\n  {}", line(problem));
    }
    if problems.len() > LISTED {
        let _ = write!(text, "\n  and {} more", problems.len() - LISTED);
    }
    for hint in if wrong > 0 { hints(order, &problems, inputs) } else { Vec::new() } {
        let _ = write!(text, "\n  hint: {hint}");
    }
    text
}

fn subject(order: usize) -> &'static str {
    match order {
        1 => "gradient",
        2 => "second derivative (that of the recorded gradient)",
        _ => "third derivative (that of the twice recorded gradient)",
    }
}

fn line(problem: &Problem) -> String {
    let Worst { name, analytic, numeric, .. } = &problem.element;
    let (analytic, shown) = (number(*analytic), number(*numeric));
    match problem.finding.verdict {
        Verdict::Kink { left, right } => format!(
            "a kink lies within the step of {name}: slopes {} on the left and {} on the right, analytic {analytic}; \
             move the point, or accept kinks with allow_kinks()",
            number(left),
            number(right)
        ),
        Verdict::Jump => format!(
            "a jump of the function lies within the step of {name}: no derivative to compare with {analytic}; move the \
             point, or accept it with allow_kinks()"
        ),
        Verdict::Edge => format!(
            "the function has no finite value on one side of {name}: the end of its domain lies within the step; move \
             the point inside"
        ),
        Verdict::Unclear { uncertainty } => format!(
            "{name}: analytic {analytic}, numeric {shown} with an uncertainty of {uncertainty:.0e}: the function is \
             too noisy here for a verdict; scale its inputs or give a step"
        ),
        Verdict::Wrong | Verdict::Agrees if *numeric == 0.0 => format!("{name}: analytic {analytic}, numeric {shown}"),
        Verdict::Wrong | Verdict::Agrees => {
            let ratio = problem.element.analytic / numeric;
            format!("{name}: analytic {analytic}, numeric {shown}, ratio {ratio:.6}")
        }
    }
}

fn hints(order: usize, problems: &[Problem], inputs: &[Compared]) -> Vec<String> {
    let mut hints = Vec::new();
    if let Some(hint) = swapped(inputs) {
        hints.push(hint);
    }
    for (i, input) in inputs.iter().enumerate().filter(|(_, input)| input.wrong > 0) {
        let name = input.name.trim();
        if transposed(input) {
            hints.push(format!("the gradient of {name} is that of its transpose"));
        }
        let of_input = |p: &&Problem| p.element.input == i && matches!(p.finding.verdict, Verdict::Wrong);
        let wrong: Vec<_> = problems.iter().filter(of_input).map(|p| (p.element.analytic, p.element.numeric)).collect();
        if let Some(hint) = ratio(&wrong) {
            hints.push(format!("{name}: {hint}"));
        }
        if recorded_is_right(input) {
            hints.push(format!(
                "{name}: the recorded gradient (Op::pullback) is right; \
                 the mistake is in the fast sweep (Op::accumulate)"
            ));
        }
    }
    if order > 1 {
        hints.push(
            "the orders below are right, so a term of the pullback is taken as a constant where it depends on the \
             inputs or on the cotangent (a detach, a value read with value()), or an operation it is made of is wrong"
                .into(),
        );
    }
    hints
}

/// What the ratio of analytic to numeric points to, where most elements have the same.
fn ratio(wrong: &[(f64, f64)]) -> Option<String> {
    let share = |test: &dyn Fn(f64, f64) -> bool| {
        !wrong.is_empty() && wrong.iter().filter(|(a, n)| test(*a, *n)).count() * 5 >= wrong.len() * 4
    };
    if share(&|_, n| n == 0.0) {
        return Some("the derivative should be zero".into());
    }
    if share(&|a, n| a.abs() < 1e-9 * n.abs()) {
        return Some("missing: the analytic derivative is zero (a detach, or a term left out of the rule?)".into());
    }
    let mut ratios: Vec<f64> = wrong.iter().filter(|(_, n)| *n != 0.0).map(|(a, n)| a / n).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = *ratios.get(ratios.len() / 2)?;
    let is_near = |x: f64, y: f64| (x - y).abs() < 1e-3 * y.abs();
    // The nearer to 1, the closer together.
    let spread = 1e-3 * middle.abs().min(10.0 * (middle - 1.0).abs());
    if !share(&|a, n| (a / n - middle).abs() < spread) {
        return None;
    }
    Some(match middle {
        r if is_near(r, -1.0) => "the sign is wrong".into(),
        r if is_near(r, 2.0) => "a factor of 2 too large".into(),
        r if is_near(r, 0.5) => "a factor of 2 too small".into(),
        r if wrong.len() > 1 => format!("a constant factor of {r:.8}"),
        _ => return None,
    })
}

fn all_near(analytic: impl Iterator<Item = f64>, numeric: &[Option<f64>]) -> bool {
    let mut any = false;
    let near = analytic.zip(numeric).all(|(a, n)| {
        any = true;
        n.is_some_and(|n| (a - n).abs() <= 1e-5 * a.abs().max(n.abs()) + 1e-9)
    });
    near && any
}

fn transposed(input: &Compared) -> bool {
    let [m, n] = *input.analytic.shape() else { return false };
    // Read as the transposed shape; that of a square matrix is the same.
    let numbers = input.analytic.as_slice();
    m > 1 && n > 1 && all_near((0..m * n).map(|i| numbers[(i % n) * m + i / n]), &input.numeric)
}

fn swapped(inputs: &[Compared]) -> Option<String> {
    let pairs = (0..inputs.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
    let (first, second) = pairs.map(|(i, j)| (&inputs[i], &inputs[j])).find(|(first, second)| {
        let is_wrong = first.wrong > 0 && second.wrong > 0 && first.analytic.len() == second.analytic.len();
        is_wrong
            && all_near(first.analytic.iter().copied(), &second.numeric)
            && all_near(second.analytic.iter().copied(), &first.numeric)
    })?;
    Some(format!("the gradients of {} and {} are swapped", first.name.trim(), second.name.trim()))
}

fn recorded_is_right(input: &Compared) -> bool {
    let is_right = |derivatives: &Tensor<f64>| all_near(derivatives.iter().copied(), &input.numeric);
    input.recorded.as_ref().is_some_and(is_right) && !is_right(&input.analytic)
}
