//! What a check found, and how it reads. The words for what went wrong are in `failure`.

use std::fmt;

/// What a successful check compared. `Display` shows it as a small table.
///
/// ```
/// use gradtape::{Tensor, gradcheck::GradCheck};
/// let report = GradCheck::new().order(2).check(|x| x[0].sin().sum(), &[Tensor::from([0.5, 1.0, 2.0])])?;
/// assert_eq!(report.orders.len(), 2);
/// assert_eq!(report.orders[0].checked, 3);
/// assert!(report.worst().relative < 1e-6);
/// println!("{report}");
/// # Ok::<(), gradtape::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// One for each order of derivative, from the first.
    pub orders: Vec<OrderReport>,
    /// Why there are fewer orders than were asked for.
    pub note: Option<String>,
    /// The parameters of a model that its output was computed without: they have no gradient, and nothing was checked.
    pub unused: Vec<String>,
}

/// One order of derivative.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrderReport {
    /// 1 for the gradient, 2 for the derivative of the recorded gradient, and so on.
    pub order: usize,
    /// How many elements were varied one by one.
    pub checked: usize,
    /// How many elements there are. Those not varied one by one took part in the random directions.
    pub elements: usize,
    /// How many elements have a kink (or a jump, or the end of the domain) that was accepted.
    pub kinks: usize,
    /// The element with the largest error, measured in tolerances.
    pub worst: Worst,
    /// The lowest power of h with which a remainder of Taylor's formula fell; `None` where all were round-off.
    pub taylor_rate: Option<f64>,
}

/// An element's derivative, as the tape has it and as differences have it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Worst {
    /// The name of the element, such as `input 0 [2, 1]` or `hidden.weight[3, 7]`.
    pub name: String,
    /// The position of its input. Above the first order, cotangents follow the inputs.
    pub input: usize,
    /// The element's index in the input.
    pub index: Vec<usize>,
    /// From the tape.
    pub analytic: f64,
    /// From differences.
    pub numeric: f64,
    /// `|analytic - numeric|`.
    pub absolute: f64,
    /// The absolute error over the larger of the two numbers; 0 where both are 0.
    pub relative: f64,
}

impl Report {
    /// The worst element of all orders, by relative error.
    pub fn worst(&self) -> &Worst {
        let worst = self.orders.iter().map(|order| &order.worst).max_by(|a, b| a.relative.total_cmp(&b.relative));
        worst.expect("a report has at least one order")
    }
}

impl Worst {
    pub(super) fn new(name: String, input: usize, index: Vec<usize>, analytic: f64, numeric: f64) -> Self {
        let absolute = (analytic - numeric).abs();
        let size = analytic.abs().max(numeric.abs());
        let relative = if absolute == 0.0 { 0.0 } else { absolute / size };
        Worst { name, input, index, analytic, numeric, absolute, relative }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            self.orders.iter().map(|order| order.worst.name.len()).max().unwrap_or(0).max("worst element".len());
        write!(
            f,
            "order  elements     {:width$}  {:>15}  {:>15}  {:>8}  Taylor",
            "worst element", "analytic", "numeric", "relative"
        )?;
        for OrderReport { order, checked, elements, kinks, worst, taylor_rate } in &self.orders {
            let count = if checked == elements { checked.to_string() } else { format!("{checked} of {elements}") };
            let rate = taylor_rate.map_or("exact".into(), |rate| format!("h^{rate:.2}"));
            write!(
                f,
                "\n{order:<5}  {count:<11}  {:width$}  {:>15}  {:>15}  {:>8.1e}  {rate}",
                worst.name,
                number(worst.analytic),
                number(worst.numeric),
                worst.relative
            )?;
            if *kinks > 0 {
                write!(f, "  {kinks} {} accepted", if *kinks == 1 { "kink" } else { "kinks" })?;
            }
        }
        if let Some(note) = &self.note {
            write!(f, "\n{note}")?;
        }
        if !self.unused.is_empty() {
            write!(f, "\nnot used by the forward pass: {}", self.unused.join(", "))?;
        }
        Ok(())
    }
}

/// Ten significant digits, in plain notation where that is short.
pub(super) fn number(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 {
        // The sign of a zero is no news.
        return "0".into();
    }
    if !x.is_finite() {
        return x.to_string();
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{x:.9e}");
    }
    let digits_before = size.log10().floor() as i32 + 1;
    let places = (10 - digits_before).max(0) as usize;
    format!("{x:.places$}")
}
