//! Dual numbers of several directions: in each direction what `Dual` computes.

use super::assert_near;
use gradtape::{Dual, MultiDual, Tape, ops::Row};
use num_traits::{Float, NumAssign, One, Zero};
use proptest::prelude::*;

/// Slice `i` of a number of several directions.
fn direction<const N: usize>(x: MultiDual<f64, N>, i: usize) -> Dual<f64> {
    Dual::new(x.value, x.tangents[i])
}

/// Equal as numbers, where no number equals no number; 0 and -0 are equal.
fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

#[track_caller]
fn assert_same<const N: usize>(what: &str, multi: MultiDual<f64, N>, dual: impl Fn(usize) -> Dual<f64>) {
    for i in 0..N {
        let dual = dual(i);
        let agree = same(multi.value, dual.value) && same(multi.tangents[i], dual.tangent);
        assert!(agree, "{what}, direction {i}: {multi:?} and {dual:?}");
    }
}

fn any_number() -> impl Strategy<Value = f64> {
    let special = [0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, -1e-300];
    prop_oneof![
        6 => -3.0..3.0,
        1 => prop::sample::select(special.to_vec()),
    ]
}

fn any_multi() -> impl Strategy<Value = MultiDual<f64, 3>> {
    (any_number(), any_number(), any_number(), any_number()).prop_map(|(v, a, b, c)| MultiDual::new(v, [a, b, c]))
}

proptest! {
    #[test]
    fn every_row_is_that_of_dual_in_each_direction(x in prop::array::uniform3(any_multi())) {
        for (row, n, _) in Row::ALL {
            let multi = row.apply(&x[..*n]);
            assert_same(&format!("{row:?} at {:?}", &x[..*n]), multi, |i| row.apply(&x.map(|x| direction(x, i))[..*n]));
        }
    }

    #[test]
    fn operators_with_numbers_on_either_side(x in any_multi(), c in any_number()) {
        macro_rules! check {
            ($($op:tt)*) => { $(
                let name = format!("{x:?} {} {c}", stringify!($op));
                assert_same(&name, x $op c, |i| direction(x, i) $op c);
                assert_same(&name, &x $op c, |i| direction(x, i) $op c);
                assert_same(&name, c $op x, |i| c $op direction(x, i));
                assert_same(&name, c $op &x, |i| c $op direction(x, i));
            )* };
        }
        check!(+ - * / %);
    }
}

/// Everything that the operators are written for, in one expression.
fn operators<T: Float + NumAssign + std::iter::Sum + std::iter::Product>(x: T, y: T) -> T {
    let mut z = x * y - x / y + x % y;
    z += x;
    z -= y * y;
    z *= x;
    z /= y;
    z %= x + y;
    -z + [x, y, z].into_iter().sum::<T>() * [x, y].into_iter().product::<T>()
        + x.sin().mul_add(y.powi(3), x.powf(y)).max(z).hypot(x.atan2(y)).signum()
        + x.cbrt() * y.exp().min(x)
        + (x + T::from(0.5).unwrap()).ln()
        + y.fract()
}

#[test]
fn generic_code_runs_on_it() {
    let (x, y) = (1.3, 2.7);
    let [mx, my] = MultiDual::variables([x, y]);
    let multi = operators(mx, my);
    assert_same("operators", multi, |i| {
        operators(Dual::new(x, f64::from(u8::from(i == 0))), Dual::new(y, f64::from(u8::from(i == 1))))
    });
    assert_eq!(multi.value, operators(x, y));
    let sum: MultiDual<f64, 2> = [mx, my].iter().sum();
    assert_eq!((sum.value, sum.tangents), (4.0, [1.0, 1.0]));
}

#[test]
fn every_method_is_there_by_name() {
    let x = MultiDual::new(0.4, [1.0, -2.0]);
    assert_eq!(x.sigmoid().tangents[0], Dual::new(0.4, 1.0).sigmoid().tangent);
    assert_eq!(x.clamp(0.0, 0.3).tangents, [0.0, 0.0]);
    assert_eq!(x.pow(2.0).tangents, [0.8, -1.6]);
    assert_eq!(x.maximum(x * 2.0).tangents, [2.0, -4.0]);
    assert!(x < 0.5 && x == MultiDual::constant(0.4) && x < MultiDual::one() && !x.is_zero());
    assert_eq!(x.to_string(), "0.4 + [1, -2]ε");
    assert_eq!(MultiDual::<f32, 2>::default().value, 0.0);
}

#[test]
fn a_direction_that_is_not_there_is_refused() {
    let words = ["variable: direction 3 of a number with 3 directions"];
    crate::common::assert_panics(line!(), &words, || MultiDual::<f64, 3>::variable(1.0, 3));
}

#[test]
fn nests_with_itself_and_with_dual() {
    // f = x³ y², its second derivatives by two directions over two directions.
    let f = |x: MultiDual<MultiDual<f64, 2>, 2>, y: MultiDual<MultiDual<f64, 2>, 2>| x.powi(3) * y.square();
    let [x, y] = MultiDual::variables(MultiDual::variables([2.0, 5.0]));
    let hessian = f(x, y).tangents.map(|row| row.tangents);
    assert_eq!(hessian, [[300.0, 120.0], [120.0, 16.0]]);
    let x = MultiDual::<Dual<f64>, 1>::variable(Dual::new(0.7, 1.0), 0);
    assert_near("sin''", x.sin().tangents[0].tangent, -0.7f64.sin(), 1e-15);
    let x = Dual::new(MultiDual::<f64, 1>::variable(0.7, 0), MultiDual::one());
    assert_near("sin''", x.sin().tangent.tangents[0], -0.7f64.sin(), 1e-15);
}

#[test]
fn a_tape_of_them_gives_rows_of_the_hessian_together() {
    let tape = Tape::new();
    let [x, y] = MultiDual::variables([2.0, 5.0]).map(|x| tape.var(x));
    let gradients = (x.powi(3) * y * y).backward();
    assert_eq!(gradients.wrt(x).tangents, [300.0, 120.0]);
    assert_eq!(gradients.wrt(y).tangents, [120.0, 16.0]);
    // And a tape of tensors of them.
    let tape = Tape::new();
    let x = tape.tensor(MultiDual::<f64, 2>::variable(3.0, 1));
    assert_eq!(x.square().sum().backward().wrt(x).item().tangents, [0.0, 2.0]);
}

#[test]
fn a_tangent_of_0_stays_0_against_an_infinite_slope() {
    let x = MultiDual::new(0.0, [0.0, 1.0]);
    assert_eq!(x.sqrt().tangents, [0.0, f64::INFINITY]);
    assert_eq!((x.sqrt() * 0.0).tangents, [0.0, 0.0]);
}

#[test]
fn directions_become_others_and_those_that_become_one_are_added() {
    let x = MultiDual::new(7.0, [1.0, 2.0, 4.0]);
    let among = x.with_directions::<5>([4, 1, 1]);
    assert_eq!((among.value, among.tangents), (7.0, [0.0, 6.0, 0.0, 0.0, 1.0]));
    let refused = std::panic::catch_unwind(|| x.with_directions::<2>([0, 1, 2]));
    assert!(refused.is_err(), "there is no direction 2 among two");
}
