//! The kernel against its definition, bit for bit, on every instruction set of this processor.

use super::blocks::BLOCK;
use super::*;

/// A machine number as the tests need it.
trait Number: Kernel + Element {
    fn raw(self) -> u64;
}

impl Number for f32 {
    fn raw(self) -> u64 {
        self.to_bits().into()
    }
}

impl Number for f64 {
    fn raw(self) -> u64 {
        self.to_bits()
    }
}

/// Numbers in ±1/2 that use all their digits.
fn matrix<T: Element>(rows: usize, columns: usize, seed: u64) -> Vec<T> {
    let mut state = seed * 2 + 0x9e37_79b9_7f4a_7c15;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::lit((state >> 11) as f64 / (1u64 << 53) as f64 - 0.5)
    };
    (0..rows * columns).map(|_| next()).collect()
}

/// What the head of the module says: chains of `mul_add` over blocks, added one after the other.
fn definition<T: Element>(a: Factor<'_, T>, b: Factor<'_, T>, add: bool, c: &mut [T]) {
    let ((a_down, a_along), (b_down, b_along)) = (a.strides(), b.strides());
    for (at, c) in c.iter_mut().enumerate() {
        let (i, j) = (at / b.columns, at % b.columns);
        for start in (0..a.columns).step_by(BLOCK) {
            let sum = (start..a.columns.min(start + BLOCK)).fold(T::zero(), |sum, k| {
                a.numbers[i * a_down + k * a_along].mul_add(b.numbers[k * b_down + j * b_along], sum)
            });
            *c = if add || start > 0 { *c + sum } else { sum };
        }
        if a.columns == 0 && !add {
            *c = T::zero();
        }
    }
}

/// The bits, but one NaN for all.
fn bits<T: Number>(numbers: &[T]) -> Vec<u64> {
    numbers.iter().map(|x| if x.is_nan() { T::nan().raw() } else { x.raw() }).collect()
}

#[derive(Clone, Copy, Debug)]
struct Setting {
    sizes: [usize; 3],
    transposed: [bool; 2],
    add: bool,
}

impl Setting {
    /// Every layout, stored and added.
    fn all(sizes: [usize; 3]) -> impl Iterator<Item = Setting> {
        (0..8).map(move |i| Setting { sizes, transposed: [i & 1 > 0, i & 2 > 0], add: i & 4 > 0 })
    }

    fn factors<'a, T: Element>(&self, a: &'a [T], b: &'a [T]) -> [Factor<'a, T>; 2] {
        let [m, k, n] = self.sizes;
        let factor = |numbers, rows, columns, transposed| match transposed {
            true => Factor::new(numbers, columns, rows).transposed_if(true),
            false => Factor::new(numbers, rows, columns),
        };
        [factor(a, m, k, self.transposed[0]), factor(b, k, n, self.transposed[1])]
    }

    fn check<T: Number>(&self, sets: &[InstructionSet], a: &[T], b: &[T]) {
        let [m, _, n] = self.sizes;
        let [a, b] = self.factors(a, b);
        // Numbers before and after `c` that a store beyond its edges would change.
        let c = matrix::<T>(m + 2, n, 3);
        let inside = n..n + m * n;
        let mut expected = c.clone();
        definition(a, b, self.add, &mut expected[inside.clone()]);
        for &set in sets {
            let mut got = c.clone();
            product_on(set, a, b, self.add, &mut got[inside.clone()]);
            assert_eq!(bits(&got), bits(&expected), "{self:?} on {set:?}");
        }
    }

    fn check_all<T: Number>(sizes: [usize; 3], sets: &[InstructionSet]) {
        let [m, k, n] = sizes;
        let (a, b) = (matrix::<T>(m, k, 1), matrix::<T>(k, n, 2));
        Setting::all(sizes).for_each(|setting| setting.check(sets, &a, &b));
    }
}

