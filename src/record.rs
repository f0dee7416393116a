//! JSON Lines: one record in, one record out. The text's value alone is touched, and of it only bytes that go;
//! numbers, key order, escapes and spacing stay as they are.

use std::borrow::Cow;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::clean::{Cleaned, Cleaner, Request};
use crate::document::Span;
use crate::error::Error;
use crate::origin::Origin;

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
}

/// Cleans the text of one record.
///
/// # Errors
/// The line is no JSON object, or has no text; the caller passes it through as it is.
pub fn clean<'r>(
    cleaner: &Cleaner,
    line: &'r str,
    fields: &Fields,
    request: &Request,
) -> Result<CleanedRecord<'r>, Error> {
    let (span, text) = find_text(line, fields)?;
    let mut request = request.clone();
    request.origin = origin_of(line, fields, request.origin)?;
    if request.page && request.title.is_none() {
        request.title = find(line, &None, &TITLE_FIELDS)?.map(|(_, title)| title).filter(|title| !title.is_empty());
    }
    let cleaned = cleaner.clean(&text, &request)?;
    let line =
        if cleaned.removals.is_empty() { Cow::Borrowed(line) } else { Cow::Owned(spliced(line, span, &cleaned.kept)) };
    let cleaned = Cleaned { text: Cow::Owned(cleaned.text.into_owned()), ..cleaned };
    Ok(CleanedRecord { line, text, cleaned, host: request.origin.host })
}

/// The text of a record and where it comes from, `origin` where that is known already.
///
/// # Errors
/// As [`clean`].
pub fn read(line: &str, fields: &Fields, origin: Origin) -> Result<(String, Origin), Error> {
    let (_, text) = find_text(line, fields)?;
    Ok((text, origin_of(line, fields, origin)?))
}

fn find_text(line: &str, fields: &Fields) -> Result<(Span, String), Error> {
    find(line, &fields.text, &TEXT_FIELDS)?.ok_or_else(|| {
        let wanted = fields.text.as_deref().map_or_else(|| TEXT_FIELDS.join("`, `"), str::to_owned);
        Error::new(format!("the record has no text in `{wanted}`")).help("name the field with `--text-field`")
    })
}

fn origin_of(line: &str, fields: &Fields, origin: Origin) -> Result<Origin, Error> {
    if origin.host.is_some() {
        return Ok(origin);
    }
    let url = find(line, &fields.url, &URL_FIELDS)?.map(|(_, url)| url);
    Ok(Origin { file: origin.file, ..url.as_deref().map(Origin::of_url).unwrap_or_default() })
}

/// The first of the fields that is there.
fn find(line: &str, wanted: &Option<String>, usual: &[&str]) -> Result<Option<(Span, String)>, Error> {
    let names: Vec<&str> = wanted.as_deref().map_or_else(|| usual.to_vec(), |name| vec![name]);
    for name in names {
        if let Some(found) = string_at(line, name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The string that a dotted name leads to: its place in the line, quotes included, and what it says.
fn string_at(line: &str, name: &str) -> Result<Option<(Span, String)>, Error> {
    let mut inside = line;
    let mut keys = name.split('.').peekable();
    while let Some(key) = keys.next() {
        let Some(value) = value_of(inside, key)? else {
            return Ok(None);
        };
        if keys.peek().is_none() {
            let start = value.as_ptr() as usize - line.as_ptr() as usize;
            if !value.starts_with('"') {
                return Ok(None);
            }
            let text = serde_json::from_str::<String>(value).map_err(|_| {
                Error::new(format!("the text in `{name}` is not valid Unicode (half of a surrogate pair)"))
            })?;
            return Ok(Some((start..start + value.len(), text)));
        }
        if !value.starts_with('{') {
            return Ok(None);
        }
        inside = value;
    }
    Ok(None)
}

/// The value of a key of a JSON object, as it is written. Of equal keys the last counts, as JSON readers have it.
fn value_of<'j>(object: &'j str, key: &str) -> Result<Option<&'j str>, Error> {
    let mut reader = serde_json::Deserializer::from_str(object);
    let found = reader.deserialize_map(Find { key }).and_then(|found| reader.end().map(|()| found));
    found.map_err(|error| Error::new(format!("no JSON object: {}", without_line(&error.to_string()))))
}

/// A record is one line, so only the column tells.
fn without_line(message: &str) -> String {
    message.replace(" at line 1 column ", " at column ")
}

struct Find<'k> {
    key: &'k str,
}

impl<'j> Visitor<'j> for Find<'_> {
    type Value = Option<&'j str>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<Cow<'j, str>>()? {
            if key == self.key {
                found = Some(map.next_value::<&'j RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// The line with only the kept parts of its text value, each as it was written, escapes and all.
fn spliced(line: &str, value: Span, kept: &[Span]) -> String {
    let inside = value.start + 1..value.end.saturating_sub(1);
    let mut out = String::with_capacity(line.len());
    out.push_str(line.get(..inside.start).unwrap_or_default());
    let mut kept = kept.iter().peekable();
    let mut at = 0;
    for (raw, bytes) in characters(line.get(inside.clone()).unwrap_or_default()) {
        while kept.next_if(|span| span.end <= at).is_some() {}
        if kept.peek().is_some_and(|span| span.contains(&at)) {
            out.push_str(raw);
        }
        at += bytes;
    }
    out.push_str(line.get(inside.end..).unwrap_or_default());
    out
}

/// The characters of a JSON string as they are written, each with the bytes that it has in UTF-8.
fn characters(mut raw: &str) -> impl Iterator<Item = (&str, usize)> {
    std::iter::from_fn(move || {
        let first = raw.chars().next()?;
        let unit = |text: &str, at: usize| text.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (length, bytes) = match (first, raw.as_bytes().get(1)) {
            ('\\', Some(b'u')) => match unit(raw, 2) {
                Some(0xd800..=0xdbff) => (12, 4),
                Some(code) => (6, char::from_u32(code).map_or(0, char::len_utf8)),
                None => (2, 1),
            },
            ('\\', _) => (2, 1),
            _ => (first.len_utf8(), first.len_utf8()),
        };
        let (character, rest) = raw.split_at_checked(length).unwrap_or((raw, ""));
        raw = rest;
        Some((character, bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
