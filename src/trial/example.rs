//! Examples as written, and the texts that they stand for.

use crate::clean::{Cleaned, Cleaner, Request};
use crate::decide::Terms;
use crate::document::Document;
use crate::fold::fold;
use crate::matcher::{Piece, Workspace};
use crate::origin::Origin;
use crate::rules::file::{self, Input, Level, Text};
use crate::rules::pattern::{List, Role};
use crate::rules::rule::{Action, Evidence, Rule, RuleIndex};
use crate::rules::vocabulary;

/// One text to try a rule on.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// What is to come of it.
    pub kind: Kind,
    /// The text.
    pub text: String,
    /// The levels at which it is tried.
    pub levels: Vec<Level>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What is to come of an example's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The rule removes something of it.
    Removes,
    /// The rule removes nothing of it; a keep rule lets nothing go at all.
    Keeps,
    /// All rules together leave this of it, and nothing more goes the second time.
    Leaves(String),
}

/// How an example came out otherwise.
pub(super) struct Wrong {
    pub what: String,
    pub difference: Option<(String, String)>,
}

impl Attempt {
    /// Nothing where it comes out as it should.
    pub(super) fn run(&self, cleaner: &Cleaner, rule: RuleIndex) -> Result<Option<Wrong>, crate::Error> {
        let wrong = |what: String| Ok(Some(Wrong { what, difference: None }));
        let differs = |what: &str, is: String, should: &str| {
            Ok(Some(Wrong { what: what.to_owned(), difference: Some((is, should.to_owned())) }))
        };
        for &level in &self.levels {
            let cleaned = self.clean(cleaner, rule, level, &self.text)?;
            match &self.kind {
                Kind::Removes if !touches(cleaner, rule, &cleaned) => {
                    let held = cleaned.held.iter().find(|held| held.rule == rule);
                    let why = held.map_or("no line matches".to_owned(), |held| held.reason.explain(cleaner.rules()));
                    return wrong(format!("removes nothing here: {why}"));
                }
                Kind::Keeps if touches(cleaner, rule, &cleaned) => {
                    let taken: Vec<&str> = cleaned
                        .removals
                        .iter()
                        .flat_map(|removal| &removal.spans)
                        .filter_map(|span| self.text.get(span.clone()))
                        .collect();
                    let at = if level == self.levels.first().copied().unwrap_or_default() {
                        String::new()
                    } else {
                        format!(" at {}", level.name())
                    };
                    return wrong(format!("should keep this, but removes {:?}{at}", taken.join("\n")));
                }
                Kind::Leaves(output) => {
                    let once = cleaned.text.into_owned();
                    if once != *output {
                        return differs("comes out otherwise", once, output);
                    }
                    let twice = self.clean(cleaner, rule, level, &once)?.text.into_owned();
                    if twice != once {
                        return differs("moves when it is cleaned again", twice, &once);
                    }
                }
                Kind::Removes | Kind::Keeps => {}
            }
        }
        Ok(None)
    }

    /// Whether the rule removes something of the text.
    pub(super) fn acts(&self, cleaner: &Cleaner, rule: RuleIndex) -> Result<bool, crate::Error> {
        for &level in &self.levels {
            if touches(cleaner, rule, &self.clean(cleaner, rule, level, &self.text)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The rule's phrases and regexes that stand in the text.
    pub(super) fn pieces(&self, cleaner: &Cleaner, rule: RuleIndex, workspace: &mut Workspace) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let Ok(document) = Document::new(&self.text) else { return pieces };
        for line in document.lines() {
            let folded = fold(document.slice(line.text()));
            let found = cleaner.matcher().pieces_in(cleaner.rules(), &folded, workspace);
            pieces.extend(found.into_iter().filter(|piece| piece.rule == rule));
        }
        pieces
    }

    fn clean<'t>(
        &self,
        cleaner: &Cleaner,
        rule: RuleIndex,
        level: Level,
        text: &'t str,
    ) -> Result<Cleaned<'t>, crate::Error> {
        let terms = Terms { level, focus: Some(rule), trace: true, ..Terms::default() };
        let action = cleaner.rules().rules().get(rule).map(|rule| &rule.action);
        let page = matches!(action, Some(Action::Evidence(Evidence { input: Input::Page, .. })));
        cleaner.clean(text, &Request { terms, origin: self.origin.clone(), unguarded: true, page, title: None })
    }
}

/// Whether the rule took something; for a keep rule, whether anything went.
fn touches(cleaner: &Cleaner, rule: RuleIndex, cleaned: &Cleaned<'_>) -> bool {
    let protects = cleaner.rules().rules().get(rule).is_some_and(|rule| matches!(rule.action, Action::Keep(_)));
    cleaned.removals.iter().any(|removal| protects || removal.rule == rule)
}

