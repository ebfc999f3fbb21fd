//! Properties that hold for all shapes and values: broadcasting both ways, products, sums, and the identities between
//! them. Shapes are drawn with sizes 0 and 1 among them.

use gradtape::{Tape, Tensor, TensorVar, gradcheck::GradCheck};
use proptest::{prelude::*, test_runner::TestCaseError};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Sizes of up to three axes; 0 is rare.
fn shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1 => Just(0), 4 => Just(1), 8 => 2..4usize], 0..4)
}

/// Two shapes that broadcast to a third: some sizes of each replaced by 1, leading axes left out.
fn pair() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    let axis = (prop_oneof![1 => Just(0), 2 => Just(1), 8 => 2..4usize], 0..5u8);
    (prop::collection::vec(axis, 0..4), 0..6usize, any::<bool>()).prop_map(|(axes, cut, second)| {
        let a: Vec<usize> = axes.iter().map(|(size, who)| if *who == 0 { 1 } else { *size }).collect();
        let b: Vec<usize> = axes.iter().map(|(size, who)| if *who == 1 { 1 } else { *size }).collect();
        let cut = cut.min(axes.len());
        if second { (a, b[cut..].to_vec()) } else { (a[cut..].to_vec(), b) }
    })
}

/// The shape of the result, by NumPy's rule.
fn broadcast(a: &[usize], b: &[usize]) -> Vec<usize> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], i: usize| (i + shape.len()).checked_sub(rank).map_or(1, |i| shape[i]);
    let join = |(a, b): (usize, usize)| if a == 1 { b } else { a };
    (0..rank).map(|i| join((size(a, i), size(b, i)))).collect()
}

fn tensor(shape: &[usize], seed: u64) -> Tensor<f64> {
    Tensor::randn(shape, &mut gradtape::Rng::new(seed))
}

/// Away from 0, for denominators.
fn away(shape: &[usize], seed: u64) -> Tensor<f64> {
    tensor(shape, seed).map(|x| x + x.signum() * 0.5)
}

fn checked<F>(f: F, inputs: &[Tensor<f64>]) -> Result<(), TestCaseError>
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    let check = GradCheck::new().order(2).seeds(1);
    check.check(f, inputs).map(drop).map_err(|error| TestCaseError::fail(error.to_string()))
}

fn near(a: &Tensor<f64>, b: &Tensor<f64>) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.shape(), b.shape());
    for (a, b) in a.iter().zip(b.iter()) {
        prop_assert!((a - b).abs() <= 1e-11 * (1.0 + a.abs().max(b.abs())), "{} and {}", a, b);
    }
    Ok(())
}

