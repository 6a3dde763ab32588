//! Files that are missing: the log beside what it left, rows of it, and the lock of a running server.

use std::path::Path;
use std::time::{Duration, Instant};

use pixeld::app::App;
use pixeld::clock::Clock;
use pixeld::config::{Config, RawSettings};
use pixeld::domain::Role;
use pixeld::store::FILE_NAME;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::admin::Browser;
use crate::harness::{TestApp, open_database};
use crate::judge::{HOUR, convert, fire};
use crate::program::pixeld;

const COMMANDS: &[&str] = &[
    "serve --listen 127.0.0.1:0",
    "check",
    "check --quick",
    "rebuild",
    "import Cargo.toml",
    "user list",
    "token list",
    "token add ci --role viewer",
];

async fn left_by_a_server(directory: &Path) {
    let app = TestApp::start_on(directory).await;
    let shop = app.shop().await;
    convert(&app, fire(shop.pixel.id, 1, HOUR)).await;
    app.stop();
}

fn header_only(file: &Path) {
    std::fs::remove_file(file).unwrap();
    Connection::open(file).unwrap().execute_batch("PRAGMA user_version = 1; PRAGMA user_version = 0").unwrap();
    assert!(std::fs::metadata(file).unwrap().len() > 0);
}

#[tokio::test]
async fn a_missing_log_is_no_fresh_server() {
    for (what, spoil) in [
        ("missing", (|file| std::fs::remove_file(file).unwrap()) as fn(&Path)),
        ("empty", |file| std::fs::write(file, "").unwrap()),
        ("a header alone", header_only),
    ] {
        for (left, names) in
            [("derived", "derived-1.sqlite3"), ("reports", "reports/"), ("both", "derived-1.sqlite3 and reports/")]
        {
            let directory = TempDir::new().unwrap();
            left_by_a_server(directory.path()).await;
            if left != "derived" {
                std::fs::write(directory.path().join("reports/0123"), "a report").unwrap();
            }
            if left == "reports" {
                std::fs::remove_file(directory.path().join("derived-1.sqlite3")).unwrap();
            }
            let file = directory.path().join(FILE_NAME);
            spoil(&file);
            let before = std::fs::read(&file).ok();
            let is = if left == "both" { "are" } else { "is" };
            let why = format!(
                "the log is missing: pixeld.sqlite3 is not there or is empty, but {names} {is} left of it. Put pixeld.sqlite3 \
                 back, or move {names} away to begin with an empty log\n"
            );
            for command in COMMANDS {
                let (well, said) = pixeld(directory.path(), command);
                assert!(!well && said.ends_with(&why), "{what}, {left}, {command}: {said}");
                assert_eq!(std::fs::read(&file).ok(), before, "{what}, {left}, {command}");
            }
        }
    }
}

#[tokio::test]
async fn an_empty_file_is_not_sound_and_an_empty_directory_starts() {
    for spoil in [(|file| std::fs::write(file, "").unwrap()) as fn(&Path), header_only] {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join(FILE_NAME);
        std::fs::write(&file, "").unwrap();
        spoil(&file);
        let (well, said) = pixeld(directory.path(), "check");
        assert!(!well && !said.contains("OK"), "{said}");
        left_by_a_server(directory.path()).await;
        assert!(pixeld(directory.path(), "check").0, "it may still become a log");
    }
    let directory = TempDir::new().unwrap();
    std::fs::create_dir(directory.path().join("reports")).unwrap();
    left_by_a_server(directory.path()).await;
}

#[tokio::test]
async fn pages_say_that_rows_of_the_log_are_missing() {
    let directory = TempDir::new().unwrap();
    left_by_a_server(directory.path()).await;
    let file = directory.path().join(FILE_NAME);
    let backup = std::fs::read(&file).unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let (pixel, before) = (app.shop().await.pixel.id, app.store.logged());
    convert(&app, fire(pixel, 1, 2 * HOUR)).await;
    let after = app.store.logged();
    app.stop();
    assert!(after > before);
    std::fs::write(&file, backup).unwrap();

    let app = TestApp::start_on(directory.path()).await;
    app.judged().await;
    let lost = app.store.lost_rows().unwrap();
    assert_eq!(lost.judged, after);
    let browser = Browser::of(&app, Role::Admin, None).await;
    let text = browser.get("/admin").await.text();
    assert!(text.contains("of the event log are missing"), "{text}");
    app.stop();
    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.lost_rows(), None, "the derived file fits again");
}

#[actix_web::test]
async fn a_lock_that_is_removed_is_put_back() {
    let directory = TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let lock = directory.path().join("serving.lock");
    let given = RawSettings { data_dir: Some(directory.path().display().to_string()), ..RawSettings::default() };
    std::fs::remove_file(&lock).unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while !lock.exists() {
        assert!(Instant::now() < end, "it is not put back");
        tokio::task::yield_now().await;
    }
    let refused = App::build(Config::resolve(&given).unwrap(), Clock::System).err().expect("refused").to_string();
    assert!(refused.contains("another pixeld serves from"), "{refused}");
    assert_eq!(app.get("/readyz", &[]).await.status(), 200);
    app.stop();
}

#[tokio::test]
async fn of_two_servers_the_one_without_the_lock_takes_nothing() {
    use rustix::fs::{FlockOperation, flock};

    let app = TestApp::start().await;
    let pixel = app.shop().await.pixel.id;
    let (lock, aside) = (app.data_dir().join("serving.lock"), app.data_dir().join("aside"));
    // As a second server that started in the moment after the removal.
    std::fs::write(&aside, "another").unwrap();
    let others = std::fs::File::open(&aside).unwrap();
    flock(&others, FlockOperation::LockExclusive).unwrap();
    std::fs::rename(&aside, &lock).unwrap();
    let px = format!("/px?id={pixel}");
    let end = Instant::now() + Duration::from_secs(20);
    while app.get(&px, &[]).await.status() != 503 {
        assert!(Instant::now() < end, "it goes on beside the other");
    }
    let text = app.get("/readyz", &[]).await.text().await.unwrap();
    assert!(text.contains("nothing can be written: another pixeld serves from its directory"), "{text}");
    drop(others);
    while app.get(&px, &[]).await.status() != 200 {
        assert!(Instant::now() < end, "it goes on once the other has ended");
    }
    let conn = open_database(app.data_dir());
    drop(conn);
}
