//! A checked evidence file: what a line's measures come to.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::file::{self, EvidenceFile, Fault};
use super::lexicon::Lexicon;
use super::measure::{Measure, Measures, Table};
use crate::error::{self, Error};
use crate::language::Profile;
use crate::limits;

/// Hundredths of a point: what sums are kept in.
pub type Points = i32;

/// A checked evidence file.
#[derive(Debug, Serialize, Deserialize)]
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

/// The least points with which a line stays, by level; where a level has none, nothing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bars {
    /// At `careful`.
    pub careful: Option<Bar>,
    /// At `normal`.
    pub normal: Option<Bar>,
    /// At `eager`.
    pub eager: Option<Bar>,
}

/// The least points with which a line stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bar {
    /// So many on every page.
    Points(Points),
    /// The bar that is best for the page, or one below it.
    OfPage {
        /// So many points below it.
        below_best: Points,
        /// The same on pages whose words are not known.
        below_unknown: Points,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Sum {
    bias: Points,
    /// Terms go by the same few axes, so a line is binned once on each.
    axes: Vec<Axis>,
    singles: Vec<Single>,
    /// Those that have their rows in common stand together.
    pairs: Vec<Pair>,
}

/// A measure and where its bins meet.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Axis {
    measure: Measure,
    edges: Vec<f32>,
}

/// Points by the bins of a measure.
#[derive(Debug, Serialize, Deserialize)]
struct Single {
    /// Its place among the axes.
    axis: usize,
    points: [i16; ROW],
}

