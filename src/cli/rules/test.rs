//! Runs the examples of rules, tells what they do not exercise, and what nobody would miss.

use std::fmt::Write as _;

use anyhow::Result;
use dechaff::Cleaner;
use dechaff::matcher::Piece;
use dechaff::rules::file::Level;
use dechaff::trial::{self, Kind, Survivor, Uncovered};
use serde::Serialize;

use super::Wanted;
use crate::cli::Status;
use crate::cli::args::RuleTestArgs;
use crate::cli::messages;
use crate::cli::messages::count;
use crate::cli::settings::Desk;

#[derive(Serialize)]
struct Findings {
    rules: usize,
    examples: usize,
    failures: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncovered: Option<Vec<Missing>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    survivors: Option<Vec<Missing>>,
}

#[derive(Serialize)]
struct Missing {
    rule: String,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Suggested>,
}

#[derive(Serialize)]
struct Suggested {
    list: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<Level>,
}

pub(super) fn run(desk: &Desk<'_>, args: &RuleTestArgs) -> Result<Status> {
    let mut cleaner = desk.fresh()?.cleaner;
    let wanted = Wanted::new(&cleaner, &args.ids)?;
    let rules = cleaner.rules().rules().iter().filter(|rule| wanted.holds(rule)).count();
    let trial = trial::run(&cleaner, |rule| wanted.holds(rule))?;
    let uncovered = match args.coverage {
        true => {
            let found = trial::uncovered(&cleaner, |rule| wanted.holds(rule))?;
            Some(found.iter().map(|found| missing_of(&cleaner, found)).collect::<Vec<_>>())
        }
        false => None,
    };
    let survivors = match args.mutate {
        true => {
            let found = trial::mutate(&mut cleaner, |rule| wanted.holds(rule))?;
            Some(found.iter().map(|survivor| survivor_of(&cleaner, survivor)).collect::<Vec<_>>())
        }
        false => None,
    };
    let failures = trial.failures.iter().map(ToString::to_string).collect();
    let findings = Findings { rules, examples: trial.examples, failures, uncovered, survivors };
    let text = match args.json {
        true => serde_json::to_string(&findings)? + "\n",
        false => messages::visible(&findings.to_text()),
    };
    messages::print(&text)?;
    Ok(if findings.are_none() { Status::Fine } else { Status::Failed })
}

fn id(cleaner: &Cleaner, rule: usize) -> String {
    cleaner.rules().rules().get(rule).map(|rule| rule.id.clone()).unwrap_or_default()
}

fn missing_of(cleaner: &Cleaner, uncovered: &Uncovered) -> Missing {
    let what = |piece: Piece| trial::wording(cleaner.rules(), piece);
    let what = uncovered.piece.map_or("the rule".to_owned(), what);
    Missing { rule: id(cleaner, uncovered.rule), what, example: None }
}

fn survivor_of(cleaner: &Cleaner, survivor: &Survivor) -> Missing {
    let example = survivor.example.as_ref().map(|example| Suggested {
        list: if example.kind == Kind::Keeps { "keeps" } else { "removes" },
        text: example.text.clone(),
        level: example.level,
    });
    Missing { rule: id(cleaner, survivor.rule), what: survivor.what.clone(), example }
}

impl Findings {
    fn are_none(&self) -> bool {
        let none = |list: &Option<Vec<Missing>>| list.as_ref().is_none_or(Vec::is_empty);
        self.failures.is_empty() && none(&self.uncovered) && none(&self.survivors)
    }

    fn to_text(&self) -> String {
        let mut out = String::new();
        self.failures.iter().for_each(|failure| out.push_str(failure));
        for missing in self.uncovered.iter().flatten() {
            let _ = writeln!(out, "{}: no example makes {} fire", missing.rule, missing.what);
        }
        for missing in self.survivors.iter().flatten() {
            let _ = writeln!(out, "{}: without {}, every example comes out the same", missing.rule, missing.what);
            if let Some(example) = &missing.example {
                let level = example.level.map(|level| format!(", at {}", level.name())).unwrap_or_default();
                let _ = writeln!(out, "  this one would not ({}{level}):", example.list);
                example.text.lines().for_each(|line| out.push_str(&format!("    | {line}\n")));
            }
        }
        let (rules, examples, failed) =
            (count(self.rules, "rule"), count(self.examples, "example"), self.failures.len());
        let _ = write!(out, "{rules}, {examples}, {failed} failed");
        if let Some(list) = &self.uncovered {
            let _ = write!(out, ", {} uncovered", list.len());
        }
        if let Some(list) = &self.survivors {
            let _ = write!(out, ", {}", count(list.len(), "survivor"));
        }
        out.push('\n');
        out
    }
}
