//! What holds for an input: arguments above the nearest `dechaff.yaml` above what is built in.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use dechaff::config::{Config, FILE_NAME};
use dechaff::record::Fields;
use dechaff::rules::{Knowledge, NamedModel, RuleSet, Source, builtin, read_model};
use dechaff::{Cleaner, Level, Origin, read};

use super::args::{InputArgs, LevelArg, RuleArgs};

/// What holds for the inputs of a folder.
pub(crate) struct Settings {
    pub cleaner: Cleaner,
    pub level: Level,
    pub fields: Fields,
    pub config: Option<Config>,
    /// The rule files that are not built in, as read.
    pub own: Vec<(PathBuf, String)>,
    /// Whether the built-in rules are there.
    pub builtin: bool,
}

impl Settings {
    /// What stands in a rule file.
    pub(crate) fn text_of(&self, path: &Path) -> Option<&str> {
        let own = self.own.iter().find(|(other, _)| other == path).map(|(_, text)| text.as_str());
        own.or_else(|| builtin::sources().find(|source| self.builtin && source.path == path).map(|source| source.text))
    }

    /// All rule files.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        let own = self.own.iter().map(|(path, text)| Source { path, text });
        builtin::sources().filter(|_| self.builtin).map(reborrow).chain(own)
    }
}

/// Where settings come from, and those that were made already.
pub(crate) struct Desk<'a> {
    rules: &'a RuleArgs,
    level: Option<LevelArg>,
    fields: Fields,
    origin: Origin,
    configs: RefCell<HashMap<PathBuf, Option<PathBuf>>>,
    made: RefCell<HashMap<Option<PathBuf>, Arc<Settings>>>,
}

impl<'a> Desk<'a> {
    /// For work on rules.
    pub(crate) fn of_rules(rules: &'a RuleArgs) -> Self {
        Self {
            rules,
            level: None,
            fields: Fields::default(),
            origin: Origin::default(),
            configs: RefCell::default(),
            made: RefCell::default(),
        }
    }

    /// At that level, if one is given.
    pub(crate) fn at(self, level: Option<LevelArg>) -> Self {
        Self { level, ..self }
    }

    /// With what went noted in a new field of records, if one is given.
    pub(crate) fn annotating(mut self, field: Option<&String>) -> Self {
        self.fields.annotation = field.cloned();
        self
    }

    /// For work on texts.
    pub(crate) fn new(rules: &'a RuleArgs, input: &InputArgs) -> Result<Self> {
        let origin = input.url.as_deref().map(Origin::of_url).unwrap_or_default();
        if let Some(url) = input.url.as_deref().filter(|_| origin.host.is_none()) {
            bail!("`{url}` is no URL; write it as https://example.org/path");
        }
        let fields = Fields { text: input.text_field.clone(), url: input.url_field.clone(), annotation: None };
        Ok(Self { level: input.level, fields, origin, ..Self::of_rules(rules) })
    }

    /// What holds for a file, or for standard input.
    pub(crate) fn settings(&self, path: Option<&Path>) -> Result<Arc<Settings>> {
        let config = self.config_of(path)?;
        if let Some(made) = self.made.borrow().get(&config) {
            return Ok(Arc::clone(made));
        }
        let made = Arc::new(self.make(config.as_deref(), &[])?);
        self.made.borrow_mut().insert(config, Arc::clone(&made));
        Ok(made)
    }

    /// What holds in the folder that the command was called in.
    pub(crate) fn fresh(&self) -> Result<Settings> {
        self.with(&[])
    }

    /// The same, and more rules.
    pub(crate) fn with(&self, more: &[PathBuf]) -> Result<Settings> {
        self.make(self.config_of(None)?.as_deref(), more)
    }

    /// Where a file comes from, by what the arguments and the config say.
    pub(crate) fn origin(&self, settings: &Settings, path: Option<&Path>) -> Origin {
        let mut origin = self.origin.clone();
        origin.file = path.map(|path| path.display().to_string());
        if origin.host.is_none() {
            let host = settings.config.as_ref().zip(path).and_then(|(config, path)| {
                relative_to(config, path).and_then(|relative| config.host_of(&relative).map(str::to_owned))
            });
            origin.host = host;
        }
        origin
    }

    /// The config file that is nearest above a file, or above the folder that the command was called in.
    fn config_of(&self, path: Option<&Path>) -> Result<Option<PathBuf>> {
        if self.rules.no_config {
            return Ok(None);
        }
        if let Some(path) = &self.rules.config {
            return Ok(Some(path.clone()));
        }
        let here = std::env::current_dir().context("the current folder is gone")?;
        let folder = path.map_or_else(|| here.clone(), |path| here.join(path.parent().unwrap_or(Path::new(""))));
        if let Some(known) = self.configs.borrow().get(&folder) {
            return Ok(known.clone());
        }
        let found = folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
        let found = found.map(|path| path.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(path));
        self.configs.borrow_mut().insert(folder, found.clone());
        Ok(found)
    }