/// Points by the bins of two measures.
#[derive(Debug, Serialize, Deserialize)]
struct Pair {
    /// Their places among the axes.
    axes: [usize; 2],
    /// Row by row, rows being the first one's bins, each [`limits::EVIDENCE_BINS`] long.
    points: Vec<i16>,
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
            bars: Bars::from(file.bars),
        })
    }

    /// The model as bytes, for the build to embed: none of its YAML is read then when dechaff starts.
    ///
    /// # Errors
    /// There is no memory for them.
    pub fn freeze(&self) -> Result<Vec<u8>, Error> {
        postcard::to_allocvec(self).map_err(|error| Error::new(format!("the model `{}`: {error}", self.name)))
    }

    /// A model from such bytes.
    ///
    /// # Errors
    /// They are none of a model of this dechaff.
    pub fn thaw(bytes: &[u8]) -> Result<Self, Error> {
        postcard::from_bytes(bytes).map_err(|error| Error::new(format!("a built-in model: {error}")))
    }

    /// The measures that it goes by.
    #[must_use]
    pub fn measures(&self) -> Measures {
        let sums = std::iter::once(&self.line).chain(&self.context);
        sums.flat_map(|sum| &sum.axes).map(|axis| axis.measure).collect()
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

impl From<file::Bars> for Bars {
    fn from(written: file::Bars) -> Self {
        let checked = |bar: file::Bar| match bar {
            file::Bar::Points(points) => Bar::Points(hundredths(points)),
            file::Bar::OfPage(bar) => Bar::OfPage {
                below_best: hundredths(bar.below_best),
                below_unknown: hundredths(bar.unknown.unwrap_or(bar.below_best)),
            },
        };
        Self {
            careful: written.careful.map(checked),
            normal: written.normal.map(checked),
            eager: written.eager.map(checked),
        }
    }
}

/// Cells of a row of a pair's points, whether the second measure has so many bins or fewer.
const ROW: usize = limits::EVIDENCE_BINS;
/// Cells of all its rows.
const CELLS: usize = ROW * ROW;

/// From so many lines on it is cheaper to add points of a measure to the cells of a pair than to each line's sum.
const MANY_LINES: usize = 100;

impl Sum {
    fn new(written: &file::Sum) -> Result<Self, Fault> {
        let mut sum = Self { bias: hundredths(written.bias), axes: Vec::new(), singles: Vec::new(), pairs: Vec::new() };
        for single in &written.measures {
            let axis = sum.axis(&single.measure, &single.edges)?;
            let written = fitting(&single.measure, single.points.iter().copied(), [sum.bins(axis), 1])?;
            let mut points = [0; ROW];
            points.iter_mut().zip(written).for_each(|(slot, points)| *slot = points);
            sum.singles.push(Single { axis, points });
        }
        for pair in &written.pairs {
            let [first, second] = &pair.measures;
            let [rows, columns] = &pair.edges;
            let axes = [sum.axis(first, rows)?, sum.axis(second, columns)?];
            let points: Result<Vec<f64>, _> = pair.points.split_whitespace().map(str::parse).collect();
            let points = points.map_err(|_| {
                let message = format!("the points of `{}` and `{}` are no numbers", first.value, second.value);
                fault(first, message, "a row for each bin of the first, in it a number for each bin of the second")
            })?;
            let width = sum.bins(axes[1]);
            let points = fitting(first, points.into_iter(), [sum.bins(axes[0]), width])?;
            sum.pairs.push(Pair { axes, points: in_rows(&points, width) });
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

    fn bins(&self, axis: usize) -> usize {
        self.axes.get(axis).map_or(1, |axis| axis.edges.len() + 1)
    }

    fn points(&self, table: &Table) -> Vec<Points> {
        let bins = Bins::new(&self.axes, table);
        let (bias, mut singles) = self.given_the_page(&bins);
        let mut sums = vec![bias; table.lines()];
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        for pairs in self.pairs.chunk_by(|one, next| one.axes[0] == next.axes[0]) {
            rows.clear();
            let of_first = pairs.first().map_or(&[][..], |pair| bins.of_lines(pair.axes[0]));
            rows.extend(of_first.iter().map(|bin| bin * ROW as u8));
            for pair in pairs.iter().filter(|pair| pair.axes.iter().all(|axis| !bins.of_lines(*axis).is_empty())) {
                // As many cells as a byte has values. They are found before they are added, many at once.
                cells.clear();
                cells.extend(rows.iter().zip(bins.of_lines(pair.axes[1])).map(|(row, column)| row | column));
                let mut alone = [[0; ROW]; 2];
                if cells.len() >= MANY_LINES {
                    let taken = pair.axes.iter().filter_map(|axis| singles.get_mut(*axis).map(std::mem::take));
                    alone.iter_mut().zip(taken).for_each(|(slot, points)| *slot = points);
                }
                match alone == [[0; ROW]; 2] {
                    true => add(&mut sums, &cells, &pair.points),
                    false => add(&mut sums, &cells, &pair.points_with(alone)),
                }
            }
        }
        for (axis, points) in singles.iter().enumerate().filter(|(_, points)| **points != [0; ROW]) {
            for (sum, bin) in sums.iter_mut().zip(bins.of_lines(axis)) {
                *sum += points.get(usize::from(bin % ROW as u8)).copied().unwrap_or(0);
            }
        }
        sums
    }

    /// What is left of the terms once the measures of the page are known: points of every line, and points by the bins of
    /// each measure of lines. Pairs of two such measures are left as they are.
    fn given_the_page(&self, bins: &Bins) -> (Points, Vec<[Points; ROW]>) {
        let mut bias = self.bias;
        let mut singles = vec![[0; ROW]; self.axes.len()];
        let mut add = |axis: usize, points: [i16; ROW]| match (bins.of_page(axis), singles.get_mut(axis)) {
            (Some(bin), _) => bias += points.get(bin).copied().map_or(0, Points::from),
            (None, Some(single)) => {
                single.iter_mut().zip(points).for_each(|(sum, points)| *sum += Points::from(points));
            }
            (None, None) => {}
        };
        for single in &self.singles {
            add(single.axis, single.points);
        }
        for pair in &self.pairs {
            match pair.axes.map(|axis| bins.of_page(axis)) {
                [Some(row), _] => add(pair.axes[1], pair.row(row)),
                [None, Some(column)] => add(pair.axes[0], pair.column(column)),
                [None, None] => {}
            }
        }
        (bias, singles)
    }

    fn parts(&self, table: &Table, line: usize) -> Vec<Part> {
        let at = |axis: usize| {
            let axis = self.axes.get(axis)?;
            let value = table.value(axis.measure, line);
            Some((axis.measure, value, axis.bin(value)))
        };
        let part = |axes: &[usize], points: &[i16]| {
            let places: Vec<(Measure, f32, usize)> = axes.iter().copied().filter_map(at).collect();
            let cell = places.iter().fold(0, |cell, (_, _, bin)| cell * ROW + bin);
            let points = points.get(cell).copied().map_or(0, Points::from);
            Part { measures: places.into_iter().map(|(measure, value, _)| (measure, value)).collect(), points }
        };
        let singles = self.singles.iter().map(|single| part(&[single.axis], &single.points));
        let mut parts: Vec<Part> =
            singles.chain(self.pairs.iter().map(|pair| part(&pair.axes, &pair.points))).collect();
        parts.retain(|part| part.points != 0);
        parts.sort_by_key(|part| std::cmp::Reverse(part.points.abs()));
        parts
    }
}

impl Pair {
    fn row(&self, row: usize) -> [i16; ROW] {
        self.points.as_chunks().0.get(row).copied().unwrap_or([0; ROW])
    }

    fn column(&self, column: usize) -> [i16; ROW] {
        std::array::from_fn(|row| self.points.get(row * ROW + column).copied().unwrap_or(0))
    }

    /// The points of its cells and those of each of its measures alone.
    fn points_with(&self, [of_rows, of_columns]: [[Points; ROW]; 2]) -> Vec<Points> {
        let mut points: Vec<Points> = self.points.iter().copied().map(Points::from).collect();
        for (row, of_row) in points.as_chunks_mut::<ROW>().0.iter_mut().zip(of_rows) {
            for (cell, of_column) in row.iter_mut().zip(of_columns) {
                *cell += of_row + of_column;
            }
        }
        points
    }
}

/// Adds each line's points to its sum, given its cell.
fn add<P: Copy + Into<Points>>(sums: &mut [Points], cells: &[u8], points: &[P]) {
    let Ok(points) = <&[P; CELLS]>::try_from(points) else { return };
    for (sum, cell) in sums.iter_mut().zip(cells) {
        *sum += points.get(usize::from(*cell)).map_or(0, |points| (*points).into());
    }
}

/// Points as they are kept, if there are as many as bins.
fn fitting(
    name: &Spanned<String>,
    points: impl ExactSizeIterator<Item = f64>,
    bins: [usize; 2],
) -> Result<Vec<i16>, Fault> {
    let [rows, columns] = bins;
    if points.len() != rows * columns {
        let message = format!("there are {} bins here and points for {}", rows * columns, points.len());
        return Err(fault(name, message, "there is one bin more than there are edges, and each has its points"));
    }
    Ok(points.map(|points| i16::try_from(hundredths(points)).unwrap_or(0)).collect())
}

/// Points whose rows are so wide, with rows of [`ROW`] cells, [`ROW`] of them.
fn in_rows(points: &[i16], width: usize) -> Vec<i16> {
    let rows = points.chunks(width);
    let mut cells: Vec<i16> = rows.flat_map(|row| row.iter().copied().chain(std::iter::repeat(0)).take(ROW)).collect();
    cells.resize(CELLS, 0);
    cells
}

/// The bins that a page's measures fall into, by the places of their axes.
struct Bins {
    /// Of measures of the page.
    of_page: Vec<Option<usize>>,
    /// Of measures of lines, axis after axis, a bin a line.
    of_lines: Vec<u8>,
    /// Where those of each axis stand; nowhere if they are not measured.
    places: Vec<Range<usize>>,
}

impl Bins {
    fn new(axes: &[Axis], table: &Table) -> Self {
        let mut bins = Self {
            of_page: Vec::with_capacity(axes.len()),
            of_lines: Vec::with_capacity(axes.len() * table.lines()),
            places: Vec::with_capacity(axes.len()),
        };
        let mut counts = Vec::with_capacity(table.lines());
        for axis in axes {
            bins.of_page.push(table.of_page(axis.measure).map(|value| axis.bin(value)));
            let start = bins.of_lines.len();
            axis.count_below(table.column(axis.measure), &mut counts);
            bins.of_lines.extend(counts.iter().map(|count| *count as u8));
            bins.places.push(start..bins.of_lines.len());
        }
        bins
    }

    fn of_page(&self, axis: usize) -> Option<usize> {
        self.of_page.get(axis).copied().flatten()
    }

    /// The bin of each line; none where the measure is of the page.
    fn of_lines(&self, axis: usize) -> &[u8] {
        self.places.get(axis).and_then(|place| self.of_lines.get(place.clone())).unwrap_or_default()
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
        if written.len() >= limits::EVIDENCE_BINS || !written.is_sorted_by(|a, b| a < b) {
            let message = format!("the edges of `{}` do not grow, or are too many", name.value);
            let help = format!("each edge is larger than the one before; at most {}", limits::EVIDENCE_BINS - 1);
            return Err(fault(name, message, help));
        }
        Ok(Self { measure, edges: written.to_vec() })
    }

    /// The bin of a value: how many edges lie below it.
    fn bin(&self, value: f32) -> usize {
        self.edges.iter().filter(|edge| value > **edge).count()
    }

    /// The bins of many values.
    fn count_below(&self, values: &[f32], counts: &mut Vec<i32>) {
        match self.edges.len() {
            0..=1 => count_below::<1>(&self.edges, values, counts),
            2..=4 => count_below::<4>(&self.edges, values, counts),
            5..=7 => count_below::<7>(&self.edges, values, counts),
            8..=11 => count_below::<11>(&self.edges, values, counts),
            12..=14 => count_below::<14>(&self.edges, values, counts),
            _ => count_below::<{ ROW - 1 }>(&self.edges, values, counts),
        }
    }
}

/// How many edges lie below each value, of at most so many: as the number is known, a few values are compared at once.
fn count_below<const EDGES: usize>(edges: &[f32], values: &[f32], counts: &mut Vec<i32>) {
    // Filled up with edges that nothing lies above.
    let mut filled = [f32::INFINITY; EDGES];
    filled.iter_mut().zip(edges).for_each(|(slot, edge)| *slot = *edge);
    counts.clear();
    counts.extend(values.iter().map(|value| filled.iter().map(|edge| i32::from(value > edge)).sum::<i32>()));
}

fn fault<T>(at: &Spanned<T>, message: String, help: impl Into<String>) -> Fault {
    Fault { error: Error::new(message).help(help), at: at.referenced }
}

/// Points as they are kept.
fn hundredths(points: f64) -> Points {
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
        let mut bins = Vec::new();
        axis.count_below(&[1.5, 1.6, 3.0, 9.0], &mut bins);
        assert_eq!(bins, [0, 1, 1, 2]);
        assert!(Axis::new(&named("words"), &[3.0, 1.5]).is_err() && Axis::new(&named("wrods"), &[]).is_err());
    }
}
