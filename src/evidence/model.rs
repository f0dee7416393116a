//! A checked evidence file: what a line's measures come to.

use super::file::{self, Bars, EvidenceFile};
use super::lexicon::Lexicon;
use super::measure::{Measure, Table};
use crate::error::Error;
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
    terms: Vec<Term>,
}

/// Points by the bins of one measure or two.
#[derive(Debug)]
struct Term {
    rows: Axis,
    columns: Option<Axis>,
    /// Row by row.
    points: Vec<Points>,
}

/// A measure and where its bins meet.
#[derive(Debug)]
struct Axis {
    measure: Measure,
    edges: Vec<f32>,
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
    pub fn new(file: EvidenceFile, languages: &[Profile]) -> Result<Self, Error> {
        if file.schema != 1 {
            return Err(
                Error::new(format!("schema {} is not known to this dechaff", file.schema)).help("write `schema: 1`")
            );
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

    /// What the points of one line are made of, the largest first, and what every line has.
    #[must_use]
    pub fn parts(&self, table: &Table, line: usize) -> (Vec<Part>, Points) {
        let sum = self.context.as_ref().unwrap_or(&self.line);
        (sum.parts(table, line), sum.bias)
    }

    /// What the points of one line are made of that it has by itself, and what every line has.
    #[must_use]
    pub fn own_parts(&self, table: &Table, line: usize) -> (Vec<Part>, Points) {
        (self.line.parts(table, line), self.line.bias)
    }
}

impl Sum {
    fn new(written: &file::Sum) -> Result<Self, Error> {
        let mut terms = Vec::with_capacity(written.measures.len() + written.pairs.len());
        for single in &written.measures {
            let rows = Axis::new(&single.measure, &single.edges)?;
            terms.push(Term::new(rows, None, single.points.iter().copied().map(hundredths).collect())?);
        }
        for pair in &written.pairs {
            let [first, second] = &pair.measures;
            let [rows, columns] = &pair.edges;
            let (rows, columns) = (Axis::new(first, rows)?, Axis::new(second, columns)?);
            let points: Result<Vec<f64>, _> = pair.points.split_whitespace().map(str::parse).collect();
            let points =
                points.map_err(|_| Error::new(format!("the points of `{first}` and `{second}` are no numbers")))?;
            terms.push(Term::new(rows, Some(columns), points.into_iter().map(hundredths).collect())?);
        }
        Ok(Self { bias: hundredths(written.bias), terms })
    }

    fn points(&self, table: &Table) -> Vec<Points> {
        let mut sums = vec![self.bias; table.lines()];
        for term in &self.terms {
            term.add(table, &mut sums);
        }
        sums
    }

    fn parts(&self, table: &Table, line: usize) -> Vec<Part> {
        let mut parts: Vec<Part> = self.terms.iter().map(|term| term.part(table, line)).collect();
        parts.retain(|part| part.points != 0);
        parts.sort_by_key(|part| std::cmp::Reverse(part.points.abs()));
        parts
    }
}

impl Term {
    fn new(rows: Axis, columns: Option<Axis>, points: Vec<Points>) -> Result<Self, Error> {
        let bins = rows.bins() * columns.as_ref().map_or(1, Axis::bins);
        if points.len() != bins {
            let message = format!("`{}` has {bins} bins here and points for {}", rows.measure.name(), points.len());
            return Err(Error::new(message).help("there is one bin more than there are edges, and each has its points"));
        }
        Ok(Self { rows, columns, points })
    }

    fn add(&self, table: &Table, sums: &mut [Points]) {
        let rows = table.column(self.rows.measure);
        match &self.columns {
            None => {
                for (sum, value) in sums.iter_mut().zip(rows) {
                    *sum += self.points.get(self.rows.bin(*value)).copied().unwrap_or(0);
                }
            }
            Some(columns) => {
                let width = columns.bins();
                for ((sum, row), column) in sums.iter_mut().zip(rows).zip(table.column(columns.measure)) {
                    let cell = self.rows.bin(*row) * width + columns.bin(*column);
                    *sum += self.points.get(cell).copied().unwrap_or(0);
                }
            }
        }
    }

    fn part(&self, table: &Table, line: usize) -> Part {
        let value = |axis: &Axis| table.column(axis.measure).get(line).copied().unwrap_or(0.0);
        let mut measures = vec![(self.rows.measure, value(&self.rows))];
        let mut cell = self.rows.bin(value(&self.rows));
        if let Some(columns) = &self.columns {
            measures.push((columns.measure, value(columns)));
            cell = cell * columns.bins() + columns.bin(value(columns));
        }
        Part { measures, points: self.points.get(cell).copied().unwrap_or(0) }
    }
}

impl Axis {
    fn new(name: &str, edges: &[f32]) -> Result<Self, Error> {
        let measure = Measure::find(name).ok_or_else(|| {
            Error::new(format!("no measure is called `{name}`")).help("`dechaff evidence measures` lists them")
        })?;
        if edges.len() >= limits::EVIDENCE_BINS || !edges.is_sorted_by(|a, b| a < b) {
            let most = limits::EVIDENCE_BINS;
            return Err(Error::new(format!("the edges of `{name}` must grow, and be fewer than {most}")));
        }
        Ok(Self { measure, edges: edges.to_vec() })
    }

    fn bins(&self) -> usize {
        self.edges.len() + 1
    }

    /// The bin of a value: how many edges lie below it.
    fn bin(&self, value: f32) -> usize {
        self.edges.iter().map(|edge| usize::from(value > *edge)).sum()
    }
}

/// Points as they are kept.
pub(crate) fn hundredths(points: f64) -> Points {
    (points * 100.0).round() as Points
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
    use super::*;

    #[test]
    fn the_best_bar_keeps_what_is_likely_and_worth_it() {
        assert_eq!(best_bar(&[400, 400, -400], &[100, 100, 100]), 400);
        assert_eq!(best_bar(&[400, 50, -400], &[100, 100, 100]), 50);
        assert_eq!(best_bar(&[-300, -500], &[10, 100]), -300);
    }

    #[test]
    fn a_value_on_an_edge_belongs_to_the_lower_bin() {
        let axis = Axis::new("words", &[1.5, 3.0]).expect("sound");
        assert_eq!([1.5, 1.6, 3.0, 9.0].map(|value| axis.bin(value)), [0, 1, 1, 2]);
        assert!(Axis::new("words", &[3.0, 1.5]).is_err() && Axis::new("wrods", &[]).is_err());
    }
}
