//! Patterns that were tried and did harm, from `rules/retired.yaml`.

use std::path::Path;

use super::builtin;
use super::file::Match;
use super::set::read_yaml;
use crate::error::Error;
use crate::fold::fold;

/// A pattern that did harm.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// The phrase.
    pub phrase: String,
    /// How it was matched.
    #[serde(rename = "match")]
    pub matching: Match,
    /// What went wrong.
    pub reason: String,
    /// What it hit where it was measured.
    pub seen: Seen,
}

/// What a pattern hits on whole pages; the head of `rules/retired.yaml` says on which.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Lines.
    pub lines: u32,
    /// Lines of them that are content.
    pub content: u32,
    /// Hosts of those.
    pub hosts: u32,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RetiredFile {
    #[serde(rename = "schema")]
    _schema: u32,
    retired: Vec<Retired>,
}

impl Retired {
    /// Whether a phrase that is matched so is this one, or hits even more.
    #[must_use]
    pub fn is(&self, folded: &str, matching: Match) -> bool {
        let wider = matching == self.matching || matching == Match::Contains || self.matching == Match::Whole;
        wider && fold(&self.phrase) == folded
    }
}

/// All of them.
///
/// # Errors
/// The embedded file is broken, which the tests of dechaff rule out.
pub fn patterns() -> Result<Vec<Retired>, Error> {
    let file: RetiredFile =
        read_yaml(builtin::retired_text()).map_err(|error| error.in_file(Path::new(builtin::RETIRED)))?;
    Ok(file.retired)
}
