//! The eight functions that scalar tapes are compared on, each written once for any number. No derivative.

use crate::real::Real;
use gradtape::numeric::{self, Numeric};

/// splitmix64: the stream that every tool's inputs come from.
pub(crate) struct Stream(pub(crate) u64);

impl Stream {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    fn vector(seed: u64, n: usize, low: f64, high: f64) -> Vec<f64> {
        let mut stream = Stream(seed);
        (0..n).map(|_| stream.between(low, high)).collect()
    }
}

/// A function of many numbers with one result.
pub(crate) trait Objective {
    const ID: &'static str;
    /// Operations on numbers that depend on an input.
    const OPERATIONS: usize;

    fn start(&self) -> Vec<f64>;
    fn eval<R: Real>(&self, x: &[R]) -> R;
}

/// S1: Rosenbrock's function.
#[derive(Default)]
pub(crate) struct Rosenbrock;

impl Rosenbrock {
    #[inline(always)]
    pub(crate) fn term<R: Real>(a: R, b: R) -> R {
        let t = b - a * a;
        let u = a.subtracted_from(1.0);
        (t * t) * 100.0 + u * u
    }
}

impl Objective for Rosenbrock {
    const ID: &'static str = "S1";
    const OPERATIONS: usize = 7_991;

    fn start(&self) -> Vec<f64> {
        Stream::vector(1, 1000, -1.2, 1.2)
    }

    fn eval<R: Real>(&self, x: &[R]) -> R {
        let first = Self::term(x[0], x[1]);
        x[1..].windows(2).fold(first, |sum, pair| sum + Self::term(pair[0], pair[1]))
    }
}

/// S2: the log-likelihood of a mixture of normal distributions, with a Wishart prior.
pub(crate) struct Gmm {
    pub(crate) d: usize,
    pub(crate) k: usize,
    pub(crate) n: usize,
    gamma: f64,
    pub(crate) data: Vec<f64>,
}

impl Default for Gmm {
    fn default() -> Self {
        let (d, k, n) = (10, 25, 1000);
        Gmm { d, k, n, gamma: 1.0, data: Stream::vector(20, n * d, -2.0, 2.0) }
    }
}

/// ln Γ(twice / 2).
fn ln_gamma_half(twice: usize) -> f64 {
    let odd = twice % 2 == 1;
    let start = if odd { 0.5 * std::f64::consts::PI.ln() } else { 0.0 };
    let first = if odd { 1 } else { 2 };
    (first..twice).step_by(2).fold(start, |sum, t| sum + (t as f64 / 2.0).ln())
}

pub(crate) fn logsumexp<R: Real>(x: &[R]) -> R {
    let shift = x.iter().map(|x| x.number()).fold(f64::NEG_INFINITY, f64::max);
    let first = (x[0] - shift).exp();
    x[1..].iter().fold(first, |sum, x| sum + (*x - shift).exp()).ln() + shift
}

impl Gmm {
    fn factors(&self) -> usize {
        self.d + self.d * (self.d - 1) / 2
    }

    /// The weights of the components, their means, their factors.
    pub(crate) fn split<'a, R>(&self, p: &'a [R]) -> (&'a [R], &'a [R], &'a [R]) {
        let (alpha, rest) = p.split_at(self.k);
        let (means, factors) = rest.split_at(self.k * self.d);
        (alpha, means, factors)
    }

    /// exp of the logarithms on the diagonals, and their sums.
    pub(crate) fn prepare<R: Real>(&self, factors: &[R]) -> (Vec<R>, Vec<R>) {
        let (mut diagonal, mut sums) = (Vec::with_capacity(self.k * self.d), Vec::with_capacity(self.k));
        for row in factors.chunks(self.factors()) {
            let logarithms = &row[..self.d];
            sums.push(logarithms[1..].iter().fold(logarithms[0], |sum, l| sum + *l));
            diagonal.extend(logarithms.iter().map(|l| l.exp()));
        }
        (diagonal, sums)
    }

    /// The components' scores of one point: α + Σ ln diag - |U (x - μ)|² / 2.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn scores<R: Real>(
        &self,
        x: &[f64],
        (alpha, means, factors): (&[R], &[R], &[R]),
        diagonal: &[R],
        sums: &[R],
        centred: &mut [R],
        score: &mut [R],
    ) {
        let (d, nf) = (self.d, self.factors());
        for k in 0..self.k {
            for j in 0..d {
                centred[j] = means[k * d + j].subtracted_from(x[j]);
            }
            let upper = &factors[k * nf + d..(k + 1) * nf];
            let mut at = 0;
            let mut q = alpha[0];
            for r in 0..d {
                let mut y = diagonal[k * d + r] * centred[r];
                for c in &centred[r + 1..] {
                    y = y + upper[at] * *c;
                    at += 1;
                }
                q = if r == 0 { y * y } else { q + y * y };
            }
            score[k] = alpha[k] + sums[k] - q * 0.5;
        }
    }

    /// The prior and the constants, from the sum over points.
    pub(crate) fn finish<R: Real>(&self, total: R, alpha: &[R], factors: &[R], diagonal: &[R]) -> R {
        let (d, nf) = (self.d, self.factors());
        let (n, df, pi) = (d + 1, d as f64, std::f64::consts::PI);
        let ln_gamma = (1..=d).fold(0.25 * df * (df - 1.0) * pi.ln(), |sum, j| sum + ln_gamma_half(n + 1 - j));
        let c = n as f64 * df * (self.gamma.ln() - 0.5 * 2f64.ln()) - ln_gamma;
        let mut f = total - logsumexp(alpha) * self.n as f64;
        for k in 0..self.k {
            let mut squares = diagonal[k * d] * diagonal[k * d];
            for l in &diagonal[k * d + 1..(k + 1) * d] {
                squares = squares + *l * *l;
            }
            for u in &factors[k * nf + d..(k + 1) * nf] {
                squares = squares + *u * *u;
            }
            f = f + squares * (0.5 * self.gamma * self.gamma);
        }
        f - (0.5 * self.n as f64 * df * (2.0 * pi).ln() + self.k as f64 * c)
    }
}

