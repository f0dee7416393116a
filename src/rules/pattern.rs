//! Phrases and regexes as checked: folded, bounded, and with the literals that let a line be passed over.

use regex::Regex;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::file::{self, Match, Text};
use super::{mistake, vocabulary};
use crate::error::Error;
use crate::fold::fold;
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
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 5] = [Role::Main, Role::Start, Role::End, Role::Heading, Role::Topic];
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
#[derive(Debug, Default)]
pub struct Pattern {
    /// How much of the line a phrase or regex must be.
    pub matching: Match,
    /// One of these, or one of the regexes.
    pub phrases: Vec<Phrase>,
    /// One of these, or one of the phrases.
    pub regexes: Vec<LineRegex>,
    /// Of each list one must be in the line too.
    pub with: Vec<Vec<Phrase>>,
    /// None of these may be in the line.
    pub except: Vec<Phrase>,
}

/// A literal, as matching sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A regex over the folded line.
#[derive(Debug)]
pub struct LineRegex {
    compiled: Regex,
    /// Texts of which one is in every match; empty when there is none.
    pub literals: Vec<String>,
}

impl LineRegex {
    /// One that matches nothing.
    ///
    /// # Errors
    /// Never: the pattern is sound.
    pub(crate) fn nothing() -> Result<Self, Error> {
        let compiled = build("[a&&b]").map_err(|error| Error::new(error.to_string()))?;
        Ok(Self { compiled, literals: Vec::new() })
    }

    /// Where it matches from there on. Lines over [`limits::REGEX_LINE_BYTES`] are not looked at.
    #[must_use]
    pub fn find_at(&self, folded: &str, start: usize) -> Option<std::ops::Range<usize>> {
        self.on(folded)?.find_at(folded, start).map(|found| found.range())
    }

    /// Whether it matches.
    #[must_use]
    pub fn is_match(&self, folded: &str) -> bool {
        self.on(folded).is_some_and(|regex| regex.is_match(folded))
    }

    fn on(&self, folded: &str) -> Option<&Regex> {
        (folded.len() <= limits::REGEX_LINE_BYTES).then_some(&self.compiled)
    }
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(pattern).size_limit(limits::REGEX_BYTES).build()
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
            phrases: self.phrases(&written.phrases, matching)?,
            regexes: written.regex.iter().map(|regex| self.regex(regex, matching)).collect::<Result<_, _>>()?,
            with: written.with.iter().map(|list| self.phrases(list, Match::Contains)).collect::<Result<_, _>>()?,
            except: self.phrases(&written.except, Match::Contains)?,
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
        let compiled = build(&anchored)
            .map_err(|error| self.error(written, "this regex does not compile").help(last_line(&error.to_string())))?;
        Ok(LineRegex { compiled, literals: required_literals(&hir).unwrap_or_default() })
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

/// Texts of which at least one is part of every match, the longest that can be told; `None` where there is no such set.
fn required_literals(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            (text.len() >= LITERAL_BYTES).then(|| vec![text.to_owned()])
        }
        HirKind::Capture(capture) => required_literals(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required_literals(&repetition.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required_literals)
            .max_by_key(|set| (set.iter().map(String::len).min(), std::cmp::Reverse(set.len()))),
        HirKind::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.iter().map(required_literals).collect();
            sets.map(|sets| sets.into_iter().flatten().collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_every_match_contains() {
        let literals = |pattern: &str| required_literals(&regex_syntax::parse(pattern).expect("a regex"));
        assert_eq!(literals(r"\d+ min read"), Some(vec![" min read".to_owned()]));
        assert_eq!(literals(r"(photo|image): .+"), Some(vec!["photo".to_owned(), "image".to_owned()]));
        assert_eq!(literals(r"\d+/\d+"), None);
        assert_eq!(literals(r"(?:read )?more"), Some(vec!["more".to_owned()]));
    }

    #[test]
    fn tells_capitals_from_classes() {
        assert!(has_capital("By tool"));
        assert!(!has_capital(r"\S+\P{Lu}\W"));
    }
}
