//! The command line: arguments, files, printing, exit codes. The only user of clap.

mod args;
mod audit;
mod batch;
mod clean;
mod config;
mod diff;
mod evidence;
mod explain;
mod input;
mod manual;
mod messages;
mod parallel;
mod rules;
mod settings;
mod signals;
mod sink;

use std::ffi::OsString;

use anyhow::Result;
use clap::Parser;

use args::{Args, ConfigVerb, Verb};
use messages::fail;
use settings::Desk;
pub use settings::own_files;

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

impl Status {
    fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::WouldChange => 1,
            Self::Failed => 2,
        }
    }
}

/// Does what the arguments say, the first of which is the command's own name, and gives the exit status.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    run(args).unwrap_or_else(|error| fail(&error)).code()
}

fn run(args: impl IntoIterator<Item = OsString>) -> Result<Status> {
    let args = Args::try_parse_from(args).unwrap_or_else(|error| {
        // clap repeats what it does not know, and not every order to a terminal that is in it does it take out.
        let said = error.to_string();
        let shown = messages::visible(&said);
        if shown != said {
            messages::note(&shown);
            std::process::exit(error.exit_code());
        }
        error.exit()
    });
    match args.verb {
        Verb::Clean(args) => clean::run(&args),
        Verb::Extract(mut args) => {
            args.input.page = true;
            clean::run(&args)
        }
        Verb::Check(args) => batch::check(&Desk::new(&args.rules, &args.input)?, &args),
        Verb::Diff(args) => diff::run(&Desk::new(&args.rules, &args.input)?, &args),
        Verb::Explain(args) => explain::run(&Desk::new(&args.rules, &args.input)?, &args),
        Verb::Audit(args) => audit::run(&Desk::new(&args.rules, &args.input)?, &args),
        Verb::Evidence { verb } => evidence::run(&verb),
        Verb::Rules { verb } => rules::run(&verb),
        Verb::Config { verb: ConfigVerb::Show(args) } => {
            config::show(&Desk::of_rules(&args.rules).at(args.level), &args)
        }
        Verb::Completions { shell } => manual::completions(shell),
        Verb::Man { folder } => manual::pages(&folder),
    }
}
