//! The words of folded text, sixty-four bytes at a time: where each begins and ends, and a number that tells it apart.
//!
//! Phrases and languages ask about every word of a text, so this is written for speed: bytes are told letters from gaps
//! without a branch, and nothing branches but where a word ends.

use std::num::NonZeroU64;

use crate::fold::{byte_joins_words, joins_words};

/// A run of ASCII letters, digits and `_`, and of anything beyond ASCII.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    start: u32,
    end: u32,
    /// See [`key_of`].
    pub(crate) key: u64,
    /// What else than ASCII letters and digits is in it.
    pub(crate) kind: Kind,
}

/// What a run is made of; what asks for more of a look is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// ASCII letters and digits: one word, whoever asks.
    Plain,
    /// Also `_`, which is part of a word to some.
    Joined,
    /// Something beyond ASCII, which has to be looked at: words, and gaps between them.
    Wide,
}

impl Run {
    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }

    pub(crate) fn end(&self) -> usize {
        self.end as usize
    }

    /// Bytes.
    pub(crate) fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub(crate) fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start()..self.end()).unwrap_or_default()
    }
}

/// What a text is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Makeup {
    /// How many runs.
    pub(crate) runs: usize,
    /// There is nothing but ASCII in it.
    pub(crate) ascii: bool,
    /// Digits stand nowhere but here: some first and last bytes of it, [`BLOCK`] at most, may be others. `None` without any.
    pub(crate) digits: Option<(usize, usize)>,
}

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// A block, and what is behind it of a word that begins in it.
const WINDOW: usize = BLOCK + 8;

/// So many runs are handed over at once: a text may be one line of many megabytes.
const BATCH: usize = 1 << 10;

/// Hands over all runs of a text, in order.
pub(crate) fn each_run(text: &str, batch: &mut Vec<Run>, mut look: impl FnMut(&[Run])) -> Makeup {
    let bytes = text.as_bytes();
    batch.clear();
    let mut scan = Scan { bytes, batch, open: None, ascii: true, digits: None };
    let mut runs = 0;
    let mut base = 0;
    while let Some(window) = bytes.get(base..).and_then(<[u8]>::first_chunk) {
        scan.block(base, window);
        base += BLOCK;
        if scan.batch.len() >= BATCH {
            runs += scan.batch.len();
            look(scan.batch);
            scan.batch.clear();
        }
    }
    // What is left is filled up with gaps, of which there is always one: it ends the last run.
    let rest = bytes.get(base..).unwrap_or_default();
    let mut filled = [b' '; BLOCK + WINDOW];
    if let Some(filled) = filled.get_mut(..rest.len()) {
        filled.copy_from_slice(rest);
    }
    for start in (0..=rest.len()).step_by(BLOCK) {
        if let Some(window) = filled.get(start..).and_then(<[u8]>::first_chunk) {
            scan.block(base + start, window);
        }
    }
    runs += scan.batch.len();
    let (ascii, digits) = (scan.ascii, scan.digits);
    if !batch.is_empty() {
        look(batch);
    }
    Makeup { runs, ascii, digits }
}

struct Scan<'t> {
    bytes: &'t [u8],
    batch: &'t mut Vec<Run>,
    open: Option<Open>,
    ascii: bool,
    digits: Option<(usize, usize)>,
}

/// A run that goes on beyond the last block.
struct Open {
    start: usize,
    /// What it is so far.
    kind: Kind,
    /// Its first bytes, and what is behind them.
    first: u64,
}

