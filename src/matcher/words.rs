//! Texts anywhere in a line, by a word of each, or by two that follow one another.
//!
//! A phrase begins and ends where words do. So each word of it that is whole, or the first bytes of one that may go on,
//! announces it, and so do two whole ones in a row; what is rarest in a sample of ordinary text is chosen. Each word of a
//! line is a few looks into a table, which cost the same for few texts and for many. For what has no such word, in scripts
//! without spaces above all, there is an automaton.

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

/// Bytes of a gate, at least, and for each text: with fewer, more words pass it in vain.
const LEAST_GATE: usize = 1 << 13;
const GATE_BYTES_A_TEXT: usize = 2;

/// Where the bits may need no more room than a processor keeps close, as a power of two.
const LEAST_BUCKETS: u32 = 6;

/// A text, and whether it can only begin and end where words do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'t> {
    pub(super) text: &'t [u8],
    pub(super) starts: bool,
    pub(super) ends: bool,
}

/// How often words, pairs of words, and words with the same beginning, are in ordinary text.
#[derive(Debug, Default)]
pub(super) struct Sample {
    seen: FxHashMap<u64, u32>,
}

/// A function word of some language counts as so many words of ordinary text.
const FUNCTION_WORD: u32 = 20;

impl Sample {
    pub(super) fn add_function_word(&mut self, folded: &str) {
        *self.seen.entry(key_of(folded.as_bytes())).or_default() += FUNCTION_WORD;
    }

    pub(super) fn add(&mut self, folded: &str) {
        let mut before = 0;
        each_word(folded, |word| {
            let word = folded.as_bytes().get(word).unwrap_or_default();
            let key = key_of(word);
            let stems = [STEM, LONG_STEM].map(|bytes| word.get(..bytes).map(|first| stem(key_of(first), bytes)));
            for key in [Some(key), Some(pair(before, key))].into_iter().chain(stems).flatten() {
                *self.seen.entry(key).or_default() += 1;
            }
            before = key;
        });
    }

    /// How often there is something to look for in ordinary text because of this text.
    pub(super) fn of(&self, form: Form<'_>) -> u32 {
        let announcements = form.announcements();
        announcements.into_iter().map(|announcement| self.seen(announcement.key)).min().unwrap_or(u32::MAX)
    }

    /// How often a word is looked at because of an announcement, and its text then, where every word is looked at.
    pub(super) fn looks_inside(&self, by: &Announcement, is_open: bool) -> u32 {
        self.seen(by.key) + if is_open { 0 } else { self.seen(by.gate) }
    }

    /// The same where only the first or last words of a line are looked at.
    pub(super) fn looks_at_edge(&self, by: &Announcement) -> u32 {
        self.seen(by.key)
    }

    fn seen(&self, key: u64) -> u32 {
        self.seen.get(&key).copied().unwrap_or(0)
    }
}

/// Texts by the words that announce them.
#[derive(Debug)]
pub(super) struct Words {
    /// A bit for each word, and each first bytes of one, that is worth a look.
    gate: Bytes,
    /// Of a key's hash the bits that are left.
    shift: u32,
    bits: Bytes,
    /// Where each bucket's candidates begin, and where the last one's end.
    starts: Numbers,
    /// The key's [`low`] bits, a text's place, and the place of the word in it, by turns.
    candidates: Numbers,
}

/// What announces a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announcement {
    /// By which it is looked for.
    key: u64,
    /// The key of the word, or of its first bytes, that lets it be looked for.
    gate: u64,
    /// Where in the text the word stands, and where what has to be seen begins: there, or with the word before it.
    pub(super) at: usize,
    pub(super) from: usize,
}

impl Announcement {
    /// Something that stands first in a text and that only [`Words::look`] asks for.
    pub(super) fn by(key: u64) -> Self {
        Self { key, gate: key, at: 0, from: 0 }
    }

    /// The same, wherever in the text it is.
    pub(super) fn anywhere(self) -> Self {
        Self { at: 0, ..self }
    }
}

