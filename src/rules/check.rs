//! From a rule as written to a rule as checked. Everything that can be wrong with a single rule is found here.

use std::path::Path;
use std::sync::Arc;

use globset::Glob;
use serde_saphyr::Spanned;

use super::file::{self, Level, Match, NoEnd, Text, Unit};
use super::mistake;
use super::pattern::{Checker, LineRegex, Pattern};
use super::rule::{Action, Cut, Duplicate, Ending, Evidence, Globs, Guard, Keep, Near, Rule, Scope, Texts, Written};
use crate::error::Error;
use crate::fold::joins_words;
use crate::limits;

pub(super) fn name(checker: &Checker<'_>, name: &Text, what: &str, joints: &str) -> Result<(), Error> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || joints.contains(c);
    if name.value.is_empty() || !name.value.chars().all(sound) {
        let message = format!("`{}` is no name for {} {what}", name.value, if what == "id" { "an" } else { "a" });
        return Err(checker.error(name, message).help("use lower-case letters, digits and hyphens: `comment-box`"));
    }
    Ok(())
}

pub(super) fn rule(
    checker: &mut Checker<'_>,
    path: &Path,
    (pack, defaults): (&Text, &file::Defaults),
    texts: &Arc<Texts>,
    (index, written): (usize, file::Rule),
) -> Result<Rule, Error> {
    let level = Level::from(written.confidence);
    let action = action(checker, &written)?;
    let guards = guards(checker, &written, level)?;
    weak(checker, &written, &action, &guards)?;
    tests(checker, &written)?;
    Ok(Rule {
        id: format!("{}/{}", pack.value, written.id.value),
        category: written.category.value,
        level,
        languages: written.languages.clone().unwrap_or_else(|| defaults.languages.clone()),
        scope: scope(checker, written.scope.as_ref().or(defaults.scope.as_ref()))?,
        action,
        guards,
        path: path.to_path_buf(),
        line: mistake::place(checker.source, &written.id).line,
        written: Written::new(path, index, written, texts),
        changes: Vec::new(),
        frozen: None,
    })
}

pub(super) const ACTIONS: [&str; 11] =
    ["line", "block", "section", "run", "span", "duplicate", "masthead", "ending", "foreign", "evidence", "keep"];

fn action(checker: &mut Checker<'_>, written: &file::Rule) -> Result<Action, Error> {
    let there = [
        written.line.is_some(),
        written.block.is_some(),
        written.section.is_some(),
        written.run.is_some(),
        written.span.is_some(),
        written.duplicate.is_some(),
        written.masthead.is_some(),
        written.ending.is_some(),
        written.foreign.is_some(),
        written.evidence.is_some(),
        written.keep.is_some(),
    ];
    let named: Vec<&str> = ACTIONS.iter().zip(there).filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    if named.len() != 1 {
        let message = match named.as_slice() {
            [] => format!("the rule `{}` has no action", written.id.value),
            several => format!("the rule `{}` has {} actions: {}", written.id.value, several.len(), several.join(", ")),
        };
        return Err(checker
            .error(&written.id, message)
            .help(format!("a rule has exactly one of {}", ACTIONS.join(", "))));
    }
    let id = &written.id;
    if let Some(line) = &written.line {
        return Ok(Action::Line(matching_pattern(checker, id, line)?));
    }
    if let Some(written) = &written.block {
        return block(checker, id, written);
    }
    if let Some(section) = &written.section {
        let heading = matching_pattern(checker, id, &section.heading)?;
        bounded(checker, &section.items.max, limits::SECTION_ITEMS, "items")?;
        return Ok(Action::Section { heading, items: section.items.clone() });
    }
    if let Some(run) = &written.run {
        return Ok(Action::Run(run.clone()));
    }
    if let Some(written) = &written.span {
        return cut(checker, id, written);
    }
    if let Some(duplicate) = &written.duplicate {
        check_duplicate(checker, id, duplicate)?;
        return Ok(Action::Duplicate(Duplicate {
            unit: duplicate.unit,
            keep: duplicate.keep,
            min_chars: duplicate.min_chars,
            min_words: duplicate.min_words,
            min_prose_lines: duplicate.min_prose_lines,
            min_run: duplicate.min_run.max(1),
            min_share: duplicate.min_share,
            max_words: duplicate.max_words,
            within_lines: duplicate.within_lines,
            credited_by: checker.phrases(&duplicate.credited_by, Match::Suffix)?,
        }));
    }
    if let Some(masthead) = &written.masthead {
        if masthead.min_words < 2 {
            let message = "one word of the title is in many a line of a menu";
            return Err(checker.error(id, message).help("let `min_words` be 2 or more"));
        }
        return Ok(Action::Masthead(masthead.clone()));
    }
    if let Some(ending) = &written.ending {
        let (start, marks) = (checker.pattern(&ending.start)?, checker.pattern(&ending.marks)?);
        if ending.from.is_empty() && start.is_empty() {
            return Err(checker
                .error(id, "nothing begins this ending")
                .help("give it `from: [\"pack/rule\"]`, or `start: {phrases: [\"...\"]}`"));
        }
        if marks.is_empty() != (ending.min_marks == 0) {
            return Err(checker
                .error(id, "`marks` are what this ending is known by, and `min_marks` is how many of them it has")
                .help("give both, or neither"));
        }
        let file::Ending { min_marks, after_prose, max_prose, .. } = *ending;
        let named = values(&ending.from);
        return Ok(Action::Ending(Ending { named, from: Vec::new(), start, marks, min_marks, after_prose, max_prose }));
    }
    if let Some(evidence) = &written.evidence {
        let name = evidence.model.value.clone();
        return Ok(Action::Evidence(Evidence { name, model: 0, input: evidence.input }));
    }
    if let Some(foreign) = &written.foreign {
        let topic = (!foreign.topic.is_empty())
            .then(|| {
                Ok::<_, Error>(Pattern {
                    matching: Match::Contains,
                    phrases: checker.phrases(&foreign.topic, Match::Contains)?.into(),
                    ..Pattern::default()
                })
            })
            .transpose()?;
        return Ok(Action::Foreign { min_chars: foreign.min_chars, min_confidence: foreign.min_confidence, topic });
    }
    keep(checker, written)
}

