//! Texts that are content and nothing else, in many languages and of all kinds. No rule may take a byte of them, at any level.

use std::fs;
use std::path::{Path, PathBuf};

use dechaff::{Level, Outcome, Request};

use crate::builtin;

fn texts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clean");
    let languages = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut texts: Vec<PathBuf> =
        languages.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect();
    texts.sort();
    texts
}

#[test]
fn nothing_goes_from_clean_texts_at_any_level() {
    let mut eaten = Vec::new();
    for path in texts() {
        let text = fs::read_to_string(&path).unwrap();
        for level in Level::ALL {
            let cleaned = builtin().clean(&text, &Request::at(level)).unwrap();
            for removal in &cleaned.removals {
                let rule = &builtin().rules().rules()[removal.rule].id;
                let lost: String = removal.spans.iter().map(|span| &text[span.clone()]).collect();
                eaten.push(format!("{}:{} at {}: {rule} took {lost:?}", path.display(), removal.line, level.name()));
            }
            let held = matches!(cleaned.outcome, Outcome::TooMuch(_) | Outcome::Unsettled);
            assert!(!held, "{} at {}: held, not clean", path.display(), level.name());
        }
    }
    assert!(eaten.is_empty(), "{}", eaten.join("\n"));
}

#[test]
fn there_are_many_clean_texts_in_many_languages() {
    let texts = texts();
    let mut languages: Vec<&Path> = texts.iter().filter_map(|path| path.parent()).collect();
    languages.dedup();
    assert!(texts.len() >= 60, "only {}", texts.len());
    assert!(languages.len() >= 12, "only {}", languages.len());
}
