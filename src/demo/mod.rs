//! The face of `pixeld demo`: a history to look at, and a small shop to try pixeld in. Only demo mode mounts it. It never
//! invents a conversion: the judge makes them all.

mod data;
mod pages;
mod tags;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, bail, ensure};

pub use data::{DAYS, EXPOSURES};
pub use pages::routes;

use crate::auth::{self, Auth};
use crate::clock::Clock;
use crate::domain::{Admin, Advertiser, AdvertiserId, Caller, Millis, PixelId, Role, TrackerId, User};
use crate::judge;
use crate::judge::Worker;
use crate::store::{ClickTracker, FILE_NAME, Store, StoreError};

/// Log rows that the judge takes at once: many, since each slice costs a commit and no request waits for the writer.
const ROWS_A_SLICE: u16 = 8_192;

/// The definitions that the demo's pages use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shop {
    /// The advertiser that owns the shop.
    pub advertiser: AdvertiserId,
    /// The pixel on its cart page.
    pub cart: PixelId,
    /// The pixel on its thank-you page.
    pub purchase: PixelId,
    /// The impression tracker beside the article.
    pub view: TrackerId,
    /// The click tracker of the ad there.
    pub click: TrackerId,
}

/// The name that the demo's user signs in with.
pub const USER: &str = "demo";

/// A demo that is ready to be served.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The definitions that its pages use.
    pub shop: Shop,
    /// The password of [`USER`].
    pub password: String,
}

/// Creates the demo's database in `directory`: an admin, and a judged history of about `exposures` exposures up to `now`.
/// It closes the store again, so that the application opens it like any other.
///
/// # Errors
/// There is a database already, which may be a real one. Or the store's own.
pub async fn prepare(directory: &Path, now: Millis, exposures: u32) -> anyhow::Result<Demo> {
    ensure!(
        !directory.join(FILE_NAME).exists(),
        "{0} holds a database already, and the demo makes a new one; name an empty directory, or see what is there with: \
         pixeld serve --data-dir {0}",
        directory.display()
    );
    // The store stamps what it writes with its clock, so the clock goes back to the beginning of the history.
    let clock = Clock::fixed(now);
    let store = Store::open(directory, clock.clone())
        .with_context(|| format!("cannot make the demo's database in {}", directory.display()))?;
    clock.set(data::beginning(now));
    let password = auth::readable_secret()?.to_lowercase();
    let history = async {
        let by = Caller::shell().admin()?;
        store.name_member(&by, "Northlight Media".to_owned()).await?;
        let auth = Auth::start(store.clone())?;
        auth.create_user(&by, User::new(USER, Role::Admin), &password).await?;
        let mut judge = Worker::new(store.clone(), ROWS_A_SLICE)?;
        let judging = tokio::task::spawn_blocking(move || -> Result<(), StoreError> {
            while let Some(logged) = judge.wait() {
                judge.step(logged)?;
            }
            Ok(())
        });
        // However this ends, even if its future is dropped, the judge must not wait for more of the log.
        let log = EndOfLog(&store);
        let (shop, _) = data::seed(&store, &clock, now, exposures, &|_| ()).await?;
        drop(log);
        judging.await??;
        anyhow::Ok(shop)
    };
    let shop = history.await.context("cannot write the demo's history");
    store.stop();
    Ok(Demo { shop: shop?, password })
}

/// Ends the log when it is dropped.
struct EndOfLog<'a>(&'a Store);

impl Drop for EndOfLog<'_> {
    fn drop(&mut self) {
        self.0.end_log();
    }
}

/// Loads the same history into a running server's database, which must be fresh. Definitions bear the present time, log
/// rows their own past. It blocks, and reports the percentage that is done.
///
/// # Errors
/// The database is not fresh, or another user creates something meanwhile. Or the store's own.
pub fn load(store: &Store, exposures: u32, tell: &dyn Fn(u8)) -> anyhow::Result<()> {
    ensure!(store.logged().0 == 0, "there is something in the log already");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    // The store runs on the system's clock, which stays as it is.
    let by = Caller::shell().editor()?;
    runtime.block_on(async {
        let (_, created) = data::seed(store, &Clock::System, store.clock().now(), exposures, tell).await?;
        Ok(store.note_sample(&by, created).await?)
    })
}

/// Removes what [`load`] has made: its rows in the log, and its objects except those that other objects need. Then it
/// derives everything again. It blocks. A second call goes on after a failure. Returns how many objects stay.
///
/// # Errors
/// Another process rebuilds, or the store's own.
pub fn unload(store: &Store, by: &Admin) -> anyhow::Result<usize> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let editor = by.caller().editor()?;
    let kept = runtime.block_on(async {
        let Some(sample) = store.sample_objects(by).await? else { return anyhow::Ok(None) };
        let kept = store.remove_sample_objects(&editor, sample).await?;
        while store.remove_sample_rows(&editor, kept.upto).await? {}
        Ok(Some(kept))
    })?;
    let Some(kept) = kept else { return Ok(0) };
    let Some(rebuilding) = store.start_rebuild(None)? else { bail!("another rebuild is running; try again later") };
    let rebuilt = judge::rebuild(store, &rebuilding, &mut |_| ());
    // The next start removes the old file, if it is still in use now.
    let removed = rebuilding.remove_old();
    rebuilt?;
    removed?;
    let count = kept.len();
    runtime.block_on(store.note_sample(&editor, kept))?;
    Ok(count)
}

/// Points the ad at the shop of the server that browsers reach at `here`, such as `http://127.0.0.1:8080`.
///
/// # Errors
/// The store's.
pub async fn open(store: &Store, shop: Shop, here: &str) -> anyhow::Result<()> {
    let by = Caller::shell().editor()?;
    let landing_page = format!("{here}{}", pages::SHOP);
    let lead = move |tracker: &mut ClickTracker| {
        tracker.0.click_url = Some(landing_page);
        Ok(())
    };
    store.update(&by, shop.click.0, lead).await?;
    // A visitor that uses another name of this machine stays on it, since the cookie is bound to the name.
    let host = url::Url::parse(here)?.host_str().map(ToOwned::to_owned);
    let names = ["localhost", "127.0.0.1", "[::1]"].map(ToOwned::to_owned);
    let allow = move |advertiser: &mut Advertiser| {
        let hosts = &mut advertiser.redirect_hosts.0;
        for name in names.into_iter().chain(host) {
            if !hosts.contains(&name) {
                hosts.push(name);
            }
        }
        Ok(())
    };
    store.update(&by, shop.advertiser.0, allow).await?;
    Ok(())
}

/// The address to type into a browser on this machine for a server that listens on `listens`.
pub fn address(listens: SocketAddr) -> String {
    if listens.ip().is_unspecified() {
        format!("http://localhost:{}", listens.port())
    } else {
        format!("http://{listens}")
    }
}
