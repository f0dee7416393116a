//! Phrases and regexes as checked: folded, bounded, and with the literals that let a line be passed over.

use std::ops::{Deref, Range};
use std::sync::OnceLock;

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::file::{self, Match, Text};
use super::frozen::{Block, place_of};
pub use super::line_regex::{LineRegex, Literal};
use super::{mistake, vocabulary};
use crate::embedded;
use crate::error::Error;
use crate::fold::{fold, joins_words};
use crate::limits;

/// What stands for a number in a phrase, and in the view of a line in which numbers do not count.
pub const NUMBER: &str = "{n}";

/// What a pattern is to its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The line itself: `line`, `span`, `keep`.
    Main,
    /// A block's first line.
    Start,
    /// A block's last line.
    End,
    /// A section's heading.
    Heading,
    /// What a foreign block must be about.
    Topic,
    /// What an ending is known by.
    Mark,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 6] = [Role::Main, Role::Start, Role::End, Role::Heading, Role::Topic, Role::Mark];
}

/// A list of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "docs/rules.md has the keys")]
pub enum List {
    Phrases,
    With(u8),
    Except,
    Regex,
}

/// A line matches when a phrase or regex hits, every `with` list has a phrase in it, and no `except` phrase has.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Pattern {
    /// How much of the line a phrase or regex must be.
    pub matching: Match,
    /// One of these, or one of the regexes.
    pub phrases: Phrases,
    /// One of these, or one of the phrases.
    pub regexes: Vec<LineRegex>,
    /// Of each list one must be in the line too.
    pub with: Vec<Phrases>,
    /// None of these may be in the line.
    pub except: Phrases,
}

impl Pattern {
    /// Whether there is nothing that it looks for.
    pub(crate) fn is_empty(&self) -> bool {
        self.phrases.is_empty() && self.regexes.is_empty()
    }

    /// Whether one of its phrases or regexes is not enough, or may be too much.
    pub(crate) fn asks_more(&self) -> bool {
        !self.except.is_empty() || self.asks_with()
    }

    /// Whether a phrase of some other list must be in the line too.
    pub(crate) fn asks_with(&self) -> bool {
        self.with.iter().any(|phrases| !phrases.is_empty())
    }
}

/// A list of phrases. Those of a built-in rule are read when somebody asks for them: matching has an index.
#[derive(Debug, Default)]
pub struct Phrases {
    count: usize,
    /// Where they stand in what is embedded.
    frozen: Range<usize>,
    read: OnceLock<Vec<Phrase>>,
}

impl Phrases {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Deref for Phrases {
    type Target = [Phrase];

    fn deref(&self) -> &[Phrase] {
        self.read.get_or_init(|| {
            let bytes = embedded::rules().get(self.frozen.clone()).unwrap_or_default();
            postcard::from_bytes(bytes).unwrap_or_default()
        })
    }
}

impl From<Vec<Phrase>> for Phrases {
    fn from(phrases: Vec<Phrase>) -> Self {
        Self { count: phrases.len(), frozen: 0..0, read: OnceLock::from(phrases) }
    }
}

impl<'p> IntoIterator for &'p Phrases {
    type Item = &'p Phrase;
    type IntoIter = std::slice::Iter<'p, Phrase>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Phrases {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = postcard::to_allocvec(&**self).map_err(serde::ser::Error::custom)?;
        (self.count, Block(&bytes)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Phrases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (count, bytes): (usize, &[u8]) = Deserialize::deserialize(deserializer)?;
        let frozen = place_of(bytes)?;
        Ok(Self { count, frozen, read: OnceLock::new() })
    }
}

/// A literal, as matching sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// Folded, one for each word of the vocabulary that it names; numbers stand as [`NUMBER`].
    pub texts: Vec<String>,
    /// Its last word may go on.
    pub open_end: bool,
}

impl Phrase {
    /// Whether it says so little that it is in every text.
    pub(super) fn is_one_character(&self) -> bool {
        self.texts.iter().any(|text| text.chars().nth(1).is_none())
    }

    /// Whether it says "any number" somewhere.
    #[must_use]
    pub fn has_number(&self) -> bool {
        self.texts.iter().any(|text| text.contains(NUMBER))
    }
}

/// What the checks of one file need: its text, for carets, and what was counted so far.
pub(super) struct Checker<'f> {
    pub source: &'f str,
    pub phrases: usize,
    pub regexes: usize,
}

