//! Statements that several tests run on the two database files. A renamed column breaks this file and the oracle's reader
//! of the log (`judge::oracle`), not every test.

use rusqlite::Connection;

/// How many rows a table has.
pub fn count(conn: &Connection, table: &str) -> i64 {
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// The place in the log up to which the judge has judged.
pub fn judge_cursor(conn: &Connection) -> i64 {
    conn.query_row("SELECT seq FROM judge_cursor", [], |row| row.get(0)).unwrap()
}

/// The number of the current derived file.
pub fn generation(conn: &Connection) -> i64 {
    conn.query_row("SELECT generation FROM derived_file", [], |row| row.get(0)).unwrap()
}

/// Makes another file the current derived file.
pub fn set_generation(conn: &Connection, generation: i64) {
    conn.execute("UPDATE main.derived_file SET generation = ?1", [generation]).unwrap();
}

/// The mark of a derived file that has unsynced changes.
pub fn written_in(conn: &Connection) -> Option<String> {
    conn.query_row("SELECT written_in FROM derived_file", [], |row| row.get(0)).unwrap()
}

/// Marks the derived file as one that a run left with unsynced changes.
pub fn mark_written(conn: &Connection, run: &str) {
    conn.execute("UPDATE derived_file SET written_in = ?1", [run]).unwrap();
}

/// Deletes the conversions of an order behind the back of the judge.
pub fn delete_conversions(conn: &Connection, order: &str) -> usize {
    conn.execute("DELETE FROM conversions WHERE order_id = ?1", [order]).unwrap()
}
