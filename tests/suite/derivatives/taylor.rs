//! Power series: every elementwise operation, directional derivatives, mixed partials, Laplacians, tensors.

use gradtape::functional::{
    derivatives, directional_derivatives, hessian, laplacian, laplacian_estimate, mixed_partial, tensors,
};
use gradtape::ops::Row;
use gradtape::{Dual, Rng, Tape, Taylor, Tensor};
use num_traits::Float;

type Nested = Dual<Dual<Dual<f64>>>;

/// The third derivatives along a curve by nested dual numbers, which are checked elsewhere.
fn nested(value: f64, [a, b, c]: [f64; 3]) -> Nested {
    // x(t) with t = e₁ + e₂ + e₃: t² = 2 (e₁e₂ + ..), t³ = 6 e₁e₂e₃.
    let pair = |x: f64, dx: f64| Dual::new(x, dx);
    let quad = |x, dx, ddx| Dual::new(pair(x, dx), pair(dx, ddx));
    Dual::new(quad(value, a, 2.0 * b), quad(a, 2.0 * b, 6.0 * c))
}

#[test]
fn every_row_of_the_table_agrees_with_nested_dual_numbers() {
    // Without optimisation, `Row::apply` on numbers of eight parts has a frame of megabytes.
    let thread = std::thread::Builder::new().stack_size(1 << 26).spawn(every_row_of_the_table).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn every_row_of_the_table() {
    let mut rng = Rng::new(3);
    let mut draw = |low: f64, high: f64| low + (high - low) * gradtape::rng::uniform(&mut rng);
    for (row, arity, (low, high)) in Row::ALL {
        for _ in 0..5 {
            let points: Vec<_> = (0..*arity).map(|_| (draw(*low, *high), [(); 3].map(|()| draw(-1.0, 1.0)))).collect();
            let series: Vec<_> = points.iter().map(|(x, c)| Taylor::<f64, 3>::new(*x, *c)).collect();
            let duals: Vec<_> = points.iter().map(|(x, c)| nested(*x, *c)).collect();
            let (y, z) = (row.apply(&series), row.apply(&duals));
            let expected =
                [z.value.value.value, z.value.value.tangent, z.value.tangent.tangent, z.tangent.tangent.tangent];
            for (k, expected) in expected.into_iter().enumerate() {
                let error = (y.derivative(k) - expected).abs();
                assert!(error <= 1e-10 * (1.0 + expected.abs()), "{row:?} {points:?}: order {k}: {y} and {expected}");
            }
        }
    }
}

#[test]
fn high_orders_in_closed_form() {
    let x = 0.7;
    let sine: [f64; 12] = derivatives(|x| (x * 2.0).sin(), x);
    for (i, derivative) in sine.iter().enumerate() {
        let k = i as i32 + 1;
        let expected = 2f64.powi(k) * (2.0 * x + f64::from(k) * std::f64::consts::FRAC_PI_2).sin();
        assert!((derivative - expected).abs() < 1e-10 * 2f64.powi(k), "{k}");
    }
    let inverse: [f64; 10] = derivatives(|x| 1.0 / (1.0 - x), 0.5);
    let mut factorial = 1.0;
    for (i, derivative) in inverse.iter().enumerate() {
        factorial *= i as f64 + 1.0;
        let expected = factorial * 2f64.powi(i as i32 + 2);
        assert!((derivative / expected - 1.0).abs() < 1e-12, "{i}");
    }
    // ln, sqrt, tanh and powers of series through their own identities, to order 9.
    let y: [f64; 9] = derivatives(|x| x.ln().exp() - x, 1.3);
    assert!(y.iter().all(|y| y.abs() < 1e-8), "{y:?}");
    let y: [f64; 9] = derivatives(|x| (x.sqrt() * x.powf(0.5) / x).ln() + x.sinh().asinh() - x, 1.3);
    assert!(y.iter().all(|y| y.abs() < 1e-6), "{y:?}");
    let y: [f64; 8] = derivatives(|x| (x * 2.0).sigmoid() * 2.0 - 1.0 - x.tanh(), 0.4);
    assert!(y.iter().all(|y| y.abs() < 1e-8), "{y:?}");
}

#[test]
fn powers_and_kinks_at_zero() {
    assert_eq!(derivatives(|x: Taylor<f64, 4>| x.powi(3), 0.0), [0.0, 0.0, 6.0, 0.0]);
    assert_eq!(derivatives(|x: Taylor<f64, 4>| x.powf(3.0), 0.0), [0.0, 0.0, 6.0, 0.0]);
    assert_eq!(derivatives(|x: Taylor<f64, 4>| Float::powf(x, 3.0.into()), 0.0), [0.0, 0.0, 6.0, 0.0]);
    assert_eq!(derivatives(|x: Taylor<f64, 3>| x.abs(), 0.0), [0.0; 3]);
    assert_eq!(derivatives(|x: Taylor<f64, 3>| x.relu() * x, 2.0), [4.0, 2.0, 0.0]);
    assert_eq!(derivatives(|x: Taylor<f64, 3>| x.clamp(0.0, 1.0), 2.0), [0.0; 3]);
    assert_eq!(derivatives(|x: Taylor<f64, 3>| (x * 0.0).sqrt(), 0.0), [0.0; 3]);
    assert_eq!(derivatives(|_: Taylor<f64, 2>| 5.0.into(), 2.0), [0.0; 2]);
    let none: [f64; 0] = derivatives(|x: Taylor<f64, 0>| x.sin(), 1.0);
    assert_eq!(none, [0.0; 0]);
}

#[test]
fn a_power_at_zero_whose_exponent_moves() {
    let power = |x: &[Taylor<f64, 2>]| x[0].pow(x[1]);
    // t^(1 + t), of which the second derivative does not exist, and t^(2 + t) = t² + t³ ln t + ..
    assert_eq!(directional_derivatives::<_, _, 1>(|x| x[0].pow(x[1]), &[0.0, 1.0], &[1.0, 1.0]), [1.0]);
    assert_eq!(directional_derivatives(power, &[0.0, 2.0], &[1.0, 1.0]), [0.0, 2.0]);
    assert_eq!(derivatives(|x: Taylor<f64, 1>| Float::powf(x, x + 1.0), 0.0), [1.0]);
    // x stays at 0.
    assert_eq!(directional_derivatives(power, &[0.0, 2.0], &[0.0, 1.0]), [0.0, 0.0]);
    // On a tensor, as the gradient of the gradient has it.
    let x = Tensor::from([[0.0, 2.0]]);
    let direction = Tensor::from([[1.0, 1.0]]);
    let (_, hvp) = {
        let tape = Tape::new();
        let v = tape.tensor(&x);
        let gradient = tape.gradient(v.slice(1, 0, 1, 1).pow(v.slice(1, 1, 2, 1)).sum(), &[v])[0];
        (tape.len(), (gradient * &direction).sum().backward().wrt(v))
    };
    assert_eq!((hvp * direction).sum().item(), 2.0);
}

#[test]
fn an_infinite_coefficient_leaves_the_lower_orders() {
    assert_eq!(derivatives(|x: Taylor<f64, 2>| x.pow(2.5), 0.0), [0.0, 0.0]);
    assert_eq!(derivatives(|x: Taylor<f64, 3>| x.pow(2.5), 0.0), [0.0, 0.0, f64::INFINITY]);
    assert_eq!(derivatives(|x: Taylor<f64, 3>| x.powf(2.5), 0.0), [0.0, 0.0, f64::INFINITY]);
    assert_eq!(derivatives(|x| Float::powf(x, Taylor::<f64, 3>::constant(2.5)), 0.0), [0.0, 0.0, f64::INFINITY]);
    // A product with a constant is the product with the number.
    let by_number = derivatives(|x: Taylor<f64, 3>| x.sqrt() * 2.0, 0.0);
    assert_eq!(by_number, [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY]);
    assert_eq!(derivatives(|x| x.sqrt() * Taylor::<f64, 3>::constant(2.0), 0.0), by_number);
    assert_eq!(derivatives(|x| Taylor::<f64, 3>::constant(2.0) * x.sqrt(), 0.0), by_number);
}

fn wave<T: Float>(x: &[T]) -> T {
    (x[0] * x[1]).sin() * x[2].exp() + x[1].powi(3) / x[2]
}

const POINT: [f64; 3] = [0.7, -0.4, 1.3];

#[test]
fn mixed_partials_of_any_order() {
    let [x, y, z] = POINT;
    let (s, c, e) = ((x * y).sin(), (x * y).cos(), z.exp());
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-10, "{a} {b}");
    near(mixed_partial(wave, &POINT, []), wave(&POINT));
    near(mixed_partial(wave, &POINT, [2]), s * e - y.powi(3) / z.powi(2));
    near(mixed_partial(wave, &POINT, [0, 1]), (c - x * y * s) * e);
    near(mixed_partial(wave, &POINT, [1, 0, 2]), (c - x * y * s) * e);
    near(mixed_partial(wave, &POINT, [1, 1, 1]), -x.powi(3) * c * e + 6.0 / z);
    near(mixed_partial(wave, &POINT, [0, 2, 0, 0]), -y.powi(3) * c * e);
    near(mixed_partial(wave, &POINT, [1, 2, 1, 2]), -x * x * s * e + 12.0 * y / z.powi(3));
    near(mixed_partial(wave, &POINT, [0, 0, 1, 1, 2]), (x * x * y * y * s - 4.0 * x * y * c - 2.0 * s) * e);
}

