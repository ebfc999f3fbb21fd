//! Formulas made by `#[elementwise]`, against formulas written by hand: on every type they run on, to the third order,
//! at kinks, in branches that are not taken, and in the company of names that meet those of the generated code.
#![deny(warnings)]

use gradtape::gradcheck::GradCheck;
use gradtape::{Dual, ElementwiseArgument, Rng, Scalar, Tape, Tensor, TensorVar, Var, elementwise};

#[elementwise]
/// x sigmoid(beta x)
pub fn swish<T>(x: T, beta: T) -> T {
    x / (1.0 + exp(-beta * x))
}

#[elementwise]
fn leaky<T>(x: T, slope: f64) -> T {
    if x > 0.0 { x } else { slope * x }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1.0)
}

/// The value and both slopes of swish, by hand.
fn swish_by_hand(x: f64, beta: f64) -> (f64, f64, f64) {
    let s = 1.0 / (1.0 + (-beta * x).exp());
    (x * s, s + beta * x * s * (1.0 - s), x * x * s * (1.0 - s))
}

#[test]
fn one_name_for_every_type() {
    let (x, beta) = (0.7, 1.5);
    let (value, by_x, by_beta) = swish_by_hand(x, beta);

    assert!(close(swish(x, beta), value));
    assert!((f64::from(swish(0.7f32, 1.5)) - value).abs() < 1e-6);

    let dual: Dual<f64> = swish(Dual::new(x, 1.0), Dual::new(beta, 2.0));
    assert!(close(dual.value, value) && close(dual.tangent, by_x + 2.0 * by_beta));

    let tape = Tape::new();
    let (vx, vb) = (tape.var(x), tape.var(beta));
    let y: Var<'_, f64> = swish(vx, vb);
    let gradients = y.backward();
    assert!(close(y.value(), value) && close(gradients.wrt(vx), by_x) && close(gradients.wrt(vb), by_beta));

    let (tx, tb) = (tape.tensor([x, -x, 0.0]), tape.tensor(beta));
    let y: TensorVar<'_, f64> = swish(tx, tb);
    let gradients = y.sum().backward();
    let [there, back, zero] = [x, -x, 0.0].map(|x| swish_by_hand(x, beta));
    for (i, by_hand) in [there, back, zero].into_iter().enumerate() {
        assert!(close(y.value().as_slice()[i], by_hand.0));
        assert!(close(gradients.wrt(tx).as_slice()[i], by_hand.1));
    }
    assert!(close(gradients.wrt(tb).item(), there.2 + back.2 + zero.2));

    let (x, b) = (Tensor::from([x, -x, 0.0]), Tensor::from(beta));
    assert_eq!(swish(&x, &b), y.value());
    assert_eq!(swish(x.clone(), b), y.value());
    let (x, b) = (Tensor::from([0.7f32, -0.7]), Tensor::from([1.5f32, 1.5]));
    assert_eq!(swish(&x, &b).as_slice(), [swish(0.7f32, 1.5), swish(-0.7f32, 1.5)]);
}

#[test]
fn the_value_is_the_plain_expression() {
    #[elementwise]
    fn f<T>(x: T, y: T) -> T {
        let s = x.sqrt() * 2.0 - y / 3.0;
        s.tanh() + (x * y).sin().abs() * 0.1 - 1.0 / (x + 0.25)
    }
    for i in 0..50 {
        let (x, y) = (0.1 * f64::from(i), 2.0 - 0.07 * f64::from(i));
        let s = x.sqrt() * 2.0 - y / 3.0;
        assert_eq!(f(x, y), s.tanh() + (x * y).sin().abs() * 0.1 - 1.0 / (x + 0.25));
        let (x, y) = (x as f32, y as f32);
        let s = x.sqrt() * 2.0 - y / 3.0;
        assert_eq!(f(x, y), s.tanh() + (x * y).sin().abs() * 0.1 - 1.0 / (x + 0.25));
    }
}

