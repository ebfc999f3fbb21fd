//! Formulas of lists of numbers and of scalars on a tape: element by element, with the values of a tensor.

use super::{close, drawn, swish, swish_by_hand};
use gradtape::{Dual, Rng, Scalar, Tape, Tensor, Var, elementwise, gradcheck::GradCheck, numeric, ops::Operand};

#[elementwise]
fn step<T>(cell: T, forget: T, x: T, bias: T) -> T {
    cell * sigmoid(forget) + tanh(x + bias)
}

#[elementwise]
fn wave<T>(x: T) -> T {
    sin(x) * 2.0
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// The numbers of a tensor are those of the list, which is no longer than a block, or longer, or very long.
#[test]
fn the_values_are_those_of_a_tensor() {
    for len in [0, 1, 7, 15, 16, 17, 33, 127, 128, 300] {
        let [c, f, x, b]: [Tensor<f64>; 4] = drawn(&[&[len][..]; 4], -3.0, 3.0).try_into().unwrap();
        let of_tensors = step(&c, &f, &x, &b);
        let [c, f, x, b] = [&c, &f, &x, &b].map(Tensor::as_slice);
        let of_numbers: Vec<f64> = step(c, f, x, b);
        assert_eq!(bits(&of_numbers), bits(of_tensors.as_slice()), "{len} numbers");

        let tape = Tape::new();
        let [c, f, x, b] = [c, f, x, b].map(|numbers| tape.vars(numbers));
        let of_scalars: Vec<Var<'_, f64>> = step(&c, &f, &x, &b);
        let values: Vec<f64> = of_scalars.iter().map(|y| y.value()).collect();
        assert_eq!(bits(&values), bits(&of_numbers), "{len} scalars");
        assert_eq!(tape.len(), 5 * len, "a node for each");
    }
}

#[test]
fn slopes_are_those_of_each_element_alone() {
    let [x, beta]: [Tensor<f64>; 2] = drawn(&[&[40], &[40]], -2.0, 2.0).try_into().unwrap();
    let tape = Tape::new();
    let [xs, betas] = [&x, &beta].map(|numbers| tape.vars(numbers.as_slice()));
    let weights: Vec<f64> = (0..40).map(|i| 0.3 * f64::from(i) - 5.0).collect();
    let gradients = numeric::dot(&swish(&xs, &betas), &weights).backward();
    for i in 0..40 {
        let (_, by_x, by_beta) = swish_by_hand(x.as_slice()[i], beta.as_slice()[i]);
        assert!(close(gradients.wrt(xs[i]), weights[i] * by_x), "x {i}");
        assert!(close(gradients.wrt(betas[i]), weights[i] * by_beta), "beta {i}");
    }
}

/// Of one argument, of two and of four, some of which are constants.
#[test]
fn checked_against_differences() {
    fn f<'t>(x: &[Var<'t, f64>]) -> Var<'t, f64> {
        let constants: Vec<_> = (0..9).map(|i| Var::from(0.1 * f64::from(i))).collect();
        let y = step(&x[..9], &x[9..18], &x[18..27], &x[27..]);
        let z = swish(&y, &constants);
        let w = step(&wave(&z)[..], &constants, &x[18..27], &z);
        w.into_iter().zip(1..).map(|(w, i)| w * f64::from(i)).sum()
    }
    let point: Vec<f64> = drawn(&[&[36]], -1.5, 1.5)[0].as_slice().to_vec();
    GradCheck::new().check_scalars(f, &point).unwrap();
}

#[test]
fn constants_alone_are_on_no_tape() {
    let y: Vec<Var<'_, f64>> = wave(&[Var::from(0.5), Var::from(1.5)][..]);
    assert!(y.iter().all(|y| y.tape().is_none()));
    let tape = Tape::new();
    let x = tape.var(1.0);
    let y = swish(&[x, Var::from(2.0)][..], &[Var::from(1.0), Var::from(3.0)][..]);
    assert_eq!(tape.len(), 2);
    assert!(y[1].tape().is_none());
    let [expected, by_x, _] = [swish_by_hand(1.0, 1.0)].map(|(y, by_x, by_beta)| [y, by_x, by_beta])[0];
    assert!(close(y[0].value(), expected) && close(y[0].backward().wrt(x), by_x));
}

