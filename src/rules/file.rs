//! A rule file as written. Shapes only; what they mean is checked in [`rule`](super::rule).
//!
//! `docs/rules.md` describes every key for people.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::pattern::{List, Role};

/// A text with its place in the file.
pub type Text = Spanned<String>;

/// A whole rule file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Version of the format; this one is 1.
    pub schema: Spanned<u32>,
    /// What comes before the slash in every id of this file.
    pub pack: Text,
    /// What every rule of the file starts from.
    #[serde(default)]
    pub defaults: Defaults,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// Values that a file gives to all its rules.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Languages of the phrases.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Documents the rules are for.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// Texts that stand in many examples, by name: `{name}` in an example means the text.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
}

/// One rule.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique in the pack.
    pub id: Text,
    /// One sentence for people.
    pub about: String,
    /// What kind of noise.
    pub category: Spanned<Category>,
    /// From which level on the rule runs.
    #[serde(default)]
    pub confidence: Confidence,
    /// Languages of the phrases.
    pub languages: Option<Vec<String>>,
    /// Where the pattern was seen.
    #[serde(default)]
    pub refs: Vec<String>,
    /// Documents the rule is for.
    pub scope: Option<Scope>,
    /// Whole lines.
    pub line: Option<Pattern>,
    /// From a start line to an end line.
    pub block: Option<Block>,
    /// A heading and its list.
    pub section: Option<Section>,
    /// A stretch of short lines.
    pub run: Option<Run>,
    /// Part of a line.
    pub span: Option<Cut>,
    /// Later copies.
    pub duplicate: Option<Duplicate>,
    /// Another language.
    pub foreign: Option<Foreign>,
    /// Protection.
    pub keep: Option<Keep>,
    /// Conditions beside the text itself; alternatives, one of which must hold.
    #[serde(default)]
    pub guard: OneOrMany<Guard>,
    /// Examples.
    #[serde(default)]
    pub tests: Tests,
}

/// The lists of one of a rule's patterns, whichever action it belongs to.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Lists<'r> {
    pub matching: Match,
    pub phrases: &'r [Text],
    pub regex: &'r [Text],
    pub with: &'r [Vec<Text>],
    pub except: &'r [Text],
}

impl<'r> Lists<'r> {
    /// One of the lists.
    #[must_use]
    pub fn list(&self, list: List) -> &'r [Text] {
        match list {
            List::Phrases => self.phrases,
            List::With(number) => self.with.get(usize::from(number)).map_or(&[], Vec::as_slice),
            List::Except => self.except,
            List::Regex => self.regex,
        }
    }
}

impl<'r> From<&'r Pattern> for Lists<'r> {
    fn from(pattern: &'r Pattern) -> Self {
        let Pattern { matching, phrases, regex, with, except } = pattern;
        Self { matching: *matching, phrases, regex, with, except }
    }
}

impl Rule {
    /// The pattern that plays that role, if the rule has it.
    #[must_use]
    pub fn pattern(&self, role: Role) -> Option<Lists<'_>> {
        let whole = Lists::default();
        match role {
            Role::Main => {
                let line = self.line.as_ref().map(Lists::from);
                let span = self.span.as_ref().map(|Cut { at, phrases, regex, except }| {
                    let matching = Match::from(*at);
                    Lists { matching, phrases, regex, except, ..whole }
                });
                let keep = self.keep.as_ref().map(|Keep { matching, phrases, regex, with, except, .. }| Lists {
                    matching: *matching,
                    phrases,
                    regex,
                    with,
                    except,
                });
                line.or(span).or(keep)
            }
            Role::Start => self.block.as_ref().map(|block| Lists::from(&block.start)),
            Role::End => self.block.as_ref().map(|block| Lists::from(&block.end)),
            Role::Heading => self.section.as_ref().map(|section| Lists::from(&section.heading)),
            Role::Topic => {
                let topic = self.foreign.as_ref().map(|foreign| &foreign.topic);
                topic.map(|topic| Lists { matching: Match::Contains, phrases: topic, ..whole })
            }
        }
    }
}

impl From<At> for Match {
    fn from(at: At) -> Self {
        match at {
            At::LineStart => Match::Prefix,
            At::LineEnd => Match::Suffix,
            At::Anywhere => Match::Contains,
        }
    }
}

