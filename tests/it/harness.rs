//! The real application on a free port, with a database of its own in a temporary directory and a clock
//! that only a test moves. Nothing here waits by sleeping: tests wait on conditions.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use pixeld::app::App;
use pixeld::auth::Auth;
use pixeld::clock::Clock;
use pixeld::config::{Config, RawSettings};
use pixeld::demo;
use pixeld::domain::{
    Advertiser, Caller, Editor, LineItem, LineItemPixel, Millis, Pixel, Publisher, Reader, Status, Tracker, TrackerKind,
};
use pixeld::report::Reports;
use pixeld::store::{ClickTracker, FILE_NAME, ImpTracker, Store};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::tables;

/// The time at which every test begins: 2026-10-01 12:00:00 UTC.
pub const START: Millis = Millis(1_790_856_000_000);

/// A test fails when a condition takes longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opens the database beside the application: the log, with the derived file attached.
pub fn open_database(directory: &Path) -> Connection {
    let conn = Connection::open(directory.join(FILE_NAME)).unwrap();
    conn.busy_timeout(PATIENCE).unwrap();
    conn.execute("ATTACH ?1 AS derived", [derived_file(directory).to_str().unwrap()]).unwrap();
    conn
}

/// The current derived file.
pub fn derived_file(directory: &Path) -> PathBuf {
    let conn = Connection::open(directory.join(FILE_NAME)).unwrap();
    directory.join(format!("derived-{}.sqlite3", tables::generation(&conn)))
}

/// A running application. Dropping it stops it in the regular way.
pub struct TestApp {
    pub address: SocketAddr,
    pub store: Store,
    pub auth: Auth,
    pub reports: Reports,
    pub clock: Clock,
    /// Follows no redirects and keeps no cookies.
    pub client: reqwest::Client,
    directory: Directory,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

enum Directory {
    Own(TempDir),
    Lent(PathBuf),
}

impl TestApp {
    /// Starts it on a fresh database.
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// Starts it on a fresh database with other settings.
    pub async fn start_with(settings: impl FnOnce(&mut RawSettings)) -> Self {
        let directory = TempDir::new().unwrap();
        Self::start_in(Directory::Own(directory), settings, App::build).await
    }

    /// Starts it on a database that is there and outlives it.
    pub async fn start_on(directory: &Path) -> Self {
        Self::start_in(Directory::Lent(directory.to_owned()), |_| (), App::build).await
    }

    /// Starts it with the demo's pages on a database that `demo::prepare` made.
    pub async fn start_demo(directory: &Path, shop: demo::Shop) -> Self {
        let app = Self::start_in(
            Directory::Lent(directory.to_owned()),
            |_| (),
            move |config, clock| App::build_demo(config, clock, shop),
        );
        app.await
    }

    async fn start_in(
        directory: Directory,
        settings: impl FnOnce(&mut RawSettings),
        build: impl FnOnce(Config, Clock) -> anyhow::Result<App> + Send + 'static,
    ) -> Self {
        let path = match &directory {
            Directory::Own(own) => own.path().to_owned(),
            Directory::Lent(path) => path.clone(),
        };
        let mut given = RawSettings {
            data_dir: Some(path.display().to_string()),
            listen: Some("127.0.0.1:0".to_owned()),
            workers: Some("3".to_owned()),
            ..RawSettings::default()
        };
        settings(&mut given);
        let config = Config::resolve(&given).unwrap();
        let clock = Clock::fixed(START);
        let (started, ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let app_clock = clock.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = build(config, app_clock).unwrap();
                let _ = started.send((app.address(), app.store().clone(), app.auth().clone(), app.reports().clone()));
                let stop = async {
                    let _ = stopped.await;
                };
                app.run_until(stop).await.unwrap();
            });
        });
        let (address, store, auth, reports) = ready.await.expect("the application starts");
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        TestApp { address, store, auth, reports, clock, client, directory, stop: Some(stop), thread: Some(thread) }
    }

    /// The directory of its database.
    pub fn data_dir(&self) -> &Path {
        match &self.directory {
            Directory::Own(own) => own.path(),
            Directory::Lent(path) => path,
        }
    }

    /// An address of this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks for a path, with these headers.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.client.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Moves the clock on.
    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.set(self.clock.now().plus(minutes * 60_000));
    }

    /// Returns once everything logged so far is judged.
    pub async fn judged(&self) {
        let logged = self.store.logged();
        let mut judged = self.store.judged();
        tokio::time::timeout(PATIENCE, judged.wait_for(|seq| *seq >= logged))
            .await
            .expect("the judge keeps up")
            .expect("the judge runs");
    }

    /// A caller that may read everything.
    pub fn reader(&self) -> Reader {
        Caller::shell().reader().unwrap()
    }

    /// A caller that may edit everything.
    pub fn editor(&self) -> Editor {
        Caller::shell().editor().unwrap()
    }

    /// Creates an advertiser.
    pub async fn advertiser(&self, name: &str) -> Advertiser {
        self.store.create(&self.editor(), Advertiser::new(name)).await.unwrap()
    }

    /// Creates an advertiser with a hybrid pixel on an active line item, and trackers for it.
    pub async fn shop(&self) -> Shop {
        self.shop_with(|_| ()).await
    }

    /// The same, with another pixel.
    pub async fn shop_with(&self, change: impl FnOnce(&mut Pixel)) -> Shop {
        let by = self.editor();
        let advertiser = self.advertiser("ProStarr Sportswear").await;
        let mut pixel = Pixel::new(advertiser.id, "Purchase");
        pixel.trigger_type = pixeld::domain::TriggerType::Hybrid;
        change(&mut pixel);
        let pixel = self.store.create(&by, pixel).await.unwrap();
        let mut line_item = LineItem::new(advertiser.id, "Autumn sale");
        line_item.pixels = vec![LineItemPixel {
            pixel_id: pixel.id,
            state: Status::Active,
            post_click_revenue: None,
            post_view_revenue: None,
        }];
        let line_item = self.store.create(&by, line_item).await.unwrap();
        let publisher = self.store.create(&by, Publisher::new("Daily News")).await.unwrap();
        let tracker = |kind| Tracker::new(kind, advertiser.id, line_item.id, publisher.id, "Banner 300x250");
        let impression = self.store.create(&by, ImpTracker(tracker(TrackerKind::Impression))).await.unwrap().0;
        let mut click = tracker(TrackerKind::Click);
        click.click_url = Some("https://shop.example/landing".to_owned());
        let click = self.store.create(&by, ClickTracker(click)).await.unwrap().0;
        Shop { advertiser, pixel, line_item, publisher, impression, click }
    }
}

/// The objects that [`TestApp::shop`] creates.
pub struct Shop {
    pub advertiser: Advertiser,
    pub pixel: Pixel,
    pub line_item: LineItem,
    pub publisher: Publisher,
    pub impression: Tracker,
    pub click: Tracker,
}

impl TestApp {
    /// Stops it in the regular way and waits until it has.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the application did not stop cleanly");
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.end();
    }
}
