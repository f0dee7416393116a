//! Arguments as typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Strips the chaff from scraped text: cookie banners, comment widgets, share bars, bodies pasted twice.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Exit status: 0 clean or cleaned, 1 something would change (check, diff), 2 something failed.\n\n\
                  Example:\n  dechaff explain article.txt     what would go, by which rule, and what nearly went\n  \
                  dechaff clean article.txt       the article"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Print or write texts without their noise
    #[command(
        after_help = "Examples:\n  dechaff clean article.txt > clean.txt\n  scraper | dechaff clean --url https://example.org/a\n  \
                            dechaff clean -w notes/*.md\n  dechaff clean --format jsonl < pages.jsonl > clean.jsonl"
    )]
    Clean(CleanArgs),
    /// Tell whether texts are clean: exit status 1 when something would change
    #[command(after_help = "Example:\n  dechaff check articles/*.txt || echo 'run dechaff clean -w'")]
    Check(TextArgs),
    /// Show what would change, as a diff in which each hunk names its rules
    #[command(after_help = "Example:\n  dechaff diff --level eager article.txt")]
    Diff(TextArgs),
    /// Show a text with everything that goes, by which rule, and what nearly went
    #[command(
        after_help = "Examples:\n  dechaff explain article.txt\n  dechaff explain --json article.txt | jq '.removals[].rule'"
    )]
    Explain(ExplainArgs),
    /// Work with rules
    #[command(after_help = "Example:\n  dechaff rules test --rules my-rules/")]
    Rules {
        #[command(subcommand)]
        verb: RuleVerb,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleVerb {
    /// Run the examples that rules carry
    #[command(
        after_help = "Examples:\n  dechaff rules test\n  dechaff rules test --rules rules/sites/example.org.yaml 'sites-example.org/*'"
    )]
    Test(RuleTestArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleTestArgs {
    /// Ids of rules, with * for any text; all rules where there is none
    pub ids: Vec<String>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Tell which rules and phrases no example makes fire
    #[arg(long)]
    pub coverage: bool,
    /// Take each phrase and guard away in turn and tell which of them no example misses
    #[arg(long)]
    pub mutate: bool,
    /// One JSON object with all findings
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CleanArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Write the cleaned files into this folder, under their own names
    #[arg(short, long, value_name = "DIR", conflicts_with = "write", requires = "files")]
    pub output: Option<PathBuf>,
    /// Clean the files in place; each is replaced whole, and only when something changes
    #[arg(short, long, requires = "files")]
    pub write: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TextArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// One JSON object a text: outcome, removals with rule and byte spans, and what was held back
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// Files to read; standard input where there is none
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the input is: one text, or a JSON record a line
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub format: Format,
    /// How much may go
    #[arg(long, value_enum, default_value_t = LevelArg::Normal)]
    pub level: LevelArg,
    /// Where the text comes from, for rules that are for a site
    #[arg(long)]
    pub url: Option<String>,
    /// The field of a record that has the text; dots lead into objects [default: text, raw_content, content or markdown]
    #[arg(long, value_name = "NAME")]
    pub text_field: Option<String>,
    /// The field of a record that has the URL [default: url, metadata.url, source and others]
    #[arg(long, value_name = "NAME")]
    pub url_field: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleArgs {
    /// More rules: a file, or a folder of them; may be given several times
    #[arg(long = "rules", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Without the rules that come with dechaff
    #[arg(long)]
    pub no_builtin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// jsonl for .jsonl and .ndjson and for standard input that begins with a record, else text
    Auto,
    /// The whole input is one text
    Text,
    /// A JSON record a line
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArg {
    /// Only what is beyond doubt
    Careful,
    /// What a reader would call noise
    Normal,
    /// Rather too much than too little
    Eager,
}

impl From<LevelArg> for dechaff::Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Careful => Self::Careful,
            LevelArg::Normal => Self::Normal,
            LevelArg::Eager => Self::Eager,
        }
    }
}
