//! A read-only data directory, and foreign, too new or damaged files: a start reports each in one line.
//! A running server survives the same faults.

use std::fs::{OpenOptions, Permissions, set_permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use pixeld::domain::{ApiToken, Caller, Role};
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

fn report(text: &str) -> (Option<i32>, String) {
    (Some(1), format!("pixeld: {text}\n"))
}

#[test]
fn a_read_only_directory_is_reported_at_the_start() {
    let directory = tempfile::TempDir::new().unwrap();
    mode(directory.path(), 0o555);
    assert_eq!(
        serve(directory.path()),
        report("cannot write in the data directory DIR: Permission denied (os error 13)")
    );
}

#[tokio::test]
async fn an_unusable_file_is_reported_at_the_start() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join(FILE_NAME);
    let opened = "cannot open the database in DIR: ";

    std::fs::write(&file, "not a database, but some notes").unwrap();
    assert_eq!(serve(directory.path()), report(&format!("{opened}database fault: file is not a database")));

    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    let before = std::fs::read(&file).unwrap();
    assert_eq!(serve(directory.path()), report(&format!("{opened}the file is a database of another program")));
    assert_eq!(std::fs::read(&file).unwrap(), before, "and left as it is");

    std::fs::remove_file(&file).unwrap();
    let app = TestApp::start_on(directory.path()).await;
    app.shop().await;
    app.stop();
    let number = |what: &str| -> i64 {
        Connection::open(&file).unwrap().query_row(&format!("PRAGMA {what}"), [], |row| row.get(0)).unwrap()
    };
    let (version, id) = (number("user_version"), number("application_id"));
    let set = |what: &str, to: i64| Connection::open(&file).unwrap().pragma_update(None, what, to).unwrap();
    set("user_version", 99);
    let newer =
        format!("the file was written by a newer pixeld (schema 99; this one knows up to {version}); run that version");
    assert_eq!(serve(directory.path()), report(&format!("{opened}{newer}")));

    set("application_id", 0x7078_6c64);
    set("user_version", 6);
    let development = "the file was made by a development version before the first release; start with an empty data \
                       directory, or go on with that version";
    assert_eq!(serve(directory.path()), report(&format!("{opened}{development}")));
    set("application_id", id);
    set("user_version", version);

    // Half of it is gone, as after a disk that filled up while it was copied.
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(serve(directory.path()), report(&format!("{opened}database fault: database disk image is malformed")));
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
    assert_eq!((status, why.contains("is read-only")), (Some(1), true), "but it does not start again: {why}");
    mode(directory.path(), 0o755);
    for file in std::fs::read_dir(directory.path()).unwrap() {
        mode(&file.unwrap().path(), 0o644);
    }
    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.logged().0, before.0 + 6);
}

#[tokio::test]
async fn a_database_that_is_taken_away_while_it_runs_is_not_written_into_the_void() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let by = Caller::shell().admin().unwrap();
    let (secret, _) = app.auth.create_token(&by, ApiToken::new("script", Role::Editor, None)).await.unwrap();
    let token = secret.expose().to_owned();
    let (pixel, before) = (app.shop().await.pixel.id, app.store.logged());
    app.stop();
    let program = Program::start(directory.path());
    let get = async |path: &str| {
        let answer = reqwest::get(format!("{}{path}", program.address)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let px = format!("/px?id={pixel}");
    assert_eq!(get(&px).await.0, 200);

    let (file, aside) = (directory.path().join(FILE_NAME), directory.path().join("aside"));
    std::fs::rename(&file, &aside).unwrap();
    assert_eq!(get(&px).await.0, 503, "what is answered 200 could be found nowhere");
    assert_eq!(get("/readyz").await, (503, "nothing can be written: its file was removed\n".to_owned()));
    let edited = reqwest::Client::new().post(format!("{}/advertiser", program.address)).bearer_auth(&token);
    let answer = edited.body(r#"{"advertiser":{"name":"Nowhere"}}"#).send().await.unwrap();
    let text = answer.text().await.unwrap();
    assert!(text.contains("the database cannot be written: its file was removed"), "{text}");
    std::fs::write(&file, "another").unwrap();
    assert_eq!(get(&px).await.0, 503);
    assert_eq!(get("/readyz").await, (503, "nothing can be written: its file was replaced by another\n".to_owned()));
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!(get(&px).await.0, 200, "it goes on once its file is back");
    program.stop();

    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.logged().0, before.0 + 2);
}

#[tokio::test]
async fn a_database_that_is_damaged_while_it_runs_is_not_written_any_more() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let pixel = app.shop().await.pixel.id;
    app.stop();
    let program = Program::start(directory.path());
    let get = async |path: &str| {
        let answer = reqwest::get(format!("{}{path}", program.address)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let px = format!("/px?id={pixel}");
    assert_eq!(get(&px).await.0, 200);
    let file = directory.path().join(FILE_NAME);
    let end = Instant::now() + Duration::from_secs(20);
    let noticed = async || {
        let enough = Instant::now() + Duration::from_secs(2);
        while Instant::now() < enough {
            if get("/healthz").await.1.contains("checkpoints fail: file is not a database") {
                return true;
            }
        }
        false
    };
    // The writer has its pages in memory, so only a checkpoint reads the damaged file. A checkpoint that was under way
    // may have repaired the damage once.
    loop {
        OpenOptions::new().write(true).open(&file).unwrap().write_all(&[0xA5; 65_536]).unwrap();
        get(&px).await;
        if noticed().await {
            break;
        }
        assert!(Instant::now() < end, "it is never noticed");
    }
    for _ in 0..3 {
        assert_eq!(get(&px).await.0, 503);
    }
    let (status, health) = get("/readyz").await;
    assert!(
        status == 503 && health.starts_with("nothing can be written: file is not a database\n"),
        "{status} {health}"
    );
    let log = program.stop();
    assert_eq!(log.matches("a commit failed").count(), 1, "{log}");
}