impl Checker<'_> {
    /// An error about a value of this file.
    pub(super) fn error<T>(&self, value: &serde_saphyr::Spanned<T>, message: impl Into<String>) -> Error {
        Error::new(message).at(mistake::place(self.source, value))
    }

    pub(super) fn pattern(&mut self, written: &file::Pattern) -> Result<Pattern, Error> {
        let matching = written.matching;
        Ok(Pattern {
            matching,
            phrases: self.phrases(&written.phrases, matching)?.into(),
            regexes: written.regex.iter().map(|regex| self.regex(regex, matching)).collect::<Result<_, _>>()?,
            with: written
                .with
                .iter()
                .map(|list| self.phrases(list, Match::Contains).map(Phrases::from))
                .collect::<Result<_, _>>()?,
            except: self.phrases(&written.except, Match::Contains)?.into(),
        })
    }

    pub(super) fn phrases(&mut self, written: &[Text], matching: Match) -> Result<Vec<Phrase>, Error> {
        written.iter().map(|phrase| self.phrase(phrase, matching)).collect()
    }

    fn phrase(&mut self, written: &Text, matching: Match) -> Result<Phrase, Error> {
        self.phrases += 1;
        self.bounded(written, self.phrases, limits::FILE_PHRASES, "phrases")?;
        let text = written.value.trim_end();
        let open_end = text.ends_with('*');
        if open_end && matching == Match::Whole {
            return Err(self
                .error(written, "a `*` at the end, but the phrase must be the whole line")
                .help("add `match: prefix`, or write the whole line"));
        }
        let inner: Vec<char> = text.chars().collect();
        let star =
            inner.windows(3).any(|three| matches!(three, [a, '*', b] if a.is_alphanumeric() && b.is_alphanumeric()));
        if star {
            return Err(self
                .error(written, "a `*` inside a phrase; it can only stand at the end")
                .help("write two phrases, or a `regex`"));
        }
        if let Some(name) = vocabulary::unknown_name(text) {
            let names: Vec<&str> = std::iter::once(NUMBER).chain(vocabulary::names()).collect();
            return Err(self.error(written, format!("`{name}` stands for nothing")).help(format!(
                "in braces a phrase may have {}; a brace that is part of the text goes into a `regex`",
                names.join(", ")
            )));
        }
        let folded = fold(text);
        let unit = folded.split(NUMBER).skip(1).find(|rest| {
            let mut rest = rest.chars();
            matches!(rest.next(), Some('k' | 'm')) && !rest.next().is_some_and(char::is_alphanumeric)
        });
        if unit.is_some() {
            return Err(self
                .error(written, "this phrase can never match: `{n}` takes a k or m behind the number with it")
                .help("leave the letter out: `{n} views` is in `12k views` too"));
        }
        if folded.is_empty() {
            return Err(self
                .error(written, "nothing is left of this phrase when case, bullets and Markdown marks are folded away")
                .help("a phrase needs at least one letter or digit"));
        }
        let texts = vocabulary::expand(folded);
        self.phrases += texts.len() - 1;
        self.bounded(written, self.phrases, limits::FILE_PHRASES, "phrases")?;
        Ok(Phrase { texts, open_end })
    }

    pub(super) fn regex(&mut self, written: &Text, matching: Match) -> Result<LineRegex, Error> {
        self.regexes += 1;
        self.bounded(written, self.regexes, limits::FILE_REGEXES, "regexes")?;
        let hir = regex_syntax::parse(&written.value)
            .map_err(|error| self.error(written, "this regex does not compile").help(last_line(&error.to_string())))?;
        let looks = hir.properties().look_set();
        if [Look::Start, Look::End, Look::StartLF, Look::EndLF].iter().any(|look| looks.contains(*look)) {
            return Err(self
                .error(written, "a regex here has no `^` and no `$`")
                .help("dechaff anchors it: say `match: whole`, `prefix`, `suffix` or `contains`"));
        }
        if has_capital(&written.value) {
            return Err(self.error(written, "this regex has a capital letter, which it can never see").help(
                "a regex sees the folded line: write it in lower case, and use `guard: {case: title}` for names",
            ));
        }
        let anchored = match matching {
            Match::Whole => format!("^(?:{})$", written.value),
            Match::Prefix => format!("^(?:{})", written.value),
            Match::Suffix => format!("(?:{})$", written.value),
            Match::Contains => written.value.clone(),
        };
        let at_start = matches!(matching, Match::Whole | Match::Prefix);
        let literals = required_literals(&hir, at_start).unwrap_or_default();
        LineRegex::new(anchored, literals)
            .map_err(|error| self.error(written, "this regex does not compile").help(last_line(&error.to_string())))
    }

    fn bounded(&self, written: &Text, count: usize, maximum: usize, what: &str) -> Result<(), Error> {
        let bytes = written.value.len();
        if bytes > limits::PATTERN_BYTES {
            let message = format!("this pattern has {bytes} bytes, at most {} are allowed", limits::PATTERN_BYTES);
            return Err(self
                .error(written, message)
                .help("a phrase is a line or part of one; several short ones say more"));
        }
        if count > maximum {
            let message = format!("this file has more than {maximum} {what}");
            return Err(self.error(written, message).help("spread the rules over several files"));
        }
        Ok(())
    }
}

fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// A capital letter that is no class (`\S`, `\P{…}`) and no flag.
fn has_capital(pattern: &str) -> bool {
    let mut escaped = false;
    let mut braces = false;
    for c in pattern.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            '{' if escaped || braces => braces = true,
            '}' => braces = false,
            _ => {
                if c.is_uppercase() && !escaped && !braces {
                    return true;
                }
                braces |= escaped && matches!(c, 'p' | 'P');
                escaped = false;
            }
        }
    }
    false
}

