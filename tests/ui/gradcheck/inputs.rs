// What a newcomer writes where the inputs and their shapes have to stand.
use gradtape::prelude::*;

fn main() {
    gradcheck!(|x, w: [4, 2]| x.matmul(w));
    gradcheck!(|x: [3.0, 4], w: [-4, 2]| x.matmul(w));
    gradcheck!(|x: 3, y: (3, 4), z: Tensor<f64>, a: [2; 3], b: [3u32], c: [0]| x + y + z + a + b + c);
    gradcheck!(|x: [3] w: [3], x: [3]| x * w);
    gradcheck!(|mut x: [3], &w: [3], 3| x * w);
    gradcheck!(|| 1.0);
    gradcheck!(|x: [3] in 2.0..0.5, y: [3] in 2.0, z: [3] in, w: [3] in 0.5..| x * y * z * w);
}
