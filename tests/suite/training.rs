//! Training: small problems are learnt, runs are reproducible, early stopping keeps the best, mistakes are told.

mod common;

use common::assert_panics;
use gradtape::data::{Batch, synthetic};
use gradtape::nn::Dense;
use gradtape::prelude::*;
use gradtape::train::evaluate;
use std::cell::{Cell, RefCell};

network! {
    /// 784 pixels in, ten class probabilities out.
    pub struct Digits { hidden: dense(784, 128, relu), output: dense(128, 10, softmax) }
}

network! {
    struct Small { dense(2, 16, tanh), dense(16, 2, softmax) }
}

fn weights<T: Scalar>(net: &impl Module<T>) -> Vec<Tensor<T>> {
    net.params().into_iter().map(|param| param.value()).collect()
}

/// The four rows of xor with class numbers.
fn xor() -> Dataset<f32> {
    Dataset::new(synthetic::xor().inputs(), [0, 1, 1, 0]).expect("four rows")
}

#[test]
fn handwritten_digits_are_learnt_as_the_readme_shows() -> gradtape::Result<()> {
    let (train, test) = (synthetic::digits(1500, 1), synthetic::digits(200, 2));
    let mut net = Digits::new(&mut Rng::new(7));
    let history = Trainer::new(Adam::new(1e-3), loss::cross_entropy)
        .epochs(5)
        .batch_size(64)
        .seed(7)
        .metric(Accuracy)
        .validation(&test)
        .early_stopping(3)
        .fit(&mut net, &train)?;
    let rng = &mut Rng::new(7);
    let net2 = network!(dense(784, 128, relu), dense(128, 10, softmax)).init(rng);
    let net3 = network! { < dense(784, 128, relu), dense(128, 10, softmax) > }.init(rng);
    let net4 = network!(dense(784, 128, relu), dense(128, 10, softmax)).init_as::<f64>(rng);
    assert_eq!([net2.parameter_count(), net3.parameter_count(), net4.parameter_count()], [101_770; 3]);
    let best = history.best().expect("five epochs");
    assert!(best.metric("accuracy") > Some(0.8), "{history}");
    assert_eq!(best.metrics.len(), 1);
    assert!(history.epochs[4].loss < 0.5 * history.epochs[0].loss, "{history}");
    Ok(())
}

#[test]
fn xor_is_learnt_by_classes_by_squares_and_by_one_probability() -> gradtape::Result<()> {
    let data = xor();
    let mut classes = Small::new(&mut Rng::new(7));
    let history = Trainer::new(Sgd::new(0.5).momentum(0.9), loss::cross_entropy)
        .epochs(200)
        .batch_size(4)
        .metric(Accuracy)
        .fit(&mut classes, &data)?;
    let last = history.epochs.last().expect("200 epochs");
    assert!(last.metric("accuracy") == Some(1.0) && last.loss < 0.05, "{last}");
    assert_eq!(last.validation_loss, None);

    let mut one = network!(dense(2, 8, tanh), dense(8, 1, sigmoid)).init_as::<f32>(&mut Rng::new(1));
    for square in [true, false] {
        let history = Trainer::new(Adam::new(0.05), |y, t| if square { loss::mse(y, t) } else { loss::bce(y, t) })
            .epochs(300)
            .metric(Accuracy)
            .fit(&mut one, &synthetic::xor())?;
        assert_eq!(history.epochs.last().and_then(|epoch| epoch.metric("accuracy")), Some(1.0), "{square}");
    }
    Ok(())
}

#[test]
fn moons_and_spirals_are_told_apart() -> gradtape::Result<()> {
    let (train, test) = synthetic::moons(300, 0.1, 1).split(0.8)?;
    let mut net = Small::new(&mut Rng::new(7));
    Trainer::new(Adam::new(0.02), loss::cross_entropy).epochs(60).batch_size(16).fit(&mut net, &train)?;
    let found = evaluate(&net, &test, loss::cross_entropy, &[&Accuracy])?;
    assert!(found.metrics[0].1 > 0.97 && found.loss < 0.1, "{found:?}");

    let (train, test) = synthetic::spirals(300, 3, 0.02, 1).shuffle(&mut Rng::new(2)).split(0.8)?;
    let mut net = network!(dense(2, 32, relu), dense(32, 32, relu), dense(32, 3, softmax)).init(&mut Rng::new(7));
    let history = Trainer::new(Adam::new(0.01), loss::cross_entropy)
        .epochs(120)
        .batch_size(16)
        .metric(Accuracy)
        .validation(&test)
        .early_stopping(40)
        .fit(&mut net, &train)?;
    assert!(history.best().and_then(|best| best.metric("accuracy")) > Some(0.9), "{history}");
    Ok(())
}

