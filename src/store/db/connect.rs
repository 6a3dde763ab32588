//! How the log's file is opened: every pragma of it in one place, and what all connections share.
//!
//! Only SQLite opens database files. POSIX drops all locks that a process has on a file when the process closes any
//! descriptor of it, and SQLite does not notice: another process could then delete the WAL under this one.

use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::migrate::{self, migrate};
use crate::store::error::{OpenError, StoreError};
use crate::store::words;

/// WAL lets readers go on while the writer commits. FULL syncs each commit before it is answered. Checkpoints run outside
/// the commit path (`upkeep/background.rs`); the automatic one is only a backstop for a WAL past 64 MiB.
const WRITING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;
    PRAGMA wal_autocheckpoint = 16384;
";

const READING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
";

/// Opens the log's file for writing, creates it if it does not exist, and brings it to this program's schema.
///
/// # Errors
/// [`OpenError::Refused`] for a file that this program must not write, and the error of `may_begin`, which is asked where
/// the file is new or empty. Then the file has not changed.
pub(in crate::store) fn open_log(
    file: &Path,
    may_begin: impl FnOnce() -> Result<(), OpenError>,
) -> Result<Connection, OpenError> {
    let conn = Connection::open(file).map_err(StoreError::from)?;
    conn.busy_timeout(Duration::from_secs(10)).map_err(StoreError::from)?;
    migrate::check(&conn)?;
    if migrate::is_new(&conn)? {
        may_begin()?;
    }
    let mut conn = writing(conn)?;
    migrate(&mut conn)?;
    Ok(conn)
}

/// Opens the log's file for writing. The store has opened it before.
pub(in crate::store) fn for_writing(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    writing(Connection::open_with_flags(file, flags)?)
}

fn writing(conn: Connection) -> Result<Connection, StoreError> {
    conn.execute_batch(WRITING)?;
    plan_once(&conn)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// Plans a statement when it is prepared, and not again for each value that is bound. SQLite would else look for a better
/// plan, at a tenth of the judge's time.
pub(in crate::store) fn plan_once(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

pub(in crate::store) fn reading(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(file, flags)?;
    conn.execute_batch(READING)?;
    plan_once(&conn)?;
    words::add_function(&conn)?;
    Ok(conn)
}

/// Attaches a file for reading. `BEGIN IMMEDIATE` leaves only such a file alone.
pub(in crate::store) fn attach(conn: &Connection, file: &Path, schema: &str) -> rusqlite::Result<()> {
    conn.execute(&format!("ATTACH ?1 AS {schema}"), [uri(file, "mode=ro")])?;
    Ok(())
}

pub(in crate::store) fn uri(file: &Path, parameters: &str) -> String {
    let host = if file.is_absolute() { "//" } else { "" };
    format!("file:{host}{}?{parameters}", escape(file))
}

pub(in crate::store) fn escape(file: &Path) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
    percent_encode(file.as_os_str().as_encoded_bytes(), KEPT).to_string()
}
