//! The command, as a person runs it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::snapshots;

const PROSE: &str =
    "The ferry to the outer islands was late again, the harbour master said on Monday, because of fog over the sound.";

/// The binary, without colour, so that what it prints does not depend on where the tests run.
pub(crate) fn dechaff() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dechaff"));
    command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
    command
}

pub(crate) fn noisy() -> String {
    format!("Ferry late again\n\n{PROSE}\n\nPost a Comment\n\n0 Comments\n")
}

pub(crate) fn article() -> String {
    format!("Ferry late again\n\n{PROSE}\n")
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn cleans_standard_input_to_standard_output() {
    let output = dechaff().arg("clean").write_stdin(noisy()).output().unwrap();
    assert_eq!(text(&output.stdout), article());
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn cleans_one_file_to_standard_output_and_leaves_it() {
    let folder = folder(&[("a.txt", noisy().as_bytes())]);
    let output = dechaff().current_dir(&folder).args(["clean", "a.txt"]).output().unwrap();
    assert_eq!(text(&output.stdout), article());
    assert_eq!(read(&folder, "a.txt"), noisy());
}

#[test]
fn cleans_in_place_and_leaves_clean_files_alone() {
    let folder = folder(&[("a.txt", noisy().as_bytes()), ("b.txt", article().as_bytes())]);
    let before = fs::metadata(folder.path().join("b.txt")).unwrap();
    let output = dechaff().current_dir(&folder).args(["clean", "-w", "a.txt", "b.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "1 of 2 files cleaned, 2 lines gone\n  comments 2; 28 of 290 bytes gone\n");
    assert_eq!(read(&folder, "a.txt"), article());
    let after = fs::metadata(folder.path().join("b.txt")).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "a temporary file was left");
}

#[test]
fn writes_into_a_folder_under_the_same_names() {
    let folder = folder(&[("a.txt", noisy().as_bytes()), ("b.txt", article().as_bytes())]);
    dechaff().current_dir(&folder).args(["clean", "-o", "out/deep", "a.txt", "b.txt"]).assert().success();
    assert_eq!(read(&folder, "out/deep/a.txt"), article());
    assert_eq!(read(&folder, "out/deep/b.txt"), article());
    assert_eq!(read(&folder, "a.txt"), noisy());
}

#[test]
fn never_writes_output_over_its_input() {
    let folder = folder(&[("a.txt", noisy().as_bytes())]);
    let output = dechaff().current_dir(&folder).args(["clean", "-o", ".", "a.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("written over itself"));
    assert_eq!(read(&folder, "a.txt"), noisy());
}

#[test]
fn two_inputs_never_share_an_output() {
    let folder = folder(&[("a.txt", noisy().as_bytes())]);
    fs::create_dir(folder.path().join("b")).unwrap();
    fs::write(folder.path().join("b/a.txt"), article()).unwrap();
    let output = dechaff().current_dir(&folder).args(["clean", "-o", "out", "a.txt", "b/a.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a.txt and b/a.txt would be written to the same file"));
    assert!(!folder.path().join("out").exists());
}

#[test]
fn several_files_to_one_output_are_refused() {
    let folder = folder(&[("a.txt", b"x"), ("b.txt", b"y")]);
    let output = dechaff().current_dir(&folder).args(["clean", "a.txt", "b.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("-o DIR"));
}

#[test]
fn a_file_that_is_not_utf8_is_left_as_it_is() {
    let bytes = [noisy().as_bytes(), b"caf\xe9\n"].concat();
    let folder = folder(&[("latin.txt", &bytes), ("good.txt", noisy().as_bytes())]);
    let output = dechaff().current_dir(&folder).args(["clean", "-w", "latin.txt", "good.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let offset = noisy().len() + 3;
    assert!(
        text(&output.stderr).contains(&format!("latin.txt: not UTF-8: the byte 0xE9 at offset {offset}")),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(fs::read(folder.path().join("latin.txt")).unwrap(), bytes);
    assert_eq!(read(&folder, "good.txt"), article(), "the others are still cleaned");
}

#[test]
fn a_missing_file_is_named() {
    let output = dechaff().args(["clean", "nowhere.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("nowhere.txt: cannot be read: no such file or directory"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn check_and_diff_tell_by_their_exit_status() {
    let folder = folder(&[("a.txt", noisy().as_bytes()), ("b.txt", article().as_bytes())]);
    dechaff().current_dir(&folder).args(["check", "b.txt"]).assert().code(0).stdout("");
    dechaff()
        .current_dir(&folder)
        .args(["check", "a.txt", "b.txt"])
        .assert()
        .code(1)
        .stdout("a.txt: 2 lines would change\n");
    dechaff().current_dir(&folder).args(["diff", "b.txt"]).assert().code(0).stdout("");
    let output = dechaff().current_dir(&folder).args(["diff", "a.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    snapshots().bind(|| insta::assert_snapshot!("command-diff", text(&output.stdout)));
    dechaff().current_dir(&folder).args(["diff", "a.txt", "nowhere.txt"]).assert().code(2);
    assert_eq!(read(&folder, "a.txt"), noisy());
}

#[test]
fn a_diff_applies_with_patch() {
    let Ok(inputs) = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")) else {
        return;
    };
    if std::process::Command::new("patch").arg("--version").output().is_err() {
        return;
    }
    for input in inputs.map(|entry| fs::read(entry.unwrap().path().join("input.txt")).unwrap()) {
        let folder = folder(&[("a.txt", &input)]);
        let diff = dechaff().current_dir(&folder).args(["diff", "a.txt"]).output().unwrap();
        let cleaned = dechaff().current_dir(&folder).args(["clean", "a.txt"]).output().unwrap();
        if diff.status.code() == Some(1) {
            Command::new("patch")
                .current_dir(&folder)
                .args(["-s", "-p0", "a.txt"])
                .write_stdin(diff.stdout)
                .assert()
                .success();
        }
        assert_eq!(read(&folder, "a.txt"), text(&cleaned.stdout));
    }
}

#[test]
fn explain_shows_what_goes_and_what_nearly_went() {
    let folder = folder(&[("a.txt", format!("{}\nShare\n\n{PROSE} It was.\n", noisy()).as_bytes())]);
    let output = dechaff().current_dir(&folder).args(["explain", "a.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    snapshots().bind(|| insta::assert_snapshot!("command-explain", text(&output.stdout)));
    let output = dechaff().current_dir(&folder).args(["explain", "--json", "a.txt"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["outcome"], "cleaned");
    let source = read(&folder, "a.txt");
    for removal in report["removals"].as_array().unwrap() {
        let span = &removal["spans"][0];
        let at = |index: usize| usize::try_from(span[index].as_u64().unwrap()).unwrap();
        assert_eq!(removal["text"], source[at(0)..at(1)]);
    }
}

#[test]
fn nothing_in_a_text_reaches_the_terminal_as_an_order() {
    let output = dechaff()
        .arg("explain")
        .write_stdin("\u{1b}[31mred\u{9b}2J \u{202e}evil\r\nPost a Comment\u{7}\n0 Comments\n")
        .output()
        .unwrap();
    assert!(
        !text(&output.stdout).chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'),
        "{:?}",
        text(&output.stdout)
    );
}

#[test]
fn records_come_out_in_order_with_every_other_byte_as_it_was() {
    let record = |id: usize, body: &str| {
        format!(
            "{{\"id\" : {id}.0, \"text\":{},  \"n\":1e3, \"é\": \"\\u00e9\"}}\n",
            serde_json::to_string(body).unwrap()
        )
    };
    let first = |body: &str| format!("\u{feff}{}", record(1, body).replace('\n', "\r\n"));
    let lines = [first(&noisy()), record(2, &article()), "\n".to_owned(), record(3, "")];
    let output = dechaff().args(["clean", "--format", "jsonl"]).write_stdin(lines.concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        [first(&article()), lines[1].clone(), lines[2].clone(), lines[3].clone()].concat()
    );
}

#[test]
fn what_is_no_record_passes_through_and_fails_at_the_end() {
    let good = serde_json::json!({"text": noisy()}).to_string();
    let input = format!("{good}\nnot json\n{{\"body\": 1}}\n[1]\n{good}");
    let output = dechaff().args(["clean", "--format", "jsonl"]).write_stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let clean = serde_json::json!({"text": article()}).to_string();
    assert_eq!(text(&output.stdout), format!("{clean}\nnot json\n{{\"body\": 1}}\n[1]\n{clean}"));
    let complaints = text(&output.stderr);
    assert_eq!(complaints.lines().count(), 3, "{complaints}");
    assert!(complaints.contains("standard input:2: no JSON object"), "{complaints}");
    assert!(
        complaints.contains("standard input:3: the record has no text in `text`, `raw_content`, `content`, `markdown`"),
        "{complaints}"
    );
}

#[test]
fn fields_can_be_named_and_are_told_from_the_input() {
    let record =
        serde_json::json!({"text": "kept", "page": {"body": noisy(), "at": "https://sub.example.org/x"}}).to_string();
    let rules = folder(&[(
        "site.yaml",
        b"schema: 1\npack: site\nrules:\n  - id: line\n    about: A line of this site\n    category: share\n    confidence: high\n    scope: {hosts: [example.org]}\n    line: {phrases: [\"Ferry late again\"]}\n    tests: {removes: [\"Ferry late again\"], keeps: [\"Ferry late\"]}\n",
    )]);
    let rules = rules.path().join("site.yaml");
    let run = |args: &[&str]| {
        let output =
            dechaff().arg("clean").args(args).arg("--rules").arg(&rules).write_stdin(record.clone()).output().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        value["page"]["body"].as_str().unwrap().to_owned()
    };
    assert_eq!(run(&["--text-field", "page.body"]), article());
    assert_eq!(run(&["--text-field", "page.body", "--url-field", "page.at"]), format!("\n{PROSE}\n").trim_start());
}

#[test]
fn rules_can_be_added_and_left_out() {
    let folder = folder(&[(
        "mine.yaml",
        b"schema: 1\npack: mine\nrules:\n  - id: gone\n    about: x\n    category: share\n    confidence: high\n    line: {phrases: [\"Ferry late again\"]}\n    tests: {removes: [\"Ferry late again\"], keeps: [\"Ferry\"]}\n",
    )]);
    let run = |args: &[&str]| {
        text(&dechaff().current_dir(&folder).arg("clean").args(args).write_stdin(noisy()).output().unwrap().stdout)
            .to_owned()
    };
    assert_eq!(run(&["--rules", "mine.yaml"]), format!("{PROSE}\n"));
    assert_eq!(run(&["--rules", ".", "--no-builtin"]), noisy().trim_start_matches("Ferry late again\n\n"));
    assert_eq!(run(&["--no-builtin"]), noisy());
    dechaff()
        .current_dir(&folder)
        .args(["rules", "test", "--rules", "mine.yaml", "mine/*"])
        .assert()
        .code(0)
        .stdout("1 rule, 2 examples, 0 failed\n");
    dechaff().current_dir(&folder).args(["rules", "test", "nobody/*"]).assert().code(2);
}

#[test]
fn a_failing_example_says_why() {
    let folder = folder(&[(
        "mine.yaml",
        b"schema: 1\npack: mine\nrules:\n  - id: weak\n    about: x\n    category: share\n    line: {phrases: [\"Share\"]}\n    guard: {near: {category: share, within_lines: 2}}\n    tests: {removes: [\"Share\"], keeps: [\"Share it\"]}\n",
    )]);
    let output = dechaff()
        .current_dir(&folder)
        .args(["rules", "test", "--no-builtin", "--rules", "mine.yaml"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    snapshots().bind(|| insta::assert_snapshot!("command-failing-example", text(&output.stdout)));
}

#[cfg(unix)]
mod on_unix {
    use super::*;

    #[test]
    fn is_quiet_when_nobody_reads_any_more() {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("dechaff"))
            .args(["clean", "--no-builtin"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), "line\n".repeat(100_000).as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(text(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn every_help_has_an_example() {
    for verb in [
        &["--help"][..],
        &["clean", "--help"],
        &["check", "--help"],
        &["diff", "--help"],
        &["explain", "--help"],
        &["rules", "--help"],
        &["rules", "test", "--help"],
    ] {
        let output = dechaff().args(verb).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("Example"), "{verb:?}");
    }
}
