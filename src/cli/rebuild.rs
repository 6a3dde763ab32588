//! `pixeld rebuild`: derives everything from the log again, with or without a running server. The judge does the work,
//! and this command shows its progress.

use anyhow::{Context, bail};
use clap::Args;

use super::progress::{Progress, share};
use super::{DataArgs, on_store, require_log, say};
use crate::domain::{Millis, Rejudge};
use crate::judge;
use crate::store::Store;

#[derive(Args)]
pub(super) struct RebuildArgs {
    /// Apply today's settings of pixels and line items to past events. Items that are inactive or deleted now get no
    /// credit. This is permanent. Memberships of segments keep their settings
    #[arg(long)]
    current_settings: bool,
    /// With --current-settings: only for events since this time, such as 2026-10-01 or 2026-10-01T12:00:00Z. Without it
    /// this changes nothing: pixeld always recalculates everything
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Millis>,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: RebuildArgs) -> anyhow::Result<()> {
    let config = args.data.resolve()?;
    require_log(&config)?;
    let from = args.from.unwrap_or(Millis(i64::MIN));
    let decision = args.current_settings.then_some(Rejudge { from, settings: true, exposures: false });
    on_store(&config, async |store| tokio::task::spawn_blocking(move || rebuild(&store, decision)).await?)
}

/// A day in UTC, or a moment.
fn moment(text: &str) -> Result<Millis, String> {
    Millis::parse(text)
        .map_err(|error| format!("must be a time such as 2026-10-01 or 2026-10-01T12:00:00Z, and {error}"))
}

/// Derives everything again, applies this decision, and shows a progress bar. It blocks.
pub(super) fn rebuild(store: &Store, decision: Option<Rejudge>) -> anyhow::Result<()> {
    let Some(rebuilding) = store.start_rebuild(decision).context("cannot create a new derived file")? else {
        bail!("another rebuild is running; wait until it ends");
    };
    let mut bar = Progress::new("Rebuilding", "rows");
    let mut rows = 0;
    let rebuilt = judge::rebuild(store, &rebuilding, &mut |now| {
        rows = now.judged.0.unsigned_abs();
        bar.at(rows, share(rows, now.logged.0.unsigned_abs()));
    });
    bar.done(&format!("Judged {rows} rows of the log again."));
    let removed = rebuilding.remove_old();
    rebuilt.context("nothing was changed")?;
    say("Everything is recalculated and in use.");
    if !removed.context("but the old derived file could not be removed; the next start removes it")? {
        say("Another process still reads the old derived file. The next start removes it.");
    }
    Ok(())
}
