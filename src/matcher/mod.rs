//! Which rule's pattern hits which line. No policy: whether anything goes is for [`decide`](crate::decide).

mod page;
mod phrases;

use phrases::{Builder, PhraseIndex, Scratch, Token};

pub(crate) use page::count_words;
pub use page::{Fence, Page, PageLine, Shape};

use crate::error::Error;
use crate::limits;
use crate::rules::RuleSet;
use crate::rules::file::Match;
pub use crate::rules::pattern::{List, Role};
use crate::rules::pattern::{NUMBER, Pattern, Phrase};
use crate::rules::rule::RuleIndex;

/// A pattern of a rule hits a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The rule.
    pub rule: RuleIndex,
    /// Which of its patterns.
    pub role: Role,
}

/// A phrase or regex of a rule, by its place: what can be found in a line, and taken away to see who misses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Piece {
    /// The rule.
    pub rule: RuleIndex,
    /// Which of its patterns.
    pub role: Role,
    /// Which list of the pattern.
    pub list: List,
    /// Its place in the list.
    pub index: usize,
}

/// All patterns of a rule set, ready to be looked for.
#[derive(Debug)]
pub struct Matcher {
    plain: PhraseIndex,
    /// Phrases that say "any number", looked for in the line with its numbers taken out.
    numbered: PhraseIndex,
    uses: Vec<Use>,
    /// What each of `uses` is to its rule.
    pieces: Vec<Piece>,
    patterns: Vec<Hit>,
    /// Regexes without a literal, tried on every line that a regex looks at.
    loose: Vec<Token>,
}

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    pattern: u32,
    part: Part,
}

/// What a phrase stands for, to whoever takes it away and puts it back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning(Use);

impl Meaning {
    /// Of a phrase that means nothing to any rule.
    pub(crate) const NONE: Meaning = Meaning(Use { pattern: u32::MAX, part: Part::Phrase });
}

/// The part of a pattern that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Except,
    With(u8),
    Phrase,
    /// The literal of the regex with that place; whether it matches is still to be seen.
    Regex(u16),
}

/// Room that matching needs; kept from line to line.
#[derive(Debug, Default)]
pub struct Workspace {
    plain: Scratch,
    numbered: Scratch,
    tokens: Vec<Token>,
    uses: Vec<Use>,
    numberless: String,
}

impl Matcher {
    /// Builds the indexes.
    ///
    /// # Errors
    /// There are more phrases than an automaton can hold.
    pub fn new(rules: &RuleSet) -> Result<Self, Error> {
        let mut assembly = Assembly::default();
        for (rule, checked) in rules.rules().iter().enumerate() {
            for role in Role::ALL {
                if let Some(pattern) = checked.pattern(role) {
                    assembly.pattern(Hit { rule, role }, pattern);
                }
            }
        }
        assembly
            .finish()
            .map_err(|error| Error::new(format!("the phrases of these rules are too many to be indexed: {error}")))
    }

    fn find_tokens(&self, folded: &str, workspace: &mut Workspace) {
        let Workspace { plain, numbered, tokens, numberless, .. } = workspace;
        tokens.clear();
        self.plain.find(folded, plain, tokens);
        if folded.bytes().any(|byte| byte.is_ascii_digit()) {
            numberless.clear();
            without_numbers(folded, numberless);
            self.numbered.find(numberless, numbered, tokens);
        }
        if folded.len() <= limits::REGEX_LINE_BYTES {
            tokens.extend(&self.loose);
        }
    }