/// All texts that the examples of a rule stand for.
#[must_use]
pub fn attempts(rule: &Rule) -> Vec<Attempt> {
    let tests = &rule.written.tests;
    let first = rule.first_level();
    let lists = lists(rule);
    let mut attempts = Vec::new();
    for example in &tests.removes {
        attempts.extend(attempts_of(rule, &lists, &Kind::Removes, example));
    }
    for example in &tests.keeps {
        attempts.extend(attempts_of(rule, &lists, &Kind::Keeps, example));
    }
    for case in &tests.cases {
        attempts.push(Attempt {
            kind: Kind::Leaves(case.output.clone()),
            text: case.input.clone(),
            levels: vec![first],
            origin: origin(rule, case.url.as_deref()),
        });
    }
    attempts
}

/// The texts that one example stands for.
pub(super) fn attempts_of(
    rule: &Rule,
    lists: &[(String, Vec<String>)],
    kind: &Kind,
    example: &file::Example,
) -> Vec<Attempt> {
    let first = rule.first_level();
    let levels = match (example.level, kind) {
        (Some(level), _) => vec![level],
        (None, Kind::Keeps) if first != Level::Eager => vec![first, Level::Eager],
        (None, _) => vec![first],
    };
    let attempt = |text| Attempt {
        kind: kind.clone(),
        text,
        levels: levels.clone(),
        origin: origin(rule, example.url.as_deref()),
    };
    filled(&example.text, lists).into_iter().map(attempt).collect()
}

/// Where an example comes from: as it says, else from a host that the rule is for.
pub(super) fn origin(rule: &Rule, url: Option<&str>) -> Origin {
    url.or_else(|| rule.scope.example_host()).map(Origin::of_url).unwrap_or_default()
}

/// The rule's phrases by the name of their place-holder, as they would stand in a text.
pub(super) fn lists(rule: &Rule) -> Vec<(String, Vec<String>)> {
    let texts = rule.texts().iter().map(|(name, text)| (format!("{{{name}}}"), vec![text.trim_end().to_owned()]));
    let mut lists: Vec<(String, Vec<String>)> = texts.collect();
    let mut add = |name: String, phrases: &[Text]| {
        if !phrases.is_empty() {
            lists.push((format!("{{{name}}}"), phrases.iter().map(|phrase| in_a_text(&phrase.value)).collect()));
        }
    };
    for role in Role::ALL {
        let Some(pattern) = rule.written.pattern(role) else { continue };
        let name = match role {
            Role::Main | Role::Start | Role::Heading => "phrase",
            Role::End => "end",
            Role::Topic => "topic",
            Role::Mark => "mark",
        };
        add(name.to_owned(), pattern.phrases);
        for (number, with) in pattern.with.iter().enumerate() {
            add(if number == 0 { "with".to_owned() } else { format!("with{}", number + 1) }, with);
        }
        add("except".to_owned(), pattern.except);
    }
    lists
}

/// A phrase as it could stand in a text: with a number for `{n}`, a word for `{network}`, and no mark at its end.
pub(super) fn in_a_text(phrase: &str) -> String {
    vocabulary::sample(phrase.trim_end().trim_end_matches('*'))
}

/// The texts that a text with place-holders stands for: each phrase of each list once, beside the first of the others.
pub(super) fn filled(text: &str, lists: &[(String, Vec<String>)]) -> Vec<String> {
    let used: Vec<&(String, Vec<String>)> = lists.iter().filter(|(name, _)| text.contains(name.as_str())).collect();
    let first = |phrases: &Vec<String>| phrases.first().cloned().unwrap_or_default();
    let fill = |varied: usize, phrase: &str| {
        used.iter().enumerate().fold(text.to_owned(), |text, (number, (name, phrases))| match number == varied {
            true => text.replace(name.as_str(), phrase),
            false => text.replace(name.as_str(), &first(phrases)),
        })
    };
    if used.is_empty() {
        return vec![text.to_owned()];
    }
    let mut texts = Vec::new();
    for (number, (_, phrases)) in used.iter().enumerate() {
        texts.extend(phrases.iter().skip(usize::from(number > 0)).map(|phrase| fill(number, phrase)));
    }
    texts
}

/// The phrase or regex in words, for messages.
pub(super) fn wording(rule: &Rule, piece: Piece) -> String {
    let lists = rule.written.pattern(piece.role).unwrap_or_default();
    // Phrases of a span are looked for as regexes, before those that were written as regexes.
    let phrases = if rule.written.span.is_some() { lists.phrases.len() } else { 0 };
    let (list, index) = match piece.list {
        List::Regex if piece.index < phrases => (List::Phrases, piece.index),
        List::Regex => (List::Regex, piece.index - phrases),
        list => (list, piece.index),
    };
    let text = lists.list(list).get(index).map_or("?", |text| text.value.as_str());
    match list {
        List::Phrases => format!("the phrase {text:?}"),
        List::With(_) => format!("the `with` phrase {text:?}"),
        List::Except => format!("the `except` phrase {text:?}"),
        List::Regex => format!("the regex {text:?}"),
    }
}
