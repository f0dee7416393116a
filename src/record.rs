//! JSON Lines: one record in, one record out. The text's value alone is touched, and of it only bytes that go;
//! numbers, key order, escapes and spacing stay as they are.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::clean::{Cleaned, Cleaner, Request};
use crate::document::Span;
use crate::error::Error;
use crate::origin::Origin;
use crate::rules::Rule;

/// Where a record's text is looked for, in this order.
pub const TEXT_FIELDS: [&str; 4] = ["text", "raw_content", "content", "markdown"];

/// Where a record's URL is looked for, in this order.
pub const URL_FIELDS: [&str; 5] =
    ["url", "metadata.url", "metadata.WARC-Target-URI", "warc_headers.warc-target-uri", "source"];

/// Where the title of a record's page is looked for, in this order.
pub const TITLE_FIELDS: [&str; 2] = ["title", "metadata.title"];

/// The fields of a record that matter; dots lead into objects.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// Where the text is; [`TEXT_FIELDS`] where nothing is said.
    pub text: Option<String>,
    /// Where the URL is; [`URL_FIELDS`] where nothing is said.
    pub url: Option<String>,
    /// The new field, at the record's end, that lists what went; there is none where nothing is said.
    pub annotation: Option<String>,
}

/// A record that was cleaned.
#[derive(Debug)]
pub struct CleanedRecord<'r> {
    /// The record as it is now.
    pub line: Cow<'r, str>,
    /// Its text as it was.
    pub text: String,
    /// What came of the text, its spans being those of `text`.
    pub cleaned: Cleaned<'static>,
    /// The host that it comes from, if that is known.
    pub host: Option<String>,
    /// Its `id`, as it is written.
    id: Option<&'r str>,
}

/// Cleans the text of one record.
///
/// # Errors
/// The line is no JSON object, has no text, or has the field that is to be new; the caller passes it through as it is.
pub fn clean<'r>(
    cleaner: &Cleaner,
    line: &'r str,
    fields: &Fields,
    request: &Request,
) -> Result<CleanedRecord<'r>, Error> {
    let record = Object::parse(line)?;
    let (span, text) = record.text(fields)?;
    if let Some(new) = fields.annotation.as_deref().filter(|new| record.value(new).is_some()) {
        let help = "name another field with `--annotate`";
        return Err(Error::new(format!("the record has a field `{new}` already")).help(help));
    }
    let mut request = request.clone();
    request.origin = record.origin(fields, request.origin)?;
    if request.page && request.title.is_none() {
        request.title = record.find(&None, &TITLE_FIELDS)?.map(|(_, title)| title).filter(|title| !title.is_empty());
    }
    let cleaned = cleaner.clean(&text, &request)?;
    let mut now =
        if cleaned.removals.is_empty() { Cow::Borrowed(line) } else { Cow::Owned(spliced(line, span, &cleaned.kept)) };
    if let Some(name) = &fields.annotation {
        now = Cow::Owned(with_field(&now, name, &annotation(cleaner, &text, &cleaned)?)?);
    }
    let cleaned = Cleaned { text: Cow::Owned(cleaned.text.into_owned()), ..cleaned };
    let id = record.value("id");
    Ok(CleanedRecord { line: now, text, cleaned, host: request.origin.host, id })
}

/// The text of a record and where it comes from, `origin` where that is known already.
///
/// # Errors
/// As [`clean`].
pub fn read(line: &str, fields: &Fields, origin: Origin) -> Result<(String, Origin), Error> {
    let record = Object::parse(line)?;
    let (_, text) = record.text(fields)?;
    Ok((text, record.origin(fields, origin)?))
}

/// What went, as in the field that `--annotate` adds. Start and end count the characters (code points) of the text.
#[derive(Serialize)]
struct Annotation<'a> {
    rule: &'a str,
    start: usize,
    end: usize,
}

/// A line of a Dolma attribute file: for each category spans of characters, each with a score.
#[derive(Serialize)]
struct Attributes<'a> {
    id: &'a RawValue,
    attributes: BTreeMap<String, Vec<(usize, usize, f32)>>,
}

