//! Drafts of rules from many documents: what repeats across the documents of one host, and what recurs at the edges of
//! documents of several hosts, is most likely no content.
//!
//! Memory is bounded: of lines that were seen once only so many are remembered, the oldest are forgotten first (lossy
//! counting, Manku and Motwani 2002).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::document::Document;
use crate::error::Error;
use crate::fold::fold;
use crate::limits;
use crate::matcher::{count_words, without_numbers};
use crate::rules::pattern::NUMBER;
use crate::rules::vocabulary;

/// Reads documents and remembers what repeats.
#[derive(Debug, Default)]
pub struct Suggester {
    documents: u32,
    hosts: BTreeMap<String, Host>,
    lines: HashMap<u64, Seen>,
    edges: HashMap<u64, Edge>,
}

#[derive(Debug, Default)]
struct Host {
    documents: u32,
    /// A paragraph of its own, for examples.
    prose: Vec<String>,
}

/// A line of one host.
#[derive(Debug)]
struct Seen {
    host: u64,
    text: Box<str>,
    documents: u32,
    last: u32,
    /// Its first place in a document that had it first, which orders what is suggested.
    place: u32,
    after_prose: u32,
    /// Words of the line's beginning that this is about; 0 for the whole line.
    beginning: usize,
    /// Words of the longest line that begins so.
    longest: usize,
    /// The line that mostly follows, by majority vote.
    next: Option<u64>,
    votes: u32,
}

/// The beginning of a line, or a whole one, at the edges of documents.
#[derive(Debug)]
struct Edge {
    text: Box<str>,
    whole: bool,
    documents: u32,
    last: u32,
    hosts: HashSet<u64>,
    /// Words of the longest line that begins so.
    longest: usize,
    example: Box<str>,
}

/// A rule file that could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The host that it is for; none where it is for all.
    pub host: Option<String>,
    /// Documents that it was drafted from.
    pub documents: usize,
    /// Patterns in it.
    pub patterns: usize,
    /// The rule file.
    pub yaml: String,
}

/// What a draft asks of what repeats.
#[derive(Debug, Clone, Copy)]
pub struct Least {
    /// Documents that have it.
    pub documents: u32,
    /// The share of the host's documents that have it, 0 to 1.
    pub share: f64,
    /// Hosts that have it, for what is drafted across hosts.
    pub hosts: usize,
}

impl Default for Least {
    fn default() -> Self {
        Self { documents: 3, share: 0.5, hosts: 3 }
    }
}

impl Suggester {
    /// Reads a document, with the rules' own removals already taken out of it. Without a host it counts for the edges only.
    ///
    /// # Errors
    /// The text is too long.
    pub fn read(&mut self, text: &str, host: Option<&str>) -> Result<(), Error> {
        let document = Document::new(text)?;
        self.documents += 1;
        let lines: Vec<&str> = document.lines().iter().map(|line| document.slice(line.text()).trim()).collect();
        let folded: Vec<String> = lines.iter().map(|line| fold(line)).collect();
        let prose: Vec<bool> = lines.iter().zip(&folded).map(|(line, folded)| is_prose(line, folded)).collect();
        if let Some(name) = host {
            self.read_host(name, &lines, &folded, &prose);
        }
        self.read_edges(host, &lines, &folded, &prose);
        self.forget();
        Ok(())
    }

