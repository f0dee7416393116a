//! Which rule's pattern hits which line. No policy: whether anything goes is for [`decide`](crate::decide).

mod assembly;
mod edge;
mod lexis;
mod page;
mod phrases;
mod table;
mod words;

use std::sync::OnceLock;

use assembly::{Assembled, Assembly, frozen_places};
use phrases::{PhraseIndex, Scratch, Token};
use table::{Numbers, narrow};
use words::Sample;

pub(crate) use page::count_words;
pub use page::{Fence, Page, PageLine, Reader, Shape};

use crate::error::Error;
use crate::fold::fold;
use crate::limits;
use crate::rules::RuleSet;
use crate::rules::pattern::{LineRegex, NUMBER, Pattern};
pub use crate::rules::pattern::{List, Role};
use crate::rules::rule::RuleIndex;
use crate::words::{Makeup, Run, each_run};

/// A pattern of a rule hits a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The rule.
    pub rule: RuleIndex,
    /// Which of its patterns.
    pub role: Role,
}

/// A phrase or regex of a rule, by its place: what can be found in a line, and taken away to see who misses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Piece {
    /// The rule.
    pub rule: RuleIndex,
    /// Which of its patterns.
    pub role: Role,
    /// Which list of the pattern.
    pub list: List,
    /// Its place in the list.
    pub index: usize,
}

/// All patterns of a rule set, ready to be looked for.
#[derive(Debug)]
pub struct Matcher {
    layers: Vec<Layer>,
    /// By token.
    uses: Vec<Use>,
    /// What each of `uses` is to its rule; made when somebody asks, which cleaning does not.
    pieces: OnceLock<Vec<Piece>>,
    patterns: Vec<Hit>,
    /// By pattern: the part that is looked for in every line, which is the rarest one in ordinary text, and the others where
    /// something of it is found; nothing if there are no others. See [`Part::is_of`].
    triggers: Vec<Option<Part>>,
    /// Whether all parts are looked for in every line.
    looks_for_all: bool,
}

/// The patterns of some rules: of those that were checked when dechaff was built, or of the others.
#[derive(Debug)]
struct Layer {
    /// Its first token.
    first: Token,
    plain: PhraseIndex,
    /// Phrases that say "any number", looked for in the line with its numbers taken out.
    numbered: PhraseIndex,
    /// Phrases of patterns that have others, which are rarer: looked for where one of these is.
    lists: PhraseIndex,
    /// Regexes without a literal, tried on every line that a regex looks at.
    loose: Numbers,
}

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    pattern: u32,
    part: Part,
}

/// Of rules that are switched off.
const NO_PATTERN: u32 = u32::MAX;

/// What a phrase stands for, to whoever takes it away and puts it back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning(Use);

impl Meaning {
    /// Of a phrase that means nothing to any rule.
    pub(crate) const NONE: Meaning = Meaning(Use { pattern: NO_PATTERN, part: Part::Phrase });
}

/// The part of a pattern that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Except,
    With(u8),
    Phrase,
    /// The literal of the regex with that place; whether it matches is still to be seen.
    Regex(u16),
}

impl Part {
    /// The numbers are in the order of the parts.
    fn packed(self) -> u32 {
        match self {
            Part::Except => 0,
            Part::With(list) => 1 + u32::from(list),
            Part::Phrase => 0x100,
            Part::Regex(index) => 0x101 + u32::from(index),
        }
    }

    /// Whether it is found with that part of its pattern, a list or [`Part::Phrase`] for phrases and regexes.
    fn is_of(self, trigger: Part) -> bool {
        match self {
            Part::Regex(_) => trigger == Part::Phrase,
            part => trigger == part,
        }
    }

    fn unpacked(number: u32) -> Option<Self> {
        Some(match number {
            0 => Part::Except,
            0x100 => Part::Phrase,
            1..0x100 => Part::With(u8::try_from(number - 1).ok()?),
            _ => Part::Regex(u16::try_from(number - 0x101).ok()?),
        })
    }
}

/// Room that matching needs; kept from line to line, and from text to text.
#[derive(Debug, Default)]
pub struct Workspace {
    scratch: Vec<Layered>,
    runs: Vec<Run>,
    tokens: Vec<Token>,
    uses: Vec<Use>,
    numberless: String,
    numberless_runs: Vec<Run>,
}

/// What one layer needs: for plain phrases, for those with numbers, and what was found.
#[derive(Debug, Default)]
struct Layered {
    plain: Scratch,
    numbered: Scratch,
    lists: Scratch,
    tokens: Vec<Token>,
}

