//! The functions that a formula knows by name: what they take, and what is known of their size. What they are, their
//! derivatives and what they cost is said by the rows of the library's table. Code of a formula is written before those
//! rows can be asked: what its shape depends on is said here too, and tests compare the two.

use proc_macro2::Ident;
use quote::format_ident;

/// A row of the library's table.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// The arguments that are differentiated, as they are called in messages.
    pub(crate) arguments: &'static [&'static str],
    /// The constants behind them.
    pub(crate) parameters: &'static [&'static str],
    /// No value is larger than a small number, whatever the arguments are, also infinite.
    pub(crate) bounded: bool,
    /// Nor is a slope.
    pub(crate) bounded_slopes: bool,
    /// The function that the slope is, so that both are computed once where a formula has both; and whether its
    /// negative.
    pub(crate) slope: Option<(&'static str, bool)>,
}

/// Of which nothing is known.
const fn unary(name: &'static str) -> Function {
    Function { name, arguments: &["x"], parameters: &[], bounded: false, bounded_slopes: false, slope: None }
}

/// The slopes are bounded.
const fn flat(name: &'static str) -> Function {
    Function { bounded_slopes: true, ..unary(name) }
}

/// Value and slopes are bounded.
const fn bounded(name: &'static str) -> Function {
    Function { bounded: true, ..flat(name) }
}

const fn with_slope(function: Function, slope: &'static str, negative: bool) -> Function {
    Function { slope: Some((slope, negative)), ..function }
}

const fn with_parameters(function: Function, parameters: &'static [&'static str]) -> Function {
    Function { parameters, ..function }
}

const fn binary(function: Function, arguments: &'static [&'static str]) -> Function {
    Function { arguments, ..function }
}

/// In the order in which messages list them.
pub(crate) const FUNCTIONS: &[Function] = &[
    flat("neg"),
    flat("abs"),
    unary("exp"),
    unary("exp2"),
    unary("expm1"),
    unary("ln"),
    unary("log2"),
    unary("log10"),
    unary("ln_1p"),
    unary("sqrt"),
    unary("recip"),
    unary("square"),
    bounded("sign"),
    flat("floor"),
    flat("ceil"),
    flat("round"),
    with_slope(bounded("sin"), "cos", false),
    with_slope(bounded("cos"), "sin", true),
    unary("tan"),
    unary("asin"),
    unary("acos"),
    bounded("atan"),
    with_slope(unary("sinh"), "cosh", false),
    with_slope(unary("cosh"), "sinh", false),
    bounded("tanh"),
    flat("asinh"),
    unary("acosh"),
    unary("atanh"),
    bounded("sigmoid"),
    flat("relu"),
    with_parameters(unary("leaky_relu"), &["slope"]),
    with_parameters(unary("elu"), &["alpha"]),
    flat("selu"),
    flat("silu"),
    flat("mish"),
    with_slope(flat("softplus"), "sigmoid", false),
    bounded("softsign"),
    flat("gelu"),
    flat("gelu_tanh"),
    bounded("erf"),
    bounded("erfc"),
    unary("lgamma"),
    with_parameters(flat("clamp"), &["min", "max"]),
    with_parameters(unary("powf"), &["p"]),
    with_parameters(unary("powi"), &["n"]),
    binary(unary("pow"), &["x", "y"]),
    binary(flat("maximum"), &["x", "y"]),
    binary(flat("minimum"), &["x", "y"]),
    binary(unary("atan2"), &["y", "x"]),
    binary(unary("hypot"), &["x", "y"]),
];

/// What other libraries call them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("log", "ln"),
    ("log1p", "ln_1p"),
    ("exp_m1", "expm1"),
    ("max", "maximum"),
    ("min", "minimum"),
    ("signum", "sign"),
    ("fabs", "abs"),
    ("logistic", "sigmoid"),
    ("reciprocal", "recip"),
    ("arcsin", "asin"),
    ("arccos", "acos"),
    ("arctan", "atan"),
    ("arctan2", "atan2"),
    ("gammaln", "lgamma"),
    ("ln_gamma", "lgamma"),
    ("clip", "clamp"),
    ("expit", "sigmoid"),
    ("power", "pow"),
    ("arcsinh", "asinh"),
    ("arccosh", "acosh"),
    ("arctanh", "atanh"),
];

impl Function {
    pub(crate) fn find(name: &str) -> Option<usize> {
        FUNCTIONS.iter().position(|function| function.name == name)
    }

