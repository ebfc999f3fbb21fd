//! Every kind of node, in any order: what a sweep of scalars alone keeps and what it makes when asked for is what the
//! sweep over a tape with tensors keeps.

use gradtape::{Dual, Tape, Var, numeric, sum_over};

/// A program of `steps` operations chosen by `seed`; the variables come in between.
fn program<'t>(tape: &'t Tape<f64>, seed: u64, steps: usize) -> (Vec<Var<'t, f64>>, Vec<Var<'t, f64>>) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut choose = move |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let mut variables = vec![tape.var(0.3), tape.var(-0.7)];
    let mut values = variables.clone();
    for _ in 0..steps {
        let (a, b) = (values[choose(values.len())], values[choose(values.len())]);
        let c = *values.last().expect("it begins with two");
        values.push(match choose(11) {
            0 => a + b,
            1 => a - b,
            2 => c - a,
            3 => a * b,
            4 => -c,
            5 => c + 0.5,
            6 => 1.5 - a,
            7 => (c * 0.5).sin(),
            8 => numeric::dot(&[a, b, c], &[c, a, a]) * 0.1,
            9 => numeric::sum(&values[..values.len().min(5)]) * 0.1,
            _ => {
                variables.push(tape.var(0.1 * choose(9) as f64));
                *variables.last().expect("one was pushed")
            }
        });
        if values.last().is_some_and(|y| y.value().abs() > 10.0) {
            let y = values.pop().expect("there is one");
            values.push(y.tanh());
        }
    }
    (variables, values)
}

#[test]
fn a_sweep_that_keeps_variables_agrees_with_one_that_keeps_all() {
    for seed in 0..60 {
        let steps = [3, 20, 150][seed as usize % 3];
        let (scalars, mixed) = (Tape::new(), Tape::new());
        mixed.tensor([1.0]);
        let ((x, y), (u, v)) = (program(&scalars, seed, steps), program(&mixed, seed, steps));
        for from in [0, 1, y.len() / 3, y.len() - 2, y.len() - 1] {
            let (few, all) = (y[from].backward(), v[from].backward());
            assert_eq!(few.wrt(&x), all.wrt(&u), "variables, seed {seed}, from {from}");
            // In one go and one by one; also of values that the start does not depend on.
            for (i, (y, v)) in y.iter().zip(&v).enumerate() {
                assert_eq!(few.wrt(*y), all.wrt(*v), "value {i}, seed {seed}, from {from}");
            }
        }
    }
}

/// The derivative by one variable, by dual numbers.
fn forward(f: impl Fn([Dual<f64>; 2]) -> Dual<f64>, x: [f64; 2]) -> [f64; 2] {
    [0, 1].map(|i| {
        let mut x = x.map(Dual::from);
        x[i].tangent = 1.0;
        f(x).tangent
    })
}

#[test]
fn sums_and_differences_of_neighbours_and_of_one_with_itself() {
    macro_rules! check {
        ($a:ident, $b:ident: $($f:expr),* $(,)?) => { $(
            let tape = Tape::new();
            let [$a, $b] = [tape.var(0.4), tape.var(1.7)];
            let found = ($f).backward().wrt([$a, $b]);
            assert_eq!(found, forward(|[$a, $b]| $f, [0.4, 1.7]), "{}", stringify!($f));
        )* };
    }
    check!(a, b:
        a + a + b,
        (a - b) - a,
        b - (b - a),
        (a + b) + (a + b),
        -(a - a) - -b,
        a * b * b - b,
    );
}

#[test]
fn a_partial_derivative_of_infinity_brings_nothing_where_the_adjoint_is_zero() {
    let tape = Tape::new();
    let (x, y) = (tape.var(0.0), tape.var(2.0));
    let root = x.sqrt();
    let late = tape.var(3.0);
    let result = root * 0.0 + y * late;
    let gradients = result.backward();
    assert_eq!((gradients.wrt(x), gradients.wrt(y), gradients.wrt(late)), (0.0, 3.0, 2.0));
    assert_eq!(gradients.wrt(root), 0.0);
    // And a NaN that is one stays.
    let of_nan: f64 = (x.sqrt() * f64::NAN).backward().wrt(x);
    assert!(of_nan.is_nan());
    // The workspace is as it was.
    assert_eq!((y * late).backward().wrt(y), 3.0);
}

#[test]
fn variables_made_inside_a_point_do_not_reach_the_next_one() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let sum = sum_over(&[x], [1.0, 2.0, 3.0], |x, point| {
        let tape = x[0].tape().expect("a parameter is on the tape of its points");
        let first = tape.var(point);
        let product = x[0] * first;
        let late = tape.var(point);
        product * late
    });
    assert_eq!((sum.value(), sum.backward().wrt(x)), (28.0, 14.0));
}

#[test]
fn memory_that_sums_have_left_serves_products() {
    let mut tape = Tape::new();
    for (rounds, has_products) in [(5_000, false), (5_000, true), (40_000, false), (80_000, true), (3, true)] {
        tape.reset();
        let (x, y) = (tape.var(1.0), tape.var(1.0));
        let last = (0..rounds).fold(x, |z, _| if has_products { z * y } else { z + y });
        let gradients = last.backward();
        let by_y = gradients.wrt(y);
        assert_eq!((gradients.wrt(x), by_y), (1.0, f64::from(rounds)));
    }
    // The same where points are dropped again.
    let sum = sum_over(&[tape.var(1.0)], [(9_000, false), (18_000, true)], |x, (rounds, has_products)| {
        (0..rounds).fold(x[0], |z, _| if has_products { z * x[0] } else { z + x[0] })
    });
    assert_eq!(sum.value(), 9_002.0);
}
