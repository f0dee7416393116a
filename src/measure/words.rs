//! A page's words, as tokens.

use std::ops::Range;

use crate::evidence::tokens::{self, Token};
use crate::evidence::{Known, Lexicon};
use crate::limits;
use crate::matcher::Page;

/// The tokens of a page.
#[derive(Default)]
pub(super) struct Words {
    pub tokens: Vec<Token>,
    /// Of the parts of lines that are looked at, those that carry meaning: three letters and more, no function words.
    pub content: Vec<Token>,
    pub lines: Vec<LineWords>,
    /// Tokens that are looked at, the ends of lines among them, and those that have points.
    pub looked_at: usize,
    pub known: u32,
}

pub(super) struct LineWords {
    /// Of the line's tokens without its ends.
    pub tokens: Range<usize>,
    pub content: Range<usize>,
    /// All of the tokens as one.
    pub key: Token,
    pub points: f32,
    pub looked_at: usize,
    /// Its function words, of whatever language, among all of the page.
    of_languages: Range<usize>,
    /// How many are of the page's language.
    pub function: usize,
}

impl LineWords {
    /// The share of the words that are function words.
    pub(super) fn function_share(&self) -> f32 {
        self.function as f32 / self.tokens.len().max(1) as f32
    }
}

/// A token of a line, among them its ends.
struct LineToken {
    token: Token,
    /// In hundredths.
    points: Option<i16>,
    /// Whether it carries meaning.
    is_content: bool,
}

impl Words {
    pub(super) fn new(page: &Page<'_>, lexicon: &Lexicon) -> Self {
        let [begin, end] = [tokens::BEGIN, tokens::END].map(tokens::token);
        let mut words = Self::default();
        // Of each function word its languages, by the place of their set.
        let mut languages: Vec<u16> = Vec::new();
        let mut line: Vec<LineToken> = Vec::new();
        for place in page.lines() {
            let (start, content, function) = (words.tokens.len(), words.content.len(), languages.len());
            let mut key = 1;
            line.clear();
            line.push(LineToken::new(begin, lexicon.find(tokens::phrase([begin])), false));
            for word in tokens::words(page.folded(place)) {
                let token = tokens::token(word);
                let known = lexicon.find(tokens::phrase([token]));
                let set = known.map_or(0, |known| known.languages);
                line.push(LineToken::new(token, known, set == 0 && word.len() > 2));
                key = tokens::join(key, token);
                words.tokens.push(token);
                if set > 0 {
                    languages.push(set);
                }
            }
            line.push(LineToken::new(end, lexicon.find(tokens::phrase([end])), false));
            let (hundredths, known) = look_up(&line, lexicon);
            let [first, last] = tokens::windows(line.len());
            words.known += known;
            words.looked_at += first.len() + last.len();
            words.add_content(line.get(1..line.len() - 1).unwrap_or_default());
            words.lines.push(LineWords {
                tokens: start..words.tokens.len(),
                content: content..words.content.len(),
                key,
                points: hundredths as f32 / 100.0,
                looked_at: first.len() + last.len(),
                of_languages: function..languages.len(),
                function: 0,
            });
        }
        if words.known_share() < limits::KNOWN_SHARE {
            words.lines.iter_mut().for_each(|line| line.points = 0.0);
            words.known = 0;
        }
        words.count_function_words(&languages, lexicon.languages());
        words
    }

    /// Adds the tokens that carry meaning of a line without its ends.
    fn add_content(&mut self, line: &[LineToken]) {
        for window in tokens::windows(line.len()) {
            for of_line in line.get(window).unwrap_or_default().iter().filter(|of_line| of_line.is_content) {
                self.content.push(of_line.token);
            }
        }
    }

    /// Counts the function words of the language that most of them are of, given the set of each and the sets.
    fn count_function_words(&mut self, languages: &[u16], sets: &[u64]) {
        let mut counts = vec![0_u32; sets.len()];
        for set in languages {
            if let Some(count) = counts.get_mut(usize::from(*set)) {
                *count += 1;
            }
        }
        let mut of_language = [0_u32; u64::BITS as usize];
        for (set, count) in sets.iter().zip(counts).filter(|(_, count)| *count > 0) {
            let has = |bit: u32| set >> bit & 1 == 1;
            (0..).zip(&mut of_language).filter(|(bit, _)| has(*bit)).for_each(|(_, all)| *all += count);
        }
        let most = (0..).zip(of_language).max_by_key(|(bit, count): &(u32, u32)| (*count, u32::MAX - bit));
        let own = most.map_or(0, |(bit, _)| bit);
        let of_own: Vec<bool> = sets.iter().map(|set| set >> own & 1 == 1).collect();
        for line in &mut self.lines {
            let of_line = languages.get(line.of_languages.clone()).unwrap_or_default();
            let is_own = |set: &&u16| of_own.get(usize::from(**set)).copied().unwrap_or(false);
            line.function = of_line.iter().filter(is_own).count();
        }
    }

    pub(super) fn known_share(&self) -> f32 {
        self.known as f32 / self.looked_at.saturating_sub(2 * self.lines.len()).max(1) as f32
    }

    pub(super) fn of(&self, line: &LineWords) -> &[Token] {
        self.tokens.get(line.tokens.clone()).unwrap_or_default()
    }

    /// The tokens of a line that carry meaning.
    pub(super) fn content_of(&self, line: &LineWords) -> &[Token] {
        self.content.get(line.content.clone()).unwrap_or_default()
    }
}

impl LineToken {
    fn new(token: Token, known: Option<Known>, is_content: bool) -> Self {
        Self { token, points: known.and_then(|known| known.points), is_content }
    }
}

/// The points of a line's phrases, in hundredths, and how many of its words have points of their own.
fn look_up(line: &[LineToken], lexicon: &Lexicon) -> (i32, u32) {
    let (mut points, mut known) = (0, 0);
    for window in tokens::windows(line.len()) {
        let window = line.get(window).unwrap_or_default();
        for of_word in window.iter().filter_map(|of_line| of_line.points) {
            points += i32::from(of_word);
            known += 1;
        }
        for length in 2..=tokens::PHRASE_TOKENS {
            for phrase in window.windows(length) {
                let found = lexicon.find(tokens::phrase(phrase.iter().map(|of_line| of_line.token)));
                points += found.and_then(|known| known.points).map_or(0, i32::from);
            }
        }
    }
    (points, known)
}
