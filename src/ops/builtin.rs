//! The list of built-in operations as data, and of the cases that each is checked on.
//!
//! Being data, they are made into steps by code compiled in this crate ([`Scalar::step`]), not in each user's.

use crate::{
    Scalar, Tensor,
    ops::{Erased, ErasedVariadic, Row, dropout, elementwise, index, layout, linear, mse, product, reduce, softmax},
    tape::Step,
};

/// Every built-in operation, with its parameters.
macro_rules! builtins {
    (
        fixed { $($Op:ident $path:path, $N:literal, $cases:expr;)* }
        variadic { $($VOp:ident $vpath:path, $vcases:expr;)* }
    ) => {
        /// A built-in operation as data.
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
        Dropout dropout::Dropout, 1, dropout::dropout_cases();
        Linear linear::Linear<linear::Identity>, 3, linear::linear_cases();
        LinearRelu linear::Linear<elementwise::Relu>, 3, linear::linear_relu_cases();
        LinearTanh linear::Linear<elementwise::Tanh>, 3, linear::linear_tanh_cases();
        MeanSquareError mse::MeanSquareError, 2, mse::mean_square_error_cases();
        MatMul product::MatMul, 2, product::matmul_cases();
        Reshape layout::Reshape, 1, layout::reshape_cases();
        Permute layout::Permute, 1, layout::permute_cases();
        BroadcastTo layout::BroadcastTo, 1, layout::broadcast_cases();
        Repeat layout::Repeat, 1, layout::repeat_cases();
        Pick layout::Pick, 1, layout::pick_cases();
        Put layout::Put, 1, layout::put_cases();
        Pad layout::Pad, 1, layout::pad_cases();
        Crop layout::Crop, 1, layout::crop_cases();
        Triangular layout::Triangular, 1, layout::triangular_cases();
        Diagonal layout::Diagonal, 1, layout::diagonal_cases();
        PutDiagonal layout::PutDiagonal, 1, layout::put_diagonal_cases();
        Gather index::Gather, 1, index::gather_cases();
        ScatterAdd index::ScatterAdd, 2, index::scatter_add_cases();
        Where index::Where, 2, index::where_cases();
        MaskedFill index::MaskedFill, 1, index::masked_fill_cases();
        Sort index::Sort, 1, index::sort_cases();
        Arrange index::Arrange, 2, index::arrange_cases();
        SumTo reduce::sum::SumTo, 1, reduce::sum::sum_to_cases();
        Sum reduce::sum::Sum, 1, reduce::cases(reduce::BOTH, |over| Builtin::Sum(reduce::sum::Sum(over)), true);
        Mean reduce::sum::Mean, 1, reduce::cases(reduce::BOTH, |over| Builtin::Mean(reduce::sum::Mean(over)), true);
        Variance reduce::sum::Variance, 1,
            reduce::cases(reduce::ALONG, |over| Builtin::Variance(reduce::sum::Variance(over)), true);
        Prod reduce::prod::Prod, 1, reduce::prod::prod_cases();
        Norm reduce::prod::Norm, 1, reduce::prod::norm_cases();
        Extreme reduce::extreme::Extreme, 1, reduce::extreme::extreme_cases();
        CumSum reduce::scan::CumSum, 1, reduce::scan::cumsum_cases();
        CumProd reduce::scan::CumProd, 1, reduce::scan::cumprod_cases();
        Recurrence reduce::scan::Recurrence, 2, reduce::scan::recurrence_cases();
        Shift reduce::scan::Shift, 1, reduce::scan::shift_cases();
        Softmax softmax::Softmax, 1, softmax::softmax_cases();
        LogSoftmax softmax::LogSoftmax, 1, softmax::log_softmax_cases();
        LogSumExp softmax::LogSumExp, 1, softmax::logsumexp_cases();
        SoftmaxCrossEntropy softmax::SoftmaxCrossEntropy, 1, softmax::cross_entropy::class_cases();
        SoftmaxCrossEntropySoft softmax::SoftmaxCrossEntropySoft, 2, softmax::cross_entropy::soft_cases();
    }
    variadic {
        Join layout::Join, layout::join_cases();
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

    /// The same on these numbers, chosen for their ties, zeros and the like.
    pub(crate) fn given(mut self, inputs: Vec<Tensor<f64>>) -> Self {
        self.inputs = inputs.iter().map(|input| (input.shape().to_vec(), (-2.0, 2.0))).collect();
        self.given = Some(inputs);
        self
    }

    /// The same, where the rule claims less than the second order: at a kink.
    pub(crate) fn order(mut self, order: usize) -> Self {
        self.order = order;
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
    // A remainder has the sign of x, and whole multiples of both signs: every pair of signs, up to three divisors away.
    let (x, z) = (Tensor::from([5.3, -5.3, 5.3, -5.3, 1.1, -1.1]), Tensor::from([1.6, 1.6, -1.6, -1.6, -1.7, -1.7]));
    cases.push(Case::new(|| Builtin::Row(Row::Rem()), &[]).given(vec![x, z]).of("Rem, all signs,"));
    cases
}
