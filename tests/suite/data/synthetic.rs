//! Synthetic problems: a seed's numbers stay, classes are balanced, and digits are as difficult as their docs promise.

use gradtape::data::{Dataset, synthetic};

fn classes(data: &Dataset<f32>) -> &[usize] {
    data.targets().classes().expect("class numbers")
}

fn counts(data: &Dataset<f32>) -> Vec<usize> {
    let mut counts = vec![0; data.class_count().unwrap()];
    classes(data).iter().for_each(|&class| counts[class] += 1);
    counts
}

/// A hash of all bits of a data set (FNV-1a), to pin them.
fn fingerprint(data: &Dataset<f32>) -> u64 {
    let inputs = data.inputs().as_slice().iter().map(|x| u64::from(x.to_bits()));
    let words = inputs.chain(classes(data).iter().map(|&class| class as u64));
    words.fold(0xCBF2_9CE4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01B3))
}

/// A seed's numbers are a promise of a major version: if this fails, the change is wrong, not the test.
#[test]
fn the_numbers_of_a_seed_stay() {
    assert_eq!(fingerprint(&synthetic::digits(100, 7)), 0x8048_318D_05D7_5A08);
    assert_eq!(fingerprint(&synthetic::moons(100, 0.1, 7)), 0x8E5A_74B1_3A80_0352);
    assert_eq!(fingerprint(&synthetic::spirals(100, 3, 0.02, 7)), 0x2DBD_8AFA_CFA0_C3BC);
    assert_ne!(synthetic::digits(10, 1), synthetic::digits(10, 2));
}

#[test]
fn classes_are_balanced_and_mixed() {
    assert_eq!(counts(&synthetic::digits(205, 3)), [21, 21, 21, 21, 21, 20, 20, 20, 20, 20]);
    assert_eq!(counts(&synthetic::moons(101, 0.1, 3)), [51, 50]);
    assert_eq!(counts(&synthetic::spirals(100, 4, 0.1, 3)), [25; 4]);
    assert!(classes(&synthetic::digits(200, 3)).windows(2).any(|pair| pair[0] > pair[1]));
    assert_eq!(synthetic::digits(0, 1).inputs().shape(), [0, 784]);
}

#[test]
fn without_noise_moons_are_half_circles_and_spirals_are_spirals() {
    let moons = synthetic::moons(200, 0.0, 1);
    for (point, &class) in moons.inputs().as_slice().chunks(2).zip(classes(&moons)) {
        let (x, y) = if class == 0 { (point[0], point[1]) } else { (1.0 - point[0], 0.5 - point[1]) };
        assert!((x.hypot(y) - 1.0).abs() < 1e-6 && y > -1e-6, "{point:?}");
    }
    let spirals = synthetic::spirals(200, 3, 0.0, 1);
    for (point, &class) in spirals.inputs().as_slice().chunks(2).zip(classes(&spirals)) {
        let radius = f64::from(point[0].hypot(point[1]));
        let angle = std::f64::consts::TAU * (class as f64 / 3.0 + 0.75 * radius);
        let (x, y) = (radius * angle.cos(), radius * angle.sin());
        assert!((x - f64::from(point[0])).abs() < 1e-5 && (y - f64::from(point[1])).abs() < 1e-5, "{point:?}");
    }
}

#[test]
fn noise_has_the_size_that_was_asked_for() {
    let (clean, noisy) = (synthetic::moons(2000, 0.0, 1), synthetic::moons(2000, 0.25, 1));
    assert_eq!(classes(&clean), classes(&noisy));
    let distance = noisy.inputs().as_slice().chunks(2).zip(classes(&noisy)).map(|(point, &class)| {
        let (x, y) = if class == 0 { (point[0], point[1]) } else { (1.0 - point[0], 0.5 - point[1]) };
        f64::from(x.hypot(y) - 1.0).powi(2)
    });
    let deviation = (distance.sum::<f64>() / 2000.0).sqrt();
    assert!((0.2..0.32).contains(&deviation), "{deviation}");
}

/// The mean image of each digit is a crude model: far better than guessing, far from what a network reaches.
#[test]
fn digits_can_be_learned_but_not_by_their_mean_images() {
    let (train, test) = (synthetic::digits(2000, 1), synthetic::digits(500, 2));
    let mut means = vec![[0.0f32; 784]; 10];
    for (image, &digit) in train.inputs().as_slice().chunks(784).zip(classes(&train)) {
        means[digit].iter_mut().zip(image).for_each(|(mean, pixel)| *mean += pixel / 200.0);
    }
    let distance = |mean: &[f32; 784], image: &[f32]| -> f32 {
        mean.iter().zip(image).map(|(mean, pixel)| (mean - pixel).powi(2)).sum()
    };
    let right = test.inputs().as_slice().chunks(784).zip(classes(&test)).filter(|&(image, &digit)| {
        let nearest = (0..10).min_by(|&a, &b| distance(&means[a], image).total_cmp(&distance(&means[b], image)));
        nearest == Some(digit)
    });
    let accuracy = right.count() as f64 / 500.0;
    assert!((0.55..0.88).contains(&accuracy), "{accuracy}");
    let ink = train.inputs().as_slice().iter().filter(|&&pixel| pixel > 0.5).count() as f64 / (2000.0 * 784.0);
    assert!((0.05..0.25).contains(&ink), "{ink}");
}

#[test]
#[should_panic(expected = "0 classes")]
fn spirals_need_a_class() {
    synthetic::spirals(10, 0, 0.1, 1);
}
