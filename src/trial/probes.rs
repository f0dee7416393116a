//! Texts around a rule's own examples: longer, in other places, beside other noise. One of them mostly tells a rule from
//! the rule without one of its guards, and then it is the near miss that was missing.
//!
//! Every word comes from the examples of rules, so that a probe is in the rule's language.

use std::collections::{HashMap, HashSet};

use super::Kind;
use super::example::{Attempt, attempts_of, filled, lists, origin};
use crate::clean::{Cleaner, Request};
use crate::decide::Terms;
use crate::error::Error;
use crate::fold::{fold, fold_with_map};
use crate::matcher::{List, Piece, Role, count_words};
use crate::rules::file::{Category, Example, Level, Match};
use crate::rules::rule::{Action, Guard, Rule, RuleIndex};

/// An example that could be added to a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// [`Kind::Removes`] or [`Kind::Keeps`].
    pub kind: Kind,
    /// The text; it may hold place-holders.
    pub text: String,
    /// The level, where it is not the rule's first.
    pub level: Option<Level>,
}

impl Probe {
    pub(super) fn attempts(&self, rule: &Rule) -> Vec<Attempt> {
        let example = Example { text: self.text.clone(), level: self.level, url: None };
        attempts_of(rule, &lists(rule), &self.kind, &example)
    }
}

/// The probes of one rule; what each is to the whole rule is found out when it is asked for.
pub(super) struct Probes {
    texts: Vec<String>,
    templates: Vec<String>,
    judged: HashMap<String, Vec<Probe>>,
}

impl Probes {
    pub(super) fn of(cleaner: &Cleaner, rule: RuleIndex) -> Result<Self, Error> {
        let Some(checked) = cleaner.rules().rules().get(rule) else {
            return Ok(Self { texts: Vec::new(), templates: Vec::new(), judged: HashMap::new() });
        };
        let setting = Setting::new(cleaner, rule, checked)?;
        let mut seen = HashSet::new();
        let mut once = |mut texts: Vec<String>| {
            texts.retain(|text| seen.insert(text.clone()));
            texts
        };
        let named = |texts: Vec<String>| texts.into_iter().map(|text| setting.named(text)).collect();
        let (texts, templates) = (once(named(setting.texts())), once(named(setting.templates())));
        Ok(Self { texts, templates, judged: HashMap::new() })
    }

    /// Probes that could tell something about a phrase, the most telling first: a text with a place-holder that holds for
    /// all phrases, else one for that phrase alone.
    pub(super) fn about(&mut self, cleaner: &Cleaner, piece: Piece) -> Result<Vec<Probe>, Error> {
        let Some(checked) = cleaner.rules().rules().get(piece.rule) else { return Ok(Vec::new()) };
        let name = holder(piece);
        let lists = lists(checked);
        let phrases = lists.iter().find(|(other, _)| *other == name).map_or(&[][..], |(_, phrases)| phrases);
        let phrase = phrases.get(piece.index);
        // What makes a rule act is missed where it should, what holds it back where it should not.
        let holds_back = matches!(checked.action, Action::Keep(_)) != (piece.list == List::Except);
        let kind = if holds_back { Kind::Keeps } else { Kind::Removes };
        let (mut whole, mut single) = (Vec::new(), Vec::new());
        let templates: Vec<String> = self.templates.iter().filter(|text| text.contains(&name)).cloned().collect();
        for text in templates {
            if whole.len() >= 3 {
                break;
            }
            let mut probes = self.judged(cleaner, piece.rule, &text)?;
            probes.retain(|probe| probe.kind == kind);
            if let (true, Some(phrase)) = (probes.is_empty() && single.len() < 12, phrase) {
                let alone: Vec<(String, Vec<String>)> = lists
                    .iter()
                    .map(|(other, phrases)| match *other == name {
                        true => (other.clone(), vec![phrase.clone()]),
                        false => (other.clone(), phrases.iter().take(1).cloned().collect()),
                    })
                    .collect();
                for text in filled(&text, &alone) {
                    single.extend(
                        self.judged(cleaner, piece.rule, &text)?.into_iter().filter(|probe| probe.kind == kind),
                    );
                }
            }
            whole.extend(probes);
        }
        whole.extend(single);
        Ok(whole)
    }

    /// Plain texts, from the place on.
    pub(super) fn next(
        &mut self,
        cleaner: &Cleaner,
        rule: RuleIndex,
        place: usize,
    ) -> Result<Option<Vec<Probe>>, Error> {
        match self.texts.get(place).cloned() {
            Some(text) => self.judged(cleaner, rule, &text).map(Some),
            None => Ok(None),
        }
    }

