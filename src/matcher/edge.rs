//! What lines begin with, or end with.

use super::lexis::{Lexis, Texts};
use super::words::{Announcement, Form, Sample, Words};
use crate::words::{Run, each_run};

/// What a line begins and ends with is looked for by a word among its first runs, or its last ones.
pub(super) const EDGE_RUNS: usize = 2;

/// Which end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    First,
    Last,
}

/// Texts that a line may begin with, or end with.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) texts: Lexis,
    /// By a word among those first, or last, in each text; by its character there where it has none.
    words: Words,
    pub(super) longest: usize,
}

impl Edge {
    pub(super) fn new(texts: Texts, side: Side, sample: &Sample) -> Self {
        let texts = Lexis::new(texts);
        let announcements = |form: Form<'_>| {
            // A suffix ends where the line does.
            let form = Form { ends: form.ends || side == Side::Last, ..form };
            let text = std::str::from_utf8(form.text).unwrap_or_default();
            let (mut runs, mut batch) = (Vec::new(), Vec::new());
            each_run(text, &mut batch, |batch| runs.extend_from_slice(batch));
            let (near, edge) = match side {
                Side::First => (0..runs.get(EDGE_RUNS).map_or(text.len(), Run::start), text.chars().next()),
                Side::Last => {
                    let first = runs.len().checked_sub(EDGE_RUNS).and_then(|first| runs.get(first));
                    (first.map_or(0, Run::start)..text.len(), text.chars().next_back())
                }
            };
            let mut keys = form.announcements();
            keys.retain(|announcement| near.contains(&announcement.at) && near.contains(&announcement.from));
            if keys.is_empty() {
                keys.push(Announcement::by(key_of_edge(edge)));
            }
            keys
        };
        let words = Words::new(texts.forms().map(announcements), |by, _| sample.looks_at_edge(by));
        Self { longest: texts.longest(), words, texts }
    }

    /// The texts that may be there, by the line's first or last character and runs.
    pub(super) fn find(&self, line: &str, edge: Option<char>, runs: &[Run], mut found: impl FnMut(usize)) {
        self.words.look(key_of_edge(edge), 0, |text, _| found(text));
        self.words.find(line, runs, &mut 0, |text, _| found(text));
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.texts.write(out);
        self.words.write(out);
    }

    pub(super) fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (texts, words) = (Lexis::read(from)?, Words::read(from)?);
        Some(Self { longest: texts.longest(), texts, words })
    }
}

/// A character as a number that is no word's.
fn key_of_edge(edge: Option<char>) -> u64 {
    u64::from(edge.map_or(0, u32::from)) | u64::from(b'^') << 56
}
