//! A checked evidence file: what a line's measures come to.

use serde_saphyr::Spanned;

use super::file::{self, Bars, EvidenceFile, Fault};
use super::lexicon::Lexicon;
use super::measure::{Measure, Table};
use crate::error::{self, Error};
use crate::language::Profile;
use crate::limits;

/// Hundredths of a point: what sums are kept in.
pub type Points = i32;

/// A checked evidence file.
#[derive(Debug)]
pub struct Model {
    /// The name that rules have for it.
    pub name: String,
    /// What it tells, in a sentence.
    pub about: String,
    /// Its phrases, and the function words of every language.
    pub lexicon: Lexicon,
    /// The least points with which a line stays.
    pub bars: Bars,
    line: Sum,
    context: Option<Sum>,
}

#[derive(Debug)]
struct Sum {
    bias: Points,
    /// Terms go by the same few axes, so a line is binned once on each.
    axes: Vec<Axis>,
    terms: Vec<Term>,
}

/// Points by the bins of one measure or two, as places among the axes.
#[derive(Debug)]
struct Term {
    rows: usize,
    columns: Option<usize>,
    /// How many columns there are.
    width: usize,
    /// Row by row.
    points: Vec<Points>,
}

/// A measure and where its bins meet.
#[derive(Debug, PartialEq)]
struct Axis {
    measure: Measure,
    /// Filled up with edges that nothing lies above, so that all of them are compared at once.
    edges: [f32; limits::EVIDENCE_BINS],
    bins: usize,
}

/// A part of what speaks for or against a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What was measured: one measure or two, each with its value.
    pub measures: Vec<(Measure, f32)>,
    /// What that adds.
    pub points: Points,
}

impl Model {
    /// Checks an evidence file. The function words are those of the languages.
    ///
    /// # Errors
    /// It names a measure that is not known, has edges that do not grow, or points that do not fit the edges.
    pub fn new(file: EvidenceFile, languages: &[Profile]) -> Result<Self, Fault> {
        if file.schema.value != 1 {
            let message = format!("schema {} is not known to this dechaff", file.schema.value);
            return Err(fault(&file.schema, message, "write `schema: 1`"));
        }
        let phrases = file.phrases.iter().flat_map(|phrases| {
            let points = hundredths(phrases.points);
            phrases.phrases.lines().map(move |phrase| (phrase, points))
        });
        Ok(Self {
            lexicon: Lexicon::new(phrases, languages),
            line: Sum::new(&file.line)?,
            context: file.context.as_ref().map(Sum::new).transpose()?,
            name: file.model,
            about: file.about,
            bars: file.bars,
        })
    }

    /// Whether the points of the lines around a line count.
    #[must_use]
    pub fn has_context(&self) -> bool {
        self.context.is_some()
    }

    /// The points that each line has by itself: the more, the more it is content.
    #[must_use]
    pub fn points_of_lines(&self, table: &Table) -> Vec<Points> {
        self.line.points(table)
    }

    /// The points of each line, those of the lines around it being among the measures; its own where context does not count.
    #[must_use]
    pub fn points_in_context(&self, table: &Table) -> Vec<Points> {
        self.context.as_ref().unwrap_or(&self.line).points(table)
    }

    /// What the points of one line are made of beside what every line has, the largest first.
    #[must_use]
    pub fn parts(&self, table: &Table, line: usize) -> Vec<Part> {
        self.context.as_ref().unwrap_or(&self.line).parts(table, line)
    }

    /// The same of the points that the line has by itself, where context counts; else nothing.
    #[must_use]
    pub fn own_parts(&self, table: &Table, line: usize) -> Vec<Part> {
        self.context.as_ref().map_or_else(Vec::new, |_| self.line.parts(table, line))
    }
}

