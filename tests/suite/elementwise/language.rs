//! What may stand in them: calls of other formulas, constants, names that meet those of the generated code; and shapes
//! that do not fit.

use super::{close, drawn, leaky, swish};
use gradtape::gradcheck::GradCheck;
use gradtape::{Tape, Tensor, elementwise};

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
        if let Some(location) = info.location().filter(|location| location.file().ends_with("language.rs")) {
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

#[test]
fn names_of_a_macro_of_rules_are_not_those_it_was_given() {
    macro_rules! formula {
        ($formula:ident, $plain:ident, $x:ident => $e:expr) => {
            #[elementwise]
            fn $formula<T>($x: T, y: T) -> T {
                let t = y;
                if $x > t { $e + t } else { $e * t }
            }

            fn $plain($x: f64, y: f64) -> f64 {
                let t = y;
                if $x > t { $e + t } else { $e * t }
            }
        };
    }
    formula!(same_word, same_word_plain, t => t * t);
    formula!(other_word, other_word_plain, x => x * x);
    for (x, y) in [(5.0, 3.0), (2.0, 3.0)] {
        assert_eq!(same_word(x, y), same_word_plain(x, y));
        assert_eq!(other_word(x, y), other_word_plain(x, y));
    }
    let tape = Tape::new();
    let (x, y) = (tape.var(5.0), tape.var(3.0));
    assert_eq!(same_word(x, y).backward().wrt([x, y]), [10.0, 1.0]);
}
