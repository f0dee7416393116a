//! A document while it is cleaned: its remaining lines, what is known of each, and the hits on it.

use super::{Hit, Matcher, Workspace};
use crate::document::{BYTE_ORDER_MARK, Document, Span, is_blank};
use crate::fold::{fold_into, is_unspaced};
use crate::language::{Languages, Passage, Tallies, Tally};
use crate::rules::RuleSet;

/// The lines of a document that are still there.
#[derive(Debug)]
pub struct Page<'d> {
    document: &'d Document<'d>,
    folded: String,
    hits: Vec<Hit>,
    tallies: Tallies,
    lines: Vec<PageLine>,
}

/// What lines are looked at with.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'r> {
    /// The rules.
    pub rules: &'r RuleSet,
    /// Their patterns.
    pub matcher: &'r Matcher,
    /// The languages whose function words are counted, if anybody asks for them.
    pub languages: Option<&'r Languages>,
}

/// A line that is still there, and what its text alone tells.
#[derive(Debug)]
pub struct PageLine {
    /// The line's place in the document's table.
    pub line: usize,
    /// Whether a blank line stands before it.
    pub blank_before: bool,
    /// Words; in scripts without spaces two letters count as one.
    pub words: usize,
    /// Characters of the folded view.
    pub chars: usize,
    /// What it looks like.
    pub shape: Shape,
    folded: Span,
    hits: Span,
    tally: Tally,
    /// Where parts of it went: the text that is left and where that stands in the original.
    cut: Option<Box<Cut>>,
}

#[derive(Debug)]
struct Cut {
    text: String,
    pieces: Vec<Span>,
}

/// What a line looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Begins with a list mark.
    pub bullet: bool,
    /// Markdown heading of that rank.
    pub heading: Option<u8>,
    /// Ends like a sentence.
    pub sentence: bool,
    /// A row of a Markdown table.
    pub table: bool,
    /// Opens or closes a code block.
    pub fence: Option<Fence>,
}

/// The mark before and after a block of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// A backtick or a tilde.
    pub mark: char,
    /// How many of them, at least three.
    pub length: usize,
    /// Nothing stands behind them: only such a fence closes.
    pub bare: bool,
}

impl<'d> Page<'d> {
    /// Folds every line and looks for every pattern in it.
    #[must_use]
    pub fn new(document: &'d Document<'d>, reader: Reader<'_>, workspace: &mut Workspace) -> Self {
        let mut page = Self {
            document,
            folded: String::with_capacity(document.text().len()),
            hits: Vec::new(),
            tallies: Tallies::for_bytes(if reader.languages.is_some() { document.text().len() } else { 0 }),
            lines: Vec::with_capacity(document.lines().len()),
        };
        for (line, place) in document.lines().iter().enumerate() {
            let text = document.slice(place.text());
            let seen = page.see(text, reader, workspace);
            page.lines.push(PageLine { line, blank_before: document.blank_before(line), ..seen });
        }
        page
    }

    fn see(&mut self, text: &str, reader: Reader<'_>, workspace: &mut Workspace) -> PageLine {
        let (folded, hits) = (self.folded.len(), self.hits.len());
        fold_into(text, &mut self.folded);
        let view = self.folded.get(folded..).unwrap_or_default();
        let mut tally = self.tallies.begin();
        let makeup = reader.matcher.find_and_show(reader.rules, view, workspace, &mut self.hits, |runs| {
            if let Some(languages) = reader.languages {
                languages.count(view, runs, &mut tally, &mut self.tallies);
            }
        });
        PageLine {
            line: 0,
            blank_before: false,
            words: if makeup.ascii { makeup.runs } else { count_words(view) },
            chars: if makeup.ascii { view.len() } else { view.chars().count() },
            shape: shape_of(text, view),
            folded: folded..self.folded.len(),
            hits: hits..self.hits.len(),
            tally,
            cut: None,
        }
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// The lines that are left.
    #[must_use]
    pub fn lines(&self) -> &[PageLine] {
        &self.lines
    }

    /// A line's text, as far as it is left.
    #[must_use]
    pub fn text<'p>(&'p self, line: &'p PageLine) -> &'p str {
        match &line.cut {
            Some(cut) => &cut.text,
            None => self.document.lines().get(line.line).map_or("", |place| self.document.slice(place.text())),
        }
    }

    /// A line as rules see it.
    #[must_use]
    pub fn folded(&self, line: &PageLine) -> &str {
        self.folded.get(line.folded.clone()).unwrap_or_default()
    }

    /// The same, and its function words.
    #[must_use]
    pub fn passage(&self, line: &PageLine) -> Passage<'_> {
        self.tallies.passage(self.folded(line), &line.tally)
    }

    /// The patterns that hit a line.
    #[must_use]
    pub fn hits(&self, line: &PageLine) -> &[Hit] {
        self.hits.get(line.hits.clone()).unwrap_or_default()
    }

