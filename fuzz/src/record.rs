//! Records, pages of Common Crawl, packed streams: any bytes at all.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use dechaff::codec::Codec;
use dechaff::document::Span;
use dechaff::record::{self, CleanedRecord, Fields};
use dechaff::wet::Pages;
use dechaff::{Level, Origin, Request};
use serde_json::value::RawValue;

use super::choices::Choices;
use super::{BUILTIN, pool, promises};

/// A byte for what it is, `J` for a record, `W` for pages, `Z` for something packed, and it; else a record is made up.
/// A record has flags: with 1 its text is in `a.b`, with 2 it is a page, with 4 it is cleaned eagerly.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    match choices.byte() {
        b'W' => pages(choices.0),
        b'Z' => packed(choices.0),
        b'J' => {
            let flags = choices.byte();
            one(&choices.rest(), flags);
        }
        flags => {
            let made = made_up(&mut choices, flags);
            assert!(one(&made, flags), "no record: {made}");
        }
    }
}

/// The end of a stream that is not packed is its own, of one that is packed an error or not; no more than 1 MiB is read.
fn packed(bytes: &[u8]) {
    let stream = Codec::of(bytes).unpack(Cursor::new(bytes.to_vec())).expect("memory");
    let mut unpacked = Vec::new();
    let read = stream.take(1 << 20).read_to_end(&mut unpacked);
    if Codec::of(bytes) == Codec::Plain {
        assert!(read.is_ok() && unpacked == bytes);
    }
}

/// Each page is a line of JSON with four strings.
fn pages(bytes: &[u8]) {
    let (mut pages, mut lines, mut count) = (Pages::new(bytes), Vec::new(), 0);
    while let Ok(true) = pages.next(&mut lines) {
        count += 1;
    }
    let lines = std::str::from_utf8(&lines).expect("JSON is UTF-8");
    assert_eq!(lines.lines().count(), count);
    for line in lines.split_terminator('\n') {
        let page: BTreeMap<String, String> = serde_json::from_str(line).expect("JSON");
        assert!(page.keys().eq(["date", "id", "text", "url"]), "{line}");
    }
}

const FRAMES: [&str; 8] = [
    r#"{"text":$}"#,
    r#"{"id": 7, "text": $, "score": 1.50e3, "tags": ["a", {"text": "b"}]}"#,
    r#"{ "te\u0078t" : $ , "z" : null } "#,
    r#"{"text": "an old one", "url": "https://reuters.com/a", "text": $}"#,
    r#"{"raw_content": $, "content": "another", "title": "Ferry late again"}"#,
    r#"{"a.b": "no", "text": $, "metadata": {"url": "https://reuters.com/a", "title": ""}}"#,
    "{\"metadata\":{\"WARC-Target-URI\":\"elpais.com\"},\"text\":$}\r",
    r#"{"text":1,"markdown":"no","text":$,"gone":[]}"#,
];

/// A record whose text is of lines that rules are about, written in one of several ways.
fn made_up(choices: &mut Choices<'_>, flags: u8) -> String {
    let (frame, how) = (choices.of(&FRAMES), choices.byte() % 3);
    let frame = if flags & 1 == 0 { frame } else { r#"{"a.b": "no", "a": {"c": 0, "b": $}, "text": "no"}"# };
    let mut written = String::from('"');
    for (place, c) in pool::text(choices).chars().enumerate() {
        if place % 3 < usize::from(how) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| written += &format!("\\u{unit:04x}"));
        } else if c == '/' {
            written += r"\/";
        } else {
            let quoted = serde_json::to_string(&c).expect("a string");
            written += &quoted[1..quoted.len() - 1];
        }
    }
    frame.replace('$', &(written + "\""))
}

/// Cleans a record and fails where a promise is broken; tells whether it is one.
fn one(line: &str, flags: u8) -> bool {
    let fields = Fields { text: (flags & 1 != 0).then(|| "a.b".to_owned()), ..Fields::default() };
    let level = if flags & 4 == 0 { Level::Normal } else { Level::Eager };
    let request = Request { page: flags & 2 != 0, ..Request::at(level) };
    let Ok(done) = record::clean(&BUILTIN, line, &fields, &request) else { return false };
    let (text, _) = record::read(line, &fields, Origin::default()).expect("it was read");
    assert_eq!(text, done.text, "{line}");
    promises::only_deletes(&text, &done.cleaned).unwrap_or_else(|broken| panic!("{broken}"));
    only_the_text_changes(line, &fields, &done);
    if let Ok(attributes) = done.attributes(&BUILTIN) {
        assert!(object(&attributes).is_some(), "no JSON: {attributes}");
    }
    let noting = Fields { annotation: Some("gone".to_owned()), ..fields };
    match record::clean(&BUILTIN, line, &noting, &request) {
        Ok(noted) => only_a_field_is_added(&done.line, &noted.line, text.chars().count()),
        Err(_) => assert!(object(line).is_some_and(|fields| fields.contains_key("gone")), "{line}"),
    }
    true
}

/// Before and after the text's value every byte is as it was.
fn only_the_text_changes(line: &str, fields: &Fields, done: &CleanedRecord<'_>) {
    let names = fields.text.as_deref().map_or_else(|| record::TEXT_FIELDS.to_vec(), |name| vec![name]);
    let span = names.iter().find_map(|name| place(line, line, name)).expect("the text was found");
    let rest = done.line.strip_prefix(&line[..span.start]).expect("what stands before the text changed");
    let now = rest.strip_suffix(&line[span.end..]).expect("what stands after the text changed");
    assert_eq!(serde_json::from_str::<String>(now).expect("a string"), done.cleaned.text, "{line}");
    if done.cleaned.removals.is_empty() {
        assert_eq!(done.line, line, "no rule took anything, yet it changed");
    }
}

/// Where the string is that a dotted name leads to.
fn place(line: &str, within: &str, name: &str) -> Option<Span> {
    let (key, below) = name.split_once('.').map_or((name, None), |(key, below)| (key, Some(below)));
    let value = object(within)?.get(key)?.get();
    let start = value.as_ptr() as usize - line.as_ptr() as usize;
    match below {
        Some(below) => place(line, value, below),
        None => value.starts_with('"').then_some(start..start + value.len()),
    }
}

/// An object's values as they are written; of equal keys the last.
fn object(text: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(text).ok()
}

/// The new field is the last, and lists spans of a text of so many characters.
fn only_a_field_is_added(line: &str, noted: &str, characters: usize) {
    let (fields, end) = line.split_at(line.rfind('}').expect("an object"));
    assert!(noted.starts_with(fields) && noted.ends_with(end), "{line} became {noted}");
    let gone = object(noted).and_then(|mut fields| fields.remove("gone")).expect("the new field");
    let gone: Vec<BTreeMap<String, serde_json::Value>> = serde_json::from_str(gone.get()).expect("a list");
    for span in gone {
        let place = |name: &str| span[name].as_u64().expect("a number") as usize;
        assert!(place("start") < place("end") && place("end") <= characters, "{noted}");
    }
}
