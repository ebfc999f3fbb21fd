//! Code generic over `num_traits`: the same on plain numbers, on the tape, on dual numbers and on mixtures.

use super::{assert_near, difference};
use gradtape::{Dual, Tape, Var};
use num_traits::{Float, FloatConst, FromPrimitive, Num, NumAssign, NumCast, One, ToPrimitive, Zero};
use std::num::FpCategory;

/// A function of two numbers, and the point that it is checked at.
type Row<T> = (&'static str, fn(T, T) -> T, [f64; 2]);

/// Every method of `Float` that computes a number.
fn methods<T: Float>() -> Vec<Row<T>> {
    vec![
        ("add", |x, y| x + y, [0.3, 0.8]),
        ("sub", |x, y| x - y, [0.3, 0.8]),
        ("mul", |x, y| x * y, [0.3, 0.8]),
        ("div", |x, y| x / y, [0.3, 0.8]),
        ("rem", |x, y| x % y, [7.3, 1.7]),
        ("rem of a negative", |x, y| x % y, [-7.3, 1.7]),
        ("neg", |x, y| -x * y, [0.3, 0.8]),
        ("floor", |x, y| x.floor() + y, [2.7, 0.1]),
        ("ceil", |x, y| x.ceil() + y, [2.7, 0.1]),
        ("round", |x, y| x.round() + y, [2.7, 0.1]),
        ("trunc", |x, y| x.trunc() * y, [-2.7, 0.1]),
        ("trunc of a positive", |x, y| x.trunc() * y, [2.7, 0.1]),
        ("fract", |x, y| x.fract() * y, [-2.7, 0.1]),
        ("fract of a positive", |x, y| x.fract() * y, [2.7, 0.1]),
        ("abs", |x, y| x.abs() * y, [-2.7, 0.1]),
        ("signum", |x, y| x.signum() * y, [-2.7, 0.1]),
        ("signum of a positive", |x, y| x.signum() * y, [2.7, 0.1]),
        ("mul_add", |x, y| x.mul_add(y, x), [0.3, 0.8]),
        ("recip", |x, y| x.recip() * y, [0.3, 0.8]),
        ("powi", |x, y| x.powi(5) + y.powi(-3), [-0.3, 0.8]),
        ("powf", |x, y| x.powf(y), [1.3, 0.8]),
        ("sqrt", |x, y| (x * y).sqrt(), [1.3, 0.8]),
        ("exp", |x, y| (x * y).exp(), [1.3, 0.8]),
        ("exp2", |x, y| (x * y).exp2(), [1.3, 0.8]),
        ("ln", |x, y| (x * y).ln(), [1.3, 0.8]),
        ("log", |x, y| x.log(y), [1.3, 3.8]),
        ("log2", |x, y| (x * y).log2(), [1.3, 0.8]),
        ("log10", |x, y| (x * y).log10(), [1.3, 0.8]),
        ("max", |x, y| (x * x).max(y), [1.3, 0.8]),
        ("max, the other", |x, y| (x * x).max(y), [0.3, 0.8]),
        ("min", |x, y| (x * x).min(y), [1.3, 0.8]),
        ("min, the other", |x, y| (x * x).min(y), [0.3, 0.8]),
        ("clamp", |x, y| x.clamp(-y, y), [0.3, 0.8]),
        ("clamp, above", |x, y| x.clamp(-y, y), [1.3, 0.8]),
        ("clamp, below", |x, y| x.clamp(-y, y), [-1.3, 0.8]),
        ("copysign", |x, y| (x * x).copysign(y), [1.3, -0.8]),
        ("cbrt", |x, y| x.cbrt() * y, [-1.3, 0.8]),
        ("hypot", |x, y| x.hypot(y), [-1.3, 0.8]),
        ("sin", |x, y| (x * y).sin(), [1.3, 0.8]),
        ("cos", |x, y| (x * y).cos(), [1.3, 0.8]),
        ("tan", |x, y| (x * y).tan(), [1.3, 0.8]),
        ("asin", |x, y| (x * y).asin(), [0.3, 0.8]),
        ("acos", |x, y| (x * y).acos(), [0.3, 0.8]),
        ("atan", |x, y| (x * y).atan(), [0.3, 0.8]),
        ("atan2", |x, y| x.atan2(y), [0.3, 0.8]),
        ("atan2 to the left", |x, y| x.atan2(y), [0.3, -0.8]),
        ("sin_cos", |x, y| x.sin_cos().0 * y.sin_cos().1, [0.3, 0.8]),
        ("exp_m1", |x, y| (x * y).exp_m1(), [0.3, 0.8]),
        ("ln_1p", |x, y| (x * y).ln_1p(), [0.3, 0.8]),
        ("sinh", |x, y| (x * y).sinh(), [0.3, 0.8]),
        ("cosh", |x, y| (x * y).cosh(), [0.3, 0.8]),
        ("tanh", |x, y| (x * y).tanh(), [0.3, 0.8]),
        ("asinh", |x, y| (x * y).asinh(), [0.3, 0.8]),
        ("acosh", |x, y| (x * y).acosh(), [1.3, 1.8]),
        ("atanh", |x, y| (x * y).atanh(), [0.3, 0.8]),
        ("to_degrees", |x, y| (x * y).to_degrees(), [0.3, 0.8]),
        ("to_radians", |x, y| (x * y).to_radians(), [0.3, 0.8]),
        ("abs_sub", |x, y| (x * x).abs_sub(y), [1.3, 0.8]),
        ("abs_sub, cut", |x, y| (x * x).abs_sub(y), [0.3, 0.8]),
    ]
}

#[test]
fn every_method_agrees_with_plain_numbers_and_differences() {
    let plain = methods::<f64>();
    for (i, (name, f, [x, y])) in plain.iter().copied().enumerate() {
        let value = f(x, y);
        let by_x = difference(|x| f(x, y), x);
        let by_y = difference(|y| f(x, y), y);

        let tape = Tape::new();
        let (a, b) = (tape.var(x), tape.var(y));
        let z = methods::<Var<'_, f64>>()[i].1(a, b);
        let gradients = z.backward();
        assert_near(name, z.value(), value, 1e-15);
        assert_near(name, gradients.wrt(a), by_x, 1e-9);
        assert_near(name, gradients.wrt(b), by_y, 1e-9);

        let forward = methods::<Dual<f64>>()[i].1(Dual::new(x, 1.0), Dual::new(y, 2.0));
        assert_near(name, forward.value, value, 1e-15);
        assert_near(name, forward.tangent, gradients.wrt(a) + 2.0 * gradients.wrt(b), 1e-14);

        let tape = Tape::<f32>::new();
        let (a, b) = (tape.var(x as f32), tape.var(y as f32));
        let z = methods::<Var<'_, f32>>()[i].1(a, b);
        let gradients = z.backward();
        assert_near(name, z.value().into(), value, 1e-5);
        assert_near(name, gradients.wrt(a).into(), by_x, 1e-5);
        assert_near(name, gradients.wrt(b).into(), by_y, 1e-5);
    }
}

#[test]
fn every_method_has_its_second_derivative() {
    for (i, (name, _, [x, y])) in methods::<f64>().into_iter().enumerate() {
        let slope = |x: f64| {
            let tape = Tape::new();
            let (a, b) = (tape.var(x), tape.var(y));
            methods::<Var<'_, f64>>()[i].1(a, b).backward().wrt(a)
        };
        let expected = difference(slope, x);

        let tape = Tape::new();
        let (a, b) = (tape.var(Dual::new(x, 1.0)), tape.var(Dual::constant(y)));
        let over_reverse = methods::<Var<'_, Dual<f64>>>()[i].1(a, b).backward().wrt(a).tangent;
        assert_near(name, over_reverse, expected, 1e-8);

        let a = Dual::new(Dual::new(x, 1.0), Dual::constant(1.0));
        let over_forward = methods::<Dual<Dual<f64>>>()[i].1(a, Dual::constant(Dual::constant(y)));
        assert_near(name, over_forward.tangent.tangent, over_reverse, 1e-12);
    }
}

#[test]
fn generic_code_runs_on_the_tape() {
    fn newton<T: Float>(a: T) -> T {
        let two = T::one() + T::one();
        (0..50).fold(a, |x, _| (x + a / x) / two)
    }
    fn horner<T: NumAssign + Copy>(x: T, coefficients: &[f64], lit: impl Fn(f64) -> T) -> T {
        let mut sum = T::zero();
        for c in coefficients.iter().rev() {
            sum *= x;
            sum += lit(*c);
        }
        sum
    }
    let tape = Tape::new();
    let a = tape.var(2.0);
    let root = newton(a);
    assert_near("root", root.value(), 2f64.sqrt(), 1e-15);
    assert_near("slope of the root", root.backward().wrt(a), 0.5 / 2f64.sqrt(), 1e-14);
    let polynomial = horner(a, &[1.0, 2.0, 3.0], Into::into);
    assert_eq!((polynomial.value(), polynomial.backward().wrt(a)), (17.0, 14.0));
}

#[test]
fn numbers_and_constants_of_the_type() {
    fn check<T: Float + FloatConst + Num + NumCast + FromPrimitive + ToPrimitive>() {
        assert!(T::zero().is_zero() && T::one().is_one() && !T::one().is_zero());
        let is = |x: T, expected: f64| assert_near("constant", x.to_f64().unwrap(), expected, 1e-15);
        is(T::PI(), std::f64::consts::PI);
        is(T::TAU(), std::f64::consts::TAU);
        is(T::E(), std::f64::consts::E);
        is(T::LN_2(), std::f64::consts::LN_2);
        is(T::LN_10(), std::f64::consts::LN_10);
        is(T::LOG2_E(), std::f64::consts::LOG2_E);
        is(T::LOG10_E(), std::f64::consts::LOG10_E);
        is(T::LOG10_2(), std::f64::consts::LOG10_2);
        is(T::LOG2_10(), std::f64::consts::LOG2_10);
        is(T::SQRT_2(), std::f64::consts::SQRT_2);
        is(T::FRAC_1_PI(), std::f64::consts::FRAC_1_PI);
        is(T::FRAC_1_SQRT_2(), std::f64::consts::FRAC_1_SQRT_2);
        is(T::FRAC_2_PI(), std::f64::consts::FRAC_2_PI);
        is(T::FRAC_2_SQRT_PI(), std::f64::consts::FRAC_2_SQRT_PI);
        is(T::FRAC_PI_2(), std::f64::consts::FRAC_PI_2);
        is(T::FRAC_PI_3(), std::f64::consts::FRAC_PI_3);
        is(T::FRAC_PI_4(), std::f64::consts::FRAC_PI_4);
        is(T::FRAC_PI_6(), std::f64::consts::FRAC_PI_6);
        is(T::FRAC_PI_8(), std::f64::consts::FRAC_PI_8);
        is(Float::epsilon(), f64::EPSILON);
        is(Float::max_value(), f64::MAX);
        is(Float::min_value(), f64::MIN);
        is(Float::min_positive_value(), f64::MIN_POSITIVE);
        is(Float::infinity(), f64::INFINITY);
        is(Float::neg_infinity(), f64::NEG_INFINITY);
        assert!(T::nan().is_nan() && T::neg_zero().is_sign_negative() && T::zero().is_sign_positive());
        assert!(T::infinity().is_infinite() && !T::infinity().is_finite() && T::one().is_normal());
        assert_eq!((T::zero().classify(), T::one().classify()), (FpCategory::Zero, FpCategory::Normal));
        assert_eq!(T::one().integer_decode(), 1f64.integer_decode());
        assert!(T::from_str_radix("2.5", 10).ok().unwrap() == T::from(2.5).unwrap());
        assert!(T::from_str_radix("two", 10).is_err());
        assert!(<T as FromPrimitive>::from_i32(-3).unwrap() == T::from(-3i64).unwrap());
        assert_eq!(T::from(7.9).unwrap().to_i64(), Some(7));
        assert_eq!((T::from(-1.0).unwrap().to_u64(), T::from(9.0).unwrap().to_usize()), (None, Some(9)));
        assert_eq!((T::from(0.1f32).unwrap().to_f32(), T::nan().to_i64()), (Some(0.1), None));
    }
    check::<f64>();
    check::<Var<'static, f64>>();
    check::<Dual<f64>>();
    check::<Dual<Dual<f64>>>();
    check::<Var<'static, Dual<f64>>>();
}

#[test]
fn converting_a_scalar_takes_its_value() {
    let tape = Tape::new();
    let x = tape.var(2.5);
    assert_eq!((x.to_f64(), x.to_i32(), <f32 as NumCast>::from(x)), (Some(2.5), Some(2), Some(2.5)));
    let same: Var<'_, f64> = NumCast::from(x).unwrap();
    assert!(same.tape().is_none(), "what went through a plain number is a constant");
    assert!(Var::<f64>::zero() + x == x && Var::<f64>::one() * x == x);
}
