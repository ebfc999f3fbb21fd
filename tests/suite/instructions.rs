//! The same bits with every instruction set that has a fused multiply-add: a process for each, as the environment
//! limits it in builds with debug assertions.
#![cfg(debug_assertions)]

use gradtape::__vector::InstructionSet;
use gradtape::prelude::*;
use std::process::{Command, Output};

const TEST: &str = "a_program_has_the_same_bits_with_every_instruction_set_that_fuses";
const CHILD: &str = "GRADTAPE_TEST_INSTRUCTIONS_CHILD";

network! { struct Net { first: dense(30, 70, gelu), second: dense(70, 33, tanh), output: dense(33, 10) } }

#[elementwise]
fn formula<T>(x: T, y: T) -> T {
    (x * y).sin() * (-x.abs()).exp() + (x * x + y * y + 1.0).ln() * 0.5
}

/// The numbers that a training, functions and their gradients, sums and products lead to.
fn program() -> Vec<f64> {
    let mut rng = Rng::new(3);
    let mut net = Net::new(&mut rng);
    let classes = (0..128).map(|i| i * i % 10).collect::<Vec<_>>();
    let data = Dataset::new(Tensor::<f32>::randn([128, 30], &mut rng), classes).expect("as many rows as classes");
    let mut trainer = Trainer::new(Adam::new(1e-3), loss::softmax_cross_entropy).epochs(3).batch_size(32);
    let history = trainer.fit(&mut net, &data).expect("a loss that is finite");
    let mut numbers: Vec<f64> = history.epochs.iter().map(|epoch| epoch.loss).collect();
    numbers.extend(
        net.params().into_iter().flat_map(|param| param.value().iter().map(|x| f64::from(*x)).collect::<Vec<_>>()),
    );

    let tape = Tape::<f64>::new();
    let [x, y] = [0; 2].map(|_| tape.tensor(Tensor::<f64>::randn([37, 53], &mut rng)));
    let smooth = formula(x, y) + x.erf() * y.sigmoid() + x.softplus().lgamma() + (x * 3.0).cos().mish();
    let z = (smooth.softmax(1).matmul(y.t()) + x.sum_axis(1, true) * 1e-3).tanh();
    let gradients = (z * z).mean().backward();
    for tensor in [smooth.value(), z.value(), gradients.wrt(x), gradients.wrt(y)] {
        numbers.extend(tensor.iter());
    }
    numbers
}

fn run(set: &str) -> Output {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", TEST, "--nocapture"])
        .env(CHILD, "1")
        .env("GRADTAPE_INSTRUCTIONS", set)
        .output()
        .expect("this program runs again")
}

/// What the program gives in a process of its own, as it is printed to be read back without rounding.
fn numbers(set: &str) -> Vec<f64> {
    let output = run(set);
    assert!(output.status.success(), "{set}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let line = text.split_once("numbers ").and_then(|(_, rest)| rest.split_once(" end")).expect("the child's line").0;
    line.split(' ').map(|x| x.parse().expect("a number")).collect()
}

#[test]
fn a_program_has_the_same_bits_with_every_instruction_set_that_fuses() {
    if std::env::var_os(CHILD).is_some() {
        let numbers: Vec<_> = program().iter().map(|x| format!("{x:?}")).collect();
        println!("numbers {} end", numbers.join(" "));
        return;
    }
    let widest = numbers("avx512");
    assert!(widest.len() > 10_000 && widest.iter().all(|x| x.is_finite()));
    assert!(numbers("avx2") == widest, "AVX2 and AVX-512 give other bits");
    // Nothing is said, or nothing that is a name.
    assert!(numbers("") == widest);
    // The bits of the baseline are others where it has no fused multiply-add.
    let baseline = numbers("baseline");
    let all = InstructionSet::all();
    assert_eq!(baseline == widest, all.len() == 1 || all.iter().all(|set| set.fuses()));
    for (i, (x, y)) in baseline.iter().zip(&widest).enumerate() {
        assert!((x - y).abs() <= 1e-3 * (1.0 + y.abs()), "number {i}: {x}, with all instructions {y}");
    }
}

#[test]
fn an_instruction_set_that_nobody_knows_is_named() {
    let output = run("avx1024");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    let words = r#"is "avx1024": set the environment variable to one of ["avx512", "avx2", "baseline"], or unset it"#;
    assert!(text.contains(words), "{text}");
}
