//! Every fixture's cleaned text and ledger. To add one, put `tests/fixtures/<case>/input.txt` there, run the tests,
//! read the two new snapshots line by line, and accept them with `cargo insta accept`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dechaff::{Cleaned, Level, Origin, Request};

use crate::{builtin, snapshots};

/// Fixtures that are articles and nothing else.
const CLEAN: &str = "clean-";

/// Fixtures that are whole pages: `extract` looks for the article in them.
const WHOLE: &str = "whole-";

struct Fixture {
    case: String,
    input: String,
    origin: Origin,
}

impl Fixture {
    fn clean<'t>(&self, text: &'t str, level: Level) -> Cleaned<'t> {
        let page = self.case.starts_with(WHOLE);
        builtin().clean(text, &Request { origin: self.origin.clone(), page, ..Request::at(level) }).unwrap()
    }
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let read = |folder: PathBuf| Fixture {
        case: folder.file_name().unwrap().to_str().unwrap().to_owned(),
        input: fs::read_to_string(folder.join("input.txt")).unwrap(),
        origin: fs::read_to_string(folder.join("url.txt")).map(|url| Origin::of_url(&url)).unwrap_or_default(),
    };
    folders.into_iter().map(read).collect()
}

/// What went: rule, lines, first words. Lines in a row by one rule are one entry.
fn ledger(cleaned: &Cleaned<'_>, input: &str) -> String {
    let rules = builtin().rules().rules();
    let mut out = String::new();
    let entries = cleaned.removals.chunk_by(|a, b| a.rule == b.rule && a.whole && b.whole && b.line - a.line <= 2);
    for entry in entries {
        let (first, last) = (&entry[0], &entry[entry.len() - 1]);
        let lines =
            if first.line == last.line { format!("{}", first.line) } else { format!("{}-{}", first.line, last.line) };
        let text: String = first.spans.iter().map(|span| &input[span.clone()]).collect();
        let words: Vec<&str> = text.split_whitespace().take(8).collect();
        let what = if first.whole { "" } else { "part of " };
        writeln!(out, "{:32} {what}{lines}: {}", rules[first.rule].id, words.join(" ")).unwrap();
    }
    out
}

#[test]
fn each_fixture_has_its_text_and_ledger() {
    let settings = snapshots();
    let all = fixtures();
    assert!(all.len() >= 16, "only {} fixtures", all.len());
    for fixture in all {
        let cleaned = fixture.clean(&fixture.input, Level::Normal);
        settings.bind(|| {
            insta::assert_snapshot!(format!("{}.cleaned", fixture.case), cleaned.text);
            insta::assert_snapshot!(format!("{}.ledger", fixture.case), ledger(&cleaned, &fixture.input));
        });
    }
}

#[test]
fn clean_articles_pass_untouched_at_every_level() {
    let clean: Vec<Fixture> = fixtures().into_iter().filter(|fixture| fixture.case.starts_with(CLEAN)).collect();
    assert!(clean.len() >= 4, "only {}", clean.len());
    for fixture in clean {
        for level in Level::ALL {
            let cleaned = fixture.clean(&fixture.input, level);
            assert_eq!(
                cleaned.text,
                fixture.input,
                "{} at {}:\n{}",
                fixture.case,
                level.name(),
                ledger(&cleaned, &fixture.input)
            );
        }
    }
}

/// Fixtures that `clean` is for. `extract` looks for an article anew each time, and makes no promise that it is the same.
fn cleaned() -> impl Iterator<Item = Fixture> {
    fixtures().into_iter().filter(|fixture| !fixture.case.starts_with(WHOLE))
}

#[test]
fn no_fixture_moves_when_it_is_cleaned_again() {
    for fixture in cleaned() {
        for level in Level::ALL {
            let once = fixture.clean(&fixture.input, level).text.into_owned();
            let twice = fixture.clean(&once, level);
            assert_eq!(twice.text, once, "{} at {}", fixture.case, level.name());
        }
    }
}

#[test]
fn a_more_eager_level_never_keeps_what_a_more_careful_one_takes() {
    for fixture in cleaned() {
        let gone = |level| -> Vec<usize> {
            fixture
                .clean(&fixture.input, level)
                .removals
                .iter()
                .filter(|removal| removal.whole)
                .map(|removal| removal.line)
                .collect()
        };
        let (careful, normal, eager) = (gone(Level::Careful), gone(Level::Normal), gone(Level::Eager));
        assert!(
            careful.iter().all(|line| normal.contains(line)),
            "{}: careful takes {careful:?}, normal {normal:?}",
            fixture.case
        );
        assert!(
            normal.iter().all(|line| eager.contains(line)),
            "{}: normal takes {normal:?}, eager {eager:?}",
            fixture.case
        );
    }
}