    /// Documents that were read.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.documents as usize
    }

    fn read_host(&mut self, name: &str, lines: &[&str], folded: &[String], prose: &[bool]) {
        let host = self.hosts.entry(name.to_owned()).or_default();
        host.documents += 1;
        let own = lines.iter().zip(prose).filter(|(line, prose)| **prose && line.len() <= limits::SUGGESTED_LINE_BYTES);
        for (line, _) in own.take(if host.prose.len() < 12 { 3 } else { 0 }) {
            host.prose.push((*line).to_owned());
        }
        let mut before: Option<u64> = None;
        let mut since_prose = false;
        for (place, ((line, folded), prose)) in lines.iter().zip(folded).zip(prose).enumerate() {
            // Paragraphs that differ in a number are different news.
            let text = if *prose { folded.clone() } else { numberless(folded) };
            let key = key_of(&(name, text));
            if let Some(seen) = before.and_then(|before| self.lines.get_mut(&before)) {
                seen.vote(key);
            }
            before = Some(key);
            if folded.is_empty() || line.len() > limits::SUGGESTED_LINE_BYTES {
                continue;
            }
            let words = count_words(folded);
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            self.see(key, name, line, (0, words), place, since_prose);
            if words <= limits::SUGGESTED_EDGE_WORDS && !*prose {
                let numberless = numberless(folded);
                let starts: Vec<&str> = numberless.split_whitespace().collect();
                for count in (2..=4).filter(|count| *count < starts.len()) {
                    let start = starts.iter().take(count).copied().collect::<Vec<_>>().join(" ");
                    let written = line.split_whitespace().take(count).collect::<Vec<_>>().join(" ");
                    self.see(key_of(&(name, count, start)), name, &written, (count, words), place, since_prose);
                }
            }
            since_prose |= *prose;
        }
    }

    fn see(&mut self, key: u64, host: &str, text: &str, (beginning, words): (usize, usize), place: u32, after: bool) {
        let documents = self.documents;
        let seen = self.lines.entry(key).or_insert_with(|| Seen {
            host: key_of(&host),
            text: text.into(),
            documents: 0,
            last: 0,
            place,
            after_prose: 0,
            beginning,
            longest: 0,
            next: None,
            votes: 0,
        });
        seen.longest = seen.longest.max(words);
        if seen.last != documents {
            seen.documents += 1;
            seen.last = documents;
            seen.after_prose += u32::from(after);
        }
    }

    fn read_edges(&mut self, host: Option<&str>, lines: &[&str], folded: &[String], prose: &[bool]) {
        let first = prose.iter().position(|prose| *prose).unwrap_or(lines.len());
        let last = prose.iter().rposition(|prose| *prose).map_or(lines.len(), |last| last + 1);
        let near = |index: usize| {
            index < first.min(limits::SUGGESTED_EDGE_LINES)
                || index >= last.max(lines.len().saturating_sub(limits::SUGGESTED_EDGE_LINES))
        };
        for (index, (line, folded)) in lines.iter().zip(folded).enumerate().filter(|(index, _)| near(*index)) {
            let words = count_words(folded);
            if words == 0 || words > limits::SUGGESTED_EDGE_WORDS || prose.get(index) == Some(&true) {
                continue;
            }
            let text = numberless(folded);
            let starts: Vec<&str> = text.split_whitespace().collect();
            for count in (2..=4).filter(|count| *count < starts.len()) {
                let start = starts.iter().take(count).copied().collect::<Vec<_>>().join(" ");
                let written = line.split_whitespace().take(count).collect::<Vec<_>>().join(" ");
                self.edge(host, false, &start, &written, words, line);
            }
            self.edge(host, true, &text, line, words, line);
        }
    }

    fn edge(&mut self, host: Option<&str>, whole: bool, folded: &str, written: &str, words: usize, line: &str) {
        let edge = self.edges.entry(key_of(&(whole, folded))).or_insert_with(|| Edge {
            text: written.into(),
            whole,
            documents: 0,
            last: 0,
            hosts: HashSet::new(),
            longest: 0,
            example: line.into(),
        });
        if edge.last != self.documents {
            edge.documents += 1;
            edge.last = self.documents;
        }
        edge.longest = edge.longest.max(words);
        if let Some(host) = host.filter(|_| edge.hosts.len() < 64) {
            edge.hosts.insert(key_of(&host));
        }
    }

    /// Keeps memory within bounds: what was seen once and not lately goes, a quarter of the room at a time.
    fn forget(&mut self) {
        let (documents, room) = (self.documents, limits::SUGGESTED_ENTRIES);
        if self.lines.len() > room {
            for since in horizons(documents) {
                self.lines.retain(|_, seen| seen.last > since || seen.documents > 1 && since < documents);
                if self.lines.len() <= room / 4 * 3 {
                    break;
                }
            }
        }
        if self.edges.len() > room {
            for since in horizons(documents) {
                self.edges.retain(|_, edge| edge.last > since || edge.hosts.len() > 1 && since < documents);
                if self.edges.len() <= room / 4 * 3 {
                    break;
                }
            }
        }
    }

    /// Drafts of rule files, one for each host where something repeats, and one for what recurs across hosts.
    #[must_use]
    pub fn drafts(&self, least: Least, confidence: &str) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let mut by_host: HashMap<u64, Vec<(u64, &Seen)>> = HashMap::new();
        for (key, seen) in self.lines.iter().filter(|(_, seen)| seen.documents >= least.documents) {
            by_host.entry(seen.host).or_default().push((*key, seen));
        }
        for (name, host) in &self.hosts {
            let lines = by_host.get(&key_of(name)).map_or(&[][..], Vec::as_slice);
            drafts.extend(self.of_host(name, host, lines, least, confidence));
        }
        drafts.extend(self.across_hosts(least));
        drafts
    }

    fn of_host(
        &self,
        name: &str,
        host: &Host,
        lines: &[(u64, &Seen)],
        least: Least,
        confidence: &str,
    ) -> Option<Draft> {
        let needed = least.documents.max((f64::from(host.documents) * least.share).ceil() as u32);
        let often = |seen: &Seen| seen.documents >= needed && says_something(&seen.text);
        let (mut repeated, beginnings): (Vec<_>, Vec<_>) =
            lines.iter().copied().filter(|(_, seen)| often(seen)).partition(|(_, seen)| seen.beginning == 0);
        let mut beginnings: Vec<&Seen> = beginnings.into_iter().map(|(_, seen)| seen).collect();
        repeated.sort_by_key(|(key, seen)| (seen.after_prose * 2 > seen.documents, seen.place, *key));
        beginnings.sort_by_key(|seen| (seen.place, seen.text.clone()));
        // A beginning says no more than a whole line that repeats, or a longer beginning, in as many documents.
        let all = repeated.iter().map(|(_, seen)| *seen).chain(beginnings.iter().copied());
        let counts = Beginnings::new(all.map(|seen| (&*seen.text, f64::from(seen.documents))));
        let mut told = HashSet::new();
        beginnings.retain(|seen| {
            !counts.has_longer(&seen.text, f64::from(seen.documents) * 0.9)
                && told.insert(numberless(&fold(&seen.text)))
        });
        if repeated.is_empty() && beginnings.is_empty() {
            return None;
        }
        let known: HashMap<u64, &Seen> = repeated.iter().copied().collect();
        let blocks = blocks(&repeated, &known);
        let inside: HashSet<u64> = blocks.iter().flatten().copied().collect();
        let lines: Vec<&Seen> =
            repeated.iter().filter(|(key, _)| !inside.contains(key)).map(|(_, seen)| *seen).collect();
        // A paragraph that stands in one document only is the article's own.
        let own = host.prose.iter().filter(|prose| !repeated.iter().any(|(_, seen)| *seen.text == **prose));
        let own = own.min_by_key(|prose| prose.len());
        let others = || self.hosts.values().flat_map(|host| &host.prose).min_by_key(|prose| prose.len());
        let prose = own.or_else(others).cloned().unwrap_or_else(|| {
            let lines = repeated.iter().map(|(_, seen)| seen).chain(&beginnings).take(3);
            lines.map(|seen| &*seen.text).collect::<Vec<_>>().join(" ")
        });
        let count = host.documents;
        let mut yaml = format!(
            "# Drafted by dechaff from {count} documents of {name}. Read every line of it: what repeats is mostly no content, but\n\
             # a column's title repeats too. Say what each rule is about, give it its category, and raise its confidence\n\
             # (high: every level, medium: normal and eager, low: eager only) when you are sure.\n\
             schema: 1\npack: sites-{name}\ndefaults:\n  scope: {{hosts: [{name}]}}\n  texts:\n    prose: {}\nrules:\n",
            quoted(&prose)
        );
        let mut patterns = 0;
        if !lines.is_empty() {
            let _ = write!(
                yaml,
                "  - id: repeated-lines\n    about: Lines that stand in at least half of the site's pages\n    category: navigation\n    confidence: {confidence}\n    line:\n      phrases:\n"
            );
            for seen in &lines {
                let _ = writeln!(
                    yaml,
                    "        - {}  # in {} of {count}",
                    quoted(&open_numbers(&seen.text)),
                    seen.documents
                );
            }
            yaml.push_str(
                "    tests:\n      removes: [\"{prose}\\n\\n{phrase}\"]\n      keeps: [\"{phrase} {prose}\"]\n",
            );
            patterns += lines.len();
        }
        if !beginnings.is_empty() {
            let _ = write!(
                yaml,
                "  - id: repeated-beginnings\n    about: Short lines that begin alike on at least half of the site's pages\n    category: navigation\n    confidence: {confidence}\n    line:\n      match: prefix\n      phrases:\n"
            );
            for seen in &beginnings {
                let _ = writeln!(
                    yaml,
                    "        - {}  # in {} of {count}",
                    quoted(&open_numbers(&seen.text)),
                    seen.documents
                );
            }
            let most = beginnings.iter().map(|seen| seen.longest).max().unwrap_or(0) + 1;
            let _ = write!(
                yaml,
                "    guard: {{max_words: {most}}}\n    tests:\n      removes: [\"{{prose}}\\n\\n{{phrase}} x\"]\n      keeps: [\"{{phrase}} {{prose}}\"]\n"
            );
            patterns += beginnings.len();
        }
        for (number, block) in blocks.iter().enumerate() {
            let texts: Vec<&Seen> = block.iter().filter_map(|key| known.get(key).copied()).collect();
            let (Some(first), Some(last)) = (texts.first(), texts.last()) else { continue };
            let body: Vec<&str> = texts.iter().map(|seen| &*seen.text).collect();
            let (start, end) = (quoted(&open_numbers(&first.text)), quoted(&open_numbers(&last.text)));
            let suffix = if number == 0 { String::new() } else { format!("-{}", number + 1) };
            let _ = write!(
                yaml,
                "  - id: repeated-block{suffix}\n    about: Lines that follow each other, in {} of {count} pages\n    category: navigation\n    confidence: {confidence}\n    block:\n      start: {{phrases: [{start}]}}\n      end: {{phrases: [{end}]}}\n      max_lines: {}\n    tests:\n      removes: [{}]\n      keeps: [\"{{phrase}} {{prose}}\\n\\n{{end}}\"]\n",
                first.documents,
                texts.len() + 2,
                quoted(&format!("{{prose}}\n\n{}", body.join("\n"))),
            );
            patterns += 1;
        }
        Some(Draft { host: Some(name.to_owned()), documents: count as usize, patterns, yaml })
    }

    fn across_hosts(&self, least: Least) -> Option<Draft> {
        let mut found: Vec<&Edge> = self
            .edges
            .values()
            .filter(|edge| {
                edge.hosts.len() >= least.hosts && edge.documents >= least.documents && says_something(&edge.text)
            })
            .collect();
        found.sort_by(|a, b| (b.hosts.len(), b.documents, &a.text).cmp(&(a.hosts.len(), a.documents, &b.text)));
        // A beginning says no more than the whole lines, or the longer beginnings, that it stands in.
        let counts = Beginnings::new(found.iter().map(|edge| (&*edge.text, edge.hosts.len() as f64)));
        let is_covered = |edge: &Edge| counts.has_longer(&edge.text, edge.hosts.len() as f64 * 0.75);
        let found: Vec<&Edge> = found
            .iter()
            .copied()
            .filter(|edge| edge.whole || !is_covered(edge))
            .take(limits::SUGGESTED_EDGES)
            .collect();
        if found.is_empty() {
            return None;
        }
        let prose = self
            .hosts
            .values()
            .flat_map(|host| &host.prose)
            .min_by_key(|prose| prose.len())
            .cloned()
            .unwrap_or_default();
        let mut yaml = format!(
            "# Drafted by dechaff from {} documents: what recurs at the edges of documents of several hosts. Read every line of it:\n\
             # a section's name recurs too. Sort the phrases into rules with a category each before you use them.\n\
             schema: 1\npack: drafted-edges\ndefaults:\n  texts:\n    prose: {}\nrules:\n",
            self.documents,
            quoted(&prose)
        );
        let (whole, starts): (Vec<&Edge>, Vec<&Edge>) = found.iter().partition(|edge| edge.whole);
        let mut rule = |id: &str, about: &str, matching: &str, edges: &[&Edge], guard: &str, keeps: &str| {
            let _ = write!(
                yaml,
                "  - id: {id}\n    about: {about}\n    category: navigation\n    confidence: low\n    line:\n{matching}      phrases:\n"
            );
            for edge in edges {
                let phrase = quoted(&open_numbers(&edge.text));
                let _ = writeln!(
                    yaml,
                    "        - {phrase}  # on {} hosts, in {} documents",
                    edge.hosts.len(),
                    edge.documents
                );
            }
            let example = if matching.is_empty() { "{phrase}" } else { "{phrase} x" };
            let _ = write!(
                yaml,
                "    guard: {guard}\n    tests:\n      removes:\n        - \"{{prose}}\\n\\n{example}\"\n"
            );
            if let Some(edge) = edges.first().filter(|_| !matching.is_empty()) {
                let _ = writeln!(yaml, "        - {}", quoted(&format!("{{prose}}\n\n{}", edge.example)));
            }
            let _ = writeln!(yaml, "      keeps: [{keeps}]");
        };
        if !whole.is_empty() {
            let keeps = "\"{phrase} {prose}\", \"{prose}\\n\\n{phrase}\\n\\n{prose}\"";
            rule("edge-lines", "Lines that recur at the edges of pages", "", &whole, "{where: edges}", keeps);
        }
        if !starts.is_empty() {
            let most = starts.iter().map(|edge| edge.longest).max().unwrap_or(0) + 1;
            let guard = format!("{{where: edges, max_words: {most}}}");
            let keeps = "\"{phrase} {prose}\", \"{prose}\\n\\n{phrase} x\\n\\n{prose}\"";
            rule(
                "edge-beginnings",
                "Lines at the edges of pages that begin alike",
                "      match: prefix\n",
                &starts,
                &guard,
                keeps,
            );
        }
        Some(Draft { host: None, documents: self.documents as usize, patterns: found.len(), yaml })
    }
}

