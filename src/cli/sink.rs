//! Where what is cleaned goes: standard output, a folder, or the file that it came from.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use dechaff::Error;
use dechaff::codec::{Codec, Packer};
use dechaff::write::{self, Draft, Original};

use super::messages;

/// The place of one output.
#[derive(Debug)]
pub(crate) enum Place {
    /// Standard output, unpacked.
    Output,
    /// Under this name below a folder.
    Below { folder: PathBuf, name: PathBuf },
    /// In place of the file.
    Original(Box<Original>),
}

/// A place that is being written to. What is not finished was never there.
pub(crate) enum Sink {
    Output,
    File { packer: Box<Packer<Draft>>, only_if_changed: bool, name: PathBuf },
}

impl Sink {
    pub(crate) fn open(place: Place, codec: Codec, name: &Path) -> Result<Self, Error> {
        let (draft, only_if_changed) = match place {
            Place::Output => return Ok(Self::Output),
            Place::Below { folder, name } => (Draft::below(&folder, &name)?, false),
            Place::Original(original) => (Draft::of(*original)?, true),
        };
        let name = name.to_path_buf();
        let packer = codec.pack(draft).map_err(|error| unwritable(&error, &name))?;
        Ok(Self::File { packer: Box::new(packer), only_if_changed, name })
    }

    /// Writes what comes next. That nobody reads standard output any more is the caller's to tell.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Output => output(bytes).map_err(Failure::Output),
            Self::File { packer, name, .. } => {
                packer.write_all(bytes).map_err(|error| Failure::File(unwritable(&error, name)))
            }
        }
    }

    /// Puts the file in its place; the folder that it lies in is noted, to be made last.
    pub(crate) fn finish(self, changed: bool, folders: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
        match self {
            Self::File { packer, only_if_changed, name } if changed || !only_if_changed => {
                let draft = packer.finish().map_err(|error| unwritable(&error, &name))?;
                folders.insert(draft.finish()?);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Why something could not be written.
pub(crate) enum Failure {
    /// One file; the others can be.
    File(Error),
    /// Standard output, and so nothing more.
    Output(io::Error),
}

/// Writes to standard output: as it is, unless that is a terminal, which must not obey what stands in a text.
fn output(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.is_terminal() {
        true => out.write_all(messages::visible(&String::from_utf8_lossy(bytes)).as_bytes())?,
        false => out.write_all(bytes)?,
    }
    out.flush()
}

/// Makes what was put into folders last.
pub(crate) fn settle(folders: BTreeSet<PathBuf>) -> impl Iterator<Item = Error> {
    folders.into_iter().filter_map(|folder| write::sync_folder(&folder).err())
}

fn unwritable(error: &io::Error, name: &Path) -> Error {
    Error::new(format!("cannot be written: {}", dechaff::read::reason(error))).in_file(name)
}
