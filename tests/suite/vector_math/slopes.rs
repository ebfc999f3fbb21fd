//! How exact slopes are: those of every function of one argument in f32 against the same in f64.

use crate::float::Float;
use gradtape::{Scalar, Tape, Tensor, ops::Row};

/// The largest error of a slope, in units of the last place of the largest slope on the interval.
const OF_THE_LARGEST: f64 = 5.0;

/// In units of the last place of the slope itself, where nothing cancels in it.
const OF_ITSELF: f64 = 4.0;

/// What loses more than that, because something does: named in the page on accuracy.
const CANCEL: [&str; 7] = ["tanh", "erf", "erfc", "gelu", "gelu_tanh", "silu", "mish"];

fn slopes<T: Float + Scalar>(row: Row, x: &[f32]) -> Vec<f64> {
    let tape = Tape::new();
    let x = tape.tensor(Tensor::from(x.iter().map(|x| T::of(f64::from(*x))).collect::<Vec<T>>()));
    let slopes = row.apply(&[x]).sum().backward().wrt(x);
    slopes.as_slice().iter().map(|slope| Float::real(*slope)).collect()
}

/// As methods are called.
fn name(row: Row) -> String {
    let name = format!("{row:?}");
    let name = name.split('(').next().unwrap_or_default();
    let mut words = String::new();
    for (i, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && i > 0 {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[test]
fn slopes_are_as_exact_as_the_page_on_accuracy_says() {
    let mut wrong = Vec::new();
    let page = include_str!("../../../src/ops/accuracy.md");
    let page = page.split_once("A slope is a formula").expect("the page says how exact slopes are").1;
    assert!(page.contains(&format!("within {OF_THE_LARGEST} ulp of the largest slope")), "{page}");
    assert!(page.contains(&format!("within {OF_ITSELF} ulp of its own")), "{page}");
    for (row, _, (low, high)) in Row::ALL.iter().copied().filter(|(_, arity, _)| *arity == 1) {
        let name = name(row);
        let points = |(low, high): (f64, f64)| {
            (0..20_000).map(move |i| (low + (high - low) * (f64::from(i) + 0.37) / 20_000.0) as f32)
        };
        // What is checked around 0 is defined everywhere; others where there is a slope.
        let wide = points((-12.0, 12.0)).chain(points((-1.0, 1.0))).collect::<Vec<_>>();
        let defined = slopes::<f64>(row, &wide).into_iter().map(f64::is_finite);
        let wide = wide.iter().zip(defined).filter(|(_, is_defined)| *is_defined).map(|(x, _)| *x);
        let x: Vec<f32> = wide.chain(points((low, high))).collect();
        let (single, double) = (slopes::<f32>(row, &x), slopes::<f64>(row, &x));
        let largest = double.iter().fold(0.0_f64, |largest, slope| largest.max(slope.abs()));
        let (mut of_the_largest, mut of_itself) = ((0.0, 0.0), (0.0, 0.0));
        for (x, (found, exact)) in x.iter().zip(single.iter().zip(&double)) {
            let error = (found - exact).abs();
            for (worst, unit) in [(&mut of_the_largest, largest), (&mut of_itself, *exact)] {
                let error = error / Float::ulp(unit as f32);
                // Not `>`, which would drop a NaN.
                *worst = if error <= worst.0 { *worst } else { (error, *x) };
            }
        }
        println!("slope of {name:14} {of_the_largest:.2?} of the largest, {of_itself:.2?} of itself");
        if of_the_largest.0 > OF_THE_LARGEST || of_the_largest.0.is_nan() {
            wrong.push(format!("{name}: {of_the_largest:?} ulp of the largest slope"));
        }
        let cancels = CANCEL.contains(&name.as_str());
        if cancels && !page.contains(&format!("`{name}`")) {
            wrong.push(format!("{name} is not on the page"));
        }
        if cancels == (of_itself.0 <= OF_ITSELF) {
            wrong.push(format!("{name}: {of_itself:?} ulp of the slope"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
