//! Recurrences of power series for the operations that slopes are made of, and for those whose slope is made of
//! themselves. Griewank and Walther, "Evaluating Derivatives", 2008, tables 13.1 and 13.2.

use crate::{
    Scalar, Taylor,
    ops::{Elementwise, elementwise as row},
    tensor::guarded,
};
use std::any::Any;

/// The answer for an operation that has a recurrence of its own, up to an order.
#[inline(always)]
pub(super) fn known<T: Scalar, F: Elementwise<N>, const N: usize, const K: usize>(
    f: &F,
    x: &[Taylor<T, K>; N],
    order: usize,
) -> Option<Taylor<T, K>> {
    // The type is known where this is compiled, so one branch of all is left.
    let f: &dyn Any = f;
    let second = || x[N - 1];
    if f.is::<row::Mul>() {
        return Some(product(&x[0], &second(), order, |a, b| a * b));
    }
    if f.is::<row::Guarded>() {
        return Some(product(&x[0], &second(), order, |a, b| T::apply(row::Guarded(), [a, b])));
    }
    if f.is::<row::Square>() {
        return Some(product(&x[0], &x[0], order, |a, b| a * b));
    }
    if f.is::<row::Div>() {
        return Some(quotient(&x[0], &second(), order));
    }
    if let Some(row::DivideInto(c)) = f.downcast_ref() {
        return Some(quotient(&Taylor::constant(T::lit(*c)), &x[0], order));
    }
    if f.is::<row::Recip>() {
        return Some(quotient(&Taylor::constant(T::one()), &x[0], order));
    }
    if f.is::<row::Ratio>() {
        let z = second();
        return Some(if z.value.is_zero() { Taylor::constant(T::zero()) } else { quotient(&x[0], &z, order) });
    }
    if f.is::<row::Exp>() {
        return Some(exponential(x[0].value.exp(), &x[0], order));
    }
    if f.is::<row::Sin>() {
        return Some(coupled(x[0].value.sin(), x[0].value.cos(), -T::one(), &x[0], order).0);
    }
    if f.is::<row::Cos>() {
        return Some(coupled(x[0].value.sin(), x[0].value.cos(), -T::one(), &x[0], order).1);
    }
    if f.is::<row::Sinh>() {
        return Some(coupled(x[0].value.sinh(), x[0].value.cosh(), T::one(), &x[0], order).0);
    }
    if f.is::<row::Cosh>() {
        return Some(coupled(x[0].value.sinh(), x[0].value.cosh(), T::one(), &x[0], order).1);
    }
    if f.is::<row::Sigmoid>() {
        return Some(sigmoid(&x[0], order));
    }
    if f.is::<row::Pow>() {
        return Some(power(&x[0], &second(), order));
    }
    None
}

/// Whether a series is its value, up to an order.
fn is_constant<T: Scalar, const K: usize>(x: &Taylor<T, K>, order: usize) -> bool {
    x.coefficients[..order].iter().all(|c| c.is_exactly_zero())
}

/// yₖ = Σⱼ aⱼ bₖ₋ⱼ.
#[inline(always)]
fn product<T: Scalar, const K: usize>(
    a: &Taylor<T, K>,
    b: &Taylor<T, K>,
    order: usize,
    times: impl Fn(T, T) -> T,
) -> Taylor<T, K> {
    let mut y = Taylor::constant(times(a.value, b.value));
    for k in 1..=order {
        // A coefficient of 0 contributes 0, even against an infinite value.
        let mut sum = guarded(a.value, b.coefficients[k - 1]) + guarded(b.value, a.coefficients[k - 1]);
        for j in 1..k {
            sum += guarded(a.coefficients[j - 1], b.coefficients[k - j - 1]);
        }
        y.coefficients[k - 1] = sum;
    }
    y
}

/// From y b = a: yₖ = (aₖ - Σⱼ yₖ₋ⱼ bⱼ) / b₀.
fn quotient<T: Scalar, const K: usize>(a: &Taylor<T, K>, b: &Taylor<T, K>, order: usize) -> Taylor<T, K> {
    let mut y = Taylor::constant(a.value / b.value);
    for k in 1..=order {
        let mut rest = a.coefficients[k - 1];
        for j in 1..=k {
            rest -= guarded(y.coefficient(k - j), b.coefficients[j - 1]);
        }
        y.coefficients[k - 1] = if rest.is_exactly_zero() { rest } else { rest / b.value };
    }
    y
}

