//! What the Python package needs of dechaff: cleaners made by value, calls without the GIL, the command.
//!
//! Nothing here survives a call but compiled cleaners: a pool of threads would be gone after a fork.

use std::collections::HashMap;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use dechaff::config::Config;
use dechaff::rules::{RuleSet, Source, builtin};
use dechaff::{Cleaner, Error, Level, Origin, Outcome, Request, cli, read, record};
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

// Of the module that has them for people: pickled, an exception comes back to the parent of a worker.
create_exception!(
    dechaff,
    DechaffError,
    PyValueError,
    "What dechaff was given is not sound: a rule, a config, a text."
);
create_exception!(
    dechaff,
    PanicError,
    PyRuntimeError,
    "A bug in dechaff. The process lives on; please report the text."
);

/// A file by its name and its text.
type File = (String, String);

/// All that a cleaner is made of, by value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Recipe {
    rules: Vec<File>,
    config: Option<File>,
}

/// Calls that are at work without the GIL. A fork waits for them: what they have locked would stay so in the child.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);
/// Threads that wait to fork, or are at it. Until they are done no call begins, or a fork might wait for ever.
static FORKING: AtomicUsize = AtomicUsize::new(0);
/// How often is looked for what another thread does: long beside a call on a short text, unnoticed by a person.
const LOOK: Duration = Duration::from_millis(1);
/// How often a call on many texts asks Python whether somebody pressed Ctrl-C.
const ASK: Duration = Duration::from_millis(100);

struct AtWork;

impl AtWork {
    /// The GIL is held from the look at who forks to the count of who works, and by who forks for the reverse.
    fn begin(py: Python<'_>) -> Self {
        while FORKING.load(Ordering::SeqCst) > 0 {
            py.detach(|| std::thread::sleep(LOOK));
        }
        AT_WORK.fetch_add(1, Ordering::SeqCst);
        Self
    }

    /// A thread more for the work that `self` is.
    fn helper(&self) -> Self {
        AT_WORK.fetch_add(1, Ordering::SeqCst);
        Self
    }

    /// Runs the handlers of signals, during which this thread is not at work: they may fork, or call dechaff.
    fn signals(&mut self) -> PyResult<()> {
        AT_WORK.fetch_sub(1, Ordering::SeqCst);
        Python::attach(|py| {
            let handled = py.check_signals();
            std::mem::forget(Self::begin(py));
            handled
        })
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        AT_WORK.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Compiled cleaners that somebody has. Locked only by who holds the GIL, so never while another thread forks.
fn shared() -> &'static Mutex<HashMap<Recipe, Weak<Cleaner>>> {
    static SHARED: OnceLock<Mutex<HashMap<Recipe, Weak<Cleaner>>>> = OnceLock::new();
    SHARED.get_or_init(Mutex::default)
}

/// Work without the GIL; a panic in it becomes an exception.
fn detached<T: Send>(py: Python<'_>, work: impl FnOnce(&mut AtWork) -> PyResult<T> + Send) -> PyResult<T> {
    let mut at_work = AtWork::begin(py);
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(|| work(&mut at_work))));
    drop(at_work);
    done.unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> PyErr {
    let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    PanicError::new_err(format!("dechaff failed inside: {}", said.unwrap_or("no message")))
}

fn refused(error: &Error) -> PyErr {
    let help = error.advice().map(|advice| format!("\nhelp: {advice}")).unwrap_or_default();
    DechaffError::new_err(format!("{error}{help}"))
}

fn refused_by_command(error: &anyhow::Error) -> PyErr {
    error.downcast_ref::<Error>().map_or_else(|| DechaffError::new_err(format!("{error:#}")), refused)
}

fn compile(recipe: &Recipe) -> PyResult<Cleaner> {
    let config = recipe.config.as_ref().map(|(path, text)| Config::read(Path::new(path), text.clone()));
    let config = config.transpose().map_err(|error| refused(&error))?;
    let overlay = config.as_ref().map(Config::overlay);
    let files = recipe.rules.iter().map(|(path, text)| Source { path: Path::new(path), text });
    let with_builtin =
        config.as_ref().and_then(|config| config.settings.builtin.as_ref()).is_none_or(|said| said.value);
    let made = builtin::knowledge().and_then(|knowledge| match with_builtin {
        true => builtin::rules_with(files, knowledge, overlay.as_ref()),
        false => RuleSet::load_with(files, knowledge, overlay.as_ref()),
    });
    made.and_then(Cleaner::new).map_err(|error| refused(&error))
}

