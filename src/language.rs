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

use crate::document::Span;
use crate::limits;
use crate::words::{Kind, Run, each_run, key_of};

/// What marks a language, as its data file has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// ISO 639-1.
    pub code: String,
    /// whatlang's own code (ISO 639-3).
    pub whatlang: String,
    /// The commonest function words, one token each; folded once they are read.
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
    words: FunctionWords,
    detector: Detector,
}

/// Which languages a word is a function word of.
#[derive(Debug, Default)]
struct FunctionWords {
    /// By [`key_of`] words; nothing of those longer than eight bytes but that there may be one.
    by_key: Sparse,
    long: FxHashMap<String, Set>,
}

/// What is known of a text's function words, and where the rest of it is in its [`Tallies`].
#[derive(Debug, Clone, Default)]
pub struct Tally {
    words: usize,
    sets: Span,
}

/// The function words of many texts: of each the languages that have it.
#[derive(Debug, Default)]
pub struct Tallies {
    sets: Vec<Set>,
}

impl Tallies {
    /// With room for those of that many bytes of text.
    pub(crate) fn for_bytes(bytes: usize) -> Self {
        Self { sets: Vec::with_capacity(bytes / BYTES_A_FUNCTION_WORD) }
    }

    /// Of a text that comes behind all others here.
    pub(crate) fn begin(&self) -> Tally {
        Tally { words: 0, sets: self.sets.len()..self.sets.len() }
    }

    /// A text whose tally is here.
    #[must_use]
    pub fn passage<'t>(&'t self, text: &'t str, tally: &Tally) -> Passage<'t> {
        Passage { text, words: tally.words, sets: self.sets.get(tally.sets.clone()).unwrap_or_default() }
    }
}

/// Languages are kin where one has four fifths of the other's function words in the same text: Czech and Slovak, Danish and Norwegian.
const KIN: usize = 4;
const KIN_OF: usize = 5;

/// A text, and its function words.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'t> {
    /// The text, folded.
    pub text: &'t str,
    words: usize,
    sets: &'t [Set],
}

/// What was found out about a page. It is judged again and again while lines go, and what stays is the same.
#[derive(Debug, Default)]
pub struct Memory {
    said: RefCell<Option<(String, Said)>>,
}

/// What whatlang says of a text, if it can say anything.
type Said = Option<(Lang, Script)>;

/// About so many bytes of English have a function word in them.
const BYTES_A_FUNCTION_WORD: usize = 12;

/// A number for every language.
type Counts = [usize; Set::BITS as usize];

impl Memory {
    fn recall(&self, text: &str, ask: impl FnOnce(&str) -> Said) -> Said {
        let mut last = self.said.borrow_mut();
        match &*last {
            Some((same, said)) if same == text => *said,
            _ => last.insert((text.to_owned(), ask(text))).1,
        }
    }
}

impl FunctionWords {
    fn with_room_for(words: usize) -> Self {
        Self { by_key: Sparse::with_room_for(words), long: FxHashMap::default() }
    }

    fn add(&mut self, word: &str, language: usize) {
        let set = 1 << language;
        match word.len() {
            0..=8 => self.by_key.add(key_of(word.as_bytes()), set),
            _ => {
                self.by_key.add(key_of(word.as_bytes()), 0);
                *self.long.entry(word.to_owned()).or_default() |= set;
            }
        }
    }

    /// The languages of a word; nothing where it is no function word.
    fn languages_of(&self, word: &str) -> Option<Set> {
        self.by_key(key_of(word.as_bytes()), word.len(), || word)
    }

    fn by_key<'w>(&self, key: u64, length: usize, word: impl FnOnce() -> &'w str) -> Option<Set> {
        let set = self.by_key.get(key)?;
        if length <= 8 { Some(set).filter(|set| *set != 0) } else { self.long.get(word()).copied() }
    }

    /// Adds the languages of each function word of these runs of a text; returns how many words there are.
    fn tally(&self, text: &str, runs: &[Run], sets: &mut Vec<Set>) -> usize {
        let mut count = 0;
        for run in runs {
            if run.kind == Kind::Plain {
                count += 1;
                if let Some(set) = self.by_key(run.key, run.len(), || run.text(text)) {
                    sets.push(set);
                }
                continue;
            }
            for word in words(run.text(text)) {
                count += 1;
                sets.extend(self.languages_of(word));
            }
        }
        count
    }

    /// The same of all of a text.
    fn tally_all(&self, text: &str) -> (usize, Vec<Set>) {
        let (mut words, mut sets) = (0, Vec::new());
        each_run(text, &mut Vec::new(), |runs| words += self.tally(text, runs, &mut sets));
        (words, sets)
    }
}

