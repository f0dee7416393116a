//! Conditions beside the text itself, as written.

use serde_saphyr::Spanned;

use super::{Category, Level, OneOrMany, Text};

/// Conditions beside the text itself.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Guard {
    /// From this level on; the one that the rule's confidence stands for where nothing is said.
    pub level: Option<Level>,
    /// The line has at least that many characters.
    pub min_chars: Option<usize>,
    /// The line has at most that many characters.
    pub max_chars: Option<usize>,
    /// The line has at least that many words.
    pub min_words: Option<usize>,
    /// The line has at most that many words.
    pub max_words: Option<usize>,
    /// The line stands there.
    #[serde(rename = "where")]
    pub place: Option<Where>,
    /// Only removed lines follow.
    pub at_end: bool,
    /// Another rule's hit is close by.
    pub near: Option<Near>,
    /// The rule hits at most that many lines of the document.
    pub max_hits: Option<usize>,
    /// The rule takes at most that share of the document's words, 0 to 1.
    pub max_share: Option<f64>,
    /// The line is written so.
    pub case: Option<Case>,
    /// The document is of none of these kinds, which keep rules give.
    #[schemars(with = "Vec<String>")]
    pub document_not: Vec<Text>,
}

/// Part of a document, told by its paragraphs of prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// Before the first paragraph.
    Head,
    /// After the last.
    Tail,
    /// Either.
    Edges,
    /// The head and the first paragraph.
    Lead,
}

/// Another rule's hit close by.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// The other rule's category, or several of which one will do.
    pub category: OneOrMany<Category>,
    /// How many lines away, blank ones not counted.
    #[schemars(with = "usize")]
    pub within_lines: Spanned<usize>,
    /// The other hit must need no neighbour itself.
    #[serde(default)]
    pub firm: bool,
}

/// Letters as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// Most Words Begin With A Capital.
    Title,
    /// ALL CAPITALS.
    Upper,
}
