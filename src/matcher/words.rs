//! Texts anywhere in a line, by a word of each.
//!
//! A phrase begins and ends where words do. So each word of it that is whole, or the first bytes of one that may go on,
//! announces it; the one is chosen that is rarest in a sample of ordinary text. Each word of a line is one look into a
//! table, which costs the same for few texts and for many. For what has no such word, in scripts without spaces above
//! all, there is an automaton.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

use super::table::{Bytes, Numbers, narrow};
use crate::fold::{byte_joins_words, joins_words};

/// The first bytes of a word by which texts are known whose word may go on.
const STEM: usize = 3;

/// Bits for each bucket, as a power of two: with fewer, more words of a line are looked at in vain.
const BITS_OF_BUCKET: u32 = 4;

/// Where the bits may need no more room than a processor keeps close, as a power of two.
const LEAST_BUCKETS: u32 = 6;

/// A text, and whether it can only begin and end where words do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'t> {
    pub(super) text: &'t [u8],
    pub(super) starts: bool,
    pub(super) ends: bool,
}

/// How often words, and words with the same beginning, are in ordinary text.
#[derive(Debug, Default)]
pub(super) struct Sample {
    seen: FxHashMap<u64, u32>,
}

impl Sample {
    pub(super) fn add(&mut self, folded: &str) {
        each_word(folded, |word| {
            for key in
                folded.as_bytes().get(word).into_iter().flat_map(|word| [Some(key_of(word)), stem_of(word)]).flatten()
            {
                *self.seen.entry(key).or_default() += 1;
            }
        });
    }
}

/// Texts by the words that announce them.
#[derive(Debug)]
pub(super) struct Words {
    /// Of a key's hash the bits that are left.
    shift: u32,
    bits: Bytes,
    /// Where each bucket's candidates begin, and where the last one's end.
    starts: Numbers,
    /// The key's [`low`] bits, a text's place, and the place of the word in it, by turns.
    candidates: Numbers,
    /// Texts that no word announces: those of ASCII alone, and the others.
    ascii: Unannounced,
    wide: Unannounced,
}

