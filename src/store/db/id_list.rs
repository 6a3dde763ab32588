//! Queries about many objects at once, instead of one query for each.

use std::collections::HashMap;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Row, ToSql};

/// Ids as one parameter of a statement: `id IN (SELECT value FROM json_each(?1))`. A parameter for each id would need a
/// statement for each length of the list, and SQLite takes at most 32,766 parameters.
pub(in crate::store) struct IdList(String);

impl IdList {
    pub(in crate::store) fn of(ids: impl IntoIterator<Item = i64>) -> Self {
        let ids: Vec<_> = ids.into_iter().map(|id| id.to_string()).collect();
        IdList(format!("[{}]", ids.join(",")))
    }
}

impl ToSql for IdList {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// Runs a query with ids as its only parameter, and groups its rows by these ids.
pub(in crate::store) fn rows_by_id<T>(
    conn: &Connection,
    sql: &str,
    ids: &IdList,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<(i64, T)>,
) -> rusqlite::Result<HashMap<i64, Vec<T>>> {
    let mut by_id: HashMap<i64, Vec<T>> = HashMap::new();
    let mut statement = conn.prepare_cached(sql)?;
    for row in statement.query_map([ids], |row| read(row))? {
        let (id, value) = row?;
        by_id.entry(id).or_default().push(value);
    }
    Ok(by_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_ids_is_one_parameter() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE t (id INTEGER, x TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (1, 'c')")
            .unwrap();
        let found = |ids: &mut dyn Iterator<Item = i64>| {
            let sql = "SELECT id, x FROM t WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY x";
            rows_by_id::<String>(&conn, sql, &IdList::of(ids), |row| Ok((row.get("id")?, row.get("x")?))).unwrap()
        };
        assert_eq!(found(&mut std::iter::empty()), HashMap::new());
        assert_eq!(found(&mut [1, i64::MAX].into_iter()), HashMap::from([(1, vec!["a".into(), "c".into()])]));
        assert_eq!(found(&mut (0..100_000)).len(), 2);
    }
}
