//! The pipeline on one text, and the library's front door.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::decide::{Held, Judge, Judgement, LineEvidence, Roster, Terms};
use crate::document::{Document, Line, Span};
use crate::error::Error;
use crate::evidence::{self, Measures, Model};
use crate::language::Languages;
use crate::limits;
use crate::matcher::{Matcher, Page, PageLine, Reader, Workspace};
use crate::measure::{self, Weighed};
use crate::origin::Origin;
use crate::render;
use crate::rules::file::{Category, Input, Level};
use crate::rules::rule::{Action, Evidence};
use crate::rules::{RuleIndex, RuleSet};

/// Cleans texts by a set of rules. Build one, use it for every text, from any thread.
///
/// ```
/// let cleaner = dechaff::Cleaner::builtin()?;
/// let text = "The ferry was late again, the harbour master said on Monday, because of the fog that had \
///             settled over the sound before dawn.\n\nPost a Comment\n\n0 Comments\n";
/// let cleaned = cleaner.clean(text, &dechaff::Request::default())?;
/// assert!(cleaned.text.ends_with("before dawn.\n"));
/// assert_eq!(cleaned.removals.len(), 2);
/// # Ok::<(), dechaff::Error>(())
/// ```
#[derive(Debug)]
pub struct Cleaner {
    rules: RuleSet,
    matcher: Matcher,
    languages: Languages,
    roster: Roster,
    /// What texts before this one needed; as many as there were at once.
    workspaces: Mutex<Vec<Workspace>>,
}

/// What is asked of one cleaning.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// On what terms: how much may go, and what is to be noted.
    pub terms: Terms,
    /// Where the text comes from. What is missing is looked for in its front matter.
    pub origin: Origin,
    /// Switches the document guard off: rules may take any share of the text.
    pub unguarded: bool,
    /// The text is a whole page, menus and all: its article is looked for first.
    pub page: bool,
    /// The page's title, where it is known; else it is the page's first line.
    pub title: Option<String>,
}

impl Request {
    /// At that level, and otherwise as usual.
    #[must_use]
    pub fn at(level: Level) -> Self {
        Self { terms: Terms { level, ..Terms::default() }, ..Self::default() }
    }
}

/// What came of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Cleaned<'t> {
    /// The text that is left.
    pub text: Cow<'t, str>,
    /// The spans of the original that it is made of.
    pub kept: Vec<Span>,
    /// Everything that went, ordered by place.
    pub removals: Vec<Removal>,
    /// What nearly went, ordered by place; empty unless [`Terms::trace`] asks for it.
    pub held: Vec<Held>,
    /// What spoke for and against lines that no rule decided, ordered by place; empty unless [`Terms::trace`] asks for it.
    pub evidence: Vec<LineEvidence>,
    /// What became of the document as a whole.
    pub outcome: Outcome,
}

impl Cleaned<'_> {
    /// How many lines went or lost a part.
    #[must_use]
    pub fn lines_touched(&self) -> usize {
        self.removals.chunk_by(|a, b| a.line == b.line).count()
    }
}

/// A line, or parts of one, that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The rule that took it.
    pub rule: RuleIndex,
    /// The line's number, counted from 1.
    pub line: usize,
    /// What went of it, as spans of the original: the line without its ending, or parts of it.
    pub spans: Vec<Span>,
    /// Whether the line went with everything in it.
    pub whole: bool,
}

/// The lines of a text with what is measured of each.
#[derive(Debug)]
pub struct Sheet {
    /// Each line's number, counted from 1, and its words as evidence files write them.
    pub lines: Vec<(usize, String)>,
    /// The measures, and what they come to.
    pub weighed: Weighed,
}

/// What became of a document as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Nothing was to remove.
    Untouched,
    /// Something went.
    Cleaned,
    /// Rules asked for that share of its own text, which is too much: it stayed as it was.
    TooMuch(f64),
    /// It did not settle within [`limits::ROUNDS`] rounds: it stayed as it was.
    Unsettled,
    /// A page was to have an article, and no line of what is left of it is more likely content than not.
    NoArticle,
}

impl Cleaner {
    /// With these rules.
    ///
    /// # Errors
    /// There are more phrases than can be indexed.
    pub fn new(rules: RuleSet) -> Result<Self, Error> {
        let matcher = Matcher::new(&rules)?;
        let languages = Languages::new(rules.languages());
        let roster = Roster::new(&rules);
        Ok(Self { rules, matcher, languages, roster, workspaces: Mutex::default() })
    }