impl Workspace {
    /// Gives back what only a very long line needed.
    pub(crate) fn shrink(&mut self) {
        self.numberless.clear();
        self.numberless.shrink_to(limits::REGEX_LINE_BYTES);
        self.tokens.shrink_to(limits::REGEX_LINE_BYTES);
        self.uses.shrink_to(limits::REGEX_LINE_BYTES);
    }
}

impl Matcher {
    /// Reads the indexes of the built-in rules, and builds those of others.
    ///
    /// # Errors
    /// What is embedded is broken, which the build of dechaff rules out.
    pub fn new(rules: &RuleSet) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let frozen = frozen_places(rules);
        if !frozen.is_empty() {
            parts.push(Assembled::read(&frozen).ok_or_else(|| Error::new("the built-in patterns are broken"))?);
        }
        let others = || rules.rules().iter().enumerate().filter(|(_, rule)| rule.frozen.is_none());
        if frozen.is_empty() || others().next().is_some() {
            let sample = Sample::default();
            parts.push(Assembly::of(others(), &sample).finish(&sample));
        }
        let (uses, pieces, triggers) = (Vec::new(), OnceLock::new(), Vec::new());
        let (layers, patterns, looks_for_all) = (Vec::new(), Vec::new(), false);
        let mut matcher = Self { layers, uses, pieces, patterns, triggers, looks_for_all };
        // Patterns are in the order of rules, whichever part they are of.
        let mut patterns: Vec<(Hit, Part)> = parts.iter().flat_map(|part| &part.patterns).flatten().copied().collect();
        patterns.sort_unstable_by_key(|(hit, _)| *hit);
        for (hit, trigger) in patterns {
            let asks_more = pattern_of(rules, hit).is_some_and(Pattern::asks_more);
            matcher.patterns.push(hit);
            matcher.triggers.push(Some(trigger).filter(|_| asks_more));
        }
        for Assembled { plain, numbered, lists, uses, patterns, loose } in parts {
            let place = |hit: Hit| matcher.patterns.binary_search(&hit).map_or(NO_PATTERN, narrow);
            let hits = patterns.into_iter().map(|pattern| pattern.map(|(hit, _)| hit));
            let places: Vec<u32> = hits.map(|hit| hit.map_or(NO_PATTERN, place)).collect();
            let first = narrow(matcher.uses.len());
            matcher.uses.extend(uses.into_iter().map(|Use { pattern, part }| {
                let pattern = places.get(pattern as usize).copied().unwrap_or(NO_PATTERN);
                Use { pattern, part }
            }));
            matcher.layers.push(Layer { first, plain, numbered, lists, loose });
        }
        Ok(matcher)
    }

    /// The indexes of a rule set as bytes, for the build to embed. What its rules keep is what their phrases are rare in.
    #[must_use]
    pub fn freeze(rules: &RuleSet) -> Vec<u8> {
        let mut sample = Sample::default();
        let keeps = rules.rules().iter().flat_map(|rule| &rule.written.tests.keeps);
        keeps.for_each(|example| sample.add(&fold(&example.text)));
        let function_words = rules.languages().iter().flat_map(|profile| &profile.words);
        function_words.for_each(|word| sample.add_function_word(word));
        let mut bytes = Vec::new();
        Assembly::of(rules.rules().iter().enumerate(), &sample).finish(&sample).write(&mut bytes);
        bytes
    }

    /// Finds the tokens of a line, those of lists only where they matter, and shows its runs to whoever else wants to see them.
    fn find_tokens(&self, folded: &str, workspace: &mut Workspace, mut look: impl FnMut(&[Run])) -> Makeup {
        let Workspace { scratch, tokens, numberless, runs, numberless_runs, .. } = workspace;
        tokens.clear();
        scratch.resize_with(self.layers.len(), Default::default);
        for (layer, layered) in self.layers.iter().zip(&mut *scratch) {
            layered.tokens.clear();
            layer.plain.enter(folded, &mut layered.plain, &mut layered.tokens);
        }
        let makeup = each_run(folded, runs, |runs| {
            look(runs);
            for (layer, layered) in self.layers.iter().zip(&mut *scratch) {
                layer.plain.find_inside(folded, runs, &mut layered.plain, &mut layered.tokens);
            }
        });
        numberless.clear();
        for (layer, Layered { plain, numbered, tokens: found, .. }) in self.layers.iter().zip(scratch) {
            let inside = layer.plain.leave(folded, makeup.ascii, plain, found);
            if let Some((first, last)) = makeup.digits.filter(|_| !layer.numbered.is_empty()) {
                // Before its first number and behind its last one, a line is the same without them.
                let longest = layer.numbered.longest_at_ends();
                let at_ends = first < longest || folded.len() < last + longest;
                if numberless.is_empty() && (inside || at_ends) {
                    without_numbers(folded, numberless);
                }
                match inside {
                    true => _ = layer.numbered.find_all(numberless, numberless_runs, numbered, found),
                    false if at_ends => layer.numbered.find_at_ends(numberless, numberless_runs, found),
                    false => {}
                }
            }
            if folded.len() <= limits::REGEX_LINE_BYTES {
                found.extend(layer.loose.iter());
            }
            tokens.extend(found.iter().map(|token| token + layer.first));
        }
        makeup
    }

    /// Adds the tokens of what no trigger is, for a line whose tokens were found just now.
    fn find_in_lists(&self, folded: &str, workspace: &mut Workspace, makeup: Makeup) {
        let Workspace { scratch, tokens, runs, .. } = workspace;
        for (layer, Layered { lists, tokens: found, .. }) in self.layers.iter().zip(scratch) {
            if layer.lists.is_empty() {
                continue;
            }
            found.clear();
            if runs.len() == makeup.runs {
                layer.lists.enter(folded, lists, found);
                layer.lists.find_inside(folded, runs, lists, found);
                layer.lists.leave(folded, makeup.ascii, lists, found);
            } else {
                layer.lists.find_all(folded, runs, lists, found);
            }
            tokens.extend(found.iter().map(|token| token + layer.first));
        }
    }

    /// Whether some pattern that has other lists is found by its trigger.
    fn asks_for_lists(&self, rules: &RuleSet, folded: &str, tokens: &[Token]) -> bool {
        if self.looks_for_all {
            return true;
        }
        let triggered = || {
            let uses = tokens.iter().filter_map(|token| self.uses.get(*token as usize));
            uses.filter(|found| {
                let trigger = self.triggers.get(found.pattern as usize).copied().flatten();
                trigger.is_some_and(|trigger| found.part.is_of(trigger))
            })
        };
        // What costs least to tell comes first. To read a regex's automaton costs more than to look for lists.
        triggered().any(|found| !matches!(found.part, Part::Regex(_)))
            || triggered().any(|found| {
                let hit = self.patterns.get(found.pattern as usize);
                hit.and_then(|hit| pattern_of(rules, *hit))
                    .is_some_and(|pattern| may_match(pattern, found.part, folded))
            })
    }

    /// By token; those of rules that are switched off name no rule.
    fn pieces(&self) -> &[Piece] {
        self.pieces.get_or_init(|| {
            let mut last = None;
            let mut index = 0;
            let piece = |meaning: &Use| {
                let hit = self.patterns.get(meaning.pattern as usize);
                let (rule, role) = hit.map_or((RuleIndex::MAX, Role::Main), |hit| (hit.rule, hit.role));
                let list = match meaning.part {
                    Part::Except => List::Except,
                    Part::With(list) => List::With(list),
                    Part::Phrase => List::Phrases,
                    Part::Regex(_) => List::Regex,
                };
                // The phrases of a list follow one another.
                index = if last == Some((meaning.pattern, list)) { index + 1 } else { 0 };
                last = Some((meaning.pattern, list));
                Piece { rule, role, list, index }
            };
            self.uses.iter().map(piece).collect()
        })
    }

    /// Every phrase and regex that is in the line, whether or not its pattern comes to a hit there.
    #[must_use]
    pub fn pieces_in(&self, rules: &RuleSet, folded: &str, workspace: &mut Workspace) -> Vec<Piece> {
        let makeup = self.find_tokens(folded, workspace, |_| {});
        self.find_in_lists(folded, workspace, makeup);
        let matches = |piece: &&Piece| {
            if piece.rule == RuleIndex::MAX {
                return false;
            }
            let pattern = pattern_of(rules, Hit { rule: piece.rule, role: piece.role });
            let regex = pattern.and_then(|pattern| pattern.regexes.get(piece.index));
            piece.list != List::Regex || regex.is_some_and(|regex| regex.is_match(folded))
        };
        let found = workspace.tokens.iter().filter_map(|token| self.pieces().get(*token as usize));
        let mut found: Vec<Piece> = found.filter(matches).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The phrases and regexes of a rule.
    pub fn pieces_of(&self, rule: RuleIndex) -> impl Iterator<Item = Piece> {
        self.pieces().iter().filter(move |piece| piece.rule == rule).copied()
    }

    /// Looks for all parts in every line from now on, for whoever takes some away: among them the one that the others
    /// hang on.
    pub(crate) fn look_for_all(&mut self) {
        self.looks_for_all = true;
    }

    /// Takes a phrase away, or puts it back when it is called again with what it returned.
    pub(crate) fn swap(&mut self, piece: Piece, meaning: Meaning) -> Meaning {
        let token = self.pieces().iter().position(|other| *other == piece);
        let slot = token.and_then(|token| self.uses.get_mut(token));
        Meaning(slot.map_or(meaning.0, |slot| std::mem::replace(slot, meaning.0)))
    }

    /// Adds the hits of one folded line, ordered.
    pub fn find(&self, rules: &RuleSet, folded: &str, workspace: &mut Workspace, hits: &mut Vec<Hit>) {
        self.find_and_show(rules, folded, workspace, hits, |_| {});
    }

    /// The same; the line's runs are shown to `look` on the way.
    fn find_and_show(
        &self,
        rules: &RuleSet,
        folded: &str,
        workspace: &mut Workspace,
        hits: &mut Vec<Hit>,
        look: impl FnMut(&[Run]),
    ) -> Makeup {
        let makeup = self.find_tokens(folded, workspace, look);
        if self.asks_for_lists(rules, folded, &workspace.tokens) {
            self.find_in_lists(folded, workspace, makeup);
        }
        let use_of = |token: &Token| self.uses.get(*token as usize);
        let Workspace { tokens, uses, .. } = workspace;
        uses.clear();
        uses.extend(tokens.iter().filter_map(use_of));
        uses.sort_unstable();
        uses.dedup();
        for found in uses.chunk_by(|a, b| a.pattern == b.pattern) {
            let hit = found.first().and_then(|first| self.patterns.get(first.pattern as usize));
            if let Some(&hit) =
                hit.filter(|hit| pattern_of(rules, **hit).is_some_and(|pattern| holds(pattern, found, folded)))
            {
                hits.push(hit);
            }
        }
        makeup
    }
}