impl CleanedRecord<'_> {
    /// The line that says in a Dolma attribute file what goes from this document.
    ///
    /// # Errors
    /// The record has no `id`.
    pub fn attributes(&self, cleaner: &Cleaner) -> Result<String, Error> {
        let id = self.id.and_then(|id| serde_json::from_str(id).ok());
        let id = id.ok_or_else(|| Error::new("the record has no `id`, by which attributes are joined to documents"))?;
        let mut attributes: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (rule, start, end) in characters_gone(cleaner, &self.text, &self.cleaned) {
            attributes
                .entry(format!("dechaff__dechaff__{}", rule.category.name()))
                .or_default()
                .push((start, end, 1.0));
        }
        json(&Attributes { id, attributes })
    }
}

fn annotation(cleaner: &Cleaner, text: &str, cleaned: &Cleaned<'_>) -> Result<String, Error> {
    let gone = characters_gone(cleaner, text, cleaned);
    json(&gone.map(|(rule, start, end)| Annotation { rule: &rule.id, start, end }).collect::<Vec<_>>())
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(error.to_string()))
}

/// What went and by which rule, in characters of the text.
pub fn characters_gone<'c>(
    cleaner: &'c Cleaner,
    text: &str,
    cleaned: &Cleaned<'_>,
) -> impl Iterator<Item = (&'c Rule, usize, usize)> {
    let spans = || cleaned.removals.iter().flat_map(|removal| removal.spans.iter().map(|span| (removal.rule, span)));
    let mut places: Vec<usize> = spans().flat_map(|(_, span)| [span.start, span.end]).collect();
    places.sort_unstable();
    let (mut at, mut count) = (0, 0);
    let counted: BTreeMap<usize, usize> = places
        .into_iter()
        .map(|place| {
            count += text.get(at..place).map_or(0, |part| part.chars().count());
            at = place;
            (place, count)
        })
        .collect();
    let place = |byte: usize| counted.get(&byte).copied().unwrap_or_default();
    let gone: Vec<_> = spans()
        .filter_map(|(rule, span)| Some((cleaner.rules().rules().get(rule)?, place(span.start), place(span.end))))
        .collect();
    gone.into_iter()
}

/// The object with one more field at its end.
fn with_field(object: &str, name: &str, value: &str) -> Result<String, Error> {
    let end = object.rfind('}').ok_or_else(|| Error::new("no JSON object"))?;
    let (fields, rest) = object.split_at(end);
    let first = fields.trim_end().ends_with('{');
    Ok(format!("{fields}{}{}:{value}{rest}", if first { "" } else { "," }, json(&name)?))
}

/// A JSON object: its keys and its values as they are written, in their order.
struct Object<'j> {
    line: &'j str,
    fields: Vec<(Cow<'j, str>, &'j str)>,
}

impl<'j> Object<'j> {
    fn parse(line: &'j str) -> Result<Self, Error> {
        let mut reader = serde_json::Deserializer::from_str(line);
        let fields = reader.deserialize_map(Collect).and_then(|fields| reader.end().map(|()| fields));
        let fields = fields.map_err(|error| {
            // A record is one line, so only the column tells.
            let what = error.to_string().replace(" at line 1 column ", " at column ");
            Error::new(format!("no JSON object: {what}"))
        })?;
        Ok(Self { line, fields })
    }

    /// Of equal keys the last counts, as JSON readers have it.
    fn value(&self, key: &str) -> Option<&'j str> {
        self.fields.iter().rev().find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    fn text(&self, fields: &Fields) -> Result<(Span, String), Error> {
        self.find(&fields.text, &TEXT_FIELDS)?.ok_or_else(|| {
            let wanted = fields.text.as_deref().map_or_else(|| TEXT_FIELDS.join("`, `"), str::to_owned);
            Error::new(format!("the record has no text in `{wanted}`")).help("name the field with `--text-field`")
        })
    }

