//! Rules that nobody wrote: as many phrases as one likes, none of which is in any text.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dechaff::Cleaner;
use dechaff::matcher::Role;
use dechaff::rules::rule::Rule;
use dechaff::rules::{Source, builtin};

/// Phrases of each file of a site.
const IN_A_FILE: usize = 1_000;

/// A rule file.
pub struct RuleFile {
    path: PathBuf,
    text: String,
}

impl RuleFile {
    pub fn source(&self) -> Source<'_> {
        Source { path: &self.path, text: &self.text }
    }
}

/// The built-in rules, and invented ones until there are so many times as many phrases; half of these for single sites.
pub fn cleaner_with(times: usize) -> Cleaner {
    let rules = builtin::rules().expect("the built-in rules");
    let phrases: usize = rules.rules().iter().map(phrases_of).sum();
    let files = (phrases * (times - 1)).div_ceil(IN_A_FILE);
    let files: Vec<RuleFile> = (0..files).map(|number| site_file(number, IN_A_FILE)).collect();
    let knowledge = builtin::knowledge().expect("the built-in rules");
    let rules = builtin::rules_with(files.iter().map(RuleFile::source), knowledge, None).expect("sound rules");
    Cleaner::new(rules).expect("not too many phrases")
}

fn phrases_of(rule: &Rule) -> usize {
    let patterns = Role::ALL.into_iter().filter_map(|role| rule.pattern(role));
    patterns.map(|pattern| pattern.phrases.len() + pattern.with.iter().map(|with| with.len()).sum::<usize>()).sum()
}

/// A file of rules with that many phrases: whole lines, beginnings of lines, and what is anywhere in one. Each has words of
/// the kind that real ones have, and one that is invented.
pub fn site_file(number: usize, phrases: usize) -> RuleFile {
    const WORDS: [&str; 12] =
        ["read", "more", "share", "this", "our", "newsletter", "cookies", "the", "story", "sign", "up", "comments"];
    let scope = if number.is_multiple_of(2) { "" } else { "defaults: {scope: {hosts: [\"HOST\"]}}\n" };
    let scope = scope.replace("HOST", &format!("site{number}.example"));
    let mut text = format!("schema: 1\npack: invented-{number}\n{scope}rules:\n");
    let mut state = number as u64 + 1;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for (index, matching) in ["whole", "prefix", "contains"].into_iter().enumerate() {
        let mut written = Vec::new();
        for _ in 0..phrases / 3 {
            let invented: String =
                (0..4).map(|_| format!("{}{}", pick(b"zxqvkj", next(6)), pick(b"aeiou", next(5)))).collect();
            let [first, second, third] = [(); 3].map(|()| WORDS.get(next(WORDS.len())).copied().unwrap_or_default());
            written.push(format!("\"{first} {second} {invented} {third}\""));
        }
        writeln!(
            text,
            "  - id: lines-{index}\n    about: Invented lines\n    category: navigation\n    line: {{match: {matching}, phrases: [{}]}}\n    \
             tests: {{removes: [\"{{phrase}}\"], keeps: [\"A line of the article\"]}}",
            written.join(", ")
        )
        .expect("a String");
    }
    RuleFile { path: Path::new("invented").join(format!("{number}.yaml")), text }
}

fn pick(letters: &[u8], index: usize) -> char {
    letters.get(index).copied().map_or('a', char::from)
}