/// From y' = y x': k yₖ = Σⱼ j xⱼ yₖ₋ⱼ.
fn exponential<T: Scalar, const K: usize>(value: T, x: &Taylor<T, K>, order: usize) -> Taylor<T, K> {
    let mut y = Taylor::constant(value);
    for k in 1..=order {
        let part = |j: usize| guarded(y.coefficient(k - j), x.coefficients[j - 1] * T::lit(j as f64));
        let sum = (1..=k).fold(T::zero(), |sum, j| sum + part(j));
        y.coefficients[k - 1] = sum / T::lit(k as f64);
    }
    y
}

/// From s' = c x' and c' = ± s x'.
fn coupled<T: Scalar, const K: usize>(
    s: T,
    c: T,
    sign: T,
    x: &Taylor<T, K>,
    order: usize,
) -> (Taylor<T, K>, Taylor<T, K>) {
    let (mut s, mut c) = (Taylor::constant(s), Taylor::constant(c));
    for k in 1..=order {
        let (mut ds, mut dc) = (T::zero(), T::zero());
        for j in 1..=k {
            let part = x.coefficients[j - 1] * T::lit(j as f64);
            ds += guarded(c.coefficient(k - j), part);
            dc += guarded(s.coefficient(k - j), part);
        }
        s.coefficients[k - 1] = ds / T::lit(k as f64);
        c.coefficients[k - 1] = sign * dc / T::lit(k as f64);
    }
    (s, c)
}

/// From y' = y z x' with z = sigmoid(-x), of which z' = -y'.
fn sigmoid<T: Scalar, const K: usize>(x: &Taylor<T, K>, order: usize) -> Taylor<T, K> {
    let mut y = Taylor::constant(T::apply(row::Sigmoid(), [x.value]));
    let mut z = Taylor::<T, K>::constant(T::apply(row::Sigmoid(), [-x.value]));
    let mut slope = [T::zero(); K];
    for k in 1..=order {
        // The coefficient of order k - 1 of y z.
        slope[k - 1] = (0..k).fold(T::zero(), |sum, i| sum + y.coefficient(i) * z.coefficient(k - 1 - i));
        let part = |j: usize| guarded(slope[k - j], x.coefficients[j - 1] * T::lit(j as f64));
        let next = (1..=k).fold(T::zero(), |sum, j| sum + part(j)) / T::lit(k as f64);
        y.coefficients[k - 1] = next;
        z.coefficients[k - 1] = -next;
    }
    y
}

/// xᶻ.
fn power<T: Scalar, const K: usize>(x: &Taylor<T, K>, z: &Taylor<T, K>, order: usize) -> Taylor<T, K> {
    let pow = |p: T| T::apply(row::Pow(), [x.value, p]);
    let value = pow(z.value);
    let number = |n: usize| T::lit(n as f64);
    if is_constant(x, order) && is_constant(z, order) {
        return Taylor::constant(value);
    }
    if !is_constant(z, order) && !x.value.is_zero() {
        // e^(z ln x).
        let mut logarithm = Taylor::constant(T::apply(row::LnOr0(), [x.value]));
        for k in 1..=order {
            let part = |j: usize| logarithm.coefficient(j) * number(j) * x.coefficient(k - j);
            let rest = (1..k).fold(x.coefficients[k - 1] * number(k), |rest, j| rest - part(j));
            logarithm.coefficients[k - 1] = T::apply(row::Ratio(), [rest, x.value * number(k)]);
        }
        return exponential(value, &product(z, &logarithm, order, |a, b| a * b), order);
    }
    if !x.value.is_zero() {
        // From x y' = z x' y: k x₀ yₖ = Σⱼ (z j - (k - j)) xⱼ yₖ₋ⱼ.
        let mut y = Taylor::constant(value);
        for k in 1..=order {
            let part = |j: usize| (z.value * number(j) - number(k - j)) * x.coefficients[j - 1] * y.coefficient(k - j);
            let sum = (1..=k).fold(T::zero(), |sum, j| sum + part(j));
            y.coefficients[k - 1] = sum / (x.value * number(k));
        }
        return y;
    }
    // At 0, where the logarithm contributes 0 and so does a change of z: the powers of the change of x, each times
    // z (z - 1) .. (z - k + 1) / k! x^(z - k), by Horner's rule. A power that is 0 contributes 0, even where its factor
    // is infinite.
    let mut change = *x;
    change.value = T::zero();
    let mut factors = [T::one(); K];
    let mut factor = T::one();
    for k in 1..=order {
        factor = factor * (z.value - number(k - 1)) / number(k);
        factors[k - 1] = guarded(pow(z.value - number(k)), factor);
    }
    let mut y = Taylor::constant(T::zero());
    for k in (0..=order).rev() {
        y = product(&y, &change, order, guarded);
        y.value += if k == 0 { value } else { factors[k - 1] };
    }
    y
}
