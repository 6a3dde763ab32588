//! A data directory that cannot be written, and files that are not ours, too new or broken: told at the start, in a line.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use pixeld::store::FILE_NAME;
use rusqlite::Connection;

use crate::harness::TestApp;
use crate::program::{Program, fails};

fn mode(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn serve(directory: &Path) -> (Option<i32>, String) {
    fails(directory, &["serve", "--listen", "127.0.0.1:0", "--data-dir"])
}

fn told(text: &str) -> (Option<i32>, String) {
    (Some(1), format!("pixeld: {text}\n"))
}

#[test]
fn a_directory_that_cannot_be_written_is_told_at_the_start() {
    let directory = tempfile::TempDir::new().unwrap();
    mode(directory.path(), 0o555);
    assert_eq!(
        serve(directory.path()),
        told("cannot write in the data directory DIR: Permission denied (os error 13)")
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_at_the_start() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join(FILE_NAME);
    let opened = "cannot open the database in DIR: ";

    std::fs::write(&file, "not a database, but some notes").unwrap();
    assert_eq!(serve(directory.path()), told(&format!("{opened}database fault: file is not a database")));

    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    let foreign = "the database cannot be written: the file is a database of another program";
    assert_eq!(serve(directory.path()), told(&format!("{opened}{foreign}")));

    std::fs::remove_file(&file).unwrap();
    let app = TestApp::start_on(directory.path()).await;
    app.shop().await;
    app.stop();
    let version: u32 = Connection::open(&file).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    Connection::open(&file).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let newer = format!(
        "the database cannot be written: the file was written by a newer pixeld (schema 99; this one knows up to \
         {version}); run that version"
    );
    assert_eq!(serve(directory.path()), told(&format!("{opened}{newer}")));

    // Half of it is gone, as after a disk that filled up while it was copied.
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(serve(directory.path()), told(&format!("{opened}database fault: database disk image is malformed")));
}

#[tokio::test]
async fn a_directory_that_becomes_read_only_while_it_runs_harms_nothing() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let (pixel, before) = (app.shop().await.pixel.id, app.store.logged());
    app.stop();
    let program = Program::start_as_nobody(directory.path());
    let px = format!("{}/px?id={pixel}", program.address);
    assert_eq!(reqwest::get(&px).await.unwrap().status(), 200);
    for file in std::fs::read_dir(directory.path()).unwrap() {
        mode(&file.unwrap().path(), 0o444);
    }
    mode(directory.path(), 0o555);
    // Its files are open, and stay so: it goes on, and what it answers it has kept.
    for _ in 0..5 {
        assert_eq!(reqwest::get(&px).await.unwrap().status(), 200);
    }
    program.stop();

    let (status, why) = serve(directory.path());
    assert_eq!((status, why.contains("Permission denied")), (Some(1), true), "but it does not start again: {why}");
    mode(directory.path(), 0o755);
    for file in std::fs::read_dir(directory.path()).unwrap() {
        mode(&file.unwrap().path(), 0o644);
    }
    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.logged().0, before.0 + 6);
}
