//! Appends the sorted lines to the log, in small transactions that leave time for a running server.

use std::time::Instant;

use anyhow::Context;

use super::judging::Served;
use super::tally::{Kind, Tally};
use crate::cli::progress::{Progress, share};
use crate::collect::import::Lines;
use crate::domain::{Collector, Millis, Seq};
use crate::store::{ImportResult, ImportRow, Spool, SpooledText, Store};

/// Rows in one transaction: a few milliseconds of the writer's time.
const ROWS_AT_ONCE: u32 = 200;

/// Beside a server, the pause after each transaction is so many times the transaction's own length.
const PAUSES: u32 = 3;

/// Appends the lines in the spool to a log that reached to `before`. Returns the number of the last appended row.
pub(super) async fn append(
    store: &Store,
    by: &Collector,
    lines: &Lines<'_>,
    tally: &mut Tally,
    spool: &mut Spool,
    before: Seq,
    served: &mut Served<'_>,
) -> anyhow::Result<Seq> {
    let mut progress = Progress::new("Appending", "lines");
    let (mut done, mut last) = (0, before);
    loop {
        let texts = spool.take(ROWS_AT_ONCE)?;
        if texts.is_empty() {
            break;
        }
        done += u64::try_from(texts.len())?;
        let (kinds, rows) = read(texts, lines, store.clock().now(), tally, &mut progress);
        let begun = Instant::now();
        let imported =
            store.import(by, rows).await.context("the lines cannot be appended; run the import again to continue")?;
        for (imported, kind) in imported.into_iter().zip(kinds) {
            tally.imported(kind, imported, before);
            if let ImportResult::Added(seq) = imported {
                last = seq;
            }
        }
        progress.at(done, share(done, spool.len()));
        if served.now() {
            tokio::time::sleep(begun.elapsed() * PAUSES).await;
        }
    }
    progress.done(&format!("Appended {} of them.", tally.appended()));
    Ok(last)
}

/// Reads the checked texts again. One may be invalid by now, if its pixel was deleted meanwhile.
fn read(
    texts: Vec<SpooledText>,
    lines: &Lines<'_>,
    now: Millis,
    tally: &mut Tally,
    progress: &mut Progress,
) -> (Vec<(Kind, Millis)>, Vec<ImportRow>) {
    let (mut kinds, mut rows) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
    for SpooledText { number, text, .. } in texts {
        match lines.read(&text, now) {
            Ok(line) => {
                kinds.push((Kind::of(&line.row), line.at));
                rows.push(ImportRow { mark: line.mark, row: line.row, clicked: line.clicked });
            }
            Err(wrong) => {
                progress.aside();
                tally.wrong(number, &wrong);
            }
        }
    }
    (kinds, rows)
}