/// The text of a Python string; `name` says which one, for errors.
fn text_of(value: &Bound<'_, PyAny>, name: impl Fn() -> String) -> PyResult<String> {
    let text = value.cast::<PyString>().map_err(|_| {
        let kind = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        PyTypeError::new_err(format!("{} must be str, not {kind}", name()))
    })?;
    text.to_cow()
        .map(std::borrow::Cow::into_owned)
        .map_err(|error| PyValueError::new_err(format!("{} is not valid Unicode (a lone surrogate): {error}", name())))
}

/// What can be walked, item by item: an array of Arrow would give scalars of its own.
fn items_of<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    match values.getattr_opt("to_pylist")? {
        Some(to_pylist) => to_pylist.call0()?.try_iter(),
        None => values.try_iter(),
    }
}

fn texts_of(values: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<String>> {
    if values.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(format!("{name} must be a list of str, not one str")));
    }
    let item = |(at, value): (usize, PyResult<Bound<'_, PyAny>>)| text_of(&value?, || format!("{name}[{at}]"));
    items_of(values)?.enumerate().map(item).collect()
}

/// Whether it stands for nothing, as None does: in the tables of pandas, NaN and NA.
fn is_missing(value: &Bound<'_, PyAny>) -> bool {
    let not_a_number = || value.extract::<f64>().is_ok_and(f64::is_nan);
    let na = || value.get_type().name().is_ok_and(|name| name == "NAType");
    value.is_none() || !value.is_instance_of::<PyString>() && (not_a_number() || na())
}

/// The same, where items may be missing; as many as there are texts.
fn more_of(values: Option<&Bound<'_, PyAny>>, name: &str, count: usize) -> PyResult<Vec<Option<String>>> {
    let Some(values) = values else { return Ok(vec![None; count]) };
    let item = |(at, value): (usize, PyResult<Bound<'_, PyAny>>)| {
        let value = value?;
        if is_missing(&value) { Ok(None) } else { text_of(&value, || format!("{name}[{at}]")).map(Some) }
    };
    let items: Vec<_> = items_of(values)?.enumerate().map(item).collect::<PyResult<_>>()?;
    match items.len() == count {
        true => Ok(items),
        false => Err(PyValueError::new_err(format!("{name} has {} items, texts has {count}", items.len()))),
    }
}

fn request(level: Level, url: Option<&str>, page: bool, title: Option<String>) -> Request {
    Request { origin: url.map(Origin::of_url).unwrap_or_default(), page, title, ..Request::at(level) }
}