    /// The text as an example of the kind that it is to the rule, at every level where it is one.
    fn judged(&mut self, cleaner: &Cleaner, rule: RuleIndex, text: &str) -> Result<Vec<Probe>, Error> {
        if let Some(known) = self.judged.get(text) {
            return Ok(known.clone());
        }
        let Some(checked) = cleaner.rules().rules().get(rule) else { return Ok(Vec::new()) };
        let mut probes = Vec::new();
        let first = checked.first_level();
        let mut levels: Vec<Level> = checked.guards.iter().map(|guard| guard.level).chain([first]).collect();
        levels.sort_unstable();
        levels.dedup();
        for &level in &levels {
            let level = (level != first).then_some(level);
            let probe = Probe { kind: Kind::Removes, text: text.to_owned(), level };
            if holds(cleaner, rule, checked, &probe)? {
                probes.push(probe);
            }
        }
        let kept = Probe { kind: Kind::Keeps, text: text.to_owned(), level: None };
        if holds(cleaner, rule, checked, &kept)? {
            probes.push(kept);
        } else {
            // What an alternative of a later level takes may still be a near miss before that.
            for level in levels.iter().filter(|level| **level < Level::Eager) {
                let kept = Probe { level: Some(*level), ..kept.clone() };
                if holds(cleaner, rule, checked, &kept)? {
                    probes.push(kept);
                }
            }
        }
        self.judged.insert(text.to_owned(), probes.clone());
        Ok(probes)
    }
}

