//! What is saved is what is loaded, to the bit, in little memory.

use crate::common::assert_panics;
use crate::{Folder, OF_PYTHON, bits, counting, error_of, one_layer, with_header};
use gradtape::nn::{Dense, Residual};
use gradtape::prelude::*;
use gradtape::train::checkpoint;
use std::fs;

network! {
    /// Layers inside layers, and a layer of one's own.
    struct Net {
        input(6),
        carried: residual(dense(4, tanh), dense(6)),
        repeat(2, dense(6, sigmoid)),
        joined: concat(linear, [dense(4, tanh), Scaled(4)]),
        head: dense(2, softmax),
    }
}

layer! {
    /// With a gate and what is not trained.
    struct Scaled(features: usize) {
        gate: [features] = nn::init::constant(0.5),
        inner: Option<Box<Dense<T>>> = Some(Box::new(Dense::new(features, features, rng))),
        buffer shift: [1, features] = ones,
    }
    shape [features] -> [features]
    forward(x) {
        let inner = inner.as_ref().map_or(x, |inner| inner.forward(x));
        inner * gate + shift
    }
}

/// Every kind of field.
#[derive(Module)]
struct Derived<T> {
    layers: Vec<Dense<T>>,
    gate: Option<Param<T>>,
    none: Option<Dense<T>>,
    pair: [Residual<Dense<T>>; 2],
    #[module(rename = "scale\"of\"it")]
    scale: Param<T>,
    empty: Param<T>,
    mean: Param<T>,
    #[module(skip)]
    name: &'static str,
}

impl<T: Scalar> Derived<T> {
    fn new(name: &'static str, rng: &mut Rng) -> Self {
        let layers = (0..12).map(|i| Dense::new(3 + i, 4 + i, rng)).collect();
        let pair = [1, 2].map(|_| Residual::new(Dense::new(2, 2, rng)));
        let [gate, mean] = [1, 2].map(|_| Tensor::randn([2, 3, 5], rng));
        let (gate, mean) = (Some(Param::new(gate)), Param::buffer(mean));
        let scale = Param::new(Tensor::randn([], rng));
        Derived { layers, gate, none: None, pair, scale, empty: Param::new(Tensor::zeros([3, 0])), mean, name }
    }
}

fn predict<T: Scalar>(net: &impl Layer<T>, x: &Tensor<T>) -> Tensor<T> {
    net.forward(Tape::inference().constant(x)).value()
}

#[test]
fn a_network_of_blocks_and_own_layers_predicts_the_same_bits() {
    let folder = Folder::new("network");
    let rng = &mut Rng::new(1);
    let mut trained = Net::<f32>::new(rng);
    let data = Dataset::new(Tensor::randn([8, 6], rng), vec![0, 1, 0, 1, 1, 0, 0, 1]).unwrap();
    Trainer::new(Adam::new(0.1), loss::cross_entropy).epochs(2).batch_size(4).seed(3).fit(&mut trained, &data).unwrap();
    checkpoint::save(folder.file(), &trained).unwrap();

    let mut net = Net::<f32>::new(&mut Rng::new(2));
    let x = Tensor::randn([5, 6], rng);
    assert_ne!(predict(&net, &x), predict(&trained, &x));
    checkpoint::load(folder.file(), &mut net).unwrap();
    assert_eq!(predict(&net, &x), predict(&trained, &x));
    assert_eq!(bits(&net), bits(&trained));
    assert!(bits(&net).iter().any(|(name, ..)| name.ends_with(".inner.weight")));
    assert!(net.named_buffers().iter().any(|(name, _)| name.ends_with(".shift")));

    // A layer of one's own is a module, and so has a checkpoint by itself.
    let layer = Scaled::<f64>::new(3, rng);
    checkpoint::save(folder.file(), &layer).unwrap();
    let mut other = Scaled::<f64>::new(3, rng);
    assert_ne!(bits(&other), bits(&layer));
    checkpoint::load(folder.file(), &mut other).unwrap();
    assert_eq!(bits(&other), bits(&layer));
}

fn round_trip<T: checkpoint::Stored>(test: &str) {
    let folder = Folder::new(test);
    let mut saved = Derived::<T>::new("saved", &mut Rng::new(1));
    // Numbers whose bits a conversion would lose.
    let odd = [f64::NAN, -0.0, f64::INFINITY, f64::NEG_INFINITY, 1e-42, 0.1].map(T::lit);
    saved.gate = Some(Param::new(Tensor::from(odd.to_vec())));
    checkpoint::save(folder.file(), &saved).unwrap();
    let mut loaded = Derived::<T>::new("loaded", &mut Rng::new(2));
    loaded.gate = Some(Param::new(Tensor::zeros([6])));
    loaded.layers[1].weight.freeze(true);
    checkpoint::load(folder.file(), &mut loaded).unwrap();
    assert_eq!(bits(&loaded), bits(&saved));
    assert!(!loaded.layers[1].weight.is_trained() && loaded.mean.is_buffer() && loaded.name == "loaded");
    assert!(bits(&loaded).iter().any(|(name, ..)| name == "scale\"of\"it"));

    // The same parameters give the same bytes, also over an older file; and no other file is left.
    let first = fs::read(folder.file()).unwrap();
    checkpoint::save(folder.file(), &loaded).unwrap();
    assert!(fs::read(folder.file()).unwrap() == first);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    let numbers = loaded.parameter_count() + 30;
    let header = u64::from_le_bytes(first[..8].try_into().unwrap()) as usize;
    assert_eq!((first.len(), header % 8), (8 + header + numbers * size_of::<T>(), 0));
}

