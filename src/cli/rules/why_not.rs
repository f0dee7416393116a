//! Why a rule leaves a text alone.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use dechaff::Request;
use dechaff::decide::Terms;
use dechaff::near_miss::{self, WhyNot};

use super::find;
use crate::cli::Status;
use crate::cli::args::RuleWhyNotArgs;
use crate::cli::batch;
use crate::cli::messages::count;
use crate::cli::messages::{self, visible};
use crate::cli::settings::Desk;

const WHY: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();

/// Lines that are shown.
const MISSES: usize = 5;

pub(super) fn run(desk: &Desk<'_>, args: &RuleWhyNotArgs) -> Result<Status> {
    batch::each_text(desk, &args.input, |text| {
        let settings = desk.settings(None)?;
        let (rule, _) = find(&settings.cleaner, &args.id)?;
        let terms = Terms { level: settings.level, ..Terms::default() };
        let request = Request { terms, origin: text.origin.clone(), ..Request::default() };
        let found = near_miss::why_not(&settings.cleaner, rule, text.text, &request, MISSES)?;
        let shown = match args.json {
            true => serde_json::to_string(&found)? + "\n",
            false => told(&text.name, &args.id, &found),
        };
        Ok(messages::print(&shown)?)
    })
}

fn told(name: &str, id: &str, found: &WhyNot) -> String {
    let mut out = String::new();
    let name = visible(name);
    let _ = match found.takes.as_slice() {
        [] => writeln!(out, "{name}: {id} takes nothing"),
        lines => {
            let list: Vec<String> = lines.iter().take(12).map(ToString::to_string).collect();
            let more = if lines.len() > list.len() { " ..." } else { "" };
            writeln!(out, "{name}: {id} takes {}: {}{more}", count(lines.len(), "line"), list.join(", "))
        }
    };
    for obstacle in &found.obstacles {
        let _ = writeln!(out, "  {WHY}{}{WHY:#}", visible(obstacle));
    }
    for miss in &found.misses {
        let text: String = visible(miss.text.trim()).chars().take(100).collect();
        let _ = writeln!(out, "{FAINT}{:>5}{FAINT:#}   {text}\n      {WHY}~ {}{WHY:#}", miss.line, visible(&miss.why));
    }
    if found.misses.is_empty() && found.takes.is_empty() {
        out.push_str("  no line comes near what it looks for\n");
    }
    out
}
