//! The versions of the derived file: its schema and the rules that its rows follow.

use rusqlite::{Connection, Row};

use crate::store::db::sql_types::get;

/// Marks a file as one that pixeld derived ("pxle").
pub(in crate::store) const APPLICATION_ID: i32 = 0x7078_6c65;

/// The tables.
pub(in crate::store) const TABLES: &str = include_str!("schema.sql");

/// The indexes that a rebuild adds last.
pub(in crate::store) const INDEXES: &str = include_str!("indexes.sql");

/// The version of `derived/schema.sql` and `derived/indexes.sql`. Count it up with every change there: pixeld derives all
/// again where it finds another version.
pub(in crate::store) const SCHEMA: i32 = 9;

/// The version of the rules. Count it up when the same log comes to yield other rows: pixeld derives all again where it
/// finds another version.
pub(in crate::store) const RULES: i32 = 5;

/// Why a derived file is not this version's, as the end of a sentence; none if it is. It is the connection's own file.
pub(in crate::store) fn made_by_another(derived: &Connection) -> rusqlite::Result<Option<String>> {
    let number = |sql: &str| derived.query_row(sql, [], |row| row.get::<_, i32>(0));
    if number("PRAGMA main.application_id")? != APPLICATION_ID || number("PRAGMA main.user_version")? != SCHEMA {
        return Ok(Some("was made by another version of pixeld".to_owned()));
    }
    let rules: i32 = derived.query_row("SELECT rules FROM made_of", [], |row: &Row<'_>| get(row, "rules"))?;
    Ok((rules != RULES).then(|| "was made by the rules of another version of pixeld".to_owned()))
}
