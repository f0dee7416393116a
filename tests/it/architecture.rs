//! Data goes one way: a module imports only what stands before it in DESIGN's table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of the library and the modules it may name.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("embedded", &["matcher", "rules"]),
    ("error", &[]),
    ("document", &["error", "limits"]),
    ("fold", &["document"]),
    ("words", &["fold"]),
    ("origin", &["limits"]),
    ("language", &["document", "fold", "limits", "rules", "words"]),
    ("evidence", &["error", "fold", "language", "limits"]),
    ("rules", &["embedded", "error", "evidence", "fold", "language", "limits", "origin"]),
    ("matcher", &["document", "embedded", "error", "fold", "language", "limits", "rules", "words"]),
    ("measure", &["evidence", "fold", "limits", "matcher", "rules"]),
    ("decide", &["document", "evidence", "fold", "language", "limits", "matcher", "measure", "origin", "rules"]),
    ("render", &["document", "matcher"]),
    (
        "clean",
        &[
            "decide", "document", "error", "evidence", "language", "limits", "matcher", "measure", "origin", "render",
            "rules",
        ],
    ),
    ("record", &["clean", "document", "error", "origin", "rules"]),
    ("report", &["clean", "document", "error", "evidence", "limits", "rules"]),
    ("trial", &["clean", "decide", "document", "error", "fold", "matcher", "origin", "rules"]),
    ("lint", &["error", "fold", "limits", "matcher", "rules", "trial"]),
    ("near_miss", &["clean", "decide", "document", "error", "fold", "matcher", "origin", "rules"]),
    ("suggest", &["document", "error", "fold", "limits", "matcher", "rules"]),
    ("audit", &["clean", "document", "error", "fold", "limits", "matcher", "rules"]),
    ("config", &["error", "rules"]),
    ("read", &["error"]),
    ("write", &["error", "read"]),
    ("codec", &[]),
    ("wet", &["error", "read"]),
    ("lib", &["clean", "error", "origin", "rules"]),
];

/// Only tests may look sideways.
const TESTS_ONLY: &[(&str, &str)] = &[("language", "rules")];

#[test]
fn modules_import_only_what_stands_before_them() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    for (module, files) in modules() {
        let Some(allowed) = allowed.get(module.as_str()) else { panic!("the module `{module}` is not in the table") };
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let (code, tests) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
            for import in imports(code) {
                let sideways = TESTS_ONLY.contains(&(module.as_str(), import.as_str()));
                assert!(
                    import == module || allowed.contains(&import.as_str()) && !sideways,
                    "{} names `{import}`, which `{module}` may not",
                    file.display()
                );
            }
            for import in imports(tests) {
                assert!(
                    import == module || allowed.contains(&import.as_str()),
                    "a test in {} names `{import}`",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn only_two_modules_touch_files_and_none_prints() {
    for (module, files) in modules() {
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: String =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            let touches = ["std::fs", "std::io", "std::env", "std::time", "std::process", "println!", "eprintln!"];
            for word in touches.iter().filter(|word| code.contains(**word)) {
                // Streams that are given are no files.
                let may = *word == "std::io" && (module == "codec" || module == "wet");
                assert!(may || module == "read" || module == "write", "{} has {word}", file.display());
            }
        }
    }
}

#[test]
fn whatlang_and_clap_have_one_user_each() {
    let users = |word: &str| -> Vec<String> {
        let uses = |files: &[PathBuf]| files.iter().any(|file| fs::read_to_string(file).unwrap().contains(word));
        modules().into_iter().filter(|(_, files)| uses(files)).map(|(module, _)| module).collect()
    };
    assert_eq!(users("use whatlang::"), ["language"]);
    assert!(users("use clap::").is_empty(), "clap belongs to the command");
}

/// The command lies in the library so that the Python package has it; the library must do without it.
#[test]
fn nothing_in_the_library_uses_the_command() {
    for (module, files) in modules() {
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let names =
                code.filter(|line| ["crate::cli", "dechaff::cli", "cli::"].iter().any(|name| line.contains(name)));
            // The command may name the library as `dechaff`; a module of the library that did would evade the table.
            let evades = text.lines().filter(|line| line.starts_with("use dechaff::"));
            let found: Vec<&str> = names.chain(evades).collect();
            assert!(found.is_empty(), "`{module}`, in {}, has {found:?}", file.display());
        }
    }
}

/// The modules of the library, by name, with their files.
fn modules() -> BTreeMap<String, Vec<PathBuf>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "main" || name == "cli" {
            continue;
        }
        let mut files = Vec::new();
        collect(&path, &mut files);
        modules.entry(name).or_default().extend(files);
    }
    modules
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), files));
    } else {
        files.push(path.to_path_buf());
    }
}

/// Every `crate::name` outside comments that is a module, and every `pub mod name;` of lib.rs as none.
fn imports(code: &str) -> Vec<String> {
    let known: Vec<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).collect();
    let mut found = Vec::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if known.contains(&name.as_str()) {
                found.push(name);
            }
        }
    }
    found
}