/// What kind of noise a rule takes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the field's own words; docs/rules.md lists them")]
pub enum Category {
    Consent,
    Comments,
    Share,
    Newsletter,
    Related,
    Legal,
    Credit,
    Author,
    Date,
    Navigation,
    Duplicate,
    Ad,
    Paywall,
    Donation,
    Media,
    Foreign,
    Protect,
}

/// How sure a rule's author is; decides from which level on it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Runs at every level.
    High,
    /// Runs from `normal` on.
    #[default]
    Medium,
    /// Runs at `eager` only.
    Low,
}

/// Documents that a rule is for.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Scope {
    pub hosts: Vec<Text>,
    pub not_hosts: Vec<Text>,
    pub paths: Vec<Text>,
    pub not_paths: Vec<Text>,
    pub files: Vec<Text>,
    pub not_files: Vec<Text>,
    pub document_languages: Vec<Text>,
}

/// How much of a line a phrase must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// All of it.
    #[default]
    Whole,
    /// Its beginning.
    Prefix,
    /// Its end.
    Suffix,
    /// Any part.
    Contains,
}

/// Phrases and regexes, and what else must or must not be in the line.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Pattern {
    #[serde(rename = "match")]
    pub matching: Match,
    pub phrases: Vec<Text>,
    pub regex: Vec<Text>,
    pub with: Vec<Vec<Text>>,
    pub except: Vec<Text>,
}

/// From a start line to an end line.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Block {
    pub start: Pattern,
    #[serde(default)]
    pub end: Pattern,
    pub max_lines: Spanned<usize>,
    #[serde(default)]
    pub no_end: NoEnd,
}

/// What a block does when no end marker follows in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoEnd {
    /// Nothing is removed.
    #[default]
    Keep,
    /// It ends before the next blank line.
    Paragraph,
    /// It ends with the document.
    Document,
}

/// A heading and the list of short lines under it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Section {
    pub heading: Pattern,
    pub items: Items,
    #[serde(default)]
    pub reaches_end: bool,
}

/// The lines under a section's heading.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Items {
    #[serde(default)]
    pub kind: ItemKind,
    #[serde(default)]
    pub min: usize,
    pub max: Spanned<usize>,
    pub max_chars: Option<usize>,
    pub max_words: Option<usize>,
}

/// What counts as an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// Any line that is no prose.
    #[default]
    Any,
    /// A line with a list mark.
    Bullet,
    /// A line that does not end like a sentence.
    Title,
}

/// A stretch of short lines, many of them hit.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Run {
    pub categories: Vec<Category>,
    pub min_hits: usize,
    pub min_share: f64,
    #[serde(default)]
    pub max_gap: usize,
    pub max_chars: usize,
    #[serde(default = "four")]
    pub max_words: usize,
}

/// Part of a line.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Cut {
    pub at: At,
    #[serde(default)]
    pub phrases: Vec<Text>,
    #[serde(default)]
    pub regex: Vec<Text>,
    #[serde(default)]
    pub except: Vec<Text>,
}

/// Where in the line a span may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// At its beginning.
    LineStart,
    /// At its end.
    LineEnd,
    /// Anywhere.
    Anywhere,
}

/// Later copies of lines or blocks.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Duplicate {
    pub unit: Unit,
    #[serde(default)]
    pub keep: Copies,
    #[serde(default)]
    pub min_chars: usize,
    #[serde(default)]
    pub min_words: usize,
    #[serde(default)]
    pub min_prose_lines: usize,
    #[serde(default = "one")]
    pub min_run: usize,
    #[serde(default)]
    pub min_share: f64,
    pub within_lines: Option<usize>,
    #[serde(default)]
    pub credited_by: Vec<Text>,
}

fn one() -> usize {
    1
}

fn four() -> usize {
    4
}

/// What a duplicate or keep rule looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A line.
    #[default]
    Line,
    /// Lines that stand together.
    Block,
    /// The whole document (keep rules only).
    Document,
}

/// Which copy stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Copies {
    /// The first.
    #[default]
    First,
    /// None: what stands twice is furniture.
    None,
}

/// Lines in a language that the document is not written in.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Foreign {
    pub min_chars: usize,
    pub min_confidence: f64,
    #[serde(default)]
    pub topic: Vec<Text>,
}

