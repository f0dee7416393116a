//! What is unwise in a rule file: each check has a file that it finds something in, and one that it leaves alone.

use std::fs;

use crate::command::dechaff;
use crate::snapshots;

fn lint(file: &str, args: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.yaml"), file).unwrap();
    let command = ["rules", "lint", "--no-builtin", "mine.yaml"];
    let output = dechaff().current_dir(folder.path()).args(command).args(args).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + std::str::from_utf8(&output.stderr).unwrap())
}

const SOUND: &str = r#"schema: 1
pack: mine
rules:
  - id: a
    about: The paper asks for tips
    category: newsletter
    line: {phrases: ["Seen something? Tell us"]}
    tests: {removes: ["Seen something? Tell us"], keeps: ["Seen something? Tell us, she said."]}
"#;

#[test]
fn leaves_a_sound_file_alone() {
    assert_eq!(lint(SOUND, &[]), (Some(0), "0 findings in 1 file\n".to_owned()));
}

#[test]
fn each_check_says_what_and_where_and_how_to_mend_it() {
    let with = |from: &str, to: &str| {
        assert!(SOUND.contains(from), "{from}");
        SOUND.replacen(from, to, 1)
    };
    let second = "  - id: b\n    about: The same again\n    category: share\n    confidence: low\n    line: {phrases: [\"Seen something? Tell us\"]}\n    tests: {removes: [\"Seen something? Tell us\"], keeps: [\"Seen something? Tell us, she said.\"]}\n";
    let scoped = |scope: &str| with("    line:", &format!("    scope: {scope}\n    line:"));
    let cases = [
        ("short-phrase", with("phrases: [\"Seen something? Tell us\"]", "match: prefix, phrases: [\"Seen\"]")),
        ("said-twice", with("Tell us\"]}", "Tell us\", \"SEEN SOMETHING? TELL US:\"]}")),
        ("never-matches", with("Tell us\"]}", "Tell us\"], except: [\"something\"]}")),
        ("shadowed", format!("{SOUND}{second}")),
        ("regex-as-phrases", with("phrases: [\"Seen something? Tell us\"]", "regex: ['(?:tell|show) us more']")),
        ("common-literal", with("phrases: [\"Seen something? Tell us\"]", r"regex: ['\d+ a \w+']")),
        ("cut-off", with("about: The paper asks for tips", "about: The paper's tip line #1")),
        ("no-near-miss", with("[\"Seen something? Tell us, she said.\"]", "[\"Rain fell all day.\"]")),
        (
            "retired",
            with("phrases: [\"Seen something? Tell us\"]", "match: contains, phrases: [\"use of cookies\"]")
                .replace("Seen something? Tell us, she", "The use of it, she"),
        ),
        ("unknown-place-holder", with("removes: [\"Seen", "removes: [\"{phrse}\", \"Seen")),
        ("www-host", scoped("{hosts: [www.example.org]}")),
        ("host-below-another", scoped("{hosts: [example.org, news.example.org]}")),
        ("host-excluded-again", scoped("{hosts: [news.example.org], not_hosts: [example.org]}")),
        ("host-excluded-anyway", scoped("{hosts: [news.example.org], not_hosts: [example.com]}")),
        ("path-without-slash", scoped("{paths: [\"blog/*\"]}")),
        ("unknown-language", scoped("{document_languages: [eng]}")),
        ("unfulfilled", with("    line:", "    expect: {short-phrse: it is short}\n    line:")),
        ("unsound", with("phrases", "phrasse")),
    ];
    let settings = snapshots();
    for (name, file) in cases {
        let (status, printed) = lint(&file, &[]);
        assert_eq!(status, Some(1), "{name}: {printed}");
        settings.bind(|| insta::assert_snapshot!(format!("lint-{name}"), printed));
    }
}

#[test]
fn tells_machines_the_same() {
    let file = SOUND.replace("[\"Seen something? Tell us, she said.\"]", "[\"Rain, 100%\"]");
    let (status, printed) = lint(&file, &["--format", "json"]);
    assert_eq!(status, Some(1));
    let findings: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&findings[0]["check"], &findings[0]["line"]), (&"no-near-miss".into(), &8.into()));
    let (_, printed) = lint(&file, &["--format", "github"]);
    assert!(printed.starts_with("::warning file=mine.yaml,line=8,col=60,title=no-near-miss::"), "{printed}");
    assert!(printed.contains("100%25") && printed.lines().count() == 1, "{printed}");
}

#[test]
fn a_comment_behind_a_word_is_meant() {
    let file = SOUND.replace("category: newsletter", "category: newsletter  # or share");
    assert_eq!(lint(&file, &[]).0, Some(0));
}

#[test]
fn a_rule_may_expect_what_is_found() {
    let short = SOUND.replace("phrases: [\"Seen something? Tell us\"]", "match: prefix, phrases: [\"Seen\"]");
    assert_eq!(lint(&short, &[]).0, Some(1));
    let expected = short.replace("    line:", "    expect: {short-phrase: nothing else begins so}\n    line:");
    assert_eq!(lint(&expected, &[]).0, Some(0));
}

#[test]
fn nothing_is_found_in_the_built_in_rules() {
    let output = dechaff().args(["rules", "lint"]).output().unwrap();
    assert_eq!(std::str::from_utf8(&output.stdout).unwrap(), "0 findings\n");
}