impl Scan<'_> {
    fn block(&mut self, base: usize, window: &[u8; WINDOW]) {
        let Some(block) = window.first_chunk() else { return };
        let Masks { word, wide, joint, digits } = Masks::of(block);
        self.ascii &= wide == 0;
        if digits {
            let first = self.digits.map_or(base, |(first, _)| first);
            self.digits = Some((first, base + BLOCK));
        }
        let before = word << 1 | u64::from(self.open.is_some());
        let (mut starts, mut ends) = (word & !before, !word & before);
        let first = |from: u32| {
            let from = from as usize % BLOCK;
            window.get(from..from + 8).and_then(<[u8]>::first_chunk).map_or(0, |eight| u64::from_le_bytes(*eight))
        };
        if let Some(open) = self.open.take() {
            let goes_on = ends == 0;
            let to = if goes_on { u64::BITS } else { ends.trailing_zeros() };
            let kind = open.kind.max(Kind::of(wide, joint, 0, to));
            if goes_on {
                self.open = Some(Open { kind, ..open });
                return;
            }
            ends &= ends - 1;
            self.push(open.start, base + to as usize, open.first, kind);
        }
        let is_plain = wide | joint == 0;
        while let (Some(from), Some(to)) = (NonZeroU64::new(starts), NonZeroU64::new(ends)) {
            (starts, ends) = (starts & (starts - 1), ends & (ends - 1));
            let (from, to) = (from.trailing_zeros(), to.trailing_zeros());
            let kind = if is_plain { Kind::Plain } else { Kind::of(wide, joint, from, to) };
            self.push(base + from as usize, base + to as usize, first(from), kind);
        }
        if let Some(from) = NonZeroU64::new(starts).map(NonZeroU64::trailing_zeros) {
            let kind = Kind::of(wide, joint, from, u64::BITS);
            self.open = Some(Open { start: base + from as usize, kind, first: first(from) });
        }
    }

    #[inline(always)]
    fn push(&mut self, start: usize, end: usize, first: u64, kind: Kind) {
        let length = end - start;
        let key = if length <= 8 {
            first & u64::MAX >> (64 - 8 * length)
        } else {
            let last = self.bytes.get(end - 8..end).and_then(<[u8]>::first_chunk);
            key_of_ends(first, last.map_or(0, |eight| u64::from_le_bytes(*eight)), length)
        };
        // Texts are at most as long as 32 bits count.
        self.batch.push(Run { start: start as u32, end: end as u32, key, kind });
    }
}

impl Kind {
    /// Of those bytes of a block.
    fn of(wide: u64, joint: u64, from: u32, to: u32) -> Self {
        let inside = if from < to { u64::MAX << from & u64::MAX >> (u64::BITS - to) } else { 0 };
        match (wide & inside, joint & inside) {
            (0, 0) => Kind::Plain,
            (0, _) => Kind::Joined,
            _ => Kind::Wide,
        }
    }
}

/// A bit for each byte of a block.
#[derive(Debug, Clone, Copy, Default)]
struct Masks {
    /// It belongs to a run.
    word: u64,
    /// It is no ASCII.
    wide: u64,
    /// It is `_`.
    joint: u64,
    /// Some byte is a digit.
    digits: bool,
}

impl Masks {
    fn of(block: &[u8; BLOCK]) -> Self {
        let is_joint = |byte: u8| byte == b'_';
        let any = |is: fn(u8) -> bool| block.iter().fold(false, |any, byte| any | is(*byte));
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() | is_joint(byte) | !byte.is_ascii();
        let mut masks =
            Self { word: gathered(block, is_word), digits: any(|byte| byte.is_ascii_digit()), ..Self::default() };
        if any(|byte| byte == b'_' || !byte.is_ascii()) {
            masks.wide = gathered(block, |byte| !byte.is_ascii());
            masks.joint = gathered(block, is_joint);
        }
        masks
    }
}

/// A bit for each byte of a block, the first one's lowest. The compiler tells sixteen bytes at once; a product gathers eight.
fn gathered(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    let flags = block.map(|byte| u8::from(is(byte)));
    let (eights, _) = flags.as_chunks::<8>();
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().zip(0..).fold(0, |all, (eight, index)| all | bits(eight) << (8 * index))
}

