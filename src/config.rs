//! Settings from flags, environment and file, and their meaning. One table here lists every setting; each error names
//! its setting. The rest of the program gets the meaning, never the raw text.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;

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

/// Where a setting's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag.
    Flag,
    /// An environment variable.
    Environment,
    /// The configuration file.
    File,
    /// It is not set.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Flag => "flag",
            Source::Environment => "environment",
            Source::File => "file",
            Source::Default => "default",
        })
    }
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

/// A setting, for help texts and the settings page.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the file and in [`Config::listing`].
    pub name: &'static str,
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// Its effect, values and default.
    pub help: &'static str,
}

/// A setting's help with its default; the help itself explains an empty one.
macro_rules! help_text {
    ($help:literal, "") => {
        $help
    };
    ($help:literal, $default:tt) => {
        concat!($help, " [default: ", $default, "]")
    };
}

macro_rules! settings {
    ($($name:ident, $flag:literal, $env:literal, $default:tt, $help:literal;)+) => {
        /// The texts of flags and environment variables.
        #[derive(Clone, Debug, Default, clap::Args)]
        pub struct Given {
            /// A TOML file with any of these settings, named as the flags with _ for -.
            #[arg(long, env = "PIXELD_CONFIG", value_name = "FILE")]
            pub config: Option<PathBuf>,
            $(
                #[doc = $help]
                #[arg(long = $flag, env = $env, value_name = "VALUE", help = help_text!($help, $default))]
                pub $name: Option<String>,
            )+
            /// The settings that the environment sets; the others are flags.
            #[arg(skip)]
            pub from_environment: Vec<&'static str>,
        }

        impl Given {
            /// Notes which settings are as the environment alone sets them.
            #[must_use]
            pub fn told_from(mut self, environment: &Given) -> Self {
                $(if self.$name.is_some() && self.$name == environment.$name {
                    self.from_environment.push(stringify!($name));
                })+
                self
            }
        }

        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File { $($name: Option<Plain>,)+ }

        /// Every setting, in the order of the help.
        pub const SETTINGS: &[Setting] =
            &[$(Setting {
                name: stringify!($name),
                flag: $flag,
                env: $env,
                help: help_text!($help, $default),
            }),+];

        /// Every setting's text and its source.
        struct Raw { $($name: Text,)+ }

        fn merge(given: &Given, file: File) -> Raw {
            Raw { $($name: Text::pick(stringify!($name), given.$name.clone(), file.$name, $default, given),)+ }
        }

        impl Raw {
            fn all(&self) -> Vec<&Text> {
                vec![$(&self.$name),+]
            }
        }
    };
}

settings! {
    data_dir, "data-dir", "PIXELD_DATA_DIR", "pixeld-data",
        "The directory that holds the database; made if it is not there";
    listen, "listen", "PIXELD_LISTEN", "127.0.0.1:8080",
        "The address and port to answer on; port 0 takes a free one and prints it";
    public_url, "public-url", "PIXELD_PUBLIC_URL", "",
        "The address visitors' browsers reach this server at, for exported tags, such as https://px.shop.example; without it tags name the host that the admin page was asked on";
    trusted_proxies, "trusted-proxies", "PIXELD_TRUSTED_PROXIES", "",
        "Addresses or networks, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed [default: none]";
    workers, "workers", "PIXELD_WORKERS", "0",
        "Threads that answer requests, beside the one that writes; 0: half of the cores";
    cookie_days, "cookie-days", "PIXELD_COOKIE_DAYS", "90",
        "How many days the visitor cookie pxid lives after each request, 1 to 400";
    ip_storage, "ip-storage", "PIXELD_IP_STORAGE", "truncated",
        "How much of visitors' addresses is kept: full, truncated (/24, /48) or none";
    api_reads_per_minute, "api-reads-per-minute", "PIXELD_API_READS_PER_MINUTE", "1000",
        "How many API reads a user may make in a minute";
    api_writes_per_minute, "api-writes-per-minute", "PIXELD_API_WRITES_PER_MINUTE", "1000",
        "How many API writes a user may make in a minute";
    bots, "bots", "PIXELD_BOTS", "known",
        "Whose requests are logged but never counted: known (crawlers that say so) or strict (also headless browsers, tools such as curl, and requests without a User-Agent)";
    honour_gpc, "honour-gpc", "PIXELD_HONOUR_GPC", "on",
        "Whether requests that carry Sec-GPC: 1 are logged without visitor and address: on or off";
    honour_dnt, "honour-dnt", "PIXELD_HONOUR_DNT", "on",
        "Whether requests that carry DNT: 1 are logged without visitor and address: on or off";
    tcf_purposes, "tcf-purposes", "PIXELD_TCF_PURPOSES", "1",
        "The TCF purposes, separated by commas, that a request with gdpr=1 must have consent for to be logged with visitor and address";
    tcf_vendor_id, "tcf-vendor-id", "PIXELD_TCF_VENDOR_ID", "0",
        "Your number in the Global Vendor List, if such consent must name you as well; 0: it need not";
    log_format, "log-format", "PIXELD_LOG_FORMAT", "text",
        "How log lines are written: text or json";
    log_level, "log-level", "PIXELD_LOG_LEVEL", "info",
        "Which log lines are written: error, warn, info, debug or trace";
}

