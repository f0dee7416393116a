//! What is allowed in a rule file and unwise: patterns that are too short, dead, said twice, slow, or known to do harm.

use std::path::Path;

use regex_syntax::hir::literal::Extractor;

use crate::error::{Error, Place};
use crate::fold::fold;
use crate::limits;
use crate::matcher::{List, Matcher, Workspace};
use crate::rules::file::{Lists, Match, NoEnd, Text};
use crate::rules::mistake;
use crate::rules::pattern::{Literal, Role};
use crate::rules::retired::{self, Retired, Seen};
use crate::rules::rule::{Action, Guard, Rule};
use crate::rules::{RuleSet, Source, vocabulary};
use crate::trial;

/// Something in a rule file that should be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The name of the check that found it.
    pub check: &'static str,
    /// What it is, where, and how to mend it.
    pub error: Error,
}

/// Looks at the rules of these files. `rules` holds them among all others that are in effect.
///
/// Mistakes that keep a file from loading are no findings: see [`RuleSet::load`].
///
/// # Errors
/// The built-in list of retired patterns is broken, which the tests of dechaff rule out.
pub fn lint(rules: &RuleSet, matcher: &Matcher, sources: &[Source<'_>]) -> Result<Vec<Finding>, Error> {
    let retired = retired::patterns()?;
    let mut findings = Vec::new();
    for source in sources {
        let mut file = Linter { rules, matcher, retired: &retired, source: *source, findings: Vec::new() };
        file.cut_off_by_comments();
        for (index, rule) in rules.rules().iter().enumerate().filter(|(_, rule)| rule.path == source.path) {
            file.rule(index, rule);
        }
        file.findings.sort_by_key(|finding| finding.error.place().map(|place| (place.line, place.column)));
        findings.append(&mut file.findings);
    }
    Ok(findings)
}

struct Linter<'l> {
    rules: &'l RuleSet,
    matcher: &'l Matcher,
    retired: &'l [Retired],
    source: Source<'l>,
    findings: Vec<Finding>,
}

/// The checks that a rule can expect to find something.
const CHECKS: [&str; 12] = [
    "short-phrase",
    "said-twice",
    "never-matches",
    "shadowed",
    "retired",
    "regex-as-phrases",
    "common-literal",
    "no-near-miss",
    "unknown-place-holder",
    "www-host",
    "dead-scope",
    "unknown-language",
];

/// The patterns that decide whether a rule hits at all.
const LEADING: [Role; 3] = [Role::Main, Role::Start, Role::Heading];

