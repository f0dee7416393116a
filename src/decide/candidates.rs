//! What each rule would take if nothing held it back.

use std::collections::hash_map::Entry;
use std::ops::Range;

use super::Judge;
use super::held::{Held, Reason};
use super::structure::Structure;
use foldhash::{HashMap, HashMapExt};
use rustc_hash::FxHashMap;

use crate::language::{Language, Verdict};
use crate::matcher::{Page, PageLine, Role};
use crate::rules::RuleSet;
use crate::rules::file::{Copies, ItemKind, Items, NoEnd, Run, Unit};
use crate::rules::rule::{Action, Duplicate, RuleIndex};

/// Lines that a rule would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub rule: RuleIndex,
    /// Places on the page.
    pub lines: Range<usize>,
    /// Only a part of the line is meant; which is seen when it goes.
    pub part: bool,
}

impl Candidate {
    pub(super) fn new(rule: RuleIndex, lines: Range<usize>) -> Self {
        Self { rule, lines, part: false }
    }
}

/// The places on the page that a rule's pattern hits, in order.
pub(super) type Marks = FxHashMap<(RuleIndex, Role), Vec<usize>>;

pub(super) fn marks(page: &Page<'_>) -> Marks {
    let mut marks = Marks::default();
    for (index, line) in page.lines().iter().enumerate() {
        for hit in page.hits(line) {
            marks.entry((hit.rule, hit.role)).or_default().push(index);
        }
    }
    marks
}

/// The earlier lines of a page that read the same as a line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Twins {
    first: Option<usize>,
    last: Option<usize>,
}

/// Of every line of the page.
pub(super) fn twins(page: &Page<'_>) -> Vec<Twins> {
    let mut seen: HashMap<&str, (usize, usize)> = HashMap::with_capacity(page.lines().len());
    let twins_of = |(index, line)| match seen.entry(page.folded(line)) {
        Entry::Occupied(mut seen) => {
            let (first, last) = *seen.get();
            seen.insert((first, index));
            Twins { first: Some(first), last: Some(last) }
        }
        Entry::Vacant(slot) => {
            slot.insert((index, index));
            Twins::default()
        }
    };
    page.lines().iter().enumerate().map(twins_of).collect()
}

/// What the search for candidates looks at, and what it found out on the way.
#[derive(Debug)]
pub(super) struct Search<'s> {
    pub page: &'s Page<'s>,
    pub rules: &'s RuleSet,
    pub structure: &'s Structure,
    pub marks: Marks,
    /// Of every line, once candidates are looked for by their text.
    pub twins: Vec<Twins>,
    pub trace: bool,
    pub held: Vec<Held>,
}

