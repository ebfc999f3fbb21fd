//! Matrix products: their bits, and their distance from those of another library.
#![allow(unsafe_code)]

use gradtape::nn::{Activation, Dense, Layer};
use gradtape::{Dual, Rng, Scalar, Tape, Tensor};
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

/// A cotangent times a number of the other factor, as gradients define it.
fn guarded<T: Scalar>(cotangent: T, x: T) -> T {
    let is_nothing = cotangent == T::zero() || (x == T::zero() && cotangent.is_infinite());
    if is_nothing { T::zero() } else { cotangent * x }
}

/// The gradients of `a b` with the cotangent `g`.
fn guarded_gradients<T: Scalar>([m, k, n]: [usize; 3], a: &Tensor<T>, b: &Tensor<T>, g: &Tensor<T>) -> [Vec<T>; 2] {
    let (a, b, g) = (element(a), element(b), element(g));
    let sum = |count: usize, of: &dyn Fn(usize) -> T| (0..count).fold(T::zero(), |sum, i| sum + of(i));
    let for_a = (0..m * k).map(|at| sum(n, &|j| guarded(g(at / k, j), b(at % k, j)))).collect();
    let for_b = (0..k * n).map(|at| sum(m, &|i| guarded(g(i, at % n), a(i, at / n)))).collect();
    [for_a, for_b]
}

fn assert_near<T: Scalar>(found: &Tensor<T>, expected: &[T], what: &str) {
    assert_eq!(found.len(), expected.len());
    for (i, (x, y)) in found.iter().zip(expected).enumerate() {
        let is_near = (*x - *y).abs() <= T::lit(1e-4) * (T::one() + y.abs());
        assert!(is_near || x == y || (x.is_nan() && y.is_nan()), "{what}, number {i}: {x} and {y}");
    }
}

/// Tensors with infinities and a NaN, against cotangents of which many are 0 and one, where it is said, is infinite.
fn check_not_finite<T: Scalar>(sizes: [usize; 3], infinite_cotangent: bool) {
    let [m, k, n] = sizes;
    let mut rng = Rng::new(3);
    let mut random = |rows, columns, change: &dyn Fn(usize, usize, T) -> T| {
        let numbers = Tensor::<T>::randn([rows, columns], &mut rng).into_vec();
        let numbers = numbers.into_iter().enumerate().map(|(at, x)| change(at / columns, at % columns, x)).collect();
        Tensor::from_vec(numbers, [rows, columns]).expect("as many numbers")
    };
    let bad = [T::infinity(), T::nan(), T::neg_infinity()];
    let a = random(m, k, &|i, j, x| if j == k / 2 && i < 3 { bad[i] } else { x });
    let b = random(k, n, &|i, j, x| if i == k / 2 && j < 3 { bad[j] } else { x });
    let [fine, other] = [random(m, k, &|_, _, x| x), random(k, n, &|_, _, x| x)];
    let fine = random(m, k, &|i, j, _| if i == m - 1 { T::zero() } else { element(&fine)(i, j) });
    // In some columns and rows 0 everywhere, in others here and there.
    let g = random(m, n, &|i, j, x| match (i, j) {
        _ if infinite_cotangent && i == m - 1 && j == n - 1 => T::infinity(),
        _ if j == 0 || i == 0 || (i + j) % 3 == 0 => T::zero(),
        _ => x,
    });
    let [for_a, for_b] = guarded_gradients(sizes, &a, &b, &g);
    let tape = Tape::<T>::new();
    let (x, y) = (tape.tensor(&a), tape.tensor(&b));
    let gradients = x.matmul(y).backward_with(g.clone());
    assert_near(&gradients.wrt(x), &for_a, &format!("for a, {sizes:?}"));
    assert_near(&gradients.wrt(y), &for_b, &format!("for b, {sizes:?}"));
    // Added to what is there already, and what is there first.
    let [for_a_too, for_b_too] = [guarded_gradients(sizes, &a, &other, &g), guarded_gradients(sizes, &fine, &b, &g)];
    let sum = |a: &[T], b: &[T]| a.iter().zip(b).map(|(a, b)| *a + *b).collect::<Vec<_>>();
    for is_first in [true, false] {
        let tape = Tape::<T>::new();
        let (x, y) = (tape.tensor(&a), tape.tensor(&b));
        let products = [x.matmul(y), x.matmul(&other), tape.constant(&fine).matmul(y)];
        let [product, with_other, of_fine] = products;
        let all = if is_first { product + with_other + of_fine } else { with_other + of_fine + product };
        let gradients = all.backward_with(g.clone());
        assert_near(&gradients.wrt(x), &sum(&for_a, &for_a_too[0]), &format!("for a, added, {sizes:?}"));
        assert_near(&gradients.wrt(y), &sum(&for_b, &for_b_too[1]), &format!("for b, added, {sizes:?}"));
    }
}

#[test]
fn a_cotangent_of_0_contributes_0_against_what_is_not_finite() {
    for sizes in [[1, 2, 2], [1, 1, 1], [3, 4, 5], [1, 9, 1], [5, 1, 6], [17, 33, 20], [40, 70, 300]] {
        for infinite_cotangent in [false, true] {
            check_not_finite::<f32>(sizes, infinite_cotangent);
            check_not_finite::<f64>(sizes, infinite_cotangent);
        }
    }
}

