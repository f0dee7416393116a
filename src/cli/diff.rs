//! What would change, as a unified diff in which each hunk names its rules.

use std::fmt::Write as _;
use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use dechaff::document::Span;
use dechaff::{Cleaner, Removal};

use super::Status;
use super::args::TextArgs;
use super::batch::{Piece, each_piece};
use super::messages;
use super::settings::Desk;

/// Lines of context around a change.
const CONTEXT: usize = 3;

const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();

pub(crate) fn run(desk: &Desk<'_>, args: &TextArgs) -> Result<Status> {
    let mut dirty = Status::Fine;
    let status = each_piece(desk, &args.input, false, |piece| {
        if !piece.cleaned.removals.is_empty() {
            dirty = Status::WouldChange;
            let text = diff(piece.cleaner, piece);
            let terminal = std::io::stdout().is_terminal();
            if terminal {
                messages::print(&coloured(&messages::visible(&text)))?;
            } else {
                messages::print_raw(&text)?;
            }
        }
        Ok(())
    })?;
    Ok(status.max(dirty))
}

/// A line of the original and what is left of it; `None` where nothing is, not even its ending.
struct Row<'t> {
    before: &'t str,
    after: Option<String>,
}

fn diff(cleaner: &Cleaner, piece: &Piece<'_>) -> String {
    let rows = rows(piece.text, &piece.cleaned.kept);
    let changed: Vec<usize> =
        rows.iter().enumerate().filter(|(_, row)| row.after.as_deref() != Some(row.before)).map(|(at, _)| at).collect();
    let mut out = format!("--- {0}\n+++ {0}\n", piece.name);
    let mut shift = 0;
    for hunk in changed.chunk_by(|a, b| b - a <= 2 * CONTEXT) {
        let (Some(&first), Some(&last)) = (hunk.first(), hunk.last()) else {
            continue;
        };
        let lines = first.saturating_sub(CONTEXT)..rows.len().min(last + 1 + CONTEXT);
        let inside = rows.get(lines.clone()).unwrap_or_default();
        let left = inside.iter().filter(|row| row.after.is_some()).count();
        let names = rules_of(cleaner, &piece.cleaned.removals, lines.start + 1..lines.end + 1);
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "@@ -{},{} +{},{left} @@ {names}",
            lines.start + 1,
            lines.len(),
            lines.start - shift + usize::from(left > 0)
        );
        shift += lines.len() - left;
        for row in inside {
            row.print(&mut out);
        }
    }
    out
}

impl Row<'_> {
    fn print(&self, out: &mut String) {
        let mut line = |mark: char, text: &str| {
            out.push(mark);
            out.push_str(text);
            if !text.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        };
        match &self.after {
            Some(after) if after == self.before => line(' ', after),
            after => {
                line('-', self.before);
                if let Some(after) = after {
                    line('+', after);
                }
            }
        }
    }
}

fn rows<'t>(text: &'t str, kept: &[Span]) -> Vec<Row<'t>> {
    let mut rows = Vec::new();
    let mut kept = kept.iter().peekable();
    let mut at = 0;
    // What is left of a line whose ending went begins the next line that stays.
    let mut carried = String::new();
    for before in text.split_inclusive('\n') {
        let line = at..at + before.len();
        at = line.end;
        let mut after: Option<String> = None;
        while let Some(span) = kept.peek() {
            let (start, end) = (span.start.max(line.start), span.end.min(line.end));
            if start < end {
                after.get_or_insert_default().push_str(text.get(start..end).unwrap_or_default());
            }
            if span.end > line.end {
                break;
            }
            kept.next();
        }
        if let Some(left) = &mut after {
            if before.ends_with('\n') && !left.ends_with('\n') {
                carried.push_str(left);
                after = None;
            } else {
                left.insert_str(0, &std::mem::take(&mut carried));
            }
        }
        rows.push(Row { before, after });
    }
    rows
}

/// The rules that take something from these lines, each once, in order of place.
fn rules_of(cleaner: &Cleaner, removals: &[Removal], lines: std::ops::Range<usize>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for removal in removals.iter().filter(|removal| lines.contains(&removal.line)) {
        let name = cleaner.rules().rules().get(removal.rule).map_or("", |rule| rule.id.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

fn coloured(diff: &str) -> String {
    let mut out = String::with_capacity(diff.len() * 2);
    for line in diff.lines() {
        let style = match line.bytes().next() {
            Some(b'-') => GONE,
            Some(b'+') => NEW,
            Some(b'@') => HUNK,
            _ => Style::new(),
        };
        let _ = writeln!(out, "{style}{line}{style:#}");
    }
    out
}
