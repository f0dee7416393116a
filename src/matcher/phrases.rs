//! Many phrases against one line, at a cost that hardly grows with their number.
//!
//! Whole lines are one hash look-up; what a line begins or ends with is looked for by its first and its last word;
//! everything else by the rarest word of each phrase, or the rarest two that follow one another.

use super::edge::{EDGE_RUNS, Edge, Side};
use super::lexis::{Entry, Lexis, Texts, hash, slots};
use super::table::{Numbers, narrow};
use super::words::{Announcement, Sample, Unannounced, Words};
use crate::fold::{byte_joins_words, joins_words};
use crate::rules::file::Match;
use crate::rules::pattern::{Literal, Phrase};
use crate::words::{Run, each_run};

/// What it means that a phrase is in the line; opaque here.
pub(super) type Token = u32;

/// Phrases by how they match.
#[derive(Debug, Default)]
pub(super) struct Builder {
    whole: Texts,
    prefix: Texts,
    suffix: Texts,
    contains: Texts,
}

impl Builder {
    pub(super) fn phrase(&mut self, phrase: &Phrase, matching: Match, token: Token) {
        let entry = Entry { token, open_end: phrase.open_end, loose: false };
        for text in &phrase.texts {
            let texts = match matching {
                Match::Whole => &mut self.whole,
                Match::Prefix => &mut self.prefix,
                Match::Suffix => &mut self.suffix,
                Match::Contains => &mut self.contains,
            };
            texts.entry(text.as_bytes().to_vec()).or_default().push(entry);
        }
    }

    /// A text that announces a regex.
    pub(super) fn literal(&mut self, literal: &Literal, token: Token) {
        let entry = Entry { token, open_end: true, loose: !literal.starts };
        self.contains.entry(literal.text.as_bytes().to_vec()).or_default().push(entry);
    }

    /// The sample tells which words are rare in texts. `numbered` is an index of phrases with numbers, in the line as it is
    /// without them: to look for these inside the line is worth it where this one says so.
    pub(super) fn build(self, sample: &Sample, numbered: Option<&PhraseIndex>) -> PhraseIndex {
        let inside = Lexis::new(self.contains);
        let of_numbered = || numbered.into_iter().flat_map(|numbered| numbered.inside.forms());
        let announced = of_numbered().all(|form| !form.announcements().is_empty());
        // Wherever in the phrase with a number its word stands, it is found.
        let heralds = of_numbered().filter(|_| announced);
        let heralds = heralds.map(|form| form.announcements().into_iter().map(Announcement::anywhere).collect());
        let own: Vec<Vec<Announcement>> = inside.forms().map(|form| form.announcements()).collect();
        let silent: Vec<usize> =
            own.iter().enumerate().filter(|(_, own)| own.is_empty()).map(|(text, _)| text).collect();
        let words = Words::new(own.into_iter().chain(heralds), |by, is_open| sample.looks_inside(by, is_open));
        let (ascii, wide): (Vec<usize>, Vec<usize>) =
            silent.into_iter().partition(|text| inside.text(*text).is_ascii());
        let unannounced = |texts: Vec<usize>| Unannounced::new(texts.into_iter().map(narrow).collect());
        let whole = Lexis::new(self.whole);
        PhraseIndex {
            slots: slots(&whole),
            longest_whole: whole.longest(),
            whole,
            prefix: Edge::new(self.prefix, Side::First, sample),
            suffix: Edge::new(self.suffix, Side::Last, sample),
            ascii: unannounced(ascii),
            wide: unannounced(wide),
            inside,
            words,
            announced,
        }
    }
}

/// All phrases of some rules, ready to be looked for.
#[derive(Debug)]
pub(super) struct PhraseIndex {
    slots: Numbers,
    whole: Lexis,
    longest_whole: usize,
    prefix: Edge,
    suffix: Edge,
    inside: Lexis,
    words: Words,
    /// Texts inside a line that no word announces: those of ASCII alone, and the others.
    ascii: Unannounced,
    wide: Unannounced,
    /// Of each phrase with numbers some word is among the words.
    announced: bool,
}

/// What one line needs while it is searched; kept from line to line.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// By phrase: the line in which all its entries were last found.
    found: Vec<u32>,
    line: u32,
    /// Phrases with numbers may be in it.
    numbered: bool,
    /// The key of the word before those that are looked at.
    before: u64,
    /// The last runs that were looked at, [`EDGE_RUNS`] at most.
    last: Vec<Run>,
}