fn holds(cleaner: &Cleaner, rule: RuleIndex, checked: &Rule, probe: &Probe) -> Result<bool, Error> {
    for attempt in probe.attempts(checked) {
        if attempt.run(cleaner, rule)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The place-holder that stands for a phrase's list.
fn holder(piece: Piece) -> String {
    match (piece.role, piece.list) {
        (Role::End, _) => "{end}".to_owned(),
        (Role::Topic, _) => "{topic}".to_owned(),
        (Role::Mark, List::Phrases | List::Regex) => "{mark}".to_owned(),
        (_, List::With(0)) => "{with}".to_owned(),
        (_, List::With(list)) => format!("{{with{}}}", list + 1),
        (_, List::Except) => "{except}".to_owned(),
        (_, List::Phrases | List::Regex) => "{phrase}".to_owned(),
    }
}

/// What probes are made of.
struct Setting<'c> {
    cleaner: &'c Cleaner,
    rule: RuleIndex,
    checked: &'c Rule,
    /// Noise that the rule takes, by itself.
    noise: Vec<String>,
    /// Whole texts of which it takes something.
    examples: Vec<String>,
    /// Paragraphs of which nothing goes.
    prose: Vec<String>,
    /// Noise of the categories that a guard wants near: some that stands on its own, some that does not.
    neighbours: Vec<String>,
    /// Texts that have a kind which a guard excludes.
    kinds: Vec<String>,
}

/// Most lines of noise, paragraphs and neighbours that probes are made of: enough to find what can be found.
const SOURCES: usize = 4;

impl<'c> Setting<'c> {
    fn new(cleaner: &'c Cleaner, rule: RuleIndex, checked: &'c Rule) -> Result<Self, Error> {
        let mut setting = Self {
            cleaner,
            rule,
            checked,
            noise: Vec::new(),
            examples: Vec::new(),
            prose: Vec::new(),
            neighbours: Vec::new(),
            kinds: Vec::new(),
        };
        let lists = lists(checked);
        for example in &checked.written.tests.removes {
            let text = filled(&example.text, &lists).swap_remove(0);
            for stretch in setting.taken(rule, &text)? {
                match checked.written.line.is_some() {
                    true => setting.noise.extend(stretch.lines().map(str::to_owned)),
                    false => setting.noise.push(stretch),
                }
            }
            setting.examples.push(text);
        }
        setting.noise.dedup();
        setting.noise.truncate(SOURCES);
        setting.prose = setting.paragraphs()?;
        let wanted: Vec<&Guard> = checked.guards.iter().collect();
        for near in wanted.iter().filter_map(|guard| guard.near.as_ref()) {
            setting.neighbours.extend(setting.noise_of(&near.categories)?);
        }
        for kind in wanted.iter().flat_map(|guard| &guard.document_not) {
            let giver = cleaner.rules().rules().iter().find(|rule| rule.kind() == Some(kind));
            let named = checked.texts().get(kind).into_iter();
            let texts = giver.iter().flat_map(|rule| &rule.written.tests.keeps).map(|example| &example.text);
            setting.kinds.extend(named.chain(texts).map(|text| text.trim_end().to_owned()).take(SOURCES));
        }
        Ok(setting)
    }

    /// What a rule takes of a text, stretch by stretch.
    fn taken(&self, rule: RuleIndex, text: &str) -> Result<Vec<String>, Error> {
        let terms = Terms { level: Level::Eager, focus: Some(rule), ..Terms::default() };
        let host = self.cleaner.rules().rules().get(rule).map(|rule| origin(rule, None)).unwrap_or_default();
        let cleaned =
            self.cleaner.clean(text, &Request { terms, origin: host, unguarded: true, ..Request::default() })?;
        let mut stretches: Vec<(usize, String)> = Vec::new();
        for removal in cleaned.removals.iter().filter(|removal| removal.rule == rule && removal.whole) {
            let line: String = removal.spans.iter().filter_map(|span| text.get(span.clone())).collect();
            match stretches.last_mut().filter(|(last, _)| last + 1 == removal.line) {
                Some((last, stretch)) => {
                    *last = removal.line;
                    stretch.push('\n');
                    stretch.push_str(&line);
                }
                None => stretches.push((removal.line, line)),
            }
        }
        let parts = cleaned.removals.iter().any(|removal| removal.rule == rule && !removal.whole);
        if parts {
            stretches.push((0, text.to_owned()));
        }
        Ok(stretches.into_iter().map(|(_, stretch)| stretch).collect())
    }

    /// Paragraphs from examples in the rule's language.
    fn paragraphs(&self) -> Result<Vec<String>, Error> {
        let rules = self.cleaner.rules().rules();
        let alike = |other: &&Rule| self.checked.languages.first() == other.languages.first();
        let mut found: Vec<String> = Vec::new();
        let own = std::iter::once(self.checked).chain(rules.iter().filter(alike));
        for rule in own {
            let keeps = rule.written.tests.keeps.iter().flat_map(|example| example.text.lines());
            for line in rule.texts().values().map(|text| text.trim_end()).chain(keeps) {
                let words = count_words(&fold(line));
                if !(22..90).contains(&words) || !line.ends_with(['.', '。']) || line.contains('{') {
                    continue;
                }
                let cleaned = self.cleaner.clean(line, &Request::at(Level::Eager))?;
                if cleaned.removals.is_empty() && !found.iter().any(|other| other == line) {
                    found.push(line.to_owned());
                }
                if found.len() >= SOURCES {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// Noise of other rules in these categories: of rules that need no neighbour, and of rules that do.
    fn noise_of(&self, categories: &[Category]) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for (leans, most) in [(false, SOURCES), (true, 2 * SOURCES)] {
            let mut count = 0;
            for (index, other) in self.cleaner.rules().rules().iter().enumerate() {
                let fits = index != self.rule
                    && categories.contains(&other.category)
                    && other.languages.first() == self.checked.languages.first()
                    && other.guards.iter().all(|guard| guard.near.is_some()) == leans
                    && other.written.line.is_some();
                if !fits || count >= most {
                    continue;
                }
                let lists = lists(other);
                let text = other.written.tests.removes.first();
                let text = text.map(|example| filled(&example.text, &lists).swap_remove(0)).unwrap_or_default();
                if let Some(line) = self.taken(index, &text)?.into_iter().next() {
                    found.push(line);
                    count += 1;
                }
            }
        }
        Ok(found)
    }

    /// Words to make a line longer with.
    fn words(&self, count: usize) -> String {
        let words = self.prose.iter().flat_map(|prose| prose.split_whitespace());
        words.cycle().take(if self.prose.is_empty() { 0 } else { count }).collect::<Vec<_>>().join(" ")
    }

    /// More words than any guard lets pass.
    fn too_many_words(&self) -> usize {
        let guards = self.checked.guards.iter();
        guards.flat_map(|guard| [guard.max_words, guard.max_chars.map(|chars| chars / 4)]).flatten().max().unwrap_or(20)
            + 1
    }

    /// A line that has a phrase of each list in it, with place-holders for them; `but` leaves one `with` list out.
    fn line_of_holders(&self, but: Option<usize>) -> Vec<String> {
        let Some(lists) = self.checked.written.pattern(Role::Main) else { return Vec::new() };
        if lists.phrases.is_empty() || self.checked.written.span.is_some() {
            return Vec::new();
        }
        let name = |list: usize| if list == 0 { "{with}".to_owned() } else { format!("{{with{}}}", list + 1) };
        let with: Vec<String> = (0..lists.with.len()).filter(|list| Some(*list) != but).map(name).collect();
        let with = with.join(" ");
        let line = match (lists.matching, with.is_empty()) {
            (_, true) => "{phrase}".to_owned(),
            (Match::Suffix, false) => format!("{with} {{phrase}}"),
            (_, false) => format!("{{phrase}} {with}"),
        };
        let mut lines = vec![line.clone()];
        if lists.matching != Match::Whole {
            for count in [4, 8, 20] {
                let words = self.words(count);
                lines.push(match lists.matching {
                    Match::Suffix => format!("{words} {line}"),
                    _ => format!("{line} {words}"),
                });
            }
            lines.push(format!("{} {line} {}", self.words(4), self.words(4)));
        }
        lines
    }

    /// The noise as it is, longer, doubled, in other letters, and without a word that it needs.
    fn variants(&self) -> Vec<String> {
        let mut variants = Vec::new();
        let lists = lists(self.checked);
        let made = self.line_of_holders(None).into_iter().take(2).map(|line| filled(&line, &lists).swap_remove(0));
        let noise: Vec<String> = self.noise.iter().cloned().chain(made).collect();
        let cut = |text: &str, count: usize| text.split_whitespace().take(count).collect::<Vec<_>>().join(" ");
        let many = self.words(self.too_many_words());
        for noise in &noise {
            variants.push(noise.clone());
            let (first, rest) = noise.split_once('\n').unwrap_or((noise, ""));
            for words in [self.words(8), self.words(22), many.clone()] {
                variants.push(format!("{first} {words}\n{rest}").trim_end().to_owned());
                variants.push(format!("{words} {noise}"));
            }
            if !rest.is_empty() {
                variants.push(format!("{noise}\n{many}"));
            }
            for hits in self.checked.guards.iter().filter_map(|guard| guard.max_hits) {
                variants.push(vec![noise.as_str(); hits + 1].join("\n\n"));
                variants.push(vec![noise.as_str(); hits + 1].join("\n"));
                for prose in self.prose.iter().take(2) {
                    variants.push(vec![noise.as_str(); hits + 1].join(&format!("\n\n{prose}\n\n")));
                }
            }
            if self.checked.guards.iter().any(|guard| guard.case.is_some()) {
                variants.push(noise.to_lowercase());
            }
            if self.checked.guards.iter().any(|guard| guard.min_chars + guard.min_words > 0) {
                variants.extend((1..8).map(|count| cut(noise, count)));
            }
        }
        let with = self.checked.pattern(Role::Main).map_or(0, |pattern| pattern.with.len());
        for list in 0..with {
            variants
                .extend(self.line_of_holders(Some(list)).into_iter().map(|line| filled(&line, &lists).swap_remove(0)));
        }
        for first in &self.noise {
            variants
                .extend(self.noise.iter().filter(|second| *second != first).map(|second| format!("{first}\n{second}")));
        }
        variants
    }

    /// Noise where it could stand on a page, the simplest places first.
    fn places(&self, noise: &str) -> Vec<String> {
        let mut texts = Vec::new();
        let prose = |number: usize| self.prose.get(number).cloned().unwrap_or_default();
        let (first, second) = (prose(0), prose(1));
        let title: String = second.split_whitespace().take(5).collect::<Vec<_>>().join(" ");
        texts.push(noise.to_owned());
        texts.push(format!("{first}\n\n{noise}"));
        texts.push(format!("{noise}\n\n{first}"));
        texts.push(format!("{first}\n\n{noise}\n\n{second}"));
        texts.push(format!("{first}\n\n{noise}\n\n{title}"));
        texts.push(format!("{first}\n\n{noise}\n\n```\n{title}\n```"));
        // On a long page the noise is a small share.
        let page = [self.prose.join("\n\n"), self.prose.join("\n\n")].join("\n\n");
        texts.push(format!("{page}\n\n{noise}"));
        texts.push(format!("{noise}\n\n{page}"));
        texts.push(format!("{title}\n\n{noise}"));
        texts.push(format!("{noise}\n\n{title}"));
        for near in &self.neighbours {
            texts.push(format!("{first}\n\n{near}\n{noise}"));
            texts.push(format!("{first}\n\n{noise}\n{near}"));
            texts.push(format!("{noise}\n{near}\n\n{first}"));
            texts.push(format!("{near}\n{noise}\n\n{first}"));
            texts.push(format!("{first}\n\n{near}\n{noise}\n\n{second}"));
            texts.push(format!("{first}\n\n{noise}\n{near}\n\n{second}"));
            texts.push(format!("{first}\n\n{near}\n{noise}\n\n{title}"));
            texts.push(format!("{first}\n\n{near}\n{noise}\n\n```\n{title}\n```"));
            texts.push(format!("{noise}\n{near}"));
            texts.push(format!("{near}\n{noise}"));
        }
        for kind in &self.kinds {
            texts.push(format!("{kind}\n\n{noise}"));
            texts.push(format!("{noise}\n\n{kind}"));
            texts.push(format!("{first}\n\n{kind}\n\n{noise}"));
            texts.push(format!("{noise}\n\n{first}\n\n{kind}"));
            texts.push(format!("{first}\n\n{noise}\n\n{kind}\n\n{second}"));
            for near in &self.neighbours {
                texts.push(format!("{kind}\n\n{near}\n{noise}"));
                texts.push(format!("{first}\n\n{near}\n{noise}\n\n{kind}"));
                texts.push(format!("{first}\n\n{near}\n{noise}\n\n{kind}\n\n{second}"));
            }
        }
        texts
    }

    /// The text with the names of the texts that it holds in their place.
    fn named(&self, text: String) -> String {
        let mut texts: Vec<(&String, &str)> =
            self.checked.texts().iter().map(|(name, text)| (name, text.trim_end())).collect();
        texts.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
        texts
            .iter()
            .filter(|(_, whole)| !whole.is_empty())
            .fold(text, |text, (name, whole)| text.replace(whole, &format!("{{{name}}}")))
    }

    fn texts(&self) -> Vec<String> {
        let variants = self.variants();
        let places: Vec<Vec<String>> = variants.iter().map(|noise| self.places(noise)).collect();
        let most = places.iter().map(Vec::len).max().unwrap_or(0);
        let by_place = (0..most).flat_map(|place| places.iter().filter_map(move |texts| texts.get(place).cloned()));
        self.examples.iter().cloned().chain(by_place).collect()
    }

    /// Noise with place-holders where the rule's phrases stand.
    fn templates(&self) -> Vec<String> {
        let mut noises = self.line_of_holders(None);
        let mut templates = Vec::new();
        for text in self.noise.iter().chain(&self.examples) {
            for role in Role::ALL {
                let Some(pattern) = self.checked.written.pattern(role) else { continue };
                let name = match role {
                    Role::End => "{end}",
                    Role::Topic => "{topic}",
                    Role::Mark => "{mark}",
                    _ => "{phrase}",
                };
                noises.extend(with_holder(text, pattern.phrases, name));
                for (number, with) in pattern.with.iter().enumerate() {
                    let name = if number == 0 { "{with}".to_owned() } else { format!("{{with{}}}", number + 1) };
                    noises.extend(with_holder(text, with, &name));
                }
            }
        }
        let lists = lists(self.checked);
        let made = self.line_of_holders(None).into_iter().map(|line| filled(&line, &lists).swap_remove(0));
        for text in self.noise.iter().cloned().chain(made).collect::<Vec<_>>() {
            let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
            noises.push(format!("{first} {{except}}\n{rest}").trim_end().to_owned());
            noises.push(format!("{{except}} {text}"));
        }
        for noise in noises {
            templates.extend(self.places(&noise));
        }
        templates.extend(self.examples.iter().flat_map(|text| {
            let lists = self.checked.written.pattern(Role::Main).unwrap_or_default();
            with_holder(text, lists.phrases, "{phrase}")
        }));
        templates
    }
}

/// The text with the first of these phrases that stands in it replaced by a place-holder.
fn with_holder(text: &str, phrases: &[crate::rules::file::Text], name: &str) -> Option<String> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let folded = fold_with_map(body);
        let longest = phrases
            .iter()
            .map(|phrase| fold(&super::example::in_a_text(&phrase.value)))
            .filter_map(|phrase| folded.text.find(&phrase).map(|start| start..start + phrase.len()))
            .max_by_key(|found| found.len());
        if let Some(span) = longest.map(|found| folded.original(found)).filter(|span| !span.is_empty()) {
            let (before, after) = (text.get(..at + span.start)?, text.get(at + span.end..)?);
            return Some(format!("{before}{name}{after}"));
        }
        at += line.len();
    }
    None
}
