//! The rows of an entry of the bin: read before a deletion, kept as JSON, and inserted again.

use std::collections::{BTreeSet, HashMap};

use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, Row, params, params_from_iter};
use serde_json::{Map, Value, json};

use crate::store::StoreError;

/// Names no table: the advertiser whose default pixel a deleted pixel was.
pub(super) const DEFAULT_PIXEL: &str = "default pixel";
/// Rows that end with their owner: a restore signs no user in again.
const ENDED: &[&str] = &["sessions"];
/// How far rows go with rows that go with a row.
const MOST_STEPS: usize = 3;

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BinRow {
    pub(super) table: String,
    /// The object that it is, or is a part of.
    pub(super) object: i64,
    pub(super) columns: Map<String, Value>,
}

/// A reference from a column to a column of another table.
pub(super) struct Reference {
    pub(super) table: String,
    pub(super) from: String,
    pub(super) to: String,
}

/// The rows that a deletion removes: first the object, then what goes with it, each after what it needs, then the parts.
pub(super) fn going(
    conn: &Connection,
    table: &str,
    id: i64,
    cascade: &[&'static str],
) -> Result<Vec<BinRow>, StoreError> {
    let mut rows = read(conn, table, "id", id, id)?;
    // They are deleted in this order, so that none needs another that is gone.
    for table in cascade.iter().rev() {
        rows.extend(read(conn, table, "advertiser_id", id, id)?);
    }
    let mut seen: BTreeSet<String> = rows.iter().map(BinRow::key).collect();
    let (mut last, mut known) = (0, HashMap::new());
    for _ in 0..MOST_STEPS {
        let mut parts = Vec::new();
        for row in rows.get(last..).unwrap_or_default() {
            if !known.contains_key(&row.table) {
                known.insert(row.table.clone(), cascading(conn, &row.table)?);
            }
            for Reference { table, from, to } in known.get(&row.table).into_iter().flatten() {
                let Some(value) = row.columns.get(to).and_then(Value::as_i64) else { continue };
                parts.extend(read(conn, table, from, value, row.object)?);
            }
        }
        last = rows.len();
        rows.extend(parts.into_iter().filter(|part| seen.insert(part.key())));
    }
    if table == "pixels" {
        rows.extend(default_of(conn, id)?);
    }
    Ok(rows)
}

/// The rows of a table with this value in a column. A row without an id is a part of `owner`.
fn read(conn: &Connection, table: &str, column: &str, value: i64, owner: i64) -> Result<Vec<BinRow>, StoreError> {
    let sql = format!("SELECT * FROM {table} WHERE {column} = ?1 ORDER BY 1, 2");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([value], columns_of)?.collect::<Result<Vec<_>, _>>()?;
    let row = |columns: Map<String, Value>| BinRow {
        table: table.to_owned(),
        object: columns.get("id").and_then(Value::as_i64).unwrap_or(owner),
        columns,
    };
    Ok(rows.into_iter().map(row).collect())
}

fn columns_of(row: &Row<'_>) -> rusqlite::Result<Map<String, Value>> {
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    let mut columns = Map::new();
    for (index, name) in statement.column_names().enumerate() {
        let value = match row.get_ref(index)? {
            ValueRef::Integer(number) => number.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
            ValueRef::Blob(bytes) => json!({ "hex": hex::encode(bytes) }),
            // No definition holds floats.
            ValueRef::Null | ValueRef::Real(_) => Value::Null,
        };
        columns.insert(name.to_owned(), value);
    }
    Ok(columns)
}

/// The advertiser whose default pixel this is.
fn default_of(conn: &Connection, pixel: i64) -> Result<Vec<BinRow>, StoreError> {
    let sql = "SELECT a.id FROM pixels p JOIN advertisers a ON a.id = p.advertiser_id AND a.default_pixel_id = p.id
        WHERE p.id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let advertisers = statement.query_map([pixel], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let row = |advertiser: i64| BinRow {
        table: DEFAULT_PIXEL.to_owned(),
        object: pixel,
        columns: [("advertiser_id".to_owned(), advertiser.into())].into_iter().collect(),
    };
    Ok(advertisers.into_iter().map(row).collect())
}

/// The references to this table whose rows SQLite deletes along.
fn cascading(conn: &Connection, table: &str) -> Result<Vec<Reference>, StoreError> {
    let sql =
        "SELECT s.name, f.\"from\", coalesce(f.\"to\", 'id') FROM sqlite_schema s, pragma_foreign_key_list(s.name) f
        WHERE s.type = 'table' AND f.\"table\" = ?1 AND f.on_delete = 'CASCADE' ORDER BY s.name";
    let mut references = list(conn, sql, table)?;
    references.retain(|reference| !ENDED.contains(&reference.table.as_str()));
    Ok(references)
}

/// What the rows of this table refer to.
pub(super) fn references(conn: &Connection, table: &str) -> Result<Vec<Reference>, StoreError> {
    let sql = "SELECT \"table\", \"from\", coalesce(\"to\", 'id') FROM pragma_foreign_key_list(?1)";
    list(conn, sql, table)
}

fn list(conn: &Connection, sql: &str, table: &str) -> Result<Vec<Reference>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let reference = |row: &Row<'_>| Ok(Reference { table: row.get(0)?, from: row.get(1)?, to: row.get(2)? });
    Ok(statement.query_map([table], reference)?.collect::<Result<_, _>>()?)
}

impl BinRow {
    fn key(&self) -> String {
        format!("{} {}", self.table, Value::Object(self.columns.clone()))
    }

    pub(super) fn text(&self, column: &str) -> Option<&str> {
        self.columns.get(column)?.as_str()
    }

    pub(super) fn keep(&self, conn: &Connection, entry: i64, place: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO bin_rows (bin_id, place, table_name, object_id, columns) VALUES (?1, ?2, ?3, ?4, ?5)";
        let columns = Value::Object(self.columns.clone()).to_string();
        conn.prepare_cached(sql)?.execute(params![entry, place, self.table, self.object, columns])?;
        Ok(())
    }

    /// Puts the row back into its table.
    pub(super) fn insert(&self, conn: &Connection) -> Result<(), StoreError> {
        if self.table == DEFAULT_PIXEL {
            let sql = "UPDATE advertisers SET default_pixel_id = ?2 WHERE id = ?1 AND default_pixel_id IS NULL";
            let advertiser = self.columns.get("advertiser_id").and_then(Value::as_i64);
            conn.prepare_cached(sql)?.execute(params![advertiser, self.object])?;
            return Ok(());
        }
        let names: Vec<&str> = self.columns.keys().map(String::as_str).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", self.table, names.join(", "));
        let values = self.columns.values().map(to_sql).collect::<Result<Vec<_>, _>>()?;
        conn.prepare_cached(&sql)?.execute(params_from_iter(values))?;
        Ok(())
    }
}

fn to_sql(value: &Value) -> Result<SqlValue, StoreError> {
    match value {
        Value::Null => Ok(SqlValue::Null),
        Value::Number(number) => number.as_i64().map(SqlValue::Integer).ok_or_else(|| StoreError::fault(number)),
        Value::String(text) => Ok(SqlValue::Text(text.clone())),
        Value::Object(blob) => {
            let bytes = blob.get("hex").and_then(Value::as_str).map(hex::decode);
            bytes.and_then(Result::ok).map(SqlValue::Blob).ok_or_else(|| StoreError::fault("a row of the bin"))
        }
        Value::Bool(_) | Value::Array(_) => Err(StoreError::fault("a row of the bin")),
    }
}

/// The rows of an entry, in their order.
pub(super) fn of_entry(conn: &Connection, entry: i64) -> Result<Vec<BinRow>, StoreError> {
    let sql = "SELECT table_name, object_id, columns FROM bin_rows WHERE bin_id = ?1 ORDER BY place";
    let mut statement = conn.prepare_cached(sql)?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?));
    let rows = statement.query_map([entry], read)?.collect::<Result<Vec<(String, i64, String)>, _>>()?;
    let row = |(table, object, text): (String, i64, String)| {
        let columns = serde_json::from_str(&text).map_err(StoreError::fault)?;
        Ok(BinRow { table, object, columns })
    };
    rows.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::derived::connect;

    #[test]
    fn a_row_comes_back_as_it_was() {
        let conn = connect::in_memory();
        conn.execute_batch("CREATE TABLE odd (id INTEGER PRIMARY KEY, a TEXT, b BLOB, c INTEGER, d TEXT)").unwrap();
        let add = "INSERT INTO odd VALUES (7, 'ü\"', x'00ff', -9223372036854775808, NULL)";
        conn.execute(add, []).unwrap();
        let rows = read(&conn, "odd", "id", 7, 7).unwrap();
        conn.execute("INSERT INTO bin VALUES (3, 0, '', 'pixel', 7, '', NULL)", []).unwrap();
        rows[0].keep(&conn, 3, 0).unwrap();
        conn.execute("DELETE FROM odd", []).unwrap();
        let kept = of_entry(&conn, 3).unwrap();
        assert_eq!(kept, rows);
        kept[0].insert(&conn).unwrap();
        assert_eq!(read(&conn, "odd", "id", 7, 7).unwrap(), rows);
    }

    #[test]
    fn parts_of_parts_go_along_once_and_sessions_do_not() {
        let conn = connect::in_memory();
        for sql in [
            "INSERT INTO advertisers VALUES (1, NULL, 'Shop', 'active', 'EUR', 'UTC', '', 0, NULL, 0, 0)",
            "INSERT INTO line_items (id, advertiser_id, name, state, created_on, last_modified)
                VALUES (4, 1, 'Autumn', 'active', 0, 0)",
            "INSERT INTO tracking_setups VALUES (1, 'https://a.example', 'purchase', 9, NULL, 0, 1, 0)",
            "INSERT INTO tracking_channels VALUES (1, 'google', 4)",
            "INSERT INTO users (id, username, password_hash, role, advertiser_id, state, created_on, last_modified)
                VALUES (5, 'ann', 'x', 'viewer', 1, 'active', 0, 0)",
            "INSERT INTO sessions (secret_hash, kind, user_id, created_on, last_used) VALUES (x'00', 'api', 5, 0, 0)",
        ] {
            conn.execute(sql, []).unwrap();
        }
        let rows = going(&conn, "advertisers", 1, &["line_items", "users"]).unwrap();
        let tables: Vec<(&str, i64)> = rows.iter().map(|row| (row.table.as_str(), row.object)).collect();
        let expected =
            [("advertisers", 1), ("users", 5), ("line_items", 4), ("tracking_setups", 1), ("tracking_channels", 4)];
        assert_eq!(tables, expected);
    }
}
