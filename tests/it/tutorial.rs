//! `docs/writing-rules.md` is run: its commands, in a folder with its pages, print what it shows.

use std::fs;
use std::path::Path;
use std::process::Command;

const TUTORIAL: &str = include_str!("../../docs/writing-rules.md");

/// A part of the tutorial that does something.
enum Step {
    /// A file that the reader writes.
    Write { path: String, text: String },
    /// A command and what it prints.
    Run { command: String, output: String },
}

/// Blocks in ```yaml under a line "In `path`:" are files, blocks in ```console are commands.
fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = text.lines();
    let mut file: Option<String> = None;
    while let Some(line) = lines.next() {
        if line.trim_end() == "```console" {
            for line in lines.by_ref().take_while(|line| line.trim_end() != "```") {
                match (line.strip_prefix("$ "), steps.last_mut()) {
                    (Some(command), _) => steps.push(Step::Run { command: command.to_owned(), output: String::new() }),
                    (None, Some(Step::Run { output, .. })) => *output += &format!("{}\n", line.trim_end()),
                    (None, _) => panic!("a console block begins with `$ `, not with {line}"),
                }
            }
        } else if line.trim_end() == "```yaml" {
            let body: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
            if let Some(path) = file.take() {
                steps.push(Step::Write { path, text: body.join("\n") + "\n" });
            }
        } else if !line.trim().is_empty() {
            let named = line.trim_end().strip_suffix("`:").and_then(|line| line.rsplit_once("In `"));
            file = named.map(|(_, path)| path.to_owned());
        }
    }
    steps
}

/// What a command prints, with its exit status before it where that is not 0.
fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_dechaff"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    let done = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let status = match done.status.code() {
        Some(0) => String::new(),
        code => format!("? {}\n", code.unwrap()),
    };
    let printed = [done.stdout, done.stderr].concat();
    let printed = String::from_utf8(printed).unwrap();
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    status + &lines.iter().map(|line| format!("{line}\n")).collect::<String>()
}

#[test]
#[cfg(unix)]
fn the_tutorial_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir(&pages).unwrap();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/writing-rules/pages")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), pages.join(entry.file_name())).unwrap();
    }
    let steps = steps(TUTORIAL);
    assert!(steps.len() > 15, "only {} steps were found", steps.len());
    let assert = snapbox::Assert::new().action_env("SNAPSHOTS");
    for step in steps {
        match step {
            Step::Write { path, text } => {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Step::Run { command, output } => {
                let shown = format!("$ {command}\n{}", output.trim_end());
                let real = format!("$ {command}\n{}", run(&command, folder.path()).trim_end());
                assert.eq(real, snapbox::data::Data::text(shown));
            }
        }
    }
}
