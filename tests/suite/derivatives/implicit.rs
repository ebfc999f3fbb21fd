//! Roots and fixed points of equations, whoever solves them.

use gradtape::gradcheck::GradCheck;
use gradtape::{Dual, MultiDual, Rng, Scalar, Tape, Taylor, Tensor, TensorVar, implicit};

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

/// `(D + a u vᵀ) y = b` with 300 unknowns, a D from 1 to 3 and the parameter a; gives Σ y.
fn large<'t, T: Scalar>(a: TensorVar<'t, T>) -> TensorVar<'t, T> {
    let [d, u, v, b] = large_parts();
    // The solution as another's solver gives it, in plain numbers.
    let plain = a.item().real();
    let over = |x: &[f64]| (0..N).map(|i| v[i] * x[i] / d[i]).sum::<f64>();
    let pull = plain * over(&b) / (1.0 + plain * over(&u));
    let y: Vec<T> = (0..N).map(|i| T::lit((b[i] - u[i] * pull) / d[i])).collect();
    let [d, u, v, b] = [d, u, v, b].map(|x| Tensor::from(x.into_iter().map(T::lit).collect::<Vec<_>>()));
    let solution = Tensor::from(y);
    let y = implicit::root(
        move |y, p| {
            let number = |x: &Tensor<T>| y.tape().constant(x);
            number(&d) * y + p[0] * number(&u) * number(&v).dot(y) - number(&b)
        },
        solution,
        &[a],
    );
    y.sum()
}

const N: usize = 300;

fn large_parts() -> [Vec<f64>; 4] {
    let wave = |k: f64| (0..N).map(|i| 0.1 * (k * i as f64).sin() + 0.05).collect();
    [(0..N).map(|i| 1.0 + 2.0 * i as f64 / N as f64).collect(), wave(0.3), wave(0.7), wave(1.1)]
}

/// By Sherman and Morrison: the sum is `c - k a / (1 + a s)`; this and its first three derivatives by a.
fn large_exactly(a: f64) -> [f64; 4] {
    let [d, u, v, b] = large_parts();
    let sum = |f: &dyn Fn(usize) -> f64| (0..N).map(f).sum::<f64>();
    let s = sum(&|i| v[i] * u[i] / d[i]);
    let k = sum(&|i| u[i] / d[i]) * sum(&|i| v[i] * b[i] / d[i]);
    let q = 1.0 + a * s;
    [sum(&|i| b[i] / d[i]) - k * a / q, -k / q.powi(2), 2.0 * k * s / q.powi(3), -6.0 * k * s * s / q.powi(4)]
}

