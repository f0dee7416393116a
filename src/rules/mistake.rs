//! Turns what is wrong in a rule file into an [`Error`] with the line, a caret and the next right word.

use serde_saphyr::{Location, Spanned};

use crate::error::{Error, Place};

/// The place of a value in the file it was read from.
pub(crate) fn place<T>(source: &str, value: &Spanned<T>) -> Place {
    place_of(source, value.referenced)
}

pub(super) fn place_of(source: &str, location: Location) -> Place {
    let line = usize::try_from(location.line()).unwrap_or(1).max(1);
    let column = usize::try_from(location.column()).unwrap_or(1).max(1);
    let text = lines(source).nth(line - 1).unwrap_or_default();
    let rest = text.chars().count().saturating_sub(column - 1).max(1);
    let width = usize::try_from(location.span().len()).unwrap_or(1).clamp(1, rest);
    Place { line, column, width, source: text.to_owned() }
}

/// Lines as YAML counts them: a carriage return alone ends one too.
pub(crate) fn lines(source: &str) -> impl Iterator<Item = &str> {
    source.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// An error of the YAML reader, with the nearest right name where a name is wrong.
pub(super) fn from_yaml(source: &str, error: &serde_saphyr::Error) -> Error {
    use serde_saphyr::Error as Yaml;
    let error = error.without_snippet();
    let (message, help) = match error {
        Yaml::SerdeUnknownField { field, expected, .. } => {
            (format!("unknown key `{field}`"), Some(nearest(field, expected)))
        }
        Yaml::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("unknown value `{variant}`"), Some(nearest(variant, expected)))
        }
        Yaml::SerdeMissingField { field, .. } => {
            (format!("the key `{field}` is missing"), Some(format!("add `{field}:`, see docs/rules.md")))
        }
        Yaml::DuplicateMappingKey { key, .. } => (
            format!("the key `{}` stands here twice", key.as_deref().unwrap_or("?")),
            Some("take one of them out; a later value never replaces an earlier one".to_owned()),
        ),
        Yaml::Eof { .. } => {
            ("the file is empty".to_owned(), Some("a rule file begins with `schema: 1`, see docs/rules.md".to_owned()))
        }
        other => (without_place(&other.to_string()), None),
    };
    let mut result = Error::new(message);
    if let Some(location) = error.location() {
        result = result.at(place_of(source, location));
    }
    match help {
        Some(help) => result.help(help),
        None => result,
    }
}

/// The reader ends its messages with the place, which the error already carries.
fn without_place(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_owned()
}

/// "did you mean" for the nearest of the names, and all of them.
pub(crate) fn nearest<S: AsRef<str>>(wrong: &str, names: &[S]) -> String {
    if names.is_empty() {
        return "there are none yet".to_owned();
    }
    let best = crate::error::nearest(wrong, names.iter().map(AsRef::as_ref)).filter(|(likeness, _)| *likeness > 0.75);
    let all = names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ");
    match best {
        Some((_, name)) => format!("did you mean `{name}`? possible here: {all}"),
        None => format!("possible here: {all}"),
    }
}

/// Help for a name among hundreds: only the likely one.
pub(crate) fn nearest_only<S: AsRef<str>>(wrong: &str, names: &[S]) -> String {
    let help = nearest(wrong, names);
    match help.split_once(" possible here") {
        Some((guess, _)) => guess.to_owned(),
        None => "`dechaff rules list` has them all; a rule is called pack/id, and `*` stands for any text".to_owned(),
    }
}
