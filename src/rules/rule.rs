//! Rules as checked: the types that the rest of dechaff works with.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};

use super::builtin;
use super::file::{self, At, Category, Copies, Input, Items, Level, Masthead, NoEnd, Run, Unit, Where};
use super::overlay::Change;
use super::pattern::{Pattern, Phrase, Role};
use crate::origin::Origin;

/// A rule, by its place in the [`RuleSet`](super::RuleSet).
pub type RuleIndex = usize;

/// One checked rule.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rule {
    /// `pack/id`.
    pub id: String,
    /// What kind of noise it is.
    pub category: Category,
    /// The level from which on it runs, unless an alternative says otherwise.
    pub level: Level,
    /// Languages its phrases are in.
    pub languages: Vec<String>,
    /// Documents it is for.
    pub scope: Scope,
    /// What it does.
    pub action: Action,
    /// Conditions; one of them must hold. Never empty.
    pub guards: Vec<Guard>,
    /// The file it was read from.
    pub path: PathBuf,
    /// The line of its id in that file.
    pub line: usize,
    /// The rule as it is written there, examples and all.
    pub written: Written,
    /// What the user changed about it.
    #[serde(skip)]
    pub changes: Vec<Change>,
    /// Its place among the rules that were checked when dechaff was built.
    #[serde(skip)]
    pub(crate) frozen: Option<RuleIndex>,
}

/// Texts that examples can name.
pub type Texts = BTreeMap<String, String>;

/// A rule as it stands in its file. That of a built-in rule is read when it is first asked for: cleaning needs none.
#[derive(Debug, Serialize, Deserialize)]
pub struct Written {
    /// Its file, where that is built in.
    path: PathBuf,
    /// Its place in it.
    index: usize,
    #[serde(skip)]
    read: Option<Box<(file::Rule, Arc<Texts>)>>,
}

impl Written {
    pub(super) fn new(path: &Path, index: usize, rule: file::Rule, texts: &Arc<Texts>) -> Self {
        Self { path: path.to_path_buf(), index, read: Some(Box::new((rule, Arc::clone(texts)))) }
    }
}

impl Deref for Written {
    type Target = file::Rule;

    fn deref(&self) -> &file::Rule {
        match &self.read {
            Some(read) => &read.0,
            None => builtin::written(&self.path, self.index),
        }
    }
}

/// What a rule does; the counterpart of the action keys of a rule file.
#[derive(Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub enum Action {
    Line(Pattern),
    Block {
        start: Pattern,
        end: Pattern,
        max_lines: usize,
        no_end: NoEnd,
    },
    Section {
        heading: Pattern,
        #[serde(with = "items")]
        items: Items,
    },
    Run(Run),
    Span(Cut),
    Duplicate(Duplicate),
    Masthead(Masthead),
    Ending(Ending),
    Foreign {
        min_chars: usize,
        min_confidence: f64,
        topic: Option<Pattern>,
    },
    Evidence(Evidence),
    Keep(Keep),
}

impl Action {
    /// Whether it can act though no pattern of the rule hits a line.
    pub(crate) fn is_unprompted(&self) -> bool {
        match self {
            Action::Line(_) | Action::Block { .. } | Action::Section { .. } | Action::Span(_) | Action::Keep(_) => {
                false
            }
            Action::Run(_)
            | Action::Duplicate(_)
            | Action::Masthead(_)
            | Action::Ending(_)
            | Action::Foreign { .. }
            | Action::Evidence(_) => true,
        }
    }
}

/// Part of a line.
#[derive(Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Cut {
    pub at: At,
    pub pattern: Pattern,
}

/// Later copies.
#[derive(Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Duplicate {
    pub unit: Unit,
    pub keep: Copies,
    pub min_chars: usize,
    pub min_words: usize,
    pub min_prose_lines: usize,
    pub min_run: usize,
    pub min_share: f64,
    pub max_words: Option<usize>,
    pub within_lines: Option<usize>,
    pub credited_by: Vec<Phrase>,
}

