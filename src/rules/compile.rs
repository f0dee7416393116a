//! Rules as checked. Everything that can be wrong with a rule is found here, before any text is read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde_saphyr::Spanned;

use super::file::{self, At, Category, Copies, Items, Level, Match, NoEnd, Run, Text, Unit, Where};
use super::mistake;
use super::pattern::{Checker, Pattern, Phrase};
use crate::error::Error;
use crate::fold::joins_words;
use crate::language::Profile;
use crate::limits;
use crate::origin::Origin;

/// A rule, by its place in the [`RuleSet`].
pub type RuleIndex = usize;

/// Checked rules in the order of their ids, so that no order of files or of rules in them makes a difference.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    languages: Vec<Profile>,
}

/// One checked rule.
#[derive(Debug)]
pub struct Rule {
    /// `pack/id`.
    pub id: String,
    /// What noise it is, in a sentence.
    pub about: String,
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
    /// Its examples.
    pub tests: file::Tests,
    /// The file it was read from.
    pub path: PathBuf,
    /// The line of its id in that file.
    pub line: usize,
}

/// What a rule does; the counterpart of the action keys of a rule file.
#[derive(Debug)]
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
        items: Items,
        reaches_end: bool,
    },
    Run(Run),
    Span(Cut),
    Duplicate(Duplicate),
    Foreign {
        min_chars: usize,
        min_confidence: f64,
        topic: Option<Pattern>,
    },
    Keep(Keep),
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
    pub within_lines: Option<usize>,
    pub credited_by: Vec<Phrase>,
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
    hosts: Vec<String>,
    not_hosts: Vec<String>,
    paths: Option<GlobSet>,
    not_paths: Option<GlobSet>,
    files: Option<GlobSet>,
    not_files: Option<GlobSet>,
    /// The document must be in one of these, if there are any.
    pub document_languages: Vec<String>,
}

impl Scope {
    /// Whether a document from there is one that the rule is for. What is not known does not match.
    #[must_use]
    pub fn holds(&self, origin: &Origin) -> bool {
        let host = |hosts: &[String]| {
            origin
                .host
                .as_deref()
                .is_some_and(|host| hosts.iter().any(|wanted| is_host_or_below(host, wanted)))
        };
        let glob =
            |globs: &GlobSet, value: &Option<String>| value.as_deref().is_some_and(|value| globs.is_match(value));
        let wanted = |globs: &Option<GlobSet>, value| globs.as_ref().is_none_or(|globs| glob(globs, value));
        let unwanted = |globs: &Option<GlobSet>, value| globs.as_ref().is_some_and(|globs| glob(globs, value));
        (self.hosts.is_empty() || host(&self.hosts))
            && !host(&self.not_hosts)
            && wanted(&self.paths, &origin.path)
            && !unwanted(&self.not_paths, &origin.path)
            && wanted(&self.files, &origin.file)
            && !unwanted(&self.not_files, &origin.file)
    }

    /// A host that the rule is for, if it asks for one.
    #[must_use]
    pub fn example_host(&self) -> Option<&str> {
        self.hosts.first().map(String::as_str)
    }
}

fn is_host_or_below(host: &str, wanted: &str) -> bool {
    host.strip_suffix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A rule file that was read: its path, for messages, and its text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'s> {
    /// Where it was read.
    pub path: &'s Path,
    /// What stands in it.
    pub text: &'s str,
}

