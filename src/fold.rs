//! The folded view: a line as a reader sees it, for matching only.
//!
//! Case, curly quotes, kinds of dash and space, runs of space, characters without width, Unicode composition,
//! dotted and dotless i, list bullets and heading marks at the start, Markdown emphasis, link targets and a colon
//! or arrow at the end make no difference. Bytes are deleted from the original, so [`fold_with_map`] tells where
//! each folded character came from.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::document::{Span, is_invisible};

/// A folded line and the way back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    pieces: Vec<Piece>,
}

/// Folded bytes from `folded` on come from `original` bytes of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    folded: usize,
    original: Span,
}

impl Folded {
    /// The bytes of the line that a stretch of folded bytes came from.
    #[must_use]
    pub fn original(&self, folded: Span) -> Span {
        let first = self.pieces.partition_point(|piece| piece.folded <= folded.start).saturating_sub(1);
        let last = self.pieces.partition_point(|piece| piece.folded < folded.end).saturating_sub(1);
        match (self.pieces.get(first), self.pieces.get(last)) {
            (Some(first), Some(last)) => first.original.start..last.original.end,
            _ => 0..0,
        }
    }
}

/// Folds a line or a phrase, appending to `out`.
pub fn fold_into(line: &str, out: &mut String) {
    Folder { out, pieces: None, gap: None }.fold(line);
}

/// Folds a line or a phrase.
///
/// ```
/// assert_eq!(dechaff::fold::fold("  • **Read** [MORE](https://example.org) »"), "read more");
/// ```
#[must_use]
pub fn fold(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    fold_into(line, &mut out);
    out
}

/// Folds a line and remembers where everything came from.
#[must_use]
pub fn fold_with_map(line: &str) -> Folded {
    let mut folded = Folded::default();
    Folder { out: &mut folded.text, pieces: Some(&mut folded.pieces), gap: None }.fold(line);
    folded
}

struct Folder<'o> {
    out: &'o mut String,
    pieces: Option<&'o mut Vec<Piece>>,
    /// White space that was seen and not yet written.
    gap: Option<Span>,
}