/// From one line to the document's end.
#[derive(Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Ending {
    /// Globs of their ids, as written.
    pub(super) named: Vec<String>,
    /// The rules whose lines begin it, in order.
    pub from: Vec<RuleIndex>,
    pub start: Pattern,
    pub marks: Pattern,
    pub min_marks: usize,
    pub after_prose: usize,
    pub max_prose: usize,
}

/// Lines whose points are below the bar.
#[derive(Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Evidence {
    pub(super) name: String,
    /// Its place among the models.
    pub model: usize,
    pub input: Input,
}

/// What other rules must leave alone.
#[derive(Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Keep {
    pub unit: Unit,
    pub pattern: Pattern,
    pub min_hits: usize,
    pub kind: Option<String>,
    /// Globs of their ids, as written.
    pub(super) named: Vec<String>,
    /// The rules it protects from, in order.
    pub from: Vec<RuleIndex>,
}

/// One way in which a rule may act.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Guard {
    pub level: Level,
    pub min_chars: usize,
    pub max_chars: Option<usize>,
    pub min_words: usize,
    pub max_words: Option<usize>,
    pub place: Option<Where>,
    pub at_end: bool,
    pub near: Option<Near>,
    pub max_hits: Option<usize>,
    pub max_share: Option<f64>,
    pub case: Option<file::Case>,
    pub document_not: Vec<String>,
}

/// Another rule's hit close by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Near {
    pub categories: Vec<Category>,
    pub within_lines: usize,
    pub firm: bool,
}

/// Documents that a rule is for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Scope {
    pub(super) hosts: Vec<String>,
    pub(super) not_hosts: Vec<String>,
    pub(super) paths: Option<Globs>,
    pub(super) not_paths: Option<Globs>,
    pub(super) files: Option<Globs>,
    pub(super) not_files: Option<Globs>,
    /// The document must be in one of these, if there are any.
    pub document_languages: Vec<String>,
}

/// Globs, compiled when the first path is held against them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Globs {
    written: Vec<String>,
    #[serde(skip)]
    compiled: OnceLock<Option<GlobSet>>,
}

impl Globs {
    pub(super) fn new(globs: &[Glob]) -> Result<Self, globset::Error> {
        let written: Vec<String> = globs.iter().map(|glob| glob.glob().to_owned()).collect();
        let compiled = OnceLock::from(Some(compile(&written)?));
        Ok(Self { written, compiled })
    }

    fn is_match(&self, value: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| compile(&self.written).ok());
        compiled.as_ref().is_some_and(|globs| globs.is_match(value))
    }
}

fn compile(globs: &[String]) -> Result<GlobSet, globset::Error> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(Glob::new(glob)?);
    }
    builder.build()
}

/// A section's items without the place of their maximum, which only messages need.
mod items {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_saphyr::{Location, Spanned};

    use crate::rules::file::Items;

    pub(super) fn serialize<S: Serializer>(items: &Items, serializer: S) -> Result<S::Ok, S::Error> {
        (items.kind, items.min, items.max.value, items.max_chars, items.max_words).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Items, D::Error> {
        let (kind, min, max, max_chars, max_words) = Deserialize::deserialize(deserializer)?;
        let max = Spanned::new(max, Location::UNKNOWN, Location::UNKNOWN);
        Ok(Items { kind, min, max, max_chars, max_words })
    }
}

impl Scope {
    /// Whether the rule is for documents from some hosts, paths or files only.
    #[must_use]
    pub fn is_for_a_site(&self) -> bool {
        !self.hosts.is_empty() || self.paths.is_some() || self.files.is_some()
    }

    /// Whether it is for documents from anywhere.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        !self.is_for_a_site() && self.not_hosts.is_empty() && self.not_paths.is_none() && self.not_files.is_none()
    }

