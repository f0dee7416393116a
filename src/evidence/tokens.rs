//! A line's words as evidence sees them: numbers by their length only, the line's ends as words of their own.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::sync::LazyLock;

use crate::fold::{byte_joins_words, is_unspaced, joins_words};

/// A word, or a phrase of up to [`PHRASE_TOKENS`], as a number.
pub(crate) type Token = u64;

/// The longest phrase that has points of its own, in tokens; a line's end counts as one.
pub const PHRASE_TOKENS: usize = 3;

/// What stands for the beginning of a line in a phrase.
pub const BEGIN: &str = "^";

/// What stands for its end.
pub const END: &str = "$";

/// Of a longer line only so many tokens from its beginning are looked at, and [`LAST_TOKENS`] from its end: what a line
/// is shows there, and long paragraphs cost no more than short ones.
pub const FIRST_TOKENS: usize = 40;

/// See [`FIRST_TOKENS`].
pub const LAST_TOKENS: usize = 20;

/// Maps from tokens. Texts come from strangers, so where a token lies in a map is a secret of the process.
pub(crate) type TokenMap<V> = std::collections::HashMap<Token, V, Secret>;

/// Makes hashes of what is a hash already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Secret(u64);

impl Default for Secret {
    fn default() -> Self {
        static SECRET: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
        Self(*SECRET)
    }
}

impl BuildHasher for Secret {
    type Hasher = Already;

    fn build_hasher(&self) -> Already {
        Already(self.0)
    }
}

/// A hash in the making.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Already(u64);

impl Hasher for Already {
    fn finish(&self) -> u64 {
        finish(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, token: u64) {
        self.0 = join(self.0, token);
    }
}

/// The words of a folded line: runs of letters and digits, and single letters of scripts that put no spaces between words.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    let mut rest = folded;
    std::iter::from_fn(move || {
        rest = after_gap(rest);
        let first = rest.chars().next()?;
        let end = match is_unspaced(first) {
            true => first.len_utf8(),
            false => end_of_word(rest),
        };
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(word)
    })
}

/// Without what stands before the first word.
fn after_gap(text: &str) -> &str {
    let ascii = text.bytes().take_while(|&byte| byte < 128 && !byte_joins_words(byte)).count();
    let rest = text.get(ascii..).unwrap_or_default();
    match rest.as_bytes().first() {
        Some(byte) if *byte >= 128 => rest.trim_start_matches(|c: char| c != '_' && !c.is_alphanumeric()),
        _ => rest,
    }
}

/// Where the word ends that the text begins with.
fn end_of_word(text: &str) -> usize {
    let ascii = text.bytes().take_while(|&byte| byte_joins_words(byte)).count();
    match text.as_bytes().get(ascii) {
        Some(byte) if *byte >= 128 => {
            let rest = text.get(ascii..).unwrap_or_default();
            ascii + rest.find(|c| !joins_words(c)).unwrap_or(rest.len())
        }
        _ => ascii,
    }
}

/// Numbers are told apart by how many digits they have.
fn number(word: &str) -> Option<&'static str> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(match word.len() {
        1 => "#",
        2 => "##",
        3 => "###",
        4 => "####",
        _ => "#####",
    })
}

/// How a word is written in an evidence file.
pub(crate) fn written(word: &str) -> &str {
    number(word).unwrap_or(word)
}

/// A word as a number.
pub(crate) fn token(word: &str) -> Token {
    let mut hash = 0x9e37_79b9_7f4a_7c15;
    let mut chunks = written(word).as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        hash = join(hash, chunk.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)));
    }
    finish(join(hash, chunks.remainder().iter().fold(1, |all, &byte| all << 8 | u64::from(byte))))
}

/// A phrase of what is there and one token more.
pub(crate) fn join(phrase: Token, token: Token) -> Token {
    (phrase.rotate_left(23) ^ token).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn finish(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ hash >> 29
}

/// The parts of a line's tokens that are looked at.
pub(crate) fn windows(tokens: usize) -> [Range<usize>; 2] {
    match tokens > FIRST_TOKENS + LAST_TOKENS {
        true => [0..FIRST_TOKENS, tokens - LAST_TOKENS..tokens],
        false => [0..tokens, tokens..tokens],
    }
}

/// A folded line's words with its ends.
pub(crate) fn ends(folded: &str) -> Vec<&str> {
    std::iter::once(BEGIN).chain(words(folded)).chain([END]).collect()
}

/// Every phrase of a line, from one token to [`PHRASE_TOKENS`], given its tokens with both ends: the place of its first
/// token and that behind its last, and the phrase.
pub(crate) fn placed_phrases(tokens: &[Token]) -> impl Iterator<Item = (usize, usize, Token)> {
    windows(tokens.len()).into_iter().flat_map(move |window| {
        let end = window.end;
        window.flat_map(move |start| {
            let mut phrase = 0;
            tokens.iter().enumerate().take(end).skip(start).take(PHRASE_TOKENS).map(move |(at, &token)| {
                phrase = join(phrase, token);
                (start, at + 1, phrase)
            })
        })
    })
}

/// A phrase as it is written in an evidence file.
pub(crate) fn phrase_of(text: &str) -> Token {
    text.split(' ').fold(0, |phrase, word| join(phrase, token(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_a_reader_would_say() {
        let found: Vec<&str> = words("don't — 3.5 km, 你好 a_b").map(written).collect();
        assert_eq!(found, ["don", "t", "#", "#", "km", "你", "好", "a_b"]);
    }

    #[test]
    fn a_written_phrase_is_found() {
        let line: Vec<Token> = [BEGIN, "share", "on", "12", END].map(token).to_vec();
        let all: Vec<Token> = placed_phrases(&line).map(|(_, _, phrase)| phrase).collect();
        assert_eq!(all.len(), 5 + 4 + 3);
        for phrase in ["share", "^ share", "share on ##", "on ## $"] {
            assert!(all.contains(&phrase_of(phrase)), "{phrase}");
        }
        assert!(!all.contains(&phrase_of("share ##")));
    }

    #[test]
    fn long_lines_are_looked_at_from_both_ends() {
        let line: Vec<Token> = (0..1000).collect();
        let expected = [FIRST_TOKENS, LAST_TOKENS].map(|n| 3 * n - 3).iter().sum::<usize>();
        assert_eq!(placed_phrases(&line).count(), expected);
    }
}
