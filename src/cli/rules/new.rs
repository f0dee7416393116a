//! New rule files, filled from texts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dechaff::fold::fold;
use dechaff::suggest::{Least, Suggester};
use dechaff::{Origin, Request, read};

use super::suggest::create;
use crate::cli::Status;
use crate::cli::args::{NewRuleArgs, NewSiteArgs};
use crate::cli::messages;
use crate::cli::messages::count;
use crate::cli::settings::Desk;

pub(super) fn site(args: &NewSiteArgs) -> Result<Status> {
    let origin = Origin::of_url(&args.host);
    let Some(host) =
        origin.host.as_deref().filter(|host| !args.host.contains('/') && *host == args.host.to_lowercase())
    else {
        bail!("`{}` is no host; write it as gazette.example.org", args.host);
    };
    let desk = Desk::of_rules(&args.rules);
    let settings = desk.fresh()?;
    let mut suggester = Suggester::default();
    for path in &args.files {
        let text = read::file(path)?;
        let request = Request { origin: origin.clone(), unguarded: true, ..Request::default() };
        let cleaned = settings.cleaner.clean(&text, &request)?;
        suggester.read(&cleaned.text, Some(host))?;
    }
    let pages = count(args.files.len(), "page");
    let least = Least { documents: 2.max((args.files.len() as u32).div_ceil(2)).min(3), ..Least::default() };
    let Some(draft) = suggester.drafts(least, "medium").into_iter().find(|draft| draft.host.is_some()) else {
        bail!(
            "no line that the rules in effect leave stands on at least {} of the {pages}; for a line that you know, say\n  \
             dechaff rules new rule --phrase 'the line' {}",
            least.documents,
            args.files.first().map(|path| path.display().to_string()).unwrap_or_default()
        );
    };
    put(args.output.as_deref(), &draft.yaml)?;
    if let Some(path) = &args.output {
        let path = path.display();
        messages::note(&format!(
            "{path}: {} from {pages}\nnext:\n  read it, and take out what is content\n  dechaff rules test --mutate --rules {path} 'sites-{host}/*'\n  dechaff rules lint {path}",
            count(draft.patterns, "pattern")
        ));
    }
    Ok(Status::Fine)
}

pub(super) fn rule(args: &NewRuleArgs) -> Result<Status> {
    let Some((pack, id)) = args.id.split_once('/') else {
        bail!("`{}` is no id of a rule; write it as pack/id", args.id);
    };
    let phrases: Vec<String> = args.phrase.iter().map(|phrase| fold(phrase)).collect();
    let found = Found::new(&args.files, &phrases)?;
    let Some((hit, path)) = found.whole.first().or(found.part.first()) else {
        bail!("{:?} is in none of the {}", args.phrase.join("\" or \""), count(args.files.len(), "file"));
    };
    // Where it is always the whole line, it must be; else the line may go on, but not for long.
    let (matching, guard) = match found.whole.is_empty() {
        false => ("", String::new()),
        true => {
            let most = found.part.iter().map(|(line, _)| line.split_whitespace().count()).max().unwrap_or(1);
            ("      match: prefix\n", format!("    guard: {{max_words: {most}}}\n"))
        }
    };
    let quoted = |text: &str| serde_json::to_string(text);
    let mut yaml = format!("schema: 1\npack: {pack}\n");
    if !found.prose.is_empty() {
        let _ = write!(yaml, "defaults:\n  texts:\n    prose: {}\n", quoted(&found.prose)?);
    }
    let _ = write!(
        yaml,
        "rules:\n  - id: {id}\n    about: Say in a sentence what noise this is\n    category: navigation  # say which, see docs/rules.md\n    confidence: medium\n    line:\n{matching}      phrases:\n"
    );
    for phrase in &args.phrase {
        let _ = writeln!(yaml, "        - {}", quoted(phrase)?);
    }
    yaml.push_str(&guard);
    yaml.push_str("    tests:\n      removes:\n");
    let around = if found.prose.is_empty() { "" } else { "{prose}\n\n" };
    let _ = writeln!(yaml, "        - {}  # {}", quoted(&format!("{around}{hit}"))?, path.display());
    if args.phrase.len() > 1 {
        let _ = writeln!(yaml, "        - {}", quoted(&format!("{around}{{phrase}}"))?);
    }
    yaml.push_str("      keeps:\n");
    match found.part.iter().find(|(line, _)| !found.whole.is_empty() && line != hit) {
        Some((line, path)) => {
            let _ = writeln!(yaml, "        - {}  # {}", quoted(line)?, path.display());
        }
        None => {
            let rest = if found.prose.is_empty() {
                "and what a sentence says about it goes on from here to its end."
            } else {
                "{prose}"
            };
            let _ = writeln!(
                yaml,
                "        - {}  # better: a sentence from an article that has the words",
                quoted(&format!("{{phrase}} {rest}"))?
            );
        }
    }
    put(args.output.as_deref(), &yaml)?;
    if let Some(path) = &args.output {
        let path = path.display();
        messages::note(&format!(
            "{path}: one rule; `dechaff rules test --mutate --rules {path} '{}'` tries it",
            args.id
        ));
    }
    Ok(Status::Fine)
}

/// Lines of files that have one of some phrases.
#[derive(Default)]
struct Found<'f> {
    whole: Vec<(String, &'f PathBuf)>,
    part: Vec<(String, &'f PathBuf)>,
    prose: String,
}

impl<'f> Found<'f> {
    fn new(files: &'f [PathBuf], phrases: &[String]) -> Result<Self> {
        let mut found = Self::default();
        for path in files {
            for line in read::file(path)?.lines() {
                let folded = fold(line);
                let line = line.trim();
                if phrases.contains(&folded) {
                    found.whole.push((line.to_owned(), path));
                } else if phrases.iter().any(|phrase| folded.contains(phrase.as_str())) {
                    found.part.push((line.to_owned(), path));
                } else if found.prose.is_empty() && line.split_whitespace().count() >= 18 && line.ends_with('.') {
                    found.prose = line.to_owned();
                }
            }
        }
        Ok(found)
    }
}

fn put(output: Option<&Path>, yaml: &str) -> Result<()> {
    match output {
        Some(path) => create(path, yaml),
        None => Ok(messages::print_raw(yaml)?),
    }
}
