//! The examples that rules carry, and what holds for all built-in rules.

use std::collections::BTreeSet;

use dechaff::rules::builtin as files;
use dechaff::trial;

use crate::builtin;

#[test]
fn every_example_of_every_rule_comes_out_as_it_says() {
    let trial = trial::run(builtin(), |_| true).unwrap();
    let failures: Vec<String> = trial.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} of {} examples:\n\n{}", failures.len(), trial.examples, failures.join("\n"));
    assert!(trial.examples > 120, "only {} examples", trial.examples);
}

#[test]
fn a_pack_is_called_like_its_file() {
    for source in files::sources() {
        let path = source.path.strip_prefix("rules").unwrap().with_extension("");
        let name = path.to_str().unwrap().replace('/', "-");
        assert!(
            source.text.contains(&format!("pack: {name}\n")),
            "{} should hold `pack: {name}`",
            source.path.display()
        );
    }
}

#[test]
fn there_are_rules_for_every_family() {
    let rules = builtin().rules().rules();
    let there: BTreeSet<String> = rules.iter().map(|rule| format!("{:?}", rule.category)).collect();
    for wanted in [
        "Consent",
        "Comments",
        "Share",
        "Newsletter",
        "Related",
        "Legal",
        "Credit",
        "Navigation",
        "Duplicate",
        "Ad",
        "Foreign",
        "Protect",
    ] {
        assert!(there.contains(wanted), "no rule for {wanted}");
    }
    assert!(rules.len() >= 60, "only {} rules", rules.len());
}

#[test]
fn every_language_is_known_to_whatlang_and_has_evidence() {
    let languages = files::languages().unwrap();
    assert!(languages.len() >= 30, "only {}", languages.len());
    for profile in &languages {
        assert!(whatlang::Lang::from_code(profile.whatlang.as_str()).is_some(), "{}", profile.code);
        let unspaced = ["zh", "ja", "th"].contains(&profile.code.as_str());
        assert!(unspaced || profile.words.len() >= 40, "{} has {} words", profile.code, profile.words.len());
    }
}
