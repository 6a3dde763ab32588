//! The file of all that is derived from the log: which one is current, whether it is fit for use, and a new one where it
//! is not. It repairs nothing: a new file is empty, and the judge fills it from the log.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::{Connection, ErrorCode, TransactionBehavior, params};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::judging::{self, Cursor};
use super::{FILE_NAME, StoreError, connect, log, rejudging, unsynced};
use crate::domain::{Rejudge, Rejudgement, Rejudgements, Seq};

/// Marks a file as one that pixeld derived ("pxld", with a sign of its own).
const APPLICATION_ID: i32 = 0x7078_6c65;

/// What it holds.
pub(super) const TABLES: &str = include_str!("derived/schema.sql");

/// What is made at the end of a file in the making.
pub(super) const INDEXES: &str = include_str!("derived/indexes.sql");

/// The version of `derived/schema.sql`. A file of another is made anew.
const SCHEMA: i32 = 3;

/// The version of the rules: counted up when the same log comes to yield other rows, by a change of what is judged or
/// summed up. A file made by others is made anew.
const RULES: i32 = 1;

/// Which file is current.
pub(super) struct Derived {
    directory: PathBuf,
    generation: AtomicI64,
}

/// Which log it is, and which of its derived files is current.
struct Recorded {
    log_id: i64,
    generation: i64,
    /// The run of the machine in which it is being written, if it is not known to be synced.
    written_in: Option<String>,
}

impl Derived {
    /// Finds the current file, and makes a new one if there is none or it is not fit for use. `main` is a connection to
    /// the log that may write. Says also up to where the log is judged.
    ///
    /// # Errors
    /// Faults of the log's file; a file that can be neither read nor made.
    pub(super) fn open(directory: &Path, main: &mut Connection) -> Result<(Self, Cursor), StoreError> {
        let (generation, cursor) = loop {
            let found = recorded(main)?;
            match fitness(directory, &found, main)? {
                Ok(cursor) => break (found.generation, cursor),
                Err(why) => {
                    if found.generation > 0 {
                        let file = name(found.generation);
                        tracing::warn!(file, "what was derived from the log {why}; it is made anew from the log");
                    }
                    replace(directory, main, &found)?;
                }
            }
        };
        let derived = Derived { directory: directory.to_owned(), generation: AtomicI64::new(generation) };
        if let Err(error) = derived.tidy(main) {
            tracing::warn!(%error, "derived files that nobody needs any more could not be removed");
        }
        Ok((derived, cursor))
    }

