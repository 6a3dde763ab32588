//! The write-ahead log (WAL): a clean end leaves none, a killed server's is always taken, and one that belongs to another file
//! is refused before it does harm.

use std::path::Path;
use std::time::{Duration, Instant};

use pixeld::domain::PixelId;
use pixeld::store::FILE_NAME;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::harness::TestApp;
use crate::program::{Program, pixeld};

/// The WALs and their indexes in a directory.
fn left(directory: &Path) -> Vec<String> {
    let names = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with("-wal") || name.ends_with("-shm")).collect()
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap).filter(|file| file.path().is_file()) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

fn put(file: &Path, to: &Path) {
    std::fs::copy(file, to).unwrap();
}

fn wal(directory: &Path) -> std::path::PathBuf {
    directory.join(format!("{FILE_NAME}-wal"))
}

async fn fires(program: &Program, pixel: PixelId, count: usize) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for number in 0..count {
        let path = format!("{}/px?id={pixel}&order_id={number}&u={}", program.address, "x".repeat(200));
        assert_eq!(client.get(path).send().await.unwrap().status(), 200);
    }
}

/// Kills the server while its WAL holds rows.
async fn kill(program: Program, directory: &Path, pixel: PixelId) -> usize {
    let (end, mut fired) = (Instant::now() + Duration::from_secs(20), 0);
    loop {
        fires(&program, pixel, 5).await;
        fired += 5;
        if std::fs::metadata(wal(directory)).is_ok_and(|wal| wal.len() > 20_000) {
            fires(&program, pixel, 40).await;
            drop(program);
            return fired + 40;
        }
        assert!(Instant::now() < end, "the WAL stays empty");
    }
}

async fn shop(directory: &Path) -> PixelId {
    let app = TestApp::start_on(directory).await;
    let pixel = app.shop().await.pixel.id;
    app.stop();
    pixel
}

#[tokio::test]
async fn a_clean_end_leaves_no_wal() {
    let directory = TempDir::new().unwrap();
    let pixel = shop(directory.path()).await;
    assert_eq!(left(directory.path()), [""; 0], "a stop");
    let program = Program::start(directory.path());
    fires(&program, pixel, 50).await;
    program.stop();
    assert_eq!(left(directory.path()), [""; 0], "a stop of the program");
    for command in ["user list", "token add ci --role viewer", "token list", "rebuild", "check", "check --quick"] {
        let (well, said) = pixeld(directory.path(), command);
        assert!(well, "{command}: {said}");
        assert_eq!(left(directory.path()), [""; 0], "{command}");
    }
    let (well, _) = pixeld(directory.path(), "import Cargo.toml");
    assert!(!well);
    assert_eq!(left(directory.path()), [""; 0], "a command that fails");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (well, _) = pixeld(directory.path(), &format!("serve --listen {}", taken.local_addr().unwrap()));
    assert!(!well);
    assert_eq!(left(directory.path()), [""; 0], "a start that fails");
}

#[tokio::test]
async fn the_wal_of_a_killed_server_is_taken() {
    let directory = TempDir::new().unwrap();
    let pixel = shop(directory.path()).await;
    let mut fired = 0;
    for round in 0..8 {
        let program = Program::start(directory.path());
        fires(&program, pixel, 7 * round).await;
        fired += 7 * round + kill(program, directory.path(), pixel).await;
    }
    let (well, said) = pixeld(directory.path(), "check");
    assert!(well && said.contains(&format!("holds {fired} fires")), "{said}");
}

/// What a start says of a directory; none if the server starts and takes fires.
async fn start(directory: &Path, pixel: PixelId) -> Option<String> {
    let (well, said) = pixeld(directory, "check");
    if !well && said.contains("does not belong") {
        let (well, refused) = pixeld(directory, "serve --listen 127.0.0.1:0");
        assert!(!well && refused.contains("does not belong"), "{refused}");
        return Some(refused);
    }
    assert!(well || said.contains("the derived file reaches to"), "{said}");
    let program = Program::start(directory);
    fires(&program, pixel, 20).await;
    program.stop();
    let (well, said) = pixeld(directory, "check");
    assert!(well, "{said}");
    None
}

#[tokio::test]
async fn a_wal_of_another_file_is_refused_or_harmless() {
    let (old, crashed, other) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let pixel = shop(crashed.path()).await;
    let files = ["fresh", "early", "later"].map(|name| old.path().join(name));
    for (file, count) in files.iter().zip([1, 150, 400]) {
        let program = Program::start(crashed.path());
        fires(&program, pixel, count).await;
        program.stop();
        put(&crashed.path().join(FILE_NAME), file);
    }
    let program = Program::start(crashed.path());
    kill(program, crashed.path(), pixel).await;
    let of_other = shop(other.path()).await;
    kill(Program::start(other.path()), other.path(), of_other).await;

    type Change<'a> = &'a dyn Fn(&Path);
    let fresh: Change = &|to| put(&files[0], &to.join(FILE_NAME));
    let early: Change = &|to| put(&files[1], &to.join(FILE_NAME));
    let later: Change = &|to| put(&files[2], &to.join(FILE_NAME));
    let vacuumed: Change = &|to| {
        let wal_aside = to.join("wal");
        std::fs::rename(wal(to), &wal_aside).unwrap();
        std::fs::remove_file(to.join(format!("{FILE_NAME}-shm"))).unwrap();
        let log = Connection::open(to.join(FILE_NAME)).unwrap();
        log.execute_batch("DELETE FROM fires WHERE seq % 3 = 0; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        drop(log);
        std::fs::rename(wal_aside, wal(to)).unwrap();
    };
    let other_wal: Change = &|to| put(&wal(other.path()), &wal(to));
    let nothing: Change = &|_| ();
    let empty: Change = &|to| std::fs::write(wal(to), "").unwrap();
    let garbage: Change = &|to| std::fs::write(wal(to), [0xa5; 50_000]).unwrap();
    for (what, change, is_refused) in [
        ("its own", nothing, Some(false)),
        // Its tables have one page each, so that they may reach none of the WAL's pages.
        ("the first backup, a newer WAL", fresh, None),
        ("an older backup, a newer WAL", early, Some(true)),
        ("a backup of just before, its WAL", later, None),
        ("another log's", other_wal, Some(true)),
        ("of before a VACUUM", vacuumed, Some(true)),
        ("empty", empty, Some(false)),
        ("garbage", garbage, Some(false)),
    ] {
        let directory = TempDir::new().unwrap();
        copy(crashed.path(), directory.path());
        change(directory.path());
        let before = std::fs::read(directory.path().join(FILE_NAME)).unwrap();
        let refused = start(directory.path(), pixel).await;
        assert!(is_refused.is_none_or(|expected| expected == refused.is_some()), "{what}: {refused:?}");
        let Some(why) = refused else { continue };
        assert!(why.contains("Move pixeld.sqlite3-wal and pixeld.sqlite3-shm out"), "{what}: {why}");
        assert_eq!(std::fs::read(directory.path().join(FILE_NAME)).unwrap(), before, "{what}: the file is as it was");
        for name in left(directory.path()).iter().filter(|name| name.starts_with(FILE_NAME)) {
            std::fs::remove_file(directory.path().join(name)).unwrap();
        }
        if what != "of before a VACUUM" {
            assert_eq!(start(directory.path(), pixel).await, None, "{what}: without them it starts");
        }
    }
}