impl Words {
    /// The texts behind `forms` are `heralds`: a word of theirs is found, wherever in them it stands.
    pub(super) fn new<'t>(
        forms: impl Iterator<Item = Form<'t>>,
        heralds: impl Iterator<Item = Form<'t>>,
        sample: &Sample,
    ) -> Self {
        let (mut ascii, mut wide) = (Vec::new(), Vec::new());
        let mut shared: FxHashMap<u64, u32> = FxHashMap::default();
        let mut chosen = Vec::new();
        let forms = forms.map(|form| (form, false)).chain(heralds.map(|form| (form, true)));
        for (text, (form, herald)) in forms.enumerate() {
            let seen = |map: &FxHashMap<u64, u32>, key| map.get(&key).copied().unwrap_or(0);
            let cost = |(key, _): &(u64, usize)| (seen(&sample.seen, *key), seen(&shared, *key));
            match form.announcements().into_iter().min_by_key(cost) {
                Some((key, offset)) => {
                    *shared.entry(key).or_default() += 1;
                    chosen.push((key, narrow(text), if herald { 0 } else { narrow(offset) }));
                }
                None if form.text.is_ascii() => ascii.push(narrow(text)),
                None => wide.push(narrow(text)),
            }
        }
        let log = usize::BITS - chosen.len().leading_zeros();
        let shift = u64::BITS - log.max(LEAST_BUCKETS) - BITS_OF_BUCKET;
        chosen.sort_unstable_by_key(|&(key, text, offset)| (hash(key, shift), text, offset));
        let mut bits = vec![0_u8; 1 << (u64::BITS - shift).saturating_sub(3)];
        let mut starts = vec![0_u32; (1 << (u64::BITS - shift - BITS_OF_BUCKET)) + 1];
        for (key, ..) in &chosen {
            let hash = hash(*key, shift);
            if let Some(byte) = bits.get_mut(hash / 8) {
                *byte |= 1 << (hash % 8);
            }
            if let Some(start) = starts.get_mut((hash >> BITS_OF_BUCKET) + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self {
            shift,
            bits: Bytes::from(bits),
            starts: starts.into_iter().collect(),
            candidates: chosen.iter().flat_map(|&(key, text, offset)| [low(key), text, offset]).collect(),
            ascii: Unannounced::new(ascii.into_iter().collect()),
            wide: Unannounced::new(wide.into_iter().collect()),
        }
    }

    /// Every text that may begin at a place of the line, and that place.
    pub(super) fn find<'t>(&self, line: &str, text: impl Fn(usize) -> &'t [u8], mut found: impl FnMut(usize, usize)) {
        let bytes = line.as_bytes();
        let (bits, shift) = (self.bits.as_slice(), self.shift);
        each_word(line, |word| {
            let start = word.start;
            let Some(word) = bytes.get(word) else { return };
            for key in [Some(key_of(word)), stem_of(word)].into_iter().flatten() {
                let hash = hash(key, shift);
                if bits.get(hash / 8).is_some_and(|byte| byte >> (hash % 8) & 1 != 0) {
                    self.candidates(hash >> BITS_OF_BUCKET, low(key), start, &mut found);
                }
            }
        });
        self.ascii.find(bytes, &text, &mut found);
        if !line.is_ascii() {
            self.wide.find(bytes, &text, &mut found);
        }
    }

    fn candidates(&self, bucket: usize, low: u32, at: usize, found: &mut impl FnMut(usize, usize)) {
        for candidate in self.starts.range(bucket) {
            let of = |column| self.candidates.get(3 * candidate + column);
            if of(0) != Some(low) {
                continue;
            }
            let start = of(2).and_then(|offset| at.checked_sub(offset as usize));
            if let (Some(text), Some(start)) = (of(1), start) {
                found(text as usize, start);
            }
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        [self.shift].into_iter().collect::<Numbers>().write(out);
        self.bits.write(out);
        self.starts.write(out);
        self.candidates.write(out);
        self.ascii.texts.write(out);
        self.wide.texts.write(out);
    }

    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        Some(Self {
            shift: Numbers::read(from)?.get(0)?,
            bits: Bytes::read(from)?,
            starts: Numbers::read(from)?,
            candidates: Numbers::read(from)?,
            ascii: Unannounced::new(Numbers::read(from)?),
            wide: Unannounced::new(Numbers::read(from)?),
        })
    }
}

impl Form<'_> {
    /// The keys that are in every line with the text, each with its place in the text.
    ///
    /// Words beside braces are left out: where a number stands for them, the word may go on.
    pub(super) fn announcements(&self) -> Vec<(u64, usize)> {
        let mut keys = Vec::new();
        let is_brace = |at: Option<usize>| at.is_some_and(|at| matches!(self.text.get(at), Some(b'{' | b'}')));
        each_word(std::str::from_utf8(self.text).unwrap_or_default(), |word| {
            if is_brace(word.start.checked_sub(1)) || is_brace(Some(word.end)) {
                return;
            }
            let starts = word.start > 0 || self.starts;
            let ends = word.end < self.text.len() || self.ends;
            let at = word.start;
            let key = match self.text.get(word).filter(|_| starts) {
                Some(word) if ends => Some(key_of(word)),
                Some(word) => stem_of(word),
                None => None,
            };
            keys.extend(key.map(|key| (key, at)));
        });
        keys
    }
}

/// Texts for which an automaton goes over the whole line; it is built when the first line needs it.
#[derive(Debug)]
struct Unannounced {
    texts: Numbers,
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl Unannounced {
    fn new(texts: Numbers) -> Self {
        Self { texts, automaton: OnceLock::new() }
    }

    fn find<'t>(&self, line: &[u8], text: impl Fn(usize) -> &'t [u8], found: &mut impl FnMut(usize, usize)) {
        if self.texts.is_empty() {
            return;
        }
        // It can hold more than `limits` lets through.
        let build = || AhoCorasick::new(self.texts.iter().map(|index| text(index as usize))).ok();
        let Some(automaton) = self.automaton.get_or_init(build) else { return };
        for hit in automaton.find_overlapping_iter(line) {
            if let Some(text) = self.texts.get(hit.pattern().as_usize()) {
                found(text as usize, hit.start());
            }
        }
    }
}

