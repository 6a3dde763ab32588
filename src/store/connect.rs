//! How connections are opened: every pragma in one place. The log and the definitions
//! stand in one file, all that is derived from the log in another, attached to it: names of tables are the same in
//! neither, so they need no schema's name before them.

use std::fs::File;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::derived::INDEXES;
use super::{StoreError, judging, migrate::migrate, unsynced};

/// WAL lets readers go on while the writer commits; FULL syncs each commit before it is answered. Checkpoints run
/// outside the commit path (`checkpoint.rs`); the automatic one is only a backstop for a WAL past 64 MiB.
const WRITING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;
    PRAGMA wal_autocheckpoint = 16384;
";

/// What is derived can be made anew, so it is written for speed (the figures are in `benches/README.md`). Its rows lie by
/// visitor, all over the file: small pages, of which less is copied for each; and no syncs, so that what changes often
/// goes to the disk once (see [`super::unsynced`] for what becomes of it when the power goes).
const DERIVING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA page_size = 1024;
    PRAGMA journal_mode = WAL;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 8192;
    PRAGMA journal_size_limit = 67108864;
";

/// Nobody else reads a file in the making, and after a crash nobody wants it. What its indexes are sorted by may be more
/// than memory holds.
const BUILDING: &str = "
    PRAGMA temp_store = FILE;
    PRAGMA threads = 2;
    PRAGMA main.locking_mode = EXCLUSIVE;
    PRAGMA main.journal_mode = OFF;
    PRAGMA main.synchronous = OFF;
    PRAGMA main.cache_size = -65536;
    PRAGMA log.cache_size = -8192;
";

const READING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
";

/// Opens the log's file for writing, makes it if it is not there, and brings it up to date.
pub(super) fn for_writing(file: &Path) -> Result<Connection, StoreError> {
    let mut conn = Connection::open(file)?;
    conn.execute_batch(WRITING)?;
    plan_once(&conn)?;
    conn.set_prepared_statement_cache_capacity(128);
    migrate(&mut conn)?;
    Ok(conn)
}

/// A statement is planned when it is prepared, and not anew for each value that is bound: SQLite would else look whether
/// that makes a better plan, at a tenth of the judge's time.
fn plan_once(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Opens a derived file for writing; it must be there.
pub(super) fn for_deriving(derived: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(derived, flags)?;
    conn.execute_batch(DERIVING)?;
    plan_once(&conn)?;
    conn.pragma_update(None, "synchronous", if unsynced::is_noticed() { "OFF" } else { "NORMAL" })?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// Opens what the judge needs: a derived file for writing, with the log beside it for reading.
pub(super) fn for_judging(derived: &Path, log: &Path) -> rusqlite::Result<Connection> {
    let conn = for_deriving(derived)?;
    attach(&conn, log, "log")?;
    conn.execute_batch("PRAGMA main.cache_size = -16384; PRAGMA log.cache_size = -2048")?;
    Ok(conn)
}

/// Opens a derived file in the making, with the log beside it: nothing of it is safe before [`make_durable`].
pub(super) fn for_building(derived: &Path, log: &Path) -> rusqlite::Result<Connection> {
    let conn = for_judging(derived, log)?;
    conn.execute_batch(BUILDING)?;
    Ok(conn)
}

/// Makes a file that was built safe, and ready to be used.
pub(super) fn make_durable(conn: Connection, derived: &Path) -> Result<(), StoreError> {
    conn.execute_batch(INDEXES)?;
    conn.execute_batch(DERIVING)?;
    conn.close().map_err(|(_, error)| error)?;
    File::open(derived)?.sync_all()?;
    Ok(())
}

/// Opens a derived file for reading, with the log beside it, to be compared with another that is attached later.
pub(super) fn for_comparing(derived: &Path, log: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(derived, flags)?;
    conn.execute_batch(READING)?;
    plan_once(&conn)?;
    attach(&conn, log, "log")?;
    Ok(conn)
}

/// Opens the log and a derived file for reading; both must be there.
pub(super) fn for_reading(log: &Path, derived: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(log, flags)?;
    conn.execute_batch(READING)?;
    plan_once(&conn)?;
    conn.set_prepared_statement_cache_capacity(128);
    attach_derived(&conn, derived)?;
    Ok(conn)
}

pub(super) fn attach_derived(conn: &Connection, derived: &Path) -> rusqlite::Result<()> {
    attach(conn, derived, "derived")?;
    conn.execute_batch("PRAGMA main.cache_size = -3072; PRAGMA derived.cache_size = -5120")
}

/// Attaches a file for reading. Only so does `BEGIN IMMEDIATE` leave it alone.
pub(super) fn attach(conn: &Connection, file: &Path, schema: &str) -> rusqlite::Result<()> {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
    let host = if file.is_absolute() { "//" } else { "" };
    let path = percent_encode(file.as_os_str().as_encoded_bytes(), KEPT);
    conn.execute(&format!("ATTACH ?1 AS {schema}"), [format!("file:{host}{path}?mode=ro")])?;
    Ok(())
}

/// One moment of both files. A transaction takes its snapshot of a file when it first reads it: the derived one is read
/// first, so that the log is never behind what was derived from it.
pub(super) fn snapshot(conn: &Connection) -> rusqlite::Result<Transaction<'_>> {
    let snapshot = conn.unchecked_transaction()?;
    judging::cursor(&snapshot)?;
    Ok(snapshot)
}

/// Both files' tables in one, for tests that ask how a query is answered.
#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    migrate(&mut conn).unwrap();
    conn.execute_batch(super::derived::TABLES).unwrap();
    conn.execute_batch(INDEXES).unwrap();
    conn
}
