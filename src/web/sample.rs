//! Loads sample data into a fresh database in the background, and reports how far that is. The demo has the data; `app`
//! passes its loader in.

use std::sync::Arc;

use tokio::sync::watch;

/// How far the loading is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loading {
    /// Not started.
    No,
    /// Running: the percentage that is in the log.
    Percent(u8),
    /// All is in the log; the judge may still be at work.
    Done,
    /// It stopped early, for this reason.
    Failed(String),
}

/// Loads the data and reports the percentage from time to time. It may block.
pub type Load = dyn Fn(&dyn Fn(u8)) -> anyhow::Result<()> + Send + Sync;

/// The sample data of one server. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct SampleData {
    load: Arc<Load>,
    loading: watch::Sender<Loading>,
}

impl SampleData {
    /// Nothing is loaded before [`SampleData::start`].
    pub fn new(load: Arc<Load>) -> Self {
        SampleData { load, loading: watch::Sender::new(Loading::No) }
    }

    /// The progress of this moment.
    pub fn loading(&self) -> Loading {
        self.loading.borrow().clone()
    }

    /// Starts loading on a thread of its own; does nothing the second time.
    pub fn start(&self) {
        let begins = self.loading.send_if_modified(|loading| {
            let begins = *loading == Loading::No;
            if begins {
                *loading = Loading::Percent(0);
            }
            begins
        });
        if !begins {
            return;
        }
        let own = self.clone();
        let work = move || {
            let tell = |percent| {
                own.loading.send_replace(Loading::Percent(percent));
            };
            let ended = (own.load)(&tell);
            if let Err(error) = &ended {
                tracing::error!(cause = format!("{error:#}"), "the sample data could not be loaded");
            }
            own.loading
                .send_replace(ended.map_or_else(|error| Loading::Failed(format!("{error:#}")), |()| Loading::Done));
        };
        if let Err(error) = std::thread::Builder::new().name("sample".to_owned()).spawn(work) {
            self.loading.send_replace(Loading::Failed(error.to_string()));
        }
    }
}
