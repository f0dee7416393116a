//! What a page is made of, whatever the rules say: prose, protected regions, head and tail.

use crate::limits;
use crate::matcher::{Fence, Page, PageLine};
use crate::rules::file::Where;

/// The make-up of a page, a value a line.
#[derive(Debug)]
pub(super) struct Structure {
    /// Code, tables, front matter.
    pub protected: Vec<bool>,
    /// Lines that are, or are part of, a paragraph of prose.
    pub prose: Vec<bool>,
    /// Words on the whole page.
    pub words: usize,
}

impl Structure {
    pub(super) fn new(page: &Page<'_>) -> Self {
        let lines = page.lines();
        let protected = protected(page);
        let mut prose: Vec<bool> =
            lines.iter().zip(&protected).map(|(line, protected)| !protected && is_prose(line)).collect();
        mark_wrapped_prose(page, &protected, &mut prose);
        Self { protected, prose, words: lines.iter().map(|line| line.words).sum() }
    }
}

fn is_prose(line: &PageLine) -> bool {
    !line.shape.table
        && line.shape.heading.is_none()
        && (line.words >= limits::LONG_WORDS || line.words >= limits::PROSE_WORDS && line.shape.sentence)
}

/// The first and the last paragraph of prose, which head and tail are told by.
///
/// They are told by structure, not by share, so that they stay where they are when noise goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchors {
    ends: Option<(usize, usize)>,
}

impl Anchors {
    /// From which lines are paragraphs of the article.
    pub(super) fn new(mut article: impl DoubleEndedIterator<Item = bool> + ExactSizeIterator) -> Self {
        let count = article.len();
        let first = article.position(|prose| prose);
        let ends = first.map(|first| (first, article.rposition(|prose| prose).map_or(first, |last| first + 1 + last)));
        debug_assert!(ends.is_none_or(|(first, last)| first <= last && last < count));
        Self { ends }
    }

    /// Whether lines `start..end` are there. A page without prose has no head and no tail.
    pub(super) fn holds(&self, place: Where, start: usize, end: usize) -> bool {
        let Some((first, last)) = self.ends else { return false };
        match place {
            Where::Head => end <= first,
            Where::Tail => start > last,
            Where::Edges => end <= first || start > last,
            Where::Lead => end <= first + 1,
        }
    }
}

fn protected(page: &Page<'_>) -> Vec<bool> {
    let lines = page.lines();
    let mut protected = vec![false; lines.len()];
    mark_front_matter(page, &mut protected);
    let mut open: Option<Fence> = None;
    for (line, protected) in lines.iter().zip(&mut protected) {
        *protected |= open.is_some() || line.shape.fence.is_some();
        open = match (open, line.shape.fence) {
            (None, fence) => fence,
            (Some(open), Some(fence)) if fence.bare && fence.mark == open.mark && fence.length >= open.length => None,
            (open, _) => open,
        };
    }
    mark_runs(&mut protected, lines.iter().map(|line| line.shape.table), 2);
    mark_indented(page, &mut protected);
    protected
}

/// Marks runs of at least that many lines of a kind.
fn mark_runs(marked: &mut [bool], kind: impl Iterator<Item = bool>, least: usize) {
    let mut start = 0;
    for (index, is) in kind.chain([false]).enumerate() {
        if is {
            continue;
        }
        if index - start >= least {
            marked.iter_mut().take(index).skip(start).for_each(|mark| *mark = true);
        }
        start = index + 1;
    }
}

fn mark_front_matter(page: &Page<'_>, protected: &mut [bool]) {
    let is_mark = |line: &PageLine| page.text(line).trim_end() == "---";
    if !page.lines().first().is_some_and(is_mark) {
        return;
    }
    if let Some(end) = page.lines().iter().take(limits::FRONT_MATTER_LINES).skip(1).position(is_mark) {
        protected.iter_mut().take(end + 2).for_each(|mark| *mark = true);
    }
}

/// Indented code: lines set in by four spaces or a tab, apart from what stands before. A page that is set in as a whole is none.
fn mark_indented(page: &Page<'_>, protected: &mut [bool]) {
    let lines = page.lines();
    let is_set_in = |line: &PageLine| {
        let text = page.text(line);
        (text.starts_with("    ") || text.starts_with('\t')) && !line.shape.bullet
    };
    let set_in: Vec<bool> = lines.iter().map(is_set_in).collect();
    if set_in.iter().filter(|is| **is).count() * 2 > lines.len() {
        return;
    }
    let mut inside = false;
    for ((line, set_in), protected) in lines.iter().zip(set_in).zip(protected) {
        inside = set_in && (inside || line.blank_before);
        *protected |= inside;
    }
}

/// Hard-wrapped paragraphs: three lines or more of like width, most of which go on in lower case, with a sentence's end in them.
fn mark_wrapped_prose(page: &Page<'_>, protected: &[bool], prose: &mut [bool]) {
    let lines = page.lines();
    let mut start = 0;
    for index in 1..=lines.len() {
        let goes_on = lines.get(index).is_some_and(|line| !line.blank_before && !line.shape.bullet)
            && !protected.get(index).is_some_and(|protected| *protected)
            && lines.get(index - 1).is_some_and(|line| limits::WRAPPED_CHARS.contains(&line.chars));
        if goes_on {
            continue;
        }
        let paragraph = lines.get(start..index).unwrap_or_default();
        let low = |line: &PageLine| page.text(line).trim_start().starts_with(char::is_lowercase);
        let lower = paragraph.iter().skip(1).filter(|line| low(line)).count();
        if paragraph.len() >= 3 && lower * 2 >= paragraph.len() && paragraph.iter().any(|line| line.shape.sentence) {
            prose.iter_mut().take(index).skip(start).for_each(|mark| *mark = true);
        }
        start = index;
    }
}