#[test]
fn every_path_has_the_bits_of_the_definition_for_every_edge_layout_and_sum() {
    let sets = InstructionSet::all();
    for m in [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 17, 23, 40] {
        for (k, n) in
            (1..=40).map(|i| (i, 1 + (i * 11 + m * 5) % 40)).chain((1..=40).map(|n| (1 + (n * 7 + m) % 19, n)))
        {
            Setting::check_all::<f32>([m, k, n], &sets);
            Setting::check_all::<f64>([m, k, n], &sets);
        }
    }
}

#[test]
fn several_blocks_and_strips_have_the_bits_of_the_definition() {
    let sets = InstructionSet::all();
    for sizes in [[9, BLOCK, 50], [3, BLOCK + 1, 17], [1, 2 * BLOCK + 5, 100], [17, 3 * BLOCK, 1], [40, 270, 65]] {
        Setting::check_all::<f32>(sizes, &sets);
        Setting::check_all::<f64>(sizes, &sets);
    }
}

#[test]
fn the_products_of_a_training_step_have_the_bits_of_the_definition() {
    // Not portable vectors: each of their multiplications is a call where tests are compiled without FMA.
    let fast: Vec<_> = InstructionSet::all().into_iter().filter(|set| set.fuses()).collect();
    for sizes in [[64, 784, 128], [784, 64, 128], [64, 128, 10], [128, 64, 10], [64, 10, 128], [64, 300, 512]] {
        Setting::check_all::<f32>(sizes, &fast);
    }
    Setting::check_all::<f64>([64, 100, 300], &fast);
}

#[test]
fn parts_of_rows_and_columns_have_the_bits_of_the_whole() {
    let [m, k, n] = [29, 300, 70];
    let (a, b) = (matrix::<f32>(m, k, 1), matrix::<f32>(k, n, 2));
    for set in InstructionSet::all() {
        let mut whole = vec![0.0; m * n];
        product_on(set, Factor::new(&a, m, k), Factor::new(&b, k, n), false, &mut whole);
        for rows in [1, 3, 8, 11] {
            let mut parts = vec![0.0; m * n];
            for (a, c) in a.chunks(rows * k).zip(parts.chunks_mut(rows * n)) {
                product_on(set, Factor::new(a, a.len() / k, k), Factor::new(&b, k, n), false, c);
            }
            assert_eq!(bits(&parts), bits(&whole), "{rows} rows on {set:?}");
        }
        for columns in [1, 5, 16, 33] {
            for j in (0..n - columns).step_by(columns) {
                let part: Vec<f32> = b.chunks(n).flat_map(|row| &row[j..j + columns]).copied().collect();
                let mut c = vec![0.0; m * columns];
                product_on(set, Factor::new(&a, m, k), Factor::new(&part, k, columns), false, &mut c);
                let expected: Vec<f32> = whole.chunks(n).flat_map(|row| &row[j..j + columns]).copied().collect();
                assert_eq!(bits(&c), bits(&expected), "columns {j} and {columns} more on {set:?}");
            }
        }
    }
}

#[test]
fn large_products_have_the_bits_of_their_rows() {
    // With rows enough for the threads, no piece has as many as a large product.
    fn check<T: Number>(
        sizes @ [m, k, n]: [usize; 3],
        sets: &[InstructionSet],
        settings: impl Iterator<Item = Setting>,
    ) {
        let (a, b, c) = (matrix::<T>(m, k, 1), matrix::<T>(k, n, 2), matrix::<T>(m, n, 3));
        for setting in settings {
            let [a, b] = setting.factors(&a, &b);
            for &set in sets {
                let [whole, pieces] = [1, 8].map(|threads| {
                    let mut c = c.clone();
                    parallel::with_threads(threads, || product_on(set, a, b, setting.add, &mut c));
                    bits(&c)
                });
                assert!(whole == pieces, "{setting:?} of {sizes:?} on {set:?}");
            }
        }
    }
    let fast: Vec<_> = InstructionSet::all().into_iter().filter(|set| set.fuses()).collect();
    for sizes in [[520, 1040, 260], [525, 270, 500]] {
        check::<f64>(sizes, &fast, Setting::all(sizes));
    }
    let sizes = [787, 360, 270];
    check::<f32>(sizes, &fast, Setting::all(sizes));
    let sizes = [519, 260, 256];
    let portable = InstructionSet::all().pop().expect("the baseline");
    check::<f64>(sizes, &[portable], Setting::all(sizes).filter(|setting| setting.transposed == [true, false]));
}