impl Gmm {
    /// The likelihood of one point, its factors by scalar products.
    pub(crate) fn score_of_point<N: Real + Numeric>(
        &self,
        x: &[f64],
        (alpha, means, factors): (&[N], &[N], &[N]),
        diagonal: &[N],
        sums: &[N],
    ) -> N {
        let (d, nf) = (self.d, self.factors());
        let (mut centred, mut y) = (vec![N::zero(); d], vec![N::zero(); d]);
        let mut score = Vec::with_capacity(self.k);
        for k in 0..self.k {
            for j in 0..d {
                centred[j] = means[k * d + j].subtracted_from(x[j]);
            }
            let mut upper = &factors[k * nf + d..(k + 1) * nf];
            for r in 0..d {
                let (row, rest) = upper.split_at(d - r - 1);
                upper = rest;
                y[r] = diagonal[k * d + r] * centred[r] + numeric::dot(row, &centred[r + 1..]);
            }
            score.push(alpha[k] + sums[k] - numeric::sum_of_squares(&y) * 0.5);
        }
        numeric::logsumexp(&score)
    }
}

impl Objective for Gmm {
    const ID: &'static str = "S2";
    const OPERATIONS: usize = 3_380_328;

    fn start(&self) -> Vec<f64> {
        Stream::vector(2, self.k * (1 + self.d + self.factors()), -0.5, 0.5)
    }

    fn eval<R: Real>(&self, p: &[R]) -> R {
        let parts = self.split(p);
        let (alpha, _, factors) = parts;
        let (diagonal, sums) = self.prepare(factors);
        let (mut centred, mut score) = (vec![p[0]; self.d], vec![p[0]; self.k]);
        let mut total = p[0];
        for (i, x) in self.data.chunks(self.d).enumerate() {
            self.scores(x, parts, &diagonal, &sums, &mut centred, &mut score);
            let l = logsumexp(&score);
            total = if i == 0 { l } else { total + l };
        }
        self.finish(total, alpha, factors, &diagonal)
    }
}

/// S3: the reprojection error of a camera, 15 numbers to 2, for many observations.
pub(crate) struct Reprojection {
    pub(crate) x: Vec<[f64; 15]>,
    pub(crate) features: Vec<[f64; 2]>,
}

impl Reprojection {
    pub(crate) const OPERATIONS: usize = 660_000;
}

impl Default for Reprojection {
    fn default() -> Self {
        let mut stream = Stream(3);
        const LOW: [f64; 15] = [-0.5, -0.5, -0.5, -1., -1., -1., 400., 200., 200., -0.01, -0.001, -1., -1., 5., 0.5];
        const HIGH: [f64; 15] = [0.5, 0.5, 0.5, 1., 1., 1., 600., 300., 300., 0.01, 0.001, 1., 1., 8., 1.5];
        let (mut x, mut features) = (Vec::new(), Vec::new());
        for _ in 0..10_000 {
            x.push(std::array::from_fn(|j| stream.between(LOW[j], HIGH[j])));
            features.push([stream.between(0.0, 500.0), stream.between(0.0, 500.0)]);
        }
        Reprojection { x, features }
    }
}

impl Reprojection {
    #[inline(always)]
    pub(crate) fn residual<R: Real>(p: &[R; 15], feature: &[f64; 2]) -> [R; 2] {
        let (d0, d1, d2) = (p[11] - p[3], p[12] - p[4], p[13] - p[5]);
        let angle = (p[0] * p[0] + p[1] * p[1] + p[2] * p[2]).sqrt();
        let inverse = angle.divided_into(1.0);
        let (c, s) = (angle.cos(), angle.sin());
        let (a0, a1, a2) = (p[0] * inverse, p[1] * inverse, p[2] * inverse);
        let along = (a0 * d0 + a1 * d1 + a2 * d2) * c.subtracted_from(1.0);
        let y0 = d0 * c + (a1 * d2 - a2 * d1) * s + a0 * along;
        let y1 = d1 * c + (a2 * d0 - a0 * d2) * s + a1 * along;
        let y2 = d2 * c + (a0 * d1 - a1 * d0) * s + a2 * along;
        let (u, v) = (y0 / y2, y1 / y2);
        let r2 = u * u + v * v;
        let g = p[9] * r2 + 1.0 + p[10] * (r2 * r2);
        [p[14] * (u * g * p[6] + p[7] - feature[0]), p[14] * (v * g * p[6] + p[8] - feature[1])]
    }
}

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

