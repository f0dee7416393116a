//! Inputs: found, opened, unpacked, and read part by part.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dechaff::codec::Codec;
use dechaff::config::FILE_NAME;
use dechaff::document::BYTE_ORDER_MARK;
use dechaff::{Error, read, wet};
use globset::{Glob, GlobMatcher};
use indicatif::ProgressBar;

use super::args::{Format, InputArgs};
use super::settings::{Desk, relative_to};

/// Bytes of records that are cleaned in one go. Measured: 256 KB to 4 MB make no difference, less costs time.
const PART_BYTES: usize = 1 << 20;

/// The names of files that hold texts, where a folder is named and nothing says which are meant; packed ones too.
const TEXT_EXTENSIONS: [&str; 8] = ["txt", "text", "md", "markdown", "mdx", "jsonl", "ndjson", "wet"];

/// What a packed file's name ends with.
const PACKED_EXTENSIONS: [&str; 2] = ["gz", "zst"];

/// A file that was named, or found in a folder that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub path: PathBuf,
    /// Its place below the folder that was named, or its name.
    pub below: PathBuf,
}

/// The files that are meant: those named, and those in the folders that are named, ordered by name; without those that
/// are excluded. Nothing where nothing was named, which means standard input.
pub(crate) fn files(desk: &Desk<'_>, args: &InputArgs, not_in: Option<&Path>) -> Result<Vec<Found>> {
    let wanted = Wanted::new(desk, args)?;
    let not_in = not_in.and_then(|folder| folder.canonicalize().ok());
    let mut files = Vec::new();
    let mut folders = Vec::new();
    for path in &args.files {
        if !path.is_dir() {
            let below = path.file_name().map_or_else(|| path.clone(), PathBuf::from);
            if !wanted.is_excluded(path, &below)? {
                files.push(Found { path: path.clone(), below });
            }
            continue;
        }
        folders.push(path.display().to_string());
        let mut walk = ignore::WalkBuilder::new(path);
        if args.no_ignore {
            walk.standard_filters(false).hidden(true);
        }
        let not_in = not_in.clone();
        walk.filter_entry(move |entry| not_in.is_none() || entry.path().canonicalize().ok() != not_in);
        for entry in walk.sort_by_file_path(Path::cmp).build() {
            let entry = entry?;
            let below = entry.path().strip_prefix(path).unwrap_or(entry.path()).to_path_buf();
            if entry.file_type().is_some_and(|kind| kind.is_file()) && wanted.is_wanted(entry.path(), &below)? {
                // The files of this folder are called as a person would call them: without a dot before.
                let path = entry.path().strip_prefix("./").unwrap_or(entry.path()).to_path_buf();
                files.push(Found { path, below });
            }
        }
    }
    if files.is_empty() && !folders.is_empty() {
        let help = format!(
            "files are looked at whose names end in {}, or with .{} after that; `--include` asks for others, and \
             `--no-ignore` for what .gitignore names",
            TEXT_EXTENSIONS.map(|extension| format!(".{extension}")).join(" "),
            PACKED_EXTENSIONS.join(" or ."),
        );
        return Err(Error::new(format!("no text in {}", folders.join(", "))).help(help).into());
    }
    Ok(files)
}

/// Which files are meant, by the arguments and by the config.
struct Wanted<'w> {
    desk: &'w Desk<'w>,
    include: Vec<GlobMatcher>,
    exclude: Vec<GlobMatcher>,
}

impl<'w> Wanted<'w> {
    fn new(desk: &'w Desk<'w>, args: &InputArgs) -> Result<Self> {
        let compile = |glob: &String| {
            Glob::new(glob).map(|glob| glob.compile_matcher()).with_context(|| format!("`{glob}` is no sound glob"))
        };
        let compiled = |globs: &[String]| globs.iter().map(compile).collect::<Result<_>>();
        Ok(Self { desk, include: compiled(&args.include)?, exclude: compiled(&args.exclude)? })
    }

