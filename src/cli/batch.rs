//! The texts of inputs, one after the other: read, cleaned, shown.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use dechaff::decide::Terms;
use dechaff::document::BYTE_ORDER_MARK;
use dechaff::{Cleaned, Cleaner, Error, Origin, Request, read, record};
use indicatif::ProgressBar;

use super::Status;
use super::args::{InputArgs, TextArgs};
use super::input::{self, Input, Kind, Part};
use super::messages;
use super::settings::{Desk, Settings};

/// One text of an input: a whole file, or the text of a record.
pub(crate) struct Piece<'p> {
    /// For people: the file, and the record's line where there are records.
    pub name: String,
    /// The text as it was.
    pub text: &'p str,
    /// What came of it.
    pub cleaned: &'p Cleaned<'p>,
    /// What cleaned it.
    pub cleaner: &'p Cleaner,
    /// The host that it is said to come from; its front matter may know more.
    pub host: Option<String>,
}

/// One text of an input that is not cleaned.
pub(crate) struct Text<'t> {
    /// For people: the file, and the record's line where there are records.
    pub name: String,
    /// The text.
    pub text: &'t str,
    /// Where it comes from, as far as that is known.
    pub origin: Origin,
}

/// What is made of the texts of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    /// The texts, cleaned.
    Texts,
    /// Lines of a Dolma attribute file.
    Attributes,
}

/// How to clean the parts of an input, on whatever thread.
pub(crate) struct Job {
    pub name: String,
    pub path: Option<PathBuf>,
    kind: Kind,
    settings: Arc<Settings>,
    request: Request,
    make: Make,
    trace: bool,
}

/// What came of a part of an input.
pub(crate) struct Washed {
    pub output: Vec<u8>,
    pub changed: bool,
    pub tally: Tally,
    /// What is worth knowing, for people.
    pub complaints: Vec<String>,
}

/// What was done to texts.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub(crate) struct Tally {
    /// Texts, and how many of them changed.
    pub texts: usize,
    pub changed: usize,
    /// Records that passed through as they are, since nothing could be made of them.
    pub passed: usize,
    /// Texts that stayed as they are since rules asked for too much, did not settle, or found no article.
    pub held: usize,
    pub bytes_read: usize,
    pub bytes_written: usize,
    /// Lines that went or lost a part.
    pub lines: usize,
    /// Removals by category.
    pub removals: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn count(&mut self, cleaner: &Cleaner, cleaned: &Cleaned<'_>) {
        self.texts += 1;
        self.changed += usize::from(!cleaned.removals.is_empty());
        self.held += usize::from(cleaned.outcome.complaint().is_some());
        self.lines += cleaned.lines_touched();
        for rule in cleaned.removals.iter().filter_map(|removal| cleaner.rules().rules().get(removal.rule)) {
            *self.removals.entry(rule.category.name()).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.texts += other.texts;
        self.changed += other.changed;
        self.passed += other.passed;
        self.held += other.held;
        self.bytes_read += other.bytes_read;
        self.bytes_written += other.bytes_written;
        self.lines += other.lines;
        for (category, count) in &other.removals {
            *self.removals.entry(category).or_default() += count;
        }
    }
}

impl Job {
    /// What holds for an input. With `trace`, what nearly went is found too.
    pub(crate) fn new(desk: &Desk<'_>, args: &InputArgs, input: &Input, make: Make, trace: bool) -> Result<Self> {
        let path = input.path.as_deref();
        let settings = desk.settings(path)?;
        let origin = desk.origin(&settings, path);
        let without_evidence = desk.without_evidence();
        let terms = Terms { level: settings.level, trace, without_evidence, ..Terms::default() };
        let (page, title) = (args.page, args.title.clone());
        let request = Request { terms, origin, page, title, ..Request::default() };
        Ok(Self { name: input.name(), path: input.path.clone(), kind: input.kind, settings, request, make, trace })
    }

