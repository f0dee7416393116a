//! Takes each part of a rule away in turn. A part that no example misses is one that nobody would see break.

use super::example::{Attempt, attempts, wording};
use super::probes::{Probe, Probes};
use crate::clean::Cleaner;
use crate::error::Error;
use crate::matcher::{List, Meaning, Piece, Role, Workspace};
use crate::rules::pattern::{LineRegex, Phrases};
use crate::rules::rule::{Guard, Rule, RuleIndex};

/// A part of a rule whose absence no example of the rule notices.
#[derive(Debug, Clone)]
pub struct Survivor {
    /// The rule.
    pub rule: RuleIndex,
    /// What was taken away, in words.
    pub what: String,
    /// An example that would notice, if one was found.
    pub example: Option<Probe>,
}

/// Takes away each phrase, regex, `except`, `with` and guard of the rules for which `wanted` holds, one at a time, and
/// tells which of these no example notices.
///
/// The cleaner is the same afterwards as before.
///
/// # Errors
/// An example is too long to be a text.
pub fn mutate(cleaner: &mut Cleaner, wanted: impl Fn(&Rule) -> bool) -> Result<Vec<Survivor>, Error> {
    let rules = cleaner.rules().rules().iter().enumerate();
    let chosen: Vec<RuleIndex> = rules.filter(|(_, rule)| wanted(rule)).map(|(rule, _)| rule).collect();
    let mut survivors = Vec::new();
    for rule in chosen {
        survivors.extend(Bench::new(cleaner, rule)?.survivors()?);
    }
    Ok(survivors)
}

/// What is taken away.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Piece(Piece),
    /// The whole of a `with` list.
    With(Role, usize),
    Condition(usize, Condition),
    /// One of several guards.
    Alternative(usize),
}

/// A condition of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    MinChars,
    MaxChars,
    MinWords,
    MaxWords,
    Where,
    AtEnd,
    Near,
    Firm,
    MaxHits,
    MaxShare,
    Case,
    DocumentNot,
}

const CONDITIONS: [Condition; 12] = [
    Condition::MinChars,
    Condition::MaxChars,
    Condition::MinWords,
    Condition::MaxWords,
    Condition::Where,
    Condition::AtEnd,
    Condition::Near,
    Condition::Firm,
    Condition::MaxHits,
    Condition::MaxShare,
    Condition::Case,
    Condition::DocumentNot,
];

impl Condition {
    fn name(self) -> &'static str {
        match self {
            Condition::MinChars => "min_chars",
            Condition::MaxChars => "max_chars",
            Condition::MinWords => "min_words",
            Condition::MaxWords => "max_words",
            Condition::Where => "where",
            Condition::AtEnd => "at_end",
            Condition::Near => "near",
            Condition::Firm => "near.firm",
            Condition::MaxHits => "max_hits",
            Condition::MaxShare => "max_share",
            Condition::Case => "case",
            Condition::DocumentNot => "document_not",
        }
    }

    fn is_in(self, guard: &Guard) -> bool {
        match self {
            Condition::MinChars => guard.min_chars > 0,
            Condition::MaxChars => guard.max_chars.is_some(),
            Condition::MinWords => guard.min_words > 0,
            Condition::MaxWords => guard.max_words.is_some(),
            Condition::Where => guard.place.is_some(),
            Condition::AtEnd => guard.at_end,
            Condition::Near => guard.near.is_some(),
            Condition::Firm => guard.near.as_ref().is_some_and(|near| near.firm),
            Condition::MaxHits => guard.max_hits.is_some(),
            Condition::MaxShare => guard.max_share.is_some(),
            Condition::Case => guard.case.is_some(),
            Condition::DocumentNot => !guard.document_not.is_empty(),
        }
    }

    fn drop_from(self, guard: &mut Guard) {
        match self {
            Condition::MinChars => guard.min_chars = 0,
            Condition::MaxChars => guard.max_chars = None,
            Condition::MinWords => guard.min_words = 0,
            Condition::MaxWords => guard.max_words = None,
            Condition::Where => guard.place = None,
            Condition::AtEnd => guard.at_end = false,
            Condition::Near => guard.near = None,
            Condition::Firm => guard.near.iter_mut().for_each(|near| near.firm = false),
            Condition::MaxHits => guard.max_hits = None,
            Condition::MaxShare => guard.max_share = None,
            Condition::Case => guard.case = None,
            Condition::DocumentNot => guard.document_not.clear(),
        }
    }
}

