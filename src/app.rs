//! Builds the application, runs it and stops it. `main` and the tests start the same one.

use std::fmt::Debug;
use std::future::{Future, ready};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol, Request};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, apply_fn_factory, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::{App as ActixApp, web};
use anyhow::Context;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Mutex;

use crate::admin;
use crate::api;
use crate::auth::Auth;
use crate::clock::Clock;
use crate::collect;
use crate::config::{Config, InForce};
use crate::demo;
use crate::domain::{Admin, Caller, set_added_click_ids};
use crate::judge::Judge;
use crate::report::Reports;
use crate::store::{Claim, Store, make_directory, warn_if_open};
use crate::web::body_room::BodyRoom;
use crate::web::connection::patient::Patient;
use crate::web::connection::registry::Connections;
use crate::web::connection::{descriptors, serving};
use crate::web::event_limit::EventLimit;
use crate::web::health::probe;
use crate::web::sample::SampleData;
use crate::web::streams::Streams;
use crate::web::uploads::Uploads;
use crate::web::{AppState, assets};

/// How long open requests may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// How long the judge may then take to reach the end of the log.
const JUDGE_GRACE: Duration = Duration::from_secs(5);

/// How many connections may wait for a worker. A client beyond that tries again by itself.
const MAX_UNTAKEN: u32 = 2_048;

/// How long the head of a connection's first request may take to arrive, so that slow senders cannot hold connections.
/// Bodies have limits of their own, and [`Patient`] limits later requests.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);

/// How long an idle connection is kept for the next request. Proxies close theirs earlier (nginx: 60 s), so that they never
/// send a request on a closed connection.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a client may take to close its side.
const DISCONNECT_PATIENCE: Duration = Duration::from_secs(2);

/// A built application. It is bound to its address, but does not answer yet.
pub struct App {
    address: SocketAddr,
    store: Store,
    auth: Auth,
    reports: Reports,
    public_url: Option<String>,
    judge: Judge,
    streams: Streams,
    server: Server,
    _claim: Claim,
}

impl App {
    /// Opens the store and binds the address. Needs an actix runtime around it.
    ///
    /// # Errors
    /// Why the store cannot be opened, or the address cannot be bound.
    pub fn build(config: Config, clock: Clock) -> anyhow::Result<App> {
        Self::assemble(config, clock, None)
    }

    /// The same with the demo's pages, on a database that [`demo::prepare`] made.
    ///
    /// # Errors
    /// As [`App::build`].
    pub fn build_demo(config: Config, clock: Clock, shop: demo::Shop) -> anyhow::Result<App> {
        Self::assemble(config, clock, Some(shop))
    }

    fn assemble(config: Config, clock: Clock, shop: Option<demo::Shop>) -> anyhow::Result<App> {
        let claim = claim(&config.data_dir)?;
        let store = Store::open(&config.data_dir, clock.clone())
            .with_context(|| format!("cannot open the database in {}", config.data_dir.display()))?;
        store.guard(&claim);
        warn_if_open(&config.data_dir);
        let auth = Auth::start(store.clone()).context("cannot read who may sign in")?;
        let reports = Reports::start(store.clone(), &config.data_dir).context("cannot keep reports")?;
        let (live, left_out) = config.live(&store.stored_settings_now().context("cannot read the settings")?)?;
        for name in left_out {
            tracing::warn!(name, "a setting of the page breaks its rule, so its default is in force");
        }
        let streams = Streams::default();
        let sample = sample(store.clone());
        set_added_click_ids(&live.click_ids);
        let public_url = live.public_url.clone();
        let listen = config.listen;
        let workers = config.workers;
        let connections = Connections::new(
            descriptors::most_connections(),
            config.connections_per_address,
            config.trusted_proxies.clone(),
        );
        let shared = Arc::new(api::Shared::new(&config, clock.clone()));
        let state = web::Data::new(AppState {
            store: store.clone(),
            auth: auth.clone(),
            reports: reports.clone(),
            sample: sample.clone(),
            streams: streams.clone(),
            uploads: Uploads::new(&config.data_dir),
            bodies: BodyRoom::default(),
            event_limit: EventLimit::default(),
            started: clock.now(),
            clock,
            config,
            in_force: InForce::new(live),
            saving: Mutex::default(),
        });
        let app = move || {
            let app = ActixApp::new().app_data(state.clone()).configure(routes);
            let app = match shop {
                Some(shop) => app.configure(|routes| demo::routes(routes, shop)),
                None => app,
            };
            app.configure(|routes| api::routes(routes, &shared))
        };
        let (address, server) = serve(app, listen, workers, connections).inspect_err(|_| store.stop())?;
        let judge = Judge::start(store.clone()).context("cannot start the judge")?;
        if store.has_leaving_sample().context("cannot read the settings")? {
            tracing::info!("the removal of the sample data goes on");
            sample.remove(Caller::shell().admin()?);
        }
        Ok(App { address, store, auth, reports, public_url, judge, streams, server, _claim: claim })
    }

