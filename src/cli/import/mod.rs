//! `pixeld import`: appends history from elsewhere to the log, judged as if it had come live. It reads and checks every
//! line first, sorts them by time in a temporary file, appends them in small transactions with pauses between, so that
//! a server on the same database does not notice, and sees to it that they are judged. Killed at any moment and run
//! again, it appends each line once.

mod lines;
mod tally;

use std::fs::File;
use std::io::{BufReader, Read as _, stdin};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;

use self::lines::{LineReader, Read};
use self::tally::{Kind, Tally};
use super::progress::{Progress, share};
use super::{DataArgs, on_store, rebuild, say};
use crate::auth::Auth;
use crate::collect::import::{Lines, MAX_LINE, Wrong};
use crate::domain::{Caller, Collector, Millis, Reader, Rejudge, Rejudgement, Seq};
use crate::judge::{ROWS_A_SLICE, Worker};
use crate::store::{FILE_NAME, ImportRow, Imported, Spool, Store, is_served};

/// Rows in one transaction: a few milliseconds of the writer's time.
const ROWS_AT_ONCE: u32 = 200;
/// While a server serves, the pause after each transaction is so many times as long as that took.
const PAUSES: u32 = 3;
/// How often it looks how far a server's judge has come.
const LOOKS: Duration = Duration::from_millis(50);
/// How often it looks whether a server serves.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// For how long a server's judge may stand still before it is looked whether the server is still there.
const STILL: Duration = Duration::from_secs(2);

