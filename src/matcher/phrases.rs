//! Many phrases against one line, at a cost that hardly grows with their number.
//!
//! Whole lines are one hash look-up; prefixes and suffixes one binary search; everything else one Aho-Corasick pass.

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::FxHashMap;

use crate::fold::{byte_joins_words, joins_words};
use crate::rules::file::Match;
use crate::rules::pattern::Phrase;

/// What it means that a phrase is in the line; opaque here.
pub(super) type Token = u32;

#[derive(Debug, Clone, Copy)]
struct Entry {
    token: Token,
    /// The phrase's last word may go on.
    open_end: bool,
    /// The text may stand inside a word: a regex's literal.
    loose: bool,
}

/// Phrases by how they match.
#[derive(Debug, Default)]
pub(super) struct Builder {
    whole: FxHashMap<String, Vec<Token>>,
    prefix: FxHashMap<String, Vec<Entry>>,
    suffix: FxHashMap<String, Vec<Entry>>,
    contains: FxHashMap<String, Vec<Entry>>,
}

impl Builder {
    pub(super) fn phrase(&mut self, phrase: &Phrase, matching: Match, token: Token) {
        let entry = Entry { token, open_end: phrase.open_end, loose: false };
        for text in phrase.texts.iter().cloned() {
            match matching {
                Match::Whole => self.whole.entry(text).or_default().push(token),
                Match::Prefix => self.prefix.entry(text).or_default().push(entry),
                Match::Suffix => self.suffix.entry(text).or_default().push(entry),
                Match::Contains => self.contains.entry(text).or_default().push(entry),
            }
        }
    }

    /// A text that announces a regex.
    pub(super) fn literal(&mut self, text: &str, token: Token) {
        self.contains.entry(text.to_owned()).or_default().push(Entry { token, open_end: true, loose: true });
    }

    /// # Errors
    /// The phrases do not fit into an automaton.
    pub(super) fn build(self) -> Result<PhraseIndex, aho_corasick::BuildError> {
        let (texts, contains): (Vec<String>, Vec<Vec<Entry>>) = sorted(self.contains).into_iter().unzip();
        let automaton = match texts.is_empty() {
            true => None,
            false => Some(AhoCorasick::builder().match_kind(MatchKind::Standard).build(&texts)?),
        };
        let reversed = self.suffix.into_iter().map(|(text, entries)| (text.bytes().rev().collect(), entries)).collect();
        let forward = self.prefix.into_iter().map(|(text, entries)| (text.into_bytes(), entries)).collect();
        Ok(PhraseIndex {
            whole: self.whole,
            prefix: Affixes::new(forward),
            suffix: Affixes::new(reversed),
            automaton,
            contains,
        })
    }
}

fn sorted(map: FxHashMap<String, Vec<Entry>>) -> Vec<(String, Vec<Entry>)> {
    let mut list: Vec<_> = map.into_iter().collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list
}

/// All phrases of all rules, ready to be looked for.
#[derive(Debug)]
pub(super) struct PhraseIndex {
    whole: FxHashMap<String, Vec<Token>>,
    prefix: Affixes,
    suffix: Affixes,
    automaton: Option<AhoCorasick>,
    contains: Vec<Vec<Entry>>,
}

/// What one line needs while it is searched; kept from line to line.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// By phrase: the line in which all its entries were last found.
    found: Vec<u32>,
    line: u32,
    reversed: Vec<u8>,
}

impl PhraseIndex {
    /// Adds the token of every phrase that is in the line; some twice.
    pub(super) fn find(&self, line: &str, scratch: &mut Scratch, tokens: &mut Vec<Token>) {
        if let Some(found) = self.whole.get(line) {
            tokens.extend(found);
        }
        self.prefix.find(line.as_bytes(), |length, entry| {
            if entry.open_end || is_boundary(line, length) {
                tokens.push(entry.token);
            }
        });
        let tail = line.len().saturating_sub(self.suffix.longest);
        scratch.reversed.clear();
        scratch.reversed.extend(line.as_bytes().iter().skip(tail).rev());
        self.suffix.find(&scratch.reversed, |length, entry| {
            if is_boundary(line, line.len() - length) {
                tokens.push(entry.token);
            }
        });
        self.find_inside(line, scratch, tokens);
    }

    fn find_inside(&self, line: &str, scratch: &mut Scratch, tokens: &mut Vec<Token>) {
        let Some(automaton) = &self.automaton else { return };
        scratch.found.resize(self.contains.len(), 0);
        scratch.line = scratch.line.wrapping_add(1).max(1);
        for hit in automaton.find_overlapping_iter(line) {
            let index = hit.pattern().as_usize();
            let (Some(found), Some(entries)) = (scratch.found.get_mut(index), self.contains.get(index)) else {
                continue;
            };
            if *found == scratch.line {
                continue;
            }
            let starts = is_boundary(line, hit.start());
            let ends = is_boundary(line, hit.end());
            let mut all = true;
            for entry in entries {
                match entry.loose || starts && (entry.open_end || ends) {
                    true => tokens.push(entry.token),
                    false => all = false,
                }
            }
            if all {
                *found = scratch.line;
            }
        }
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
#[derive(Debug, Default)]
struct Affixes {
    texts: Vec<Affix>,
    longest: usize,
}

#[derive(Debug)]
struct Affix {
    text: Vec<u8>,
    parent: Option<usize>,
    entries: Vec<Entry>,
}

impl Affixes {
    fn new(mut texts: Vec<(Vec<u8>, Vec<Entry>)>) -> Self {
        texts.sort_by(|a, b| a.0.cmp(&b.0));
        let mut affixes = Affixes::default();
        for (text, entries) in texts {
            let mut parent = affixes.texts.len().checked_sub(1);
            while let Some(affix) = parent.and_then(|index| affixes.texts.get(index)) {
                if text.starts_with(&affix.text) {
                    break;
                }
                parent = affix.parent;
            }
            affixes.longest = affixes.longest.max(text.len());
            affixes.texts.push(Affix { text, parent, entries });
        }
        affixes
    }

    fn find(&self, line: &[u8], mut found: impl FnMut(usize, &Entry)) {
        let mut at = self.texts.partition_point(|affix| affix.text.as_slice() <= line).checked_sub(1);
        while let Some(affix) = at.and_then(|index| self.texts.get(index)) {
            if line.starts_with(&affix.text) {
                affix.entries.iter().for_each(|entry| found(affix.text.len(), entry));
            }
            at = affix.parent;
        }
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
        builder.build().expect("small").find(line, &mut Scratch::default(), &mut tokens);
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

    #[test]
    fn a_phrase_that_misses_first_may_hit_later() {
        assert_eq!(found(&[("cookie", Match::Contains)], "cookies and a cookie"), [0]);
    }
}
