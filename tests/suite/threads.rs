//! The same bits with any number of threads; threads of the user's own; panics.

use gradtape::prelude::*;
use gradtape::{Elementwise, Expr, Operand, threads, with_threads};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

/// Two come twice: by then helpers are awake, and smaller work is divided too.
const COUNTS: [usize; 3] = [2, 5, 2];

/// The bits of what `f` gives, which must not depend on the number of threads.
fn assert_same_bits<T: Bits>(name: &str, f: impl Fn() -> Vec<Tensor<T>>) {
    let bits = |count| {
        let results = with_threads(count, &f);
        results.iter().map(|x| x.as_slice().iter().map(|x| x.bits()).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let one = bits(1);
    for count in COUNTS {
        assert!(bits(count) == one, "{name}: other bits with {count} threads");
    }
}

trait Bits: Scalar {
    fn bits(self) -> u64;
}

impl Bits for f32 {
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Bits for f64 {
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

fn random<T: Scalar>(shape: &[usize], seed: u64) -> Tensor<T> {
    Tensor::from_vec(Tensor::<f64>::randn(shape, &mut Rng::new(seed)).iter().map(|x| T::lit(*x)).collect(), shape)
        .expect("as many numbers")
}

/// The product and the gradients of both factors.
fn product<T: Scalar>(a: &[usize], b: &[usize]) -> Vec<Tensor<T>> {
    let (a, b) = (random::<T>(a, 1), random::<T>(b, 2));
    let tape = Tape::<T>::new();
    let [x, y] = [&a, &b].map(|factor| tape.tensor(factor));
    let z = x.matmul(y);
    let gradients = (z * &random::<T>(z.shape(), 3)).sum().backward();
    vec![z.value(), gradients.wrt(x), gradients.wrt(y)]
}

#[test]
fn products_have_the_same_bits() {
    // Tall, wide, thin, of sizes that fill no tile, a row, a column, stacks high and low.
    let shapes: &[[&[usize]; 2]] = &[
        [&[64, 784], &[784, 128]],
        [&[200, 257], &[257, 201]],
        [&[2000, 500], &[500, 8]],
        [&[7, 3000], &[3000, 500]],
        [&[1, 3000], &[3000, 3001]],
        [&[3001, 2600], &[2600, 1]],
        [&[40, 64, 64], &[40, 64, 65]],
        [&[2, 140, 250], &[2, 250, 240]],
        [&[2, 1, 64, 64], &[17, 64, 64]],
    ];
    for [a, b] in shapes {
        assert_same_bits(&format!("f32 {a:?} by {b:?}"), || product::<f32>(a, b));
    }
    for [a, b] in &shapes[1..3] {
        assert_same_bits(&format!("f64 {a:?} by {b:?}"), || product::<f64>(a, b));
    }
}

#[test]
fn sums_have_the_same_bits() {
    for shape in [&[700_003][..], &[700, 1_001], &[3, 300_000], &[300_000, 3], &[2, 1000, 501]] {
        let x = random::<f32>(shape, 4);
        assert_same_bits(&format!("sums of {shape:?}"), || {
            let mut sums = vec![x.sum(), x.mean(), x.norm()];
            for axis in 0..shape.len() as isize {
                sums.extend([x.sum_axis(axis, false), x.mean_axis(axis, true)]);
            }
            sums
        });
    }
}

#[elementwise]
fn formula<T>(x: T, a: T, b: T) -> T {
    tanh(x * a + b) * sigmoid(x) + exp(-(x * x))
}

#[test]
fn elementwise_functions_have_the_same_bits() {
    let shapes: &[[&[usize]; 3]] = &[
        [&[400_001], &[400_001], &[400_001]],
        [&[1001, 401], &[401], &[1001, 1]],
        [&[1, 2, 200_003], &[2, 1], &[]],
        [&[500, 1, 20], &[1, 50, 1], &[500, 50, 20]],
    ];
    for shapes in shapes {
        let inputs: Vec<Tensor<f32>> = shapes.iter().zip(5..).map(|(shape, seed)| random(shape, seed)).collect();
        assert_same_bits(&format!("a chain of {shapes:?}"), || {
            let tape = Tape::<f32>::new();
            let [x, a, b] = [0, 1, 2].map(|i| tape.tensor(&inputs[i]));
            let fused = formula(x + a * 0.0 + b * 0.0, a + x * 0.0 + b * 0.0, b + x * 0.0 + a * 0.0);
            let chain = (x * a + b).tanh() * x.sigmoid() + (-(x * x)).exp() + (x * 1e7).sin();
            let gradients = (fused + chain * 2.0 - x).sum().backward();
            vec![fused.value(), chain.value(), gradients.wrt(x), gradients.wrt(a), gradients.wrt(b)]
        });
    }
    let x = random::<f64>(&[500_000], 9);
    assert_same_bits("f64", || vec![x.exp(), x.sin(), &x * &x + 1.0]);
}

network! { struct Net { first: dense(300, 450, relu), second: dense(450, 300, tanh), output: dense(300, 10) } }

/// The weights after some steps, with Adam, and with momentum.
fn trained() -> Vec<Tensor<f32>> {
    let mut weights = Vec::new();
    for adam in [true, false] {
        let mut net = Net::new(&mut Rng::new(3));
        let data = Dataset::new(random::<f32>(&[128, 300], 6), (0..128).map(|i| i * i % 10).collect::<Vec<_>>());
        let data = data.expect("as many rows as classes");
        let history = match adam {
            true => {
                Trainer::new(Adam::new(1e-3), loss::softmax_cross_entropy).epochs(2).batch_size(64).fit(&mut net, &data)
            }
            false => Trainer::new(Sgd::new(0.1).momentum(0.9).nesterov(), loss::softmax_cross_entropy)
                .epochs(2)
                .batch_size(64)
                .fit(&mut net, &data),
        };
        let history = history.expect("a loss that is finite");
        weights.extend(net.params().into_iter().map(|param| param.value()));
        weights.push(Tensor::from(history.epochs.iter().map(|epoch| epoch.loss as f32).collect::<Vec<_>>()));
    }
    weights
}

#[test]
fn training_has_the_same_bits() {
    assert_same_bits("training", trained);
}

#[test]
fn optimizers_have_the_same_bits() {
    let start = random::<f32>(&[500_001], 8);
    assert_same_bits("optimizers", || {
        let mut weights = [(); 3].map(|()| gradtape::Param::new(start.clone()));
        let (mut adam, mut plain, mut momentum) = (Adam::new(0.1), Sgd::new(0.1), Sgd::new(0.1).momentum(0.9));
        for hold in [false, true] {
            let tape = Tape::<f32>::new();
            let gradients = weights.each_ref().map(|weight| tape.param(weight).square().sum().backward());
            // What is held elsewhere is changed in a new buffer.
            let held = hold.then(|| weights.each_ref().map(|weight| weight.value()));
            drop(tape);
            adam.step(&mut weights[0], &gradients[0]);
            plain.step(&mut weights[1], &gradients[1]);
            momentum.step(&mut weights[2], &gradients[2]);
            drop(held);
        }
        weights.each_ref().map(|weight| weight.value()).to_vec()
    });
}

#[test]
fn rows_are_gathered_the_same() {
    let inputs = random::<f32>(&[3000, 1000], 10);
    let data = Dataset::new(inputs, vec![0; 3000]).expect("as many rows as classes");
    let rows: Vec<usize> = (0..2000).map(|i| i * 7 % 3000).collect();
    assert_same_bits("rows", || {
        let mut batch = data::Batch::default();
        data.gather_into(&rows, &mut batch);
        assert_eq!(batch.inputs.at(&[1999, 3]), data.inputs().at(&[rows[1999], 3]));
        vec![batch.inputs]
    });
}

#[test]
fn the_environment_sets_the_number_of_threads() {
    const CHILD: &str = "GRADTAPE_TEST_THREADS_CHILD";
    if std::env::var_os(CHILD).is_some() {
        let bits = trained()
            .iter()
            .flat_map(|x| x.as_slice().to_vec())
            .fold(0u64, |hash, x| hash.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(x.to_bits().into()));
        println!("count {} bits {bits:x} end", threads());
        return;
    }
    let run = |count: &str| {
        let output = Command::new(std::env::current_exe().expect("this program"))
            // The test's name stands before the line, as it does on one processor; elsewhere behind it.
            .args(["--exact", "the_environment_sets_the_number_of_threads", "--nocapture", "--test-threads=1"])
            .env(CHILD, "1")
            .env("RAYON_NUM_THREADS", count)
            .output()
            .expect("this program runs again");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.split_once("count ").expect("the child's line").1;
        let (threads, rest) = line.split_once(" bits ").expect("the child's line");
        let bits = rest.split_once(" end").expect("the child's line").0;
        (threads.parse::<usize>().expect("a number"), bits.to_owned())
    };
    let (one, three) = (run("1"), run("3"));
    assert_eq!([one.0, three.0], [1, 3]);
    assert!(one.1 == three.1, "{one:?}, {three:?}");
    // What is no number counts as not set.
    let processors = std::thread::available_parallelism().map_or(1, usize::from).min(256);
    assert_eq!(run("all").0, processors);
}

#[test]
fn several_tapes_on_several_threads_compute_at_once() {
    let expected = with_threads(1, || product::<f32>(&[100, 400], &[400, 200]));
    std::thread::scope(|scope| {
        for count in 0..6 {
            let expected = &expected;
            scope.spawn(move || {
                for _ in 0..3 {
                    let found = with_threads(count, || product::<f32>(&[100, 400], &[400, 200]));
                    assert!(found == *expected);
                }
            });
        }
    });
}

#[derive(Clone, Copy)]
struct Picky;

impl Elementwise<1> for Picky {
    const NAME: &'static str = "picky";

    fn f32(&self, [x]: [f32; 1]) -> f32 {
        assert!(x != 777_777.0, "picky: it does not take {x}");
        x
    }

    fn f64(&self, [x]: [f64; 1]) -> f64 {
        x
    }

    fn slopes<A: Operand>(&self, _: [Expr<A>; 1], _: Expr<A>) -> [Expr<A>; 1] {
        [Expr::Literal(1.0)]
    }
}

#[test]
fn a_panic_in_a_formula_comes_to_its_caller_and_leaves_the_threads_well() {
    let x = Tensor::<f32>::arange(0.0, 1e6, 1.0);
    for count in COUNTS {
        let result = std::panic::catch_unwind(|| {
            with_threads(count, || {
                let tape = Tape::<f32>::new();
                Operand::apply(Picky, [tape.tensor(&x)]).sum().item()
            })
        });
        let message = *result.expect_err("a number that it does not take").downcast::<String>().expect("its message");
        assert_eq!(message, "picky: it does not take 777777");
        with_threads(count, || assert_eq!(Tensor::<f32>::ones([1 << 20]).sum().item(), (1 << 20) as f32));
    }
}

/// What a panic carries, whose drop panics.
struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic_any(PanicsInDrop);
    }
}

/// Panics on every thread that computes it.
#[derive(Clone, Copy)]
struct Panics;

impl Elementwise<1> for Panics {
    const NAME: &'static str = "panics";

    fn f32(&self, _: [f32; 1]) -> f32 {
        std::thread::sleep(Duration::from_millis(10));
        panic_any(PanicsInDrop)
    }

    fn f64(&self, [x]: [f64; 1]) -> f64 {
        self.f32([x as f32]).into()
    }

    fn slopes<A: Operand>(&self, _: [Expr<A>; 1], _: Expr<A>) -> [Expr<A>; 1] {
        [Expr::from(1.0)]
    }
}

#[test]
fn a_formula_may_panic_with_what_panics_when_it_is_dropped() {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for count in [2, 3, 5] {
            for _ in 0..10 {
                let x = Tensor::<f32>::ones([1 << 20]);
                let result = catch_unwind(AssertUnwindSafe(|| {
                    with_threads(count, || TensorVar::apply(Panics, [Tape::new().tensor(&x)]).value().len())
                }));
                let panic = result.expect_err("the formula panics");
                assert!(panic.is::<PanicsInDrop>());
                std::mem::forget(panic);
                let sum = with_threads(count, || (&x + &x).sum().item());
                assert_eq!(sum, (2 << 20) as f32, "{count} threads");
            }
        }
        sender.send(()).expect("the test waits");
    });
    receiver.recv_timeout(Duration::from_secs(60)).expect("every call comes back, and the sums are right");
}
