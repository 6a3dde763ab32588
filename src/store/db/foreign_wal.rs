//! Recognises a write-ahead log (WAL) that belongs to another file, as when a backup was copied over the log's file beside
//! the WAL of the file before. SQLite would move its pages into the log's file and ruin it. Nothing here writes.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase, OperationInterrupted};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::connect::uri;
use crate::store::StoreError;

/// How long a start after a crash may look for damage that the WAL would do.
const PATIENCE: Duration = Duration::from_secs(3);

/// The bytes of a WAL before its first page, and before each page.
const HEAD: u64 = 32;
const PAGE_HEAD: u64 = 24;

/// SQLite asks after so many steps whether there is time left.
const STEPS: i32 = 10_000;

/// The result of a look at a file.
enum Look {
    Sound,
    /// Nothing was found in the time.
    Unfinished,
    Damaged(String),
}

/// The WAL of a database file.
pub(in crate::store) fn wal_of(file: &Path) -> PathBuf {
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}

/// Whether the WAL beside the file holds pages.
pub(in crate::store) fn holds_pages(file: &Path) -> bool {
    size(&wal_of(file)) > HEAD
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |file| file.len())
}

/// Why the WAL does not belong to the file, as a part of a sentence. None if it does, or holds nothing. No process has the
/// file open. The WAL of a killed process belongs to its file whatever the moment was, and passes every look.
///
/// # Errors
/// The files cannot be opened.
pub(in crate::store) fn foreign(file: &Path) -> Result<Option<String>, StoreError> {
    if !holds_pages(file) {
        return Ok(None);
    }
    let mut together = open(file, "mode=ro")?;
    // SQLite leaves the WAL of an immutable file out of account.
    let mut alone = open(file, "mode=ro&immutable=1")?;
    if let (Some(own), Some(others)) = (log_id(&alone), log_id(&together))
        && own != others
    {
        return Ok(Some("it is of another log".to_owned()));
    }
    if let Some((pages, most)) = pages(file, &together)
        && pages > most
    {
        return Ok(Some(format!("{} pages between them are in neither", pages - most)));
    }
    let Look::Damaged(what) = look(&mut together, PATIENCE)? else { return Ok(None) };
    match look(&mut alone, 2 * PATIENCE)? {
        // The WAL is not at fault.
        Look::Damaged(_) => Ok(None),
        Look::Sound | Look::Unfinished => Ok(Some(format!("together they are damaged: {what}"))),
    }
}

fn open(file: &Path, parameters: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(uri(file, parameters), flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(conn)
}

/// The log's own number. None where it cannot be read: the file alone may be between two states after a crash.
fn log_id(conn: &Connection) -> Option<i64> {
    conn.query_row("SELECT log_id FROM derived_file", [], |row| row.get("log_id")).ok()
}

/// How many pages the database has with the WAL, and how many there can be in both files.
fn pages(file: &Path, together: &Connection) -> Option<(u64, u64)> {
    let number = |sql: &str| -> Option<u64> {
        let number = together.query_row(sql, [], |row| row.get::<_, i64>(0)).ok()?;
        number.try_into().ok()
    };
    let (pages, page) = (number("PRAGMA page_count")?, number("PRAGMA page_size")?.max(1));
    let in_wal = size(&wal_of(file)).saturating_sub(HEAD) / (page + PAGE_HEAD);
    Some((pages, size(file) / page + in_wal))
}

fn look(conn: &mut Connection, patience: Duration) -> Result<Look, StoreError> {
    let give_up = Instant::now() + patience;
    conn.progress_handler(STEPS, Some(move || Instant::now() > give_up))?;
    let found: rusqlite::Result<String> = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    conn.progress_handler(0, None::<fn() -> bool>)?;
    match found {
        Ok(text) if text == "ok" => Ok(Look::Sound),
        Ok(text) => Ok(Look::Damaged(text)),
        Err(error) => match error.sqlite_error_code() {
            Some(OperationInterrupted) => Ok(Look::Unfinished),
            Some(DatabaseCorrupt | NotADatabase) => Ok(Look::Damaged(error.to_string())),
            _ => Err(error.into()),
        },
    }
}