/// Sets by key, three slots of four being free, so that most look-ups are one.
#[derive(Debug, Default)]
struct Sparse {
    slots: Vec<(u64, Set)>,
}

impl Sparse {
    fn with_room_for(keys: usize) -> Self {
        Self { slots: vec![(0, 0); (keys * 4).next_power_of_two()] }
    }

    /// Where the key's slot is looked for first, the number of slots being a power of two.
    fn home(&self, key: u64) -> usize {
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) as u128 * self.slots.len() as u128;
        (mixed >> u64::BITS) as usize
    }

    /// The slot with the key, or the free one where it belongs.
    fn slot(&self, key: u64) -> Option<usize> {
        let home = self.home(key);
        let mut places = (home..self.slots.len()).chain(0..home);
        places.find(|place| self.slots.get(*place).is_some_and(|(other, _)| *other == key || *other == 0))
    }

    fn add(&mut self, key: u64, set: Set) {
        if let Some(slot) = self.slot(key).and_then(|slot| self.slots.get_mut(slot)) {
            *slot = (key, slot.1 | set);
        }
    }

    fn get(&self, key: u64) -> Option<Set> {
        let mut place = self.home(key);
        loop {
            match self.slots.get(place) {
                Some((other, set)) if *other == key => return Some(*set),
                Some((0, _)) => return None,
                Some(_) => place += 1,
                None if self.slots.is_empty() => return None,
                None => place = 0,
            }
        }
    }
}

fn count(sets: &[Set]) -> Counts {
    let mut counts = [0; Set::BITS as usize];
    for set in sets {
        let mut set = *set;
        while set != 0 {
            if let Some(count) = counts.get_mut(set.trailing_zeros() as usize) {
                *count += 1;
            }
            set &= set - 1;
        }
    }
    counts
}

