//! One error for the whole library: what is wrong, where, and what to do next.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why dechaff could not do what it was asked.
///
/// Opaque on purpose: what goes wrong grows with time. The parts a caller can act on have accessors;
/// [`Display`](fmt::Display) is one line, `path:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    message: String,
    path: Option<PathBuf>,
    place: Option<Place>,
    help: Option<String>,
}

/// A place in a text file that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// How many characters are meant, at least 1.
    pub width: usize,
    /// The line itself, without its line ending.
    pub source: String,
}

/// The name that is most like a wrong one, and how much it is, 0 to 1; of equals the last.
pub(crate) fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<(f64, &'n str)> {
    names.map(|name| (strsim::jaro_winkler(wrong, name), name)).max_by(|a, b| a.0.total_cmp(&b.0))
}

impl Error {
    /// With what is wrong.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        let inner = Inner { message: message.into(), path: None, place: None, help: None };
        Self { inner: Box::new(inner) }
    }

    /// In that file.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Self {
        self.inner.path.get_or_insert_with(|| path.to_path_buf());
        self
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.inner.place = Some(place);
        self
    }

    /// With what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.inner.help = Some(help.into());
        self
    }

    /// What is wrong, in one sentence without a place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The file that the error is about.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.inner.path.as_deref()
    }

    /// Where in the file.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.inner.place.as_ref()
    }

    /// What to do next.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.inner.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.inner.path {
            write!(f, "{}:", path.display())?;
            if let Some(place) = &self.inner.place {
                write!(f, "{}:{}:", place.line, place.column)?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.inner.message)
    }
}
