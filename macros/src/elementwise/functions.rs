//! The functions that a formula knows by name: how many arguments each takes, and how large its values and slopes can
//! get. The functions themselves, and their derivatives, are rows of the library's table.

use proc_macro2::Ident;
use quote::format_ident;

/// A row of the library's table, or the negative.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// The arguments that are differentiated, as they are called in messages.
    pub(crate) arguments: &'static [&'static str],
    /// The constants behind them.
    pub(crate) parameters: &'static [&'static str],
    /// The value is finite wherever the arguments are, and not far from overflow.
    pub(crate) finite: bool,
    /// So are the slopes: a cotangent of 0 times one is 0 anyway.
    pub(crate) finite_slopes: bool,
    /// The function that the slope is, so that both are computed once where a formula has both; and whether its
    /// negative.
    pub(crate) slope: Option<(&'static str, bool)>,
}

const X: &[&str] = &["x"];

/// The value can be infinite or NaN, and so can the slope.
const fn wild(name: &'static str) -> Function {
    Function { name, arguments: X, parameters: &[], finite: false, finite_slopes: false, slope: None }
}

/// The slope can be infinite.
const fn steep(name: &'static str) -> Function {
    Function { finite: true, ..wild(name) }
}

/// Value and slopes are finite.
const fn tame(name: &'static str) -> Function {
    Function { finite_slopes: true, ..steep(name) }
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
    tame("neg"),
    tame("abs"),
    wild("exp"),
    wild("exp2"),
    wild("expm1"),
    wild("ln"),
    wild("log2"),
    wild("log10"),
    wild("ln_1p"),
    wild("sqrt"),
    wild("recip"),
    tame("square"),
    tame("sign"),
    tame("floor"),
    tame("ceil"),
    tame("round"),
    with_slope(tame("sin"), "cos", false),
    with_slope(tame("cos"), "sin", true),
    wild("tan"),
    wild("asin"),
    wild("acos"),
    tame("atan"),
    with_slope(wild("sinh"), "cosh", false),
    with_slope(wild("cosh"), "sinh", false),
    tame("tanh"),
    tame("asinh"),
    wild("acosh"),
    wild("atanh"),
    tame("sigmoid"),
    tame("relu"),
    with_parameters(tame("leaky_relu"), &["slope"]),
    with_parameters(tame("elu"), &["alpha"]),
    tame("selu"),
    tame("silu"),
    tame("mish"),
    with_slope(tame("softplus"), "sigmoid", false),
    tame("softsign"),
    tame("gelu"),
    tame("gelu_tanh"),
    tame("erf"),
    tame("erfc"),
    wild("lgamma"),
    with_parameters(tame("clamp"), &["min", "max"]),
    with_parameters(wild("powf"), &["p"]),
    with_parameters(wild("powi"), &["n"]),
    binary(wild("pow"), &["x", "y"]),
    binary(tame("maximum"), &["x", "y"]),
    binary(tame("minimum"), &["x", "y"]),
    binary(steep("atan2"), &["y", "x"]),
    binary(tame("hypot"), &["x", "y"]),
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

    /// A function whose argument is an angle, of which those that are far are computed one by one.
    pub(crate) fn takes_angle(&self) -> bool {
        ["sin", "cos", "tan"].contains(&self.name)
    }

    /// A handful of instructions.
    pub(crate) fn is_cheap(&self) -> bool {
        const CHEAP: &[&str] =
            &["abs", "square", "sign", "relu", "leaky_relu", "clamp", "maximum", "minimum", "recip", "sqrt"];
        CHEAP.contains(&self.name)
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
        let rows: Vec<(String, String)> = rows
            .lines()
            .filter(declared)
            .filter_map(|line| {
                let mut words = line.trim().splitn(2, ' ');
                let row = words.next()?.to_string();
                let name = words.next()?.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                Some((row, name))
            })
            .collect();
        let known: Vec<(String, String)> =
            FUNCTIONS.iter().map(|function| (function.row().to_string(), function.name.to_string())).collect();
        assert_eq!(known, rows);
    }

    #[test]
    fn names_from_elsewhere_lead_here() {
        for (elsewhere, here) in ELSEWHERE {
            assert!(Function::find(here).is_some() && Function::find(elsewhere).is_none(), "{elsewhere}");
        }
    }
}
