//! The audit log. Each change of a definition writes its entry in its own transaction: the stored columns before and
//! after. An entry never holds a secret, or anything derived from one.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use super::entity::Entity;
use super::list::{self, ListQuery, Listed, Page};
use super::sql_types::get;
use super::{Store, StoreError, Tx};
use crate::domain::{Admin, AuditAction, AuditEntry, AuditObject, Caller, Field, Reader, Scope, fields};

/// A row's columns and values, as stored.
pub(super) type Snapshot = Map<String, Value>;

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
    ("saved_reports", AuditObject::SavedReport, "name"),
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

/// Columns that no entry holds: hashes of secrets, and columns that change with mere use.
const LEFT_OUT: &[&str] = &["password_hash", "secret_hash", "last_used"];

/// The row with this id, if there is one.
pub(super) fn snapshot(conn: &Connection, table: &str, id: i64) -> Result<Option<Snapshot>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("SELECT * FROM {table} WHERE id = ?1"))?;
    let Some(mut columns) = statement.query_row([id], columns).optional()? else { return Ok(None) };
    for (_, key, sql) in PARTS.iter().filter(|(of, ..)| *of == table) {
        let text: String = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
        columns.insert((*key).to_owned(), serde_json::from_str(&text).map_err(StoreError::fault)?);
    }
    Ok(Some(columns))
}

fn columns(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    let mut columns = Snapshot::new();
    for (place, name) in statement.column_names().enumerate() {
        if LEFT_OUT.contains(&name) {
            continue;
        }
        let value = match row.get_ref(place)? {
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
pub(super) fn note(
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

/// Writes an entry for a password that was set. It holds nothing of the password.
pub(super) fn note_password(tx: &Tx<'_>, who: &Caller, id: i64) -> Result<(), StoreError> {
    let user = snapshot(tx.conn, "users", id)?;
    write(tx, who, AuditAction::PasswordSet, "users", id, None, user)
}

/// A row that its advertiser's deletion takes along: table, id, and the columns before.
pub(super) type Going = (&'static str, i64, Option<Snapshot>);

/// The rows of these tables that belong to an advertiser.
pub(super) fn going_with(
    conn: &Connection,
    tables: &[&'static str],
    advertiser: i64,
) -> Result<Vec<Going>, StoreError> {
    let mut going = Vec::new();
    for table in tables {
        let mut statement = conn.prepare_cached(&format!("SELECT id FROM {table} WHERE advertiser_id = ?1"))?;
        let ids: Vec<i64> = statement.query_map([advertiser], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for id in ids {
            going.push((*table, id, snapshot(conn, table, id)?));
        }
    }
    Ok(going)
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
    let sql = "INSERT INTO audit (created_on, user_id, token_id, user_name, action, object_type, object_id,
        object_name, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    tx.conn.prepare_cached(sql)?.execute(params![
        tx.now,
        who.user_id,
        who.token_id,
        who.name,
        action,
        object,
        id,
        name.unwrap_or(""),
        text(&before),
        text(&after),
    ])?;
    Ok(())
}

impl Listed for AuditEntry {
    const WHAT: &'static str = "audit entry";
    const TABLE: &'static str = "audit";
    const NAME: &'static str = "object_name";
    const FIELDS: &'static [Field] = fields::AUDIT;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(AuditEntry {
            id: get(row, "id")?,
            created_on: get(row, "created_on")?,
            user_id: get(row, "user_id")?,
            token_id: get(row, "token_id")?,
            user_name: get(row, "user_name")?,
            action: get(row, "action")?,
            object_type: get(row, "object_type")?,
            object_id: get(row, "object_id")?,
            object_name: get(row, "object_name")?,
            before: get(row, "before")?,
            after: get(row, "after")?,
        })
    }
}

/// Each name once, found by jumps in the index from one name to the next. `SELECT DISTINCT` would read every entry.
const AUDITORS: &str = "WITH RECURSIVE names (name) AS (
        SELECT min(user_name) FROM audit
        UNION ALL
        SELECT (SELECT min(user_name) FROM audit WHERE user_name > name) FROM names WHERE name IS NOT NULL)
    SELECT name FROM names WHERE name IS NOT NULL ORDER BY name COLLATE NOCASE LIMIT 1000";

impl Store {
    /// The name of the user or token that changed this object last. None if no entry tells, or the caller may not see
    /// the object.
    ///
    /// # Errors
    /// Database faults.
    pub async fn last_changed_by<E: Entity>(&self, by: &Reader, id: i64) -> Result<Option<String>, StoreError> {
        let object = TABLES.iter().find(|(table, ..)| *table == E::TABLE).map(|(_, object, _)| *object);
        let own = by.scope().advertiser();
        self.look_up(move |conn| {
            let sql = format!(
                "SELECT user_name FROM audit WHERE object_type = ?1 AND object_id = ?2
                    AND EXISTS (SELECT 1 FROM {} WHERE id = ?2 AND (?3 IS NULL OR {}))
                ORDER BY audit.id DESC LIMIT 1",
                E::TABLE,
                E::SCOPE.replace('?', "?3"),
            );
            let mut statement = conn.prepare_cached(&sql)?;
            Ok(statement.query_row(params![object, id, own], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// The names of all users and tokens that changed anything, as written at the time, in order. At most 1,000.
    ///
    /// # Errors
    /// Database faults.
    pub async fn auditors(&self, _: &Admin) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            Ok(conn.prepare_cached(AUDITORS)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A page of the audit log: newest first, unless the query sorts otherwise.
    ///
    /// # Errors
    /// Database faults.
    pub async fn audit(&self, _: &Admin, mut query: ListQuery) -> Result<Page<AuditEntry>, StoreError> {
        if query.sort.is_empty() {
            query.sort.extend(fields::AUDIT.iter().find(|field| field.name == "id").map(|field| (field, true)));
        }
        self.read(move |conn| list::list(conn, Scope::All, &query)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::connect;

    #[test]
    fn each_auditor_is_found_once_by_the_index() {
        let conn = connect::in_memory();
        let add = "INSERT INTO audit (created_on, user_name, action, object_type, object_id, object_name)
            VALUES (0, ?1, 'created', 'pixel', 1, '')";
        for name in ["bob", "ann", "Carl", "bob", "ann", "Ann"] {
            conn.execute(add, [name]).unwrap();
        }
        let column = |sql: &str, column: usize| -> Vec<String> {
            let mut statement = conn.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(column)).unwrap().map(Result::unwrap).collect()
        };
        let mut names = column(AUDITORS, 0);
        assert!(names.is_sorted_by_key(|name| name.to_lowercase()), "{names:?}");
        names.sort();
        assert_eq!(names, ["Ann", "Carl", "ann", "bob"]);

        let plan = column(&format!("EXPLAIN QUERY PLAN {AUDITORS}"), 3);
        let of_audit: Vec<_> = plan.iter().filter(|step| step.contains(" audit")).collect();
        assert_eq!(of_audit.len(), 2, "{plan:?}");
        let by_index = |step: &&String| step.starts_with("SEARCH audit USING COVERING INDEX audit_user_name");
        assert!(of_audit.iter().all(by_index), "{plan:?}");
    }
}