    /// What comes with dechaff, and the evidence that the arguments put in its place.
    pub(crate) fn knowledge(&self) -> Result<Knowledge> {
        let mut knowledge = builtin::knowledge()?;
        for path in &self.rules.evidence {
            let text = read::file(path)?;
            let model = read_model(Source { path, text: &text }, &knowledge.languages)?;
            let model = NamedModel::from(model);
            match knowledge.models.iter_mut().find(|other| other.name == model.name) {
                Some(slot) => *slot = model,
                None => knowledge.models.push(model),
            }
        }
        Ok(knowledge)
    }

    /// Whether rules must do without evidence.
    pub(crate) fn without_evidence(&self) -> bool {
        self.rules.no_evidence
    }

    fn make(&self, config: Option<&Path>, more: &[PathBuf]) -> Result<Settings> {
        let config = config.map(|path| read::file(path).and_then(|text| Config::read(path, text))).transpose()?;
        let own = own_files(config.as_ref(), self.rules.paths.iter().chain(more))?;
        let said = config.as_ref().map(|config| &config.settings);
        let builtin =
            !self.rules.no_builtin && said.and_then(|said| said.builtin.as_ref()).is_none_or(|said| said.value);
        let files = own.iter().map(|(path, text)| Source { path, text });
        let overlay = config.as_ref().map(Config::overlay);
        let rules = match builtin {
            true => builtin::rules_with(files, self.knowledge()?, overlay.as_ref())?,
            false => RuleSet::load_with(files, self.knowledge()?, overlay.as_ref())?,
        };
        let level = self.level.map(Level::from).or(said.and_then(|said| said.level.as_ref()).map(|level| level.value));
        let field = |given: &Option<String>, said: Option<&dechaff::rules::file::Text>| {
            given.clone().or_else(|| said.map(|said| said.value.clone()))
        };
        let records = said.map(|said| &said.records);
        let fields = Fields {
            text: field(&self.fields.text, records.and_then(|records| records.text.as_ref())),
            url: field(&self.fields.url, records.and_then(|records| records.url.as_ref())),
            annotation: self.fields.annotation.clone(),
        };
        let cleaner = Cleaner::new(rules)?;
        Ok(Settings { cleaner, level: level.unwrap_or_default(), fields, config, own, builtin })
    }
}

/// The rule files that a config and arguments name, read, in that order.
pub fn own_files<'p>(
    config: Option<&Config>,
    paths: impl IntoIterator<Item = &'p PathBuf>,
) -> Result<Vec<(PathBuf, String)>> {
    let mut own = Vec::new();
    if let Some(config) = config {
        for said in &config.settings.rules {
            let path = below(config.folder(), Path::new(&said.value));
            if !path.exists() {
                let (place, path) = (config.place(said), path.display());
                bail!("{place}: `rules` names {path}, which is not there; paths are relative to the config file");
            }
            collect(&path, &mut own)?;
        }
    }
    for path in paths {
        collect(path, &mut own)?;
    }
    // One file may be named twice: by the config file and by an argument.
    let mut seen = HashSet::new();
    own.retain(|(path, _)| seen.insert(std::path::absolute(path).unwrap_or_else(|_| path.clone())));
    Ok(own)
}

/// A path in a folder; in the folder that the command was called in, as it is.
fn below(folder: &Path, path: &Path) -> PathBuf {
    if folder == Path::new(".") { path.to_path_buf() } else { folder.join(path) }
}

/// A file's path relative to the config's folder, if it lies there.
pub(crate) fn relative_to(config: &Config, path: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(config.folder()).ok()?;
    let path = std::path::absolute(path).ok()?;
    path.strip_prefix(folder).ok().map(Path::to_path_buf)
}

/// The embedded sources live for ever; beside files that were read they need not.
pub(crate) fn reborrow<'s>(source: Source<'static>) -> Source<'s> {
    source
}

/// Reads a rule file, or all of a folder and the folders in it, ordered by name.
pub(crate) fn collect(path: &Path, files: &mut Vec<(PathBuf, String)>) -> Result<()> {
    if !path.is_dir() {
        files.push((path.to_path_buf(), read::file(path)?));
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
        .with_context(|| format!("{} cannot be read", path.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() || builtin::is_rule_file(&entry) {
            collect(&entry, files)?;
        }
    }
    Ok(())
}
