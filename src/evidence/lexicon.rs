//! Words and phrases that a page is searched for: phrases with points, and the function words of every language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::tokens::{self, Token};
use crate::language::Profile;

/// Phrases with their points, and function words with their languages.
///
/// A phrase is looked for among those whose numbers begin with the same bits. Texts come from strangers, but what lies
/// where is settled by the lexicon alone, so no text makes a search long.
#[derive(Debug, Deserialize)]
#[serde(from = "Contents")]
pub struct Lexicon {
    contents: Contents,
    /// By the first bits of a number, a bit for each value of the next three: whether an entry begins so. Of ten phrases
    /// that are in no lexicon nine are told here.
    seen: Box<[u8; PLACES]>,
    /// By the same first bits: the first entry that begins so, or comes after.
    starts: Vec<u32>,
}

/// The first bits of a number that entries are found by.
const BITS: u32 = 16;
const PLACES: usize = 1 << BITS;

/// What is in a lexicon.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    /// Ordered by their numbers.
    entries: Vec<Entry>,
    /// Sets of languages, a bit a language; the first is empty.
    languages: Vec<u64>,
}

/// What is known of a word or phrase.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Entry {
    #[serde(with = "postcard::fixint::le")]
    phrase: Token,
    known: Known,
}

/// What is known of a word or phrase.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    /// In hundredths; a function word may have none.
    pub points: Option<i16>,
    /// The languages whose function word it is, by the place of their set; 0 where there are none.
    pub languages: u16,
}

impl Lexicon {
    pub(super) fn new<'p>(phrases: impl Iterator<Item = (&'p str, i32)>, languages: &[Profile]) -> Self {
        let mut all: BTreeMap<Token, (Option<i16>, u64)> = BTreeMap::new();
        for (phrase, points) in phrases {
            all.entry(tokens::phrase_of(phrase)).or_default().0 = i16::try_from(points).ok();
        }
        for (profile, bit) in languages.iter().zip(0..u64::BITS) {
            for word in &profile.words {
                let word = tokens::phrase([tokens::token(word)]);
                all.entry(word).or_default().1 |= 1 << bit;
            }
        }
        let mut sets = vec![0];
        let mut place_of = |set: u64| {
            let there = sets.iter().position(|other| *other == set);
            u16::try_from(there.unwrap_or_else(|| {
                sets.push(set);
                sets.len() - 1
            }))
        };
        let entry = |(phrase, (points, languages))| {
            let languages = place_of(languages).unwrap_or_default();
            Entry { phrase, known: Known { points, languages } }
        };
        let entries = all.into_iter().map(entry).collect();
        Contents { entries, languages: sets }.into()
    }

    /// What is known of a word or phrase.
    pub(crate) fn find(&self, phrase: Token) -> Option<Known> {
        let (place, bit) = place_of(phrase);
        if self.seen.get(place)? & bit == 0 {
            return None;
        }
        let entries = self.contents.entries.get(*self.starts.get(place)? as usize..)?;
        let there = entries.iter().find(|entry| entry.phrase >= phrase).filter(|entry| entry.phrase == phrase);
        there.map(|entry| entry.known)
    }

    /// Sets of languages, a bit a language, by their places.
    pub(crate) fn languages(&self) -> &[u64] {
        &self.contents.languages
    }

    /// The phrases of a folded line that have points, and these, in hundredths.
    #[must_use]
    pub fn phrases_in(&self, folded: &str) -> Vec<(String, i32)> {
        let words: Vec<&str> = tokens::ends(folded);
        let line: Vec<Token> = words.iter().map(|word| tokens::token(word)).collect();
        let mut found: Vec<(String, i32)> = Vec::new();
        for place in tokens::placed_phrases(line.len()) {
            let phrase = tokens::phrase(line.get(place.clone()).into_iter().flatten().copied());
            let points = self.find(phrase).and_then(|known| known.points);
            if let (Some(points), Some(words)) = (points, words.get(place)) {
                let words: Vec<&str> = words.iter().map(|word| tokens::written(word)).collect();
                found.push((words.join(" "), i32::from(points)));
            }
        }
        found
    }
}

/// Where a phrase would be, and its bit there.
fn place_of(phrase: Token) -> (usize, u8) {
    let place = phrase >> (u64::BITS - BITS);
    let next = phrase >> (u64::BITS - BITS - 3) & 7;
    (usize::from(place as u16), 1 << next)
}

impl From<Contents> for Lexicon {
    fn from(contents: Contents) -> Self {
        let mut seen = Box::new([0; PLACES]);
        let mut starts = Vec::with_capacity(PLACES);
        for (index, entry) in (0..).zip(&contents.entries) {
            let (place, bit) = place_of(entry.phrase);
            if let Some(bits) = seen.get_mut(place) {
                *bits |= bit;
            }
            starts.resize(starts.len().max(place + 1), index);
        }
        starts.resize(PLACES, u32::MAX);
        Self { contents, seen, starts }
    }
}

impl Serialize for Lexicon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.contents.serialize(serializer)
    }
}
