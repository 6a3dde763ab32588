//! Brings a database file to this program's schema: numbered steps, each in one transaction. Refuses files that
//! are not ours and files that a newer pixeld has written.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Marks a file as pixeld's ("pxld").
const APPLICATION_ID: i32 = 0x7078_6c64;

/// The steps, oldest first. Never change one that was released: add the next.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_audit.sql"),
    include_str!("migrations/0003_imported.sql"),
    include_str!("migrations/0004_saved_reports.sql"),
    include_str!("migrations/0005_derived_apart.sql"),
    include_str!("migrations/0006_rejected_told.sql"),
    include_str!("migrations/0007_token_names.sql"),
];

/// Brings the file behind `conn` up to date.
///
/// # Errors
/// Says that the file is foreign, newer than this program, damaged or cannot be written.
pub fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    loop {
        // Read inside the write transaction, so that two programs starting at once cannot both migrate.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: usize =
            tx.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))?.try_into().unwrap_or(0);
        let application_id: i32 = tx.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if application_id != APPLICATION_ID && (tables > 0 || version > 0) {
            return Err(StoreError::Unavailable("the file is a database of another program".into()));
        }
        if version > STEPS.len() {
            let message = format!(
                "the file was written by a newer pixeld (schema {version}; this one knows up to {}); run that version",
                STEPS.len()
            );
            return Err(StoreError::Unavailable(message.into()));
        }
        let Some(step) = STEPS.get(version) else { return Ok(()) };
        tx.execute_batch(step)?;
        tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", version + 1))?;
        tx.commit()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_brought_up_to_date_and_left_alone_after() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        migrate(&mut conn).unwrap();
        let version: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(version).unwrap(), STEPS.len());
    }

    #[test]
    fn users_sessions_and_tokens_stay_and_tokens_get_names_of_their_own() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        STEPS[..6].iter().for_each(|step| conn.execute_batch(step).unwrap());
        conn.execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 6;
            INSERT INTO users VALUES (7, 'ann', 'x', 'admin', NULL, 'active', 1, 2);
            INSERT INTO sessions (secret_hash, kind, user_id, created_on, last_used) VALUES (x'01', 'api', 7, 3, 4);
            INSERT INTO tokens (id, secret_hash, name, role, created_on) VALUES
                (1, x'01', 'ci', 'viewer', 5), (2, x'02', 'CI', 'viewer', 6), (4, x'04', 'shop', 'viewer', 7);"
        ))
        .unwrap();
        migrate(&mut conn).unwrap();
        let session = "SELECT username || ' ' || last_used FROM users JOIN sessions ON user_id = users.id";
        assert_eq!(conn.query_row(session, [], |row| row.get::<_, String>(0)).unwrap(), "ann 4");
        let mut names = conn.prepare("SELECT name FROM tokens ORDER BY id").unwrap();
        let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(names, ["ci", "CI (2)", "shop"]);
        let add = |name: &str| {
            let sql =
                "INSERT INTO tokens (secret_hash, name, role, created_on) VALUES (randomblob(8), ?1, 'viewer', 0)";
            conn.execute(sql, [name]).map(|_| conn.last_insert_rowid())
        };
        assert!(add("SHOP").is_err());
        conn.execute("DELETE FROM tokens WHERE id = 4", []).unwrap();
        assert_eq!(add("shop").unwrap(), 5, "no id is given twice");
    }

    #[test]
    fn newer_and_foreign_files_are_refused() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        conn.execute_batch("PRAGMA user_version = 99").unwrap();
        let refused = migrate(&mut conn).unwrap_err().to_string();
        assert!(refused.contains("newer pixeld (schema 99"), "{refused}");

        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE notes (text)").unwrap();
        let refused = migrate(&mut conn).unwrap_err().to_string();
        assert!(refused.contains("another program"), "{refused}");
    }
}
