//! Where a slope is infinite and what meets it is 0: formulas against the same in operators, at zeros, on flat parts,
//! at poles and at infinity.

use gradtape::{Dual, Tape, Tensor, TensorVar, Var, elementwise};

const POINTS: [f64; 10] = [-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, f64::INFINITY, f64::NEG_INFINITY];

type OfDuals = for<'t> fn(Var<'t, Dual<f64>>) -> Var<'t, Dual<f64>>;

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * b.abs().max(1e-6)
}

/// The slope; and the second derivative, where the operators have a finite one.
fn compare(what: &str, points: &[f64], first: [for<'t> fn(Var<'t, f64>) -> Var<'t, f64>; 2], second: [OfDuals; 2]) {
    for x in points {
        let tape = Tape::new();
        let v = tape.var(*x);
        let [formula, chain] = first.map(|f| f(v));
        assert!(same(formula.value(), chain.value()), "{what} at {x}");
        // There is no derivative where there is no value.
        if chain.value().is_nan() {
            continue;
        }
        let [formula, chain] = [formula, chain].map(|y| y.backward().wrt(v));
        assert!(same(formula, chain), "{what} at {x}: slope {formula}, in operators {chain}");

        let tape = Tape::new();
        let v = tape.var(Dual::new(*x, 1.0));
        let [formula, chain] = second.map(|f| f(v).backward().wrt(v));
        if chain.value.is_finite() && chain.tangent.is_finite() {
            let agree = same(formula.value, chain.value) && same(formula.tangent, chain.tangent);
            assert!(agree, "{what} at {x}: {formula:?}, in operators {chain:?}");
        }
    }
}

/// `outer(inner(x))` for each of both.
macro_rules! compositions {
    ([$($outer:ident($($p:expr),*))*] $inner:tt) => { $(
        compositions! { @row $outer [$($p),*] $inner }
    )* };
    (@row $outer:ident $p:tt [$($inner:ident($($q:expr),*))*]) => { $(
        compositions! { @one $outer $p $inner [$($q),*] }
    )* };
    (@one $outer:ident [$($p:expr),*] $inner:ident [$($q:expr),*]) => {{
        #[elementwise]
        fn formula<T>(x: T) -> T {
            $outer($inner(x $(, $q)*) $(, $p)*)
        }
        let what = concat!(stringify!($outer), "(", stringify!($inner), "(x))");
        compare(
            what,
            &POINTS,
            [|x| formula(x), |x| x.$inner($($q),*).$outer($($p),*)],
            [|x| formula(x), |x| x.$inner($($q),*).$outer($($p),*)],
        );
    }};
}

#[test]
fn steep_functions_of_flat_ones() {
    compositions! {
        [sqrt() ln() recip() asin() acosh() atanh() powf(0.5) powi(-1)]
        [relu() abs() square() sign() floor() sin() cos() tanh() clamp(0.0, 1.0) softplus() exp()]
    }
}

#[test]
fn flat_functions_of_steep_ones() {
    compositions! {
        [exp() tanh() atan() sigmoid() relu() clamp(-1.0, 1.0) erf() sign()]
        [sqrt() ln() recip() exp() atanh() powi(-2)]
    }
}

#[test]
fn every_function_of_one_that_is_flat_at_a_pole() {
    compositions! {
        [neg() abs() exp() exp2() expm1() ln() log2() log10() ln_1p() sqrt() recip() square() sin() cos() tan() asin()
         acos() atan() sinh() cosh() tanh() asinh() acosh() atanh() sigmoid() relu() leaky_relu(0.1) elu(1.5) selu()
         silu() mish() softplus() softsign() gelu() gelu_tanh() erf() erfc() lgamma() clamp(-1.0, 1.0) powf(1.7)
         powi(3) powi(-2)]
        [square()]
    }
}

/// A formula of two numbers and the same in operators, over tensors and over numbers.
macro_rules! formulas {
    ($($points:expr, $name:ident($x:ident, $y:ident) $formula:expr, $chain:expr;)*) => { $({
        #[elementwise]
        fn $name<T>($x: T, $y: T) -> T {
            $formula
        }
        for [x, y] in $points {
            let at = format!("{} at ({x}, {y})", stringify!($name));
            let tape = Tape::new();
            let [$x, $y] = [x, y].map(|x| tape.tensor([x, x]));
            let [formula, chain] = [$name($x, $y), $chain].map(TensorVar::sum);
            assert!(same(formula.value().item(), chain.value().item()), "{at}");
            assert!(!chain.value().item().is_nan(), "there is no derivative {at}");
            let [found, expected] = [formula, chain].map(|y| y.backward());
            let recorded = tape.gradient(formula, &[$x, $y]);
            for (recorded, v) in recorded.into_iter().zip([$x, $y]) {
                let (found, expected) = (found.wrt(v).as_slice()[1], expected.wrt(v).as_slice()[1]);
                assert!(same(found, expected), "{at}: slope {found}, in operators {expected}");
                assert!(same(recorded.value().as_slice()[1], expected), "{at}: recorded {recorded}");
            }

            let tape = Tape::new();
            let [$x, $y] = [x, y].map(|x| tape.var(x));
            let [found, expected] = [$name($x, $y), $chain].map(|y| y.backward());
            for v in [$x, $y] {
                assert!(same(found.wrt(v), expected.wrt(v)), "{at}, of numbers");
            }

            for (i, v) in [$x, $y].into_iter().enumerate() {
                let [x, y] = [[x, 1.0 - i as f64], [y, i as f64]].map(|[x, tangent]| Dual::new(x, tangent));
                assert!(same($name(x, y).tangent, expected.wrt(v)), "{at}, of dual numbers");
            }
        }
    })* };
}

