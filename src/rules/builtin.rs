//! The rules that come with dechaff, embedded by `build.rs` from the folder `rules/`.

use std::fmt;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use super::file::{self, RuleFile};
use super::overlay::Overlay;
use super::rule::Texts;
use super::set::{self, RuleSet, Source, read_yaml};
use super::{frozen, read_model, vocabulary};
use crate::embedded::{self, files};
use crate::error::Error;
use crate::evidence::Model;
use crate::fold::fold;
use crate::language::Profile;

/// The path of the file that holds the evidence for languages. It lies among rule files and is none.
const LANGUAGES: &str = "rules/languages.yaml";

/// The path of the file that holds patterns which did harm; no rules either.
pub(super) const RETIRED: &str = "rules/retired.yaml";

/// The path of the file that holds the words which phrases name; no rules either.
pub(super) const VOCABULARY: &str = "rules/vocabulary.yaml";

/// The files among the rules that hold none.
const OTHERS: [&str; 3] = [LANGUAGES, RETIRED, VOCABULARY];

/// The folder of the files that hold evidence.
pub(crate) const EVIDENCE: &str = "rules/evidence";

/// Whether a file found in a folder of rules should hold rules.
#[must_use]
pub fn is_rule_file(path: &Path) -> bool {
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let in_evidence = path.parent().is_some_and(|folder| folder.ends_with("evidence"));
    is_yaml && !in_evidence && !OTHERS.iter().any(|other| path.file_name() == Path::new(other).file_name())
}

/// What rules go by and do not say themselves.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// How languages are told apart.
    pub languages: Vec<Profile>,
    /// What is learnt of lines, each under a name of its own.
    pub models: Vec<NamedModel>,
}

/// A model under its name. It is read when it is first asked for: most runs need none.
pub struct NamedModel {
    /// The name that rules have for it.
    pub name: String,
    model: LazyLock<Option<Model>, Box<dyn FnOnce() -> Option<Model> + Send + Sync>>,
}

impl NamedModel {
    /// What is learnt; `None` where an embedded file is broken, which the tests of dechaff rule out.
    #[must_use]
    pub fn get(&self) -> Option<&Model> {
        self.model.as_ref()
    }
}

impl fmt::Debug for NamedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedModel").field("name", &self.name).finish_non_exhaustive()
    }
}

impl From<Model> for NamedModel {
    fn from(model: Model) -> Self {
        Self { name: model.name.clone(), model: LazyLock::new(Box::new(|| Some(model))) }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageFile {
    #[serde(rename = "schema")]
    _schema: u32,
    languages: Vec<Profile>,
}

/// The rule files that come with dechaff, by path.
pub fn sources<'s>() -> impl Iterator<Item = Source<'s>> {
    files()
        .iter()
        .filter(|(path, _)| !OTHERS.contains(path) && !path.starts_with(EVIDENCE))
        .map(|&(path, text)| Source { path: Path::new(path), text })
}

/// The evidence by which languages are told apart.
///
/// # Errors
/// What is embedded is broken, which the build of dechaff rules out.
pub fn languages() -> Result<Vec<Profile>, Error> {
    frozen::languages()
}

/// The same, read from its file.
///
/// # Errors
/// As [`languages`].
fn languages_as_written() -> Result<Vec<Profile>, Error> {
    let file: LanguageFile = read_yaml(text_of(LANGUAGES)).map_err(|error| error.in_file(Path::new(LANGUAGES)))?;
    let mut languages = file.languages;
    for word in languages.iter_mut().flat_map(|profile| &mut profile.words) {
        *word = fold(word);
    }
    Ok(languages)
}

/// Languages, and the models that come with dechaff.
///
/// # Errors
/// As [`languages`].
pub fn knowledge() -> Result<Knowledge, Error> {
    let named = |&(name, bytes): &(&str, &'static [u8])| {
        let model = LazyLock::new(Box::new(|| Model::thaw(bytes).ok()) as Box<_>);
        NamedModel { name: name.to_owned(), model }
    };
    Ok(Knowledge { languages: languages()?, models: embedded::models().iter().map(named).collect() })
}

/// The same, read from their files.
///
/// # Errors
/// The first mistake in a file.
fn knowledge_as_written() -> Result<Knowledge, Error> {
    let languages = languages_as_written()?;
    let files = files().iter().map(|(path, text)| Source { path: Path::new(path), text });
    let evidence = files.filter(|source| source.path.starts_with(EVIDENCE));
    let models =
        evidence.map(|source| read_model(source, &languages).map(NamedModel::from)).collect::<Result<_, _>>()?;
    Ok(Knowledge { languages, models })
}

pub(super) fn retired_text() -> &'static str {
    text_of(RETIRED)
}

pub(super) fn vocabulary_text() -> &'static str {
    text_of(VOCABULARY)
}

fn text_of(path: &str) -> &'static str {
    files().iter().find(|(other, _)| *other == path).map_or("", |(_, text)| text)
}

/// All built-in rules, checked.
///
/// # Errors
/// What is embedded is broken, which the build of dechaff rules out.
pub fn rules() -> Result<RuleSet, Error> {
    rules_with([], knowledge()?, None)
}

/// All built-in rules and more, with a user's changes to them.
///
/// # Errors
/// As [`RuleSet::load_with`].
pub fn rules_with<'s>(
    own: impl IntoIterator<Item = Source<'s>>,
    knowledge: Knowledge,
    overlay: Option<&Overlay<'_>>,
) -> Result<RuleSet, Error> {
    // What changes a rule changes it as it is written.
    if overlay.is_some_and(|overlay| !overlay.adjust.is_empty()) {
        let files = sources();
        return RuleSet::load_with(files.chain(own), knowledge, overlay);
    }
    RuleSet::thaw(frozen::rules()?, own, knowledge, overlay)
}

/// All built-in rules, read from their files and checked: what is embedded comes from here.
///
/// # Errors
/// The first mistake in a file.
pub fn rules_as_written() -> Result<RuleSet, Error> {
    vocabulary::check()?;
    RuleSet::load(sources(), knowledge_as_written()?)
}

/// A built-in rule as it stands in its file.
pub(super) fn written(path: &Path, index: usize) -> &'static file::Rule {
    static NONE: LazyLock<file::Rule> = LazyLock::new(file::Rule::none);
    parsed(path).and_then(|file| file.rules.get(index)).unwrap_or(&NONE)
}

/// What examples in a built-in file can name.
pub(super) fn texts(path: &Path) -> &'static Texts {
    static NONE: Texts = Texts::new();
    parsed(path).map_or(&NONE, |file| &file.defaults.texts)
}

/// A built-in file, read once.
fn parsed(path: &Path) -> Option<&'static RuleFile> {
    static PARSED: LazyLock<Vec<(Source<'static>, OnceLock<Option<RuleFile>>)>> =
        LazyLock::new(|| sources().map(|source| (source, OnceLock::new())).collect());
    let (source, file) = PARSED.iter().find(|(source, _)| source.path == path)?;
    file.get_or_init(|| set::parse(*source).ok()).as_ref()
}
