//! Brings the log's file to this program's schema by numbered migrations, each in one transaction. Refuses files of other
//! programs, of newer versions of pixeld, and of development versions.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;
use crate::store::error::OpenError;

/// Marks a file as pixeld's ("pixl").
const APPLICATION_ID: i32 = 0x7069_786c;

/// The marks of development versions before the first release. Until that release, a change of the first migration moves the
/// current id here and takes a new one.
const DEVELOPMENT_IDS: &[i32] = &[0x7078_6c64];

/// The migrations, oldest first. Never change one that was released: add the next.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first_schema.sql"),
    include_str!("migrations/0002_owners_of_line_items.sql"),
    include_str!("migrations/0003_origin_of_sessions.sql"),
    include_str!("migrations/0004_callers_of_reports.sql"),
    include_str!("migrations/0005_largest_believable_values.sql"),
    include_str!("migrations/0006_sources.sql"),
    include_str!("migrations/0007_arrivals.sql"),
    include_str!("migrations/0008_last_sign_ins.sql"),
    include_str!("migrations/0009_settings.sql"),
    include_str!("migrations/0010_tracking_setups.sql"),
    include_str!("migrations/0011_costs.sql"),
];

/// The schema that this program reads and writes: the number of the last migration.
pub(in crate::store) const SCHEMA: usize = MIGRATIONS.len();

/// Refuses a file that this program must not write. It changes nothing.
///
/// # Errors
/// [`OpenError::Refused`] says what to do.
pub(in crate::store) fn check(conn: &Connection) -> Result<(), OpenError> {
    version(conn, MIGRATIONS).map(|_| ())
}

/// Whether the file holds nothing at all.
///
/// # Errors
/// The file cannot be read.
pub(in crate::store) fn is_new(conn: &Connection) -> Result<bool, StoreError> {
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i32>(0)).map_err(StoreError::from);
    Ok(number("PRAGMA application_id")? == 0
        && number("PRAGMA user_version")? == 0
        && number("SELECT count(*) FROM sqlite_schema")? == 0)
}

/// Brings the file behind `conn` to this program's schema.
///
/// # Errors
/// As [`check`]; the file cannot be written.
pub(in crate::store) fn migrate(conn: &mut Connection) -> Result<(), OpenError> {
    apply(conn, MIGRATIONS)
}

fn apply(conn: &mut Connection, migrations: &[&str]) -> Result<(), OpenError> {
    while version(conn, migrations)? < migrations.len() {
        step(conn, migrations)?;
    }
    Ok(())
}

/// Applies the next migration, unless another process just did.
fn step(conn: &mut Connection, migrations: &[&str]) -> Result<(), OpenError> {
    let fault = StoreError::from;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    let version = version(&tx, migrations)?;
    let Some(migration) = migrations.get(version) else { return Ok(()) };
    let stamp = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", version + 1);
    tx.execute_batch(migration).and_then(|()| tx.execute_batch(&stamp)).map_err(fault)?;
    Ok(tx.commit().map_err(fault)?)
}

