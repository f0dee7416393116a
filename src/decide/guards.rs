//! Whether a candidate may go: the guards of its rule, one alternative after the other.

use super::candidates::Candidate;
use super::held::Reason;
use super::keeps::Kind;
use super::structure::{Anchors, Structure};
use crate::matcher::Page;
use crate::rules::RuleSet;
use crate::rules::file::{Case, Level};
use crate::rules::rule::{Action, Guard, Near, Rule, RuleIndex};

/// What is still to be asked when a candidate's own text and place allow it to go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing<'r> {
    /// Nothing: it goes.
    Firm,
    /// Whether other noise is near, and whether only removed lines follow.
    Leaning { near: Option<&'r Near>, at_end: bool },
}

/// How many candidates of one rule a guard's text lets pass, and their words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Crowd {
    hits: usize,
    words: usize,
}

/// What guards look at.
#[derive(Debug)]
pub(super) struct Court<'c> {
    pub page: &'c Page<'c>,
    pub structure: &'c Structure,
    pub level: Level,
    pub kinds: &'c [Kind<'c>],
}

impl Court<'_> {
    /// Whether the text alone lets the rule act at this level: what counts as a hit for runs and for telling the article.
    pub(super) fn text_allows(&self, rule: &Rule, candidate: &Candidate) -> bool {
        rule.guards.iter().any(|guard| guard.level <= self.level && self.check_text(guard, candidate).is_ok())
    }

    /// What all candidates of one rule come to together, a value a guard.
    pub(super) fn crowds(&self, rule: &Rule, alike: &[Candidate]) -> Vec<Crowd> {
        let crowd = |guard: &Guard| {
            if guard.max_hits.is_none() && guard.max_share.is_none() {
                return Crowd::default();
            }
            let allowed = alike.iter().filter(|candidate| self.check_text(guard, candidate).is_ok());
            allowed.fold(Crowd::default(), |crowd, candidate| Crowd {
                hits: crowd.hits + 1,
                words: crowd.words + self.words(candidate),
            })
        };
        rule.guards.iter().map(crowd).collect()
    }

    /// All ways in which a candidate may go, only the first where that has no conditions; or why there is none.
    ///
    /// `crowds` are those of the same rule.
    pub(super) fn standing<'r>(
        &self,
        rule: &'r Rule,
        candidate: &Candidate,
        crowds: &[Crowd],
        anchors: Anchors,
    ) -> Result<Vec<Standing<'r>>, Reason> {
        let mut ways = Vec::new();
        let mut reason = None;
        for (guard, crowd) in rule.guards.iter().zip(crowds) {
            match self.check(rule, guard, candidate, *crowd, anchors) {
                Ok(()) if guard.near.is_none() && !guard.at_end => return Ok(vec![Standing::Firm]),
                Ok(()) => ways.push(Standing::Leaning { near: guard.near.as_ref(), at_end: guard.at_end }),
                Err(why) => reason = Some(why),
            }
        }
        match reason {
            Some(reason) if ways.is_empty() => Err(reason),
            _ => Ok(ways),
        }
    }

    fn check(
        &self,
        rule: &Rule,
        guard: &Guard,
        candidate: &Candidate,
        crowd: Crowd,
        anchors: Anchors,
    ) -> Result<(), Reason> {
        if guard.level > self.level {
            return Err(Reason::Level(guard.level));
        }
        self.check_text(guard, candidate)?;
        // What an ending takes does not tell what stands above it: comments below an article make no forum of it.
        let told_above = match rule.action {
            Action::Ending(_) => candidate.lines.start,
            _ => self.page.lines().len(),
        };
        let is_barred = |kind: &&Kind<'_>| {
            guard.document_not.iter().any(|barred| barred == kind.name) && kind.holds_above(told_above)
        };
        if let Some(kind) = self.kinds.iter().find(is_barred) {
            return Err(Reason::DocumentKind(kind.name.to_owned()));
        }
        if let Some(place) =
            guard.place.filter(|place| !anchors.holds(*place, candidate.lines.start, candidate.lines.end))
        {
            return Err(Reason::Place(place));
        }
        if let Some(most) = guard.max_hits.filter(|most| crowd.hits > *most) {
            return Err(Reason::TooManyHits { is: crowd.hits, most });
        }
        let share = crowd.words as f64 / self.structure.words.max(1) as f64;
        if let Some(most) = guard.max_share.filter(|most| share > *most) {
            return Err(Reason::TooLargeShare { is: share, most });
        }
        Ok(())
    }

    fn check_text(&self, guard: &Guard, candidate: &Candidate) -> Result<(), Reason> {
        let lines = self.page.lines().get(candidate.lines.clone()).unwrap_or_default();
        let chars: usize = lines.iter().map(|line| line.chars).sum();
        let words = self.words(candidate);
        if chars < guard.min_chars {
            return Err(Reason::TooFewChars { is: chars, least: guard.min_chars });
        }
        if words < guard.min_words {
            return Err(Reason::TooFewWords { is: words, least: guard.min_words });
        }
        if let Some(most) = guard.max_chars.filter(|most| chars > *most) {
            return Err(Reason::TooManyChars { is: chars, most });
        }
        if let Some(most) = guard.max_words.filter(|most| words > *most) {
            return Err(Reason::TooManyWords { is: words, most });
        }
        match guard.case.is_some_and(|case| !lines.iter().all(|line| is_written_in(case, self.page.text(line)))) {
            true => Err(Reason::Case),
            false => Ok(()),
        }
    }

    fn words(&self, candidate: &Candidate) -> usize {
        self.page.lines().get(candidate.lines.clone()).unwrap_or_default().iter().map(|line| line.words).sum()
    }
}