/// A plain value in the file: a text, a number or a list of texts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Plain {
    Text(String),
    Number(i64),
    List(Vec<String>),
}

#[derive(Clone)]
struct Text {
    name: &'static str,
    value: String,
    source: Source,
}

impl Text {
    fn pick(name: &'static str, set: Option<String>, file: Option<Plain>, default: &str, given: &Given) -> Self {
        let (value, source) = match (set, file) {
            (Some(value), _) if given.from_environment.contains(&name) => (value, Source::Environment),
            (Some(value), _) => (value, Source::Flag),
            (None, Some(Plain::Text(value))) => (value, Source::File),
            (None, Some(Plain::Number(value))) => (value.to_string(), Source::File),
            (None, Some(Plain::List(values))) => (values.join(","), Source::File),
            (None, None) => (default.to_owned(), Source::Default),
        };
        Text { name, value, source }
    }

    fn refuse<T>(&self, rule: impl Into<String>) -> Result<T, ConfigError> {
        Err(ConfigError::Value { name: self.name, source_: self.source, value: self.value.clone(), rule: rule.into() })
    }

    fn number(&self, min: u16, max: u16) -> Result<u16, ConfigError> {
        match self.value.parse() {
            Ok(number) if (min..=max).contains(&number) => Ok(number),
            _ => self.refuse(format!("must be a whole number from {min} to {max}")),
        }
    }

    fn count(&self) -> Result<NonZero<u32>, ConfigError> {
        match self.value.parse() {
            Ok(number) => Ok(number),
            Err(_) => self.refuse("must be a whole number from 1 to 4294967295"),
        }
    }

    fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ConfigError> {
        match words.iter().find(|(word, _)| *word == self.value) {
            Some((_, meaning)) => Ok(*meaning),
            None => {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                self.refuse(format!("must be one of {}", words.join(", ")))
            }
        }
    }
}

/// The meaning of the settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The directory that holds the database.
    pub data_dir: PathBuf,
    /// The address to answer on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address where visitors' browsers reach this server, without a slash at the end.
    pub public_url: Option<String>,
    /// Peers whose forwarding headers the server trusts.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that answer requests.
    pub workers: usize,
    /// The visitor cookie's life, in days.
    pub cookie_days: u16,
    /// How much of visitors' addresses the log keeps.
    pub ip_storage: IpStorage,
    /// How many API reads a user may make in a minute.
    pub api_reads_per_minute: NonZero<u32>,
    /// How many API writes a user may make in a minute.
    pub api_writes_per_minute: NonZero<u32>,
    /// Which requests count as a bot's.
    pub bots: Bots,
    /// Whether requests with `Sec-GPC: 1` are logged without visitor and address.
    pub honour_gpc: bool,
    /// Whether requests with `DNT: 1` are logged without visitor and address.
    pub honour_dnt: bool,
    /// The TCF purposes, 1 to 24, that `gdpr=1` needs consent for.
    pub tcf_purposes: Vec<u8>,
    /// The vendor that must have consent too.
    pub tcf_vendor_id: Option<u16>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written, for the log filter.
    pub log_level: String,
    /// Every setting's name, text and source, for `--print-config`.
    pub listing: Vec<(&'static str, String, Source)>,
}

