//! What `build.rs` puts into the binary: the files of `rules/`, and what they come to once they are read and checked.
//! Of evidence only the latter: it is a megabyte, and nobody is shown the file.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The files of `rules/`, by path.
pub(crate) fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));
static MATCHER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/matcher.bin"));

/// What is learnt of lines, as [`Model::freeze`](crate::evidence::Model::freeze) writes it, by the path of its file.
pub(crate) fn models() -> &'static [(&'static str, &'static [u8])] {
    MODELS
}

/// Languages and rules, as [`RuleSet::freeze`](crate::rules::RuleSet::freeze) writes them.
pub(crate) fn rules() -> &'static [u8] {
    RULES
}

/// The patterns of these rules, as [`Matcher::freeze`](crate::matcher::Matcher::freeze) writes them.
pub(crate) fn matcher() -> &'static [u8] {
    MATCHER
}
