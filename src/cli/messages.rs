//! The one place that writes to standard output and standard error.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use dechaff::Error;

use super::Status;

/// Prints to standard output, with colour where it is a terminal. That nobody reads it any more is no failure.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Writes bytes to standard output as they are.
pub(crate) fn print_raw(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Something that is worth knowing and stops nothing.
pub(crate) fn note(text: &str) {
    // Where standard error is gone, nobody can be told so.
    let _ = writeln!(anstream::stderr(), "{}", visible(text));
}

/// Something failed and the run goes on.
pub(crate) fn complain(error: &Error) {
    let _ = writeln!(anstream::stderr(), "{}", render(error));
}

/// The run failed: says so and gives the status.
pub(crate) fn fail(error: &anyhow::Error) -> Status {
    let stream = error.downcast_ref::<io::Error>();
    if stream.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return Status::Fine;
    }
    match (error.downcast_ref::<Error>(), stream) {
        (Some(error), _) => complain(error),
        (None, Some(error)) => {
            complain(&Error::new(format!("standard output cannot be written: {}", dechaff::read::reason(error))));
        }
        (None, None) => {
            let title = visible(&format!("{error:#}"));
            let _ = writeln!(
                anstream::stderr(),
                "{}",
                Renderer::styled().render(&[Group::with_title(Level::ERROR.primary_title(title))])
            );
        }
    }
    Status::Failed
}

/// A finding that stops nothing, under the name of the check that found it.
pub(crate) fn warning(name: &str, error: &Error) -> String {
    rendered(&Level::WARNING.with_name(name), error)
}

/// What, where with a caret, and what to do next.
fn render(error: &Error) -> String {
    rendered(&Level::ERROR, error)
}

fn rendered(level: &Level<'_>, error: &Error) -> String {
    let path = error.path().map(|path| visible(&path.display().to_string()));
    let title = match (error.place(), &path) {
        (None, Some(path)) => format!("{path}: {}", error.message()),
        _ => error.message().to_owned(),
    };
    let source = error.place().map(|place| visible(&place.source)).unwrap_or_default();
    let mut group = Group::with_title(level.clone().primary_title(visible(&title)));
    if let Some(place) = error.place() {
        let offset = |column: usize| source.char_indices().nth(column).map_or(source.len(), |(at, _)| at);
        let span = offset(place.column - 1)..offset(place.column - 1 + place.width);
        let snippet = Snippet::source(source.as_str()).line_start(place.line).path(path.as_deref());
        group = group.element(snippet.annotation(AnnotationKind::Primary.span(span)));
    }
    let advice = error.advice().map(visible);
    if let Some(advice) = &advice {
        group = group.element(Level::HELP.message(advice.as_str()));
    }
    Renderer::styled().render(&[group])
}

/// The text with nothing in it that a terminal would obey: control characters as their pictures.
pub(crate) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\u{7f}' => '\u{2421}',
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ => c,
        })
        .collect()
}

/// `N thing` or `N things`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
