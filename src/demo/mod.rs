//! The face of `pixeld demo`: a history to look at and a small shop to try it in. Mounted in demo mode alone. It never
//! makes up a conversion: those come from the judge.

mod data;
mod pages;
mod tags;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, anyhow, ensure};

pub use data::{DAYS, EXPOSURES};
pub use pages::routes;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::domain::{Advertiser, AdvertiserId, Caller, Millis, PixelId, Role, TrackerId, User};
use crate::judge::Worker;
use crate::store::{ClickTracker, FILE_NAME, Store, StoreError};

/// Places of the log that are judged at once: many, since nobody waits for the writer meanwhile, and each slice costs
/// a commit.
const ROWS_A_SLICE: u16 = 8_192;

/// The definitions that the demo's pages use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shop {
    /// Whose shop it is.
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
pub struct Prepared {
    /// What its pages use.
    pub shop: Shop,
    /// The password of [`USER`].
    pub password: String,
}

/// Makes the demo's database in `directory`: an admin, and a history of about so many exposures up to `now`, judged.
/// The store is closed again, so that the application opens it as it opens any.
///
/// # Errors
/// A database that is there already: it may be somebody's real one. Or what the store refuses.
pub async fn prepare(directory: &Path, now: Millis, exposures: u32) -> anyhow::Result<Prepared> {
    ensure!(
        !directory.join(FILE_NAME).exists(),
        "{0} holds a database already, and the demo makes a new one; name an empty directory, or see what is there with: \
         pixeld serve --data-dir {0}",
        directory.display()
    );
    // The store stamps what is written with its clock, and this one goes back to when the history begins.
    let clock = Clock::fixed(now);
    let store = Store::open(directory, clock.clone())
        .with_context(|| format!("cannot make the demo's database in {}", directory.display()))?;
    clock.set(data::beginning(now));
    let password = password()?;
    let made = async {
        let by = Caller::shell().admin()?;
        store.name_member(&by, "Northlight Media".to_owned()).await?;
        let auth = Auth::start(store.clone())?;
        auth.create_user(&by, User::new(USER, Role::Admin), &password).await?;
        let mut judge = Worker::new(store.clone(), ROWS_A_SLICE)?;
        let judged = tokio::task::spawn_blocking(move || -> Result<(), StoreError> {
            while let Some(logged) = judge.wait() {
                judge.step(logged)?;
            }
            Ok(())
        });
        // However this ends, also when nobody waits for it any more, the judge must not wait for a log that is no more.
        let log = EndOfLog(&store);
        let shop = data::seed(&store, &clock, now, exposures, &|_| ()).await?;
        drop(log);
        judged.await??;
        anyhow::Ok(shop)
    };
    let shop = made.await.context("cannot write the demo's history");
    store.stop();
    Ok(Prepared { shop: shop?, password })
}

/// Says that the log has ended, when it is dropped.
struct EndOfLog<'a>(&'a Store);

impl Drop for EndOfLog<'_> {
    fn drop(&mut self) {
        self.0.end_log();
    }
}

/// Loads the same history into the database of a server that runs: a fresh one, in which nobody has made anything. What
/// is made bears the time of now; what was logged, its own past. It blocks, and tells the percentage that is done.
///
/// # Errors
/// A database that is not fresh, or in which somebody makes something meanwhile; what the store refuses.
pub fn load(store: &Store, exposures: u32, tell: &dyn Fn(u8)) -> anyhow::Result<()> {
    ensure!(store.logged().0 == 0, "there is something in the log already");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    // The system's clock cannot be set: the store's is left alone.
    runtime.block_on(data::seed(store, &Clock::System, store.clock().now(), exposures, tell))?;
    Ok(())
}

/// Lets the ad lead to the shop of the server that is reached at `here`, such as `http://127.0.0.1:8080`.
///
/// # Errors
/// What the store refuses.
pub async fn open(store: &Store, shop: Shop, here: &str) -> anyhow::Result<()> {
    let by = Caller::shell().editor()?;
    let landing_page = format!("{here}{}", pages::SHOP);
    let lead = move |tracker: &mut ClickTracker| {
        tracker.0.click_url = Some(landing_page);
        Ok(())
    };
    store.update(&by, shop.click.0, lead).await?;
    // Whoever came by another name of this machine stays with it: its cookie is bound to the name.
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

/// What to type into a browser on this machine to reach a server that listens here.
pub fn address(listens: SocketAddr) -> String {
    if listens.ip().is_unspecified() {
        format!("http://localhost:{}", listens.port())
    } else {
        format!("http://{listens}")
    }
}

/// A password to read off a terminal: 12 letters and digits that look like no other, 60 random bits.
fn password() -> anyhow::Result<String> {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 12];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness for a password: {error}"))?;
    let mut password = String::new();
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            password.push('-');
        }
        password.extend(SIGNS.get(usize::from(byte % 32)).map(|sign| char::from(*sign)));
    }
    Ok(password)
}
