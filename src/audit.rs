//! What rules do to a corpus, counted: hits of each rule, the largest removals, a sample to look at, and the texts that
//! were held.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use serde::Serialize;

use crate::clean::{Cleaned, Cleaner, Outcome};
use crate::document::Document;
use crate::error::Error;
use crate::limits;
use crate::matcher::count_words;
use crate::rules::rule::Rule;

/// Counts texts as they are cleaned, and keeps some of them to be shown.
#[derive(Debug)]
pub struct Audit {
    seed: u64,
    most_shown: usize,
    totals: Totals,
    rules: BTreeMap<String, RuleCount>,
    known: BTreeMap<String, About>,
    largest: Vec<Kept>,
    sample: Vec<Kept>,
    shown: Vec<(u64, Rc<Page>)>,
    held: Vec<Rc<Page>>,
    homeless: Vec<String>,
}

/// Sums over all texts.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(missing_docs, reason = "each is what its name says")]
pub struct Totals {
    pub documents: usize,
    pub shown: usize,
    pub changed: usize,
    pub held: usize,
    pub unsettled: usize,
    pub unreadable: usize,
    pub without_host: usize,
    pub lines: usize,
    pub lines_gone: usize,
    pub words: usize,
    pub words_gone: usize,
}

#[derive(Debug, Clone, Default)]
struct RuleCount {
    hits: usize,
    documents: usize,
    words: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct About {
    about: String,
    category: &'static str,
    confidence: &'static str,
    place: String,
}

impl About {
    fn new(rule: &Rule) -> Self {
        Self {
            about: rule.written.about.clone(),
            category: rule.category.name(),
            confidence: rule.written.confidence.name(),
            place: format!("{}:{}", rule.path.display(), rule.line),
        }
    }
}

/// A text and what went of it.
#[derive(Debug)]
struct Page {
    name: String,
    host: Option<String>,
    outcome: &'static str,
    share: Option<f64>,
    text: String,
    /// Rule, and spans of the text.
    removals: Vec<(String, Vec<(usize, usize)>)>,
}

/// A removal that is kept to be looked at.
#[derive(Debug)]
struct Kept {
    page: Rc<Page>,
    line: usize,
    rule: String,
    text: String,
    words: usize,
    chance: u64,
}

/// The audit as it is told: the value that JSON and the HTML report are made of.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of dechaff.
    pub version: &'static str,
    /// How much could go.
    pub level: &'static str,
    /// The share of a document's own words beyond which it is held.
    pub limit: f64,
    /// Sums.
    pub totals: Totals,
    /// Rules that fired, most hits first.
    pub rules: Vec<RuleEntry>,
    /// Ids of rules that did not.
    pub never_fired: Vec<String>,
    /// The largest removals.
    pub largest: Vec<Removed>,
    /// Some removals, picked at random.
    pub sample: Vec<Removed>,
    /// Names of texts that were left as they are.
    pub held: Vec<String>,
    /// Names of some texts of which the host is not known.
    pub without_host: Vec<String>,
    /// Texts to be shown.
    pub documents: Vec<Shown>,
}

/// A rule that fired.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "each is what its name says")]
pub struct RuleEntry {
    pub id: String,
    pub about: String,
    pub category: &'static str,
    pub confidence: &'static str,
    pub place: String,
    pub hits: usize,
    pub documents: usize,
    pub words: usize,
}

/// One removal.
#[derive(Debug, Serialize)]
pub struct Removed {
    /// Its text's place among [`Report::documents`].
    pub document: usize,
    /// The text's name.
    pub name: String,
    /// Line, counted from 1.
    pub line: usize,
    /// The rule's place among [`Report::rules`].
    pub rule: usize,
    /// Words that went.
    pub words: usize,
    /// What went.
    pub text: String,
}

/// A text with what went of it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "each is what its name says")]
pub struct Shown {
    pub name: String,
    pub host: Option<String>,
    pub outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    pub lines: Vec<Vec<Part>>,
}

/// Part of a line.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Part {
    /// It stays.
    Stays(String),
    /// A rule took it: the rule's place among [`Report::rules`], and the text.
    Gone(usize, String),
}