#[test]
fn three_hundred_unknowns_to_third_order() {
    let expected = large_exactly(0.5);
    let near = |found: f64, order: usize| {
        let error = (found - expected[order]).abs();
        assert!(error < 1e-10 * expected[order].abs(), "order {order}: {found} and {}", expected[order]);
    };
    let tape = Tape::new();
    let a = tape.tensor(0.5);
    let first = tape.gradient(large(a), &[a])[0];
    let second = tape.gradient(first, &[a])[0];
    near(first.item(), 1);
    near(second.item(), 2);
    near(second.backward().wrt(a).item(), 3);
    // Forward over reverse, and forward over that.
    let tape = Tape::<Dual<f64>>::new();
    let a = tape.tensor(Dual::new(0.5, 1.0));
    let y = large(a);
    near(y.item().value, 0);
    near(y.item().tangent, 1);
    let slope = y.backward().wrt(a).item();
    near(slope.value, 1);
    near(slope.tangent, 2);
    let tape = Tape::<Taylor<f64, 3>>::new();
    let a = tape.tensor(Taylor::variable(0.5));
    let y = large(a);
    (1..=3).for_each(|order| near(y.item().derivative(order), order));
    let slope = y.backward().wrt(a).item();
    (0..=2).for_each(|order| near(slope.derivative(order), order + 1));
    let tape = Tape::<MultiDual<f64, 8>>::new();
    let a = tape.tensor(MultiDual::new(0.5, [1.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
    let slope = large(a).backward().wrt(a).item();
    near(slope.tangents[0], 2);
    near(-0.5 * slope.tangents[1], 2);
}

#[test]
fn where_gmres_stands_still_the_matrix_is_written_out() {
    // A cyclic shift of 300: GMRES of 60 directions finds nothing.
    let tape = Tape::new();
    let b = tape.tensor(Tensor::<f64>::randn([N], &mut Rng::new(3)));
    let shift = |x: &[f64]| (0..N).map(|i| x[(i + 1) % N]).collect::<Vec<_>>();
    let y = implicit::root(
        |y, p| TensorVar::concat(&[y.slice(0, N - 1, N, 1), y.slice(0, 0, N - 1, 1)], 0) - p[0],
        shift(b.value().as_slice()).into(),
        &[b],
    );
    let weights = Tensor::<f64>::randn([N], &mut Rng::new(4));
    let found = (y * tape.constant(&weights)).sum().backward().wrt(b);
    assert_eq!(shift(found.as_slice()), weights.as_slice());
}

#[test]
fn a_fixed_point_to_second_order() {
    let f = |x: &[TensorVar<'_, f64>]| {
        let a = x[0].value();
        a.map(|a| (0..200).fold(0.7, |y, _| (a * y).cos()))
    };
    let inputs = [Tensor::from([0.3, 0.5, 0.8])];
    let check = GradCheck::new().order(2);
    let report = check.check(|x| implicit::fixed_point(|y, p| (p[0] * y).cos(), f(x), x), &inputs).unwrap();
    assert_eq!(report.orders.len(), 2);
    // From y = cos(a y): y' = -s u', y'' = -c u'² - s u'' with u' = y + a y', u'' = 2 y' + a y''.
    let tape = Tape::new();
    let a = tape.tensor(0.5);
    let y = (0..200).fold(0.7, |y, _| f64::cos(0.5 * y));
    let (s, c) = f64::sin_cos(0.5 * y);
    let first = -s * y / (1.0 + 0.5 * s);
    let second = (-c * (y + 0.5 * first).powi(2) - 2.0 * s * first) / (1.0 + 0.5 * s);
    let fixed = implicit::fixed_point(|y, p| (p[0] * y).cos(), y.into(), &[a]);
    let slope = tape.gradient(fixed, &[a])[0];
    assert!((slope.item() - first).abs() < 1e-12);
    assert!((slope.backward().wrt(a).item() - second).abs() < 1e-12);
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

#[test]
fn a_solution_that_solves_nothing_is_said() {
    let caught = |f: &dyn Fn()| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap()
    };
    let tape = Tape::new();
    let a = tape.tensor([2.0]);
    let of = |y: f64| implicit::root(|y, p| y.square() - p[0], [y].into(), &[a]);
    let message = caught(&|| drop(of(1.0).sum().backward()));
    assert!(message.contains("[1]: the solution does not solve the equation"), "{message}");
    assert!(message.contains("length 5.0e-1, more than 6.1e-6, where the solution has length 1.0e0"), "{message}");
    // Also where the gradient is recorded.
    let message = caught(&|| drop(tape.gradient(of(1.0).sum(), &[a])));
    assert!(message.contains("does not solve the equation"), "{message}");
    let message = caught(&|| drop(of(f64::NAN).sum().backward()));
    assert!(message.contains("[1]: the solution holds a number that is not finite, NaN"), "{message}");
    // A fixed point, and tangents without a sweep.
    let fixed = |y: f64| implicit::fixed_point(|y, p| (p[0] * y).cos(), [y].into(), &[a]);
    assert!(caught(&|| drop(fixed(100.0).sum().backward())).contains("does not solve"));
    let duals = Tape::<Dual<f64>>::new();
    let b = duals.tensor([Dual::new(2.0, 1.0)]);
    let with_tangents = |y: f64| implicit::root(|y, p| y.square() - p[0], [Dual::constant(y)].into(), &[b]);
    assert!(caught(&|| _ = with_tangents(1.0)).contains("does not solve"));
    assert!(caught(&|| _ = with_tangents(f64::NAN)).contains("not finite"));
    // Solvers of ordinary accuracy pass.
    let root = 2f64.sqrt();
    assert!((of(root + 1e-6).sum().backward().wrt(a).item() - 0.5 / root).abs() < 1e-6);
    assert!((with_tangents(root + 1e-6).value().as_slice()[0].tangent - 0.5 / root).abs() < 1e-6);
    let single = Tape::<f32>::new();
    let c = single.tensor([2.0f32]);
    let y = implicit::root(|y, p| y.square() - p[0], [1.4141f32].into(), &[c]);
    assert!((y.sum().backward().wrt(c).as_slice()[0] - 0.5 / 2f32.sqrt()).abs() < 1e-3);
    // The root 0, missed by little.
    let zero = tape.tensor([0.0]);
    let y = implicit::root(|y, p| y.square() + y - p[0], [1e-9].into(), &[zero]);
    assert!((y.sum().backward().wrt(zero).as_slice()[0] - 1.0).abs() < 1e-6);
}

#[test]
fn the_step_is_measured_in_all_unknowns() {
    // A y = b with a matrix of which the transpose is another, so that a step by the wrong one would be short.
    let tape = Tape::new();
    let b = tape.tensor([1.0, 0.0, 0.0]);
    let matrix = Tensor::from([[0.0, 0.0, 1.0], [1e-4, 0.0, 0.0], [1e4, 1.0, 0.0]]);
    let root = |y: [f64; 3]| {
        let matrix = matrix.clone();
        implicit::root(move |y, p| y.tape().constant(&matrix).matmul(y) - p[0], y.into(), &[b])
    };
    let exact = root([0.0, 0.0, 1.0]).sum().backward().wrt(b);
    approx::assert_relative_eq!(exact, Tensor::from([1.0, -1e8 + 1e4, 1.0]), max_relative = 1e-10);
    // A residual of 1e-7 in the second equation is a step of 1e-3 in the first unknown and of 10 in the second.
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| root([1e-3, -10.0, 1.0]).sum().backward()));
    let message = panic.unwrap_err().downcast_ref::<String>().cloned().unwrap();
    assert!(message.contains("has length 1.0e1, more than 6.1e-5"), "{message}");
    // Many unknowns: what the sweep sees of the step.
    let many = tape.tensor(Tensor::<f64>::ones([N]));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        implicit::root(|y, p| y.square() - p[0], Tensor::full([N], 1.5), &[many]).sum().backward()
    }));
    let message = panic.unwrap_err().downcast_ref::<String>().cloned().unwrap();
    assert!(message.contains("[300]: the solution does not solve the equation"), "{message}");
}
