//! What the README shows is what happens.

use std::fs;

use crate::command::dechaff;

const README: &str = include_str!("../../README.md");

/// The first fenced block that begins with these words, its fence's indent taken off.
fn block(start: &str) -> String {
    let at = README.find(start).unwrap_or_else(|| panic!("no block begins with {start}"));
    let indent = README[..at].rfind('\n').map_or(0, |line| at - line - 1);
    let lines = README[at - indent..].lines().take_while(|line| !line.trim_start().starts_with("```"));
    lines.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n").collect()
}

/// Every line of a shown session after its command is a line of the real output; dots stand for left-out lines.
fn is_shown(session: &str, output: &str) {
    for line in session.lines().skip(1).filter(|line| *line != "...") {
        assert!(
            output.lines().any(|real| real.trim_end() == line.trim_end()),
            "the README shows\n{line}\nbut this came out:\n{output}"
        );
    }
}

#[test]
fn the_sessions_are_real() {
    let root = env!("CARGO_MANIFEST_DIR");
    let output = dechaff().current_dir(root).args(["explain", "examples/harbour-bridge.txt"]).output().unwrap();
    is_shown(&block("$ cargo run --release -- explain"), std::str::from_utf8(&output.stdout).unwrap());

    let page = ["explain", "--page", "tests/fixtures/whole-news-old-mill/input.txt"];
    let output = dechaff().current_dir(root).args(page).output().unwrap();
    is_shown(&block("$ dechaff explain --page"), std::str::from_utf8(&output.stdout).unwrap());

    let session = block("$ printf 'Share");
    let text = session.split('\'').nth(1).unwrap().replace("\\n", "\n");
    let output = dechaff().arg("explain").write_stdin(text).output().unwrap();
    is_shown(&session, std::str::from_utf8(&output.stdout).unwrap());
}

#[test]
fn a_site_rule_is_added_as_it_says() {
    let rule = block("schema: 1\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my-rules/gazette.example.org.yaml");
    fs::create_dir(folder.path().join("my-rules")).unwrap();
    let test = || {
        let test = ["rules", "test", "--rules", "my-rules", "gazette.example.org/*"];
        dechaff().current_dir(folder.path()).args(test).output().unwrap().status.code()
    };
    fs::write(&path, &rule).unwrap();
    assert_eq!(test(), Some(2));
    fs::write(&path, rule.replace("max_words: 20", "max_words: 10")).unwrap();
    assert_eq!(test(), Some(0));

    let page = "The mayor has opened a bridge.\nSeen something? Tell the Gazette: tips@gazette.example.org\n";
    let clean = |url: &str| {
        let command = ["clean", "--rules", "my-rules", "--url", url];
        let output = dechaff().current_dir(folder.path()).args(command).write_stdin(page).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(clean("https://gazette.example.org/a"), "The mayor has opened a bridge.\n");
    assert_eq!(clean("https://elsewhere.example.org/a"), page);

    fs::write(&path, rule.replace("phrases", "phrasse")).unwrap();
    let output =
        dechaff().current_dir(folder.path()).args(["clean", "--rules", "my-rules"]).write_stdin(page).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    is_shown(&format!("\n{}", block("error: unknown key")), &complaint);
}
