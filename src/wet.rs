//! Common Crawl's WET files: the text of pages, each with a head like that of a letter, made into JSON records.

use std::io::{BufRead, Read};

use serde::Serialize;

use crate::error::Error;
use crate::read::unreadable;

/// The pages of a WET file, each as a line of JSON.
#[derive(Debug)]
pub struct Pages<R> {
    stream: R,
    read: u64,
}

/// A page, as it is written.
#[derive(Serialize)]
struct Page<'p> {
    id: &'p str,
    url: &'p str,
    date: &'p str,
    text: &'p str,
}

/// What the head of an entry says of it.
#[derive(Default)]
struct Head {
    kind: String,
    id: String,
    url: String,
    date: String,
    length: Option<u64>,
}

impl<R: BufRead> Pages<R> {
    /// Of a stream that is not compressed any more.
    pub fn new(stream: R) -> Self {
        Self { stream, read: 0 }
    }

    /// Adds the next page to `to` as a JSON record with `id`, `url`, `date` and `text`, and a newline. False at the end.
    ///
    /// # Errors
    /// The stream cannot be read, ends within a page, or holds what is no WARC entry or no UTF-8; the offset is named.
    pub fn next(&mut self, to: &mut Vec<u8>) -> Result<bool, Error> {
        loop {
            let at = self.read;
            let Some(head) = self.head()? else { return Ok(false) };
            let length = head.length.ok_or_else(|| self.broken(at, "an entry without its length"))?;
            let mut body = Vec::new();
            let got = self.stream.by_ref().take(length).read_to_end(&mut body).map_err(|error| unreadable(&error))?;
            self.read += got as u64;
            if got as u64 != length {
                return Err(self.broken(at, "the file ends within this entry"));
            }
            if head.kind != "conversion" {
                continue;
            }
            let text = std::str::from_utf8(&body).map_err(|_| self.broken(at, "a page that is not UTF-8"))?;
            let page = Page { id: &head.id, url: &head.url, date: &head.date, text };
            serde_json::to_writer(&mut *to, &page).map_err(|error| Error::new(error.to_string()))?;
            to.push(b'\n');
            return Ok(true);
        }
    }

    /// The lines up to an empty one, after those that end the entry before.
    fn head(&mut self) -> Result<Option<Head>, Error> {
        let mut head: Option<Head> = None;
        loop {
            let at = self.read;
            let mut line = Vec::new();
            // No line of a head is long; one that is shows that this is no WET file.
            let most = 1 << 16;
            let got =
                self.stream.by_ref().take(most).read_until(b'\n', &mut line).map_err(|error| unreadable(&error))?;
            self.read += got as u64;
            let line = String::from_utf8_lossy(&line);
            let line = line.trim();
            match &mut head {
                None if got == 0 => return Ok(None),
                None if line.is_empty() => {}
                None if line.starts_with("WARC/") => head = Some(Head::default()),
                Some(head) if line.is_empty() && got > 0 => return Ok(Some(std::mem::take(head))),
                Some(head) if got > 0 => head.add(line),
                _ => return Err(self.broken(at, "no WARC entry begins here")),
            }
        }
    }

    fn broken(&self, at: u64, what: &str) -> Error {
        Error::new(format!("no sound WET file: {what}, at offset {at} of what is packed in it"))
            .help("the pages before it were read; fetch the file again")
    }
}

impl Head {
    fn add(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else { return };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "warc-type" => self.kind = value.to_owned(),
            "warc-record-id" => self.id = value.trim_matches(['<', '>']).to_owned(),
            "warc-target-uri" => self.url = value.trim_matches(['<', '>']).to_owned(),
            "warc-date" => self.date = value.to_owned(),
            "content-length" => self.length = value.parse().ok(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(file: &str) -> (String, Option<String>) {
        let (mut pages, mut lines) = (Pages::new(file.as_bytes()), Vec::new());
        let failed = loop {
            match pages.next(&mut lines) {
                Ok(true) => {}
                Ok(false) => break None,
                Err(error) => break Some(error.message().to_owned()),
            }
        };
        (String::from_utf8(lines).expect("UTF-8"), failed)
    }

    const FILE: &str = "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 4\r\n\r\nx: y\r\n\r\n\
        WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.org/a\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n\
        WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nA \"q\"\n\u{e9}\r\n\r\n";

    #[test]
    fn pages_become_records() {
        let (lines, failed) = all(FILE);
        assert_eq!(failed, None);
        assert_eq!(
            lines,
            "{\"id\":\"urn:uuid:1\",\"url\":\"https://example.org/a\",\"date\":\"2026-01-02T03:04:05Z\",\"text\":\"A \\\"q\\\"\\né\"}\n"
        );
    }

    #[test]
    fn a_cut_or_foreign_file_is_told() {
        let cut = FILE.get(..FILE.len() - 8).expect("a boundary");
        assert!(all(cut).1.is_some_and(|error| error.contains("ends within this entry, at offset ")));
        assert!(all("{\"text\": 1}\n").1.is_some_and(|error| error.contains("no WARC entry begins here, at offset 0")));
    }
}
