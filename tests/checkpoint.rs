//! Checkpoints: what is saved is what is loaded, to the bit; what is wrong with a file is said; and nothing is changed
//! unless all fits.

mod counting;

use std::fs;
use std::path::PathBuf;

use gradtape::nn::{Dense, Residual};
use gradtape::prelude::*;
use gradtape::train::checkpoint;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting { from: 0 };

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
    #[module(rename = "scale of \"it\"")]
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

/// A path for one test, in a folder of its own, which is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gradtape-checkpoint-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        Folder(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("model.safetensors")
    }

    fn with(&self, bytes: &[u8]) -> PathBuf {
        fs::write(self.file(), bytes).expect("a file for the test");
        self.file()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Names, shapes and bits of everything that a checkpoint holds.
fn bits<T: Scalar>(module: &impl Module<T>) -> Vec<(String, Vec<usize>, Vec<u64>)> {
    let params = module.named_params().into_iter().chain(module.named_buffers());
    params
        .map(|(name, param)| {
            let numbers = param.value().iter().map(|x| x.real().to_bits()).collect();
            (name, param.shape().to_vec(), numbers)
        })
        .collect()
}

fn predict<T: Scalar>(net: &impl Layer<T>, x: &Tensor<T>) -> Tensor<T> {
    net.forward(Tape::inference().constant(x)).value()
}

/// What loading says, after it was seen that nothing has changed.
#[track_caller]
fn error_of<T: checkpoint::Stored>(path: &std::path::Path, module: &mut impl Module<T>) -> String {
    let before = bits(module);
    let error = checkpoint::load(path, module).expect_err("the file does not fit").to_string();
    assert!(bits(module) == before, "something has changed, and then: {error}");
    let without_path = error.strip_prefix(&format!("{}: ", path.display())).expect("the path is said first");
    without_path.to_owned()
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
    assert!(bits(&loaded).iter().any(|(name, ..)| name == "scale of \"it\""));

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
    let old = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tape.param(&weight).item()));
    assert!(old.is_err());
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

/// As `safetensors.numpy.save` of Python writes it (version 0.8.0).
const OF_PYTHON: &[u8] = b"\xa0\x00\x00\x00\x00\x00\x00\x00{\"__metadata__\":{\"format\":\"pt\"},\
    \"0.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},\
    \"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[12,36]}}     \
    \x00\x00\x00?\x00\x00\x80\xbfo\x12\x83:\x00\x00\x00\x00\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@\x00\x00\xa0@";

fn one_layer(inputs: usize, outputs: usize) -> Vec<Dense<f32>> {
    vec![Dense::new(inputs, outputs, &mut Rng::new(7))]
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
fn a_file_that_is_cut_off_or_goes_on_changes_nothing() {
    let folder = Folder::new("cut");
    let mut layers = one_layer(2, 3);
    for length in 0..OF_PYTHON.len() {
        let error = error_of(&folder.with(&OF_PYTHON[..length]), &mut layers);
        let says = match length {
            0..8 => "is no safetensors file",
            8..168 => "it is cut off, or of another format; save it again",
            _ => "its header tells of 36 bytes of numbers, and",
        };
        assert!(error.contains(says), "{length} bytes: {error}");
    }
    let longer = [OF_PYTHON, b"\0"].concat();
    let error = error_of(&folder.with(&longer), &mut layers);
    assert_eq!(
        error,
        "its header tells of 36 bytes of numbers, and 37 are there: it goes on behind them; save it again"
    );
}

#[test]
fn no_byte_of_the_header_makes_a_panic_or_half_a_load() {
    let folder = Folder::new("flipped");
    let (mut refused, mut accepted) = (0, 0);
    for place in 0..168 {
        for flip in [1, 0x10, 0x80, 0xFF] {
            let mut bytes = OF_PYTHON.to_vec();
            bytes[place] ^= flip;
            let mut layers = one_layer(2, 3);
            let before = bits(&layers);
            match checkpoint::load(folder.with(&bytes), &mut layers) {
                Ok(()) => accepted += 1,
                Err(_) => {
                    assert!(bits(&layers) == before, "byte {place} with {flip}");
                    refused += 1;
                }
            }
        }
    }
    // Some flips are in the words about the file, which say nothing of the numbers.
    assert!(refused > 500 && accepted < 100, "{refused} refused, {accepted} accepted");
}

/// A file with this header, and so many bytes of numbers.
fn with_header(header: &str, numbers: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; numbers]].concat()
}

