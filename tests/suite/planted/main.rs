//! Mistakes planted in rules must all be found: the test of the check. That right rules pass is in `awkward_points`.

#[path = "../right/mod.rs"]
mod right;
mod slopes;
mod structural;
mod where_it_is_hard;

use gradtape::{Tensor, TensorVar, gradcheck::GradCheck};

/// That the check refuses, with words that say what they should.
#[track_caller]
fn refused<F>(order: usize, f: F, inputs: &[Tensor<f64>], words: &[&str])
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    match GradCheck::new().order(order).check(f, inputs) {
        Ok(report) => panic!("the mistake was not found:\n{report}"),
        Err(error) => {
            let text = error.to_string();
            for word in words {
                assert!(text.contains(word), "{word:?} is not in: {text}");
            }
        }
    }
}

/// An elementwise function of one number: its value, and its slope as planted.
macro_rules! planted_unary {
    ($Name:ident: |$x:ident| $value:expr; |$sx:ident, $y:ident| $slope:expr) => {
        #[derive(Clone, Copy)]
        struct $Name;
        impl Elementwise<1> for $Name {
            const NAME: &'static str = stringify!($Name);
            fn f32(&self, [$x]: [f32; 1]) -> f32 {
                $value
            }
            fn f64(&self, [$x]: [f64; 1]) -> f64 {
                $value
            }
            fn slopes<A: Operand>(&self, [$sx]: [Expr<A>; 1], $y: Expr<A>) -> [Expr<A>; 1] {
                let _ = ($sx, $y);
                [Expr::from($slope)]
            }
        }
    };
}

use planted_unary;
