//! A reference of the rules in effect, in Markdown.

use std::fmt::Write as _;

use anyhow::Result;
use dechaff::rules::pattern::Role;
use dechaff::rules::rule::Rule;

use super::Wanted;
use crate::cli::Status;
use crate::cli::args::RuleDocsArgs;
use crate::cli::messages;
use crate::cli::messages::count;
use crate::cli::settings::Desk;

/// Of one rule, most phrases that are shown.
const PHRASES_SHOWN: usize = 6;

pub(super) fn run(desk: &Desk<'_>, args: &RuleDocsArgs) -> Result<Status> {
    let settings = desk.fresh()?;
    let wanted = Wanted::new(&settings.cleaner, &args.ids)?;
    let rules: Vec<&Rule> = settings.cleaner.rules().rules().iter().filter(|rule| wanted.holds(rule)).collect();
    let mut out = format!("# Rules\n\n{} in effect.\n", count(rules.len(), "rule"));
    let pack = |rule: &Rule| rule.id.split('/').next().unwrap_or_default().to_owned();
    for of_pack in rules.chunk_by(|a, b| pack(a) == pack(b)) {
        let Some(first) = of_pack.first() else { continue };
        let path = first.path.display().to_string().replace('\\', "/");
        let _ = write!(out, "\n## {}\n\nFrom `{path}`", pack(first));
        if !first.scope.hosts().is_empty() {
            let _ = write!(out, ", for {}", first.scope.hosts().join(", "));
        }
        out.push_str(".\n\n| rule | what | category | runs from | looks for |\n|---|---|---|---|---|\n");
        for rule in of_pack {
            let name = rule.id.split('/').nth(1).unwrap_or_default();
            let (category, level) = (rule.category.name(), rule.first_level().name());
            let about = cell(&rule.written.about);
            let _ = writeln!(out, "| `{name}` | {about} | {category} | {level} | {} |", looks_for(rule));
        }
    }
    messages::print_raw(&out)?;
    Ok(Status::Fine)
}

/// The first phrases of a rule, and how many there are.
fn looks_for(rule: &Rule) -> String {
    let patterns = [Role::Main, Role::Heading, Role::Start].iter().find_map(|role| rule.written.pattern(*role));
    let Some(pattern) = patterns else { return String::new() };
    let shown: Vec<String> =
        pattern.phrases.iter().take(PHRASES_SHOWN).map(|phrase| format!("“{}”", cell(&phrase.value))).collect();
    let mut text = shown.join(", ");
    let rest = pattern.phrases.len().saturating_sub(PHRASES_SHOWN);
    if rest > 0 {
        let _ = write!(text, " and {rest} more");
    }
    if !pattern.regex.is_empty() {
        let joint = if text.is_empty() { "" } else { "; " };
        let _ = write!(text, "{joint}{}", if pattern.regex.len() == 1 { "a regex" } else { "regexes" });
    }
    text
}

/// Text that does not end a table's cell, nor begin any markup.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in messages::visible(text).chars() {
        if matches!(c, '|' | '*' | '_' | '`' | '<' | '[' | '\\') {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}
