//! A rebuild judges the whole log again into a new file, while readers use the current one. Then the new file becomes the
//! current one, and the running judge continues in it. A check only compares the two files.

use super::worker::Worker;
use crate::domain::Seq;
use crate::store::{Fault, Rebuilding, Store, StoreError};

/// Rows of the log that are judged at once: many, since larger slices write more rows in the order of the tables.
const ROWS_A_SLICE: u16 = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RebuildProgress {
    /// The last row that the rebuild has judged.
    pub judged: Seq,
    /// The log's last row.
    pub logged: Seq,
}

/// Judges the whole log into the new file and makes it the current one. The old file stays on the disk. Calls `report`
/// after each slice. It blocks.
///
/// # Errors
/// Why it failed. Then the current file is unchanged, and [`Rebuilding::remove_old`] removes the new one.
pub fn rebuild(
    store: &Store,
    rebuilding: &Rebuilding,
    report: &mut dyn FnMut(RebuildProgress),
) -> Result<(), StoreError> {
    let mut worker = Worker::on(rebuilding.file()?, store.clone(), ROWS_A_SLICE)?;
    let mut logged = worker.log_end()?;
    while worker.cursor() < logged {
        if store.log_ended() {
            return Err(StoreError::Unavailable("the server is stopping".into()));
        }
        worker.step(logged)?;
        // The log may grow meanwhile. The running judge takes the last few rows.
        let now = worker.log_end()?;
        if now.0 - logged.0 > i64::from(ROWS_A_SLICE) {
            logged = now;
        }
        report(RebuildProgress { judged: worker.cursor(), logged });
    }
    while worker.sweep()? {}
    rebuilding.publish(worker.into_file())
}

/// Judges the log into the new file up to the current file's cursor, and returns how the two differ. The current file
/// stays the current one. Calls `report` after each slice. It blocks.
///
/// # Errors
/// Why it failed.
pub fn compare(
    store: &Store,
    rebuilding: &Rebuilding,
    report: &mut dyn FnMut(RebuildProgress),
) -> Result<Vec<Fault>, StoreError> {
    let mut worker = Worker::on(rebuilding.file()?, store.clone(), ROWS_A_SLICE)?;
    // The running judge may advance the current file meanwhile. So the last few rows are compared with a snapshot.
    let current = loop {
        let current = rebuilding.current_file()?;
        // The worker's transaction began before this moment, and may not see all that was logged by now.
        worker.commit()?;
        let upto = current.cursor();
        if upto.0 - worker.cursor().0 <= i64::from(ROWS_A_SLICE) {
            break current;
        }
        drop(current);
        while worker.cursor() < upto {
            worker.step(upto)?;
            report(RebuildProgress { judged: worker.cursor(), logged: upto });
        }
    };
    while worker.cursor() < current.cursor() {
        worker.step(current.cursor())?;
    }
    while worker.sweep()? {}
    current.compare(worker.into_file())
}