impl Linter<'_> {
    fn find(&mut self, check: &'static str, place: Place, message: String, help: impl Into<String>) {
        let error = Error::new(message).at(place).in_file(self.source.path).help(help);
        self.findings.push(Finding { check, error });
    }

    fn find_at(&mut self, check: &'static str, text: &Text, message: String, help: impl Into<String>) {
        self.find(check, mistake::place(self.source.text, text), message, help);
    }

    /// The line of the rule's id.
    fn id_of(&self, rule: &Rule) -> Place {
        mistake::place(self.source.text, &rule.written.id)
    }

    /// Where a text stands in the rule, as far as its first line is written as it is; else the line of the rule's id.
    fn place_of(&self, rule: &Rule, text: &str) -> Place {
        let first: String =
            text.lines().next().unwrap_or_default().chars().take_while(|c| !matches!(c, '"' | '\'' | '\\')).collect();
        let lines = mistake::lines(self.source.text).enumerate().skip(rule.line);
        let found = lines.take_while(|(_, line)| !line.trim_start().starts_with("- id:")).find_map(|(index, line)| {
            let at = line.find(&first).filter(|_| first.len() > 1)?;
            let column = line.get(..at)?.chars().count() + 1;
            Some(Place { line: index + 1, column, width: first.chars().count(), source: line.to_owned() })
        });
        found.unwrap_or_else(|| self.id_of(rule))
    }

    fn rule(&mut self, index: usize, rule: &Rule) {
        let begin = self.findings.len();
        self.scope(rule);
        for role in LEADING {
            let (Some(lists), Some(pattern)) = (rule.written.pattern(role), rule.pattern(role)) else { continue };
            self.phrases(index, rule, role, lists);
            for (regex, text) in pattern.regexes.iter().rev().zip(lists.regex.iter().rev()) {
                self.regex(text, &regex.literals);
            }
        }
        self.keeps(rule);
        self.place_holders(rule);
        self.expected(rule, begin);
    }

    /// Drops what the rule says is to be expected, and tells where that is not so.
    fn expected(&mut self, rule: &Rule, begin: usize) {
        for check in rule.written.expect.keys() {
            let before = self.findings.len();
            let mut index = 0;
            self.findings.retain(|finding| {
                index += 1;
                index <= begin || finding.check != check
            });
            if self.findings.len() == before {
                let message = format!("`expect` says `{check}`, but nothing of that name is found here");
                let place = self.place_of(rule, check);
                self.find("unfulfilled", place, message, mistake::nearest(check, &CHECKS));
            }
        }
    }

    fn scope(&mut self, rule: &Rule) {
        let Some(scope) = &rule.written.scope else { return };
        let below = |host: &str, other: &str| {
            host.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        for (place, host) in scope.hosts.iter().enumerate() {
            let name = host.value.to_lowercase();
            if let Some(bare) = name.strip_prefix("www.") {
                let message = format!("`{name}` is one host of the site; pages at `{bare}` are not meant");
                self.find_at("www-host", host, message, format!("write `{bare}`: its subdomains are included"));
            }
            let wider =
                scope.hosts.iter().enumerate().find(|(other, wide)| *other != place && below(&name, &wide.value));
            if let Some((_, wide)) = wider {
                let message = format!("`{name}` is below `{}`, which stands here too", wide.value);
                self.find_at("dead-scope", host, message, "take it out: subdomains are included");
            }
            if let Some(wide) = scope.not_hosts.iter().find(|wide| below(&name, &wide.value)) {
                let message = format!("`{name}` is excluded again by `not_hosts: [{}]`", wide.value);
                self.find_at("dead-scope", host, message, "the rule never runs there; take one of the two out");
            }
        }
        for host in &scope.not_hosts {
            if !scope.hosts.is_empty() && !scope.hosts.iter().any(|wide| below(&host.value, &wide.value)) {
                let message = format!("`{}` is below none of `hosts`, so it is excluded anyway", host.value);
                self.find_at("dead-scope", host, message, "take it out");
            }
        }
        for glob in scope.paths.iter().chain(&scope.not_paths) {
            if !glob.value.starts_with(['/', '*', '{', '[', '?']) {
                let message = format!("the path of a URL begins with a slash, so `{}` fits none", glob.value);
                self.find_at("dead-scope", glob, message, format!("write `/{}`", glob.value));
            }
        }
        for code in &scope.document_languages {
            let known: Vec<&str> = self.rules.languages().iter().map(|language| language.code.as_str()).collect();
            if !known.is_empty() && !known.contains(&code.value.to_lowercase().as_str()) {
                let message = format!("no document is ever told to be in `{}`", code.value);
                self.find_at("unknown-language", code, message, mistake::nearest(&code.value, &known));
            }
        }
    }

    fn phrases(&mut self, index: usize, rule: &Rule, role: Role, lists: Lists<'_>) {
        let ends = role == Role::Start && rule.written.block.as_ref().is_some_and(|block| block.no_end == NoEnd::Keep);
        let bounded = ends || !lists.with.is_empty() || rule.guards.iter().all(bounds);
        let protects = matches!(rule.action, Action::Keep(_));
        for (place, phrase) in lists.phrases.iter().enumerate() {
            let folded = fold(&vocabulary::sample(&phrase.value));
            if self.said_twice(index, rule, role, place, phrase, &folded) || protects {
                continue;
            }
            let whole = lists.matching == Match::Whole;
            self.retired(phrase, &folded, lists.matching, bounded || whole && rule.guards.iter().all(is_conditional));
            if !whole && !bounded && is_short(&folded) && rule.written.span.is_none() {
                let message = format!("{:?} is short, and it need not be the whole line", phrase.value);
                self.find_at(
                    "short-phrase",
                    phrase,
                    message,
                    "say more of it, or `match: whole`, or add `with`, `max_words` or `near`",
                );
            }
            self.shadowed(index, rule, lists, phrase, &folded);
        }
    }

    /// Whether another phrase of the same list is found wherever this one is.
    fn said_twice(&mut self, index: usize, rule: &Rule, role: Role, place: usize, phrase: &Text, folded: &str) -> bool {
        let mut workspace = Workspace::default();
        let folded = folded.trim_end_matches('*');
        let pieces = self.matcher.pieces_in(self.rules, folded, &mut workspace);
        let in_list = |list: List| {
            pieces.iter().filter(move |piece| piece.rule == index && piece.role == role && piece.list == list)
        };
        let lists = rule.written.pattern(role).unwrap_or_default();
        let mut others = in_list(List::Phrases).filter(|piece| piece.index != place);
        let covers = |other: &&crate::matcher::Piece| {
            // Of two that are equal the first stays.
            let same = lists.phrases.get(other.index).is_some_and(|other| fold(&other.value) == fold(&phrase.value));
            !phrase.value.ends_with('*') && (!same || other.index < place)
        };
        if let Some(other) = others.find(covers).and_then(|other| lists.phrases.get(other.index)) {
            let message = format!("{:?} is found wherever {:?} is", other.value, phrase.value);
            self.find_at(
                "said-twice",
                phrase,
                message,
                "take it out: case, quotes, dashes and a colon at the end make no difference",
            );
            return true;
        }
        if let Some(except) = in_list(List::Except).next().and_then(|other| lists.except.get(other.index)) {
            let message = format!("{:?} never matches: `except` has {:?}", phrase.value, except.value);
            self.find_at("never-matches", phrase, message, "take one of the two out");
            return true;
        }
        false
    }

    /// Another rule that takes the same lines at the same level without any condition.
    fn shadowed(&mut self, index: usize, rule: &Rule, lists: Lists<'_>, phrase: &Text, folded: &str) {
        if !matches!(rule.action, Action::Line(_)) || phrase.value.ends_with('*') {
            return;
        }
        let mut workspace = Workspace::default();
        let pieces = self.matcher.pieces_in(self.rules, folded, &mut workspace);
        let stronger = pieces
            .iter()
            .filter(|piece| piece.rule != index && piece.list == List::Phrases && piece.role == Role::Main);
        for piece in stronger {
            let Some(other) = self.rules.rules().get(piece.rule) else { continue };
            let Some(theirs) = other.written.pattern(Role::Main).filter(|_| matches!(other.action, Action::Line(_)))
            else {
                continue;
            };
            let wider = theirs.matching != Match::Whole
                && (theirs.matching == lists.matching
                    || lists.matching == Match::Whole
                    || theirs.matching == Match::Contains)
                || theirs.matching == Match::Whole && lists.matching == Match::Whole;
            let always = other.guards.iter().any(|guard| !is_conditional(guard) && guard.level <= rule.first_level());
            let everywhere = other.written.scope.is_none() && other.scope.hosts().is_empty();
            if wider && always && everywhere && theirs.with.is_empty() && theirs.except.is_empty() {
                let message = format!("{:?} does nothing: `{}` takes the same lines, always", phrase.value, other.id);
                let help = format!("take it out; the other rule is at {}:{}", other.path.display(), other.line);
                self.find_at("shadowed", phrase, message, help);
                return;
            }
        }
    }

    fn retired(&mut self, phrase: &Text, folded: &str, matching: Match, guarded: bool) {
        let found = self.retired.iter().find(|retired| retired.is(folded, matching));
        if let Some(retired) = found.filter(|_| !guarded) {
            let Seen { lines, content, hosts } = retired.seen;
            let seen = match content {
                0 => String::new(),
                _ => format!(" (of {lines} lines that it hits on whole pages {content} are content, on {hosts} hosts)"),
            };
            let message = format!("{:?} was tried and did harm: {}{seen}", phrase.value, retired.reason);
            self.find_at(
                "retired",
                phrase,
                message,
                "see rules/retired.yaml; say more of the line, or let it fall only `near` other noise",
            );
        }
    }

    fn regex(&mut self, text: &Text, literals: &[Literal]) {
        let Ok(hir) = regex_syntax::parse(&text.value) else { return };
        let exact = Extractor::new().extract(&hir);
        if exact.is_exact() && exact.len().is_some_and(|count| (1..=limits::REGEX_AS_PHRASES).contains(&count)) {
            let phrases: Vec<String> = exact
                .literals()
                .unwrap_or_default()
                .iter()
                .filter_map(|literal| std::str::from_utf8(literal.as_bytes()).ok().map(|text| format!("{text:?}")))
                .collect();
            let message = "this regex says nothing that phrases cannot say".to_owned();
            self.find_at("regex-as-phrases", text, message, format!("write `phrases: [{}]`", phrases.join(", ")));
            return;
        }
        let rare = literals.iter().map(|literal| literal.text.chars().filter(|c| c.is_alphanumeric()).count()).min();
        if rare.is_none_or(|letters| letters < limits::RARE_LETTERS) && rare.is_some() {
            let shortest =
                literals.iter().map(|literal| literal.text.as_str()).min_by_key(|text| text.len()).unwrap_or_default();
            let message = format!("lines are tried against this regex wherever {shortest:?} stands in them");
            self.find_at("common-literal", text, message, "give every branch of it a word that is rare in text");
        }
    }

    /// Near misses that are none: nothing in them is like what the rule looks for.
    fn keeps(&mut self, rule: &Rule) {
        let words: Vec<Vec<String>> = LEADING
            .iter()
            .filter_map(|role| rule.written.pattern(*role))
            .flat_map(|lists| lists.phrases.iter().chain(lists.with.iter().flatten()).chain(lists.except))
            .map(|phrase| words_of(&fold(&vocabulary::sample(phrase.value.trim_end_matches('*')))))
            .collect();
        let has_regex =
            LEADING.iter().filter_map(|role| rule.pattern(*role)).any(|pattern| !pattern.regexes.is_empty());
        if words.is_empty() || has_regex || matches!(rule.action, Action::Keep(_)) {
            return;
        }
        for example in &rule.written.tests.keeps {
            let text = trial::first_filled(rule, example);
            let there = words_of(&fold_all(&text));
            // A third of a phrase's words, or of its pairs of letters where words are not spaced.
            let like = words.iter().any(|phrase| {
                let is_there = |word: &&String| there.iter().any(|other| other.starts_with(word.as_str()));
                let hits = phrase.iter().filter(is_there).count();
                hits * 3 >= phrase.len() && hits > 0
            });
            if !like {
                let first = text.lines().next().unwrap_or_default();
                let shown: String = first.chars().take(50).collect();
                let message =
                    format!("an example of `keeps` is no near miss: {shown:?} has no word of the rule's phrases");
                let place = self.place_of(rule, &example.text);
                self.find("no-near-miss", place, message, "keep a text that a careless rule would take");
            }
        }
    }

    fn place_holders(&mut self, rule: &Rule) {
        let known = trial::place_holders(rule);
        let tests = &rule.written.tests;
        for example in tests.removes.iter().chain(&tests.keeps) {
            for name in holders(&example.text) {
                if !known.iter().any(|other| *other == name) {
                    let message = format!("`{name}` in an example stands for nothing");
                    let place = self.place_of(rule, name);
                    self.find("unknown-place-holder", place, message, mistake::nearest(name, &known));
                }
            }
        }
    }

    /// Values without quotes in which ` #` begins a comment.
    fn cut_off_by_comments(&mut self) {
        let mut body: Option<usize> = None;
        for (index, line) in mistake::lines(self.source.text).enumerate() {
            let indent = line.len() - line.trim_start().len();
            if body.is_some_and(|body| indent > body || line.trim().is_empty()) {
                continue;
            }
            body = None;
            let mut value = line.trim_start();
            while let Some(rest) = value.strip_prefix("- ") {
                value = rest.trim_start();
            }
            let key = value.split_once(": ").filter(|(key, _)| key.chars().all(|c| c.is_alphanumeric() || c == '_'));
            value = key.map_or(value, |(_, value)| value.trim_start());
            if value.starts_with(['|', '>']) {
                body = Some(indent);
                continue;
            }
            let is_plain = !value.starts_with(['"', '\'', '[', '{', '#', '&', '*']) && !value.trim_end().ends_with(':');
            // A comment behind a single word of a key is meant as one: `category: share  # and follow`.
            let is_word = |text: &str| key.is_some() && !text.trim_end().contains(' ');
            let cut = value.find(" #").filter(|at| is_plain && *at > 0 && !value.get(..*at).is_some_and(is_word));
            if let Some(at) = cut {
                let column = line.chars().count() - value.chars().count()
                    + value.get(..at).unwrap_or_default().chars().count()
                    + 2;
                let rest = line.chars().count() + 1 - column;
                let place = Place { line: index + 1, column, width: rest, source: line.to_owned() };
                let message = "YAML takes this for a comment and cuts it off".to_owned();
                let help = "put the value in quotes, before the comment if it is one";
                self.find("cut-off", place, message, help);
            }
        }
    }
}

