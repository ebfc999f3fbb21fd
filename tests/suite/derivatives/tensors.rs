//! Functions of tensors: every member of the family against closed forms, and functions of numbers that go through
//! tensors.

use super::near;
use gradtape::functional::{self, Mode, tensors};
use gradtape::{MultiDual, Rng, Scalar, Tape, Taylor, Tensor, TensorVar, Var};

/// `exp(a·x)`, of which every derivative is a product of numbers of a and the value.
fn wave<'t, T: Scalar>(x: TensorVar<'t, T>) -> TensorVar<'t, T> {
    let a = A.map(T::lit).to_vec();
    x.reshape([4]).dot(x.tape().constant(a)).exp()
}

const A: [f64; 4] = [0.5, -1.0, 2.0, 0.25];
const X: [[f64; 2]; 2] = [[0.3, 0.7], [-0.2, 1.1]];

fn value() -> f64 {
    A.iter().zip(X.as_flattened()).map(|(a, x)| a * x).sum::<f64>().exp()
}

#[test]
fn one_number_of_a_tensor() {
    let (x, y) = (Tensor::from(X), value());
    let v = Tensor::from([[1.0, 2.0], [-3.0, 0.5]]);
    let along: f64 = A.iter().zip(v.iter()).map(|(a, v)| a * v).sum();
    let (x1, v1) = (std::slice::from_ref(&x), std::slice::from_ref(&v));
    near(tensors::grad(|x| wave(x[0]), x1)[0].as_slice(), A.map(|a| a * y));
    let (found, gradient) = tensors::value_and_grad(|x| wave(x[0]), x1);
    near(&[found], [y]);
    near(gradient[0].as_slice(), A.map(|a| a * y));
    let (found, derivative) = tensors::jvp(|x| wave(x[0]), x1, v1);
    near(&[found.item(), derivative.item()], [y, along * y]);
    let (found, pulled) = tensors::vjp(|x| wave(x[0]), x1, &Tensor::scalar(3.0));
    near(&[found.item()], [y]);
    near(pulled[0].as_slice(), A.map(|a| 3.0 * a * y));
    near(tensors::hvp(|x| wave(x[0]), x1, v1)[0].as_slice(), A.map(|a| a * along * y));
    let h: Vec<f64> = (0..16).map(|ij| A[ij / 4] * A[ij % 4] * y).collect();
    let found = tensors::hessian(wave, &x);
    assert_eq!(found.shape(), [2, 2, 2, 2]);
    near(found.as_slice(), h.clone());
    near(tensors::hessian_sparse(wave, &x).to_dense().as_slice(), h);
    let diagonal = tensors::hessian_diagonal(wave, &x);
    assert_eq!(diagonal.shape(), [2, 2]);
    near(diagonal.as_slice(), A.map(|a| a * a * y));
    near(tensors::jacobian(wave, &x).as_slice(), A.map(|a| a * y));
    near(tensors::jacobian_forward(wave, &x).as_slice(), A.map(|a| a * y));
    // A Laplacian for each row.
    let rows = tensors::laplacian(rowwise, &x);
    let each = X.map(|[x, y]| (0.5 * x - y).exp() * 1.25);
    near(rows.as_slice(), each);
    let estimate = tensors::laplacian_estimate(rowwise, &x, 2000, &mut Rng::new(1));
    assert!((estimate.mean - (each[0] + each[1]) / 2.0).abs() < 4.0 * estimate.standard_error, "{estimate:?}");
}

/// `exp(0.5 x₀ - x₁)` of each row.
fn rowwise<'t>(x: TensorVar<'t, Taylor<f64, 2>>) -> TensorVar<'t, Taylor<f64, 2>> {
    x.matmul(x.tape().constant(vec![Taylor::constant(0.5), Taylor::constant(-1.0)])).exp()
}

/// `exp(xᵢ xᵢ₊₁)`: two diagonals, `xᵢ₊₁ yᵢ` and `xᵢ yᵢ`.
fn pairs<'t, T: Scalar>(x: TensorVar<'t, T>) -> TensorVar<'t, T> {
    let n = x.shape()[0];
    (x.slice(0, 0, n - 1, 1) * x.slice(0, 1, n, 1)).exp()
}

