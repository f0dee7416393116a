//! Completions and manual pages, made from the arguments' own descriptions.

use std::path::Path;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;

use super::Status;
use super::args::Args;
use super::messages;

pub(crate) fn completions(shell: Shell) -> Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "dechaff", &mut script);
    messages::print_raw(std::str::from_utf8(&script)?)?;
    Ok(Status::Fine)
}

/// Writes a page for the command and for each of its verbs.
pub(crate) fn pages(folder: &Path) -> Result<Status> {
    let cannot = || format!("{} cannot be written", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    clap_mangen::generate_to(Args::command(), folder).with_context(cannot)?;
    messages::note(&format!("manual pages are in {}", folder.display()));
    Ok(Status::Fine)
}
