//! In place: what is kept of a file beside its text, what is refused, and what a fault leaves (T1, T2).
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{article, dechaff, noisy};

/// A row: its name, what makes the file (and gives the path to name), and what must be seen afterwards.
type Row = (&'static str, fn(&Path) -> io::Result<PathBuf>, Expected);

enum Expected {
    /// The text is clean, and this holds of the folder.
    Cleaned(fn(&Path) -> bool),
    /// Exit status 2, a message with this word, and the noisy text is still there where there was one.
    Refused(&'static str),
}

use Expected::{Cleaned, Refused};

fn mode(mode: u32, folder: &Path) -> io::Result<PathBuf> {
    let path = file(folder)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    Ok(path)
}

fn has_mode(mode: u32, folder: &Path) -> bool {
    fs::metadata(folder.join("a.txt")).is_ok_and(|seen| seen.mode() & 0o7777 == mode)
}

fn file(folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join("a.txt");
    fs::write(&path, noisy())?;
    Ok(path)
}

fn link(to: &str, folder: &Path) -> io::Result<PathBuf> {
    file(folder)?;
    symlink(to, folder.join("link.txt"))?;
    Ok(folder.join("link.txt"))
}

fn is_link(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join("link.txt")).is_ok_and(|seen| seen.is_symlink())
}

fn attribute(name: &str, value: &[u8], folder: &Path) -> io::Result<PathBuf> {
    let path = file(folder)?;
    xattr::set(&path, name, value)?;
    Ok(path)
}

fn has_attribute(name: &str, value: &[u8], folder: &Path) -> bool {
    xattr::get(folder.join("a.txt"), name).is_ok_and(|found| found.as_deref() == Some(value))
}

fn called(name: &[u8], folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join(OsStr::from_bytes(name));
    fs::rename(file(folder)?, &path)?;
    Ok(path)
}

fn refused(made: impl FnOnce(&Path) -> io::Result<()>, folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join("odd.txt");
    made(&path)?;
    Ok(path)
}

const ROWS: [Row; 28] = [
    ("mode 0600", |f| mode(0o600, f), Cleaned(|f| has_mode(0o600, f))),
    ("mode 0644", |f| mode(0o644, f), Cleaned(|f| has_mode(0o644, f))),
    ("mode 0666", |f| mode(0o666, f), Cleaned(|f| has_mode(0o666, f))),
    ("mode 0755", |f| mode(0o755, f), Cleaned(|f| has_mode(0o755, f))),
    ("set user id", |f| mode(0o4755, f), Cleaned(|f| has_mode(0o4755, f))),
    ("set group id", |f| mode(0o2755, f), Cleaned(|f| has_mode(0o2755, f))),
    (
        "owner and mode",
        |f| {
            let path = mode(0o4640, f)?;
            chown(&path, Some(4321), Some(1234))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o4640))?;
            Ok(path)
        },
        Cleaned(|f| {
            let seen = fs::metadata(f.join("a.txt"));
            has_mode(0o4640, f) && seen.is_ok_and(|seen| (seen.uid(), seen.gid()) == (4321, 1234))
        }),
    ),
    ("attribute", |f| attribute("user.a", b"b", f), Cleaned(|f| has_attribute("user.a", b"b", f))),
    ("empty attribute", |f| attribute("user.a", b"", f), Cleaned(|f| has_attribute("user.a", b"", f))),
    ("binary attribute", |f| attribute("user.a", b"\0\xff", f), Cleaned(|f| has_attribute("user.a", b"\0\xff", f))),
    (
        "two attributes",
        |f| {
            attribute("user.a", b"1", f)
                .and_then(|_| xattr::set(f.join("a.txt"), "user.b", b"2").map(|()| f.join("a.txt")))
        },
        Cleaned(|f| has_attribute("user.a", b"1", f) && has_attribute("user.b", b"2", f)),
    ),
    ("link", |f| link("a.txt", f), Cleaned(is_link)),
    ("absolute link", |f| link(&f.join("a.txt").display().to_string(), f), Cleaned(is_link)),
    (
        "link to a link",
        |f| {
            link("other.txt", f)?;
            symlink("a.txt", f.join("other.txt"))?;
            Ok(f.join("link.txt"))
        },
        Cleaned(|f| is_link(f) && fs::symlink_metadata(f.join("other.txt")).is_ok_and(|seen| seen.is_symlink())),
    ),
    (
        "link from another folder",
        |f| {
            file(f)?;
            fs::create_dir(f.join("deep"))?;
            symlink("../a.txt", f.join("deep/link.txt"))?;
            Ok(f.join("deep/link.txt"))
        },
        Cleaned(|f| fs::read_dir(f.join("deep")).is_ok_and(|entries| entries.count() == 1)),
    ),
    ("name that is no UTF-8", |f| called(b"caf\xe9.txt", f), Cleaned(|_| true)),
    ("name with a newline", |f| called(b"a\nb.txt", f), Cleaned(|_| true)),
    ("name like an option", |f| called(b"-w.txt", f), Cleaned(|_| true)),
    ("dangling link", |f| refused(|path| symlink("nowhere", path), f), Refused("cannot be found")),
    ("link to itself", |f| refused(|path| symlink("odd.txt", path), f), Refused("cannot be found")),
    (
        "hard link",
        |f| file(f).and_then(|path| fs::hard_link(&path, f.join("b.txt")).map(|()| path)),
        Refused("hard links"),
    ),
    ("read-only", |f| mode(0o444, f), Refused("is read-only")),
    ("no rights at all", |f| mode(0, f), Refused("is read-only")),
    (
        "named pipe",
        |f| refused(|path| Command::new("mkfifo").arg(path).status().map(|_| ()), f),
        Refused("no regular file"),
    ),
    ("socket", |f| refused(|path| UnixListener::bind(path).map(|_| ()), f), Refused("no regular file")),
    ("device", |_| Ok(PathBuf::from("/dev/null")), Refused("no regular file")),
    ("link to a device", |f| refused(|path| symlink("/dev/null", path), f), Refused("no regular file")),
    ("missing", |f| Ok(f.join("odd.txt")), Refused("cannot be found")),
];