/// What is recorded after them goes on where they end; a reset and a sum of points find what they wrote.
#[test]
fn they_stand_among_other_nodes() {
    let mut tape = Tape::new();
    for round in 0..3 {
        tape.reset();
        let x = tape.vars(&[0.3, -0.4, 0.9]);
        let sum = x[0] + x[1];
        let y = step(&x[..], &[sum, sum * x[2], x[1]], &x, &[sum; 3]);
        let late = tape.var(2.0);
        let z = (wave(&y)[2] * late + numeric::sum(&y)).sin();
        let gradients = z.backward();

        let one = Tape::new();
        let u = one.vars(&[0.3, -0.4, 0.9]);
        let sum = u[0] + u[1];
        let forget = [sum, sum * u[2], u[1]];
        let each: Vec<_> = (0..3).map(|i| step(u[i], forget[i], u[i], sum)).collect();
        let two = one.var(2.0);
        let expected = (wave(each[2]) * two + numeric::sum(&each)).sin().backward();
        for i in 0..3 {
            assert!(close(gradients.wrt(x[i]), expected.wrt(u[i])), "round {round}, x {i}");
            assert!(close(gradients.wrt(y[i]), expected.wrt(each[i])), "round {round}, y {i}");
        }
        assert!(close(gradients.wrt(late), expected.wrt(two)), "round {round}");
    }
}

#[test]
fn angles_that_are_far_go_through_the_standard_library() {
    let x: Vec<f64> = (0..20).map(|i| if i % 3 == 0 { 1e12 + f64::from(i) } else { f64::from(i) }).collect();
    let tape = Tape::new();
    let vars = tape.vars(&x);
    let y = wave(&vars);
    let gradients = numeric::sum(&y).backward();
    for i in 0..20 {
        assert!((y[i].value() - 2.0 * x[i].sin()).abs() < 1e-15 * 4.0, "{}", x[i]);
        assert!((gradients.wrt(vars[i]) - 2.0 * x[i].cos()).abs() < 1e-15 * 4.0, "{}", x[i]);
        assert_eq!(wave(&x)[i].to_bits(), y[i].value().to_bits());
    }
}

#[test]
fn other_numbers_go_one_by_one() {
    let x: Vec<Dual<f64>> = (0..5).map(|i| Dual::new(0.2 * f64::from(i), 1.0)).collect();
    let expected: Vec<_> = x.iter().map(|x| wave(*x)).collect();
    assert_eq!(wave(&x), expected);

    // Second order: dual numbers on a tape.
    let tape = Tape::new();
    let on_tape = tape.vars(&x);
    let gradients = numeric::sum(&wave(&on_tape)).backward();
    for (var, x) in on_tape.iter().zip(&x) {
        assert!(close(gradients.wrt(*var).tangent, -2.0 * x.value.sin()));
    }
}

#[test]
fn generic_code_takes_lists_of_every_number() {
    fn layer<N: Operand>(x: &[N], beta: &[N]) -> Vec<N> {
        swish(x, beta)
    }
    let (x, beta) = ([0.5; 20], [2.0; 20]);
    let expected = layer(&x, &beta);
    assert_eq!(layer(&x.map(|x| x as f32), &beta.map(|x| x as f32)).len(), 20);
    let tape = Tape::new();
    let on_tape = layer(&tape.vars(&x), &tape.vars(&beta));
    let tangents = layer(&x.map(|x| Dual::new(x, 1.0)), &beta.map(Dual::constant));
    for i in 0..20 {
        assert_eq!(on_tape[i].value(), expected[i]);
        assert!(close(tangents[i].value, expected[i]) && close(tangents[i].tangent, swish_by_hand(0.5, 2.0).1));
    }
    assert_eq!(swish(&x, &beta), expected);
}