#[derive(Args)]
pub(super) struct ImportArgs {
    /// A file with one JSON object a line; - for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Append nothing at all if a line is wrong, or has a field that means nothing here
    #[arg(long)]
    strict: bool,
    /// Then judge anew the fires that the log holds already and that are younger than the oldest exposure of the file, so
    /// that they may be credited to the file's exposures. All that is derived is made anew for it; the server goes on
    /// meanwhile
    #[arg(long)]
    rejudge: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: ImportArgs) -> anyhow::Result<()> {
    let config = args.data.resolve()?;
    ensure!(config.data_dir.join(FILE_NAME).exists(), "there is no database in {}", config.data_dir.display());
    let (input, size) = open(&args.file)?;
    on_store(&config, async |store| {
        let auth = Auth::start(store.clone())?;
        let caller = Caller::shell();
        let (reader, by) = (caller.reader()?, caller.collector()?);
        let lines = Lines::new(&store, &auth, &config, (&reader, &by)).await?;
        let before = store.logged();
        let (mut tally, mut spool) = (Tally::default(), Spool::new().context("no temporary file can be made")?);
        check(input, size, (&lines, &store), &mut tally, &mut spool)?;
        let stops = args.strict && (tally.wrong > 0 || tally.has_ignored());
        if stops || spool.is_empty() {
            tally.complaints().iter().for_each(|line| say(line));
            ensure!(!stops, "nothing was appended, since --strict was given");
            ensure!(tally.read == 0, "nothing was appended, since every line is wrong");
        }
        let mut served = Served::of(&config.data_dir);
        let last = append(&store, &by, &lines, &mut tally, &mut spool, (before, &mut served)).await?;
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

/// The file, and its size where that is known.
fn open(file: &str) -> anyhow::Result<(Input, Option<u64>)> {
    if file == "-" {
        return Ok((BufReader::new(Box::new(stdin())), None));
    }
    let cannot = || format!("cannot read {file}");
    let mut opened = File::open(file).with_context(cannot)?;
    let about = opened.metadata().with_context(cannot)?;
    // A directory opens, and cannot be read.
    ensure!(!about.is_dir(), "{file} is a directory");
    opened.read(&mut []).with_context(cannot)?;
    Ok((BufReader::with_capacity(1 << 16, Box::new(opened)), about.is_file().then_some(about.len())))
}

/// Reads and checks every line, and puts those that can be taken into the spool.
fn check(
    input: Input,
    size: Option<u64>,
    (lines, store): (&Lines<'_>, &Store),
    tally: &mut Tally,
    spool: &mut Spool,
) -> anyhow::Result<()> {
    let mut progress = Progress::new("Reading", "lines");
    let mut reader = LineReader::new(input, MAX_LINE);
    let now = store.clock().now();
    while let Some(line) = reader.next().context("the file cannot be read on")? {
        tally.read += 1;
        let understood = match line {
            Read::TooLong => Err(Wrong::too_long()),
            Read::Line(text) => match lines.read(text, now) {
                Err(wrong) => Err(wrong),
                Ok(line) => Ok((line, text.to_vec())),
            },
        };
        match understood {
            Err(wrong) => {
                progress.aside();
                tally.wrong(reader.number(), &wrong);
            }
            Ok((line, text)) => {
                tally.ignored(&line);
                spool.put(reader.number(), line.at, line.rank(), &text).context("the lines cannot be sorted")?;
            }
        }
        progress.at(tally.read, size.and_then(|size| share(reader.bytes(), size)));
    }
    spool.sort().context("the lines cannot be sorted")?;
    progress.done(&format!("Read {} lines, {} of them wrong.", tally.read, tally.wrong));
    Ok(())
}

/// Appends what is in the spool; says up to where in the log it stands.
async fn append(
    store: &Store,
    by: &Collector,
    lines: &Lines<'_>,
    tally: &mut Tally,
    spool: &mut Spool,
    (before, served): (Seq, &mut Served<'_>),
) -> anyhow::Result<Seq> {
    let mut progress = Progress::new("Appending", "lines");
    let (mut done, mut last) = (0, before);
    loop {
        let texts = spool.take(ROWS_AT_ONCE)?;
        if texts.is_empty() {
            break;
        }
        let now = store.clock().now();
        let (mut rows, mut kinds) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
        for spooled in texts {
            done += 1;
            match lines.read(&spooled.text, now) {
                Ok(line) => {
                    kinds.push((Kind::of(&line.row), line.at));
                    rows.push(ImportRow { mark: line.mark, row: line.row, clicked: line.clicked });
                }
                Err(wrong) => {
                    progress.aside();
                    tally.wrong(spooled.number, &wrong);
                }
            }
        }
        let begun = Instant::now();
        let became = store.import(by, rows).await.context("the lines cannot be appended; run it again to go on")?;
        for (became, kind) in became.into_iter().zip(kinds) {
            tally.became(kind, became, before);
            if let Imported::Added(seq) = became {
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

/// Whether exposures of this time and later, up to this place, were given to the fires before them already.
async fn is_rejudged(store: &Store, by: &Reader, from: Millis, upto: Seq) -> anyhow::Result<bool> {
    let taken = store.rejudgements(by).await?;
    let covers = |taken: &Rejudgement| taken.decision.exposures && taken.decision.from <= from && taken.upto >= upto;
    Ok(taken.0.iter().any(covers))
}

/// Judges all there is anew, so that fires of this time and later see every exposure of the log.
async fn rejudge(store: &Store, from: Millis) -> anyhow::Result<()> {
    let store = store.clone();
    let decision = Rejudge { from, settings: false, exposures: true };
    let done = tokio::task::spawn_blocking(move || rebuild::rebuild(&store, Some(decision))).await?;
    done.context("the lines are appended, but not judged; run it again to go on")
}

/// Waits until the log is judged up to `to`: by the server that runs, or else here.
async fn judge(store: &Store, served: &mut Served<'_>, from: Seq, to: Seq) -> anyhow::Result<()> {
    let mut progress = Progress::new("Judging", "rows");
    let mut file = store.judge_file()?;
    let mut seen = (from, Instant::now());
    let mut own = None;
    loop {
        if file.has_moved() {
            file = store.judge_file()?;
        }
        let judged = file.snapshot()?.cursor()?.seq;
        if judged >= to {
            break;
        }
        let places = |seq: Seq| u64::try_from(seq.0 - from.0).unwrap_or(0);
        progress.at(places(judged), share(places(judged), places(to)));
        if judged > seen.0 {
            seen = (judged, Instant::now());
        }
        if served.now() && seen.1.elapsed() < STILL {
            tokio::time::sleep(LOOKS).await;
            continue;
        }
        let mut worker = match own.take() {
            Some(worker) => worker,
            None => Worker::new(store.clone(), ROWS_A_SLICE)?,
        };
        // Two judges harm nothing: each slice is written once.
        own = Some(
            tokio::task::spawn_blocking(move || {
                worker.step(to)?;
                anyhow::Ok(worker)
            })
            .await
            .context("the judge stopped")?
            .context("the lines are appended, but cannot be judged; run it again to go on")?,
        );
    }
    progress.done("Judged.");
    Ok(())
}

/// Whether a server serves from the directory; looked at once a second, since looking touches its claim.
struct Served<'a> {
    directory: &'a Path,
    looked: Instant,
    served: bool,
}

impl<'a> Served<'a> {
    fn of(directory: &'a Path) -> Self {
        Served { directory, looked: Instant::now(), served: is_served(directory) }
    }

    fn now(&mut self) -> bool {
        if self.looked.elapsed() > LOOK_AGAIN {
            *self = Served::of(self.directory);
        }
        self.served
    }
}