/// Start and end in code points, with the rule and its category.
type Gone = (String, &'static str, usize, usize);

/// One compiled cleaner with its level.
#[pyclass(frozen, module = "dechaff._dechaff")]
struct Engine {
    cleaner: Arc<Cleaner>,
    recipe: Recipe,
    level: Level,
}

#[pymethods]
impl Engine {
    /// By value: what `recipe` and `level` give.
    #[new]
    fn new(py: Python<'_>, level: Option<&str>, rules: Vec<File>, config: Option<File>) -> PyResult<Self> {
        let recipe = Recipe { rules, config };
        let level = match level {
            Some(name) => Level::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| {
                PyValueError::new_err(format!("level must be 'careful', 'normal' or 'eager', not '{name}'"))
            })?,
            None => {
                let read = recipe.config.as_ref().map(|(path, text)| Config::read(Path::new(path), text.clone()));
                let config = read.transpose().map_err(|error| refused(&error))?;
                config.and_then(|config| config.settings.level.map(|level| level.value)).unwrap_or_default()
            }
        };
        let known = || shared().lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&recipe).and_then(Weak::upgrade);
        if let Some(cleaner) = found {
            return Ok(Self { cleaner, recipe, level });
        }
        let made = Arc::new(detached(py, |_| compile(&recipe))?);
        let mut known = known();
        // Another thread may have been faster.
        let cleaner = known.get(&recipe).and_then(Weak::upgrade).unwrap_or(made);
        known.retain(|_, cleaner| cleaner.strong_count() > 0);
        known.insert(recipe.clone(), Arc::downgrade(&cleaner));
        drop(known);
        Ok(Self { cleaner, recipe, level })
    }

    #[getter]
    fn level(&self) -> &'static str {
        self.level.name()
    }

    #[getter]
    fn recipe(&self) -> (Vec<File>, Option<File>) {
        (self.recipe.rules.clone(), self.recipe.config.clone())
    }

    /// Which compiled cleaner it has: equal ones share it.
    #[getter]
    fn compiled(&self) -> usize {
        Arc::as_ptr(&self.cleaner) as usize
    }

    fn rules(&self) -> Vec<(String, &'static str, &'static str, String, Vec<String>)> {
        let rules = self.cleaner.rules().rules().iter();
        rules
            .map(|rule| {
                let about = rule.written.about.clone();
                (rule.id.clone(), rule.category.name(), rule.level.name(), about, rule.languages.clone())
            })
            .collect()
    }

    fn clean(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyAny>,
        url: Option<&Bound<'_, PyAny>>,
        page: bool,
        title: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let text = text_of(text, || "text".to_owned())?;
        let url = url.map(|url| text_of(url, || "url".to_owned())).transpose()?;
        let title = title.map(|title| text_of(title, || "title".to_owned())).transpose()?;
        detached(py, |_| {
            let request = request(self.level, url.as_deref(), page, title);
            let cleaned = self.cleaner.clean(&text, &request).map_err(|error| refused(&error))?;
            Ok(cleaned.text.into_owned())
        })
    }

    fn explain(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyAny>,
        url: Option<&Bound<'_, PyAny>>,
        page: bool,
        title: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(String, Vec<Gone>, &'static str)> {
        let text = text_of(text, || "text".to_owned())?;
        let url = url.map(|url| text_of(url, || "url".to_owned())).transpose()?;
        let title = title.map(|title| text_of(title, || "title".to_owned())).transpose()?;
        detached(py, |_| {
            let request = request(self.level, url.as_deref(), page, title);
            let cleaned = self.cleaner.clean(&text, &request).map_err(|error| refused(&error))?;
            let gone = record::characters_gone(&self.cleaner, &text, &cleaned)
                .map(|(rule, start, end)| (rule.id.clone(), rule.category.name(), start, end))
                .collect();
            let outcome = match cleaned.outcome {
                Outcome::Untouched => "untouched",
                Outcome::Cleaned => "cleaned",
                Outcome::TooMuch(_) => "too-much",
                Outcome::Unsettled => "unsettled",
                Outcome::NoArticle => "no-article",
            };
            Ok((cleaned.text.into_owned(), gone, outcome))
        })
    }

    fn clean_many(
        &self,
        py: Python<'_>,
        texts: &Bound<'_, PyAny>,
        urls: Option<&Bound<'_, PyAny>>,
        page: bool,
        titles: Option<&Bound<'_, PyAny>>,
        threads: Option<usize>,
    ) -> PyResult<Vec<String>> {
        let texts = texts_of(texts, "texts")?;
        let urls = more_of(urls, "urls", texts.len())?;
        let titles = more_of(titles, "titles", texts.len())?;
        if threads == Some(0) {
            return Err(PyValueError::new_err("threads must be at least 1"));
        }
        let one = |at: usize| -> PyResult<String> {
            let (text, url) = (texts.get(at).map_or("", String::as_str), urls.get(at).and_then(Option::as_deref));
            let request = request(self.level, url, page, titles.get(at).cloned().flatten());
            match self.cleaner.clean(text, &request) {
                Ok(cleaned) => Ok(cleaned.text.into_owned()),
                Err(error) => Err(DechaffError::new_err(format!("texts[{at}]: {error}"))),
            }
        };
        detached(py, |at_work| all(at_work, texts.len(), threads, one))
    }
}