/// Every stretch of characters that a word goes on across.
fn each_word(line: &str, mut found: impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    // Where the next character is, if it belongs to a word; else nothing, and where it is all the same.
    let step = |at: usize| match bytes.get(at).and_then(|byte| KINDS.get(usize::from(*byte))) {
        Some(Kind::Part) => Ok(at + 1),
        Some(Kind::Gap) | None => Err(at + 1),
        Some(Kind::Wide) => match line.get(at..).and_then(|rest| rest.chars().next()) {
            Some(wide) if joins_words(wide) => Ok(at + wide.len_utf8()),
            wide => Err(at + wide.map_or(1, char::len_utf8)),
        },
    };
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let next = loop {
            match step(at) {
                Ok(next) => at = next,
                Err(next) => break next,
            }
        };
        if at > start {
            found(start..at);
        }
        at = next;
    }
}

/// What a byte is to a word.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Part,
    Gap,
    /// Of a character beyond ASCII, which has to be looked at.
    Wide,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Wide; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "while the compiler runs")]
        let kind = &mut kinds[byte as usize];
        *kind = if byte_joins_words(byte) { Kind::Part } else { Kind::Gap };
        byte += 1;
    }
    kinds
};

/// A word as a number; of long ones both ends.
fn key_of(word: &[u8]) -> u64 {
    let wide = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    match (word.first_chunk::<8>(), word.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let ends = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(32);
            ends.wrapping_add(word.len() as u64)
        }
        _ => match (word.first_chunk::<4>(), word.last_chunk::<4>()) {
            (Some(first), Some(last)) => wide(first) | wide(last) << (8 * (word.len() - 4)),
            _ => word.iter().rev().fold(0, |key, byte| key << 8 | u64::from(*byte)),
        },
    }
}

/// A word's first bytes as a number that is no word's.
fn stem_of(word: &[u8]) -> Option<u64> {
    let &[a, b, c] = word.first_chunk::<STEM>()?;
    Some(u64::from_le_bytes([a, b, c, 0, 0, 0, 0, b'*']))
}

/// The bits that tell nearly all of those keys apart that share a bucket.
fn low(key: u64) -> u32 {
    (mixed(key) & u64::from(u32::MAX)) as u32
}

fn hash(key: u64, shift: u32) -> usize {
    (mixed(key) >> shift) as u32 as usize
}

fn mixed(key: u64) -> u64 {
    let key = (key ^ key >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    key ^ key >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut words = Vec::new();
        each_word(text, |word| words.extend(text.get(word)));
        words
    }

    #[test]
    fn words_end_where_phrases_may() {
        assert_eq!(
            words("it's \"as is\", naïve_café 100km分享cookie政策."),
            ["it", "s", "as", "is", "naïve_café", "100km", "cookie"]
        );
        assert_eq!(words("…"), [""; 0]);
    }

    #[test]
    fn keys_tell_words_apart() {
        let words = ["a", "ab", "abc", "abcd", "abcde", "abcdefgh", "abcdefghi", "abcdefghj", "abcdefghii", "abc_____"];
        let mut keys: Vec<u64> = words.iter().map(|word| key_of(word.as_bytes())).collect();
        keys.extend(stem_of(b"abc"));
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), words.len() + 1);
    }

    #[test]
    fn only_whole_words_and_beginnings_announce() {
        let announced = |text: &str, starts, ends| {
            let form = Form { text: text.as_bytes(), starts, ends };
            form.announcements().into_iter().map(|(_, at)| at).collect::<Vec<_>>()
        };
        assert_eq!(announced("read the story", true, true), [0, 5, 9]);
        assert_eq!(announced("read the story", false, true), [5, 9]);
        assert_eq!(announced("subscri", true, false), [0]);
        assert_eq!(announced("su", true, false), [0_usize; 0]);
        assert_eq!(announced("分享", true, true), [0_usize; 0]);
        assert_eq!(announced("page {n} of{n}", true, true), [0]);
    }
}
