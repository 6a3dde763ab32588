//! `pixeld serve`: starts logging and the application, and stops the application on a signal.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use clap::Args;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::log_limit::{LogLimit, WINDOW};
use super::{announce, complain, environment, say};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat, RawSettings, SettingInForce, StoredSettings};
use crate::demo;
use crate::store::Store;
use crate::web::connection::descriptors;

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
        return print(&config);
    }
    let limit = start_logging(&config);
    descriptors::raise();
    explain_refused_threads(|| serve(config, limit))
}

/// Prints every setting, also those that admins changed in the page.
fn print(config: &Config) -> anyhow::Result<()> {
    let stored = Store::settings_in(&config.data_dir).unwrap_or_else(|error| {
        complain(&anyhow::anyhow!("cannot read what was changed in the page of settings: {error}"));
        StoredSettings::new()
    });
    for SettingInForce { name, value, source } in config.live(&stored)?.0.listing {
        say(&format!("{name} = {value:?}  ({source})"));
    }
    Ok(())
}

fn serve(config: Config, limit: LogLimit) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        actix_web::rt::spawn(limit.clone().keep_reporting());
        let app = App::build(config, Clock::System)?;
        descriptors::report();
        announce(&format!("pixeld is ready at http://{}", app.address()));
        if let Some(code) = app.auth().setup_code() {
            let here = app.public_url().unwrap_or_else(|| demo::address(app.address()));
            announce(&format!("To create the first account, open {here}/admin/setup?code={code}"));
            announce(&format!("The link holds the set-up code: {code}"));
        }
        let ended = app.run_until(stop_signal()).await;
        // The last minute is over, too.
        limit.report(Instant::now() + WINDOW);
        ended
    })
}

/// Libraries panic when the system refuses a thread, which says nothing of the limit that is too low.
fn explain_refused_threads(run: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let panic = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(ended) => return ended,
        Err(panic) => panic,
    };
    match panic.downcast_ref::<String>() {
        // The error of the system that all threads are in use, or the memory for their stacks.
        Some(text) if text.contains("WouldBlock") => anyhow::bail!(
            "the system refuses memory or a thread: raise the limits of this process (ulimit -d, -v and -u, or MemoryMax \
             and TasksMax of its unit), or lower workers"
        ),
        _ => resume_unwind(panic),
    }
}

/// Waits for SIGTERM or Ctrl-C.
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

/// Log lines go to standard error, results to standard output. A log line that cannot be written is lost and changes
/// nothing else: the log may be a file on a full disk. Returns what bounds the lines.
pub(super) fn start_logging(config: &Config) -> LogLimit {
    // The HTTP library reports each request that it cannot read as an error. `app` does it once, as information.
    let of_library = if matches!(config.log_level.as_str(), "debug" | "trace") { "" } else { ",actix_http=off" };
    let filter = EnvFilter::new(format!("{},actix_server=warn{of_library}", config.log_level));
    let limit = LogLimit::default();
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).log_internal_errors(false);
    let log = tracing_subscriber::registry().with(filter).with(limit.clone());
    let started = match config.log_format {
        LogFormat::Text => log.with(lines.with_ansi(false)).try_init(),
        LogFormat::Json => log.with(lines.json()).try_init(),
    };
    if let Err(error) = started {
        complain(&anyhow::anyhow!("logging was started twice: {error}"));
    }
    limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_thread_is_explained_and_any_other_panic_goes_on() {
        let refused = std::io::Error::from_raw_os_error(11);
        let why = explain_refused_threads(|| panic!("Failed to create new Arbiter: {refused:?}"));
        assert!(why.unwrap_err().to_string().contains("ulimit -d"));
        assert!(explain_refused_threads(|| Ok(())).is_ok());
        assert!(catch_unwind(|| explain_refused_threads(|| panic!("another {}", "fault"))).is_err());
    }
}
