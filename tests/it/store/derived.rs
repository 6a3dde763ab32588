//! The derived file: rebuilt from the log when it is missing, damaged, or of other rules.

use std::path::Path;

use pixeld::store::FILE_NAME;
use rusqlite::Connection;

use crate::harness::{TestApp, derived_file, open_database};
use crate::judge::oracle::{Tables, stored};
use crate::judge::{HOUR, convert, fire, show, view};
use crate::tables;

/// A log with a few conversions, judged, in a closed database.
async fn a_log(directory: &Path) -> Tables {
    let app = TestApp::start_on(directory).await;
    let shop = app.shop().await;
    for visitor in 1..=20 {
        show(&app.store, view(shop.line_item.id, visitor, 0)).await;
        convert(&app, fire(shop.pixel.id, visitor, HOUR)).await;
    }
    app.judged().await;
    app.stop();
    stored(&open_database(directory))
}

/// The derived files in a directory.
fn files(directory: &Path) -> Vec<String> {
    let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // Somebody who reads may let go of them a moment after the store has stopped: then WALs stay, and hold nothing new.
    let lasting = |name: &String| name.starts_with("derived-") && name.ends_with(".sqlite3");
    let mut names: Vec<_> = names.filter(lasting).collect();
    names.sort();
    names
}

/// Starts the application, waits until the log is judged, and stops it.
async fn start_and_stop(directory: &Path) {
    let app = TestApp::start_on(directory).await;
    app.judged().await;
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
    app.stop();
}

#[tokio::test]
async fn an_unusable_derived_file_is_rebuilt_from_the_log() {
    for (what, spoil) in [
        ("missing", (|file| std::fs::remove_file(file).unwrap()) as fn(&Path)),
        ("no database", |file| std::fs::write(file, "some notes, and more of them than a header has").unwrap()),
        ("of another schema", |file| Connection::open(file).unwrap().pragma_update(None, "user_version", 99).unwrap()),
        ("of other rules", |file| {
            Connection::open(file).unwrap().execute("UPDATE made_of SET rules = rules + 1", []).unwrap();
        }),
        ("of another log", |file| {
            Connection::open(file).unwrap().execute("UPDATE made_of SET log_id = log_id + 1", []).unwrap();
        }),
        ("beyond the log", |file| {
            Connection::open(file).unwrap().execute("UPDATE judge_cursor SET seq = 1000", []).unwrap();
        }),
        ("without a table", |file| Connection::open(file).unwrap().execute_batch("DROP TABLE judge_cursor").unwrap()),
        ("damaged inside", |file| {
            let conn = Connection::open(file).unwrap();
            let root: i64 = conn
                .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'touches'", [], |row| row.get(0))
                .unwrap();
            drop(conn);
            let mut bytes = std::fs::read(file).unwrap();
            let begin = usize::try_from((root - 1) * 1024).unwrap();
            bytes[begin..begin + 1024].fill(0xa5);
            std::fs::write(file, bytes).unwrap();
        }),
    ] {
        let directory = tempfile::TempDir::new().unwrap();
        let before = a_log(directory.path()).await;
        for suffix in ["wal", "shm"] {
            let _ = std::fs::remove_file(directory.path().join(format!("derived-1.sqlite3-{suffix}")));
        }
        spoil(&derived_file(directory.path()));
        start_and_stop(directory.path()).await;
        assert_eq!(stored(&open_database(directory.path())), before, "{what}");
        assert_eq!(files(directory.path()), ["derived-2.sqlite3"], "{what}: the old one is removed");
    }
}

#[tokio::test]
async fn a_usable_derived_file_is_kept() {
    let directory = tempfile::TempDir::new().unwrap();
    a_log(directory.path()).await;
    start_and_stop(directory.path()).await;
    assert_eq!(files(directory.path()), ["derived-1.sqlite3"]);
}

#[tokio::test]
async fn a_backup_of_the_log_alone_is_enough() {
    let directory = tempfile::TempDir::new().unwrap();
    let before = a_log(directory.path()).await;
    let backup = tempfile::TempDir::new().unwrap();
    std::fs::copy(directory.path().join(FILE_NAME), backup.path().join(FILE_NAME)).unwrap();

    let app = TestApp::start_on(directory.path()).await;
    let pixel = app.shop().await.pixel.id;
    convert(&app, fire(pixel, 1, 2 * HOUR)).await;
    app.stop();
    assert_ne!(stored(&open_database(directory.path())), before);

    // Put back over a newer one, beside the derived file of that.
    std::fs::copy(backup.path().join(FILE_NAME), directory.path().join(FILE_NAME)).unwrap();
    start_and_stop(directory.path()).await;
    assert_eq!(stored(&open_database(directory.path())), before);

    start_and_stop(backup.path()).await;
    assert_eq!(stored(&open_database(backup.path())), before);
}

#[tokio::test]
async fn the_files_of_an_aborted_rebuild_are_removed() {
    let directory = tempfile::TempDir::new().unwrap();
    a_log(directory.path()).await;
    for name in ["derived-7.sqlite3", "derived-7.sqlite3-wal", "derived-notes.sqlite3"] {
        std::fs::write(directory.path().join(name), "half a file").unwrap();
    }
    start_and_stop(directory.path()).await;
    assert_eq!(files(directory.path()), ["derived-1.sqlite3", "derived-notes.sqlite3"]);
    assert!(!directory.path().join("derived-7.sqlite3-wal").exists());
}

#[tokio::test]
async fn the_derived_file_has_the_permissions_of_the_log() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::TempDir::new().unwrap();
    a_log(directory.path()).await;
    let log = directory.path().join(FILE_NAME);
    std::fs::set_permissions(&log, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::remove_file(derived_file(directory.path())).unwrap();
    start_and_stop(directory.path()).await;
    let mode = std::fs::metadata(derived_file(directory.path())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[tokio::test]
async fn a_derived_file_is_rebuilt_after_a_crash_of_the_machine() {
    let directory = tempfile::TempDir::new().unwrap();
    let before = a_log(directory.path()).await;
    let written_in = || tables::written_in(&open_database(directory.path()));
    assert_eq!(written_in(), None, "it was stopped in good order");

    let app = TestApp::start_on(directory.path()).await;
    assert!(written_in().is_some(), "it is not synced");
    app.stop();
    let conn = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    tables::mark_written(&conn, "an earlier run");
    drop(conn);

    start_and_stop(directory.path()).await;
    assert_eq!(stored(&open_database(directory.path())), before);
    assert_eq!(files(directory.path()), ["derived-2.sqlite3"]);
    assert_eq!(written_in(), None);
}

/// A sync needs all readers to let go of the WAL. Without it the mark stays, and costs at most that all is derived again.
#[tokio::test]
async fn a_derived_file_that_a_reader_keeps_from_being_synced_stays_marked() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let pixel = app.shop().await.pixel.id;
    let reader = open_database(directory.path());
    reader.execute_batch("BEGIN; SELECT * FROM judge_cursor").unwrap();
    convert(&app, fire(pixel, 1, HOUR)).await;
    app.stop();
    reader.execute_batch("COMMIT").unwrap();
    assert!(tables::written_in(&reader).is_some(), "it is not synced");
    start_and_stop(directory.path()).await;
    assert_eq!(tables::written_in(&reader), None);
    assert_eq!(files(directory.path()), ["derived-1.sqlite3"]);
}