/// The shortest text that is worth an entry in the index.
const LITERAL_BYTES: usize = 2;

/// Classes with more characters are not looked through.
const CLASS_CHARACTERS: usize = 256;

/// Texts of which at least one is part of every match, the longest that can be told; `None` where there is no such set.
///
/// Whether no word goes on into what the expression matches is told by `apart`.
fn required_literals(hir: &Hir, apart: bool) -> Option<Vec<Literal>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let starts = apart || !text.starts_with(joins_words);
            (text.len() >= LITERAL_BYTES).then(|| vec![Literal { text: text.to_owned(), starts }])
        }
        HirKind::Capture(capture) => required_literals(&capture.sub, apart),
        // The first time: what stands before it is known.
        HirKind::Repetition(repetition) if repetition.min > 0 => required_literals(&repetition.sub, apart),
        HirKind::Concat(parts) => {
            let mut apart = apart;
            let sets = parts.iter().filter_map(|part| {
                let set = required_literals(part, apart);
                apart = is_apart_after(part, apart);
                set
            });
            // The index finds those best that begin where words do.
            let shortest = |set: &[Literal]| set.iter().map(|literal| literal.text.len()).min();
            let is_found = |literal: &Literal| literal.starts && (literal.text.len() > 2 || !literal.text.is_ascii());
            let starts = |set: &[Literal]| set.iter().all(is_found);
            // And short words are in every other line, however many of them stand together.
            let longest_word = |literal: &Literal| literal.text.split(|c| !joins_words(c)).map(str::len).max();
            let rarest = |set: &[Literal]| set.iter().map(longest_word).min();
            sets.max_by_key(|set| (starts(set), rarest(set), shortest(set), std::cmp::Reverse(set.len())))
        }
        HirKind::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.iter().map(|branch| required_literals(branch, apart)).collect();
            sets.map(|sets| sets.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// Whether surely no word goes on across the end of what the expression matches, if none does across its beginning or
/// `apart` is false.
fn is_apart_after(hir: &Hir, apart: bool) -> bool {
    match hir.kind() {
        // A superscript or a fraction is part of a word to phrases and not to `\b`: no match is looked for behind one.
        HirKind::Look(Look::WordUnicode | Look::WordAscii) => true,
        HirKind::Empty | HirKind::Look(_) => apart,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|text| !text.ends_with(joins_words)),
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = || class.ranges().iter().map(|range| range.start()..=range.end());
            ranges().map(Iterator::count).sum::<usize>() <= CLASS_CHARACTERS && !ranges().flatten().any(joins_words)
        }
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Capture(capture) => is_apart_after(&capture.sub, apart),
        HirKind::Repetition(repetition) => {
            let after = is_apart_after(&repetition.sub, apart);
            match repetition.min {
                0 => apart && after,
                _ => after && is_apart_after(&repetition.sub, after),
            }
        }
        HirKind::Concat(parts) => parts.iter().fold(apart, |apart, part| is_apart_after(part, apart)),
        HirKind::Alternation(branches) => branches.iter().all(|branch| is_apart_after(branch, apart)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_every_match_contains() {
        let literals = |pattern: &str| {
            let found = required_literals(&regex_syntax::parse(pattern).expect("a regex"), false);
            found.map(|literals| literals.into_iter().map(|literal| literal.text).collect::<Vec<_>>())
        };
        assert_eq!(literals(r"\d+ min read"), Some(vec![" min read".to_owned()]));
        assert_eq!(literals(r"(photo|image): .+"), Some(vec!["photo".to_owned(), "image".to_owned()]));
        assert_eq!(literals(r"\d+/\d+"), None);
        assert_eq!(literals(r"(?:read )?more"), Some(vec!["more".to_owned()]));
        assert_eq!(literals(".+ is an? (?:cook|editor)"), Some(vec!["cook".to_owned(), "editor".to_owned()]));
    }

    #[test]
    fn knows_where_no_word_goes_on_into_a_literal() {
        let starts = |pattern: &str, apart| {
            let found = required_literals(&regex_syntax::parse(pattern).expect("a regex"), apart).expect("literals");
            found.iter().all(|literal| literal.starts)
        };
        for pattern in
            ["photo: .+", "(?:[-–] )?photo", "(?:the |a )?photo", r"\d+\s(?:min|hours) read", "(?:by photo)+"]
        {
            assert!(starts(pattern, true), "{pattern}");
        }
        for pattern in [r"\w*photo", "(?:re)?photo", r"\d+minutes", r"\W+photo", "x?photo"] {
            assert!(!starts(pattern, true), "{pattern}");
        }
        assert!(!starts("photo", false) && starts("[ -]photo", false));
    }

    #[test]
    fn tells_capitals_from_classes() {
        assert!(has_capital("By tool"));
        assert!(!has_capital(r"\S+\P{Lu}\W"));
    }
}