#[test]
fn literals_and_generic_code_infer() {
    let y: f32 = swish(1.0, 2.0);
    assert_eq!(y, swish(1.0f32, 2.0));
    assert_eq!(swish(1.0, 2.0), swish(1.0f64, 2.0));
    assert_eq!(leaky(-1.0, 0.5), -0.5);
    fn over_tapes<'t, T: Scalar>(x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        swish(x, 2.0 * x).sum()
    }
    fn over_numbers<T: Scalar>(x: T) -> T {
        swish(x, x) + x
    }
    fn over_all<A: ElementwiseArgument + Clone>(x: A) -> A::Output {
        swish(x.clone(), x)
    }
    let tape = Tape::<f32>::new();
    assert_eq!(over_tapes(tape.tensor([1.0, 2.0])).item(), swish(1.0f32, 2.0) + swish(2.0f32, 4.0));
    assert_eq!(over_numbers(1.0), over_all(1.0) + 1.0);
    assert_eq!(over_all(&Tensor::from([1.0])).item(), over_all(1.0));
    let sum: f64 = [1.0, 2.0].iter().map(|x| swish(*x, 1.0)).sum();
    assert_eq!(sum, swish(1.0, 1.0) + swish(2.0, 1.0));
}

#[test]
fn one_formula_is_one_node() {
    let tape = Tape::new();
    let (x, beta) = (tape.tensor([1.0, 2.0]), tape.tensor([1.0]));
    let before = tape.len();
    swish(x, beta);
    assert_eq!(tape.len(), before + 1);
    assert!(tape.to_string().contains("swish"));
    let (x, beta) = (tape.var(1.0), tape.var(1.0));
    let before = tape.len();
    swish(x, beta);
    assert_eq!(tape.len(), before + 1);
}

fn drawn(shapes: &[&[usize]], low: f64, high: f64) -> Vec<Tensor<f64>> {
    let mut rng = Rng::new(3);
    let drawn = |shape: &&[usize]| Tensor::rand(shape, &mut rng) * (high - low) + low;
    shapes.iter().map(drawn).collect()
}

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

mod inner {
    use gradtape::elementwise;

    #[elementwise]
    pub(crate) fn blend<T>(weight: f64, x: T, y: T) -> T {
        weight * x + (1.0 - weight) * y.square()
    }
}

#[test]
fn formulas_call_formulas() {
    #[elementwise]
    fn outer<T>(x: T, y: T, slope: f64) -> T {
        let s = swish(x, 2.0) * y + swish(y, slope);
        let t = inner::blend(0.25, s, x) - leaky(s, slope) + leaky(x, 0.5 * slope);
        t * swish(slope, 3.0) + self::swish(s, s)
    }
    let by_hand = |x: f64, y: f64, slope: f64| {
        let s = swish(x, 2.0) * y + swish(y, slope);
        let t = 0.25 * s + 0.75 * x * x - leaky(s, slope) + leaky(x, 0.5 * slope);
        t * swish(slope, 3.0) + swish(s, s)
    };
    for (x, y) in [(0.5, 1.0), (-1.0, 2.0), (1.5, -0.5)] {
        assert!(close(outer(x, y, 0.2), by_hand(x, y, 0.2)));
    }
    let x = drawn(&[&[2, 3], &[3]], 0.2, 1.2);
    GradCheck::new().order(3).check(|x| outer(x[0], x[1], 0.2), &x).unwrap();

    // A call alone: its value is the formula's.
    #[elementwise]
    fn alone<T>(x: T) -> T {
        swish(x, 1.0)
    }
    GradCheck::new().order(3).check(|x| alone(x[0]), &x[..1]).unwrap();
    assert_eq!(alone(0.7), swish(0.7, 1.0));
}

