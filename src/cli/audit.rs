//! What the rules do to a corpus, as text, JSON, or a page to look at.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use anyhow::{Result, bail};
use dechaff::audit::{Audit, Removed, Report};
use dechaff::write;

use super::Status;
use super::args::AuditArgs;
use super::batch;
use super::messages::count;
use super::messages::{self, visible};
use super::settings::Desk;

const TITLE: Style = Style::new().bold();
const RULE: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();

/// Entries of each list that are printed.
const SHOWN: usize = 12;

const PAGE: &str = include_str!("audit.html");

pub(crate) fn run(desk: &Desk<'_>, args: &AuditArgs) -> Result<Status> {
    if args.input.files.is_empty() {
        bail!("name the files or folders to look at");
    }
    let settings = desk.settings(None)?;
    let most_shown = if args.html.is_some() { args.show } else { 0 };
    let mut audit = Audit::new(&settings.cleaner, args.seed, most_shown);
    let status = batch::each_piece(desk, &args.input, true, |piece| {
        let host = piece.host.clone().or_else(|| dechaff::Origin::of_front_matter(piece.text.lines()).host);
        Ok(audit.add(&piece.name, host.as_deref(), piece.cleaner, piece.text, piece.cleaned)?)
    })?;
    let report = audit.report(settings.level.name());
    if let Some(path) = &args.html {
        write::create(path, page(&report)?.as_bytes())?;
        messages::note(&format!(
            "{}: {} of {} shown",
            path.display(),
            report.totals.shown,
            count(report.totals.documents, "text")
        ));
    }
    match (args.json, &args.html) {
        (true, _) => messages::print(&(serde_json::to_string(&report)? + "\n"))?,
        (false, Some(_)) => {}
        (false, None) => messages::print(&told(&report))?,
    }
    Ok(status)
}

/// The page, with the report as JSON in it. No text of the report can end the script or begin a tag.
fn page(report: &Report) -> Result<String> {
    let data = serde_json::to_string(report)?;
    let mut safe = String::with_capacity(data.len());
    for c in data.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(safe, "\\u{:04x}", u32::from(c));
            }
            _ => safe.push(c),
        }
    }
    Ok(PAGE.replacen("{{data}}", &safe, 1))
}

fn told(report: &Report) -> String {
    let totals = &report.totals;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{TITLE}{}, {} changed{TITLE:#}: {} of {} lines and {} of {} words went, at {}",
        count(totals.documents, "text"),
        totals.changed,
        totals.lines_gone,
        totals.lines,
        totals.words_gone,
        totals.words,
        report.level
    );
    let shares = [
        (totals.held, "held: the rules would have taken too much"),
        (totals.unsettled, "held: they did not settle"),
        (totals.without_host, "without a host: no rule of a site looked at them"),
    ];
    for (number, what) in shares.iter().filter(|(number, _)| *number > 0) {
        let _ = writeln!(out, "{number:>6} {what}");
    }
    report.held.iter().take(SHOWN).for_each(|name| out.push_str(&format!("         {}\n", visible(name))));
    let _ = writeln!(
        out,
        "\n{TITLE}rules that fired: {}{TITLE:#}\n{FAINT}  lines  texts  words{FAINT:#}",
        report.rules.len()
    );
    for rule in &report.rules {
        let _ = writeln!(out, "{:>7}{:>7}{:>7}  {RULE}{}{RULE:#}", rule.hits, rule.documents, rule.words, rule.id);
    }
    let _ = writeln!(
        out,
        "\n{TITLE}rules that never fired: {}{TITLE:#} (--json has their names)",
        report.never_fired.len()
    );
    let mut list = |title: &str, removals: &[Removed]| {
        let _ = writeln!(out, "\n{TITLE}{title}{TITLE:#}");
        for removed in removals.iter().take(SHOWN) {
            let id = report.rules.get(removed.rule).map_or("", |rule| rule.id.as_str());
            let text: String = visible(&removed.text).replace('\n', " ").chars().take(90).collect();
            let (name, line) = (visible(&removed.name), removed.line);
            let words = count(removed.words, "word");
            let _ = writeln!(out, "  {name}:{line}  {RULE}{id}{RULE:#}  {FAINT}{words}{FAINT:#}\n      {text}");
        }
    };
    list("largest removals", &report.largest);
    list("a sample for review", &report.sample);
    out
}
