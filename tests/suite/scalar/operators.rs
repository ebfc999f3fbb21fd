//! The operators of scalars, in every combination of types.
// References that could be values are what is tested here.
#![allow(clippy::op_ref)]

use gradtape::{Dual, Scalar, Tape, Var};

/// Checks the value of a result and its derivatives with respect to two variables.
#[track_caller]
fn check<T: Scalar>(z: Var<'_, T>, [x, y]: [Var<'_, T>; 2], value: f64, slopes: [f64; 2]) {
    let gradients = z.backward();
    let found = [z.value().real(), gradients.wrt(x).real(), gradients.wrt(y).real()];
    assert_eq!(found, [value, slopes[0], slopes[1]]);
}

/// All operators between scalars, by value and by reference, on numbers that come out exactly.
fn between_scalars<T: Scalar>() {
    let tape = Tape::<T>::new();
    let (x, y) = (tape.var(T::lit(6.0)), tape.var(T::lit(2.0)));
    macro_rules! check_all {
        ($($op:tt $assign:tt: $value:expr, $slopes:expr;)*) => { $(
            check(x $op y, [x, y], $value, $slopes);
            check(x $op &y, [x, y], $value, $slopes);
            check(&x $op y, [x, y], $value, $slopes);
            check(&x $op &y, [x, y], $value, $slopes);
            let mut z = x;
            z $assign y;
            check(z, [x, y], $value, $slopes);
            let mut z = x;
            z $assign &y;
            check(z, [x, y], $value, $slopes);
        )* };
    }
    check_all! {
        + +=: 8.0, [1.0, 1.0];
        - -=: 4.0, [1.0, -1.0];
        * *=: 12.0, [2.0, 6.0];
        / /=: 3.0, [0.5, -1.5];
        % %=: 0.0, [1.0, -3.0];
    }
    check(-x, [x, y], -6.0, [-1.0, 0.0]);
    check(-&x, [x, y], -6.0, [-1.0, 0.0]);
}

/// All operators with a literal or a number of the tape's type.
fn with_numbers<T: Scalar>() {
    let tape = Tape::<T>::new();
    let (x, y) = (tape.var(T::lit(6.0)), tape.var(T::lit(2.0)));
    let k = T::lit(4.0);
    macro_rules! check_all {
        ($($op:tt $assign:tt: $right:expr, $slope:expr; $left:expr, $left_slope:expr;)*) => { $(
            check(x $op 4.0, [x, y], $right, [$slope, 0.0]);
            check(&x $op 4.0, [x, y], $right, [$slope, 0.0]);
            check(x $op k, [x, y], $right, [$slope, 0.0]);
            check(&x $op k, [x, y], $right, [$slope, 0.0]);
            check(4.0 $op y, [x, y], $left, [0.0, $left_slope]);
            check(4.0 $op &y, [x, y], $left, [0.0, $left_slope]);
            let mut z = x;
            z $assign 4.0;
            check(z, [x, y], $right, [$slope, 0.0]);
            let mut z = x;
            z $assign k;
            check(z, [x, y], $right, [$slope, 0.0]);
        )* };
    }
    check_all! {
        + +=: 10.0, 1.0; 6.0, 1.0;
        - -=: 2.0, 1.0; 2.0, -1.0;
        * *=: 24.0, 4.0; 8.0, 4.0;
        / /=: 1.5, 0.25; 2.0, -1.0;
        % %=: 2.0, 1.0; 0.0, -2.0;
    }
}

#[test]
fn operators_between_scalars() {
    between_scalars::<f64>();
    between_scalars::<f32>();
    between_scalars::<Dual<f64>>();
    between_scalars::<Dual<f32>>();
}

#[test]
fn operators_with_numbers() {
    with_numbers::<f64>();
    with_numbers::<f32>();
    with_numbers::<Dual<f64>>();
    with_numbers::<Dual<f32>>();
}

#[test]
fn a_number_of_single_precision_beside_a_scalar_of_it() {
    let tape = Tape::<f32>::new();
    let (x, k) = (tape.var(3.0), 0.1f32);
    assert_eq!((x * k).value(), 3.0 * 0.1f32);
    assert_eq!((x * k).backward().wrt(x), 0.1f32);
    assert_eq!((x * 0.1).backward().wrt(x), 0.1f32);
}