#[test]
fn laplacians_exact_and_estimated() {
    let trace = |h: Tensor<f64>| (0..3).map(|i| h.as_slice()[4 * i]).sum::<f64>();
    let expected = trace(hessian(|x| wave(x), &POINT));
    assert!((laplacian(wave, &POINT) - expected).abs() < 1e-12);
    let [_, along] = directional_derivatives(wave, &POINT, &[1.0, 0.0, 0.0]);
    assert!((along - hessian(|x| wave(x), &POINT).as_slice()[0]).abs() < 1e-12);
    let estimate = laplacian_estimate(wave, &POINT, 4000, &mut Rng::new(1));
    assert!((estimate.mean - expected).abs() < 4.0 * estimate.standard_error, "{estimate:?} {expected}");
    assert!(estimate.standard_error < 0.3, "{estimate:?}");
    // |x|² in a thousand dimensions has the Laplacian 2000, and no part beside its diagonal.
    let x = vec![0.3; 1000];
    let one = laplacian_estimate(|x| x.iter().map(|x| x * x).sum(), &x, 1, &mut Rng::new(1));
    assert!((one.mean - 2000.0).abs() < 1e-9 && one.standard_error.is_infinite());
}

#[test]
fn tensors_of_series_go_through_products_and_reductions() {
    let (a, b) = (Tensor::<f64>::randn([3, 4], &mut Rng::new(1)), Tensor::randn([4, 2], &mut Rng::new(2)));
    let series = |x: &Tensor<f64>| {
        let numbers = x.iter().map(|x| Taylor::<f64, 3>::along(*x, 0.5 * x + 1.0)).collect();
        Tensor::from_vec(numbers, x.shape()).unwrap()
    };
    let y = series(&a).matmul(series(&b)).tanh().softmax(1).sum_axis(0, false).prod().item();
    // The same along t, number by number.
    let along = |t: Taylor<f64, 3>| {
        let at = |x: f64| t * (0.5 * x + 1.0) + x;
        let mut product = Taylor::constant(1.0);
        let rows: Vec<Vec<Taylor<f64, 3>>> = (0..3)
            .map(|i| {
                let entry = |j: usize| -> Taylor<f64, 3> {
                    (0..4).map(|k| at(a.get(&[i, k]).unwrap()) * at(b.get(&[k, j]).unwrap())).sum()
                };
                let e: Vec<_> = (0..2).map(|j| entry(j).tanh().exp()).collect();
                let sum: Taylor<f64, 3> = e.iter().sum();
                e.iter().map(|e| *e / sum).collect()
            })
            .collect();
        for j in 0..2 {
            product *= rows.iter().map(|row| row[j]).sum::<Taylor<f64, 3>>();
        }
        product
    };
    let expected: [f64; 3] = derivatives(along, 0.0);
    for (k, expected) in expected.iter().enumerate() {
        assert!((y.derivative(k + 1) - expected).abs() < 1e-10, "{k}: {y} {expected}");
    }
}

