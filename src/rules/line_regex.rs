//! A regex over a folded line, compiled as far as somebody asks for it.
//!
//! Most that is asked is whether a line matches at all. For that a DFA is enough that is made while it runs, of one
//! automaton. To say where it matches takes more of them, and twice as long to compile: of what it takes to clean a single
//! small file that was more than half.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;

use regex::Regex;
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::pool::Pool;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::limits;

/// A regex over the folded line.
#[derive(Debug, Serialize, Deserialize)]
pub struct LineRegex {
    /// Anchored as its pattern matches.
    anchored: String,
    /// Of a built-in rule, compiled when a line asks for it; the build has checked that it can be.
    #[serde(skip)]
    finder: OnceLock<Option<Regex>>,
    #[serde(skip)]
    tester: OnceLock<Option<Tester>>,
    /// Texts of which one is in every match; empty when there is none.
    pub literals: Vec<Literal>,
}

/// A text that is part of a regex's matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// The text, folded.
    pub text: String,
    /// In every match no word goes on across its beginning.
    pub starts: bool,
}

impl LineRegex {
    /// Checks that it compiles.
    ///
    /// # Errors
    /// It does not, or it takes more than [`limits::REGEX_BYTES`].
    pub(super) fn new(anchored: String, literals: Vec<Literal>) -> Result<Self, regex::Error> {
        let finder = OnceLock::from(Some(build(&anchored)?));
        Ok(Self { anchored, finder, tester: OnceLock::new(), literals })
    }

    /// One that matches nothing.
    ///
    /// # Errors
    /// Never: the pattern is sound.
    pub(crate) fn nothing() -> Result<Self, Error> {
        Self::new("[a&&b]".to_owned(), Vec::new()).map_err(|error| Error::new(error.to_string()))
    }

    /// Where it matches from there on. Lines over [`limits::REGEX_LINE_BYTES`] are not looked at.
    #[must_use]
    pub fn find_at(&self, folded: &str, start: usize) -> Option<std::ops::Range<usize>> {
        let finder = Some(folded).filter(|folded| is_short(folded)).and_then(|_| self.finder())?;
        finder.find_at(folded, start).map(|found| found.range())
    }

    /// Whether it matches.
    #[must_use]
    pub fn is_match(&self, folded: &str) -> bool {
        if !is_short(folded) {
            return false;
        }
        let tester = self.tester.get_or_init(|| Tester::new(&self.anchored)).as_ref();
        let tested = tester.and_then(|tester| tester.is_match(folded));
        tested.unwrap_or_else(|| self.finder().is_some_and(|finder| finder.is_match(folded)))
    }

    fn finder(&self) -> Option<&Regex> {
        self.finder.get_or_init(|| build(&self.anchored).ok()).as_ref()
    }
}

fn is_short(folded: &str) -> bool {
    folded.len() <= limits::REGEX_LINE_BYTES
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(pattern).size_limit(limits::REGEX_BYTES).build()
}

/// Tells whether a line matches, and not where.
struct Tester {
    dfa: DFA,
    /// What each thread has made of the DFA so far.
    caches: Pool<Cache, MakeCache>,
}

type MakeCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

impl std::fmt::Debug for Tester {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tester")
    }
}

impl Tester {
    fn new(pattern: &str) -> Option<Self> {
        let nfa = thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(limits::REGEX_BYTES));
        // Where a word may end beside what is beyond ASCII it gives up, and the finder is asked.
        let config = DFA::config().unicode_word_boundary(true).skip_cache_capacity_check(true);
        let dfa = DFA::builder().thompson(nfa).configure(config).build(pattern).ok()?;
        let made_of = dfa.clone();
        Some(Self { dfa, caches: Pool::new(Box::new(move || made_of.create_cache())) })
    }

    /// `None` where it cannot tell.
    fn is_match(&self, line: &str) -> Option<bool> {
        let input = Input::new(line).earliest(true);
        self.dfa.try_search_fwd(&mut self.caches.get(), &input).ok().map(|found| found.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_and_where_are_told_alike() {
        let lines = ["", "a", "photo: é", "é photo", "photo: x", "éphoto", "photoé", "12 photos", "no", "a\u{300}"];
        for pattern in ["^(?:photo ?: ?.+)$", r"\bphotos?\b", "^(?:)$", "(?:é|x)$", "[^.]{2,30} a", "[a&&b]"] {
            let regex = LineRegex::new(pattern.to_owned(), Vec::new()).expect("sound");
            for line in lines {
                assert_eq!(regex.is_match(line), regex.find_at(line, 0).is_some(), "{pattern} {line}");
            }
        }
    }
}
