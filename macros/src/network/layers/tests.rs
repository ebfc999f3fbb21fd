//! The table agrees with the library, and holds the shape arithmetic of layers that change the rank.

use super::*;
use crate::network::row::{Value, Values};
use crate::network::shape::{Comparison, Size};
use gradtape::nn;

#[test]
fn the_activations_are_those_of_the_library() {
    use nn::Activation::*;
    let all = [
        Linear,
        Relu,
        LeakyRelu(0.5),
        Elu(0.5),
        Selu,
        Silu,
        Mish,
        Softplus,
        Softsign,
        Gelu,
        GeluTanh,
        Tanh,
        Sigmoid,
        Softmax,
        LogSoftmax,
    ];
    // A variant more, and this does not compile until it stands in the list above.
    for activation in all {
        match activation {
            Linear | Relu | LeakyRelu(_) | Elu(_) | Selu | Silu | Mish | Softplus | Softsign | Gelu | GeluTanh
            | Tanh | Sigmoid | Softmax | LogSoftmax => {}
        }
    }
    assert_eq!(ACTIVATIONS.len(), all.len());
    for (row, activation) in ACTIVATIONS.iter().zip(all) {
        let argument = if row.parameter.is_some() { "(0.5)" } else { "" };
        assert_eq!(format!("{}{argument}", row.name), activation.to_string());
        assert_eq!(format!("{}{argument}", row.variant), format!("{activation:?}"));
    }
}

