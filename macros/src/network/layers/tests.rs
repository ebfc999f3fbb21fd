//! The table agrees with the library; and layers that change the rank are rows of it, as any other.

use super::*;
use crate::network::network;
use crate::network::row::Values;
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

/// Rows of layers that change the rank, as they would stand in the table: [`find`] finds them in tests, so that they go
/// the way of every other row.
pub(crate) const LAYERS: &[Layer] = &[
    Layer {
        name: "conv2d",
        positional: &[
            Parameter::new("inputs", Takes::Size).equal_to_axis(2),
            Parameter::new("outputs", Takes::Size),
            Parameter::new("kernel", Takes::Size),
            Parameter::new("activation", Takes::Activation).optional(),
        ],
        named: &[Parameter::new("stride", Takes::Size).or(1), Parameter::new("padding", Takes::Size).or(0)],
        axes: &["channels", "height", "width"],
        effect: Effect::Gives(|values, before| {
            let side = |axis: usize| {
                let free = before.axis(axis) + values.size("padding") * 2 - values.size("kernel");
                free / values.size("stride") + 1
            };
            Ok(before.ending(3, [values.size("outputs"), side(1), side(0)]))
        }),
        field: Some(Field {
            of: "Conv2d",
            generic: true,
            build: |values, rng| {
                let p = crate_path();
                let [inputs, outputs, kernel] = ["inputs", "outputs", "kernel"].map(|name| values.size(name).tokens());
                let activation = values.tokens("activation").unwrap_or_else(|| quote!(#p::nn::Activation::Linear));
                quote!(with_activation(#inputs, #outputs, #kernel, #activation, #rng))
            },
        }),
    },
    Layer {
        name: "max_pool2d",
        positional: &[Parameter::new("size", Takes::Size)],
        named: &[],
        axes: &["height", "width"],
        effect: Effect::Gives(|values, before| {
            let side = |axis: usize| before.axis(axis) / values.size("size");
            Ok(before.ending(2, [side(1), side(0)]))
        }),
        field: Some(Field {
            of: "MaxPool2d",
            generic: false,
            build: |values, _| {
                let size = values.size("size").tokens();
                quote!(new(#size))
            },
        }),
    },
    Layer {
        name: "lstm",
        positional: &[Parameter::new("inputs", Takes::Size).equal_to_axis(0), Parameter::new("hidden", Takes::Size)],
        named: &[],
        axes: &["time", "inputs"],
        effect: Effect::Gives(|values, before| Ok(before.ending(1, [values.size("hidden")]))),
        field: Some(Field {
            of: "Lstm",
            generic: true,
            build: |values, rng| {
                let [inputs, hidden] = ["inputs", "hidden"].map(|name| values.size(name).tokens());
                quote!(new(#inputs, #hidden, #rng))
            },
        }),
    },
    plain("last_step", "LastStep", &["time", "features"], |_, before| Ok(before.ending(2, [before.axis(0)]))),
    plain("unsqueeze", "Unsqueeze", &[], |_, before| Ok(before.ending(0, [Size::from(1)]))),
    plain("halves", "Halves", &["features"], |_, before| match before.axis(0) {
        Size::Literal(size, _) if size % 2 == 1 => Err(format!("halves needs an even width, and {size} is odd")),
        size => Ok(before.ending(1, [Size::from(2), size / 2])),
    }),
];

/// A layer without arguments.
const fn plain(
    name: &'static str,
    of: &'static str,
    axes: &'static [&'static str],
    shape: fn(&Values, &Shape) -> Result<Shape, String>,
) -> Layer {
    let field = Some(Field { of, generic: false, build: |_, _| quote!(default()) });
    Layer { name, positional: &[], named: &[], axes, effect: Effect::Gives(shape), field }
}

/// What `network!` makes of a declaration, without spaces.
fn expansion(declaration: &str) -> String {
    let text = network(declaration.parse().expect("these are tokens")).to_string();
    text.replace(' ', "")
}

/// What `network!` says is wrong with it.
fn mistakes(declaration: &str) -> Vec<String> {
    let text = network(declaration.parse().expect("these are tokens")).to_string();
    let errors = text.split("compile_error ! {").skip(1);
    errors.filter_map(|error| error.trim().strip_prefix('"')?.split("\" }").next().map(str::to_string)).collect()
}

#[track_caller]
fn holds(declaration: &str, parts: &[&str]) {
    let none: [String; 0] = [];
    assert_eq!(mistakes(declaration), none);
    let text = expansion(declaration);
    for part in parts {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn images_go_through_convolution_pooling_and_flatten() {
    let digits = "input(1, 28, 28), conv2d(8, 5, relu), max_pool2d(2), flatten, dense(10)";
    holds(
        digits,
        &[
            "nn::Conv2d::with_activation(1,8,5,::gradtape::__private::nn::Activation::Relu,rng)",
            "nn::MaxPool2d::new(2)",
            "nn::Dense::with_activation(1152,10,",
            "conv2d1:::gradtape::__private::nn::Conv2d<T>",
            "\"[8,24,24]\"",
            "\"[8,12,12]\"",
        ],
    );
    let strided =
        "input(3, 28, 27), conv2d(3, 8, kernel = 3, padding = 1, stride = 2), max_pool2d(4), flatten, dense(72, 4)";
    holds(strided, &["nn::Conv2d::with_activation(3,8,3,", "\"[8,14,14]\"", "\"[8,3,3]\"", "\"[72]\""]);
    // Nothing is known of the sides.
    holds("conv2d(3, 8, 5), flatten, dense(200, 4)", &["nn::Dense::with_activation(200,4,"]);
}

#[test]
fn what_does_not_fit_an_image_is_said_with_the_layers_name() {
    for (declaration, message) in [
        (
            "input(1, 28, 28), conv2d(8, 5), max_pool2d(2), flatten, dense(1000, 10)",
            "dense expects 1000 inputs, but the layer before it gives 1152",
        ),
        ("input(1, 28, 28), conv2d(3, 8, 5)", "conv2d expects 3 inputs, but the input before it gives 1"),
        (
            "input(784), conv2d(1, 8, 5)",
            "conv2d expects [channels, height, width], but the input before it gives [784]",
        ),
        (
            "input(3, 28, 28), conv2d(8, 31)",
            "conv2d gives no shape behind [3, 28, 28]: a size would be 28 - 31, which is below zero",
        ),
        ("input(4, 4), max_pool2d(0)", "a size is at least 1, found `0`"),
        (
            "input(1, 28, 28), conv2d(8)",
            "`conv2d` needs `outputs` and `kernel`: write `conv2d(inputs, outputs, kernel, activation)`",
        ),
        ("input(1, 28, 28), conv2d(8, 5, rellu)", "unknown activation `rellu`; did you mean `relu`?"),
        ("input(1, 28, 28), conv2d(8, 5, strides = 2)", "`conv2d` has no argument `strides`; did you mean `stride`?"),
        ("input(1, 28, 28), conv2(8, 5)", "unknown layer `conv2`; did you mean `conv2d`?"),
        ("dense(3, 5), halves", "halves needs an even width, and 5 is odd"),
    ] {
        assert_eq!(mistakes(declaration), [message], "{declaration}");
    }
}

#[test]
fn sequences_go_through_recurrence_and_lose_their_time() {
    holds("input(20, 300), lstm(64), last_step, dense(10)", &["nn::Lstm::new(300,64,rng)", "with_activation(64,10,"]);
    holds("input(20, 300), lstm(64), unsqueeze", &["\"[20,64]\"", "\"[20,64,1]\""]);
    // Nothing is said of the time: it is lost all the same.
    holds("lstm(300, 64), last_step, dense(10)", &["with_activation(64,10,", "\"[64]\""]);
    assert_eq!(
        mistakes("input(20, 300), lstm(64), last_step, lstm(64, 32)"),
        ["lstm expects [time, inputs], but the layer before it gives [64]"]
    );
}

#[test]
fn what_rustc_knows_alone_is_left_to_it() {
    let p = "::gradtape::__private::shape_rule";
    let text = expansion("input(3, SIDE, SIDE), conv2d(8, 3), max_pool2d(2), flatten, dense(10)");
    // The sizes of the input are constants of the expansion; a kernel that is too large is an error of the convolution.
    let side = format!("{p}::add({p}::div({p}::sub({p}::add(__GRADTAPE_SIZE_1,0),3),1),1)");
    assert!(text.contains(&format!("{p}::possible(\"conv2d\",{side},")), "{text}");
    assert!(text.contains(&format!("{p}::possible(\"max_pool2d\",{p}::div({p}::or_unknown({side}),2),")), "{text}");
    assert!(text.contains("\"thelayerbefore`dense`doesnottellits`inputs`"), "{text}");
    // Behind a layer of the user's own.
    let text = expansion("input(3, 8, 8), Own(3), max_pool2d(2)");
    assert!(text.contains(&format!("{p}::div(__GRADTAPE_SHAPE_1.axis(1),2)")), "{text}");
}

#[test]
fn arithmetic_ends_at_what_is_no_size() {
    let text = |size: Size| size.tokens().to_string().replace(' ', "");
    assert_eq!(text((Size::from(7) - 3) / 2 + 1), "3");
    let why = |size: Size| if let Size::Impossible(why) = size { why } else { String::new() };
    assert_eq!(why((Size::from(2) - 3) * 2 + 1), "2 - 3, which is below zero");
    assert_eq!(why(Size::from(2) / 0), "2 / 0, which is no number");
    assert!(why(Size::from(usize::MAX) * 2).ends_with("* 2, which is too large"));
    assert!(matches!(Size::Unknown + 1, Size::Unknown));
    assert!(matches!(Size::Broken + Size::Unknown, Size::Broken));
}

fn exact(sizes: &[usize]) -> Shape {
    Shape::exact(sizes.iter().copied().map(Size::from).collect())
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
