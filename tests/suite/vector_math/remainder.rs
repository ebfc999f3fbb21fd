//! The remainder of a quotient: exact, with the bits of the standard library's `%`, fused or not, of numbers and of
//! tensors.

use crate::float::Float;
use gradtape::{__vector::VectorNumber, Scalar, Tensor};

/// Numbers of many sizes and signs; and near whole multiples of one another, where a rounded quotient is wrong by one.
fn samples<T: Float>() -> (Vec<T>, Vec<T>) {
    let mut pairs: Vec<(T, T)> = Vec::new();
    let edges = [0.0, 1.0, 0.1, 3.0, 5e-324, 1e-45, 1e-310, 1e-40, 2.5e307, 3e38, f64::MAX, f64::INFINITY, f64::NAN];
    for x in edges {
        for z in edges {
            pairs.push((T::of(x), T::of(z)));
        }
    }
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state ^ (state >> 29)
    };
    for i in 0..60_000_u32 {
        let (x, z) = (T::pattern(next()), T::pattern(next()));
        // Quotients of up to 70 bits.
        let near = T::of(z.real() * (next() % (1 << (i % 62 + 1))) as f64 * if i % 2 == 0 { 1.0 } else { 256.0 });
        let step = near.ulp();
        for x in [x, near, T::of(near.real() + step), T::of(near.real() - step), T::of(z.real() * f64::from(i) * 0.37)]
        {
            pairs.push((x, z));
        }
    }
    let signed = pairs.iter().enumerate().map(|(i, (x, z))| match i % 4 {
        0 => (*x, *z),
        1 => (-*x, *z),
        2 => (*x, -*z),
        _ => (-*x, -*z),
    });
    signed.unzip()
}

fn remainders_are_exact<T: Float + VectorNumber + Scalar + std::ops::Rem<Output = T>>() {
    let (x, z) = samples::<T>();
    let of_tensors = &Tensor::from(x.clone()) % &Tensor::from(z.clone());
    let mut counts = [0; 2];
    for ((x, z), y) in x.iter().zip(&z).zip(of_tensors.as_slice()) {
        let expected = *x % *z;
        assert!(y.same(expected), "{x:?} % {z:?} of tensors: {y:?} and {expected:?}");
        for (remainder, count) in [T::remainder::<true>, T::remainder::<false>].iter().zip(&mut counts) {
            let (y, is_left) = remainder(*x, *z);
            assert!(is_left || y.same(expected), "{x:?} % {z:?}: {y:?} and {expected:?}");
            *count += usize::from(!is_left);
        }
    }
    assert!(counts.iter().all(|count| *count > x.len() / 8), "most are left to the standard library: {counts:?}");
}

#[test]
fn remainders_have_the_bits_of_the_standard_library() {
    remainders_are_exact::<f32>();
    remainders_are_exact::<f64>();
}
