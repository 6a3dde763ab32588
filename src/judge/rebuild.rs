//! A rebuild: all that is derived from the log made anew in another file, by the very judge that follows the log, while
//! people read the one before; then taken into use, where the running judge goes on in it; or only compared with what there
//! is.

use super::worker::Worker;
use crate::domain::Seq;
use crate::store::{Fault, Rebuilding, Store, StoreError};

/// Places of the log that are judged at once: many, since writes then come more often in the order of the tables.
const ROWS_A_SLICE: u16 = 20_000;

/// How far a rebuild has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Up to where the log is judged anew.
    pub judged: Seq,
    /// How far it reaches.
    pub logged: Seq,
}

/// Makes everything derived anew from the log, takes it into use, and tells now and then how far it has come. What was
/// before is still there. It blocks.
///
/// # Errors
/// Why it could not be done; then nothing has changed, and what was made is removed by [`Rebuilding::tidy`].
pub fn rebuild(store: &Store, rebuilding: &Rebuilding, tell: &mut dyn FnMut(Rebuilt)) -> Result<(), StoreError> {
    let mut worker = Worker::on(rebuilding.file()?, store.clone(), ROWS_A_SLICE)?;
    let mut logged = worker.log_end()?;
    while worker.cursor() < logged {
        worker.step(logged)?;
        // The log may grow meanwhile. A last few rows are left to the running judge.
        let now = worker.log_end()?;
        if now.0 - logged.0 > i64::from(ROWS_A_SLICE) {
            logged = now;
        }
        tell(Rebuilt { judged: worker.cursor(), logged });
    }
    while worker.sweep()? {}
    rebuilding.take_into_use(worker.into_file())
}

/// Makes everything derived anew from the log, up to where the current file is judged, and says how that differs. It takes
/// nothing into use, and tells now and then how far it has come. It blocks.
///
/// # Errors
/// Why it could not be done.
pub fn compare(
    store: &Store,
    rebuilding: &Rebuilding,
    tell: &mut dyn FnMut(Rebuilt),
) -> Result<Vec<Fault>, StoreError> {
    let mut worker = Worker::on(rebuilding.file()?, store.clone(), ROWS_A_SLICE)?;
    // The current file may go on meanwhile, and is held still only for the last few rows.
    let standing = loop {
        let standing = rebuilding.standing()?;
        // The worker's transaction began before this moment, and may not see all that was logged by now.
        worker.settle()?;
        let upto = standing.cursor();
        if upto.0 - worker.cursor().0 <= i64::from(ROWS_A_SLICE) {
            break standing;
        }
        drop(standing);
        while worker.cursor() < upto {
            worker.step(upto)?;
            tell(Rebuilt { judged: worker.cursor(), logged: upto });
        }
    };
    while worker.cursor() < standing.cursor() {
        worker.step(standing.cursor())?;
    }
    while worker.sweep()? {}
    standing.compare(worker.into_file())
}
