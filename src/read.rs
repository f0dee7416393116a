//! Reading files and streams as text.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::error::Error;

/// Reads a file that must be UTF-8.
///
/// # Errors
/// The file cannot be read, or is not UTF-8: then the error names the offset of the first bad byte.
pub fn file(path: &Path) -> Result<String, Error> {
    let bytes =
        fs::read(path).map_err(|error| Error::new(format!("cannot be read: {}", reason(&error))).in_file(path))?;
    text(bytes).map_err(|error| error.in_file(path))
}

/// Reads a stream that must be UTF-8, to its end.
///
/// # Errors
/// As [`file()`].
pub fn stream(mut stream: impl Read) -> Result<String, Error> {
    let mut bytes = Vec::new();
    stream
        .read_to_end(&mut bytes)
        .map_err(|error| Error::new(format!("standard input cannot be read: {}", reason(&error))))?;
    text(bytes)
}

/// Takes bytes as text.
///
/// # Errors
/// They are not UTF-8.
pub fn text(bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
        Error::new(format!("not UTF-8: the byte 0x{byte:02X} at offset {offset} is no text"))
            .help("convert it first, for example with `iconv -f WINDOWS-1252 -t UTF-8`; nothing was changed")
    })
}

/// The system's words for what went wrong, without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
