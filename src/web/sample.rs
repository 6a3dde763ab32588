//! Loads sample data into a fresh database in the background, and removes them again. It reports how far that is. The
//! demo has the data; `app` passes both acts in.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::Admin;

/// What happens with the sample data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loading {
    /// Nothing yet.
    No,
    /// Loading: the percentage that is in the log.
    Percent(u8),
    /// All is in the log; the judge may still be at work.
    Done,
    /// Loading stopped early, for this reason.
    Failed(String),
    Removing,
    /// All is gone, except so many objects that other objects need.
    Removed(usize),
    /// Removing stopped early, for this reason.
    NotRemoved(String),
}

/// Loads the data and reports the percentage from time to time. It may block.
pub type Load = dyn Fn(&dyn Fn(u8)) -> anyhow::Result<()> + Send + Sync;

/// Removes the data, and returns how many objects stay. It may block.
pub type Unload = dyn Fn(&Admin) -> anyhow::Result<usize> + Send + Sync;

/// The sample data of one server. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct SampleData {
    load: Arc<Load>,
    unload: Arc<Unload>,
    loading: watch::Sender<Loading>,
}

impl SampleData {
    /// Nothing is loaded before [`SampleData::start`].
    pub fn new(load: Arc<Load>, unload: Arc<Unload>) -> Self {
        SampleData { load, unload, loading: watch::Sender::new(Loading::No) }
    }

    /// The progress of this moment.
    pub fn loading(&self) -> Loading {
        self.loading.borrow().clone()
    }

    /// Starts loading on a thread of its own; does nothing the second time.
    pub fn start(&self) {
        let own = self.clone();
        let load = move || {
            let tell = |percent| {
                own.loading.send_replace(Loading::Percent(percent));
            };
            (own.load)(&tell).map_or_else(|error| Loading::Failed(log(&error, "loaded")), |()| Loading::Done)
        };
        self.run(Loading::Percent(0), |loading| *loading == Loading::No, Loading::Failed, load);
    }

    /// Starts to remove them on a thread of its own; does nothing while they are loaded or removed.
    pub fn remove(&self, by: Admin) {
        let own = self.clone();
        let unload = move || {
            (own.unload)(&by).map_or_else(|error| Loading::NotRemoved(log(&error, "removed")), Loading::Removed)
        };
        let may = |loading: &Loading| !matches!(loading, Loading::Percent(_) | Loading::Removing);
        self.run(Loading::Removing, may, Loading::NotRemoved, unload);
    }

    fn run(
        &self,
        now: Loading,
        may: impl Fn(&Loading) -> bool,
        failed: fn(String) -> Loading,
        work: impl FnOnce() -> Loading + Send + 'static,
    ) {
        let begins = self.loading.send_if_modified(|loading| {
            let begins = may(loading);
            if begins {
                *loading = now;
            }
            begins
        });
        if !begins {
            return;
        }
        let own = self.clone();
        let run = move || {
            // A panic must not leave the page waiting for ever.
            let done = catch_unwind(AssertUnwindSafe(work));
            own.loading.send_replace(done.unwrap_or_else(|_| failed("a panic; see the log".to_owned())));
        };
        if let Err(error) = std::thread::Builder::new().name("sample".to_owned()).spawn(run) {
            self.loading.send_replace(failed(error.to_string()));
        }
    }
}

fn log(error: &anyhow::Error, act: &str) -> String {
    let cause = format!("{error:#}");
    tracing::error!(cause, "the sample data could not be {act}");
    cause
}
