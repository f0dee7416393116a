//! Which rule's pattern hits which line. No policy: whether anything goes is for [`decide`](crate::decide).

mod page;
mod phrases;

use phrases::{Builder, PhraseIndex, Scratch, Token};

pub use page::{Fence, Page, PageLine, Shape};

use crate::error::Error;
use crate::limits;
use crate::rules::RuleSet;
use crate::rules::pattern::{NUMBER, Pattern, Phrase};
use crate::rules::rule::{Action, RuleIndex};

/// A pattern of a rule hits a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The rule.
    pub rule: RuleIndex,
    /// Which of its patterns.
    pub role: Role,
}

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

/// All patterns of a rule set, ready to be looked for.
#[derive(Debug)]
pub struct Matcher {
    plain: PhraseIndex,
    /// Phrases that say "any number", looked for in the line with its numbers taken out.
    numbered: PhraseIndex,
    uses: Vec<Use>,
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
            let mut add = |role, pattern: &Pattern| assembly.pattern(Hit { rule, role }, pattern);
            match &checked.action {
                Action::Line(pattern) => add(Role::Main, pattern),
                Action::Span(cut) => add(Role::Main, &cut.pattern),
                Action::Keep(keep) => add(Role::Main, &keep.pattern),
                Action::Block { start, end, .. } => {
                    add(Role::Start, start);
                    add(Role::End, end);
                }
                Action::Section { heading, .. } => add(Role::Heading, heading),
                Action::Foreign { topic: Some(topic), .. } => add(Role::Topic, topic),
                Action::Foreign { topic: None, .. } | Action::Run(_) | Action::Duplicate(_) => {}
            }
        }
        assembly
            .finish()
            .map_err(|error| Error::new(format!("the phrases of these rules are too many to be indexed: {error}")))
    }

    /// Adds the hits of one folded line, ordered.
    pub fn find(&self, rules: &RuleSet, folded: &str, workspace: &mut Workspace, hits: &mut Vec<Hit>) {
        let Workspace { plain, numbered, tokens, uses, numberless } = workspace;
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
    match (&rules.rules().get(hit.rule)?.action, hit.role) {
        (Action::Line(pattern), Role::Main) => Some(pattern),
        (Action::Span(cut), Role::Main) => Some(&cut.pattern),
        (Action::Keep(keep), Role::Main) => Some(&keep.pattern),
        (Action::Block { start, .. }, Role::Start) => Some(start),
        (Action::Block { end, .. }, Role::End) => Some(end),
        (Action::Section { heading, .. }, Role::Heading) => Some(heading),
        (Action::Foreign { topic, .. }, Role::Topic) => topic.as_ref(),
        _ => None,
    }
}

/// Whether what was found of a pattern is enough. `found` is ordered: except, with, phrase, regex.
fn holds(pattern: &Pattern, found: &[Use], folded: &str) -> bool {
    if found.first().is_some_and(|first| first.part == Part::Except) {
        return false;
    }
    let with = found.iter().filter(|found| matches!(found.part, Part::With(_))).count();
    if with < pattern.with.len() {
        return false;
    }
    found.iter().any(|found| match found.part {
        Part::Phrase => true,
        Part::Regex(index) => pattern.regexes.get(index as usize).is_some_and(|regex| regex.is_match(folded)),
        Part::Except | Part::With(_) => false,
    })
}

/// The line with every number as [`NUMBER`]: digits, with points and commas between them, and a k or m behind.
fn without_numbers(folded: &str, out: &mut String) {
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
    patterns: Vec<Hit>,
    loose: Vec<Token>,
}

impl Assembly {
    fn pattern(&mut self, hit: Hit, pattern: &Pattern) {
        use crate::rules::file::Match;
        let id = narrow(self.patterns.len());
        self.patterns.push(hit);
        for phrase in &pattern.phrases {
            self.phrase(phrase, pattern.matching, Use { pattern: id, part: Part::Phrase });
        }
        for (list, phrases) in pattern.with.iter().enumerate() {
            let part = Part::With(u8::try_from(list).unwrap_or(u8::MAX));
            phrases.iter().for_each(|phrase| self.phrase(phrase, Match::Contains, Use { pattern: id, part }));
        }
        for phrase in &pattern.except {
            self.phrase(phrase, Match::Contains, Use { pattern: id, part: Part::Except });
        }
        for (index, regex) in pattern.regexes.iter().enumerate() {
            let part = Part::Regex(u16::try_from(index).unwrap_or(u16::MAX));
            let token = self.token(Use { pattern: id, part });
            regex.literals.iter().for_each(|literal| self.plain.literal(literal, token));
            if regex.literals.is_empty() {
                self.loose.push(token);
            }
        }
    }

    fn phrase(&mut self, phrase: &Phrase, matching: crate::rules::file::Match, meaning: Use) {
        let token = self.token(meaning);
        let index = if phrase.has_number() { &mut self.numbered } else { &mut self.plain };
        index.phrase(phrase, matching, token);
    }

    fn token(&mut self, meaning: Use) -> Token {
        self.uses.push(meaning);
        narrow(self.uses.len() - 1)
    }

    fn finish(self) -> Result<Matcher, aho_corasick::BuildError> {
        let Assembly { plain, numbered, uses, patterns, loose } = self;
        Ok(Matcher { plain: plain.build()?, numbered: numbered.build()?, uses, patterns, loose })
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
