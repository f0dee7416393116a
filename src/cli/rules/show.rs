//! One rule as it is in effect, and where each of its values comes from.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};
use anyhow::Result;
use dechaff::rules::file::Level;
use dechaff::rules::overlay::{Change, Edit};
use dechaff::rules::rule::Rule;
use serde::Serialize;

use super::find;
use crate::cli::Status;
use crate::cli::args::RuleShowArgs;
use crate::cli::messages::{self, visible};
use crate::cli::settings::{Desk, Settings};

const FAINT: Style = Style::new().dimmed();
const NEW: Style = AnsiColor::Green.on_default();
const GONE: Style = AnsiColor::Red.on_default().effects(Effects::STRIKETHROUGH);
const TITLE: Style = Style::new().bold();

#[derive(Serialize)]
struct Shown<'r> {
    id: &'r str,
    about: &'r str,
    category: &'static str,
    runs_from: &'static str,
    languages: &'r [String],
    place: String,
    changes: Vec<Told<'r>>,
    /// What stands in the rule's file, line by line.
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Told<'r> {
    what: &'static str,
    value: String,
    place: &'r str,
}

#[derive(Serialize)]
struct Line {
    number: usize,
    text: String,
}

pub(super) fn run(desk: &Desk<'_>, args: &RuleShowArgs) -> Result<Status> {
    let settings = desk.fresh()?;
    let (_, rule) = find(&settings.cleaner, &args.id)?;
    let shown = Shown {
        id: &rule.id,
        about: &rule.written.about,
        category: rule.category.name(),
        runs_from: rule.first_level().name(),
        languages: &rule.languages,
        place: format!("{}:{}", rule.path.display(), rule.line),
        changes: rule.changes.iter().map(told).collect(),
        lines: lines(&settings, rule),
    };
    let text = if args.json { serde_json::to_string(&shown)? + "\n" } else { shown.to_text(rule) };
    messages::print(&text)?;
    Ok(Status::Fine)
}

fn told(change: &Change) -> Told<'_> {
    let (what, value) = match &change.what {
        Edit::Added(phrase) => ("phrase added", phrase.clone()),
        Edit::Dropped(phrase) => ("phrase dropped", phrase.clone()),
        Edit::Confidence(was) => ("confidence, which was", was.name().to_owned()),
    };
    Told { what, value, place: &change.place }
}

/// The file's `defaults` and the rule itself, with the numbers of their lines.
fn lines(settings: &Settings, rule: &Rule) -> Vec<Line> {
    let text = settings.text_of(&rule.path).unwrap_or_default();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let stretch = |start: usize| {
        let first = text.lines().nth(start - 1).unwrap_or_default();
        let inside = |line: &str| line.trim().is_empty() || indent(line) > indent(first);
        let rest = text.lines().skip(start).take_while(|line| inside(line)).count();
        let body = text.lines().enumerate().skip(start - 1).take(rest + 1);
        let mut lines: Vec<Line> =
            body.map(|(index, line)| Line { number: index + 1, text: line.to_owned() }).collect();
        while lines.pop_if(|line| line.text.trim().is_empty()).is_some() {}
        lines
    };
    let defaults = text.lines().position(|line| line.starts_with("defaults:"));
    defaults.map(|index| index + 1).into_iter().chain([rule.line]).flat_map(stretch).collect()
}

impl Shown<'_> {
    fn to_text(&self, rule: &Rule) -> String {
        let mut out = String::new();
        let place = visible(&rule.path.display().to_string());
        let _ = writeln!(out, "{TITLE}{}{TITLE:#}  runs from {} on", self.id, self.runs_from);
        let _ = writeln!(out, "{FAINT}from {place}{FAINT:#}");
        let dropped = |line: &str| {
            let quoted = line.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
            rule.changes.iter().any(|change| matches!(&change.what, Edit::Dropped(phrase) if phrase == quoted))
        };
        for line in &self.lines {
            let text = visible(&line.text);
            let _ = match dropped(&line.text) {
                true => writeln!(out, "{FAINT}{:>5}{FAINT:#} {GONE}{text}{GONE:#}", line.number),
                false => writeln!(out, "{FAINT}{:>5}{FAINT:#} {text}", line.number),
            };
        }
        for change in &rule.changes {
            let place = visible(&change.place);
            let _ = match &change.what {
                Edit::Added(phrase) => writeln!(out, "{NEW}    + phrase {phrase:?}{NEW:#}  {FAINT}{place}{FAINT:#}"),
                Edit::Dropped(phrase) => {
                    writeln!(out, "{GONE}    - phrase {phrase:?}{GONE:#}  {FAINT}{place}{FAINT:#}")
                }
                Edit::Confidence(was) => {
                    let level = |level: Level| level.name();
                    let (now, was) = (level(rule.level), level(Level::from(*was)));
                    writeln!(out, "{NEW}    + runs from {now} on{NEW:#}, not from {was}  {FAINT}{place}{FAINT:#}")
                }
            };
        }
        out
    }
}
