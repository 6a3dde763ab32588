//! The commands and their help. Each works out its settings and hands over.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Given, LogFormat};

/// A self-hosted conversion pixel server: which ads led to which sales, and why.
#[derive(Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server (also without any command)
    Serve(ServeArgs),
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    given: Given,
    /// Print every setting, its value and where it came from, and stop
    #[arg(long)]
    print_config: bool,
}

impl Cli {
    /// Runs the command that was given.
    pub fn run(self) -> ExitCode {
        let done = match self.command.unwrap_or(Command::Serve(self.serve)) {
            Command::Serve(args) => serve(&args),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                complain(&error);
                ExitCode::FAILURE
            }
        }
    }
}

fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let config = Config::resolve(&args.given)?;
    if args.print_config {
        for (name, value, source) in &config.listing {
            say(&format!("{name} = {value:?}  ({source})"));
        }
        return Ok(());
    }
    start_logging(&config);
    actix_web::rt::System::new().block_on(async {
        let app = App::build(config, Clock::System)?;
        say(&format!("pixeld is ready at http://{}", app.address()));
        app.run_until(stop_signal()).await
    })
}

/// SIGTERM or Ctrl-C.
async fn stop_signal() {
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

/// Log lines go to standard error; what a person asked for goes to standard output.
fn start_logging(config: &Config) {
    let filter = EnvFilter::new(format!("{},actix_server=warn", config.log_level));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match config.log_format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    if let Err(error) = started {
        complain(&anyhow::anyhow!("logging was started twice: {error}"));
    }
}

#[expect(clippy::print_stdout, reason = "the one place that talks to a person on standard output")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "the one place that reports why a command failed")]
fn complain(error: &anyhow::Error) {
    eprintln!("pixeld: {error:#}");
}
