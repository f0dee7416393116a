//! A rule file as written. Shapes only; what they mean is checked in [`rule`](super::rule).
//!
//! `docs/rules.md` describes every key for people; what stands above each field here is what an editor shows, by way of
//! the JSON Schema in `rules/schema.json`.

mod action;
mod example;
mod guard;
mod many;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_saphyr::{Location, Spanned};

pub use action::{
    At, Block, Copies, Cut, Duplicate, Ending, Evidence, Foreign, Input, ItemKind, Items, Keep, Masthead, Match, NoEnd,
    Pattern, Run, Section, Unit,
};
pub use example::{Example, TestCase, Tests};
pub use guard::{Case, Guard, Near, Where};
pub use many::OneOrMany;

use super::pattern::{List, Role};

/// A text with its place in the file.
pub type Text = Spanned<String>;

/// A whole rule file.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Version of the format; this one is 1.
    #[schemars(with = "u32")]
    pub schema: Spanned<u32>,
    /// What comes before the slash in every id of this file.
    #[schemars(with = "String")]
    pub pack: Text,
    /// What every rule of the file starts from.
    #[serde(default)]
    pub defaults: Defaults,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// Values that a file gives to all its rules.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
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
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = super::schema::one_action()))]
pub struct Rule {
    /// Unique in the pack.
    #[schemars(with = "String")]
    pub id: Text,
    /// One sentence for people.
    pub about: String,
    /// What kind of noise.
    #[schemars(with = "Category")]
    pub category: Spanned<Category>,
    /// From which level on the rule runs.
    #[serde(default)]
    pub confidence: Confidence,
    /// Languages of the phrases.
    pub languages: Option<Vec<String>>,
    /// Where the pattern was seen.
    #[serde(default)]
    pub refs: Vec<String>,
    /// What lint finds here and should, with the reason: `short-phrase: credits begin so`.
    #[serde(default)]
    pub expect: BTreeMap<String, String>,
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
    /// What stands between title and headline.
    pub masthead: Option<Masthead>,
    /// Everything from a line that another rule takes.
    pub ending: Option<Ending>,
    /// Another language.
    pub foreign: Option<Foreign>,
    /// What is learnt of words and shapes.
    pub evidence: Option<Evidence>,
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
    /// One that says nothing.
    pub(super) fn none() -> Self {
        Self {
            id: Text::new(String::new(), Location::UNKNOWN, Location::UNKNOWN),
            about: String::new(),
            category: Spanned::new(Category::Protect, Location::UNKNOWN, Location::UNKNOWN),
            confidence: Confidence::default(),
            languages: None,
            refs: Vec::new(),
            expect: BTreeMap::new(),
            scope: None,
            line: None,
            block: None,
            section: None,
            run: None,
            span: None,
            duplicate: None,
            masthead: None,
            ending: None,
            foreign: None,
            evidence: None,
            keep: None,
            guard: OneOrMany::default(),
            tests: Tests::default(),
        }
    }

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
            Role::Start => {
                let ending = self.ending.as_ref().map(|ending| Lists::from(&ending.start));
                self.block.as_ref().map(|block| Lists::from(&block.start)).or(ending)
            }
            Role::End => self.block.as_ref().map(|block| Lists::from(&block.end)),
            Role::Mark => self.ending.as_ref().map(|ending| Lists::from(&ending.marks)),
            Role::Heading => self.section.as_ref().map(|section| Lists::from(&section.heading)),
            Role::Topic => {
                let topic = self.foreign.as_ref().map(|foreign| &foreign.topic);
                topic.map(|topic| Lists { matching: Match::Contains, phrases: topic, ..whole })
            }
        }
    }
}

/// What kind of noise a rule takes out.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Cookie banners and privacy choices.
    Consent,
    /// Comment forms, counts and links.
    Comments,
    /// Share bars and follow links.
    Share,
    /// Sign-ups and their small print.
    Newsletter,
    /// Other stories, most read, read next.
    Related,
    /// Copyright lines, disclaimers, terms.
    Legal,
    /// Photo credits and agencies.
    Credit,
    /// Bylines and author boxes.
    Author,
    /// Dates and reading times.
    Date,
    /// Menus, breadcrumbs, tags, buttons.
    Navigation,
    /// What stands on the page twice.
    Duplicate,
    /// Advertising and its labels.
    Ad,
    /// Subscription walls.
    Paywall,
    /// Appeals for money.
    Donation,
    /// Player controls, galleries.
    Media,
    /// Another language than the document's.
    Foreign,
    /// What is learnt of words and shapes, no phrase deciding alone.
    Evidence,
    /// Nothing: a rule that protects.
    Protect,
}

impl Category {
    /// The word that rule files have for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Category::Consent => "consent",
            Category::Comments => "comments",
            Category::Share => "share",
            Category::Newsletter => "newsletter",
            Category::Related => "related",
            Category::Legal => "legal",
            Category::Credit => "credit",
            Category::Author => "author",
            Category::Date => "date",
            Category::Navigation => "navigation",
            Category::Duplicate => "duplicate",
            Category::Ad => "ad",
            Category::Paywall => "paywall",
            Category::Donation => "donation",
            Category::Media => "media",
            Category::Foreign => "foreign",
            Category::Evidence => "evidence",
            Category::Protect => "protect",
        }
    }
}

/// How sure a rule's author is; decides from which level on it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
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

impl Confidence {
    /// The word that rule files have for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }
}

/// Documents that a rule is for.
#[derive(Debug, Clone, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Hosts, their subdomains included.
    #[schemars(with = "Vec<String>")]
    pub hosts: Vec<Text>,
    /// Hosts that it is not for.
    #[schemars(with = "Vec<String>")]
    pub not_hosts: Vec<Text>,
    /// Globs on the path of the URL.
    #[schemars(with = "Vec<String>")]
    pub paths: Vec<Text>,
    /// Globs on the path of the URL that it is not for.
    #[schemars(with = "Vec<String>")]
    pub not_paths: Vec<Text>,
    /// Globs on the path of the file.
    #[schemars(with = "Vec<String>")]
    pub files: Vec<Text>,
    /// Globs on the path of the file that it is not for.
    #[schemars(with = "Vec<String>")]
    pub not_files: Vec<Text>,
    /// Languages of the documents, as codes: `en`.
    #[schemars(with = "Vec<String>")]
    pub document_languages: Vec<Text>,
}

/// How much is removed: the user's dial.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize, JsonSchema,
)]
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
