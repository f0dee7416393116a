//! The indexes of rules: put together once, written into the binary, and read from it.

use super::phrases::{Builder, PhraseIndex, Token};
use super::table::{Numbers, narrow};
use super::words::{Form, Sample};
use super::{Hit, Part, Role, Use};
use crate::embedded;
use crate::rules::RuleSet;
use crate::rules::file::Match;
use crate::rules::pattern::{LineRegex, Pattern, Phrase};
use crate::rules::rule::{Rule, RuleIndex};

/// Where the rules that were checked when dechaff was built are now, by their places then.
pub(super) fn frozen_places(rules: &RuleSet) -> Vec<Option<RuleIndex>> {
    let mut places = Vec::new();
    for (index, rule) in rules.rules().iter().enumerate() {
        let Some(frozen) = rule.frozen else { continue };
        if places.len() <= frozen {
            places.resize(frozen + 1, None);
        }
        if let Some(place) = places.get_mut(frozen) {
            *place = Some(index);
        }
    }
    places
}

/// The indexes of some rules.
pub(super) struct Assembled {
    pub(super) plain: PhraseIndex,
    pub(super) numbered: PhraseIndex,
    pub(super) lists: PhraseIndex,
    pub(super) uses: Vec<Use>,
    /// `None` for those of rules that are switched off.
    pub(super) patterns: Vec<Option<(Hit, Part)>>,
    pub(super) loose: Numbers,
}

impl Assembled {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let role = |role: Role| Role::ALL.iter().position(|other| *other == role).map_or(0, narrow);
        let patterns = self.patterns.iter().flatten();
        let patterns = patterns.flat_map(|(hit, trigger)| [narrow(hit.rule), role(hit.role), trigger.packed()]);
        patterns.collect::<Numbers>().write(out);
        self.uses.iter().flat_map(|Use { pattern, part }| [*pattern, part.packed()]).collect::<Numbers>().write(out);
        self.loose.write(out);
        self.plain.write(out);
        self.numbered.write(out);
        self.lists.write(out);
    }

    /// Reads those of the built-in rules, which are elsewhere now.
    pub(super) fn read(places: &[Option<RuleIndex>]) -> Option<Self> {
        let mut from = embedded::matcher();
        let (patterns, uses) = (Numbers::read(&mut from)?, Numbers::read(&mut from)?);
        let patterns = (0..patterns.len() / 3).map(|pattern| {
            let [rule, role, trigger] = [0, 1, 2].map(|column| patterns.get(3 * pattern + column));
            let role = Role::ALL.get(role? as usize).copied()?;
            let rule = places.get(rule? as usize).copied().flatten()?;
            Some((Hit { rule, role }, Part::unpacked(trigger?)?))
        });
        let patterns = patterns.collect();
        let uses = pairs(&uses).map(|(pattern, part)| Some(Use { pattern, part: Part::unpacked(part)? }));
        let (uses, loose) = (uses.collect::<Option<_>>()?, Numbers::read(&mut from)?);
        let (plain, numbered) = (PhraseIndex::read(&mut from)?, PhraseIndex::read(&mut from)?);
        Some(Self { plain, numbered, lists: PhraseIndex::read(&mut from)?, uses, patterns, loose })
    }
}

fn pairs(numbers: &Numbers) -> impl Iterator<Item = (u32, u32)> {
    (0..numbers.len() / 2).filter_map(|pair| Some((numbers.get(2 * pair)?, numbers.get(2 * pair + 1)?)))
}

/// The indexes while they grow.
pub(super) struct Assembly<'s> {
    sample: &'s Sample,
    plain: Builder,
    numbered: Builder,
    lists: Builder,
    uses: Vec<Use>,
    patterns: Vec<(Hit, Part)>,
    loose: Vec<Token>,
}

