//! Evidence files, and articles out of whole pages.

use std::fs;

use dechaff::decide::Terms;
use dechaff::{Cleaner, Level, Outcome, Request};
use proptest::prelude::*;
use serde_json::Value;

use crate::command::dechaff;
use crate::properties::{is_subsequence, level, noise};
use crate::{builtin, snapshots};

const PAGE: &str = include_str!("../fixtures/whole-news-old-mill/input.txt");

fn page(level: Level) -> Request {
    Request { page: true, ..Request::at(level) }
}

fn extract(text: &str, level: Level) -> String {
    builtin().clean(text, &page(level)).unwrap().text.into_owned()
}

#[test]
fn an_article_is_found_among_menus() {
    for level in Level::ALL {
        let article = extract(PAGE, level);
        assert!(article.contains("The mill on the Ash") && article.contains("on Thursdays until nine."), "{article}");
        assert!(!article.contains("Privacy policy") && !article.contains("Skip to content"), "{article}");
    }
    assert!(!extract(PAGE, Level::Normal).contains("Bakery wins a prize"));
}

#[test]
fn eager_takes_no_less_than_careful() {
    let [careful, normal, eager] =
        [Level::Careful, Level::Normal, Level::Eager].map(|level| extract(PAGE, level).len());
    assert!(careful >= normal && normal >= eager, "{careful} {normal} {eager}");
}

#[test]
fn a_page_without_an_article_is_said_to_have_none() {
    let menu = "Home\nNews\nSport\nSign in\nSubscribe\nContact us\nPrivacy policy\nTerms of use\n";
    for level in Level::ALL {
        let cleaned = builtin().clean(menu, &page(level)).unwrap();
        assert_eq!(cleaned.outcome, Outcome::NoArticle, "{}", cleaned.text);
    }
    assert_eq!(builtin().clean("", &page(Level::Normal)).unwrap().outcome, Outcome::Untouched);
    assert_ne!(builtin().clean(PAGE, &page(Level::Normal)).unwrap().outcome, Outcome::NoArticle);
}

#[test]
fn points_are_the_sum_of_what_is_told() {
    let terms = Terms { trace: true, ..Terms::default() };
    let cleaned = builtin().clean(PAGE, &Request { terms, page: true, ..Request::default() }).unwrap();
    let rule = |index: usize| &builtin().rules().rules()[index];
    assert_eq!(cleaned.evidence.len(), PAGE.lines().filter(|line| !line.is_empty()).count());
    for line in &cleaned.evidence {
        let parts: i32 = line.parts.iter().map(|part| part.points).sum();
        let bias = line.points - parts;
        let other = &cleaned.evidence[0];
        if line.rule == other.rule {
            let first: i32 = other.parts.iter().map(|part| part.points).sum();
            assert_eq!(bias, other.points - first, "every line has the same bias");
        }
        assert!(rule(line.rule).id.starts_with("any-evidence/"));
        assert!(line.parts.windows(2).all(|pair| pair[0].points.abs() >= pair[1].points.abs()));
    }
}

#[test]
fn a_title_from_outside_is_used() {
    let untitled = PAGE.split_once('\n').unwrap().1;
    let cleaned = |title: Option<&str>| {
        let terms = Terms { trace: true, ..Terms::default() };
        let title = title.map(str::to_owned);
        builtin().clean(untitled, &Request { terms, page: true, title, ..Request::default() }).unwrap().evidence
    };
    assert_ne!(cleaned(Some("Old mill reopens as a library")), cleaned(Some("Ferry late again, for the third time")));
}

#[test]
fn records_give_their_titles() {
    let record = |title: &str| {
        serde_json::json!({ "title": title, "text": PAGE.split_once('\n').unwrap().1 }).to_string() + "\n"
    };
    let explained = |title: &str| {
        let run = dechaff().args(["explain", "--page", "--json"]).write_stdin(record(title)).output().unwrap();
        serde_json::from_slice::<Value>(&run.stdout).unwrap()["evidence"].clone()
    };
    assert_ne!(explained("Old mill reopens as a library"), explained("Ferry late again, for the third time"));
}

