//! Cleaning twice is cleaning once whatever the rules: they are made up here, out of every action and guard.

use dechaff::rules::{RuleSet, Source};
use dechaff::{Cleaner, Request};
use proptest::prelude::*;
use proptest::sample::select;

use crate::properties::{is_subsequence, level};

const WORDS: [&str; 9] = ["aa", "bb", "cc", "aa bb", "bb cc dd", "aa bb - cc dd", "dd", "xy", "{n} ee"];

const GUARDS: [&str; 14] = [
    "{}",
    "{where: head}",
    "{where: tail}",
    "{where: lead}",
    "{at_end: true}",
    "{at_end: true, where: tail}",
    "{near: {category: share, within_lines: 1}}",
    "{near: {category: [share, ad], within_lines: 3, firm: true}}",
    "{near: {category: share, within_lines: 2}, at_end: true}",
    "{max_hits: 2}",
    "{max_share: 0.2}",
    "{max_words: 2, min_chars: 2}",
    "{case: upper}",
    "[{level: careful, where: edges}, {level: normal, near: {category: ad, within_lines: 2}}, {level: eager, at_end: true}]",
];

fn action() -> impl Strategy<Value = String> {
    let word = || select(&WORDS[..]);
    let matching = || select(vec!["whole", "prefix", "suffix", "contains"]);
    prop_oneof![
        4 => (word(), matching()).prop_map(|(word, how)| format!("line: {{match: {how}, phrases: [\"{word}\"]}}")),
        1 => (word(), word()).prop_map(|(word, not)| {
            format!("line: {{match: contains, phrases: [\"{word}\"], except: [\"{not}\"]}}")
        }),
        2 => (word(), select(vec!["line_start", "line_end", "anywhere"]))
            .prop_map(|(word, at)| format!("span: {{at: {at}, phrases: [\"{word}\"]}}")),
        1 => (word(), word(), 1..6usize, select(vec!["keep", "paragraph", "document"])).prop_map(|(start, end, lines, how)| {
            format!("block: {{start: {{phrases: [\"{start}\"]}}, end: {{phrases: [\"{end}\"]}}, max_lines: {lines}, no_end: {how}}}")
        }),
        1 => (word(), select(vec!["any", "bullet", "title"]), 0..2usize, 1..6usize, any::<bool>()).prop_map(
            |(word, kind, min, max, end)| {
                format!("section: {{heading: {{phrases: [\"{word}\"]}}, items: {{kind: {kind}, min: {min}, max: {max}}}, reaches_end: {end}}}")
            }
        ),
        1 => Just("run: {categories: [share], min_hits: 2, min_share: 0.4, max_gap: 1, max_chars: 30}".to_owned()),
        1 => (select(vec!["first", "none"]), 1..4usize)
            .prop_map(|(keep, within)| format!("duplicate: {{unit: line, keep: {keep}, within_lines: {within}}}")),
        1 => (1..3usize, select(vec!["first", "none"]), 1..4usize).prop_map(|(run, keep, words)| {
            format!("duplicate: {{unit: block, min_run: {run}, keep: {keep}, max_words: {words}}}")
        }),
        1 => (select(vec!["0.5", "1.0"]), 0..3usize, any::<bool>(), 0..2usize).prop_map(|(share, hits, part, prose)| {
            format!("masthead: {{min_words: 2, min_share: {share}, min_hits: {hits}, whole_part: {part}, max_prose: {prose}}}")
        }),
        1 => (0..3usize, 0..3usize).prop_map(|(after, prose)| {
            format!("ending: {{from: [\"p/*\"], after_prose: {after}, max_prose: {prose}}}")
        }),
        1 => (select(vec!["line", "block", "document"]), word(), 1..3usize).prop_map(|(unit, word, hits)| {
            format!("keep: {{unit: {unit}, from: [\"p/*\"], phrases: [\"{word}\"], min_hits: {hits}}}")
        }),
    ]
}

fn rules() -> impl Strategy<Value = String> {
    let scope = select(vec!["{}", "{}", "{}", "{hosts: [a.example.org]}", "{not_hosts: [a.example.org]}"]);
    let rule =
        (action(), select(&GUARDS[..]), select(vec!["share", "ad"]), select(vec!["high", "medium", "low"]), scope);
    prop::collection::vec(rule, 1..6).prop_map(|rules| {
        let mut file = "schema: 1\npack: p\nrules:\n".to_owned();
        for (index, (action, guard, category, confidence, scope)) in rules.iter().enumerate() {
            let relative = ["near", "at_end"].iter().any(|word| guard.contains(word));
            let guard = if action.starts_with("keep") && relative { "{}" } else { guard };
            file += &format!(
                "  - id: r{index}\n    about: x\n    category: {category}\n    confidence: {confidence}\n    {action}\n    guard: {guard}\n    scope: {scope}\n    tests: {{removes: [\"x\"], keeps: [\"x\"]}}\n"
            );
        }
        file
    })
}

const PROSE: &str =
    "This line is long enough to be a paragraph of prose, it ends like a sentence, and it holds no word of any rule.";

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        6 => select(&WORDS[..]).prop_map(|word| word.replace("{n}", "12")),
        2 => (select(&WORDS[..]), select(&WORDS[..])).prop_map(|(a, b)| format!("{a} | {b}").replace("{n}", "3.5k")),
        2 => select(&WORDS[..]).prop_map(|word| format!("- {}", word.to_uppercase())),
        2 => Just(PROSE.to_owned()),
        2 => Just(String::new()),
        1 => select(vec!["---", "```", "| a | b |", "# aa", "    bb", "\u{feff}", "\u{feff}# bb", "~~~", "````", "url: https://a.example.org/", "aa\u{301}", "bb\r", "\u{200b}aa"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(line, 0..24).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn whatever_the_rules_it_only_deletes_and_only_once(file in rules(), text in text(), level in level(), unguarded in any::<bool>()) {
        let source = Source { path: "p.yaml".as_ref(), text: &file };
        let cleaner = Cleaner::new(RuleSet::load([source], dechaff::rules::Knowledge::default()).unwrap()).unwrap();
        let request = Request { unguarded, ..Request::at(level) };
        let once = cleaner.clean(&text, &request).unwrap();
        prop_assert!(is_subsequence(&once.text, &text));
        let twice = cleaner.clean(&once.text, &request).unwrap();
        prop_assert_eq!(&twice.text, &once.text, "rules:\n{}", file);
        prop_assert!(twice.removals.is_empty());
    }
}
