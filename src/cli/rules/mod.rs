//! The workbench of rules.

mod docs;
mod lint;
mod list;
mod new;
mod show;
mod suggest;
mod test;
mod try_out;
mod why_not;

use anyhow::{Result, bail};
use dechaff::Cleaner;
use dechaff::rules::rule::Rule;
use dechaff::rules::schema;

use super::Status;
use super::args::{NewVerb, RuleVerb};
use super::messages;
use super::settings::Desk;

pub(crate) fn run(verb: &RuleVerb) -> Result<Status> {
    match verb {
        RuleVerb::Test(args) => test::run(&Desk::of_rules(&args.rules), args),
        RuleVerb::New { verb: NewVerb::Site(args) } => new::site(args),
        RuleVerb::New { verb: NewVerb::Rule(args) } => new::rule(args),
        RuleVerb::Try(args) => try_out::run(&Desk::new(&args.rules, &args.input)?, args),
        RuleVerb::WhyNot(args) => why_not::run(&Desk::new(&args.rules, &args.input)?, args),
        RuleVerb::Suggest(args) => suggest::run(&Desk::new(&args.rules, &args.input)?, args),
        RuleVerb::Lint(args) => lint::run(&Desk::of_rules(&args.rules), args),
        RuleVerb::List(args) => list::run(&Desk::of_rules(&args.rules), args),
        RuleVerb::Show(args) => show::run(&Desk::of_rules(&args.rules), args),
        RuleVerb::Docs(args) => docs::run(&Desk::of_rules(&args.rules), args),
        RuleVerb::Schema => {
            messages::print_raw(&schema::json())?;
            Ok(Status::Fine)
        }
    }
}

/// Rules by their ids, as given: `*` stands for any text.
struct Wanted {
    globs: Vec<globset::GlobMatcher>,
}

impl Wanted {
    /// Those of these ids; all where there are none.
    fn new(cleaner: &Cleaner, ids: &[String]) -> Result<Self> {
        let globs = ids.iter().map(|id| globset::Glob::new(id).map(|glob| glob.compile_matcher()));
        let wanted = Self { globs: globs.collect::<Result<_, _>>()? };
        for (glob, id) in wanted.globs.iter().zip(ids) {
            if !cleaner.rules().rules().iter().any(|rule| glob.is_match(&rule.id)) {
                return Err(unknown(cleaner, id));
            }
        }
        Ok(wanted)
    }

    fn holds(&self, rule: &Rule) -> bool {
        self.globs.is_empty() || self.globs.iter().any(|glob| glob.is_match(&rule.id))
    }
}

/// The rule with that id.
fn find<'c>(cleaner: &'c Cleaner, id: &str) -> Result<(usize, &'c Rule)> {
    if let Some(found) = cleaner.rules().find(id) {
        return Ok(found);
    }
    if cleaner.rules().disabled().iter().any(|rule| rule.id == id) {
        bail!("`{id}` is switched off by `disable` in the config file");
    }
    Err(unknown(cleaner, id))
}

fn unknown(cleaner: &Cleaner, id: &str) -> anyhow::Error {
    let ids: Vec<&str> = cleaner.rules().rules().iter().map(|rule| rule.id.as_str()).collect();
    match dechaff::rules::nearest_id(id, &ids) {
        Some(nearest) => anyhow::anyhow!("no rule is called {id}; did you mean {nearest}?"),
        None => anyhow::anyhow!("no rule is called {id}; `dechaff rules list` has them all"),
    }
}