#[test]
fn what_is_beside_the_text_is_kept_and_what_cannot_be_kept_is_refused() {
    for (name, make, expected) in ROWS {
        let folder = tempfile::tempdir().unwrap();
        let path = match make(folder.path()) {
            Ok(path) => path,
            // Another owner is for root to give, and some file systems have no attributes.
            Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => {
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        let kind = fs::symlink_metadata(&path).map(|seen| seen.file_type());
        let output = dechaff().args(["clean", "-w", "--"]).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let now = |path: &Path| fs::read_to_string(path).unwrap();
        match expected {
            Cleaned(holds) => {
                assert_eq!(output.status.code(), Some(0), "{name}: {said}");
                assert_eq!(now(&path), article(), "{name}");
                assert!(holds(folder.path()), "{name}");
            }
            Refused(word) => {
                assert_eq!(output.status.code(), Some(2), "{name}: {said}");
                assert!(said.contains(word), "{name}: {said}");
                let after = fs::symlink_metadata(&path).map(|seen| seen.file_type());
                assert_eq!(
                    kind.is_ok_and(|kind| kind.is_fifo()),
                    after.as_ref().is_ok_and(|kind| kind.is_fifo()),
                    "{name}"
                );
                if after.is_ok_and(|kind| kind.is_file()) {
                    assert_eq!(now(&path), noisy(), "{name}");
                }
            }
        }
        let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with(".dechaff-")), "{name} left something");
    }
}

#[test]
fn an_unchanged_file_is_not_touched_even_through_a_link_or_when_packed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.txt"), article()).unwrap();
    symlink("a.txt", at("link.txt")).unwrap();
    let record = serde_json::json!({"text": article()}).to_string();
    fs::write(at("r.jsonl"), record.repeat(2).replace("}{", "}\n{")).unwrap();
    fs::write(at("packed.jsonl.gz"), crate::batch::gzip(record.as_bytes())).unwrap();
    for name in ["a.txt", "link.txt", "r.jsonl", "packed.jsonl.gz"] {
        let before = fs::metadata(at(name)).unwrap();
        dechaff().args(["clean", "-w"]).arg(at(name)).assert().success();
        let after = fs::metadata(at(name)).unwrap();
        let mark = |seen: &fs::Metadata| (seen.ino(), seen.mtime(), seen.mtime_nsec(), seen.ctime(), seen.ctime_nsec());
        assert_eq!(mark(&before), mark(&after), "{name}");
    }
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_the_old_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    for (name, unit) in [("a.txt", noisy()), ("a.jsonl", serde_json::json!({"text": noisy()}).to_string() + "\n")] {
        let path = folder.path().join(name);
        // Larger than all limits below, which are in blocks of 1,024 bytes or 512; prose that differs, so that none is doubled.
        let text = (0..4000).map(|n| unit.replace("Monday", &format!("day {n}"))).collect::<String>();
        fs::write(&path, &text).unwrap();
        for blocks in [0, 1, 8, 100, 200] {
            let command = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
            let binary = assert_cmd::cargo::cargo_bin!("dechaff");
            let run = Command::new("sh")
                .args(["-c", &command])
                .arg(binary)
                .args(["clean", "-w"])
                .arg(&path)
                .output()
                .unwrap();
            assert_eq!(run.status.code(), Some(2), "{name}, {blocks}");
            assert!(String::from_utf8_lossy(&run.stderr).contains("cannot be written"), "{name}, {blocks}: {run:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}, {blocks}");
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "{name}, {blocks} left something");
        }
        fs::remove_file(&path).unwrap();
    }
}