const INFINITY: f64 = f64::INFINITY;

#[test]
fn it_does_so_in_stacks_and_in_scalar_products() {
    let (row, w, seed) = ([1.0, 2.0], [[INFINITY, 1.0], [1.0, 1.0]], [0.0, 1.0]);
    let tape = Tape::new();
    let x = tape.tensor(row);
    assert_eq!(x.matmul(&Tensor::from(w)).backward_with(seed).wrt(x), Tensor::from([1.0, 1.0]));
    // One row in each, by one matrix, by as many, and one for all of them.
    let x = tape.tensor([[row], [row]]);
    for y in [x.matmul(&Tensor::from(w)), x.matmul(&Tensor::from([w, w]))] {
        assert_eq!(y.backward_with([[seed], [seed]]).wrt(x), Tensor::ones([2, 1, 2]));
    }
    let x = tape.tensor([row]);
    let y = x.matmul(&Tensor::from([w, w]));
    assert_eq!(y.backward_with([[seed], [seed]]).wrt(x), Tensor::from([[2.0, 2.0]]));
    let v = tape.tensor([[[1.0, 2.0], [3.0, 4.0]]; 2]);
    let y = tape.constant([[[INFINITY, 1.0], [1.0, 1.0]]; 2]).matmul(v);
    let gradient = y.backward_with([[[0.0, 0.0], [1.0, 1.0]]; 2]).wrt(v);
    assert_eq!(gradient, Tensor::ones([2, 2, 2]));
    let (a, b) = (tape.tensor([INFINITY, 1.0]), tape.tensor([2.0, INFINITY]));
    let gradients = a.dot(b).backward_with(0.0);
    assert_eq!([gradients.wrt(a), gradients.wrt(b)], [Tensor::zeros([2]), Tensor::zeros([2])]);
}

#[test]
fn it_does_so_in_a_dense_layer_with_any_activation() {
    let cases = [
        (Activation::Linear, [[INFINITY, 1.0], [1.0, 1.0]], [0.0, 1.0]),
        (Activation::Relu, [[-INFINITY, 1.0], [1.0, 1.0]], [1.0, 1.0]),
        (Activation::Tanh, [[INFINITY, 0.0], [1.0, 0.0]], [1.0, 1.0]),
        (Activation::Sigmoid, [[INFINITY, 0.0], [1.0, 0.0]], [1.0, 1.0]),
    ];
    for (activation, weight, seed) in cases {
        let mut layer = Dense::<f64>::with_activation(2, 2, activation, &mut Rng::new(1));
        layer.weight.set(weight).expect("of the same shape");
        let tape = Tape::new();
        let x = tape.tensor([[1.0, 2.0]]);
        let gradients = layer.forward(x).backward_with([seed]);
        // The slope of the column of 0: 1, or a quarter for a sigmoid.
        let slope = if activation == Activation::Sigmoid { 0.25 } else { 1.0 };
        let column = [weight[0][1], weight[1][1]].map(|w| w * slope);
        assert_eq!(gradients.wrt(x), Tensor::from([column]), "{activation:?}");
        assert_eq!(gradients.wrt(&layer.weight), Tensor::from([[0.0, slope], [0.0, 2.0 * slope]]), "{activation:?}");
        assert_eq!(gradients.wrt(&layer.bias), Tensor::from([0.0, slope]), "{activation:?}");
    }
    // An input that is not finite, which relu shuts out.
    let mut layer = Dense::<f32>::with_activation(2, 1, Activation::Relu, &mut Rng::new(1));
    layer.weight.set([[-1.0], [1.0]]).expect("of the same shape");
    let tape = Tape::new();
    let y = layer.forward(tape.constant([[f32::INFINITY, 1.0], [0.0, 3.0]]));
    assert_eq!(y.backward_with([[1.0], [1.0]]).wrt(&layer.weight), Tensor::from([[0.0], [3.0]]));
}

#[test]
fn it_does_so_at_the_second_order() {
    let w = [[INFINITY, 1.0], [1.0, 1.0]];
    let mut layer = Dense::<f64>::with_activation(2, 2, Activation::Linear, &mut Rng::new(1));
    layer.weight.set(w).expect("of the same shape");
    for is_layer in [false, true] {
        let tape = Tape::new();
        let x = tape.tensor([[1.0, 2.0]]);
        let y = if is_layer { layer.forward(x) } else { x.matmul(&Tensor::from(w)) };
        let gradient = tape.gradient(y.slice(1, 1, 2, 1).square().sum(), &[x])[0];
        assert_eq!(gradient.value(), Tensor::from([[6.0, 6.0]]));
        assert_eq!(gradient.sum().backward().wrt(x), Tensor::from([[4.0, 4.0]]));
    }
    // Reverse mode over numbers with a tangent.
    let tape = Tape::<Dual<f64>>::new();
    let x = tape.tensor(Tensor::from([[Dual::new(1.0, 1.0), Dual::new(2.0, 1.0)]]));
    let w = Tensor::from(w.map(|row| row.map(Dual::constant)));
    let gradient = x.matmul(&w).slice(1, 1, 2, 1).square().sum().backward().wrt(x);
    assert_eq!(gradient.iter().map(|x| (x.value, x.tangent)).collect::<Vec<_>>(), [(6.0, 4.0); 2]);
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
