//! What the fuzz targets try: each makes texts, rules or records out of bytes and holds dechaff to its promises.
//!
//! ```sh
//! cargo +nightly fuzz run clean fuzz/corpus/clean fuzz/seeds/clean -- -dict=fuzz/seeds/yaml.dict
//! ```
//!
//! looks for bytes that break one. What it finds is kept in `tests/regressions/TARGET/`, and `tests/it/replay.rs` tries it
//! on every `cargo test`, by these same functions. Bytes that were made into lines of the rules' examples mean
//! something else when a rule is added: what is kept is the text that the failure shows, after a letter for its flags.

use std::sync::LazyLock;

use dechaff::Cleaner;

pub mod choices;
pub mod clean;
pub mod pool;
pub mod promises;
pub mod record;
pub mod rule_file;
pub mod spans;

/// The built-in rules.
pub static BUILTIN: LazyLock<Cleaner> = LazyLock::new(|| Cleaner::builtin().expect("sound"));
