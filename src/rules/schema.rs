//! The rule format as a JSON Schema, for editors: VS Code's YAML extension reads `rules/schema.json`.

use serde_json::{Value, json};

use super::check::ACTIONS;
use super::file::RuleFile;

/// The schema, as text that ends with a line ending.
#[must_use]
pub fn json() -> String {
    let schema = schemars::schema_for!(RuleFile);
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text + "\n"
}

/// That a rule has exactly one action.
pub(super) fn one_action() -> Value {
    ACTIONS.iter().map(|action| json!({ "required": [action] })).collect()
}