    /// Every phrase and regex that is in the line, whether or not its pattern comes to a hit there.
    #[must_use]
    pub fn pieces_in(&self, rules: &RuleSet, folded: &str, workspace: &mut Workspace) -> Vec<Piece> {
        self.find_tokens(folded, workspace);
        let matches = |piece: &&Piece| {
            let pattern = pattern_of(rules, Hit { rule: piece.rule, role: piece.role });
            let regex = pattern.and_then(|pattern| pattern.regexes.get(piece.index));
            piece.list != List::Regex || regex.is_some_and(|regex| regex.is_match(folded))
        };
        let found = workspace.tokens.iter().filter_map(|token| self.pieces.get(*token as usize));
        let mut found: Vec<Piece> = found.filter(matches).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The phrases and regexes of a rule.
    pub fn pieces_of(&self, rule: RuleIndex) -> impl Iterator<Item = Piece> {
        let start = self.pieces.partition_point(|piece| piece.rule < rule);
        self.pieces.iter().skip(start).take_while(move |piece| piece.rule == rule).copied()
    }

    /// Takes a phrase away, or puts it back when it is called again with what it returned.
    pub(crate) fn swap(&mut self, piece: Piece, meaning: Meaning) -> Meaning {
        let slot = self.pieces.iter().position(|other| *other == piece).and_then(|token| self.uses.get_mut(token));
        Meaning(slot.map_or(meaning.0, |slot| std::mem::replace(slot, meaning.0)))
    }

    /// Adds the hits of one folded line, ordered.
    pub fn find(&self, rules: &RuleSet, folded: &str, workspace: &mut Workspace, hits: &mut Vec<Hit>) {
        self.find_tokens(folded, workspace);
        let Workspace { tokens, uses, .. } = workspace;
        uses.clear();
        uses.extend(tokens.iter().filter_map(|&token| self.uses.get(token as usize)));
        uses.sort_unstable();
        uses.dedup();
        for found in uses.chunk_by(|a, b| a.pattern == b.pattern) {
            let hit = found.first().and_then(|first| self.patterns.get(first.pattern as usize));
            if let Some(&hit) =
                hit.filter(|hit| pattern_of(rules, **hit).is_some_and(|pattern| holds(pattern, found, folded)))
            {
                hits.push(hit);
            }
        }
    }
}

/// The pattern that a hit is about.
fn pattern_of(rules: &RuleSet, hit: Hit) -> Option<&Pattern> {
    rules.rules().get(hit.rule)?.pattern(hit.role)
}

/// Whether what was found of a pattern is enough. `found` is ordered: except, with, phrase, regex.
fn holds(pattern: &Pattern, found: &[Use], folded: &str) -> bool {
    if found.first().is_some_and(|first| first.part == Part::Except) {
        return false;
    }
    let is_asked = |list: u8| pattern.with.get(usize::from(list)).is_some_and(|phrases| !phrases.is_empty());
    let with = found.iter().filter(|found| matches!(found.part, Part::With(list) if is_asked(list))).count();
    if with < pattern.with.iter().filter(|phrases| !phrases.is_empty()).count() {
        return false;
    }
    found.iter().any(|found| match found.part {
        Part::Phrase => true,
        Part::Regex(index) => pattern.regexes.get(index as usize).is_some_and(|regex| regex.is_match(folded)),
        Part::Except | Part::With(_) => false,
    })
}

/// The line with every number as [`NUMBER`]: digits, with points and commas between them, and a k or m behind.
pub(crate) fn without_numbers(folded: &str, out: &mut String) {
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() {
            out.push(c);
            continue;
        }
        out.push_str(NUMBER);
        let mut rest = chars.clone();
        while let Some(c) = rest.next() {
            let joins = matches!(c, '.' | ',') && rest.peek().is_some_and(char::is_ascii_digit);
            if !c.is_ascii_digit() && !joins {
                let unit = matches!(c, 'k' | 'm') && !rest.peek().is_some_and(|c| c.is_alphanumeric());
                if unit {
                    chars.next();
                }
                break;
            }
            chars.next();
        }
    }
}

/// The indexes while they grow.
#[derive(Debug, Default)]
struct Assembly {
    plain: Builder,
    numbered: Builder,
    uses: Vec<Use>,
    pieces: Vec<Piece>,
    patterns: Vec<Hit>,
    loose: Vec<Token>,
}

impl Assembly {
    fn pattern(&mut self, hit: Hit, pattern: &Pattern) {
        let id = narrow(self.patterns.len());
        self.patterns.push(hit);
        let mut phrases = |phrases: &[Phrase], matching, list, part| {
            for (index, phrase) in phrases.iter().enumerate() {
                let token =
                    self.token(Use { pattern: id, part }, Piece { rule: hit.rule, role: hit.role, list, index });
                let into = if phrase.has_number() { &mut self.numbered } else { &mut self.plain };
                into.phrase(phrase, matching, token);
            }
        };
        phrases(&pattern.phrases, pattern.matching, List::Phrases, Part::Phrase);
        for (list, with) in (0..u8::MAX).zip(&pattern.with) {
            phrases(with, Match::Contains, List::With(list), Part::With(list));
        }
        phrases(&pattern.except, Match::Contains, List::Except, Part::Except);
        for (index, regex) in pattern.regexes.iter().enumerate() {
            let part = Part::Regex(u16::try_from(index).unwrap_or(u16::MAX));
            let piece = Piece { rule: hit.rule, role: hit.role, list: List::Regex, index };
            let token = self.token(Use { pattern: id, part }, piece);
            regex.literals.iter().for_each(|literal| self.plain.literal(literal, token));
            if regex.literals.is_empty() {
                self.loose.push(token);
            }
        }
    }

    fn token(&mut self, meaning: Use, piece: Piece) -> Token {
        self.uses.push(meaning);
        self.pieces.push(piece);
        narrow(self.uses.len() - 1)
    }

    fn finish(self) -> Result<Matcher, aho_corasick::BuildError> {
        let Assembly { plain, numbered, uses, pieces, patterns, loose } = self;
        Ok(Matcher { plain: plain.build()?, numbered: numbered.build()?, uses, pieces, patterns, loose })
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_do_not_count() {
        for (line, numberless) in [
            ("1,204 comments", "{n} comments"),
            ("3.5k shares", "{n} shares"),
            ("24/7", "{n}/{n}"),
            ("5 km, 7.", "{n} km, {n}."),
        ] {
            let mut out = String::new();
            super::without_numbers(line, &mut out);
            assert_eq!(out, numberless);
        }
    }
}
