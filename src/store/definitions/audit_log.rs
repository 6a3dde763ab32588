//! Reads the audit log: a page of it, the last change of an object, and the names of all users and tokens in it.

use rusqlite::{OptionalExtension, Row, params};

use super::audit_note::object_of;
use crate::domain::{Admin, AuditAction, AuditEntry, Field, Millis, Reader, Scope, fields};
use crate::store::db::list;
use crate::store::db::list::{ListQuery, Listed, Page, visible};
use crate::store::db::sql_types::get;
use crate::store::{Store, StoreError};

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

/// Each name once. It jumps in the index from one name to the next, while `SELECT DISTINCT` would read every entry.
const AUDITORS: &str = "WITH RECURSIVE names (name) AS (
        SELECT min(user_name) FROM audit
        UNION ALL
        SELECT (SELECT min(user_name) FROM audit WHERE user_name > name) FROM names WHERE name IS NOT NULL)
    SELECT name FROM names WHERE name IS NOT NULL ORDER BY name COLLATE NOCASE LIMIT 1000";

impl Store {
    /// The name of the user or token that changed this object last. None without an entry, or if the caller may not see the
    /// object.
    pub async fn last_changed_by<E: Listed>(&self, by: &Reader, id: i64) -> Result<Option<String>, StoreError> {
        let (object, own) = (object_of(E::TABLE), by.scope().advertiser());
        self.look_up(move |conn| {
            let sql = format!(
                "SELECT user_name FROM audit WHERE object_type = ?1 AND object_id = ?2
                    AND EXISTS (SELECT 1 FROM {} WHERE id = ?2 AND {})
                ORDER BY audit.id DESC LIMIT 1",
                E::TABLE,
                visible::<E>("?3"),
            );
            let mut statement = conn.prepare_cached(&sql)?;
            Ok(statement.query_row(params![object, id, own], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// Who changed this object after a time, each with the last change, newest first. None if the caller may not see it.
    pub async fn changes_since<E: Listed>(
        &self,
        by: &Reader,
        id: i64,
        since: Millis,
    ) -> Result<Vec<(String, Millis)>, StoreError> {
        let (object, own) = (object_of(E::TABLE), by.scope().advertiser());
        self.look_up(move |conn| {
            let sql = format!(
                "SELECT user_name, max(created_on) FROM audit
                WHERE object_type = ?1 AND object_id = ?2 AND created_on > ?3 AND action = ?4
                    AND EXISTS (SELECT 1 FROM {} WHERE id = ?2 AND {})
                GROUP BY user_name ORDER BY max(audit.id) DESC LIMIT 5",
                E::TABLE,
                visible::<E>("?5"),
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let values = params![object, id, since, AuditAction::Changed, own];
            let changes = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(changes.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The names of all users and tokens that changed anything, as written at the time, in order. At most 1,000.
    pub async fn auditors(&self, _: &Admin) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            Ok(conn.prepare_cached(AUDITORS)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A page of the audit log: newest first, unless the query sorts otherwise.
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
    use crate::store::derived::connect;

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
