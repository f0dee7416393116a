//! What happened to a text, as values that serialise. Nothing here prints.

use serde::Serialize;

use crate::clean::{Cleaned, Cleaner, Outcome};
use crate::document::{Document, Span};
use crate::evidence::{Part, Points};
use crate::rules::file::Category;

/// All that can be told about one text.
#[derive(Debug, Serialize)]
pub struct Report<'c> {
    /// What became of the document.
    pub outcome: &'static str,
    /// The share of the document's own words that rules asked for, where that was too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// What went, ordered by place.
    pub removals: Vec<RemovalEntry<'c>>,
    /// What nearly went, ordered by place.
    pub held: Vec<HeldEntry<'c>>,
    /// What spoke for and against lines that no rule decided, ordered by place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceEntry<'c>>,
}

/// A line, or parts of one, that went.
#[derive(Debug, Serialize)]
pub struct RemovalEntry<'c> {
    /// Full id of the rule.
    pub rule: &'c str,
    /// What kind of noise.
    pub category: Category,
    /// The line's number, counted from 1.
    pub line: usize,
    /// Byte offsets in the original, half-open.
    pub spans: Vec<(usize, usize)>,
    /// Whether the whole line went.
    pub whole: bool,
    /// What went.
    pub text: String,
}

/// What spoke for and against a line.
#[derive(Debug, Serialize)]
pub struct EvidenceEntry<'c> {
    /// Full id of the rule that weighed it.
    pub rule: &'c str,
    /// The line's number, counted from 1.
    pub line: usize,
    /// Its points: log odds of being content.
    pub points: f64,
    /// The least points with which a line of this page stays.
    pub bar: f64,
    /// What the points are made of, the largest first.
    pub parts: Vec<PartEntry>,
    /// What the measure `points` is made of, where that is among the parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<PartEntry>,
    /// The line's phrases that have points, which the measure `phrases` adds up.
    pub phrases: Vec<(&'c str, f64)>,
}

/// A part of what speaks for or against a line.
#[derive(Debug, Serialize)]
pub struct PartEntry {
    /// One measure or two, each with its value.
    pub measures: Vec<(&'static str, f32)>,
    /// What that adds.
    pub points: f64,
}

impl From<&Part> for PartEntry {
    fn from(part: &Part) -> Self {
        let measures = part.measures.iter().map(|(measure, value)| (measure.name(), *value)).collect();
        Self { measures, points: points(part.points) }
    }
}

/// Hundredths as points.
fn points(hundredths: Points) -> f64 {
    f64::from(hundredths) / 100.0
}

/// A line that a rule hit and that stayed.
#[derive(Debug, Serialize)]
pub struct HeldEntry<'c> {
    /// Full id of the rule.
    pub rule: &'c str,
    /// The line's number, counted from 1.
    pub line: usize,
    /// What held the rule back.
    pub reason: String,
}

impl Outcome {
    /// The outcome in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Untouched => "untouched",
            Outcome::Cleaned => "cleaned",
            Outcome::TooMuch(_) => "held",
            Outcome::Unsettled => "unsettled",
            Outcome::NoArticle => "no article",
        }
    }

    /// Why a document stayed as it was although rules hit it; a sentence.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        match self {
            Outcome::Untouched | Outcome::Cleaned => None,
            Outcome::TooMuch(share) => Some(format!(
                "left as it is: the rules would take {:.0}% of its own words, more than the {:.0}% that is plausible",
                share * 100.0,
                crate::limits::DOCUMENT_SHARE * 100.0
            )),
            Outcome::NoArticle => {
                Some("there is no article in it: what is left is the likeliest of the page".to_owned())
            }
            Outcome::Unsettled => {
                Some(format!("left as it is: it did not settle within {} rounds", crate::limits::ROUNDS))
            }
        }
    }
}

/// Tells what became of a text.
///
/// # Errors
/// The text is too long to be cleaned in the first place.
pub fn report<'c>(cleaner: &'c Cleaner, text: &str, cleaned: &'c Cleaned<'_>) -> Result<Report<'c>, crate::Error> {
    let document = Document::new(text)?;
    let rule = |index: usize| cleaner.rules().rules().get(index);
    let removals = cleaned.removals.iter().filter_map(|removal| {
        let rule = rule(removal.rule)?;
        let text = removal.spans.iter().map(|span: &Span| document.slice(span.clone())).collect();
        let spans = removal.spans.iter().map(|span| (span.start, span.end)).collect();
        Some(RemovalEntry {
            rule: &rule.id,
            category: rule.category,
            line: removal.line,
            spans,
            whole: removal.whole,
            text,
        })
    });
    let held = cleaned.held.iter().filter_map(|held| {
        let line = document.lines().get(held.line)?.number();
        Some(HeldEntry { rule: &rule(held.rule)?.id, line, reason: held.reason.explain(cleaner.rules()) })
    });
    let evidence = cleaned.evidence.iter().filter_map(|evidence| {
        Some(EvidenceEntry {
            rule: &rule(evidence.rule)?.id,
            line: document.lines().get(evidence.line)?.number(),
            points: points(evidence.points),
            bar: points(evidence.bar),
            parts: evidence.parts.iter().map(PartEntry::from).collect(),
            own: evidence.own.iter().map(PartEntry::from).collect(),
            phrases: evidence
                .phrases
                .iter()
                .map(|(phrase, hundredths)| (phrase.as_str(), points(*hundredths)))
                .collect(),
        })
    });
    let share = match cleaned.outcome {
        Outcome::TooMuch(share) => Some(share),
        _ => None,
    };
    let (removals, held, evidence) = (removals.collect(), held.collect(), evidence.collect());
    Ok(Report { outcome: cleaned.outcome.name(), share, removals, held, evidence })
}