/// Lines, blocks or documents that other rules must leave alone.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Keep {
    #[serde(default)]
    pub unit: Unit,
    #[serde(default)]
    pub from: Vec<Text>,
    #[serde(default, rename = "match")]
    pub matching: Match,
    #[serde(default)]
    pub phrases: Vec<Text>,
    #[serde(default)]
    pub regex: Vec<Text>,
    #[serde(default)]
    pub with: Vec<Vec<Text>>,
    #[serde(default)]
    pub except: Vec<Text>,
    #[serde(default = "one")]
    pub min_hits: usize,
    pub kind: Option<Text>,
}

/// Conditions beside the text itself.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "docs/rules.md has the table")]
pub struct Guard {
    pub level: Option<Level>,
    pub min_chars: Option<usize>,
    pub max_chars: Option<usize>,
    pub min_words: Option<usize>,
    pub max_words: Option<usize>,
    #[serde(rename = "where")]
    pub place: Option<Where>,
    pub at_end: bool,
    pub near: Option<Near>,
    pub max_hits: Option<usize>,
    pub max_share: Option<f64>,
    pub case: Option<Case>,
    pub document_not: Vec<Text>,
}

/// How much is removed: the user's dial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Only what is beyond doubt.
    Careful,
    /// What a reader would call noise.
    #[default]
    Normal,
    /// Rather too much than too little.
    Eager,
}

impl Level {
    /// All of them, the most careful first.
    pub const ALL: [Level; 3] = [Level::Careful, Level::Normal, Level::Eager];

    /// The word that people write.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Careful => "careful",
            Level::Normal => "normal",
            Level::Eager => "eager",
        }
    }
}

impl From<Confidence> for Level {
    fn from(confidence: Confidence) -> Self {
        match confidence {
            Confidence::High => Level::Careful,
            Confidence::Medium => Level::Normal,
            Confidence::Low => Level::Eager,
        }
    }
}

/// Part of a document, told by its paragraphs of prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// Before the first paragraph.
    Head,
    /// After the last.
    Tail,
    /// Either.
    Edges,
    /// The head and the first paragraph.
    Lead,
}

/// Another rule's hit close by.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// The other rule's category, or several of which one will do.
    pub category: OneOrMany<Category>,
    /// How many lines away, blank ones not counted.
    pub within_lines: Spanned<usize>,
    /// The other hit must need no neighbour itself.
    #[serde(default)]
    pub firm: bool,
}

/// Letters as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// Most Words Begin With A Capital.
    Title,
    /// ALL CAPITALS.
    Upper,
}

/// Examples that a rule must pass.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tests {
    /// Texts of which the rule removes something.
    pub removes: Vec<Example>,
    /// Near misses of which it removes nothing, at its first level and at `eager`.
    pub keeps: Vec<Example>,
    /// Texts and what all rules together leave of them.
    pub cases: Vec<TestCase>,
}

/// A text, or a text and under what conditions it is tried.
///
/// In the text `{phrase}`, `{with}`, `{except}`, `{end}` and `{topic}` stand for each phrase of the rule's list of that
/// name in turn, and `{name}` for a text of that name among the file's `defaults`.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// The text.
    pub text: String,
    /// The level at which it is tried, where that is not the rule's first.
    pub level: Option<Level>,
    /// Where it came from.
    pub url: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleKeys {
    text: String,
    level: Option<Level>,
    url: Option<String>,
}

impl<'de> Deserialize<'de> for Example {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExampleVisitor)
    }
}

struct ExampleVisitor;

impl<'de> Visitor<'de> for ExampleVisitor {
    type Value = Example;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a map with `text`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Example { text: text.to_owned(), ..Example::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let ExampleKeys { text, level, url } = ExampleKeys::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Example { text, level, url })
    }
}

/// A text and what is left of it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCase {
    /// What goes in.
    #[serde(rename = "in")]
    pub input: String,
    /// What comes out.
    #[serde(rename = "out")]
    pub output: String,
    /// Where it came from.
    pub url: Option<String>,
}

/// A value or a list of values. (serde's `untagged` would lose the place of a mistake.)
#[derive(Debug, Clone)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value or a list of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(de::value::StrDeserializer::new(text)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(OneOrMany)
    }
}
