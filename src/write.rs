//! Writing files so that the old one or the new one is there, whatever fails.

use std::fs::{self, File, Metadata};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::read::reason;

/// What every temporary file's name begins with.
pub const TEMPORARY_PREFIX: &str = ".dechaff-";

/// A file as it was read, to be replaced later.
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
        if names(&seen) > 1 {
            let message = format!("has {} names (hard links), which replacing it would split", names(&seen));
            return Err(failed(message).help("clean it to another place with `-o DIR`"));
        }
        let writable = File::options().read(true).write(true).open(&target);
        writable.map_err(|error| failed(format!("may not be written: {}", reason(&error))))?;
        Ok(Self { target, seen })
    }

    /// Replaces the file's content.
    ///
    /// # Errors
    /// It was changed since it was looked at, or something cannot be written; then the old file is still there.
    pub fn replace(self, content: &[u8]) -> Result<(), Error> {
        let unchanged = || fs::metadata(&self.target).is_ok_and(|now| is_same(&now, &self.seen));
        write_beside(&self.target, content, Some(&self.seen), || match unchanged() {
            true => Ok(()),
            false => {
                Err(Error::new("was changed by somebody else meanwhile; nothing was written").help("run dechaff again"))
            }
        })
        .map_err(|error| error.in_file(&self.target))
    }
}

/// Writes a file that need not be there yet; what is there is replaced whole.
///
/// # Errors
/// Something cannot be written; then nothing has changed.
pub fn create(path: &Path, content: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .map_err(|error| Error::new(format!("cannot be made: {}", reason(&error))).in_file(folder))?;
    }
    write_beside(path, content, None, || Ok(())).map_err(|error| error.in_file(path))
}

/// Writes a temporary file in the same folder, makes it durable, and renames it.
fn write_beside(
    target: &Path,
    content: &[u8],
    like: Option<&Metadata>,
    check: impl FnOnce() -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = |what: &str, error: &std::io::Error| Error::new(format!("{what}: {}", reason(error)));
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    #[cfg(unix)]
    if like.is_none() {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file =
        builder.tempfile_in(folder).map_err(|error| failed("no temporary file can be made beside it", &error))?;
    file.write_all(content).map_err(|error| failed("cannot be written", &error))?;
    if let Some(like) = like {
        file.as_file()
            .set_permissions(like.permissions())
            .map_err(|error| failed("its permissions cannot be kept", &error))?;
    }
    file.as_file().sync_all().map_err(|error| failed("cannot be written", &error))?;
    check()?;
    file.persist(target).map_err(|error| failed("cannot be replaced", &error.error))?;
    // The rename itself is durable once the folder is; some file systems cannot do this, and then nothing is lost.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
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
    let mark = |metadata: &Metadata| {
        (
            metadata.dev(),
            metadata.ino(),
            metadata.size(),
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.ctime(),
            metadata.ctime_nsec(),
        )
    };
    mark(now) == mark(then)
}

#[cfg(not(unix))]
fn is_same(now: &Metadata, then: &Metadata) -> bool {
    now.len() == then.len() && now.modified().ok() == then.modified().ok()
}
