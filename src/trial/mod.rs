//! The workbench of rules: runs the examples that they carry, tells what no example exercises, and takes parts of rules
//! away to see whether an example misses them.

mod example;
mod mutants;
mod probes;

use std::fmt;

pub use example::{Attempt, Kind, attempts};
pub use mutants::{Survivor, mutate};
pub use probes::Probe;

use crate::clean::Cleaner;
use crate::matcher::{Piece, Workspace};
use crate::rules::rule::{Action, Rule, RuleIndex};

/// An example that did not come out as its rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Full id of the rule.
    pub rule: String,
    /// `path:line` of the rule.
    pub place: String,
    /// What is wrong, in a sentence.
    pub what: String,
    /// The example's text.
    pub input: String,
    /// For cases: what came out and what should have.
    pub difference: Option<(String, String)>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})\n  {}", self.rule, self.place, self.what)?;
        let mut indented = |title: &str, text: &str| {
            writeln!(f, "  {title}:")?;
            text.lines().try_for_each(|line| writeln!(f, "    | {line}"))
        };
        indented("text", &self.input)?;
        if let Some((is, should)) = &self.difference {
            indented("came out", is)?;
            indented("should be", should)?;
        }
        Ok(())
    }
}

/// How the examples of some rules came out.
#[derive(Debug, Default)]
pub struct Trial {
    /// Examples that were tried; one with a place-holder counts once for each phrase.
    pub examples: usize,
    /// Those that failed.
    pub failures: Vec<Failure>,
}

/// Tries the examples of the rules for which `wanted` holds.
///
/// A text that a rule removes something of is tried at the level that it names, else at the rule's first; a near miss at
/// the rule's first level and at `eager`; a case at the rule's first level, twice. All other rules are there too.
///
/// # Errors
/// An example is too long to be a text.
pub fn run(cleaner: &Cleaner, wanted: impl Fn(&Rule) -> bool) -> Result<Trial, crate::Error> {
    let mut trial = Trial::default();
    for (index, rule) in cleaner.rules().rules().iter().enumerate().filter(|(_, rule)| wanted(rule)) {
        for attempt in attempts(rule) {
            trial.examples += 1;
            if let Some(wrong) = attempt.run(cleaner, index)? {
                trial.failures.push(Failure {
                    rule: rule.id.clone(),
                    place: format!("{}:{}", rule.path.display(), rule.line),
                    what: wrong.what,
                    input: attempt.text,
                    difference: wrong.difference,
                });
            }
        }
    }
    Ok(trial)
}

/// A rule, or a phrase or regex of it, that no example makes fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    /// The rule.
    pub rule: RuleIndex,
    /// What of it; all of it where there is nothing here.
    pub piece: Option<Piece>,
}

/// Which rules, phrases and regexes no example of their own rule makes fire.
///
/// A phrase fires where it stands in a line of a text that the rule removes something of; an `except` phrase where it
/// stands in a near miss.
///
/// # Errors
/// An example is too long to be a text.
pub fn uncovered(cleaner: &Cleaner, wanted: impl Fn(&Rule) -> bool) -> Result<Vec<Uncovered>, crate::Error> {
    let mut workspace = Workspace::default();
    let mut uncovered = Vec::new();
    for (rule, checked) in cleaner.rules().rules().iter().enumerate().filter(|(_, rule)| wanted(rule)) {
        let mut missing: Vec<Piece> = cleaner.matcher().pieces_of(rule).collect();
        let mut fires = false;
        for attempt in attempts(checked) {
            let acts = matches!(checked.action, Action::Keep(_)) || attempt.acts(cleaner, rule)?;
            fires |= acts;
            let seen = attempt.pieces(cleaner, rule, &mut workspace);
            missing.retain(|piece| {
                let counts = acts || piece.list == crate::matcher::List::Except;
                !(counts && seen.contains(piece))
            });
        }
        match fires {
            true => uncovered.extend(missing.into_iter().map(|piece| Uncovered { rule, piece: Some(piece) })),
            false => uncovered.push(Uncovered { rule, piece: None }),
        }
    }
    Ok(uncovered)
}

/// The first text that an example stands for.
#[must_use]
pub fn first_filled(rule: &Rule, example: &crate::rules::file::Example) -> String {
    let filled = example::filled(&example.text, &example::lists(rule));
    filled.into_iter().next().unwrap_or_default()
}

/// The place-holders that examples of the rule can have.
#[must_use]
pub fn place_holders(rule: &Rule) -> Vec<String> {
    example::lists(rule).into_iter().map(|(name, _)| name).collect()
}

/// A phrase or regex in words: "the phrase ...".
#[must_use]
pub fn wording(rules: &crate::rules::RuleSet, piece: Piece) -> String {
    rules.rules().get(piece.rule).map(|rule| example::wording(rule, piece)).unwrap_or_default()
}