    fn is_excluded(&self, path: &Path, below: &Path) -> Result<bool> {
        let settings = self.desk.settings(Some(path))?;
        let said = |config| relative_to(config, path).is_some_and(|relative| config.excludes(&relative));
        Ok(fits(&self.exclude, path, below) || settings.config.as_ref().is_some_and(said))
    }

    /// Whether a file that is in a folder is meant.
    fn is_wanted(&self, path: &Path, below: &Path) -> Result<bool> {
        if path.file_name().is_some_and(|name| name == FILE_NAME) || self.is_excluded(path, below)? {
            return Ok(false);
        }
        if !self.include.is_empty() {
            return Ok(fits(&self.include, path, below));
        }
        let settings = self.desk.settings(Some(path))?;
        let said = settings.config.as_ref().and_then(|config| config.includes(&relative_to(config, path)?));
        Ok(said.unwrap_or_else(|| extension(path).is_some_and(|extension| TEXT_EXTENSIONS.contains(&extension))))
    }
}

fn fits(globs: &[GlobMatcher], path: &Path, below: &Path) -> bool {
    globs.iter().any(|glob| glob.is_match(path) || glob.is_match(below))
}

/// What a file holds, by what is asked for or by its name.
pub(crate) fn kind(path: &Path, format: Format) -> Kind {
    match (format, extension(path)) {
        (Format::Jsonl, _) | (Format::Auto, Some("jsonl" | "ndjson")) => Kind::Records,
        (Format::Wet, _) | (Format::Auto, Some("wet")) => Kind::Wet,
        _ => Kind::Text,
    }
}

/// `x.warc.wet.gz` as the records that are made of it are called: `x.jsonl.gz`.
pub(crate) fn name_of_records(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let packed = PACKED_EXTENSIONS.iter().find(|extension| name.ends_with(*extension));
    let plain = packed.map_or(&*name, |extension| name.trim_end_matches(*extension).trim_end_matches('.'));
    let plain = plain.trim_end_matches(".wet").trim_end_matches(".warc");
    path.with_file_name(packed.map_or(format!("{plain}.jsonl"), |extension| format!("{plain}.jsonl.{extension}")))
}

/// What a file's name ends with, that of the packed file left out.
fn extension(path: &Path) -> Option<&str> {
    let last = path.extension()?.to_str()?;
    if PACKED_EXTENSIONS.contains(&last) { Path::new(path.file_stem()?).extension()?.to_str() } else { Some(last) }
}

/// An input, opened.
pub(crate) struct Input {
    pub path: Option<PathBuf>,
    /// How it is packed.
    pub codec: Codec,
    pub kind: Kind,
    body: Body,
    /// Lines that were read.
    lines: usize,
    failed: Option<Error>,
    ended: bool,
}

/// What an input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One text.
    Text,
    /// A JSON record a line.
    Records,
    /// The pages of Common Crawl, which become records.
    Wet,
}

enum Body {
    Lines(Box<dyn BufRead + Send>),
    Pages(wet::Pages<Box<dyn BufRead + Send>>),
}

/// A whole text, or some lines of records.
pub(crate) struct Part {
    pub bytes: Vec<u8>,
    /// The number of its first line.
    pub line: usize,
    pub is_last: bool,
}

impl Input {
    /// Opens a file, or standard input; `progress` goes on with every byte that is read.
    pub(crate) fn open(path: Option<&Path>, format: Format, progress: &ProgressBar) -> Result<Self, Error> {
        Self::unpacked(path, format, progress).map_err(|error| unreadable(error, path))
    }

