//! Writing files so that the old one or the new one is there, whatever fails.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tempfile::{NamedTempFile, TempPath};

use crate::error::Error;
use crate::read::reason;

/// What every temporary file's name begins with.
pub const TEMPORARY_PREFIX: &str = ".dechaff-";

/// A file as it was before it was read, to be replaced later.
#[derive(Debug)]
pub struct Original {
    target: PathBuf,
    seen: Metadata,
}

impl Original {
    /// Looks at a file before it is read. A symbolic link is followed; what it points to is replaced.
    ///
    /// # Errors
    /// It is not a regular file, has more than one name (hard links would be split), or may not be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |message: String| Error::new(message).in_file(path);
        let target = fs::canonicalize(path).map_err(|error| failed(format!("cannot be found: {}", reason(&error))))?;
        let seen = fs::metadata(&target).map_err(|error| failed(format!("cannot be looked at: {}", reason(&error))))?;
        if !seen.is_file() {
            return Err(failed("is no regular file, so it cannot be cleaned in place".to_owned()));
        }
        let elsewhere = "clean it to another place with `-o DIR`";
        if names(&seen) > 1 {
            let message = format!("has {} names (hard links), which replacing it would split", names(&seen));
            return Err(failed(message).help(elsewhere));
        }
        if seen.permissions().readonly() {
            return Err(failed("is read-only".to_owned()).help(format!("`chmod u+w` allows it, or {elsewhere}")));
        }
        let writable = step(Step::Open).and_then(|()| File::options().read(true).write(true).open(&target));
        writable.map_err(|error| failed(format!("may not be written: {}", reason(&error))))?;
        Ok(Self { target, seen })
    }

    /// Replaces the file's content.
    ///
    /// # Errors
    /// As [`Draft::finish`]; then the old file is still there.
    pub fn replace(self, content: &[u8]) -> Result<(), Error> {
        Draft::of(self)?.with(content)
    }
}

/// Writes a file that need not be there yet; what is there is replaced whole.
///
/// # Errors
/// Something cannot be written; then nothing has changed.
pub fn create(path: &Path, content: &[u8]) -> Result<(), Error> {
    Draft::new(path)?.with(content)
}

/// A file that is being written, under another name, beside the one that it will be. Dropped, it is gone.
#[derive(Debug)]
pub struct Draft {
    file: File,
    temporary: Temporary,
    target: PathBuf,
    replaces: Option<Metadata>,
}

impl Draft {
    /// Of a file that will be replaced.
    ///
    /// # Errors
    /// No file can be made in its folder.
    pub fn of(original: Original) -> Result<Self, Error> {
        Self::beside(original.target, Some(original.seen))
    }

    /// Of a file that need not be there yet, in a folder that need not either.
    ///
    /// # Errors
    /// The folder, or a file in it, cannot be made.
    pub fn new(target: &Path) -> Result<Self, Error> {
        let folder = folder_of(target);
        fs::create_dir_all(folder)
            .map_err(|error| Error::new(format!("cannot be made: {}", reason(&error))).in_file(folder))?;
        Self::beside(target.to_path_buf(), None)
    }

    /// Of a file in a folder, at a place relative to it, that does not lead out of the folder by any `..` or link.
    ///
    /// # Errors
    /// It does, or as [`Draft::new`].
    pub fn below(folder: &Path, place: &Path) -> Result<Self, Error> {
        let leads_out = || Error::new(format!("would be written outside of {}", folder.display())).in_file(place);
        let mut at = folder.to_path_buf();
        for part in place.parent().into_iter().flat_map(Path::components) {
            let Component::Normal(name) = part else { return Err(leads_out()) };
            at.push(name);
            if fs::symlink_metadata(&at).is_ok_and(|seen| seen.is_symlink()) {
                return Err(leads_out().help(format!("{} is a symbolic link", at.display())));
            }
        }
        match place.file_name() {
            Some(name) => Self::new(&at.join(name)),
            None => Err(leads_out()),
        }
    }