    /// The parts of the original that a part of a line's text stands for.
    #[must_use]
    pub fn original(&self, line: &PageLine, part: Span) -> Vec<Span> {
        let start = self.document.lines().get(line.line).map_or(0, |place| place.text().start);
        let Some(cut) = &line.cut else {
            return std::iter::once(start + part.start..start + part.end).collect();
        };
        let mut at = 0;
        let mut spans = Vec::new();
        for piece in &cut.pieces {
            let (from, to) = (part.start.max(at), part.end.min(at + piece.len()));
            if from < to {
                spans.push(piece.start + from - at..piece.start + to - at);
            }
            at += piece.len();
        }
        spans
    }

    /// Takes lines out. `gone` tells of each line whether it goes.
    pub fn remove(&mut self, gone: &[bool]) {
        let mut index = 0;
        let mut blank = false;
        self.lines.retain_mut(|line| {
            let goes = gone.get(index).copied().unwrap_or(false);
            index += 1;
            blank |= line.blank_before;
            if !goes {
                line.blank_before = blank;
                blank = false;
            }
            !goes
        });
        if let Some(first) = self.lines.first_mut() {
            first.blank_before = true;
        }
    }

    /// Takes parts out of a line and looks at the rest anew. Parts are offsets into the line's text, ordered and apart.
    ///
    /// Returns whether anything is left that a reader would see; where nothing is, the line should go whole.
    pub fn cut(&mut self, index: usize, parts: &[Span], reader: Reader<'_>, workspace: &mut Workspace) -> bool {
        let Some(line) = self.lines.get(index) else { return true };
        let text = self.text(line);
        let mut left = String::with_capacity(text.len());
        let mut pieces = Vec::new();
        let mut at = 0;
        for part in parts.iter().cloned().chain(std::iter::once(text.len()..text.len())) {
            let piece = text.get(at..part.start).unwrap_or_default();
            // A mark before a line is none of it, see `Document`; one that a cut brings there goes too.
            let piece = if left.is_empty() { piece.trim_start_matches(BYTE_ORDER_MARK) } else { piece };
            if !piece.is_empty() {
                left.push_str(piece);
                pieces.extend(self.original(line, part.start - piece.len()..part.start));
            }
            at = part.end;
        }
        if is_blank(&left) {
            return false;
        }
        let (line, blank_before) = (line.line, line.blank_before);
        let mut seen = self.see(&left, reader, workspace);
        seen.cut = Some(Box::new(Cut { text: left, pieces }));
        if let Some(slot) = self.lines.get_mut(index) {
            *slot = PageLine { line, blank_before, ..seen };
        }
        true
    }
}

pub(crate) fn count_words(folded: &str) -> usize {
    let (mut words, mut unspaced) = (0, 0);
    let mut inside = false;
    for c in folded.chars() {
        let letter = c.is_alphanumeric() || c == '_';
        let alone = letter && is_unspaced(c);
        unspaced += usize::from(alone);
        words += usize::from(letter && !alone && !inside);
        inside = letter && !alone;
    }
    words + unspaced.div_ceil(2)
}

fn shape_of(text: &str, folded: &str) -> Shape {
    let start = text.trim_start();
    let marks = start.bytes().take_while(|&byte| byte == b'#').count();
    let spaced = |rest: &str| rest.starts_with([' ', '\t']);
    Shape {
        bullet: is_bullet(start),
        heading: u8::try_from(marks)
            .ok()
            .filter(|&marks| (1..=6).contains(&marks) && start.get(marks as usize..).is_some_and(spaced)),
        sentence: ends_sentence(folded),
        table: start.starts_with('|') && start.matches('|').nth(1).is_some(),
        fence: fence_of(start),
    }
}

fn fence_of(start: &str) -> Option<Fence> {
    let mark = start.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let rest = start.trim_start_matches(mark);
    let length = start.len() - rest.len();
    let inline = mark == '`' && rest.contains('`');
    (length >= 3 && !inline).then(|| Fence { mark, length, bare: rest.trim().is_empty() })
}

fn is_bullet(start: &str) -> bool {
    let rest = start.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = match start.len() - rest.len() {
        0 => start.strip_prefix(['-', '*', '+', '•', '·', '▪', '●', '○', '■', '►', '▸', '–', '—', '✓', '✔', '→']),
        1..=2 => rest.strip_prefix(['.', ')']),
        _ => None,
    };
    rest.is_some_and(|rest| rest.starts_with([' ', '\t', '\u{a0}']))
}

fn ends_sentence(folded: &str) -> bool {
    let closers = ['"', '\'', ')', ']', '」', '』', '）', '”'];
    folded.trim_end_matches(closers).ends_with(['.', '!', '?', '。', '！', '？', '؟', '۔', '।', '｡'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_shapes() {
        let shape = |text: &str| shape_of(text, &crate::fold::fold(text));
        assert!(
            shape("  - item").bullet
                && shape("12. item").bullet
                && !shape("2024. A year").bullet
                && !shape("-5 degrees").bullet
        );
        assert_eq!(shape("## Heading").heading, Some(2));
        assert_eq!(shape("#hashtag").heading, None);
        assert!(shape("He said “no.”").sentence && shape("他说。").sentence && !shape("A title").sentence);
        assert!(shape("| a | b |").table && !shape("a | b").table);
    }

    #[test]
    fn counts_words_in_any_script() {
        assert_eq!(count_words("it's 3.5 km, snake_case"), 6);
        assert_eq!(count_words("你好世界 ok"), 3);
    }
}
