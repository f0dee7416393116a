//! A set of rules: read from files, checked one by one, linked, and ordered by id.

use std::collections::HashMap;
use std::path::Path;

use super::check;
use super::file;
use super::mistake;
use super::pattern::Checker;
use super::rule::{Action, Rule, RuleIndex};
use crate::error::Error;
use crate::language::Profile;
use crate::limits;

/// Checked rules in the order of their ids, so that no order of files or of rules in them makes a difference.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    languages: Vec<Profile>,
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
        let mut set = Self { rules: Vec::new(), languages };
        let mut seen: HashMap<String, String> = HashMap::new();
        for (source, file) in &written {
            set.add(*source, file, &mut seen).map_err(|error| error.in_file(source.path))?;
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
        let mut checker = Checker { source: source.text, phrases: 0, regexes: 0 };
        check::name(&checker, &file.pack, "pack", ".-")?;
        for written in &file.rules {
            check::name(&checker, &written.id, "id", "-")?;
            let rule = check::rule(&mut checker, source.path, file, written)?;
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
        let checker = Checker { source: source.text, phrases: 0, regexes: 0 };
        let kinds: Vec<String> = self.rules.iter().filter_map(|rule| rule.kind().map(str::to_owned)).collect();
        for written in &file.rules {
            for guard in &written.guard.0 {
                if let Some(unknown) = guard.document_not.iter().find(|kind| !kinds.contains(&kind.value)) {
                    let message = format!("no rule gives a document the kind `{}`", unknown.value);
                    return Err(checker.error(unknown, message).help(mistake::nearest(&unknown.value, &kinds)));
                }
            }
            let Some(keep) = &written.keep else { continue };
            let mut from = Vec::new();
            for glob in &keep.from {
                let matcher = check::glob(&checker, glob)?.compile_matcher();
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
            if let Some(Rule { action: Action::Keep(keep), .. }) = self.rules.iter_mut().find(|rule| rule.id == id) {
                keep.from = from;
            }
        }
        Ok(())
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
        let message =
            format!("this rule file has {} bytes, at most {} are allowed", source.text.len(), limits::RULE_FILE_BYTES);
        return Err(Error::new(message).help("spread the rules over several files"));
    }
    let file: file::RuleFile = read_yaml(source.text)?;
    if file.schema.value != 1 {
        let message = format!("schema {} is not known to this dechaff", file.schema.value);
        return Err(Error::new(message).at(mistake::place(source.text, &file.schema)).help("write `schema: 1`"));
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
