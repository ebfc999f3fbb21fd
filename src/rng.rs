//! Random numbers whose bits are a promise: the generator [`Rng`], the conversions from its 64-bit words to numbers,
//! indices and orders, and words addressed by their place instead of by their turn.
//! Distributions over tensors (`Tensor::randn`) and initial weights live with what they fill.
//!
//! The same seed gives the same bits for a major version of gradtape, whatever version of `rand` is below: the
//! generator is a named algorithm, its seeding and every conversion are written here, and golden tests pin them.

use std::convert::Infallible;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{SeedableRng, TryRng};

/// The increment of SplitMix64: the odd number nearest to 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A seeded generator: xoshiro256++ (Blackman and Vigna, 2021), not for cryptography.
///
/// It implements the traits of [`rand`], so everything that takes a `rand` generator takes this one, and every function
/// of gradtape that takes an `Rng` takes any generator of `rand` in its place. The 256 bits of its state are the first
/// four numbers that SplitMix64 gives for the seed; a seed's bits do not change within a major version of gradtape.
///
/// ```
/// use gradtape::rng::{below, uniform};
///
/// let (mut a, mut b) = (gradtape::Rng::new(7), gradtape::Rng::new(7));
/// assert_eq!(uniform(&mut a), uniform(&mut b));
/// assert!(below(&mut a, 6) < 6);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// The generator of a seed. Any seed is as good as any other, zero included.
    pub fn new(seed: u64) -> Rng {
        let mut state = [0; 32];
        for (index, word) in state.chunks_exact_mut(8).enumerate() {
            word.copy_from_slice(&splitmix(seed, index as u64).to_le_bytes());
        }
        Rng(Xoshiro256PlusPlus::from_seed(state))
    }
}

impl TryRng for Rng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

impl SeedableRng for Rng {
    type Seed = [u8; 32];

    /// The generator whose state is these bytes; all zeros, which xoshiro cannot leave, stand for `Rng::new(0)`.
    fn from_seed(seed: [u8; 32]) -> Rng {
        if seed == [0; 32] { Rng::new(0) } else { Rng(Xoshiro256PlusPlus::from_seed(seed)) }
    }

    fn seed_from_u64(seed: u64) -> Rng {
        Rng::new(seed)
    }
}

/// A number in `[0, 1)`: the top 53 bits of the next word, times 2^-53. Every multiple of 2^-53 is equally likely.
///
/// ```
/// let u = gradtape::rng::uniform(&mut gradtape::Rng::new(1));
/// assert!((0.0..1.0).contains(&u));
/// ```
#[inline]
pub fn uniform(rng: &mut (impl rand::Rng + ?Sized)) -> f64 {
    unit(rng.next_u64())
}

/// A number of the standard normal distribution, mean 0 and variance 1, by the ratio of uniforms.
///
/// A point `(u, v)`, uniform in a rectangle, is kept where `(v / u)^2 <= -4 ln u`, and `v / u` is the number (Kinderman
/// and Monahan, 1977; Knuth, The Art of Computer Programming, volume 2, 3.4.1, algorithm R). The result is one IEEE
/// division; the logarithm, whose last bit differs between platforms, only takes part in the decision to keep the
/// point, which such a bit changes about once in 10^15 draws.
///
/// ```
/// let mut rng = gradtape::Rng::new(1);
/// let mean = (0..10_000).map(|_| gradtape::rng::normal(&mut rng)).sum::<f64>() / 10_000.0;
/// assert!(mean.abs() < 0.05);
/// ```
pub fn normal(rng: &mut (impl rand::Rng + ?Sized)) -> f64 {
    // sqrt(8 / e) is the width of the rectangle. e^(1/4) is where the tangent of the logarithm serves best to keep most
    // points without a logarithm: ln u <= cu - 1 - ln c for every c, so -4 ln u >= 5 - 4cu for this one.
    let width = (8.0 / std::f64::consts::E).sqrt();
    let c = std::f64::consts::E.sqrt().sqrt();
    loop {
        let u = 1.0 - uniform(rng);
        let x = (uniform(rng) - 0.5) * width / u;
        if x * x <= 5.0 - 4.0 * c * u || x * x <= -4.0 * u.ln() {
            return x;
        }
    }
}