    /// Cleans every text of a part and shows each to `see`. Records that cannot be cleaned pass through as they are.
    pub(crate) fn clean(&self, part: Part, see: &mut dyn FnMut(&Piece<'_>) -> Result<()>) -> Result<Washed> {
        let mut washed = Washed {
            output: Vec::with_capacity(part.bytes.len()),
            changed: false,
            tally: Tally { bytes_read: part.bytes.len(), ..Tally::default() },
            complaints: Vec::new(),
        };
        match self.kind {
            Kind::Text => self.clean_text(part, &mut washed, see)?,
            Kind::Records | Kind::Wet => self.clean_records(&part, &mut washed, see)?,
        }
        washed.tally.bytes_written = washed.output.len();
        Ok(washed)
    }

    fn clean_text(&self, part: Part, washed: &mut Washed, see: &mut dyn FnMut(&Piece<'_>) -> Result<()>) -> Result<()> {
        if self.make == Make::Attributes || self.settings.fields.annotation.is_some() {
            return Err(self.failed(Error::new("is a text: only records have fields and attributes")));
        }
        let text = read::text(part.bytes).map_err(|error| self.failed(error))?;
        let cleaner = &self.settings.cleaner;
        let cleaned = guarded(|| cleaner.clean(&text, &self.request)).map_err(|error| self.failed(error))?;
        washed.changed = !cleaned.removals.is_empty();
        let host = self.request.origin.host.clone();
        self.show(&Piece { name: self.name.clone(), text: &text, cleaned: &cleaned, cleaner, host }, washed, see)?;
        washed.output.extend_from_slice(cleaned.text.as_bytes());
        Ok(())
    }

    fn clean_records(
        &self,
        part: &Part,
        washed: &mut Washed,
        see: &mut dyn FnMut(&Piece<'_>) -> Result<()>,
    ) -> Result<()> {
        let cleaner = &self.settings.cleaner;
        let fields = &self.settings.fields;
        for (number, line) in lines(part) {
            let name = format!("{}:{number}", self.name);
            let (before, line, after) = record_in(line);
            let done =
                std::str::from_utf8(line).map_err(|error| read::not_utf8(line, error.valid_up_to())).and_then(|line| {
                    match line.is_empty() {
                        true => Ok(None),
                        false => guarded(|| record::clean(cleaner, line, fields, &self.request)).map(Some),
                    }
                });
            let done = done.and_then(|done| match (done, self.make) {
                (Some(done), Make::Attributes) => done.attributes(cleaner).map(|line| Some((done, line + "\n"))),
                (done, _) => Ok(done.map(|done| (done, String::new()))),
            });
            let texts = self.make == Make::Texts;
            match done {
                Ok(Some((done, attributes))) => {
                    let host = done.host.clone();
                    self.show(&Piece { name, text: &done.text, cleaned: &done.cleaned, cleaner, host }, washed, see)?;
                    washed.changed |= done.line.as_bytes() != line;
                    let now = if texts { done.line.as_bytes() } else { attributes.as_bytes() };
                    let around = if texts { (before, after) } else { Default::default() };
                    [around.0, now, around.1].iter().for_each(|bytes| washed.output.extend_from_slice(bytes));
                }
                Err(error) => {
                    washed.tally.passed += 1;
                    let then = if texts { "passed through as it is" } else { "it has no line of attributes" };
                    washed.complaints.push(format!("{name}: {}; {then}", error.message()));
                    if texts {
                        [before, line, after].iter().for_each(|bytes| washed.output.extend_from_slice(bytes));
                    }
                }
                Ok(None) if texts => [before, after].iter().for_each(|bytes| washed.output.extend_from_slice(bytes)),
                Ok(None) => {}
            }
        }
        Ok(())
    }

    fn show(
        &self,
        piece: &Piece<'_>,
        washed: &mut Washed,
        see: &mut dyn FnMut(&Piece<'_>) -> Result<()>,
    ) -> Result<()> {
        washed.tally.count(piece.cleaner, piece.cleaned);
        // Who asked for a trace is told by what is shown of it.
        if let Some(complaint) = piece.cleaned.outcome.complaint().filter(|_| !self.trace) {
            washed.complaints.push(format!("{}: {complaint}", piece.name));
        }
        see(piece)
    }

    fn failed(&self, error: Error) -> anyhow::Error {
        match &self.path {
            Some(path) => error.in_file(path).into(),
            None => error.into(),
        }
    }
}

/// The lines of a part, with their endings and their numbers.
fn lines(part: &Part) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = part.bytes.as_slice();
    let next = move || {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let line;
        (line, rest) = rest.split_at(end);
        Some(line).filter(|line| !line.is_empty())
    };
    std::iter::from_fn(next).enumerate().map(|(index, line)| (part.line + index, line))
}

/// The record in a line, and what stands before and after it: a byte order mark, white space.
fn record_in(line: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let mark = BYTE_ORDER_MARK.len_utf8();
    let start = if line.starts_with("\u{feff}".as_bytes()) { mark } else { 0 };
    let rest = line.get(start..).unwrap_or_default();
    let record = rest.trim_ascii();
    let start = start + rest.len() - rest.trim_ascii_start().len();
    let (before, rest) = line.split_at(start);
    let (record, after) = rest.split_at(record.len());
    (before, record, after)
}

/// A bug of ours in one text must not cost the others.
fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let help = "please report it with this text; the others are cleaned";
        Err(Error::new("dechaff failed inside, which is a bug").help(help))
    })
}

