//! The list of built-in operations as data, and of the cases that each is checked on.
//!
//! Being data, they are made into steps by code compiled in this crate ([`Scalar::step`]), not in each user's.

use crate::{
    Scalar, Tensor,
    ops::{Erased, ErasedVariadic, Row, layout, product, reduce},
    tape::Step,
};

/// Every built-in operation, with its parameters.
macro_rules! builtins {
    (
        fixed { $($Op:ident $path:path, $N:literal, $cases:expr;)* }
        variadic { $($VOp:ident $vpath:path, $vcases:expr;)* }
    ) => {
        /// A built-in operation as data.
        #[allow(missing_docs)]
        #[doc(hidden)]
        pub enum Builtin {
            Row(Row),
            $($Op($path),)*
            $($VOp($vpath),)*
        }

        impl Builtin {
            pub(crate) fn build<T: Scalar>(self) -> Box<dyn Step<T>> {
                match self {
                    Builtin::Row(row) => row.build(),
                    $(Builtin::$Op(op) => Box::new(Erased::<_, $N>(op)),)*
                    $(Builtin::$VOp(op) => Box::new(ErasedVariadic(op)),)*
                }
            }
        }

        /// What every built-in operation is checked on: made from the list, so that no operation is without.
        #[doc(hidden)]
        pub fn cases() -> Vec<Case> {
            let mut all = row_cases();
            $(
                let cases: Vec<Case> = $cases;
                assert!(!cases.is_empty(), "{} has no case", stringify!($Op));
                all.extend(cases.into_iter().map(|case| case.of(stringify!($Op))));
            )*
            $(
                let cases: Vec<Case> = $vcases;
                assert!(!cases.is_empty(), "{} has no case", stringify!($VOp));
                all.extend(cases.into_iter().map(|case| case.of(stringify!($VOp))));
            )*
            all
        }
    };
}

builtins! {
    fixed {
        MatMul product::MatMul, 2, product::matmul_cases();
        Reshape layout::Reshape, 1, layout::reshape_cases();
        SumTo reduce::SumTo, 1, reduce::sum_to_cases();
    }
    variadic {
    }
}

/// An operation with the inputs that its rule is checked on.
#[doc(hidden)]
pub struct Case {
    /// The operation's name in the list.
    pub name: String,
    /// Makes the operation.
    pub step: Box<dyn Fn() -> Box<dyn Step<f64>>>,
    /// The shapes of its inputs, and the domain that their numbers are drawn from.
    pub inputs: Vec<(Vec<usize>, (f64, f64))>,
    /// Inputs given instead of drawn, for ties, zeros and the like.
    pub given: Option<Vec<Tensor<f64>>>,
    /// The order of derivative that the rule claims.
    pub order: usize,
}

impl Case {
    /// An operation on inputs of the given shapes, with numbers from -2 to 2.
    pub(crate) fn new(builtin: impl Fn() -> Builtin + 'static, shapes: &[&[usize]]) -> Self {
        Case {
            name: String::new(),
            step: Box::new(move || builtin().build()),
            inputs: shapes.iter().map(|shape| (shape.to_vec(), (-2.0, 2.0))).collect(),
            given: None,
            order: 2,
        }
    }

    /// The same with numbers from another domain.
    pub(crate) fn on(mut self, domain: (f64, f64)) -> Self {
        for input in &mut self.inputs {
            input.1 = domain;
        }
        self
    }

    fn of(mut self, name: &str) -> Self {
        let shapes: Vec<_> = self.inputs.iter().map(|(shape, _)| format!("{shape:?}")).collect();
        self.name = format!("{name} of {}", shapes.join(", "));
        self
    }
}

fn row_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (row, arity, domain) in Row::ALL {
        let shapes: &[&[&[usize]]] = match arity {
            1 => &[&[&[7]], &[&[2, 3]], &[&[]], &[&[0, 2]]],
            2 => &[&[&[2, 3], &[2, 3]], &[&[2, 3], &[3]], &[&[3, 1], &[1, 2]], &[&[], &[2]], &[&[2, 1, 2], &[3, 1]]],
            _ => &[&[&[2, 3], &[2, 3], &[2, 3]], &[&[2, 1], &[3], &[]]],
        };
        let case = |shapes: &[&[usize]]| Case::new(|| Builtin::Row(*row), shapes).on(*domain).of(&format!("{row:?}"));
        cases.extend(shapes.iter().map(|shapes| case(shapes)));
    }
    cases
}
