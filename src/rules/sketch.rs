//! A rule in a few words, to be tried: what a rule file asks for and a trial does not need is filled in.

use std::path::Path;

use crate::error::{Error, Place};

/// The path that mistakes in a sketch are reported under.
pub const PATH: &str = "-e";

/// The full id of the sketched rule.
pub const ID: &str = "tried/rule";

const HEAD: &str = "schema: 1\npack: tried\nrules:\n  - id: rule\n";
const INDENT: &str = "    ";

/// A rule file around a sketch: its action, and any other key of a rule. The examples that it gets are not for testing.
///
/// ```
/// let file = dechaff::rules::sketch::file("line: {phrases: [\"Read next\"]}");
/// let source = dechaff::rules::Source { path: dechaff::rules::sketch::PATH.as_ref(), text: &file };
/// assert!(dechaff::rules::RuleSet::load([source], Default::default()).is_ok());
/// ```
#[must_use]
pub fn file(sketch: &str) -> String {
    let mut text = HEAD.to_owned();
    for line in sketch.trim_end().lines() {
        text.push_str(INDENT);
        text.push_str(line);
        text.push('\n');
    }
    let has = |key: &str| sketch.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    let usual = [
        ("about", "tried on the command line"),
        ("category", "navigation"),
        ("confidence", "high"),
        ("tests", "{removes: [\"-\"], keeps: [\"-\"]}"),
    ];
    for (key, value) in usual.into_iter().filter(|(key, _)| !has(key)) {
        text.push_str(&format!("{INDENT}{key}: {value}\n"));
    }
    text
}

/// The mistake with its place in the sketch instead of the file around it.
#[must_use]
pub fn in_sketch(error: Error) -> Error {
    let place = error.place().filter(|_| error.path() == Some(Path::new(PATH))).cloned();
    let Some(place) = place else { return error };
    let line = place.line.saturating_sub(HEAD.lines().count()).max(1);
    let column = place.column.saturating_sub(INDENT.len()).max(1);
    let source = place.source.strip_prefix(INDENT).unwrap_or(&place.source).to_owned();
    error.at(Place { line, column, width: place.width, source })
}
