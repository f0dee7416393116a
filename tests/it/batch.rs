//! Folders, records and packed files: everything in, everything out, in order.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use dechaff::codec::Codec;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::command::{article, dechaff, noisy, text};
use crate::properties::{level, noise};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    packed(Codec::Gzip, bytes)
}

fn packed(codec: Codec, bytes: &[u8]) -> Vec<u8> {
    let mut packer = codec.pack(Vec::new()).unwrap();
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Codec::of(bytes).unpack(std::io::Cursor::new(bytes.to_vec())).unwrap().read_to_end(&mut out).unwrap();
    out
}

fn tree(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// The files below a folder, by their names, each with what it holds.
fn all(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let walk = ignore::WalkBuilder::new(folder).standard_filters(false).sort_by_file_path(Path::cmp).build();
    walk.map(Result::unwrap)
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            (entry.path().strip_prefix(folder).unwrap().display().to_string(), fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn records(texts: &[String]) -> String {
    texts.iter().enumerate().map(|(n, text)| serde_json::json!({"id": n, "text": text}).to_string() + "\n").collect()
}

#[test]
fn a_folder_comes_out_as_the_same_tree() {
    let noisy = noisy();
    let noisy = noisy.as_bytes();
    let folder = tree(&[
        ("in/a.txt", noisy),
        ("in/deep/er/b.md", noisy),
        ("in/deep/c.rs", noisy),
        ("in/.hidden/d.txt", noisy),
        ("in/.dechaff-x.txt", noisy),
        ("in/dechaff.yaml", b"level: careful\n"),
    ]);
    for _ in 0..2 {
        // The second time the output lies in the folder that is read; it is no input.
        let output = dechaff().current_dir(&folder).args(["clean", "-o", "in/out", "in"]).output().unwrap();
        assert_eq!(text(&output.stderr).lines().next(), Some("2 of 2 files cleaned, 4 lines gone"));
        let out = all(&folder.path().join("in/out"));
        assert_eq!(out.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a.txt", "deep/er/b.md"]);
        assert!(out.iter().all(|(_, content)| content == article().as_bytes()));
    }
}

#[test]
fn what_is_included_and_excluded() {
    let n = noisy();
    let n = n.as_bytes();
    let files = [("a.txt", n), ("b.html.out", n), ("old/a.txt", n), ("kept/skip.txt", n), (".gitignore", b"kept/\n")];
    let wanted = |args: &[&str]| {
        let folder = tree(&files);
        fs::create_dir(folder.path().join(".git")).unwrap();
        let output = dechaff().current_dir(&folder).args(["clean", "-w"]).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        let cleaned = all(folder.path()).into_iter().filter(|(_, content)| content == article().as_bytes());
        cleaned.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(wanted(&["."]), ["a.txt", "old/a.txt"]);
    assert_eq!(wanted(&["--no-ignore", "."]), ["a.txt", "kept/skip.txt", "old/a.txt"]);
    assert_eq!(wanted(&["--include", "*.out", "."]), ["b.html.out"]);
    assert_eq!(wanted(&["--exclude", "old/**", "."]), ["a.txt"]);
    assert_eq!(wanted(&["--exclude", "old/**", "old/a.txt", "a.txt"]), ["a.txt"], "named on the command line");
    assert_eq!(wanted(&["--exclude", "*.txt", "a.txt"]), [""; 0], "nothing to do is no failure");
    let folder = tree(&[("a.txt", n), ("dechaff.yaml", b"exclude: [a.txt]\n")]);
    dechaff().current_dir(&folder).args(["clean", "-w", "a.txt"]).assert().code(0);
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), n, "the config excludes what is named too");
    let empty = tree(&[("x.html", n)]);
    let output = dechaff().current_dir(&empty).args(["clean", "-w", "."]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    crate::snapshots().bind(|| insta::assert_snapshot!("batch-no-text", text(&output.stderr)));
}

#[test]
fn packed_records_stay_packed_and_come_out_plain_on_standard_output() {
    let before = records(&[noisy(), article(), noisy()]);
    let after = records(&[article(), article(), article()]);
    for (name, codec) in [("r.jsonl", Codec::Plain), ("r.jsonl.gz", Codec::Gzip), ("r.jsonl.zst", Codec::Zstd)] {
        // Two members, as when packed files are put one behind the other.
        let (first, second) = before.split_at(before.len() / 2);
        let content = [packed(codec, first.as_bytes()), packed(codec, second.as_bytes())].concat();
        let folder = tree(&[(name, &content)]);
        let run = |args: &[&str]| dechaff().current_dir(&folder).arg("clean").args(args).output().unwrap();
        assert_eq!(text(&run(&[name]).stdout), after, "{name}");
        let piped = dechaff().arg("clean").write_stdin(content.clone()).output().unwrap();
        assert_eq!(text(&piped.stdout), after, "{name} from standard input");
        assert_eq!(run(&["-o", "out", name]).status.code(), Some(0));
        assert_eq!(run(&["-w", name]).status.code(), Some(0));
        for path in [format!("out/{name}"), name.to_owned()] {
            let now = fs::read(folder.path().join(&path)).unwrap();
            assert_eq!(Codec::of(&now), codec, "{path}");
            assert_eq!(text(&unpacked(&now)), after, "{path}");
        }
    }
}

#[test]
fn a_packed_file_that_is_cut_off_is_left_as_it_is() {
    let content = records(&vec![noisy(); 3000]);
    for codec in [Codec::Gzip, Codec::Zstd] {
        let mut bytes = packed(codec, content.as_bytes());
        bytes.truncate(bytes.len() / 2);
        let folder = tree(&[("r.jsonl.x", &bytes)]);
        for args in [&["-w"][..], &["-o", "out"], &["--attributes", "out"]] {
            let output = dechaff()
                .current_dir(&folder)
                .args(["clean", "--format", "jsonl"])
                .args(args)
                .arg("r.jsonl.x")
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2));
            assert!(text(&output.stderr).contains("r.jsonl.x: cannot be read"), "{}", text(&output.stderr));
            assert_eq!(all(folder.path()), [("r.jsonl.x".to_owned(), bytes.clone())], "{args:?}");
        }
    }
}

#[test]
fn several_files_of_records_come_out_one_after_the_other() {
    let folder = tree(&[("a.jsonl", records(&[noisy()]).as_bytes()), ("b.ndjson", records(&[article()]).as_bytes())]);
    let output = dechaff().current_dir(&folder).args(["clean", "b.ndjson", "a.jsonl"]).output().unwrap();
    assert_eq!(text(&output.stdout), records(&[article()]).repeat(2));
    dechaff().current_dir(&folder).args(["clean", "-w", "a.jsonl", "./a.jsonl"]).assert().code(0);
    assert_eq!(fs::read_to_string(folder.path().join("a.jsonl")).unwrap(), records(&[article()]));
}

#[test]
fn what_is_no_record_is_counted_and_every_byte_of_it_stays() {
    let good = records(&[noisy()]);
    let input =
        [good.as_bytes(), b"{\"text\": \"caf\xe9\"}\r\n \t\n{\"text\": 5}\n{\"text\": \"a\"} x\n{\"text\": \"torn"]
            .concat();
    let expected = [records(&[article()]).as_bytes(), &input[good.len()..]].concat();
    let output =
        dechaff().args(["clean", "--format", "jsonl", "--summary", "json"]).write_stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, expected);
    let summary: serde_json::Value = serde_json::from_str(text(&output.stderr).lines().last().unwrap()).unwrap();
    assert_eq!((&summary["texts"], &summary["passed"], &summary["changed"]), (&1.into(), &4.into(), &1.into()));
    assert_eq!(summary["removals"]["comments"], 2);
    assert!(
        text(&output.stderr).contains("standard input:2: not UTF-8: the byte 0xE9 at offset 13"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn what_went_can_be_noted_in_the_record() {
    let body = format!("\u{1f6a2} {}", noisy());
    let record = serde_json::json!({"text": body, "n": 1.0}).to_string() + " \n";
    let output = dechaff().args(["clean", "--annotate", "gone"]).write_stdin(record.repeat(2)).output().unwrap();
    for line in text(&output.stdout).lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let characters: Vec<char> = body.chars().collect();
        let gone: Vec<String> = value["gone"]
            .as_array()
            .unwrap()
            .iter()
            .map(|gone| {
                let at = |key: &str| usize::try_from(gone[key].as_u64().unwrap()).unwrap();
                assert!(gone["rule"].as_str().unwrap().starts_with("en-comments/"));
                characters[at("start")..at("end")].iter().collect()
            })
            .collect();
        assert_eq!(gone, ["Post a Comment", "0 Comments"]);
    }
    let output = dechaff().args(["clean", "--annotate", "n"]).write_stdin(record.clone()).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), record.as_str()));
    assert!(text(&output.stderr).contains("the record has a field `n` already"));
    let output = dechaff().args(["clean", "--annotate", "x"]).write_stdin(noisy()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "a text has no fields");
}