/// How many migrations were applied to the file.
fn version(conn: &Connection, migrations: &[&str]) -> Result<usize, OpenError> {
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i32>(0)).map_err(StoreError::from);
    let (application_id, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let refused = |why: String| Err(OpenError::Refused(why));
    match usize::try_from(version) {
        _ if is_new(conn)? => Ok(0),
        _ if DEVELOPMENT_IDS.contains(&application_id) => refused(
            "the file was made by a development version before the first release; start with an empty data directory, or go \
             on with that version"
                .to_owned(),
        ),
        Ok(version) if application_id == APPLICATION_ID && version <= migrations.len() => Ok(version),
        Ok(version) if application_id == APPLICATION_ID => refused(format!(
            "the file was written by a newer pixeld (schema {version}; this one knows up to {}); run that version",
            migrations.len()
        )),
        Ok(_) | Err(_) => refused("the file is a database of another program".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn user_version(conn: &Connection) -> i32 {
        conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    fn tables(conn: &Connection) -> i64 {
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_new_file_gets_the_schema_once() {
        let mut conn = memory();
        migrate(&mut conn).unwrap();
        let changes = conn.total_changes();
        migrate(&mut conn).unwrap();
        assert_eq!((user_version(&conn), conn.total_changes()), (11, changes));
        assert_eq!((user_version(&conn), conn.total_changes()), (11, changes));
    }

    #[test]
    fn files_that_are_not_of_this_or_an_older_release_are_refused_unchanged() {
        let development = "the file was made by a development version before the first release; start with an empty data \
                           directory, or go on with that version";
        let newer = "the file was written by a newer pixeld (schema 99; this one knows up to 11); run that version";
        let foreign = "the file is a database of another program";
        for (file, why) in [
            ("PRAGMA application_id = 0x70786c64; PRAGMA user_version = 6; CREATE TABLE fires (seq)", development),
            ("PRAGMA application_id = 0x70786c64; PRAGMA user_version = 1", development),
            ("PRAGMA application_id = 0x7069786c; PRAGMA user_version = 99", newer),
            ("CREATE TABLE notes (text)", foreign),
            ("PRAGMA user_version = 1", foreign),
            ("PRAGMA application_id = 1", foreign),
            ("PRAGMA application_id = 0x7069786c; PRAGMA user_version = -1", foreign),
        ] {
            let mut conn = memory();
            conn.execute_batch(file).unwrap();
            let before = (user_version(&conn), tables(&conn));
            for refused in [check(&conn).unwrap_err(), migrate(&mut conn).unwrap_err()] {
                assert_eq!(refused.to_string(), why, "{file}");
            }
            assert_eq!((user_version(&conn), tables(&conn)), before, "{file}");
        }
    }

    #[test]
    fn a_later_migration_is_applied_to_a_file_that_holds_rows() {
        let mut conn = memory();
        apply(&mut conn, &["CREATE TABLE a (x)"]).unwrap();
        conn.execute("INSERT INTO a (x) VALUES (7)", []).unwrap();
        apply(&mut conn, &["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y DEFAULT 8; CREATE TABLE b (z)"]).unwrap();
        let row: (i64, i64) = conn.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!((row, user_version(&conn), tables(&conn)), ((7, 8), 2, 2));
    }

    #[test]
    fn versions_of_line_items_get_their_advertiser() {
        let mut conn = memory();
        apply(&mut conn, &MIGRATIONS[..1]).unwrap();
        conn.execute_batch(
            "INSERT INTO advertisers VALUES (7, NULL, 'a', 'active', 'USD', 'UTC', '', 0, NULL, 0, 0);
            INSERT INTO line_items (id, advertiser_id, name, state, created_on, last_modified)
                VALUES (1, 7, 'b', 'active', 0, 0);
            INSERT INTO audit (created_on, user_name, action, object_type, object_id, object_name, before)
                VALUES (0, '', 'deleted', 'line-item', 2, 'c', '{\"advertiser_id\":8}'),
                    (0, '', 'deleted', 'campaign', 3, 'd', '{\"advertiser_id\":9}');
            INSERT INTO line_item_versions VALUES
                (1, 0, 1, 0, 'active', 'USD'), (2, 0, 2, 0, 'active', 'USD'), (3, 0, 2, 1, 'active', 'USD'),
                (4, 0, 3, 0, 'active', 'USD');",
        )
        .unwrap();
        migrate(&mut conn).unwrap();
        let mut owners = conn.prepare("SELECT advertiser_id FROM line_item_versions ORDER BY seq").unwrap();
        let owners: Vec<i64> = owners.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(owners, [7, 8, 8, 0]);
    }

    #[test]
    fn campaigns_of_before_are_known_by_their_codes_from_the_start() {
        let mut conn = memory();
        apply(&mut conn, &MIGRATIONS[..5]).unwrap();
        conn.execute_batch(
            "INSERT INTO advertisers VALUES (7, NULL, 'a', 'active', 'USD', 'UTC', '', 0, NULL, 0, 0);
            INSERT INTO line_items (id, advertiser_id, name, state, created_on, last_modified)
                VALUES (1, 7, 'b', 'active', 0, 0);
            INSERT INTO campaigns VALUES (3, 'autumn', 'c', 7, 1, 'active', 5, 6), (4, NULL, 'd', 7, 1, 'active', 5, 6);",
        )
        .unwrap();
        migrate(&mut conn).unwrap();
        let mut versions = conn.prepare("SELECT seq, campaign_id, code FROM campaign_versions").unwrap();
        let versions = versions.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let versions: Vec<(i64, i64, String)> = versions.unwrap().map(Result::unwrap).collect();
        assert_eq!(versions, [(-3, 3, "autumn".to_owned())]);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_file_at_the_one_before() {
        let mut conn = memory();
        let (good, bad) = ("CREATE TABLE a (x)", "CREATE TABLE b (y); DROP TABLE c; CREATE TABLE d (z)");
        let failed = apply(&mut conn, &[good, bad]).unwrap_err().to_string();
        assert!(failed.contains("no such table: c"), "{failed}");
        assert_eq!((user_version(&conn), tables(&conn)), (1, 1), "nothing of the failed migration stays");
        apply(&mut conn, &[good, "CREATE TABLE b (y)"]).unwrap();
        assert_eq!((user_version(&conn), tables(&conn)), (2, 2));
    }
}
