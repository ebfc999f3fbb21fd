//! Every macro of the library in a program in which nothing has its usual name: the library is called `ad`, `Result`,
//! `Option`, `Vec`, `Box`, `String`, the variants and the common traits are something else, and every lint is denied.
//! What the macros compute is tested elsewhere; here it is enough that they build, and run.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unused,
    unused_qualifications,
    unreachable_pub,
    non_ascii_idents,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    variant_size_differences,
    rust_2018_idioms,
    rust_2021_compatibility,
    let_underscore,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
#![forbid(unsafe_code)]

/// What other programs call so is something else here.
#[allow(dead_code, non_camel_case_types, missing_debug_implementations)]
pub mod shadows {
    /// No result.
    pub struct Result;
    /// No option.
    pub struct Option;
    /// No list.
    pub struct Vec;
    /// No box.
    pub struct Box;
    /// No text.
    pub struct String;
    /// Not an answer.
    pub struct Some;
    /// Not an answer.
    pub struct None;
    /// Not an answer.
    pub struct Ok;
    /// Not an answer.
    pub struct Err;
    /// Not the trait.
    pub trait Clone {}
    /// Not the trait.
    pub trait Default {}
    /// Not the trait.
    pub trait Debug {}
    /// Not the trait.
    pub trait Display {}
    /// Not the trait.
    pub trait Fn {}
    /// Not the trait.
    pub trait FnOnce {}
    /// Not the trait.
    pub trait Iterator {}
    /// Not the trait.
    pub trait Into {}
    /// Not the trait.
    pub trait From {}
    /// Not the trait.
    pub trait Sized {}
    /// Not the trait.
    pub trait Copy {}
    /// Not the trait.
    pub trait Drop {}
    /// Not the trait.
    pub trait Layer {}
    /// Not the trait.
    pub trait Module {}
    /// Not the trait.
    pub trait Scalar {}
    /// Not the tensor.
    pub struct Tensor;
    /// Not the parameter.
    pub struct Param;
    /// Not the network.
    pub struct Network;
    /// Not the tape.
    pub struct Tape;
    /// No numbers.
    pub mod f64 {}
    /// No numbers.
    pub mod usize {}
    /// Not the library.
    pub mod core {}
    /// Not the library.
    pub mod std {}
    /// Not the library.
    pub mod gradtape {}
    /// Not the initialisers.
    pub mod init {}
    /// Not the function.
    pub const fn drop() {}
}

/// The prelude is there, and its names are hidden.
pub mod shadowed {
    #[allow(unused_imports, clippy::wildcard_imports)]
    use super::shadows::*;
    #[allow(unused_imports)]
    use super::shadows::{
        Box, Clone, Copy, Debug, Default, Display, Drop, Err, Fn, FnOnce, From, Into, Iterator, None, Ok, Option,
        Result, Sized, Some, String, Vec, core, drop, gradtape, std,
    };

    include!("declarations.rs");

    // Not where there is no prelude: the structs of blocks carry an attribute `diagnostic::..`, which is a name of it.
    ::ad::network! {
        /// With layers inside layers.
        pub struct Nested {
            input(3),
            dense(4, relu),
            residual(dense(4, tanh), Gate(4)),
            repeat(2, residual(dense(4, gelu)), relu),
            concat(linear, wide: [dense(8, relu), dense(4)]),
            sum(dense(2), dense(2)),
        }
    }

    #[test]
    fn layers_inside_layers() {
        let rng = &mut ::ad::Rng::new(7);
        let tape = ::ad::Tape::new();
        let x = tape.constant(::ad::Tensor::<f32>::zeros([5, 3]));
        ::std::assert_eq!(Nested::new(rng).forward(x).shape(), [5, 2]);
    }
}

/// There is no prelude at all.
#[no_implicit_prelude]
pub mod bare {
    include!("declarations.rs");
}

/// The library's own prelude, by a glob.
pub mod glob {
    use ad::prelude::*;

    network! {
        /// By the prelude.
        #[derive(Clone, Debug)]
        pub struct Small { hidden: dense(3, 4, relu), output: dense(4, 2, softmax) }
    }

    layer! {
        /// By the prelude.
        pub struct Scale(features: usize) { weight: [features] = init::ones }
        shape [features] -> [features]
        forward(x) { x * weight }
    }

    #[test]
    fn in_every_place() {
        let rng = &mut Rng::new(7);
        network! { struct Statement { dense(3, 2) } }
        let net = network!(dense(3, 2), Scale(2)).init(rng);
        let bracketed = network! { < dense(3, 2), tanh > }.init_as::<f64>(rng);
        let listed = [network![dense(3, 2)].init(rng).parameter_count(), Statement::new(rng).parameter_count()];
        assert_eq!((net.parameter_count(), bracketed.parameter_count(), listed), (10, 8, [8, 8]));
        gradcheck!(|x: [3, 4], w: [4, 2]| x.matmul(w).tanh().sum());
        gradcheck!(model: &Small::new(rng), x: [5, 3]);
    }

    gradcheck! {
        fn item(x: [3] in 0.5..2.0) { x.ln() }
    }
}

/// The macros behind macros of another crate's own.
pub mod wrapped {
    macro_rules! make {
        ($name:ident, $features:expr, $x:ident => $body:expr) => {
            ad::layer! {
                /// A layer of a macro of rules.
                pub struct $name(features: usize) { weight: [features, features] = xavier_uniform }
                forward($x) { $body }
            }
            #[test]
            fn works() {
                let rng = &mut ad::Rng::new(7);
                let net = ad::network!(dense(3, $features), $name($features)).init_as::<f64>(rng);
                ad::gradcheck!(model: &net, x: [2, 3]);
            }
        };
    }
    make!(Made, 2, x => x * 2.0);
}