#[test]
fn attribute_files_lie_beside_the_documents_and_fit_them() {
    let lines = [
        serde_json::json!({"id": "a-1", "text": noisy(), "source": "x"}).to_string(),
        serde_json::json!({"id": 7, "text": article()}).to_string(),
        serde_json::json!({"text": noisy()}).to_string(),
    ]
    .join("\n");
    let folder = tree(&[("documents/en/r.jsonl.gz", &gzip(lines.as_bytes()))]);
    let args = ["clean", "--attributes", "attributes", "documents"];
    let output = dechaff().current_dir(&folder).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "one record has no id");
    let said = text(&output.stderr);
    assert!(
        said.contains("r.jsonl.gz:3: the record has no `id`, by which attributes are joined to documents; it has"),
        "{said}"
    );
    let written = unpacked(&fs::read(folder.path().join("attributes/en/r.jsonl.gz")).unwrap());
    let start = article().len() + 1;
    assert_eq!(
        text(&written),
        format!(
            "{{\"id\":\"a-1\",\"attributes\":{{\"dechaff__dechaff__comments\":[[{},{},1.0],[{},{},1.0]]}}}}\n{{\"id\":7,\"attributes\":{{}}}}\n",
            start,
            start + 14,
            start + 16,
            start + 26
        )
    );
}