    fn beside(target: PathBuf, replaces: Option<Metadata>) -> Result<Self, Error> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY_PREFIX);
        #[cfg(unix)]
        if replaces.is_none() {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut drafts = drafts();
        let made = step(Step::Create).and_then(|()| builder.tempfile_in(folder_of(&target)));
        let made = made.map(NamedTempFile::into_parts).map_err(|error| {
            Error::new(format!("no temporary file can be made beside it: {}", reason(&error))).in_file(&target)
        });
        let (file, path) = made?;
        drafts.insert(path.to_path_buf());
        Ok(Self { file, temporary: Temporary(Some(path)), target, replaces })
    }

    /// Makes what was written last, and puts it in its place. The rename itself lasts once [`sync_folder`] was called.
    ///
    /// # Errors
    /// What is replaced was changed since it was looked at, or something cannot be written; then the old file is
    /// still there, and nothing beside it. Only where the old file and the new one were both changed in the moment of the
    /// rename are both there, and the error says where.
    pub fn finish(mut self) -> Result<PathBuf, Error> {
        let target = self.target.clone();
        self.settle().map_err(|error| error.in_file(&target))?;
        Ok(folder_of(&target).to_path_buf())
    }

    fn settle(&mut self) -> Result<(), Error> {
        let failed = |what: &'static str| move |error: io::Error| Error::new(format!("{what}: {}", reason(&error)));
        if let Some(like) = &self.replaces {
            // The owner first: changing it takes rights away that the mode gives back.
            step(Step::Owner)
                .and_then(|()| keep_owner(&self.file, like))
                .map_err(failed("its owner cannot be kept"))?;
            let mode = step(Step::Mode).and_then(|()| self.file.set_permissions(like.permissions()));
            mode.map_err(failed("its permissions cannot be kept"))?;
            let attributes = step(Step::Attributes).and_then(|()| keep_attributes(&self.target, &self.file));
            attributes.map_err(failed("its extended attributes cannot be kept"))?;
        }
        step(Step::Sync).and_then(|()| self.file.sync_all()).map_err(failed("cannot be written"))?;
        // While this is held, no draft is given up: it is renamed, or gone.
        let _finishing = FINISHING.read().unwrap_or_else(PoisonError::into_inner);
        let mut replaced = None;
        if let Some(seen) = &self.replaces {
            let now = step(Step::Check).and_then(|()| fs::symlink_metadata(&self.target));
            if !now.is_ok_and(|now| is_same(&now, seen)) {
                return Err(changed_meanwhile());
            }
            replaced = Some((seen, self.file.metadata().map_err(failed("cannot be looked at"))?));
        }
        step(Step::Rename).map_err(failed("cannot be replaced"))?;
        let Some(temporary) = self.temporary.0.take() else { return Ok(()) };
        drafts().remove(temporary.as_ref() as &Path);
        match replaced {
            Some((seen, new)) if exchange(&temporary, &self.target).map_err(failed("cannot be replaced"))? => {
                retire(temporary, seen, &new, &self.target)
            }
            _ => temporary.persist(&self.target).map_err(|error| failed("cannot be replaced")(error.error)),
        }
    }

    fn with(mut self, content: &[u8]) -> Result<(), Error> {
        self.write_all(content)
            .map_err(|error| Error::new(format!("cannot be written: {}", reason(&error))).in_file(&self.target))?;
        sync_folder(&self.finish()?)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        step(Step::Write)?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Makes what was renamed in a folder last: once a folder is enough, however many files.
///
/// # Errors
/// The disk's own. Where a file system cannot do this, nothing is lost, and it is no error.
pub fn sync_folder(folder: &Path) -> Result<(), Error> {
    let synced = step(Step::Folder).and_then(|()| File::open(folder)?.sync_all());
    match synced {
        Err(error) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            let message = format!("is written, but may not outlast a loss of power: {}", reason(&error));
            Err(Error::new(message).in_file(folder))
        }
        _ => Ok(()),
    }
}

/// How long the old file is kept, under the draft's name, after the new one took its place. Who had opened it for an
/// edit just before writes to it within this time, and the edit is not lost.
const GRACE: Duration = Duration::from_millis(1);

