//! `pixeld check`: checks the database and prints how much room is left. It repairs nothing. Its exit status is for
//! scripts.

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::progress::{Progress, share};
use super::{DataArgs, cannot_open, on_store, require_log, say};
use crate::config::Config;
use crate::domain::Caller;
use crate::judge;
use crate::store::{FILE_NAME, Fault, Store};

/// Bytes that must stay free on the disk beside a second derived file.
const SPARE: u64 = 256 << 20;

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Do not recalculate everything to compare it row by row, which takes as long as a rebuild
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: CheckArgs) -> anyhow::Result<()> {
    let config = args.data.resolve()?;
    let file = config.data_dir.join(FILE_NAME);
    require_log(&config)?;
    let unfit = Store::unfit(&config.data_dir).with_context(|| cannot_open(&config))?;
    let size = std::fs::metadata(&file)?.len();
    say(&format!("{}: {}, {} left on its disk", file.display(), bytes(size), bytes(room_left(&config)?)));
    if let Some(why) = unfit {
        say(&format!(
            "FAULT: the derived file {why}; pixeld rebuild, or the next start of the server, derives everything again"
        ));
        bail!("the database is not sound: 1 fault");
    }
    on_store(&config, async |store| {
        let by = Caller::shell().reader()?;
        let verification = store.verify(&by).await.context("the check failed")?;
        say(&format!("The log holds {} fires and {} exposures.", verification.fires, verification.exposures));
        let behind = verification.logged.0 - verification.judged.0;
        if behind > 0 {
            say(&format!("The last {behind} of its rows are not judged yet; a running server does that by itself."));
        }
        report(&verification.faults)?;
        if args.quick {
            say("OK: no problems found. (--quick: nothing was recalculated to compare it.)");
            return Ok(());
        }
        let size = std::fs::metadata(store.derived_file())?.len();
        require_room(size, room_left(&config)?)?;
        report(&tokio::task::spawn_blocking(move || compare(&store)).await??)?;
        say("OK: no problems found.");
        Ok(())
    })
}

/// Recalculates everything, and compares it with the current derived file. It blocks.
fn compare(store: &Store) -> anyhow::Result<Vec<Fault>> {
    let Some(rebuilding) = store.start_rebuild(None).context("cannot create a file to compare with")? else {
        bail!("a rebuild is running, so nothing can be recalculated now; wait until it ends, or use --quick");
    };
    let mut bar = Progress::new("Recalculating", "rows");
    let mut rows = 0;
    let compared = judge::compare(store, &rebuilding, &mut |now| {
        rows = now.judged.0.unsigned_abs();
        bar.at(rows, share(rows, now.logged.0.unsigned_abs()));
    });
    bar.done("Recalculated and compared.");
    let removed = rebuilding.discard();
    let faults = compared.context("the comparison failed")?;
    removed.context("the file of the comparison could not be removed; the next start removes it")?;
    Ok(faults)
}

/// Prints the faults; an error if there are any.
fn report(faults: &[Fault]) -> anyhow::Result<()> {
    for fault in faults {
        say(&format!("FAULT: {}: {}, the first at {}", fault.what, count_of(fault.rows), fault.first));
    }
    if faults.is_empty() {
        return Ok(());
    }
    say("pixeld rebuild derives everything again. If the log itself is damaged, restore a backup.");
    let count = if faults.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", faults.len()) };
    bail!("the database is not sound: {count}")
}

fn count_of(rows: i64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

/// Fails if the disk has no room for a second derived file of this size and the reserve beside it.
fn require_room(size: u64, left: u64) -> anyhow::Result<()> {
    ensure!(
        left > size.saturating_add(SPARE),
        "there is no room to recalculate everything: it needs {} and a reserve of {} that stays free for the server, and {} are \
         left; --quick skips it",
        bytes(size),
        bytes(SPARE),
        bytes(left)
    );
    Ok(())
}

fn room_left(config: &Config) -> anyhow::Result<u64> {
    let disk = rustix::fs::statvfs(&config.data_dir)
        .with_context(|| format!("cannot read how much room is left for {}", config.data_dir.display()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// `812 KiB`, `41 MiB`, `53 GiB`, rounded down.
fn bytes(size: u64) -> String {
    match size {
        0..0x10_0000 => format!("{} KiB", size >> 10),
        0x10_0000..0x4000_0000 => format!("{} MiB", size >> 20),
        _ => format!("{} GiB", size >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_refused_with_all_that_it_needs() {
        let refused = require_room(441 << 10, 30 << 20).unwrap_err().to_string();
        let needs = "it needs 441 KiB and a reserve of 256 MiB that stays free for the server, and 30 MiB are left";
        assert!(refused.contains(needs), "{refused}");
        assert!(require_room(u64::MAX, u64::MAX).is_err());
        assert!(require_room(441 << 10, 257 << 20).is_ok());
    }

    #[test]
    fn a_size_is_in_the_largest_whole_unit() {
        let sizes = [1_023, 1 << 20, (1 << 30) - 1, 1 << 30, 53 << 30].map(bytes);
        assert_eq!(sizes, ["0 KiB", "1 MiB", "1023 MiB", "1 GiB", "53 GiB"]);
    }
}