    /// With the rules that come with dechaff.
    ///
    /// # Errors
    /// A built-in rule is broken, which the tests of dechaff rule out.
    pub fn builtin() -> Result<Self, Error> {
        Self::new(crate::rules::builtin::rules()?)
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The patterns of the rules, ready to be looked for.
    #[must_use]
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// For the workbench, which takes parts of rules away and puts them back.
    pub(crate) fn parts_mut(&mut self) -> (&mut RuleSet, &mut Matcher) {
        self.matcher.look_for_all();
        (&mut self.rules, &mut self.matcher)
    }

    /// Cleans a text.
    ///
    /// # Errors
    /// The text is longer than [`limits::TEXT_BYTES`].
    pub fn clean<'t>(&self, text: &'t str, request: &Request) -> Result<Cleaned<'t>, Error> {
        let document = Document::new(text)?;
        Ok(self.with_workspace(|workspace| self.clean_in(&document, request, workspace)))
    }

    fn reader(&self) -> Reader<'_> {
        let languages = Some(&self.languages).filter(|_| self.roster.asks_for_language);
        Reader { rules: &self.rules, matcher: &self.matcher, languages }
    }

    fn judge(&self, request: &Request, origin: &Origin) -> Judge<'_> {
        Judge::new(&self.rules, &self.roster, &self.languages, request.terms, origin)
    }

    /// A text that panics takes its workspace with it.
    fn with_workspace<T>(&self, work: impl FnOnce(&mut Workspace) -> T) -> T {
        let free = || self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = free().pop().unwrap_or_default();
        let done = work(&mut workspace);
        workspace.shrink();
        free().push(workspace);
        done
    }

    fn clean_in<'t>(&self, document: &Document<'t>, request: &Request, workspace: &mut Workspace) -> Cleaned<'t> {
        let text = document.text();
        let mut page = Page::new(document, self.reader(), workspace);
        let words: Vec<usize> = page.lines().iter().map(|line| line.words).collect();
        let mut course = Course::default();
        if request.page {
            let judge = self.judge(request, &request.origin);
            self.apply(&judge.find_marked_endings(&page), &mut page, &mut course.removals, workspace);
            let judgement = judge.find_article(&page, request.title.as_deref());
            course.no_article = judgement.has_no_article();
            self.apply(&judgement, &mut page, &mut course.removals, workspace);
            course.note_evidence(judgement.weighed);
        }
        if !self.settle(&mut page, request, &mut course, workspace) {
            return untouched(text, course, Outcome::Unsettled);
        }
        self.finish(text, &page, &words, course, request)
    }

    /// What evidence is about: the lines that the rules leave of a text, or those of a whole page where one is asked for,
    /// and what is measured of each.
    ///
    /// # Errors
    /// As [`Cleaner::clean`].
    pub fn measure(&self, text: &str, model: &Model, request: &Request) -> Result<Sheet, Error> {
        let document = Document::new(text)?;
        Ok(self.with_workspace(|workspace| {
            let mut page = Page::new(&document, self.reader(), workspace);
            if request.page {
                let judge = self.judge(request, &request.origin);
                self.apply(&judge.find_marked_endings(&page), &mut page, &mut Vec::new(), workspace);
            } else {
                self.settle(&mut page, request, &mut Course::default(), workspace);
            }
            let weighed = measure::weigh(&page, &self.rules, model, None, &Measures::all());
            let place = |line: &PageLine| document.lines().get(line.line).map_or(0, Line::number);
            let written = |line: &PageLine| evidence::written_words(page.folded(line)).join(" ");
            let lines = page.lines().iter().map(|line| (place(line), written(line))).collect();
            Sheet { lines, weighed }
        }))
    }

    /// Judges and removes, again and again, until nothing goes; tells whether it came to that.
    fn settle(&self, page: &mut Page<'_>, request: &Request, course: &mut Course, workspace: &mut Workspace) -> bool {
        let mut last: Option<(Origin, Judge<'_>)> = None;
        for _ in 0..limits::ROUNDS {
            let origin = origin(page, request);
            let judge = match last.take().filter(|(of, _)| *of == origin) {
                Some((_, judge)) => judge,
                None => self.judge(request, &origin),
            };
            let judgement = judge.judge(page);
            last = Some((origin, judge));
            let done = judgement.is_empty();
            if !done {
                self.apply(&judgement, page, &mut course.removals, workspace);
            }
            course.note(judgement);
            if done {
                return true;
            }
        }
        false
    }

    fn apply(
        &self,
        judgement: &Judgement,
        page: &mut Page<'_>,
        removals: &mut Vec<Removal>,
        workspace: &mut Workspace,
    ) {
        let mut gone: Vec<bool> = judgement.gone.iter().map(Option::is_some).collect();
        for (line, rule) in page.lines().iter().zip(&judgement.gone) {
            if let Some(rule) = rule {
                removals.push(removal(page, line, *rule, None));
            }
        }
        for cut in &judgement.cuts {
            let Some(line) = page.lines().get(cut.line) else {
                continue;
            };
            let part = removal(page, line, cut.rule, Some(&cut.parts));
            let whole = removal(page, line, cut.rule, None);
            if page.cut(cut.line, &cut.parts, self.reader(), workspace) {
                removals.push(part);
            } else {
                removals.push(whole);
                if let Some(slot) = gone.get_mut(cut.line) {
                    *slot = true;
                }
            }
        }
        page.remove(&gone);
    }

    fn finish<'t>(
        &self,
        text: &'t str,
        page: &Page<'_>,
        words: &[usize],
        mut course: Course,
        request: &Request,
    ) -> Cleaned<'t> {
        let or_no_article = |outcome| if course.no_article { Outcome::NoArticle } else { outcome };
        if course.removals.is_empty() {
            let outcome = or_no_article(Outcome::Untouched);
            return untouched(text, course, outcome);
        }
        let outcome = or_no_article(Outcome::Cleaned);
        let mut removals = std::mem::take(&mut course.removals);
        removals.sort_by_key(|removal| (removal.line, removal.spans.first().map(|span| span.start)));
        if let Some(share) = self.excessive_share(page.document(), words, &removals).filter(|_| !request.unguarded) {
            return untouched(text, course, Outcome::TooMuch(share));
        }
        let kept = render::kept_spans(page);
        Cleaned {
            text: Cow::Owned(render::join(text, &kept)),
            kept,
            removals,
            held: still_there(course.held.unwrap_or_default(), page),
            evidence: course.evidence.into_values().collect(),
            outcome,
        }
    }

    /// The share of a document's own text that would go, where that is too much.
    ///
    /// Copies, consent texts and readers' comments are not its own: a body pasted twice is half the text and no loss.
    fn excessive_share(&self, document: &Document<'_>, words: &[usize], removals: &[Removal]) -> Option<f64> {
        let rule = |rule: RuleIndex| self.rules.rules().get(rule);
        let (mut lost, mut foreign) = (0, 0);
        for removal in removals {
            let line = document.lines().binary_search_by_key(&removal.line, Line::number);
            let cut = removal.spans.iter().map(|span| document.slice(span.clone()).split_whitespace().count()).sum();
            let of_line = line.ok().and_then(|line| words.get(line)).copied().unwrap_or(0);
            let words = if removal.whole { of_line } else { cut };
            match rule(removal.rule).map(|rule| (&rule.action, rule.category)) {
                Some((Action::Evidence(Evidence { input: Input::Page, .. }), _)) => foreign += words,
                Some((_, Category::Duplicate | Category::Consent | Category::Navigation | Category::Comments)) => {
                    foreign += words;
                }
                _ => lost += words,
            }
        }
        let own = words.iter().sum::<usize>().saturating_sub(foreign);
        let share = lost as f64 / own.max(1) as f64;
        (lost >= limits::DOCUMENT_GUARD_WORDS && share > limits::DOCUMENT_SHARE).then_some(share)
    }
}

