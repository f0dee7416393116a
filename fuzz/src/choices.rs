//! Choices that the bytes make.

use std::borrow::Cow;

/// Bytes that are used up one after the other; when none is left, each is 0.
pub struct Choices<'b>(pub &'b [u8]);

impl<'b> Choices<'b> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// One of these.
    pub fn of<T: Clone>(&mut self, these: &[T]) -> T {
        let high = if these.len() > 256 { usize::from(self.byte()) << 8 } else { 0 };
        these[(high + usize::from(self.byte())) % these.len()].clone()
    }

    /// So many bytes, or as many as are left, as a text.
    pub fn text(&mut self, bytes: usize) -> Cow<'b, str> {
        let (text, rest) = self.0.split_at(bytes.min(self.0.len()));
        self.0 = rest;
        String::from_utf8_lossy(text)
    }

    /// All that is left, as a text.
    pub fn rest(self) -> Cow<'b, str> {
        String::from_utf8_lossy(self.0)
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
