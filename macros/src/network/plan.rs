//! What is written for a declaration: structs, fields and constants. How it comes about stands in
//! [`check`](super::check), how it is written in [`expand`](super::expand).

use super::row::Around;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Visibility};

/// What is written for one declaration.
pub(crate) struct Plan {
    /// The network behind the blocks inside it.
    pub(crate) blocks: Vec<Block>,
    /// The constants that hold sizes and shapes, and the comparisons that are left to rustc.
    pub(crate) constants: Vec<TokenStream>,
    /// The comparisons that depend on const parameters: inline constants of the function that makes the network.
    pub(crate) checks: Vec<TokenStream>,
}

/// One generated struct.
pub(crate) struct Block {
    pub(crate) name: Ident,
    /// As it was written, for the docs of a block inside.
    pub(crate) text: String,
    /// How its fields are put together; `None`: one after the other.
    pub(crate) joined: Option<Around>,
    pub(crate) fields: Vec<Field>,
}

/// One layer of a generated struct.
pub(crate) struct Field {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) name: Ident,
    pub(crate) made: Made,
    /// The declaration, as it was written.
    pub(crate) text: String,
    /// The same in the summary, where what stands inside has lines of its own.
    pub(crate) row: String,
    /// An expression of the text of the shape behind it.
    pub(crate) output: TokenStream,
    /// Where rustc says that it is no layer.
    pub(crate) at: Span,
}

/// The type of a field, and how it is made.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) of: TokenStream,
    /// The type has the type of the numbers as a parameter.
    pub(crate) generic: bool,
    /// It holds other layers, in a struct of the plan.
    pub(crate) is_block: bool,
    /// The types of the user's own in it, of which less is known; the type itself if it is one.
    pub(crate) customs: Vec<TokenStream>,
    /// An expression of its first value.
    pub(crate) build: TokenStream,
}
