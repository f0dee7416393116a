//! What is cleaned: the texts of the repository's own tests, or those of a file that `DECHAFF_BENCH_TEXT` names.

use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

/// So many bytes of each kind, or a little more.
const BYTES: usize = 1 << 20;

/// Texts of a kind.
pub struct Corpus {
    pub name: &'static str,
    pub texts: Vec<String>,
}

impl Corpus {
    pub fn bytes(&self) -> u64 {
        self.texts.iter().map(|text| text.len() as u64).sum()
    }

    pub fn as_records(&self) -> Vec<String> {
        self.texts.iter().map(|text| serde_json::json!({ "text": text, "lang": "en" }).to_string()).collect()
    }

    /// The files again and again, the number of the round before each so that no two texts are equal.
    fn of(name: &'static str, files: &[PathBuf]) -> Self {
        assert!(!files.is_empty(), "no texts of the kind `{name}`");
        let all: Vec<String> = files.iter().map(|file| fs::read_to_string(file).expect("a text")).collect();
        let mut texts = Vec::new();
        let mut bytes = 0;
        for round in 0.. {
            texts.extend(all.iter().map(|text| format!("Part {round}\n\n{text}")));
            bytes += all.iter().map(String::len).sum::<usize>();
            if bytes >= BYTES {
                break;
            }
        }
        Self { name, texts }
    }
}

/// Each kind of text that the repository has; only the given file's, if there is one.
pub fn by_kind() -> Vec<Corpus> {
    if let Some(given) = given() {
        return vec![given];
    }
    let of = |name, wanted: &dyn Fn(&str) -> bool| Corpus::of(name, &files(wanted));
    vec![
        of("article", &|path| path.contains("clean/en/")),
        extractor_output(),
        whole_pages(),
        of("Markdown", &|path| path.contains("markdown")),
        of("Chinese and Japanese", &|path| path.contains("clean/zh/") || path.contains("clean/ja/")),
        of("Turkish", &|path| path.contains("clean/tr/")),
    ]
}

/// Articles with what an extractor leaves around them.
pub fn extractor_output() -> Corpus {
    let kinds = ["news-", "blog-", "wire-", "review-", "recipe-", "press-", "article-", "gallery-"];
    let wanted = |path: &str| kinds.iter().any(|kind| path.contains(&format!("fixtures/{kind}")));
    given().unwrap_or_else(|| Corpus::of("extractor output", &files(&wanted)))
}

/// Pages with menus, teasers and footers.
pub fn whole_pages() -> Corpus {
    given().unwrap_or_else(|| Corpus::of("whole page", &files(&|path| path.contains("fixtures/whole-"))))
}

/// A text file is one text; of JSON Lines, each record has one.
fn given() -> Option<Corpus> {
    let path = PathBuf::from(std::env::var_os("DECHAFF_BENCH_TEXT")?);
    let content = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text_of = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).expect("a JSON record a line");
        record.get("text").and_then(serde_json::Value::as_str).expect("records with a `text`").to_owned()
    };
    let is_records = path.extension().is_some_and(|extension| extension == "jsonl");
    let texts = if is_records { content.lines().map(text_of).collect() } else { vec![content] };
    Some(Corpus { name: "given", texts })
}

fn files(wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the tests are there") {
            let path = entry.expect("a folder that can be read").path();
            let name = path.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".txt") && wanted(&name) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Whether it is UTF-8, where its lines are, and a number of each: what reading text costs at least.
pub fn hash_lines(text: &[u8]) -> Option<u64> {
    let hash = |line: &str| {
        let mut hasher = rustc_hash::FxHasher::default();
        hasher.write(line.as_bytes());
        hasher.finish()
    };
    Some(std::str::from_utf8(text).ok()?.lines().map(hash).fold(0, u64::wrapping_add))
}