impl Words {
    /// Of each text what may announce it; one without anything is not found. `cost` says how often something is looked at in
    /// vain because of an announcement whose gate is open or not.
    pub(super) fn new(
        texts: impl Iterator<Item = Vec<Announcement>>,
        cost: impl Fn(&Announcement, bool) -> u32,
    ) -> Self {
        let mut shared: FxHashMap<u64, u32> = FxHashMap::default();
        let mut chosen = Vec::new();
        let texts: Vec<Vec<Announcement>> = texts.collect();
        let mut gate = vec![0_u8; (texts.len() * GATE_BYTES_A_TEXT).next_power_of_two().max(LEAST_GATE)];
        for (text, announcements) in texts.into_iter().enumerate() {
            let is_open = |by: &Announcement| Gate::of(&gate).passes(by.gate);
            let cost = |by: &Announcement| (cost(by, is_open(by)), shared.get(&by.key).copied().unwrap_or(0));
            if let Some(by) = announcements.into_iter().min_by_key(cost) {
                *shared.entry(by.key).or_default() += 1;
                chosen.push((by.key, narrow(text), narrow(by.at)));
                let (byte, bit) = Gate::of(&gate).place_of(by.gate);
                if let Some(byte) = gate.get_mut(byte) {
                    *byte |= bit;
                }
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
            gate: Bytes::from(gate),
            shift,
            bits: Bytes::from(bits),
            starts: starts.into_iter().collect(),
            candidates: chosen.iter().flat_map(|&(key, text, offset)| [low(key), text, offset]).collect(),
        }
    }

    /// Every text that a word among these runs of the line announces, and where it would begin. `before` is the key of the
    /// word before them, then of the last one.
    pub(super) fn find(&self, line: &str, runs: &[Run], before: &mut u64, mut found: impl FnMut(usize, usize)) {
        let gate = Gate::of(self.gate.as_slice());
        let mut last = *before;
        for run in runs {
            let start = run.start();
            if run.kind == Kind::Wide {
                let text = run.text(line);
                each_word(text, |word| {
                    let at = start + word.start;
                    let word = text.as_bytes().get(word).unwrap_or_default();
                    let key = key_of(word);
                    self.look_at_word(gate, (last, key), word.len(), || head_of(word), at, &mut found);
                    last = key;
                });
            } else {
                let head = || line.as_bytes().get(start..).map_or(0, head_of);
                self.look_at_word(gate, (last, run.key), run.len(), head, start, &mut found);
                last = run.key;
            }
        }
        *before = last;
    }

    /// Every text that a word announces, by itself, with the one before it, or with its first bytes, which `head` tells of a
    /// long one.
    #[inline(always)]
    fn look_at_word(
        &self,
        gate: Gate<'_>,
        (before, key): (u64, u64),
        length: usize,
        head: impl FnOnce() -> u64,
        at: usize,
        found: &mut impl FnMut(usize, usize),
    ) {
        if gate.passes(key) {
            self.look(key, at, &mut *found);
            self.look(pair(before, key), at, &mut *found);
        }
        if length < STEM {
            return;
        }
        let head = if length <= 8 { key } else { head() };
        let short = stem(head, STEM);
        if gate.passes(short) {
            self.look(short, at, &mut *found);
            if length >= LONG_STEM {
                self.look(stem(head, LONG_STEM), at, &mut *found);
            }
        }
    }

    /// Every text that such a key announces at this place.
    pub(super) fn look(&self, key: u64, at: usize, found: impl FnMut(usize, usize)) {
        let hash = hash(key, self.shift);
        if self.bits.as_slice().get(hash / 8).is_some_and(|byte| byte >> (hash % 8) & 1 != 0) {
            self.candidates(hash >> BITS_OF_BUCKET, low(key), at, found);
        }
    }

    #[inline(never)]
    fn candidates(&self, bucket: usize, low: u32, at: usize, mut found: impl FnMut(usize, usize)) {
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
        self.gate.write(out);
        [self.shift].into_iter().collect::<Numbers>().write(out);
        self.bits.write(out);
        self.starts.write(out);
        self.candidates.write(out);
    }

    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        Some(Self {
            gate: Bytes::read(from)?,
            shift: Numbers::read(from)?.get(0)?,
            bits: Bytes::read(from)?,
            starts: Numbers::read(from)?,
            candidates: Numbers::read(from)?,
        })
    }
}