/// Whether a guard makes a short phrase bearable: other noise is near, or the line is a label, or it is not long and stands
/// where noise stands.
fn bounds(guard: &Guard) -> bool {
    let chars = |words: usize| words * 8;
    let short = guard.max_words.is_some_and(|most| most <= limits::SHORT_LINE_WORDS)
        || guard.max_chars.is_some_and(|most| most <= chars(limits::SHORT_LINE_WORDS));
    let capped = guard.max_words.is_some() || guard.max_chars.is_some();
    guard.near.is_some() || short || capped && (guard.place.is_some() || guard.at_end)
}

/// Whether a guard asks for anything but a level.
fn is_conditional(guard: &Guard) -> bool {
    let Guard {
        level: _,
        min_chars,
        max_chars,
        min_words,
        max_words,
        place,
        at_end,
        near,
        max_hits,
        max_share,
        case,
        document_not,
    } = guard;
    *min_chars > 0
        || *min_words > 0
        || max_chars.is_some()
        || max_words.is_some()
        || place.is_some()
        || *at_end
        || near.is_some()
        || max_hits.is_some()
        || max_share.is_some()
        || case.is_some()
        || !document_not.is_empty()
}

/// Fewer than two words or fewer than eight letters; where words are not spaced, fewer than four.
fn is_short(folded: &str) -> bool {
    let letters = folded.chars().filter(|c| c.is_alphanumeric()).count();
    match is_unspaced(folded) {
        true => letters < limits::SHORT_PHRASE_LETTERS / 2,
        false => letters < limits::SHORT_PHRASE_LETTERS || words_of(folded).len() < 2,
    }
}