#[test]
fn zeros_meet_infinities() {
    const FAR: f64 = f64::INFINITY;
    let zeros = [[0.0, 0.0], [-1.0, 0.0], [0.0, -1.0]];
    formulas! {
        zeros, distance(x, y) sqrt(x * x + y * y), (x * x + y * y).sqrt();
        zeros, angle(x, y) sqrt(1.0 - cos(x)) + y, (1.0 - x.cos()).sqrt() + y;
        zeros, clamped(x, y) sqrt(clamp(x, 0.0, 1.0)) * y, x.clamp(0.0, 1.0).sqrt() * y;
        zeros, larger(x, y) sqrt(maximum(x, 0.0 * y)), x.maximum(y * 0.0).sqrt();
        zeros, rectified(x, y) powf(relu(x), 0.5) + relu(y).sqrt(), x.relu().powf(0.5) + y.relu().sqrt();
        zeros, cube_root(x, y) pow(x * x, 1.0 / 3.0 + 0.0 * y), (x * x).pow(y * 0.0 + 1.0 / 3.0);
        // Smooth: the root is taken back.
        zeros, pulled(x, y) { let r = sqrt(x * x + y * y); r * r }, { let r = (x * x + y * y).sqrt(); r * r };
        zeros, entropy(x, y) -sqrt(abs(x) * abs(y)), -(x.abs() * y.abs()).sqrt();
        zeros, normal(x, y) exp(-recip(x * x)) + y, (-(x * x).recip()).exp() + y;
        zeros, chosen(x, y) sqrt(if x > 0.0 { x * y } else { 0.0 * x }), (x.relu() * y * 0.0).sqrt();
        zeros, negative(x, y) sqrt(-(-relu(x))) - y, x.relu().sqrt() - y;
        zeros, divided(x, y) sqrt(relu(x) / 2.0) - sqrt(relu(y) / 0.5),
            (x.relu() / 2.0).sqrt() - (y.relu() / 0.5).sqrt();
        zeros, constants(x, y) 0.0 * x.relu().sqrt() + y, x.relu().sqrt() * 0.0 + y;
        [[1.0, FAR], [FAR, 1.0], [FAR, FAR], [2.0, -1e200], [1e200, 1e200]],
            decay(x, y) exp(-(x * y * y)), (-(x * y * y)).exp();
        [[1.0, FAR], [FAR, 1.0], [-FAR, 2.0]], ratio(x, y) x / (1.0 + y * y), x / (y * y + 1.0);
        [[1e200, 1e200], [1e200, 0.0], [-1e300, 1e-300]], bounded(x, y) tanh(x * x + y * y * y),
            (x * x + y * y * y).tanh();
        // The cotangent of the product overflows, the value does not.
        [[0.0, 1e-300]], hidden(x, y) (x * (x + 1.0) + y) * 1e200 * (1e200 + x),
            (x * (x + 1.0) + y) * 1e200 * (x + 1e200);
    }
}

#[test]
fn constants_are_met_like_numbers() {
    #[elementwise]
    fn scaled<T>(x: T, scale: f64, by: f64) -> T {
        atan(1.0 + scale * sqrt(relu(x))) + sin(x / by)
    }
    let infinite = f64::INFINITY;
    for (scale, by) in [(0.0, 1.0), (2.0, infinite), (0.5, 3.0), (1.0, 1e-320)] {
        for x in [-1.0, 0.0, 4.0] {
            let tape = Tape::new();
            let v = tape.tensor([x]);
            let formula = scaled(v, scale, by);
            let chain = (v.relu().sqrt() * scale + 1.0).atan() + (v / by).sin();
            if f64::is_nan(chain.value().item()) {
                continue;
            }
            let [formula, chain] = [formula, chain].map(|y| y.sum().backward().wrt(v).item());
            assert!(same(formula, chain), "{scale}, {by} at {x}: slope {formula}, in operators {chain}");
        }
    }
}

#[test]
fn second_derivatives_of_what_is_flat_are_finite() {
    #[elementwise]
    fn flat<T>(x: T) -> T {
        sqrt(relu(x)) + x * x
    }
    let tape = Tape::new();
    let x = tape.tensor([-1.0, -2.0]);
    let slope = tape.gradient(flat(x).sum(), &[x])[0];
    assert_eq!(slope.value(), Tensor::from([-2.0, -4.0]));
    assert_eq!(slope.sum().backward().wrt(x), Tensor::from([2.0, 2.0]));
}

#[test]
fn an_infinite_argument_against_a_0_is_the_exception() {
    #[elementwise]
    fn gated<T>(x: T, y: T) -> T {
        y * sigmoid(x)
    }
    let tape = Tape::new();
    let [x, y] = [(); 2].map(|()| tape.var(f64::INFINITY));
    assert!(gated(x, y).backward().wrt(x).is_nan());
    assert_eq!((y * x.sigmoid()).backward().wrt(x), 0.0);
}