    fn unpacked(path: Option<&Path>, format: Format, progress: &ProgressBar) -> io::Result<Self> {
        let raw: Box<dyn Read + Send> = match path {
            Some(path) => Box::new(progress.wrap_read(File::open(path)?)),
            None => Box::new(progress.wrap_read(io::stdin())),
        };
        let mut raw = BufReader::with_capacity(1 << 16, raw);
        let mut start = Vec::new();
        raw.by_ref().take(4).read_to_end(&mut start)?;
        let codec = Codec::of(&start);
        let mut stream = codec.unpack(Cursor::new(start).chain(raw))?;
        let kind = match path {
            None if format == Format::Auto => {
                let (head, kind) = peek(&mut stream)?;
                stream = Box::new(Cursor::new(head).chain(stream));
                kind
            }
            path => kind(path.unwrap_or(Path::new("")), format),
        };
        let body = if kind == Kind::Wet { Body::Pages(wet::Pages::new(stream)) } else { Body::Lines(stream) };
        Ok(Self { path: path.map(Path::to_path_buf), codec, kind, body, lines: 0, failed: None, ended: false })
    }

    /// What people call it.
    pub(crate) fn name(&self) -> String {
        self.path.as_ref().map_or_else(|| "standard input".to_owned(), |path| path.display().to_string())
    }

    fn part(&mut self) -> Result<Part, Error> {
        let mut part = Part { bytes: Vec::new(), line: self.lines + 1, is_last: false };
        let path = self.path.as_deref();
        let read = match &mut self.body {
            Body::Lines(stream) if self.kind == Kind::Text => stream.read_to_end(&mut part.bytes).map(|_| false),
            Body::Lines(stream) => read_lines(stream, &mut part.bytes),
            Body::Pages(pages) => read_pages(pages, &mut part.bytes),
        };
        self.lines += memchr::memchr_iter(b'\n', &part.bytes).count();
        match read {
            Ok(more) => part.is_last = !more,
            Err(error) => {
                let error = unreadable(error, path);
                // What was read before is not lost with the rest; of a text there is no use for a half.
                if part.bytes.is_empty() || self.kind == Kind::Text {
                    return Err(error);
                }
                self.failed = Some(error);
            }
        }
        Ok(part)
    }
}

/// Reads lines up to [`PART_BYTES`] and to the end of the last one; says whether there may be more.
fn read_lines(stream: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.reserve(PART_BYTES + PART_BYTES / 8);
    while bytes.len() < PART_BYTES {
        let read = match stream.fill_buf() {
            Ok([]) => return Ok(false),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let read = read.get(..PART_BYTES - bytes.len()).unwrap_or(read);
        bytes.extend_from_slice(read);
        let length = read.len();
        stream.consume(length);
    }
    if bytes.last() != Some(&b'\n') {
        stream.read_until(b'\n', bytes)?;
    }
    Ok(true)
}

/// Reads pages until they are as many bytes; says whether there may be more.
fn read_pages(pages: &mut wet::Pages<impl BufRead>, bytes: &mut Vec<u8>) -> io::Result<bool> {
    while bytes.len() < PART_BYTES {
        if !pages.next(bytes).map_err(io::Error::other)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The parts of an input in their order, and then its failure, if it has one. There is at least one.
impl Iterator for Input {
    type Item = Result<Part, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let part = self.failed.take().map_or_else(|| self.part(), Err);
        self.ended = part.as_ref().map_or(true, |part| part.is_last);
        Some(part)
    }
}

/// Standard input's first line that is not blank, with what is before it, and what it shows of the rest.
fn peek(stream: &mut impl BufRead) -> io::Result<(Vec<u8>, Kind)> {
    let mut head = Vec::new();
    loop {
        let start = head.len();
        let got = stream.read_until(b'\n', &mut head)?;
        let line = std::str::from_utf8(head.get(start..).unwrap_or_default()).unwrap_or_default();
        let line = line.trim_start_matches(BYTE_ORDER_MARK).trim();
        if got > 0 && line.is_empty() {
            continue;
        }
        let is_record = line.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
        let kind = match is_record {
            true => Kind::Records,
            false if line.starts_with("WARC/1.") => Kind::Wet,
            false => Kind::Text,
        };
        return Ok((head, kind));
    }
}

fn unreadable(error: io::Error, path: Option<&Path>) -> Error {
    let error = error.downcast::<Error>().unwrap_or_else(|error| read::unreadable(&error));
    match path {
        Some(path) => error.in_file(path),
        None => Error::new(format!("standard input {}", error.message())),
    }
}
