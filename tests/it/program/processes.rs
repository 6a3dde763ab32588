//! Several processes on one data directory: none takes away what another one relies on, and none works beside a program of
//! another version.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use pixeld::store::FILE_NAME;
use rusqlite::Connection;
use rustix::fs::{FlockOperation, flock};

use crate::harness::{TestApp, derived_file, open_database};
use crate::judge::{HOUR, convert, fire, show, view};
use crate::tables;

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The commands that open the store. `FILE` is a file to import.
const COMMANDS: &[&str] = &[
    "token add ci --role viewer",
    "token list",
    "token revoke 1",
    "user add mira --role admin --password-stdin",
    "user passwd mira --password-stdin",
    "user list",
    "import FILE",
    "import FILE --rejudge",
    "rebuild",
    "rebuild --current-settings",
    "check",
    "check --quick",
];

fn program(directory: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pixeld"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    command.args(arguments.split(' ').map(|word| if word == "FILE" { file } else { word }));
    command.arg("--data-dir").arg(directory).stdin(Stdio::null());
    command
}

/// Runs a command of the program on a data directory. Returns whether it succeeded, and all that it printed.
fn pixeld(directory: &Path, arguments: &str) -> (bool, String) {
    let Output { status, stdout, stderr } = program(directory, arguments).output().unwrap();
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// The output of a command that refuses to open a data directory.
fn refusal(directory: &Path, why: &str) -> (bool, String) {
    (false, format!("pixeld: cannot open the database in {}: {why}\n", directory.display()))
}

/// All files in a directory, with their contents and times.
fn contents(directory: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let files = std::fs::read_dir(directory).unwrap().map(Result::unwrap);
    let files = files.filter(|file| file.file_type().unwrap().is_file());
    let read = |path| (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), read(file.path()))).collect()
}

/// A lock file with a text, as another process holds it.
fn hold(directory: &Path, name: &str, text: &str, lock: FlockOperation) -> File {
    std::fs::write(directory.join(name), text).unwrap();
    let file = File::open(directory.join(name)).unwrap();
    flock(&file, lock).unwrap();
    file
}

/// A data directory that a server of this program has left. Also how that server named itself, and the versions alone.
async fn left_by_a_server() -> (tempfile::TempDir, String, String) {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    show(&app.store, view(shop.line_item.id, 1, 0)).await;
    convert(&app, fire(shop.pixel.id, 1, HOUR)).await;
    app.stop();
    let text = |name| std::fs::read_to_string(directory.path().join(name)).unwrap();
    let (program, versions) = (text("serving.lock"), text("version.lock"));
    assert_eq!(program, format!("pixeld {} ({versions})", env!("CARGO_PKG_VERSION")));
    (directory, program, versions)
}

const OTHERS: &str = "log schema 0, derived schema 1, rules 1";

#[tokio::test]
async fn beside_a_server_of_another_version_every_command_is_refused_and_changes_nothing() {
    let (directory, this, _) = left_by_a_server().await;
    let directory = directory.path();
    let serving = hold(directory, "serving.lock", &format!("pixeld 0.0.9 ({OTHERS})"), FlockOperation::LockExclusive);
    let version = hold(directory, "version.lock", OTHERS, FlockOperation::LockShared);
    let before = contents(directory);
    let refused = refusal(
        directory,
        &format!(
            "pixeld 0.0.9 ({OTHERS}) is serving this data directory; this is {this}. Restart the server with this binary, or \
             run the command with the server's binary."
        ),
    );
    for command in COMMANDS {
        assert_eq!(pixeld(directory, command), refused, "{command}");
        assert_eq!(contents(directory), before, "{command}");
    }
    drop((serving, version));
    let (well, said) = pixeld(directory, "user list");
    assert!(well, "once that server has ended: {said}");
}

