//! Many phrases against one line, at a cost that hardly grows with their number.
//!
//! Whole lines are one hash look-up; prefixes and suffixes one binary search; everything else is looked for by the
//! rarest word of each phrase.

use rustc_hash::FxHashMap;

use super::table::{Bytes, Numbers, narrow};
use super::words::{Form, Sample, Words};
use crate::fold::{byte_joins_words, joins_words};
use crate::rules::file::Match;
use crate::rules::pattern::{Literal, Phrase};
use crate::words::{Run, each_run};

/// What it means that a phrase is in the line; opaque here.
pub(super) type Token = u32;

#[derive(Debug, Clone, Copy)]
struct Entry {
    token: Token,
    /// The phrase's last word may go on.
    open_end: bool,
    /// The text may begin inside a word: some literals of regexes.
    loose: bool,
}

impl Entry {
    fn packed(self) -> u32 {
        self.token << 2 | u32::from(self.open_end) << 1 | u32::from(self.loose)
    }

    fn unpacked(number: u32) -> Self {
        Self { token: number >> 2, open_end: number & 2 != 0, loose: number & 1 != 0 }
    }
}

type Texts = FxHashMap<Vec<u8>, Vec<Entry>>;

/// Phrases by how they match.
#[derive(Debug, Default)]
pub(super) struct Builder {
    whole: Texts,
    prefix: Texts,
    /// Back to front.
    suffix: Texts,
    contains: Texts,
}

impl Builder {
    pub(super) fn phrase(&mut self, phrase: &Phrase, matching: Match, token: Token) {
        let entry = Entry { token, open_end: phrase.open_end, loose: false };
        for text in &phrase.texts {
            let text = text.as_bytes();
            let (texts, text) = match matching {
                Match::Whole => (&mut self.whole, text.to_vec()),
                Match::Prefix => (&mut self.prefix, text.to_vec()),
                Match::Suffix => (&mut self.suffix, text.iter().rev().copied().collect()),
                Match::Contains => (&mut self.contains, text.to_vec()),
            };
            texts.entry(text).or_default().push(entry);
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
        let numbered: Vec<Form<'_>> = numbered.into_iter().flat_map(|numbered| numbered.inside.forms()).collect();
        let announced = numbered.iter().all(|form| !form.announcements().is_empty());
        let words = Words::new(inside.forms(), numbered.into_iter().filter(|_| announced), sample);
        let whole = Lexis::new(self.whole);
        let slots = slots(&whole);
        PhraseIndex {
            slots,
            longest_whole: whole.longest(),
            whole,
            prefix: Affixes::new(self.prefix),
            suffix: Affixes::new(self.suffix),
            inside,
            words,
            announced,
        }
    }
}

/// Texts, sorted, with the entries of each.
#[derive(Debug)]
struct Lexis {
    /// Where each text begins, and where the last one ends.
    starts: Numbers,
    bytes: Bytes,
    /// Where each text's entries begin, and where the last one's end.
    entry_starts: Numbers,
    entries: Numbers,
}

impl Lexis {
    fn new(texts: Texts) -> Self {
        let mut sorted: Vec<_> = texts.into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut starts, mut bytes, mut entry_starts, mut entries) = (vec![0], Vec::new(), vec![0], Vec::new());
        for (text, list) in sorted {
            bytes.extend(text);
            starts.push(narrow(bytes.len()));
            entries.extend(list.into_iter().map(Entry::packed));
            entry_starts.push(narrow(entries.len()));
        }
        Self {
            starts: starts.into_iter().collect(),
            bytes: Bytes::from(bytes),
            entry_starts: entry_starts.into_iter().collect(),
            entries: entries.into_iter().collect(),
        }
    }

    fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn text(&self, text: usize) -> &[u8] {
        self.bytes.get(self.starts.range(text)).unwrap_or_default()
    }

    /// Of the longest text, in bytes.
    fn longest(&self) -> usize {
        (0..self.len()).map(|text| self.starts.range(text).len()).max().unwrap_or(0)
    }