    fn origin(&self, fields: &Fields, origin: Origin) -> Result<Origin, Error> {
        if origin.host.is_some() {
            return Ok(origin);
        }
        let url = self.find(&fields.url, &URL_FIELDS)?.map(|(_, url)| url);
        Ok(Origin { file: origin.file, ..url.as_deref().map(Origin::of_url).unwrap_or_default() })
    }

    /// The first of the fields that is there.
    fn find(&self, wanted: &Option<String>, usual: &[&str]) -> Result<Option<(Span, String)>, Error> {
        let names: &[&str] = &wanted.as_deref().map_or_else(|| usual.to_vec(), |name| vec![name]);
        names.iter().find_map(|name| self.string_at(self.line, name).transpose()).transpose()
    }

    /// The string that a dotted name leads to: its place in the line, quotes included, and what it says.
    fn string_at(&self, line: &str, name: &str) -> Result<Option<(Span, String)>, Error> {
        let (key, below) = name.split_once('.').map_or((name, None), |(key, below)| (key, Some(below)));
        let Some(value) = self.value(key) else { return Ok(None) };
        match below {
            Some(below) if value.starts_with('{') => Object::parse(value)?.string_at(line, below),
            None if value.starts_with('"') => {
                let start = value.as_ptr() as usize - line.as_ptr() as usize;
                let inside = value.get(1..value.len() - 1).unwrap_or_default();
                let text = unescaped(inside).ok_or_else(|| {
                    Error::new(format!("the text in `{name}` is not valid Unicode (half of a surrogate pair)"))
                })?;
                Ok(Some((start..start + value.len(), text)))
            }
            _ => Ok(None),
        }
    }
}

struct Collect;

impl<'j> Visitor<'j> for Collect {
    type Value = Vec<(Cow<'j, str>, &'j str)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = map.next_key::<Key<'j>>()? {
            fields.push((key.0, map.next_value::<&'j RawValue>()?.get()));
        }
        Ok(fields)
    }
}

/// A key that is borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'j>(#[serde(borrow)] Cow<'j, str>);

/// The line with only the kept parts of its text value, each as it was written, escapes and all.
fn spliced(line: &str, value: Span, kept: &[Span]) -> String {
    let inside = value.start + 1..value.end.saturating_sub(1);
    let mut out = String::with_capacity(line.len());
    out.push_str(line.get(..inside.start).unwrap_or_default());
    let mut kept = kept.iter().peekable();
    let mut at = 0;
    for (mut raw, bytes) in pieces(line.get(inside.clone()).unwrap_or_default()) {
        let end = at + bytes;
        while at < end {
            while kept.next_if(|span| span.end <= at).is_some() {}
            let Some(span) = kept.peek().filter(|span| span.start < end) else { break };
            // Of an escape, all or nothing.
            let (gap, length) = match raw.len() == end - at {
                true => (span.start.saturating_sub(at), span.end.min(end) - span.start.max(at)),
                false if span.contains(&at) => (0, raw.len()),
                false => break,
            };
            let (now, rest) = raw.get(gap..).and_then(|rest| rest.split_at_checked(length)).unwrap_or((raw, ""));
            out.push_str(now);
            raw = rest;
            at = if rest.is_empty() { end } else { at + gap + length };
        }
        at = end;
    }
    out.push_str(line.get(inside.end..).unwrap_or_default());
    out
}

/// What a JSON string says that was read already, given without its quotes; `None` where half of a surrogate pair is missing.
fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    for (piece, _) in pieces(raw) {
        match piece.strip_prefix('\\') {
            None => text.push_str(piece),
            Some("n") => text.push('\n'),
            Some("t") => text.push('\t'),
            Some("r") => text.push('\r'),
            Some("b") => text.push('\u{8}'),
            Some("f") => text.push('\u{c}'),
            Some(literal @ ("\"" | "\\" | "/")) => text.push_str(literal),
            Some(_) => {
                let units = [unit(piece, 2), unit(piece, 8)];
                for character in char::decode_utf16(units.into_iter().flatten()) {
                    text.push(character.ok()?);
                }
            }
        }
    }
    Some(text)
}

