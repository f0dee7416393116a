//! How fast dechaff is, as criterion measures it: `cargo bench`. What it comes to, and how to compare: docs/performance.md.

mod phrases;
mod texts;

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use dechaff::language::{Languages, Memory, Tallies, Tally};
use dechaff::rules::{RuleSet, builtin};
use dechaff::{Cleaner, Level, Request, record};

use texts::Corpus;

fn clean_all(cleaner: &Cleaner, corpus: &Corpus, request: &Request) -> usize {
    let cleaned = corpus.texts.iter().map(|text| cleaner.clean(text, request).expect("a short text").text.len());
    cleaned.sum()
}

/// A group whose numbers are bytes of that corpus.
fn sized<'c>(criterion: &'c mut Criterion, name: &str, corpus: &Corpus) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(corpus.bytes()));
    group
}

fn kinds_of_text(criterion: &mut Criterion) {
    let cleaner = Cleaner::builtin().expect("the built-in rules");
    for corpus in texts::by_kind() {
        let mut group = sized(criterion, "clean", &corpus);
        let request = Request::at(Level::Careful);
        group.bench_function(corpus.name, |bencher| bencher.iter(|| clean_all(&cleaner, &corpus, &request)));
    }
    let corpus = texts::extractor_output();
    let mut group = sized(criterion, "clean", &corpus);
    let records = corpus.as_records();
    let (fields, request) = (record::Fields::default(), Request::at(Level::Careful));
    let clean = |line: &String| record::clean(&cleaner, line, &fields, &request).expect("a record").line.len();
    group.bench_function("JSON Lines", |bencher| bencher.iter(|| records.iter().map(clean).sum::<usize>()));
}

fn levels(criterion: &mut Criterion) {
    let cleaner = Cleaner::builtin().expect("the built-in rules");
    let (output, pages) = (texts::extractor_output(), texts::whole_pages());
    for level in [Level::Careful, Level::Normal, Level::Eager] {
        let name = format!("{level:?}").to_lowercase();
        let request = Request::at(level);
        let mut group = sized(criterion, "clean by level", &output);
        group.bench_function(&name, |bencher| bencher.iter(|| clean_all(&cleaner, &output, &request)));
        drop(group);
        let request = Request { page: true, ..request };
        let mut group = sized(criterion, "extract by level", &pages);
        group.bench_function(&name, |bencher| bencher.iter(|| clean_all(&cleaner, &pages, &request)));
    }
}

fn numbers_of_rules(criterion: &mut Criterion) {
    let corpus = texts::extractor_output();
    let request = Request::at(Level::Careful);
    for times in [1, 10, 100] {
        let cleaner = phrases::cleaner_with(times);
        let mut group = sized(criterion, "clean by phrases", &corpus);
        let name = format!("{times} times as many");
        group.bench_function(name, |bencher| bencher.iter(|| clean_all(&cleaner, &corpus, &request)));
    }
}

fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.bench_function("built-in rules", |bencher| bencher.iter(|| Cleaner::builtin().expect("the built-in rules")));
    let own = phrases::site_file(0, 20);
    let load = || {
        let knowledge = builtin::knowledge().expect("the built-in rules");
        let rules = builtin::rules_with([own.source()], knowledge, None).expect("sound rules");
        Cleaner::new(rules).expect("few phrases")
    };
    group.bench_function("built-in rules and a site's file", |bencher| bencher.iter(load));
    let read = || {
        let knowledge = builtin::knowledge().expect("the built-in rules");
        RuleSet::load(builtin::sources(), knowledge).expect("the built-in rules")
    };
    group.bench_function("the same rules from their files", |bencher| bencher.iter(read));
}

fn language(criterion: &mut Criterion) {
    let languages = Languages::new(&builtin::languages().expect("the built-in languages"));
    for corpus in texts::by_kind() {
        let mut group = sized(criterion, "language", &corpus);
        let folded: Vec<Vec<String>> =
            corpus.texts.iter().map(|text| text.lines().map(dechaff::fold::fold).collect()).collect();
        let detect = |lines: &Vec<String>| {
            let mut all = Tallies::default();
            let tallies: Vec<Tally> = lines.iter().map(|text| languages.read(text, &mut all)).collect();
            let passages = lines.iter().zip(&tallies).map(|(text, tally)| all.passage(text, tally));
            black_box(languages.of_document(passages, &Memory::default()));
        };
        group.bench_function(corpus.name, |bencher| bencher.iter(|| folded.iter().for_each(detect)));
    }
}

/// What nothing that reads lines can be faster than.
fn floor(criterion: &mut Criterion) {
    let corpus = texts::extractor_output();
    let mut group = sized(criterion, "floor", &corpus);
    let hash = |text: &String| texts::hash_lines(text.as_bytes()).expect("UTF-8");
    group.bench_function("lines checked and hashed", |bencher| {
        bencher.iter(|| corpus.texts.iter().map(hash).fold(0, u64::wrapping_add));
    });
}

fn settings() -> Criterion {
    Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = benches;
    config = settings();
    targets = kinds_of_text, levels, numbers_of_rules, loading, language, floor
}
criterion_main!(benches);