/// A whole number below `n`, each equally likely (Lemire, "Fast random integer generation in an interval", 2019).
///
/// # Panics
///
/// If `n` is 0.
///
/// ```
/// let die = 1 + gradtape::rng::below(&mut gradtape::Rng::new(1), 6);
/// assert!((1..=6).contains(&die));
/// ```
#[inline]
#[track_caller]
pub fn below(rng: &mut (impl rand::Rng + ?Sized), n: usize) -> usize {
    assert!(n > 0, "below: there is no whole number below 0");
    let n = n as u64;
    let mut product = u128::from(rng.next_u64()) * u128::from(n);
    if (product as u64) < n {
        // 2^64 mod n of the words would make some numbers likelier than others; they are drawn again.
        let surplus = n.wrapping_neg() % n;
        while (product as u64) < surplus {
            product = u128::from(rng.next_u64()) * u128::from(n);
        }
    }
    (product >> 64) as usize
}

/// Puts the items into a random order, each order equally likely (Fisher and Yates, from the end).
///
/// ```
/// let mut order = [0, 1, 2, 3];
/// gradtape::rng::shuffle(&mut gradtape::Rng::new(1), &mut order);
/// order.sort();
/// assert_eq!(order, [0, 1, 2, 3]);
/// ```
pub fn shuffle<T>(rng: &mut (impl rand::Rng + ?Sized), items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last + 1));
    }
}

/// The word that belongs to element `index` of draw number `draw` under `seed`: a function of the three, with no state,
/// so that a random mask has the same bits however many threads fill it, and again when it is computed again.
///
/// It is number `index` of the SplitMix64 sequence whose start mixes seed and draw.
///
/// ```
/// use gradtape::rng::element;
///
/// assert_eq!(element(7, 0, 5), element(7, 0, 5));
/// assert_ne!(element(7, 0, 5), element(7, 1, 5));
/// ```
#[inline]
pub fn element(seed: u64, draw: u64, index: u64) -> u64 {
    splitmix(splitmix(splitmix(seed, 0), draw), index)
}

/// [`element`] as a number in `[0, 1)`, as [`uniform`] makes one.
///
/// ```
/// let kept = (0..1000).filter(|&index| gradtape::rng::element_uniform(7, 0, index) >= 0.2).count();
/// assert!((750..850).contains(&kept));
/// ```
#[inline]
pub fn element_uniform(seed: u64, draw: u64, index: u64) -> f64 {
    unit(element(seed, draw, index))
}

