//! Streams that end, are full, are closed or are terminals; signals; names that give orders (T8).
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::command::{article, dechaff, noisy, text};

/// The binary run by a shell, for what only a shell can do to its streams; `$0` is the binary.
fn shell(command: &str, input: &str) -> std::process::Output {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .arg(assert_cmd::cargo::cargo_bin!("dechaff"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Where nobody reads it, it need not be written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn a_full_disk_behind_standard_output_is_a_failure() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    for verb in ["clean", "extract", "diff", "explain", "check", "clean --format jsonl", "rules list"] {
        let input = if verb.contains("jsonl") { serde_json::json!({"text": noisy()}).to_string() } else { noisy() };
        let output = shell(&format!("\"$0\" {verb} > /dev/full"), &input);
        assert_eq!(output.status.code(), Some(2), "{verb}");
        assert_eq!(
            text(&output.stderr),
            "error: standard output cannot be written: no space left on device\n",
            "{verb}"
        );
    }
}

#[test]
fn whoever_stops_reading_hears_no_complaint() {
    let lines = "The tide came in and went out again, and nobody saw it.\n".repeat(20_000);
    let record = serde_json::json!({"text": noisy()}).to_string() + "\n";
    for (verb, input) in [("clean", &lines), ("clean --format jsonl", &record.repeat(2000)), ("explain", &lines)] {
        let output = shell(&format!("{{ \"$0\" {verb}; echo \"ended with $?\" >&2; }} | head -n 1"), input);
        assert_eq!(text(&output.stderr), "ended with 0\n", "{verb}");
        assert_eq!(text(&output.stdout).lines().count(), 1, "{verb}");
    }
}

#[test]
fn closed_streams_are_no_reason_to_panic() {
    // What is closed when a program starts is /dev/null to it: Rust opens it so, lest a file take its number.
    for (command, code) in [("\"$0\" clean <&-", 0), ("\"$0\" clean >&-", 0), ("\"$0\" clean nowhere.txt 2>&-", 2)] {
        let output = shell(command, &noisy());
        assert_eq!(output.status.code(), Some(code), "{command}");
        assert!(!text(&output.stderr).contains("panicked"), "{command}: {}", text(&output.stderr));
    }
}

#[test]
fn an_interrupt_ends_with_130_and_leaves_whole_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let content = (serde_json::json!({"text": noisy()}).to_string() + "\n").repeat(20_000);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        for wait in [60, 300, 700] {
            fs::write(&path, &content).unwrap();
            let mut child = Command::new(assert_cmd::cargo::cargo_bin!("dechaff"))
                .args(["clean", "-w"])
                .arg(&path)
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(wait));
            Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
            let ended = child.wait().unwrap().code();
            let now = fs::read_to_string(&path).unwrap();
            // Before it can listen the system ends it, and when it was faster it has ended well, or was about to.
            let is_cleaned = now.lines().count() == 20_000 && now.ends_with('\n') && now.len() < content.len();
            let whole = match ended {
                Some(0) => is_cleaned,
                Some(other) => other == code && (now == content || is_cleaned),
                None => now == content,
            };
            assert!(whole, "{signal} after {wait} ms: {ended:?}, {} of {} bytes", now.len(), content.len());
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "{signal} after {wait} ms left something");
        }
    }
    let mut child = dechaff_waiting();
    std::thread::sleep(Duration::from_millis(1500));
    Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "while it waits for standard input");
}

fn dechaff_waiting() -> std::process::Child {
    let binary = assert_cmd::cargo::cargo_bin!("dechaff");
    Command::new(binary).arg("clean").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
}

#[test]
fn no_name_and_no_text_gives_a_terminal_orders() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "a\u{1b}[2J\u{9b}31m\n\u{202e}b";
    for verb in [evil.to_owned(), format!("--{evil}")] {
        let output = dechaff().arg(&verb).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(!text(&output.stderr).contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{:?}", text(&output.stderr));
    }
    for name in [format!("{evil}.txt"), format!("{evil}.jsonl")] {
        fs::write(folder.path().join(&name), noisy()).unwrap();
        for args in [&["clean", "-o", "out"][..], &["check"], &["diff"], &["explain"], &["clean", "-o", "/dev/null/x"]]
        {
            let output = dechaff().current_dir(&folder).args(args).arg(&name).output().unwrap();
            let ordered = |bytes: &[u8]| text(bytes).contains(['\u{1b}', '\u{9b}', '\u{202e}']);
            assert!(!ordered(&output.stderr), "{args:?}: {:?}", text(&output.stderr));
            // A diff that goes to a file must name the file as it is, so that `patch` finds it.
            assert!(args == ["diff"] || !ordered(&output.stdout), "{args:?}: {:?}", text(&output.stdout));
        }
    }
}

/// What a terminal gets when that runs in one; `script` makes it. `None` where it is not installed.
fn in_terminal(command: &str, folder: &std::path::Path) -> Option<String> {
    let log = folder.join("log");
    let ran = Command::new("script")
        .args(["-q", "-e", "-c", command])
        .arg(&log)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .status();
    ran.ok()?;
    let mut seen = String::new();
    File::open(log).ok()?.read_to_string(&mut seen).ok()?;
    Some(seen)
}

#[test]
fn a_text_on_a_terminal_is_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, format!("{}\n\u{1b}[2Jred\u{7}\n", article())).unwrap();
    let binary = assert_cmd::cargo::cargo_bin!("dechaff");
    let Some(seen) = in_terminal(&format!("{} clean {}", binary.display(), path.display()), folder.path()) else {
        return;
    };
    assert!(seen.contains("\u{241b}[2Jred\u{2407}"), "{seen:?}");
    assert!(!seen.contains("\u{1b}[2J"), "{seen:?}");
    let file = format!("{} clean {} > {}", binary.display(), path.display(), folder.path().join("out").display());
    in_terminal(&file, folder.path());
    assert!(
        fs::read_to_string(folder.path().join("out")).unwrap().contains("\u{1b}[2Jred\u{7}"),
        "a file gets the bytes"
    );
}
