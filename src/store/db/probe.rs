//! Reads a little of everything in a file, to find coarse damage without reading all of it.

use rusqlite::{Connection, Row};

use super::sql_types::get;

/// Reads the first page of each table of the connection's own file. Damage further on shows when it is read, and to `pixeld
/// check`.
pub(in crate::store) fn read_first_pages(conn: &Connection) -> rusqlite::Result<()> {
    let mut tables = conn.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'")?;
    let tables = tables.query_map([], |row: &Row<'_>| get(row, "name"))?;
    for table in tables.collect::<rusqlite::Result<Vec<String>>>()? {
        conn.prepare(&format!("SELECT 1 FROM main.{table} LIMIT 1"))?.exists([])?;
    }
    Ok(())
}
