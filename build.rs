//! Embeds the folder `rules/`, so that the binary works with no file beside it: the files as they are, and what they
//! come to once they are read and checked, so that the binary need not do it at each start.
//!
//! The checks are those of the library itself: its modules are part of this program too.

#![expect(dead_code, unused_imports, reason = "of the library only what checks rules is needed here")]
#![expect(clippy::allow_attributes, reason = "an expectation that is not met cannot itself be expected")]
#![allow(unfulfilled_lint_expectations, reason = "missing docs, say, are no matter here")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

#[path = "src/document.rs"]
mod document;
#[path = "src/error.rs"]
mod error;
#[path = "src/evidence/mod.rs"]
mod evidence;
#[path = "src/fold.rs"]
mod fold;
#[path = "src/language.rs"]
mod language;
#[path = "src/limits.rs"]
mod limits;
#[path = "src/matcher/mod.rs"]
mod matcher;
#[path = "src/origin.rs"]
mod origin;
#[path = "src/rules/mod.rs"]
mod rules;
#[path = "src/words.rs"]
mod words;

/// The files where the library has them embedded; nothing is frozen yet.
mod embedded {
    pub(crate) fn files() -> &'static [(&'static str, &'static str)] {
        super::FILES.as_slice()
    }

    pub(crate) fn models() -> &'static [(&'static str, &'static [u8])] {
        &[]
    }

    pub(crate) fn rules() -> &'static [u8] {
        &[]
    }

    pub(crate) fn matcher() -> &'static [u8] {
        &[]
    }
}

static FILES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let root = root();
    let mut files = Vec::new();
    collect(&root.join("rules"), &mut files);
    files.sort();
    let named = |file: PathBuf| {
        let name = file.strip_prefix(&root).expect("below the root").to_str().expect("UTF-8").replace('\\', "/");
        let text = fs::read_to_string(&file).expect("rules/ is readable");
        (&*name.leak(), &*text.leak())
    };
    files.into_iter().map(named).collect()
});

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-env-changed=CARGO_MANIFEST_DIR");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let write = |name: &str, content: &[u8]| fs::write(out.join(name), content).expect("OUT_DIR is writable");
    match freeze() {
        Ok(frozen) => {
            let names: Vec<&str> = frozen.models.iter().map(|(name, _)| &**name).collect();
            write("embedded.rs", code_of(&names).as_bytes());
            write("rules.bin", &frozen.rules);
            write("matcher.bin", &frozen.matcher);
            frozen.models.iter().for_each(|(name, model)| write(&format!("{name}.model"), model));
        }
        Err(error) => {
            let line = error.place().map(|place| format!("    {}", place.source.trim()));
            let help = error.advice().map(|advice| format!("help: {advice}"));
            for line in [Some(error.to_string()), line, help].iter().flatten().flat_map(|text| text.lines()) {
                println!("cargo::error={line}");
            }
            std::process::exit(1);
        }
    }
}

/// What the binary has no need to read and check at each start.
struct Frozen {
    rules: Vec<u8>,
    matcher: Vec<u8>,
    models: Vec<(String, Vec<u8>)>,
}

fn freeze() -> Result<Frozen, error::Error> {
    let rules = rules::builtin::rules_as_written()?;
    let models = rules.models().iter().filter_map(|named| Some((named.name.clone(), named.get()?)));
    let models = models.map(|(name, model)| Ok((name, model.freeze()?))).collect::<Result<_, error::Error>>()?;
    Ok(Frozen { rules: rules.freeze()?, matcher: matcher::Matcher::freeze(&rules), models })
}

/// What the binary includes: the files but those of evidence, and models of these names.
fn code_of(models: &[&str]) -> String {
    let mut code = String::from("static FILES: &[(&str, &str)] = &[\n");
    for (name, _) in embedded::files().iter().filter(|(name, _)| !name.starts_with(rules::builtin::EVIDENCE)) {
        // The folder is named when the crate is compiled: a target folder may move, or be shared with another checkout.
        let path = format!("/{name}");
        writeln!(code, "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),")
            .expect("a String");
    }
    code.push_str("];\nstatic MODELS: &[(&str, &[u8])] = &[\n");
    for name in models {
        let path = format!("/{name}.model");
        writeln!(code, "    ({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), {path:?}))),").expect("a String");
    }
    code.push_str("];\n");
    code
}

fn root() -> PathBuf {
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("rules/ is there") {
        let path = entry.expect("rules/ is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}
