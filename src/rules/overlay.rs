//! What a user changes about rules without touching their files, so that an update of the rules loses nothing.

use std::collections::BTreeSet;

use globset::GlobMatcher;
use serde_saphyr::Spanned;

use super::check;
use super::file::{self, Confidence, Level, Match, Text};
use super::mistake;
use super::pattern::{Checker, Role};
use super::set::Source;
use crate::error::Error;
use crate::fold::fold;

/// Changes to a rule.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adjust {
    /// Phrases to look for too.
    pub add_phrases: Vec<Text>,
    /// Phrases not to look for.
    pub drop_phrases: Vec<Text>,
    /// Another confidence: from which level on the rule runs.
    pub confidence: Option<Spanned<Confidence>>,
}

/// A user's changes to a set of rules, with the file that they stand in.
#[derive(Debug, Clone, Copy)]
pub struct Overlay<'o> {
    /// The file.
    pub source: Source<'o>,
    /// Globs of ids of rules that are not to run.
    pub disable: &'o [Text],
    /// Ids of rules, and what changes about each.
    pub adjust: &'o [(Text, Adjust)],
}

/// A change that was made to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub what: Edit,
    /// `path:line` where it is asked for.
    pub place: String,
}

/// What was done to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The phrase was added.
    Added(String),
    /// The phrase was taken out.
    Dropped(String),
    /// The confidence is another one than this, which the rule's file has.
    Confidence(Confidence),
}

impl Overlay<'_> {
    fn checker(&self) -> Checker<'_> {
        Checker { source: self.source.text, phrases: 0, regexes: 0 }
    }

    /// What tells whether a rule is switched off, made once for many rules.
    pub(super) fn disabling(&self) -> Result<Vec<GlobMatcher>, Error> {
        let compiled =
            |glob| Ok(check::glob(&self.checker(), glob).map_err(|error| self.here(error))?.compile_matcher());
        self.disable.iter().map(compiled).collect()
    }

    /// The glob that switches the rule off.
    pub(super) fn disables(&self, id: &str) -> Result<bool, Error> {
        let mut disables = false;
        for glob in self.disable {
            disables |=
                check::glob(&self.checker(), glob).map_err(|error| self.here(error))?.compile_matcher().is_match(id);
        }
        Ok(disables)
    }

    /// Changes the rule as it is written.
    pub(super) fn apply(&self, id: &str, rule: &mut file::Rule) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        for (_, adjust) in self.adjust.iter().filter(|(name, _)| name.value == id) {
            self.adjust(adjust, rule, &mut changes).map_err(|error| self.here(error))?;
        }
        Ok(changes)
    }

    fn adjust(&self, adjust: &Adjust, rule: &mut file::Rule, changes: &mut Vec<Change>) -> Result<(), Error> {
        let mut checker = self.checker();
        let id = rule.id.value.clone();
        let place = |place: usize| format!("{}:{place}", self.source.path.display());
        if let Some(confidence) = &adjust.confidence {
            let line = mistake::place(self.source.text, confidence).line;
            changes.push(Change { what: Edit::Confidence(rule.confidence), place: place(line) });
            rule.confidence = confidence.value;
            // A guard that names a level of its own is not to act before the rule may.
            let least = Level::from(confidence.value);
            for guard in &mut rule.guard.0 {
                guard.level = guard.level.map(|level| level.max(least));
            }
        }
        for phrase in adjust.add_phrases.iter().chain(&adjust.drop_phrases) {
            let asks = if adjust.add_phrases.iter().any(|other| std::ptr::eq(other, phrase)) { "add" } else { "drop" };
            let line = mistake::place(self.source.text, phrase).line;
            let matching = [Role::Main, Role::Heading, Role::Start].iter().find_map(|role| rule.pattern(*role));
            let matching = matching.map_or(Match::Whole, |pattern| pattern.matching);
            let Some(phrases) = phrases_of(rule) else {
                return Err(checker
                    .error(phrase, format!("`{id}` looks for no phrases, so there is none to {asks}"))
                    .help("`add_phrases` and `drop_phrases` are for rules that look for phrases"));
            };
            if asks == "add" {
                let folded = checker.phrases(std::slice::from_ref(phrase), matching)?;
                if folded.iter().any(|phrase| phrase.is_one_character()) {
                    return Err(checker
                        .error(phrase, "a phrase of one character is in every text")
                        .help("write a rule of your own, with a guard"));
                }
                phrases.push(phrase.clone());
                changes.push(Change { what: Edit::Added(phrase.value.clone()), place: place(line) });
            } else {
                let before = phrases.len();
                phrases.retain(|other| fold(&other.value) != fold(&phrase.value));
                if phrases.len() == before {
                    let names: Vec<&str> = phrases.iter().map(|phrase| phrase.value.as_str()).collect();
                    let message = format!("`{id}` has no phrase {:?}", phrase.value);
                    return Err(checker.error(phrase, message).help(mistake::nearest_only(&phrase.value, &names)));
                }
                changes.push(Change { what: Edit::Dropped(phrase.value.clone()), place: place(line) });
            }
        }
        Ok(())
    }

    /// That every name in it is the name of something.
    pub(super) fn check_names(&self, ids: &[String]) -> Result<(), Error> {
        // Of a glob for a whole pack, it is the pack's name that is wrong.
        let packs: BTreeSet<String> =
            ids.iter().filter_map(|id| Some(format!("{}/*", id.split_once('/')?.0))).collect();
        let unknown = |name: &Text| {
            let known =
                if name.value.ends_with("/*") { packs.iter().collect() } else { ids.iter().collect::<Vec<_>>() };
            let message = format!("no rule is called `{}`", name.value);
            self.here(self.checker().error(name, message).help(mistake::nearest_only(&name.value, &known)))
        };
        for glob in self.disable {
            let matcher = check::glob(&self.checker(), glob).map_err(|error| self.here(error))?.compile_matcher();
            if !ids.iter().any(|id| matcher.is_match(id)) {
                return Err(unknown(glob));
            }
        }
        match self.adjust.iter().find(|(name, _)| !ids.contains(&name.value)) {
            Some((name, _)) => Err(unknown(name)),
            None => Ok(()),
        }
    }

    fn here(&self, error: Error) -> Error {
        error.in_file(self.source.path)
    }
}

/// The list that phrases are added to.
fn phrases_of(rule: &mut file::Rule) -> Option<&mut Vec<Text>> {
    let line = rule.line.as_mut().map(|line| &mut line.phrases);
    let section = rule.section.as_mut().map(|section| &mut section.heading.phrases);
    let block = rule.block.as_mut().map(|block| &mut block.start.phrases);
    let span = rule.span.as_mut().map(|span| &mut span.phrases);
    let keep = rule.keep.as_mut().map(|keep| &mut keep.phrases);
    line.or(section).or(block).or(span).or(keep)
}
