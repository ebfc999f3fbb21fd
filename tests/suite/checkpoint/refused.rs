//! Modules and files that do not belong together, and files that cannot be written.

use crate::common::assert_panics;
use crate::{Folder, error_of, one_layer, with_header};
use gradtape::nn::Dense;
use gradtape::prelude::*;
use gradtape::train::checkpoint;
use std::fs;
use std::path::{Path, PathBuf};

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
    fn save(&self, path: &Path);
}

impl<M: Module<f32>> Module32 for M {
    fn save(&self, path: &Path) {
        checkpoint::save(path, self).unwrap();
    }
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

/// Shows a parameter and lets nobody change it.
struct Forgetful<T>(Param<T>);

impl<T: Scalar> Module<T> for Forgetful<T> {
    type In<U: Scalar> = Forgetful<U>;

    fn visit<'a>(&'a self, path: &nn::Path<'_>, visitor: &mut dyn FnMut(&nn::Path<'_>, &'a Param<T>)) {
        visitor(&path.child("w"), &self.0);
    }

    fn visit_mut<'a>(&'a mut self, _: &nn::Path<'_>, _: &mut dyn FnMut(&nn::Path<'_>, &'a mut Param<T>)) {}

    fn convert<U: Scalar>(&self) -> Forgetful<U> {
        Forgetful(Module::convert(&self.0))
    }
}

#[test]
fn a_module_that_lets_nobody_change_it_is_a_mistake() {
    let folder = Folder::new("forgetful");
    let mut module = Forgetful(Param::new([1.0]));
    checkpoint::save(folder.file(), &module).unwrap();
    let words = ["load: `visit` gives the parameter `w`, and `visit_mut` does not"];
    assert_panics(line!(), &words, || checkpoint::load(folder.file(), &mut module));
}
