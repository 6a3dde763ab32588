//! Writes rows by the names of their columns: no statement depends on the order of a table's columns.

use rusqlite::{Connection, ToSql, params_from_iter};

/// The name of a column and the value to store in it.
pub type Column<'a> = (&'static str, &'a dyn ToSql);

/// Inserts a row and returns its rowid.
pub(in crate::store) fn insert(conn: &Connection, table: &str, columns: &[Column<'_>]) -> rusqlite::Result<i64> {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", "));
    conn.prepare_cached(&sql)?.execute(params_from_iter(columns.iter().map(|(_, value)| value)))?;
    Ok(conn.last_insert_rowid())
}

/// Changes these columns of the row with this id.
pub(in crate::store) fn update(
    conn: &Connection,
    table: &str,
    id: i64,
    columns: &[Column<'_>],
) -> rusqlite::Result<()> {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("{name} = ?")).collect();
    let sql = format!("UPDATE {table} SET {} WHERE id = ?", names.join(", "));
    let id: &dyn ToSql = &id;
    let values = columns.iter().map(|(_, value)| *value).chain([id]);
    conn.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}

/// Whether two rows have the same columns with the same values.
pub(in crate::store) fn same(one: &[Column<'_>], other: &[Column<'_>]) -> bool {
    let is_same = |((name, value), (other_name, other)): (&Column<'_>, &Column<'_>)| {
        name == other_name && value.to_sql().ok() == other.to_sql().ok()
    };
    one.len() == other.len() && one.iter().zip(other).all(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_by_name() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER)").unwrap();
        let row = |id: i64| -> (Option<String>, Option<i64>) {
            conn.query_row("SELECT a, b FROM t WHERE id = ?1", [id], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        };
        let first = insert(&conn, "t", &[("b", &5), ("a", &"x")]).unwrap();
        let second = insert(&conn, "t", &[("a", &None::<String>)]).unwrap();
        update(&conn, "t", second, &[("b", &6), ("a", &"y")]).unwrap();
        assert_eq!((row(first), row(second)), ((Some("x".into()), Some(5)), (Some("y".into()), Some(6))));
    }

    #[test]
    fn columns_are_the_same_if_their_names_and_values_are() {
        let one: [Column<'_>; 2] = [("a", &Some(1)), ("b", &"x")];
        assert!(same(&one, &[("a", &1), ("b", &"x".to_owned())]));
        for other in [vec![("a", &1 as &dyn ToSql)], vec![("a", &2), ("b", &"x")], vec![("a", &1), ("c", &"x")]] {
            assert!(!same(&one, &other));
        }
    }
}
