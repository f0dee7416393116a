//! Reading files as text.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::Error;

/// Reads a file that must be UTF-8.
///
/// # Errors
/// The file cannot be read, or is not UTF-8: then the error names the offset of the first bad byte.
pub fn file(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| unreadable(&error).in_file(path))?;
    text(bytes).map_err(|error| error.in_file(path))
}

/// Takes bytes as text.
///
/// # Errors
/// They are not UTF-8.
pub fn text(bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))
}

/// What is said of bytes that are text up to an offset only.
#[must_use]
pub fn not_utf8(bytes: &[u8], offset: usize) -> Error {
    let byte = bytes.get(offset).copied().unwrap_or_default();
    Error::new(format!("not UTF-8: the byte 0x{byte:02X} at offset {offset} is no text"))
        .help("convert it first, for example with `iconv -f WINDOWS-1252 -t UTF-8`; nothing was changed")
}

/// What is said of a file or stream that cannot be read.
#[must_use]
pub fn unreadable(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::new("cannot be read: it ends too early, as a download that broke off"),
        _ => Error::new(format!("cannot be read: {}", reason(error))),
    }
}

/// The system's words for what went wrong, without its number.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