impl Languages {
    /// Builds the tables. Profiles beyond the 64th are left out.
    #[must_use]
    pub fn new(profiles: &[Profile]) -> Self {
        let profiles: Vec<Profile> = profiles.iter().take(Set::BITS as usize).cloned().collect();
        let whatlang: Vec<Option<Lang>> =
            profiles.iter().map(|profile| Lang::from_code(profile.whatlang.as_str())).collect();
        let mut words = FunctionWords::with_room_for(profiles.iter().map(|profile| profile.words.len()).sum());
        for (index, profile) in profiles.iter().enumerate() {
            profile.words.iter().for_each(|word| words.add(word, index));
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
    /// Most of the text must be in it, by its function words. Where these are many, and no other language has half as
    /// many, that is enough; else whatlang must agree about that part, or name a kin language with nearly as many
    /// function words there.
    #[must_use]
    pub fn of_document<'p>(&self, paragraphs: impl Iterator<Item = Passage<'p>>, memory: &Memory) -> Option<Verdict> {
        let mut bytes = 0;
        let mut words = 0;
        let sample: Vec<(Passage<'_>, Counts)> = paragraphs
            .take_while(|paragraph| {
                bytes += paragraph.text.len();
                bytes <= limits::LANGUAGE_SAMPLE_BYTES + paragraph.text.len()
            })
            .map(|paragraph| {
                words += paragraph.words;
                (paragraph, count(paragraph.sets))
            })
            .collect();
        let all: usize = sample.iter().map(|(paragraph, _)| paragraph.text.len()).sum();
        let of = |counts: &Counts, language: Language| counts.get(language.0).copied().unwrap_or(0);
        let mut totals: Counts = [0; Set::BITS as usize];
        for (_, counts) in &sample {
            totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        }
        let most = (0..self.profiles.len()).map(Language).max_by_key(|&language| of(&totals, language))?;
        let mut own = String::new();
        let mut own_bytes = 0;
        for (paragraph, counts) in &sample {
            let best = counts.iter().copied().max().unwrap_or(0);
            if of(counts, most) * KIN_OF >= best * KIN {
                own_bytes += paragraph.text.len();
                if own.len() < limits::WHATLANG_BYTES {
                    own.push_str(paragraph.text);
                    own.push('\n');
                }
            }
        }
        if own_bytes < limits::LANGUAGE_LEAST_BYTES || (own_bytes as f64) < limits::LANGUAGE_SHARE * all as f64 {
            return None;
        }
        let own = cut(&own, limits::WHATLANG_BYTES);
        let second = (0..self.profiles.len()).map(Language).filter(|language| *language != most);
        let second = second.map(|language| of(&totals, language)).max().unwrap_or(0);
        if of(&totals, most) as f64 >= limits::SURE_SHARE * words.max(1) as f64 && of(&totals, most) >= 2 * second {
            return script_of(own).map(|script| Verdict { language: most, script });
        }
        let ask = |text: &str| self.detector.detect(text).map(|seen| (seen.lang(), seen.script()));
        let (lang, script) = memory.recall(own, ask)?;
        let heard = self.language(lang)?;
        let wordless = self.profiles.get(heard.0).is_some_and(|profile| profile.words.is_empty());
        let agrees = if wordless {
            of(&totals, most) == 0
        } else {
            of(&totals, most) > 0 && of(&totals, heard) * KIN_OF >= of(&totals, most) * KIN
        };
        agrees.then_some(Verdict { language: heard, script })
    }

    /// Counts the function words of a text that comes behind all others in `all`.
    #[must_use]
    pub fn read(&self, text: &str, all: &mut Tallies) -> Tally {
        let mut tally = all.begin();
        each_run(text, &mut Vec::new(), |runs| self.count(text, runs, &mut tally, all));
        tally
    }

    /// Counts the function words of these runs of a text, which come behind those that its tally has so far.
    pub(crate) fn count(&self, text: &str, runs: &[Run], tally: &mut Tally, all: &mut Tallies) {
        tally.words += self.words.tally(text, runs, &mut all.sets);
        tally.sets.end = all.sets.len();
    }

    /// Whether a line is plainly in that language, so that no detector needs to look at it.
    #[must_use]
    pub fn explains(&self, language: Language, line: Passage<'_>) -> bool {
        let start = cut(line.text, limits::WHATLANG_BYTES);
        if start.len() < line.text.len() {
            let (words, sets) = self.words.tally_all(start);
            return explained(language, words, &sets);
        }
        explained(language, line.words, line.sets)
    }

    /// The language of a line where the evidence says that it is another than the document's, and how sure whatlang
    /// is of it (0 to 1).
    #[must_use]
    pub fn of_foreign_line(&self, document: Verdict, folded: &str) -> Option<(Language, f64)> {
        let text = cut(folded, limits::WHATLANG_BYTES);
        if writing(script_of(text)?) == writing(document.script) && !self.may_be_foreign(document.language, text) {
            return None;
        }
        let seen = self.detector.detect(text)?;
        let heard = self.language(seen.lang()).filter(|heard| *heard != document.language)?;
        if writing(seen.script()) != writing(document.script) {
            return Some((heard, seen.confidence()));
        }
        let (mut own, mut documents) = (0_usize, 0_usize);
        let mut signs: HashSet<&str> = HashSet::new();
        for word in words(text) {
            let set = self.words.languages_of(word).unwrap_or(0);
            match (set & (1 << heard.0) != 0, set & (1 << document.language.0) != 0) {
                (true, false) => {
                    own += 1;
                    signs.insert(word);
                }
                (false, true) => documents += 1,
                _ => {}
            }
        }
        let letters = self.letters_in(text, heard, document.language);
        enough(own, documents, signs.len() + letters).then_some((heard, seen.confidence()))
    }

    /// Whether there is any language of which the evidence would be enough, should whatlang name it.
    fn may_be_foreign(&self, document: Language, text: &str) -> bool {
        let (_, sets) = self.words.tally_all(text);
        let (shared, alien): (Vec<Set>, Vec<Set>) = sets.into_iter().partition(|set| set & (1 << document.0) != 0);
        let (of_shared, of_alien) = (count(&shared), count(&alien));
        let languages = (0..self.profiles.len()).map(Language).zip(of_alien.into_iter().zip(of_shared));
        languages.filter(|(language, (own, _))| *own > 0 && *language != document).any(|(language, (own, both))| {
            enough(own, shared.len() - both, own + self.letters_in(text, language, document))
        })
    }

    /// How many letters of a language that the other one lacks are in a text.
    fn letters_in(&self, text: &str, language: Language, other: Language) -> usize {
        self.letters_of(language, other).filter(|letter| text.contains(*letter)).count()
    }

    fn letters_of(&self, language: Language, other: Language) -> impl Iterator<Item = char> {
        let others = self.profiles.get(other.0).map_or("", |profile| profile.letters.as_str());
        let own = self.profiles.get(language.0).map_or("", |profile| profile.letters.as_str());
        own.chars().filter(|letter| !others.contains(*letter))
    }

    fn language(&self, lang: Lang) -> Option<Language> {
        self.whatlang.iter().position(|known| *known == Some(lang)).map(Language)
    }
}

fn explained(language: Language, words: usize, sets: &[Set]) -> bool {
    let own = sets.iter().filter(|set| **set & (1 << language.0) != 0).count();
    let share = own as f64 / words.max(1) as f64;
    // "was", "in" and "die" are English words too: few of its words explain a line only if no language has more.
    share >= limits::PLAIN_SHARE
        || share >= limits::EXPLAINED_SHARE && own * KIN_OF >= KIN * count(sets).into_iter().max().unwrap_or(0)
}

/// Whether function words of a language, those of the document's, and distinct signs of the first are evidence of it.
fn enough(own: usize, documents: usize, signs: usize) -> bool {
    own >= 1 && own >= 2 * documents && signs >= 2
}

/// The script of most letters, as whatlang tells it. It counts all that is beyond ASCII, which takes it a while.
fn script_of(text: &str) -> Option<Script> {
    if text.is_ascii() {
        return text.bytes().any(|byte| byte.is_ascii_alphabetic()).then_some(Script::Latin);
    }
    let (mut latin, mut others) = (0_usize, 0_usize);
    for byte in text.bytes() {
        latin += usize::from(byte.is_ascii_alphabetic());
        others += usize::from(!byte.is_ascii());
    }
    if latin > others { Some(Script::Latin) } else { whatlang::detect_script(text) }
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c| !is_part_of_word(c)).filter(|word| !word.is_empty())
}

/// Letters, digits and the marks on them.
fn is_part_of_word(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric(),
        false => c.is_alphanumeric() || canonical_combining_class(c) != 0,
    }
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