/// The top 53 bits of a word, as many as an f64 holds, as a number in `[0, 1)`.
#[inline]
fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Number `index` of the SplitMix64 sequence that starts at `start` (Steele, Lea and Flood, 2014).
#[inline]
fn splitmix(start: u64, index: u64) -> u64 {
    let z = start.wrapping_add(GOLDEN.wrapping_mul(index.wrapping_add(1)));
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use rand::Rng as _;

    use super::*;

    /// Mean, variance, and the third and fourth standardised moments.
    fn moments(numbers: &[f64]) -> [f64; 4] {
        let mean_of = |f: &dyn Fn(f64) -> f64| numbers.iter().map(|&x| f(x)).sum::<f64>() / numbers.len() as f64;
        let mean = mean_of(&|x| x);
        let variance = mean_of(&|x| (x - mean).powi(2));
        let standard = |p| move |x: f64| ((x - mean) / variance.sqrt()).powi(p);
        [mean, variance, mean_of(&standard(3)), mean_of(&standard(4))]
    }

    /// A seed's bits are a promise of a major version: if one of these fails, the change is wrong, not the test.
    #[test]
    fn the_words_of_a_seed_stay() {
        let words = |seed| {
            let mut rng = Rng::new(seed);
            [(); 4].map(|()| rng.next_u64())
        };
        assert_eq!(
            words(0),
            [0x5317_5D61_490B_23DF, 0x61DA_6F3D_C380_D507, 0x5C0F_DF91_EC9A_7BFC, 0x02EE_BF8C_3BBE_5E1A]
        );
        assert_eq!(
            words(7),
            [0x0E2C_1A00_2AAE_913D, 0x2C0F_C8DD_FA4E_9E14, 0xB7B3_11B3_B0D4_5872, 0x6D5D_9F6A_6318_013C]
        );
        assert_eq!(Rng::new(7).next_u32(), 0x0E2C_1A00);
        let mut bytes = [0; 12];
        Rng::new(7).fill_bytes(&mut bytes);
        assert_eq!(bytes, [61, 145, 174, 42, 0, 26, 44, 14, 20, 158, 78, 250]);
    }

    #[test]
    fn the_numbers_of_a_seed_stay() {
        let bits = |draw: fn(&mut Rng) -> f64, seed| {
            let mut rng = Rng::new(seed);
            [(); 3].map(|()| draw(&mut rng).to_bits())
        };
        assert_eq!(bits(uniform, 0), [0x3FD4_C5D7_5852_42C8, 0x3FD8_769B_CF70_E034, 0x3FD7_03F7_E47B_269E]);
        assert_eq!(bits(uniform, 7), [0x3FAC_5834_0055_5D20, 0x3FC6_07E4_6EFD_274C, 0x3FE6_F662_3676_1A8B]);
        assert_eq!(bits(normal, 0), [0xBFD3_2482_1C4A_78FA, 0xBFF4_F0B5_4C3D_1C46, 0xBFFA_12A5_11A0_23CA]);
        assert_eq!(bits(normal, 7), [0xBFDC_4C2D_750F_A1AA, 0xBFF9_E78A_8A89_9F06, 0xBFF0_EABB_9794_C30D]);
        let orders = |seed| {
            let (mut rng, mut order) = (Rng::new(seed), [0, 1, 2, 3, 4, 5, 6, 7]);
            shuffle(&mut rng, &mut order);
            (order, [(); 4].map(|()| below(&mut rng, 1000)))
        };
        assert_eq!(orders(0), ([5, 3, 4, 1, 0, 6, 7, 2], [845, 294, 74, 314]));
        assert_eq!(orders(7), ([7, 5, 6, 3, 2, 4, 1, 0], [329, 982, 73, 114]));
    }

    #[test]
    fn the_word_of_an_element_stays() {
        let words = |seed| [element(seed, 0, 0), element(seed, 0, 1), element(seed, 1, 0)];
        assert_eq!(words(0), [0x2382_75BC_38FC_BE91, 0xF89A_2566_B582_2C54, 0x2F10_1FE2_1496_EA20]);
        assert_eq!(words(7), [0x9C01_4791_61BC_5D78, 0x68BF_FCD4_B372_EF48, 0x2B00_DED9_D5A6_F2EC]);
        assert_eq!(element_uniform(7, 1, 2).to_bits(), 0x3FCD_BF1D_5E90_0BC8);
    }

    #[test]
    fn the_traits_of_rand_lead_to_the_same_generator() {
        assert_eq!(Rng::seed_from_u64(7), Rng::new(7));
        assert_eq!(Rng::from_seed([0; 32]), Rng::new(0));
        assert_ne!(Rng::from_seed([1; 32]), Rng::new(0));
        let mut rng = Rng::new(7);
        let by_reference: &mut dyn rand::Rng = &mut rng;
        assert_eq!(uniform(by_reference), uniform(&mut Rng::new(7)));
    }

    #[test]
    fn uniform_numbers_have_the_moments_of_a_uniform_distribution() {
        let mut rng = Rng::new(1);
        let numbers: Vec<f64> = (0..200_000).map(|_| uniform(&mut rng)).collect();
        assert!(numbers.iter().all(|x| (0.0..1.0).contains(x)));
        let [mean, variance, skew, kurtosis] = moments(&numbers);
        assert!((mean - 0.5).abs() < 0.003, "{mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.001, "{variance}");
        assert!(skew.abs() < 0.02, "{skew}");
        assert!((kurtosis - 1.8).abs() < 0.02, "{kurtosis}");
    }

    #[test]
    fn normal_numbers_have_the_moments_and_tails_of_a_normal_distribution() {
        let mut rng = Rng::new(2);
        let numbers: Vec<f64> = (0..200_000).map(|_| normal(&mut rng)).collect();
        let [mean, variance, skew, kurtosis] = moments(&numbers);
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.015, "{variance}");
        assert!(skew.abs() < 0.03, "{skew}");
        assert!((kurtosis - 3.0).abs() < 0.06, "{kurtosis}");
        for (bound, share) in [(1.0, 0.317_31), (2.0, 0.045_50), (3.0, 0.002_70)] {
            let outside = numbers.iter().filter(|x| x.abs() > bound).count() as f64 / numbers.len() as f64;
            assert!((outside - share).abs() < 5.0 * (share / numbers.len() as f64).sqrt(), "{bound}: {outside}");
        }
    }

    #[test]
    fn every_number_below_n_and_every_order_is_equally_likely() {
        let mut rng = Rng::new(3);
        let mut counts = [0.0; 7];
        (0..70_000).for_each(|_| counts[below(&mut rng, 7)] += 1.0);
        assert!(chi_squared(&counts) < 22.5, "{counts:?}"); // 6 degrees of freedom: 0.1 %

        let mut orders = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut order = [0, 1, 2, 3];
            shuffle(&mut rng, &mut order);
            *orders.entry(order).or_insert(0.0) += 1.0;
        }
        assert_eq!(orders.len(), 24);
        let counts: Vec<f64> = orders.into_values().collect();
        assert!(chi_squared(&counts) < 49.7, "{counts:?}"); // 23 degrees of freedom: 0.1 %
    }

    #[test]
    fn below_draws_again_where_a_remainder_would_be_unfair() {
        // With n = 3 * 2^62, four words fall on three numbers: without a second draw, half of all would be 0 modulo 3.
        let n = 3usize << (usize::BITS - 2);
        let mut rng = Rng::new(4);
        let mut counts = [0.0; 3];
        (0..30_000).for_each(|_| counts[below(&mut rng, n) % 3] += 1.0);
        assert!(usize::BITS < 64 || chi_squared(&counts) < 13.8, "{counts:?}"); // 2 degrees of freedom: 0.1 %
        assert_eq!(below(&mut rng, 1), 0);
    }

    #[test]
    #[should_panic(expected = "no whole number below 0")]
    fn below_zero_is_an_error() {
        below(&mut Rng::new(0), 0);
    }

    fn chi_squared(counts: &[f64]) -> f64 {
        let expected = counts.iter().sum::<f64>() / counts.len() as f64;
        counts.iter().map(|count| (count - expected).powi(2) / expected).sum()
    }

    #[test]
    fn every_bit_of_an_elements_word_depends_on_every_bit_of_its_place() {
        // Avalanche: a change of one bit of seed, draw or index flips each bit of the word in half of the cases.
        let mut rng = Rng::new(5);
        let trials = 2000;
        for position in 0..3 {
            for bit in [0, 1, 5, 31, 32, 63] {
                let mut flips = [0.0; 64];
                for _ in 0..trials {
                    let place = [(); 3].map(|()| rng.next_u64() >> 40);
                    let mut other = place;
                    other[position] ^= 1 << bit;
                    let word = |[seed, draw, index]: [u64; 3]| element(seed, draw, index);
                    let changed = word(place) ^ word(other);
                    flips.iter_mut().enumerate().for_each(|(i, count)| *count += f64::from((changed >> i) as u32 & 1));
                }
                for count in flips {
                    assert!((count / f64::from(trials) - 0.5).abs() < 0.06, "{position} {bit}: {flips:?}");
                }
            }
        }
    }

    #[test]
    fn neighbouring_elements_draws_and_seeds_are_uncorrelated() {
        let n = 100_000u64;
        let correlation = |other: &dyn Fn(u64) -> f64| {
            let products = (0..n).map(|i| (element_uniform(9, 4, i) - 0.5) * (other(i) - 0.5));
            products.sum::<f64>() / n as f64 * 12.0
        };
        for value in [
            correlation(&|i| element_uniform(9, 4, i + 1)),
            correlation(&|i| element_uniform(9, 5, i)),
            correlation(&|i| element_uniform(10, 4, i)),
            correlation(&|i| element_uniform(4, 9, i)),
        ] {
            assert!(value.abs() < 4.0 / (n as f64).sqrt(), "{value}");
        }
        let numbers: Vec<f64> = (0..n).map(|i| element_uniform(9, 4, i)).collect();
        let [mean, variance, ..] = moments(&numbers);
        assert!((mean - 0.5).abs() < 0.004 && (variance - 1.0 / 12.0).abs() < 0.001, "{mean} {variance}");
    }
}
