//! Runs the examples that rules carry.

use std::fmt;

use crate::clean::{Cleaned, Cleaner, Request};
use crate::decide::Terms;
use crate::origin::Origin;
use crate::rules::rule::{Action, Rule, RuleIndex};

/// An example that did not come out as its rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Full id of the rule.
    pub rule: String,
    /// `path:line` of the rule.
    pub place: String,
    /// What is wrong, in a sentence.
    pub what: String,
    /// The example's text.
    pub input: String,
    /// For cases: what came out and what should have.
    pub difference: Option<(String, String)>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})\n  {}", self.rule, self.place, self.what)?;
        let mut indented = |title: &str, text: &str| {
            writeln!(f, "  {title}:")?;
            text.lines().try_for_each(|line| writeln!(f, "    | {line}"))
        };
        indented("text", &self.input)?;
        if let Some((is, should)) = &self.difference {
            indented("came out", is)?;
            indented("should be", should)?;
        }
        Ok(())
    }
}

/// How the examples of some rules came out.
#[derive(Debug, Default)]
pub struct Trial {
    /// Examples that were tried.
    pub examples: usize,
    /// Those that failed.
    pub failures: Vec<Failure>,
}

/// Tries the examples of the rules for which `wanted` holds, each with all rules at its own rule's first level.
///
/// # Errors
/// An example is too long to be a text.
pub fn run(cleaner: &Cleaner, wanted: impl Fn(&Rule) -> bool) -> Result<Trial, crate::Error> {
    let mut trial = Trial::default();
    for (index, rule) in cleaner.rules().rules().iter().enumerate().filter(|(_, rule)| wanted(rule)) {
        Attempt { cleaner, index, rule, trial: &mut trial }.all()?;
    }
    Ok(trial)
}

struct Attempt<'a> {
    cleaner: &'a Cleaner,
    index: RuleIndex,
    rule: &'a Rule,
    trial: &'a mut Trial,
}

impl Attempt<'_> {
    fn all(&mut self) -> Result<(), crate::Error> {
        let protects = matches!(self.rule.action, Action::Keep(_));
        for input in &self.rule.tests.removes {
            self.trial.examples += 1;
            if !self.removes_something(input)? {
                let why = self.why_not(input)?;
                self.fail(input, format!("removes nothing here{why}"), None);
            }
        }
        for input in &self.rule.tests.keeps {
            self.trial.examples += 1;
            let cleaned = self.clean(input, None)?;
            let touched = cleaned.removals.iter().any(|removal| removal.rule == self.index || protects);
            if touched {
                let taken: Vec<&str> = cleaned
                    .removals
                    .iter()
                    .flat_map(|removal| &removal.spans)
                    .filter_map(|span| input.get(span.clone()))
                    .collect();
                self.fail(input, format!("should keep this, but removes {:?}", taken.join("\n")), None);
            }
        }
        for case in &self.rule.tests.cases {
            self.trial.examples += 1;
            let once = self.clean(&case.input, case.url.as_deref())?.text.into_owned();
            let twice = self.clean(&once, case.url.as_deref())?.text.into_owned();
            if once != case.output {
                self.fail(&case.input, "comes out otherwise".to_owned(), Some((once, case.output.clone())));
            } else if twice != once {
                self.fail(&case.input, "moves when it is cleaned again".to_owned(), Some((twice, once)));
            }
        }
        Ok(())
    }

    fn removes_something(&self, input: &str) -> Result<bool, crate::Error> {
        Ok(self.clean(input, None)?.removals.iter().any(|removal| removal.rule == self.index))
    }

    /// What held the rule back, for the message.
    fn why_not(&self, input: &str) -> Result<String, crate::Error> {
        let cleaned = self.clean(input, None)?;
        let held = cleaned.held.iter().find(|held| held.rule == self.index);
        Ok(held
            .map_or(": no line matches".to_owned(), |held| format!(": {}", held.reason.explain(self.cleaner.rules()))))
    }

    fn clean<'t>(&self, input: &'t str, url: Option<&str>) -> Result<Cleaned<'t>, crate::Error> {
        let origin =
            url.map(Origin::of_url).or_else(|| self.rule.scope.example_host().map(Origin::of_url)).unwrap_or_default();
        let terms = Terms { level: self.rule.first_level(), focus: Some(self.index), trace: true };
        let request = Request { terms, origin, unguarded: true };
        self.cleaner.clean(input, &request)
    }

    fn fail(&mut self, input: &str, what: String, difference: Option<(String, String)>) {
        let place = format!("{}:{}", self.rule.path.display(), self.rule.line);
        self.trial.failures.push(Failure {
            rule: self.rule.id.clone(),
            place,
            what,
            input: input.to_owned(),
            difference,
        });
    }
}
