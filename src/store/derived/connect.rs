//! How the derived file is opened: every pragma of it in one place. The log's file is attached to it, or it to the log's.
//! The two share no table names, so queries need no schema prefix.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction};

use super::cursor::cursor;
use super::version::{INDEXES, SCHEMA};
use crate::store::FILE_NAME;
use crate::store::db::boot::is_noticed;
use crate::store::db::connect::{attach, escape, plan_once, reading, uri};
use crate::store::db::lock_file::own_like_log;
use crate::store::error::StoreError;

/// The derived file can be made again, so it is written for speed (`benches/README.md` has the figures). Its rows lie by
/// visitor, all over the file: small pages, since each row changes another one; and no syncs, so that a page that changes
/// often goes to the disk once. [`super::crash_mark`] says what happens after a power loss.
const DERIVING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA page_size = 1024;
    PRAGMA journal_mode = WAL;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 8192;
    PRAGMA journal_size_limit = 67108864;
";

/// For a derived file that a rebuild makes: no other connection reads it, and a crash leaves it useless. Its indexes may
/// take more memory to sort than there is.
const BUILDING: &str = "
    PRAGMA temp_store = FILE;
    PRAGMA threads = 2;
    PRAGMA main.locking_mode = EXCLUSIVE;
    PRAGMA main.journal_mode = OFF;
    PRAGMA main.synchronous = OFF;
    PRAGMA main.cache_size = -65536;
    PRAGMA log.cache_size = -8192;
";

/// How long a sync waits for readers.
const SYNC_PATIENCE: Duration = Duration::from_secs(2);

/// Creates an empty derived file, which the same users may read and write as the log's: root may run a command beside a
/// server that is not root's.
pub(in crate::store) fn create_derived(directory: &Path, derived: &Path) -> Result<Connection, StoreError> {
    let like = format!("mode=rwc&modeof={}", escape(&directory.join(FILE_NAME)));
    let flags = OpenFlags::SQLITE_OPEN_CREATE | DERIVED_FLAGS;
    let conn = Connection::open_with_flags(uri(derived, &like), flags)?;
    // Before it has a WAL, which SQLite gives to the same owner.
    own_like_log(directory, derived)?;
    deriving(conn).map_err(StoreError::from)
}

const DERIVED_FLAGS: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX).union(OpenFlags::SQLITE_OPEN_URI);

/// Opens a derived file for writing; it must exist.
pub(in crate::store) fn for_deriving(derived: &Path) -> rusqlite::Result<Connection> {
    deriving(Connection::open_with_flags(derived, DERIVED_FLAGS)?)
}

fn deriving(conn: Connection) -> rusqlite::Result<Connection> {
    conn.execute_batch(DERIVING)?;
    plan_once(&conn)?;
    conn.pragma_update(None, "synchronous", if is_noticed() { "OFF" } else { "NORMAL" })?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// Opens what the judge needs: a derived file for writing, with the log attached for reading.
pub(in crate::store) fn for_judging(derived: &Path, log: &Path) -> rusqlite::Result<Connection> {
    let conn = for_deriving(derived)?;
    attach(&conn, log, "log")?;
    conn.execute_batch("PRAGMA main.cache_size = -16384; PRAGMA log.cache_size = -2048")?;
    Ok(conn)
}

/// Opens a derived file that a rebuild makes, with the log attached. Nothing of it is safe before [`make_durable`].
pub(in crate::store) fn for_building(derived: &Path, log: &Path) -> rusqlite::Result<Connection> {
    let conn = for_judging(derived, log)?;
    conn.execute_batch(BUILDING)?;
    Ok(conn)
}

/// Syncs a derived file that was written without syncs. Returns whether it could: a connection that reads for long prevents
/// it. The caller makes sure that no other connection writes the file.
pub(in crate::store) fn sync(derived: &Connection) -> rusqlite::Result<bool> {
    derived.busy_timeout(SYNC_PATIENCE)?;
    derived.execute_batch("PRAGMA main.synchronous = FULL")?;
    // A checkpoint syncs only if it moves a page, and earlier ones have moved pages without a sync. So this changes a page:
    // writing the same version again counts up the file's change counter.
    derived.pragma_update(Some("main"), "user_version", SCHEMA)?;
    let is_busy: bool = derived.query_row("PRAGMA main.wal_checkpoint(TRUNCATE)", [], |row| row.get("busy"))?;
    Ok(!is_busy)
}

/// Finishes a derived file that a rebuild made: adds its indexes, syncs it, and makes it ready for many connections.
pub(in crate::store) fn make_durable(derived: &Connection) -> rusqlite::Result<()> {
    // Without a journal each commit syncs the whole file then.
    derived.execute_batch("PRAGMA main.synchronous = FULL")?;
    derived.execute_batch(&format!("BEGIN IMMEDIATE; {INDEXES} COMMIT;"))?;
    derived.execute_batch(DERIVING)
}

/// Opens a derived file for reading, with the log attached, to be compared with another one that is attached later.
pub(in crate::store) fn for_comparing(derived: &Path, log: &Path) -> rusqlite::Result<Connection> {
    let conn = reading(derived)?;
    attach(&conn, log, "log")?;
    Ok(conn)
}

/// Opens the log's file for reading; [`attach_derived`] attaches the derived file.
pub(in crate::store) fn for_reading(log: &Path) -> rusqlite::Result<Connection> {
    let conn = reading(log)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

pub(in crate::store) fn attach_derived(conn: &Connection, derived: &Path) -> rusqlite::Result<()> {
    attach(conn, derived, "derived")?;
    conn.execute_batch("PRAGMA main.cache_size = -3072; PRAGMA derived.cache_size = -5120")
}

/// Both files at one moment. A transaction takes its snapshot of a file when it first reads that file. The derived file
/// comes first, so that the log is never behind it.
pub(in crate::store) fn snapshot(conn: &Connection) -> rusqlite::Result<Transaction<'_>> {
    let snapshot = conn.unchecked_transaction()?;
    cursor(&snapshot)?;
    Ok(snapshot)
}

/// All tables of both files in one, for tests that ask how SQLite answers a query.
#[cfg(test)]
pub(in crate::store) fn in_memory() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    crate::store::db::migrate::migrate(&mut conn).unwrap();
    conn.execute_batch(super::version::TABLES).unwrap();
    conn.execute_batch(INDEXES).unwrap();
    crate::store::words::add_function(&conn).unwrap();
    conn
}
