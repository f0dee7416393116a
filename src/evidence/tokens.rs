//! A line's words as evidence sees them: numbers by their length only, the line's ends as words of their own.

use std::ops::Range;

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

/// The words of a folded line: runs of letters and digits, and single letters of scripts that put no spaces between words.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (start, first) = next_letter(folded, at)?;
        at = match first {
            Some(letter) if is_unspaced(letter) => start + letter.len_utf8(),
            _ => end_of_word(folded, start),
        };
        folded.get(start..at)
    })
}

/// Where the next word begins, and its first letter if that is beyond ASCII.
fn next_letter(text: &str, from: usize) -> Option<(usize, Option<char>)> {
    let mut at = from;
    loop {
        match class_of(*text.as_bytes().get(at)?) {
            Class::Word => return Some((at, None)),
            Class::Gap => at += 1,
            Class::Beyond => match char_at(text, at)? {
                letter if letter.is_alphanumeric() => return Some((at, Some(letter))),
                other => at += other.len_utf8(),
            },
        }
    }
}

/// Where the word ends that begins there.
fn end_of_word(text: &str, start: usize) -> usize {
    let mut at = start;
    loop {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        at += rest.iter().position(|byte| class_of(*byte) != Class::Word).unwrap_or(rest.len());
        match text.as_bytes().get(at).map(|byte| class_of(*byte)) {
            Some(Class::Beyond) => match char_at(text, at).filter(|letter| joins_words(*letter)) {
                Some(letter) => at += letter.len_utf8(),
                None => return at,
            },
            _ => return at,
        }
    }
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// What a byte of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Gap,
    Word,
    /// Of a letter beyond ASCII.
    Beyond,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Beyond; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "while the compiler runs")]
        let class = &mut classes[byte as usize];
        *class = if byte_joins_words(byte) { Class::Word } else { Class::Gap };
        byte += 1;
    }
    classes
};

fn class_of(byte: u8) -> Class {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(Class::Beyond)
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
    let bytes = written(word).as_bytes();
    let (whole, rest) = bytes.as_chunks::<8>();
    let hash = whole.iter().fold(bytes.len() as u64, |hash, letters| join(hash, u64::from_le_bytes(*letters)));
    finish(join(hash, few_letters(rest)))
}

/// Less than eight bytes as one number; two texts of one length have two numbers.
fn few_letters(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    match *bytes {
        [one] => u64::from(one),
        [one, two] => u64::from(u16::from_le_bytes([one, two])),
        [one, two, three] => u64::from(u32::from_le_bytes([one, two, three, 0])),
        _ => 0,
    }
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

/// Where the phrases of so many tokens are that have points if they are known: of one token up to [`PHRASE_TOKENS`].
pub(crate) fn placed_phrases(tokens: usize) -> impl Iterator<Item = Range<usize>> {
    windows(tokens).into_iter().flat_map(|window| {
        let end = window.end;
        window.flat_map(move |start| (start + 1..=end.min(start + PHRASE_TOKENS)).map(move |end| start..end))
    })
}

/// Tokens as a phrase.
pub(crate) fn phrase(tokens: impl IntoIterator<Item = Token>) -> Token {
    tokens.into_iter().fold(0, join)
}

/// A phrase as it is written in an evidence file.
pub(crate) fn phrase_of(text: &str) -> Token {
    phrase(text.split(' ').map(token))
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
        let all: Vec<Token> =
            placed_phrases(line.len()).map(|place| phrase(line.get(place).into_iter().flatten().copied())).collect();
        assert_eq!(all.len(), 5 + 4 + 3);
        for written in ["share", "^ share", "share on ##", "on ## $"] {
            assert!(all.contains(&phrase_of(written)), "{written}");
        }
        assert!(!all.contains(&phrase_of("share ##")));
    }

    #[test]
    fn long_lines_are_looked_at_from_both_ends() {
        let expected = [FIRST_TOKENS, LAST_TOKENS].map(|n| 3 * n - 3).iter().sum::<usize>();
        assert_eq!(placed_phrases(1000).count(), expected);
    }
}