/// The sum over the axes along which `shape` was broadcast, element by element.
fn sum_to(x: &Tensor<f64>, shape: &[usize]) -> Tensor<f64> {
    let full = x.shape();
    let mut result = Tensor::zeros(shape);
    for (i, x) in x.iter().enumerate() {
        let (mut rest, mut offset, mut stride) = (i, 0, 1);
        for (axis, size) in full.iter().enumerate().rev() {
            let index = rest % size;
            rest /= size;
            if let Some(own) = (axis + shape.len()).checked_sub(full.len()) {
                offset += if shape[own] == 1 { 0 } else { index * stride };
                stride *= shape[own];
            }
        }
        result.as_mut_slice()[offset] += x;
    }
    result
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn arithmetic_of_broadcast_pairs((a, b) in pair(), seed in any::<u64>()) {
        let inputs = [tensor(&a, seed), away(&b, !seed)];
        checked(|x| x[0] + x[1], &inputs)?;
        checked(|x| x[0] - x[1], &inputs)?;
        checked(|x| x[0] * x[1], &inputs)?;
        checked(|x| x[0] / x[1], &inputs)?;
        checked(|x| x[0].maximum(x[1]), &inputs)?;
    }

    #[test]
    fn gradients_have_the_shapes_of_their_inputs((a, b) in pair(), seed in any::<u64>()) {
        let (a, b) = (tensor(&a, seed), away(&b, !seed));
        let tape = Tape::new();
        let (x, z) = (tape.tensor(&a), tape.tensor(&b));
        let full = broadcast(a.shape(), b.shape());
        let cotangent = tensor(&full, seed ^ 1);
        let ones = Tensor::ones(&full);

        let gradients = (x * z).backward_with(&cotangent);
        near(&gradients.wrt(x), &sum_to(&(&cotangent * &b), a.shape()))?;
        near(&gradients.wrt(z), &sum_to(&(&cotangent * &a), b.shape()))?;
        let gradients = (x - z).backward_with(&cotangent);
        near(&gradients.wrt(x), &sum_to(&cotangent, a.shape()))?;
        near(&gradients.wrt(z), &-sum_to(&cotangent, b.shape()))?;
        let gradients = (x / z).backward_with(&cotangent);
        near(&gradients.wrt(x), &sum_to(&(&cotangent / &b), a.shape()))?;
        near(&gradients.wrt(z), &-sum_to(&(&cotangent * &a / (&b * &b)), b.shape()))?;
        // The larger and the smaller share what goes back.
        let (more, less) = (x.maximum(z).backward_with(&cotangent), x.minimum(z).backward_with(&cotangent));
        near(&(more.wrt(x) + less.wrt(x)), &sum_to(&(&cotangent * &ones), a.shape()))?;
        near(&(more.wrt(z) + less.wrt(z)), &sum_to(&(&cotangent * &ones), b.shape()))?;
    }

    #[test]
    fn values_broadcast_like_numpy((a, b) in pair(), seed in any::<u64>()) {
        let (a, b) = (tensor(&a, seed), tensor(&b, !seed));
        let full = broadcast(a.shape(), b.shape());
        let sum = &a + &b;
        prop_assert_eq!(sum.shape(), &full[..]);
        near(&sum, &(&b + &a))?;
        near(&(sum - &b), &(&a + &b * 0.0))?;
    }

    #[test]
    fn a_value_used_several_times((a, b) in pair(), seed in any::<u64>()) {
        let inputs = [tensor(&a, seed), away(&b, !seed)];
        checked(|x| x[0] * x[1] + x[0] * x[0] - x[1] / x[1], &inputs)?;
        let tape = Tape::new();
        let x = tape.tensor(&inputs[0]);
        near(&(x * x + x).sum().backward().wrt(x), &(&inputs[0] * 2.0 + 1.0))?;
    }

    #[test]
    fn sums_and_means(shape in shape(), seed in any::<u64>()) {
        let x = tensor(&shape, seed);
        checked(|x| x[0].sum() * x[0], std::slice::from_ref(&x))?;
        if !x.is_empty() {
            checked(|x| (x[0] - x[0].mean()).square().mean(), std::slice::from_ref(&x))?;
        }
        let tape = Tape::new();
        let v = tape.tensor(&x);
        prop_assert_eq!(v.sum().backward().wrt(v), Tensor::ones(&shape));
    }

    #[test]
    fn products_of_stacks(
        (a, b) in pair(),
        (m, k, n) in (0..3usize, 0..4usize, 1..3usize),
        seed in any::<u64>(),
    ) {
        let (a, b) = (&a[a.len().saturating_sub(2)..], &b[b.len().saturating_sub(2)..]);
        let (left, right) = ([a, &[m, k]].concat(), [b, &[k, n]].concat());
        let inputs = [tensor(&left, seed), tensor(&right, !seed)];
        checked(|x| x[0].matmul(x[1]), &inputs)?;

        // The same sums of products, with an axis more and without a product of matrices.
        let [x, z] = &inputs;
        let spread = x.reshape([a, &[m, k, 1]].concat()) * z.reshape([b, &[1, k, n]].concat());
        let outer = broadcast(a, b);
        let summed = sum_to(&spread, &[&outer[..], &[m, 1, n]].concat()).reshape([&outer[..], &[m, n]].concat());
        near(&x.matmul(z), &summed)?;
    }

    #[test]
    fn products_with_vectors((m, k, n) in (1..4usize, 0..4usize, 1..4usize), seed in any::<u64>()) {
        let (a, b) = (tensor(&[m, k], seed), tensor(&[k, n], seed ^ 1));
        let (u, v) = (tensor(&[k], seed ^ 2), tensor(&[k], seed ^ 3));
        checked(|x| x[0].matmul(x[1]), &[a, u.clone()])?;
        checked(|x| x[0].matmul(x[1]), &[u.clone(), b])?;
        checked(|x| x[0].dot(x[1]), &[u.clone(), v.clone()])?;
        checked(|x| x[0].outer(x[1]), &[u, v])?;
    }

    #[test]
    fn the_gradient_is_linear_in_the_cotangent((a, b) in pair(), seed in any::<u64>()) {
        let (a, b) = (tensor(&a, seed), away(&b, !seed));
        let tape = Tape::new();
        let (x, z) = (tape.tensor(&a), tape.tensor(&b));
        let y = (x / z).tanh() * x;
        let (c, d) = (tensor(y.shape(), seed ^ 1), tensor(y.shape(), seed ^ 2));
        let both = y.backward_with(&c * 2.0 - &d);
        let (first, second) = (y.backward_with(&c), y.backward_with(&d));
        near(&both.wrt(x), &(first.wrt(x) * 2.0 - second.wrt(x)))?;
        near(&both.wrt(z), &(first.wrt(z) * 2.0 - second.wrt(z)))?;
    }

    #[test]
    fn second_derivatives_are_symmetric(n in 1..4usize, seed in any::<u64>()) {
        let x = tensor(&[n], seed);
        let tape = Tape::new();
        let v = tape.tensor(&x);
        let y = (v.sum() * v.sin()).square().sum() + v.matmul(v.exp());
        let gradient = tape.gradient(y, &[v])[0];
        let rows: Vec<Tensor<f64>> = (0..n)
            .map(|i| {
                let mut unit = Tensor::zeros([n]);
                unit.as_mut_slice()[i] = 1.0;
                gradient.backward_with(unit).wrt(v)
            })
            .collect();
        for (i, row) in rows.iter().enumerate() {
            let column: Vec<f64> = rows.iter().map(|other| other.as_slice()[i]).collect();
            near(row, &Tensor::from(column))?;
        }
    }
}
