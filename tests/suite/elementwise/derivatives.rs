//! Their derivatives: to the third order, of every function of the table, at kinks, in branches that are not taken.

use super::{close, drawn, leaky, swish};
use gradtape::gradcheck::GradCheck;
use gradtape::{Dual, Rng, Tape, Tensor, TensorVar, elementwise};

#[test]
fn three_orders() {
    let x = drawn(&[&[2, 3], &[3]], -2.0, 2.0);
    GradCheck::new().order(3).check(|x| swish(x[0], x[1]), &x).unwrap();

    #[elementwise]
    fn many<T>(x: T, y: T) -> T {
        let p = pow(x, y) + powf(x, 1.5) - x.powi(-2) + y.powi(3);
        let q = hypot(x, y) * atan2(y, x) / (x + y).recip();
        let r = (x.ln() + y.log2() - x.log10()) * (y.ln_1p() + x.exp2() - y.expm1());
        p * 0.1 + q.square().sqrt() - r / 4
    }
    let x = drawn(&[&[2, 2], &[2, 1]], 0.6, 1.4);
    GradCheck::new().order(3).check(|x| many(x[0], x[1]), &x).unwrap();

    #[elementwise]
    fn bounded<T>(x: T, y: T) -> T {
        let u = x.sin() * y.cos() + x.cos() * y.sin() - tan(x / 2.0);
        let v = asin(x / 3.0) + acos(y / 3.0) - atan(x * y) + (x / 3.0).atanh() * acosh(3.0 + y);
        let w = x.sinh() * y.cosh() - x.cosh() * y.sinh() + tanh(x - y) * asinh(x);
        let a = sigmoid(x) + softplus(y) * softsign(x) + gelu(y) - gelu_tanh(x) + silu(y) * mish(x) + selu(y);
        let b = elu(x, 1.5) + leaky_relu(y, 0.1) + relu(x) - abs(y) + erf(x) * erfc(y) + lgamma(3.0 + x);
        let c = maximum(x, 2 * y) - minimum(x, y + 0.1) + clamp(y, -1.0, 1.0) + neg(x) * sign(y);
        u + v * w + a - b * c + floor(x) + ceil(y) - round(x + y)
    }
    let x = [Tensor::from([0.3, -1.3]), Tensor::from([[0.45], [-0.7]])];
    GradCheck::new().order(2).check(|x| bounded(x[0], x[1]), &x).unwrap();
}

#[test]
fn literal_factors_of_one_and_zero() {
    // Products with these are simplified, on either side and with either sign.
    #[elementwise]
    fn right<T>(x: T) -> T {
        sin(x * -1.0) * -1.0 + exp(x * 1.0) / -1.0 + cos(x * 0.0 + x) * 1.0 + tanh(x) * 0.0
    }
    #[elementwise]
    fn left<T>(x: T) -> T {
        -1.0 * sin(-1.0 * x) + exp(1.0 * x) * -1.0 + 1.0 * cos(0.0 * x + x) + 0.0 * tanh(x)
    }
    let by_hand = |x: f64| (x.sin() - x.exp() + x.cos(), x.cos() - x.exp() - x.sin());
    let tape = Tape::new();
    for x in [-1.3, 0.0, 0.7] {
        for f in [right::<gradtape::Var<'_, f64>>, left] {
            let v = tape.var(x);
            let y = f(v);
            let (value, slope) = by_hand(x);
            assert!(close(y.value(), value) && close(y.backward().wrt(v), slope), "at {x}");
        }
    }
    let x = [Tensor::from([0.7, -1.3])];
    GradCheck::new().order(3).check(|x| right(x[0]), &x).unwrap();
    GradCheck::new().order(3).check(|x| left(x[0]), &x).unwrap();
}

