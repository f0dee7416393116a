//! Tables that are bytes: embedded in the binary as the build wrote them, or made of a user's rules, and read alike.
//!
//! Numbers stand least byte first, whatever the machine.

use std::borrow::Cow;
use std::ops::Range;

/// Bytes with their length before them.
#[derive(Debug)]
pub(super) struct Bytes(Cow<'static, [u8]>);

impl Bytes {
    pub(super) fn get(&self, range: Range<usize>) -> Option<&[u8]> {
        self.0.get(range)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(narrow(self.0.len()).to_le_bytes());
        out.extend(&*self.0);
    }

    /// Takes it off the front.
    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (length, rest) = from.split_first_chunk::<4>()?;
        let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        *from = rest;
        Some(Self(Cow::Borrowed(bytes)))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }
}

/// Numbers of 32 bits.
#[derive(Debug)]
pub(super) struct Numbers(Bytes);

impl Numbers {
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.0.0.len() / 4
    }

    pub(super) fn get(&self, index: usize) -> Option<u32> {
        self.0.0.as_chunks::<4>().0.get(index).map(|number| u32::from_le_bytes(*number))
    }

    /// From one number to the next.
    pub(super) fn range(&self, index: usize) -> Range<usize> {
        let at = |index| self.get(index).map_or(0, |number| number as usize);
        at(index)..at(index + 1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.0.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number))
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        Bytes::read(from).map(Self)
    }
}

impl FromIterator<u32> for Numbers {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        Self(Bytes::from(numbers.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>()))
    }
}

pub(super) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
