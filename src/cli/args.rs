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
                            dechaff clean -w notes/\n  dechaff clean -o clean/ crawl/\n  dechaff clean pages.jsonl.gz > clean.jsonl"
    )]
    Clean(CleanArgs),
    /// Print or write the articles of whole pages: text of a scraper's dump, menus and all, or of copy and paste
    #[command(after_help = "The article is looked for in the page's text, then that is cleaned. Only lines go; \
                      `dechaff explain --page` shows what spoke for and against each.\n\n\
                      Examples:\n  w3m -dump https://example.org/a | dechaff extract > article.txt\n  \
                      dechaff extract --level eager --format jsonl < pages.jsonl > articles.jsonl")]
    Extract(CleanArgs),
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
    /// Count what the rules do to many texts, and show it
    #[command(
        after_help = "Examples:\n  dechaff audit crawl/\n  dechaff audit --html report.html pages.jsonl && xdg-open report.html"
    )]
    Audit(AuditArgs),
    /// Work with rules
    #[command(after_help = "Example:\n  dechaff rules test --rules my-rules/")]
    Rules {
        #[command(subcommand)]
        verb: RuleVerb,
    },
    /// Work with evidence: what is measured of a line, for those who learn points from it
    #[command(after_help = "Example:\n  dechaff evidence measures")]
    Evidence {
        #[command(subcommand)]
        verb: EvidenceVerb,
    },
    /// See what holds here
    Config {
        #[command(subcommand)]
        verb: ConfigVerb,
    },
    /// Print the completions of a shell
    #[command(after_help = "Example:\n  dechaff completions bash > ~/.local/share/bash-completion/completions/dechaff")]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    #[command(after_help = "Example:\n  dechaff man ~/.local/share/man/man1")]
    Man {
        /// The folder for them; it is made where it is missing
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Show what holds for a file, and where each value comes from
    #[command(after_help = "Example:\n  dechaff config show notes/a.md")]
    Show(ConfigArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceVerb {
    /// List the measures that evidence files can name, and what each is
    Measures,
    /// Print every measure of every line: a JSON record a text
    #[command(after_help = "Example:\n  dechaff evidence measure --model phrases.yaml < pages.jsonl")]
    Measure(Box<MeasureArgs>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct MeasureArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// The evidence file with the phrases that count
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Of the lines that the rules leave
    #[arg(long)]
    pub cleaned: bool,
    /// These measures only, in this order
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Write a page to look at: one file, without any network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Texts that the page shows, beside those with the largest removals and of the sample
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub show: usize,
    /// Picks another sample
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// One JSON object with everything that was counted
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConfigArgs {
    /// The file; what holds in this folder where there is none
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// How much may go
    #[arg(long, value_enum)]
    pub level: Option<LevelArg>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleVerb {
    /// Run the examples that rules carry
    #[command(
        after_help = "Examples:\n  dechaff rules test\n  dechaff rules test --rules rules/sites/example.org.yaml 'sites-example.org/*'"
    )]
    Test(RuleTestArgs),
    /// Begin a rule file, filled from texts
    New {
        #[command(subcommand)]
        verb: NewVerb,
    },
    /// Try a rule that is in no file yet: what it hits, what else would go, in how many texts
    #[command(
        after_help = "Examples:\n  dechaff rules try -e 'line: {phrases: [\"Read next\"]}' pages/*.txt\n  dechaff rules try -e 'line: {match: prefix, phrases: [\"Photo by\"]}' -e 'guard: {max_words: 8}' pages/"
    )]
    Try(RuleTryArgs),
    /// Tell why a rule leaves a text alone: the lines that come nearest, and what each lacks
    #[command(after_help = "Example:\n  dechaff rules why-not en-comments/count page.txt")]
    WhyNot(RuleWhyNotArgs),
    /// Draft rules from what repeats in many texts
    #[command(
        after_help = "What is drafted is not in effect: read it, then use it with --rules.\n\nExamples:\n  dechaff rules suggest pages.jsonl > drafts.yaml\n  dechaff rules suggest -o drafts/ crawl/"
    )]
    Suggest(RuleSuggestArgs),
    /// Look for patterns that are too short, dead, said twice, slow or known to do harm
    #[command(
        after_help = "Exit status: 0 nothing found, 1 something found, 2 something failed.\n\nExamples:\n  dechaff rules lint my-rules/\n  dechaff rules lint --format github my-rules/"
    )]
    Lint(RuleLintArgs),
    /// List the rules in effect
    #[command(after_help = "Example:\n  dechaff rules list 'en-*'")]
    List(RuleListArgs),
    /// Show one rule as it is in effect, and where each value comes from
    #[command(after_help = "Example:\n  dechaff rules show en-comments/count")]
    Show(RuleShowArgs),
    /// Print the format of rule files as a JSON Schema, for editors
    Schema,
    /// Print a reference of the rules in effect, in Markdown
    #[command(after_help = "Example:\n  dechaff rules docs 'en-*' > rules.md")]
    Docs(RuleDocsArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewVerb {
    /// A file for a site, with the lines that its pages have in common
    #[command(
        after_help = "Example:\n  dechaff rules new site --host gazette.example.org -o my-rules/gazette.example.org.yaml pages/*.txt"
    )]
    Site(NewSiteArgs),
    /// A file with one rule for a phrase, with examples from texts that have it
    #[command(
        after_help = "Example:\n  dechaff rules new rule --phrase 'Seen something? Tell the Gazette' pages/*.txt"
    )]
    Rule(NewRuleArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewSiteArgs {
    /// The site's host; its subdomains are included
    #[arg(long)]
    pub host: String,
    /// Saved pages of the site, as text
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Write the file there, unless it exists; to standard output where nothing is said
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewRuleArgs {
    /// A phrase of the noise; may be given several times
    #[arg(long, required = true)]
    pub phrase: Vec<String>,
    /// The rule's id, as pack/id
    #[arg(long, default_value = "mine/rule")]
    pub id: String,
    /// Texts that have the phrase
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Write the file there, unless it exists; to standard output where nothing is said
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleTryArgs {
    /// The rule's action and any other of its keys, as YAML; several are put one under the other
    #[arg(short = 'e', value_name = "YAML", required = true)]
    pub sketch: Vec<String>,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Show every hit, not only the first
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleWhyNotArgs {
    /// The rule's id
    pub id: String,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// One JSON object a text
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleSuggestArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Write a file for each host into this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Documents of a host that must have a line
    #[arg(long, default_value_t = 3)]
    pub least: u32,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleLintArgs {
    /// Rule files, and folders of them; all rules in effect where there is none
    #[arg(id = "files", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub format: LintFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people
    Text,
    /// One JSON array
    Json,
    /// Commands that GitHub shows beside the lines
    Github,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleListArgs {
    /// Ids of rules, with * for any text; all rules where there is none
    pub ids: Vec<String>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// One JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleShowArgs {
    /// The rule's id
    pub id: String,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RuleDocsArgs {
    /// Ids of rules, with * for any text; all rules where there is none
    pub ids: Vec<String>,
    #[command(flatten)]
    pub rules: RuleArgs,
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
    /// Write the cleaned files into this folder; what was found in folders keeps its place in them
    #[arg(short, long, value_name = "DIR", conflicts_with = "write", requires = "files")]
    pub output: Option<PathBuf>,
    /// Clean the files in place; each is replaced whole, and only when something changes
    #[arg(short, long, requires = "files")]
    pub write: bool,
    /// Say in a new field of each record what went: rule, start and end in characters of the text
    #[arg(long, value_name = "FIELD", conflicts_with = "attributes")]
    pub annotate: Option<String>,
    /// Write no texts, but Dolma attribute files into this folder: what would go, for each category
    #[arg(long, value_name = "DIR", requires = "files", conflicts_with_all = ["write", "output"])]
    pub attributes: Option<PathBuf>,
    /// Texts that are cleaned at the same time [default: as many as there are cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Say nothing but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Say at the end what was done, on standard error [default: text, where files are written]
    #[arg(long, value_enum)]
    pub summary: Option<Summary>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Summary {
    /// For people
    Text,
    /// One JSON object
    Json,
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

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct InputArgs {
    /// Files, and folders of them; standard input where there is none
    #[arg(value_name = "PATH")]
    pub files: Vec<PathBuf>,
    /// In folders, only files that fit [default: texts and records, by their names]
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Not these files, wherever they are named
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// In folders, also what .gitignore names
    #[arg(long)]
    pub no_ignore: bool,
    /// What the input is: one text, or a JSON record a line
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub format: Format,
    /// How much may go [default: normal]
    #[arg(long, value_enum)]
    pub level: Option<LevelArg>,
    /// Where the text comes from, for rules that are for a site
    #[arg(long)]
    pub url: Option<String>,
    /// The text is a whole page, menus and all: look for its article first, as `extract` does
    #[arg(long)]
    pub page: bool,
    /// The page's title, where its first line is another [default: a record's `title`]
    #[arg(long, value_name = "TEXT", requires = "page")]
    pub title: Option<String>,
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
    /// Without evidence rules for text; `--page` has its own
    #[arg(long)]
    pub no_evidence: bool,
    /// Evidence in place of what comes with dechaff under the same name; may be given several times
    #[arg(long, value_name = "FILE")]
    pub evidence: Vec<PathBuf>,
    /// The config file [default: the nearest dechaff.yaml above the file]
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Without any config file
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// jsonl for .jsonl and .ndjson, wet for .wet, packed or not, and what standard input begins like; else text
    Auto,
    /// The whole input is one text
    Text,
    /// A JSON record a line
    Jsonl,
    /// Common Crawl's WET; what comes out are records
    Wet,
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
