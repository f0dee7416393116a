//! All rules in effect, a line each.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use serde::Serialize;

use super::Wanted;
use crate::cli::Status;
use crate::cli::args::RuleListArgs;
use crate::cli::messages;
use crate::cli::settings::Desk;

const ID: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();

#[derive(Serialize)]
struct Entry<'r> {
    id: &'r str,
    about: &'r str,
    category: &'static str,
    runs_from: &'static str,
    languages: &'r [String],
    hosts: &'r [String],
    place: String,
    changed: bool,
    disabled: bool,
}

pub(super) fn run(desk: &Desk<'_>, args: &RuleListArgs) -> Result<Status> {
    let settings = desk.fresh()?;
    let wanted = Wanted::new(&settings.cleaner, &args.ids)?;
    let rules = settings.cleaner.rules();
    let on = rules.rules().iter().map(|rule| (rule, false));
    let off = rules.disabled().iter().map(|rule| (rule, true));
    let entries = on.chain(off).filter(|(rule, _)| wanted.holds(rule)).map(|(rule, disabled)| Entry {
        id: &rule.id,
        about: &rule.written.about,
        category: rule.category.name(),
        runs_from: rule.first_level().name(),
        languages: &rule.languages,
        hosts: rule.scope.hosts(),
        place: format!("{}:{}", rule.path.display(), rule.line),
        changed: !rule.changes.is_empty(),
        disabled,
    });
    let entries: Vec<Entry<'_>> = entries.collect();
    if args.json {
        messages::print(&(serde_json::to_string(&entries)? + "\n"))?;
        return Ok(Status::Fine);
    }
    let widest = |of: fn(&Entry<'_>) -> usize| entries.iter().map(of).max().unwrap_or(0);
    let (ids, categories) = (widest(|entry| entry.id.chars().count()), widest(|entry| entry.category.len()));
    let mut out = String::new();
    for entry in &entries {
        let state = match (entry.disabled, entry.changed) {
            (true, _) => "off      ",
            (_, true) => "changed  ",
            _ => "",
        };
        let _ = writeln!(
            out,
            "{ID}{:ids$}{ID:#}  {:categories$}  {:7}  {state}{FAINT}{}{FAINT:#}",
            entry.id,
            entry.category,
            entry.runs_from,
            messages::visible(entry.about)
        );
    }
    messages::print(&out)?;
    Ok(Status::Fine)
}
