//! Findings about rule files, for people and for machines.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use dechaff::lint::{self, Finding};
use dechaff::rules::Source;
use serde::Serialize;

use crate::cli::Status;
use crate::cli::args::{LintFormat, RuleLintArgs};
use crate::cli::messages;
use crate::cli::messages::count;
use crate::cli::settings::{Desk, collect};

#[derive(Serialize)]
struct Told<'f> {
    check: &'static str,
    path: String,
    line: usize,
    column: usize,
    message: &'f str,
    help: &'f str,
}

impl<'f> Told<'f> {
    fn new(finding: &'f Finding) -> Self {
        let place = finding.error.place();
        Self {
            check: finding.check,
            path: finding.error.path().map(|path| path.display().to_string()).unwrap_or_default(),
            line: place.map_or(1, |place| place.line),
            column: place.map_or(1, |place| place.column),
            message: finding.error.message(),
            help: finding.error.advice().unwrap_or_default(),
        }
    }
}

pub(super) fn run(desk: &Desk<'_>, args: &RuleLintArgs) -> Result<Status> {
    let mut asked = Vec::new();
    args.paths.iter().try_for_each(|path| collect(path, &mut asked))?;
    let alone: Vec<Source<'_>> = asked.iter().map(|(path, text)| Source { path, text }).collect();
    let mut findings = lint::unsound(&alone);
    if findings.is_empty() {
        let settings = desk.with(&args.paths)?;
        let wanted = |path: &Path| asked.is_empty() || asked.iter().any(|(other, _)| other == path);
        let sources: Vec<Source<'_>> = settings.sources().filter(|source| wanted(source.path)).collect();
        findings = lint::lint(settings.cleaner.rules(), settings.cleaner.matcher(), &sources)?;
    }
    match args.format {
        LintFormat::Text => {
            for finding in &findings {
                messages::print(&format!("{}\n", messages::warning(finding.check, &finding.error)))?;
            }
            let files = if asked.is_empty() { String::new() } else { format!(" in {}", count(asked.len(), "file")) };
            messages::print(&format!("{}{files}\n", count(findings.len(), "finding")))?;
        }
        LintFormat::Json => {
            let told: Vec<Told<'_>> = findings.iter().map(Told::new).collect();
            messages::print(&(serde_json::to_string(&told)? + "\n"))?;
        }
        LintFormat::Github => messages::print(&for_github(&findings))?,
    }
    Ok(if findings.is_empty() { Status::Fine } else { Status::WouldChange })
}

/// Workflow commands, a line each, with what would end a part of one escaped.
fn for_github(findings: &[Finding]) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for finding in findings {
        let Told { check, path, line, column, message, help } = Told::new(finding);
        let (path, message, help) = (property(&path), escaped(message), escaped(help));
        let _ = writeln!(out, "::warning file={path},line={line},col={column},title={check}::{message}%0A{help}");
    }
    out
}