/// Whether a text is written in capitals, or with a capital at most of its words.
fn is_written_in(case: Case, text: &str) -> bool {
    match case {
        Case::Upper => {
            let count = |kind: fn(char) -> bool| text.chars().filter(|c| kind(*c)).count();
            count(char::is_uppercase) > count(char::is_numeric) && count(char::is_lowercase) == 0
        }
        Case::Title => {
            let starts = || {
                text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
                    .filter_map(|word| word.chars().next())
            };
            let letters = starts().filter(|c| c.is_alphabetic()).count();
            let capitals = starts().filter(|c| c.is_uppercase()).count();
            letters > 0 && capitals * 2 > letters
        }
    }
}

/// The hits that may stand beside a weak one, ordered by line.
#[derive(Debug)]
pub(super) struct Neighbours {
    hits: Vec<Neighbour>,
}

#[derive(Debug)]
struct Neighbour {
    line: usize,
    rule: RuleIndex,
    firm: bool,
}

impl Neighbours {
    /// From candidates that go, or would go beside other noise; `bool` says which.
    pub(super) fn new<'c>(candidates: impl Iterator<Item = (&'c Candidate, bool)>) -> Self {
        let mut hits: Vec<Neighbour> = candidates
            .filter(|(candidate, _)| !candidate.part)
            .flat_map(|(candidate, firm)| {
                candidate.lines.clone().map(move |line| Neighbour { line, rule: candidate.rule, firm })
            })
            .collect();
        hits.sort_by_key(|hit| hit.line);
        Self { hits }
    }

    /// Whether another rule's hit of the right kind is close enough, on another line.
    pub(super) fn support(&self, rules: &RuleSet, candidate: &Candidate, near: &Near) -> bool {
        let from = candidate.lines.start.saturating_sub(near.within_lines);
        let to = candidate.lines.end + near.within_lines;
        let first = self.hits.partition_point(|hit| hit.line < from);
        self.hits.iter().skip(first).take_while(|hit| hit.line < to).any(|hit| {
            hit.rule != candidate.rule
                && !candidate.lines.contains(&hit.line)
                && (hit.firm || !near.firm)
                && rules.rules().get(hit.rule).is_some_and(|rule| near.categories.contains(&rule.category))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_how_names_are_written() {
        assert!(is_written_in(Case::Title, "By Anna O’Neill and Bo Lind"));
        assert!(!is_written_in(Case::Title, "By tool and by trade"));
        assert!(is_written_in(Case::Upper, "NEWS 24"));
        assert!(!is_written_in(Case::Upper, "24") && !is_written_in(Case::Upper, "EUR 60.24"));
    }
}
