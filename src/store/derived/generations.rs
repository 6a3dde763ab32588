//! The derived files in a data directory, numbered by generation. The log's file says which generation is current, and
//! processes agree by locks when one that is not may be removed.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, TransactionBehavior};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::store::StoreError;
use crate::store::db::file_identity::Presence;
use crate::store::db::lock_file::LockFile;
use crate::store::db::sql_types::get;

/// The suffixes of the files of a generation, after `derived-N`. The lock files come last, since they are removed last.
const SUFFIXES: &[&str] = &[".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".sqlite3-journal", JUDGES, READERS];
const JUDGES: &str = ".judge.lock";
const READERS: &str = ".lock";

/// The log's record of its derived files.
pub(in crate::store) struct Recorded {
    pub(in crate::store) log_id: i64,
    /// The number of the current file; 0 if there was none yet.
    pub(in crate::store) generation: i64,
    /// The boot id of the machine while the file is written without syncs; none if all of it is synced.
    pub(in crate::store) written_in: Option<String>,
}

/// Reads that record.
pub(in crate::store) fn recorded(log: &Connection) -> rusqlite::Result<Recorded> {
    let mut statement = log.prepare_cached("SELECT log_id, generation, written_in FROM derived_file")?;
    let read = |row: &Row<'_>| {
        Ok(Recorded {
            log_id: get(row, "log_id")?,
            generation: get(row, "generation")?,
            written_in: get(row, "written_in")?,
        })
    };
    statement.query_row([], read)
}

/// A derived file that no process removes while this one keeps this value. Keep it while you open the file by its name.
pub(in crate::store) struct Generation {
    pub(in crate::store) number: i64,
    pub(in crate::store) file: PathBuf,
    /// The file as it was at the start; none if there was none.
    presence: Option<Presence>,
    _readers: Option<LockFile>,
}

impl Generation {
    /// The current file, and the log's record of it.
    pub(in crate::store) fn current(directory: &Path, log: &Connection) -> Result<(Self, Recorded), StoreError> {
        loop {
            let number = recorded(log)?.generation;
            let generation = Self::keep(directory, number)?;
            // Only now no process removes it. It may have lost its place before.
            let now = recorded(log)?;
            if now.generation == number {
                return Ok((generation, now));
            }
        }
    }

    fn keep(directory: &Path, number: i64) -> io::Result<Self> {
        if number == 0 {
            return Ok(Self::none(directory));
        }
        let readers = LockFile::open(directory, &format!("derived-{number}{READERS}"))?;
        readers.share()?;
        let file = file(directory, number);
        let presence = Presence::of(&file).ok();
        Ok(Generation { number, file, presence, _readers: Some(readers) })
    }

    /// No file at all.
    pub(in crate::store) fn none(directory: &Path) -> Self {
        Generation { number: 0, file: file(directory, 0), presence: None, _readers: None }
    }

    /// Fails if the file was removed or replaced since: what is judged into it would be lost.
    pub(in crate::store) fn check(&self) -> Result<(), StoreError> {
        self.presence.as_ref().map_or(Ok(()), Presence::check)
    }

    /// The lock that all who judge into the file share.
    pub(in crate::store) fn judges(&self) -> io::Result<LockFile> {
        let directory = self.file.parent().unwrap_or(Path::new("."));
        LockFile::open(directory, &format!("derived-{}{JUDGES}", self.number))
    }
}

/// The right to rebuild or to remove files, for one process at a time.
pub(in crate::store) struct RebuildLock {
    _directory: File,
}

impl RebuildLock {
    /// Takes the right; none if another process has it.
    pub(in crate::store) fn take(directory: &Path) -> io::Result<Option<Self>> {
        let held = File::open(directory)?;
        match flock(&held, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(RebuildLock { _directory: held })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The derived file with this number.
pub(in crate::store) fn file(directory: &Path, number: i64) -> PathBuf {
    directory.join(name(number))
}

/// Its name.
pub(in crate::store) fn name(number: i64) -> String {
    format!("derived-{number}.sqlite3")
}

/// The numbers of the generations that have files in the directory, without repeats.
pub(in crate::store) fn numbers(directory: &Path) -> io::Result<Vec<i64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| {
            let (number, _) = name.strip_prefix("derived-")?.split_once('.')?;
            let suffix = name.strip_prefix("derived-")?.strip_prefix(number)?;
            SUFFIXES.contains(&suffix).then(|| number.parse::<i64>().ok())?
        });
        numbers.extend(number);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// Removes the files of every generation but the current one. Files that a process may still open stay. Returns whether
/// none did.
pub(in crate::store) fn remove_others(
    directory: &Path,
    log: &mut Connection,
    _: &RebuildLock,
) -> Result<bool, StoreError> {
    let current = recorded(log)?.generation;
    let mut removable = Vec::new();
    let mut all = true;
    for number in numbers(directory)?.into_iter().filter(|number| *number != current) {
        let readers = LockFile::open(directory, &format!("derived-{number}{READERS}"))?;
        match readers.try_own()? {
            true => removable.push((number, readers)),
            false => all = false,
        }
    }
    if removable.is_empty() {
        return Ok(all);
    }
    // In a write transaction no process makes a file that it is about to record.
    let tx = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let current = recorded(&tx)?.generation;
    for (number, _) in removable.iter().filter(|(number, _)| *number != current) {
        for suffix in SUFFIXES {
            match std::fs::remove_file(directory.join(format!("derived-{number}{suffix}"))) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
    }
    Ok(all)
}