#[test]
fn jacobians_in_either_direction_and_sparse() {
    let n = 20;
    let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin() + 1e-3).collect();
    let entry = |i: usize, j: usize| {
        let y = (x[i] * x[i + 1]).exp();
        if j == i {
            x[i + 1] * y
        } else if j == i + 1 {
            x[i] * y
        } else {
            0.0
        }
    };
    let expected: Vec<f64> = (0..(n - 1) * n).map(|at| entry(at / n, at % n)).collect();
    let point = Tensor::from(x.clone());
    for mode in [Mode::Auto, Mode::Forward, Mode::Reverse] {
        near(tensors::jacobian_with(mode, pairs, &point).as_slice(), expected.clone());
    }
    near(tensors::jacobian(pairs, &point).as_slice(), expected.clone());
    near(tensors::jacobian_forward(pairs, &point).as_slice(), expected.clone());
    let sparse = tensors::jacobian_sparse(pairs, &point);
    assert_eq!(sparse.stored(), 2 * (n - 1));
    near(sparse.to_dense().as_slice(), expected);
    // Few numbers and many results: forward is chosen.
    let few = Tensor::from([0.5, 2.0]);
    let tall = |mode| tensors::jacobian_with(mode, |x| x.repeat(&[50]).exp() * x.sum(), &few);
    assert_eq!(tall(Mode::Auto).shape(), [100, 2]);
    assert_eq!(tall(Mode::Auto), tall(Mode::Forward));
    near(tall(Mode::Auto).as_slice(), tall(Mode::Reverse).into_vec());
    // Nothing, and a constant.
    let none = Tensor::<f64>::zeros([0]);
    assert_eq!(tensors::jacobian(|x| x.square(), &none).shape(), [0, 0]);
    assert_eq!(tensors::jacobian_forward(|x| x.square(), &none).shape(), [0, 0]);
    assert_eq!(tensors::jacobian_sparse(|x| x.square(), &none).shape(), [0, 0]);
    for mode in [Mode::Forward, Mode::Reverse] {
        assert_eq!(tensors::jacobian_with(mode, |x| x.tape().constant([1.0, 2.0]), &few), Tensor::zeros([2, 2]));
    }
}

#[test]
fn where_there_is_no_forward_direction_the_way_out_is_said() {
    let x = Tensor::from([1.0, 2.0]);
    let through =
        |mode| tensors::jacobian_with(mode, |x| TensorVar::stack_vars(&[x.at(&[0]) * x.at(&[1])]).repeat(&[20]), &x);
    assert_eq!(through(Mode::Auto), through(Mode::Reverse));
    assert_eq!(through(Mode::Auto).as_slice()[..2], [2.0, 1.0]);
    let text = panic_of(|| through(Mode::Forward));
    assert!(text.starts_with("jacobian_with: ") && text.contains("passes through scalars"), "{text}");
    assert!(text.ends_with("or use Mode::Reverse, or jacobian_forward, which runs on dual numbers"), "{text}");
    let text = panic_of(|| functional::jacobian_with(Mode::Forward, squares, &[1.0, 2.0, 3.0]));
    assert!(text.starts_with("jacobian_with: the function computes with tensors"), "{text}");
    assert!(text.contains("use Mode::Reverse or Mode::Auto, or dual numbers"), "{text}");
    let text = panic_of(|| functional::jacobian_sparse_with(Mode::Forward, squares, &[1.0, 2.0, 3.0]));
    assert!(text.starts_with("jacobian_sparse: the function computes with tensors"), "{text}");
}

fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(f()))).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

/// Numbers put together, computed with as a tensor, and taken apart: `xᵢ² xᵢ₊₁`.
fn squares<'t, T: Scalar>(x: &[Var<'t, T>]) -> Vec<Var<'t, T>> {
    let n = x.len();
    let x = TensorVar::stack_vars(x);
    let y = x.slice(0, 0, n - 1, 1).square() * x.slice(0, 1, n, 1);
    (0..n - 1).map(|i| y.at(&[i])).collect()
}

