//! Lines that no rule names and whose points are below the bar.

use super::candidates::Candidate;
use super::{Hearing, Judgement};
use crate::evidence::{Bar, Measure, Model, Part, Points, best_bar};
use crate::measure::{self, Weighed};
use crate::rules::file::{Input, Level};
use crate::rules::rule::{Action, Rule, RuleIndex};

/// What spoke for and against a line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineEvidence {
    /// The rule that weighed it.
    pub rule: RuleIndex,
    /// The line, by its place in the document's table.
    pub line: usize,
    /// Its points, in hundredths.
    pub points: Points,
    /// The least points with which a line of this page stays.
    pub bar: Points,
    /// What the points are made of, the largest first.
    pub parts: Vec<Part>,
    /// What it has by itself, the largest first; empty where that is all.
    pub own: Vec<Part>,
    /// The line's phrases that have points.
    pub phrases: Vec<(String, Points)>,
}

/// Below so many points a line is rather no content than content.
const EVEN: Points = 0;

impl Hearing<'_> {
    /// Weighs the page by every evidence rule for such input, and takes what is below the bar.
    pub(super) fn weigh(&mut self, active: &[(RuleIndex, &Rule)], input: Input, title: Option<&str>) {
        let terms = self.judge.terms;
        for (index, rule) in active {
            let Action::Evidence(evidence) = &rule.action else { continue };
            let runs = rule.guards.iter().any(|guard| guard.level <= terms.level);
            if evidence.input != input || !runs {
                continue;
            }
            let Some(model) = self.rules().model(evidence) else { continue };
            let weighed = measure::weigh(self.page, self.rules(), model, title, &model.measures());
            let words: Vec<usize> = self.page.lines().iter().map(|line| line.words).collect();
            let Some(bar) = bar(model, terms.level, &weighed, &words) else { continue };
            let below = weighed.points.iter().enumerate().filter(|(_, points)| **points < bar);
            let below = below.filter(|(line, _)| !self.search.is_protected(*line..line + 1));
            let candidates: Vec<Candidate> = below.map(|(line, _)| Candidate::new(*index, line..line + 1)).collect();
            if input == Input::Page && !words.is_empty() {
                let kept = weighed.points.iter().filter(|points| **points >= bar).max();
                self.no_article = kept.is_none_or(|best| *best < EVEN);
            }
            if terms.trace {
                self.note(*index, model, &weighed, bar);
            }
            self.rule_on_lines(&candidates);
        }
    }

    fn note(&mut self, rule: RuleIndex, model: &Model, weighed: &Weighed, bar: Points) {
        for (at, (line, points)) in self.page.lines().iter().zip(&weighed.points).enumerate() {
            let (parts, own) = (model.parts(&weighed.table, at), model.own_parts(&weighed.table, at));
            let mut phrases = model.lexicon.phrases_in(self.page.folded(line));
            phrases.sort_by_key(|(_, points)| std::cmp::Reverse(points.abs()));
            self.weighed.push(LineEvidence { rule, line: line.line, points: *points, bar, parts, own, phrases });
        }
    }
}

impl Judgement {
    /// Whether the page was looked at for an article and no line that stays is more likely content than not.
    #[must_use]
    pub fn has_no_article(&self) -> bool {
        self.no_article
    }
}

/// The least points with which a line of a page stays; `None` where nothing goes at this level.
fn bar(model: &Model, level: Level, weighed: &Weighed, words: &[usize]) -> Option<Points> {
    let bar = match level {
        Level::Careful => model.bars.careful,
        Level::Normal => model.bars.normal,
        Level::Eager => model.bars.eager,
    };
    bar.map(|bar| match bar {
        Bar::Points(points) => points,
        Bar::OfPage { below_best, below_unknown } => {
            let known = weighed.table.of_page(Measure::PageKnown).is_some_and(|known| known > 0.0);
            best_bar(&weighed.points, words) - if known { below_best } else { below_unknown }
        }
    })
}