impl RuleSet {
    /// Reads and checks rule files.
    ///
    /// # Errors
    /// The first mistake, with file, line, column and what to do: a key or value that is not known, two rules with one
    /// id, a rule without tests, a regex that does not compile, a limit that is hit.
    pub fn load<'s>(sources: impl IntoIterator<Item = Source<'s>>, languages: Vec<Profile>) -> Result<Self, Error> {
        let mut written = Vec::new();
        for source in sources {
            written.push((source, parse(source).map_err(|error| error.in_file(source.path))?));
        }
        let mut set = Self {
            rules: Vec::new(),
            languages,
        };
        let mut seen: HashMap<String, String> = HashMap::new();
        for (source, file) in &written {
            set.add(*source, file, &mut seen)
                .map_err(|error| error.in_file(source.path))?;
        }
        set.rules.sort_by(|a, b| a.id.cmp(&b.id));
        for (source, file) in &written {
            set.link(*source, file).map_err(|error| error.in_file(source.path))?;
        }
        Ok(set)
    }

    /// All rules, ordered by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The evidence by which languages are told apart.
    #[must_use]
    pub fn languages(&self) -> &[Profile] {
        &self.languages
    }

    /// The rule with that full id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<(RuleIndex, &Rule)> {
        let index = self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()?;
        self.rules.get(index).map(|rule| (index, rule))
    }

    fn add(
        &mut self,
        source: Source<'_>,
        file: &file::RuleFile,
        seen: &mut HashMap<String, String>,
    ) -> Result<(), Error> {
        let mut checker = Checker {
            source: source.text,
            phrases: 0,
            regexes: 0,
        };
        check_name(&checker, &file.pack, "pack", ".-")?;
        for written in &file.rules {
            check_name(&checker, &written.id, "id", "-")?;
            let rule = check_rule(&mut checker, source.path, file, written)?;
            let here = format!("{}:{}", source.path.display(), rule.line);
            if let Some(first) = seen.insert(rule.id.clone(), here) {
                let message = format!("two rules are called `{}`", rule.id);
                return Err(checker
                    .error(&written.id, message)
                    .help(format!("the other one is at {first}; rename one of them")));
            }
            self.rules.push(rule);
        }
        Ok(())
    }

    /// Resolves what refers to other rules: the globs of keep rules, and the kinds of document that guards name.
    fn link(&mut self, source: Source<'_>, file: &file::RuleFile) -> Result<(), Error> {
        let checker = Checker {
            source: source.text,
            phrases: 0,
            regexes: 0,
        };
        let kinds: Vec<String> = self
            .rules
            .iter()
            .filter_map(|rule| rule.kind().map(str::to_owned))
            .collect();
        for written in &file.rules {
            for guard in &written.guard.0 {
                if let Some(unknown) = guard.document_not.iter().find(|kind| !kinds.contains(&kind.value)) {
                    let message = format!("no rule gives a document the kind `{}`", unknown.value);
                    return Err(checker
                        .error(unknown, message)
                        .help(mistake::nearest(&unknown.value, &kinds)));
                }
            }
            let Some(keep) = &written.keep else { continue };
            let mut from = Vec::new();
            for glob in &keep.from {
                let matcher = compile_glob(&checker, glob)?.compile_matcher();
                let before = from.len();
                from.extend(
                    self.rules
                        .iter()
                        .enumerate()
                        .filter(|(_, rule)| matcher.is_match(&rule.id))
                        .map(|(index, _)| index),
                );
                if from.len() == before {
                    let ids: Vec<&str> = self.rules.iter().map(|rule| rule.id.as_str()).collect();
                    let message = format!("no rule is called `{}`", glob.value);
                    return Err(checker.error(glob, message).help(nearest_only(&glob.value, &ids)));
                }
            }
            from.sort_unstable();
            from.dedup();
            let id = format!("{}/{}", file.pack.value, written.id.value);
            if let Some(Rule {
                action: Action::Keep(keep),
                ..
            }) = self.rules.iter_mut().find(|rule| rule.id == id)
            {
                keep.from = from;
            }
        }
        Ok(())
    }
}

impl Rule {
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

/// Help for a name among hundreds: only the likely one.
fn nearest_only(wrong: &str, names: &[&str]) -> String {
    let help = mistake::nearest(wrong, names);
    match help.split_once(" possible here") {
        Some((guess, _)) => guess.to_owned(),
        None => "`dechaff` knows rules as pack/id; a glob may hold `*`".to_owned(),
    }
}

fn parse(source: Source<'_>) -> Result<file::RuleFile, Error> {
    if source.text.len() > limits::RULE_FILE_BYTES {
        let message = format!(
            "this rule file has {} bytes, at most {} are allowed",
            source.text.len(),
            limits::RULE_FILE_BYTES
        );
        return Err(Error::new(message).help("spread the rules over several files"));
    }
    let file: file::RuleFile = read_yaml(source.text)?;
    if file.schema.value != 1 {
        let message = format!("schema {} is not known to this dechaff", file.schema.value);
        return Err(Error::new(message)
            .at(mistake::place(source.text, &file.schema))
            .help("write `schema: 1`"));
    }
    Ok(file)
}

/// Reads YAML with every budget set: no aliases, no merge keys, bounded depth.
pub(super) fn read_yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    let budget = serde_saphyr::budget!(
        max_aliases: 0,
        max_anchors: 0,
        max_depth: limits::YAML_DEPTH,
        flow_nesting_limit: limits::YAML_DEPTH,
        max_events: limits::YAML_EVENTS,
        max_nodes: limits::YAML_EVENTS,
        max_documents: 1,
    );
    let options = serde_saphyr::options!(
        budget: budget,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        with_snippet: false,
    );
    serde_saphyr::from_str_with_options(text, options).map_err(|error| mistake::from_yaml(text, &error))
}

