//! `pixeld rebuild`: makes everything that is derived anew from the log, beside a running server or without one. It only
//! tells how far it has come; the work is the judge's.

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::progress::{Progress, share};
use super::{DataArgs, on_store, say};
use crate::domain::{Millis, Rejudge};
use crate::judge;
use crate::store::{FILE_NAME, Store};

#[derive(Args)]
pub(super) struct RebuildArgs {
    /// Judge fires by the settings of now (pixels, line items and their entries), not by those that were in force when
    /// each was logged: what is inactive or deleted now earns nothing then. The log keeps this decision, so every later
    /// rebuild and explanation follows it. Memberships of segments stay as their settings were
    #[arg(long)]
    current_settings: bool,
    /// From when on: such as 2026-10-01 or 2026-10-01T12:00:00Z. Every sum depends on what was before, so all is made anew
    /// in any case; with --current-settings, fires that happened before this time keep the settings of theirs
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Millis>,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: RebuildArgs) -> anyhow::Result<()> {
    let config = args.data.resolve()?;
    ensure!(config.data_dir.join(FILE_NAME).exists(), "there is no database in {}", config.data_dir.display());
    let from = args.from.unwrap_or(Millis(i64::MIN));
    let decision = args.current_settings.then_some(Rejudge { from, settings: true, exposures: false });
    on_store(&config, async |store| tokio::task::spawn_blocking(move || rebuild(&store, decision)).await?)
}

/// A day in UTC, or a moment.
fn moment(text: &str) -> Result<Millis, String> {
    let moment = Millis::parse(text).or_else(|| text.parse::<jiff::Timestamp>().ok().map(Millis::from));
    moment.ok_or_else(|| "must be a time such as 2026-10-01 or 2026-10-01T12:00:00Z".to_owned())
}

/// Makes all that is derived anew, as this decides, and tells how far it has come. It blocks.
pub(super) fn rebuild(store: &Store, decision: Option<Rejudge>) -> anyhow::Result<()> {
    let Some(rebuilding) = store.start_rebuild(decision).context("a new derived file cannot be made")? else {
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
    if !tidied.context("but what was before could not be removed; the next start does that")? {
        say("Another process still reads what was before. The next start removes it.");
    }
    Ok(())
}
