//! Loops over numbers. They check nothing: shapes were checked before they are called.

pub(crate) mod map;
pub(crate) mod product;
pub(crate) mod special;
pub(crate) mod walk;