#[test]
fn both_call_styles_are_the_same() {
    macro_rules! same {
        ($($name:ident($($parameter:expr),*)),* $(,)?) => { $({
            #[elementwise]
            fn free<T>(x: T) -> T {
                $name(x $(, $parameter)*)
            }
            #[elementwise]
            fn method<T>(x: T) -> T {
                x.$name($($parameter),*)
            }
            let x = Tensor::from([0.3, 0.8]);
            assert_eq!(free(&x), x.$name($($parameter),*), stringify!($name));
            assert_eq!(free(&x), method(&x));
            // Where the formula is nothing but the function, its slope is the table's.
            let tape = Tape::new();
            let v = tape.tensor(&x);
            let slopes = |y: TensorVar<'_, f64>| y.sum().backward().wrt(v);
            let (ours, theirs) = (slopes(free(v)), slopes(v.$name($($parameter),*)));
            assert!(ours.iter().zip(theirs.iter()).all(|(a, b)| close(*a, *b)), stringify!($name));
        })* };
    }
    same!(
        neg(),
        abs(),
        exp(),
        exp2(),
        expm1(),
        ln(),
        log2(),
        log10(),
        ln_1p(),
        sqrt(),
        recip(),
        square(),
        sin(),
        cos(),
        tan(),
        asin(),
        acos(),
        atan(),
        sinh(),
        cosh(),
        tanh(),
        asinh(),
        atanh(),
        sigmoid(),
        relu(),
        leaky_relu(0.1),
        elu(1.5),
        selu(),
        silu(),
        mish(),
        softplus(),
        softsign(),
        gelu(),
        gelu_tanh(),
        erf(),
        erfc(),
        lgamma(),
        clamp(0.4, 0.9),
        powf(1.7),
        powi(3),
        powi(-2),
    );
}

#[test]
fn kinks_have_the_slope_of_the_way_that_is_taken() {
    for (x, slope) in [(2.0, 1.0), (0.0, 0.25), (-0.0, 0.25), (-3.0, 0.25)] {
        let tape = Tape::new();
        let v = tape.var(x);
        assert_eq!(leaky(v, 0.25).backward().wrt(v), slope);
        let v = tape.tensor([x]);
        let y = leaky(v, 0.25).sum();
        assert_eq!(y.backward().wrt(v).item(), slope);
        assert_eq!(tape.gradient(y, &[v])[0].value().item(), slope);
        assert_eq!(leaky(Dual::new(x, 1.0), 0.25).tangent, slope);
    }
    // NaN takes the second way, as in Rust.
    assert!(leaky(f64::NAN, 0.25).is_nan());
}

#[test]
fn chains_of_branches() {
    #[elementwise]
    fn huber<T>(x: T, y: T, delta: f64) -> T {
        let d = x - y;
        if d > delta {
            delta * (d - 0.5 * delta)
        } else if d < -delta {
            let d = -d;
            delta * (d - 0.5 * delta)
        } else {
            0.5 * d * d
        }
    }
    let x = [Tensor::from([3.0, 0.3, -2.0, 0.0]), Tensor::from(0.1)];
    assert_eq!(huber(&x[0], &x[1], 1.0).as_slice()[0], 2.9 - 0.5);
    GradCheck::new().order(2).check(|x| huber(x[0], x[1], 1.0) * x[0], &x).unwrap();

    #[elementwise]
    fn regions<T>(x: T, y: T, k: f64) -> T {
        let inside = if (x >= 0.0 && x <= 1.0) || !(y != 2.0) { x * y } else { x + y };
        let constant = if k > 0.0 { k * 2.0 } else { 0.0 };
        let chosen = if k == 1.0 { x.exp() } else { y.exp() };
        inside.square() * constant + chosen
    }
    for k in [1.0, 2.0, -1.0] {
        let by_hand = |x: f64, y: f64| {
            let inside = if (0.0..=1.0).contains(&x) || y == 2.0 { x * y } else { x + y };
            let constant = if k > 0.0 { k * 2.0 } else { 0.0 };
            inside * inside * constant + if k == 1.0 { x.exp() } else { y.exp() }
        };
        for (x, y) in [(0.0, 3.0), (1.0, -1.0), (1.5, 2.0), (1.5, 0.5), (-0.5, 2.5)] {
            assert!(close(regions(x, y, k), by_hand(x, y)));
        }
        let x = [Tensor::from([0.5, 1.5, -0.5]), Tensor::from([[0.3], [1.7]])];
        GradCheck::new().order(3).check(|x| regions(x[0], x[1], k), &x).unwrap();
    }
}

