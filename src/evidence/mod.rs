//! Evidence: small points for what is measured of a line and for its phrases, learnt and written down in YAML. No
//! measure decides alone; the sum does, against a bar for each level.
//!
//! Points are kept in hundredths, as whole numbers, so that the sum is the same in any order and on any machine.

pub mod file;
mod lexicon;
mod measure;
mod model;
pub(crate) mod tokens;

pub(crate) use lexicon::Known;
pub use lexicon::Lexicon;
pub use measure::{Measure, Measures, Table};
pub use model::{Bar, Bars, Model, Part, Points, best_bar};

/// A folded line's words as evidence files write them.
#[must_use]
pub fn written_words(folded: &str) -> Vec<&str> {
    tokens::words(folded).map(tokens::written).collect()
}
