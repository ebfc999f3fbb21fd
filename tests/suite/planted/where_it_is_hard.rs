//! Mistakes that differences hardly see: in one element of many, at large and tiny numbers, behind rounding, next to
//! kinks.

use super::{planted_unary, refused, right::vector};
use gradtape::{Element, Elementwise, Expr, Operand, Tensor, TensorVar, gradcheck::GradCheck};

#[test]
fn one_wrong_element_of_many() {
    planted_unary!(Beyond: |x| x.sin(); |x, y| x.cos() + 0.01 * ((x - 9.95).sign() + 1.0));
    let x = [Tensor::linspace(0.0, 10.0, 101).map(|x| x + 0.003)];
    refused(1, |x| Operand::apply(Beyond, [x[0]]), &x, &["1 of 101 elements of input 0", "input 0 [100]"]);
    // Where it is not among the elements varied one by one, the random directions find it.
    let result = GradCheck::new().elements(5).seed(3).check(|x| Operand::apply(Beyond, [x[0]]), &x);
    let text = result.unwrap_err().to_string();
    assert!(text.contains("a random direction (all elements at once)"), "{text}");
}

#[test]
fn wrong_at_large_and_tiny_values() {
    planted_unary!(Twice: |x| x * x; |x, y| 2.0001 * x);
    for size in [1e6, 1e3, 1.0, 1e-3] {
        refused(1, |x| Operand::apply(Twice, [x[0]]), &[vector() * size], &["3 of 3 elements"]);
        refused(1, |x| Operand::apply(Twice, [x[0]]).sum(), &[vector() * size], &["3 of 3 elements"]);
    }
}

#[test]
fn missing_where_tiny_steps_are_rounded_away() {
    // One element of an input is cut, and another with a larger slope says how large slopes are there.
    let x = [Tensor::from([0.7, -1.3])];
    for (offset, scale) in [(1e5, 1.0), (1e6, 10.0), (1e7, 1.0), (1e7, 1e3), (1e8, 100.0), (1e9, 1e3)] {
        refused(
            2,
            |x| {
                let rounded = (x[0] + offset) - offset;
                TensorVar::concat(&[rounded.detach().slice(0, 0, 1, 1), x[0].slice(0, 1, 2, 1) * scale], 0)
            },
            &x,
            &["the gradient is wrong: 1 of 2 elements of input 0", "input 0 [0]: analytic 0"],
        );
    }
    // Next to a part of the result that is right, and in single precision.
    refused(1, |x| TensorVar::concat(&[x[0] * 10.0, ((x[0] + 1e7) - 1e7).detach()], 0), &x, &["is wrong: 2 of 2"]);
    planted_unary!(Single: |x| if x > 0.0 { sin_in_single_precision(x) } else { x }; |x, y| 0.5 - 0.5 * x.sign());
    refused(1, |x| Operand::apply(Single, [x[0]]) * 10.0, &x, &["is wrong: 1 of 2", "input 0 [0]: analytic 0"]);
    // Where a whole input is cut, or nothing is.
    refused(1, |x| ((x[0] + 1e7) - 1e7).detach() + x[1] * 100.0, &[vector(), vector()], &["elements of input 0"]);
    refused(1, |x| (x[0].detach() + 1e8).softmax(0) + x[0] * 0.0, &[vector()], &["the gradient"]);
}

#[test]
fn wrong_next_to_kinks() {
    planted_unary!(Steep: |x| if x > 0.0 { x } else { 0.0 }; |x, y| 1.001 * (x.sign() * 0.5 + 0.5));
    for distance in [1.0, 1e-3, 1e-5, 1e-6] {
        refused(1, |x| Operand::apply(Steep, [x[0]]), &[Tensor::from([distance])], &["the gradient is wrong"]);
    }
    // Also where kinks are accepted: a slope beyond both sides is wrong.
    let text = |x: f64| {
        let check = GradCheck::new().allow_kinks();
        check.check(|x| Operand::apply(Double, [x[0]]), &[Tensor::from([x])]).unwrap_err().to_string()
    };
    planted_unary!(Double: |x| if x > 0.0 { x } else { 0.0 }; |x, y| 2.0);
    assert!(text(0.0).contains("a kink lies within the step of input 0 [0]"));
    assert!(text(1.0).contains("a factor of 2 too large"));
}

fn sin_in_single_precision<T: Element>(x: T) -> T {
    T::lit((x.real() as f32).sin().into())
}
