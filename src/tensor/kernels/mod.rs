//! Loops over numbers. They check nothing: shapes were checked before they are called.

pub(crate) mod along;
pub(crate) mod dispatch;
pub(crate) mod map;
pub(crate) mod masked;
pub(crate) mod product;
pub(crate) mod reduce;
pub(crate) mod scan;
pub(crate) mod sort;
pub(crate) mod special;
pub(crate) mod strided;
pub(crate) mod unbroadcast;
pub(crate) mod vector;
pub(crate) mod walk;
