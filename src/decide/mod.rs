//! From hits to removals: keep-rules, guards, levels. One call judges a page once; [`clean`](crate::clean) asks again
//! until nothing changes.
//!
//! What one judgement finds depends on nothing but the text that is left, the rules and the document's origin. So a
//! text of which it removes nothing is clean, and cleaning it again changes nothing.

mod candidates;
mod cuts;
mod evidence;
mod guards;
mod held;
mod keeps;
mod marks;
mod structure;
mod whole_page;

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use candidates::{Alien, Candidate, Search, marks, twins};
use cuts::{parts_of, union};
pub use evidence::LineEvidence;
use guards::{Court, Neighbours, Standing};
pub use held::{Held, Reason};
use keeps::Kept;
use structure::{Anchors, Structure};

use crate::document::Span;
use crate::language::{Languages, Memory, Verdict};
use crate::matcher::Page;
use crate::origin::Origin;
use crate::rules::RuleSet;
use crate::rules::file::{Category, Input, Level};
use crate::rules::rule::{Action, Cut, Ending, Near, Rule, RuleIndex};

/// What goes from a page.
#[derive(Debug, Default)]
pub struct Judgement {
    /// A value a line: the rule that takes the line.
    pub gone: Vec<Option<RuleIndex>>,
    /// Parts of lines that stay otherwise.
    pub cuts: Vec<LineCut>,
    /// What nearly went.
    pub held: Vec<Held>,
    /// What spoke for and against the lines that evidence rules weighed, where that is to be noted.
    pub weighed: Vec<LineEvidence>,
    no_article: bool,
}

/// Parts that go from one line, as offsets into its text, ordered and apart.
#[derive(Debug, PartialEq, Eq)]
pub struct LineCut {
    /// The line's place on the page.
    pub line: usize,
    /// What goes.
    pub parts: Vec<Span>,
    /// The first rule that asked for it.
    pub rule: RuleIndex,
}

impl Judgement {
    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cuts.is_empty() && self.gone.iter().all(Option::is_none)
    }
}

/// Rules, and what of them holds for one document.
#[derive(Debug)]
pub struct Judge<'r> {
    rules: &'r RuleSet,
    languages: &'r Languages,
    roster: &'r Roster,
    terms: Terms,
    in_scope: Vec<bool>,
    memory: Memory,
}

/// What of the rules is the same for every document.
#[derive(Debug)]
pub struct Roster {
    /// A value a rule: whether it is for documents from anywhere.
    everywhere: Vec<bool>,
    /// By host: those that are for it, or for hosts below it. Of many rules for single sites a document asks few.
    of_hosts: HashMap<String, Vec<RuleIndex>>,
    /// The others that are not for documents from anywhere.
    scoped: Vec<RuleIndex>,
    /// Those that act though no pattern of theirs hits a line.
    unprompted: Vec<RuleIndex>,
    /// Some rule wants to know which language a document is in.
    pub(crate) asks_for_language: bool,
}

impl Roster {
    /// Of these rules.
    #[must_use]
    pub fn new(rules: &RuleSet) -> Self {
        let rules = rules.rules();
        let unprompted = rules.iter().enumerate().filter(|(_, rule)| rule.action.is_unprompted());
        let mut of_hosts: HashMap<String, Vec<RuleIndex>> = HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            for host in rule.scope.hosts() {
                of_hosts.entry(host.clone()).or_default().push(index);
            }
        }
        let is_scoped = |rule: &Rule| !rule.scope.is_everywhere() && rule.scope.hosts().is_empty();
        let asks =
            |rule: &Rule| matches!(rule.action, Action::Foreign { .. }) || !rule.scope.document_languages.is_empty();
        Self {
            everywhere: rules.iter().map(|rule| rule.scope.is_everywhere()).collect(),
            of_hosts,
            scoped: (0..).zip(rules).filter(|(_, rule)| is_scoped(rule)).map(|(index, _)| index).collect(),
            unprompted: unprompted.map(|(index, _)| index).collect(),
            asks_for_language: rules.iter().any(asks),
        }
    }
}

