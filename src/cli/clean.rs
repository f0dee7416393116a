//! `clean` and `extract`: inputs cleaned in parallel and written in order.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::io::{IsTerminal, stderr, stdout};
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use dechaff::Error;
use dechaff::codec::Codec;
use dechaff::write::Original;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::Status;
use super::args::{CleanArgs, Summary};
use super::batch::{Job, Make, Tally, Washed};
use super::input::{self, Found, Input, Kind, Part};
use super::messages::{self, count};
use super::parallel;
use super::settings::Desk;
use super::signals;
use super::sink::{self, Failure, Place, Sink};

/// Of less than so many bytes no progress is shown: they are done before anybody could read it.
const SHOW_PROGRESS_FROM: u64 = 4 << 20;

pub(crate) fn run(args: &CleanArgs) -> Result<Status> {
    // The process ends with it: to take rules apart takes as long as a small file.
    let desk = ManuallyDrop::new(Desk::new(&args.rules, &args.input)?.annotating(args.annotate.as_ref()));
    let folder = args.output.as_deref().or(args.attributes.as_deref());
    let files = input::files(&desk, &args.input, folder)?;
    let files = plan(args, folder, files)?;
    signals::heed().context("no signal can be heeded")?;
    let progress = progress(args, folder.is_some() || args.write, &files);
    let work = Inputs { desk: &desk, args, progress: &progress, files: files.into_iter(), open: None };
    let threads = args.jobs.or(available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let mut run = Run {
        args,
        progress: &progress,
        sink: None,
        given_up: false,
        folders: BTreeSet::new(),
        count: Count::default(),
    };
    parallel::in_order(work, threads, |work| work.and_then(Work::wash), |done| run.take(done))?;
    run.end()
}

fn make(args: &CleanArgs) -> Make {
    if args.attributes.is_some() { Make::Attributes } else { Make::Texts }
}

/// The inputs with their places, `None` being standard input; refuses what would be lost.
fn plan(args: &CleanArgs, folder: Option<&Path>, files: Vec<Found>) -> Result<Vec<Option<(Found, Goal)>>> {
    if args.input.files.is_empty() {
        return Ok(vec![None]);
    }
    let kind = |file: &Found| input::kind(&file.path, args.input.format);
    if folder.is_none() && !args.write && files.len() > 1 && files.iter().any(|file| kind(file) == Kind::Text) {
        bail!(
            "{} files, but only one standard output: say `-o DIR` to write them into a folder, or `-w` to clean them in place",
            files.len()
        );
    }
    let mut targets: HashMap<PathBuf, PathBuf> = HashMap::new();
    let mut originals = BTreeSet::new();
    let mut planned = Vec::new();
    for file in files {
        let Some(folder) = folder else {
            // One file may be named twice; in place it is cleaned once.
            if !args.write || originals.insert(file.path.canonicalize().unwrap_or_else(|_| file.path.clone())) {
                planned.push(Some((file, if args.write { Goal::InPlace } else { Goal::Output })));
            }
            continue;
        };
        let name = if kind(&file) == Kind::Wet { input::name_of_records(&file.below) } else { file.below.clone() };
        let target = folder.join(&name);
        if target.canonicalize().is_ok_and(|target| file.path.canonicalize().is_ok_and(|path| path == target)) {
            bail!(
                "{} would be written over itself: name another folder, or say `-w` to clean in place",
                file.path.display()
            );
        }
        if let Some(first) = targets.insert(target, file.path.clone()) {
            bail!(
                "{} and {} would be written to the same file: clean them into two folders",
                first.display(),
                file.path.display()
            );
        }
        let folder = folder.to_path_buf();
        planned.push(Some((file, Goal::Below { folder, name })));
    }
    Ok(planned)
}

/// Where the output of a file is meant to go.
enum Goal {
    Output,
    InPlace,
    Below { folder: PathBuf, name: PathBuf },
}

/// A part of an input on its way to a worker; with the first, the place of the whole.
struct Work {
    job: Arc<Job>,
    place: Option<(Place, Codec)>,
    part: Part,
}

/// A part on its way to its place.
struct Done {
    job: Arc<Job>,
    place: Option<(Place, Codec)>,
    washed: Washed,
    is_last: bool,
}

impl Work {
    fn wash(self) -> Result<Done> {
        let Self { job, place, part } = self;
        let is_last = part.is_last;
        let washed = job.clean(part, &mut |_| Ok(()))?;
        Ok(Done { job, place, washed, is_last })
    }
}

/// The parts of all inputs. Of a file that will be replaced, what it is like is seen before it is read.
struct Inputs<'i> {
    desk: &'i Desk<'i>,
    args: &'i CleanArgs,
    progress: &'i ProgressBar,
    files: std::vec::IntoIter<Option<(Found, Goal)>>,
    open: Option<(Input, Arc<Job>)>,
}

