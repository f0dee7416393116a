//! Rules as checked: the types that the rest of dechaff works with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use globset::GlobSet;

use super::file::{self, At, Category, Copies, Input, Items, Level, Masthead, NoEnd, Run, Unit, Where};
use super::overlay::Change;
use super::pattern::{Pattern, Phrase, Role};
use crate::origin::Origin;

/// A rule, by its place in the [`RuleSet`](super::RuleSet).
pub type RuleIndex = usize;

/// One checked rule.
#[derive(Debug)]
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
    pub written: file::Rule,
    /// What the user changed about it.
    pub changes: Vec<Change>,
    /// Texts that its examples can name.
    pub texts: Arc<BTreeMap<String, String>>,
}

/// What a rule does; the counterpart of the action keys of a rule file.
#[derive(Debug)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub enum Action {
    Line(Pattern),
    Block { start: Pattern, end: Pattern, max_lines: usize, no_end: NoEnd },
    Section { heading: Pattern, items: Items },
    Run(Run),
    Span(Cut),
    Duplicate(Duplicate),
    Masthead(Masthead),
    Ending(Ending),
    Foreign { min_chars: usize, min_confidence: f64, topic: Option<Pattern> },
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
#[derive(Debug)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Cut {
    pub at: At,
    pub pattern: Pattern,
}

/// Later copies.
#[derive(Debug)]
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
#[derive(Debug)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Ending {
    /// The rules whose lines begin it, in order.
    pub from: Vec<RuleIndex>,
    pub start: Pattern,
    pub after_prose: usize,
    pub max_prose: usize,
}

/// Lines whose points are below the bar.
#[derive(Debug)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Evidence {
    /// Its place among the models.
    pub model: usize,
    pub input: Input,
}

/// What other rules must leave alone.
#[derive(Debug)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Keep {
    pub unit: Unit,
    pub pattern: Pattern,
    pub min_hits: usize,
    pub kind: Option<String>,
    /// The rules it protects from, in order.
    pub from: Vec<RuleIndex>,
}

/// One way in which a rule may act.
#[derive(Debug, Clone, Default)]
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
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Near {
    pub categories: Vec<Category>,
    pub within_lines: usize,
    pub firm: bool,
}

/// Documents that a rule is for.
#[derive(Debug, Default)]
pub struct Scope {
    pub(super) hosts: Vec<String>,
    pub(super) not_hosts: Vec<String>,
    pub(super) paths: Option<GlobSet>,
    pub(super) not_paths: Option<GlobSet>,
    pub(super) files: Option<GlobSet>,
    pub(super) not_files: Option<GlobSet>,
    /// The document must be in one of these, if there are any.
    pub document_languages: Vec<String>,
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
        let glob =
            |globs: &GlobSet, value: &Option<String>| value.as_deref().is_some_and(|value| globs.is_match(value));
        let wanted = |globs: &Option<GlobSet>, value| globs.as_ref().is_none_or(|globs| glob(globs, value));
        let unwanted = |globs: &Option<GlobSet>, value| globs.as_ref().is_some_and(|globs| glob(globs, value));
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
            (Action::Foreign { topic, .. }, Role::Topic) => topic.as_ref(),
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
