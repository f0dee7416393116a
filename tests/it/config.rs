//! `dechaff.yaml`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::command::dechaff;
use crate::snapshots;

const PROSE: &str =
    "The ferry to the outer islands was late again, the harbour master said on Monday, because of fog over the sound.";

const RULES: &str = r#"schema: 1
pack: mine
rules:
  - id: tips
    about: The paper asks for tips
    category: newsletter
    confidence: high
    scope: {hosts: [gazette.example.org]}
    line: {phrases: ["Tell the Gazette", "Tell us now"]}
    tests: {removes: ["Tell the Gazette"], keeps: ["Tell the Gazette of it"]}
"#;

fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("pages/gazette")).unwrap();
    fs::create_dir_all(folder.path().join("rules")).unwrap();
    fs::write(folder.path().join("rules/mine.yaml"), RULES).unwrap();
    fs::write(folder.path().join("dechaff.yaml"), config).unwrap();
    for place in ["pages/a.txt", "pages/gazette/a.txt"] {
        fs::write(folder.path().join(place), format!("{PROSE}\n\nTell the Gazette\nPlease tell\nPost a Comment\n"))
            .unwrap();
    }
    folder
}

fn out(folder: &Path, args: &[&str]) -> String {
    let output = dechaff().current_dir(folder).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn complaint(config: &str) -> String {
    let folder = folder(config);
    let output = dechaff().current_dir(folder.path()).args(["clean", "pages/a.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{config}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn is_found_upwards_from_the_file_and_gives_rules_and_hosts() {
    let folder = folder("rules: [rules]\nhosts: {'pages/gazette/**': gazette.example.org}\n");
    assert!(out(folder.path(), &["clean", "pages/a.txt"]).contains("Tell the Gazette"));
    assert!(!out(folder.path(), &["clean", "pages/gazette/a.txt"]).contains("Tell the Gazette"));
    // Called from elsewhere, the file's own folders count.
    let elsewhere = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages/gazette/a.txt");
    assert!(!out(elsewhere.path(), &["clean", path.to_str().unwrap()]).contains("Tell the Gazette"));
    assert!(out(folder.path(), &["clean", "--no-config", "pages/gazette/a.txt"]).contains("Tell the Gazette"));
}

#[test]
fn switches_rules_off_and_changes_them() {
    let config = "rules: [rules]\nhosts: {'**': gazette.example.org}\ndisable: ['en-comments/*']\nadjust:\n  mine/tips: {add_phrases: [\"Please tell\"], drop_phrases: [\"tell the gazette\"]}\n";
    let folder = folder(config);
    let cleaned = out(folder.path(), &["clean", "pages/a.txt"]);
    assert!(cleaned.contains("Post a Comment") && cleaned.contains("Tell the Gazette"), "{cleaned}");
    assert!(!cleaned.contains("Please tell"), "{cleaned}");
}

#[test]
fn a_lower_confidence_waits_for_its_level() {
    let folder =
        folder("rules: [rules]\nhosts: {'**': gazette.example.org}\nadjust:\n  mine/tips: {confidence: low}\n");
    assert!(out(folder.path(), &["clean", "pages/a.txt"]).contains("Tell the Gazette"));
    assert!(!out(folder.path(), &["clean", "--level", "eager", "pages/a.txt"]).contains("Tell the Gazette"));
}

#[test]
fn arguments_are_above_it() {
    let folder = folder("level: eager\nrecords: {text: body}\n");
    fs::write(
        folder.path().join("a.jsonl"),
        "{\"body\":\"Post a Comment\\n0 Comments\",\"text\":\"Post a Comment\\n0 Comments\"}\n",
    )
    .unwrap();
    assert!(out(folder.path(), &["clean", "a.jsonl"]).contains("\"text\":\"Post a Comment"));
    assert!(out(folder.path(), &["clean", "--text-field", "text", "a.jsonl"]).contains("\"body\":\"Post a Comment"));
    assert!(out(folder.path(), &["config", "show"]).contains("dechaff.yaml:1"));
    assert!(out(folder.path(), &["config", "show", "--level", "careful"]).contains("argument --level"));
}

#[test]
fn says_where_each_value_comes_from() {
    let config = "level: careful\nrules:\n  - rules\n# mine\ndisable: ['en-comments/*']\nadjust:\n  mine/tips:\n    add_phrases: [\"Please tell\"]\n    drop_phrases: [\"Tell us now\"]\n    confidence: low\nhosts: {'pages/**': gazette.example.org}\nexclude: ['**/*.bak']\nrecords: {text: body}\n";
    let folder = folder(config);
    let shown = out(folder.path(), &["config", "show", "pages/a.txt"]);
    let shown: String =
        shown.lines().filter(|line| !line.contains("rules in effect")).map(|line| format!("{line}\n")).collect();
    snapshots().bind(|| insta::assert_snapshot!("config-show", shown));
    snapshots().bind(|| insta::assert_snapshot!("rules-show", out(folder.path(), &["rules", "show", "mine/tips"])));
    let json: serde_json::Value =
        serde_json::from_str(&out(folder.path(), &["rules", "show", "--json", "mine/tips"])).unwrap();
    assert_eq!(json["changes"][0]["place"], "dechaff.yaml:10");
    assert_eq!(json["lines"][0]["number"], 4);
    let list = out(folder.path(), &["rules", "list", "mine/*"]);
    assert!(list.contains("mine/tips") && list.contains("changed"), "{list}");
}

#[test]
fn each_mistake_has_its_own_message() {
    let cases = [
        ("unknown-key", "levle: eager\n"),
        ("unknown-level", "level: brave\n"),
        ("disable-nothing", "disable: ['en-coments/*']\n"),
        ("adjust-nothing", "adjust:\n  en-comments/cuont: {confidence: low}\n"),
        ("unknown-change", "adjust:\n  en-comments/count: {add_phrase: [x]}\n"),
        ("drop-what-is-not-there", "adjust:\n  en-comments/count: {drop_phrases: [\"{n} Coments\"]}\n"),
        ("add-to-a-rule-without-phrases", "adjust:\n  any-duplicates/body-pasted-twice: {add_phrases: [\"Twice\"]}\n"),
        ("add-one-character", "adjust:\n  en-comments/count: {add_phrases: [\"x\"]}\n"),
        ("host-with-path", "hosts: {'**': 'https://example.org/a'}\n"),
        ("glob-not-sound", "exclude: ['a[']\n"),
        ("rules-not-there", "rules: [no-such-folder]\n"),
        ("twice", "level: eager\nlevel: careful\n"),
    ];
    for (name, config) in cases {
        snapshots().bind(|| insta::assert_snapshot!(format!("config-error-{name}"), complaint(config)));
    }
}

#[test]
fn keeps_rules_that_protect_disabled_ones() {
    let folder = folder("disable: ['en-consent/*', 'en-keep/forum-thread']\n");
    out(folder.path(), &["clean", "pages/a.txt"]);
}