/// On what terms a document is judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// How much may go.
    pub level: Level,
    /// What several rules ask for is put down to this one, if it is among them.
    pub focus: Option<RuleIndex>,
    /// Whether to note what nearly went and what held it back, and what evidence there was.
    pub trace: bool,
    /// Whether rules must do without evidence.
    pub without_evidence: bool,
}

impl<'r> Judge<'r> {
    /// For documents of that origin.
    #[must_use]
    pub fn new(
        rules: &'r RuleSet,
        roster: &'r Roster,
        languages: &'r Languages,
        terms: Terms,
        origin: &Origin,
    ) -> Self {
        let mut in_scope = roster.everywhere.clone();
        let hosts = origin.host.as_deref().into_iter().flat_map(with_those_above);
        let of_host = hosts.filter_map(|host| roster.of_hosts.get(host)).flatten();
        for rule in roster.scoped.iter().chain(of_host) {
            if let (Some(slot), Some(rule)) = (in_scope.get_mut(*rule), rules.rules().get(*rule)) {
                *slot = rule.scope.holds(origin);
            }
        }
        Self { rules, languages, roster, terms, in_scope, memory: Memory::default() }
    }

    /// Judges a page once.
    #[must_use]
    pub fn judge(&self, page: &Page<'_>) -> Judgement {
        self.hear(page, |hearing| hearing.run())
    }

    /// Judges what on a whole page is known for an ending by its own marks, as a thread of comments is: what else stands on
    /// the page says nothing about it, and it would say much about the page.
    #[must_use]
    pub fn find_marked_endings(&self, page: &Page<'_>) -> Judgement {
        self.hear(page, |hearing| hearing.end_by_marks())
    }

    /// Judges what on a whole page is no part of its article, by evidence rules for pages alone.
    #[must_use]
    pub fn find_article(&self, page: &Page<'_>, title: Option<&str>) -> Judgement {
        self.hear(page, |hearing| hearing.weigh(&hearing.active(None), Input::Page, title))
    }

    fn hear(&self, page: &Page<'_>, run: impl for<'h> FnOnce(&mut Hearing<'h>)) -> Judgement {
        let structure = Structure::new(page);
        let (rules, trace, held) = (self.rules, self.terms.trace, Vec::new());
        let (marks, twins) = (marks(page), Vec::new());
        let search = Search { page, rules, structure: &structure, marks, twins, trace, held };
        let kept = Kept::new(self.rules, &self.in_scope, page, &structure, &search.marks);
        let gone = vec![None; page.lines().len()];
        let (cuts, firm, leaning) = (Vec::new(), Vec::new(), Vec::new());
        let structure = &structure;
        let (weighed, no_article) = (Vec::new(), false);
        let mut hearing = Hearing {
            judge: self,
            page,
            structure,
            search,
            kept: &kept,
            gone,
            cuts,
            firm,
            leaning,
            weighed,
            no_article,
        };
        run(&mut hearing);
        hearing.into_judgement()
    }
}

/// One judgement while it is made.
struct Hearing<'h> {
    judge: &'h Judge<'h>,
    page: &'h Page<'h>,
    structure: &'h Structure,
    search: Search<'h>,
    kept: &'h Kept<'h>,
    gone: Vec<Option<RuleIndex>>,
    cuts: Vec<LineCut>,
    firm: Vec<Candidate>,
    leaning: Vec<(Candidate, Vec<Standing<'h>>)>,
    weighed: Vec<LineEvidence>,
    no_article: bool,
}

impl<'h> Hearing<'h> {
    fn run(&mut self) {
        self.search.twins = twins(self.page);
        let document = self.document_language();
        let active = self.active(document);
        let of_line = self.foreign_lines(&active, document);
        let mut by_text = Vec::new();
        for (rule, checked) in &active {
            match checked.action {
                Action::Foreign { .. } => self.search.foreign(*rule, &of_line, &mut by_text),
                _ => self.search.by_text(*rule, &mut by_text),
            }
        }
        by_text.sort_by_key(|candidate| (candidate.rule, candidate.lines.start));

        let court = self.court();
        let suspect = self.suspects(&court, &by_text, &of_line);
        let article: Vec<bool> =
            self.structure.prose.iter().zip(&suspect).map(|(prose, suspect)| *prose && !suspect).collect();
        let anchors = Anchors::new(article.iter().copied());

        self.rule_on(&court, &by_text, anchors);
        let mut stretches = Vec::new();
        for (rule, checked) in &active {
            if let Action::Run(run) = &checked.action {
                let hit = self.hits_of(&court, &by_text, &run.categories);
                let kept = self.kept.lines_from(*rule, self.page.lines().len());
                self.search.runs(*rule, run, &hit, &kept, &mut stretches);
            }
            if let Action::Masthead(masthead) = &checked.action {
                let hit = self.hits_of(&court, &by_text, &masthead.categories);
                stretches.extend(self.search.masthead(*rule, masthead, &hit, &article));
            }
        }
        self.rule_on(&court, &stretches, anchors);
        let gone: Vec<bool> = self.gone.iter().map(Option::is_some).collect();
        let mut sections = Vec::new();
        for (rule, checked) in &active {
            if let Action::Section { items, .. } = &checked.action {
                self.search.sections(*rule, items, &gone, &mut sections);
            }
        }
        self.rule_on(&court, &sections, anchors);
        self.settle();
        self.end(&active, &court, &article, |_| true);
        let found = !self.cuts.is_empty() || self.gone.iter().any(Option::is_some);
        if !found && !self.judge.terms.without_evidence {
            self.weigh(&active, Input::Text, None);
        }
    }

