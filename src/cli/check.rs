//! `pixeld check`: says whether the database is sound and how much room is left. It repairs nothing, and its exit code
//! says the same for scripts.

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::{DataArgs, on_store, say};
use crate::config::Config;
use crate::domain::Caller;
use crate::store::{FILE_NAME, Verification};

#[derive(Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: CheckArgs) -> anyhow::Result<()> {
    let config = args.data.resolve()?;
    let file = config.data_dir.join(FILE_NAME);
    ensure!(file.exists(), "there is no database in {}", config.data_dir.display());
    let size = std::fs::metadata(&file)?.len();
    say(&format!("{}: {}, {} left on its disk", file.display(), bytes(size), bytes(room_left(&config)?)));
    on_store(&config, async |store| {
        let by = Caller::shell().reader()?;
        tell(&store.verify(&by).await.context("the check cannot be done")?)
    })
}

fn tell(found: &Verification) -> anyhow::Result<()> {
    say(&format!("The log holds {} fires and {} exposures.", found.fires, found.exposures));
    let behind = found.logged.0 - found.judged.0;
    if behind > 0 {
        say(&format!("Its last {behind} places are not judged yet; a running server does that by itself."));
    }
    if found.faults.is_empty() {
        say("The file is sound, and all that was derived from the log agrees with it.");
        return Ok(());
    }
    for fault in &found.faults {
        say(&format!("FAULT: {}: {} rows, the first at {}", fault.what, fault.rows, fault.first));
    }
    bail!("the database is not sound: {} faults", found.faults.len())
}

fn room_left(config: &Config) -> anyhow::Result<u64> {
    let disk = rustix::fs::statvfs(&config.data_dir)
        .with_context(|| format!("cannot ask how much room is left for {}", config.data_dir.display()))?;
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
    fn sizes_are_said_in_the_largest_whole_unit() {
        let sizes = [1_023, 1 << 20, (1 << 30) - 1, 1 << 30, 53 << 30].map(bytes);
        assert_eq!(sizes, ["0 KiB", "1 MiB", "1023 MiB", "1 GiB", "53 GiB"]);
    }
}