/// Reads every input and shows each of its texts; with `trace`, what nearly went too. A file that cannot be read is
/// complained about and passed over.
pub(crate) fn each_piece(
    desk: &Desk<'_>,
    args: &InputArgs,
    trace: bool,
    mut see: impl FnMut(&Piece<'_>) -> Result<()>,
) -> Result<Status> {
    each_part(desk, args, |input, part| {
        let job = Job::new(desk, args, input, Make::Texts, trace)?;
        let washed = job.clean(part, &mut see)?;
        washed.complaints.iter().for_each(|complaint| messages::note(complaint));
        Ok(if washed.tally.passed > 0 { Status::Failed } else { Status::Fine })
    })
}

/// Reads every input and shows each of its texts, as it is.
pub(crate) fn each_text(
    desk: &Desk<'_>,
    args: &InputArgs,
    mut see: impl FnMut(&Text<'_>) -> Result<()>,
) -> Result<Status> {
    each_part(desk, args, |input, part| {
        let path = input.path.as_deref();
        let settings = desk.settings(path)?;
        let origin = desk.origin(&settings, path);
        if input.kind == Kind::Text {
            let text =
                read::text(part.bytes).map_err(|error| path.iter().fold(error, |error, path| error.in_file(path)))?;
            see(&Text { name: input.name(), text: &text, origin })?;
            return Ok(Status::Fine);
        }
        let mut status = Status::Fine;
        for (number, line) in lines(&part) {
            let (_, line, _) = record_in(line);
            if line.is_empty() {
                continue;
            }
            let name = format!("{}:{number}", input.name());
            let line = std::str::from_utf8(line).map_err(|error| read::not_utf8(line, error.valid_up_to()));
            match line.and_then(|line| record::read(line, &settings.fields, origin.clone())) {
                Ok((text, origin)) => see(&Text { name, text: &text, origin })?,
                Err(error) => {
                    messages::note(&format!("{name}: {}; passed over", error.message()));
                    status = Status::Failed;
                }
            }
        }
        Ok(status)
    })
}

fn each_part(desk: &Desk<'_>, args: &InputArgs, mut see: impl FnMut(&Input, Part) -> Result<Status>) -> Result<Status> {
    let mut status = Status::Fine;
    for path in paths(&input::files(desk, args, None)?, args) {
        let mut done = || -> Result<Status> {
            let mut input = Input::open(path, args.format, &ProgressBar::hidden())?;
            let mut status = Status::Fine;
            while let Some(part) = input.next() {
                status = status.max(see(&input, part?)?);
            }
            Ok(status)
        };
        status = status.max(complaining(done())?);
    }
    Ok(status)
}

/// A failure of one input is complained about; one of the run is given back.
pub(crate) fn complaining(done: Result<Status>) -> Result<Status> {
    done.or_else(|error| {
        messages::complain(&error.downcast::<Error>()?);
        Ok(Status::Failed)
    })
}

/// The files, or standard input where no file was asked for.
pub(crate) fn paths<'f>(files: &'f [input::Found], args: &InputArgs) -> Vec<Option<&'f Path>> {
    match args.files.is_empty() {
        true => vec![None],
        false => files.iter().map(|file| Some(file.path.as_path())).collect(),
    }
}

pub(crate) fn check(desk: &Desk<'_>, args: &TextArgs) -> Result<Status> {
    let mut dirty = Status::Fine;
    let status = each_piece(desk, &args.input, false, |piece| {
        let lines = piece.cleaned.lines_touched();
        if lines > 0 {
            dirty = Status::WouldChange;
            let said = format!("{}: {} would change\n", piece.name, messages::count(lines, "line"));
            messages::print(&messages::visible(&said))?;
        }
        Ok(())
    })?;
    Ok(status.max(dirty))
}
