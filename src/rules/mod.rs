//! Rules: as people write them ([`file`]), as they are checked ([`compile`]), and the ones that come with dechaff ([`builtin`]).

pub mod builtin;
pub mod compile;
pub mod file;
mod mistake;
pub mod pattern;

pub use compile::RuleSet;