#[test]
fn explain_tells_the_points() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("page.txt"), PAGE).unwrap();
    let run = dechaff().current_dir(&folder).args(["explain", "--page", "page.txt"]).output().unwrap();
    let told = String::from_utf8(run.stdout).unwrap();
    let weighed = told.lines().filter(|line| line.contains(" points, at least ")).count();
    assert!(weighed > 15, "{told}");
    let run = dechaff().args(["extract"]).write_stdin(PAGE).output().unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap(), extract(PAGE, Level::Normal));
}

#[test]
fn each_mistake_in_an_evidence_file_has_its_own_message() {
    const SOUND: &str = "schema: 1\nmodel: article\nabout: x\nbars: {normal: -1.0, eager: {below_best: 0}}\nline:\n  measures:\n    - {measure: words, edges: [3, 9], points: [-1, 0, 1]}\n  pairs:\n    - measures: [words, chars]\n      edges: [[3], [9]]\n      points: |\n        -1 0\n        0 1\nphrases:\n  - points: -0.5\n    phrases: |\n      ^ read more $\n";
    let folder = tempfile::tempdir().unwrap();
    let run = |text: &str| {
        fs::write(folder.path().join("mine.yaml"), text).unwrap();
        dechaff().current_dir(&folder).args(["extract", "--evidence", "mine.yaml"]).write_stdin("x\n").output().unwrap()
    };
    assert_eq!(run(SOUND).status.code(), Some(0), "{}", String::from_utf8_lossy(&run(SOUND).stderr));
    for (name, from, to) in [
        ("unknown-measure", "measure: words", "measure: wrods"),
        ("edges-fall", "edges: [3, 9]", "edges: [9, 3]"),
        ("points-too-few", "points: [-1, 0, 1]", "points: [-1, 0]"),
        ("pair-not-numbers", "        0 1\n", "        0 one\n"),
        ("pair-too-few", "        0 1\n", "        0\n"),
        ("unknown-key", "about: x", "abuot: x"),
        ("schema", "schema: 1", "schema: 2"),
        ("bar", "below_best: 0", "below_worst: 0"),
    ] {
        assert!(SOUND.contains(from), "{from}");
        let output = run(&SOUND.replacen(from, to, 1));
        assert_eq!(output.status.code(), Some(2), "{name}");
        let said = String::from_utf8(output.stderr).unwrap();
        snapshots().bind(|| insta::assert_snapshot!(format!("evidence-error-{name}"), said));
    }
}

#[test]
fn a_rule_must_name_evidence_that_is_there() {
    let text = "schema: 1\npack: mine\nrules:\n  - id: a\n    about: x\n    category: evidence\n    evidence: {model: artikel}\n    tests: {removes: [\"x\"], keeps: [\"y\"]}\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.yaml"), text).unwrap();
    let run =
        dechaff().current_dir(&folder).args(["clean", "--rules", "mine.yaml"]).write_stdin("x\n").output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    snapshots().bind(|| insta::assert_snapshot!("evidence-error-no-model", said));
}

#[test]
fn what_is_embedded_is_sound_and_called_like_its_file() {
    let models = dechaff::rules::builtin::knowledge().unwrap().models;
    assert!(!models.is_empty());
    for model in models {
        assert_eq!(model.get().map(|read| read.name.as_str()), Some(model.name.as_str()));
    }
}

/// Built once: cleaning by the same rules from another thread gives the same.
fn other() -> &'static Cleaner {
    static OTHER: std::sync::OnceLock<Cleaner> = std::sync::OnceLock::new();
    OTHER.get_or_init(|| Cleaner::builtin().unwrap())
}

proptest! {
    #[test]
    fn extracting_only_deletes_and_gives_the_same_twice(text in noise(), level in level()) {
        let one = builtin().clean(&text, &page(level)).unwrap();
        prop_assert!(is_subsequence(&one.text, &text));
        prop_assert_eq!(&one, &other().clean(&text, &page(level)).unwrap());
        let kept: String = one.kept.iter().map(|span| &text[span.clone()]).collect();
        prop_assert_eq!(&kept, &one.text);
    }
}
