//! The workbench: new rules, tries, near misses, coverage, mutation.

use std::fs;

use dechaff::rules::{RuleSet, Source, schema};
use dechaff::{Cleaner, trial};
use tempfile::TempDir;

use crate::command::dechaff;
use crate::snapshots;

/// Places at which a site of five pages says the same.
fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let stories = [
        (
            "Ferry late again",
            "The ferry to the outer islands was late again on Monday, the harbour master said, because of fog over the sound before dawn.",
        ),
        (
            "Mill race opens",
            "The old mill race at Skarn carries water again after forty years, and children saw the first eels in it on their way to school.",
        ),
        (
            "Rope-walk sold",
            "The council of Kell has bought the rope-walk for less than a boat costs, and nobody could say what is to be done with the thing.",
        ),
        (
            "Swifts return",
            "Nineteen pairs of swifts have returned to the tower of the lower church this spring, six more than last year, the sexton counted.",
        ),
        (
            "Bell in the mud",
            "Divers who were looking for an anchor have found a bell in the mud off the quay, and the museum asked them to leave it there.",
        ),
    ];
    for (number, (title, prose)) in stories.iter().enumerate() {
        let tip = format!("Seen something? Ring the newsroom on 555 01{number}");
        let text = format!("Post > Local > {title}\n\n{title}\n\n{prose}\n\n{tip}\nPrinted on paper from the mill\n");
        fs::write(folder.path().join(format!("{number}.txt")), text).unwrap();
    }
    folder
}

