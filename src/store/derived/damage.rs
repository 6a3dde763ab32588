//! Damage of the current derived file that shows while the server runs, and what a start found beyond the log's end. Reads
//! and the judge suspect the file. `judge/mending.rs` looks for damage and derives the file again; the pages say so.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::Connection;

use super::generations::Generation;
use super::{cursor, is_damage};
use crate::domain::{Millis, Seq};
use crate::store::db::connect::reading;
use crate::store::db::probe::read_first_pages;
use crate::store::{Store, StoreError};

/// What is known of the damage.
#[derive(Default)]
pub(in crate::store) struct Damage {
    is_suspect: AtomicBool,
    mending: Mutex<Option<Mending>>,
    lost: OnceLock<LostRows>,
}

/// A damaged derived file that is derived again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// When the damage was found.
    pub since: Millis,
    /// The damage, in SQLite's words.
    pub damage: String,
    /// The damaged file.
    pub file: PathBuf,
    /// Why it is not derived again at the moment; none while it is.
    pub waits: Option<String>,
}

impl fmt::Display for Mending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.file_name().unwrap_or_default().display();
        let what = format_args!("the derived file {file} is damaged ({})", self.damage);
        match &self.waits {
            None => write!(f, "{what}, and pixeld derives it from the log again"),
            Some(why) => write!(f, "{what}, and pixeld cannot derive it again now: {why}"),
        }
    }
}

/// Rows that the derived file knew and the log does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostRows {
    /// The last row that was judged.
    pub judged: Seq,
    /// The log's last row.
    pub logged: Seq,
}

impl Damage {
    /// Notes an error that damage of the derived file may have caused.
    pub(in crate::store) fn suspect(&self) {
        self.is_suspect.store(true, Ordering::Relaxed);
    }

    fn mending(&self) -> MutexGuard<'_, Option<Mending>> {
        self.mending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error of a read, in words for people while the damaged file is derived again.
    pub(in crate::store) fn explain(&self, error: StoreError) -> StoreError {
        match &*self.mending() {
            Some(mending) if error.may_stick() => StoreError::Unreadable(mending.to_string().into()),
            Some(_) | None => error,
        }
    }

    pub(in crate::store) fn lost(&self, lost: Option<LostRows>) {
        if let Some(lost) = lost {
            let _ = self.lost.set(lost);
        }
    }
}

impl Store {
    /// Notes an error of the judge, which damage of the derived file may have caused.
    pub fn suspect_derived(&self, error: &StoreError) {
        if error.may_stick() {
            self.0.derived.damage.suspect();
        }
    }

    /// Whether an error has made the derived file suspect since the last call, or the file is not there any more.
    pub fn take_suspicion(&self) -> bool {
        self.0.derived.damage.is_suspect.swap(false, Ordering::Relaxed) || self.0.derived.current().check().is_err()
    }

    /// Looks for damage of the current derived file, in SQLite's words, with a fresh connection. It reads the whole file, and
    /// blocks.
    ///
    /// # Errors
    /// The file cannot be read for another reason.
    pub fn derived_damage(&self) -> Result<Option<String>, StoreError> {
        let current = self.0.derived.current();
        if current.number == 0 {
            return Ok(None);
        }
        if let Err(error) = current.check() {
            return Ok(Some(error.cause()));
        }
        match damage(&current) {
            Ok(text) => Ok(Some(text).filter(|text| text != "ok")),
            Err(error) if is_damage(&error) => Ok(Some(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// The present derivation of a damaged file.
    pub fn mending(&self) -> Option<Mending> {
        self.0.derived.damage.mending().clone()
    }

    /// Publishes it for the pages.
    pub fn set_mending(&self, mending: Option<Mending>) {
        *self.0.derived.damage.mending() = mending;
    }

    /// The rows that were missing in the log when the server started.
    pub fn lost_rows(&self) -> Option<LostRows> {
        self.0.derived.damage.lost.get().copied()
    }
}

fn damage(current: &Generation) -> rusqlite::Result<String> {
    let conn: Connection = reading(&current.file)?;
    read_first_pages(&conn)?;
    cursor::cursor(&conn)?;
    conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
}