impl Audit {
    /// For these rules; keeps `most_shown` texts, and picks its sample by `seed`.
    #[must_use]
    pub fn new(cleaner: &Cleaner, seed: u64, most_shown: usize) -> Self {
        let known = cleaner.rules().rules().iter().map(|rule| (rule.id.clone(), About::new(rule)));
        Self {
            seed,
            most_shown,
            totals: Totals::default(),
            rules: BTreeMap::new(),
            known: known.collect(),
            largest: Vec::new(),
            sample: Vec::new(),
            shown: Vec::new(),
            held: Vec::new(),
            homeless: Vec::new(),
        }
    }

    /// Counts a text that was cleaned.
    ///
    /// # Errors
    /// The text is too long to be cleaned in the first place.
    pub fn add(
        &mut self,
        name: &str,
        host: Option<&str>,
        cleaner: &Cleaner,
        text: &str,
        cleaned: &Cleaned<'_>,
    ) -> Result<(), Error> {
        let document = Document::new(text)?;
        let mut of_document: BTreeMap<&str, RuleCount> = BTreeMap::new();
        let mut removals = Vec::new();
        let mut pieces = Vec::new();
        for removal in &cleaned.removals {
            let Some(rule) = cleaner.rules().rules().get(removal.rule) else { continue };
            let gone: String = removal.spans.iter().map(|span| document.slice(span.clone())).collect();
            let words = count_words(&crate::fold::fold(&gone));
            let count = of_document.entry(&rule.id).or_default();
            count.hits += 1;
            count.words += words;
            self.totals.words_gone += words;
            self.known.entry(rule.id.clone()).or_insert_with(|| About::new(rule));
            removals.push((rule.id.clone(), removal.spans.iter().map(|span| (span.start, span.end)).collect()));
            pieces.push((removal.line, rule.id.clone(), gone, words));
        }
        for (rule, count) in of_document {
            let total = self.rules.entry(rule.to_owned()).or_default();
            total.hits += count.hits;
            total.words += count.words;
            total.documents += 1;
        }
        let totals = &mut self.totals;
        totals.documents += 1;
        totals.changed += usize::from(!cleaned.removals.is_empty());
        totals.lines += document.lines().len();
        totals.lines_gone += cleaned.lines_touched();
        totals.words += document.lines().iter().map(|line| count_words(document.slice(line.text()))).sum::<usize>();
        totals.held += usize::from(matches!(cleaned.outcome, Outcome::TooMuch(_)));
        totals.unsettled += usize::from(matches!(cleaned.outcome, Outcome::Unsettled));
        let share = match cleaned.outcome {
            Outcome::TooMuch(share) => Some(share),
            _ => None,
        };
        let outcome = cleaned.outcome.name();
        let host = host.map(str::to_owned);
        if host.is_none() {
            totals.without_host += 1;
            if self.homeless.len() < limits::AUDIT_ENTRIES {
                self.homeless.push(name.to_owned());
            }
        }
        let page = Rc::new(Page { name: name.to_owned(), host, outcome, share, text: text.to_owned(), removals });
        self.keep(&page, pieces);
        Ok(())
    }

    /// Notes that a text could not be read.
    pub fn unreadable(&mut self) {
        self.totals.unreadable += 1;
    }

    /// Keeps a text, if it is among those to be shown, and its removals, if they are among those to be looked at.
    fn keep(&mut self, page: &Rc<Page>, pieces: Vec<(usize, String, String, usize)>) {
        for (line, rule, text, words) in pieces {
            let chance = self.chance(&(&page.name, line, &rule));
            let kept =
                || Kept { page: Rc::clone(page), line, rule: rule.clone(), text: shortened(&text), words, chance };
            let last = |list: &[Kept], key: fn(&Kept) -> u64| {
                list.last().filter(|_| list.len() >= limits::AUDIT_ENTRIES).map(key)
            };
            if last(&self.largest, |kept| kept.words as u64).is_none_or(|least| words as u64 > least) {
                self.largest.push(kept());
                self.largest.sort_by_key(|kept| std::cmp::Reverse(kept.words));
                self.largest.truncate(limits::AUDIT_ENTRIES);
            }
            if last(&self.sample, |kept| kept.chance).is_none_or(|most| chance < most) {
                self.sample.push(kept());
                self.sample.sort_by_key(|kept| kept.chance);
                self.sample.truncate(limits::AUDIT_ENTRIES);
            }
        }
        let is_held = matches!(page.outcome, "held" | "unsettled");
        if is_held && self.held.len() < limits::AUDIT_ENTRIES {
            self.held.push(Rc::clone(page));
        }
        // Texts that changed come first; which of them, chance says.
        let unchanged = u64::from(page.removals.is_empty()) << 63;
        let chance = unchanged | self.chance(&page.name) >> 1;
        let last = self.shown.last().filter(|_| self.shown.len() >= self.most_shown).map(|(chance, _)| *chance);
        if self.most_shown > 0 && last.is_none_or(|most| chance < most) {
            let at = self.shown.partition_point(|(other, _)| *other < chance);
            self.shown.insert(at, (chance, Rc::clone(page)));
            self.shown.truncate(self.most_shown);
        }
    }