/// Deletes what was replaced, unless somebody wrote to it: then it is put back in its place.
fn retire(old: TempPath, seen: &Metadata, new: &Metadata, target: &Path) -> Result<(), Error> {
    std::thread::sleep(GRACE);
    let is_untouched = |path: &Path, then| fs::symlink_metadata(path).is_ok_and(|now| has_same_content(&now, then));
    if is_untouched(&old, seen) && step(Step::Retire).is_ok() {
        return Ok(());
    }
    let put_back = exchange(&old, target).unwrap_or(false);
    if put_back && is_untouched(&old, new) {
        return Err(changed_meanwhile());
    }
    let kept = old.keep().map_err(|error| Error::new(format!("cannot be kept: {}", reason(&error.error))))?;
    let message =
        format!("was changed by somebody else while it was replaced; the other version is {}", kept.display());
    Err(Error::new(message).help("compare the two, and delete one"))
}

fn changed_meanwhile() -> Error {
    Error::new("was changed by somebody else meanwhile; nothing was written").help("run dechaff again")
}

/// Makes two files change their names at once. False where the file system cannot.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        done => done.map(|()| true).map_err(io::Error::from),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Held by whoever is putting a file in its place.
static FINISHING: RwLock<()> = RwLock::new(());

/// Deletes every draft and lets no other be made or finished: for a process that is told to end.
pub fn give_up_drafts() {
    let finishing = FINISHING.write().unwrap_or_else(PoisonError::into_inner);
    let drafts = drafts();
    for path in drafts.iter() {
        let _ = fs::remove_file(path);
    }
    // Held for ever.
    std::mem::forget((finishing, drafts));
}

/// The drafts of this process that are there.
fn drafts() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    static DRAFTS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    DRAFTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that goes with its owner, unless it was renamed.
#[derive(Debug)]
struct Temporary(Option<TempPath>);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let mut drafts = drafts();
            drafts.remove(path.as_ref() as &Path);
            // Deleted while the drafts are held: who gives them up finds it there, or gone.
            drop(path);
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What is done to replace a file, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Open,
    Create,
    Write,
    Owner,
    Mode,
    Attributes,
    Sync,
    Check,
    Rename,
    Retire,
    Folder,
}

/// Where tests let a step fail.
#[cfg(not(test))]
fn step(_: Step) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use tests::step;

#[cfg(unix)]
fn keep_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let now = file.metadata()?;
    let uid = (now.uid() != like.uid()).then_some(like.uid());
    let gid = (now.gid() != like.gid()).then_some(like.gid());
    if uid.is_none() && gid.is_none() { Ok(()) } else { fchown(file, uid, gid) }
}