impl Form<'_> {
    /// The keys that are in every line with the text, each with its place in the text.
    ///
    /// Words beside braces are left out: where a number stands for them, the word may go on.
    pub(super) fn announcements(&self) -> Vec<Announcement> {
        let mut keys = Vec::new();
        let mut before = None;
        let is_brace = |at: Option<usize>| at.is_some_and(|at| matches!(self.text.get(at), Some(b'{' | b'}')));
        each_word(std::str::from_utf8(self.text).unwrap_or_default(), |word| {
            let at = word.start;
            let starts = at > 0 || self.starts;
            let ends = word.end < self.text.len() || self.ends;
            let firm = !is_brace(at.checked_sub(1)) && !is_brace(Some(word.end));
            let word = self.text.get(word).filter(|_| starts && firm);
            let whole = word.filter(|_| ends).map(key_of);
            let open = word.filter(|_| !ends).and_then(|word| Some((stem_of(word)?, stem_of(word.get(..STEM)?)?)));
            keys.extend(whole.map(|key| Announcement { key, gate: key, at, from: at }));
            let pairs = before.zip(whole);
            keys.extend(pairs.map(|((first, from), gate)| Announcement { key: pair(first, gate), gate, at, from }));
            keys.extend(open.map(|(key, gate)| Announcement { key, gate, at, from: at }));
            before = whole.map(|key| (key, at));
        });
        keys
    }
}

/// Texts for which an automaton goes over the whole line; it is built when the first line needs it.
#[derive(Debug)]
pub(super) struct Unannounced {
    pub(super) texts: Numbers,
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl Unannounced {
    pub(super) fn new(texts: Numbers) -> Self {
        Self { texts, automaton: OnceLock::new() }
    }

    pub(super) fn find<'t>(&self, line: &[u8], text: impl Fn(usize) -> &'t [u8], mut found: impl FnMut(usize, usize)) {
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

/// Two words that follow one another as a number.
fn pair(first: u64, second: u64) -> u64 {
    first.rotate_left(25).wrapping_mul(0x9fb2_1c65_1e98_df25) ^ second
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

/// See [`Words::gate`].
#[derive(Debug, Clone, Copy)]
struct Gate<'g> {
    bits: &'g [u8],
    /// Of a key's hash the bits that are left.
    shift: u32,
}

impl<'g> Gate<'g> {
    /// The number of bytes is a power of two.
    fn of(bits: &'g [u8]) -> Self {
        Self { bits, shift: u64::BITS - 3 - bits.len().trailing_zeros() }
    }

    /// A byte, and a bit of it.
    fn place_of(self, key: u64) -> (usize, u8) {
        let bit = key.wrapping_mul(FACTOR) >> self.shift;
        ((bit >> 3) as u32 as usize, 1 << (bit & 7))
    }

    fn passes(self, key: u64) -> bool {
        let (byte, bit) = self.place_of(key);
        self.bits.get(byte).is_some_and(|byte| byte & bit != 0)
    }
}

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// The highest bits of a product hang on all bytes of the key.
fn hash(key: u64, shift: u32) -> usize {
    (key.wrapping_mul(FACTOR) >> shift) as u32 as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_and_beginnings_announce() {
        let announced = |text: &str, starts, ends| {
            let form = Form { text: text.as_bytes(), starts, ends };
            form.announcements().into_iter().map(|announcement| announcement.at).collect::<Vec<_>>()
        };
        assert_eq!(announced("read the story", true, true), [0, 5, 5, 9, 9]);
        assert_eq!(announced("read the story", false, true), [5, 9, 9]);
        assert_eq!(announced("subscri", true, false), [0]);
        assert_eq!(announced("su", true, false), [0_usize; 0]);
        assert_eq!(announced("分享", true, true), [0_usize; 0]);
        assert_eq!(announced("page {n} of{n}", true, true), [0]);
    }
}