    fn chance(&self, what: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, what).hash(&mut hasher);
        hasher.finish()
    }

    /// What was counted.
    #[must_use]
    pub fn report(self, level: &'static str) -> Report {
        let mut fired: Vec<(&String, &RuleCount)> = self.rules.iter().collect();
        fired.sort_by(|a, b| b.1.hits.cmp(&a.1.hits).then(a.0.cmp(b.0)));
        let places: HashMap<&str, usize> =
            fired.iter().enumerate().map(|(place, (id, _))| (id.as_str(), place)).collect();
        let mut pages: Vec<&Rc<Page>> = Vec::new();
        let kept = self.largest.iter().chain(&self.sample).map(|kept| &kept.page);
        for page in
            self.shown.iter().map(|(_, page)| page).chain(kept.filter(|_| self.most_shown > 0)).chain(&self.held)
        {
            if !pages.iter().any(|other| Rc::ptr_eq(other, page)) {
                pages.push(page);
            }
        }
        pages.sort_by(|a, b| a.name.cmp(&b.name));
        let place_of = |id: &str| places.get(id).copied().unwrap_or(0);
        let removed = |kept: &Kept| Removed {
            document: pages.iter().position(|page| Rc::ptr_eq(page, &kept.page)).unwrap_or(0),
            name: kept.page.name.clone(),
            line: kept.line,
            rule: place_of(&kept.rule),
            words: kept.words,
            text: kept.text.clone(),
        };
        let rules = fired.iter().filter_map(|(id, count)| {
            let About { about, category, confidence, place } = self.known.get(*id)?.clone();
            let RuleCount { hits, documents, words } = **count;
            Some(RuleEntry { id: (*id).clone(), about, category, confidence, place, hits, documents, words })
        });
        Report {
            version: env!("CARGO_PKG_VERSION"),
            level,
            limit: limits::DOCUMENT_SHARE,
            totals: Totals { shown: pages.len(), ..self.totals },
            rules: rules.collect(),
            never_fired: self.known.keys().filter(|id| !self.rules.contains_key(*id)).cloned().collect(),
            largest: self.largest.iter().map(removed).collect(),
            sample: self.sample.iter().map(removed).collect(),
            held: self.held.iter().map(|page| page.name.clone()).collect(),
            without_host: self.homeless,
            documents: pages.iter().map(|page| page.shown(&place_of)).collect(),
        }
    }
}

impl Page {
    fn shown(&self, place_of: &impl Fn(&str) -> usize) -> Shown {
        let mut gone: Vec<(usize, usize, usize)> = Vec::new();
        for (rule, spans) in &self.removals {
            gone.extend(spans.iter().map(|&(start, end)| (start, end, place_of(rule))));
        }
        gone.sort_unstable();
        let mut lines = Vec::new();
        let mut gone = gone.into_iter().peekable();
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let end = start + line.trim_end_matches(['\n', '\r']).len();
            let mut parts = Vec::new();
            let mut at = start;
            while let Some((from, to, rule)) = gone.next_if(|(from, _, _)| *from < start + line.len()) {
                let stays = self.text.get(at..from).filter(|stays| !stays.is_empty());
                parts.extend(stays.map(|stays| Part::Stays(stays.to_owned())));
                let text = self.text.get(from.max(at)..to).unwrap_or_default();
                parts.push(Part::Gone(rule, text.to_owned()));
                at = to.max(at);
            }
            let rest = self.text.get(at..end).filter(|rest| !rest.is_empty());
            parts.extend(rest.map(|rest| Part::Stays(rest.to_owned())));
            lines.push(parts);
            start += line.len();
        }
        Shown { name: self.name.clone(), host: self.host.clone(), outcome: self.outcome, share: self.share, lines }
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.trim().chars().take(limits::AUDIT_CHARS).collect();
    if short.len() < text.trim().len() {
        short.push('…');
    }
    short
}
