//! Inputs one after the other: read, clean, write.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::stdin;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dechaff::decide::Terms;
use dechaff::document::BYTE_ORDER_MARK;
use dechaff::record;
use dechaff::write::{self, Original};
use dechaff::{Cleaned, Cleaner, Origin, Request, read};

use super::Status;
use super::args::{CleanArgs, Format, InputArgs, TextArgs};
use super::messages;
use super::settings::{Desk, relative_to};

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

/// What came of an input.
struct Done<'i> {
    output: Cow<'i, str>,
    failures: usize,
}

/// A named input, read.
struct Input {
    path: Option<PathBuf>,
    text: String,
}

impl Input {
    fn read(path: Option<&PathBuf>) -> Result<Self, dechaff::Error> {
        let text = path.map_or_else(|| read::stream(stdin().lock()), |path| read::file(path))?;
        Ok(Self { path: path.cloned(), text })
    }

    fn name(&self) -> String {
        self.path.as_ref().map_or_else(|| "standard input".to_owned(), |path| path.display().to_string())
    }

    /// Whether this holds records. Standard input does where its first line is a JSON object.
    fn has_records(&self, format: Format) -> bool {
        match (format, &self.path) {
            (Format::Text, _) => false,
            (Format::Jsonl, _) => true,
            (Format::Auto, Some(path)) => {
                path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson")
            }
            (Format::Auto, None) => {
                let text = self.text.trim_start_matches(BYTE_ORDER_MARK);
                let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
                first.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok()
            }
        }
    }

    /// Cleans every text in it and shows each to `see`; that one was left as it is is said here, unless `see` does
    /// (`trace`). Records that cannot be cleaned pass through as they are.
    fn clean(
        &self,
        desk: &Desk<'_>,
        args: &InputArgs,
        trace: bool,
        mut see: impl FnMut(&Piece<'_>) -> Result<()>,
    ) -> Result<Done<'_>> {
        let settings = desk.settings(self.path.as_deref())?;
        let cleaner = &settings.cleaner;
        let origin = desk.origin(&settings, self.path.as_deref());
        let mut see = |piece: &Piece<'_>| {
            if let Some(complaint) = piece.cleaned.outcome.complaint().filter(|_| !trace) {
                messages::note(&format!("{}: {complaint}", piece.name));
            }
            see(piece)
        };
        let without_evidence = desk.without_evidence();
        let terms = Terms { level: settings.level, trace, without_evidence, ..Terms::default() };
        let (page, title) = (args.page, args.title.clone());
        let request = Request { terms, origin, page, title, ..Request::default() };
        if !self.has_records(args.format) {
            let cleaned = cleaner.clean(&self.text, &request).map_err(|error| in_input(error, self.path.as_deref()))?;
            see(&Piece {
                name: self.name(),
                text: &self.text,
                cleaned: &cleaned,
                cleaner,
                host: request.origin.host.clone(),
            })?;
            return Ok(Done { output: cleaned.text, failures: 0 });
        }
        let mut output = String::with_capacity(self.text.len());
        let mut failures = 0;
        let records = self.text.trim_start_matches(BYTE_ORDER_MARK);
        output.push_str(self.text.strip_suffix(records).unwrap_or_default());
        for (index, piece) in records.split_inclusive('\n').enumerate() {
            let record = piece.trim_end_matches(['\n', '\r']);
            if record.trim().is_empty() {
                output.push_str(piece);
                continue;
            }
            let name = format!("{}:{}", self.name(), index + 1);
            match record::clean(cleaner, record, &settings.fields, &request) {
                Ok(done) => {
                    see(&Piece { name, text: &done.text, cleaned: &done.cleaned, cleaner, host: done.host.clone() })?;
                    output.push_str(&done.line);
                    output.push_str(piece.get(record.len()..).unwrap_or_default());
                }
                Err(error) => {
                    failures += 1;
                    messages::note(&format!("{name}: {}; passed through as it is", error.message()));
                    output.push_str(piece);
                }
            }
        }
        Ok(Done { output: Cow::Owned(output), failures })
    }
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