impl PhraseIndex {
    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        [&self.whole, &self.prefix.texts, &self.suffix.texts, &self.inside].iter().all(|texts| texts.len() == 0)
    }

    /// The longest text that a line is, begins or ends with, in bytes.
    pub(super) fn longest_at_ends(&self) -> usize {
        self.longest_whole.max(self.prefix.longest).max(self.suffix.longest)
    }

    fn whole_line(&self, line: &[u8]) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1).filter(|_| line.len() <= self.longest_whole)?;
        let mut at = hash(line) & mask;
        loop {
            let text = self.slots.get(at)?.checked_sub(1)? as usize;
            if self.whole.text(text) == line {
                return Some(text);
            }
            at = (at + 1) & mask;
        }
    }

    /// Begins a search in a line: adds the token of every phrase that is the line.
    pub(super) fn enter(&self, line: &str, scratch: &mut Scratch, tokens: &mut Vec<Token>) {
        scratch.found.resize(self.inside.len(), 0);
        scratch.line = scratch.line.checked_add(1).unwrap_or_else(|| {
            scratch.found.fill(0);
            1
        });
        scratch.numbered = !self.announced;
        scratch.before = 0;
        scratch.last.clear();
        if let Some(text) = self.whole_line(line.as_bytes()) {
            tokens.extend(self.whole.entries(text).map(|entry| entry.token));
        }
    }

    /// Adds the token of every phrase that the next runs of the line announce; some twice.
    pub(super) fn find_inside(&self, line: &str, runs: &[Run], scratch: &mut Scratch, tokens: &mut Vec<Token>) {
        if scratch.last.is_empty() {
            self.begin(line, line, runs.get(..EDGE_RUNS).unwrap_or(runs), tokens);
        }
        scratch.last.extend_from_slice(runs.get(runs.len().saturating_sub(EDGE_RUNS)..).unwrap_or_default());
        scratch.last.drain(..scratch.last.len().saturating_sub(EDGE_RUNS));
        let mut before = scratch.before;
        self.words.find(line, runs, &mut before, |text, start| self.verify(text, line, start, scratch, tokens));
        scratch.before = before;
    }

    /// What the line begins with; the runs are of its `head`.
    fn begin(&self, line: &str, head: &str, runs: &[Run], tokens: &mut Vec<Token>) {
        self.prefix.find(head, line.chars().next(), runs, |text| {
            let written = self.prefix.texts.text(text);
            if line.as_bytes().starts_with(written) {
                let ends = is_boundary(line, written.len());
                let found = self.prefix.texts.entries(text).filter(|entry| entry.open_end || ends);
                tokens.extend(found.map(|entry| entry.token));
            }
        });
    }

    /// What the line ends with; the runs are of its `tail`.
    fn end(&self, line: &str, tail: &str, runs: &[Run], tokens: &mut Vec<Token>) {
        self.suffix.find(tail, line.chars().next_back(), runs, |text| {
            let written = self.suffix.texts.text(text);
            if line.as_bytes().ends_with(written) && is_boundary(line, line.len() - written.len()) {
                tokens.extend(self.suffix.texts.entries(text).map(|entry| entry.token));
            }
        });
    }

    /// Those that no word announces, and those at the line's end. Says whether the phrases with numbers should be looked
    /// for in the line without its own.
    pub(super) fn leave(&self, line: &str, is_ascii: bool, scratch: &mut Scratch, tokens: &mut Vec<Token>) -> bool {
        if scratch.last.is_empty() {
            self.begin(line, line, &[], tokens);
        }
        self.end(line, line, &scratch.last, tokens);
        let unannounced = [Some(&self.ascii), Some(&self.wide).filter(|_| !is_ascii)];
        for texts in unannounced.into_iter().flatten() {
            let text = |text| self.inside.text(text);
            texts.find(line.as_bytes(), text, |text, start| self.verify(text, line, start, scratch, tokens));
        }
        scratch.numbered
    }

    /// Adds the token of every phrase that is the line, or that it begins or ends with; some twice.
    pub(super) fn find_at_ends(&self, line: &str, runs: &mut Vec<Run>, tokens: &mut Vec<Token>) {
        if let Some(text) = self.whole_line(line.as_bytes()) {
            tokens.extend(self.whole.entries(text).map(|entry| entry.token));
        }
        // No text goes on where these stop, so it is all the same that a word there may. They are one batch.
        let is_boundary = |at: &usize| line.is_char_boundary(*at);
        let head = (self.prefix.longest + 1..line.len()).find(is_boundary).unwrap_or(line.len());
        let tail = (0..line.len().saturating_sub(self.suffix.longest)).rfind(is_boundary).unwrap_or(0);
        let (head, tail) = (line.get(..head).unwrap_or_default(), line.get(tail..).unwrap_or_default());
        each_run(head, runs, |_| {});
        self.begin(line, head, runs, tokens);
        each_run(tail, runs, |_| {});
        self.end(line, tail, runs, tokens);
    }

    /// Everything at once.
    pub(super) fn find_all(
        &self,
        line: &str,
        runs: &mut Vec<Run>,
        scratch: &mut Scratch,
        tokens: &mut Vec<Token>,
    ) -> bool {
        self.enter(line, scratch, tokens);
        let makeup = each_run(line, runs, |runs| self.find_inside(line, runs, scratch, tokens));
        self.leave(line, makeup.ascii, scratch, tokens)
    }

    fn verify(&self, text: usize, line: &str, start: usize, scratch: &mut Scratch, tokens: &mut Vec<Token>) {
        match scratch.found.get_mut(text) {
            Some(found) if *found != scratch.line && self.is_at(text, line, start, tokens) => *found = scratch.line,
            Some(_) => {}
            None => scratch.numbered = true,
        }
    }

    /// Adds the tokens of those entries whose text stands there; says whether these are all.
    fn is_at(&self, text: usize, line: &str, start: usize, tokens: &mut Vec<Token>) -> bool {
        let written = self.inside.text(text);
        let end = start + written.len();
        if line.as_bytes().get(start..end) != Some(written) {
            return false;
        }
        let (starts, ends) = (is_boundary(line, start), is_boundary(line, end));
        let mut all = true;
        for entry in self.inside.entries(text) {
            match (entry.loose || starts) && (entry.open_end || ends) {
                true => tokens.push(entry.token),
                false => all = false,
            }
        }
        all
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.slots.write(out);
        self.whole.write(out);
        self.prefix.write(out);
        self.suffix.write(out);
        self.inside.write(out);
        self.words.write(out);
        self.ascii.texts.write(out);
        self.wide.texts.write(out);
        [u32::from(self.announced)].into_iter().collect::<Numbers>().write(out);
    }

    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (slots, whole) = (Numbers::read(from)?, Lexis::read(from)?);
        Some(Self {
            slots,
            longest_whole: whole.longest(),
            whole,
            prefix: Edge::read(from)?,
            suffix: Edge::read(from)?,
            inside: Lexis::read(from)?,
            words: Words::read(from)?,
            ascii: Unannounced::new(Numbers::read(from)?),
            wide: Unannounced::new(Numbers::read(from)?),
            announced: Numbers::read(from)?.get(0)? != 0,
        })
    }
}

