//! A regex over a folded line.
//!
//! Most that is asked is whether a line matches at all. To that the build knows an answer: an automaton for each regex of a
//! built-in rule is in the binary. To compile one took half of the time that a single small file takes. What is asked often
//! is compiled all the same, since the automata in the binary are small and slow.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::Regex;
use regex_automata::Input;
use regex_automata::dfa::{Automaton, StartKind, dense, sparse};
use regex_automata::nfa::thompson;
use regex_syntax::hir::Look;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::frozen::{Block, place_of};
use crate::embedded;
use crate::error::Error;
use crate::limits;

/// A regex over the folded line.
#[derive(Debug)]
pub struct LineRegex {
    /// Anchored as its pattern matches.
    anchored: String,
    /// Bytes of the longest line that it can match; `None` if it need not match the whole line, or has no bound.
    longest: Option<usize>,
    /// Compiled when somebody asks for it; what it is of has been checked.
    finder: OnceLock<Option<Regex>>,
    tester: Tester,
    /// How often that was asked whether it matches.
    asked: AtomicUsize,
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
        let longest = longest(&anchored);
        Ok(Self { anchored, longest, finder, tester: Tester::default(), asked: AtomicUsize::new(0), literals })
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
        if !is_short(folded) || self.longest.is_some_and(|longest| folded.len() > longest) {
            return false;
        }
        let tested = if self.is_rare() { self.tester.is_match(folded) } else { None };
        tested.unwrap_or_else(|| self.finder().is_some_and(|finder| finder.is_match(folded)))
    }

    /// Whether it has been asked before, so that nothing has to be read or compiled for the answer.
    pub(crate) fn is_at_hand(&self) -> bool {
        self.finder.get().is_some() || self.tester.dfa.get().is_some()
    }

    fn is_rare(&self) -> bool {
        let rare = self.asked.load(Ordering::Relaxed) < limits::TESTS_BY_AUTOMATON;
        if rare {
            self.asked.fetch_add(1, Ordering::Relaxed);
        }
        rare
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

/// The most bytes that a line has which such a regex matches as a whole.
fn longest(anchored: &str) -> Option<usize> {
    let hir = regex_syntax::parse(anchored).ok()?;
    let properties = hir.properties();
    let is_whole =
        properties.look_set_prefix().contains(Look::Start) && properties.look_set_suffix().contains(Look::End);
    properties.maximum_len().filter(|_| is_whole)
}

impl Serialize for LineRegex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.anchored, self.longest, &self.literals, Block(&Tester::bytes(&self.anchored))).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LineRegex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (anchored, longest, literals, bytes): (String, Option<usize>, Vec<Literal>, &[u8]) =
            Deserialize::deserialize(deserializer)?;
        let tester = Tester { frozen: place_of(bytes)?, dfa: OnceLock::new() };
        Ok(Self { anchored, longest, finder: OnceLock::new(), tester, asked: AtomicUsize::new(0), literals })
    }
}

/// Tells whether a line matches, and not where.
#[derive(Debug, Default)]
struct Tester {
    /// Where its automaton stands in what is embedded; nowhere if it would be too large, or the rule is a user's.
    frozen: Range<usize>,
    /// Looked through when it is first asked.
    dfa: OnceLock<Option<sparse::DFA<&'static [u8]>>>,
}

impl Tester {
    /// The automaton of a regex; nothing where it would be too large.
    fn bytes(pattern: &str) -> Vec<u8> {
        // Where a word may end beside what is beyond ASCII it gives up, and the finder is asked.
        let config = dense::Config::new()
            .unicode_word_boundary(true)
            .start_kind(StartKind::Unanchored)
            .accelerate(false)
            .dfa_size_limit(Some(limits::REGEX_BYTES))
            .determinize_size_limit(Some(limits::REGEX_BYTES));
        let nfa = thompson::Config::new().nfa_size_limit(Some(limits::REGEX_BYTES));
        let dfa = dense::Builder::new().configure(config).thompson(nfa).build(pattern).ok();
        let dfa = dfa.and_then(|dfa| dfa.to_sparse().ok());
        // Another order of bytes than the machine's is told when it is read; then the finder is asked.
        let bytes = dfa.map(|dfa| dfa.to_bytes_little_endian()).unwrap_or_default();
        if bytes.len() <= limits::AUTOMATON_BYTES { bytes } else { Vec::new() }
    }

    /// `None` where it cannot tell.
    fn is_match(&self, line: &str) -> Option<bool> {
        let read = || {
            let bytes = embedded::rules().get(self.frozen.clone()).filter(|bytes| !bytes.is_empty())?;
            sparse::DFA::from_bytes(bytes).ok().map(|(dfa, _)| dfa)
        };
        let dfa = self.dfa.get_or_init(read).as_ref()?;
        dfa.try_search_fwd(&Input::new(line).earliest(true)).ok().map(|found| found.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_too_long_for_the_whole_is_told_by_its_length() {
        for (pattern, most) in [("^(?:.{2,4} says)$", Some(4 * 4 + 5)), ("^(?:says .+)$", None), ("(?:says)$", None)] {
            assert_eq!(longest(pattern), most, "{pattern}");
        }
        let regex = LineRegex::new("^(?:.{2,4} says)$".to_owned(), Vec::new()).expect("sound");
        assert!(regex.is_match("éééé says") && !regex.is_match("ééééé says"));
    }

    #[test]
    fn whether_and_where_are_told_alike() {
        let lines = ["", "a", "photo: é", "é photo", "photo: x", "éphoto", "photoé", "12 photos", "no", "a\u{300}"];
        for pattern in ["^(?:photo ?: ?.+)$", r"\bphotos?\b", "^(?:)$", "(?:é|x)$", "[^.]{2,30} a", "[a&&b]"] {
            let regex = LineRegex::new(pattern.to_owned(), Vec::new()).expect("sound");
            let bytes: &'static [u8] = Tester::bytes(pattern).leak();
            let dfa = sparse::DFA::from_bytes(bytes).ok().map(|(dfa, _)| dfa);
            assert!(dfa.is_some() || cfg!(target_endian = "big"));
            let tester = Tester { frozen: 0..0, dfa: OnceLock::from(dfa) };
            for line in lines {
                let found = regex.find_at(line, 0).is_some();
                assert_eq!(regex.is_match(line), found, "{pattern} {line}");
                assert_eq!(tester.is_match(line).unwrap_or(found), found, "{pattern} {line}");
                assert!(tester.is_match(line).is_some() || pattern.contains(r"\b") || cfg!(target_endian = "big"));
            }
        }
    }
}
