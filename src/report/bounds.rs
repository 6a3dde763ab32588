//! How much there may be of reports: how many of each caller wait, how much is kept, and what the disk keeps free.

use std::path::{Path, PathBuf};

use crate::store::{RunBounds, StoreError};

/// The bounds on what is kept, for pages.
pub const KEPT_RULE: &str =
    "Kept for seven days. Of more than 1,000 files or 1 GB of one user or token, the oldest go first.";

const GB: u64 = 1_000_000_000;

/// How much there may be of reports.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// For each caller.
    pub runs: RunBounds,
    /// Bytes that stay free on the disk.
    pub free_bytes: u64,
    /// The same as percent of a disk that is small.
    pub free_percent: u64,
}

impl Bounds {
    pub(super) const STANDARD: Bounds =
        Bounds { runs: RunBounds { waiting: 20, kept: 1_000, bytes: GB }, free_bytes: GB, free_percent: 10 };

    /// The bounds of one file in this directory.
    pub(super) fn of_file(&self, directory: &Path) -> FileBounds {
        FileBounds { bounds: *self, directory: directory.to_owned() }
    }
}

/// How large a file may become.
#[derive(Clone, Debug)]
pub(super) struct FileBounds {
    bounds: Bounds,
    directory: PathBuf,
}

impl FileBounds {
    /// Checks the room that is left on the disk. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Limit`] if it is too little. A disk that cannot be asked passes.
    pub(super) fn check_room(&self) -> Result<(), StoreError> {
        let Ok(disk) = rustix::fs::statvfs(&self.directory) else { return Ok(()) };
        let [left, all] = [disk.f_bavail, disk.f_blocks].map(|blocks| blocks.saturating_mul(disk.f_frsize));
        let least = self.bounds.free_bytes.min(all / 100 * self.bounds.free_percent);
        if left >= least {
            return Ok(());
        }
        Err(StoreError::Limit(format!(
            "no report is written while less than {} is left on the server's disk, which tracking needs; free some room first",
            in_words(least)
        )))
    }

    /// Checks a file's bytes.
    ///
    /// # Errors
    /// [`StoreError::Limit`] if it has too many.
    pub(super) fn check_size(&self, bytes: u64) -> Result<(), StoreError> {
        let most = self.bounds.runs.bytes;
        if bytes <= most {
            return Ok(());
        }
        Err(StoreError::Limit(format!(
            "the file would have more than {}, all that is kept for one user or token; choose a shorter time or fewer columns",
            in_words(most)
        )))
    }
}

fn in_words(bytes: u64) -> String {
    match bytes {
        GB.. => format!("{} GB", bytes / GB),
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::{Advertiser, Caller, Millis, Pixel, ReportRun, ReportStatus};
    use crate::report::{Reports, Request};
    use crate::store::Store;

    /// A store with 1,500 pixels.
    async fn shop(directory: &Path) -> Store {
        let store = Store::open(directory, Clock::fixed(Millis(0))).unwrap();
        let editor = Caller::shell().editor().unwrap();
        let advertiser = store.create(&editor, Advertiser::new("Shop")).await.unwrap();
        for _ in 0..15 {
            let mut pixels = tokio::task::JoinSet::new();
            for n in 0..100 {
                let (store, editor) = (store.clone(), editor.clone());
                pixels
                    .spawn(async move { store.create(&editor, Pixel::new(advertiser.id, format!("Pixel {n}"))).await });
            }
            pixels.join_all().await.into_iter().for_each(|pixel| drop(pixel.unwrap()));
        }
        store
    }

    /// Asks for a report of all pixels within these bounds, and returns it with the number of files that it left.
    async fn ask(store: &Store, bounds: Bounds, format: &str, sorted: bool) -> Result<(ReportRun, usize), StoreError> {
        let directory = tempfile::tempdir().unwrap();
        let reports = Reports::start_within(store.clone(), directory.path(), bounds).unwrap();
        let by = Caller::shell().reader().unwrap();
        let order = crate::report::Order { column: "pixel_name".to_owned(), descending: false };
        let request = Request {
            report_type: "pixel_fired".to_owned(),
            columns: ["pixel_id", "pixel_name"].map(str::to_owned).to_vec(),
            orders: if sorted { vec![order] } else { Vec::new() },
            format: Some(format.to_owned()),
            ..Request::default()
        };
        let run = reports.ask(&by, request).await?;
        let (run, _) = reports.follow(&by, &run.id, Duration::from_secs(60)).await?;
        Ok((run, std::fs::read_dir(directory.path().join("reports")).unwrap().count()))
    }

    fn most(bytes: u64) -> Bounds {
        Bounds { runs: RunBounds { bytes, ..Bounds::STANDARD.runs }, ..Bounds::STANDARD }
    }

    #[actix_web::test]
    async fn a_file_that_grows_too_large_ends_in_words_and_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let store = shop(directory.path()).await;
        for (format, sorted) in [("csv", false), ("csv", true), ("excel", false), ("json", false), ("xlsx", false)] {
            let (run, files) = ask(&store, most(9_000), format, sorted).await.unwrap();
            let error = "the file would have more than 9000 bytes, all that is kept for one user or token; choose a \
                         shorter time or fewer columns";
            assert_eq!((run.status, run.error.as_deref(), files), (ReportStatus::Error, Some(error), 0), "{format}");
            let (run, files) = ask(&store, most(1_000_000), format, sorted).await.unwrap();
            assert_eq!((run.status, run.row_count, files), (ReportStatus::Ready, Some(1_500), 1), "{format}");
        }
    }

    #[actix_web::test]
    async fn no_report_begins_on_a_disk_without_room() {
        let full = Bounds { free_bytes: u64::MAX, free_percent: 100, ..Bounds::STANDARD };
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), Clock::fixed(Millis(0))).unwrap();
        let refused = ask(&store, full, "csv", false).await.unwrap_err();
        assert!(matches!(refused, StoreError::Limit(_)), "{refused:?}");
        let text = refused.to_string();
        assert!(text.starts_with("no report is written while less than ") && text.contains(" is left on"), "{text}");
    }

    #[test]
    fn the_rule_for_pages_names_the_bounds() {
        let RunBounds { kept, bytes, .. } = Bounds::STANDARD.runs;
        assert_eq!((kept, in_words(bytes).as_str()), (1_000, "1 GB"));
        assert!(KEPT_RULE.contains("1,000 files or 1 GB"));
    }
}