    /// The address that it answers on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where browsers of visitors reach it, if that is set.
    pub fn public_url(&self) -> Option<String> {
        self.public_url.clone()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Sign-in and sessions. On a new database it holds the set-up code.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Answers requests until `stop` is done. Then it finishes the open requests, judges the rest of the log, and closes the
    /// database.
    ///
    /// # Errors
    /// A server that ends by itself.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let handle = self.server.handle();
        // A task of its own, since the server must still be polled while it stops.
        let mut server = actix_web::rt::spawn(self.server);
        let ended = tokio::select! {
            ended = &mut server => ended.context("the server was cancelled")?.context("the server ended by itself"),
            () = stop => {
                self.streams.end();
                handle.stop(true).await;
                Ok(())
            }
        };
        self.judge.finish(JUDGE_GRACE);
        self.store.stop();
        ended
    }
}

/// Binds the address and makes the server, which answers once it is polled.
fn serve<F, I, S, B>(
    app: F,
    address: SocketAddr,
    workers: usize,
    connections: Connections,
) -> anyhow::Result<(SocketAddr, Server)>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    S::InitError: Debug,
    B: MessageBody + 'static,
{
    let cannot = || format!("cannot listen on {address}");
    let listener = listen(address).with_context(cannot)?;
    let bound = listener.local_addr().with_context(cannot)?;
    let server = Server::build()
        .workers(workers)
        .max_concurrent_connections(descriptors::most_connections().div_ceil(workers))
        .shutdown_timeout(GRACE.as_secs())
        .disable_signals();
    let stopping = server.graceful_shutdown_signal();
    let server = server.listen("pixeld", listener, move || {
        let stopping = stopping.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(HEAD_PATIENCE)
            .client_disconnect_timeout(DISCONNECT_PATIENCE)
            .keep_alive(KEEP_ALIVE)
            .local_addr(bound)
            .on_connect_ext(|stream: &Patient<TcpStream>, data| {
                data.insert(stream.place().link().clone());
            })
            .finish(apply_fn_factory(map_config(app().into_factory(), |()| AppConfig::default()), serving::serve));
        let connections = connections.clone();
        fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            let Some(place) = connections.enter(peer) else {
                tracing::warn!("an address has more connections than connections_per_address allows");
                return ready(Err(DispatchError::Io(ErrorKind::ConnectionRefused.into())));
            };
            ready(Ok((Patient::new(stream, place), Protocol::Http1, peer)))
        })
        .and_then(http)
        .map_err(|error| {
            if let DispatchError::Parse(cause) = &error {
                tracing::info!(%cause, "a request is not HTTP that pixeld reads");
            }
            error
        })
    });
    Ok((bound, server.with_context(cannot)?.run()))
}

/// Binds the address, even if a process that has just ended used it. An address in use is an error.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(MAX_UNTAKEN)?.into_std()
}

/// Claims the data directory for this server. Servers keep definitions in memory, so a second one would miss the changes
/// of the first.
fn claim(directory: &Path) -> anyhow::Result<Claim> {
    let cannot = || format!("cannot write in the data directory {}", directory.display());
    make_directory(directory).with_context(cannot)?;
    Claim::take(directory).with_context(cannot)?.with_context(|| {
        format!(
            "another pixeld serves from {}: stop it first, or give this one a directory of its own with --data-dir",
            directory.display()
        )
    })
}

/// The demo's history, which an admin can load into a new database, and remove again.
fn sample(store: Store) -> SampleData {
    let loads = store.clone();
    let load = move |tell: &dyn Fn(u8)| demo::load(&loads, demo::EXPOSURES, tell);
    SampleData::new(Arc::new(load), Arc::new(move |by: &Admin| demo::unload(&store, by)))
}

/// All routes but the API's and the demo's. Actix uses the first match.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.configure(collect::routes).configure(probe::routes).configure(assets::routes).configure(admin::routes);
}
