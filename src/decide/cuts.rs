//! Which parts of a line a span rule is about.

use crate::document::Span;
use crate::fold::fold_with_map;
use crate::rules::file::At;
use crate::rules::rule::Cut;

/// Most parts that go from one line at once; what is left falls in the next round.
const PARTS: usize = 16;

/// The parts of a line that a span rule is about, with the white space and loose separators at the cut.
pub(super) fn parts_of(text: &str, cut: &Cut) -> Vec<Span> {
    let folded = fold_with_map(text);
    let mut parts: Vec<Span> = Vec::new();
    for regex in &cut.pattern.regexes {
        let mut at = 0;
        while let Some(found) =
            folded.text.get(at..).and_then(|rest| regex.find(rest)).filter(|found| !found.is_empty())
        {
            let part = folded.original(at + found.start..at + found.end);
            parts = union(&parts, &[widened(text, part, cut.at)]);
            at += found.end;
            if cut.at != At::Anywhere || parts.len() >= PARTS {
                break;
            }
        }
    }
    parts
}

fn widened(text: &str, part: Span, at: At) -> Span {
    let before = text.get(..part.start).unwrap_or_default();
    let after = text.get(part.end..).unwrap_or_default();
    let joint = |c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '|' | ':' | '/' | '·' | '•');
    match at {
        // What stood before a match at the line's start are marks that fold away: they stay.
        At::LineStart => part.start..text.len() - after.trim_start_matches(joint).len(),
        At::LineEnd => before.trim_end_matches(joint).len()..text.len(),
        At::Anywhere => before.trim_end().len()..part.end,
    }
}

/// Both lists of spans as one, ordered and apart.
pub(super) fn union(a: &[Span], b: &[Span]) -> Vec<Span> {
    let mut all: Vec<Span> = a.iter().chain(b).cloned().collect();
    all.sort_by_key(|span| span.start);
    let mut merged: Vec<Span> = Vec::with_capacity(all.len());
    for span in all {
        match merged.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => merged.push(span),
        }
    }
    merged
}
