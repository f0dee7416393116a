//! Checked rules as bytes: written when dechaff is built, read when it starts.
//!
//! No YAML is read then, no phrase folded, no regex compiled. The bytes are never older than the rules: the build makes
//! both.

use std::ops::Range;

use serde::{Serialize, Serializer};

use super::rule::Rule;
use super::set::RuleSet;
use crate::embedded;
use crate::error::Error;
use crate::language::Profile;

impl RuleSet {
    /// Languages and rules as bytes, for the build to embed.
    ///
    /// # Errors
    /// There is no memory for them.
    pub fn freeze(&self) -> Result<Vec<u8>, Error> {
        let languages = postcard::to_allocvec(self.languages()).map_err(broken)?;
        let mut bytes = postcard::to_allocvec(&Block(&languages)).map_err(broken)?;
        bytes.extend(postcard::to_allocvec(self.rules()).map_err(broken)?);
        Ok(bytes)
    }
}

/// The evidence by which languages are told apart.
pub(super) fn languages() -> Result<Vec<Profile>, Error> {
    parts().and_then(|(languages, _)| postcard::from_bytes(languages)).map_err(broken)
}

/// The built-in rules, ordered by id.
pub(super) fn rules() -> Result<Vec<Rule>, Error> {
    let mut rules: Vec<Rule> = parts().and_then(|(_, rules)| postcard::from_bytes(rules)).map_err(broken)?;
    for (index, rule) in rules.iter_mut().enumerate() {
        rule.frozen = Some(index);
    }
    Ok(rules)
}

/// The bytes of the languages, and those of the rules.
fn parts() -> Result<(&'static [u8], &'static [u8]), postcard::Error> {
    postcard::take_from_bytes(embedded::rules())
}

fn broken(error: postcard::Error) -> Error {
    Error::new(format!("the built-in rules: {error}"))
}

/// Bytes that are written in one piece, and found where they stand when they are read.
pub(super) struct Block<'b>(pub(super) &'b [u8]);

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Where bytes that were read stand in what is embedded.
pub(super) fn place_of<E: serde::de::Error>(bytes: &[u8]) -> Result<Range<usize>, E> {
    let start = bytes.as_ptr().addr().wrapping_sub(embedded::rules().as_ptr().addr());
    let place = start..start.wrapping_add(bytes.len());
    match bytes.is_empty() || embedded::rules().get(place.clone()).is_some() {
        true => Ok(place),
        false => Err(E::custom("bytes outside of what is embedded")),
    }
}