#[test]
fn a_loop_by_hand_learns_what_the_trainer_learns() -> gradtape::Result<()> {
    let data = synthetic::moons(64, 0.1, 3);
    let (mut by_hand, mut trained) = (Small::new(&mut Rng::new(7)), Small::new(&mut Rng::new(7)));
    let mut optimizer = Adam::new(0.02);
    let mut tape = Tape::<f32>::new();
    for _ in 0..5 {
        for batch in data.batches(16) {
            tape.reset();
            let y = by_hand.forward(tape.constant(batch.inputs));
            let gradients = loss::cross_entropy(y, &batch.targets).backward();
            optimizer.step(&mut by_hand, &gradients);
        }
    }
    Trainer::new(Adam::new(0.02), loss::cross_entropy)
        .epochs(5)
        .batch_size(16)
        .shuffle(false)
        .fit(&mut trained, &data)?;
    assert_eq!(weights::<f32>(&by_hand), weights::<f32>(&trained));
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() -> gradtape::Result<()> {
    let data = synthetic::moons(100, 0.1, 3);
    let run = |seed| {
        let mut net = network!(dense(2, 16, relu), dropout(0.3), dense(16, 2, softmax)).init(&mut Rng::new(7));
        let history = Trainer::new(Sgd::new(0.1), loss::cross_entropy).epochs(3).seed(seed).fit(&mut net, &data)?;
        let losses: Vec<u64> = history.epochs.iter().map(|epoch| epoch.loss.to_bits()).collect();
        Ok::<_, gradtape::Error>((losses, weights::<f32>(&net)))
    };
    assert_eq!(run(7)?, run(7)?);
    assert_ne!(run(7)?, run(8)?);
    Ok(())
}

#[test]
fn early_stopping_puts_the_best_parameters_back() -> gradtape::Result<()> {
    let (train, test) = (synthetic::moons(60, 0.4, 3), synthetic::moons(60, 0.4, 4));
    let mut net = Small::new(&mut Rng::new(7));
    let history = Trainer::new(Adam::new(0.3), loss::cross_entropy)
        .epochs(100)
        .batch_size(8)
        .validation(&test)
        .early_stopping(4)
        .fit(&mut net, &train)?;
    let best = history.best().expect("epochs");
    assert!(history.stopped_early && history.epochs.len() == best.number + 4, "{history}");
    let found = evaluate(&net, &test, loss::cross_entropy, &[])?;
    assert!(
        (Some(found.loss), best.validation_loss)
            .0
            .is_some_and(|loss| { (loss - best.deciding_loss()).abs() < 1e-5 * (1.0 + loss) })
    );
    assert!(found.loss < history.epochs.last().expect("epochs").deciding_loss());
    Ok(())
}

#[test]
fn without_validation_early_stopping_looks_at_the_training_loss() -> gradtape::Result<()> {
    let data = Dataset::<f64>::new([[1.0]], [[1.0]])?;
    let mut net = Dense::new(1, 1, &mut Rng::new(7));
    // With a learning rate of 0 nothing improves.
    let history = Trainer::new(Sgd::new(0.0), loss::mse).epochs(50).early_stopping(2).fit(&mut net, &data)?;
    assert!(history.stopped_early);
    assert_eq!(history.epochs.len(), 3);
    Ok(())
}

#[test]
fn functions_are_called_after_every_epoch_in_order() -> gradtape::Result<()> {
    let (seen, count) = (RefCell::new(Vec::new()), Cell::new(0));
    let mut net = Small::new(&mut Rng::new(7));
    let history = Trainer::new(Sgd::new(0.1), loss::cross_entropy)
        .epochs(3)
        .on_epoch(|epoch| seen.borrow_mut().push(epoch.clone()))
        .on_epoch(|_| count.set(count.get() + 1))
        .progress(true)
        .fit(&mut net, &xor())?;
    assert_eq!(*seen.borrow(), history.epochs);
    assert_eq!((count.get(), history.epochs.len(), history.stopped_early), (3, 3, false));
    assert_eq!(history.epochs.iter().map(|epoch| epoch.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(history.epochs.iter().all(|epoch| epoch.seconds >= 0.0 && epoch.metrics.is_empty()));
    Ok(())
}

#[test]
fn a_second_fit_goes_on_with_what_the_optimizer_remembers() -> gradtape::Result<()> {
    let data = Dataset::<f64>::new([[1.0], [2.0]], [[3.0], [5.0]])?;
    let fresh = || Dense::<f64>::new(1, 1, &mut Rng::new(7));
    let trainer = || Trainer::new(Sgd::new(0.05).momentum(0.9), loss::mse).batch_size(2);
    let (mut once, mut twice) = (fresh(), fresh());
    trainer().epochs(6).fit(&mut once, &data)?;
    let mut in_two = trainer().epochs(3);
    in_two.fit(&mut twice, &data)?;
    in_two.fit(&mut twice, &data)?;
    for (a, b) in weights(&once).iter().zip(weights(&twice)) {
        assert!((a.as_slice()[0] - b.as_slice()[0]).abs() < 1e-12);
    }
    Ok(())
}

#[test]
fn mistakes_in_data_and_settings_are_errors() {
    let data = xor();
    let empty = data.select(&[]);
    let fit = |trainer: &mut dyn FnMut(&mut Small<f32>) -> gradtape::Result<History>| {
        trainer(&mut Small::new(&mut Rng::new(7))).expect_err("it is a mistake").to_string()
    };
    let trainer = || Trainer::new(Sgd::new(0.1), loss::cross_entropy);
    let message = fit(&mut |net| trainer().batch_size(0).fit(net, &data));
    assert_eq!(message, "fit: a batch of 0 rows; the batch size must be 1 or more");
    assert_eq!(fit(&mut |net| trainer().fit(net, &empty)), "fit: the training data have no row");
    let message = fit(&mut |net| trainer().validation(&empty).fit(net, &data));
    assert_eq!(message, "fit: the validation data have no row");
    let net = Small::new(&mut Rng::new(7));
    let message = evaluate(&net, &empty, loss::cross_entropy, &[]).expect_err("no rows").to_string();
    assert_eq!(message, "evaluate: the data set has no row");
}

#[test]
fn a_loss_that_is_not_finite_names_epoch_and_batch_and_leaves_the_model_of_before() -> gradtape::Result<()> {
    let data = Dataset::<f64>::new([[1.0], [2.0], [f64::NAN], [3.0]], [[1.0], [2.0], [3.0], [3.0]])?;
    let mut net = Dense::new(1, 1, &mut Rng::new(7));
    let mut trainer = Trainer::new(Sgd::new(0.01), loss::mse).batch_size(1).shuffle(false);
    let error = trainer.fit(&mut net, &data).expect_err("a NaN in the data").to_string();
    assert!(error.starts_with("fit: the loss of epoch 1, batch 3 is NaN; try a smaller learning rate"), "{error}");
    assert!(weights(&net).iter().all(|weight| weight.as_slice()[0].is_finite()));

    let mut net = Dense::new(1, 1, &mut Rng::new(7));
    let data = Dataset::<f64>::new([[10.0]], [[1.0]])?;
    let error = Trainer::new(Sgd::new(1e10), loss::mse).epochs(1000).fit(&mut net, &data).expect_err("it diverges");
    assert!(error.to_string().contains("batch 1 is inf") || error.to_string().contains("batch 1 is NaN"), "{error}");
    Ok(())
}

#[test]
fn evaluation_in_batches_is_that_of_all_rows_with_dropout_off() -> gradtape::Result<()> {
    let data = synthetic::moons(600, 0.1, 5);
    let net = network!(dense(2, 16, relu), dropout(0.5), dense(16, 2, softmax)).init(&mut Rng::new(7));
    let found = evaluate(&net, &data, loss::cross_entropy, &[&Accuracy])?;
    let tape = Tape::new();
    let y = net.forward(tape.constant(data.inputs()));
    let expected = f64::from(loss::cross_entropy(y, data.targets()).item());
    assert!((found.loss - expected).abs() < 1e-6);
    assert_eq!(found.metrics[0].1, Accuracy.evaluate(&y.value(), data.targets()));
    Ok(())
}

#[test]
fn a_boxed_model_is_trained_through_its_traits() -> gradtape::Result<()> {
    trait Model: Layer<f32> + Module<f32> {}
    impl<M: Layer<f32> + Module<f32>> Model for M {}
    let mut net: Box<dyn Model> = Box::new(Small::new(&mut Rng::new(7)));
    let history = Trainer::new(Adam::new(0.05), loss::cross_entropy).epochs(50).fit(&mut *net, &xor())?;
    assert!(history.epochs[49].loss < history.epochs[0].loss);
    let mut batch = Batch::default();
    xor().gather_into(&[0, 1], &mut batch);
    let tape = Tape::new();
    let gradients = loss::cross_entropy(net.forward(tape.constant(&batch.inputs)), &batch.targets).backward();
    Sgd::new(0.1).step(&mut *net, &gradients);
    Ok(())
}

#[test]
fn gradients_of_another_model_are_refused() {
    let net = network!(dense(2, 1)).init(&mut Rng::new(7));
    let mut copy = net.clone();
    let tape = Tape::training(7);
    let gradients = net.forward(tape.constant([[1.0, 2.0]])).sum().backward();
    let mut optimizer = Sgd::new(0.1);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| optimizer.step(&mut copy, &gradients)));
    assert!(outcome.is_err(), "a clone has parameters of its own, none of which was on the tape");
}

#[test]
fn early_stopping_without_validation_keeps_the_parameters_that_its_loss_was_of() {
    // So large a step that the loss before it says nothing about the parameters after it.
    let data = Dataset::new([[1.0], [2.0]], [[2.0], [4.0]]).expect("as many inputs as targets");
    let mut net = network!(dense(1, 1)).init_as::<f64>(&mut Rng::new(7));
    let mut losses = Vec::new();
    let loss = |net: &dyn Layer<f64>| {
        let tape = Tape::inference();
        loss::mse(net.forward(tape.constant(data.inputs())), data.targets()).item()
    };
    for epochs in 1..5 {
        let mut net = net.clone();
        let _ = Trainer::new(Sgd::new(0.9), loss::mse).epochs(epochs).batch_size(2).fit(&mut net, &data);
        losses.push(loss(&net));
    }
    let _ = Trainer::new(Sgd::new(0.9), loss::mse).epochs(4).batch_size(2).early_stopping(10).fit(&mut net, &data);
    let best = losses.into_iter().fold(f64::INFINITY, f64::min);
    approx::assert_relative_eq!(loss(&net), best, max_relative = 1e-12);
}

#[test]
fn outputs_that_are_no_probabilities_are_refused_by_the_losses_of_probabilities() {
    let tape = Tape::<f64>::new();
    let logits = tape.tensor([[3.0, -1.0]]);
    let message = |run: &dyn Fn()| {
        let error = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).expect_err("it panics");
        error.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    let text = message(&|| {
        loss::cross_entropy(logits, &[0]);
    });
    assert!(text.contains("no probability") && text.contains("softmax_cross_entropy"), "{text}");
    let text = message(&|| {
        loss::bce(logits, &Tensor::from([[1.0, 0.0]]));
    });
    assert!(text.contains("no probability") && text.contains("bce_with_logits"), "{text}");
}

#[test]
fn a_loss_given_by_name_that_does_not_fit_points_at_the_call_that_trains_or_evaluates() {
    let columns = Dataset::<f64>::new(Tensor::zeros([3, 2]), Tensor::<f64>::zeros([3])).expect("as many rows");
    let classes = Dataset::<f64>::new(Tensor::zeros([3, 2]), [0, 2, 1]).expect("as many rows");
    let mut one = Dense::<f64>::new(2, 1, &mut Rng::new(7));
    let mut two = network!(dense(2, 2, softmax)).init_as::<f64>(&mut Rng::new(7));

    let mut mse = Trainer::new(Sgd::new(0.1), loss::mse);
    let words = "mse: [3, 1] and [3]: output and target must have the same shape";
    assert_panics(line!(), &[words], || mse.fit(&mut one, &columns));
    assert_panics(line!(), &[words], || evaluate(&one, &columns, loss::mse, &[]));

    let mut entropy = Trainer::new(Sgd::new(0.1), loss::cross_entropy).shuffle(false);
    let words = "cross_entropy: [3, 2] and [3]: row 1 is of class 2, but there are 2 classes";
    assert_panics(line!(), &[words], || entropy.fit(&mut two, &classes));

    let mut bce = Trainer::new(Sgd::new(0.1), loss::bce).shuffle(false);
    let words = "bce: [3, 1]: row 1 is of class 2, but there are 2 classes";
    assert_panics(line!(), &[words], || bce.fit(&mut one, &classes));
    // A closure calls the loss at its own line.
    let line = line!() + 1;
    let mut closure = Trainer::new(Sgd::new(0.1), |y, t| loss::mae(y, t));
    assert_panics(line, &["mae: [3, 1] and [3]"], || closure.fit(&mut one, &columns));
}
