//! `gradcheck!`: a check in one line. What it checks, and how, is the business of the functions it calls.

use super::GradCheck;
use crate::{Rng, Tensor, TensorVar, rng};
use std::ops::Range;

/// Checks the gradient of an expression at random inputs, in one line of a test.
///
/// The arguments are named with their shapes, and are [`TensorVar`]s in the expression, whose result may have any
/// shape. Numbers are drawn from the normal distribution, or uniformly from the range that stands behind `in`. Both
/// orders of derivative are checked; settings of [`GradCheck`] may stand before, separated by a semicolon.
///
/// # Panics
/// At the line of the macro, with a report, if a gradient is wrong.
///
/// ```
/// use gradtape::gradcheck;
/// gradcheck!(|x: [3, 4], w: [4, 2]| x.matmul(w).tanh().sum());
/// gradcheck!(|x: [5] in 0.1..2.0| x.ln());
/// gradcheck!(order = 1, rtol = 1e-5; |x: [2, 3], z: [3] in 0.5..2.0| x / z);
/// ```
#[macro_export]
macro_rules! gradcheck {
    ($($option:ident = $value:expr),+ $(,)?; $($check:tt)+) => {
        $crate::__gradcheck!([$(.$option($value))+] $($check)+)
    };
    ($($check:tt)+) => {
        $crate::__gradcheck!([] $($check)+)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __gradcheck {
    ([$($option:tt)*] |$($x:ident: $shape:tt $(in $low:literal..$high:literal)?),+ $(,)?| $body:expr) => {
        $crate::gradcheck::__check_drawn(
            $crate::gradcheck::GradCheck::new().order(2)$($option)*,
            &[$((&$shape, [$($low..$high)?].first().cloned())),+],
            |inputs| {
                let &[$($x),+] = inputs else { unreachable!("as many inputs as were named") };
                $body
            },
        )
    };
}

/// What `gradcheck!` calls.
#[doc(hidden)]
#[track_caller]
pub fn __check_drawn<F>(check: GradCheck, inputs: &[(&[usize], Option<Range<f64>>)], f: F)
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    let mut generator = Rng::new(check.seed);
    let mut inputs_drawn = Vec::new();
    for (shape, range) in inputs {
        let mut input = Tensor::<f64>::zeros(shape);
        input.update(|_, _| match range {
            Some(range) => range.start + (range.end - range.start) * rng::uniform(&mut generator),
            None => rng::normal(&mut generator),
        });
        inputs_drawn.push(input);
    }
    if let Err(report) = check.check(f, &inputs_drawn) {
        panic!("gradcheck: {report}");
    }
}
