//! A write transaction, as the writer passes it to a task.

use rusqlite::Connection;

use super::catalog::Change;
use crate::domain::{Millis, Seq};

/// A write transaction. The writer commits it after the task.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub(super) conn: &'a Connection,
    /// The time of this batch.
    pub(super) now: Millis,
    pub(super) next_seq: &'a mut i64,
    pub(super) changes: &'a mut Vec<Change>,
}

impl Tx<'_> {
    /// Takes the next number of the log.
    pub(super) fn next_seq(&mut self) -> Seq {
        let seq = *self.next_seq;
        *self.next_seq += 1;
        Seq(seq)
    }

    /// Notes the change of a definition that tags depend on. The catalog applies it after the commit.
    pub(super) fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }
}