#[test]
fn what_is_not_finite_reaches_its_rows_and_columns_alone() {
    let sets = InstructionSet::all();
    for sizes @ [m, k, n] in [[5, 7, 9], [17, 300, 33], [8, 16, 48]] {
        let (mut a, mut b) = (matrix::<f32>(m, k, 1), matrix::<f32>(k, n, 2));
        a[k] = f32::NAN;
        a[2 * k + 3] = 0.0;
        b[3 * n + 1] = f32::INFINITY;
        for setting in Setting::all(sizes) {
            setting.check(&sets, &a, &b);
        }
        for &set in &sets {
            let mut c = vec![0.0; m * n];
            product_on(set, Factor::new(&a, m, k), Factor::new(&b, k, n), false, &mut c);
            for (at, c) in c.into_iter().enumerate() {
                let (i, j) = (at / n, at % n);
                let (nan, infinite) = (i == 1 || (i, j) == (2, 1), j == 1);
                assert_eq!((c.is_nan(), c.is_finite()), (nan, !nan && !infinite), "[{i}, {j}] of {sizes:?} on {set:?}");
            }
        }
    }
}

#[test]
fn a_product_without_an_inner_axis_is_zero_and_adds_nothing() {
    for sizes in [[3, 0, 2], [0, 3, 2], [2, 3, 0], [0, 0, 0]] {
        let (a, b) = (matrix::<f64>(sizes[0], sizes[1], 1), matrix::<f64>(sizes[1], sizes[2], 2));
        for setting in Setting::all(sizes) {
            let [a, b] = setting.factors(&a, &b);
            let before = matrix::<f64>(sizes[0], sizes[2], 3);
            let mut c = before.clone();
            product(a, b, setting.add, &mut c);
            assert_eq!(c, if setting.add { before } else { vec![0.0; c.len()] });
        }
    }
}

#[test]
fn loops_and_kernel_agree_where_no_sum_is_rounded() {
    let whole = |len: usize, salt: usize| (0..len).map(|i| ((i * 7 + salt) % 11) as f64 - 5.0).collect::<Vec<_>>();
    for sizes @ [m, k, n] in [[1, 1, 1], [2, 3, 4], [5, 1, 7], [17, 33, 9], [64, 20, 10]] {
        let (a, b) = (whole(m * k, 1), whole(k * n, 2));
        for setting in Setting::all(sizes) {
            let [a, b] = setting.factors(&a, &b);
            let (mut expected, mut got) = (whole(m * n, 3), whole(m * n, 3));
            product_by_loops(&a, &b, setting.add, &mut expected);
            product(a, b, setting.add, &mut got);
            assert_eq!(got, expected, "{setting:?}");
        }
    }
}

#[test]
#[should_panic(expected = "a 3 by 4 matrix")]
fn a_factor_has_as_many_numbers_as_its_sizes_say() {
    Factor::new(&[0.0f32; 11], 3, 4);
}

#[test]
#[should_panic(expected = "the size of a product")]
fn a_result_that_is_too_short_is_not_written_to() {
    let numbers = [1.0f32; 12];
    product_by_blocks(&Factor::new(&numbers, 3, 4), &Factor::new(&numbers, 4, 3), false, &mut [0.0; 8]);
}

#[test]
#[should_panic(expected = "inner sizes of a product")]
fn inner_sizes_must_agree() {
    let numbers = [1.0f32; 12];
    product_by_blocks(&Factor::new(&numbers, 3, 4), &Factor::new(&numbers, 3, 4), false, &mut [0.0; 12]);
}