#[test]
fn functions_of_numbers_go_through_tensors() {
    let n = 300;
    let x: Vec<f64> = (0..n).map(|i| 1.5 + (i as f64 * 0.37).sin()).collect();
    let sparse = functional::jacobian_sparse(squares, &x);
    assert_eq!((sparse.shape(), sparse.stored()), ([n - 1, n], 2 * (n - 1)));
    for i in 0..n - 1 {
        near(&[sparse.get(i, i), sparse.get(i, i + 1)], [2.0 * x[i] * x[i + 1], x[i] * x[i]]);
    }
    let few = &x[..40];
    let dense = functional::jacobian_with(Mode::Auto, squares, few);
    near(dense.as_slice(), functional::jacobian_sparse(squares, few).to_dense().into_vec());
    let h = functional::hessian_sparse(|x| squares(x).into_iter().sum(), &x);
    assert_eq!(h.stored(), 3 * n - 2 - 1);
    for i in 0..n - 1 {
        near(&[h.get(i, i), h.get(i, i + 1), h.get(i + 1, i)], [2.0 * x[i + 1], 2.0 * x[i], 2.0 * x[i]]);
    }
}

fn rosenbrock<'t>(x: TensorVar<'t, MultiDual<f64, 8>>) -> TensorVar<'t, MultiDual<f64, 8>> {
    let n = x.shape()[0];
    let (now, next) = (x.slice(0, 0, n - 1, 1), x.slice(0, 1, n, 1));
    (100.0 * (next - now.square()).square() + (1.0 - now).square()).sum()
}

#[test]
fn the_sparse_hessian_of_rosenbrock_on_a_tensor_of_ten_thousand_numbers() {
    let n = 10_000;
    let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin() + 1e-3).collect();
    let h = tensors::hessian_sparse(rosenbrock, &Tensor::from(x.clone()));
    assert_eq!((h.shape(), h.stored()), ([n, n], 3 * n - 2));
    for i in 0..n {
        let left = if i > 0 { 200.0 } else { 0.0 };
        let right = if i + 1 < n { 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0 } else { 0.0 };
        assert!((h.get(i, i) - left - right).abs() < 1e-10, "{i}");
        if i + 1 < n {
            assert!((h.get(i, i + 1) + 400.0 * x[i]).abs() < 1e-10 && (h.get(i + 1, i) + 400.0 * x[i]).abs() < 1e-10);
        }
    }
}

/// Softmax and its kin.
fn of_logits<T: Scalar>(i: usize, x: TensorVar<'_, T>) -> TensorVar<'_, T> {
    match i {
        0 => x.softmax(0),
        1 => x.log_softmax(0),
        _ => x.logsumexp_axis(0, true),
    }
}

#[test]
fn an_infinite_logit_has_one_derivative_in_both_directions() {
    let (inf, low) = (f64::INFINITY, f64::NEG_INFINITY);
    for (i, numbers) in (0..3)
        .flat_map(|i| [[inf, 1.0, 2.0], [1.0, inf, inf], [low, low, low], [low, 1.0, 2.0]].map(|numbers| (i, numbers)))
    {
        let x = Tensor::from(numbers);
        let tape = Tape::new();
        let v = tape.tensor(&x);
        let y = of_logits(i, v);
        for j in 0..3 {
            let mut unit = [0.0; 3];
            unit[j] = 1.0;
            let (_, forward) = tensors::jvp(|x| of_logits(i, x[0]), std::slice::from_ref(&x), &[unit.into()]);
            let series = numbers.iter().zip(unit).map(|(x, dx)| Taylor::<f64, 1>::along(*x, dx)).collect();
            let of_series = Tape::new();
            let series = of_logits(i, of_series.tensor(Tensor::from_vec(series, [3]).unwrap())).value();
            let len = forward.len();
            for (k, forward) in forward.iter().enumerate() {
                let mut seed = vec![0.0; len];
                seed[k] = 1.0;
                let reverse = y.backward_with(Tensor::from(seed)).wrt(v).as_slice()[j];
                assert!((forward - reverse).abs() < 1e-15, "{i}: {x:?}, {k} by {j}: {forward} and {reverse}");
                let series = series.as_slice()[k].derivative(1);
                assert!((series - forward).abs() < 1e-15, "{i}: {x:?}, {k} by {j}: {series} and {forward}");
            }
        }
    }
    let x = [Tensor::from([inf, 1.0, 2.0])];
    let gradient = tensors::grad(|x| x[0].logsumexp_axis(0, false), &x);
    assert_eq!(gradient[0], Tensor::from([1.0, 0.0, 0.0]));
    let along = functional::jvp(|x| gradtape::numeric::logsumexp(x), &[inf, 1.0, 2.0], &[1.0, 0.0, 0.0]).1;
    assert_eq!(along, 1.0);
}
