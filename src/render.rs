//! What stays, as spans of the original: kept lines with their endings, and the blank lines between them.
//!
//! Where something went, the first blank lines of those around it stay and the others go; where it reached the
//! document's end, the blank lines before it go too. So a page and what is rendered of it have the same lines
//! and the same gaps.

use crate::document::{BYTE_ORDER_MARK, Document, Span};
use crate::matcher::{Page, PageLine};

/// The spans of the original that stay, ordered and apart.
#[must_use]
pub fn kept_spans(page: &Page<'_>) -> Vec<Span> {
    let document = page.document();
    let mut spans = Spans::default();
    let lines = document.lines();
    let Some(first) = page.lines().first() else {
        let mark = document.text().len() - document.text().trim_start_matches(BYTE_ORDER_MARK).len();
        spans.push(0..if lines.is_empty() { document.text().len() } else { mark });
        return spans.merged;
    };
    spans.push(0..lines.first().map_or(0, |line| line.whole().start));
    let mut before: Option<&PageLine> = None;
    for line in page.lines() {
        if let Some(before) = before {
            spans.push(gap(document, before.line, line.line));
        }
        let Some(place) = lines.get(line.line) else { continue };
        page.original(line, 0..page.text(line).len()).into_iter().for_each(|span| spans.push(span));
        spans.push(place.text().end..place.whole().end);
        before = Some(line);
    }
    let last = before.unwrap_or(first).line;
    if last + 1 == lines.len() {
        spans.push(lines.get(last).map_or(0, |line| line.whole().end)..document.text().len());
    }
    spans.merged
}

/// The first blank lines between two lines of the document.
fn gap(document: &Document<'_>, from: usize, to: usize) -> Span {
    let lines = document.lines().get(from..=to).unwrap_or_default();
    let mut gaps = lines.windows(2).filter_map(|pair| match pair {
        [before, after] => Some(before.whole().end..after.whole().start),
        _ => None,
    });
    gaps.find(|gap| !gap.is_empty()).unwrap_or(0..0)
}

/// The text of the spans, one after the other.
#[must_use]
pub fn join(text: &str, spans: &[Span]) -> String {
    spans.iter().filter_map(|span| text.get(span.clone())).collect()
}

#[derive(Debug, Default)]
struct Spans {
    merged: Vec<Span>,
}

impl Spans {
    fn push(&mut self, span: Span) {
        match self.merged.last_mut().filter(|last| last.end == span.start) {
            Some(last) => last.end = span.end,
            None if span.is_empty() => {}
            None => self.merged.push(span),
        }
    }
}
