//! Rules: as people write them ([`mod@file`]), as they are checked ([`mod@rule`]), sets of them, and the ones that come with
//! dechaff ([`builtin`]).

pub mod builtin;
mod check;
pub mod file;
mod mistake;
pub mod pattern;
pub mod rule;
mod set;

pub use rule::{Rule, RuleIndex};
pub use set::{RuleSet, Source};