#[test]
fn eight_arguments_with_broadcasting() {
    #[elementwise]
    fn eight<T>(a: T, b: T, c: T, d: T, e: T, f: T, g: T, h: T) -> T {
        (a * b + c / d) * (e - f).tanh() + if g > h { g * a } else { h * b }
    }
    let shapes: [&[usize]; 8] = [&[2, 1, 3], &[3], &[], &[2, 1], &[1, 2, 1], &[2, 2, 3], &[1], &[2, 1, 1]];
    let mut x = drawn(&shapes, 0.5, 1.5);
    x[6] = Tensor::from([1.0]);
    x[7] = Tensor::from([[[0.3]], [[1.7]]]);
    let report = GradCheck::new().order(2).check(|x| eight(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]), &x);
    report.unwrap();
    let at = |i: usize| x[i].as_slice()[0];
    let value = eight(&x[0], &x[1], &x[2], &x[3], &x[4], &x[5], &x[6], &x[7]);
    assert_eq!(value.shape(), [2, 2, 3]);
    assert_eq!(value.as_slice()[0], eight(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)));
    let tape = Tape::new();
    let v: Vec<_> = (0..8).map(|i| tape.var(at(i))).collect();
    let gradients = eight(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]).backward();
    assert!(close(gradients.wrt(v[0]), at(1) * (at(4) - at(5)).tanh() + at(6)));
    assert_eq!(gradients.wrt(v[7]), 0.0);
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

#[test]
fn a_tape_of_dual_numbers() {
    let tape = Tape::new();
    let (x, beta) = (tape.var(Dual::new(0.7, 1.0)), tape.var(Dual::new(1.5, 0.0)));
    let y = swish(x, beta);
    let second = y.backward().wrt(x).tangent;
    let h = 1e-5;
    let difference = (swish_by_hand(0.7 + h, 1.5).1 - swish_by_hand(0.7 - h, 1.5).1) / (2.0 * h);
    assert!((second - difference).abs() < 1e-8);
    let x = tape.tensor(Tensor::from([Dual::new(0.7, 1.0), Dual::new(-0.7, 1.0)]));
    let gradient = swish(x, tape.tensor([Dual::new(1.5, 0.0)])).sum().backward().wrt(x);
    assert!((gradient.as_slice()[0].tangent - difference).abs() < 1e-8);
    let branch = tape.tensor(Tensor::from([Dual::new(0.7, 1.0), Dual::new(-0.7, 1.0)]));
    let slopes = leaky(branch, 0.25).sum().backward().wrt(branch);
    assert_eq!(slopes.as_slice(), [Dual::new(1.0, 0.0), Dual::new(0.25, 0.0)]);
}

const SCALE: f64 = 3.0;
const CUBE: i32 = 3;
const SIZE: usize = 4;

struct Physics;

impl Physics {
    const GRAVITY: f64 = 9.81;

    /// An associated function.
    #[elementwise]
    fn height<T>(t: T) -> T {
        0.5 * Physics::GRAVITY * t * t
    }
}

#[test]
fn constants_of_every_kind() {
    #[elementwise]
    fn f<T>(x: T, k: f64, sharpness: f64) -> T {
        const LOCAL: f64 = 0.125;
        use std::f64::consts::LN_2;
        let k = k * 2.0;
        let power = x.powi(CUBE) + x.powi(-1) + x.powf(k + 0.5);
        power * SCALE + std::f64::consts::PI * x - LOCAL * LN_2 + SIZE as f64 + exp(sharpness) - 2 * 3 + 0x10
    }
    let by_hand = |x: f64, k: f64, s: f64| {
        let power = x.powi(3) + x.powi(-1) + x.powf(2.0 * k + 0.5);
        power * 3.0 + std::f64::consts::PI * x - 0.125 * std::f64::consts::LN_2 + 4.0 + s.exp() - 6.0 + 16.0
    };
    assert!(close(f(1.3, 0.25, 0.7), by_hand(1.3, 0.25, 0.7)));
    assert!((f64::from(f(1.3f32, 0.25, 0.7)) - by_hand(1.3, 0.25, 0.7)).abs() < 1e-5);
    GradCheck::new().order(3).check(|x| f(x[0], 0.25, 0.7), &[Tensor::from([1.3, 0.8])]).unwrap();
    assert!(close(Physics::height(2.0), 2.0 * 9.81));
}

