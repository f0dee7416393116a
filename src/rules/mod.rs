//! Rules: as people write them ([`mod@file`]), as they are checked ([`mod@rule`]), sets of them, and the ones that come with
//! dechaff ([`builtin`]).

pub mod builtin;
mod check;
pub mod file;
mod frozen;
mod line_regex;
pub(crate) mod mistake;
pub mod overlay;
pub mod pattern;
pub mod retired;
pub mod rule;
pub mod schema;
pub(crate) mod set;
pub mod sketch;
pub(crate) mod vocabulary;

use crate::error::Error;
use crate::evidence::Model;
use crate::evidence::file::Fault;
use crate::language::Profile;

pub use builtin::{Knowledge, NamedModel};
pub use rule::{Rule, RuleIndex};
pub use set::{RuleSet, Source};

/// Reads an evidence file.
///
/// # Errors
/// It is no YAML of that form, or what [`Model::new`] finds.
pub fn read_model(source: Source<'_>, languages: &[Profile]) -> Result<Model, Error> {
    let place = |fault: Fault| fault.error.at(mistake::place_of(source.text, fault.at));
    let model = set::read_yaml(source.text).and_then(|file| Model::new(file, languages).map_err(place));
    model.map_err(|error| error.in_file(source.path))
}

/// The id that somebody who wrote `wrong` most likely meant.
#[must_use]
pub fn nearest_id<'i>(wrong: &str, ids: &[&'i str]) -> Option<&'i str> {
    crate::error::nearest(wrong, ids.iter().copied()).filter(|(likeness, _)| *likeness > 0.75).map(|(_, id)| id)
}
