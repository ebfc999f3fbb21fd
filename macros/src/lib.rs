//! The macros of gradtape.