impl Sum {
    fn new(written: &file::Sum) -> Result<Self, Fault> {
        let mut sum = Self { bias: hundredths(written.bias), axes: Vec::new(), terms: Vec::new() };
        for single in &written.measures {
            let rows = sum.axis(&single.measure, &single.edges)?;
            sum.term(&single.measure, rows, None, &single.points)?;
        }
        for pair in &written.pairs {
            let [first, second] = &pair.measures;
            let [rows, columns] = &pair.edges;
            let (rows, columns) = (sum.axis(first, rows)?, sum.axis(second, columns)?);
            let points: Result<Vec<f64>, _> = pair.points.split_whitespace().map(str::parse).collect();
            let points = points.map_err(|_| {
                let message = format!("the points of `{}` and `{}` are no numbers", first.value, second.value);
                fault(first, message, "a row for each bin of the first, in it a number for each bin of the second")
            })?;
            sum.term(first, rows, Some(columns), &points)?;
        }
        Ok(sum)
    }

    fn axis(&mut self, name: &Spanned<String>, edges: &[f32]) -> Result<usize, Fault> {
        let axis = Axis::new(name, edges)?;
        let there = self.axes.iter().position(|other| *other == axis);
        Ok(there.unwrap_or_else(|| {
            self.axes.push(axis);
            self.axes.len() - 1
        }))
    }

    fn term(
        &mut self,
        name: &Spanned<String>,
        rows: usize,
        columns: Option<usize>,
        points: &[f64],
    ) -> Result<(), Fault> {
        let bins = |axis: usize| self.axes.get(axis).map_or(1, |axis| axis.bins);
        let width = columns.map_or(1, bins);
        if points.len() != bins(rows) * width {
            let message = format!("there are {} bins here and points for {}", bins(rows) * width, points.len());
            return Err(fault(name, message, "there is one bin more than there are edges, and each has its points"));
        }
        self.terms.push(Term { rows, columns, width, points: points.iter().copied().map(hundredths).collect() });
        Ok(())
    }

    fn points(&self, table: &Table) -> Vec<Points> {
        let binned: Vec<Vec<u8>> = self.axes.iter().map(|axis| axis.binned(table)).collect();
        let of_axis = |axis: usize| binned.get(axis).map_or(&[][..], Vec::as_slice);
        let mut sums = vec![self.bias; table.lines()];
        for term in &self.terms {
            let rows = of_axis(term.rows);
            match term.columns.map(of_axis) {
                None => {
                    for (sum, row) in sums.iter_mut().zip(rows) {
                        *sum += term.points.get(usize::from(*row)).copied().unwrap_or(0);
                    }
                }
                Some(columns) => {
                    for ((sum, row), column) in sums.iter_mut().zip(rows).zip(columns) {
                        let cell = usize::from(*row) * term.width + usize::from(*column);
                        *sum += term.points.get(cell).copied().unwrap_or(0);
                    }
                }
            }
        }
        sums
    }

    fn parts(&self, table: &Table, line: usize) -> Vec<Part> {
        let at = |axis: usize| {
            let axis = self.axes.get(axis)?;
            let value = table.column(axis.measure).get(line).copied().unwrap_or(0.0);
            Some((axis.measure, value, usize::from(axis.bin(value))))
        };
        let part = |term: &Term| {
            let (rows, columns) = (at(term.rows), term.columns.and_then(at));
            let cell = rows.map_or(0, |(_, _, bin)| bin) * term.width + columns.map_or(0, |(_, _, bin)| bin);
            let measures = rows.into_iter().chain(columns).map(|(measure, value, _)| (measure, value)).collect();
            Part { measures, points: term.points.get(cell).copied().unwrap_or(0) }
        };
        let mut parts: Vec<Part> = self.terms.iter().map(part).collect();
        parts.retain(|part| part.points != 0);
        parts.sort_by_key(|part| std::cmp::Reverse(part.points.abs()));
        parts
    }
}