fn check_name(checker: &Checker<'_>, name: &Text, what: &str, joints: &str) -> Result<(), Error> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || joints.contains(c);
    if name.value.is_empty() || !name.value.chars().all(sound) {
        let message = format!(
            "`{}` is no name for {} {what}",
            name.value,
            if what == "id" { "an" } else { "a" }
        );
        return Err(checker
            .error(name, message)
            .help("use lower-case letters, digits and hyphens: `comment-box`"));
    }
    Ok(())
}

fn check_rule(
    checker: &mut Checker<'_>,
    path: &Path,
    file: &file::RuleFile,
    written: &file::Rule,
) -> Result<Rule, Error> {
    let level = Level::from(written.confidence);
    let action = check_action(checker, written)?;
    let guards = check_guards(checker, written, level)?;
    check_weak(checker, written, &action, &guards)?;
    check_tests(checker, written)?;
    Ok(Rule {
        id: format!("{}/{}", file.pack.value, written.id.value),
        about: written.about.clone(),
        category: written.category.value,
        level,
        languages: written
            .languages
            .clone()
            .unwrap_or_else(|| file.defaults.languages.clone()),
        scope: check_scope(checker, written.scope.as_ref().or(file.defaults.scope.as_ref()))?,
        action,
        guards,
        tests: written.tests.clone(),
        path: path.to_path_buf(),
        line: mistake::place(checker.source, &written.id).line,
    })
}

const ACTIONS: [&str; 8] = [
    "line",
    "block",
    "section",
    "run",
    "span",
    "duplicate",
    "foreign",
    "keep",
];

fn check_action(checker: &mut Checker<'_>, written: &file::Rule) -> Result<Action, Error> {
    let there = [
        written.line.is_some(),
        written.block.is_some(),
        written.section.is_some(),
        written.run.is_some(),
        written.span.is_some(),
        written.duplicate.is_some(),
        written.foreign.is_some(),
        written.keep.is_some(),
    ];
    let named: Vec<&str> = ACTIONS
        .iter()
        .zip(there)
        .filter(|(_, there)| *there)
        .map(|(name, _)| *name)
        .collect();
    if named.len() != 1 {
        let message = match named.as_slice() {
            [] => format!("the rule `{}` has no action", written.id.value),
            several => format!(
                "the rule `{}` has {} actions: {}",
                written.id.value,
                several.len(),
                several.join(", ")
            ),
        };
        return Err(checker
            .error(&written.id, message)
            .help(format!("a rule has exactly one of {}", ACTIONS.join(", "))));
    }
    let id = &written.id;
    if let Some(line) = &written.line {
        return Ok(Action::Line(matching_pattern(checker, id, line)?));
    }
    if let Some(block) = &written.block {
        return check_block(checker, id, block);
    }
    if let Some(section) = &written.section {
        let heading = matching_pattern(checker, id, &section.heading)?;
        bounded(checker, &section.items.max, limits::SECTION_ITEMS, "items")?;
        return Ok(Action::Section {
            heading,
            items: section.items.clone(),
            reaches_end: section.reaches_end,
        });
    }
    if let Some(run) = &written.run {
        return Ok(Action::Run(run.clone()));
    }
    if let Some(cut) = &written.span {
        return check_cut(checker, id, cut);
    }
    if let Some(duplicate) = &written.duplicate {
        return Ok(Action::Duplicate(Duplicate {
            unit: duplicate.unit,
            keep: duplicate.keep,
            min_chars: duplicate.min_chars,
            min_words: duplicate.min_words,
            min_prose_lines: duplicate.min_prose_lines,
            min_run: duplicate.min_run.max(1),
            min_share: duplicate.min_share,
            within_lines: duplicate.within_lines,
            credited_by: checker.phrases(&duplicate.credited_by, Match::Suffix)?,
        }));
    }
    if let Some(foreign) = &written.foreign {
        let topic = (!foreign.topic.is_empty())
            .then(|| {
                Ok::<_, Error>(Pattern {
                    matching: Match::Contains,
                    phrases: checker.phrases(&foreign.topic, Match::Contains)?,
                    ..Pattern::default()
                })
            })
            .transpose()?;
        return Ok(Action::Foreign {
            min_chars: foreign.min_chars,
            min_confidence: foreign.min_confidence,
            topic,
        });
    }
    check_keep(checker, written)
}

