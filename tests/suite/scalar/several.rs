//! Gradients of several results and of several variables at once.

use super::assert_near;
use crate::common::assert_panics;
use gradtape::functional::Gradient;
use gradtape::numeric;
use gradtape::{Tape, Tensor, Var, jacobian, jacobian_reverse};
use num_traits::Float;

#[test]
fn jacobians_of_many_results_by_several_adjoints_a_sweep() {
    fn results<T: Float>(x: &[T], m: usize) -> Vec<T> {
        (0..m)
            .map(|i| {
                let k = T::from(i + 1).unwrap();
                (x[i % 3] * k).sin() * x[(i + 1) % 3] + x[2].powi(i as i32 % 4) / k
            })
            .collect()
    }
    let x = [0.4, 1.7, -0.8];
    for m in [0, 1, 2, 3, 7, 8, 9, 10, 11, 17, 24] {
        let reverse = jacobian_reverse(|x| results(x, m), &x);
        let forward = jacobian(|x| results(x, m), &x);
        assert_eq!(reverse.shape(), [m, 3]);
        for (found, expected) in reverse.as_slice().iter().zip(forward.as_slice()) {
            assert_near(&format!("{m} results"), *found, *expected, 1e-13);
        }
    }
    // Constants, variables and results twice among them; wide nodes; infinite slopes that are masked out.
    let j = jacobian_reverse(
        |x| {
            let y = numeric::sum_of_squares(x);
            let root = (x[0] - x[0]).sqrt();
            vec![y, Var::from(3.0), x[1], y, root * 0.0 + x[1], y * x[2], x[0], root]
        },
        &[1.0, 2.0, 3.0],
    );
    let rows = j.as_slice().chunks(3).collect::<Vec<_>>();
    assert_eq!(rows[..3], [[2.0, 4.0, 6.0], [0.0; 3], [0.0, 1.0, 0.0]]);
    assert_eq!(rows[3..7], [[2.0, 4.0, 6.0], [0.0, 1.0, 0.0], [6.0, 12.0, 32.0], [1.0, 0.0, 0.0]]);
    // Tensors on the way take the other path.
    let j = jacobian_reverse(
        |x| {
            let tape = x[0].tape().expect("a variable of a tape");
            let y = tape.constant([1.0, 2.0]) * x[0];
            vec![y.at(&[0]), y.at(&[1]), x[1]]
        },
        &[5.0, 6.0],
    );
    assert_eq!(j, Tensor::from([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]));
}

#[test]
fn gradients_of_several_variables_at_once() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let y = x[0] * x[1];
    let unrelated = tape.var(1.0);
    let gradients = y.backward();
    assert_eq!(gradients.wrt(&x), [2.0, 1.0, 0.0]);
    assert_eq!(gradients.wrt(&x[1..]), [1.0, 0.0]);
    assert_eq!(gradients.wrt([x[1], y, unrelated]), [1.0, 1.0, 0.0]);
    let other = Tape::new();
    let words = ["wrt: these gradients come from another tape than the scalar 7"];
    assert_panics(line!(), &words, || gradients.wrt(&vec![x[0], other.var(7.0)]));
    assert_panics(line!(), &["wrt: 4 is a constant"], || gradients.wrt(&vec![x[0], Var::from(4.0)]));
}

#[test]
fn cotangents_are_pulled_back_part_by_part() {
    let (mut gradient, x) = (Gradient::new(), [0.5, -1.5, 2.0]);
    let middle: Vec<f64> = vec![x[0] * x[1], x[1].sin(), x[2].exp()];
    let slopes = gradient.pull(|y| vec![y[0] * y[1] + y[2]], middle, &[2.0]).expect("a cotangent comes back").to_vec();
    let found = gradient.pull(|x| vec![x[0] * x[1], x[1].sin(), x[2].exp()], x, &slopes).map(<[f64]>::to_vec);
    let (_, whole) = gradient.at(
        |x| {
            let y = [x[0] * x[1], x[1].sin(), x[2].exp()];
            2.0 * (y[0] * y[1] + y[2])
        },
        &x,
    );
    for (found, whole) in found.expect("a cotangent comes back").iter().zip(whole) {
        assert_near("pulled", *found, *whole, 1e-14);
    }
    assert_eq!(gradient.pull(|_| unreachable!("nothing comes back"), x, &[0.0, -0.0]), None);
    let (mut refused, two) = (Gradient::new(), [1.0, 2.0]);
    assert_panics(line!(), &["pull: [1] and [2]"], || refused.pull(|x| vec![x[0]], [1.0], &two).is_some());
}
