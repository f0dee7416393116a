//! dechaff strips the chaff from scraped text: cookie banners, comment widgets, disclaimers, "most popular" lists,
//! share bars, newsletter pitches, doubled captions, a body pasted twice, consent text in another language.
//!
//! A [`Cleaner`] takes a text and says what stays and what goes, and why. It only deletes; cleaning twice is cleaning
//! once; the same text and rules give the same bytes. What is noise stands in YAML rule files (`rules/`,
//! `docs/rules.md`); [`rules::RuleSet`] reads more of them.
//!
//! The core is pure: text in, spans out. Only [`mod@read`] and [`mod@write`] touch files; [`codec`] and [`wet`] know streams.
//! The command (`cli`) is here for the Python package, whose `dechaff` it is too; nothing in the library uses it.
//!
//! ```
//! use dechaff::{Cleaner, Request};
//!
//! let cleaner = Cleaner::builtin()?;
//! let text = "Rain stopped the match after an hour, and the groundsmen said that the field would not be fit to \
//!             play on before the weekend.\n\nPost a Comment\n0 Comments\n";
//! let cleaned = cleaner.clean(text, &Request::default())?;
//! for removal in &cleaned.removals {
//!     println!("line {}: {}", removal.line, cleaner.rules().rules()[removal.rule].id);
//! }
//! assert!(!cleaned.text.contains("Comment"));
//! # Ok::<(), dechaff::Error>(())
//! ```

#![warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

// The command names the library as any other program does.
extern crate self as dechaff;

pub mod audit;
pub mod clean;
#[doc(hidden)]
pub mod cli;
pub mod codec;
pub mod config;
pub mod decide;
pub mod document;
mod embedded;
pub mod error;
pub mod evidence;
pub mod fold;
pub mod language;
pub mod limits;
pub mod lint;
pub mod matcher;
pub mod measure;
pub mod near_miss;
pub mod origin;
pub mod read;
pub mod record;
pub mod render;
pub mod report;
pub mod rules;
pub mod suggest;
pub mod trial;
pub mod wet;
mod words;
pub mod write;

pub use clean::{Cleaned, Cleaner, Outcome, Removal, Request};
pub use error::Error;
pub use origin::Origin;
pub use rules::file::Level;