#[test]
fn a_derived_module_keeps_every_bit_in_f32_and_f64() {
    round_trip::<f32>("derived32");
    round_trip::<f64>("derived64");
}

#[test]
fn a_tape_that_has_the_old_value_notices() {
    let folder = Folder::new("tape");
    let mut weight = Param::new([1.0, 2.0]);
    checkpoint::save(folder.file(), &Param::new([5.0, 7.0])).unwrap();
    let mut tape = Tape::new();
    assert_eq!(tape.param(&weight).sum().item(), 3.0);
    checkpoint::load(folder.file(), &mut weight).unwrap();
    assert_panics(line!(), &["has changed since"], || tape.param(&weight));
    tape.reset();
    let gradients = tape.param(&weight).square().sum().backward();
    assert_eq!(gradients.wrt(&weight), Tensor::from([10.0, 14.0]));
}

#[test]
fn beside_the_parameters_memory_holds_little() {
    let folder = Folder::new("memory");
    let rng = &mut Rng::new(1);
    let saved = [Dense::<f32>::new(600, 500, rng), Dense::new(500, 600, rng)];
    let mut loaded = [Dense::<f32>::new(600, 500, rng), Dense::new(500, 600, rng)];
    let (peak, ()) = counting::peak_of(|| checkpoint::save(folder.file(), &saved).unwrap());
    assert!(peak < 80_000, "{peak} bytes to save");
    let size = fs::metadata(folder.file()).unwrap().len() as usize;
    let (peak, ()) = counting::peak_of(|| checkpoint::load(folder.file(), &mut loaded).unwrap());
    assert!(peak > size / 2 && peak < size + 150_000, "{peak} bytes to load {size}");
    assert_eq!(bits(&loaded), bits(&saved));

    // A header that claims much, and a file that does not hold it.
    let lie = r#"{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}"#;
    let bytes = with_header(lie, 12);
    let file = folder.with(&bytes);
    let (peak, _) = counting::peak_of(|| checkpoint::load(&file, &mut loaded).unwrap_err());
    assert!(peak < 80_000, "{peak} bytes to refuse");
}

#[test]
fn a_file_that_python_wrote_is_loaded() {
    let folder = Folder::new("python");
    let mut layers = one_layer(2, 3);
    checkpoint::load(folder.with(OF_PYTHON), &mut layers).unwrap();
    assert_eq!(layers[0].weight.value(), Tensor::from([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]));
    assert_eq!(layers[0].bias.value(), Tensor::from([0.5, -1.0, 1e-3]));
    // The layout of PyTorch's `Linear` is told from any other shape that does not fit.
    let error = error_of(&folder.file(), &mut one_layer(3, 2));
    assert!(error.contains("`0.weight` has the shape [2, 3] there and [3, 2] in the module (and one more differs)"));
    assert!(
        error.ends_with("as PyTorch keeps the weight of a `Linear`; save `weight.T.contiguous()` there"),
        "{error}"
    );
}

#[test]
fn threads_that_save_at_once_do_not_meet() {
    let folder = Folder::new("threads");
    std::thread::scope(|scope| {
        for seed in 0..8 {
            let folder = &folder;
            scope.spawn(move || {
                let layer = Dense::<f32>::new(30, 30, &mut Rng::new(seed));
                for _ in 0..5 {
                    checkpoint::save(folder.file(), &layer).unwrap();
                    let mut loaded = Dense::<f32>::new(30, 30, &mut Rng::new(99));
                    checkpoint::load(folder.file(), &mut loaded).unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[test]
fn modules_of_which_only_the_trait_is_known_have_checkpoints() {
    let folder = Folder::new("dynamic");
    let (saved, mut loaded) = (Param::new([1.0f32, 2.0]), Param::new([0.0f32, 0.0]));
    let module: &dyn Module<f32> = &saved;
    checkpoint::save(folder.file(), module).unwrap();
    let module: &mut dyn Module<f32> = &mut loaded;
    checkpoint::load(folder.file(), module).unwrap();
    assert_eq!(loaded.value(), saved.value());
}