/// Keys that mean nothing to a unit are refused, not passed over.
fn check_duplicate(checker: &Checker<'_>, id: &Text, duplicate: &file::Duplicate) -> Result<(), Error> {
    let of_lines = duplicate.within_lines.is_some() || !duplicate.credited_by.is_empty();
    let of_blocks = duplicate.min_run > 1
        || duplicate.min_share > 0.0
        || duplicate.min_prose_lines > 0
        || duplicate.max_words.is_some();
    let wrong = match duplicate.unit {
        Unit::Document => Some("a document is no unit of duplicates"),
        Unit::Block if of_lines => Some("`within_lines` and `credited_by` are for `unit: line`"),
        Unit::Line if of_blocks => {
            Some("`min_run`, `min_share`, `min_prose_lines` and `max_words` are for `unit: block`")
        }
        Unit::Line | Unit::Block => None,
    };
    if let Some(wrong) = wrong {
        return Err(checker.error(id, wrong).help("see `duplicate` in docs/rules.md"));
    }
    if !duplicate.credited_by.is_empty() && duplicate.within_lines.is_some_and(|lines| lines > limits::NEAR_LINES) {
        let message = format!("with `credited_by`, `within_lines` is at most {}", limits::NEAR_LINES);
        return Err(checker.error(id, message).help("a caption and its credit stand together"));
    }
    Ok(())
}

fn block(checker: &mut Checker<'_>, id: &Text, block: &file::Block) -> Result<Action, Error> {
    let start = matching_pattern(checker, id, &block.start)?;
    let end = checker.pattern(&block.end)?;
    if block.no_end == NoEnd::Keep && end.is_empty() {
        return Err(checker
            .error(id, "this block has no end")
            .help("give it an `end`, or `no_end: paragraph` or `document`"));
    }
    bounded(checker, &block.max_lines, limits::BLOCK_LINES, "lines")?;
    Ok(Action::Block { start, end, max_lines: block.max_lines.value, no_end: block.no_end })
}

/// Phrases of a span become regexes: a cut needs to know where it begins and ends.
fn cut(checker: &mut Checker<'_>, id: &Text, cut: &file::Cut) -> Result<Action, Error> {
    let matching = Match::from(cut.at);
    let mut regexes = Vec::new();
    for (written, phrase) in cut.phrases.iter().zip(checker.phrases(&cut.phrases, matching)?) {
        let word = |c: Option<char>| if c.is_some_and(joins_words) { r"\b" } else { "" };
        let branches = phrase.texts.iter().map(|text| {
            let body = regex_syntax::escape(text).replace(r"\{n\}", r"\d[\d.,]*");
            let tail = if phrase.open_end { r"\w*" } else { word(text.chars().next_back()) };
            format!("{}{body}{tail}", word(text.chars().next()))
        });
        let pattern = Spanned { value: branches.collect::<Vec<_>>().join("|"), ..written.clone() };
        regexes.push(checker.regex(&pattern, matching)?);
    }
    for regex in &cut.regex {
        regexes.push(checker.regex(regex, matching)?);
    }
    if regexes.is_empty() {
        return Err(checker.error(id, "this rule has nothing to look for").help("give it `phrases` or `regex`"));
    }
    let except = checker.phrases(&cut.except, Match::Contains)?.into();
    Ok(Action::Span(Cut { at: cut.at, pattern: Pattern { matching, regexes, except, ..Pattern::default() } }))
}

fn keep(checker: &mut Checker<'_>, written: &file::Rule) -> Result<Action, Error> {
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
        named: values(&keep.from),
        from: Vec::new(),
    }))
}

