//! What a rule does, as written.

use serde_saphyr::Spanned;

use super::Text;
use crate::rules::file::Category;

/// How much of a line a phrase must be.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
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

impl From<At> for Match {
    fn from(at: At) -> Self {
        match at {
            At::LineStart => Match::Prefix,
            At::LineEnd => Match::Suffix,
            At::Anywhere => Match::Contains,
        }
    }
}

/// Phrases and regexes, and what else must or must not be in the line.
#[derive(Debug, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pattern {
    /// How much of the line a phrase or regex must be.
    #[serde(rename = "match")]
    pub matching: Match,
    /// Texts to look for, as a reader sees them: case, quotes, dashes, bullets and Markdown marks make no difference.
    /// `{n}` stands for a number; a `*` at the end lets the last word go on.
    #[schemars(with = "Vec<String>")]
    pub phrases: Vec<Text>,
    /// For what phrases cannot say; in lower case, without `^` and `$`.
    #[schemars(with = "Vec<String>")]
    pub regex: Vec<Text>,
    /// Lists of phrases; of each list one must be in the same line too.
    #[schemars(with = "Vec<Vec<String>>")]
    pub with: Vec<Vec<Text>>,
    /// Where one of these is in the line, the rule does not match.
    #[schemars(with = "Vec<String>")]
    pub except: Vec<Text>,
}

/// From a start line to an end line.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The first line.
    pub start: Pattern,
    /// The last line.
    #[serde(default)]
    pub end: Pattern,
    /// At most that many lines, blank ones not counted.
    #[schemars(with = "usize")]
    pub max_lines: Spanned<usize>,
    /// What happens where no end line follows in time.
    #[serde(default)]
    pub no_end: NoEnd,
}

/// What a block does when no end marker follows in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
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
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading.
    pub heading: Pattern,
    /// The lines under it.
    pub items: Items,
    /// Only where nothing but removed lines follow.
    #[serde(default)]
    pub reaches_end: bool,
}

/// The lines under a section's heading.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Items {
    /// What counts as an item.
    #[serde(default)]
    pub kind: ItemKind,
    /// With fewer, nothing goes.
    #[serde(default)]
    pub min: usize,
    /// With more, nothing goes.
    #[schemars(with = "usize")]
    pub max: Spanned<usize>,
    /// The longest that one item may be.
    pub max_chars: Option<usize>,
    /// The longest that all items together may be.
    pub max_words: Option<usize>,
}

/// What counts as an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
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
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Hits of rules of these categories count.
    pub categories: Vec<Category>,
    /// At least that many of them.
    pub min_hits: usize,
    /// At least that share of the stretch's lines is hit, 0 to 1.
    pub min_share: f64,
    /// At most that many other lines between two hits.
    #[serde(default)]
    pub max_gap: usize,
    /// The longest that any line of it may be.
    pub max_chars: usize,
    /// The longest that a line may be that is carried by the hits around it.
    #[serde(default = "four")]
    pub max_words: usize,
}

/// Part of a line.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// Where in the line.
    pub at: At,
    /// Texts that go.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub phrases: Vec<Text>,
    /// What goes, for what phrases cannot say.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub regex: Vec<Text>,
    /// Where one of these is in the line, nothing goes.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub except: Vec<Text>,
}

/// Where in the line a span may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
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
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duplicate {
    /// What is compared.
    pub unit: Unit,
    /// Which copy stays.
    #[serde(default)]
    pub keep: Copies,
    /// Shorter ones do not count.
    #[serde(default)]
    pub min_chars: usize,
    /// Those of fewer words do not count.
    #[serde(default)]
    pub min_words: usize,
    /// Blocks with fewer lines of prose do not count.
    #[serde(default)]
    pub min_prose_lines: usize,
    /// Blocks of fewer lines do not count.
    #[serde(default = "one")]
    pub min_run: usize,
    /// Blocks that are a smaller share of the document's words do not count, 0 to 1.
    #[serde(default)]
    pub min_share: f64,
    /// A line of more words is part of no block.
    pub max_words: Option<usize>,
    /// How far apart the copies may be.
    pub within_lines: Option<usize>,
    /// A line that equals its neighbour but for one of these at its end is a copy of it.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub credited_by: Vec<Text>,
}

fn one() -> usize {
    1
}

fn four() -> usize {
    4
}

/// What a duplicate or keep rule looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Copies {
    /// The first.
    #[default]
    First,
    /// None: what stands twice is furniture.
    None,
}

/// Everything between the page's title at the top of a text and the headline that repeats it.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Masthead {
    /// Words of the title that the headline has, at least.
    pub min_words: usize,
    /// The share of the headline's words that the title has, 0 to 1.
    pub min_share: f64,
    /// Hits of rules of these categories count as a menu's.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// At least that many lines above the headline are such hits.
    #[serde(default)]
    pub min_hits: usize,
    /// The title must have several parts, `Headline - Site`, and the headline be the whole of one.
    #[serde(default)]
    pub whole_part: bool,
    /// Paragraphs of prose above the headline that no rule takes, at most.
    #[serde(default)]
    pub max_prose: usize,
}

/// From one line to the document's end.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// The rules whose lines begin it, as globs of ids.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub from: Vec<Text>,
    /// Lines that begin it themselves.
    #[serde(default)]
    pub start: Pattern,
    /// Lines that it is known by: what stands at each comment of a thread.
    #[serde(default)]
    pub marks: Pattern,
    /// At least so many of them are in it.
    #[serde(default)]
    pub min_marks: usize,
    /// Paragraphs of prose that stand before it, at least.
    pub after_prose: usize,
    /// Paragraphs of prose that are part of it and that no rule takes, at most.
    #[serde(default)]
    pub max_prose: usize,
}

/// Lines in a language that the document is not written in.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Foreign {
    /// Shorter blocks are not judged.
    pub min_chars: usize,
    /// How sure the detection must be, 0 to 1.
    pub min_confidence: f64,
    /// One of these must be in the block.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub topic: Vec<Text>,
}

/// Lines whose points are below the bar.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The name of what was learnt, in a file of `rules/evidence`.
    #[schemars(with = "String")]
    pub model: Text,
    /// What text it is about.
    #[serde(default)]
    pub input: Input,
}

/// What text evidence is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// An article's text, when the rules find nothing more in it.
    #[default]
    Text,
    /// A whole page, menus and all, before any rule: for `extract`.
    Page,
}

/// Lines, blocks or documents that other rules must leave alone.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// What is protected.
    #[serde(default)]
    pub unit: Unit,
    /// The rules it is protected from, as globs of ids.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub from: Vec<Text>,
    /// How much of the line a phrase or regex must be.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// Texts to look for.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub phrases: Vec<Text>,
    /// For what phrases cannot say.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub regex: Vec<Text>,
    /// Lists of phrases; of each list one must be in the same line too.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>")]
    pub with: Vec<Vec<Text>>,
    /// Where one of these is in the line, it does not match.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub except: Vec<Text>,
    /// Lines that must match before anything is protected.
    #[serde(default = "one")]
    pub min_hits: usize,
    /// A kind that this gives the document, for `document_not` of other rules.
    #[schemars(with = "Option<String>")]
    pub kind: Option<Text>,
}