    fn end_by_marks(&mut self) {
        let active = self.active(None);
        let (court, prose) = (self.court(), &self.structure.prose);
        self.end(&active, &court, prose, |ending| ending.min_marks > 0);
    }

    /// Judges the ends of the page; `article` says which lines are its prose.
    fn end(
        &mut self,
        active: &[(RuleIndex, &Rule)],
        court: &Court<'_>,
        article: &[bool],
        is_asked: impl Fn(&Ending) -> bool,
    ) {
        let mut endings = Vec::new();
        for (rule, checked) in active {
            if let Action::Ending(ending) = &checked.action
                && is_asked(ending)
            {
                endings.extend(self.search.ending(*rule, ending, &self.gone, article));
            }
        }
        self.rule_on(court, &endings, Anchors::new(article.iter().copied()));
        self.settle();
    }

    /// Judges lines that no pattern found.
    fn rule_on_lines(&mut self, candidates: &[Candidate]) {
        let court = self.court();
        let anchors = Anchors::new(self.structure.prose.iter().copied());
        self.rule_on(&court, candidates, anchors);
        self.settle();
    }

    fn court(&self) -> Court<'h> {
        let (page, structure, level) = (self.page, self.structure, self.judge.terms.level);
        Court { page, structure, level, kinds: &self.kept.kinds }
    }

    /// The rules that may have something to say of this document, in their order.
    fn active(&self, document: Option<Verdict>) -> Vec<(RuleIndex, &'h Rule)> {
        let prompted = self.search.marks.keys().map(|(rule, _)| *rule);
        let mut active: Vec<RuleIndex> = prompted.chain(self.judge.roster.unprompted.iter().copied()).collect();
        active.sort_unstable();
        active.dedup();
        let rules = self.rules().rules();
        let active = active.into_iter().filter(|rule| self.is_active(*rule, document));
        active.filter_map(|rule| rules.get(rule).map(|checked| (rule, checked))).collect()
    }