    /// Whether a document from there is one that the rule is for. What is not known does not match.
    #[must_use]
    pub fn holds(&self, origin: &Origin) -> bool {
        let glob = |globs: &Globs, value: &Option<String>| value.as_deref().is_some_and(|value| globs.is_match(value));
        let wanted = |globs: &Option<Globs>, value| globs.as_ref().is_none_or(|globs| glob(globs, value));
        let unwanted = |globs: &Option<Globs>, value| globs.as_ref().is_some_and(|globs| glob(globs, value));
        self.holds_host(origin)
            && wanted(&self.paths, &origin.path)
            && !unwanted(&self.not_paths, &origin.path)
            && wanted(&self.files, &origin.file)
            && !unwanted(&self.not_files, &origin.file)
    }

    /// Whether the document's host is one that the rule is for, whatever else it asks for.
    #[must_use]
    pub fn holds_host(&self, origin: &Origin) -> bool {
        let host = |hosts: &[String]| {
            origin.host.as_deref().is_some_and(|host| hosts.iter().any(|wanted| is_host_or_below(host, wanted)))
        };
        (self.hosts.is_empty() || host(&self.hosts)) && !host(&self.not_hosts)
    }

    /// Hosts that the rule is for; all where there are none.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// A host that the rule is for, if it asks for one.
    #[must_use]
    pub fn example_host(&self) -> Option<&str> {
        self.hosts.first().map(String::as_str)
    }
}

fn is_host_or_below(host: &str, wanted: &str) -> bool {
    host.strip_suffix(wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl Rule {
    /// Texts that its examples can name.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        match &self.written.read {
            Some(read) => &read.1,
            None => builtin::texts(&self.path),
        }
    }

    /// The pattern that plays that role, if the rule has it.
    #[must_use]
    pub fn pattern(&self, role: Role) -> Option<&Pattern> {
        match (&self.action, role) {
            (Action::Line(pattern), Role::Main) => Some(pattern),
            (Action::Span(cut), Role::Main) => Some(&cut.pattern),
            (Action::Keep(keep), Role::Main) => Some(&keep.pattern),
            (Action::Block { start, .. } | Action::Ending(Ending { start, .. }), Role::Start) => Some(start),
            (Action::Block { end, .. }, Role::End) => Some(end),
            (Action::Section { heading, .. }, Role::Heading) => Some(heading),
            (Action::Ending(Ending { marks, .. }), Role::Mark) => Some(marks),
            (Action::Foreign { topic, .. }, Role::Topic) => topic.as_ref(),
            _ => None,
        }
    }

    /// The globs by which it names other rules.
    pub(super) fn named(&self) -> Option<&[String]> {
        match &self.action {
            Action::Keep(keep) => Some(&keep.named),
            Action::Ending(ending) => Some(&ending.named),
            _ => None,
        }
    }

    pub(crate) fn pattern_mut(&mut self, role: Role) -> Option<&mut Pattern> {
        match (&mut self.action, role) {
            (Action::Line(pattern), Role::Main) => Some(pattern),
            (Action::Span(cut), Role::Main) => Some(&mut cut.pattern),
            (Action::Keep(keep), Role::Main) => Some(&mut keep.pattern),
            (Action::Block { start, .. } | Action::Ending(Ending { start, .. }), Role::Start) => Some(start),
            (Action::Block { end, .. }, Role::End) => Some(end),
            (Action::Section { heading, .. }, Role::Heading) => Some(heading),
            (Action::Ending(Ending { marks, .. }), Role::Mark) => Some(marks),
            (Action::Foreign { topic, .. }, Role::Topic) => topic.as_mut(),
            _ => None,
        }
    }

    /// The kind that this rule gives a document, if it does.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        match &self.action {
            Action::Keep(keep) => keep.kind.as_deref(),
            _ => None,
        }
    }

    /// The most careful level at which some guard lets the rule act.
    #[must_use]
    pub fn first_level(&self) -> Level {
        self.guards.iter().map(|guard| guard.level).min().unwrap_or(self.level)
    }
}
