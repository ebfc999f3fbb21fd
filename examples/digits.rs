//! Learns to read handwritten digits with a network of two layers, declared in one line.
//!
//! Without arguments on digits that it draws itself; with `--data DIR` on the files of MNIST.

use gradtape::prelude::*;
use std::path::PathBuf;
use std::process::ExitCode;

network! {
    /// 784 pixels in, the probabilities of ten digits out.
    pub struct Digits { hidden: dense(784, 128, relu), output: dense(128, 10, softmax) }
}

network! {
    /// What a linear model makes of the same pixels, for comparison.
    pub struct Linear { output: dense(784, 10, softmax) }
}

const HELP: &str = "\
Learns to read handwritten digits with a network 784-128-10, and shows how well.

usage: cargo run --release --example digits -- [options]

  --data DIR     the MNIST files in DIR, plain or gzip; without it, digits drawn from strokes
  --epochs N     how often to go through the training images (5)
  --batch N      images a step (32)
  --rate X       learning rate of Adam (0.001)
  --seed N       of the drawn images, the initial weights and the order (7)
  --help         this text";

struct Options {
    data: Option<PathBuf>,
    epochs: usize,
    batch: usize,
    rate: f64,
    seed: u64,
    /// Only then is it known what comes out.
    are_default: bool,
}

fn main() -> ExitCode {
    let options = match parse_options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("digits: {error} (--help lists the options)");
            return ExitCode::FAILURE;
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("digits: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse_options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { data: None, epochs: 5, batch: 32, rate: 1e-3, seed: 7, are_default: true };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        options.are_default = false;
        match argument {
            Long("data") => options.data = Some(parser.value()?.into()),
            Long("epochs") => options.epochs = parser.value()?.parse()?,
            Long("batch") => options.batch = parser.value()?.parse()?,
            Long("rate") => options.rate = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("help") | Short('h') => return Ok(None),
            _ => return Err(argument.unexpected()),
        }
    }
    if !(options.rate.is_finite() && options.rate > 0.0) {
        return Err("--rate takes a number above 0".into());
    }
    if options.epochs == 0 || options.batch == 0 {
        return Err("--epochs and --batch take 1 or more".into());
    }
    Ok(Some(options))
}

fn run(options: &Options) -> gradtape::Result<()> {
    let (train, test) = match &options.data {
        Some(directory) => data::mnist::load(directory)?,
        None => {
            println!("drawing 12000 digits with strokes; --data DIR reads the handwritten ones of MNIST");
            data::synthetic::digits(12_000, options.seed).split(10.0 / 12.0)?
        }
    };
    if train.inputs().shape()[1] != 784 {
        let size = train.inputs().shape()[1];
        return Err(gradtape::Error::invalid(format!("images of 28 by 28 pixels are needed, these have {size}")));
    }
    println!("{} images to learn from, {} others to be tested on\n", train.len(), test.len());

    let mut net = Digits::new(&mut Rng::new(options.seed));
    println!("{net}\n");
    println!("(validation and accuracy are those of the test images, which nothing is chosen by)");
    let history = fit(&mut net, &train, Some(&test), options)?;

    let output = net.forward(Tape::inference().constant(test.inputs())).value();
    let accuracy = Accuracy.evaluate(&output, test.targets());
    let matrix = ConfusionMatrix::from(&output, test.targets());
    let source = if options.data.is_some() { "handwritten" } else { "drawn" };
    // Two standard deviations of a share of so many independent images.
    let margin = 2.0 * (accuracy * (1.0 - accuracy) / test.len() as f64).sqrt();
    println!(
        "\nof the test images, {:.2} % are read right (± {:.1}; {} {source} digits not seen before):\n",
        100.0 * accuracy,
        100.0 * margin,
        test.len()
    );
    println!("{matrix}\n");
    show_misread(&test, &output);

    println!("now a linear model, for comparison ...");
    let mut linear = Linear::new(&mut Rng::new(options.seed));
    fit(&mut linear, &train, None, options)?;
    let by_lines = linear.forward(Tape::inference().constant(test.inputs())).value();
    let linear_accuracy = Accuracy.evaluate(&by_lines, test.targets());
    println!("a linear model reads {:.2} % of them right after as many epochs", 100.0 * linear_accuracy);

    if let Some(fastest) = history.epochs.iter().map(|epoch| epoch.seconds).reduce(f64::min) {
        println!("the fastest epoch took {fastest:.2} s, with its validation");
    }
    if options.are_default {
        assert!(accuracy > 0.95, "five epochs read more than 95 % of the digits right");
        assert!(accuracy > linear_accuracy + 0.02, "the hidden layer is worth more than two points");
    }
    Ok(())
}

/// Trains a network; with a validation set, shows how it goes.
fn fit(
    net: &mut (impl Layer<f32> + Module<f32>),
    train: &Dataset<f32>,
    validation: Option<&Dataset<f32>>,
    options: &Options,
) -> gradtape::Result<History> {
    let mut trainer = Trainer::new(Adam::new(options.rate), loss::cross_entropy)
        .epochs(options.epochs)
        .batch_size(options.batch)
        .seed(options.seed);
    if let Some(test) = validation {
        trainer = trainer.validation(test).metric(Accuracy).progress(true);
    }
    trainer.fit(net, train)
}

/// The first digits read wrongly, drawn with characters.
fn show_misread(test: &Dataset<f32>, output: &Tensor<f32>) {
    let read = output.argmax(-1);
    let classes = test.targets().classes().unwrap_or_default();
    let misread = (0..test.len()).filter(|i| read.as_slice()[*i] != classes[*i]).take(3).collect::<Vec<_>>();
    for i in &misread {
        println!("a {} read as {}:", classes[*i], read.as_slice()[*i]);
        draw(&test.inputs().as_slice()[i * 784..(i + 1) * 784]);
    }
}

/// 28 by 28 pixels as lines of text, two rows of pixels a line.
fn draw(pixels: &[f32]) {
    let ink = |pixel: f32| pixel > 0.4;
    for rows in pixels.chunks(2 * 28) {
        let (upper, lower) = rows.split_at(28);
        let line: String = upper
            .iter()
            .zip(lower)
            .map(|(up, down)| match (ink(*up), ink(*down)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            })
            .collect();
        if !line.trim().is_empty() {
            println!("    {}", line.trim_end());
        }
    }
    println!();
}
