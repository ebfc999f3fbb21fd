//! A width is left out behind a layer that does not tell what it gives.
use gradtape::nn::{Activation, Layer, Module, Param, Path};
use gradtape::{Scalar, TensorVar, network};

#[derive(Clone, Debug)]
struct Twice<T> {
    activation: Activation,
    numbers: core::marker::PhantomData<T>,
}

impl<T: Scalar> Twice<T> {
    fn new(_: &mut impl gradtape::rand::Rng) -> Self {
        Twice { activation: Activation::Relu, numbers: core::marker::PhantomData }
    }
}

impl<T: Scalar> Layer<T> for Twice<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        self.activation.forward(self.activation.forward(x))
    }
}

impl<T: Scalar> Module<T> for Twice<T> {
    type In<U: Scalar> = Twice<U>;

    fn visit<'a>(&'a self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {}

    fn visit_mut<'a>(&'a mut self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {}

    fn convert<U: Scalar>(&self) -> Twice<U> {
        Twice { activation: self.activation.clone(), numbers: core::marker::PhantomData }
    }
}

network! {
    struct Digits { dense(784, 128), Twice, output: dense(10, softmax) }
}

fn main() {
    println!("{}", Digits::new(&mut gradtape::Rng::new(7)));
}