#[test]
fn the_laplacian_of_a_network() {
    use gradtape::nn::Module;
    use gradtape::prelude::*;
    let net = network!(dense(3, 16, tanh), dense(16, 16, softplus), dense(16, 1)).init_as::<f64>(&mut Rng::new(7));
    let x = Tensor::randn([5, 3], &mut Rng::new(8));
    let series = Module::<f64>::convert::<Taylor<f64, 2>>(&net);
    let found = tensors::laplacian(|x| series.forward(x), &x);
    assert_eq!(found.shape(), [5, 1]);
    // The same by recorded gradients of gradients.
    let tape = Tape::new();
    let v = tape.tensor(&x);
    let gradient = tape.gradient(net.forward(v).sum(), &[v])[0];
    let mut expected = Tensor::zeros([5, 1]);
    for j in 0..3 {
        let column = gradient.slice(1, j, j + 1, 1).sum();
        let second = column.backward().wrt(v);
        expected += second.slice(1, j, j + 1, 1);
    }
    approx::assert_relative_eq!(found, expected, max_relative = 1e-10);
    let estimate = tensors::laplacian_estimate(|x| series.forward(x), &x, 300, &mut Rng::new(9));
    assert!((estimate.mean - found.mean().item()).abs() < 4.0 * estimate.standard_error, "{estimate:?}");
}

