//! What once went wrong, each found by a review or by somebody who used it.

use dechaff::rules::{RuleSet, Source};
use dechaff::{Cleaner, Level, Request};

use crate::cleaned;
use crate::command::dechaff;

const PROSE: &str =
    "The ferry to the outer islands was late again, the harbour master said on Monday, because of fog over the sound.";

/// A cleaner with nothing but these rules, each given without its examples.
fn with(rules: &[&str]) -> Cleaner {
    let mut file = "schema: 1\npack: p\nrules:\n".to_owned();
    for (index, rule) in rules.iter().enumerate() {
        file += &format!(
            "  - id: r{index}\n    about: x\n    category: share\n    confidence: high\n    tests: {{removes: [\"x\"], keeps: [\"x\"]}}\n    {rule}\n"
        );
    }
    Cleaner::new(
        RuleSet::load([Source { path: "p.yaml".as_ref(), text: &file }], dechaff::rules::Knowledge::default()).unwrap(),
    )
    .unwrap()
}

fn clean(cleaner: &Cleaner, text: &str) -> String {
    cleaner.clean(text, &Request::default()).unwrap().text.into_owned()
}

#[test]
fn front_matter_that_noise_stood_above_is_read_in_the_same_run() {
    let text = format!(
        "Post a Comment\n0 Comments\n---\nurl: https://menafn.com/x\n---\n{PROSE}\n\n{PROSE}\n\nMarket Research\n\n- Paper cup market to grow\n"
    );
    let once = cleaned(&text, Level::Normal);
    assert_eq!(once, format!("---\nurl: https://menafn.com/x\n---\n{PROSE}\n\n{PROSE}\n"));
    assert_eq!(cleaned(&once, Level::Normal), once);
}

#[test]
fn a_byte_order_mark_inside_a_text_hides_no_heading() {
    let cleaner = with(&["line: {phrases: [\"foo\"]}", "line: {phrases: [\"aa\"]}\n    guard: {where: head}"]);
    let once = clean(&cleaner, &format!("foo\n\u{feff}# {PROSE}\n\naa\n\n{PROSE}"));
    assert_eq!(clean(&cleaner, &once), once);
}

#[test]
fn many_cuts_in_one_line_settle() {
    let text = format!("{}{PROSE}\n\nPost a Comment\n0 Comments\n", "(AP) ".repeat(20));
    assert_eq!(cleaned(&text, Level::Normal), format!("{PROSE}\n"));
    let cleaner = with(&["span: {at: anywhere, phrases: [\"[edit]\"]}"]);
    assert_eq!(clean(&cleaner, &"word [edit]".repeat(130)), "word".repeat(130));
    let cleaner = with(&["span: {at: line_end, phrases: [\"AFP\"]}"]);
    assert_eq!(clean(&cleaner, "- a caption / AFP / AFP"), "- a caption");
}

#[test]
fn code_stays_whatever_its_fences_look_like() {
    let noise = "Post a Comment\n0 Comments\n";
    for block in [
        format!("```\n~~~\n{noise}~~~\n```"),
        format!("````md\n```\n{noise}```\n````"),
        format!("~~~~ text\n~~~\n{noise}~~~~"),
    ] {
        let text = format!("{PROSE}\n\n{block}\n\n{PROSE}\n");
        assert_eq!(cleaned(&text, Level::Eager), text);
    }
    let text = format!("{PROSE}\n\n```not a fence```\n\n{PROSE}\n\n{noise}");
    assert!(!cleaned(&text, Level::Normal).contains("0 Comments"));
}

#[test]
fn spans_count_for_the_document_guard() {
    let cleaner = with(&["span: {at: line_end, regex: ['because of .*']}"]);
    let text = format!("{}\n", format!("Late, because of {PROSE}\n\n").repeat(5));
    assert_eq!(clean(&cleaner, &text), text);
}

#[test]
fn what_stands_before_a_cut_does_not_stand_at_the_end() {
    let cleaner = with(&[
        "line: {phrases: [\"aa\"]}\n    guard: {at_end: true}",
        "span: {at: line_start, phrases: [\"bb\"]}\n    guard: {at_end: true}",
    ]);
    assert_eq!(clean(&cleaner, "aa\nbb cc"), "aa\ncc");
}

#[test]
fn a_keep_rule_with_a_loose_regex_protects_long_lines() {
    let cleaner = with(&[
        "line: {match: contains, phrases: [\"harbour master\"]}",
        "keep: {from: [\"p/*\"], match: contains, regex: ['\\d+.\\d+']}\n    guard: {max_chars: 900}",
    ]);
    let text = format!("{PROSE} {PROSE} {PROSE} It cost 3.50.\n");
    assert_eq!(clean(&cleaner, &text), text);
}

#[test]
fn explain_shows_every_line_that_was_held() {
    let text =
        format!("{PROSE}\n\nShare\n\n{PROSE}\n\nPost a Comment\n0 Comments\nMenu\n\n{PROSE}\n\nShare\nfoo\nMenu\nX\n");
    let output = dechaff().arg("explain").write_stdin(text).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_start().ends_with("   Share")) {
        assert!(lines[index + 1].trim_start().starts_with('~'), "nothing under {line:?}:\n{shown}");
    }
}

#[test]
fn records_behind_a_mark_or_a_blank_line_are_still_records() {
    let record = serde_json::json!({"text": format!("{PROSE}\n\nPost a Comment\n0 Comments\n")}).to_string();
    let clean = serde_json::json!({"text": format!("{PROSE}\n")}).to_string();
    for before in ["\u{feff}", "\n", "\u{feff}\n\n"] {
        let output = dechaff().arg("clean").write_stdin(format!("{before}{record}\n")).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{before}{clean}\n"));
    }
}

#[test]
fn half_a_surrogate_pair_is_named_and_passed_through() {
    let record = "{\"text\": \"\\ud800 Post a Comment\", \"content\": \"Post a Comment\\n0 Comments\"}\n";
    let output = dechaff().args(["clean", "--format", "jsonl"]).write_stdin(record).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), record);
    assert!(String::from_utf8(output.stderr).unwrap().contains("not valid Unicode"));
}
