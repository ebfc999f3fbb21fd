//! What second derivatives are for: gradient penalty, Newton's method, a step of meta-learning; and rules at order 3.

use gradtape::functional::{grad, hessian, hessian_sparse, tensors};
use gradtape::gradcheck::GradCheck;
use gradtape::{Rng, Tape, Tensor, TensorVar};

/// (‖∇ₓ D(x)‖ - 1)², the mean over rows: Gulrajani et al., "Improved Training of Wasserstein GANs", 2017.
fn penalty<'t>(critic: impl Fn(TensorVar<'t, f64>) -> TensorVar<'t, f64>, x: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
    let slope = x.tape().gradient(critic(x).sum(), &[x])[0];
    (slope.square().sum_axis(1, false).sqrt() - 1.0).square().mean()
}

#[test]
fn a_gradient_penalty() {
    // Of a linear critic x w: (‖w‖ - 1)², with the gradient 2 (1 - 1/‖w‖) w.
    let tape = Tape::new();
    let (x, w) = (tape.tensor(Tensor::randn([5, 2], &mut Rng::new(1))), tape.tensor([3.0, 4.0]));
    let loss = penalty(|x| x.matmul(w), x);
    assert!((loss.item() - 16.0f64).abs() < 1e-10);
    approx::assert_relative_eq!(loss.backward().wrt(w), Tensor::from([4.8, 6.4]), max_relative = 1e-10);
    // Of a network: its weights' gradients against differences.
    let mut rng = Rng::new(2);
    let inputs = [Tensor::randn([4, 3], &mut rng), Tensor::randn([3, 5], &mut rng), Tensor::randn([5], &mut rng)];
    GradCheck::new().check(|v| penalty(|x| x.matmul(v[1]).tanh().matmul(v[2]), v[0]), &inputs).unwrap();
}

#[test]
fn newtons_method_doubles_the_digits() {
    // Logistic regression; the minimum has a gradient of 0.
    let mut rng = Rng::new(3);
    let (x, y) = (Tensor::<f64>::randn([40, 2], &mut rng), Tensor::<f64>::rand([40], &mut rng).map(|y| y.round()));
    let mut w = Tensor::zeros([2]);
    let mut norms = Vec::new();
    for _ in 0..7 {
        let (inputs, targets) = (x.clone(), y.clone());
        let tape = Tape::new();
        let v = tape.tensor(&w);
        let logits = tape.constant(&inputs).matmul(v);
        let loss = (logits.softplus() - logits * tape.constant(&targets)).mean() + 0.01 * v.square().sum();
        let gradient = tape.gradient(loss, &[v])[0];
        let row = |i: usize| gradient.slice(0, i, i + 1, 1).sum().backward().wrt(v).into_vec();
        let (a, b, g) = (row(0), row(1), gradient.value().into_vec());
        let det = a[0] * b[1] - a[1] * b[0];
        norms.push(g[0].hypot(g[1]));
        w -= Tensor::from([(b[1] * g[0] - a[1] * g[1]) / det, (a[0] * g[1] - b[0] * g[0]) / det]);
    }
    assert!(norms.last().unwrap() < &1e-12, "{norms:?}");
    assert!(norms.windows(2).any(|pair| pair[0] < 1e-3 && pair[1] < 100.0 * pair[0] * pair[0]), "{norms:?}");
}