    fn rules(&self) -> &'h RuleSet {
        self.judge.rules
    }

    /// Whether a rule may act on this document at all. Level is a matter of guards, so that `explain` can tell.
    fn is_active(&self, rule: RuleIndex, document: Option<Verdict>) -> bool {
        let languages = self.rules().rules().get(rule).map_or(&[][..], |rule| &rule.scope.document_languages);
        let spoken = || document.map(|document| self.judge.languages.code(document.language));
        self.judge.in_scope.get(rule).copied().unwrap_or(false)
            && (languages.is_empty() || spoken().is_some_and(|code| languages.iter().any(|language| language == code)))
    }

    fn document_language(&self) -> Option<Verdict> {
        if !self.judge.roster.asks_for_language {
            return None;
        }
        let prose = self.page.lines().iter().zip(&self.structure.prose).filter(|(_, prose)| **prose);
        self.judge.languages.of_document(prose.map(|(line, _)| self.page.passage(line)), &self.judge.memory)
    }

    fn foreign_lines(&self, active: &[(RuleIndex, &Rule)], document: Option<Verdict>) -> Vec<Option<Alien>> {
        let asks = active.iter().filter_map(|(_, rule)| match rule.action {
            Action::Foreign { min_chars, min_confidence, .. } => Some((min_chars, min_confidence)),
            _ => None,
        });
        let least = asks.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)));
        match (document, least) {
            (Some(document), Some(least)) => self.search.foreign_lines(self.judge, document, least),
            _ => vec![None; self.page.lines().len()],
        }
    }

    /// Lines that are no paragraph of the article: a rule of this level hits them, or they are in another language.
    fn suspects(&self, court: &Court<'_>, candidates: &[Candidate], of_line: &[Option<Alien>]) -> Vec<bool> {
        let mut suspect: Vec<bool> = of_line.iter().map(Option::is_some).collect();
        for candidate in candidates.iter().filter(|candidate| !candidate.part) {
            let rule = self.rules().rules().get(candidate.rule);
            if rule.is_some_and(|rule| court.text_allows(rule, candidate)) && self.kept.from(candidate).is_none() {
                mark(&mut suspect, candidate.lines.clone());
            }
        }
        suspect
    }

    /// Lines that rules of these categories hit, wherever they stand and whatever stands near.
    fn hits_of(&self, court: &Court<'_>, candidates: &[Candidate], categories: &[Category]) -> Vec<bool> {
        let mut hit = vec![false; self.page.lines().len()];
        for candidate in candidates.iter().filter(|candidate| !candidate.part && candidate.lines.len() == 1) {
            let rule = self.rules().rules().get(candidate.rule);
            if rule.is_some_and(|rule| categories.contains(&rule.category) && court.text_allows(rule, candidate)) {
                mark(&mut hit, candidate.lines.clone());
            }
        }
        hit
    }

    /// Judges candidates: some go at once, some wait for company, some stay.
    fn rule_on(&mut self, court: &Court<'_>, candidates: &[Candidate], anchors: Anchors) {
        let rules = self.rules().rules();
        for alike in candidates.chunk_by(|a, b| a.rule == b.rule) {
            let Some(rule) = alike.first().and_then(|first| rules.get(first.rule)) else {
                continue;
            };
            let crowds = court.crowds(rule, alike);
            for candidate in alike {
                let standing = match self.kept.from(candidate) {
                    Some(keep) => Err(Reason::Kept(keep)),
                    None => court.standing(rule, candidate, &crowds, anchors),
                };
                match standing {
                    Ok(ways) => self.admit(candidate.clone(), ways),
                    Err(reason) => self.hold(candidate, reason),
                }
            }
        }
    }

    fn admit(&mut self, candidate: Candidate, ways: Vec<Standing<'h>>) {
        if ways.iter().any(|way| matches!(way, Standing::Firm)) {
            self.take(&candidate);
            self.firm.push(candidate);
        } else {
            self.leaning.push((candidate, ways));
        }
    }

    fn hold(&mut self, candidate: &Candidate, reason: Reason) {
        self.search.hold(candidate.rule, candidate.lines.start, reason);
    }

    /// Lets go what waited for other noise to be near, then what waited for the document's end.
    fn settle(&mut self) {
        let firm = self.firm.iter().map(|candidate| (candidate, true));
        let neighbours = Neighbours::new(firm.chain(self.leaning.iter().map(|(candidate, _)| (candidate, false))));
        let mut at_end = Vec::new();
        for (candidate, ways) in std::mem::take(&mut self.leaning) {
            let supported =
                |near: Option<&Near>| near.is_none_or(|near| neighbours.support(self.judge.rules, &candidate, near));
            let open: Vec<&Standing<'h>> =
                ways.iter().filter(|way| matches!(way, Standing::Leaning { near, .. } if supported(*near))).collect();
            if open.iter().any(|way| matches!(way, Standing::Leaning { at_end: false, .. })) {
                self.take(&candidate);
            } else if !open.is_empty() {
                at_end.push(candidate);
            } else if let Some(Standing::Leaning { near: Some(near), .. }) = ways.first() {
                let reason = Reason::NotNear {
                    categories: near.categories.clone(),
                    within_lines: near.within_lines,
                    firm: near.firm,
                };
                self.hold(&candidate, reason);
            }
        }
        self.sweep_from_end(at_end);
    }

    /// Takes what is followed by nothing but removed lines, from the end upwards.
    fn sweep_from_end(&mut self, mut waiting: Vec<Candidate>) {
        waiting.sort_by_key(|candidate| (candidate.lines.end, candidate.rule));
        let mut reached: Vec<Candidate> = Vec::new();
        let mut end = self.gone.len();
        loop {
            while end > 0 && self.gone.get(end - 1).is_some_and(Option::is_some) {
                end -= 1;
            }
            while let Some(candidate) = waiting.pop_if(|candidate| candidate.lines.end >= end) {
                reached.push(candidate);
            }
            let before = end;
            for candidate in std::mem::take(&mut reached) {
                self.take(&candidate);
                if !candidate.part {
                    end = end.min(candidate.lines.start);
                }
            }
            if end == before {
                break;
            }
        }
        for candidate in waiting {
            self.hold(&candidate, Reason::NotAtEnd);
        }
    }

    fn take(&mut self, candidate: &Candidate) {
        if candidate.part {
            let rule = self.rules().rules().get(candidate.rule);
            if let Some(Action::Span(cut)) = rule.map(|rule| &rule.action) {
                self.cut(candidate, cut);
            }
            return;
        }
        let focused = self.judge.terms.focus == Some(candidate.rule);
        for slot in self.gone.get_mut(candidate.lines.clone()).unwrap_or_default() {
            if focused || slot.is_none() {
                *slot = Some(candidate.rule);
            }
        }
    }

    fn cut(&mut self, candidate: &Candidate, cut: &Cut) {
        let Some(line) = self.page.lines().get(candidate.lines.start) else {
            return;
        };
        let parts = parts_of(self.page.text(line), cut);
        if !parts.is_empty() {
            self.cuts.push(LineCut { line: candidate.lines.start, parts, rule: candidate.rule });
        }
    }

    fn into_judgement(mut self) -> Judgement {
        let gone = self.gone;
        self.cuts.retain(|cut| gone.get(cut.line).is_some_and(Option::is_none));
        self.cuts.sort_by_key(|cut| (cut.line, cut.rule));
        let mut cuts: Vec<LineCut> = Vec::with_capacity(self.cuts.len());
        for cut in self.cuts {
            match cuts.last_mut().filter(|last| last.line == cut.line) {
                Some(last) => last.parts = union(&last.parts, &cut.parts),
                None => cuts.push(cut),
            }
        }
        Judgement { gone, cuts, held: self.search.held, weighed: self.weighed, no_article: self.no_article }
    }
}

/// A host and those that it is below: `a.b.c`, `b.c`, `c`.
fn with_those_above(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, above)| above))
}

fn mark(marks: &mut [bool], lines: Range<usize>) {
    marks.get_mut(lines).unwrap_or_default().iter_mut().for_each(|mark| *mark = true);
}