impl Part {
    fn wording(self, rule: &Rule) -> String {
        let of = |guard: usize| match rule.guards.len() {
            1 => String::new(),
            _ => format!(" of guard {}", guard + 1),
        };
        match self {
            Part::Piece(piece) => wording(rule, piece),
            Part::With(_, list) => format!("the `with` list {}", list + 1),
            Part::Condition(guard, condition) => format!("`{}`{}", condition.name(), of(guard)),
            Part::Alternative(guard) => format!("guard {}", guard + 1),
        }
    }
}

/// All parts of a rule that can be taken away.
fn parts(cleaner: &Cleaner, rule: RuleIndex) -> Vec<Part> {
    let mut parts: Vec<Part> = cleaner.matcher().pieces_of(rule).map(Part::Piece).collect();
    let Some(checked) = cleaner.rules().rules().get(rule) else { return parts };
    for role in Role::ALL {
        let lists = checked.pattern(role).map_or(0, |pattern| pattern.with.len());
        parts.extend((0..lists).map(|list| Part::With(role, list)));
    }
    for (index, guard) in checked.guards.iter().enumerate() {
        let there = CONDITIONS.iter().filter(|condition| condition.is_in(guard));
        parts.extend(there.map(|condition| Part::Condition(index, *condition)));
    }
    if checked.guards.len() > 1 {
        parts.extend((0..checked.guards.len()).map(Part::Alternative));
    }
    parts
}

/// Calls `then` while a part is away.
fn without<T>(
    cleaner: &mut Cleaner,
    rule: RuleIndex,
    part: Part,
    then: impl FnOnce(&Cleaner) -> Result<T, Error>,
) -> Result<T, Error> {
    match part {
        Part::Piece(piece) if piece.list == List::Regex => {
            let mut other = LineRegex::nothing()?;
            let mut swap = |cleaner: &mut Cleaner| {
                let checked = cleaner.parts_mut().0.rule_mut(rule);
                let regexes = checked.and_then(|rule| rule.pattern_mut(piece.role)).map(|pattern| &mut pattern.regexes);
                if let Some(regex) = regexes.and_then(|regexes| regexes.get_mut(piece.index)) {
                    std::mem::swap(regex, &mut other);
                }
            };
            swap(cleaner);
            let result = then(cleaner);
            swap(cleaner);
            result
        }
        Part::Piece(piece) => {
            let meaning = cleaner.parts_mut().1.swap(piece, Meaning::NONE);
            let result = then(cleaner);
            cleaner.parts_mut().1.swap(piece, meaning);
            result
        }
        Part::With(role, list) => {
            let mut other = Phrases::default();
            let mut swap = |cleaner: &mut Cleaner| {
                let checked = cleaner.parts_mut().0.rule_mut(rule);
                let with = checked.and_then(|rule| rule.pattern_mut(role)).map(|pattern| &mut pattern.with);
                if let Some(phrases) = with.and_then(|with| with.get_mut(list)) {
                    std::mem::swap(phrases, &mut other);
                }
            };
            swap(cleaner);
            let result = then(cleaner);
            swap(cleaner);
            result
        }
        Part::Condition(..) | Part::Alternative(_) => {
            let mut guards = cleaner.rules().rules().get(rule).map(|rule| rule.guards.clone()).unwrap_or_default();
            match part {
                Part::Alternative(index) => drop(guards.remove(index)),
                Part::Condition(index, condition) => {
                    guards.get_mut(index).into_iter().for_each(|guard| condition.drop_from(guard));
                }
                _ => {}
            }
            let mut swap = |cleaner: &mut Cleaner| {
                let checked = cleaner.parts_mut().0.rule_mut(rule);
                checked.into_iter().for_each(|rule| std::mem::swap(&mut rule.guards, &mut guards));
            };
            swap(cleaner);
            let result = then(cleaner);
            swap(cleaner);
            result
        }
    }
}

