//! What goes and what stays, where rules cross: small rules over few words.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use dechaff::rules::{Knowledge, RuleSet, Source};
use dechaff::{Cleaner, Level, Request};

use super::choices::Choices;
use super::promises;

const WORDS: [&str; 12] =
    ["aa", "bb", "aa bb", "bb aa", "aa bb cc", "(aa)", "aa*", "é aa", "{n} bb", "aa - bb", "cc", "bb {n}"];

const REGEXES: [&str; 6] = ["a+", "b*a", "[ab]{2} ?", "a.", r"\\w+ bb", "(?:aa )+cc"];

const GUARDS: [&str; 8] = [
    "{max_words: 90}",
    "{max_chars: 60, where: edges}",
    "{max_words: 9, at_end: true}",
    "{max_words: 9, near: {category: ad, within_lines: 1}}",
    "{max_chars: 60, max_hits: 2}",
    "{max_chars: 60, max_share: 0.5}",
    "{max_words: 9, case: upper}",
    "[{max_words: 9, where: head}, {max_words: 20, level: eager, near: {category: [share, ad], within_lines: 3, firm: true}}]",
];

const PIECES: [&str; 24] = [
    "aa",
    "bb",
    "cc",
    " ",
    " ",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "é",
    "AA ",
    "(aa)",
    " - ",
    "|",
    "12",
    ": ",
    "\u{feff}",
    "\u{200b}",
    "# ",
    "- ",
    "```",
    "\u{301}",
    "aa bb cc",
    "This is long enough for a paragraph of prose that ends like a sentence, and no rule knows a word of what stands in it here.\n",
];

/// A byte of flags; up to seven rules; a text of pieces.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let flags = choices.byte();
    let mut file = "schema: 1\npack: p\nrules:\n".to_owned();
    for number in 0..=flags & 7 {
        file += &rule(number, &mut choices);
    }
    let Some(cleaner) = cleaner(&file) else { return };
    let mut text = String::new();
    while !choices.is_empty() && text.len() < 1 << 11 {
        text += choices.of(&PIECES);
    }
    let request = Request { unguarded: flags & 8 != 0, ..Request::at(Level::ALL[usize::from(flags >> 4) % 3]) };
    promises::clean(&cleaner, &text, &request).unwrap_or_else(|broken| panic!("{broken}\nby these rules:\n{file}"));
}

thread_local! {
    /// Rules that were read: it takes longer to read them than to clean by them.
    static READ: RefCell<HashMap<String, Option<Rc<Cleaner>>>> = RefCell::default();
}

fn cleaner(file: &str) -> Option<Rc<Cleaner>> {
    READ.with_borrow_mut(|read| {
        if read.len() > 500 {
            read.clear();
        }
        let new = || {
            let rules = RuleSet::load([Source { path: Path::new("p.yaml"), text: file }], Knowledge::default());
            rules.and_then(Cleaner::new).ok().map(Rc::new)
        };
        read.entry(file.to_owned()).or_insert_with(new).clone()
    })
}

fn rule(number: u8, choices: &mut Choices<'_>) -> String {
    let action = action(choices);
    let guard = choices.of(&GUARDS);
    let category = choices.of(&["share", "ad"]);
    let confidence = choices.of(&["high", "medium", "low"]);
    format!(
        "  - id: r{number}\n    about: x\n    category: {category}\n    confidence: {confidence}\n    {action}\n    guard: {guard}\n    tests: {{removes: [x], keeps: [x]}}\n"
    )
}

/// Spans most of all: what they cut crosses what others cut or take.
fn action(choices: &mut Choices<'_>) -> String {
    let kind = choices.byte();
    let (first, second) = (choices.of(&WORDS), choices.of(&WORDS));
    let at = choices.of(&["line_start", "line_end", "anywhere"]);
    let matching = choices.of(&["contains", "prefix", "suffix", "whole"]);
    let small = choices.byte() % 4;
    match kind % 12 {
        0 | 1 => format!("span: {{at: {at}, phrases: [\"{first}\"]}}"),
        2 | 3 => format!("span: {{at: {at}, phrases: [\"{first}\", \"{second}\"]}}"),
        4 => format!("span: {{at: {at}, regex: [\"{}\"], except: [\"{second}\"]}}", REGEXES[usize::from(small)]),
        5 => format!("span: {{at: {at}, regex: [\"{}\"], phrases: [\"{first}\"]}}", choices.of(&REGEXES)),
        6 => format!("line: {{match: {matching}, phrases: [\"{first}\"]}}"),
        7 => format!(
            "block: {{start: {{phrases: [\"{first}\"]}}, end: {{match: contains, phrases: [\"{second}\"]}}, max_lines: {}, no_end: paragraph}}",
            small + 1
        ),
        8 => format!("duplicate: {{unit: line, keep: {}, within_lines: {small}}}", choices.of(&["first", "none"])),
        9 => format!("duplicate: {{unit: block, keep: {}, min_run: {small}}}", choices.of(&["first", "none"])),
        10 => format!("run: {{categories: [share], min_hits: 2, min_share: 0.4, max_gap: {small}, max_chars: 30}}"),
        _ => format!(
            "section: {{heading: {{match: {matching}, phrases: [\"{first}\"]}}, items: {{kind: any, min: {small}, max: 5}}}}"
        ),
    }
}
