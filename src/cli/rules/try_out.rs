//! An unsaved rule against texts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use dechaff::decide::Terms;
use dechaff::document::Document;
use dechaff::rules::{RuleSet, Source, sketch};
use dechaff::{Cleaned, Cleaner, Request};

use crate::cli::Status;
use crate::cli::args::RuleTryArgs;
use crate::cli::batch::{self, Text};
use crate::cli::messages::count;
use crate::cli::messages::{self, visible};
use crate::cli::settings::Desk;

const GONE: Style = AnsiColor::Red.on_default();
const HELD: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();

/// Of each kind of line, those that are shown.
const SHOWN: usize = 20;

pub(super) fn run(desk: &Desk<'_>, args: &RuleTryArgs) -> Result<Status> {
    let settings = desk.fresh()?;
    let file = sketch::file(&args.sketch.join("\n"));
    let overlay = settings.config.as_ref().map(dechaff::config::Config::overlay);
    let sources = settings.sources().chain([Source { path: sketch::PATH.as_ref(), text: &file }]);
    let rules = RuleSet::load_with(sources, desk.knowledge()?, overlay.as_ref()).map_err(sketch::in_sketch)?;
    let with = Cleaner::new(rules)?;
    let (rule, _) = super::find(&with, sketch::ID)?;
    let mut found = Tally { shown: if args.all { usize::MAX } else { SHOWN }, ..Tally::default() };
    let status = batch::each_text(desk, &args.input, |text| {
        let terms = Terms { level: settings.level, focus: Some(rule), trace: true, ..Terms::default() };
        let before = Terms { level: settings.level, ..Terms::default() };
        let request = |terms| Request { terms, origin: text.origin.clone(), ..Request::default() };
        let without = settings.cleaner.clean(text.text, &request(before))?;
        let tried = with.clean(text.text, &request(terms))?;
        found.add(text, &without, &tried, rule, (&settings.cleaner, &with))
    })?;
    messages::print(&found.told(args.all))?;
    Ok(status)
}

#[derive(Default)]
struct Tally {
    shown: usize,
    texts: usize,
    texts_hit: usize,
    /// Lines that go by this rule alone, by it where another took them already, and by others because of it.
    new: Vec<String>,
    already: Vec<String>,
    others: Vec<String>,
    held: BTreeMap<String, Vec<String>>,
    guarded: usize,
    counts: [usize; 3],
}

impl Tally {
    fn add(
        &mut self,
        text: &Text<'_>,
        without: &Cleaned<'_>,
        tried: &Cleaned<'_>,
        rule: usize,
        (before, with): (&Cleaner, &Cleaner),
    ) -> Result<()> {
        self.texts += 1;
        let document = Document::new(text.text)?;
        let shown = |number: usize| {
            let line = document.lines().iter().find(|line| line.number() == number);
            let line: String = line.map_or("", |line| document.slice(line.text())).trim().chars().take(110).collect();
            format!("{FAINT}{}:{number}:{FAINT:#} {}", visible(&text.name), visible(&line))
        };
        let id = |cleaner: &Cleaner, rule: usize| {
            cleaner.rules().rules().get(rule).map(|rule| rule.id.clone()).unwrap_or_default()
        };
        let mut hit = false;
        for removal in &tried.removals {
            let earlier = without.removals.iter().find(|other| other.line == removal.line);
            match (removal.rule == rule, earlier) {
                (true, None) => self.put(0, shown(removal.line)),
                (true, Some(other)) => {
                    self.put(1, format!("{}  {FAINT}<- {}{FAINT:#}", shown(removal.line), id(before, other.rule)))
                }
                (false, None) => {
                    self.put(2, format!("{}  {FAINT}<- {}{FAINT:#}", shown(removal.line), id(with, removal.rule)))
                }
                (false, Some(_)) => {}
            }
            hit |= removal.rule == rule;
        }
        self.texts_hit += usize::from(hit);
        self.guarded += usize::from(tried.outcome.complaint().is_some() && without.outcome.complaint().is_none());
        for held in tried.held.iter().filter(|held| held.rule == rule) {
            let number = document.lines().get(held.line).map_or(0, |line| line.number());
            self.held.entry(held.reason.explain(with.rules())).or_default().push(shown(number));
        }
        Ok(())
    }

    fn put(&mut self, kind: usize, line: String) {
        let lists = [&mut self.new, &mut self.already, &mut self.others];
        if let (Some(count), Some(list)) = (self.counts.get_mut(kind), lists.into_iter().nth(kind)) {
            *count += 1;
            if list.len() < self.shown {
                list.push(line);
            }
        }
    }

    fn told(&self, all: bool) -> String {
        let mut out = String::new();
        let [new, already, others] = self.counts;
        let hits = count(new + already, "hit");
        let _ = writeln!(out, "{hits} in {} of {}", self.texts_hit, count(self.texts, "text"));
        let mut list = |title: &str, style: Style, number: usize, lines: &[String]| {
            if number == 0 {
                return;
            }
            let _ = writeln!(out, "\n{style}{title}{style:#}");
            lines.iter().take(self.shown).for_each(|line| out.push_str(&format!("  {line}\n")));
            let rest = number.saturating_sub(lines.len().min(self.shown));
            if rest > 0 && !all {
                let _ = writeln!(out, "  and {rest} more (--all shows them)");
            }
        };
        list(&format!("goes: {}", count(new, "line")), GONE, new, &self.new);
        list(&format!("goes already, by another rule: {}", count(already, "line")), FAINT, already, &self.already);
        list(&format!("goes by other rules because of it: {}", count(others, "line")), GONE, others, &self.others);
        for (reason, lines) in &self.held {
            list(&format!("held, {}: {}", visible(reason), count(lines.len(), "line")), HELD, lines.len(), lines);
        }
        if self.guarded > 0 {
            let _ = writeln!(out, "\n{} would now stay as they are: too much would go", count(self.guarded, "text"));
        }
        out
    }
}
