//! The meaning of the settings, from flags, environment and file. The rest of the program gets the meaning, never the raw
//! text; each error names its setting. `table.rs` lists every setting.

pub mod address;
mod click_ids;
mod live;
mod table;
mod text;

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use ipnet::IpNet;

pub use live::{IN_PAGE, InForce, LiveSettings, SettingInForce, StoredSettings};
use table::{File, Texts};
pub use table::{RawSettings, SETTINGS, Setting};
pub use text::Source;
use text::Text;

/// How much of a visitor's address the log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpStorage {
    /// The whole address.
    Full,
    /// The first 24 bits of an IPv4 address, 48 of an IPv6 one.
    Truncated,
    /// Nothing.
    None,
}

/// Which requests count as a bot's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bots {
    /// Crawlers that say so in their user agent.
    Known,
    /// Also headless browsers, tools such as curl, and requests without a user agent.
    Strict,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value breaks its setting's rule.
    #[error("setting {name} ({source_}): {value:?} {rule}")]
    Value {
        /// The setting.
        name: &'static str,
        /// Where the value came from.
        source_: Source,
        /// The value.
        value: String,
        /// The rule, as the rest of a sentence.
        rule: String,
    },
    /// The file cannot be read or parsed.
    #[error("configuration file {}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        cause: String,
    },
}

/// The settings of a start: the meaning of those that it alone reads, and the texts of the others for [`Config::live`].
#[derive(Clone, Debug)]
pub struct Config {
    /// The directory that holds the database.
    pub data_dir: PathBuf,
    /// The address to answer on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Peers whose forwarding headers the server trusts.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that answer requests.
    pub workers: usize,
    /// How many connections one client's address may keep open; none: any number.
    pub connections_per_address: Option<usize>,
    /// How many API reads a user may make in a minute.
    pub api_reads_per_minute: NonZero<u32>,
    /// How many API writes a user may make in a minute.
    pub api_writes_per_minute: NonZero<u32>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written, for the log filter.
    pub log_level: String,
    /// The configuration file, if one was named.
    pub file: Option<PathBuf>,
    texts: Texts,
}

impl Config {
    /// Resolves the settings: flags win over the environment, the environment over the file, the file over defaults.
    ///
    /// # Errors
    /// The first setting that cannot be used, by name.
    pub fn resolve(settings: &RawSettings) -> Result<Self, ConfigError> {
        let file = match &settings.config {
            Some(path) => read_file(path)?,
            None => File::default(),
        };
        let texts = table::merge(settings, file);
        LiveSettings::read(&texts)?;
        Ok(Config {
            data_dir: PathBuf::from(&texts.data_dir.value),
            listen: match texts.listen.value.parse() {
                Ok(listen) => listen,
                Err(_) => return texts.listen.refuse("must be an address and a port, such as 127.0.0.1:8080"),
            },
            trusted_proxies: networks(&texts.trusted_proxies)?,
            workers: match texts.workers.number(0, 256)? {
                0 => std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1)),
                workers => workers.into(),
            },
            connections_per_address: Some(texts.connections_per_address.number(0, u16::MAX)?.into())
                .filter(|most| *most > 0),
            api_reads_per_minute: texts.api_reads_per_minute.count()?,
            api_writes_per_minute: texts.api_writes_per_minute.count()?,
            log_format: texts.log_format.one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            log_level: texts.log_level.one_of(&["error", "warn", "info", "debug", "trace"].map(|w| (w, w)))?.to_owned(),
            file: settings.config.clone(),
            texts,
        })
    }
}

fn read_file(path: &Path) -> Result<File, ConfigError> {
    let refuse = |cause: String| ConfigError::File { path: path.to_owned(), cause };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    toml::from_str(&text).map_err(|error| refuse(error.to_string()))
}

const ON_OR_OFF: &[(&str, bool)] = &[("on", true), ("off", false)];

fn networks(text: &Text) -> Result<Vec<IpNet>, ConfigError> {
    let mut networks = Vec::new();
    for part in text.value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let network = part.parse().ok().or_else(|| part.parse().ok().map(|address: std::net::IpAddr| address.into()));
        match network {
            Some(network) => networks.push(network),
            None => return text.refuse(format!("must list addresses or networks; {part:?} is neither")),
        }
    }
    Ok(networks)
}

#[cfg(test)]
mod tests;