/// A pattern that has something to match.
fn matching_pattern(checker: &mut Checker<'_>, id: &Text, written: &file::Pattern) -> Result<Pattern, Error> {
    let pattern = checker.pattern(written)?;
    if pattern.is_empty() {
        return Err(checker.error(id, "this rule has nothing to look for").help("give it `phrases` or `regex`"));
    }
    Ok(pattern)
}

fn bounded(checker: &Checker<'_>, value: &Spanned<usize>, maximum: usize, what: &str) -> Result<(), Error> {
    if value.value > maximum {
        let message = format!("{} {what} are too many, at most {maximum} are allowed", value.value);
        return Err(checker.error(value, message).help("noise that long has more than one mark to know it by"));
    }
    Ok(())
}

fn guards(checker: &Checker<'_>, written: &file::Rule, level: Level) -> Result<Vec<Guard>, Error> {
    // A section that must reach the end is one after which only removed lines may follow.
    let reaches_end = written.section.as_ref().is_some_and(|section| section.reaches_end);
    let mut guards = Vec::new();
    for guard in &written.guard.0 {
        if written.keep.is_some() && (guard.near.is_some() || guard.at_end || !guard.document_not.is_empty()) {
            let message = "`near`, `at_end` and `document_not` are no guards of a keep rule";
            return Err(checker.error(&written.id, message).help("a keep rule looks at its own line and place only"));
        }
        let near = match &guard.near {
            Some(near) => {
                bounded(checker, &near.within_lines, limits::NEAR_LINES, "lines")?;
                if near.category.0.is_empty() {
                    return Err(checker.error(&near.within_lines, "nothing can be near: no category is named"));
                }
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
            at_end: guard.at_end || reaches_end,
            near,
            max_hits: guard.max_hits,
            max_share: guard.max_share,
            case: guard.case,
            document_not: guard.document_not.iter().map(|kind| kind.value.clone()).collect(),
        });
    }
    if guards.is_empty() {
        guards.push(Guard { level, at_end: reaches_end, ..Guard::default() });
    }
    Ok(guards)
}

/// Patterns that say so little that only a guard makes them bearable.
fn weak(checker: &Checker<'_>, written: &file::Rule, action: &Action, guards: &[Guard]) -> Result<(), Error> {
    if let (Action::Line(pattern), Some(line)) = (action, &written.line) {
        let beside_noise = guards.iter().all(|guard| guard.near.is_some());
        let mut phrases = pattern.phrases.iter().zip(&line.phrases);
        if let Some((_, text)) = phrases.find(|(phrase, _)| phrase.is_one_character() && !beside_noise) {
            return Err(checker.error(text, "a phrase of one character is in every text").help(
                "add `guard: {near: {category: ..., within_lines: 3}}`, so that it falls only beside other noise",
            ));
        }
    }
    // Phrases of a span were made regexes; those that were written as regexes come last.
    let (regexes, texts): (&[LineRegex], &[Text]) = match (action, &written.line, &written.span, &written.keep) {
        (Action::Line(pattern), Some(line), _, _) => (&pattern.regexes, &line.regex),
        (Action::Span(cut), _, Some(span), _) => (&cut.pattern.regexes, &span.regex),
        (Action::Keep(keep), _, _, Some(written)) => (&keep.pattern.regexes, &written.regex),
        _ => return Ok(()),
    };
    let short = guards.iter().all(|guard| guard.max_chars.is_some() || guard.max_words.is_some());
    let mut regexes = regexes.iter().rev().zip(texts.iter().rev());
    match regexes.find(|(regex, _)| regex.literals.is_empty() && !short) {
        Some((_, text)) => Err(checker
            .error(text, "this regex has no fixed text in it, so every line would have to be tried")
            .help("add `guard: {max_chars: 80}`, or a word that every match contains")),
        None => Ok(()),
    }
}

fn tests(checker: &Checker<'_>, written: &file::Rule) -> Result<(), Error> {
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

fn scope(checker: &Checker<'_>, written: Option<&file::Scope>) -> Result<Scope, Error> {
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
    let globs = |globs: &[Text]| -> Result<Option<Globs>, Error> {
        let sound = globs.iter().map(|written| glob(checker, written)).collect::<Result<Vec<_>, _>>()?;
        let set = Globs::new(&sound).map_err(|error| Error::new(error.to_string()))?;
        Ok((!globs.is_empty()).then_some(set))
    };
    Ok(Scope {
        hosts: hosts(&written.hosts)?,
        not_hosts: hosts(&written.not_hosts)?,
        paths: globs(&written.paths)?,
        not_paths: globs(&written.not_paths)?,
        files: globs(&written.files)?,
        not_files: globs(&written.not_files)?,
        document_languages: written.document_languages.iter().map(|code| code.value.to_lowercase()).collect(),
    })
}

fn values(texts: &[Text]) -> Vec<String> {
    texts.iter().map(|text| text.value.clone()).collect()
}

pub(super) fn glob(checker: &Checker<'_>, glob: &Text) -> Result<Glob, Error> {
    Glob::new(&glob.value).map_err(|error| checker.error(glob, "this glob is not sound").help(error.kind().to_string()))
}