#[test]
fn pages_of_common_crawl_become_records() {
    let entry = |kind: &str, url: &str, body: &str| {
        format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n\
             WARC-Record-ID: <urn:uuid:1>\r\nContent-Length: {}\r\n\r\n{body}\r\n\r\n",
            body.len()
        )
    };
    let parts = [
        entry("warcinfo", "", "Software-Info: x\r\n"),
        entry("conversion", "https://a.example.org/x", &noisy()),
        entry("conversion", "https://b.example.org/", &article()),
    ];
    let content: Vec<u8> = parts.iter().flat_map(|entry| gzip(entry.as_bytes())).collect();
    let folder = tree(&[("wet/part-1.warc.wet.gz", &content)]);
    dechaff().current_dir(&folder).args(["clean", "-o", "out", "wet"]).assert().code(0);
    let (name, written) = all(&folder.path().join("out")).remove(0);
    assert_eq!(name, "part-1.jsonl.gz");
    let records: Vec<serde_json::Value> =
        text(&unpacked(&written)).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let hosts: Vec<&str> = records.iter().map(|record| record["url"].as_str().unwrap()).collect();
    assert_eq!(hosts, ["https://a.example.org/x", "https://b.example.org/"]);
    assert!(records.iter().all(|record| record["text"] == article() && record["date"] == "2026-01-02T03:04:05Z"));
    let output = dechaff().current_dir(&folder).args(["clean", "-w", "wet"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot be cleaned in place"));
    let piped = dechaff().arg("clean").write_stdin(content).output().unwrap();
    assert_eq!(piped.stdout, unpacked(&written));
}

#[cfg(unix)]
#[test]
fn output_never_leaves_its_folder_and_is_never_the_input() {
    use std::os::unix::fs::symlink;
    let noisy = noisy();
    let folder = tree(&[("in/deep/a.txt", noisy.as_bytes()), ("outside/x", b"x"), ("out/b.txt", noisy.as_bytes())]);
    symlink("../outside", folder.path().join("out/deep")).unwrap();
    let run = |args: &[&str]| dechaff().current_dir(folder.path().join("in")).args(args).output().unwrap();
    let output = run(&["clean", "-o", "../out", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("would be written outside of ../out"), "{}", text(&output.stderr));
    assert_eq!(all(&folder.path().join("outside")).len(), 1);
    // A file with `..` in its name goes by its last part alone.
    assert_eq!(run(&["clean", "-o", "../flat", "../in/deep/../deep/a.txt"]).status.code(), Some(0));
    assert_eq!(all(&folder.path().join("flat")), [("a.txt".to_owned(), article().into_bytes())]);
    // A link in the place of the output is replaced, not followed.
    symlink("../in/deep/a.txt", folder.path().join("flat/c.txt")).unwrap();
    fs::write(folder.path().join("in/c.txt"), &noisy).unwrap();
    assert_eq!(run(&["clean", "-o", "../flat", "c.txt"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("in/deep/a.txt")).unwrap(), noisy);
    let output = run(&["clean", "-o", "../out", "../out/b.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("written over itself"));
}

#[test]
fn a_file_that_fails_does_not_stop_the_others() {
    let noisy = noisy();
    let folder = tree(&[("in/a.txt", noisy.as_bytes()), ("in/b.txt", b"\xff\xfea\0"), ("in/c.txt", noisy.as_bytes())]);
    for jobs in ["1", "4"] {
        let output = dechaff().current_dir(&folder).args(["clean", "-j", jobs, "-o", "out", "in"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).contains("2 of 3 files cleaned, 4 lines gone, 1 file failed"),
            "{}",
            text(&output.stderr)
        );
        assert_eq!(all(&folder.path().join("out")).len(), 2);
        fs::remove_dir_all(folder.path().join("out")).unwrap();
    }
}

/// The binary, fed from a pipe in pieces of that size.
fn fed(args: &[&str], input: &[u8], piece: usize) -> Vec<u8> {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("dechaff"))
        .args(args)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || input.chunks(piece).for_each(|piece| stdin.write_all(piece).unwrap()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.stdout
}

#[test]
fn how_the_bytes_arrive_makes_no_difference() {
    let texts: Vec<String> = (0..40).map(|n| noisy().replace("Monday", &format!("day {n} \u{e9}\u{1f6a2}"))).collect();
    let expected =
        records(&texts.iter().map(|text| text.replace("\nPost a Comment\n\n0 Comments\n", "")).collect::<Vec<_>>());
    let plain = records(&texts);
    for (input, name) in [(plain.clone().into_bytes(), "plain"), (gzip(plain.as_bytes()), "packed")] {
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(text(&fed(&["clean"], &input, piece)), expected, "{name} in pieces of {piece}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// T5: a text comes out the same from standard input, as a file, as a record, and however many are cleaned at once.
    #[test]
    fn every_way_in_gives_the_same(texts in prop::collection::vec(noise(), 1..6), level in level()) {
        let expected: Vec<String> = texts.iter().map(|text| crate::cleaned(text, level)).collect();
        let level = ["--level", level.name()];
        let stdin = dechaff().args(["clean", "--format", "text"]).args(level).write_stdin(texts[0].clone()).output().unwrap();
        prop_assert_eq!(text(&stdin.stdout), &expected[0]);
        let named: Vec<(String, &[u8])> = texts.iter().enumerate().map(|(n, text)| (format!("in/{n}.txt"), text.as_bytes())).collect();
        let named: Vec<(&str, &[u8])> = named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let folder = tree(&named);
        for jobs in ["1", "3"] {
            let out = format!("out-{jobs}");
            dechaff().current_dir(&folder).args(["clean", "-o", &out, "-j", jobs, "in"]).args(level).assert().success();
            let written: Vec<String> = all(&folder.path().join(&out)).into_iter().map(|(_, content)| String::from_utf8(content).unwrap()).collect();
            prop_assert_eq!(&written, &expected);
            let lines = dechaff().args(["clean", "--format", "jsonl", "-j", jobs]).args(level).write_stdin(records(&texts)).output().unwrap();
            prop_assert_eq!(text(&lines.stdout), records(&expected));
        }
    }
}
