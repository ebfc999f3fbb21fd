//! Learns to tell the classes in a table of numbers, with a gated residual network of layers declared here.
//!
//! With `--data FILE` from a file with a headline, its last column the class; without it, from a table that it draws.
//! Of rows held out it tells right, on average of ten splits (`--splits 10`): 96.3 % of breast_cancer (569 rows, 30
//! columns), 98.1 % of wine (178 rows, 13 columns), 98.0 % of iris (150 rows, 4 columns), data sets of the UCI
//! repository. A test requires, of five splits, 95.5, 96.5 and 95.5 %.

use gradtape::data::{Standardize, csv};
use gradtape::nn::Dense;
use gradtape::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

layer! {
    /// Brings each row to mean 0 and variance 1, then to a scale and a shift that are learned.
    pub struct Normalize(features: usize) {
        scale: [features] = init::ones,
        shift: [features] = init::zeros,
    }
    shape [features] -> [features]
    forward(x) {
        let centred = x - x.mean_axis(-1, true);
        centred / (x.var_axis(-1, true) + 1e-5).sqrt() * scale + shift
    }
}

layer! {
    /// The gated residual block of B. Lim et al., "Temporal fusion transformers" (2021): a small network whose every
    /// output passes through a gate, beside the way that changes nothing.
    pub struct Block(features: usize, drop: f64 = 0.1) {
        inner: Dense<T> = Dense::new(features, features, rng),
        outer: Dense<T> = Dense::new(features, features, rng),
        gate: Dense<T> = Dense::new(features, features, rng),
        dropout: nn::Dropout = nn::Dropout::new(drop),
        norm: Normalize<T> = Normalize::new(features, rng),
    }
    shape [features] -> [features]
    forward(x) {
        let y = dropout.forward(outer.forward(inner.forward(x).elu(1.0)));
        norm.forward(x + y * gate.forward(y).sigmoid())
    }
}

layer! {
    /// The whole network. How many columns and classes there are is read from the table.
    pub struct Classifier(columns: usize, classes: usize, width: usize = 24, depth: usize = 2) {
        embed: Dense<T> = Dense::new(columns, width, rng),
        blocks: Vec<Block<T>> = (0..depth).map(|_| Block::new(width, rng)).collect(),
        output: Dense<T> = Dense::new(width, classes, rng),
    }
    shape [columns] -> [classes]
    forward(x) { output.forward(blocks.forward(embed.forward(x))) }
}

network! {
    /// For the drawn table, whose sizes are known: the same blocks in a network.
    pub struct Spirals {
        embed: dense(2, 24, tanh),
        first: Block(24, drop = 0.0),
        second: Block(24, drop = 0.0),
        dense(24, 3),
    }
}

const HELP: &str = "\
Learns to tell the classes in a table of numbers with a gated residual network, and shows how well.

usage: cargo run --release --example table -- [options]

  --data FILE    a table with a headline and the class in the last column; without it, points of a spiral
  --splits N     how many times a fifth of the rows is held out (5)
  --epochs N     how often to go through the other rows (20)
  --seed N       of the initial weights, the order and the splits (7)
  --help         this text";

struct Options {
    data: Option<PathBuf>,
    splits: u64,
    epochs: usize,
    seed: u64,
}

fn main() -> ExitCode {
    let options = match parse_options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("table: {error} (--help lists the options)");
            return ExitCode::FAILURE;
        }
    };
    let done = match &options.data {
        Some(file) => of_file(file, &options),
        None => drawn(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("table: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse_options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { data: None, splits: 5, epochs: 20, seed: 7 };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("data") => options.data = Some(parser.value()?.into()),
            Long("splits") => options.splits = parser.value()?.parse()?,
            Long("epochs") => options.epochs = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("help") | Short('h') => return Ok(None),
            _ => return Err(argument.unexpected()),
        }
    }
    if options.splits == 0 || options.epochs == 0 {
        return Err("--splits and --epochs take 1 or more".into());
    }
    Ok(Some(options))
}

/// The table of a file, several times with other rows held out.
fn of_file(file: &Path, options: &Options) -> gradtape::Result<()> {
    let table = csv::load(file)?;
    let Some(target) = table.columns().last() else {
        return Err(gradtape::Error::format(file, "there is no column"));
    };
    let (data, names) = table.classes::<f32>(target)?;
    let columns = data.inputs().shape()[1];
    println!("{} rows, {columns} columns, {target}: {}", data.len(), names.join(", "));

    let mut accuracies = Vec::new();
    for split in 0..options.splits {
        let rng = &mut Rng::new(options.seed + split);
        let (train, test) = data.shuffle(rng).split(0.8)?;
        // The scale is that of the rows to learn from; the others are measured with it.
        let scale = Standardize::of(&train);
        let (train, test) = (scale.apply(train), scale.apply(test));
        let mut net = Classifier::new(columns, names.len(), rng);
        if split == 0 {
            println!("{net}: {} parameters, {} rows to learn from\n", net.parameter_count(), train.len());
            check(&net, columns);
        }
        let accuracy = fit(&mut net, &train, &test, options, options.seed + split)?;
        println!("split {split}: {:.1} % of {} rows not seen before are told right", 100.0 * accuracy, test.len());
        accuracies.push(accuracy);
    }
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    println!("\non average {:.2} %", 100.0 * mean);
    Ok(())
}

/// Points of a spiral with three arms.
fn drawn(options: &Options) -> gradtape::Result<()> {
    println!("drawing the points of a spiral; --data FILE reads a table");
    let [train, test] = [0, 1].map(|part| data::synthetic::spirals(600, 3, 0.02, options.seed + part));
    let mut net = Spirals::new(&mut Rng::new(options.seed));
    println!("{net}\n");
    check(&net, 2);
    let accuracy = fit(&mut net, &train, &test, options, options.seed)?;
    println!("{:.1} % of {} new points are put on the right arm", 100.0 * accuracy, test.len());
    if options.epochs >= 20 {
        assert!(accuracy > 0.9, "twenty epochs are enough for a spiral");
    }
    Ok(())
}

/// No derivative was written. Whether those of the tape agree with differences is one line, here without dropout.
fn check<M>(net: &M, columns: usize)
where
    M: Module<f32>,
    M::In<f64>: Layer<f64>,
{
    gradcheck!(order = 1, seeds = 1, elements = 20; net, x: [4, columns]);
    println!(
        "the gradients agree with differences: of each parameter up to 20 numbers one by one, and all numbers together \
         along a random direction\n"
    );
}

/// Trains, and gives the accuracy for the rows held out, which nothing is chosen by.
fn fit<M>(net: &mut M, train: &Dataset<f32>, test: &Dataset<f32>, options: &Options, seed: u64) -> gradtape::Result<f64>
where
    M: Module<f32> + Layer<f32>,
{
    Trainer::new(Adam::new(5e-3), loss::softmax_cross_entropy)
        .epochs(options.epochs)
        .batch_size(32)
        .seed(seed)
        .fit(net, train)?;
    let scores = net.forward(Tape::inference().constant(test.inputs())).value();
    Ok(Accuracy.evaluate(&scores, test.targets()))
}
