// Tests that are no checks.
use gradtape::prelude::*;

gradcheck! {
    order = 3

    fn no_shape(x) { x.tanh() }
    fn no_result(x: [3]) { x.tanh(); }
    fn no_body(x: [3]);
    fn empty(x: [3]) {}
    fn nothing() { 1.0 }
    fn typed(x: [3]) -> TensorVar<'_, f64> { x.tanh() }
    #[gradcheck(rotl = 1e-5)]
    fn settings(x: [3]) { x.tanh() }
    #[gradcheck]
    fn typed(x: [3]) { x.tanh() }
    async fn word(x: [3]) { x.tanh() }
    fn parentheses { 1.0 }
    fn two(a = 1, b = 2, x: [3]) { x }
    fn call(a = 1, x: [3], y: [3]);
    fn model(net: Net<f64>, x: [4, 3]);
}

gradcheck! {
    test word(x: [3]) { x.tanh() }
}

fn main() {}
