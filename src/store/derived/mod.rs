//! The current derived file: which one it is, whether this program can use it, and a new one where it cannot. Nothing is
//! repaired: a new file is empty, and the judge fills it from the log.

pub mod connect;
pub mod crash_mark;
pub mod cursor;
pub mod damage;
pub mod generations;
pub mod rejudging;
pub mod version;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rusqlite::{Connection, ErrorCode, TransactionBehavior, params};

use super::StoreError;
use super::db::boot::boot_id;
use super::db::probe::read_first_pages;
use super::db::sql_types::get;
use super::log::end;
use crate::domain::{Rejudge, Rejudgement, Rejudgements};
use cursor::{Cursor, cursor};
use damage::{Damage, LostRows};
use generations::{Generation, RebuildLock, Recorded, recorded};
use version::{APPLICATION_ID, INDEXES, RULES, SCHEMA, TABLES, made_by_another};

/// Which file is current, and whether this process can follow it.
pub(super) struct Derived {
    directory: PathBuf,
    current: RwLock<Arc<Generation>>,
    /// Why this process does not use the file that the log's file names. It reads the one before meanwhile.
    refused: Mutex<Option<StoreError>>,
    pub(super) damage: Damage,
}

impl Derived {
    /// Finds the current file, or makes a new one if none can be used. `log` is a writing connection to the log. Returns
    /// also how far the log is judged.
    ///
    /// # Errors
    /// Faults of the log's file; a file that can be neither read nor made.
    pub(super) fn open(directory: &Path, log: &mut Connection) -> Result<(Self, Cursor), StoreError> {
        let mut lost_rows = None;
        let (generation, cursor) = loop {
            let (generation, found) = Generation::current(directory, log)?;
            match fitness(&generation, &found, log)? {
                Ok(cursor) => break (generation, cursor),
                Err(Unfit { why, lost }) => {
                    lost_rows = lost_rows.or(lost);
                    if found.generation > 0 {
                        let file = generations::name(found.generation);
                        tracing::warn!(file, "the derived file {why}; pixeld derives everything from the log again");
                    }
                    replace(directory, log, &found)?;
                }
            }
        };
        let derived = Self::on(directory, generation);
        derived.damage.lost(lost_rows);
        if let Err(error) = derived.remove_old(log) {
            tracing::warn!(%error, "old derived files could not be removed");
        }
        Ok((derived, cursor))
    }

    /// Without any file, for a store of definitions only.
    pub(super) fn none(directory: &Path) -> Self {
        Self::on(directory, Generation::none(directory))
    }

    fn on(directory: &Path, generation: Generation) -> Self {
        let current = RwLock::new(Arc::new(generation));
        Derived { directory: directory.to_owned(), current, refused: Mutex::new(None), damage: Damage::default() }
    }

    /// Why the current file cannot be used, as the end of a sentence; none if it can, or if there was none yet.
    pub(super) fn unfit(directory: &Path, log: &Connection) -> Result<Option<String>, StoreError> {
        // A log of an earlier schema has no derived file that counts.
        if recorded(log).map_or(0, |found| found.generation) == 0 {
            return Ok(None);
        }
        let (generation, found) = Generation::current(directory, log)?;
        Ok(fitness(&generation, &found, log)?.err().map(|unfit| unfit.why))
    }

