//! Tells whether another connection has written.

use rusqlite::Connection;

/// No data version: there was no look at the log yet.
pub(in crate::store) const UNKNOWN: i64 = -1;

/// A number that changes with every commit of another connection, in whichever process.
pub(in crate::store) fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get("data_version"))
}