/// Extended attributes, access lists among them; those that a folder gives to its new files go.
#[cfg(unix)]
fn keep_attributes(from: &Path, to: &File) -> io::Result<()> {
    use xattr::FileExt;
    let wanted = match xattr::list(from) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(()),
        names => names?.collect::<BTreeSet<_>>(),
    };
    for name in to.list_xattr()?.filter(|name| !wanted.contains(name)) {
        to.remove_xattr(name)?;
    }
    for name in wanted {
        let value = xattr::get(from, &name)?;
        if value != to.get_xattr(&name)? {
            to.set_xattr(&name, &value.unwrap_or_default())?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn keep_attributes(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn names(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn is_same(now: &Metadata, then: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let changed = |metadata: &Metadata| (metadata.ctime(), metadata.ctime_nsec());
    has_same_content(now, then) && changed(now) == changed(then)
}

/// As far as can be told when the file has got another name in between.
#[cfg(unix)]
fn has_same_content(now: &Metadata, then: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let mark = |metadata: &Metadata| {
        (metadata.dev(), metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec())
    };
    mark(now) == mark(then)
}

#[cfg(not(unix))]
fn is_same(now: &Metadata, then: &Metadata) -> bool {
    has_same_content(now, then)
}

#[cfg(not(unix))]
fn has_same_content(now: &Metadata, then: &Metadata) -> bool {
    now.len() == then.len() && now.modified().ok() == then.modified().ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static FAULT: Cell<Option<(Step, i32)>> = const { Cell::new(None) };
    }

    pub(super) fn step(step: Step) -> io::Result<()> {
        match FAULT.get() {
            Some((at, number)) if at == step => Err(io::Error::from_raw_os_error(number)),
            _ => Ok(()),
        }
    }

    const STEPS: [Step; 11] = [
        Step::Open,
        Step::Create,
        Step::Write,
        Step::Owner,
        Step::Mode,
        Step::Attributes,
        Step::Sync,
        Step::Check,
        Step::Rename,
        Step::Retire,
        Step::Folder,
    ];

    /// No space, input or output error, no permission, read-only file system, quota, too many open files.
    const NUMBERS: [i32; 6] = [28, 5, 13, 30, 122, 24];

    /// T1: whatever step fails with whatever number, the old file is there whole or the new one is, nothing is beside
    /// it, and only where the new one is there may all be well.
    #[test]
    fn a_fault_at_any_step_leaves_the_old_file_or_the_new_one() {
        for fault in STEPS.iter().flat_map(|step| NUMBERS.map(|number| (*step, number))) {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a.txt");
            fs::write(&path, "old").expect("written");
            FAULT.set(Some(fault));
            let done = Original::open(&path).and_then(|original| original.replace(b"new"));
            FAULT.set(None);
            let now = fs::read_to_string(&path).expect("read");
            let replaced = fault.0 == Step::Folder;
            assert_eq!(now, if replaced { "new" } else { "old" }, "{fault:?}");
            assert!(done.is_err(), "{fault:?}");
            assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1, "{fault:?} left something");
            assert!(drafts().iter().all(|draft| !draft.starts_with(folder.path())), "{fault:?}");
        }
    }

    #[test]
    fn a_file_that_changed_since_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        for change in ["other", "old"] {
            fs::write(&path, "old").expect("written");
            let original = Original::open(&path).expect("a file");
            // Even the same bytes, written again, are somebody's work.
            std::thread::sleep(std::time::Duration::from_millis(20));
            fs::write(&path, change).expect("written");
            let error = original.replace(b"new").expect_err("refused");
            assert!(error.message().contains("changed by somebody else"), "{error}");
            assert_eq!(fs::read_to_string(&path).expect("read"), change);
        }
    }

    /// T3: who had the file open when another took its place.
    #[test]
    fn an_edit_at_the_moment_of_the_rename_is_not_lost() {
        for edits_both in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let (target, other) = (folder.path().join("a.txt"), folder.path().join(".dechaff-a"));
            fs::write(&target, "old").expect("written");
            fs::write(&other, "new").expect("written");
            let [seen, new] = [&target, &other].map(|path| fs::metadata(path).expect("a file"));
            let mut editor = File::options().append(true).open(&target).expect("opened");
            if !exchange(&other, &target).expect("exchanged") {
                return;
            }
            editor.write_all(b" and more").expect("written");
            if edits_both {
                fs::write(&target, "another").expect("written");
            }
            let old = TempPath::try_from_path(&other).expect("a path");
            let error = retire(old, &seen, &new, &target).expect_err("refused");
            assert!(error.message().contains("changed by somebody else"), "{error}");
            assert_eq!(fs::read_to_string(&target).expect("read"), "old and more");
            assert_eq!(fs::read_to_string(&other).ok().as_deref(), edits_both.then_some("another"));
        }
    }

    #[test]
    fn nothing_is_written_outside_of_the_folder() {
        let outside = tempfile::tempdir().expect("a folder");
        let folder = tempfile::tempdir().expect("a folder");
        for place in ["../a.txt", "/a.txt", "x/../../a.txt", ".."] {
            assert!(Draft::below(folder.path(), Path::new(place)).is_err(), "{place}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).expect("a link");
            let error = Draft::below(folder.path(), Path::new("link/a.txt")).expect_err("refused");
            assert!(error.message().contains("outside of"), "{error}");
        }
        Draft::below(folder.path(), Path::new("x/y/a.txt")).and_then(Draft::finish).expect("written");
        assert!(folder.path().join("x/y/a.txt").is_file());
        assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 0);
    }
}
