//! A text and its lines.
//!
//! Offsets are bytes; a [`Span`] is half-open (`start..end`) and always refers to the original text.
//! Only lines that hold something are kept in the table: between two of them lies nothing but blank lines,
//! so lines and the gaps between them add up to the input.

use std::ops::Range;

use crate::error::Error;
use crate::limits;

/// A half-open range of bytes of the original text.
pub type Span = Range<usize>;

/// A line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    start: u32,
    end: u32,
    next: u32,
    number: u32,
}

impl Line {
    /// The text, without its line ending.
    #[must_use]
    pub fn text(&self) -> Span {
        self.start as usize..self.end as usize
    }

    /// The text and its line ending.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.start as usize..self.next as usize
    }

    /// Counted from 1; blank lines count.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number as usize
    }
}

/// A text and the table of its lines that are not blank.
///
/// Lines end with `\n`; a `\r` before it belongs to the ending. A byte order mark before a line, wherever that stands,
/// belongs to the gap: should all before it go, it is the text's own.
#[derive(Debug, Clone)]
pub struct Document<'t> {
    text: &'t str,
    lines: Vec<Line>,
}

/// The mark that some editors put before UTF-8 text.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

impl<'t> Document<'t> {
    /// Cuts a text into lines.
    ///
    /// # Errors
    /// The text is longer than [`limits::TEXT_BYTES`].
    pub fn new(text: &'t str) -> Result<Self, Error> {
        if text.len() > limits::TEXT_BYTES {
            return Err(Error::new(format!(
                "the text has {} bytes, at most {} are possible",
                text.len(),
                limits::TEXT_BYTES
            ))
            .help("split it, or feed it as JSON Lines, a record at a time"));
        }
        let mut at = 0;
        let mut lines = Vec::with_capacity(text.len() / 120);
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let last = Some(text.len()).filter(|_| !text.is_empty() && !text.ends_with('\n'));
        for (index, end) in breaks.chain(last).enumerate() {
            let piece = text.get(at..end).unwrap_or_default();
            let line = piece.strip_suffix('\n').unwrap_or(piece);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !is_blank(line) {
                let marks = line.len() - line.trim_start_matches(BYTE_ORDER_MARK).len();
                lines.push(Line {
                    start: narrow(at + marks),
                    end: narrow(at + line.len()),
                    next: narrow(at + piece.len()),
                    number: narrow(index + 1),
                });
            }
            at += piece.len();
        }
        Ok(Self { text, lines })
    }

    /// The text as it came.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The lines that are not blank, in order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// A piece of the text; empty when the span is not one.
    #[must_use]
    pub fn slice(&self, span: Span) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// Whether blank lines stand before the line with that index. The first line always stands apart.
    #[must_use]
    pub fn blank_before(&self, index: usize) -> bool {
        let (Some(line), Some(before)) = (self.lines.get(index), index.checked_sub(1).and_then(|i| self.lines.get(i)))
        else {
            return true;
        };
        before.next != line.start
    }
}

/// Fits because [`Document::new`] refuses longer texts.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Nothing that a reader would see.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Characters without width or ink: zero-width space and joiners, direction marks, soft hyphen, byte order mark.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | BYTE_ORDER_MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_gaps_add_up_to_the_input() {
        for text in ["", "\n", "a", "a\n\nb\r\n \t\nc", "\u{feff}\n\na\n\n", "\u{feff}x\ry\n\u{200b}\nz"] {
            let document = Document::new(text).expect("short");
            let mut rebuilt = String::new();
            let mut at = 0;
            for line in document.lines() {
                rebuilt.push_str(&text[at..line.whole().start]);
                assert!(is_blank(&text[at..line.whole().start]));
                rebuilt.push_str(&text[line.whole()]);
                at = line.whole().end;
            }
            rebuilt.push_str(&text[at..]);
            assert_eq!(rebuilt, text);
        }
    }

    #[test]
    fn numbers_count_blank_lines() {
        let document = Document::new("a\n\n\nb").expect("short");
        let numbers: Vec<_> = document.lines().iter().map(Line::number).collect();
        assert_eq!(numbers, [1, 4]);
        assert!(document.blank_before(1));
    }
}
