//! Writes the audit log. Each change of a definition writes its entry in its own transaction: the stored columns before
//! and after. An entry never holds a secret, or anything derived from one.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value};

use crate::domain::{AuditAction, AuditObject, Caller};
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::{StoreError, Tx};

/// A row's columns and values, as stored.
pub(in crate::store) type Snapshot = Map<String, Value>;

/// Each table of definitions, the kind of object its rows are, and the column with the object's name.
const TABLES: &[(&str, AuditObject, &str)] = &[
    ("member", AuditObject::Member, "name"),
    ("users", AuditObject::User, "username"),
    ("tokens", AuditObject::Token, "name"),
    ("advertisers", AuditObject::Advertiser, "name"),
    ("publishers", AuditObject::Publisher, "name"),
    ("line_items", AuditObject::LineItem, "name"),
    ("campaigns", AuditObject::Campaign, "name"),
    ("pixels", AuditObject::Pixel, "name"),
    ("trackers", AuditObject::Tracker, "name"),
    ("segments", AuditObject::Segment, "short_name"),
    ("sources", AuditObject::Source, "name"),
    ("saved_reports", AuditObject::SavedReport, "name"),
    ("settings", AuditObject::Settings, "name"),
    ("costs", AuditObject::Cost, "day"),
    ("cost_runs", AuditObject::CostRun, "file_name"),
];

/// Parts of a row that another table holds: the row's table, the key in the entry, and the query that gives JSON.
const PARTS: &[(&str, &str, &str)] = &[
    (
        "pixels",
        "piggyback_pixels",
        "SELECT json_group_array(json_object('pixel_type', pixel_type, 'url', url) ORDER BY place)
        FROM pixel_piggybacks WHERE pixel_id = ?1",
    ),
    (
        "segments",
        "piggyback_pixels",
        "SELECT json_group_array(json_object('pixel_type', pixel_type, 'url', url) ORDER BY place)
        FROM segment_piggybacks WHERE segment_id = ?1",
    ),
    (
        "line_items",
        "pixels",
        "SELECT json_group_array(json_object('id', pixel_id, 'state', state, 'post_click_revenue', post_click_revenue,
            'post_view_revenue', post_view_revenue) ORDER BY place)
        FROM line_item_pixels WHERE line_item_id = ?1",
    ),
];

/// Columns that no entry holds: hashes of secrets, and times of the last use.
const OMITTED: &[&str] = &["password_hash", "secret_hash", "last_used", "last_sign_in"];

/// The row with this id, if there is one.
pub(in crate::store) fn snapshot(conn: &Connection, table: &str, id: i64) -> Result<Option<Snapshot>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("SELECT * FROM {table} WHERE id = ?1"))?;
    let Some(mut columns) = statement.query_row([id], columns_of).optional()? else { return Ok(None) };
    for (_, key, sql) in PARTS.iter().filter(|(of, ..)| *of == table) {
        let text: String = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
        columns.insert((*key).to_owned(), serde_json::from_str(&text).map_err(StoreError::fault)?);
    }
    Ok(Some(columns))
}

fn columns_of(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    let mut columns = Snapshot::new();
    for (index, name) in statement.column_names().enumerate() {
        if OMITTED.contains(&name) {
            continue;
        }
        let value = match row.get_ref(index)? {
            ValueRef::Integer(number) => number.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
            // No definition holds floats, and only secrets are blobs.
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
        };
        columns.insert(name.to_owned(), value);
    }
    Ok(columns)
}

/// Writes an entry for a row that was created, changed or deleted. A change of the stamp alone gets none.
pub(in crate::store) fn note(
    tx: &Tx<'_>,
    who: &Caller,
    table: &str,
    id: i64,
    before: Option<Snapshot>,
) -> Result<(), StoreError> {
    let after = snapshot(tx.conn, table, id)?;
    let action = match (&before, &after) {
        (None, None) => return Ok(()),
        (None, Some(_)) => AuditAction::Created,
        (Some(_), None) => AuditAction::Deleted,
        (Some(before), Some(after)) if same(before, after) => return Ok(()),
        (Some(_), Some(_)) => AuditAction::Changed,
    };
    write(tx, who, action, table, id, before, after)
}

/// Writes an entry for a row that was deleted for people, and stays in its table.
pub(in crate::store) fn note_deleted(
    tx: &Tx<'_>,
    who: &Caller,
    table: &str,
    id: i64,
    before: Option<Snapshot>,
) -> Result<(), StoreError> {
    write(tx, who, AuditAction::Deleted, table, id, before, None)
}

