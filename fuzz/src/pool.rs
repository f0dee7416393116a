//! Texts that rules are about, out of their own examples.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use dechaff::{Origin, trial};

use super::BUILTIN;
use super::choices::Choices;

/// The lines of all examples, and some that structure is told by.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let attempts = BUILTIN.rules().rules().iter().flat_map(trial::attempts);
    let mut lines: BTreeSet<String> = BTreeSet::new();
    attempts.for_each(|attempt| lines.extend(attempt.text.lines().map(str::to_owned)));
    let others =
        ["---", "```", "~~~", "| a | b |", "|---|---|", "# Heading", "2024", "\u{200b}", "url: https://reuters.com/a"];
    lines.extend(others.map(str::to_owned));
    lines.into_iter().collect()
});

/// Where the examples say that they come from.
pub static ORIGINS: LazyLock<Vec<Origin>> = LazyLock::new(|| {
    let attempts = BUILTIN.rules().rules().iter().flat_map(trial::attempts);
    let mut origins: Vec<Origin> = Vec::new();
    for attempt in attempts {
        if !origins.contains(&attempt.origin) {
            origins.push(attempt.origin);
        }
    }
    origins
});

const PROSE: &str = "The ferry to the outer islands was late again, the harbour master said on Monday, because of fog.";

/// A text of such lines, so that rules fire.
pub fn text(choices: &mut Choices<'_>) -> String {
    let mut text = String::new();
    while !choices.is_empty() && text.len() < 1 << 14 {
        let how = choices.byte();
        text += ["", "", "", "", "- ", "# ", "    ", "\u{feff}"][usize::from(how & 7)];
        match how >> 3 & 7 {
            0..=4 => text += &choices.of(&LINES),
            5 => text += PROSE,
            6 => text += &choices.text(12),
            _ => {
                let last = text.trim_end().rsplit('\n').next().unwrap_or_default().to_owned();
                text += &last;
            }
        }
        text += ["\n", "\n\n", "\r\n", " | "][usize::from(how >> 6)];
    }
    text
}