/// Reads every input, folders included, and shows each of its texts.
pub(crate) fn each_text(
    desk: &Desk<'_>,
    args: &InputArgs,
    mut see: impl FnMut(&Text<'_>) -> Result<()>,
) -> Result<Status> {
    let mut status = Status::Fine;
    for path in paths(args) {
        let input = match Input::read(path) {
            Ok(input) => input,
            Err(error) => {
                messages::complain(&error);
                status = Status::Failed;
                continue;
            }
        };
        let settings = desk.settings(input.path.as_deref())?;
        let origin = desk.origin(&settings, input.path.as_deref());
        if !input.has_records(args.format) {
            see(&Text { name: input.name(), text: &input.text, origin })?;
            continue;
        }
        for (index, record) in input.text.trim_start_matches(BYTE_ORDER_MARK).lines().enumerate() {
            if record.trim().is_empty() {
                continue;
            }
            let name = format!("{}:{}", input.name(), index + 1);
            match record::read(record, &settings.fields, origin.clone()) {
                Ok((text, origin)) => see(&Text { name, text: &text, origin })?,
                Err(error) => {
                    messages::note(&format!("{name}: {}; passed over", error.message()));
                    status = Status::Failed;
                }
            }
        }
    }
    Ok(status)
}

/// The names of files that hold texts, where a folder is named and no config says which are meant.
const TEXT_EXTENSIONS: [&str; 7] = ["txt", "text", "md", "markdown", "mdx", "jsonl", "ndjson"];

/// The same arguments, with the files in place of the folders that they name.
pub(crate) fn with_folders(desk: &Desk<'_>, args: &InputArgs) -> Result<InputArgs> {
    let mut files = Vec::new();
    for path in &args.files {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut walk = ignore::WalkBuilder::new(path);
        walk.standard_filters(false).hidden(true).sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            let entry = entry?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) && is_wanted(desk, entry.path())? {
                // The files of this folder are called as a person would call them: without a dot before.
                files.push(entry.path().strip_prefix("./").unwrap_or(entry.path()).to_path_buf());
            }
        }
    }
    if files.is_empty() && !args.files.is_empty() {
        bail!(
            "no text in {}: in folders, files are looked at that end in {}, or what `include` in dechaff.yaml says",
            args.files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
            TEXT_EXTENSIONS.join(", ")
        );
    }
    Ok(InputArgs { files, ..args.clone() })
}

fn is_wanted(desk: &Desk<'_>, path: &Path) -> Result<bool> {
    let settings = desk.settings(Some(path))?;
    let said = settings.config.as_ref().and_then(|config| config.wants(&relative_to(config, path)?));
    let usual = || path.extension().is_some_and(|extension| TEXT_EXTENSIONS.iter().any(|text| extension == *text));
    let is_config = path.file_name().is_some_and(|name| name == dechaff::config::FILE_NAME);
    Ok(said.unwrap_or_else(usual) && !is_config)
}

fn in_input(error: dechaff::Error, path: Option<&Path>) -> anyhow::Error {
    match path {
        Some(path) => anyhow::Error::new(error).context(path.display().to_string()),
        None => error.into(),
    }
}

