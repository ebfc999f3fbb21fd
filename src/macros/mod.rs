//! The macros by example around those of `gradtape-macros`: they hand on `$crate`, so that a program may call this
//! library by another name. What they declare stands there; the pages of documentation stand beside this file.

pub use gradtape_macros::{gradcheck, layer, network};

#[doc = include_str!("network.md")]
#[macro_export]
macro_rules! network {
    () => { ::core::compile_error!("a network needs at least one layer, such as `dense(784, 10, softmax)`") };
    ($($network:tt)*) => { $crate::macros::network! { [$crate] $($network)* } };
}

#[doc = include_str!("layer.md")]
#[macro_export]
macro_rules! layer {
    () => {
        ::core::compile_error!(
            "no layer is declared here: a layer is written `pub struct Name(n: usize) { weight: [n] = init::zeros } \
             forward(x) { x * weight }`"
        );
    };
    ($($layer:tt)*) => { $crate::macros::layer! { [$crate] $($layer)* } };
}

#[doc = include_str!("gradcheck.md")]
#[macro_export]
macro_rules! gradcheck {
    () => {
        ::core::compile_error!("what is checked? write the inputs with their shapes: `|x: [3, 4]| x.tanh().sum()`")
    };
    ($($check:tt)*) => { $crate::macros::gradcheck! { [$crate] $($check)* } };
}
