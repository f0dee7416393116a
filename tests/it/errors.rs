//! Broken rule files. Each says in which file, line and column, shows the line with a caret, and what to do.

use std::fs;

use crate::command::dechaff;
use crate::snapshots;

/// A rule file around a rule's lines, the rule's own lines being those from the fourth on.
fn file(rule: &str) -> String {
    format!("schema: 1\npack: mine\nrules:\n{rule}")
}

const SOUND: &str = "  - id: a\n    about: x\n    category: share\n    line: {phrases: [\"Share this page\"]}\n    tests: {removes: [\"Share this page\"], keeps: [\"Share this page with her\"]}\n";

fn complaint(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.yaml"), text).unwrap();
    let output =
        dechaff().current_dir(folder.path()).args(["clean", "--rules", "mine.yaml"]).write_stdin("x").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn each_mistake_has_its_own_message() {
    let broken = |from: &str, to: &str| {
        assert!(SOUND.contains(from), "{from}");
        file(&SOUND.replacen(from, to, 1))
    };
    let tests = "    tests: {removes: [\"Share this page\"], keeps: [\"Share this page with her\"]}\n";
    let cases = [
        ("unknown-key", broken("phrases", "phrasse")),
        ("unknown-guard-key", broken("    tests", "    guard: {max_word: 3}\n    tests")),
        (
            "unknown-guard-key-in-list",
            broken("    tests", "    guard:\n      - {where: tail}\n      - {leveled: normal}\n    tests"),
        ),
        ("unknown-category", broken("share\n", "shares\n")),
        (
            "unknown-near-category",
            broken("    tests", "    guard: {near: {category: sharing, within_lines: 2}}\n    tests"),
        ),
        ("unknown-match", broken("{phrases", "{match: hole, phrases")),
        ("unknown-kind", broken("    tests", "    guard: {document_not: [forums]}\n    tests")),
        ("key-twice", broken("    about: x\n", "    about: x\n    about: y\n")),
        ("id-twice", file(&format!("{SOUND}{SOUND}"))),
        ("id-not-sound", broken("id: a", "id: My Rule")),
        ("no-tests", broken(tests, "")),
        ("no-keeps", broken(", keeps: [\"Share this page with her\"]", "")),
        ("no-category", broken("    category: share\n", "")),
        ("no-action", broken("    line: {phrases: [\"Share this page\"]}\n", "")),
        (
            "two-actions",
            broken(
                "    tests",
                "    run: {categories: [share], min_hits: 2, min_share: 0.5, max_chars: 30}\n    tests",
            ),
        ),
        ("name-in-braces", broken("Share this page\"]}\n", "Share on {netwrok}\"]}\n")),
        (
            "ending-from-nothing",
            broken("line: {phrases: [\"Share this page\"]}", "ending: {from: [\"mine/z*\"], after_prose: 2}"),
        ),
        (
            "ending-of-no-marks",
            broken(
                "line: {phrases: [\"Share this page\"]}",
                "ending: {start: {phrases: [\"Share this page\"]}, marks: {phrases: [\"Reply\"]}, after_prose: 2}",
            ),
        ),
        (
            "masthead-of-one-word",
            broken("line: {phrases: [\"Share this page\"]}", "masthead: {min_words: 1, min_share: 0.7}"),
        ),
        ("no-phrases", broken("phrases: [\"Share this page\"]", "match: prefix")),
        ("regex-does-not-compile", broken("phrases: [\"Share this page\"]", "regex: ['share (this page']")),
        ("regex-too-large", broken("phrases: [\"Share this page\"]", "regex: ['share(?:x{1,1000}){1,1000}']")),
        ("regex-with-anchor", broken("phrases: [\"Share this page\"]", "regex: ['^share this page$']")),
        ("regex-with-capital", broken("phrases: [\"Share this page\"]", "regex: ['Share this \\w+']")),
        ("regex-without-text", broken("phrases: [\"Share this page\"]", "regex: ['\\d+/\\d+']")),
        ("phrase-of-one-character", broken("Share this page\"]}", "X\"]}")),
        ("phrase-of-nothing", broken("Share this page\"]}", "— •\"]}")),
        ("star-in-whole-line", broken("Share this page\"]}", "Share this pag*\"]}")),
        ("number-with-a-letter", broken("Share this page\"]}", "{n}k shares\"]}")),
        ("phrase-too-long", broken("Share this page\"]}", &format!("{}\"]}}", "share ".repeat(300)))),
        ("host-with-path", broken("    tests", "    scope: {hosts: [\"https://example.org/a\"]}\n    tests")),
        (
            "keep-from-nothing",
            file(
                "  - id: k\n    about: x\n    category: protect\n    keep: {from: [\"en-consnt/*\"], phrases: [\"Cookie policy\"]}\n    tests: {keeps: [\"x\"]}\n",
            ),
        ),
        (
            "block-without-end",
            broken(
                "line: {phrases: [\"Share this page\"]}",
                "block: {start: {phrases: [\"Share this page\"]}, max_lines: 5}",
            ),
        ),
        (
            "block-too-long",
            broken(
                "line: {phrases: [\"Share this page\"]}",
                "block: {start: {phrases: [\"Share this page\"]}, max_lines: 5000, no_end: document}",
            ),
        ),
        ("not-yaml", "schema: 1\nrules: [\n".to_owned()),
        ("empty", String::new()),
        ("alias", "schema: 1\npack: &p mine\nrules: *p\n".to_owned()),
        ("schema-of-the-future", format!("schema: 2\npack: mine\nrules:\n{SOUND}")),
    ];
    let settings = snapshots();
    for (name, text) in cases {
        settings.bind(|| insta::assert_snapshot!(format!("error-{name}"), complaint(&text)));
    }
}

#[test]
fn a_hostile_rule_file_is_refused_quickly() {
    let deep = format!("schema: 1\npack: mine\nrules: {}", "[".repeat(100_000));
    assert!(complaint(&deep).contains("error"));
    let bomb: String = (1..30).map(|i| format!("a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1)).collect();
    assert!(complaint(&format!("a0: &a0 x\n{bomb}")).contains("error"));
    let large = format!("schema: 1\npack: mine\nrules: []\n# {}", "x".repeat(2 << 20));
    assert!(complaint(&large).contains("at most 1048576"));
}