/// Every word of a text, as phrases know words: a stretch of characters that a word goes on across.
pub(crate) fn each_word(text: &str, mut found: impl FnMut(std::ops::Range<usize>)) {
    let bytes = text.as_bytes();
    // Where the next character is, if it belongs to a word; else nothing, and where it is all the same.
    let step = |at: usize| match bytes.get(at) {
        Some(byte) if byte.is_ascii() => {
            if byte_joins_words(*byte) {
                Ok(at + 1)
            } else {
                Err(at + 1)
            }
        }
        _ => match text.get(at..).and_then(|rest| rest.chars().next()) {
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

/// A word as a number: one of at most eight bytes as these, the first one lowest; of longer ones both ends and the length.
pub(crate) fn key_of(word: &[u8]) -> u64 {
    match (word.first_chunk::<8>(), word.last_chunk::<8>()) {
        (Some(first), Some(_)) if word.len() == 8 => u64::from_le_bytes(*first),
        (Some(first), Some(last)) => key_of_ends(u64::from_le_bytes(*first), u64::from_le_bytes(*last), word.len()),
        _ => word.iter().rev().fold(0, |key, byte| key << 8 | u64::from(*byte)),
    }
}

/// Of a word of more than eight bytes.
fn key_of_ends(first: u64, last: u64, length: usize) -> u64 {
    (first ^ last.rotate_left(32)).wrapping_add(length as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> (Vec<(&str, Kind)>, Makeup) {
        let (mut runs, mut batch) = (Vec::new(), Vec::new());
        let makeup = each_run(text, &mut batch, |batch| {
            for run in batch {
                assert_eq!(run.key, key_of(run.text(text).as_bytes()), "{text:?}");
                runs.push((run.text(text), run.kind));
            }
        });
        (runs, makeup)
    }

    /// As the definition has it, byte by byte.
    fn runs_one_by_one(text: &str) -> (Vec<(&str, Kind)>, Makeup) {
        let is_part = |c: char| !c.is_ascii() || c == '_' || c.is_ascii_alphanumeric();
        let runs: Vec<(&str, Kind)> = text
            .split(|c| !is_part(c))
            .filter(|run| !run.is_empty())
            .map(|run| match (run.is_ascii(), run.contains('_')) {
                (false, _) => (run, Kind::Wide),
                (true, true) => (run, Kind::Joined),
                (true, false) => (run, Kind::Plain),
            })
            .collect();
        let digit = |byte: u8| byte.is_ascii_digit();
        let block = |at: usize| at / BLOCK * BLOCK;
        let digits = text
            .bytes()
            .position(digit)
            .map(|first| (block(first), block(text.bytes().rposition(digit).unwrap_or(first)) + BLOCK));
        let makeup = Makeup { runs: runs.len(), ascii: text.is_ascii(), digits };
        (runs, makeup)
    }

    proptest::proptest! {
        #[test]
        fn finds_what_a_look_at_each_byte_finds(
            text in r"([a-cA-Zé分_ .'0-9@\[`{/:\x7f]{0,12}|[a-z]{60,70}|[a-z_é]{120,130}| {60,70}){0,6}",
        ) {
            proptest::prop_assert_eq!(runs(&text), runs_one_by_one(&text));
        }
    }

    #[test]
    fn every_byte_is_what_it_is() {
        for byte in 0..128_u8 {
            for before in [0, 7, 62, 63, 64, 65] {
                let text = format!("{}{}", "-".repeat(before), char::from(byte));
                assert_eq!(runs(&text), runs_one_by_one(&text));
            }
        }
    }

    #[test]
    fn long_texts_come_in_batches() {
        let text = "word by word ".repeat(1000);
        let mut sizes = Vec::new();
        each_run(&text, &mut Vec::new(), |batch| sizes.push(batch.len()));
        assert!(
            sizes.len() > 1 && sizes.iter().all(|size| *size < BATCH + BLOCK) && sizes.iter().sum::<usize>() == 3000
        );
    }

    #[test]
    fn words_end_where_phrases_may() {
        let words = |text: &'static str| {
            let mut words = Vec::new();
            each_word(text, |word| words.extend(text.get(word)));
            words
        };
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
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), words.len());
    }
}
