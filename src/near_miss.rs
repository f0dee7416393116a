//! Why a rule leaves a text alone: the lines that come nearest to what it looks for, and what each lacks.

use serde::Serialize;

use crate::clean::{Cleaner, Outcome, Request};
use crate::decide::Terms;
use crate::document::Document;
use crate::error::Error;
use crate::fold::fold;
use crate::matcher::{List, Workspace, without_numbers};
use crate::origin::Origin;
use crate::rules::file::{Lists, Match};
use crate::rules::pattern::Role;
use crate::rules::rule::{Rule, RuleIndex};

/// What a rule does with a text, and what keeps it from doing more.
#[derive(Debug, Serialize)]
pub struct WhyNot {
    /// Lines that the rule takes, or takes something of, counted from 1.
    pub takes: Vec<usize>,
    /// What keeps it from the whole document, in sentences.
    pub obstacles: Vec<String>,
    /// The lines that come nearest, the nearest first.
    pub misses: Vec<NearMiss>,
}

/// A line that a rule nearly takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearMiss {
    /// Its number, counted from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// What it lacks, in a sentence.
    pub why: String,
    #[serde(skip)]
    nearness: f64,
}

/// A line this unlike a phrase is no miss at all. (Normalised edit distance; "Read next" and "Read this next" have 0.64.)
const LEAST_LIKENESS: f64 = 0.6;

/// Finds out why a rule does not take more of a text; at most `most` lines.
///
/// # Errors
/// The text is too long to be cleaned.
pub fn why_not(
    cleaner: &Cleaner,
    rule: RuleIndex,
    text: &str,
    request: &Request,
    most: usize,
) -> Result<WhyNot, Error> {
    let Some(checked) = cleaner.rules().rules().get(rule) else {
        return Err(Error::new("there is no such rule"));
    };
    let document = Document::new(text)?;
    let lines = document.lines().iter().map(|line| document.slice(line.text()));
    let front = Origin::of_front_matter(lines);
    let origin = if request.origin.host.is_some() { &request.origin } else { &front };
    let mut obstacles = Vec::new();
    let in_scope = checked.scope.holds(&Origin { file: request.origin.file.clone(), ..origin.clone() });
    if !in_scope {
        obstacles.push(out_of_scope(checked, origin));
    }
    let terms = Terms { focus: Some(rule), trace: true, ..request.terms };
    let cleaned = cleaner.clean(text, &Request { terms, ..request.clone() })?;
    match cleaned.outcome {
        Outcome::TooMuch(_) | Outcome::Unsettled | Outcome::NoArticle => obstacles.extend(cleaned.outcome.complaint()),
        Outcome::Untouched | Outcome::Cleaned => {}
    }
    let takes: Vec<usize> =
        cleaned.removals.iter().filter(|removal| removal.rule == rule).map(|removal| removal.line).collect();
    let mut misses = Vec::new();
    let mut workspace = Workspace::default();
    for (index, line) in document.lines().iter().enumerate().filter(|(_, line)| !takes.contains(&line.number())) {
        let shown = document.slice(line.text());
        let held = cleaned.held.iter().find(|held| held.rule == rule && held.line == index);
        let other = cleaned.removals.iter().find(|removal| removal.line == line.number());
        let miss = match (held, other) {
            (Some(held), _) => Some((1.0, format!("the pattern matches: {}", held.reason.explain(cleaner.rules())))),
            (None, other) => {
                let miss = nearest(cleaner, rule, checked, &fold(shown), &mut workspace);
                let id = other.and_then(|other| cleaner.rules().rules().get(other.rule)).map(|rule| rule.id.as_str());
                miss.map(|(nearness, why)| match id {
                    Some(id) if nearness >= 1.0 => (nearness, format!("{why}; {id} takes it")),
                    _ => (nearness, why),
                })
            }
        };
        if let Some((nearness, why)) = miss {
            misses.push(NearMiss { line: line.number(), text: shown.to_owned(), why, nearness });
        }
    }
    misses.sort_by(|a, b| b.nearness.total_cmp(&a.nearness).then(a.line.cmp(&b.line)));
    misses.truncate(most);
    Ok(WhyNot { takes, obstacles, misses })
}

