//! The rules as the build froze them are the rules as their files have them.

use std::path::Path;

use dechaff::rules::{RuleSet, Source, builtin, read_model};
use dechaff::{Cleaner, Level, Request};

/// A user's rules: one whose id sorts before the built-in ones, one that sorts behind, one that names them.
const OWN: &str = r#"
schema: 1
pack: aa-own
rules:
  - id: harbour
    about: A line of the harbour office
    category: legal
    line: {match: contains, phrases: ["harbour office notice", "{n} berths free"]}
    tests: {removes: ["A harbour office notice"], keeps: ["The harbour office noticed it."]}
  - id: kept
    about: A line that stays
    category: protect
    keep: {from: ["*"], match: whole, phrases: ["Post a Comment"]}
    tests: {keeps: ["Post a Comment"]}
"#;

fn as_written() -> RuleSet {
    RuleSet::load(builtin::sources(), builtin::knowledge().unwrap()).unwrap()
}

/// Both ways to the built-in rules and a user's.
fn with_own(disable: &str) -> [Cleaner; 2] {
    let config = format!("disable: [{disable}]\n");
    let config = dechaff::config::Config::read(Path::new("dechaff.yaml"), config).unwrap();
    let own = || [Source { path: Path::new("own.yaml"), text: OWN }];
    let overlay = config.overlay();
    let knowledge = || builtin::knowledge().unwrap();
    let read = RuleSet::load_with(builtin::sources().chain(own()), knowledge(), Some(&overlay)).unwrap();
    let thawed = builtin::rules_with(own(), knowledge(), Some(&overlay)).unwrap();
    [read, thawed].map(|rules| Cleaner::new(rules).unwrap())
}

/// What a rule set freezes to has every field that cleaning uses.
#[test]
fn frozen_rules_are_those_of_the_files() {
    let (read, thawed) = (as_written(), builtin::rules().unwrap());
    assert_eq!(read.languages(), thawed.languages());
    assert!(read.freeze().unwrap() == thawed.freeze().unwrap());
    for (read, thawed) in read.rules().iter().zip(thawed.rules()) {
        assert_eq!(format!("{:?}", *read.written), format!("{:?}", *thawed.written), "{}", read.id);
        assert_eq!(read.texts(), thawed.texts(), "{}", read.id);
    }
}

#[test]
fn frozen_models_are_those_of_the_files() {
    let knowledge = builtin::knowledge().unwrap();
    assert!(!knowledge.models.is_empty());
    for named in &knowledge.models {
        let path = format!("rules/evidence/{}.yaml", named.name);
        let text = std::fs::read_to_string(&path).unwrap();
        let read = read_model(Source { path: Path::new(&path), text: &text }, &knowledge.languages).unwrap();
        assert!(read.freeze().unwrap() == named.get().unwrap().freeze().unwrap(), "{path}");
    }
}

fn assert_clean_alike(read: &Cleaner, thawed: &Cleaner) {
    let ids = |cleaner: &Cleaner| cleaner.rules().rules().iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(read), ids(thawed));
    assert!(read.rules().freeze().unwrap() == thawed.rules().freeze().unwrap());
    let mut workspaces = (Default::default(), Default::default());
    for rule in read.rules().rules() {
        let tests = &rule.written.tests;
        for example in tests.removes.iter().chain(&tests.keeps) {
            for line in example.text.lines() {
                let line = dechaff::fold::fold(line);
                let (mut ours, mut theirs) = (Vec::new(), Vec::new());
                read.matcher().find(read.rules(), &line, &mut workspaces.0, &mut ours);
                thawed.matcher().find(thawed.rules(), &line, &mut workspaces.1, &mut theirs);
                assert_eq!(ours, theirs, "{line}");
                assert_eq!(
                    read.matcher().pieces_in(read.rules(), &line, &mut workspaces.0),
                    thawed.matcher().pieces_in(thawed.rules(), &line, &mut workspaces.1),
                    "{line}"
                );
            }
            let request = Request::at(Level::Eager);
            let cleaned = |cleaner: &Cleaner| cleaner.clean(&example.text, &request).unwrap().text.into_owned();
            assert_eq!(cleaned(read), cleaned(thawed));
        }
    }
    for rule in 0..read.rules().rules().len() {
        let pieces = |cleaner: &Cleaner| cleaner.matcher().pieces_of(rule).collect::<Vec<_>>();
        assert_eq!(pieces(read), pieces(thawed));
    }
}

#[test]
fn frozen_patterns_hit_what_those_of_the_files_hit() {
    let read = Cleaner::new(as_written()).unwrap();
    assert_clean_alike(&read, &Cleaner::builtin().unwrap());
}

#[test]
fn rules_beside_frozen_ones_order_and_hit_alike() {
    let [read, thawed] = with_own("");
    assert_clean_alike(&read, &thawed);
}

#[test]
fn frozen_rules_can_be_switched_off() {
    let [read, thawed] = with_own(r#""de-ads/*", "en-comments/*""#);
    assert!(!read.rules().disabled().is_empty());
    let ids = |cleaner: &Cleaner| cleaner.rules().disabled().iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&read), ids(&thawed));
    assert_clean_alike(&read, &thawed);
}
