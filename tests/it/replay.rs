//! What the fuzz targets start from, and what they found, by the asserts of the targets.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 4] = [
    ("rule_file", targets::rule_file::run),
    ("clean", targets::clean::run),
    ("record", targets::record::run),
    ("spans", targets::spans::run),
];

fn replay(folder: &str) {
    for (name, run) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
        for file in fs::read_dir(&folder).into_iter().flatten() {
            let path = file.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let held = catch_unwind(AssertUnwindSafe(|| run(&bytes))).is_ok();
            assert!(held, "{}: see above", path.display());
        }
    }
}

#[test]
fn seeds_keep_the_promises() {
    replay("fuzz/seeds");
}

#[test]
fn what_was_found_stays_mended() {
    replay("tests/regressions");
}