#[test]
fn newtons_method_on_a_sparse_hessian() {
    // A chain of coupled wells; each step solves three diagonals by Thomas's algorithm.
    let n = 1000;
    fn energy<T: num_traits::Float>(x: &[T]) -> T {
        let wells = x.iter().fold(T::zero(), |sum, x| sum + x.exp() - *x);
        x.windows(2).fold(wells, |sum, pair| sum + (pair[1] - pair[0]).powi(2))
    }
    let mut x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.1).sin()).collect();
    for _ in 0..8 {
        let h = hessian_sparse(|x| energy(x), &x);
        let mut g = grad(|x| energy(x), &x);
        let mut diagonal: Vec<f64> = (0..n).map(|i| h.get(i, i)).collect();
        for i in 1..n {
            let factor = h.get(i, i - 1) / diagonal[i - 1];
            diagonal[i] -= factor * h.get(i - 1, i);
            g[i] -= factor * g[i - 1];
        }
        for i in (0..n).rev() {
            let next = if i + 1 < n { h.get(i, i + 1) * g[i + 1] } else { 0.0 };
            g[i] = (g[i] - next) / diagonal[i];
            x[i] -= g[i];
        }
    }
    assert!(x.iter().all(|x| x.abs() < 1e-12));
}

#[test]
fn an_inner_step_of_meta_learning() {
    // Finn et al., 2017: the gradient of L₂(θ - α ∇L₁(θ)) is (1 - α ∇²L₁) ∇L₂.
    fn train<'t>(w: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
        w.exp().sum() + w.prod()
    }
    fn test<'t>(w: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
        (w - 1.0).powi(4).sum()
    }
    let (rate, start) = (0.1, Tensor::from([0.3, -0.7, 0.5]));
    let tape = Tape::new();
    let w = tape.tensor(&start);
    let adapted = w - rate * tape.gradient(train(w), &[w])[0];
    let found = test(adapted).backward().wrt(w);
    let slope = tensors::grad(|w| test(w[0]), &[adapted.value()])[0].clone();
    let e = start.exp();
    let (e, s) = (e.as_slice(), start.as_slice());
    let h = Tensor::from([[e[0], s[2], s[1]], [s[2], e[1], s[0]], [s[1], s[0], e[2]]]);
    approx::assert_relative_eq!(found, &slope - rate * h.matmul(&slope), max_relative = 1e-12);
}

#[test]
fn a_sample_of_rules_at_order_three() {
    let mut rng = Rng::new(5);
    let mut draw = |shape: &[usize]| Tensor::<f64>::randn(shape, &mut rng) * 0.5;
    let (a, b, v) = (draw(&[2, 3]), draw(&[3, 2]), draw(&[3]));
    let check = GradCheck::new().order(3).seeds(1).elements(12).rtol(1e-5);
    let third = |report: gradtape::gradcheck::Report| assert_eq!(report.orders.len(), 3, "{report}");
    third(check.check(|x| x[0].matmul(x[1]).tanh(), &[a.clone(), b]).unwrap());
    third(check.check(|x| x[0].softmax(1) * x[1], &[a.clone(), v.clone()]).unwrap());
    third(check.check(|x| x[0].logsumexp_axis(1, false).exp(), std::slice::from_ref(&a)).unwrap());
    third(check.check(|x| x[0].cumprod(1).sigmoid(), std::slice::from_ref(&a)).unwrap());
    third(check.check(|x| (x[0] / (x[1] + 3.0)).gelu(), &[a.clone(), v]).unwrap());
    third(check.check(|x| x[0].var_axis(1, true) + x[0].t().slice(0, 1, 2, 1).sin().sum(), &[a]).unwrap());
}

#[test]
fn scalars_on_the_way_name_the_way_out() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let y = TensorVar::stack_vars(&[x.at(&[0]) * x.at(&[1])]).sum();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tape.gradient(y, &[x]).len())).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("use a Tape<Dual<_>> (forward over reverse), or stay with tensors"), "{text}");
    // The way out: the same function through scalars, on dual numbers.
    let h = hessian(|x| x[0] * x[1], &[1.0, 2.0]);
    let dual = tensors::hessian(|x| TensorVar::stack_vars(&[through_scalars(x)]).sum(), &Tensor::from([1.0, 2.0]));
    assert_eq!(dual, h);
}

fn through_scalars<'t>(x: TensorVar<'t, gradtape::Dual<f64>>) -> gradtape::Var<'t, gradtape::Dual<f64>> {
    x.at(&[0]) * x.at(&[1])
}