fn run(folder: &TempDir, args: &[&str]) -> (Option<i32>, String, String) {
    let output = dechaff().current_dir(folder).args(args).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

const PAGES: [&str; 5] = ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"];

#[test]
fn a_site_file_is_drafted_and_passes_its_own_tests() {
    let folder = site();
    let (status, _, note) = run(
        &folder,
        &[&["rules", "new", "site", "--host", "post.example.org", "-o", "post.yaml"], &PAGES[..]].concat(),
    );
    assert_eq!(status, Some(0), "{note}");
    let draft = fs::read_to_string(folder.path().join("post.yaml")).unwrap();
    snapshots().bind(|| insta::assert_snapshot!("new-site", draft));
    let (status, printed, _) =
        run(&folder, &["rules", "test", "--coverage", "--mutate", "--rules", "post.yaml", "sites-post.example.org/*"]);
    assert_eq!((status, printed.contains("0 failed, 0 uncovered, 0 survivors")), (Some(0), true), "{printed}");
    let (status, printed, _) = run(&folder, &["rules", "lint", "post.yaml"]);
    assert_eq!(status, Some(0), "{printed}");
    let clean = ["clean", "--rules", "post.yaml", "--url", "https://post.example.org/a", "0.txt"];
    assert!(!run(&folder, &clean).1.contains("Seen something"));
    // What somebody wrote is not written over.
    let again = [&["rules", "new", "site", "--host", "post.example.org", "-o", "post.yaml"], &PAGES[..]].concat();
    let (status, _, complaint) = run(&folder, &again);
    assert_eq!(status, Some(2));
    assert!(complaint.contains("post.yaml is there already"), "{complaint}");
}

#[test]
fn a_rule_is_drafted_from_a_phrase() {
    let folder = site();
    let new =
        [&["rules", "new", "rule", "--phrase", "Seen something?", "--id", "post/tips", "-o", "tips.yaml"], &PAGES[..]];
    let (status, _, note) = run(&folder, &new.concat());
    assert_eq!(status, Some(0), "{note}");
    snapshots()
        .bind(|| insta::assert_snapshot!("new-rule", fs::read_to_string(folder.path().join("tips.yaml")).unwrap()));
    let (status, printed, _) = run(&folder, &["rules", "test", "--mutate", "--rules", "tips.yaml", "post/*"]);
    assert_eq!(status, Some(0), "{printed}");
    let (status, _, complaint) = run(&folder, &["rules", "new", "rule", "--phrase", "No such words", "0.txt"]);
    assert_eq!(status, Some(2));
    assert!(complaint.contains("\"No such words\" is in none of the 1 file"), "{complaint}");
}

#[test]
fn a_rule_is_tried_before_it_is_written() {
    let folder = site();
    let tried = "line: {match: prefix, phrases: [\"Seen something\", \"The old mill\"]}\nguard: {max_words: 12}";
    let (status, printed, _) = run(&folder, &["rules", "try", "-e", tried, "."]);
    assert_eq!(status, Some(0));
    snapshots().bind(|| insta::assert_snapshot!("try", printed));
    let (status, _, complaint) =
        run(&folder, &["rules", "try", "-e", "line: {match: prefix,\n  phrasse: [\"Seen\"]}", "."]);
    assert_eq!(status, Some(2));
    snapshots().bind(|| insta::assert_snapshot!("try-error", complaint));
}

#[test]
fn the_nearest_miss_is_told() {
    let folder = site();
    let rules = r#"schema: 1
pack: mine
rules:
  - id: tips
    about: The paper asks for tips
    category: newsletter
    confidence: high
    line: {match: prefix, phrases: ["Seen something", "Printed on"], except: ["mill"]}
    guard: {max_words: 5}
    tests: {removes: ["Seen something? Tell us"], keeps: ["Seen something? Tell us more of it"]}
  - id: elsewhere
    about: For another site
    category: newsletter
    confidence: high
    scope: {hosts: [other.example.org]}
    line: {phrases: ["Bell in the mud", "Ferry late"]}
    tests: {removes: ["Ferry late"], keeps: ["Ferry late again"]}
"#;
    fs::write(folder.path().join("mine.yaml"), rules).unwrap();
    for (name, id) in [("guard", "mine/tips"), ("scope", "mine/elsewhere")] {
        let (_, printed, _) = run(&folder, &["rules", "why-not", "--rules", "mine.yaml", id, "0.txt"]);
        snapshots().bind(|| insta::assert_snapshot!(format!("why-not-{name}"), printed));
    }
    let (_, printed, _) = run(&folder, &["rules", "why-not", "--json", "--rules", "mine.yaml", "mine/tips", "0.txt"]);
    let found: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(found["misses"][0]["why"], "the pattern matches: 8 words, at most 5");
    let (status, _, complaint) = run(&folder, &["rules", "why-not", "en-comments/cuont", "0.txt"]);
    assert_eq!(status, Some(2));
    assert!(complaint.contains("did you mean en-comments/count?"), "{complaint}");
}

fn cleaner(rule: &str) -> Cleaner {
    let file = format!(
        "schema: 1\npack: p\nrules:\n  - id: r\n    about: x\n    category: share\n    confidence: high\n{rule}"
    );
    Cleaner::new(
        RuleSet::load([Source { path: "p.yaml".as_ref(), text: &file }], dechaff::rules::Knowledge::default()).unwrap(),
    )
    .unwrap()
}

fn survivors(rule: &str) -> Vec<String> {
    let mut cleaner = cleaner(rule);
    assert_eq!(trial::run(&cleaner, |_| true).unwrap().failures, []);
    trial::mutate(&mut cleaner, |_| true).unwrap().into_iter().map(|survivor| survivor.what).collect()
}

#[test]
fn a_guard_that_no_example_misses_survives() {
    let rule = |keeps: &str| {
        format!(
            "    line: {{match: prefix, phrases: [\"Share this\"], except: [\"said\"]}}\n    guard: {{max_words: 4}}\n    tests: {{removes: [\"Share this page\"], keeps: [{keeps}]}}\n"
        )
    };
    assert_eq!(survivors(&rule("\"Never share this\"")), ["the `except` phrase \"said\"", "`max_words`"]);
    assert_eq!(survivors(&rule("\"Share this, she said\"")), ["`max_words`"]);
    assert_eq!(survivors(&rule("\"Share this, she said\", \"Share this with all of them\"")), [""; 0]);
}

#[test]
fn a_phrase_beside_another_survives() {
    let rule = |phrases: &str, removes: &str| {
        format!(
            "    line: {{match: prefix, phrases: [{phrases}]}}\n    tests: {{removes: [{removes}], keeps: [\"Never\"]}}\n"
        )
    };
    let two = "\"Share this\", \"Send this\"";
    assert_eq!(survivors(&rule(two, "\"Share this\"")), ["the phrase \"Send this\""]);
    assert_eq!(survivors(&rule(two, "\"{phrase}\"")), [""; 0]);
    // One that another covers is missed by no example.
    assert_eq!(
        survivors(&rule("\"Share this\", \"Share this page\"", "\"{phrase}\"")),
        ["the phrase \"Share this page\""]
    );
}

#[test]
fn the_rules_are_the_same_after_mutation() {
    let mut cleaner = Cleaner::builtin().unwrap();
    let before = cleaner.rules().freeze().unwrap();
    let wanted = |rule: &dechaff::rules::Rule| rule.id.starts_with("en-share/") || rule.id.starts_with("any-");
    trial::mutate(&mut cleaner, wanted).unwrap();
    assert!(cleaner.rules().freeze().unwrap() == before);
    assert_eq!(trial::run(&cleaner, wanted).unwrap().failures, []);
}

#[test]
fn a_survivor_comes_with_the_example_that_was_missing() {
    let rule = "    line: {match: prefix, phrases: [\"Share this\"]}\n    guard: {max_words: 4}\n    tests:\n      removes: [\"Share this page\"]\n      keeps: [\"The ferry to the outer islands was late again on Monday, the harbour master said, because of fog that lay over the sound.\"]\n";
    let mut cleaner = cleaner(rule);
    let survivors = trial::mutate(&mut cleaner, |_| true).unwrap();
    let [survivor] = survivors.as_slice() else { panic!("{survivors:?}") };
    let example = survivor.example.as_ref().unwrap();
    assert_eq!(example.kind, trial::Kind::Keeps);
    assert!(example.text.starts_with("Share this page The ferry"), "{}", example.text);
}

#[test]
fn what_no_example_makes_fire_is_uncovered() {
    let rule = "    line: {phrases: [\"Share this\", \"Send this\"], except: [\"x\"]}\n    tests: {removes: [\"Share this\"], keeps: [\"Never\"]}\n";
    let cleaner = cleaner(rule);
    let uncovered = trial::uncovered(&cleaner, |_| true).unwrap();
    let told: Vec<String> =
        uncovered.iter().map(|found| trial::wording(cleaner.rules(), found.piece.unwrap())).collect();
    assert_eq!(told, ["the phrase \"Send this\"", "the `except` phrase \"x\""]);
}

#[test]
fn every_phrase_of_every_rule_is_covered() {
    let uncovered = trial::uncovered(crate::builtin(), |_| true).unwrap();
    let id = |rule: usize| &crate::builtin().rules().rules()[rule].id;
    let told: Vec<String> = uncovered
        .iter()
        .map(|found| {
            let what = found.piece.map(|piece| trial::wording(crate::builtin().rules(), piece));
            format!("{}: {}", id(found.rule), what.unwrap_or_default())
        })
        .collect();
    assert!(told.is_empty(), "{} uncovered:\n{}", told.len(), told.join("\n"));
}

#[test]
fn drafts_come_from_many_records_and_are_not_in_effect() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = String::new();
    for number in 0..60 {
        let host = ["a.example.org", "b.example.org", "c.example.org"][number % 3];
        let text = format!(
            "Story {number} of the lane\\n\\nThe keeper of lane {number} said on Monday that the water had risen by a hand since the rain, and that nobody would carry any.\\n\\nYour lane, your paper\\nMade in {host} by hand"
        );
        records += &format!("{{\"url\":\"https://{host}/{number}\",\"text\":\"{text}\"}}\n");
    }
    fs::write(folder.path().join("pages.jsonl"), &records).unwrap();
    let (status, _, note) = run(&folder, &["rules", "suggest", "-o", "drafts", "pages.jsonl"]);
    assert_eq!((status, note.as_str()), (Some(0), "60 texts: 12 patterns drafted, for 3 hosts\n"));
    let edges = fs::read_to_string(folder.path().join("drafts/edges.yaml")).unwrap();
    assert!(edges.contains("\"Your lane, your paper\"  # on 3 hosts, in 60 documents"), "{edges}");
    assert!(edges.contains("confidence: low"));
    let (status, printed, error) = run(&folder, &["rules", "test", "--no-builtin", "--rules", "drafts"]);
    assert_eq!(status, Some(0), "{printed}{error}");
    let (_, cleaned, _) = run(&folder, &["clean", "pages.jsonl"]);
    assert_eq!(cleaned, records);
}

