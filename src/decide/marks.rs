//! Markdown around a cut: marks come in pairs, and a pair goes whole or stays whole.

use crate::document::Span;
use crate::fold::link_marks;

/// The pairs of marks of a line, those of links and those of emphasis and code, the inner ones first.
pub(super) struct Marks(Vec<(Span, Span)>);

/// Marks that wait for their other half: of more, the oldest are none.
const OPENED: usize = 64;

impl Marks {
    pub(super) fn of(line: &str) -> Self {
        if line.contains(['*', '_', '`', '[']) { Self(pairs(line)) } else { Self(Vec::new()) }
    }

    /// A cut with the marks of which it has all that stands between them: `**(AFP)**`, not `(AFP)` alone.
    pub(super) fn with_its_own(&self, line: &str, mut part: Span) -> Span {
        for (open, close) in &self.0 {
            let inside = line.get(open.end..close.start).unwrap_or_default();
            let start = open.end + inside.len() - inside.trim_start().len();
            let end = open.end + inside.trim_end().len();
            if start < end && part.start <= start && end <= part.end {
                part = part.start.min(open.start)..part.end.max(close.end);
            }
        }
        part
    }

    /// Parts, ordered and apart, without the marks whose other half stays.
    pub(super) fn without_halves(&self, parts: Vec<Span>) -> Vec<Span> {
        let goes = |mark: &Span| {
            let next = parts.partition_point(|part| part.end <= mark.start);
            parts.get(next).is_some_and(|part| part.start < mark.end)
        };
        let half = |(open, close): &(Span, Span)| match (goes(open), goes(close)) {
            (true, false) => Some(open.clone()),
            (false, true) => Some(close.clone()),
            _ => None,
        };
        let mut halves: Vec<Span> = self.0.iter().filter_map(half).collect();
        halves.sort_by_key(|half| half.start);
        let mut halves = halves.into_iter().peekable();
        let mut left = Vec::with_capacity(parts.len());
        for mut part in parts {
            while let Some(half) = halves.next_if(|half| half.start < part.end) {
                left.push(part.start..half.start);
                part.start = part.start.max(half.end);
            }
            left.push(part);
        }
        left.retain(|part| part.start < part.end);
        left
    }
}

fn pairs(line: &str) -> Vec<(Span, Span)> {
    let mut pairs = link_marks(line);
    let mut targets: Vec<Span> = pairs.iter().map(|(_, close)| close.clone()).collect();
    targets.sort_by_key(|target| target.start);
    let in_target = |at: usize| {
        let next = targets.partition_point(|target| target.end <= at);
        targets.get(next).is_some_and(|target| target.contains(&at))
    };
    let mut emphasis = Vec::new();
    let mut opened: Vec<Span> = Vec::new();
    let mut at = 0;
    while let Some(start) = line.get(at..).and_then(|rest| rest.find(['*', '_', '`'])).map(|found| at + found) {
        let mark = line.as_bytes().get(start).copied().unwrap_or_default();
        let length = line.bytes().skip(start).take_while(|byte| *byte == mark).count();
        let run = start..start + length;
        at = run.end;
        let before = line.get(..start).and_then(|before| before.chars().next_back()).unwrap_or(' ');
        let after = line.get(at..).and_then(|after| after.chars().next()).unwrap_or(' ');
        let inside_word = mark == b'_' && before.is_alphanumeric() && after.is_alphanumeric();
        if inside_word || in_target(start) {
            continue;
        }
        let same = |open: &Span| line.get(open.clone()) == line.get(run.clone());
        let open = opened.iter().rev().take(OPENED).position(same).filter(|_| !before.is_whitespace());
        match open.map(|behind| opened.len() - 1 - behind) {
            Some(index) => {
                emphasis.extend(opened.get(index).map(|open| (open.clone(), run)));
                opened.truncate(index);
            }
            None if !after.is_whitespace() => opened.push(run),
            None => {}
        }
    }
    pairs.extend(emphasis);
    pairs.sort_by_key(|(open, close)| close.end - open.start);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str, gone: &str) -> String {
        let start = line.find(gone).expect("there");
        let marks = Marks::of(line);
        let part = marks.with_its_own(line, start..start + gone.len());
        let mut left = String::new();
        let mut at = 0;
        for part in marks.without_halves(vec![part]) {
            left.push_str(&line[at..part.start]);
            at = part.end;
        }
        left + &line[at..]
    }

    #[test]
    fn a_pair_goes_whole_or_stays_whole() {
        for (line, gone, left) in [
            ("**(AFP)** - Rain", "(AFP)", " - Rain"),
            ("**_(AFP)_** Rain", "(AFP)", " Rain"),
            ("[(AFP)](/a_(b)) Rain", "(AFP)", " Rain"),
            ("[**(AFP)**](/a) Rain", "(AFP)", " Rain"),
            ("*Rain (AFP)*", " (AFP)*", "*Rain*"),
            ("![Rain (AFP)](a.jpg)", " (AFP)](a.jpg)", "![Rain](a.jpg)"),
            ("[**Rain** fell (AFP)](/a) here", "fell (AFP)](/a) here", "[**Rain** ](/a)"),
            ("* Rain * (AFP)", " (AFP)", "* Rain *"),
            ("snake_case_ (AFP) a_b", " (AFP)", "snake_case_ a_b"),
            ("a*b (AFP)", "(AFP)", "a*b "),
        ] {
            assert_eq!(cut(line, gone), left, "{line}");
        }
    }
}