impl Inputs<'_> {
    fn open(&mut self, file: Option<(Found, Goal)>) -> Result<(Place, Codec)> {
        let path = file.as_ref().map(|(found, _)| found.path.clone());
        let place = match file {
            Some((found, Goal::InPlace)) => Place::Original(Box::new(Original::open(&found.path)?)),
            Some((_, Goal::Below { folder, name })) => Place::Below { folder, name },
            Some((_, Goal::Output)) | None => Place::Output,
        };
        let input = Input::open(path.as_deref(), self.args.input.format, self.progress)?;
        if let (Place::Original(_), Kind::Wet, Some(path)) = (&place, input.kind, &path) {
            let error = Error::new("is WET, and what is made of it are records: it cannot be cleaned in place");
            return Err(error.help("say `-o DIR`").in_file(path).into());
        }
        let job = Job::new(self.desk, &self.args.input, &input, make(self.args), false)?;
        let codec = input.codec;
        self.open = Some((input, Arc::new(job)));
        Ok((place, codec))
    }
}

impl Iterator for Inputs<'_> {
    /// The input can fail before its first part, or after some.
    type Item = Result<Work>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut place = None;
        loop {
            if let Some((input, job)) = &mut self.open {
                match input.next() {
                    Some(Ok(part)) => return Some(Ok(Work { job: Arc::clone(job), place, part })),
                    Some(Err(error)) => return Some(Err(error.into())),
                    None => self.open = None,
                }
            }
            let file = self.files.next()?;
            match self.open(file) {
                Ok(opened) => place = Some(opened),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// What was done, for people and programs.
#[derive(Debug, Default, Serialize)]
struct Count {
    /// Inputs, and how many of them changed, and could not be read or written to their end.
    files: usize,
    changed_files: usize,
    failed_files: usize,
    #[serde(flatten)]
    tally: Tally,
}

/// A run: takes what was cleaned, in order, and puts it in its place.
struct Run<'r> {
    args: &'r CleanArgs,
    progress: &'r ProgressBar,
    /// The place of the input that is being written, and whether something in it has changed.
    sink: Option<(Sink, bool)>,
    /// The input that is being written failed: what comes of it is passed over.
    given_up: bool,
    folders: BTreeSet<PathBuf>,
    count: Count,
}

impl Run<'_> {
    fn take(&mut self, done: Result<Done>) -> Result<()> {
        match done {
            Err(error) => self.fail(error.downcast::<Error>()?),
            Ok(Done { job, place, washed, is_last }) => {
                self.given_up &= place.is_none();
                for complaint in washed.complaints.iter().filter(|_| !self.args.quiet) {
                    self.progress.suspend(|| messages::note(complaint));
                }
                if !self.given_up {
                    self.count.tally.add(&washed.tally);
                    self.put(&job, place, &washed, is_last)?;
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, job: &Job, place: Option<(Place, Codec)>, washed: &Washed, is_last: bool) -> Result<()> {
        // A file that is one part, and has not changed, is not touched.
        let untouched = is_last && !washed.changed && matches!(place, Some((Place::Original(_), _)));
        if let Some((place, codec)) = place.filter(|_| !untouched) {
            let name = job.path.as_deref().unwrap_or(Path::new("standard input"));
            match Sink::open(place, codec, name) {
                Ok(sink) => self.sink = Some((sink, false)),
                Err(error) => {
                    self.fail(error);
                    return Ok(());
                }
            }
        }
        if let Some((sink, changed)) = &mut self.sink {
            *changed |= washed.changed;
            match sink.write(&washed.output) {
                Ok(()) => {}
                Err(Failure::Output(error)) => return Err(error.into()),
                Err(Failure::File(error)) => {
                    self.fail(error);
                    return Ok(());
                }
            }
        }
        if is_last {
            let changed = self.sink.as_ref().is_some_and(|(_, changed)| *changed);
            if let Some(Err(error)) = self.sink.take().map(|(sink, _)| sink.finish(changed, &mut self.folders)) {
                self.fail(error);
                return Ok(());
            }
            self.count.files += 1;
            self.count.changed_files += usize::from(changed);
            self.progress.set_message(count(self.count.files, "file"));
        }
        Ok(())
    }

    /// The input that is being written, or was about to be, is given up: what was written of it goes.
    fn fail(&mut self, error: Error) {
        self.sink = None;
        self.given_up = true;
        self.count.files += 1;
        self.count.failed_files += 1;
        self.progress.suspend(|| messages::complain(&error));
    }

    fn end(mut self) -> Result<Status> {
        for error in sink::settle(std::mem::take(&mut self.folders)) {
            self.count.failed_files += 1;
            self.progress.suspend(|| messages::complain(&error));
        }
        self.progress.finish_and_clear();
        let writes = self.args.write || self.args.output.is_some() || self.args.attributes.is_some();
        let asked = self.args.summary.or((writes && !self.args.quiet).then_some(Summary::Text));
        match asked {
            Some(Summary::Text) => messages::note(&told(make(self.args), &self.count)),
            Some(Summary::Json) => messages::note(&serde_json::to_string(&self.count)?),
            None => {}
        }
        let failed = self.count.failed_files > 0 || self.count.tally.passed > 0;
        Ok(if failed { Status::Failed } else { Status::Fine })
    }
}

/// What a run did, and what went by category.
fn told(make: Make, counted: &Count) -> String {
    let Count { files, changed_files, failed_files, tally } = counted;
    let lines = count(tally.lines, "line");
    let records = tally.texts + tally.passed;
    let mut parts = match make {
        Make::Texts => vec![format!("{changed_files} of {} cleaned", count(*files, "file")), format!("{lines} gone")],
        Make::Attributes => vec![format!("attributes of {}", count(tally.texts, "text")), format!("{lines} in them")],
    };
    if make == Make::Texts && records > *files {
        parts.push(format!("{} of {} changed", tally.changed, count(records, "record")));
    }
    let failures = [
        (tally.passed, count(tally.passed, "record") + " not understood"),
        (tally.held, count(tally.held, "text") + " held back"),
        (*failed_files, count(*failed_files, "file") + " failed"),
    ];
    parts.extend(failures.into_iter().filter(|(number, _)| *number > 0).map(|(_, said)| said));
    let mut removals: Vec<_> = tally.removals.iter().collect();
    removals.sort_by_key(|(category, number)| (Reverse(**number), **category));
    let removals: Vec<String> = removals.iter().map(|(category, number)| format!("{category} {number}")).collect();
    let mut out = parts.join(", ");
    if !removals.is_empty() {
        out += &format!("\n  {}", removals.join(", "));
    }
    if make == Make::Texts && tally.bytes_written < tally.bytes_read {
        out += &format!("; {} of {} bytes gone", tally.bytes_read - tally.bytes_written, tally.bytes_read);
    }
    out
}

/// How far the run is, on standard error where that is a terminal and the run is long.
fn progress(args: &CleanArgs, writes: bool, files: &[Option<(Found, Goal)>]) -> ProgressBar {
    let size = |file: &Option<(Found, Goal)>| {
        file.as_ref().and_then(|(file, _)| file.path.metadata().ok()).map(|data| data.len())
    };
    let total: Option<u64> = files.iter().map(size).sum();
    let long = total.is_none_or(|total| total >= SHOW_PROGRESS_FROM) && files.iter().all(Option::is_some);
    let seen = stderr().is_terminal() && (writes || !stdout().is_terminal());
    if args.quiet || !seen || !long {
        return ProgressBar::hidden();
    }
    let style = "{bar:30} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left, {msg}";
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(5));
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
