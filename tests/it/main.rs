//! One test binary; each module is a promise or a part of the whole.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics is a test that fails")]

/// The promises, whatever the rules.
mod any_rules;
/// What may import what.
mod architecture;
/// Counts over a corpus, and the page that shows them.
mod audit;
/// Folders, records and packed files.
mod batch;
/// Exact bytes: line endings, byte order marks, missing final newlines.
mod bytes;
/// Texts of which nothing may go.
mod clean_corpus;
/// The command, as a person runs it.
mod command;
/// `dechaff.yaml`: what is set for a folder, and changes to rules.
mod config;
/// Broken rule files and what is said of them.
mod errors;
/// Evidence files, and articles out of whole pages.
mod evidence;
/// Every fixture's cleaned text and ledger.
mod fixtures;
/// Rules as the build froze them.
mod frozen;
/// Hostile rule files.
mod hostile;
/// In place: what is kept, what is refused, what a fault leaves.
mod in_place;
/// What is unwise in a rule file.
mod lint;
/// Markdown stays Markdown.
mod markdown;
/// The promises, on arbitrary text and shuffled noise.
mod properties;
/// What the README shows, run.
mod readme;
/// What once went wrong.
mod regression;
/// What fuzzing starts from and what it found.
mod replay;
/// The examples that rules carry, and what holds for all built-in rules.
mod rules;
/// Streams that end, are full or closed; signals; terminals.
mod streams;
/// The tutorial, run from its first line to its last.
mod tutorial;
/// The workbench: new rules, tries, near misses, coverage, mutation.
mod workbench;

use dechaff::{Cleaner, Level, Request};

/// The built-in rules, compiled once for all tests.
fn builtin() -> &'static Cleaner {
    static CLEANER: std::sync::OnceLock<Cleaner> = std::sync::OnceLock::new();
    CLEANER.get_or_init(|| Cleaner::builtin().unwrap())
}

/// Snapshots lie in the top-level folder, under the name they are given.
fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

fn cleaned(text: &str, level: Level) -> String {
    builtin().clean(text, &Request::at(level)).unwrap().text.into_owned()
}