fn check_block(checker: &mut Checker<'_>, id: &Text, block: &file::Block) -> Result<Action, Error> {
    let start = matching_pattern(checker, id, &block.start)?;
    let end = checker.pattern(&block.end)?;
    if block.no_end == NoEnd::Keep && end.phrases.is_empty() && end.regexes.is_empty() {
        return Err(checker
            .error(id, "this block has no end")
            .help("give it an `end`, or `no_end: paragraph` or `document`"));
    }
    bounded(checker, &block.max_lines, limits::BLOCK_LINES, "lines")?;
    Ok(Action::Block {
        start,
        end,
        max_lines: block.max_lines.value,
        no_end: block.no_end,
    })
}

/// Phrases of a span become regexes: a cut needs to know where it begins and ends.
fn check_cut(checker: &mut Checker<'_>, id: &Text, cut: &file::Cut) -> Result<Action, Error> {
    let matching = match cut.at {
        At::LineStart => Match::Prefix,
        At::LineEnd => Match::Suffix,
        At::Anywhere => Match::Contains,
    };
    let mut regexes = Vec::new();
    for (written, phrase) in cut.phrases.iter().zip(checker.phrases(&cut.phrases, matching)?) {
        let word = |c: Option<char>| if c.is_some_and(joins_words) { r"\b" } else { "" };
        let body = regex_syntax::escape(&phrase.folded).replace(r"\{n\}", r"\d[\d.,]*");
        let tail = if phrase.open_end {
            r"\w*"
        } else {
            word(phrase.folded.chars().next_back())
        };
        let pattern = Spanned {
            value: format!("{}{body}{tail}", word(phrase.folded.chars().next())),
            ..written.clone()
        };
        regexes.push(checker.regex(&pattern, matching)?);
    }
    for regex in &cut.regex {
        regexes.push(checker.regex(regex, matching)?);
    }
    if regexes.is_empty() {
        return Err(checker
            .error(id, "this rule has nothing to look for")
            .help("give it `phrases` or `regex`"));
    }
    let except = checker.phrases(&cut.except, Match::Contains)?;
    Ok(Action::Span(Cut {
        at: cut.at,
        pattern: Pattern {
            matching,
            regexes,
            except,
            ..Pattern::default()
        },
    }))
}

fn check_keep(checker: &mut Checker<'_>, written: &file::Rule) -> Result<Action, Error> {
    let Some(keep) = &written.keep else {
        return Err(Error::new("a rule without an action"));
    };
    let pattern = file::Pattern {
        matching: keep.matching,
        phrases: keep.phrases.clone(),
        regex: keep.regex.clone(),
        with: keep.with.clone(),
        except: keep.except.clone(),
    };
    if keep.from.is_empty() && keep.kind.is_none() {
        return Err(checker
            .error(&written.id, "this keep rule protects from nothing")
            .help("give it `from: [\"pack/*\"]`"));
    }
    Ok(Action::Keep(Keep {
        unit: keep.unit,
        pattern: matching_pattern(checker, &written.id, &pattern)?,
        min_hits: keep.min_hits.max(1),
        kind: keep.kind.as_ref().map(|kind| kind.value.clone()),
        from: Vec::new(),
    }))
}

/// A pattern that has something to match.
fn matching_pattern(checker: &mut Checker<'_>, id: &Text, written: &file::Pattern) -> Result<Pattern, Error> {
    let pattern = checker.pattern(written)?;
    if pattern.phrases.is_empty() && pattern.regexes.is_empty() {
        return Err(checker
            .error(id, "this rule has nothing to look for")
            .help("give it `phrases` or `regex`"));
    }
    Ok(pattern)
}

fn bounded(checker: &Checker<'_>, value: &Spanned<usize>, maximum: usize, what: &str) -> Result<(), Error> {
    if value.value > maximum {
        let message = format!("{} {what} are too many, at most {maximum} are allowed", value.value);
        return Err(checker
            .error(value, message)
            .help("noise that long has more than one mark to know it by"));
    }
    Ok(())
}