/// The versions before this one wrote no version into their lock file, and had no other.
#[tokio::test]
async fn beside_a_server_without_a_version_every_command_is_refused_and_changes_nothing() {
    let (directory, this, _) = left_by_a_server().await;
    let directory = directory.path();
    std::fs::remove_file(directory.join("version.lock")).unwrap();
    let _serving = hold(directory, "serving.lock", "", FlockOperation::LockExclusive);
    let before = contents(directory);
    let refused = refusal(
        directory,
        &format!(
            "an earlier pixeld, which does not tell its version, is serving this data directory; this is {this}. Restart the \
             server with this binary, or run the command with the server's binary."
        ),
    );
    for command in COMMANDS {
        assert_eq!(pixeld(directory, command), refused, "{command}");
        assert_eq!(contents(directory), before, "{command}");
    }
}

/// A server must not migrate under a command either.
#[tokio::test]
async fn beside_a_command_of_another_version_nothing_starts() {
    let (directory, this, versions) = left_by_a_server().await;
    let directory = directory.path();
    let version = hold(directory, "version.lock", OTHERS, FlockOperation::LockShared);
    let refused = refusal(
        directory,
        &format!(
            "another process uses this data directory with {OTHERS}; this is {this}. Wait until that process has ended, or \
             use its binary."
        ),
    );
    for command in COMMANDS.iter().chain(&["serve --listen 127.0.0.1:0"]) {
        let before = contents(directory);
        assert_eq!(pixeld(directory, command), refused, "{command}");
        assert_eq!(contents(directory), before, "{command}");
    }
    drop(version);
    assert!(pixeld(directory, "user list").0, "once that command has ended");
    assert_eq!(std::fs::read_to_string(directory.join("version.lock")).unwrap(), versions);
}

#[tokio::test]
async fn beside_another_program_with_the_same_versions_commands_work() {
    let (directory, _, versions) = left_by_a_server().await;
    let directory = directory.path();
    let _serving =
        hold(directory, "serving.lock", &format!("pixeld 0.0.9 ({versions})"), FlockOperation::LockExclusive);
    let _version = hold(directory, "version.lock", &versions, FlockOperation::LockShared);
    for command in ["token add ci --role viewer", "user list", "rebuild", "check"] {
        let (well, said) = pixeld(directory, command);
        assert!(well, "{command}: {said}");
    }
}

#[tokio::test]
async fn commands_on_accounts_leave_the_derived_file_alone() {
    let fresh = tempfile::TempDir::new().unwrap();
    assert_eq!(pixeld(fresh.path(), "user list"), (true, String::new()));
    assert!(pixeld(fresh.path(), "token add ci --role viewer").0);
    assert!(contents(fresh.path()).keys().all(|name| !name.starts_with("derived")), "they make no derived file");
    let copy = tempfile::TempDir::new().unwrap();
    let file = copy.path().join(FILE_NAME);
    std::fs::copy(fresh.path().join(FILE_NAME), &file).unwrap();
    let tokens =
        Connection::open(file).unwrap().query_row("SELECT count(*) FROM tokens", [], |row| row.get::<_, i64>(0));
    assert_eq!(tokens, Ok(1), "the log's file is whole without its WAL");

    let (directory, ..) = left_by_a_server().await;
    let derived = derived_file(directory.path());
    Connection::open(&derived).unwrap().execute("UPDATE made_of SET rules = rules + 1", []).unwrap();
    let before = std::fs::read(&derived).unwrap();
    for command in ["token add ci --role viewer", "token list", "token revoke 1", "user list"] {
        let (well, said) = pixeld(directory.path(), command);
        assert!(well, "{command}: {said}");
    }
    assert_eq!(derived_file(directory.path()), derived, "they replace none");
    assert_eq!(std::fs::read(&derived).unwrap(), before);
}

/// Asks the application again until `has` holds.
async fn wait_until(app: &TestApp, what: &str, has: impl Fn(&str) -> bool) {
    let end = Instant::now() + PATIENCE;
    loop {
        let health = app.get("/healthz", &[]).await.text().await.unwrap();
        if has(&health) {
            return;
        }
        assert!(Instant::now() < end, "{what}: {health}");
    }
}

