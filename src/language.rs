//! Which language a document is in, and which of its lines are in another.
//!
//! whatlang alone cannot tell: it calls 0.23% of genuine English lines foreign, and no threshold repairs that
//! (DESIGN, "Language"). So its word counts only where the evidence agrees: function words and letters, which
//! are data (`rules/languages.yaml`).

use std::cell::RefCell;
use std::collections::HashSet;

use rustc_hash::FxHashMap;
use unicode_normalization::char::canonical_combining_class;
use whatlang::{Detector, Lang, Script};

use crate::limits;

/// What marks a language, as its data file has it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// ISO 639-1.
    pub code: String,
    /// whatlang's own code (ISO 639-3).
    pub whatlang: String,
    /// The commonest function words, folded, one token each.
    pub words: Vec<String>,
    /// Letters that its neighbours of the same script lack.
    pub letters: String,
}

/// A language that is known here, by its place in the profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(usize);

/// A document's language and script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The language.
    pub language: Language,
    script: Script,
}

/// The languages that can be told apart: a bit each.
type Set = u64;

/// Tells languages apart.
#[derive(Debug)]
pub struct Languages {
    profiles: Vec<Profile>,
    whatlang: Vec<Option<Lang>>,
    words: FxHashMap<String, Set>,
    detector: Detector,
}

/// Languages are kin where one has four fifths of the other's function words in the same text: Czech and Slovak, Danish and Norwegian.
const KIN: usize = 4;
const KIN_OF: usize = 5;

/// What whatlang said last. A document is judged again and again while lines go, and its paragraphs are mostly the same.
#[derive(Debug, Default)]
pub struct Memory(RefCell<Option<(String, Said)>>);

/// What whatlang says of a text, if it can say anything.
type Said = Option<(Lang, Script)>;

impl Memory {
    fn recall(&self, text: &str, ask: impl FnOnce(&str) -> Said) -> Said {
        let mut last = self.0.borrow_mut();
        match &*last {
            Some((same, said)) if same == text => *said,
            _ => last.insert((text.to_owned(), ask(text))).1,
        }
    }
}

impl Languages {
    /// Builds the tables. Profiles beyond the 64th are left out.
    #[must_use]
    pub fn new(profiles: &[Profile]) -> Self {
        let profiles: Vec<Profile> = profiles.iter().take(Set::BITS as usize).cloned().collect();
        let whatlang: Vec<Option<Lang>> =
            profiles.iter().map(|profile| Lang::from_code(profile.whatlang.as_str())).collect();
        let mut words: FxHashMap<String, Set> = FxHashMap::default();
        for (index, profile) in profiles.iter().enumerate() {
            for word in &profile.words {
                *words.entry(crate::fold::fold(word)).or_default() |= 1 << index;
            }
        }
        let detector = Detector::with_allowlist(whatlang.iter().copied().flatten().collect());
        Self { profiles, whatlang, words, detector }
    }

    /// A language's ISO 639-1 code.
    #[must_use]
    pub fn code(&self, language: Language) -> &str {
        self.profiles.get(language.0).map_or("", |profile| &profile.code)
    }