fn is_unspaced(text: &str) -> bool {
    text.chars().any(crate::fold::is_unspaced)
}

fn fold_all(text: &str) -> String {
    text.lines().map(fold).collect::<Vec<_>>().join(" ")
}

fn words_of(folded: &str) -> Vec<String> {
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let pairs = |word: &str| -> Vec<String> {
        let letters: Vec<char> = word.chars().collect();
        letters.windows(2).map(|pair| pair.iter().collect()).collect()
    };
    words.flat_map(|word| if is_unspaced(word) { pairs(word) } else { vec![word.to_owned()] }).collect()
}

/// What looks like a place-holder in a text.
fn holders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('{') {
        let rest = text.get(at..).unwrap_or_default();
        let Some(end) = rest.find('}') else { continue };
        let name = rest.get(1..end).unwrap_or_default();
        if name.len() > 1 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            found.extend(rest.get(..=end));
        }
    }
    found
}

/// The mistakes of single files, so that one broken file does not hide the others.
#[must_use]
pub fn unsound(sources: &[Source<'_>]) -> Vec<Finding> {
    let broken = |source: &Source<'_>| RuleSet::check_alone(*source).err();
    let at_path = |error: Error, path: &Path| error.in_file(path);
    let findings = sources.iter().filter_map(|source| broken(source).map(|error| at_path(error, source.path)));
    findings.map(|error| Finding { check: "unsound", error }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_place_holders_from_other_braces() {
        assert_eq!(holders("a {phrase} {n} {with2} {Name} {a b}"), ["{phrase}", "{with2}"]);
    }

    #[test]
    fn knows_short_phrases() {
        assert!(is_short("share") && is_short("read on") && is_short("advertisement"));
        assert!(!is_short("read more about"));
        assert!(is_short("分享") && !is_short("分享到微博"));
    }
}