/// The pattern that a hit is about.
fn pattern_of(rules: &RuleSet, hit: Hit) -> Option<&Pattern> {
    rules.rules().get(hit.rule)?.pattern(hit.role)
}

/// Whether what was found of a pattern is enough. `found` is ordered: except, with, phrase, regex.
fn holds(pattern: &Pattern, found: &[Use], folded: &str) -> bool {
    if found.first().is_some_and(|first| first.part == Part::Except) {
        return false;
    }
    let is_asked = |list: u8| pattern.with.get(usize::from(list)).is_some_and(|phrases| !phrases.is_empty());
    let with = found.iter().filter(|found| matches!(found.part, Part::With(list) if is_asked(list))).count();
    if with < pattern.with.iter().filter(|phrases| !phrases.is_empty()).count() {
        return false;
    }
    found.iter().any(|found| matches(pattern, found.part, folded))
}

/// Whether a pattern's regex matches, or is not at hand while other lists may settle it.
fn may_match(pattern: &Pattern, part: Part, folded: &str) -> bool {
    let is_at_hand = |index: u16| pattern.regexes.get(usize::from(index)).is_none_or(LineRegex::is_at_hand);
    match part {
        Part::Regex(index) if pattern.asks_with() && !is_at_hand(index) => true,
        _ => matches(pattern, part, folded),
    }
}

