//! Which parts of a line a span rule is about.

use super::marks::Marks;
use crate::document::Span;
use crate::fold::fold_with_map;
use crate::limits;
use crate::rules::file::At;
use crate::rules::rule::Cut;

/// The parts of a line that a span rule is about, with the white space and loose separators at the cut.
pub(super) fn parts_of(text: &str, cut: &Cut) -> Vec<Span> {
    let parts = match cut.at {
        At::LineStart => from_start(text, cut),
        At::LineEnd => from_end(text, cut),
        At::Anywhere => anywhere(text, cut),
    };
    if parts.is_empty() { parts } else { Marks::of(text).without_halves(union(&parts, &[])) }
}

/// What stands behind a cut at the line's start is a start again.
fn from_start(text: &str, cut: &Cut) -> Vec<Span> {
    let mut parts: Vec<Span> = Vec::new();
    let mut from = 0;
    while parts.len() < limits::CUTS {
        let rest = text.get(from..).unwrap_or_default();
        let Some(found) = first_match(rest, cut) else { break };
        let part = widened(rest, found, cut.at, &Marks::of(rest));
        parts.push(from + part.start..from + part.end);
        from += part.end;
    }
    parts
}

/// What stands before a cut at the line's end is an end again.
fn from_end(text: &str, cut: &Cut) -> Vec<Span> {
    let mut end = text.len();
    for _ in 0..limits::CUTS {
        let rest = text.get(..end).unwrap_or_default();
        let Some(found) = first_match(rest, cut) else { break };
        end = widened(rest, found, cut.at, &Marks::of(rest)).start;
    }
    std::iter::once(end..text.len()).collect()
}

fn first_match(text: &str, cut: &Cut) -> Option<Span> {
    let folded = fold_with_map(text);
    let mut found = cut.pattern.regexes.iter().filter_map(|regex| regex.find_at(&folded.text, 0));
    found.find(|found| !found.is_empty()).map(|found| folded.original(found))
}

fn anywhere(text: &str, cut: &Cut) -> Vec<Span> {
    let (folded, marks) = (fold_with_map(text), Marks::of(text));
    let mut parts: Vec<Span> = Vec::new();
    for regex in &cut.pattern.regexes {
        let mut at = 0;
        while let Some(found) = regex.find_at(&folded.text, at).filter(|found| !found.is_empty()) {
            at = found.end;
            parts.push(widened(text, folded.original(found), cut.at, &marks));
        }
    }
    parts
}

/// A match with its marks, and the white space and loose separators where it is cut out.
fn widened(text: &str, found: Span, at: At, marks: &Marks) -> Span {
    let part = marks.with_its_own(text, found);
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
    let mut all: Vec<Span> = a.iter().chain(b).filter(|span| !span.is_empty()).cloned().collect();
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