impl Folder<'_> {
    fn fold(mut self, line: &str) {
        let begin = self.out.len();
        let body = line.trim_start_matches(is_lead_mark);
        let shift = line.len() - body.len();
        if body.is_ascii() {
            match self.pieces.is_none() && !has_markup(body) {
                true => self.fold_plain(body, begin),
                false => self.fold_ascii(body, shift, begin),
            }
        } else {
            self.fold_unicode(body, shift, begin);
        }
        let kept = self.out.get(begin..).unwrap_or_default().trim_end_matches(is_tail_mark).len();
        self.out.truncate(begin + kept);
        if let Some(pieces) = self.pieces {
            pieces.retain(|piece| piece.folded < kept);
        }
    }

    /// Plain words, and nobody asks where they came from.
    fn fold_plain(&mut self, body: &str, begin: usize) {
        if !is_spaced_out(body) {
            return self.push_run(body, begin);
        }
        self.out.push_str(body.trim_ascii_end());
        if let Some(written) = self.out.get_mut(begin..) {
            written.make_ascii_lowercase();
        }
    }

    fn fold_ascii(&mut self, body: &str, shift: usize, begin: usize) {
        let mut links = Links::new(body);
        let mut previous = ' ';
        let mut chars = body.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map_or(' ', |&(_, c)| c);
            if links.hides(at) || is_markup(previous, c, next) {
                continue;
            }
            self.push(c.to_ascii_lowercase(), shift + at..shift + at + 1, begin);
            previous = c;
        }
    }

    fn fold_unicode(&mut self, body: &str, shift: usize, begin: usize) {
        let mut links = Links::new(body);
        let in_runs = self.pieces.is_none() && links.hidden.is_empty();
        let after = |at: usize| body.get(at..).and_then(|rest| rest.chars().next());
        let mut previous = ' ';
        let mut at = 0;
        while let Some(c) = after(at) {
            let start = at;
            if in_runs && c.is_ascii() {
                at += plain_run(body.get(at..).unwrap_or_default());
                if let Some(run) = body.get(start..at).filter(|run| !run.is_empty()) {
                    self.push_run(run, begin);
                    previous = run.chars().next_back().unwrap_or(' ');
                    continue;
                }
            }
            at += c.len_utf8();
            let composes = after(at).is_some_and(joins_previous) || is_taken_apart(c);
            if composes && !c.is_whitespace() {
                while let Some(mark) = after(at).filter(|c| joins_previous(*c)) {
                    at += mark.len_utf8();
                }
            }
            if links.hides(start) || is_invisible(c) || is_markup(previous, c, after(at).unwrap_or(' ')) {
                continue;
            }
            let span = shift + start..shift + at;
            if composes {
                for c in body.get(start..at).unwrap_or_default().nfc() {
                    self.push_folded(c, span.clone(), begin);
                }
            } else {
                self.push_folded(c, span, begin);
            }
            previous = c;
        }
    }

    /// Plain words and white space, of which nobody asks where they came from.
    fn push_run(&mut self, run: &str, begin: usize) {
        let start = self.out.len();
        let mut gap = self.gap.take().is_some() || run.starts_with(|c: char| c.is_ascii_whitespace());
        let trimmed = run.trim_ascii();
        let (whole, words) = if is_spaced_out(trimmed) { (trimmed, "") } else { ("", trimmed) };
        for word in Some(whole).filter(|whole| !whole.is_empty()).into_iter().chain(words.split_ascii_whitespace()) {
            if gap && self.out.len() > begin {
                self.out.push(' ');
            }
            self.out.push_str(word);
            gap = true;
        }
        self.gap = run.ends_with(|c: char| c.is_ascii_whitespace()).then_some(0..0);
        if let Some(written) = self.out.get_mut(start..) {
            written.make_ascii_lowercase();
        }
    }

    fn push_folded(&mut self, c: char, span: Span, begin: usize) {
        match c {
            '‘' | '’' | '‚' | '‛' | 'ʼ' | '´' | '′' => self.push('\'', span, begin),
            '“' | '”' | '„' | '‟' | '«' | '»' | '″' => self.push('"', span, begin),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => self.push('-', span, begin),
            '…' => "...".chars().for_each(|dot| self.push(dot, span.clone(), begin)),
            '：' => self.push(':', span, begin),
            // Dotted and dotless i are one letter here; what lower-casing İ leaves behind goes too.
            'ı' | 'İ' => self.push('i', span, begin),
            '\u{307}' => {}
            'ς' => self.push('σ', span, begin),
            _ => c.to_lowercase().for_each(|lower| self.push(lower, span.clone(), begin)),
        }
    }

    fn push(&mut self, c: char, span: Span, begin: usize) {
        if c.is_whitespace() {
            let start = self.gap.take().map_or(span.start, |gap| gap.start);
            self.gap = Some(start..span.end);
            return;
        }
        if let Some(gap) = self.gap.take().filter(|_| self.out.len() > begin) {
            self.write(' ', gap, begin);
        }
        self.write(c, span, begin);
    }

    fn write(&mut self, c: char, span: Span, begin: usize) {
        if let Some(pieces) = &mut self.pieces {
            pieces.push(Piece { folded: self.out.len() - begin, original: span });
        }
        self.out.push(c);
    }
}

/// Bullets, quote and heading marks that may stand before a line's words.
fn is_lead_mark(c: char) -> bool {
    c.is_whitespace()
        || is_invisible(c)
        || matches!(
            c,
            '>' | '#'
                | '*'
                | '+'
                | '-'
                | '–'
                | '—'
                | '•'
                | '·'
                | '▪'
                | '▫'
                | '●'
                | '○'
                | '■'
                | '►'
                | '▸'
                | '▶'
                | '»'
                | '›'
                | '✓'
                | '✔'
                | '→'
                | '|'
        )
}

/// What may stand behind a line's words: a colon, an arrow, a heading's closing marks.
fn is_tail_mark(c: char) -> bool {
    matches!(c, ' ' | ':' | '#' | '"' | '>' | '›' | '→' | '▸' | '►' | '|' | '•' | '·')
}

/// Markdown's emphasis and code marks. An underscore inside a word is a letter.
fn is_markup(previous: char, c: char, next: char) -> bool {
    match c {
        '*' | '`' => true,
        '_' => !previous.is_alphanumeric() || !next.is_alphanumeric(),
        _ => false,
    }
}