impl Search<'_> {
    pub(super) fn marked(&self, rule: RuleIndex, role: Role) -> &[usize] {
        self.marks.get(&(rule, role)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_protected(&self, lines: Range<usize>) -> bool {
        self.structure.protected.get(lines).is_some_and(|lines| lines.contains(&true))
    }

    /// Notes what held a rule back, where somebody wants to know.
    pub(super) fn hold(&mut self, rule: RuleIndex, index: usize, reason: Reason) {
        if !self.trace {
            return;
        }
        let line = self.page.lines().get(index).map_or(0, |line| line.line);
        self.held.push(Held { rule, line, reason });
    }

    /// Candidates of a rule that needs nothing but the text: everything except what looks at other rules' hits, and foreign lines.
    pub(super) fn by_text(&mut self, rule: RuleIndex, out: &mut Vec<Candidate>) {
        let Some(checked) = self.rules.rules().get(rule) else {
            return;
        };
        let begin = out.len();
        match &checked.action {
            Action::Line(_) => {
                out.extend(self.marked(rule, Role::Main).iter().map(|&at| Candidate::new(rule, at..at + 1)))
            }
            Action::Span(_) => out.extend(self.marked(rule, Role::Main).iter().map(|&at| Candidate {
                rule,
                lines: at..at + 1,
                part: true,
            })),
            Action::Block { max_lines, no_end, .. } => self.blocks(rule, *max_lines, *no_end, out),
            Action::Duplicate(duplicate) => match duplicate.unit {
                Unit::Line => self.repeated_lines(rule, duplicate, out),
                Unit::Block | Unit::Document => self.repeated_blocks(rule, duplicate, out),
            },
            Action::Section { .. }
            | Action::Run(_)
            | Action::Masthead(_)
            | Action::Ending(_)
            | Action::Foreign { .. }
            | Action::Evidence(_)
            | Action::Keep(_) => {}
        }
        let found = out.split_off(begin);
        let (protected, free): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|candidate| self.is_protected(candidate.lines.clone()));
        out.extend(free);
        protected.iter().for_each(|candidate| self.hold(rule, candidate.lines.start, Reason::Protected));
    }

    fn blocks(&mut self, rule: RuleIndex, max_lines: usize, no_end: NoEnd, out: &mut Vec<Candidate>) {
        let starts = self.marked(rule, Role::Start).to_vec();
        let ends = self.marked(rule, Role::End).to_vec();
        let count = self.page.lines().len();
        let mut free_from = 0;
        for start in starts {
            if start < free_from {
                continue;
            }
            let last = start + max_lines;
            let found =
                ends.get(ends.partition_point(|&end| end < start)).map(|&end| end + 1).filter(|&end| end <= last);
            let end = found.or_else(|| match no_end {
                NoEnd::Keep => None,
                NoEnd::Paragraph => {
                    let rest = self.page.lines().iter().enumerate().take(last + 1).skip(start + 1);
                    Some(
                        rest.into_iter()
                            .find(|(_, line)| line.blank_before)
                            .map_or(count.min(last + 1), |(index, _)| index),
                    )
                    .filter(|&end| end <= last)
                }
                NoEnd::Document => Some(count).filter(|&end| end <= last),
            });
            match end {
                Some(end) => {
                    out.push(Candidate::new(rule, start..end));
                    free_from = end;
                }
                None => self.hold(rule, start, Reason::NoBlockEnd { max_lines }),
            }
        }
    }

    fn repeated_lines(&self, rule: RuleIndex, duplicate: &Duplicate, out: &mut Vec<Candidate>) {
        let reach = duplicate.within_lines.unwrap_or(usize::MAX);
        for (index, line) in self.page.lines().iter().enumerate() {
            if line.words == 0 || line.chars < duplicate.min_chars || line.words < duplicate.min_words {
                continue;
            }
            let earlier = match duplicate.credited_by.is_empty() {
                true => self.twins.get(index).and_then(|twins| twins.last),
                false => self.credited_twin(index, duplicate),
            };
            let Some(earlier) = earlier.filter(|earlier| index - earlier <= reach) else {
                continue;
            };
            match duplicate.keep {
                Copies::First => out.push(Candidate::new(rule, index..index + 1)),
                Copies::None if index - earlier == 1 => out.push(Candidate::new(rule, earlier..index + 1)),
                Copies::None => out.extend([earlier, index].map(|at| Candidate::new(rule, at..at + 1))),
            }
        }
    }

    /// The nearest earlier line that is the same but for a credit behind one of the two.
    fn credited_twin(&self, index: usize, duplicate: &Duplicate) -> Option<usize> {
        let lines = self.page.lines();
        let text = self.page.folded(lines.get(index)?);
        let first = index.saturating_sub(duplicate.within_lines.unwrap_or(1));
        (first..index).rev().find(|&earlier| {
            let Some(other) = lines.get(earlier).map(|line| self.page.folded(line)).filter(|other| !other.is_empty())
            else {
                return false;
            };
            let Some(rest) = text.strip_prefix(other).or_else(|| other.strip_prefix(text)) else { return false };
            let credit = rest.trim_matches(|c: char| !c.is_alphanumeric());
            duplicate.credited_by.iter().any(|phrase| {
                phrase.texts.iter().any(|text| if phrase.open_end { credit.starts_with(text) } else { credit == text })
            })
        })
    }

    fn repeated_blocks(&self, rule: RuleIndex, duplicate: &Duplicate, out: &mut Vec<Candidate>) {
        let lines = self.page.lines();
        let mut run: Option<(usize, usize)> = None;
        for (index, line) in lines.iter().enumerate() {
            let barred =
                self.is_protected(index..index + 1) || duplicate.max_words.is_some_and(|most| line.words > most);
            let source = self.twins.get(index).and_then(|twins| twins.first).filter(|_| !barred);
            match (run, source) {
                (Some((start, from)), Some(source)) if source == from + index - start => {}
                (before, source) => {
                    self.close_run(rule, duplicate, before.map(|(start, from)| (start..index, from)), out);
                    run = source.map(|source| (index, source));
                }
            }
        }
        self.close_run(rule, duplicate, run.map(|(start, from)| (start..lines.len(), from)), out);
    }

    /// A block that repeats, and where the first copy of it begins.
    fn close_run(
        &self,
        rule: RuleIndex,
        duplicate: &Duplicate,
        run: Option<(Range<usize>, usize)>,
        out: &mut Vec<Candidate>,
    ) {
        let Some((run, first)) = run.filter(|(run, _)| run.len() >= duplicate.min_run) else {
            return;
        };
        let lines = self.page.lines().get(run.clone()).unwrap_or_default();
        let words: usize = lines.iter().map(|line| line.words).sum();
        let chars: usize = lines.iter().map(|line| line.chars).sum();
        let prose = self.structure.prose.get(run.clone()).unwrap_or_default().iter().filter(|prose| **prose).count();
        let share = words as f64 / self.structure.words.max(1) as f64;
        if words >= duplicate.min_words.max(1)
            && chars >= duplicate.min_chars
            && prose >= duplicate.min_prose_lines
            && share >= duplicate.min_share
        {
            if duplicate.keep == Copies::None {
                out.push(Candidate::new(rule, first..(first + run.len()).min(run.start)));
            }
            out.push(Candidate::new(rule, run));
        }
    }

    /// Stretches of short lines between and around the hits of other rules.
    pub(super) fn runs(&self, rule: RuleIndex, run: &Run, is_hit: &[bool], kept: &[bool], out: &mut Vec<Candidate>) {
        if is_hit.iter().filter(|hit| **hit).count() < run.min_hits {
            return;
        }
        let mut open: Option<Stretch> = None;
        for (index, line) in self.page.lines().iter().enumerate() {
            let of = |list: &[bool]| list.get(index).copied().unwrap_or(false);
            let uncarried = line.words > run.max_words || line.shape.heading.is_some();
            let stops = line.chars > run.max_chars
                || of(&self.structure.prose)
                || of(&self.structure.protected)
                || of(kept)
                || uncarried && !of(is_hit);
            if let Some(stretch) = open.filter(|stretch| stops || index - stretch.last > run.max_gap.saturating_add(1))
            {
                out.extend(stretch.closed(run).map(|lines| Candidate::new(rule, lines)));
                open = None;
            }
            if of(is_hit) && !stops {
                let stretch = open.get_or_insert(Stretch { start: index, last: index, hits: 0 });
                stretch.last = index;
                stretch.hits += 1;
            }
        }
        out.extend(open.and_then(|stretch| stretch.closed(run)).map(|lines| Candidate::new(rule, lines)));
    }

    /// Headings and the lists under them. Lines in `gone` are passed over, wherever they stand.
    pub(super) fn sections(&mut self, rule: RuleIndex, items: &Items, gone: &[bool], out: &mut Vec<Candidate>) {
        if self.marked(rule, Role::Heading).is_empty() {
            return;
        }
        let mut free_from = 0;
        let there: Vec<usize> = (0..self.page.lines().len()).filter(|&index| gone.get(index) != Some(&true)).collect();
        for heading in self.marked(rule, Role::Heading).to_vec() {
            if heading < free_from || self.is_protected(heading..heading + 1) {
                continue;
            }
            match self.section(heading, items, &there) {
                Ok(end) => {
                    out.push(Candidate::new(rule, heading..end));
                    free_from = end;
                }
                Err(why) => self.hold(rule, heading, Reason::NoSection(why)),
            }
        }
    }

    /// The end of the section under a heading; `there` are the lines that are not gone.
    fn section(&self, heading: usize, items: &Items, there: &[usize]) -> Result<usize, &'static str> {
        let rank = self.page.lines().get(heading).and_then(|line| line.shape.heading);
        let (mut count, mut words, mut end) = (0, 0, heading + 1);
        let below = there.partition_point(|&index| index <= heading);
        for &index in there.get(below..).unwrap_or_default() {
            let Some(line) = self.page.lines().get(index) else { break };
            if !self.is_item(index, line, items)
                || line.shape.heading.is_some_and(|other| rank.is_none_or(|rank| other <= rank))
            {
                break;
            }
            count += 1;
            words += line.words;
            end = index + 1;
            if count > items.max.value {
                return Err("more items under the heading than the rule allows");
            }
        }
        if count < items.min {
            return Err("fewer items under the heading than the rule asks for");
        }
        match items.max_words.is_some_and(|most| words > most) {
            true => Err("more words under the heading than the rule allows"),
            false => Ok(end),
        }
    }

    fn is_item(&self, index: usize, line: &PageLine, items: &Items) -> bool {
        let of = |list: &[bool]| list.get(index).copied().unwrap_or(false);
        let kind = match items.kind {
            ItemKind::Any => true,
            ItemKind::Bullet => line.shape.bullet,
            ItemKind::Title => !line.shape.sentence || self.page.folded(line).ends_with('?'),
        };
        // A teaser may be as long as a sentence; with a cap on its length the rule says how long.
        let prose = of(&self.structure.prose) && !(line.shape.bullet && items.max_chars.is_some());
        kind && !prose && !of(&self.structure.protected) && items.max_chars.is_none_or(|most| line.chars <= most)
    }

    /// What every line is, if it is in another language than the document; blocks of fewer characters, and languages
    /// that are less sure, do not count.
    pub(super) fn foreign_lines(
        &self,
        judge: &Judge<'_>,
        document: Verdict,
        least: (usize, f64),
    ) -> Vec<Option<Alien>> {
        let (min_chars, min_confidence) = least;
        let languages = judge.languages;
        let lines = self.page.lines();
        let mut found = vec![None; lines.len()];
        let look = |folded: &str, chars: usize| {
            let seen = languages.of_foreign_line(document, folded).filter(|(_, sure)| *sure >= min_confidence);
            seen.map(|(language, sure)| Alien { language, sure, chars })
        };
        let open: Vec<bool> = lines
            .iter()
            .enumerate()
            .map(|(index, line)| {
                // No block begins or goes on with a shorter line.
                line.chars >= min_chars / 2
                    && !self.is_protected(index..index + 1)
                    && !languages.explains(document.language, self.page.passage(line))
            })
            .collect();
        let mut start = 0;
        while let Some(line) = lines.get(start) {
            let mut end = start + 1;
            // Hard-wrapped lines that stand together are one block; the lines of a list are not.
            let wrapped = |line: &PageLine| (min_chars / 2..min_chars).contains(&line.chars) && !line.shape.bullet;
            if wrapped(line) {
                let joins = |(index, line): (usize, &PageLine)| {
                    open.get(index) == Some(&true) && !line.blank_before && wrapped(line)
                };
                end += lines.iter().enumerate().skip(end).take_while(|&next| joins(next)).count();
            }
            let block = lines.get(start..end).unwrap_or_default();
            let chars: usize = block.iter().map(|line| line.chars).sum();
            if open.get(start) == Some(&true) && chars >= min_chars {
                let folded: Vec<&str> = block.iter().map(|line| self.page.folded(line)).collect();
                let seen = look(&folded.join(" "), chars);
                found.get_mut(start..end).unwrap_or_default().fill(seen);
            }
            start = end;
        }
        found
    }

    /// Runs of lines in one foreign language; where a topic is asked for, those that have a word about it.
    pub(super) fn foreign(&self, rule: RuleIndex, of_line: &[Option<Alien>], out: &mut Vec<Candidate>) {
        let Some(Action::Foreign { min_chars, min_confidence, topic }) =
            self.rules.rules().get(rule).map(|rule| &rule.action)
        else {
            return;
        };
        let topics = self.marked(rule, Role::Topic);
        let counts = |alien: &&Alien| alien.chars >= *min_chars && alien.sure >= *min_confidence;
        let spoken: Vec<Option<Language>> =
            of_line.iter().map(|alien| alien.as_ref().filter(counts).map(|alien| alien.language)).collect();
        let mut start = 0;
        for run in spoken.chunk_by(|a, b| a == b) {
            let lines = start..start + run.len();
            start = lines.end;
            let on_topic =
                || topics.get(topics.partition_point(|&at| at < lines.start)).is_some_and(|at| lines.contains(at));
            if run.first().is_some_and(Option::is_some) && (topic.is_none() || on_topic()) {
                out.push(Candidate::new(rule, lines));
            }
        }
    }
}

/// A line, or a block of short ones that stand together, in another language than the document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alien {
    language: Language,
    /// How sure whatlang is, 0 to 1.
    sure: f64,
    /// Characters of the block.
    chars: usize,
}

#[derive(Debug, Clone, Copy)]
struct Stretch {
    start: usize,
    last: usize,
    hits: usize,
}

impl Stretch {
    fn closed(self, run: &Run) -> Option<Range<usize>> {
        let lines = self.start..self.last + 1;
        let share = self.hits as f64 / lines.len() as f64;
        (self.hits >= run.min_hits && share >= run.min_share).then_some(lines)
    }
}
