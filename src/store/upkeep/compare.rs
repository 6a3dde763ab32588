//! Compares the current derived file row by row with one that was just derived from the same part of the log, for
//! `pixeld check`. It changes neither file. It finds rows by their keys in order, so a long log takes no more memory.

use rusqlite::Connection;

use super::rebuild::Rebuilding;
use super::verify::{Fault, broken};
use crate::domain::{Millis, Seq};
use crate::store::StoreError;
use crate::store::db::connect;
use crate::store::db::sql_types::get;
use crate::store::derived::connect::for_comparing;
use crate::store::derived::cursor::{self, Cursor};
use crate::store::judge::JudgeFile;
use crate::store::judge::sweep::LATE_DAYS;

/// A snapshot of the current derived file.
pub struct CurrentFile {
    conn: Connection,
    cursor: Cursor,
}

/// A table, with the columns of its key and the others.
struct Table {
    name: String,
    key: Vec<String>,
    rest: Vec<String>,
}

impl Rebuilding {
    /// A snapshot of the current file. Keep it for a short time: the file's WAL grows meanwhile.
    ///
    /// # Errors
    /// Database faults.
    pub fn current_file(&self) -> Result<CurrentFile, StoreError> {
        let current = self.store().0.derived.current();
        let conn = for_comparing(&current.file, self.store().file())?;
        conn.execute_batch("BEGIN")?;
        let cursor = cursor::cursor(&conn)?;
        Ok(CurrentFile { conn, cursor })
    }
}

impl CurrentFile {
    /// The last row of the log that this file has judged.
    pub fn cursor(&self) -> Seq {
        self.cursor.seq
    }

    /// Compares it with a file that is judged up to the same row, and swept. Returns the differences.
    ///
    /// # Errors
    /// Database faults.
    pub fn compare(&self, other: JudgeFile) -> Result<Vec<Fault>, StoreError> {
        let file = other.close()?;
        connect::attach(&self.conn, &file, "made")?;
        let mut faults = Vec::new();
        for table in tables(&self.conn)? {
            let name = &table.name;
            let (differs, lacks, has) = (self.differing(&table), self.missing(&table), self.needless(&table));
            for (what, sql) in [
                (format!("rows of {name} are not as the log yields them"), differs),
                (format!("rows of {name} that the log yields are missing"), lacks),
                (format!("rows of {name} do not follow from the log"), has),
            ] {
                faults.extend(broken(&self.conn, &what, &sql)?);
            }
        }
        Ok(faults)
    }

    fn differing(&self, Table { name, key, rest }: &Table) -> String {
        let columns = |of: &str| rest.iter().map(|column| format!("{of}.{column}")).collect::<Vec<_>>().join(", ");
        let differ = match rest.as_slice() {
            [] => "0".to_owned(),
            _ => format!("({}) IS NOT ({})", columns("a"), columns("b")),
        };
        format!("SELECT a.{} FROM main.{name} a CROSS JOIN made.{name} b ON {} WHERE {differ}", key[0], same(key))
    }

    fn missing(&self, Table { name, key, .. }: &Table) -> String {
        let is_there = format!("EXISTS (SELECT 1 FROM main.{name} a WHERE {})", same(key));
        // An earlier version removed the members of a segment together with it.
        let is_over = if name == "memberships" { self.was_deleted("b") } else { "0".to_owned() };
        format!("SELECT b.{} FROM made.{name} b WHERE NOT {is_there} AND NOT {is_over}", key[0])
    }

    /// Ignores expired rows that have not been swept yet.
    fn needless(&self, Table { name, key, .. }: &Table) -> String {
        let Cursor { day, .. } = self.cursor;
        let is_there = format!("EXISTS (SELECT 1 FROM made.{name} b WHERE {})", same(key));
        let is_over = match name.as_str() {
            "memberships" => format!("(a.expires_at <= {} OR {})", day.0, self.was_deleted("a")),
            "segment_visitors" => format!("a.day < {}", day.plus(-LATE_DAYS * Millis::DAY).0),
            _ => "0".to_owned(),
        };
        format!("SELECT a.{} FROM main.{name} a WHERE NOT {is_there} AND NOT {is_over}", key[0])
    }
}

impl CurrentFile {
    /// Whether the segment of a membership was deleted once.
    fn was_deleted(&self, of: &str) -> String {
        format!(
            "EXISTS (SELECT 1 FROM log.segment_versions v
                WHERE v.segment_id = {of}.segment_id AND v.deleted AND v.seq <= {})",
            self.cursor.seq.0
        )
    }
}

fn same(key: &[String]) -> String {
    key.iter().map(|column| format!("a.{column} = b.{column}")).collect::<Vec<_>>().join(" AND ")
}

fn tables(conn: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut names =
        conn.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")?;
    let names = names.query_map([], |row| get(row, "name"))?.collect::<Result<Vec<String>, _>>()?;
    names.into_iter().map(|name| table(conn, name)).collect()
}

fn table(conn: &Connection, name: String) -> rusqlite::Result<Table> {
    let mut columns = conn.prepare("SELECT name, pk FROM pragma_table_info(?1, 'main')")?;
    let columns = columns.query_map([&name], |row| Ok((get(row, "name")?, get(row, "pk")?)))?;
    let columns = columns.collect::<Result<Vec<(String, i64)>, _>>()?;
    let (key, rest): (Vec<_>, Vec<_>) = columns.into_iter().partition(|(_, key_index)| *key_index > 0);
    let names = |columns: Vec<(String, i64)>| columns.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let (mut key, rest) = (names(key), names(rest));
    if key.is_empty() {
        key.push("rowid".to_owned());
    }
    Ok(Table { name, key, rest })
}
