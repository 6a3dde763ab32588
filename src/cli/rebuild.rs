//! `pixeld rebuild`: makes everything that is derived anew from the log, beside a running server or without one. It only
//! tells how far it has come; the work is the judge's.

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::progress::{Progress, share};
use super::{DataArgs, on_store, say};
use crate::judge;
use crate::store::{FILE_NAME, Store};

#[derive(Args)]
pub(super) struct RebuildArgs {
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: RebuildArgs) -> anyhow::Result<()> {
    let config = args.data.resolve()?;
    ensure!(config.data_dir.join(FILE_NAME).exists(), "there is no database in {}", config.data_dir.display());
    on_store(&config, async |store| tokio::task::spawn_blocking(move || rebuild(&store)).await?)
}

fn rebuild(store: &Store) -> anyhow::Result<()> {
    let Some(rebuilding) = store.start_rebuild().context("a new derived file cannot be made")? else {
        bail!("another rebuild is under way; wait until it ends");
    };
    let mut bar = Progress::new("Rebuilding", "rows");
    let mut rows = 0;
    let done = judge::rebuild(store, &rebuilding, &mut |now| {
        rows = now.judged.0.unsigned_abs();
        bar.at(rows, share(rows, now.logged.0.unsigned_abs()));
    });
    bar.done(&format!("{rows} rows of the log were judged anew."));
    let tidied = rebuilding.tidy();
    done.context("what was derived stays as it was")?;
    say("All that is derived from the log is new, and in use.");
    tidied.context("but what was before could not be removed; the next start does that")
}