    fn passage<'t>(languages: &Languages, all: &'t mut Tallies, text: &'t str) -> Passage<'t> {
        let tally = languages.read(text, all);
        all.passage(text, &tally)
    }

    /// A document of one paragraph, twice.
    fn of_document(languages: &Languages, paragraph: &str) -> Verdict {
        let mut all = Tallies::default();
        let passage = passage(languages, &mut all, paragraph);
        languages.of_document([passage, passage].into_iter(), &Memory::default()).expect("sure")
    }

    fn languages() -> Languages {
        Languages::new(&crate::rules::builtin::languages().expect("sound"))
    }

    #[test]
    fn finds_turkish_below_english_and_english_below_turkish() {
        let languages = languages();
        let (english, turkish) = (fold(ENGLISH), fold(TURKISH));
        let document = of_document(&languages, &english);
        assert_eq!(languages.code(document.language), "en");
        let explains =
            |text: &str| languages.explains(document.language, passage(&languages, &mut Tallies::default(), text));
        assert!(explains(&english));
        assert!(!explains(&turkish));
        let (found, confidence) = languages.of_foreign_line(document, &turkish).expect("foreign");
        assert!(confidence > 0.9);
        assert_eq!(languages.code(found), "tr");
        let document = of_document(&languages, &turkish);
        assert_eq!(languages.of_foreign_line(document, &english).map(|(found, _)| languages.code(found)), Some("en"));
    }

    #[test]
    fn tallies_what_it_splits() {
        let languages = languages();
        for text in [
            "",
            "the",
            " the  and—çerezler ve daha, 12x the.",
            "ειναι και και\u{301}",
            "için bu",
            "aé",
            "éa aaaaaaaaé the",
            "the_the through_out throughout throughouts",
        ] {
            let known = words(text).filter_map(|word| languages.words.languages_of(word));
            assert_eq!(languages.words.tally_all(text), (words(text).count(), known.collect()), "{text:?}");
        }
    }

    #[test]
    fn function_words_are_written_as_they_are_looked_for() {
        for profile in crate::rules::builtin::languages().expect("sound") {
            for word in &profile.words {
                assert_eq!(&fold(word), word, "{}", profile.code);
            }
        }
    }

    #[test]
    fn leaves_names_and_numbers_alone() {
        let languages = languages();
        let english = fold(ENGLISH);
        let document = of_document(&languages, &english);
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