#[test]
fn a_way_that_is_not_taken_contributes_nothing() {
    #[elementwise]
    fn safe_root<T>(x: T, y: T) -> T {
        let root = x.sqrt();
        let product = root * y;
        let inverse = if x > 0.0 { ln(x) / x } else { 0.0 };
        if x > 0.0 { product + inverse } else { y }
    }
    let tape = Tape::new();
    let (x, y) = (tape.tensor([-1.0, 0.0, 4.0]), tape.tensor([1.0, 2.0, 3.0]));
    let z = safe_root(x, y).sum();
    let expected = [[0.0, 0.0, 0.75 + (1.0 - 4f64.ln()) / 16.0], [1.0, 1.0, 2.0]];
    let gradients = z.backward();
    let recorded = tape.gradient(z, &[x, y]);
    for (i, v) in [x, y].into_iter().enumerate() {
        for (k, expected) in expected[i].iter().enumerate() {
            assert!(close(gradients.wrt(v).as_slice()[k], *expected), "input {i}, element {k}");
            assert!(close(recorded[i].value().as_slice()[k], *expected), "recorded, input {i}, element {k}");
        }
    }
    // And once more through the recorded gradient.
    let second = (recorded[0] * recorded[0] + recorded[1]).sum().backward().wrt(x);
    assert!(second.iter().all(|x| x.is_finite()), "{second}");
    for (k, x) in [-1.0, 0.0, 4.0].into_iter().enumerate() {
        let dual = safe_root(Dual::new(x, 1.0), Dual::new(1.0 + k as f64, 0.0));
        assert!(close(dual.tangent, expected[0][k]));
    }
}

#[test]
fn an_overflow_inside_has_the_slopes_of_the_limit() {
    let tape = Tape::new();
    for x in [-1000.0, -1e300, 1000.0] {
        let (v, beta) = (tape.var(x), tape.var(1.0));
        let gradients = swish(v, beta).backward();
        assert_eq!(gradients.wrt(v), if x > 0.0 { 1.0 } else { 0.0 });
        assert_eq!(gradients.wrt(beta), 0.0);
    }
    let x = tape.tensor(Tensor::<f64>::from([-1000.0]));
    let slope = tape.gradient(swish(x, tape.tensor([1.0])).sum(), &[x])[0];
    assert_eq!(slope.value().item(), 0.0);
}

#[test]
fn all_slopes_together_are_each_one_alone() {
    // Rows longer than a block, of lengths that it does not divide, along every kind of step.
    let mut rng = Rng::new(5);
    for shape in [vec![1], vec![31], vec![100], vec![3, 70], vec![2, 2, 33]] {
        let x: Tensor<f64> = Tensor::randn(&shape, &mut rng);
        for beta in [vec![], vec![1], shape[shape.len() - 1..].to_vec(), shape.clone()] {
            let beta: Tensor<f64> = Tensor::randn(&beta, &mut rng);
            let seed: Tensor<f64> = Tensor::randn(&shape, &mut rng);
            let tape = Tape::new();
            let (vx, vb) = (tape.tensor(&x), tape.tensor(&beta));
            let together = swish(vx, vb).backward_with(&seed);
            let first = swish(vx, tape.constant(&beta)).backward_with(&seed).wrt(vx);
            let second = swish(tape.constant(&x), vb).backward_with(&seed).wrt(vb);
            assert!(together.wrt(vx).iter().zip(first.iter()).all(|(a, b)| close(*a, *b)));
            assert!(together.wrt(vb).iter().zip(second.iter()).all(|(a, b)| close(*a, *b)));
        }
    }
}
