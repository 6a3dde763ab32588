//! How connections are opened: every pragma in one place, and the pool of read-only ones.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, migrate::migrate};

/// WAL lets readers go on while the writer commits; FULL syncs each commit before it is answered. Checkpoints run
/// outside the commit path (`checkpoint.rs`); the automatic one is only a backstop for a WAL past 64 MiB.
const WRITING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32768;
    PRAGMA wal_autocheckpoint = 16384;
";

const READING: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;
";

/// Opens the database for writing, makes it if it is not there, and brings it up to date.
pub(super) fn for_writing(file: &Path) -> Result<Connection, StoreError> {
    let mut conn = Connection::open(file)?;
    conn.execute_batch(WRITING)?;
    conn.set_prepared_statement_cache_capacity(128);
    migrate(&mut conn)?;
    Ok(conn)
}

/// Opens the database for reading; it must be there.
pub(super) fn for_reading(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    conn.execute_batch(READING)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// Makes the pool's read-only connections.
pub(super) struct Readers(pub PathBuf);

impl r2d2::ManageConnection for Readers {
    type Connection = Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Connection> {
        for_reading(&self.0)
    }

    fn is_valid(&self, conn: &mut Connection) -> rusqlite::Result<()> {
        conn.execute_batch("")
    }

    fn has_broken(&self, _: &mut Connection) -> bool {
        false
    }
}