fn check_guards(checker: &Checker<'_>, written: &file::Rule, level: Level) -> Result<Vec<Guard>, Error> {
    let mut guards = Vec::new();
    for guard in &written.guard.0 {
        let near = match &guard.near {
            Some(near) => {
                bounded(checker, &near.within_lines, limits::NEAR_LINES, "lines")?;
                Some(Near {
                    categories: near.category.0.clone(),
                    within_lines: near.within_lines.value,
                    firm: near.firm,
                })
            }
            None => None,
        };
        guards.push(Guard {
            level: guard.level.unwrap_or(level),
            min_chars: guard.min_chars.unwrap_or(0),
            max_chars: guard.max_chars,
            min_words: guard.min_words.unwrap_or(0),
            max_words: guard.max_words,
            place: guard.place,
            at_end: guard.at_end,
            near,
            max_hits: guard.max_hits,
            max_share: guard.max_share,
            case: guard.case,
            document_not: guard.document_not.iter().map(|kind| kind.value.clone()).collect(),
        });
    }
    if guards.is_empty() {
        guards.push(Guard {
            level,
            ..Guard::default()
        });
    }
    Ok(guards)
}

/// Patterns that say so little that only a guard makes them bearable.
fn check_weak(checker: &Checker<'_>, written: &file::Rule, action: &Action, guards: &[Guard]) -> Result<(), Error> {
    let patterns: Vec<(&Pattern, &file::Pattern)> = match (action, &written.line) {
        (Action::Line(pattern), Some(line)) => vec![(pattern, line)],
        _ => Vec::new(),
    };
    for (pattern, line) in patterns {
        let beside_noise = guards.iter().all(|guard| guard.near.is_some());
        for (phrase, text) in pattern.phrases.iter().zip(&line.phrases) {
            if phrase.folded.chars().count() == 1 && !beside_noise {
                return Err(checker.error(text, "a phrase of one character is in every text").help(
                    "add `guard: {near: {category: ..., within_lines: 3}}`, so that it falls only beside other noise",
                ));
            }
        }
        let short = guards
            .iter()
            .all(|guard| guard.max_chars.is_some() || guard.max_words.is_some());
        for (regex, text) in pattern.regexes.iter().zip(&line.regex) {
            if regex.literals.is_empty() && !short {
                return Err(checker
                    .error(
                        text,
                        "this regex has no fixed text in it, so every line would have to be tried",
                    )
                    .help("add `guard: {max_chars: 80}`, or a word that every match contains"));
            }
        }
    }
    Ok(())
}

fn check_tests(checker: &Checker<'_>, written: &file::Rule) -> Result<(), Error> {
    let tests = &written.tests;
    let missing = if tests.removes.is_empty() && tests.cases.is_empty() && written.keep.is_none() {
        "shows nothing that it removes"
    } else if tests.keeps.is_empty() {
        "shows nothing that it keeps"
    } else {
        return Ok(());
    };
    Err(checker
        .error(&written.id, format!("the rule `{}` {missing}", written.id.value))
        .help("add `tests: {removes: [\"...\"], keeps: [\"a near miss\"]}`"))
}

fn check_scope(checker: &Checker<'_>, written: Option<&file::Scope>) -> Result<Scope, Error> {
    let Some(written) = written else {
        return Ok(Scope::default());
    };
    let hosts = |hosts: &[Text]| -> Result<Vec<String>, Error> {
        hosts
            .iter()
            .map(|host| match host.value.contains(['/', '*', ':', ' ']) {
                true => Err(checker
                    .error(host, format!("`{}` is no host", host.value))
                    .help("write the host alone, `example.org`; its subdomains are included")),
                false => Ok(host.value.to_lowercase()),
            })
            .collect()
    };
    let globs = |globs: &[Text]| -> Result<Option<GlobSet>, Error> {
        let mut builder = GlobSetBuilder::new();
        for glob in globs {
            builder.add(compile_glob(checker, glob)?);
        }
        let set = builder.build().map_err(|error| Error::new(error.to_string()))?;
        Ok((!globs.is_empty()).then_some(set))
    };
    Ok(Scope {
        hosts: hosts(&written.hosts)?,
        not_hosts: hosts(&written.not_hosts)?,
        paths: globs(&written.paths)?,
        not_paths: globs(&written.not_paths)?,
        files: globs(&written.files)?,
        not_files: globs(&written.not_files)?,
        document_languages: written
            .document_languages
            .iter()
            .map(|code| code.value.to_lowercase())
            .collect(),
    })
}

fn compile_glob(checker: &Checker<'_>, glob: &Text) -> Result<Glob, Error> {
    Glob::new(&glob.value).map_err(|error| {
        checker
            .error(glob, "this glob is not sound")
            .help(error.kind().to_string())
    })
}