/// Whether no word goes on across this place.
fn is_boundary(line: &str, at: usize) -> bool {
    let byte = |at: usize| line.as_bytes().get(at).copied();
    if let (Some(before), Some(after)) = (at.checked_sub(1).and_then(byte), byte(at))
        && before.is_ascii()
        && after.is_ascii()
    {
        return !(byte_joins_words(before) && byte_joins_words(after));
    }
    let before = line.get(..at).and_then(|text| text.chars().next_back());
    let after = line.get(at..).and_then(|text| text.chars().next());
    match (before, after) {
        (Some(before), Some(after)) => !(joins_words(before) && joins_words(after)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[(&str, Match)], line: &str) -> Vec<usize> {
        let mut builder = Builder::default();
        for (token, (text, matching)) in phrases.iter().enumerate() {
            let open_end = text.ends_with('*');
            let texts = vec![text.trim_end_matches('*').to_owned()];
            builder.phrase(&Phrase { texts, open_end }, *matching, u32::try_from(token).expect("few"));
        }
        let mut tokens = Vec::new();
        builder.build(&Sample::default(), None).find_all(line, &mut Vec::new(), &mut Scratch::default(), &mut tokens);
        tokens.sort_unstable();
        tokens.dedup();
        tokens.into_iter().map(|token| token as usize).collect()
    }

    #[test]
    fn finds_every_prefix_of_a_line() {
        let phrases = [
            ("read", Match::Prefix),
            ("read more", Match::Prefix),
            ("read no", Match::Prefix),
            ("re", Match::Prefix),
            ("rea*", Match::Prefix),
        ];
        assert_eq!(found(&phrases, "read more about it"), [0, 1, 4]);
        assert_eq!(found(&phrases, "readmore"), [4]);
        assert_eq!(found(&phrases, "q"), [0_usize; 0]);
    }

    #[test]
    fn respects_word_boundaries_except_where_words_have_none() {
        let phrases = [
            ("cookie", Match::Contains),
            ("cookie*", Match::Contains),
            ("分享", Match::Contains),
            ("now", Match::Suffix),
        ];
        assert_eq!(found(&phrases, "our cookies know"), [1]);
        assert_eq!(found(&phrases, "our cookie, now"), [0, 1, 3]);
        assert_eq!(found(&phrases, "请分享文章"), [2]);
    }

    /// As the rules of matching say it, phrase by phrase.
    fn found_one_by_one(phrases: &[(String, bool, Match)], line: &str) -> Vec<usize> {
        let hits = |(text, open_end, matching): &(String, bool, Match)| {
            let mut places = (0..line.len()).filter(|at| line.get(*at..).is_some_and(|rest| rest.starts_with(text)));
            places.any(|start| {
                let end = start + text.len();
                let fits = match matching {
                    Match::Whole => start == 0 && end == line.len(),
                    Match::Prefix => start == 0,
                    Match::Suffix => end == line.len(),
                    Match::Contains => true,
                };
                fits && is_boundary(line, start) && (*open_end || is_boundary(line, end))
            })
        };
        phrases.iter().enumerate().filter(|(_, phrase)| hits(phrase)).map(|(index, _)| index).collect()
    }

    proptest::proptest! {
        /// Whatever the words, scripts and marks.
        #[test]
        fn the_index_finds_what_a_search_for_each_phrase_finds(
            phrases in proptest::collection::vec((r"[a-c_é分 1.'{}-]{1,12}", proptest::bool::ANY, 0..4_usize), 1..24),
            pieces in proptest::collection::vec((r"[a-c_é分 1.'{}-]{0,12}", 0..24_usize), 1..4),
            words_are_common in proptest::bool::ANY,
        ) {
            // A line is made of phrases and of other things, so that much is found in it.
            let line: String = pieces
                .iter()
                .flat_map(|(other, phrase)| [other.as_str(), phrases.get(*phrase).map_or(" ", |phrase| &phrase.0)])
                .collect();
            let mut sample = Sample::default();
            if words_are_common {
                // Pairs are what is rare then.
                phrases.iter().flat_map(|phrase| phrase.0.split(' ')).for_each(|word| sample.add(word));
            }
            let matching = [Match::Whole, Match::Prefix, Match::Suffix, Match::Contains];
            let phrases: Vec<(String, bool, Match)> = phrases
                .into_iter()
                .filter_map(|(text, open_end, way)| Some((text, open_end, *matching.get(way)?)))
                .map(|(text, open_end, way)| (text, open_end && matches!(way, Match::Prefix | Match::Contains), way))
                .collect();
            let mut builder = Builder::default();
            for (token, (text, open_end, way)) in (0..).zip(&phrases) {
                builder.phrase(&Phrase { texts: vec![text.clone()], open_end: *open_end }, *way, token);
            }
            let mut tokens = Vec::new();
            let index = builder.build(&sample, None);
            index.find_all(&line, &mut Vec::new(), &mut Scratch::default(), &mut tokens);
            tokens.sort_unstable();
            tokens.dedup();
            let tokens: Vec<usize> = tokens.into_iter().map(|token| token as usize).collect();
            proptest::prop_assert_eq!(tokens, found_one_by_one(&phrases, &line));
        }
    }

    #[test]
    fn a_line_says_where_to_look_for_phrases_with_numbers() {
        let mut numbered = Builder::default();
        for text in ["{n} partners and {n} vendors", "page{n}: more"] {
            numbered.phrase(&Phrase { texts: vec![text.to_owned()], open_end: false }, Match::Contains, 0);
        }
        let index = Builder::default().build(&Sample::default(), Some(&numbered.build(&Sample::default(), None)));
        let says = |line: &str| index.find_all(line, &mut Vec::new(), &mut Scratch::default(), &mut Vec::new());
        assert!(says("9 partners and 8 vendors") && says("we and 1204 partners and 8 vendors") && says("page9: more"));
        assert!(!says("9 people and 8 vans on page9"));
    }

    #[test]
    fn a_line_ends_with_two_words_of_which_the_first_is_not_seen() {
        let mut sample = Sample::default();
        ["provider", "above", "the above"].into_iter().for_each(|text| sample.add(text));
        let mut builder = Builder::default();
        let text = "contact the provider above.".to_owned();
        builder.phrase(&Phrase { texts: vec![text], open_end: false }, Match::Suffix, 0);
        let mut tokens = Vec::new();
        let line = "if in doubt, contact the provider above.";
        builder.build(&sample, None).find_all(line, &mut Vec::new(), &mut Scratch::default(), &mut tokens);
        assert_eq!(tokens, [0]);
    }

    #[test]
    fn a_phrase_that_misses_first_may_hit_later() {
        assert_eq!(found(&[("cookie", Match::Contains)], "cookies and a cookie"), [0]);
    }
}