fn out_of_scope(rule: &Rule, origin: &Origin) -> String {
    let hosts = rule.scope.hosts();
    match (&origin.host, hosts) {
        (None, [_, ..]) => {
            format!("the rule is for {}, and nothing says where this text comes from: give `--url`", hosts.join(", "))
        }
        (Some(host), [_, ..]) if !rule.scope.holds_host(origin) => {
            format!("the rule is for {}, and this text comes from {host}", hosts.join(", "))
        }
        _ => format!("the rule's scope at {}:{} leaves this document out", rule.path.display(), rule.line),
    }
}

/// How near a line comes to a rule's patterns, up to 1, and what it lacks.
fn nearest(
    cleaner: &Cleaner,
    rule: RuleIndex,
    checked: &Rule,
    folded: &str,
    workspace: &mut Workspace,
) -> Option<(f64, String)> {
    let pieces = cleaner.matcher().pieces_in(cleaner.rules(), folded, workspace);
    let mut best: Option<(f64, String)> = None;
    let mut offer = |nearness: f64, why: String| {
        if best.as_ref().is_none_or(|(other, _)| nearness > *other) {
            best = Some((nearness, why));
        }
    };
    for role in [Role::Main, Role::Start, Role::Heading] {
        let Some(lists) = checked.written.pattern(role) else { continue };
        let of = |list: List| {
            pieces.iter().filter(move |piece| piece.rule == rule && piece.role == role && piece.list == list)
        };
        let hits = of(List::Phrases).next().or_else(|| of(List::Regex).next());
        let except = of(List::Except).next().and_then(|piece| lists.except.get(piece.index));
        let lacking = (0..).zip(lists.with).find(|(list, _)| of(List::With(*list)).next().is_none());
        match (hits, except, lacking) {
            (Some(_), Some(except), _) => {
                offer(0.95, format!("the pattern matches, but `except` {:?} is in the line", except.value))
            }
            (Some(_), None, Some((_, with))) => {
                offer(0.9, format!("a phrase matches, but none of `with` is in the line: {}", listed(with)))
            }
            (Some(_), None, None) => offer(1.0, "the pattern matches, but the rule does not act here".to_owned()),
            (None, _, _) => {
                for phrase in lists.phrases {
                    if let Some((nearness, why)) =
                        likeness(folded, &fold(phrase.value.trim_end_matches('*')), &phrase.value, lists)
                    {
                        offer(nearness, why);
                    }
                }
            }
        }
    }
    best
}

fn listed(phrases: &[crate::rules::file::Text]) -> String {
    let shown: Vec<String> = phrases.iter().take(4).map(|phrase| format!("{:?}", phrase.value)).collect();
    let rest = phrases.len().saturating_sub(4);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

/// How like a line is to a phrase that does not match it.
fn likeness(folded: &str, phrase: &str, written: &str, lists: Lists<'_>) -> Option<(f64, String)> {
    let mut line = String::new();
    without_numbers(folded, &mut line);
    let words = |text: &str| text.split_whitespace().count();
    if let Some(at) = line.find(phrase).filter(|_| !phrase.is_empty()) {
        let (before, after) = (words(line.get(..at)?), words(line.get(at + phrase.len()..)?));
        let extra = 1.0 - (before + after).min(40) as f64 / 100.0;
        let more = |count: usize, place: &str| format!("{count} word{} {place} it", if count == 1 { "" } else { "s" });
        let what = match (before, after) {
            (0, 0) => "it is part of a word".to_owned(),
            (0, after) => more(after, "after"),
            (before, 0) => more(before, "before"),
            (before, after) => format!("{} and {}", more(before, "before"), more(after, "after")),
        };
        let asked = match lists.matching {
            Match::Whole => "it must be the whole line",
            Match::Prefix => "it must be at the line's start",
            Match::Suffix => "it must be at the line's end",
            Match::Contains => "it must be words of its own",
        };
        return Some((0.85 * extra, format!("{written:?} is in it, but {asked}; {what}")));
    }
    let length = phrase.chars().count();
    let compared: String = match lists.matching {
        Match::Whole => line.clone(),
        Match::Prefix => line.chars().take(length).collect(),
        Match::Suffix => line.chars().skip(line.chars().count().saturating_sub(length)).collect(),
        Match::Contains => return None,
    };
    if compared.chars().count() > 3 * length + 10 {
        return None;
    }
    let like = strsim::normalized_levenshtein(&compared, phrase);
    (like >= LEAST_LIKENESS).then(|| (0.7 * like, format!("looks like {written:?}, but is not the same")))
}
