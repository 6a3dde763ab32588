//! How far the log is judged, as the derived file says.

use rusqlite::{Connection, Row};

use crate::domain::{Millis, Seq};
use crate::store::db::sql_types::get;

/// How far the log is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Up to and with this place.
    pub seq: Seq,
    /// The latest UTC day on which some of that was logged; 1970 if nothing is judged yet.
    pub day: Millis,
    /// The judge looks exposures up in the file up to here, whether they are judged or not: see
    /// [`JudgeFile::touch`](crate::store::JudgeFile::touch).
    pub touched: Seq,
}

/// Reads it.
pub(in crate::store) fn cursor(conn: &Connection) -> rusqlite::Result<Cursor> {
    let mut cursor = conn.prepare_cached("SELECT seq, day, touched FROM judge_cursor")?;
    let read =
        |row: &Row<'_>| Ok(Cursor { seq: get(row, "seq")?, day: get(row, "day")?, touched: get(row, "touched")? });
    cursor.query_row([], read)
}