#[test]
fn dual_numbers_have_the_same_operators() {
    let (x, y) = (Dual::new(6.0, 1.0), Dual::new(2.0, 10.0));
    let pair = |z: Dual<f64>| (z.value, z.tangent);
    assert_eq!([x + y, x + &y, &x + y, &x + &y].map(pair), [(8.0, 11.0); 4]);
    assert_eq!([x - y, x - &y, &x - y, &x - &y].map(pair), [(4.0, -9.0); 4]);
    assert_eq!([x * y, x * &y, &x * y, &x * &y].map(pair), [(12.0, 62.0); 4]);
    assert_eq!([x / y, x / &y, &x / y, &x / &y].map(pair), [(3.0, -14.5); 4]);
    assert_eq!([x % 4.0, &x % 4.0].map(pair), [(2.0, 1.0); 2]);
    assert_eq!([x * 4.0, &x * 4.0, 4.0 * x, 4.0 * &x].map(pair), [(24.0, 4.0); 4]);
    assert_eq!([12.0 - x, 12.0 - &x, -(x - 12.0), -&(x - 12.0)].map(pair), [(6.0, -1.0); 4]);
    let mut z = x;
    z += y;
    z -= &x;
    z *= 3.0;
    z /= 2.0;
    assert_eq!(pair(z), (3.0, 15.0));
}

#[test]
fn a_value_used_several_times_gets_all_its_gradients() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let slope = |z: Var<'_, f64>| z.backward().wrt(x);
    assert_eq!(slope(x * x), 6.0);
    assert_eq!(slope(x + x), 2.0);
    assert_eq!(slope(x - x), 0.0);
    assert_eq!(slope(x / x), 0.0);
    assert_eq!(slope(x * x * x), 27.0);
    assert_eq!(slope(x * x + x), 7.0);
    let y = x * 2.0;
    assert_eq!(slope(y * y + y), 26.0);
    assert_eq!(slope(y * (y + y)), 48.0);
}

#[test]
fn sums_and_products_over_owned_and_borrowed_scalars() {
    let tape = Tape::new();
    let x = tape.vars(&[2.0, 3.0, 5.0]);
    let all = |z: Var<'_, f64>| {
        let gradients = z.backward();
        (z.value(), [0, 1, 2].map(|i| gradients.wrt(x[i])))
    };
    assert_eq!(all(x.iter().sum()), (10.0, [1.0; 3]));
    assert_eq!(all(x.iter().copied().sum()), (10.0, [1.0; 3]));
    assert_eq!(all(x.iter().map(|x| x * x).sum()), (38.0, [4.0, 6.0, 10.0]));
    assert_eq!(all(x.iter().product()), (30.0, [15.0, 10.0, 6.0]));
    assert_eq!(all(x.iter().copied().product()), (30.0, [15.0, 10.0, 6.0]));
    let none: [Var<'_, f64>; 0] = [];
    assert_eq!((none.iter().sum::<Var<'_, f64>>(), none.iter().product::<Var<'_, f64>>()), (0.0.into(), 1.0.into()));
    let duals = [Dual::new(2.0, 1.0), Dual::new(3.0, 0.0)];
    let (sum, product): (Dual<f64>, Dual<f64>) = (duals.iter().sum(), duals.into_iter().product());
    assert_eq!((sum.value, sum.tangent, product.value, product.tangent), (5.0, 1.0, 6.0, 3.0));
}

#[test]
fn a_sum_is_one_node_whatever_the_number_of_its_terms() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0; 10]);
    let before = tape.len();
    let _: Var<'_, f64> = x.iter().sum();
    assert_eq!(tape.len() - before, 1);
    let (sum, product): (Var<'_, f64>, Var<'_, f64>) = (x[..1].iter().sum(), x[..1].iter().product());
    assert_eq!((tape.len() - before, sum, product), (1, x[0], x[0]));
}

#[test]
fn comparisons_are_by_value() {
    let tape = Tape::new();
    let (x, y, z) = (tape.var(2.0), tape.var(3.0), tape.var(2.0));
    assert_eq!([x < y, y > x, x <= z, x >= z, x == z, x != y], [true; 6]);
    assert!(x < 2.5 && x > 1.5 && x == 2.0 && x != 3.0);
    assert!(x == Var::from(2.0) && x < Var::from(3.0));
    let nan = tape.var(f64::NAN);
    assert_eq!([nan == nan, nan < x, nan > x, nan.partial_cmp(&x).is_some()], [false; 4]);
    let (a, b) = (Dual::new(2.0, 1.0), Dual::new(2.0, 7.0));
    assert!(a == b && a <= b && a < 3.0);
    let single = Tape::<f32>::new();
    assert!(single.var(0.5) == 0.5 && single.var(0.5) < 0.75);
}
