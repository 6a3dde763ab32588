//! `pixeld import`: appends history from elsewhere to the log, where it is judged like live events. It checks every line,
//! sorts the lines by time in a temporary file, and appends them in small transactions with pauses, so that a running
//! server does not slow down. A second run after an interrupted one skips the lines that are appended already.

mod append;
mod judging;
mod lines;
mod tally;

use std::fs::File;
use std::io::{BufReader, Read as _, stdin};

use anyhow::{Context, ensure};
use clap::Args;

use self::append::append;
use self::judging::{Served, is_rejudged, judge, rejudge};
use self::lines::{LineReader, Read};
use self::tally::Tally;
use super::progress::{Progress, share};
use super::{DataArgs, on_store, require_log, say};
use crate::auth::Auth;
use crate::collect::import::{LineError, Lines, MAX_LINE};
use crate::domain::{Caller, Collector, set_added_click_ids};
use crate::store::{Spool, Store};

#[derive(Args)]
pub(super) struct ImportArgs {
    /// A file with one JSON object a line, or - for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Abort if any line is invalid or has unknown fields
    #[arg(long)]
    strict: bool,
    /// Then let the file's ad views and clicks earn credit for events that the log holds already. That begins at the
    /// time of the oldest ad. It recalculates everything, and the server keeps running
    #[arg(long)]
    rejudge: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: ImportArgs) -> anyhow::Result<()> {
    let config = args.data.resolve()?;
    require_log(&config)?;
    let (input, size) = open(&args.file)?;
    on_store(&config, async |store| {
        let auth = Auth::start(store.clone())?;
        let caller = Caller::shell();
        let (reader, by) = (caller.reader()?, caller.collector()?);
        let (settings, _) = config.live(&store.stored_settings().await?)?;
        set_added_click_ids(&settings.click_ids);
        let lines = Lines::new(&store, &auth, &settings, &reader, &by).await?;
        let before = store.logged();
        let (mut tally, mut spool) = (Tally::default(), Spool::new().context("cannot create a temporary file")?);
        check(input, size, &store, &by, &lines, &mut tally, &mut spool).await?;
        let stops = args.strict && (tally.wrong > 0 || tally.has_ignored());
        let all_wrong = tally.read > 0 && tally.wrong == tally.read;
        if stops || all_wrong {
            tally.complaints().iter().for_each(|line| say(line));
            ensure!(!stops, "nothing was appended, since --strict was given");
            ensure!(!all_wrong, "nothing was appended, since every line is invalid");
        }
        let mut served = Served::of(&config.data_dir);
        let last = append(&store, &by, &lines, &mut tally, &mut spool, before, &mut served).await?;
        match tally.exposures {
            Some((from, upto)) if args.rejudge && !is_rejudged(&store, &reader, from, upto).await? => {
                rejudge(&store, from).await?;
            }
            Some(_) | None => judge(&store, &mut served, before, last).await?,
        }
        tally.summary().iter().for_each(|line| say(line));
        tally::outcomes(&store.imported_outcomes(&reader, before, last).await?).iter().for_each(|line| say(line));
        tally.complaints().iter().for_each(|line| say(line));
        Ok(())
    })
}

type Input = BufReader<Box<dyn std::io::Read>>;

/// Opens the file; returns its size if that is known.
fn open(file: &str) -> anyhow::Result<(Input, Option<u64>)> {
    if file == "-" {
        return Ok((BufReader::new(Box::new(stdin())), None));
    }
    let cannot = || format!("cannot read {file}");
    let mut input = File::open(file).with_context(cannot)?;
    let metadata = input.metadata().with_context(cannot)?;
    // A directory can be opened, but not read.
    ensure!(!metadata.is_dir(), "{file} is a directory");
    input.read(&mut []).with_context(cannot)?;
    Ok((BufReader::with_capacity(1 << 16, Box::new(input)), metadata.is_file().then_some(metadata.len())))
}

/// Checks every line, and puts the valid ones into the spool.
async fn check(
    input: Input,
    size: Option<u64>,
    store: &Store,
    by: &Collector,
    lines: &Lines<'_>,
    tally: &mut Tally,
    spool: &mut Spool,
) -> anyhow::Result<()> {
    let now = store.clock().now();
    let mut progress = Progress::new("Reading", "lines");
    let mut reader = LineReader::new(input, MAX_LINE);
    while let Some(line) = reader.next().context("cannot read the rest of the file")? {
        tally.read += 1;
        let text = match line {
            Read::TooLong => None,
            Read::Line(text) => Some(text.to_vec()),
        };
        match text.as_deref().ok_or_else(LineError::too_long).and_then(|text| lines.read(text, now)) {
            Ok(line) => {
                tally.ignored(&line);
                let text = text.as_deref().unwrap_or_default();
                spool.put(reader.number(), line.at, line.rank(), text).context("the lines cannot be sorted")?;
            }
            Err(wrong) => match text.as_deref().and_then(|text| lines.mark(text)) {
                Some(mark) if store.is_imported(by, mark).await? => tally.imported_before(),
                _ => {
                    progress.aside();
                    tally.wrong(reader.number(), &wrong);
                }
            },
        }
        progress.at(tally.read, size.and_then(|size| share(reader.bytes(), size)));
    }
    spool.sort().context("the lines cannot be sorted")?;
    progress.done(&format!("Read {} lines, {} of them invalid.", tally.read, tally.wrong));
    Ok(())
}
