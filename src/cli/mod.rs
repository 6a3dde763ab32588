//! The commands of the program and their help.

mod check;
mod demo;
mod import;
mod log_limit;
mod progress;
mod rebuild;
mod serve;
mod token;
mod user;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::clock::Clock;
use crate::config::{Config, RawSettings};
use crate::store::{OpenError, Store};

/// A self-hosted conversion pixel server: which ads led to which sales, and why.
#[derive(Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server (also without any command)
    Serve(Box<serve::ServeArgs>),
    /// Verify the database. The server can keep running
    Check(check::CheckArgs),
    /// Try pixeld with sample data and a demo shop
    Demo(demo::DemoArgs),
    /// Import historical ad views, clicks and conversions from a file. The server can keep running
    Import(import::ImportArgs),
    /// Print the OpenAPI description of the management API
    Openapi,
    /// Recalculate all conversions, segments and totals from the event log. The server can keep running
    Rebuild(rebuild::RebuildArgs),
    /// Manage API tokens for scripts. The server can keep running
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Manage who can sign in. The server can keep running
    #[command(subcommand)]
    User(user::UserCommand),
}

/// The location of the data. Every command but `serve` takes these flags; `serve` takes all settings.
#[derive(Args)]
struct DataArgs {
    /// The directory of the database. It is created if it does not exist [default: pixeld-data]
    #[arg(long, env = "PIXELD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<String>,
    /// A TOML file with settings
    #[arg(long, env = "PIXELD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The settings in the environment.
#[derive(Parser)]
struct Environment {
    #[command(flatten)]
    given: RawSettings,
}

fn environment() -> anyhow::Result<RawSettings> {
    Ok(Environment::try_parse_from([""])?.given)
}

impl DataArgs {
    /// The settings of a server in this environment without flags.
    fn resolve(self) -> anyhow::Result<Config> {
        let environment = environment()?;
        let given = RawSettings {
            data_dir: self.data_dir.or(environment.data_dir.clone()),
            config: self.config.or(environment.config.clone()),
            ..environment.clone()
        };
        Ok(Config::resolve(&given.mark_sources(&environment))?)
    }
}

impl Cli {
    pub fn run(self) -> ExitCode {
        // Files hold hashes of passwords, keys and visitors: they are for their owner alone.
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        let done = match self.command.unwrap_or(Command::Serve(Box::new(self.serve))) {
            Command::Serve(args) => serve::run(&args),
            Command::Check(args) => check::run(args),
            Command::Demo(args) => demo::run(&args),
            Command::Import(args) => import::run(args),
            Command::Openapi => {
                say(&format!("{:#}", crate::api::openapi()));
                Ok(())
            }
            Command::Rebuild(args) => rebuild::run(args),
            Command::Token(command) => token::run(command),
            Command::User(command) => user::run(command),
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

/// Opens the store, works on it and closes it.
fn on_store(config: &Config, work: impl AsyncFnOnce(Store) -> anyhow::Result<()>) -> anyhow::Result<()> {
    on_opened(config, Store::open, work)
}

/// As [`on_store`], for a command that needs the accounts only.
fn on_accounts(config: &Config, work: impl AsyncFnOnce(Store) -> anyhow::Result<()>) -> anyhow::Result<()> {
    on_opened(config, Store::open_definitions, work)
}

fn on_opened(
    config: &Config,
    open: impl FnOnce(&Path, Clock) -> Result<Store, OpenError>,
    work: impl AsyncFnOnce(Store) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let store = open(&config.data_dir, Clock::System).with_context(|| cannot_open(config))?;
        let done = work(store.clone()).await;
        store.stop();
        done
    })
}

/// Fails where there is no log, for a command that needs one.
fn require_log(config: &Config) -> anyhow::Result<()> {
    let has_log = Store::has_log(&config.data_dir).with_context(|| cannot_open(config))?;
    anyhow::ensure!(has_log, "there is no database in {}", config.data_dir.display());
    Ok(())
}

fn cannot_open(config: &Config) -> String {
    format!("cannot open the database in {}", config.data_dir.display())
}

/// Prints a result on standard output.
#[expect(clippy::print_stdout, reason = "the one place that prints results")]
fn say(line: &str) {
    println!("{line}");
}

/// Prints a message at the start of a server. It ignores a closed standard output.
fn announce(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints why a command failed.
fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "pixeld: {error:#}");
}
