//! The promises, on arbitrary text and on shuffled noise.

use std::sync::OnceLock;

use dechaff::rules::{RuleSet, Source, builtin};
use dechaff::{Cleaner, Level, Request};
use proptest::prelude::*;

use crate::builtin;

/// Lines of the kinds that rules are about, and others. The texts are the rules' own examples.
fn pool() -> &'static [String] {
    static POOL: OnceLock<Vec<String>> = OnceLock::new();
    POOL.get_or_init(|| {
        let rules = builtin().rules().rules();
        let texts = rules.iter().flat_map(|rule| rule.written.tests.removes.iter().chain(&rule.written.tests.keeps));
        let mut lines: Vec<String> = texts.flat_map(|example| example.text.split('\n')).map(str::to_owned).collect();
        lines.extend(
            [
                "",
                "",
                " ",
                "---",
                "```",
                "| a | b |",
                "|---|---|",
                "# Heading",
                "- item",
                "X",
                "\u{feff}",
                "\u{200b}",
                "2024",
                "(AFP) ",
            ]
            .map(str::to_owned),
        );
        lines.sort();
        lines.dedup();
        lines
    })
}

pub(crate) fn noise() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        6 => (0..pool().len()).prop_map(|index| pool()[index].clone()),
        1 => "\\PC{0,80}",
        1 => Just(String::new()),
    ];
    let ending = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    prop::collection::vec((line, ending), 0..40)
        .prop_map(|lines| lines.into_iter().map(|(line, ending)| line + ending).collect())
}

pub(crate) fn level() -> impl Strategy<Value = Level> {
    prop::sample::select(Level::ALL.to_vec())
}

/// Whether `part` comes out of `whole` by deleting.
pub(crate) fn is_subsequence(part: &str, whole: &str) -> bool {
    let mut rest = whole.bytes();
    part.bytes().all(|byte| rest.any(|other| other == byte))
}

fn check(text: &str, level: Level) -> Result<(), TestCaseError> {
    let cleaner = builtin();
    let once = cleaner.clean(text, &Request::at(level)).unwrap();
    prop_assert!(is_subsequence(&once.text, text), "something was added");
    let kept: String = once.kept.iter().map(|span| &text[span.clone()]).collect();
    prop_assert_eq!(&kept, &once.text, "the kept spans are not the text");
    prop_assert!(once.kept.windows(2).all(|pair| pair[0].end < pair[1].start), "spans touch or cross");
    for removal in &once.removals {
        for span in &removal.spans {
            prop_assert!(
                once.kept.iter().all(|kept| kept.end <= span.start || span.end <= kept.start),
                "a removed span was kept"
            );
        }
    }
    if once.removals.is_empty() {
        prop_assert_eq!(&once.text, text, "no rule, yet the text changed");
    }
    let twice = cleaner.clean(&once.text, &Request::at(level)).unwrap();
    prop_assert_eq!(&twice.text, &once.text, "cleaning again changed it");
    prop_assert!(twice.removals.is_empty(), "cleaning again removed something");
    Ok(())
}

/// The built-in rules, in files and in each file turned round.
fn turned_round() -> &'static Cleaner {
    static CLEANER: OnceLock<Cleaner> = OnceLock::new();
    CLEANER.get_or_init(|| {
        let sources: Vec<(std::path::PathBuf, String)> =
            builtin::sources().map(|source| (source.path.to_path_buf(), reversed(source.text))).collect();
        let sources = sources.iter().rev().map(|(path, text)| Source { path, text });
        Cleaner::new(RuleSet::load(sources, builtin::knowledge().unwrap()).unwrap()).unwrap()
    })
}

/// A rule file with its rules in reverse order: each begins at a line `  - id:`.
fn reversed(text: &str) -> String {
    let mut parts: Vec<String> = vec![String::new()];
    for line in text.lines().filter(|line| !line.trim_start().starts_with("# ")) {
        if line.starts_with("  - id:") {
            parts.push(String::new());
        }
        let part = parts.last_mut().unwrap();
        part.push_str(line);
        part.push('\n');
    }
    parts[1..].reverse();
    parts.concat()
}

proptest! {
    #[test]
    fn arbitrary_text_only_loses_and_only_once(text in any::<String>(), level in level()) {
        check(&text, level)?;
    }

    #[test]
    fn shuffled_noise_only_loses_and_only_once(text in noise(), level in level()) {
        check(&text, level)?;
    }

    #[test]
    fn the_order_of_rules_makes_no_difference(text in noise(), level in level()) {
        let one = builtin().clean(&text, &Request::at(level)).unwrap();
        let other = turned_round().clean(&text, &Request::at(level)).unwrap();
        prop_assert_eq!(one.text, other.text);
        prop_assert_eq!(one.removals, other.removals);
    }

    #[test]
    fn a_text_without_hits_keeps_its_bytes(words in prop::collection::vec("[qzx]{1,9}", 0..60), breaks in prop::collection::vec(0..60usize, 0..12)) {
        let mut text = String::new();
        for (index, word) in words.iter().enumerate() {
            text.push_str(word);
            text.push_str(if breaks.contains(&index) { "\r\n\n" } else { " " });
        }
        let cleaned = builtin().clean(&text, &Request::at(Level::Careful)).unwrap();
        prop_assume!(cleaned.removals.is_empty());
        prop_assert_eq!(&*cleaned.text, text.as_str());
    }

    #[test]
    fn a_record_is_cleaned_like_its_text(text in noise(), level in level(), ascii in any::<bool>()) {
        let record = serde_json::json!({"a": [1.0, "x"], "text": text, "z": null}).to_string();
        let record: String = match ascii {
            true => record.chars().map(|c| if c.is_ascii() { c.to_string() } else { c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect() }).collect(),
            false => record,
        };
        let done = dechaff::record::clean(builtin(), &record, &dechaff::record::Fields::default(), &Request::at(level)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&done.line).unwrap();
        let expected = builtin().clean(&text, &Request::at(level)).unwrap();
        prop_assert_eq!(value["text"].as_str().unwrap(), &*expected.text);
        prop_assert!(is_subsequence(&done.line, &record));
    }
}

#[test]
fn every_example_of_every_rule_keeps_the_promises() {
    for rule in builtin().rules().rules() {
        for attempt in dechaff::trial::attempts(rule) {
            let text = &attempt.text;
            for level in Level::ALL {
                check(text, level).unwrap_or_else(|error| panic!("{}: {error}\n{text}", rule.id));
            }
        }
    }
}
