//! Words that phrases name in braces, from `rules/vocabulary.yaml`: `share on {network}`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use super::builtin;
use super::pattern::NUMBER;
use super::set::read_yaml;
use crate::error::Error;
use crate::fold::fold;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct VocabularyFile {
    #[serde(rename = "schema")]
    _schema: u32,
    words: BTreeMap<String, Vec<String>>,
}

/// What each name in braces stands for, the braces with it.
type Vocabulary = BTreeMap<String, Vec<String>>;

/// Read once; the tests of dechaff rule out that the embedded file is broken.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| read().unwrap_or_default());

fn read() -> Result<Vocabulary, Error> {
    let file: VocabularyFile =
        read_yaml(builtin::vocabulary_text()).map_err(|error| error.in_file(Path::new(builtin::VOCABULARY)))?;
    Ok(file.words.into_iter().map(|(name, words)| (format!("{{{name}}}"), words)).collect())
}

/// Whether the embedded file is sound.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check() -> Result<(), Error> {
    read().map(|_| ())
}

/// The names, braces and all.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    VOCABULARY.keys().map(String::as_str)
}

/// The folded texts that a folded phrase stands for: itself, where it names no words.
pub(super) fn expand(folded: String) -> Vec<String> {
    let mut texts = vec![folded];
    for (name, words) in VOCABULARY.iter() {
        if texts.iter().any(|text| text.contains(name)) {
            texts = texts.iter().flat_map(|text| words.iter().map(|word| text.replace(name, &fold(word)))).collect();
        }
    }
    texts
}

/// The phrase as it could stand in a text: with the first word for each name, and a number for [`NUMBER`].
#[must_use]
pub fn sample(phrase: &str) -> String {
    let text = phrase.replace(NUMBER, "12");
    VOCABULARY.iter().fold(text, |text, (name, words)| match words.first() {
        Some(word) => text.replace(name, word),
        None => text,
    })
}

/// A name in braces that stands for nothing: `{netwrok}`. Templates that nobody filled in (`{{ title }}`, `${title}`) are texts.
pub(crate) fn unknown_name(phrase: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(start) = phrase.get(from..)?.find('{').map(|at| from + at) {
        let rest = phrase.get(start..)?;
        let length = rest.find(|c: char| c != '{' && !c.is_ascii_lowercase()).filter(|length| *length > 1);
        from = start + 1;
        let name = length.filter(|length| rest[*length..].starts_with('}')).map(|length| &rest[..=length]);
        let literal = phrase[..start].ends_with(['{', '$']) || rest.starts_with("{{");
        if let Some(name) = name.filter(|name| !literal && *name != NUMBER && !VOCABULARY.contains_key(*name)) {
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_file_is_read() {
        assert!(read().expect("sound").contains_key("{network}"));
    }

    #[test]
    fn a_phrase_stands_for_one_with_each_word() {
        assert!(expand("share on {network}".to_owned()).contains(&"share on facebook".to_owned()));
        assert_eq!(expand("{n} shares".to_owned()), ["{n} shares"]);
        assert_eq!(sample("{n} on {network}"), "12 on Facebook");
    }

    #[test]
    fn a_misspelt_name_is_found_and_a_template_is_text() {
        assert_eq!(unknown_name("share on {netwrok}"), Some("{netwrok}"));
        for fine in [
            "share on {network}",
            "{n} shares",
            "{{ title }}",
            "{{title}}",
            "${title}",
            "{Title}",
            "{}",
            "{a b}",
            "a {",
        ] {
            assert_eq!(unknown_name(fine), None, "{fine}");
        }
    }
}