/// Marks of emphasis, code and links, and white space that [`str::split_ascii_whitespace`] does not know.
fn may_be_markup(byte: u8) -> bool {
    matches!(byte, b'*' | b'`' | b'_' | b'[' | b']' | 0x0b)
}

/// Bytes that are looked at together, without a branch between them.
const BLOCK: usize = 64;

type Block = [u8; BLOCK];

/// The last bytes, which are no whole block, filled up with letters.
fn filled_up(rest: &[u8]) -> Block {
    let mut block = [b'a'; BLOCK];
    if let Some(begin) = block.get_mut(..rest.len()) {
        begin.copy_from_slice(rest);
    }
    block
}

fn has_markup(body: &str) -> bool {
    let (blocks, rest) = body.as_bytes().as_chunks::<BLOCK>();
    let is = |block: &Block| block.iter().fold(false, |has, byte| has | may_be_markup(*byte));
    blocks.iter().any(is) || is(&filled_up(rest))
}

/// Whether all white space is single spaces.
fn is_spaced_out(body: &str) -> bool {
    let is_other = |byte: u8| byte < b' ';
    let Some((first, after)) = body.as_bytes().split_first() else { return true };
    let before = body.as_bytes().get(..after.len()).unwrap_or_default();
    let ((before, last_before), (after, last_after)) = (before.as_chunks::<BLOCK>(), after.as_chunks::<BLOCK>());
    let is_not = |before: &Block, after: &Block| {
        let pairs = before.iter().zip(after);
        pairs.fold(false, |has, (before, after)| has | is_other(*after) | ((*before == b' ') & (*after == b' ')))
    };
    !(is_other(*first)
        || before.iter().zip(after).any(|(before, after)| is_not(before, after))
        || is_not(&filled_up(last_before), &filled_up(last_after)))
}

/// How many bytes are plain ASCII without marks, up to the last one that nothing behind it can be joined to.
fn plain_run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii() && !may_be_markup(*byte);
    let all_plain = |block: &[u8]| block.iter().fold(true, |plain, byte| plain & is_plain(byte));
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let mut run = blocks.iter().take_while(|block| all_plain(*block)).count() * BLOCK;
    let (eighths, _) = bytes.get(run..).unwrap_or_default().as_chunks::<{ BLOCK / 8 }>();
    run += eighths.iter().take_while(|eighth| all_plain(*eighth)).count() * BLOCK / 8;
    run += bytes.iter().skip(run).take_while(|byte| is_plain(byte)).count();
    let next = text.get(run..).and_then(|rest| rest.chars().next());
    if next.is_none_or(stands_alone) { run } else { run.saturating_sub(1) }
}

/// Letters and marks of Western text, which Unicode composition neither joins to others nor takes apart: most that is met
/// beyond ASCII.
fn stands_alone(c: char) -> bool {
    c < '\u{300}' || ('\u{2010}'..='\u{2026}').contains(&c)
}

/// A character that Unicode composition joins to the one before it.
fn joins_previous(c: char) -> bool {
    !stands_alone(c) && (canonical_combining_class(c) != 0 || matches!(c, '\u{1160}'..='\u{11ff}'))
}

/// A letter that Unicode composition takes apart, as some of Bengali, Devanagari and Hebrew.
fn is_taken_apart(c: char) -> bool {
    !stands_alone(c) && is_nfc_quick(std::iter::once(c)) == IsNormalized::No
}

/// Part of a word in a script that puts spaces between words, so that a phrase must not begin or end inside.
pub(crate) fn joins_words(c: char) -> bool {
    c == '_' || c.is_alphanumeric() && !is_unspaced(c)
}

