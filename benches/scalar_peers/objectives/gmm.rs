//! The likelihood of a mixture of normal distributions, in loops over numbers and, point by point, by scalar products.

use super::{Objective, Stream, logsumexp};
use crate::real::Real;
use gradtape::numeric::{self, Numeric};

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
