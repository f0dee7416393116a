//! What a rule shows of itself: examples that it must pass.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::Level;

/// Examples that a rule must pass.
#[derive(Debug, Clone, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tests {
    /// Texts of which the rule removes something.
    pub removes: Vec<Example>,
    /// Near misses of which it removes nothing, at its first level and at `eager`.
    pub keeps: Vec<Example>,
    /// Texts and what all rules together leave of them.
    pub cases: Vec<TestCase>,
}

/// A text, or a text and under what conditions it is tried.
///
/// In the text `{phrase}`, `{with}`, `{except}`, `{end}` and `{topic}` stand for each phrase of the rule's list of that
/// name in turn, and `{name}` for a text of that name among the file's `defaults`.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// The text.
    pub text: String,
    /// The level at which it is tried, where that is not the rule's first.
    pub level: Option<Level>,
    /// Where it came from.
    pub url: Option<String>,
}

/// A text and under what conditions it is tried.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExampleKeys {
    /// The text.
    text: String,
    /// The level at which it is tried, where that is not the rule's first.
    level: Option<Level>,
    /// Where it came from.
    url: Option<String>,
}

impl JsonSchema for Example {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Example".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let keys = generator.subschema_for::<ExampleKeys>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, keys] })
    }
}

impl<'de> Deserialize<'de> for Example {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExampleVisitor)
    }
}

struct ExampleVisitor;

impl<'de> Visitor<'de> for ExampleVisitor {
    type Value = Example;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a map with `text`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Example { text: text.to_owned(), ..Example::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let ExampleKeys { text, level, url } = ExampleKeys::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Example { text, level, url })
    }
}

/// A text and what is left of it.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCase {
    /// What goes in.
    #[serde(rename = "in")]
    pub input: String,
    /// What comes out.
    #[serde(rename = "out")]
    pub output: String,
    /// Where it came from.
    pub url: Option<String>,
}
