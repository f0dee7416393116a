//! What keep-rules protect, and the kinds of document that they tell.

use rustc_hash::FxHashMap;

use super::candidates::{Candidate, Marks};
use super::guards::Court;
use super::structure::{Anchors, Structure};
use crate::matcher::{Page, Role};
use crate::rules::RuleSet;
use crate::rules::file::{Level, Unit};
use crate::rules::rule::{Action, Keep, RuleIndex};

/// Lines and documents that some rules must leave alone.
#[derive(Debug)]
pub(super) struct Kept<'k> {
    rules: &'k RuleSet,
    /// What tells the document's kind.
    pub kinds: Vec<Kind<'k>>,
    /// By rule: the keep-rule that holds it back from the whole document.
    document: FxHashMap<RuleIndex, RuleIndex>,
    /// Lines and the keep-rule that protects them, ordered by line.
    lines: Vec<(usize, RuleIndex)>,
}

/// A kind that a document may have.
#[derive(Debug)]
pub(super) struct Kind<'k> {
    pub name: &'k str,
    /// Lines that tell it, in order.
    signs: Vec<usize>,
    /// How many it takes.
    least: usize,
}

impl Kind<'_> {
    /// Whether the lines before that one tell it.
    pub(super) fn holds_above(&self, line: usize) -> bool {
        self.signs.partition_point(|sign| *sign < line) >= self.least
    }
}

impl<'k> Kept<'k> {
    /// Keep-rules hold at every level; head and tail are told by all prose, whatever other rules make of it.
    pub(super) fn new(
        rules: &'k RuleSet,
        in_scope: &[bool],
        page: &Page<'_>,
        structure: &Structure,
        marks: &Marks,
    ) -> Self {
        let mut kept = Self { rules, kinds: Vec::new(), document: FxHashMap::default(), lines: Vec::new() };
        let anchors = Anchors::new(structure.prose.iter().copied());
        let court = Court { page, structure, level: Level::Eager, kinds: &[] };
        let mut prompted: Vec<(RuleIndex, &Vec<usize>)> =
            marks.iter().filter_map(|((rule, role), marks)| (*role == Role::Main).then_some((*rule, marks))).collect();
        prompted.sort_unstable_by_key(|(rule, _)| *rule);
        for (index, marks) in prompted {
            let Some(rule) = rules.rules().get(index) else { continue };
            let (Action::Keep(keep), Some(true)) = (&rule.action, in_scope.get(index)) else { continue };
            let candidates: Vec<Candidate> = marks.iter().map(|&at| Candidate::new(index, at..at + 1)).collect();
            let crowds = court.crowds(rule, &candidates);
            let holds = |candidate: &&Candidate| court.standing(rule, candidate, &crowds, anchors).is_ok();
            let holding: Vec<usize> = candidates.iter().filter(holds).map(|candidate| candidate.lines.start).collect();
            if holding.len() >= keep.min_hits {
                kept.keep(index, keep, &holding, page);
                let least = keep.min_hits;
                kept.kinds.extend(keep.kind.as_deref().map(|name| Kind { name, signs: holding, least }));
            }
        }
        kept.lines.sort_unstable();
        kept
    }

    fn keep(&mut self, index: RuleIndex, keep: &Keep, holding: &[usize], page: &Page<'_>) {
        match keep.unit {
            Unit::Document => {
                for &rule in &keep.from {
                    self.document.entry(rule).or_insert(index);
                }
            }
            Unit::Line => self.lines.extend(holding.iter().map(|&at| (at, index))),
            Unit::Block => {
                let lines = page.lines();
                let begins = |index: &usize| lines.get(*index).is_none_or(|line| line.blank_before);
                let mut done = 0;
                for &at in holding.iter() {
                    if at < done {
                        continue;
                    }
                    let start = (done..=at).rev().find(begins).unwrap_or(at);
                    done = (at + 1..lines.len()).find(begins).unwrap_or(lines.len());
                    self.lines.extend((start..done).map(|line| (line, index)));
                }
            }
        }
    }

    /// The keep-rule that protects the document, or some line of a candidate, from its rule.
    pub(super) fn from(&self, candidate: &Candidate) -> Option<RuleIndex> {
        if let Some(keep) = self.document.get(&candidate.rule) {
            return Some(*keep);
        }
        let first = self.lines.partition_point(|(line, _)| *line < candidate.lines.start);
        let inside = self.lines.iter().skip(first).take_while(|(line, _)| *line < candidate.lines.end);
        inside.map(|(_, keep)| *keep).find(|keep| self.protects(*keep, candidate.rule))
    }

    /// A value a line: whether it is protected from that rule.
    pub(super) fn lines_from(&self, rule: RuleIndex, count: usize) -> Vec<bool> {
        let mut kept = vec![false; count];
        for (line, _) in self.lines.iter().filter(|(_, keep)| self.protects(*keep, rule)) {
            if let Some(slot) = kept.get_mut(*line) {
                *slot = true;
            }
        }
        kept
    }

    fn protects(&self, keep: RuleIndex, rule: RuleIndex) -> bool {
        match self.rules.rules().get(keep).map(|keep| &keep.action) {
            Some(Action::Keep(keep)) => keep.from.binary_search(&rule).is_ok(),
            _ => false,
        }
    }
}
