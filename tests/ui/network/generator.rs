//! A hand-written layer whose `new` takes one kind of generator, or none.
use gradtape::prelude::*;

#[derive(Clone, Debug, Module)]
struct Scale<T> {
    w: Param<T>,
}

impl<T: Scalar> Scale<T> {
    fn new(n: usize, rng: &mut Rng) -> Self {
        Scale { w: Param::new(Tensor::randn([n], rng)) }
    }
}

#[derive(Clone, Debug, Module)]
struct Zero<T> {
    w: Param<T>,
}

impl<T: Scalar> Zero<T> {
    fn new(n: usize) -> Self {
        Zero { w: Param::new(Tensor::zeros([n])) }
    }
}

impl<T: Scalar> Layer<T> for Scale<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        x * x.tape().param(&self.w)
    }
}

impl<T: Scalar> Layer<T> for Zero<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        x * x.tape().param(&self.w)
    }
}

network! {
    pub struct Net { dense(2, 3), Scale(3), Zero(3), dense(3, 1) }
}

fn main() {
    println!("{}", Net::new(&mut Rng::new(7)));
}