/// A formula of two arguments with numbers that vectors leave to be computed one by one, in both precisions.
#[test]
fn what_vectors_leave_is_right_towards_every_argument() {
    #[elementwise]
    fn left<T>(w: T, x: T, y: T) -> T {
        if w > 0.0 { w * sin(x) } else { w * lgamma(y) }
    }
    fn check<T: Scalar>(to: impl Fn(f64) -> T, of: impl Fn(T) -> f64, tolerance: f64) {
        let w: Vec<T> = (0..40).map(|i| to(f64::from(i % 7) - 3.0)).collect();
        let x: Vec<T> = (0..40).map(|i| to(if i % 5 == 0 { 3e7 + f64::from(i) } else { 0.3 * f64::from(i) })).collect();
        let y: Vec<T> = (0..40).map(|i| to(0.37 * f64::from(i) - 4.2)).collect();
        let tape = Tape::<T>::new();
        let [ws, xs, ys] = [&w, &x, &y].map(|numbers| tape.vars(numbers));
        let results = left(&ws, &xs, &ys);
        let gradients = numeric::sum(&results).backward();
        for i in 0..40 {
            let exact = Tape::new();
            let [w, x, y] = [w[i], x[i], y[i]].map(|number| exact.var(of(number)));
            let z = left(w, x, y);
            let slopes = z.backward().wrt([w, x, y]);
            let near = |found: T, expected: f64| (of(found) - expected).abs() <= tolerance * expected.abs().max(1.0);
            assert!(near(results[i].value(), z.value()), "value {i}");
            for (j, (var, slope)) in [ws[i], xs[i], ys[i]].into_iter().zip(slopes).enumerate() {
                assert!(near(gradients.wrt(var), slope), "slope {j} of {i}: {} {slope}", of(gradients.wrt(var)));
            }
        }
    }
    check::<f64>(|x| x, |x| x, 1e-12);
    check::<f32>(|x| x as f32, f64::from, 1e-5);
}

/// Arguments of constants alone take nothing of the tape, whole lists and single elements of them.
#[test]
fn arguments_of_constants_are_not_recorded() {
    let tape = Tape::new();
    let x = tape.vars(&[0.2, -0.4, 0.9]);
    let constants: Vec<_> = [1.0, 2.0, 3.0].map(Var::from).to_vec();
    let lists: [[&Vec<Var<'_, f64>>; 4]; 4] = [
        [&x, &constants, &constants, &constants],
        [&constants, &x, &constants, &x],
        [&constants, &x, &x, &x],
        [&x, &x, &x, &constants],
    ];
    for (case, [c, f, u, b]) in lists.into_iter().enumerate() {
        let (before, bytes) = (tape.len(), tape.memory_bytes());
        let y = step(c, f, u, b);
        assert_eq!(tape.len(), before + 3);
        assert_eq!(tape.memory_bytes() - bytes, 3 * [16, 24, 16 + 48, 16 + 48][case]);
        let gradients = numeric::sum(&y).backward();
        let single: Vec<_> = (0..3).map(|i| step(c[i], f[i], u[i], b[i])).collect();
        let expected = numeric::sum(&single).backward();
        for x in &x {
            assert!(close(gradients.wrt(*x), expected.wrt(*x)), "case {case}");
        }
    }
}

#[test]
fn a_tape_grows_in_the_middle_of_a_list() {
    let mut rng = Rng::new(5);
    let x = Tensor::<f64>::rand([3000], &mut rng);
    let tape = Tape::with_capacity(1);
    let vars = tape.vars(x.as_slice());
    let mut y = vars.clone();
    for _ in 0..5 {
        y = swish(&y, &vars);
    }
    let gradients = numeric::sum(&y).backward();
    let tensors = Tape::new();
    let tx = tensors.tensor(&x);
    let expected = (0..5).fold(tx, |y, _| swish(y, tx)).sum().backward().wrt(tx);
    for (var, expected) in vars.iter().zip(expected.as_slice()) {
        assert!(close(gradients.wrt(*var), *expected));
    }
}

#[test]
#[should_panic(expected = "swish: [2] and [3]: slices of one length are wanted")]
fn lists_of_several_lengths() {
    swish(&[1.0, 2.0][..], &[1.0, 2.0, 3.0]);
}

#[test]
#[should_panic(expected = "swish: its operands are on different tapes")]
fn lists_of_several_tapes() {
    let (a, b) = (Tape::new(), Tape::new());
    swish(&a.vars(&[1.0, 2.0]), &b.vars(&[1.0, 2.0]));
}
