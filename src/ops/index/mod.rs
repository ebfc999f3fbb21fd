//! Operations that pick numbers by indices, masks and rank, and put them back. What picks by fixed positions stands in
//! `layout`.
//!
//! Indices and masks are payloads of an operation, not inputs: no gradient goes to them, and a replay keeps them.

mod gather;
mod mask;
mod sort;

pub(crate) use gather::{Gather, ScatterAdd, gather_cases, scatter_add_cases};
pub(crate) use mask::{MaskedFill, Where, masked_fill_cases, where_cases};
pub(crate) use sort::{Arrange, Sort, arrange_cases, sort_cases};