impl Seen {
    /// Counts a line that follows (majority vote, Boyer and Moore 1981).
    fn vote(&mut self, next: u64) {
        if self.next == Some(next) {
            self.votes += 1;
        } else if self.votes == 0 {
            self.next = Some(next);
            self.votes = 1;
        } else {
            self.votes -= 1;
        }
    }
}

/// Documents before which a single sight is forgotten, later and later; the last is now.
fn horizons(documents: u32) -> impl Iterator<Item = u32> {
    (1..=32).map(move |step| documents - documents.checked_shr(step).unwrap_or(0))
}

/// Texts by what they begin with, each with how often it stands somewhere.
struct Beginnings {
    sorted: Vec<(String, f64)>,
}

impl Beginnings {
    fn new<'t>(texts: impl Iterator<Item = (&'t str, f64)>) -> Self {
        let mut sorted: Vec<(String, f64)> = texts.map(|(text, often)| (numberless(&fold(text)), often)).collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        Self { sorted }
    }

    /// Whether some text that begins so, and goes on, stands at least that often.
    fn has_longer(&self, text: &str, often: f64) -> bool {
        let text = numberless(&fold(text));
        let first = self.sorted.partition_point(|(other, _)| *other <= text);
        let longer = self.sorted.iter().skip(first).take_while(|(other, _)| other.starts_with(&text));
        longer.into_iter().any(|(_, other)| *other >= often)
    }
}

