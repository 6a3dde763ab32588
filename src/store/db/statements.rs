//! Statements whose columns have names: INSERTs that pair each column with its value, and SELECTs that look up the
//! indexes of their columns once instead of once a row.

/// Inserts one row. Each value is beside its column, so a new column cannot shift the others.
macro_rules! insert {
    ($conn:expr, $table:ident { $first:ident: $value:expr $(, $column:ident: $more:expr)* $(,)? }) => {{
        const SQL: &str = concat!(
            "INSERT INTO ", stringify!($table), " (", stringify!($first), $(", ", stringify!($column),)*
            ") VALUES (?", $(insert!(@parameter $column),)* ")",
        );
        $conn.prepare_cached(SQL)?.execute(rusqlite::params![$value $(, $more)*])
    }};
    (@parameter $column:ident) => { ", ?" };
}

/// Declares the columns that a query selects: `LIST` for its SQL, and each one's index in its rows.
macro_rules! columns {
    ($name:ident { $first:ident $(= $expression:literal)? $(, $column:ident $(= $more:literal)?)* $(,)? }) => {
        struct $name {
            $first: usize,
            $($column: usize,)*
        }

        impl $name {
            const LIST: &'static str = concat!(
                columns!(@select $first $(= $expression)?), $(", ", columns!(@select $column $(= $more)?),)*
            );

            fn of(statement: &rusqlite::Statement<'_>) -> rusqlite::Result<Self> {
                Ok($name {
                    $first: statement.column_index(stringify!($first))?,
                    $($column: statement.column_index(stringify!($column))?,)*
                })
            }
        }
    };
    (@select $column:ident) => { stringify!($column) };
    (@select $column:ident = $expression:literal) => { concat!($expression, " AS ", stringify!($column)) };
}

pub(in crate::store) use {columns, insert};

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    columns! { Pair { one, two_more = "two + 1" } }

    #[test]
    fn columns_go_by_name_whatever_their_order_in_the_table() -> rusqlite::Result<()> {
        let conn = Connection::open_in_memory()?;
        conn.execute_batch("CREATE TABLE pairs (two INTEGER, three TEXT, one INTEGER)")?;
        assert_eq!(insert!(conn, pairs { one: 1, two: 2 })?, 1);
        assert_eq!(Pair::LIST, "one, two + 1 AS two_more");
        for sql in [format!("SELECT {} FROM pairs", Pair::LIST), "SELECT two + 1 AS two_more, * FROM pairs".to_owned()]
        {
            let mut statement = conn.prepare(&sql)?;
            let columns = Pair::of(&statement)?;
            let pair = statement.query_row([], |row| Ok((row.get(columns.one)?, row.get(columns.two_more)?)))?;
            assert_eq!(pair, (1, 3), "{sql}");
        }
        assert!(Pair::of(&conn.prepare("SELECT one FROM pairs")?).is_err());
        Ok(())
    }
}
