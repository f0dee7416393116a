//! The command line: arguments, files, printing, exit codes. The only user of clap.

mod args;
mod batch;
mod diff;
mod explain;
mod messages;
mod rules;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use dechaff::rules::{RuleSet, Source, builtin};
use dechaff::{Cleaner, read};

use args::{Args, RuleArgs, RuleVerb, Verb};
pub(crate) use messages::fail;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Clean, or cleaned.
    Fine,
    /// `check` and `diff`: something would change.
    WouldChange,
    /// Something failed; everything else was done.
    Failed,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Fine => ExitCode::SUCCESS,
            Status::WouldChange => ExitCode::from(1),
            Status::Failed => ExitCode::from(2),
        }
    }
}

pub(crate) fn run() -> Result<Status> {
    let args = Args::parse();
    match args.verb {
        Verb::Clean(args) => batch::clean(&cleaner(&args.rules)?, &args),
        Verb::Check(args) => batch::check(&cleaner(&args.rules)?, &args),
        Verb::Diff(args) => diff::run(&cleaner(&args.rules)?, &args),
        Verb::Explain(args) => explain::run(&cleaner(&args.rules)?, &args),
        Verb::Rules { verb: RuleVerb::Test(args) } => rules::test(cleaner(&args.rules)?, &args),
    }
}

/// The cleaner that the arguments ask for: built-in rules, and the files and folders that were named.
fn cleaner(args: &RuleArgs) -> Result<Cleaner> {
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for path in &args.paths {
        collect(path, &mut files)?;
    }
    let builtin = builtin::sources().filter(|_| !args.no_builtin);
    let own = files.iter().map(|(path, text)| Source { path, text });
    let rules = RuleSet::load(builtin.map(reborrow).chain(own), builtin::languages()?)?;
    Ok(Cleaner::new(rules)?)
}

/// The embedded sources live for ever; beside files that were read they need not.
fn reborrow<'s>(source: Source<'static>) -> Source<'s> {
    source
}

/// Reads a rule file, or all of a folder and the folders in it, ordered by name.
fn collect(path: &Path, files: &mut Vec<(PathBuf, String)>) -> Result<()> {
    if !path.is_dir() {
        files.push((path.to_path_buf(), read::file(path)?));
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
        .with_context(|| format!("{} cannot be read", path.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() || builtin::is_rule_file(&entry) {
            collect(&entry, files)?;
        }
    }
    Ok(())
}