impl Axis {
    fn new(name: &Spanned<String>, written: &[f32]) -> Result<Self, Fault> {
        let measure = Measure::find(&name.value).ok_or_else(|| {
            let best = error::nearest(&name.value, Measure::ALL.iter().map(|measure| measure.name()));
            let best = best.map_or("", |(_, best)| best);
            let help = format!("did you mean `{best}`? `dechaff evidence measures` lists them");
            fault(name, format!("no measure is called `{}`", name.value), help)
        })?;
        let mut edges = [f32::INFINITY; limits::EVIDENCE_BINS];
        if written.len() >= edges.len() || !written.is_sorted_by(|a, b| a < b) {
            let message = format!("the edges of `{}` do not grow, or are too many", name.value);
            let help = format!("each edge is larger than the one before; at most {}", edges.len() - 1);
            return Err(fault(name, message, help));
        }
        edges.iter_mut().zip(written).for_each(|(slot, edge)| *slot = *edge);
        Ok(Self { measure, edges, bins: written.len() + 1 })
    }

    /// The bin of each line's value.
    fn binned(&self, table: &Table) -> Vec<u8> {
        table.column(self.measure).iter().map(|value| self.bin(*value)).collect()
    }

    /// The bin of a value: how many edges lie below it.
    fn bin(&self, value: f32) -> u8 {
        self.edges.iter().map(|edge| u8::from(value > *edge)).sum()
    }
}

fn fault<T>(at: &Spanned<T>, message: String, help: impl Into<String>) -> Fault {
    Fault { error: Error::new(message).help(help), at: at.referenced }
}

/// Points as they are kept.
pub(crate) fn hundredths(points: f64) -> Points {
    (points.clamp(-limits::EVIDENCE_POINTS, limits::EVIDENCE_POINTS) * 100.0).round() as Points
}

/// Beyond these points, in hundredths, a line is as good as certain.
const CERTAIN: Points = 800;
/// Width of a step of the histogram, in hundredths.
const STEP: Points = 5;

/// The bar with the best F1 that is to be expected of a page, points being log odds.
///
/// Expected F1 of keeping the lines from a bar on is twice their expected content over their words and the expected
/// content of the page. A histogram keeps this linear.
#[must_use]
pub fn best_bar(points: &[Points], words: &[usize]) -> Points {
    let mut histogram = vec![0_usize; (2 * CERTAIN / STEP) as usize + 1];
    for (points, words) in points.iter().zip(words) {
        let step = (points.clamp(&-CERTAIN, &CERTAIN) + CERTAIN) / STEP;
        if let Some(slot) = histogram.get_mut(step as usize) {
            *slot += words;
        }
    }
    let points_at = |step: usize| step as Points * STEP - CERTAIN;
    let chance = |step: usize| 1.0 / (1.0 + (-f64::from(points_at(step)) / 100.0).exp());
    let content: f64 = histogram.iter().enumerate().map(|(step, words)| chance(step) * *words as f64).sum();
    let (mut kept, mut gained, mut best, mut bar) = (0.0, 0.0, 0.0, CERTAIN);
    for (step, words) in histogram.iter().enumerate().rev().filter(|(_, words)| **words > 0) {
        kept += *words as f64;
        gained += chance(step) * *words as f64;
        let expected = 2.0 * gained / (kept + content);
        if expected > best {
            (best, bar) = (expected, points_at(step));
        }
    }
    bar
}

#[cfg(test)]
mod tests {
    use serde_saphyr::Location;

    use super::*;

    #[test]
    fn the_best_bar_keeps_what_is_likely_and_worth_it() {
        assert_eq!(best_bar(&[400, 400, -400], &[100, 100, 100]), 400);
        assert_eq!(best_bar(&[400, 50, -400], &[100, 100, 100]), 50);
        assert_eq!(best_bar(&[-300, -500], &[10, 100]), -300);
    }

    #[test]
    fn a_value_on_an_edge_belongs_to_the_lower_bin() {
        let named = |name: &str| Spanned::new(name.to_owned(), Location::UNKNOWN, Location::UNKNOWN);
        let axis = Axis::new(&named("words"), &[1.5, 3.0]).expect("sound");
        assert_eq!([1.5, 1.6, 3.0, 9.0].map(|value| axis.bin(value)), [0, 1, 1, 2]);
        assert_eq!(axis.bins, 3);
        assert!(Axis::new(&named("words"), &[3.0, 1.5]).is_err() && Axis::new(&named("wrods"), &[]).is_err());
    }
}
