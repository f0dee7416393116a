//! An evidence file as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use crate::error::Error;

/// Points for what is measured of a line and for its phrases, and where they were learnt.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFile {
    /// The version of the format: 1.
    pub schema: Spanned<u32>,
    /// The name that rules have for it.
    pub model: String,
    /// What it tells, in a sentence.
    pub about: String,
    /// Where it was learnt: text, licence, how many pages.
    #[serde(default)]
    pub learnt: BTreeMap<String, String>,
    /// The least points with which a line stays, by level; where a level is missing, nothing goes.
    #[serde(default)]
    pub bars: Bars,
    /// What a line has by itself.
    #[serde(default)]
    pub line: Sum,
    /// What it has by the points of the lines around it; these are its points then.
    #[serde(default)]
    pub context: Option<Sum>,
    /// Phrases that add to the measure `phrases`.
    #[serde(default)]
    pub phrases: Vec<Phrases>,
}

/// The least points with which a line stays, by level.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bars {
    /// At `careful`.
    pub careful: Option<Bar>,
    /// At `normal`.
    pub normal: Option<Bar>,
    /// At `eager`.
    pub eager: Option<Bar>,
}

/// The least points with which a line stays: a number, or what is best for the page.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a bar is a number of points, or {below_best: POINTS}")]
pub enum Bar {
    /// So many on every page.
    Points(f64),
    /// A page's own bar.
    OfPage(OfPage),
}

/// The bar with the best F1 that is to be expected of the page, or one below it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfPage {
    /// So many points below it.
    pub below_best: f64,
    /// The same on pages whose words are not known, where phrases do not count and points are closer together.
    pub unknown: Option<f64>,
}

/// Points that are added up.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sum {
    /// Points of every line.
    pub bias: f64,
    /// Points for one measure.
    pub measures: Vec<Single>,
    /// Points for two measures at once.
    pub pairs: Vec<Pair>,
}

/// Points by the bin that a measure falls into: one more than there are edges.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Single {
    /// The measure.
    pub measure: Spanned<String>,
    /// Where bins meet; a value on an edge belongs to the lower one.
    pub edges: Vec<f32>,
    /// Points of each bin.
    pub points: Vec<f64>,
}

/// Points by the bins that two measures fall into.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Both measures.
    pub measures: [Spanned<String>; 2],
    /// Edges of both.
    pub edges: [Vec<f32>; 2],
    /// A row for each bin of the first measure, in it points for each bin of the second, parted by spaces.
    pub points: String,
}

/// Phrases of the same points.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// Of each.
    pub points: f64,
    /// A phrase a line: folded words, numbers as `#` by their digits, `^` and `$` for the line's ends.
    pub phrases: String,
}

/// What is wrong in an evidence file, and where.
#[derive(Debug)]
pub struct Fault {
    /// A sentence, and what to do.
    pub error: Error,
    /// Where it stands.
    pub at: Location,
}
