//! Refuses a data directory whose log is missing or does not fit the files beside it. A start would else begin an empty log,
//! and every tag would be unknown to it.

use std::io;
use std::path::Path;

use super::FILE_NAME;
use super::data_directory::SharedUse;
use super::db::foreign_wal::{foreign, holds_pages, wal_of};
use super::derived::generations;
use super::error::{OpenError, StoreError};

/// Whether there is a log's file that is not empty.
pub(super) fn exists(directory: &Path) -> bool {
    std::fs::metadata(directory.join(FILE_NAME)).is_ok_and(|file| file.len() > 0)
}

/// Refuses a directory without a log's file, or with an empty one, where files of a log are left. Then nothing has changed.
pub(super) fn refuse_missing(directory: &Path) -> Result<(), OpenError> {
    if exists(directory) { Ok(()) } else { refuse_beside_remains(directory) }
}

/// Refuses to begin a log where files of another one are left.
pub(super) fn refuse_beside_remains(directory: &Path) -> Result<(), OpenError> {
    let mut left = left(directory).map_err(StoreError::from)?;
    let Some(last) = left.pop() else { return Ok(()) };
    let (left, is) = if left.is_empty() { (last, "is") } else { (format!("{} and {last}", left.join(", ")), "are") };
    Err(OpenError::Refused(format!(
        "the log is missing: {FILE_NAME} is not there or is empty, but {left} {is} left of it. Put {FILE_NAME} back, or move {left} away \
         to begin with an empty log"
    )))
}

/// What a log has left in the directory.
fn left(directory: &Path) -> io::Result<Vec<String>> {
    let (mut left, log) = (Vec::new(), directory.join(FILE_NAME));
    if !directory.exists() {
        return Ok(left);
    }
    if holds_pages(&log) {
        left.push(format!("{FILE_NAME}-wal"));
    }
    for number in generations::numbers(directory)? {
        left.extend(Some(generations::name(number)).filter(|name| directory.join(name).exists()));
    }
    match std::fs::read_dir(directory.join("reports")) {
        Ok(mut reports) => left.extend(reports.next().map(|_| "reports/".to_owned())),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
        Err(error) => return Err(error),
    }
    Ok(left)
}

/// Refuses a WAL that belongs to another file than the log's. If another process has the log open, the two belong together.
pub(super) fn refuse_foreign_wal(directory: &Path, used: &SharedUse) -> Result<(), OpenError> {
    let file = directory.join(FILE_NAME);
    if !holds_pages(&file) || !used.is_alone()? {
        return Ok(());
    }
    match foreign(&file)? {
        // A process that came meanwhile may have changed both.
        Some(why) if used.is_alone()? => {
            let wal = wal_of(Path::new(FILE_NAME));
            Err(OpenError::Refused(format!(
                "{} does not belong to {FILE_NAME} ({why}), as after a backup was put in its place. Move {0} and \
                 {FILE_NAME}-shm out of the directory, and start again",
                wal.display()
            )))
        }
        Some(_) | None => Ok(()),
    }
}