#[test]
fn the_schema_is_the_one_that_is_published() {
    let published = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/schema.json")).unwrap();
    assert_eq!(schema::json(), published, "run `cargo run -- rules schema > rules/schema.json`");
}

#[test]
fn every_rule_file_names_the_schema_keys_only() {
    let schema: serde_json::Value = serde_json::from_str(&schema::json()).unwrap();
    let keys = schema["$defs"]["Rule"]["properties"].as_object().unwrap();
    let one_of = schema["$defs"]["Rule"]["oneOf"].as_array().unwrap();
    assert!(one_of.len() >= 10);
    for action in one_of.iter().map(|way| way["required"][0].as_str().unwrap()) {
        assert!(keys.contains_key(action), "{action}");
    }
    assert!(keys.values().all(|key| key["description"].is_string()), "a key without a description");
}

#[test]
fn the_reference_names_every_rule() {
    let output = dechaff().args(["rules", "docs"]).output().unwrap();
    let docs = String::from_utf8(output.stdout).unwrap();
    for rule in crate::builtin().rules().rules() {
        let (pack, id) = rule.id.split_once('/').unwrap();
        assert!(docs.contains(&format!("## {pack}\n")) && docs.contains(&format!("| `{id}` |")), "{}", rule.id);
    }
    assert!(
        docs.lines().filter(|line| line.starts_with('|')).all(|line| line.replace("\\|", "").matches('|').count() == 6)
    );
}

#[test]
fn completions_and_manual_pages_know_every_verb() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = dechaff().args(["completions", shell]).output().unwrap();
        assert!(String::from_utf8(output.stdout).unwrap().contains("why-not"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&folder, &["man", "pages"]).0, Some(0));
    for page in ["dechaff.1", "dechaff-clean.1", "dechaff-rules-why-not.1"] {
        assert!(folder.path().join("pages").join(page).is_file(), "{page}");
    }
}
