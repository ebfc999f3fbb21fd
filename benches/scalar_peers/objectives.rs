//! The eight functions that scalar tapes are compared on, each written once for any number; the two long ones have
//! files of their own. No derivative.

mod gmm;
mod lstm;

pub(crate) use gmm::Gmm;
pub(crate) use lstm::{Lstm, sigmoid};

use crate::real::Real;

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

pub(crate) fn logsumexp<R: Real>(x: &[R]) -> R {
    let shift = x.iter().map(|x| x.number()).fold(f64::NEG_INFINITY, f64::max);
    let first = (x[0] - shift).exp();
    x[1..].iter().fold(first, |sum, x| sum + (*x - shift).exp()).ln() + shift
}