/// Does items in parallel and gives them in order; the first error by order is the error. Ctrl-C ends it.
fn all(
    at_work: &mut AtWork,
    count: usize,
    threads: Option<usize>,
    one: impl Fn(usize) -> PyResult<String> + Sync,
) -> PyResult<Vec<String>> {
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).min(count);
    let next = AtomicUsize::new(0);
    let guarded = |at| catch_unwind(AssertUnwindSafe(|| one(at))).unwrap_or_else(|said| Err(panicked(said.as_ref())));
    let work = |asks: &mut dyn FnMut() -> bool| -> Vec<(usize, PyResult<String>)> {
        let places = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < count));
        places.take_while(|_| asks()).map(|at| (at, guarded(at))).collect()
    };
    let mut interrupt = None;
    let mut done: Vec<(usize, PyResult<String>)> = std::thread::scope(|scope| {
        let helpers = (1..threads).map(|_| {
            let helper = at_work.helper();
            std::thread::Builder::new().spawn_scoped(scope, move || {
                let _at_work = helper;
                work(&mut || true)
            })
        });
        // Where the system gives no more threads, fewer do it.
        let helpers: Vec<_> = helpers.map_while(Result::ok).collect();
        let mut asked = Instant::now();
        // Signals reach Python's main thread alone; elsewhere there is nothing to hear of them.
        let mut done = work(&mut || {
            if asked.elapsed() >= ASK {
                asked = Instant::now();
                interrupt = at_work.signals().err();
                if interrupt.is_some() {
                    next.store(count, Ordering::Relaxed);
                }
            }
            interrupt.is_none()
        });
        for helper in helpers {
            done.extend(helper.join().unwrap_or_default());
        }
        done
    });
    if let Some(interrupt) = interrupt {
        return Err(interrupt);
    }
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, text)| text).collect()
}

/// Reads what a cleaner is to be made of: config, then the rule files that it and `rules` name.
#[pyfunction]
fn read_recipe(py: Python<'_>, rules: Vec<PathBuf>, config: Option<PathBuf>) -> PyResult<(Vec<File>, Option<File>)> {
    detached(py, |_| {
        let named = |path: &Path| path.to_string_lossy().into_owned();
        let read = |path: &PathBuf| -> Result<(Config, File), Error> {
            let text = read::file(path)?;
            Ok((Config::read(path, text.clone())?, (named(path), text)))
        };
        let config = config.as_ref().map(read).transpose().map_err(|error| refused(&error))?;
        let own = cli::own_files(config.as_ref().map(|(config, _)| config), &rules);
        let own = own.map_err(|error| refused_by_command(&error))?;
        let files = own.into_iter().map(|(path, text)| (named(&path), text)).collect();
        Ok((files, config.map(|(_, file)| file)))
    })
}

/// Waits until no call is at work; a child process then finds nothing locked.
#[pyfunction]
fn before_fork(py: Python<'_>) {
    FORKING.fetch_add(1, Ordering::SeqCst);
    while AT_WORK.load(Ordering::SeqCst) > 0 {
        py.detach(|| std::thread::sleep(LOOK));
    }
}

#[pyfunction]
fn after_fork_in_parent() {
    FORKING.fetch_sub(1, Ordering::SeqCst);
}

/// The other threads that wanted to fork are not here.
#[pyfunction]
fn after_fork_in_child() {
    FORKING.store(0, Ordering::SeqCst);
}

/// The command, with its exit status.
#[pyfunction]
fn command(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| cli::main(args))
}

/// Panics as a bug would; the tests ask for it.
#[pyfunction]
fn panic_in(py: Python<'_>, many: bool) -> PyResult<Vec<String>> {
    let fail =
        |at: usize| -> PyResult<String> { if at > 0 { panic!("asked for by a test") } else { Ok(String::new()) } };
    detached(py, |at_work| if many { all(at_work, 4, Some(2), fail) } else { fail(1).map(|text| vec![text]) })
}

#[pymodule]
fn _dechaff(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("DechaffError", module.py().get_type::<DechaffError>())?;
    module.add("PanicError", module.py().get_type::<PanicError>())?;
    module.add_class::<Engine>()?;
    module.add_function(wrap_pyfunction!(read_recipe, module)?)?;
    module.add_function(wrap_pyfunction!(before_fork, module)?)?;
    module.add_function(wrap_pyfunction!(after_fork_in_parent, module)?)?;
    module.add_function(wrap_pyfunction!(after_fork_in_child, module)?)?;
    module.add_function(wrap_pyfunction!(command, module)?)?;
    module.add_function(wrap_pyfunction!(panic_in, module)?)
}