/// A program that knows nothing of the locks may have put the file there.
#[tokio::test]
async fn a_derived_file_of_other_rules_is_not_filled() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    convert(&app, fire(shop.pixel.id, 1, HOUR)).await;
    let other = app.data_dir().join("derived-2.sqlite3");
    let conn = open_database(app.data_dir());
    conn.execute("VACUUM derived INTO ?1", [other.to_str().unwrap()]).unwrap();
    Connection::open(&other).unwrap().execute("UPDATE made_of SET rules = rules + 1", []).unwrap();
    tables::set_generation(&conn, 2);
    let trouble = "the judge cannot go on: derived-2.sqlite3 was made by the rules of another version of pixeld; restart the \
                   server with the binary that made it, or rebuild with this one\n";
    wait_until(&app, "the judge refuses the file", |health| health.contains(trouble)).await;

    let px = format!("/px?id={}", shop.pixel.id);
    assert_eq!(app.get(&px, &[("cookie", "pxid=7")]).await.status(), 200, "the log goes on");
    app.store.pixel_health(&app.reader(), vec![shop.pixel.id]).await.unwrap();
    wait_until(&app, "the judge goes on refusing", |health| health.contains(trouble)).await;
    let other = Connection::open(&other).unwrap();
    assert_eq!(tables::count(&other, "conversions"), 1, "nothing was judged into it");

    tables::set_generation(&conn, 1);
    wait_until(&app, "the judge goes on in its own file", |health| health == "ok\n").await;
    app.judged().await;
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

/// Whether this process has a POSIX lock on a file, as the system lists them.
fn has_posix_lock(file: &Path) -> bool {
    let (process, inode) = (std::process::id().to_string(), format!(":{}", std::fs::metadata(file).unwrap().ino()));
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    let mut locks = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    locks.any(|lock| lock.contains(&"POSIX") && lock[4] == process && lock[5].ends_with(&inode))
}

/// The inode of the WAL of the current derived file; none if there is no such file.
fn wal(directory: &Path) -> Option<u64> {
    let name = format!("{}-wal", derived_file(directory).display());
    std::fs::metadata(name).ok().map(|file| file.ino())
}

/// POSIX drops all locks of a process on a file when the process closes any descriptor of that file. Another process then
/// takes itself for the last one that uses the file, and deletes the WAL under the first. (SQLite 3.51 and later look also
/// at the locks of another file before they delete it.)
#[tokio::test]
async fn a_judges_file_that_is_closed_leaves_the_locks_of_the_process() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    show(&app.store, view(shop.line_item.id, 1, 0)).await;
    convert(&app, fire(shop.pixel.id, 1, HOUR)).await;
    let (derived, before) = (app.store.derived_file(), wal(app.data_dir()));
    assert!(has_posix_lock(&derived) && before.is_some(), "the judge has the file open");

    drop(app.store.judge_file().unwrap());
    assert!(has_posix_lock(&derived), "other processes still see that the file is in use");
    let (well, said) = pixeld(app.data_dir(), "check --quick");
    assert!(well, "{said}");
    assert_eq!(wal(app.data_dir()), before, "another process leaves the WAL alone when it ends");

    convert(&app, fire(shop.pixel.id, 1, 2 * HOUR)).await;
    app.judged().await;
    let (well, said) = pixeld(app.data_dir(), "check");
    assert!(well && !said.contains("not judged yet"), "another process sees what was judged since: {said}");
}

#[tokio::test]
async fn a_rebuild_removes_no_file_that_another_process_may_open() {
    let (directory, ..) = left_by_a_server().await;
    let before = derived_file(directory.path());
    let reader = File::open(directory.path().join("derived-1.lock")).unwrap();
    flock(&reader, FlockOperation::LockShared).unwrap();
    let mut rebuilding = program(directory.path(), "rebuild").stdout(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    while derived_file(directory.path()) == before {
        assert!(Instant::now() < end, "the new file becomes the current one");
    }
    assert!(before.exists(), "the one before is kept");
    assert!(rebuilding.try_wait().unwrap().is_none(), "and the rebuild waits for it");
    drop(reader);
    assert!(rebuilding.wait().unwrap().success());
    let left: Vec<_> = contents(directory.path()).into_keys().filter(|name| name.starts_with("derived-1")).collect();
    assert_eq!(left, [""; 0], "nothing of it is left");
}
