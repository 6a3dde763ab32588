//! `pixeld serve`: starts the log and the application, and stops it in order.

use clap::Args;
use tracing_subscriber::EnvFilter;

use super::{announce, complain, environment, say};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat, RawSettings};

#[derive(Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    given: RawSettings,
    /// Print every setting, its value and where it came from, and stop
    #[arg(long)]
    print_config: bool,
}

pub(super) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let config = Config::resolve(&args.given.clone().mark_sources(&environment()?))?;
    if args.print_config {
        for (name, value, source) in &config.listing {
            say(&format!("{name} = {value:?}  ({source})"));
        }
        return Ok(());
    }
    start_logging(&config);
    actix_web::rt::System::new().block_on(async {
        let app = App::build(config, Clock::System)?;
        announce(&format!("pixeld is ready at http://{}", app.address()));
        if let Some(code) = app.auth().setup_code() {
            announce(&format!("To create the first account, open http://{}/admin/setup", app.address()));
            announce(&format!("and enter this one-time set-up code: {code}"));
        }
        app.run_until(stop_signal()).await
    })
}

/// SIGTERM or Ctrl-C.
pub(super) async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

/// Log lines go to standard error, results to standard output. A log line that cannot be written is lost, without any other
/// effect: the log may be a file on a full disk.
pub(super) fn start_logging(config: &Config) {
    let filter = EnvFilter::new(format!("{},actix_server=warn", config.log_level));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .log_internal_errors(false);
    let started = match config.log_format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    if let Err(error) = started {
        complain(&anyhow::anyhow!("logging was started twice: {error}"));
    }
}
