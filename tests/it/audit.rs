//! Counts over a corpus, and the page that shows them.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::dechaff;

const PROSE: &str =
    "The ferry to the outer islands was late again, the harbour master said on Monday, because of fog over the sound.";

fn corpus() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    file("a.txt", format!("{PROSE}\n\nPost a Comment\n\n0 Comments\n"));
    file("b.txt", format!("{PROSE}\n"));
    file(
        "c.md",
        format!(
            "---\nurl: https://example.org/c\n---\n\n{PROSE}\n\n<script>alert(1)</script> & </script>\n\nPost a Comment\n"
        ),
    );
    file("data.csv", "not, looked, at\n".to_owned());
    file("d.jsonl", format!("{{\"url\":\"https://example.org/d\",\"text\":\"{PROSE}\\n\\nPost a Comment\"}}\n"));
    folder
}

fn audit(folder: &TempDir, args: &[&str]) -> Value {
    let output = dechaff().current_dir(folder).args(["audit", ".", "--json"]).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn counts_hits_texts_and_hosts() {
    let report = audit(&corpus(), &[]);
    let totals = &report["totals"];
    assert_eq!((&totals["documents"], &totals["changed"], &totals["without_host"]), (&4.into(), &3.into(), &2.into()));
    assert_eq!(totals["lines_gone"], 4);
    let first = &report["rules"][0];
    assert_eq!(
        (&first["id"], &first["hits"], &first["documents"]),
        (&"en-comments/form-heading".into(), &3.into(), &3.into())
    );
    let fired = report["rules"].as_array().unwrap().len();
    let never = report["never_fired"].as_array().unwrap().len();
    assert_eq!(fired + never, crate::builtin().rules().rules().len());
    assert_eq!(report["sample"].as_array().unwrap().len(), 4);
}

#[test]
fn the_same_seed_picks_the_same_sample() {
    let folder = corpus();
    assert_eq!(audit(&folder, &["--seed", "1"]), audit(&folder, &["--seed", "1"]));
    assert_ne!(audit(&folder, &["--seed", "1"])["sample"], audit(&folder, &["--seed", "2"])["sample"]);
}

#[test]
fn the_page_holds_the_texts_and_a_script_in_one_stays_text() {
    let folder = corpus();
    let output = dechaff().current_dir(&folder).args(["audit", ".", "--html", "report.html"]).output().unwrap();
    assert!(output.status.success());
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains("{{data}}"));
    let (_, data) = page.split_once("id=\"data\">").unwrap();
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(data["totals"]["shown"], 4);
    let lines = data["documents"].as_array().unwrap().iter().find(|page| page["name"] == "c.md").unwrap();
    assert!(lines["lines"].to_string().contains("<script>alert(1)</script> & </script>"));
    assert!(lines["lines"].to_string().contains("\"Post a Comment\"]"));
    for outside in ["http://", "https://", "@import", "url("] {
        let head = page.split_once("id=\"data\">").unwrap().0;
        assert!(!head.contains(outside), "the page names something outside: {outside}");
    }
}

#[test]
fn the_page_shows_only_so_many() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..40 {
        fs::write(folder.path().join(format!("{number}.txt")), format!("{PROSE}\n")).unwrap();
    }
    fs::write(folder.path().join("noisy.txt"), format!("{PROSE}\n\nPost a Comment\n")).unwrap();
    let args = ["audit", ".", "--html", "report.html", "--show", "5"];
    let output = dechaff().current_dir(&folder).args(args).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "report.html: 5 of 41 texts shown\n");
    assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains("noisy.txt"));
}

#[test]
fn needs_something_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let output = dechaff().current_dir(&folder).args(["audit", "."]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no text in ."));
}