impl Config {
    /// Resolves the settings: flags win over the environment, the environment over the file, the file over defaults.
    ///
    /// # Errors
    /// The first setting that cannot be used, by name.
    pub fn resolve(given: &Given) -> Result<Self, ConfigError> {
        let file = match &given.config {
            Some(path) => read_file(path)?,
            None => File::default(),
        };
        let raw = merge(given, file);
        Ok(Config {
            data_dir: PathBuf::from(&raw.data_dir.value),
            listen: match raw.listen.value.parse() {
                Ok(listen) => listen,
                Err(_) => return raw.listen.refuse("must be an address and a port, such as 127.0.0.1:8080"),
            },
            public_url: public_url(&raw.public_url)?,
            trusted_proxies: networks(&raw.trusted_proxies)?,
            workers: match raw.workers.number(0, 256)? {
                0 => std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1)),
                workers => workers.into(),
            },
            cookie_days: raw.cookie_days.number(1, 400)?,
            ip_storage: raw.ip_storage.one_of(&[
                ("full", IpStorage::Full),
                ("truncated", IpStorage::Truncated),
                ("none", IpStorage::None),
            ])?,
            api_reads_per_minute: raw.api_reads_per_minute.count()?,
            api_writes_per_minute: raw.api_writes_per_minute.count()?,
            bots: raw.bots.one_of(&[("known", Bots::Known), ("strict", Bots::Strict)])?,
            honour_gpc: raw.honour_gpc.one_of(ON_OR_OFF)?,
            honour_dnt: raw.honour_dnt.one_of(ON_OR_OFF)?,
            tcf_purposes: purposes(&raw.tcf_purposes)?,
            tcf_vendor_id: Some(raw.tcf_vendor_id.number(0, u16::MAX)?).filter(|vendor| *vendor != 0),
            log_format: raw.log_format.one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            log_level: raw.log_level.one_of(&["error", "warn", "info", "debug", "trace"].map(|w| (w, w)))?.to_owned(),
            listing: raw.all().into_iter().map(|text| (text.name, text.value.clone(), text.source)).collect(),
        })
    }
}

fn read_file(path: &Path) -> Result<File, ConfigError> {
    let refuse = |cause: String| ConfigError::File { path: path.to_owned(), cause };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    toml::from_str(&text).map_err(|error| refuse(error.to_string()))
}

fn public_url(text: &Text) -> Result<Option<String>, ConfigError> {
    if text.value.is_empty() {
        return Ok(None);
    }
    match url::Url::parse(&text.value) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty() =>
        {
            Ok(Some(url.origin().ascii_serialization()))
        }
        _ => text.refuse("must be http:// or https:// and a host, without a path"),
    }
}

const ON_OR_OFF: &[(&str, bool)] = &[("on", true), ("off", false)];

fn purposes(text: &Text) -> Result<Vec<u8>, ConfigError> {
    let purpose = |part: &str| part.trim().parse().ok().filter(|purpose| (1..=24).contains(purpose));
    match text.value.split(',').map(purpose).collect() {
        Some(purposes) => Ok(purposes),
        None => text.refuse("must list numbers from 1 to 24, separated by commas"),
    }
}

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
mod tests {
    use super::*;

    #[test]
    fn nothing_set_means_the_defaults() {
        let config = Config::resolve(&Given::default()).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.data_dir, PathBuf::from("pixeld-data"));
        assert_eq!((config.cookie_days, config.ip_storage), (90, IpStorage::Truncated));
        assert!(config.honour_gpc && config.honour_dnt);
        assert_eq!((config.tcf_purposes, config.tcf_vendor_id), (vec![1], None));
        assert!(config.listing.iter().all(|(.., source)| *source == Source::Default));
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "cookie_days = 30\nip_storage = 'none'\ntrusted_proxies = ['10.0.0.1', '::1']")
            .unwrap();
        let given =
            Given { config: Some(file.path().to_owned()), ip_storage: Some("full".to_owned()), ..Given::default() };
        let config = Config::resolve(&given).unwrap();
        assert_eq!((config.cookie_days, config.ip_storage), (30, IpStorage::Full));
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn a_bad_value_names_its_setting_and_rule() {
        let given = Given { cookie_days: Some("401".to_owned()), ..Given::default() };
        assert_eq!(
            Config::resolve(&given).unwrap_err().to_string(),
            r#"setting cookie_days (flag): "401" must be a whole number from 1 to 400"#
        );
        // Of one that is set twice alike it does not matter which it is.
        let environment = Given { bots: Some("none".to_owned()), ..Given::default() };
        let given = Given { bots: environment.bots.clone(), ..Given::default() }.told_from(&environment);
        assert_eq!(
            Config::resolve(&given).unwrap_err().to_string(),
            r#"setting bots (environment): "none" must be one of known, strict"#
        );
        for purposes in ["", "0", "1,25", "one"] {
            let given = Given { tcf_purposes: Some(purposes.to_owned()), ..Given::default() };
            assert!(Config::resolve(&given).is_err(), "{purposes:?}");
        }
        for (listen, url) in [("localhost", ""), ("127.0.0.1:0", "ftp://a"), ("127.0.0.1:0", "https://a.example/path")]
        {
            let given = Given { listen: Some(listen.into()), public_url: Some(url.into()), ..Given::default() };
            assert!(Config::resolve(&given).is_err(), "{listen} {url}");
        }
    }

    #[test]
    fn an_unknown_setting_in_the_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "cookie_dayz = 30").unwrap();
        let given = Given { config: Some(file.path().to_owned()), ..Given::default() };
        let refused = Config::resolve(&given).unwrap_err().to_string();
        assert!(refused.contains("cookie_dayz"), "{refused}");
    }
}