/// The request's origin, completed from front matter. That is looked for anew each round: when noise above it goes, it
/// is the document's.
fn origin(page: &Page<'_>, request: &Request) -> Origin {
    if request.origin.host.is_some() {
        return request.origin.clone();
    }
    let lines = page.lines().iter().map(|line| page.text(line));
    Origin { file: request.origin.file.clone(), ..Origin::of_front_matter(lines) }
}

/// The record of a line that goes: of parts of it, or of all that is left of it.
fn removal(page: &Page<'_>, line: &PageLine, rule: RuleIndex, parts: Option<&[Span]>) -> Removal {
    let number = page.document().lines().get(line.line).map_or(0, Line::number);
    let spans = match parts {
        Some(parts) => parts.iter().flat_map(|part| page.original(line, part.clone())).collect(),
        None => page.original(line, 0..page.text(line).len()),
    };
    Removal { rule, line: number, spans, whole: parts.is_none() }
}

/// What was held back on lines that stayed.
fn still_there(mut held: Vec<Held>, page: &Page<'_>) -> Vec<Held> {
    held.retain(|held| page.lines().binary_search_by_key(&held.line, |line| line.line).is_ok());
    held.sort_by_key(|held| (held.line, held.rule));
    held
}

fn untouched(text: &str, course: Course, outcome: Outcome) -> Cleaned<'_> {
    let mut held = course.held.unwrap_or_default();
    held.sort_by_key(|held| (held.line, held.rule));
    let kept = if text.is_empty() { Vec::new() } else { std::iter::once(0..text.len()).collect() };
    let evidence = course.evidence.into_values().collect();
    Cleaned { text: Cow::Borrowed(text), kept, removals: Vec::new(), held, evidence, outcome }
}

/// What happens to a text while it is cleaned.
#[derive(Debug, Default)]
struct Course {
    removals: Vec<Removal>,
    /// What was held back at first.
    held: Option<Vec<Held>>,
    /// What was said of each line last.
    evidence: BTreeMap<usize, LineEvidence>,
    no_article: bool,
}

impl Course {
    fn note(&mut self, judgement: Judgement) {
        self.held.get_or_insert(judgement.held);
        self.note_evidence(judgement.weighed);
    }

    fn note_evidence(&mut self, weighed: Vec<LineEvidence>) {
        self.evidence.extend(weighed.into_iter().map(|weighed| (weighed.line, weighed)));
    }
}
