//! Drafts of rules from what repeats.

use std::path::Path;

use anyhow::{Result, bail};
use dechaff::decide::Terms;
use dechaff::suggest::{Draft, Least, Suggester};
use dechaff::{Origin, Request, write};

use crate::cli::Status;
use crate::cli::args::RuleSuggestArgs;
use crate::cli::batch;
use crate::cli::messages;
use crate::cli::messages::count;
use crate::cli::settings::Desk;

pub(super) fn run(desk: &Desk<'_>, args: &RuleSuggestArgs) -> Result<Status> {
    let mut suggester = Suggester::default();
    let mut homeless = 0;
    let status = batch::each_text(desk, &args.input, |text| {
        let settings = desk.settings(None)?;
        let terms = Terms { level: settings.level, ..Terms::default() };
        let host = text.origin.host.clone().or_else(|| Origin::of_front_matter(text.text.lines()).host);
        homeless += usize::from(host.is_none());
        // What rules take already needs no suggestion.
        let request = Request { terms, origin: text.origin.clone(), unguarded: true, ..Request::default() };
        let cleaned = settings.cleaner.clean(text.text, &request)?;
        Ok(suggester.read(&cleaned.text, host.as_deref())?)
    })?;
    let drafts = suggester.drafts(Least { documents: args.least, ..Least::default() }, "low");
    let (patterns, hosts) =
        (drafts.iter().map(|draft| draft.patterns).sum(), drafts.iter().filter(|draft| draft.host.is_some()).count());
    match &args.output {
        Some(folder) => {
            for draft in &drafts {
                create(&folder.join(file_name(draft)), &draft.yaml)?;
            }
        }
        None => {
            let named = |draft: &Draft| format!("# ---- {}\n{}", file_name(draft), draft.yaml);
            match drafts.as_slice() {
                [draft] => messages::print_raw(&draft.yaml)?,
                drafts => messages::print_raw(&drafts.iter().map(named).collect::<Vec<_>>().join("\n"))?,
            }
        }
    }
    let homeless = match homeless {
        0 => String::new(),
        some => format!("; {} without a host: give --url or `hosts` in dechaff.yaml", count(some, "text")),
    };
    let (patterns, hosts) = (count(patterns, "pattern"), count(hosts, "host"));
    messages::note(&format!("{}: {patterns} drafted, for {hosts}{homeless}", count(suggester.documents(), "text")));
    Ok(status)
}

fn file_name(draft: &Draft) -> String {
    let name = draft.host.as_deref().unwrap_or("edges");
    format!("{}.yaml", name.replace(['/', '\\', ':'], "-"))
}

/// Writes a new file; one that is there already is somebody's work.
pub(super) fn create(path: &Path, text: &str) -> Result<()> {
    if path.exists() {
        bail!("{} is there already: name another file, or remove it", path.display());
    }
    Ok(write::create(path, text.as_bytes())?)
}