impl<'s> Assembly<'s> {
    pub(super) fn of<'r>(rules: impl Iterator<Item = (RuleIndex, &'r Rule)>, sample: &'s Sample) -> Self {
        let (plain, numbered, lists) = Default::default();
        let (uses, patterns, loose) = Default::default();
        let mut assembly = Assembly { sample, plain, numbered, lists, uses, patterns, loose };
        for (rule, checked) in rules {
            for role in Role::ALL {
                if let Some(pattern) = checked.pattern(role) {
                    assembly.pattern(Hit { rule, role }, pattern);
                }
            }
        }
        assembly
    }

    fn pattern(&mut self, hit: Hit, pattern: &Pattern) {
        let id = narrow(self.patterns.len());
        let trigger = self.trigger(pattern);
        self.patterns.push((hit, trigger));
        let mut phrases = |phrases: &[Phrase], matching, part| {
            for phrase in phrases {
                let token = self.token(Use { pattern: id, part });
                let into = match (phrase.has_number(), part.is_of(trigger)) {
                    (true, _) => &mut self.numbered,
                    (false, true) => &mut self.plain,
                    (false, false) => &mut self.lists,
                };
                into.phrase(phrase, matching, token);
            }
        };
        phrases(&pattern.phrases, pattern.matching, Part::Phrase);
        for (list, with) in (0..u8::MAX).zip(&pattern.with) {
            phrases(with, Match::Contains, Part::With(list));
        }
        phrases(&pattern.except, Match::Contains, Part::Except);
        for (index, regex) in pattern.regexes.iter().enumerate() {
            let part = Part::Regex(u16::try_from(index).unwrap_or(u16::MAX));
            let token = self.token(Use { pattern: id, part });
            let into = if part.is_of(trigger) { &mut self.plain } else { &mut self.lists };
            regex.literals.iter().for_each(|literal| into.literal(literal, token));
            if regex.literals.is_empty() {
                self.loose.push(token);
            }
        }
    }

    /// The rarest of the lists of which something must be in a line; of equals the pattern's own.
    fn trigger(&self, pattern: &Pattern) -> Part {
        let seen = |text: &str, open_end: bool, starts: bool| {
            u64::from(self.sample.of(Form { text: text.as_bytes(), starts, ends: !open_end }))
        };
        let of_phrases = |phrases: &[Phrase]| -> u64 {
            phrases.iter().flat_map(|phrase| phrase.texts.iter().map(|text| seen(text, phrase.open_end, true))).sum()
        };
        let of_regex = |regex: &LineRegex| match regex.literals.is_empty() {
            true => u64::from(u32::MAX),
            false => regex.literals.iter().map(|literal| seen(&literal.text, true, literal.starts)).sum(),
        };
        let at_ends = pattern.matching != Match::Contains;
        let own = if at_ends { 0 } else { of_phrases(&pattern.phrases) };
        let own = own + pattern.regexes.iter().map(of_regex).sum::<u64>();
        let lists = (0..u8::MAX).zip(&pattern.with).filter(|(_, phrases)| !phrases.is_empty());
        let lists = lists.map(|(list, phrases)| (Part::With(list), of_phrases(phrases)));
        std::iter::once((Part::Phrase, own))
            .chain(lists)
            .min_by_key(|(_, seen)| *seen)
            .map_or(Part::Phrase, |(by, _)| by)
    }

    fn token(&mut self, meaning: Use) -> Token {
        self.uses.push(meaning);
        narrow(self.uses.len() - 1)
    }

    pub(super) fn finish(self, sample: &Sample) -> Assembled {
        let Assembly { plain, numbered, lists, uses, patterns, loose, .. } = self;
        let numbered = numbered.build(sample, None);
        Assembled {
            plain: plain.build(sample, Some(&numbered)),
            numbered,
            lists: lists.build(sample, None),
            uses,
            patterns: patterns.into_iter().map(Some).collect(),
            loose: loose.into_iter().collect(),
        }
    }
}
