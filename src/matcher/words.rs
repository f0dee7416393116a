//! Texts anywhere in a line, by a word of each.
//!
//! A phrase begins and ends where words do. So each word of it that is whole, or the first bytes of one that may go on,
//! announces it; the one is chosen that is rarest in a sample of ordinary text. Each word of a line is one look into a
//! table, which costs the same for few texts and for many. For what has no such word, in scripts without spaces above
//! all, there is an automaton.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

use super::table::{Bytes, Numbers, narrow};
use crate::words::{Kind, Run, each_word, key_of};

/// The first bytes of a word by which texts are known whose word may go on: so many of those that have them, else fewer.
const LONG_STEM: usize = 6;
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
            let word = folded.as_bytes().get(word).unwrap_or_default();
            each_key(key_of(word), word.len(), || head_of(word), |key| *self.seen.entry(key).or_default() += 1);
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

    /// Every text that a word among these runs of the line announces, and where it would begin.
    pub(super) fn find(&self, line: &str, runs: &[Run], mut found: impl FnMut(usize, usize)) {
        let (bits, shift) = (self.bits.as_slice(), self.shift);
        let mut look = |key: u64, at: usize| {
            let hash = hash(key, shift);
            if bits.get(hash / 8).is_some_and(|byte| byte >> (hash % 8) & 1 != 0) {
                self.candidates(hash >> BITS_OF_BUCKET, low(key), at, &mut found);
            }
        };
        for run in runs {
            let start = run.start();
            if run.kind == Kind::Wide {
                let text = run.text(line);
                each_word(text, |word| {
                    let at = start + word.start;
                    let word = text.as_bytes().get(word).unwrap_or_default();
                    each_key(key_of(word), word.len(), || head_of(word), |key| look(key, at));
                });
            } else {
                let head = || line.as_bytes().get(start..).map_or(0, head_of);
                each_key(run.key, run.len(), head, |key| look(key, start));
            }
        }
    }

    /// The same of texts that no word announces. `is_ascii` is about the line.
    pub(super) fn find_unannounced<'t>(
        &self,
        line: &str,
        is_ascii: bool,
        text: impl Fn(usize) -> &'t [u8],
        mut found: impl FnMut(usize, usize),
    ) {
        self.ascii.find(line.as_bytes(), &text, &mut found);
        if !is_ascii {
            self.wide.find(line.as_bytes(), &text, &mut found);
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

/// All numbers by which texts with a word may be known: its own, and those of its first bytes, which `head` tells of a long one.
fn each_key(key: u64, length: usize, head: impl FnOnce() -> u64, mut look: impl FnMut(u64)) {
    look(key);
    if length < STEM {
        return;
    }
    let head = if length <= 8 { key } else { head() };
    look(stem(head, STEM));
    if length >= LONG_STEM {
        look(stem(head, LONG_STEM));
    }
}

/// The first eight bytes of a longer text.
fn head_of(text: &[u8]) -> u64 {
    text.first_chunk().map_or(0, |head| u64::from_le_bytes(*head))
}

/// So many first bytes of a word as a number that is no word's.
fn stem(first: u64, bytes: usize) -> u64 {
    first & ((1 << (8 * bytes)) - 1) | u64::from(b'*') << 56
}

/// The number of a text's last word, which may go on.
fn stem_of(word: &[u8]) -> Option<u64> {
    let bytes = if word.len() >= LONG_STEM { LONG_STEM } else { STEM };
    word.get(..bytes).map(|first| stem(key_of(first), bytes))
}

/// The bits that tell nearly all of those keys apart that share a bucket.
fn low(key: u64) -> u32 {
    ((key ^ key >> 32) & u64::from(u32::MAX)) as u32
}

/// The highest bits of a product hang on all bytes of the key.
fn hash(key: u64, shift: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) as u32 as usize
}

#[cfg(test)]
mod tests {
    use super::*;

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
