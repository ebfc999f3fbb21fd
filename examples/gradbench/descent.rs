//! The descent with adaptive steps that `particle` and `saddle` minimise by.

use super::real::Real;

/// Where `f` has its minimum, from `x` downhill along `gradient`, to steps of 1e-5.
pub(crate) fn minimise<T: Real, const N: usize>(
    f: impl Fn([T; N]) -> T,
    gradient: impl Fn([T; N]) -> [T; N],
    mut x: [T; N],
) -> [T; N] {
    let (mut fx, mut slope, mut rate, mut gains) = (f(x), gradient(x), 1e-5, 0);
    loop {
        if is_short(slope) {
            return x;
        }
        if gains == 10 {
            (rate, gains) = (rate * 2.0, 0);
            continue;
        }
        let step = slope.map(|slope| slope * rate);
        let next: [T; N] = std::array::from_fn(|i| x[i] - step[i]);
        let moved: [T; N] = std::array::from_fn(|i| x[i] - next[i]);
        if is_short(moved) {
            return x;
        }
        let value = f(next);
        if value < fx {
            (x, fx, slope, gains) = (next, value, gradient(next), gains + 1);
        } else {
            // A step of 0 is short, unless the slope is no number.
            assert!(rate > 0.0, "the descent does not end");
            (rate, gains) = (rate / 2.0, 0);
        }
    }
}

fn is_short<T: Real, const N: usize>(x: [T; N]) -> bool {
    let square = x.into_iter().fold(T::zero(), |sum, x| sum + x * x);
    square.sqrt() <= T::of(1e-5)
}