#[test]
fn series_on_a_tape_are_derivatives_of_gradients() {
    let tape = Tape::<Taylor<f64, 3>>::new();
    let x = tape.var(Taylor::variable(0.5));
    let gradient = (x.sin() * x).backward().wrt(x);
    // f' = sin + x cos; f'' = 2 cos - x sin; f''' = -3 sin - x cos; f'''' = -4 cos + x sin.
    let (s, c) = (0.5f64.sin(), 0.5f64.cos());
    for (k, expected) in [s + 0.5 * c, 2.0 * c - 0.5 * s, -3.0 * s - 0.5 * c, -4.0 * c + 0.5 * s].iter().enumerate() {
        assert!((gradient.derivative(k) - expected).abs() < 1e-12);
    }
}

#[test]
fn functions_of_tensors() {
    let (x, w) = (Tensor::from([[0.3, -0.5], [1.2, 0.4]]), Tensor::from([0.7, -1.1]));
    let f64s = [x.clone(), w.clone()];
    let (value, gradient) = tensors::value_and_grad(|x| x[0].matmul(x[1]).exp().sum(), &f64s);
    let e: Vec<f64> = x.matmul(&w).iter().map(|y| y.exp()).collect();
    assert!((value - e[0] - e[1]).abs() < 1e-12);
    let expected = Tensor::from([[e[0] * 0.7, e[0] * -1.1], [e[1] * 0.7, e[1] * -1.1]]);
    approx::assert_relative_eq!(gradient[0], expected, max_relative = 1e-12);
    let j = tensors::jacobian(|x| x.tape().constant(&w).matmul(x.exp()), &x);
    assert_eq!(j.shape(), [2, 2, 2]);
    let h = tensors::hessian(|x| x.exp().sum() + x.prod(), &w);
    let expected = [0.7f64.exp(), 1.0, 1.0, (-1.1f64).exp()];
    approx::assert_relative_eq!(h, Tensor::from_vec(expected.to_vec(), [2, 2]).unwrap(), max_relative = 1e-12);
    let (_, along) = tensors::jvp(|x| x[0].matmul(x[1]), &f64s, &[x.clone(), w.clone()]);
    approx::assert_relative_eq!(along, x.matmul(&w) * 2.0, max_relative = 1e-12);
    let hv = tensors::hvp(|x| x[0].matmul(x[1]).sum(), &f64s, &[Tensor::ones([2, 2]), Tensor::zeros([2])]);
    assert_eq!((hv[0].clone(), hv[1].clone()), (Tensor::zeros([2, 2]), Tensor::from([2.0, 2.0])));
    assert_eq!(tensors::grad(|x| x[0].tape().constant(5.0), &f64s)[1], Tensor::zeros([2]));
}
