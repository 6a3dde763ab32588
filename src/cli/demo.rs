//! `pixeld demo`: makes a database with sample data, serves it with the demo's pages, and deletes it at the end.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use tempfile::TempDir;

use super::announce;
use super::serve::{start_logging, stop_signal};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, RawSettings};
use crate::demo;
use crate::web::connection::descriptors;

#[derive(Args)]
pub(super) struct DemoArgs {
    /// The address and port to answer on. Port 0 takes a free port and prints it
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Keep the data in this directory, which must not hold a database yet. By default they are deleted at the end
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where browsers reach the server, if not at its own address: such as http://box.local:8080
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<()> {
    match &args.data_dir {
        Some(kept) => serve(args, kept, "will be kept"),
        None => {
            let own = TempDir::with_prefix("pixeld-demo-").context("cannot make a temporary directory")?;
            let served = serve(args, own.path(), "will be deleted");
            own.close().context("cannot remove the demo's directory")?;
            served
        }
    }
}

fn serve(args: &DemoArgs, directory: &Path, afterwards: &str) -> anyhow::Result<()> {
    // The environment and the configuration file belong to the real server.
    let config = Config::resolve(&RawSettings {
        data_dir: Some(directory.display().to_string()),
        listen: Some(args.listen.to_string()),
        public_url: args.public_url.clone(),
        log_level: Some("warn".to_owned()),
        ..RawSettings::default()
    })?;
    let limit = start_logging(&config);
    descriptors::raise();
    // An address in use fails here, before the data are made.
    drop(TcpListener::bind(args.listen).with_context(|| format!("cannot listen on {}", args.listen))?);
    actix_web::rt::System::new().block_on(async {
        actix_web::rt::spawn(limit.keep_reporting());
        announce(&format!("Making {} days of history ...", demo::DAYS));
        let prepared = tokio::select! {
            prepared = demo::prepare(directory, Clock::System.now(), demo::EXPOSURES) => prepared?,
            () = stop_signal() => return Ok(()),
        };
        let app = App::build_demo(config, Clock::System, prepared.shop)?;
        let here = app.public_url().unwrap_or_else(|| demo::address(app.address()));
        demo::open(app.store(), prepared.shop, &here).await?;
        descriptors::report();
        announce("pixeld demo is ready.");
        announce(&format!(
            "  Try the loop   {here}/demo       see an ad, click it, buy, and find the purchase credited"
        ));
        announce(&format!("  Admin pages    {here}/admin      user {}, password {}", demo::USER, prepared.password));
        announce(&format!("Press Ctrl-C to stop. The data in {} {afterwards}.", directory.display()));
        app.run_until(stop_signal()).await
    })
}