/// The stretches without escapes of a JSON string, and the escapes, as they are written, each with the bytes that it has
/// in UTF-8.
fn pieces(mut raw: &str) -> impl Iterator<Item = (&str, usize)> {
    std::iter::from_fn(move || {
        let plain = memchr::memchr(b'\\', raw.as_bytes()).unwrap_or(raw.len());
        if plain > 0 {
            let (stretch, rest) = raw.split_at_checked(plain)?;
            raw = rest;
            return Some((stretch, plain));
        }
        raw.chars().next()?;
        let (length, bytes) = match raw.as_bytes().get(1) {
            Some(b'u') => match unit(raw, 2) {
                Some(0xd800..=0xdbff) => (12, 4),
                Some(code) => (6, char::from_u32(u32::from(code)).map_or(0, char::len_utf8)),
                None => (2, 1),
            },
            _ => (2, 1),
        };
        let (character, rest) = raw.split_at_checked(length).unwrap_or((raw, ""));
        raw = rest;
        Some((character, bytes))
    })
}

/// The four digits there, of an escape.
fn unit(text: &str, at: usize) -> Option<u16> {
    text.get(at..at + 4).and_then(|digits| u16::from_str_radix(digits, 16).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string_at(line: &str, name: &str) -> Result<Option<(Span, String)>, Error> {
        Object::parse(line)?.string_at(line, name)
    }

    #[test]
    fn finds_nested_strings() {
        let line = r#"{"a": {"b.c": 1, "d": "x\ny"}, "text": "no", "text": "t"}"#;
        assert_eq!(string_at(line, "a.d").expect("JSON"), Some((22..28, "x\ny".to_owned())));
        assert_eq!(string_at(line, "text").expect("JSON").map(|(_, text)| text), Some("t".to_owned()));
        assert_eq!(string_at(line, "a.e").expect("JSON"), None);
        assert!(string_at("[1]", "a").is_err());
        assert!(string_at("{\"a\": \"x\"} trailing", "a").is_err());
    }

    #[test]
    fn half_a_pair_is_no_character() {
        for text in [r"\ud83d", r"\ude00", r"\ud83d\u0041", r"\ud83dé and more", r"\ud83d\n\n\n\n\n\n"] {
            let line = format!("{{\"a\":\"{text}\"}}");
            assert!(
                string_at(&line, "a").is_err() && serde_json::from_str::<serde_json::Value>(&line).is_err(),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn says_what_other_readers_read(
            text in r#"([a-c é分😀]{0,3}|\\["\\/bfnrt]|\\u00[0-9a-f]{2}|\\u[0-9A-C][0-9A-F]{3}|\\ud83d\\ude0[0-9]){0,9}"#,
        ) {
            let read: String = serde_json::from_str(&format!("\"{text}\"")).expect("valid");
            proptest::prop_assert_eq!(unescaped(&text), Some(read));
        }
    }

    #[test]
    fn adds_a_field_at_the_end() {
        assert_eq!(with_field("{\"a\": {} } \r", "b", "[]").expect("an object"), "{\"a\": {} ,\"b\":[]} \r");
        assert_eq!(with_field("{ }", "b\"", "1").expect("an object"), "{ \"b\\\"\":1}");
    }

    #[test]
    fn splices_without_touching_escapes() {
        let line = r#"{"text":"A\u00e9\ud83d\ude00\nB\/b\"","n":1.0}"#;
        let (span, text) = string_at(line, "text").expect("JSON").expect("there");
        assert_eq!(text, "Aé😀\nB/b\"");
        assert_eq!(
            spliced(line, span.clone(), std::slice::from_ref(&(0..7))),
            r#"{"text":"A\u00e9\ud83d\ude00","n":1.0}"#
        );
        assert_eq!(spliced(line, span.clone(), std::slice::from_ref(&(0..text.len()))), line);
        assert_eq!(spliced(line, span, &[3..8, 9..10]), r#"{"text":"\ud83d\ude00\n\/","n":1.0}"#);
    }
}
