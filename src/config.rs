//! `dechaff.yaml`: what a user sets for a folder and everything below it.

use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_saphyr::Spanned;

use crate::error::Error;
use crate::rules::Source;
use crate::rules::file::{Level, Text};
use crate::rules::mistake;
use crate::rules::overlay::{Adjust, Overlay};
use crate::rules::set::read_yaml;

/// The name of the file.
pub const FILE_NAME: &str = "dechaff.yaml";

/// A config file that was read.
#[derive(Debug)]
pub struct Config {
    /// Where it is.
    pub path: PathBuf,
    /// What stands in it, for carets.
    pub text: String,
    /// What it says.
    pub settings: Settings,
    include: Vec<GlobMatcher>,
    exclude: Vec<GlobMatcher>,
    hosts: Vec<GlobMatcher>,
}

/// What a config file can say. Paths and globs are relative to its folder.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How much is removed.
    pub level: Option<Spanned<Level>>,
    /// Whether the rules that come with dechaff are there.
    pub builtin: Option<Spanned<bool>>,
    /// More rules: files, and folders of them.
    pub rules: Vec<Text>,
    /// Globs of ids of rules that are not to run.
    pub disable: Vec<Text>,
    /// Changes to rules, by id.
    pub adjust: Entries<Adjust>,
    /// Globs of files that are looked at in folders.
    pub include: Vec<Text>,
    /// Globs of files that are passed over.
    pub exclude: Vec<Text>,
    /// Where files come from: a host by glob of the path; the first that fits counts.
    pub hosts: Entries<Text>,
    /// The fields of records.
    pub records: Records,
}

/// The fields of records that matter; dots lead into objects.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Records {
    /// Where the text is.
    pub text: Option<Text>,
    /// Where the URL is.
    pub url: Option<Text>,
}

impl Config {
    /// Reads what stands in a config file.
    ///
    /// # Errors
    /// A key or a value is not known, or a glob or host is not sound; with line, column and what to do.
    pub fn read(path: &Path, text: String) -> Result<Self, Error> {
        let only_comments = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        let settings: Settings = match only_comments {
            true => Settings::default(),
            false => read_yaml(&text).map_err(|error| error.in_file(path))?,
        };
        let compiled = |globs: Vec<&Text>| -> Result<Vec<GlobMatcher>, Error> {
            let compile = |glob: &Text| {
                Glob::new(&glob.value).map(|glob| glob.compile_matcher()).map_err(|error| {
                    let place = mistake::place(&text, glob);
                    Error::new("this glob is not sound").at(place).help(error.kind().to_string()).in_file(path)
                })
            };
            globs.into_iter().map(compile).collect()
        };
        for (_, host) in &settings.hosts.0 {
            if host.value.contains(['/', '*', ':', ' ']) || !host.value.contains('.') {
                let error = Error::new(format!("`{}` is no host", host.value)).at(mistake::place(&text, host));
                return Err(error.help("write the host alone: `example.org`").in_file(path));
            }
        }
        Ok(Self {
            include: compiled(settings.include.iter().collect())?,
            exclude: compiled(settings.exclude.iter().collect())?,
            hosts: compiled(settings.hosts.0.iter().map(|(glob, _)| glob).collect())?,
            path: path.to_path_buf(),
            text,
            settings,
        })
    }

    /// The folder that its paths are relative to.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Its changes to rules.
    #[must_use]
    pub fn overlay(&self) -> Overlay<'_> {
        let Settings { disable, adjust, .. } = &self.settings;
        Overlay { source: Source { path: &self.path, text: &self.text }, disable, adjust: &adjust.0 }
    }

    /// The host that it gives a file, by the file's path relative to [`Config::folder`].
    #[must_use]
    pub fn host_of(&self, relative: &Path) -> Option<&str> {
        let place = self.hosts.iter().position(|glob| glob.is_match(relative))?;
        self.settings.hosts.0.get(place).map(|(_, host)| host.value.as_str())
    }

    /// Whether a file is to be passed over, by its path relative to [`Config::folder`].
    #[must_use]
    pub fn excludes(&self, relative: &Path) -> bool {
        self.exclude.iter().any(|glob| glob.is_match(relative))
    }

    /// Whether a file that is found in a folder is to be looked at, if the config says anything of that.
    #[must_use]
    pub fn includes(&self, relative: &Path) -> Option<bool> {
        (!self.include.is_empty()).then(|| self.include.iter().any(|glob| glob.is_match(relative)))
    }

    /// `path:line` of a value.
    #[must_use]
    pub fn place<T>(&self, value: &Spanned<T>) -> String {
        format!("{}:{}", self.path.display(), mistake::place(&self.text, value).line)
    }
}

/// A map, in the order in which it is written, with the places of its keys.
#[derive(Debug)]
pub struct Entries<T>(pub Vec<(Text, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, Error> {
        Config::read(Path::new("dechaff.yaml"), text.to_owned())
    }

    #[test]
    fn knows_where_its_values_stand() {
        let config = config("level: eager\n# a\nadjust:\n  en-date/ago: {confidence: low}\n").expect("sound");
        assert_eq!(config.settings.level.as_ref().map(|level| config.place(level)).as_deref(), Some("dechaff.yaml:1"));
        let (name, _) = config.settings.adjust.0.first().expect("there");
        assert_eq!((name.value.as_str(), config.place(name).as_str()), ("en-date/ago", "dechaff.yaml:4"));
    }

    #[test]
    fn gives_hosts_to_paths_and_chooses_files() {
        let text = "hosts: {'gazette/**': gazette.example.org, '**': other.example.org}\nexclude: ['**/*.bak']\n";
        let config = config(text).expect("sound");
        assert_eq!(config.host_of(Path::new("gazette/a.txt")), Some("gazette.example.org"));
        assert_eq!(config.host_of(Path::new("a.txt")), Some("other.example.org"));
        assert!(config.excludes(Path::new("x/a.bak")));
        assert_eq!(config.includes(Path::new("x/a.txt")), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let error = config("levle: eager\n").expect_err("unknown");
        assert_eq!(error.to_string(), "dechaff.yaml:1:1: unknown key `levle`");
        assert!(config("hosts: {'**': 'https://example.org/'}\n").is_err());
        assert!(config("# nothing\n").is_ok());
    }
}
