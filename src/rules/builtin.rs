//! The rules that come with dechaff, embedded by `build.rs` from the folder `rules/`.

use std::path::Path;

use super::compile::{RuleSet, Source, read_yaml};
use crate::error::Error;
use crate::language::Profile;

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The path of the file that holds the evidence for languages.
const LANGUAGES: &str = "rules/languages.yaml";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageFile {
    #[serde(rename = "schema")]
    _schema: u32,
    languages: Vec<Profile>,
}

/// The rule files that come with dechaff, by path.
pub fn sources() -> impl Iterator<Item = Source<'static>> {
    FILES.iter().filter(|(path, _)| *path != LANGUAGES).map(|&(path, text)| Source { path: Path::new(path), text })
}

/// The evidence by which languages are told apart.
///
/// # Errors
/// The embedded file is broken, which the tests of dechaff rule out.
pub fn languages() -> Result<Vec<Profile>, Error> {
    let text = FILES.iter().find(|(path, _)| *path == LANGUAGES).map_or("", |(_, text)| text);
    let file: LanguageFile = read_yaml(text).map_err(|error| error.in_file(Path::new(LANGUAGES)))?;
    Ok(file.languages)
}

/// All built-in rules, checked.
///
/// # Errors
/// An embedded rule is broken, which the tests of dechaff rule out.
pub fn rules() -> Result<RuleSet, Error> {
    RuleSet::load(sources(), languages()?)
}