/// One rule on the bench, with its examples and the phrases in each.
struct Bench<'c> {
    cleaner: &'c mut Cleaner,
    rule: RuleIndex,
    examples: Vec<(Attempt, Vec<Piece>)>,
    probes: Option<Probes>,
}

impl<'c> Bench<'c> {
    fn new(cleaner: &'c mut Cleaner, rule: RuleIndex) -> Result<Self, Error> {
        let mut workspace = Workspace::default();
        let mut examples = Vec::new();
        for attempt in cleaner.rules().rules().get(rule).map(attempts).unwrap_or_default() {
            if attempt.run(cleaner, rule)?.is_none() {
                let pieces = attempt.pieces(cleaner, rule, &mut workspace);
                examples.push((attempt, pieces));
            }
        }
        Ok(Self { cleaner, rule, examples, probes: None })
    }

    fn survivors(mut self) -> Result<Vec<Survivor>, Error> {
        let mut survivors = Vec::new();
        for part in parts(self.cleaner, self.rule) {
            if self.is_noticed(part)? {
                continue;
            }
            let example = self.example_for(part)?;
            let checked = self.cleaner.rules().rules().get(self.rule);
            let what = checked.map(|rule| part.wording(rule)).unwrap_or_default();
            survivors.push(Survivor { rule: self.rule, what, example });
        }
        Ok(survivors)
    }

    /// Whether an example comes out otherwise without that part.
    fn is_noticed(&mut self, part: Part) -> Result<bool, Error> {
        let Self { cleaner, rule, examples, .. } = self;
        // What stands in no example changes none.
        let concerned = |pieces: &Vec<Piece>| !matches!(part, Part::Piece(piece) if !pieces.contains(&piece));
        without(cleaner, *rule, part, |cleaner| {
            for (attempt, _) in examples.iter().filter(|(_, pieces)| concerned(pieces)) {
                if attempt.run(cleaner, *rule)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// A text that the rule and the rule without that part make different things of. It counts as an example from now on.
    fn example_for(&mut self, part: Part) -> Result<Option<Probe>, Error> {
        let (cleaner, rule) = (&mut *self.cleaner, self.rule);
        let mut probes = match self.probes.take() {
            Some(probes) => probes,
            None => Probes::of(cleaner, rule)?,
        };
        let found = match part {
            Part::Piece(piece) => {
                let about = probes.about(cleaner, piece)?;
                first_to_notice(cleaner, rule, part, &about)?
            }
            _ => {
                let (mut place, mut found) = (0, None);
                while let Some(next) = probes.next(cleaner, rule, place)?.filter(|_| found.is_none()) {
                    found = first_to_notice(cleaner, rule, part, &next)?;
                    place += 1;
                }
                found
            }
        };
        self.probes = Some(probes);
        let checked = |cleaner: &Cleaner, probe: &Probe| {
            cleaner.rules().rules().get(rule).map(|rule| probe.attempts(rule)).unwrap_or_default()
        };
        if let Some(probe) = &found {
            let mut workspace = Workspace::default();
            for attempt in checked(self.cleaner, probe) {
                if attempt.run(self.cleaner, rule)?.is_none() {
                    let pieces = attempt.pieces(self.cleaner, rule, &mut workspace);
                    self.examples.push((attempt, pieces));
                }
            }
        }
        Ok(found)
    }
}

/// The first of these probes that comes out otherwise without that part.
fn first_to_notice(
    cleaner: &mut Cleaner,
    rule: RuleIndex,
    part: Part,
    probes: &[Probe],
) -> Result<Option<Probe>, Error> {
    without(cleaner, rule, part, |cleaner| {
        for probe in probes {
            let attempts = cleaner.rules().rules().get(rule).map(|rule| probe.attempts(rule)).unwrap_or_default();
            for attempt in attempts {
                if attempt.run(cleaner, rule)?.is_some() {
                    return Ok(Some(probe.clone()));
                }
            }
        }
        Ok(None)
    })
}
