//! Matrix products: their bits, and their distance from those of another library.
#![allow(unsafe_code)]

use gradtape::{Rng, Scalar, Tape, Tensor};
use num_traits::Float;
use proptest::prelude::*;

/// What a product is defined to be: an element is one chain of fused multiply-adds over each 256 of the inner axis,
/// and these sums are added one after the other. `a` and `b` say where their elements are.
fn definition<T: Float>([m, k, n]: [usize; 3], a: impl Fn(usize, usize) -> T, b: impl Fn(usize, usize) -> T) -> Vec<T> {
    let block = |i: usize, j: usize, start: usize| {
        (start..k.min(start + 256)).fold(T::zero(), |sum, inner| a(i, inner).mul_add(b(inner, j), sum))
    };
    let element = |i, j| (256..k).step_by(256).fold(block(i, j, 0), |sum, start| sum + block(i, j, start));
    (0..m * n).map(|at| element(at / n, at % n)).collect()
}

fn element<T: Scalar>(tensor: &Tensor<T>) -> impl Fn(usize, usize) -> T {
    |row, column| tensor.as_slice()[row * tensor.shape()[1] + column]
}

fn transposed<T: Scalar>(tensor: &Tensor<T>) -> impl Fn(usize, usize) -> T {
    |row, column| element(tensor)(column, row)
}

/// The product and both its gradients, for which the factors are read transposed.
fn check<T: Scalar>(sizes: [usize; 3], seed: u64) {
    let [m, k, n] = sizes;
    let mut rng = Rng::new(seed);
    let mut random = |rows, columns| Tensor::<T>::randn([rows, columns], &mut rng);
    let (a, b, g) = (random(m, k), random(k, n), random(m, n));
    let tape = Tape::new();
    let [x, y] = [&a, &b].map(|factor| tape.tensor(factor));
    let product = x.matmul(y);
    let gradients = (product * &g).sum().backward();
    assert_eq!(product.value().as_slice(), definition(sizes, element(&a), element(&b)), "a b, {sizes:?}");
    assert_eq!(a.matmul(&b), product.value(), "without a tape, {sizes:?}");
    let for_a = definition([m, n, k], element(&g), transposed(&b));
    assert_eq!(gradients.wrt(x).as_slice(), for_a, "g bᵀ, {sizes:?}");
    let for_b = definition([k, m, n], transposed(&a), element(&g));
    assert_eq!(gradients.wrt(y).as_slice(), for_b, "aᵀ g, {sizes:?}");
}

#[test]
fn products_and_their_gradients_have_the_bits_of_their_definition() {
    for sizes in [
        [4, 2, 8],
        [4, 8, 1],
        [1, 1, 1],
        [1, 300, 50],
        [50, 300, 1],
        [300, 1, 9],
        [17, 31, 33],
        [49, 257, 10],
        [10, 600, 47],
        [64, 784, 128],
        [64, 128, 10],
        [128, 64, 10],
        [64, 10, 128],
    ] {
        check::<f32>(sizes, 1);
        check::<f64>(sizes, 2);
    }
}

proptest! {
    #[test]
    fn any_product_has_the_bits_of_its_definition(sizes in [1..70usize, 1..70, 1..70], seed in any::<u64>()) {
        check::<f32>(sizes, seed);
        check::<f64>(sizes, seed);
    }

    #[test]
    fn a_row_has_the_same_bits_alone_and_in_a_batch([m, k, n] in [1..40usize, 1..300, 1..70], seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let (a, b) = (Tensor::<f32>::randn([m, k], &mut rng), Tensor::<f32>::randn([k, n], &mut rng));
        let batch = a.matmul(&b);
        for (a, expected) in a.as_slice().chunks(k).zip(batch.as_slice().chunks(n)) {
            let row = Tensor::from_vec(a.to_vec(), [k]).expect("as many numbers as the shape says");
            let alone = row.matmul(&b);
            prop_assert_eq!(alone.as_slice(), expected);
        }
    }
}

#[test]
fn a_stack_of_products_has_the_bits_of_each() {
    let mut rng = Rng::new(5);
    let [m, k, n] = [9, 33, 20];
    let (a, b) = (Tensor::<f32>::randn([6, m, k], &mut rng), Tensor::<f32>::randn([6, k, n], &mut rng));
    let stack = a.matmul(&b);
    for (i, c) in stack.as_slice().chunks(m * n).enumerate() {
        let (a, b) = (&a.as_slice()[i * m * k..], &b.as_slice()[i * k * n..]);
        assert_eq!(c, definition([m, k, n], |row, inner| a[row * k + inner], |inner, column| b[inner * n + column]));
    }
}

#[test]
fn what_is_not_finite_is_not_lost() {
    let mut a = vec![1.0f32; 12];
    (a[0], a[5]) = (f32::NAN, 0.0);
    let mut b = vec![1.0f32; 20];
    b[5] = f32::INFINITY;
    let [a, b] = [(a, [3, 4]), (b, [4, 5])].map(|(numbers, shape)| Tensor::from_vec(numbers, shape).expect("it fits"));
    let c = a.matmul(&b).into_vec();
    assert!(c[..5].iter().all(|x| x.is_nan()), "the row of a NaN: {c:?}");
    assert!(c[5].is_nan(), "zero times infinity: {c:?}");
    assert_eq!(c[10], f32::INFINITY);
    assert_eq!(c[6..10], [3.0; 4]);
    assert_eq!(c[11..], [4.0; 4]);
}

#[test]
fn an_empty_inner_axis_gives_zeros() {
    assert_eq!(Tensor::<f32>::zeros([3, 0]).matmul(Tensor::zeros([0, 2])), Tensor::zeros([3, 2]));
    assert_eq!(Tensor::<f64>::zeros([0, 3]).matmul(Tensor::zeros([3, 2])).shape(), [0, 2]);
    assert_eq!(Tensor::<f64>::zeros([3, 2]).matmul(Tensor::zeros([2, 0])).shape(), [3, 0]);
}

#[test]
fn another_library_agrees_within_rounding() {
    for [m, k, n] in [[5, 7, 11], [64, 784, 128], [128, 256, 40], [33, 1000, 65]] {
        let mut rng = Rng::new(9);
        let (a, b) = (Tensor::<f64>::randn([m, k], &mut rng), Tensor::<f64>::randn([k, n], &mut rng));
        let mut expected = vec![0.0; m * n];
        let (down_a, down_b) = (k as isize, n as isize);
        // SAFETY: the pointers are to row-major matrices of these sizes.
        unsafe {
            let [a, b] = [&a, &b].map(|factor| factor.as_slice().as_ptr());
            matrixmultiply::dgemm(m, k, n, 1.0, a, down_a, 1, b, down_b, 1, 0.0, expected.as_mut_ptr(), down_b, 1);
        }
        // A sum of k numbers of size one, each rounded: the bound of any order of summation, for f64 and f32.
        for (got, expected) in a.matmul(&b).into_vec().into_iter().zip(&expected) {
            assert!((got - expected).abs() <= k as f64 * (k as f64).sqrt() * f64::EPSILON, "{got} against {expected}");
        }
        let [a, b] = [&a, &b].map(|factor| {
            let numbers = factor.as_slice().iter().map(|&x| x as f32).collect();
            Tensor::from_vec(numbers, factor.shape()).expect("as many numbers as the shape says")
        });
        for (got, expected) in a.matmul(&b).into_vec().into_iter().zip(&expected) {
            let error = (f64::from(got) - expected).abs();
            assert!(error <= k as f64 * (k as f64).sqrt() * f64::from(f32::EPSILON), "{got} against {expected}");
        }
    }
}
