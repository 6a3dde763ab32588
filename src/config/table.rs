//! The table of settings: name, flag, environment variable, default and help. One row makes the flag, the key of the
//! file and the row of the settings page.

use std::path::PathBuf;

use serde::Deserialize;

use super::text::{Plain, Source, Text};

/// A setting, for help texts and the settings page.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the file and in the database.
    pub name: &'static str,
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// The text of its default.
    pub default: &'static str,
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
        pub struct RawSettings {
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

        impl RawSettings {
            /// Notes which settings are as the environment alone sets them.
            #[must_use]
            pub fn mark_sources(mut self, environment: &RawSettings) -> Self {
                $(if self.$name.is_some() && self.$name == environment.$name {
                    self.from_environment.push(stringify!($name));
                })+
                self
            }
        }

        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct File { $($name: Option<Plain>,)+ }

        /// Every setting, in the order of the help.
        pub const SETTINGS: &[Setting] =
            &[$(Setting {
                name: stringify!($name),
                flag: $flag,
                env: $env,
                default: $default,
                help: help_text!($help, $default),
            }),+];

        /// Every setting's text and its source.
        #[derive(Clone, Debug)]
        pub(super) struct Texts { $(pub(super) $name: Text,)+ }

        pub(super) fn merge(settings: &RawSettings, file: File) -> Texts {
            let is_from_environment = |name| settings.from_environment.contains(&name);
            Texts {
                $($name: Text::pick(
                    stringify!($name),
                    is_from_environment(stringify!($name)),
                    settings.$name.clone(),
                    file.$name,
                    $default,
                ),)+
            }
        }

        impl Texts {
            pub(super) fn all(&self) -> Vec<&Text> {
                vec![$(&self.$name),+]
            }

            /// Sets a value of the page, and returns the default that it replaces. None if something else sets it.
            pub(super) fn put(&mut self, name: &str, value: &str) -> Option<Text> {
                let text = match name {
                    $(stringify!($name) => &mut self.$name,)+
                    _ => return None,
                };
                (text.source == Source::Default).then(|| {
                    std::mem::replace(text, Text { name: text.name, value: value.to_owned(), source: Source::Page })
                })
            }

            /// Undoes [`Texts::put`].
            pub(super) fn restore(&mut self, before: Text) {
                match before.name {
                    $(stringify!($name) => self.$name = before,)+
                    _ => {}
                }
            }
        }
    };
}

settings! {
    data_dir, "data-dir", "PIXELD_DATA_DIR", "pixeld-data",
        "The directory of the database. It is created if it does not exist";
    listen, "listen", "PIXELD_LISTEN", "127.0.0.1:8080",
        "The address and port to answer on. Port 0 takes a free port and prints it";
    public_url, "public-url", "PIXELD_PUBLIC_URL", "",
        "The address at which visitors' browsers reach this server, such as https://px.shop.example. Exported tags carry it. Without it, they carry the host of the admin page";
    trusted_proxies, "trusted-proxies", "PIXELD_TRUSTED_PROXIES", "",
        "Addresses or networks of reverse proxies, separated by commas. Only these may name the client in X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host [default: none]";
    workers, "workers", "PIXELD_WORKERS", "0",
        "Threads that answer requests, besides the one that writes. 0 means half of the cores";
    connections_per_address, "connections-per-address", "PIXELD_CONNECTIONS_PER_ADDRESS", "512",
        "How many connections one client's address may keep open. Trusted proxies and this machine may keep any number. 0 means no bound";
    cookie_days, "cookie-days", "PIXELD_COOKIE_DAYS", "90",
        "How many days the visitor cookie pxid lives after each request, from 1 to 400";
    ip_storage, "ip-storage", "PIXELD_IP_STORAGE", "truncated",
        "How much of visitors' addresses is kept: full, truncated (/24, /48) or none";
    api_reads_per_minute, "api-reads-per-minute", "PIXELD_API_READS_PER_MINUTE", "1000",
        "How many API reads a user may make in a minute";
    api_writes_per_minute, "api-writes-per-minute", "PIXELD_API_WRITES_PER_MINUTE", "1000",
        "How many API writes a user may make in a minute";
    keep_unknown_parameters, "keep-unknown-parameters", "PIXELD_KEEP_UNKNOWN_PARAMETERS", "off",
        "Whether the values of parameters that pixeld does not know are kept: on or off. Those of anonymous visitors are never kept";
    keep_page_query, "keep-page-query", "PIXELD_KEEP_PAGE_QUERY", "off",
        "Whether the query of the page that a tag is on is kept: on or off. That of anonymous visitors is never kept";
    events_per_minute, "events-per-minute", "PIXELD_EVENTS_PER_MINUTE", "0",
        "How many requests an address may make to one pixel, tracker, segment or advertiser in a minute. 0 means any number. Set trusted_proxies first";
    click_ids, "click-ids", "PIXELD_CLICK_IDS", "",
        "Names of click ids that pixeld does not know yet, separated by commas. It reads them wherever it reads gclid [default: none]";
    bots, "bots", "PIXELD_BOTS", "known",
        "Whose requests are recorded but never counted: known or strict. Known means crawlers that say so. Strict adds headless browsers, tools such as curl, and requests without a User-Agent";
    honour_gpc, "honour-gpc", "PIXELD_HONOUR_GPC", "on",
        "Whether requests that carry Sec-GPC: 1 are recorded without visitor and address: on or off";
    honour_dnt, "honour-dnt", "PIXELD_HONOUR_DNT", "on",
        "Whether requests that carry DNT: 1 are recorded without visitor and address: on or off";
    tcf_purposes, "tcf-purposes", "PIXELD_TCF_PURPOSES", "1",
        "The TCF purposes that a request with gdpr=1 must have consent for, separated by commas. Without that consent it is recorded without visitor and address";
    tcf_vendor_id, "tcf-vendor-id", "PIXELD_TCF_VENDOR_ID", "0",
        "Your number in the Global Vendor List, if such consent must name you. 0 means that it need not";
    log_format, "log-format", "PIXELD_LOG_FORMAT", "text",
        "How log lines are written: text or json";
    log_level, "log-level", "PIXELD_LOG_LEVEL", "info",
        "Which log lines are written: error, warn, info, debug or trace";
}
