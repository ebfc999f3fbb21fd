//! From its second step on, training allocates nothing of the size of a batch, a weight or a gradient.

mod counting;

use gradtape::data::Dataset;
use gradtape::prelude::*;
use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

/// What is larger than this is counted: nodes of the tape and class numbers of a batch are smaller.
const SMALL: usize = 512;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting { from: SMALL + 1 };

/// The tests share the pool of buffers: one of them could take what the other has warmed up.
static ALONE: Mutex<()> = Mutex::new(());

network! {
    struct Digits { hidden: dense(784, 128, relu), output: dense(128, 10, softmax) }
}

network! {
    struct Broad { hidden: dense(30, 300, relu), output: dense(300, 10) }
}

const STEPS: usize = 6;

fn data() -> Dataset<f32> {
    let rows = 64 * STEPS;
    let inputs = Tensor::rand([rows, 784], &mut Rng::new(1));
    Dataset::new(inputs, (0..rows).map(|row| row % 10).collect::<Vec<_>>()).expect("as many targets as rows")
}

/// Large allocations of each step, from the counts after each.
fn of_each(counts: &[usize]) -> Vec<usize> {
    counts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn what_is_large_is_counted_and_what_is_small_is_not() {
    let before = counting::allocations();
    let small = std::hint::black_box(vec![0u8; SMALL]);
    assert_eq!(counting::allocations(), before);
    let large = std::hint::black_box(vec![1u8; small.len() + 1]);
    assert_eq!((counting::allocations(), large.len()), (before + 1, SMALL + 1));
}

#[test]
fn a_step_of_the_trainer_allocates_nothing_large() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (data, mut net) = (data(), Digits::new(&mut Rng::new(7)));
    let counts = RefCell::new(Vec::with_capacity(64));
    let mut trainer = Trainer::new(Adam::new(1e-3), |y, t| {
        // Once a step.
        counts.borrow_mut().push(counting::allocations());
        loss::cross_entropy(y, t)
    })
    .epochs(3)
    .batch_size(64)
    .shuffle(true);
    trainer.fit(&mut net, &data).expect("it trains");
    let steps = of_each(&counts.borrow());
    assert_eq!(steps.len(), 3 * STEPS - 1);
    assert!(steps[1..].iter().all(|large| *large == 0), "{steps:?}");
}

/// Of more rows than a bias adds up one after the other.
#[test]
fn a_step_of_many_rows_allocates_nothing_large() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut net, mut rng) = (Broad::new(&mut Rng::new(7)), Rng::new(1));
    let [inputs, targets] = [30, 10].map(|columns| Tensor::<f32>::rand([1000, columns], &mut rng));
    let (mut optimizer, mut tape) = (Sgd::new(0.1), Tape::<f32>::training(7));
    let mut counts = Vec::with_capacity(64);
    for _ in 0..STEPS {
        tape.reset();
        let gradients = loss::mse(net.forward(tape.constant(&inputs)), &targets).backward();
        optimizer.step(&mut net, &gradients);
        counts.push(counting::allocations());
    }
    let steps = of_each(&counts);
    assert!(steps[1..].iter().all(|large| *large == 0), "{steps:?}");
}

#[test]
fn a_step_by_hand_allocates_nothing_large() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (data, mut net) = (data(), Digits::new(&mut Rng::new(7)));
    let mut optimizer = Sgd::new(0.1).momentum(0.9);
    let mut tape = Tape::<f32>::training(7);
    let mut counts = Vec::with_capacity(64);
    for batch in data.batches(64) {
        tape.reset();
        let y = net.forward(tape.constant(batch.inputs));
        let gradients = loss::cross_entropy(y, &batch.targets).backward();
        optimizer.step(&mut net, &gradients);
        counts.push(counting::allocations());
    }
    let steps = of_each(&counts);
    // The weights' buffers alternate with new ones, the first of which come in the second step.
    assert!(steps[1..].iter().all(|large| *large == 0), "{steps:?}");
}

/// Pages that the system had to find for this thread so far, where it says so.
fn page_faults() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
    // The name in brackets may hold spaces; behind it, the minor faults are the eighth field.
    stat.rsplit(')').next()?.split_whitespace().nth(7)?.parse().ok()
}

#[test]
fn steps_meet_no_fresh_pages() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    if page_faults().is_none() {
        println!("skipped: this system does not count the page faults of a thread");
        return;
    }
    let (data, mut net) = (data(), Digits::new(&mut Rng::new(7)));
    let mut optimizer = Adam::new(1e-3);
    let mut tape = Tape::<f32>::training(7);
    let mut faults = Vec::with_capacity(64);
    for _ in 0..5 {
        for batch in data.batches(64) {
            tape.reset();
            let y = net.forward(tape.constant(batch.inputs));
            let gradients = loss::cross_entropy(y, &batch.targets).backward();
            tape.reset();
            optimizer.step(&mut net, &gradients);
            faults.push(page_faults().unwrap_or_default());
        }
    }
    let after_warming_up = faults[faults.len() - 1] - faults[STEPS];
    // Reading the count itself may cost one now and then; freeing a step's buffers cost hundreds in each.
    assert!(after_warming_up <= 4, "{after_warming_up} page faults in {} steps", faults.len() - STEPS);
}
