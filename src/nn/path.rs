//! [`Path`], the name of a parameter while a module is visited. Nothing is allocated for it until it is printed.

use std::fmt;

/// Where a visitor stands in a module: `hidden.weight`, `blocks.0.bias`.
///
/// A list of steps on the stack, each of which knows the one before it, so that visiting allocates nothing.
///
/// ```
/// use gradtape::nn::Path;
/// let root = Path::root();
/// let blocks = root.child("blocks");
/// assert_eq!(blocks.index(0).child("weight").to_string(), "blocks.0.weight");
/// assert_eq!(root.to_string(), "");
/// ```
#[derive(Clone, Copy)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The module that is visited itself.
    pub const fn root() -> Self {
        Path { parent: None, step: Step::Root }
    }

    /// A field of the module here.
    pub const fn child(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Name(name) }
    }

    /// An element of the list here.
    pub const fn index(&'p self, i: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(i) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !matches!(parent.step, Step::Root) {
                f.write_str(".")?;
            }
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Name(name) => f.write_str(name),
            Step::Index(i) => write!(f, "{i}"),
        }
    }
}

impl fmt::Debug for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}
