//! Rules, shapes and the messages of the checks.

use super::*;

const NONE: Arguments<'_> = by_place(&[]);

const fn by_place(sizes: &[usize]) -> Arguments<'_> {
    Arguments { by_place: sizes, by_name: &[] }
}

const N: Dim = Dim::Argument(0);
const DOUBLE: Rule = Rule::new(&[N], &[Dim::Mul(&N, &Dim::Size(2))]);

#[test]
fn a_rule_replaces_the_last_axes_and_keeps_the_others() {
    assert_eq!(DOUBLE.after(by_place(&[64]), Shape::exact(&[10, 64])), Shape::exact(&[10, 128]));
    let pooled = Rule::new(&[Dim::Any, Dim::Any], &[Dim::Div(&Dim::Axis(1), &Dim::Size(2))]);
    assert_eq!(pooled.after(NONE, Shape::exact(&[3, 9, 5])), Shape::exact(&[3, 4]));
    assert_eq!(DOUBLE.after(by_place(&[UNKNOWN]), Shape::exact(&[64])), Shape::exact(&[UNKNOWN]));
    assert_eq!(Rule::NONE.after(by_place(&[64]), Shape::exact(&[64])), Shape::UNKNOWN);
}

#[test]
fn an_argument_with_a_name_is_what_it_is_given_or_else_its_default() {
    const KERNEL: Dim = Dim::Named("kernel", &Dim::Add(&N, &Dim::Size(1)));
    let before = Shape::UNKNOWN;
    let size = |by_name| KERNEL.size(Arguments { by_place: &[4], by_name }, &before);
    assert_eq!(size(&[]), 5);
    assert_eq!(size(&[("kern", 8), ("kernels", 8), ("kernel", 7)]), 7);
    assert_eq!(size(&[("kernel", UNKNOWN)]), UNKNOWN);
}

#[test]
fn the_unknown_absorbs_arithmetic() {
    let before = Shape::UNKNOWN;
    const ONE: Dim = Dim::Size(1);
    for dim in [Dim::Add(&Dim::Any, &ONE), Dim::Mul(&ONE, &Dim::Any), Dim::Sub(&Dim::Any, &ONE)] {
        assert_eq!(dim.size(NONE, &before), UNKNOWN, "{dim:?}");
    }
}

#[test]
fn what_is_no_size_is_reported_once() {
    const ONE: Dim = Dim::Size(1);
    const BELOW_ZERO: Dim = Dim::Sub(&Dim::Size(0), &ONE);
    for dim in [
        BELOW_ZERO,
        Dim::Add(&BELOW_ZERO, &ONE),
        Dim::Mul(&Dim::Any, &BELOW_ZERO),
        Dim::Div(&ONE, &Dim::Size(0)),
        Dim::Add(&Dim::Size(usize::MAX - 2), &Dim::Size(5)),
    ] {
        assert_eq!(dim.size(NONE, &Shape::UNKNOWN), IMPOSSIBLE, "{dim:?}");
    }
    let window = Rule::new(&[Dim::Any], &[BELOW_ZERO]);
    let behind = window.after(NONE, Shape::exact(&[3]));
    assert_eq!((behind.axis(0), behind.flat().axis(0)), (IMPOSSIBLE, IMPOSSIBLE));
    assert_eq!(behind.to_string(), "?");
    // The layers behind it say nothing.
    width("dense", 3, behind.axis(0), GIVES);
    inferred(behind.axis(0), "not known");
    Rule::new(&[Dim::Any], &[Dim::Add(&Dim::Axis(0), &ONE)]).check("Wider", NONE, behind, GIVES);
}

#[test]
#[should_panic(expected = "Window gives no shape behind [3]: a size would be below zero, divided by zero or too large")]
fn a_size_below_zero_panics() {
    const OUTPUT: Dim = Dim::Add(&Dim::Sub(&Dim::Axis(0), &N), &Dim::Size(1));
    let window = Rule::new(&[Dim::Any], &[OUTPUT]);
    window.check("Window", by_place(&[3]), Shape::exact(&[3]), GIVES);
    window.check("Window", by_place(&[5]), Shape::UNKNOWN, GIVES);
    window.check("Window", by_place(&[5]), Shape::exact(&[3]), GIVES);
}

#[test]
fn a_shape_shows_what_is_known_of_it() {
    assert_eq!(Shape::UNKNOWN.to_string(), "?");
    assert_eq!(Shape::UNKNOWN.ending(&[128]).to_string(), "[128]");
    assert_eq!(Shape::exact(&[16, UNKNOWN, UNKNOWN]).to_string(), "[16, ?, ?]");
    assert_eq!(Shape::UNKNOWN.ending(&[UNKNOWN]).to_string(), "?");
}

#[test]
fn an_inherent_rule_wins_over_the_fallback() {
    struct Plain;
    struct Ruled;
    impl Ruled {
        const SHAPE_RULE: Rule = DOUBLE;
    }
    const { assert!(!Plain::SHAPE_RULE.known && Ruled::SHAPE_RULE.known) }
}

#[test]
fn what_fits_or_is_unknown_passes() {
    width("dense", 3, 3, "the layer before it gives");
    width("dense", UNKNOWN, 3, "the layer before it gives");
    DOUBLE.check("Double", by_place(&[64]), Shape::UNKNOWN, "the layer before it gives");
    inferred(7, "not known");
    fraction("dropout", 0.0);
}

