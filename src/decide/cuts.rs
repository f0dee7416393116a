//! Which parts of a line a span rule is about.

use crate::document::Span;
use crate::fold::fold_with_map;
use crate::limits;
use crate::rules::file::At;
use crate::rules::rule::Cut;

/// The parts of a line that a span rule is about, with the white space and loose separators at the cut.
pub(super) fn parts_of(text: &str, cut: &Cut) -> Vec<Span> {
    if cut.at == At::Anywhere {
        return parts_anywhere(text, cut);
    }
    // What stands behind a cut at the line's start is a start again, and likewise at its end.
    let mut rest = 0..text.len();
    for _ in 0..limits::CUTS {
        let left = text.get(rest.clone()).unwrap_or_default();
        let folded = fold_with_map(left);
        let found = cut
            .pattern
            .regexes
            .iter()
            .find_map(|regex| regex.find_at(&folded.text, 0).filter(|found| !found.is_empty()));
        let Some(found) = found else { break };
        let part = widened(left, folded.original(found), cut.at);
        match cut.at {
            At::LineEnd => rest.end = rest.start + part.start,
            // Marks before the match fold away and stay; a second cut would have to leap over them.
            At::LineStart if part.start > 0 => {
                return vec_of(part.start + rest.start..part.end + rest.start, rest.start);
            }
            At::LineStart | At::Anywhere => rest.start += part.end,
        }
    }
    match cut.at {
        At::LineEnd if rest.end < text.len() => vec_of(rest.end..text.len(), 0),
        At::LineStart if rest.start > 0 => vec_of(0..rest.start, 0),
        _ => Vec::new(),
    }
}

/// One span, and everything before it up to `cut` where something was cut there already.
fn vec_of(span: Span, cut: usize) -> Vec<Span> {
    union(std::slice::from_ref(&(0..cut)), std::slice::from_ref(&span))
}

fn parts_anywhere(text: &str, cut: &Cut) -> Vec<Span> {
    let folded = fold_with_map(text);
    let mut parts: Vec<Span> = Vec::new();
    for regex in &cut.pattern.regexes {
        let mut at = 0;
        while let Some(found) = regex.find_at(&folded.text, at).filter(|found| !found.is_empty()) {
            at = found.end;
            parts.push(widened(text, folded.original(found), cut.at));
        }
    }
    union(&parts, &[])
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