/// Reads every input and shows each of its texts; with `trace`, what nearly went too. A file that cannot be read is
/// complained about and passed over.
pub(crate) fn each_piece(
    desk: &Desk<'_>,
    args: &InputArgs,
    trace: bool,
    mut see: impl FnMut(&Piece<'_>) -> Result<()>,
) -> Result<Status> {
    let mut status = Status::Fine;
    for path in paths(args) {
        match Input::read(path) {
            Ok(input) => {
                let done = input.clean(desk, args, trace, &mut see)?;
                if done.failures > 0 {
                    status = Status::Failed;
                }
            }
            Err(error) => {
                messages::complain(&error);
                status = Status::Failed;
            }
        }
    }
    Ok(status)
}

/// The files, or standard input.
fn paths(args: &InputArgs) -> Vec<Option<&PathBuf>> {
    match args.files.is_empty() {
        true => vec![None],
        false => args.files.iter().map(Some).collect(),
    }
}

/// What a run did, for the line at its end.
#[derive(Debug, Default)]
struct Tally {
    files: usize,
    changed: usize,
    lines: usize,
    held: usize,
}

pub(crate) fn clean(desk: &Desk<'_>, args: &CleanArgs) -> Result<Status> {
    let to_stdout = args.output.is_none() && !args.write;
    if to_stdout && args.input.files.len() > 1 {
        bail!(
            "{} files, but only one standard output: say `-o DIR` to write them into a folder, or `-w` to clean them in place",
            args.input.files.len()
        );
    }
    if let Some(folder) = &args.output {
        refuse_equal_names(&args.input.files, folder)?;
    }
    let mut status = Status::Fine;
    let mut tally = Tally::default();
    for path in paths(&args.input) {
        match clean_one(desk, args, path, &mut tally) {
            Ok(done) => status = status.max(done),
            Err(error) => match error.downcast_ref::<dechaff::Error>() {
                Some(error) => {
                    messages::complain(error);
                    status = Status::Failed;
                }
                None => return Err(error),
            },
        }
    }
    if !to_stdout {
        let Tally { files, changed, lines, held } = tally;
        let held = if held > 0 { format!(", {held} left as they are") } else { String::new() };
        messages::note(&format!("{changed} of {files} files cleaned, {lines} lines gone{held}"));
    }
    Ok(status)
}

fn clean_one(desk: &Desk<'_>, args: &CleanArgs, path: Option<&PathBuf>, tally: &mut Tally) -> Result<Status> {
    let original = match path {
        Some(path) if args.write => Some(Original::open(path)?),
        _ => None,
    };
    let input = Input::read(path)?;
    let mut lines = 0;
    let done = input.clean(desk, &args.input, false, |piece| {
        lines += piece.cleaned.lines_touched();
        tally.held += usize::from(piece.cleaned.outcome.complaint().is_some());
        Ok(())
    })?;
    let changed = done.output != input.text;
    match (original, &args.output, path) {
        (Some(original), _, _) if changed => original.replace(done.output.as_bytes())?,
        (Some(_), _, _) => {}
        (None, Some(folder), Some(path)) => {
            let Some(name) = path.file_name() else { bail!("{} has no file name", path.display()) };
            write::create(&folder.join(name), done.output.as_bytes())?;
        }
        (None, _, _) => messages::print_raw(&done.output)?,
    }
    tally.files += 1;
    tally.changed += usize::from(changed);
    tally.lines += lines;
    Ok(if done.failures > 0 { Status::Failed } else { Status::Fine })
}

/// Two inputs with one name would be written over each other, and one that lies in the folder over itself.
fn refuse_equal_names(files: &[PathBuf], folder: &Path) -> Result<()> {
    let mut seen: HashMap<&OsStr, &PathBuf> = HashMap::new();
    for path in files {
        let target = path.file_name().and_then(|name| folder.join(name).canonicalize().ok());
        if target.is_some() && target == path.canonicalize().ok() {
            bail!(
                "{} would be written over itself: name another folder, or say `-w` to clean in place",
                path.display()
            );
        }
        if let Some(first) = path.file_name().and_then(|name| seen.insert(name, path)) {
            bail!(
                "{} and {} would be written to the same file: clean them into two folders",
                first.display(),
                path.display()
            );
        }
    }
    Ok(())
}

pub(crate) fn check(desk: &Desk<'_>, args: &TextArgs) -> Result<Status> {
    let mut dirty = Status::Fine;
    let status = each_piece(desk, &args.input, false, |piece| {
        let lines = piece.cleaned.lines_touched();
        if lines > 0 {
            dirty = Status::WouldChange;
            let plural = if lines == 1 { "" } else { "s" };
            messages::print(&messages::visible(&format!("{}: {lines} line{plural} would change\n", piece.name)))?;
        }
        Ok(())
    })?;
    Ok(status.max(dirty))
}
