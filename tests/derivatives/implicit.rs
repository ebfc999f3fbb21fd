//! Roots and fixed points of equations, whoever solves them.

use gradtape::gradcheck::GradCheck;
use gradtape::{Dual, Rng, Tape, Tensor, TensorVar, implicit};

/// Kepler's equation E - e sin E = M, elementwise.
fn kepler(e: f64, m: f64) -> f64 {
    (0..100).fold(m, |x, _| x - (x - e * x.sin() - m) / (1.0 - e * x.cos()))
}

fn anomaly<'t>(x: &[TensorVar<'t, f64>]) -> TensorVar<'t, f64> {
    let (e, m) = (x[0].value(), x[1].value());
    let solution = e.iter().zip(m.iter()).map(|(e, m)| kepler(*e, *m)).collect::<Vec<_>>();
    implicit::root(|y, p| y - p[0] * y.sin() - p[1], solution.into(), x)
}

#[test]
fn keplers_equation_to_second_and_third_order() {
    let inputs = [Tensor::from([0.1, 0.5, 0.8]), Tensor::from([1.0, 2.0, 0.7])];
    GradCheck::new().order(2).check(anomaly, &inputs).unwrap();
    let tape = Tape::new();
    let (e, m) = (tape.tensor(0.5), tape.tensor(1.0));
    let y = implicit::root(|y, p| y - p[0] * y.sin() - p[1], kepler(0.5, 1.0).into(), &[e, m]);
    let first = tape.gradient(y, &[m])[0];
    let second = tape.gradient(first, &[m])[0];
    let third = tape.gradient(second, &[m])[0];
    // E' = 1/(1 - e cos E), E'' = -e sin E E'³, E''' = (3 e² sin² E E' - e cos E) E'⁴.
    let (s, c) = kepler(0.5, 1.0).sin_cos();
    let d = 1.0 / (1.0 - 0.5 * c);
    assert!((first.item() - d).abs() < 1e-10);
    assert!((second.item() + 0.5 * s * d.powi(3)).abs() < 1e-10);
    assert!((third.item() - (0.75 * s * s * d - 0.5 * c) * d.powi(4)).abs() < 1e-10);
}

/// The solution of A y = b by another's solver.
fn linear<'t>(x: &[TensorVar<'t, f64>]) -> TensorVar<'t, f64> {
    let (a, b) = (x[0].value(), x[1].value());
    let det = |a: &Tensor<f64>| a.as_slice()[0] * a.as_slice()[3] - a.as_slice()[1] * a.as_slice()[2];
    let (a, b) = (a.as_slice().to_vec(), b.as_slice().to_vec());
    let d = det(&x[0].value());
    let y = [(a[3] * b[0] - a[1] * b[1]) / d, (a[0] * b[1] - a[2] * b[0]) / d];
    implicit::root(|y, p| p[0].matmul(y) - p[1], Tensor::from(y), x)
}

#[test]
fn a_linear_system() {
    let inputs = [Tensor::from([[2.0, 1.0], [0.5, 3.0]]), Tensor::from([1.0, -2.0])];
    GradCheck::new().order(2).check(|x| linear(x).square(), &inputs).unwrap();
}

#[test]
fn a_large_fixed_point_takes_gmres() {
    // y = tanh(W y + b) with 300 unknowns: the derivative by b of Σ y is λ ∘ (1 - y²) with (1 - Wᵀ D) λ = 1.
    let n = 300;
    let w = Tensor::<f64>::randn([n, n], &mut Rng::new(1)) * 0.02;
    let tape = Tape::new();
    let b = tape.tensor(Tensor::randn([n], &mut Rng::new(2)));
    let mut y: Tensor<f64> = Tensor::zeros([n]);
    for _ in 0..60 {
        y = (w.matmul(&y) + b.value()).tanh();
    }
    let held = w.clone();
    let fixed = implicit::fixed_point(move |y, p| (y.tape().constant(&held).matmul(y) + p[0]).tanh(), y.clone(), &[b]);
    let found = fixed.sum().backward().wrt(b);
    // The same by iteration of the adjoint.
    let slope = 1.0 - y.square();
    let mut adjoint = Tensor::ones([n]);
    for _ in 0..80 {
        adjoint = w.transpose(0, 1).matmul(&adjoint * &slope) + 1.0;
    }
    approx::assert_relative_eq!(found, adjoint * slope, max_relative = 1e-10, epsilon = 1e-12);
}

#[test]
fn dual_numbers_bring_tangents() {
    let tape = Tape::<Dual<f64>>::new();
    let a = tape.tensor(Dual::new(2.0, 1.0));
    let y = implicit::root(|y, p| y.square() - p[0], Dual::constant(2f64.sqrt()).into(), &[a]);
    assert!((y.item().tangent - 0.5 / 2f64.sqrt()).abs() < 1e-12);
    let slope = y.backward().wrt(a).item();
    assert!((slope.value - 0.5 / 2f64.sqrt()).abs() < 1e-12);
    assert!((slope.tangent + 0.25 / 8f64.sqrt()).abs() < 1e-12);
}

#[test]
fn what_cannot_be_solved_is_said() {
    let tape = Tape::new();
    let a = tape.tensor(0.0);
    let caught = |f: &dyn Fn()| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_else(|| panic.downcast_ref::<&str>().unwrap().to_string())
    };
    let y = implicit::root(|y, p| y.square() - p[0], 0.0.into(), &[a]);
    assert!(caught(&|| drop(y.backward())).contains("is singular at the solution"));
    let y = implicit::root(|y, p| y.reshape([1]) - p[0], 0.0.into(), &[a]);
    assert!(caught(&|| drop(y.backward())).contains("root: [] and [1]: the equation has another shape"));
    let y = implicit::root(|_, p| p[0], 0.0.into(), &[a]);
    assert!(caught(&|| drop(y.backward())).contains("singular"));
}