    /// Why the current file cannot be used, as the end of a sentence; none if it can, or none was made yet. `main` is a
    /// connection to the log.
    pub(super) fn unfit(directory: &Path, main: &Connection) -> Result<Option<String>, StoreError> {
        // A log of an earlier schema is brought up to date when it is opened.
        match recorded(main) {
            Ok(found) if found.generation > 0 => Ok(fitness(directory, &found, main)?.err()),
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// The number of the current file.
    pub(super) fn generation(&self) -> i64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The current file.
    pub(super) fn file(&self) -> PathBuf {
        self.file_of(self.generation())
    }

    /// The file with this number.
    pub(super) fn file_of(&self, generation: i64) -> PathBuf {
        self.directory.join(name(generation))
    }

    /// Looks which file is current: another one after a rebuild, by whichever process.
    pub(super) fn follow(&self, main: &Connection) -> rusqlite::Result<i64> {
        let now = recorded(main)?.generation;
        self.generation.store(now, Ordering::Release);
        Ok(now)
    }

    /// Makes an empty file beside the current one, for a rebuild; says its number.
    /// With it goes the decision for which it is made, as taken at this place in the log.
    pub(super) fn make_another(
        &self,
        main: &mut Connection,
        decision: Option<Rejudge>,
        _: &Lock,
    ) -> Result<(i64, Option<Rejudgement>), StoreError> {
        let tx = main.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let upto = log::last_seq(&tx)?;
        let taken = decision.map(|decision| Rejudgement { upto, decision });
        let mut decisions = rejudging::taken(&tx)?;
        decisions.0.extend(taken);
        let made = make(&self.directory, &recorded(&tx)?, &decisions, TABLES)?;
        tx.commit()?;
        Ok((made, taken))
    }

    /// The right to rebuild or to tidy up, for one process at a time; none if another has it. The system itself lets go
    /// of it when the process ends, however it ends.
    pub(super) fn lock(&self) -> io::Result<Option<Lock>> {
        let held = File::open(&self.directory)?;
        match flock(&held, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Lock(held))),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what earlier generations and rebuilds that were broken off have left, unless a rebuild is under way.
    fn tidy(&self, main: &mut Connection) -> Result<(), StoreError> {
        let others = files(&self.directory)?.iter().any(|(generation, _)| *generation != self.generation());
        if others && let Some(lock) = self.lock()? {
            self.remove_others(main, &lock)?;
        }
        Ok(())
    }

    /// Removes all derived files but the current one.
    pub(super) fn remove_others(&self, main: &mut Connection, _: &Lock) -> Result<(), StoreError> {
        // Inside a write transaction, so that no other process is just making the file that it will record.
        let tx = main.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let current = recorded(&tx)?.generation;
        for (_, file) in files(&self.directory)?.into_iter().filter(|(generation, _)| *generation != current) {
            match std::fs::remove_file(file) {
                // The last to close a file removes its WAL.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
        Ok(())
    }
}

/// Held by whoever rebuilds or tidies up.
pub(super) struct Lock(#[expect(dead_code, reason = "it is the open file that holds the lock")] File);

fn name(generation: i64) -> String {
    format!("derived-{generation}.sqlite3")
}

/// All derived files in the directory, WALs and the like among them, by generation.
fn files(directory: &Path) -> io::Result<Vec<(i64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let generation = name.to_str().and_then(|name| {
            let (generation, suffix) = name.strip_prefix("derived-")?.split_once(".sqlite3")?;
            ["", "-wal", "-shm", "-journal"].contains(&suffix).then(|| generation.parse().ok())?
        });
        found.extend(generation.map(|generation| (generation, entry.path())));
    }
    Ok(found)
}

fn recorded(main: &Connection) -> rusqlite::Result<Recorded> {
    let mut found = main.prepare_cached("SELECT log_id, generation, written_in FROM derived_file")?;
    found.query_row([], |row| Ok(Recorded { log_id: row.get(0)?, generation: row.get(1)?, written_in: row.get(2)? }))
}

/// Up to where the current file is judged; or why it cannot be used, as the end of a sentence.
fn fitness(directory: &Path, of: &Recorded, main: &Connection) -> Result<Result<Cursor, String>, StoreError> {
    let file = directory.join(name(of.generation));
    if !file.try_exists()? {
        return Ok(Err("is missing".to_owned()));
    }
    if of.written_in.is_some() && of.written_in != unsynced::run() {
        return Ok(Err("was being written when the machine went down".to_owned()));
    }
    let cursor = match look_into(&file, of) {
        Ok(Ok(cursor)) => cursor,
        Ok(Err(why)) => return Ok(Err(why)),
        Err(error) if is_damage(&error) => return Ok(Err(format!("is damaged ({error})"))),
        Err(error) => return Err(error.into()),
    };
    // The log last: it can only have gone on.
    let end = log::last_seq(main)?;
    if cursor.seq > end {
        let Seq(end) = end;
        return Ok(Err(format!("reaches to {}, beyond the log's end at {end}, as after an older backup", cursor.seq)));
    }
    Ok(Ok(cursor))
}

fn look_into(file: &Path, of: &Recorded) -> rusqlite::Result<Result<Cursor, String>> {
    let conn = connect::for_deriving(file)?;
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i32>(0));
    if number("PRAGMA application_id")? != APPLICATION_ID || number("PRAGMA user_version")? != SCHEMA {
        return Ok(Err("was made by another version of pixeld".to_owned()));
    }
    let (log_id, rules): (i64, i32) =
        conn.query_row("SELECT log_id, rules FROM made_of", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if rules != RULES {
        return Ok(Err("was made by the rules of another version of pixeld".to_owned()));
    }
    if log_id != of.log_id {
        return Ok(Err("is of another log".to_owned()));
    }
    // A look at the first page of each table: damage further on shows when it is read, and to `pixeld check`.
    let mut tables = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        conn.prepare(&format!("SELECT 1 FROM {table} LIMIT 1"))?.exists([])?;
    }
    Ok(Ok(judging::cursor(&conn)?))
}

/// Whether the file is to blame, not the disk, its rights or another process.
fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown),
        None => true,
    }
}

/// Makes a new, empty file and records it as the current one, unless another process has done so since `seen`.
fn replace(directory: &Path, main: &mut Connection, seen: &Recorded) -> Result<(), StoreError> {
    let tx = main.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = recorded(&tx)?;
    if now.generation != seen.generation {
        return Ok(());
    }
    let generation = make(directory, &now, &rejudging::taken(&tx)?, &[TABLES, INDEXES].concat())?;
    tx.execute("UPDATE derived_file SET generation = ?1, written_in = ?2", params![generation, unsynced::run()])?;
    Ok(tx.commit()?)
}

/// Makes an empty file of this schema with a number that no other has.
fn make(directory: &Path, of: &Recorded, decisions: &Rejudgements, schema: &str) -> Result<i64, StoreError> {
    let last = files(directory)?.into_iter().map(|(generation, _)| generation).max().unwrap_or(0);
    let generation = last.max(of.generation) + 1;
    let file = directory.join(name(generation));
    create_like(&directory.join(FILE_NAME), &file)?;
    let mut conn = connect::for_deriving(&file)?;
    let tx = conn.transaction()?;
    tx.execute_batch(schema)?;
    tx.execute("INSERT INTO made_of VALUES (1, ?1, ?2)", params![of.log_id, RULES])?;
    rejudging::copy(&tx, decisions)?;
    tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}"))?;
    tx.commit()?;
    Ok(generation)
}

/// Makes an empty file that the same people may read and write as the log's: a command may be root's, and the server not.
fn create_like(log: &Path, file: &Path) -> io::Result<()> {
    let like = std::fs::metadata(log)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    made.set_permissions(like.permissions())?;
    let own = made.metadata()?;
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        chown(file, Some(like.uid()), Some(like.gid()))?;
    }
    Ok(())
}
