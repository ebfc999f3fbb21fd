//! Lesson 2: derivatives of functions, without a tape in sight. `cargo run --example 02_function`

use gradtape::functional::{hessian, hvp, jacobian, jvp, value_and_grad, vjp};
use gradtape::num_traits::Float;

/// Rosenbrock's valley, with its minimum 0 at (1, 1). Generic, so that it runs on plain numbers and on the tape alike.
fn rosenbrock<T: Float>(x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap();
    number(100.0) * (x[1] - x[0].powi(2)).powi(2) + (number(1.0) - x[0]).powi(2)
}

fn main() {
    // A generic function is passed as a closure.
    let start = [-1.2, 1.0];
    let (value, gradient) = value_and_grad(|x| rosenbrock(x), &start);
    println!("Rosenbrock's function at {start:?}");
    println!("  value     {value:.4}, the same on plain numbers {:.4}", rosenbrock(&start));
    println!("  gradient  {gradient:.4?}");
    assert_eq!(value, rosenbrock(&start));

    // All second derivatives, and their product with a vector, which never forms them.
    let h = hessian(|x| rosenbrock(x), &start);
    let along_first_axis = hvp(|x| rosenbrock(x), &start, &[1.0, 0.0]);
    println!("  Hessian   {:?}", h.as_slice());
    println!("  its first column by hvp {along_first_axis:?}");
    assert_eq!(along_first_axis[1], h.as_slice()[2]);

    // Newton's method: step by the solution of H s = -g, here two by two.
    let mut x = start;
    for step in 1..=6 {
        let (_, g) = value_and_grad(|x| rosenbrock(x), &x);
        let h = hessian(|x| rosenbrock(x), &x);
        let [a, b, c, d] = h.as_slice() else { unreachable!("two variables have four second derivatives") };
        let determinant = a * d - b * c;
        x[0] -= (d * g[0] - b * g[1]) / determinant;
        x[1] -= (a * g[1] - c * g[0]) / determinant;
        println!("  Newton step {step}: value {:.3e}", rosenbrock(&x));
    }
    assert!(rosenbrock(&x) < 1e-15, "six steps are enough");

    // Several results: the Jacobian, and its products from the right (jvp) and from the left (vjp).
    let point = [2.0, 0.5];
    let j = jacobian(|x| [x[0] * x[1].cos(), x[0] * x[1].sin()], &point);
    println!("polar coordinates at r = 2, angle 0.5: Jacobian\n{j}");
    let (place, velocity) = jvp(|x| [x[0] * x[1].cos(), x[0] * x[1].sin()], &point, &[0.0, 1.0]);
    println!("  turning moves {place:.4?} by {velocity:.4?}");
    let (_, pulled) = vjp(|x| [x[0] * x[1].cos(), x[0] * x[1].sin()], &point, [1.0, 0.0]);
    println!("  the first coordinate changes by {pulled:.4?} with r and angle");
    assert_eq!([j.as_slice()[1], j.as_slice()[3]], velocity);
    assert_eq!(j.as_slice()[..2], pulled);
}