    /// The language of running text, given as its folded paragraphs; `None` when it is not sure.
    ///
    /// Most of the text must be in it, by its function words, and whatlang must agree about that part, or name a kin
    /// language with nearly as many function words there.
    #[must_use]
    pub fn of_document<'p>(&self, paragraphs: impl Iterator<Item = &'p str>, memory: &Memory) -> Option<Verdict> {
        let mut bytes = 0;
        let sample: Vec<(&str, Vec<usize>)> = paragraphs
            .take_while(|paragraph| {
                bytes += paragraph.len();
                bytes <= limits::LANGUAGE_SAMPLE_BYTES + paragraph.len()
            })
            .map(|paragraph| (paragraph, self.counts(paragraph)))
            .collect();
        let all: usize = sample.iter().map(|(paragraph, _)| paragraph.len()).sum();
        let of = |counts: &[usize], language: Language| counts.get(language.0).copied().unwrap_or(0);
        let totals = sample.iter().fold(vec![0; self.profiles.len()], |totals, (_, counts)| {
            totals.iter().zip(counts).map(|(a, b)| a + b).collect()
        });
        let most = (0..totals.len()).map(Language).max_by_key(|&language| of(&totals, language))?;
        let mut own = String::new();
        let mut own_bytes = 0;
        for (paragraph, counts) in &sample {
            let best = counts.iter().copied().max().unwrap_or(0);
            if of(counts, most) * KIN_OF >= best * KIN {
                own_bytes += paragraph.len();
                if own.len() < limits::WHATLANG_BYTES {
                    own.push_str(paragraph);
                    own.push('\n');
                }
            }
        }
        if own_bytes < limits::LANGUAGE_LEAST_BYTES || (own_bytes as f64) < limits::LANGUAGE_SHARE * all as f64 {
            return None;
        }
        let ask = |text: &str| self.detector.detect(text).map(|seen| (seen.lang(), seen.script()));
        let (lang, script) = memory.recall(cut(&own, limits::WHATLANG_BYTES), ask)?;
        let heard = self.language(lang)?;
        let wordless = self.profiles.get(heard.0).is_some_and(|profile| profile.words.is_empty());
        let agrees = if wordless {
            of(&totals, most) == 0
        } else {
            of(&totals, most) > 0 && of(&totals, heard) * KIN_OF >= of(&totals, most) * KIN
        };
        agrees.then_some(Verdict { language: heard, script })
    }

    /// How many function words of each language are in a text.
    fn counts(&self, folded: &str) -> Vec<usize> {
        let mut counts = vec![0; self.profiles.len()];
        for word in words(folded) {
            let mut mask = self.mask(word);
            while mask != 0 {
                if let Some(count) = counts.get_mut(mask.trailing_zeros() as usize) {
                    *count += 1;
                }
                mask &= mask - 1;
            }
        }
        counts
    }

    /// Whether a line is plainly in that language, so that no detector needs to look at it.
    #[must_use]
    pub fn explains(&self, language: Language, folded: &str) -> bool {
        let text = cut(folded, limits::WHATLANG_BYTES);
        let (mut own, mut total) = (0_usize, 0_usize);
        for word in words(text) {
            total += 1;
            own += usize::from(self.mask(word) & (1 << language.0) != 0);
        }
        let share = own as f64 / total.max(1) as f64;
        // "was", "in" and "die" are English words too: few of its words explain a line only if no language has more.
        share >= limits::PLAIN_SHARE
            || share >= limits::EXPLAINED_SHARE
                && own * KIN_OF >= KIN * self.counts(text).into_iter().max().unwrap_or(0)
    }

    /// The language of a line where the evidence says that it is another than the document's, and how sure whatlang
    /// is of it (0 to 1).
    #[must_use]
    pub fn of_foreign_line(&self, document: Verdict, folded: &str) -> Option<(Language, f64)> {
        let text = cut(folded, limits::WHATLANG_BYTES);
        let seen = self.detector.detect(text)?;
        let heard = self.language(seen.lang()).filter(|heard| *heard != document.language)?;
        if writing(seen.script()) != writing(document.script) {
            return Some((heard, seen.confidence()));
        }
        let (mut own, mut documents) = (0_usize, 0_usize);
        let mut signs: HashSet<&str> = HashSet::new();
        for word in words(text) {
            let mask = self.mask(word);
            match (mask & (1 << heard.0) != 0, mask & (1 << document.language.0) != 0) {
                (true, false) => {
                    own += 1;
                    signs.insert(word);
                }
                (false, true) => documents += 1,
                _ => {}
            }
        }
        let letters = self.letters_of(heard, document.language).filter(|letter| text.contains(*letter)).count();
        (own >= 1 && own >= 2 * documents && signs.len() + letters >= 2).then_some((heard, seen.confidence()))
    }

    fn letters_of(&self, language: Language, other: Language) -> impl Iterator<Item = char> {
        let others = self.profiles.get(other.0).map_or("", |profile| profile.letters.as_str());
        let own = self.profiles.get(language.0).map_or("", |profile| profile.letters.as_str());
        own.chars().filter(|letter| !others.contains(*letter))
    }

    fn language(&self, lang: Lang) -> Option<Language> {
        self.whatlang.iter().position(|known| *known == Some(lang)).map(Language)
    }

    fn mask(&self, word: &str) -> Set {
        self.words.get(word).copied().unwrap_or(0)
    }
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| match c.is_ascii() {
        true => c.is_ascii_alphanumeric(),
        false => c.is_alphanumeric() || canonical_combining_class(c) != 0,
    };
    folded.split(move |c| !part(c)).filter(|word| !word.is_empty())
}

/// Scripts that one text may mix: Japanese has kana and Han in every line.
fn writing(script: Script) -> Script {
    match script {
        Script::Hiragana | Script::Katakana => Script::Mandarin,
        other => other,
    }
}

/// The longest beginning of at most that many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    (0..=bytes.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;

    const ENGLISH: &str = "The council said on Monday that the bridge would stay open while the engineers look at the cracks, and that it was not yet clear who will pay for it.";
    const TURKISH: &str = "Bu sitede size daha iyi bir deneyim sunmak için çerezler kullanıyoruz ve bu konuda daha fazla bilgi için gizlilik politikamızı okuyabilirsiniz.";

    fn languages() -> Languages {
        Languages::new(&crate::rules::builtin::languages().expect("sound"))
    }

    #[test]
    fn finds_turkish_below_english_and_english_below_turkish() {
        let languages = languages();
        let (english, turkish) = (fold(ENGLISH), fold(TURKISH));
        let document =
            languages.of_document([english.as_str(), &english].into_iter(), &Memory::default()).expect("sure");
        assert_eq!(languages.code(document.language), "en");
        assert!(languages.explains(document.language, &english));
        assert!(!languages.explains(document.language, &turkish));
        let (found, confidence) = languages.of_foreign_line(document, &turkish).expect("foreign");
        assert!(confidence > 0.9);
        assert_eq!(languages.code(found), "tr");
        let document =
            languages.of_document([turkish.as_str(), &turkish].into_iter(), &Memory::default()).expect("sure");
        assert_eq!(languages.of_foreign_line(document, &english).map(|(found, _)| languages.code(found)), Some("en"));
    }

    #[test]
    fn leaves_names_and_numbers_alone() {
        let languages = languages();
        let english = fold(ENGLISH);
        let document =
            languages.of_document([english.as_str(), &english].into_iter(), &Memory::default()).expect("sure");
        for line in [
            "Goalkeepers: Marta Lindqvist, Ana Pereira, Zofia Kowalczyk, Chiara De Santis, Ingrid Nilsen, Aylin Demir",
            "Sauvignon Blanc 2019, Domaine de la Rive; Riesling Spätlese 2017, Weingut Hartl; Tinto Reserva 2015",
            "0x7f3a 0x7f3b 0x7f3c 0x7f3d 0x7f3e 0x7f3f 0x7f40 0x7f41 0x7f42 0x7f43 0x7f44 0x7f45",
        ] {
            let found = languages.of_foreign_line(document, &fold(line)).filter(|(_, sure)| *sure > 0.9);
            assert_eq!(found, None, "{line}");
        }
    }
}
