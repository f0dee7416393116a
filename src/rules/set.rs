//! A set of rules: read from files, checked one by one, linked, and ordered by id.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use globset::Glob;

use super::builtin::{Knowledge, NamedModel};
use super::check;
use super::file;
use super::mistake;
use super::overlay::Overlay;
use super::pattern::Checker;
use super::rule::{Action, Evidence, Rule, RuleIndex};
use crate::error::Error;
use crate::evidence::Model;
use crate::language::Profile;
use crate::limits;

/// Checked rules in the order of their ids, so that no order of files or of rules in them makes a difference.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// Rules that the user switched off.
    disabled: Vec<Rule>,
    knowledge: Knowledge,
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
    pub fn load<'s>(sources: impl IntoIterator<Item = Source<'s>>, knowledge: Knowledge) -> Result<Self, Error> {
        Self::load_with(sources, knowledge, None)
    }

    /// Reads and checks rule files, with a user's changes to them.
    ///
    /// # Errors
    /// As [`RuleSet::load`]; and where the changes name a rule or a phrase that is not there.
    pub fn load_with<'s>(
        sources: impl IntoIterator<Item = Source<'s>>,
        knowledge: Knowledge,
        overlay: Option<&Overlay<'_>>,
    ) -> Result<Self, Error> {
        Self { knowledge, ..Self::default() }.read(sources, overlay, HashMap::new())
    }

    /// Rules that were checked when dechaff was built, and more.
    pub(super) fn thaw<'s>(
        rules: Vec<Rule>,
        sources: impl IntoIterator<Item = Source<'s>>,
        knowledge: Knowledge,
        overlay: Option<&Overlay<'_>>,
    ) -> Result<Self, Error> {
        let mut sources = sources.into_iter().peekable();
        let off = overlay.map(Overlay::disabling).transpose()?.unwrap_or_default();
        if sources.peek().is_none() && off.is_empty() {
            let mut set = Self { rules, disabled: Vec::new(), knowledge };
            set.link_models(&HashMap::new())?;
            return Ok(set);
        }
        let place = |rule: &Rule| (rule.id.clone(), format!("{}:{}", rule.path.display(), rule.line));
        let seen = rules.iter().map(place).collect();
        let (disabled, rules) = rules.into_iter().partition(|rule| off.iter().any(|glob| glob.is_match(&rule.id)));
        Self { rules, disabled, knowledge }.read(sources, overlay, seen)
    }

    fn read<'s>(
        self,
        sources: impl IntoIterator<Item = Source<'s>>,
        overlay: Option<&Overlay<'_>>,
        mut seen: HashMap<String, String>,
    ) -> Result<Self, Error> {
        let mut set = self;
        let mut texts: HashMap<&Path, &str> = HashMap::new();
        for source in sources {
            texts.insert(source.path, source.text);
            parse(source)
                .and_then(|file| set.add(source, file, overlay, &mut seen))
                .map_err(|error| error.in_file(source.path))?;
        }
        set.rules.sort_by(|a, b| a.id.cmp(&b.id));
        set.disabled.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(overlay) = overlay {
            let rules = set.rules.iter().chain(&set.disabled);
            overlay.check_names(&rules.map(|rule| rule.id.clone()).collect::<Vec<_>>())?;
        }
        set.link(&texts)?;
        Ok(set)
    }

    /// Whether one file is sound by itself; what it says about rules of other files is not looked at.
    ///
    /// # Errors
    /// As [`RuleSet::load`].
    pub fn check_alone(source: Source<'_>) -> Result<(), Error> {
        let mut set = Self::default();
        parse(source).and_then(|file| set.add(source, file, None, &mut HashMap::new()))
    }

    /// All rules, ordered by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Rules that the user switched off, ordered by id.
    #[must_use]
    pub fn disabled(&self) -> &[Rule] {
        &self.disabled
    }

    pub(crate) fn rule_mut(&mut self, rule: RuleIndex) -> Option<&mut Rule> {
        self.rules.get_mut(rule)
    }

    /// The evidence by which languages are told apart.
    #[must_use]
    pub fn languages(&self) -> &[Profile] {
        &self.knowledge.languages
    }

    /// What is learnt of lines.
    #[must_use]
    pub fn models(&self) -> &[NamedModel] {
        &self.knowledge.models
    }

    /// The model of an evidence rule.
    #[must_use]
    pub fn model(&self, evidence: &Evidence) -> Option<&Model> {
        self.knowledge.models.get(evidence.model)?.get()
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
        mut file: file::RuleFile,
        overlay: Option<&Overlay<'_>>,
        seen: &mut HashMap<String, String>,
    ) -> Result<(), Error> {
        let mut checker = Checker { source: source.text, phrases: 0, regexes: 0 };
        check::name(&checker, &file.pack, "pack", ".-")?;
        let texts = Arc::new(std::mem::take(&mut file.defaults.texts));
        for (index, mut written) in file.rules.into_iter().enumerate() {
            check::name(&checker, &written.id, "id", "-")?;
            let id = format!("{}/{}", file.pack.value, written.id.value);
            let changes = overlay.map(|overlay| overlay.apply(&id, &mut written)).transpose()?.unwrap_or_default();
            let mut rule =
                check::rule(&mut checker, source.path, (&file.pack, &file.defaults), &texts, (index, written))?;
            let here = format!("{}:{}", source.path.display(), rule.line);
            if let Some(first) = seen.insert(rule.id.clone(), here) {
                let message = format!("two rules are called `{}`", rule.id);
                return Err(checker
                    .error(&rule.written.id, message)
                    .help(format!("the other one is at {first}; rename one of them")));
            }
            rule.changes = changes;
            match overlay.map(|overlay| overlay.disables(&id)).transpose()? {
                Some(true) => self.disabled.push(rule),
                _ => self.rules.push(rule),
            }
        }
        Ok(())
    }

    /// Resolves what refers to other rules: the globs of keep rules and endings, and the kinds of document that guards name.
    fn link(&mut self, texts: &HashMap<&Path, &str>) -> Result<(), Error> {
        let all = self.rules.iter().chain(&self.disabled);
        let mut kinds: Vec<String> = Vec::new();
        for kind in all.filter_map(Rule::kind) {
            if !kinds.iter().any(|known| known == kind) {
                kinds.push(kind.to_owned());
            }
        }
        let mut linked = Vec::new();
        let mut known = HashMap::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let source = texts.get(rule.path.as_path()).copied().unwrap_or_default();
            let checker = Checker { source, phrases: 0, regexes: 0 };
            let sound = match rule.frozen {
                Some(_) => Ok(()),
                None => link_kinds(&checker, &rule.written, &kinds),
            };
            let named = sound.and_then(|()| self.named_by(&checker, rule, &mut known));
            if let Some(from) = named.map_err(|error| error.in_file(&rule.path))? {
                linked.push((index, from));
            }
        }
        self.link_models(texts)?;
        for (index, from) in linked {
            match self.rules.get_mut(index).map(|rule| &mut rule.action) {
                Some(Action::Keep(keep)) => keep.from = from,
                Some(Action::Ending(ending)) => ending.from = from,
                _ => {}
            }
        }
        Ok(())
    }

    /// Resolves the names of models.
    fn link_models(&mut self, texts: &HashMap<&Path, &str>) -> Result<(), Error> {
        for rule in &mut self.rules {
            let Action::Evidence(evidence) = &mut rule.action else { continue };
            let models = &self.knowledge.models;
            let found = models.iter().position(|model| model.name == evidence.name);
            evidence.model = found.ok_or_else(|| {
                let source = texts.get(rule.path.as_path()).copied().unwrap_or_default();
                let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
                let mut error = Error::new(format!("no evidence is called `{}`", evidence.name));
                if let Some(written) = &rule.written.evidence {
                    error = error.at(mistake::place(source, &written.model));
                }
                error.help(mistake::nearest(&evidence.name, &names)).in_file(&rule.path)
            })?;
        }
        Ok(())
    }

    /// The rules that a keep rule protects from, or that begin an ending; `known` are those of globs that other rules have.
    fn named_by<'s>(
        &'s self,
        checker: &Checker<'_>,
        rule: &'s Rule,
        known: &mut HashMap<&'s str, Vec<RuleIndex>>,
    ) -> Result<Option<Vec<RuleIndex>>, Error> {
        let Some(named) = rule.named() else { return Ok(None) };
        let mut from = Vec::new();
        for (place, glob) in named.iter().enumerate() {
            if let Some(known) = known.get(glob.as_str()) {
                from.extend(known);
                continue;
            }
            let matcher = match Glob::new(glob) {
                Ok(glob) => glob.compile_matcher(),
                Err(error) => {
                    return Err(at_name(checker, rule, place, "this glob is not sound").help(error.kind().to_string()));
                }
            };
            let named = self.rules.iter().enumerate().filter(|(_, rule)| matcher.is_match(&rule.id));
            let named: Vec<RuleIndex> = named.map(|(index, _)| index).collect();
            if named.is_empty() && !self.disabled.iter().any(|rule| matcher.is_match(&rule.id)) {
                let ids: Vec<&str> = self.rules.iter().map(|rule| rule.id.as_str()).collect();
                let error = at_name(checker, rule, place, &format!("no rule is called `{glob}`"));
                return Err(error.help(mistake::nearest_only(glob, &ids)));
            }
            from.extend(&named);
            known.insert(glob, named);
        }
        from.sort_unstable();
        from.dedup();
        Ok(Some(from))
    }
}

/// An error about a glob by which a rule names others.
fn at_name(checker: &Checker<'_>, rule: &Rule, place: usize, message: &str) -> Error {
    let keep = rule.written.keep.as_ref().map(|keep| &keep.from);
    let globs = keep.or(rule.written.ending.as_ref().map(|ending| &ending.from));
    match globs.and_then(|globs| globs.get(place)) {
        Some(glob) => checker.error(glob, message),
        None => Error::new(message),
    }
}

fn link_kinds(checker: &Checker<'_>, written: &file::Rule, kinds: &[String]) -> Result<(), Error> {
    let mut named = written.guard.0.iter().flat_map(|guard| &guard.document_not);
    match named.find(|kind| !kinds.contains(&kind.value)) {
        Some(unknown) => {
            let message = format!("no rule gives a document the kind `{}`", unknown.value);
            Err(checker.error(unknown, message).help(mistake::nearest(&unknown.value, kinds)))
        }
        None => Ok(()),
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<file::RuleFile, Error> {
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
pub(crate) fn read_yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
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
