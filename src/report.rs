//! What happened to a text, as values that serialise. Nothing here prints.

use serde::Serialize;

use crate::clean::{Cleaned, Cleaner, Outcome};
use crate::document::{Document, Span};
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
pub fn report<'c>(cleaner: &'c Cleaner, text: &str, cleaned: &Cleaned<'_>) -> Result<Report<'c>, crate::Error> {
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
    let share = match cleaned.outcome {
        Outcome::TooMuch(share) => Some(share),
        _ => None,
    };
    Ok(Report { outcome: cleaned.outcome.name(), share, removals: removals.collect(), held: held.collect() })
}