    /// The current file. Keep it while you open the file by its name.
    pub(super) fn current(&self) -> Arc<Generation> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same for writing.
    ///
    /// # Errors
    /// Another version of pixeld has put a file of its own in place.
    pub(super) fn writable(&self) -> Result<Arc<Generation>, StoreError> {
        match &*self.refused.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(why) => Err(why.clone()),
            None => Ok(self.current()),
        }
    }

    /// Whether the file with this number is no longer the one to write.
    pub(super) fn has_left(&self, generation: i64) -> bool {
        self.writable().map_or(true, |current| current.number != generation)
    }

    /// Looks which file is current. It is another one after a rebuild by any process. Returns whether this process uses
    /// another one now.
    ///
    /// # Errors
    /// The other one is of another version of pixeld. Then this process goes on reading the one before, and writes none.
    pub(super) fn follow(&self, log: &Connection) -> Result<bool, StoreError> {
        if recorded(log)?.generation == self.current().number {
            self.refuse(None);
            return Ok(false);
        }
        let (generation, _) = Generation::current(&self.directory, log)?;
        if let Some(why) = made_by_another(&connect::for_deriving(&generation.file)?)? {
            let refusal = refusal(generation.number, &why);
            self.refuse(Some(refusal.clone()));
            return Err(refusal);
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(generation);
        self.refuse(None);
        Ok(true)
    }

    fn refuse(&self, why: Option<StoreError>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Makes an empty file beside the current one, for a rebuild. Returns its number, and the decision that the rebuild
    /// applies, with its place in the log.
    pub(super) fn make_another(
        &self,
        log: &mut Connection,
        decision: Option<Rejudge>,
        _: &RebuildLock,
    ) -> Result<(i64, Option<Rejudgement>), StoreError> {
        let tx = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let upto = end::last_seq(&tx)?;
        let taken = decision.map(|decision| Rejudgement { upto, decision });
        let mut decisions = rejudging::taken(&tx)?;
        decisions.0.extend(taken);
        let number = make(&self.directory, &recorded(&tx)?, &decisions, TABLES)?;
        tx.commit()?;
        Ok((number, taken))
    }

    /// The file with this number.
    pub(super) fn file(&self, number: i64) -> PathBuf {
        generations::file(&self.directory, number)
    }

    /// Takes the right to rebuild; none if another process rebuilds.
    pub(super) fn lock(&self) -> Result<Option<RebuildLock>, StoreError> {
        Ok(RebuildLock::take(&self.directory)?)
    }

    /// Removes all other files. Those that a process may still open stay; returns whether none did.
    pub(super) fn remove_others(&self, log: &mut Connection, lock: &RebuildLock) -> Result<bool, StoreError> {
        generations::remove_others(&self.directory, log, lock)
    }

    /// Removes what earlier generations and interrupted rebuilds left, unless a rebuild is under way.
    fn remove_old(&self, log: &mut Connection) -> Result<(), StoreError> {
        let current = self.current().number;
        let others = generations::numbers(&self.directory)?.iter().any(|number| *number != current);
        if others && let Some(lock) = self.lock()? {
            self.remove_others(log, &lock)?;
        }
        Ok(())
    }
}

/// The error for a file that this program does not write: it says what to do.
pub(super) fn refusal(number: i64, why: &str) -> StoreError {
    let file = generations::name(number);
    StoreError::fault(format!(
        "{file} {why}; restart the server with the binary that made it, or rebuild with this one"
    ))
}

/// Why a file cannot be used.
struct Unfit {
    /// The end of a sentence.
    why: String,
    lost: Option<LostRows>,
}

impl From<String> for Unfit {
    fn from(why: String) -> Self {
        Unfit { why, lost: None }
    }
}

/// How far the log is judged in the file; or why the file cannot be used, as the end of a sentence.
fn fitness(of: &Generation, found: &Recorded, log: &Connection) -> Result<Result<Cursor, Unfit>, StoreError> {
    if !of.file.try_exists()? {
        return Ok(Err("is missing".to_owned().into()));
    }
    if found.written_in.is_some() && found.written_in != boot_id() {
        return Ok(Err("was being written when the machine went down".to_owned().into()));
    }
    let cursor = match look_into(&of.file, found) {
        Ok(Ok(cursor)) => cursor,
        Ok(Err(why)) => return Ok(Err(why.into())),
        Err(error) if is_damage(&error) => return Ok(Err(format!("is damaged ({error})").into())),
        Err(error) => return Err(error.into()),
    };
    // The log is read last, since it grows meanwhile.
    let end = end::last_seq(log)?;
    if cursor.seq > end {
        let why = format!("reaches to {}, beyond the log's end at {end}, as after an older backup", cursor.seq);
        return Ok(Err(Unfit { why, lost: Some(LostRows { judged: cursor.seq, logged: end }) }));
    }
    Ok(Ok(cursor))
}

fn look_into(file: &Path, found: &Recorded) -> rusqlite::Result<Result<Cursor, String>> {
    let conn = connect::for_deriving(file)?;
    if let Some(why) = made_by_another(&conn)? {
        return Ok(Err(why));
    }
    let log_id: i64 = conn.query_row("SELECT log_id FROM made_of", [], |row| get(row, "log_id"))?;
    if log_id != found.log_id {
        return Ok(Err("is of another log".to_owned()));
    }
    read_first_pages(&conn)?;
    Ok(Ok(cursor(&conn)?))
}

/// Whether the file is at fault, not the disk, its rights or another process.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown),
        None => true,
    }
}

/// Makes a new, empty file and records it as the current one, unless another process did so since `seen`.
fn replace(directory: &Path, log: &mut Connection, seen: &Recorded) -> Result<(), StoreError> {
    let tx = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = recorded(&tx)?;
    if now.generation != seen.generation {
        return Ok(());
    }
    let number = make(directory, &now, &rejudging::taken(&tx)?, &[TABLES, INDEXES].concat())?;
    tx.execute("UPDATE derived_file SET generation = ?1, written_in = ?2", params![number, boot_id()])?;
    Ok(tx.commit()?)
}

/// Makes an empty file of this schema, with a number that no other has.
fn make(directory: &Path, of: &Recorded, decisions: &Rejudgements, schema: &str) -> Result<i64, StoreError> {
    let last = generations::numbers(directory)?.into_iter().max().unwrap_or(0);
    let number = last.max(of.generation) + 1;
    let mut conn = connect::create_derived(directory, &generations::file(directory, number))?;
    let tx = conn.transaction()?;
    tx.execute_batch(schema)?;
    tx.execute("INSERT INTO made_of (only, log_id, rules) VALUES (1, ?1, ?2)", params![of.log_id, RULES])?;
    rejudging::copy(&tx, decisions)?;
    tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}"))?;
    tx.commit()?;
    Ok(number)
}