    /// The texts, and where they can stand.
    fn forms(&self) -> impl Iterator<Item = Form<'_>> {
        (0..self.len()).map(|text| Form {
            text: self.text(text),
            starts: self.entries(text).all(|entry| !entry.loose),
            ends: self.entries(text).all(|entry| !entry.open_end),
        })
    }

    fn entries(&self, text: usize) -> impl Iterator<Item = Entry> {
        self.entry_starts.range(text).filter_map(|entry| self.entries.get(entry)).map(Entry::unpacked)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.starts.write(out);
        self.bytes.write(out);
        self.entry_starts.write(out);
        self.entries.write(out);
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (starts, bytes) = (Numbers::read(from)?, Bytes::read(from)?);
        Some(Self { starts, bytes, entry_starts: Numbers::read(from)?, entries: Numbers::read(from)? })
    }
}

/// An open hash table of texts: of each slot the text's place and one.
fn slots(texts: &Lexis) -> Numbers {
    let mut slots = vec![0_u32; (texts.len() * 2).next_power_of_two()];
    for text in 0..texts.len() {
        let mut at = hash(texts.text(text)) & (slots.len() - 1);
        while slots.get(at).is_some_and(|slot| *slot != 0) {
            at = (at + 1) & (slots.len() - 1);
        }
        if let Some(slot) = slots.get_mut(at) {
            *slot = narrow(text + 1);
        }
    }
    slots.into_iter().collect()
}

/// The same on every machine: the tables are made on another one.
fn hash(text: &[u8]) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = text.len() as u64;
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        hash = (hash.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
    }
    for byte in rest {
        hash = (hash.rotate_left(23) ^ u64::from(*byte)).wrapping_mul(FACTOR);
    }
    (hash >> 32) as u32 as usize
}

/// All phrases of some rules, ready to be looked for.
#[derive(Debug)]
pub(super) struct PhraseIndex {
    slots: Numbers,
    whole: Lexis,
    longest_whole: usize,
    prefix: Affixes,
    suffix: Affixes,
    inside: Lexis,
    words: Words,
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
    reversed: Vec<u8>,
}

impl PhraseIndex {
    /// Adds the token of every phrase that is the line, or that it begins or ends with; some twice.
    pub(super) fn find_at_ends(&self, line: &str, scratch: &mut Scratch, tokens: &mut Vec<Token>) {
        if let Some(text) = self.whole_line(line.as_bytes()) {
            tokens.extend(self.whole.entries(text).map(|entry| entry.token));
        }
        self.prefix.find(line.as_bytes(), |length, entry| {
            if entry.open_end || is_boundary(line, length) {
                tokens.push(entry.token);
            }
        });
        let tail = line.len().saturating_sub(self.suffix.longest);
        scratch.reversed.clear();
        scratch.reversed.extend(line.as_bytes().get(tail..).unwrap_or_default().iter().rev());
        self.suffix.find(&scratch.reversed, |length, entry| {
            if is_boundary(line, line.len() - length) {
                tokens.push(entry.token);
            }
        });
    }

    /// The longest text that a line is, begins or ends with, in bytes.
    pub(super) fn longest_at_ends(&self) -> usize {
        self.longest_whole.max(self.prefix.longest).max(self.suffix.longest)
    }