/// Writes an entry for a password that was set. It holds nothing of the password.
pub(in crate::store) fn note_password(tx: &Tx<'_>, who: &Caller, id: i64) -> Result<(), StoreError> {
    let user = snapshot(tx.conn, "users", id)?;
    write(tx, who, AuditAction::PasswordSet, "users", id, None, user)
}

/// Writes an entry for a session that its user or an admin ended. `session` holds nothing of its secret.
pub(in crate::store) fn note_session(tx: &Tx<'_>, who: &Caller, id: i64, session: Snapshot) -> Result<(), StoreError> {
    let user = snapshot(tx.conn, "users", id)?;
    let name = user.as_ref().and_then(|user| user.get("username")?.as_str()).unwrap_or("").to_owned();
    let session = [("username".to_owned(), name.into())].into_iter().chain(session).collect();
    write(tx, who, AuditAction::SessionEnded, "users", id, Some(session), None)
}

/// Writes an entry for settings that changed, if any did.
pub(in crate::store) fn note_settings(
    tx: &Tx<'_>,
    who: &Caller,
    before: Snapshot,
    after: Snapshot,
) -> Result<(), StoreError> {
    if after.is_empty() {
        return Ok(());
    }
    write(tx, who, AuditAction::Changed, "settings", 1, Some(before), Some(after))
}

/// A row before a deletion.
pub(in crate::store) struct RowBefore {
    table: &'static str,
    id: i64,
    columns: Option<Snapshot>,
}

impl RowBefore {
    pub(in crate::store) fn read(conn: &Connection, table: &'static str, id: i64) -> Result<Self, StoreError> {
        Ok(RowBefore { table, id, columns: snapshot(conn, table, id)? })
    }

    /// The rows of these tables that belong to an advertiser.
    pub(in crate::store) fn of_advertiser(
        conn: &Connection,
        tables: &[&'static str],
        advertiser: i64,
    ) -> Result<Vec<Self>, StoreError> {
        let mut rows = Vec::new();
        for table in tables {
            let mut statement = conn.prepare_cached(&format!("SELECT id FROM {table} WHERE advertiser_id = ?1"))?;
            let ids: Vec<i64> = statement.query_map([advertiser], |row| row.get("id"))?.collect::<Result<_, _>>()?;
            for id in ids {
                rows.push(RowBefore::read(conn, table, id)?);
            }
        }
        Ok(rows)
    }

    /// Writes the entry of the deletion.
    pub(in crate::store) fn note(self, tx: &Tx<'_>, who: &Caller) -> Result<(), StoreError> {
        note(tx, who, self.table, self.id, self.columns)
    }
}

/// The kind of object that the rows of a table are.
pub(in crate::store) fn object_of(table: &str) -> Option<AuditObject> {
    TABLES.iter().find(|(name, ..)| *name == table).map(|(_, object, _)| *object)
}

fn same(before: &Snapshot, after: &Snapshot) -> bool {
    let differs = |(name, value): (&String, &Value)| name != "last_modified" && before.get(name) != Some(value);
    !after.iter().any(differs)
}

fn write(
    tx: &Tx<'_>,
    who: &Caller,
    action: AuditAction,
    table: &str,
    id: i64,
    before: Option<Snapshot>,
    after: Option<Snapshot>,
) -> Result<(), StoreError> {
    let Some((_, object, name_column)) = TABLES.iter().find(|(name, ..)| *name == table) else {
        return Err(StoreError::Fault(format!("{table} is not kept in the audit log").into()));
    };
    let name = after.as_ref().or(before.as_ref()).and_then(|columns| columns.get(*name_column)?.as_str());
    let text = |columns: &Option<Snapshot>| columns.as_ref().map(|columns| Value::Object(columns.clone()).to_string());
    let row: [Column<'_>; 10] = [
        ("created_on", &tx.now),
        ("user_id", &who.user_id),
        ("token_id", &who.token_id),
        ("user_name", &who.name),
        ("action", &action),
        ("object_type", object),
        ("object_id", &id),
        ("object_name", &name.unwrap_or("")),
        ("before", &text(&before)),
        ("after", &text(&after)),
    ];
    columns::insert(tx.conn, "audit", &row)?;
    Ok(())
}