    /// Its row in the library.
    pub(crate) fn row(&self) -> Ident {
        let words = self.name.split('_').map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        });
        format_ident!("{}", words.collect::<String>())
    }

    /// `exp(x)`, and `x.exp()`.
    pub(crate) fn spellings(&self) -> [String; 2] {
        let behind: Vec<&str> = self.arguments[1..].iter().chain(self.parameters).copied().collect();
        let all: Vec<&str> = self.arguments.iter().chain(self.parameters).copied().collect();
        [
            format!("{}({})", self.name, all.join(", ")),
            format!("{}.{}({})", self.arguments[0], self.name, behind.join(", ")),
        ]
    }
}

/// The name here of a function that is called so elsewhere.
pub(crate) fn name_here(name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == name).map(|(_, here)| *here)
}

pub(crate) fn names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|function| function.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_are_those_of_the_library_s_table() {
        let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/ops/elementwise.rs");
        let table = std::fs::read_to_string(table).expect("the library's table");
        let rows = table.split("\nelementwise! {").nth(1).expect("the rows of the table");
        let rows = rows.split("\ninner {").next().expect("the rows that users have methods for");
        let declared = |line: &&str| line.starts_with("    ") && line.contains(": |");
        let (unary, binary) = rows.split_once("\nbinary {").expect("the rows of two arguments");
        // Names, how many arguments, and the constants behind them.
        let read = |(line, arguments): (&str, usize)| {
            let (row, rest) = line.trim().split_once(' ').expect("the name of the row and of its method");
            let (declared, _) = rest.split_once(": |").expect("a value behind the name");
            let (name, constants) = declared.split_once('(').unwrap_or((declared, ""));
            let constants = constants.split(", ").filter_map(|constant| Some(constant.split_once(": ")?.0.to_string()));
            (row.to_string(), name.to_string(), arguments, constants.collect::<Vec<_>>())
        };
        let unary = unary.lines().filter(declared).map(|line| (line, 1));
        let rows: Vec<_> = unary.chain(binary.lines().filter(declared).map(|line| (line, 2))).map(read).collect();
        let known: Vec<_> = FUNCTIONS
            .iter()
            .map(|function| {
                let constants = function.parameters.iter().map(|name| name.to_string()).collect::<Vec<_>>();
                (function.row().to_string(), function.name.to_string(), function.arguments.len(), constants)
            })
            .collect();
        assert_eq!(known, rows);
    }

    /// Of numbers of all sizes, the largest included, the value and the slope of a function of the library's: of one
    /// argument, or of two that are the same but for their sign.
    fn values_and_slopes(function: &Function) -> Vec<[f64; 2]> {
        use gradtape::{Dual, ops::Row};
        let is_row = |row: &Row| format!("{row:?}").split('(').next() == Some(&*function.row().to_string());
        let (row, count, _) = Row::ALL.iter().find(|(row, ..)| is_row(row)).expect("a row of that name");
        let sizes =
            [0.0, 1e-300, 1e-3, 0.3, 0.999, 1.0, 1.5, 2.5, 3.0, 7.7, 40.0, 1e3, 1e9, 1e300, f64::MAX, f64::INFINITY];
        let numbers = sizes.into_iter().flat_map(|x| [x, -x]);
        let of = |x| row.apply(&[Dual::new(x, 1.0), Dual::new(-x, 0.0)][..*count]);
        numbers.map(of).map(|y: Dual<f64>| [y.value, y.tangent]).collect()
    }

    #[test]
    fn what_is_known_of_a_function_is_so_in_the_library() {
        let differs = |a: &f64, b: f64| *a != b && !(a.is_nan() && b.is_nan());
        for function in FUNCTIONS {
            let found = values_and_slopes(function);
            let is_small = |of: usize| found.iter().all(|numbers| numbers[of].is_nan() || numbers[of].abs() <= 16.0);
            assert!(!function.bounded || is_small(0), "{}: its value is not bounded", function.name);
            assert!(!function.bounded_slopes || is_small(1), "{}: its slope is not bounded", function.name);
            if let Some((name, negative)) = function.slope {
                let slope = &FUNCTIONS[Function::find(name).expect("a function of the table")];
                let sign = if negative { -1.0 } else { 1.0 };
                let slopes = values_and_slopes(slope);
                let wrong = found.iter().zip(&slopes).find(|(found, slope)| differs(&found[1], sign * slope[0]));
                assert!(wrong.is_none(), "{}: its slope is not {name}: {wrong:?}", function.name);
            }
        }
    }

    #[test]
    fn names_from_elsewhere_lead_here() {
        for (elsewhere, here) in ELSEWHERE {
            assert!(Function::find(here).is_some() && Function::find(elsewhere).is_none(), "{elsewhere}");
        }
    }
}
