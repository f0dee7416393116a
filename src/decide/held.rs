//! Why a line that a rule hit stays.

use std::fmt;

use crate::rules::RuleSet;
use crate::rules::file::{Category, Level, Where};
use crate::rules::rule::RuleIndex;

/// A rule hit a line, and something held it back.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The rule.
    pub rule: RuleIndex,
    /// The first line, by its place in the document's table.
    pub line: usize,
    /// What held it back: of several alternatives the last that was tried.
    pub reason: Reason,
}

/// What held a rule back.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is told by its Display")]
pub enum Reason {
    Level(Level),
    TooFewChars { is: usize, least: usize },
    TooManyChars { is: usize, most: usize },
    TooFewWords { is: usize, least: usize },
    TooManyWords { is: usize, most: usize },
    Place(Where),
    NotAtEnd,
    NotNear { categories: Vec<Category>, within_lines: usize, firm: bool },
    TooManyHits { is: usize, most: usize },
    TooLargeShare { is: f64, most: f64 },
    Case,
    DocumentKind(String),
    Kept(RuleIndex),
    Protected,
    NoSection(&'static str),
    NoBlockEnd { max_lines: usize },
    TooFewMarks { is: usize, least: usize },
    DocumentLanguage,
}

impl Reason {
    /// One sentence for people.
    #[must_use]
    pub fn explain(&self, rules: &RuleSet) -> String {
        match self {
            Reason::Kept(rule) => {
                format!("kept by {}", rules.rules().get(*rule).map_or("a keep rule", |rule| &rule.id))
            }
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Level(level) => write!(f, "runs from level {} on", level.name()),
            Reason::TooFewChars { is, least } => write!(f, "{is} characters, at least {least}"),
            Reason::TooManyChars { is, most } => write!(f, "{is} characters, at most {most}"),
            Reason::TooFewWords { is, least } => write!(f, "{is} words, at least {least}"),
            Reason::TooManyWords { is, most } => write!(f, "{is} words, at most {most}"),
            Reason::Place(place) => f.write_str(match place {
                Where::Head => "not in the head (before the first paragraph)",
                Where::Tail => "not in the tail (after the last paragraph)",
                Where::Edges => "neither before the first paragraph nor after the last",
                Where::Lead => "not in the lead (up to the first paragraph)",
            }),
            Reason::NotAtEnd => f.write_str("something that stays follows"),
            Reason::NotNear { categories, within_lines, firm } => {
                let names: Vec<&str> = categories.iter().map(|category| category.name()).collect();
                let firmly = if *firm { " that stands on its own" } else { "" };
                let plural = if *within_lines == 1 { "" } else { "s" };
                write!(f, "no other {} noise{firmly} within {within_lines} line{plural}", names.join(" or "))
            }
            Reason::TooManyHits { is, most } => write!(f, "hits {is} lines, at most {most}"),
            Reason::TooLargeShare { is, most } => {
                write!(f, "would take {:.0}% of the words, at most {:.0}%", is * 100.0, most * 100.0)
            }
            Reason::Case => f.write_str("not written in capitals as it should be"),
            Reason::DocumentKind(kind) => write!(f, "the document is of the kind {kind}"),
            Reason::Kept(_) => f.write_str("kept by a keep rule"),
            Reason::Protected => f.write_str("in code, a table or front matter"),
            Reason::NoSection(why) => f.write_str(why),
            Reason::NoBlockEnd { max_lines } => write!(f, "no end of the block within {max_lines} lines"),
            Reason::TooFewMarks { is, least } => write!(f, "{is} marks of such an ending below, at least {least}"),
            Reason::DocumentLanguage => f.write_str("for documents in another language"),
        }
    }
}