#[test]
#[should_panic(expected = "dense expects 1 input, but the layer before it gives 1208")]
fn a_width_that_differs_panics_with_both() {
    width("dense", 1, 1208, "the layer before it gives");
}

#[test]
#[should_panic(expected = "Pair expects [2, ?], but the layer before it gives [3, 4]")]
fn a_shape_that_differs_panics_with_both() {
    Rule::new(&[Dim::Size(2), Dim::Any], &[]).check("Pair", NONE, Shape::exact(&[3, 4]), "the layer before it gives");
}

#[test]
#[should_panic(expected = "Pair expects [?, ?], but the layer before it gives [4]")]
fn a_rank_that_is_too_small_panics() {
    Rule::new(&[Dim::Any, Dim::Any], &[]).check("Pair", NONE, Shape::exact(&[4]), "the layer before it gives");
}

#[test]
#[should_panic(expected = "Double expects [64], but the layer before it gives []")]
fn one_axis_where_there_is_none_panics() {
    DOUBLE.check("Double", by_place(&[64]), Shape::exact(&[]), "the layer before it gives");
}

#[test]
fn an_axis_that_is_not_known_may_be_there() {
    DOUBLE.check("Double", by_place(&[64]), Shape::exact(&[UNKNOWN]), "the layer before it gives");
    DOUBLE.check("Double", by_place(&[UNKNOWN]), Shape::exact(&[3]), "the layer before it gives");
}

#[test]
fn what_does_not_fit_into_a_shape_is_not_known() {
    let long = Shape::exact(&[2; MAX_RANK]);
    assert!(long.exact && !Shape::exact(&[2; MAX_RANK + 1]).exact);
    let longer = long.followed_by(&[3]);
    assert_eq!((longer.exact, longer.axis(0), longer.axis(MAX_RANK - 1)), (false, 3, 2));
    assert!(long.ending(&[3]).exact);
}

#[test]
#[should_panic(expected = "dropout takes a probability")]
fn a_probability_of_one_panics() {
    fraction("dropout", 1.0);
}

const GIVES: &str = "the layer before it gives";

#[test]
fn a_flattened_shape_has_one_axis_that_is_known_where_all_were() {
    assert_eq!(Shape::exact(&[3, 28, 28]).flat(), Shape::exact(&[3 * 28 * 28]));
    assert_eq!(Shape::exact(&[]).flat(), Shape::exact(&[1]));
    assert_eq!(Shape::exact(&[3, UNKNOWN]).flat(), Shape::exact(&[UNKNOWN]));
    assert_eq!(Shape::UNKNOWN.ending(&[8]).flat(), Shape::exact(&[UNKNOWN]));
}

#[test]
fn axes_are_put_behind_and_taken_away() {
    let image = Shape::exact(&[3, 28, 28]);
    assert_eq!(image.without(1), Shape::exact(&[3, 28]));
    assert_eq!(image.without(2).followed_by(&[7]), Shape::exact(&[3, 7]));
    assert_eq!(Shape::UNKNOWN.without(2).followed_by(&[7]), Shape::UNKNOWN.ending(&[7]));
}

#[test]
fn what_is_told_twice_is_known_where_either_tells_it() {
    let (image, open) = (Shape::exact(&[3, UNKNOWN, 28]), Shape::UNKNOWN.ending(&[28, UNKNOWN]));
    assert_eq!(image.agreed(open), Shape::exact(&[3, 28, 28]));
    assert_eq!(open.agreed(image), Shape::exact(&[3, 28, 28]));
    assert_eq!(image.agreed(Shape::exact(&[3, 28, 27])), Shape::UNKNOWN);
    // Behind a mistake that has been reported, nothing is known.
    assert_eq!(DOUBLE.after(by_place(&[64]), Shape::exact(&[63])), Shape::UNKNOWN);
}

#[test]
fn a_rule_tells_what_it_expects() {
    assert_eq!(DOUBLE.expects(by_place(&[64])), Shape::UNKNOWN.ending(&[64]));
    assert_eq!(Rule::NONE.expects(NONE), Shape::UNKNOWN);
}

#[test]
fn shapes_that_agree_as_far_as_they_are_known_pass() {
    let open = Shape::UNKNOWN.ending(&[8]);
    unchanged(["", "", ""], open, Shape::exact(&[5, 8]));
    unchanged(["", "", ""], Shape::UNKNOWN, Shape::exact(&[5, 8]));
    branches("concat", 1, Shape::exact(&[5, 8]), Shape::exact(&[5, 9]));
    branches("sum", 0, open, open);
    rank("conv", "[_, _, _]", 3, open, GIVES);
    count("repeat", 1);
}

#[test]
#[should_panic(expected = "adds [8] to [5, 8]: no")]
fn another_rank_is_another_shape() {
    unchanged(["adds ", " to ", ": no"], Shape::exact(&[8]), Shape::exact(&[5, 8]));
}

#[test]
#[should_panic(expected = "the branches of `concat` give [5, 8] and [6, 9]: they are joined along the last axis")]
fn branches_that_differ_before_the_last_axis_panic() {
    branches("concat", 1, Shape::exact(&[5, 8]), Shape::exact(&[6, 9]));
}

#[test]
#[should_panic(expected = "conv expects [channels, height, width], but the layer before it gives [128]")]
fn too_few_axes_panic() {
    rank("conv", "[channels, height, width]", 3, Shape::exact(&[128]), GIVES);
}

#[test]
#[should_panic(expected = "`repeat` repeats its layers at least once, found 0")]
fn repeating_nothing_panics() {
    count("repeat", 0);
}