#[test]
fn sizes_that_lie_are_told_before_memory_is_taken() {
    let folder = Folder::new("lies");
    let layers = &mut one_layer(2, 3);
    let entry = |shape: &str, offsets: &str| {
        format!(r#"{{"0.bias":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
    };
    for (shape, offsets, says) in [
        ("[1000000000000]", "[0,12]", "its header is damaged, or of another format: invalid shape"),
        ("[1000000000000]", "[0,4000000000000]", "tells of 4000000000000 bytes of numbers, and 12 are there"),
        ("[18446744073709551615,9]", "[0,12]", "its header is damaged"),
        ("[4611686018427387904]", "[0,0]", "its header is damaged"),
        ("[0,18446744073709551615]", "[0,0]", "and 12 are there: it goes on"),
        ("[3]", "[4,16]", "its header is damaged, or of another format: invalid offset for tensor `0.bias`"),
        ("[3]", "[12,0]", "its header is damaged"),
        ("[3]", "[0,24]", "its header is damaged"),
        ("[-3]", "[0,12]", "its header is damaged"),
        ("[3.5]", "[0,12]", "its header is damaged"),
    ] {
        let error = error_of(&folder.with(&with_header(&entry(shape, offsets), 12)), layers);
        assert!(error.contains(says), "{shape} at {offsets}: {error}");
    }
    for length in [u64::MAX, u64::MAX - 7, 1 << 63, 100_000_001, 1 << 32] {
        let bytes = [&length.to_le_bytes()[..], b"{}"].concat();
        let error = error_of(&folder.with(&bytes), layers);
        assert!(error.starts_with(&format!("it begins as a safetensors file with a header of {length} bytes")));
    }
    let deep = "[".repeat(100_000);
    for header in ["", "{", "[]", "null", "{\"a\":1}", "\u{0}", &deep] {
        let error = error_of(&folder.with(&with_header(header, 0)), layers);
        assert!(error.starts_with("its header is damaged, or of another format: "), "{header}: {error}");
    }
}

#[test]
fn a_file_of_another_model_is_told_by_name_shape_and_type() {
    let folder = Folder::new("other");
    let rng = &mut Rng::new(7);
    let saved = |module: &dyn Module32| {
        module.save(&folder.file());
        folder.file()
    };
    let built = "load it into a module that is built as the saved one was";

    let file = saved(&vec![Dense::<f32>::new(2, 3, rng).without_bias()]);
    let error = error_of(&file, &mut one_layer(2, 3));
    assert_eq!(error, format!("it lacks `0.bias`, which the module has; {built}"));

    let file = saved(&one_layer(2, 3));
    let error = error_of(&file, &mut vec![Dense::<f32>::new(2, 3, rng).without_bias()]);
    assert_eq!(error, format!("it holds `0.bias`, which the module does not have; {built}"));

    let file = saved(&(0..4).map(|_| Dense::<f32>::new(1, 1, rng)).collect::<Vec<_>>());
    let error = error_of(&file, &mut network!(dense(1, 1)).init(rng));
    let first = "it lacks `dense1.weight`, `dense1.bias`, which the module has, and it holds `0.weight`, `0.bias`, \
                 `1.weight`, `1.bias` and 4 more, which the module does not have; ";
    assert_eq!(error, format!("{first}{built}"));

    let file = saved(&one_layer(2, 3));
    let error = error_of(&file, &mut one_layer(4, 3));
    let shapes = "`0.weight` has the shape [2, 3] there and [4, 3] in the module";
    assert_eq!(error, format!("{shapes}; build the module with the sizes of the saved one"));

    let mut double = Module::<f32>::convert::<f64>(&one_layer(2, 3));
    let error = error_of(&file, &mut double);
    let types = "`0.weight` is of type F32 there and F64 in the module (and one more differs); ";
    assert_eq!(error, format!("{types}load it into a module of `f32`, and `convert` that"));

    let half = r#"{"":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#;
    let error = error_of(&folder.with(&with_header(half, 4)), &mut Param::<f32>::new([1.0, 2.0]));
    let types = "`` is of type BF16 there and F32 in the module; ";
    assert_eq!(error, format!("{types}make it F32 where it was saved, in PyTorch by `tensor.float()`"));
}

/// Modules of one number type in a row of cases.
trait Module32 {
    fn save(&self, path: &std::path::Path);
}

impl<M: Module<f32>> Module32 for M {
    fn save(&self, path: &std::path::Path) {
        checkpoint::save(path, self).unwrap();
    }
}

#[test]
fn what_is_no_checkpoint_is_told() {
    let folder = Folder::new("none");
    let layers = &mut one_layer(2, 3);
    assert_eq!(error_of(&folder.file(), layers), "there is no such file");
    assert_eq!(error_of(&folder.0, layers), "this is no file; give the one that was saved");
    let zip = folder.with(b"PK\x03\x04archive/data.pkl");
    assert!(error_of(&zip, layers).starts_with("this is a zip archive, as `torch.save` writes; save it with"));
    let text = folder.with(b"epoch,loss\n1,0.5\n");
    assert!(error_of(&text, layers).contains("it is cut off, or of another format"));
}

#[test]
fn what_cannot_be_written_is_told_and_the_old_file_stays() {
    let folder = Folder::new("unwritable");
    let layers = one_layer(2, 3);
    let told = |path: PathBuf| checkpoint::save(path, &layers).unwrap_err().to_string();
    let error = told(folder.0.join("missing/model"));
    assert!(error.ends_with(&format!("there is no folder `{}`; create it first", folder.0.join("missing").display())));
    assert!(told(folder.0.clone()).ends_with("this is a folder; give the name of a file"));
    assert!(!told(PathBuf::new()).is_empty());
    #[cfg(unix)]
    assert_eq!(told("/dev/null".into()), "/dev/null: this is a device or a pipe; give the name of a file");

    let file = folder.with(b"precious");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    let error = told(file.clone());
    assert!(error.ends_with("model.safetensors: the file is write-protected; give another name, or allow writing"));
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert!(told(file.join("below")).contains(&*file.join("below").display().to_string()));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_and_the_rights_of_the_file_behind_it_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("link");
    let (file, link) = (folder.with(b"old"), folder.0.join("link"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    checkpoint::save(&link, &one_layer(2, 3)).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    checkpoint::load(&file, &mut one_layer(2, 3)).unwrap();
}

/// Two parameters under one name, which a derive does not let pass.
struct Twice<T>([Param<T>; 2]);

impl<T: Scalar> Module<T> for Twice<T> {
    type In<U: Scalar> = Twice<U>;

    fn visit<'a>(&'a self, path: &nn::Path<'_>, visitor: &mut dyn FnMut(&nn::Path<'_>, &'a Param<T>)) {
        self.0.iter().for_each(|param| visitor(&path.child("w"), param));
    }

    fn visit_mut<'a>(&'a mut self, path: &nn::Path<'_>, visitor: &mut dyn FnMut(&nn::Path<'_>, &'a mut Param<T>)) {
        self.0.iter_mut().for_each(|param| visitor(&path.child("w"), param));
    }

    fn convert<U: Scalar>(&self) -> Twice<U> {
        Twice(Module::convert(&self.0))
    }
}

/// A name that the format needs for itself.
#[derive(Module)]
struct Reserved<T> {
    __metadata__: Param<T>,
}

#[test]
fn names_that_a_file_cannot_hold_are_told() {
    let folder = Folder::new("names");
    let param = || Param::new([1.0]);
    let error = checkpoint::save(folder.file(), &Twice([param(), param()])).unwrap_err().to_string();
    assert!(error.starts_with("a checkpoint needs names: two parameters are called `w`; rename one"), "{error}");
    let error = checkpoint::save(folder.file(), &Reserved { __metadata__: param() }).unwrap_err().to_string();
    assert!(error.starts_with("safetensors keeps the name `__metadata__` for itself"), "{error}");
    assert!(!folder.file().exists());
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
