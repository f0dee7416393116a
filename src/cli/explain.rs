//! A text with everything that goes, by which rule, and in the margin what nearly went and what held it back.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};
use anyhow::Result;
use dechaff::document::Span;
use dechaff::report::{self, EvidenceEntry, PartEntry, Report};

use super::Status;
use super::args::ExplainArgs;
use super::batch::{Piece, each_piece};
use super::messages::{self, visible};
use super::settings::Desk;

const GONE: Style = AnsiColor::Red.on_default();
const STRUCK: Style = AnsiColor::Red.on_default().effects(Effects::STRIKETHROUGH);
const RULE: Style = AnsiColor::Cyan.on_default();
const HELD: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().effects(Effects::DIMMED);

/// Of one line, most rules that are named as held back.
const HELD_SHOWN: usize = 3;

/// Of one line, most measures and most phrases that are named as evidence.
const PARTS_SHOWN: usize = 4;

pub(crate) fn run(desk: &Desk<'_>, args: &ExplainArgs) -> Result<Status> {
    each_piece(desk, &args.input, true, |piece| {
        let report = report::report(piece.cleaner, piece.text, piece.cleaned)?;
        let text = match args.json {
            true => serde_json::to_string(&report)? + "\n",
            false => explained(piece, &report),
        };
        Ok(messages::print(&text)?)
    })
}

fn explained(piece: &Piece<'_>, report: &Report<'_>) -> String {
    let mut out = String::new();
    headline(&mut out, piece, report);
    let mut removals = report.removals.iter().peekable();
    let mut held = report.held.iter().peekable();
    let mut evidence = report.evidence.iter().peekable();
    let mut at = 0;
    for (index, line) in piece.text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        let start = at;
        at += line.len();
        let mut parts: Vec<Span> = Vec::new();
        let mut rules: Vec<&str> = Vec::new();
        while let Some(removal) = removals.next_if(|removal| removal.line == number) {
            parts.extend(removal.spans.iter().map(|&(from, to)| from - start..to - start));
            if !rules.contains(&removal.rule) {
                rules.push(removal.rule);
            }
        }
        let shown = line.strip_suffix('\n').unwrap_or(line);
        let weighed = evidence.next_if(|evidence| evidence.line == number);
        print_line(&mut out, number, shown.strip_suffix('\r').unwrap_or(shown), parts, &rules);
        if let Some(weighed) = weighed.filter(|weighed| rules.contains(&weighed.rule)) {
            let _ = writeln!(out, "      {HELD}= {}{HELD:#}", visible(&weighing(weighed)));
        }
        let mut shown = 0;
        while let Some(held) = held.next_if(|held| held.line == number) {
            shown += 1;
            if shown <= HELD_SHOWN {
                let _ = writeln!(out, "      {HELD}~ {}: {}{HELD:#}", held.rule, visible(&held.reason));
            }
        }
        if shown > HELD_SHOWN {
            let _ = writeln!(out, "      {HELD}~ and {} more{HELD:#}", shown - HELD_SHOWN);
        }
    }
    out
}

/// What spoke against a line, the largest first.
fn weighing(evidence: &EvidenceEntry<'_>) -> String {
    let mut said = format!("{:+.2} points, at least {:+.2} to stay:", evidence.points, evidence.bar);
    let own = evidence.parts.iter().filter(|part| !part.measures.iter().any(|(name, _)| *name == "points"));
    let mut parts: Vec<&PartEntry> = own.chain(&evidence.own).collect();
    parts.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()));
    let named = |part: &&&PartEntry| {
        let names: Vec<String> =
            part.measures.iter().map(|(name, value)| format!("{name}={}", short(*value))).collect();
        format!("{:+.2} {}", part.points, names.join(" with "))
    };
    let parts: Vec<String> = parts.iter().take(PARTS_SHOWN).map(|part| named(&part)).collect();
    let phrases = evidence.phrases.iter().take(PARTS_SHOWN);
    let phrases: Vec<String> =
        phrases.map(|(phrase, points)| format!("{points:+.1} \u{201c}{phrase}\u{201d}")).collect();
    let _ = write!(said, " {}", parts.join(", "));
    if !phrases.is_empty() {
        let _ = write!(said, "; phrases {}", phrases.join(", "));
    }
    said
}

/// A value in three digits or so.
fn short(value: f32) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn headline(out: &mut String, piece: &Piece<'_>, report: &Report<'_>) {
    let name = visible(&piece.name);
    let mut rules: Vec<&str> = report.removals.iter().map(|removal| removal.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let _ = match piece.cleaned.outcome.complaint() {
        Some(complaint) => writeln!(out, "{name}: {complaint}"),
        None if rules.is_empty() => writeln!(out, "{name}: nothing goes"),
        None => writeln!(
            out,
            "{name}: {} of {} lines, by {} rule{}",
            piece.cleaned.lines_touched(),
            piece.text.lines().count(),
            rules.len(),
            if rules.len() == 1 { "" } else { "s" }
        ),
    };
}

fn print_line(out: &mut String, number: usize, line: &str, mut parts: Vec<Span>, rules: &[&str]) {
    if rules.is_empty() {
        let _ = writeln!(out, "{FAINT}{number:>5}{FAINT:#}   {}", visible(line));
        return;
    }
    parts.sort_by_key(|part| part.start);
    let mut marked = String::new();
    let mut at = 0;
    let whole = parts.first().is_some_and(|part| *part == (0..line.len()));
    for part in &parts {
        let _ = write!(marked, "{}", visible(line.get(at..part.start).unwrap_or_default()));
        let gone = visible(line.get(part.clone()).unwrap_or_default());
        let _ = match whole {
            true => write!(marked, "{STRUCK}{gone}{STRUCK:#}"),
            false => write!(marked, "{GONE}[-{gone}-]{GONE:#}"),
        };
        at = part.end.max(at);
    }
    let _ = write!(marked, "{}", visible(line.get(at..).unwrap_or_default()));
    let _ =
        writeln!(out, "{FAINT}{number:>5}{FAINT:#} {GONE}-{GONE:#} {marked}  {RULE}<- {}{RULE:#}", rules.join(", "));
}