/// The same of a byte of ASCII.
pub(crate) const fn byte_joins_words(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// A letter of a script that puts no spaces between words: Thai and its neighbours, kana, Han.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// The Markdown links and images of a line, each as the two parts that a reader does not see: `[` or `![`, and
/// `](target)`. Found in one pass; of links in links the inner one stands first.
pub(crate) fn link_marks(line: &str) -> Vec<(Span, Span)> {
    let mut marks = Vec::new();
    let Some(first) = memchr::memchr(b'[', line.as_bytes()) else { return marks };
    if !line.get(first..).is_some_and(|rest| rest.contains("](")) {
        return marks;
    }
    let bytes = line.as_bytes();
    let closing = closing_brackets(bytes);
    let mut opened: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'[' => opened.push(at),
            b']' if bytes.get(at + 1) == Some(&b'(') => {
                if let Some(open) = opened.pop() {
                    // A target whose brackets are not balanced ends with its first one.
                    let balanced = closing.binary_search_by_key(&(at + 1), |(open, _)| *open).ok();
                    let balanced = balanced.and_then(|index| closing.get(index)).map(|(_, close)| *close);
                    let Some(close) = balanced.or_else(|| Some(at + line.get(at..)?.find(')')?)) else { break };
                    let image = open > 0 && bytes.get(open - 1) == Some(&b'!');
                    marks.push((open - usize::from(image)..open + 1, at..close + 1));
                    at = close;
                }
            }
            b']' => {
                opened.pop();
            }
            _ => {}
        }
        at += 1;
    }
    marks
}

/// Where the round brackets are closed that stand behind a square one, in their order.
fn closing_brackets(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut opened, mut closed) = (Vec::new(), Vec::new());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => opened.push(at),
            b')' => {
                let target = |open: &usize| *open > 0 && bytes.get(open - 1) == Some(&b']');
                closed.extend(opened.pop().filter(target).map(|open| (open, at)));
            }
            _ => {}
        }
    }
    closed.sort_unstable();
    closed
}

/// What a reader does not see of the links of a line.
struct Links {
    hidden: Vec<Span>,
    next: usize,
}

impl Links {
    fn new(body: &str) -> Self {
        let mut hidden: Vec<Span> = link_marks(body).into_iter().flat_map(|(open, close)| [open, close]).collect();
        hidden.sort_by_key(|span| span.start);
        Links { hidden, next: 0 }
    }

    /// Whether the character at this offset is hidden. Offsets must grow from call to call.
    fn hides(&mut self, at: usize) -> bool {
        while self.hidden.get(self.next).is_some_and(|span| span.end <= at) {
            self.next += 1;
        }
        self.hidden.get(self.next).is_some_and(|span| span.contains(&at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_no_difference_of_looks() {
        let cases = [
            ("Read\u{a0} more …", "read more ..."),
            ("— “Don’t”", "\"don't"),
            ("İSTANBUL’da ısı", "istanbul'da isi"),
            ("## Related articles:", "related articles"),
            ("cafe\u{301}", "café"),
            ("\u{9df}", "\u{9af}\u{9bc}"),
            ("[Share on **X**](https://x.com/a_b) | ![logo](/i.png)", "share on x | logo"),
            ("snake_case and _emphasis_", "snake_case and emphasis"),
            ("co\u{ad}okie\u{200b}s", "cookies"),
            ("* * *", ""),
            ("a](", "a]("),
            ("[a](/b_(c)) d", "a d"),
            ("[a](/b(c) [d](/e)", "a d"),
        ];
        for (line, folded) in cases {
            assert_eq!(fold(line), folded, "{line:?}");
            assert_eq!(fold_with_map(line).text, folded, "{line:?}");
        }
    }

    #[test]
    fn who_asks_for_the_way_back_gets_the_same_text() {
        for line in [
            "“A  b ”",
            " é a\u{301} b\u{327}c  d—",
            "x\u{b}\u{b}é y",
            "a é",
            "é  a  ",
            "İ a_b é _c_ *d* `e`",
            "\u{200b} a é\ta b ",
        ] {
            assert_eq!(fold(line), fold_with_map(line).text, "{line:?}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for line in ["İ  …—", "[[a](b)](c)", "“x” :»", "ὈΔΥΣΣΕΎΣ", "a\u{301}\u{327}*"] {
            assert_eq!(fold(&fold(line)), fold(line), "{line:?}");
        }
    }

    #[test]
    fn leads_back_to_the_original_bytes() {
        let line = "  – “Été”  (AFP) fin";
        let folded = fold_with_map(line);
        let at = folded.text.find("(afp)").expect("there");
        assert_eq!(&line[folded.original(at..at + 5)], "(AFP)");
        assert_eq!(&line[folded.original(1..5)], "Été");
    }
}