#[test]
fn no_two_entries_have_one_name() {
    let mut names = entry_names();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

/// `[channels, height, width]` to `[outputs, ..]`, where a side becomes `(side + 2 padding - kernel)/stride + 1`.
fn conv2d(values: &Values, before: &Shape) -> Result<Shape, String> {
    let side = |axis: usize| {
        let free = before.axis(axis) + values.size("padding") * 2 - values.size("kernel");
        if let (Size::Unknown, Size::Literal(..)) = (&free, before.axis(axis)) {
            return Err(format!("a kernel of {} does not fit", values.size("kernel").tokens()));
        }
        Ok(free / values.size("stride") + 1)
    };
    Ok(before.ending(3, [values.size("outputs"), side(1)?, side(0)?]))
}

fn max_pool2d(values: &Values, before: &Shape) -> Result<Shape, String> {
    let side = |axis: usize| before.axis(axis) / values.size("size");
    Ok(before.ending(2, [side(1), side(0)]))
}

fn lstm(values: &Values, before: &Shape) -> Result<Shape, String> {
    Ok(before.ending(1, [values.size("hidden")]))
}

fn last_step(_: &Values, before: &Shape) -> Result<Shape, String> {
    Ok(before.ending(2, [before.axis(0)]))
}

fn unsqueeze(_: &Values, before: &Shape) -> Result<Shape, String> {
    Ok(before.ending(0, [Size::from(1)]))
}

fn values(sizes: &[(&'static str, usize)]) -> Values {
    let mut values = Values::default();
    for (name, size) in sizes {
        values.set(name, Value::Sizes(vec![Size::from(*size)]));
    }
    values
}

fn exact(sizes: &[usize]) -> Shape {
    Shape::exact(sizes.iter().copied().map(Size::from).collect())
}

#[test]
fn images_go_through_convolution_pooling_and_flatten() {
    let kernel = |kernel| values(&[("outputs", 8), ("kernel", kernel), ("padding", 1), ("stride", 2)]);
    let image = exact(&[3, 28, 27]);
    let behind = conv2d(&kernel(3), &image).expect("the kernel fits");
    assert_eq!(behind.show(), "[8, 14, 14]");
    let pooled = max_pool2d(&values(&[("size", 4)]), &behind).expect("a shape");
    assert_eq!(pooled.show(), "[8, 3, 3]");
    assert_eq!(pooled.flat().show(), "[72]");
    assert_eq!(conv2d(&kernel(31), &image).expect_err("it does not fit"), "a kernel of 31 does not fit");
    assert_eq!(conv2d(&kernel(3), &Shape::unknown()).expect("nothing is known").show(), "[8, ?, ?]");
    assert_eq!(exact(&[784]).has_fewer_axes_than(3), Some(true));
    assert_eq!(image.has_fewer_axes_than(3), Some(false));
    assert_eq!(Shape::unknown().has_fewer_axes_than(3), Some(false));
}

#[test]
fn sequences_go_through_recurrence_and_lose_their_time() {
    let steps = lstm(&values(&[("hidden", 64)]), &exact(&[20, 300])).expect("a shape");
    assert_eq!(steps.show(), "[20, 64]");
    assert_eq!(last_step(&Values::default(), &steps).expect("a shape").show(), "[64]");
    // Nothing is said of the time: it is lost all the same.
    let open = lstm(&values(&[("hidden", 64)]), &Shape::unknown()).expect("a shape");
    assert_eq!(last_step(&Values::default(), &open).expect("a shape").show(), "[64]");
    assert_eq!(unsqueeze(&Values::default(), &steps).expect("a shape").show(), "[20, 64, 1]");
}

#[test]
fn what_rustc_knows_alone_is_left_to_it() {
    let side = || Size::Const(quote!(SIDE));
    let image = Shape::exact(vec![Size::from(3), side(), side()]);
    let kernel = values(&[("outputs", 8), ("kernel", 3), ("padding", 0), ("stride", 1)]);
    let behind = conv2d(&kernel, &image).expect("rustc will tell");
    assert!(matches!(behind.axis(0), Size::Perhaps(_)) && matches!(behind.axis(2), Size::Literal(8, _)));
    let text = image.flat().axis(0).tokens().to_string().replace(' ', "");
    let p = "::gradtape::__private::shape_rule";
    assert_eq!(text, format!("{p}::mul({p}::mul(3,SIDE),SIDE)"));
    let custom = Shape::of(quote!(BEHIND));
    let pooled = max_pool2d(&values(&[("size", 2)]), &custom).expect("rustc will tell").tokens();
    let side = |axis: &str| format!("{p}::div(BEHIND.axis({axis}),2)");
    let expected = format!("BEHIND.without(2).followed_by(&[{},{}])", side("1"), side("0"));
    assert_eq!(pooled.to_string().replace(' ', ""), expected);
    assert!(matches!(custom.compare(&image, 0), Comparison::Open));
}

#[test]
fn arithmetic_ends_at_what_is_no_size() {
    let text = |size: Size| size.tokens().to_string().replace(' ', "");
    assert_eq!(text((Size::from(7) - 3) / 2 + 1), "3");
    for none in [Size::from(2) - 3, Size::from(2) / 0, Size::from(usize::MAX) * 2, Size::Unknown + 1] {
        assert!(matches!(none, Size::Unknown));
    }
    assert!(matches!(Size::Broken + Size::Unknown, Size::Broken));
}

#[test]
fn shapes_compare_as_far_as_they_are_known() {
    let differ = |a: &Shape, b: &Shape, free| matches!(a.compare(b, free), Comparison::Differ);
    let agree = |a: &Shape, b: &Shape, free| matches!(a.compare(b, free), Comparison::Agree);
    let (image, row) = (exact(&[3, 4]), exact(&[4]));
    assert!(differ(&image, &row, 0) && differ(&row, &image, 1) && differ(&image, &exact(&[5, 4]), 1));
    assert!(agree(&image, &exact(&[3, 9]), 1) && differ(&image, &exact(&[3, 9]), 0));
    let open = Shape::unknown().ending(1, [Size::from(4)]);
    assert!(agree(&open, &image, 0) && agree(&open, &row, 0) && differ(&open, &exact(&[3]), 0));
    assert!(agree(&Shape::broken(), &row, 0));
}
