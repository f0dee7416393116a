//! Texts in one piece of memory, sorted, with what each of them means.

use rustc_hash::FxHashMap;

use super::phrases::Token;
use super::table::{Bytes, Numbers, narrow};
use super::words::Form;

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) token: Token,
    /// The phrase's last word may go on.
    pub(super) open_end: bool,
    /// The text may begin inside a word: some literals of regexes.
    pub(super) loose: bool,
}

impl Entry {
    fn packed(self) -> u32 {
        self.token << 2 | u32::from(self.open_end) << 1 | u32::from(self.loose)
    }

    fn unpacked(number: u32) -> Self {
        Self { token: number >> 2, open_end: number & 2 != 0, loose: number & 1 != 0 }
    }
}

pub(super) type Texts = FxHashMap<Vec<u8>, Vec<Entry>>;

/// Texts, sorted, with the entries of each.
#[derive(Debug)]
pub(super) struct Lexis {
    /// Where each text begins, and where the last one ends.
    starts: Numbers,
    bytes: Bytes,
    /// Where each text's entries begin, and where the last one's end.
    entry_starts: Numbers,
    entries: Numbers,
}

impl Lexis {
    pub(super) fn new(texts: Texts) -> Self {
        let mut sorted: Vec<_> = texts.into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut starts, mut bytes, mut entry_starts, mut entries) = (vec![0], Vec::new(), vec![0], Vec::new());
        for (text, list) in sorted {
            bytes.extend(text);
            starts.push(narrow(bytes.len()));
            entries.extend(list.into_iter().map(Entry::packed));
            entry_starts.push(narrow(entries.len()));
        }
        Self {
            starts: starts.into_iter().collect(),
            bytes: Bytes::from(bytes),
            entry_starts: entry_starts.into_iter().collect(),
            entries: entries.into_iter().collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(super) fn text(&self, text: usize) -> &[u8] {
        self.bytes.get(self.starts.range(text)).unwrap_or_default()
    }

    /// Of the longest text, in bytes.
    pub(super) fn longest(&self) -> usize {
        (0..self.len()).map(|text| self.starts.range(text).len()).max().unwrap_or(0)
    }

    /// The texts, and where they can stand.
    pub(super) fn forms(&self) -> impl Iterator<Item = Form<'_>> {
        (0..self.len()).map(|text| Form {
            text: self.text(text),
            starts: self.entries(text).all(|entry| !entry.loose),
            ends: self.entries(text).all(|entry| !entry.open_end),
        })
    }

    pub(super) fn entries(&self, text: usize) -> impl Iterator<Item = Entry> {
        self.entry_starts.range(text).filter_map(|entry| self.entries.get(entry)).map(Entry::unpacked)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.starts.write(out);
        self.bytes.write(out);
        self.entry_starts.write(out);
        self.entries.write(out);
    }

    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (starts, bytes) = (Numbers::read(from)?, Bytes::read(from)?);
        Some(Self { starts, bytes, entry_starts: Numbers::read(from)?, entries: Numbers::read(from)? })
    }
}

/// An open hash table of texts: of each slot the text's place and one.
pub(super) fn slots(texts: &Lexis) -> Numbers {
    let mut slots = vec![0_u32; (texts.len() * 2).next_power_of_two()];
    for text in 0..texts.len() {
        let mut at = hash(texts.text(text)) & (slots.len() - 1);
        while slots.get(at).is_some_and(|slot| *slot != 0) {
            at = (at + 1) & (slots.len() - 1);
        }
        if let Some(slot) = slots.get_mut(at) {
            *slot = narrow(text + 1);
        }
    }
    slots.into_iter().collect()
}

/// The same on every machine: the tables are made on another one.
pub(super) fn hash(text: &[u8]) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = text.len() as u64;
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        hash = (hash.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
    }
    for byte in rest {
        hash = (hash.rotate_left(23) ^ u64::from(*byte)).wrapping_mul(FACTOR);
    }
    (hash >> 32) as u32 as usize
}