/// Whether this part, of which something was found, is a phrase or a regex that matches.
fn matches(pattern: &Pattern, part: Part, folded: &str) -> bool {
    match part {
        Part::Phrase => true,
        Part::Regex(index) => pattern.regexes.get(index as usize).is_some_and(|regex| regex.is_match(folded)),
        Part::Except | Part::With(_) => false,
    }
}

/// The line with every number as [`NUMBER`]: digits, with points and commas between them, and a k or m behind.
pub(crate) fn without_numbers(folded: &str, out: &mut String) {
    let mut rest = folded;
    let first_digit = |text: &str| text.bytes().position(|byte| byte.is_ascii_digit());
    while let Some((words, number)) = first_digit(rest).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(words);
        out.push_str(NUMBER);
        let bytes = number.as_bytes();
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let joins = |at: usize| matches!(bytes.get(at), Some(b'.' | b',')) && is_digit(at + 1);
        let mut end = (0..).find(|at| !is_digit(*at) && !joins(*at)).unwrap_or(bytes.len());
        if matches!(bytes.get(end), Some(b'k' | b'm')) {
            let goes_on = number.get(end + 1..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
            end += usize::from(!goes_on);
        }
        rest = number.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_do_not_count() {
        for (line, numberless) in [
            ("1,204 comments", "{n} comments"),
            ("3.5k shares", "{n} shares"),
            ("24/7", "{n}/{n}"),
            ("5 km, 7.", "{n} km, {n}."),
        ] {
            let mut out = String::new();
            super::without_numbers(line, &mut out);
            assert_eq!(out, numberless);
        }
    }
}
