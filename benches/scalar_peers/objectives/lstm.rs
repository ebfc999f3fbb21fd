//! A network with memory, in loops over numbers.

use super::{Objective, Stream};
use crate::real::Real;

/// S4: a network with memory (LSTM), made of scalars.
pub(crate) struct Lstm {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
}

impl Default for Lstm {
    fn default() -> Self {
        let (inputs, units, steps) = (8, 16, 50);
        let x = Stream::vector(40, steps * inputs, -1.0, 1.0);
        Lstm { inputs, units, x, y: Stream::vector(41, steps * units, -0.5, 0.5) }
    }
}

#[inline(always)]
pub(crate) fn sigmoid<R: Real>(x: R) -> R {
    ((-x).exp() + 1.0).divided_into(1.0)
}

impl Lstm {
    /// Weights of the inputs, of the last outputs, biases, first outputs, first states.
    #[allow(clippy::type_complexity)]
    pub(crate) fn split<'a, R>(&self, p: &'a [R]) -> (&'a [R], &'a [R], &'a [R], &'a [R], &'a [R]) {
        let (ni, nh) = (self.inputs, self.units);
        let (w, p) = p.split_at(4 * nh * ni);
        let (u, p) = p.split_at(4 * nh * nh);
        let (b, p) = p.split_at(4 * nh);
        let (h, c) = p.split_at(nh);
        (w, u, b, h, c)
    }
}

impl Objective for Lstm {
    const ID: &'static str = "S4";
    const OPERATIONS: usize = 170_399;

    fn start(&self) -> Vec<f64> {
        let (ni, nh) = (self.inputs, self.units);
        Stream::vector(4, 4 * nh * (ni + nh + 1) + 2 * nh, -0.4, 0.4)
    }

    fn eval<R: Real>(&self, p: &[R]) -> R {
        let (ni, nh) = (self.inputs, self.units);
        let (w, u, b, h, c) = self.split(p);
        let (mut h, mut c) = (h.to_vec(), c.to_vec());
        let mut next = h.clone();
        let mut loss = p[0];
        for (t, (x, target)) in self.x.chunks(ni).zip(self.y.chunks(nh)).enumerate() {
            for j in 0..nh {
                let z: [R; 4] = std::array::from_fn(|gate| {
                    let row = gate * nh + j;
                    let mut a = b[row];
                    for (w, x) in w[row * ni..(row + 1) * ni].iter().zip(x) {
                        a = a + *w * *x;
                    }
                    for (u, h) in u[row * nh..(row + 1) * nh].iter().zip(&h) {
                        a = a + *u * *h;
                    }
                    a
                });
                c[j] = sigmoid(z[1]) * c[j] + sigmoid(z[0]) * z[3].tanh();
                next[j] = sigmoid(z[2]) * c[j].tanh();
            }
            for j in 0..nh {
                h[j] = next[j];
                let e = h[j] - target[j];
                loss = if t == 0 && j == 0 { e * e } else { loss + e * e };
            }
        }
        loss
    }
}
