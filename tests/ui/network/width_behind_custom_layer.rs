//! A layer of the user's own that says how it changes the shape, between layers that do not fit it.
use gradtape::__private::shape_rule::{Dim, Rule};
use gradtape::nn::{Dense, Layer, Module, Param, Path};
use gradtape::{Scalar, TensorVar, network};

/// Twice as many features as before.
#[derive(Clone, Debug)]
struct Widen<T> {
    dense: Dense<T>,
}

impl<T> Widen<T> {
    const SHAPE_RULE: Rule = Rule::new(&[Dim::Argument(0)], &[Dim::Mul(&Dim::Argument(0), &Dim::Size(2))]);
}

impl<T: Scalar> Widen<T> {
    fn new(features: usize, rng: &mut impl gradtape::rand::Rng) -> Self {
        Widen { dense: Dense::new(features, 2 * features, rng) }
    }
}

impl<T: Scalar> Layer<T> for Widen<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        self.dense.forward(x)
    }
}

impl<T: Scalar> Module<T> for Widen<T> {
    type In<U: Scalar> = Widen<U>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        self.dense.visit(path, visitor);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        self.dense.visit_mut(path, visitor);
    }

    fn convert<U: Scalar>(&self) -> Widen<U> {
        Widen { dense: Module::<T>::convert::<U>(&self.dense) }
    }
}

network! {
    struct Before { hidden: dense(784, 128, relu), widen: Widen(100), output: dense(200, 10, softmax) }
    struct Behind { hidden: dense(784, 128, relu), widen: Widen(128), output: dense(128, 10, softmax) }
}

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    println!("{} {}", Before::new(rng), Behind::new(rng));
}