#[test]
fn names_shadow_as_in_rust() {
    #[elementwise]
    fn f<T>(x: T) -> T {
        let y = x + 1.0;
        let x = x * y;
        let y = {
            let x = y * 2.0;
            let y = x + 1.0;
            y * x
        };
        let exp = x.exp();
        let z: T = if x > 0.0 {
            let x = 3.0;
            x * exp
        } else {
            x
        };
        let _ = z;
        let c: f64 = 2.0;
        x + y + z * c
    }
    let by_hand = |x: f64| {
        let y = x + 1.0;
        let x = x * y;
        let y = (y * 2.0 + 1.0) * (y * 2.0);
        x + y + 2.0 * if x > 0.0 { 3.0 * x.exp() } else { x }
    };
    assert!(close(f(0.5), by_hand(0.5)) && close(f(-0.5), by_hand(-0.5)));
    GradCheck::new().order(2).check(|x| f(x[0]), &[Tensor::from([0.5, -0.5])]).unwrap();
}

#[test]
fn names_of_the_generated_code_are_free() {
    #[elementwise]
    fn value<T>(x0: T, y: T, self_: T, t: T, v1: T, v3: T, answer: T, p: f64, number: f64) -> T {
        x0 * y + self_ * t * v1 / v3 - answer.square() * p + number
    }
    assert_eq!(value(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0), 2.0 + 10.0 - 392.0 + 9.0);
    let x: Vec<Tensor<f64>> = (1..8).map(|i| Tensor::from([f64::from(i)])).collect();
    GradCheck::new().check(|x| value(x[0], x[1], x[2], x[3], x[4], x[5], x[6], 8.0, 9.0), &x).unwrap();
}

#[test]
fn arguments_that_do_nothing_and_formulas_that_do_not_vary() {
    #[elementwise]
    fn first<T>(x: T, y: T) -> T {
        let _ = y;
        x
    }
    #[elementwise]
    fn constant<T>(_x: T, k: f64) -> T {
        2.0 * k
    }
    let tape = Tape::new();
    let (x, y) = (tape.tensor([1.0, 2.0]), tape.tensor([3.0]));
    let gradients = (first(x, y) + constant(y, 4.0)).sum().backward();
    assert_eq!(gradients.wrt(x), Tensor::ones([2]));
    assert_eq!(gradients.wrt(y), Tensor::zeros([1]));
    assert_eq!(first(&Tensor::from([1.0, 2.0]), &Tensor::from([5.0])), Tensor::from([1.0, 2.0]));
    assert_eq!(constant(1.0, 4.0), 8.0);
}

#[test]
#[should_panic(expected = "swish: [2] and [3]")]
fn shapes_that_do_not_fit() {
    let _ = swish(&Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 2.0, 3.0]));
}

#[test]
fn a_wrong_shape_is_reported_at_the_caller_s_line() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LINE: AtomicU32 = AtomicU32::new(0);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        if let Some(location) = info.location().filter(|location| location.file().ends_with("elementwise.rs")) {
            LINE.store(location.line(), Ordering::Relaxed);
        }
    }));
    let tape = Tape::new();
    let (x, beta) = (tape.tensor([1.0, 2.0]), tape.tensor([1.0, 2.0, 3.0]));
    let line = line!() + 1;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| swish(x, beta)));
    std::panic::set_hook(hook);
    assert!(outcome.is_err());
    assert_eq!(LINE.load(Ordering::Relaxed), line);
}