/// Chains of at least three repeated lines, each mostly followed by the next.
fn blocks(repeated: &[(u64, &Seen)], known: &HashMap<u64, &Seen>) -> Vec<Vec<u64>> {
    let mut used: HashSet<u64> = HashSet::new();
    let mut blocks = Vec::new();
    for (key, _) in repeated {
        let mut chain = vec![*key];
        let mut at = *key;
        while let Some(seen) = known.get(&at).filter(|_| !used.contains(&at) && chain.len() < 40) {
            let next = seen.next.filter(|_| seen.votes * 3 >= seen.documents * 2);
            let Some(next) =
                next.filter(|next| known.contains_key(next) && !chain.contains(next) && !used.contains(next))
            else {
                break;
            };
            chain.push(next);
            at = next;
        }
        if chain.len() >= 3 && !used.contains(key) {
            used.extend(&chain);
            blocks.push(chain);
        }
    }
    blocks
}

fn is_prose(line: &str, folded: &str) -> bool {
    let words = count_words(folded);
    words >= limits::LONG_WORDS
        || words >= limits::PROSE_WORDS && line.ends_with(['.', '!', '?', '"', '”', '。', '！', '？'])
}

fn numberless(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    without_numbers(folded, &mut out);
    out
}

/// The line as a phrase: a number is any number.
fn open_numbers(text: &str) -> String {
    let mut out = String::new();
    let text = text.trim_end_matches(['*', ' ']);
    without_numbers(text, &mut out);
    // In capitals too a k or m belongs to its number.
    for unit in ["{n}K", "{n}M"] {
        while let Some(at) = out.find(unit).filter(|at| !out.get(at + unit.len()..).is_some_and(starts_word)) {
            out.remove(at + NUMBER.len());
        }
    }
    let letters = out.replace(NUMBER, "").chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2 { text.to_owned() } else { out }
}

