//! Repeated gradients of one function allocate nothing.

mod counting;

use gradtape::functional::Gradient;
use gradtape::{Dual, Var};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting { from: 0 };

fn rosenbrock<T: num_traits::Float>(x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap();
    let term = |pair: &[T]| number(100.0) * (pair[1] - pair[0].powi(2)).powi(2) + (T::one() - pair[0]).powi(2);
    x.windows(2).fold(T::zero(), |sum, pair| sum + term(pair))
}

#[test]
fn gradients_in_a_loop_allocate_nothing() {
    let mut x: Vec<f64> = (0..100).map(|i| (i as f64 * 0.37).sin()).collect();
    let mut gradient = Gradient::new();
    let first = gradient.at(|x| rosenbrock(x), &x).0;
    gradient.at(|x| rosenbrock(x), &x);
    let before = counting::allocations();
    let mut value = first;
    for _ in 0..50 {
        let (now, slope) = gradient.at(|x| rosenbrock(x), &x);
        value = now;
        for (x, slope) in x.iter_mut().zip(slope) {
            *x -= 1e-4 * slope;
        }
    }
    assert_eq!(counting::allocations() - before, 0);
    assert!(value < 0.5 * first, "{first} {value}");
}

#[test]
fn products_with_the_hessian_in_a_loop_allocate_nothing() {
    let x: Vec<Dual<f64>> = (0..10).map(|i| Dual::new(1.0, f64::from(u8::from(i == 3)))).collect();
    let mut gradient = Gradient::new();
    for _ in 0..2 {
        gradient.at(|x| rosenbrock(x), &x);
    }
    let before = counting::allocations();
    for _ in 0..10 {
        let (_, slope) = gradient.at(|x| rosenbrock(x), &x);
        assert_eq!([slope[2].tangent, slope[3].tangent, slope[4].tangent], [-400.0, 1002.0, -400.0]);
    }
    assert_eq!(counting::allocations() - before, 0);
}

#[test]
fn functions_of_other_lengths_and_constants_follow_one_another() {
    let mut gradient = Gradient::new();
    assert_eq!(gradient.at(|x| x[0] * x[1], &[2.0, 3.0]), (6.0, &[3.0, 2.0][..]));
    assert_eq!(gradient.at(|x| x.iter().map(|x| x * x).sum(), &[1.0, 2.0, 3.0]), (14.0, &[2.0, 4.0, 6.0][..]));
    assert_eq!(gradient.at(|_| Var::from(5.0), &[1.0]), (5.0, &[0.0][..]));
}
