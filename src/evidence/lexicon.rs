//! Words and phrases that a page is searched for: phrases with points, and the function words of every language.

use super::tokens::{self, Token, TokenMap};
use crate::language::Profile;

/// Phrases with their points, and function words with their languages.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// In hundredths.
    phrases: TokenMap<i32>,
    /// A bit a language.
    function_words: TokenMap<u64>,
}

impl Lexicon {
    pub(super) fn new<'p>(phrases: impl Iterator<Item = (&'p str, i32)>, languages: &[Profile]) -> Self {
        let mut function_words: TokenMap<u64> = TokenMap::default();
        for (profile, bit) in languages.iter().zip(0..u64::BITS) {
            for word in &profile.words {
                *function_words.entry(tokens::token(&crate::fold::fold(word))).or_default() |= 1 << bit;
            }
        }
        Self { phrases: phrases.map(|(phrase, points)| (tokens::phrase_of(phrase), points)).collect(), function_words }
    }

    /// The languages that have the word among their function words, a bit each.
    pub(crate) fn function_word(&self, word: Token) -> u64 {
        self.function_words.get(&word).copied().unwrap_or(0)
    }

    /// What is known of a line, given its tokens with both ends: the points of its phrases, in hundredths, and how many of
    /// its words have points of their own.
    pub(crate) fn look_up(&self, tokens: &[Token]) -> (i32, u32) {
        let (mut points, mut known) = (0, 0);
        // Not a loop: what the iterator is made of runs in one piece so.
        tokens::placed_phrases(tokens).for_each(|(start, end, phrase)| {
            if let Some(of_phrase) = self.phrases.get(&phrase) {
                points += of_phrase;
                known += u32::from(end - start == 1);
            }
        });
        (points, known)
    }

    /// The phrases of a folded line that have points, and these, in hundredths.
    #[must_use]
    pub fn phrases_in(&self, folded: &str) -> Vec<(String, i32)> {
        let words: Vec<&str> = tokens::ends(folded);
        let line: Vec<Token> = words.iter().map(|word| tokens::token(word)).collect();
        let mut found: Vec<(String, i32)> = Vec::new();
        for (start, end, phrase) in tokens::placed_phrases(&line) {
            if let (Some(points), Some(words)) = (self.phrases.get(&phrase), words.get(start..end)) {
                let words: Vec<&str> = words.iter().map(|word| tokens::written(word)).collect();
                found.push((words.join(" "), *points));
            }
        }
        found
    }
}