fn key_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// As a YAML string in double quotes: JSON's, with what YAML takes for no character of a text escaped too.
fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let mut quoted = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            _ => quoted.push(c),
        }
    }
    quoted
}

fn starts_word(text: &str) -> bool {
    text.starts_with(char::is_alphanumeric)
}

/// Whether a text says enough to be a phrase.
fn says_something(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 2
        && fold(text).chars().count() >= 2
        && !text.trim_end_matches('*').contains('*')
        && vocabulary::unknown_name(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Knowledge, RuleSet, Source};

    fn page(number: usize) -> String {
        let who = ["keeper", "miller", "sexton", "ferryman", "weaver"].get(number).copied().unwrap_or_default();
        format!(
            "A {who}'s well\n\nThe {who} said on Monday that the water had risen by a hand since the rain, and that nobody in the lane \
             would have to carry any before the spring.\n\nTell us about your well\n\nThe well of the {who}\n{number} neighbours read this\n"
        )
    }

    #[test]
    fn drafts_what_repeats_and_nothing_else() {
        let mut suggester = Suggester::default();
        (0..5).for_each(|number| suggester.read(&page(number), Some("wells.example.org")).expect("short"));
        let drafts = suggester.drafts(Least::default(), "low");
        let [draft] = drafts.as_slice() else { panic!("{drafts:?}") };
        assert!(draft.yaml.contains("\"Tell us about your well\"  # in 5 of 5"), "{}", draft.yaml);
        assert!(draft.yaml.contains("\"{n} neighbours read this\""), "{}", draft.yaml);
        assert!(
            draft.yaml.contains("\"The well of the\"  # in 5 of 5") && !draft.yaml.contains("- \"A "),
            "{}",
            draft.yaml
        );
        let set = RuleSet::load([Source { path: "draft.yaml".as_ref(), text: &draft.yaml }], Knowledge::default());
        assert!(set.is_ok(), "{:?}", set.err());
    }

    #[test]
    fn two_documents_are_too_few() {
        let mut suggester = Suggester::default();
        (0..2).for_each(|number| suggester.read(&page(number), Some("wells.example.org")).expect("short"));
        assert!(suggester.drafts(Least::default(), "low").is_empty());
    }
}
