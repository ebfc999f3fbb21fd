//! The one error of the library: what came from outside (files, bytes, sizes read at run time) and was not right.
//!
//! A bug in the caller's own program is not an error but a panic at the caller's line.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// The result of everything that depends on input from outside.
pub type Result<T> = std::result::Result<T, Error>;

/// Says what went wrong, where, and what to do about it.
///
/// ```
/// let error = gradtape::Tensor::from_vec(vec![1.0, 2.0, 3.0], [2, 2]).unwrap_err();
/// assert_eq!(error.to_string(), "3 numbers do not fill the shape [2, 2], which takes 4");
/// ```
pub struct Error(Box<Kind>);

enum Kind {
    Invalid(String),
    Io { path: PathBuf, source: io::Error },
    Format { path: PathBuf, message: String },
}

impl Error {
    /// A value, a shape or a size that does not fit.
    pub fn invalid(message: impl Into<String>) -> Self {
        Error(Box::new(Kind::Invalid(message.into())))
    }

    /// A file that could not be opened, read or written.
    pub fn io(path: impl AsRef<Path>, source: io::Error) -> Self {
        Error(Box::new(Kind::Io { path: path.as_ref().to_owned(), source }))
    }

    /// A file that could be read and does not hold what it should.
    pub fn format(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Error(Box::new(Kind::Format { path: path.as_ref().to_owned(), message: message.into() }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Invalid(message) => f.write_str(message),
            Kind::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Kind::Format { path, message } => write!(f, "{}: {message}", path.display()),
        }
    }
}

/// The same text as `Display`: `fn main() -> gradtape::Result<()>` prints an error with `Debug`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Kind::Io { source, .. } => Some(source),
            Kind::Invalid(_) | Kind::Format { .. } => None,
        }
    }
}