/// S5: predator and prey, by the Runge-Kutta method of order 4.
pub(crate) struct Ode {
    pub(crate) steps: usize,
    pub(crate) h: f64,
}

impl Default for Ode {
    fn default() -> Self {
        Ode { steps: 1000, h: 0.01 }
    }
}

impl Ode {
    #[inline(always)]
    fn rate<R: Real>(p: &[R], x: R, y: R) -> (R, R) {
        let xy = x * y;
        (p[0] * x - p[1] * xy, p[3] * xy - p[2] * y)
    }

    #[inline(always)]
    pub(crate) fn step<R: Real>(p: &[R], x: R, y: R, h: f64) -> (R, R) {
        let (ax, ay) = Self::rate(p, x, y);
        let (bx, by) = Self::rate(p, x + ax * (0.5 * h), y + ay * (0.5 * h));
        let (cx, cy) = Self::rate(p, x + bx * (0.5 * h), y + by * (0.5 * h));
        let (ex, ey) = Self::rate(p, x + cx * h, y + cy * h);
        (x + (ax + bx * 2.0 + cx * 2.0 + ex) * (h / 6.0), y + (ay + by * 2.0 + cy * 2.0 + ey) * (h / 6.0))
    }
}

impl Objective for Ode {
    const ID: &'static str = "S5";
    const OPERATIONS: usize = 54_001;

    fn start(&self) -> Vec<f64> {
        vec![1.1, 0.4, 0.4, 0.1, 3.0, 2.0]
    }

    fn eval<R: Real>(&self, p: &[R]) -> R {
        let (x, y) = (0..self.steps).fold((p[4], p[5]), |(x, y), _| Self::step(p, x, y, self.h));
        x + y
    }
}

/// S6: x <- 1.0001 sin x + 0.1, and the sum of all x.
pub(crate) struct Chain {
    pub(crate) n: usize,
}

impl Default for Chain {
    fn default() -> Self {
        Chain { n: 250_000 }
    }
}

impl Objective for Chain {
    const ID: &'static str = "S6";
    const OPERATIONS: usize = 1_000_000;

    fn start(&self) -> Vec<f64> {
        vec![0.3]
    }

    fn eval<R: Real>(&self, p: &[R]) -> R {
        let (mut x, mut f) = (p[0], p[0]);
        for _ in 0..self.n {
            x = x.sin() * 1.0001 + 0.1;
            f = f + x;
        }
        f
    }
}

/// S7: a determinant, by elimination with pivots.
pub(crate) struct Determinant {
    pub(crate) n: usize,
}

impl Default for Determinant {
    fn default() -> Self {
        Determinant { n: 50 }
    }
}

impl Objective for Determinant {
    const ID: &'static str = "S7";
    const OPERATIONS: usize = 82_125;

    fn start(&self) -> Vec<f64> {
        let mut matrix = Stream::vector(7, self.n * self.n, -0.5, 0.5);
        for i in 0..self.n {
            matrix[i * self.n + i] += 2.0;
        }
        matrix
    }

    fn eval<R: Real>(&self, p: &[R]) -> R {
        let n = self.n;
        let mut rows: Vec<Vec<R>> = p.chunks(n).map(<[R]>::to_vec).collect();
        let (mut sign, mut determinant) = (1.0, p[0]);
        for k in 0..n {
            let mut best = k;
            for i in k + 1..n {
                if rows[i][k].number().abs() > rows[best][k].number().abs() {
                    best = i;
                }
            }
            if best != k {
                rows.swap(k, best);
                sign = -sign;
            }
            let (done, rest) = rows.split_at_mut(k + 1);
            let pivot = &done[k];
            determinant = if k == 0 { pivot[0] } else { determinant * pivot[k] };
            for row in rest {
                let f = row[k] / pivot[k];
                for (a, b) in row[k + 1..].iter_mut().zip(&pivot[k + 1..]) {
                    *a = *a - f * *b;
                }
            }
        }
        determinant * sign
    }
}

/// S8: ln Σ exp.
pub(crate) struct LogSumExp {
    pub(crate) n: usize,
}

impl Default for LogSumExp {
    fn default() -> Self {
        LogSumExp { n: 1_000_000 }
    }
}

impl Objective for LogSumExp {
    const ID: &'static str = "S8";
    const OPERATIONS: usize = 3_000_001;

    fn start(&self) -> Vec<f64> {
        Stream::vector(8, self.n, -3.0, 3.0)
    }

    fn eval<R: Real>(&self, x: &[R]) -> R {
        logsumexp(x)
    }
}