    fn whole_line(&self, line: &[u8]) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash(line) & mask;
        loop {
            let text = self.slots.get(at)?.checked_sub(1)? as usize;
            if self.whole.text(text) == line {
                return Some(text);
            }
            at = (at + 1) & mask;
        }
    }

    /// Begins a search for phrases anywhere in a line.
    pub(super) fn enter(&self, scratch: &mut Scratch) {
        scratch.found.resize(self.inside.len(), 0);
        scratch.line = scratch.line.checked_add(1).unwrap_or_else(|| {
            scratch.found.fill(0);
            1
        });
        scratch.numbered = !self.announced;
    }

    /// Adds the token of every phrase that the runs announce; some twice.
    pub(super) fn find_inside(&self, line: &str, runs: &[Run], scratch: &mut Scratch, tokens: &mut Vec<Token>) {
        self.words.find(line, runs, |text, start| self.verify(text, line, start, scratch, tokens));
    }

    /// Those that no word announces. Says whether the phrases with numbers should be looked for in the line without its own.
    pub(super) fn leave(&self, line: &str, is_ascii: bool, scratch: &mut Scratch, tokens: &mut Vec<Token>) -> bool {
        let text = |text| self.inside.text(text);
        self.words
            .find_unannounced(line, is_ascii, text, |text, start| self.verify(text, line, start, scratch, tokens));
        scratch.numbered
    }

    /// Everything at once.
    pub(super) fn find_all(
        &self,
        line: &str,
        runs: &mut Vec<Run>,
        scratch: &mut Scratch,
        tokens: &mut Vec<Token>,
    ) -> bool {
        self.find_at_ends(line, scratch, tokens);
        self.enter(scratch);
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
        [u32::from(self.announced)].into_iter().collect::<Numbers>().write(out);
    }

    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (slots, whole) = (Numbers::read(from)?, Lexis::read(from)?);
        Some(Self {
            slots,
            longest_whole: whole.longest(),
            whole,
            prefix: Affixes::read(from)?,
            suffix: Affixes::read(from)?,
            inside: Lexis::read(from)?,
            words: Words::read(from)?,
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

/// Texts that a line may begin with, sorted, each with the longest other one that it begins with itself.
///
/// Everything that a line begins with is an ancestor of, or is, the last text that sorts before the line.
#[derive(Debug)]
struct Affixes {
    texts: Lexis,
    /// The first bytes of each text as a number that sorts as they do; most of the search goes by these.
    heads: Vec<u64>,
    /// Of each text its parent's place and one; 0 where it has none.
    parents: Numbers,
    longest: usize,
}

impl Affixes {
    fn new(texts: Texts) -> Self {
        let texts = Lexis::new(texts);
        let mut parents: Vec<u32> = Vec::new();
        let mut longest = 0;
        for index in 0..texts.len() {
            let text = texts.text(index);
            let mut parent = index;
            while let Some(other) = parent.checked_sub(1) {
                if text.starts_with(texts.text(other)) {
                    break;
                }
                parent = parents.get(other).map_or(0, |parent| *parent as usize);
            }
            longest = longest.max(text.len());
            parents.push(narrow(parent));
        }
        Self { heads: heads(&texts), texts, parents: parents.into_iter().collect(), longest }
    }

    fn find(&self, line: &[u8], mut found: impl FnMut(usize, Entry)) {
        let head = head(line);
        // The first text that sorts behind the line, and so the place of the one before it and one.
        let mut at = self.heads.partition_point(|other| *other < head);
        let mut behind = at + self.heads.get(at..).unwrap_or_default().partition_point(|other| *other == head);
        while at < behind {
            let middle = at + (behind - at) / 2;
            match self.texts.text(middle) <= line {
                true => at = middle + 1,
                false => behind = middle,
            }
        }
        while let Some(index) = at.checked_sub(1) {
            let text = self.texts.text(index);
            if line.starts_with(text) {
                self.texts.entries(index).for_each(|entry| found(text.len(), entry));
            }
            at = self.parents.get(index).map_or(0, |parent| parent as usize);
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.texts.write(out);
        self.parents.write(out);
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (texts, parents) = (Lexis::read(from)?, Numbers::read(from)?);
        let longest = texts.longest();
        Some(Self { heads: heads(&texts), texts, parents, longest })
    }
}

/// Up to eight bytes, those that are missing being nothing: what sorts before in texts does not sort behind in heads.
fn head(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(head) => u64::from_be_bytes(*head),
        None => text.iter().zip([56, 48, 40, 32, 24, 16, 8]).map(|(byte, shift)| u64::from(*byte) << shift).sum(),
    }
}

fn heads(texts: &Lexis) -> Vec<u64> {
    (0..texts.len()).map(|text| head(texts.text(text))).collect()
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
            line in r"[a-c_é分 1.'{}-]{0,40}",
        ) {
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
            builder.build(&Sample::default(), None).find_all(&line, &mut Vec::new(), &mut Scratch::default(), &mut tokens);
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
    fn a_phrase_that_misses_first_may_hit_later() {
        assert_eq!(found(&[("cookie", Match::Contains)], "cookies and a cookie"), [0]);
    }
}
