//! Any text as a file that people write: rules, a config, evidence.

use std::path::Path;

use dechaff::config::Config;
use dechaff::lint;
use dechaff::rules::{Knowledge, RuleSet, Source, builtin, read_model};
use dechaff::{Cleaner, Error, Level, Request, trial};

use super::choices::Choices;
use super::promises;

/// A byte for what it is, `c` for a config, `e` for evidence, else rules; then its text.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let kind = choices.byte();
    let text = &*choices.rest();
    let tried = match kind {
        b'c' => config(text),
        b'e' => evidence(text),
        _ => rules(text),
    };
    if let Err(error) = tried {
        lies_in_the_text(text, &error);
    }
}

fn source(text: &str) -> Source<'_> {
    Source { path: Path::new("mine.yaml"), text }
}

/// Rules that are sound keep the promises, on a text that they surely fire on: their own file.
fn rules(text: &str) -> Result<(), Error> {
    let rules = RuleSet::load([source(text)], Knowledge::default())?;
    let cleaner = Cleaner::new(rules)?;
    lint::lint(cleaner.rules(), cleaner.matcher(), &[source(text)])?
        .iter()
        .for_each(|finding| lies_in_the_text(text, &finding.error));
    for rule in cleaner.rules().rules() {
        for attempt in trial::attempts(rule).iter().take(8) {
            hold(&cleaner, &attempt.text, &Request::at(Level::Eager));
        }
    }
    hold(&cleaner, text, &Request { unguarded: true, ..Request::at(Level::Eager) });
    Ok(())
}

fn hold(cleaner: &Cleaner, text: &str, request: &Request) {
    promises::clean(cleaner, text, request).unwrap_or_else(|broken| panic!("{broken}"));
}

const ADJUSTED: &str = "schema: 1\npack: p\nrules:\n  - {id: a, about: x, category: share, line: {phrases: [Share this, Tell a friend]}, tests: {removes: [Share this], keeps: [Share]}}\n";

/// What it says of rules is tried on the rule `p/a`.
fn config(text: &str) -> Result<(), Error> {
    let config = Config::read(Path::new("mine.yaml"), text.to_owned())?;
    let path = Path::new("a/b.txt");
    let _ = (config.host_of(path), config.excludes(path), config.includes(path));
    let adjusted = Source { path: Path::new("p.yaml"), text: ADJUSTED };
    RuleSet::load_with([adjusted], Knowledge::default(), Some(&config.overlay()))?;
    Ok(())
}

const WEIGHED: &str = "schema: 1\npack: p\nrules:\n  - {id: a, about: x, category: evidence, evidence: {model: m, input: page}, tests: {removes: [x], keeps: [z]}}\n";

const PAGE: &str = include_str!("../../tests/fixtures/whole-blog-comments/input.txt");

/// Evidence that is sound weighs a page.
fn evidence(text: &str) -> Result<(), Error> {
    let languages = builtin::languages()?;
    let mut model = read_model(source(text), &languages)?;
    model.name = "m".to_owned();
    let knowledge = Knowledge { languages, models: vec![model.into()] };
    let rules = RuleSet::load([Source { path: Path::new("p.yaml"), text: WEIGHED }], knowledge).expect("sound");
    let cleaner = Cleaner::new(rules).expect("few phrases");
    let mut request = Request { page: true, ..Request::at(Level::Eager) };
    request.terms.trace = true;
    hold(&cleaner, PAGE, &request);
    Ok(())
}

/// An error says something, and the place that it shows is there.
fn lies_in_the_text(text: &str, error: &Error) {
    assert!(!error.message().trim().is_empty(), "an error without a message for {text:?}");
    let Some(place) = error.place().filter(|_| error.path().is_none_or(|path| path == "mine.yaml")) else { return };
    let text = text.replace("\r\n", "\n");
    let line = text.split(['\n', '\r']).nth(place.line - 1);
    let line = line.unwrap_or_else(|| panic!("{error}, and there is no such line in {text:?}"));
    assert_eq!(place.source, line, "{error} shows another line of {text:?}");
    let end = place.column - 1 + place.width;
    assert!(
        place.width > 0 && end <= line.chars().count().max(place.column),
        "{error}: {place:?} reaches out of the line"
    );
    assert!(place.column <= line.chars().count() + 1, "{error}: {place:?} stands outside of the line");
}
