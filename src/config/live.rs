//! The settings that take effect at once when an admin changes them in the page: what they mean, and how the values
//! of the page, which the database keeps, come together with flags, environment and file.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use super::table::Texts;
use super::text::{Source, Text};
use super::{Bots, Config, ConfigError, IpStorage, ON_OR_OFF, address, click_ids};

/// The settings that the page can change, by name.
pub const IN_PAGE: &[&str] = &[
    "public_url",
    "cookie_days",
    "ip_storage",
    "honour_gpc",
    "honour_dnt",
    "tcf_purposes",
    "tcf_vendor_id",
    "bots",
    "keep_page_query",
    "keep_unknown_parameters",
    "events_per_minute",
    "click_ids",
];

/// The values that the page has set, by name. A setting at its default is not among them.
pub type StoredSettings = BTreeMap<String, String>;

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingInForce {
    pub name: &'static str,
    pub value: String,
    pub source: Source,
}

/// The meaning of the settings that can change while the server runs.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// The address where visitors' browsers reach this server, without a slash at the end.
    pub public_url: Option<String>,
    /// The visitor cookie's life, in days.
    pub cookie_days: u16,
    /// How much of visitors' addresses the log keeps.
    pub ip_storage: IpStorage,
    /// Whether the log keeps the values of unknown parameters.
    pub keep_unknown_parameters: bool,
    /// Whether the log keeps the query of pages' addresses.
    pub keep_page_query: bool,
    /// How many requests an address may make to one pixel, tracker or segment in a minute; none: any number.
    pub events_per_minute: Option<NonZero<u32>>,
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
    /// The names of click ids that ad platforms unknown to pixeld use.
    pub click_ids: Vec<String>,
    /// Every setting, also those that only a start reads.
    pub listing: Vec<SettingInForce>,
}

impl LiveSettings {
    pub(super) fn read(texts: &Texts) -> Result<Self, ConfigError> {
        let listed = |text: &Text| SettingInForce { name: text.name, value: text.value.clone(), source: text.source };
        Ok(LiveSettings {
            public_url: public_url(&texts.public_url)?,
            cookie_days: texts.cookie_days.number(1, 400)?,
            ip_storage: texts.ip_storage.one_of(&[
                ("full", IpStorage::Full),
                ("truncated", IpStorage::Truncated),
                ("none", IpStorage::None),
            ])?,
            keep_unknown_parameters: texts.keep_unknown_parameters.one_of(ON_OR_OFF)?,
            keep_page_query: texts.keep_page_query.one_of(ON_OR_OFF)?,
            events_per_minute: NonZero::new(texts.events_per_minute.number(0, u16::MAX)?.into()),
            bots: texts.bots.one_of(&[("known", Bots::Known), ("strict", Bots::Strict)])?,
            honour_gpc: texts.honour_gpc.one_of(ON_OR_OFF)?,
            honour_dnt: texts.honour_dnt.one_of(ON_OR_OFF)?,
            tcf_purposes: purposes(&texts.tcf_purposes)?,
            tcf_vendor_id: Some(texts.tcf_vendor_id.number(0, u16::MAX)?).filter(|vendor| *vendor != 0),
            click_ids: click_ids::names(&texts.click_ids)?,
            listing: texts.all().into_iter().map(listed).collect(),
        })
    }

    /// The text and the source of a setting.
    pub fn setting(&self, name: &str) -> Option<&SettingInForce> {
        self.listing.iter().find(|setting| setting.name == name)
    }

    /// The setting's value as the database keeps it: `px.shop.example` became `https://px.shop.example`.
    fn plain(&self, name: &str) -> Option<String> {
        let number = |number: Option<u32>| number.unwrap_or(0).to_string();
        match name {
            "public_url" => Some(self.public_url.clone().unwrap_or_default()),
            "cookie_days" => Some(self.cookie_days.to_string()),
            "tcf_purposes" => Some(self.tcf_purposes.iter().map(u8::to_string).collect::<Vec<_>>().join(",")),
            "click_ids" => Some(self.click_ids.join(",")),
            "tcf_vendor_id" => Some(number(self.tcf_vendor_id.map(u32::from))),
            "events_per_minute" => Some(number(self.events_per_minute.map(NonZero::get))),
            _ => self.setting(name).map(|setting| setting.value.clone()),
        }
    }
}

impl Config {
    /// The live settings in force, where the page has set these. A stored value that breaks its rule, as one of another
    /// version may, is left out. Its name is in the second list.
    ///
    /// # Errors
    /// None once [`Config::resolve`] took the same flags, environment and file.
    pub fn live(&self, stored: &StoredSettings) -> Result<(LiveSettings, Vec<&'static str>), ConfigError> {
        let (mut texts, mut left_out) = (self.texts.clone(), Vec::new());
        for (name, value) in stored.iter().filter(|(name, _)| IN_PAGE.contains(&name.as_str())) {
            let Some(before) = texts.put(name, value) else { continue };
            if LiveSettings::read(&texts).is_err() {
                left_out.push(before.name);
                texts.restore(before);
            }
        }
        Ok((LiveSettings::read(&texts)?, left_out))
    }

    /// Checks a value of the page for a setting. Returns it as the database keeps it.
    ///
    /// # Errors
    /// The rule that it breaks, as the rest of a sentence.
    pub fn check(&self, name: &str, value: &str) -> Result<String, String> {
        let mut texts = self.texts.clone();
        if !IN_PAGE.contains(&name) || texts.put(name, value).is_none() {
            return Err("cannot change here".to_owned());
        }
        let rule = |error| match error {
            ConfigError::Value { rule, .. } => rule,
            other @ ConfigError::File { .. } => other.to_string(),
        };
        let live = LiveSettings::read(&texts).map_err(rule)?;
        Ok(live.plain(name).unwrap_or_default())
    }
}

/// The live settings of a running server. To read them costs no more than an atomic load.
#[derive(Debug)]
pub struct InForce(ArcSwap<LiveSettings>);

impl InForce {
    pub fn new(settings: LiveSettings) -> Self {
        InForce(ArcSwap::from_pointee(settings))
    }

    /// The settings of this moment. A request reads them once, so that it goes by one set to its end.
    pub fn now(&self) -> Guard<Arc<LiveSettings>> {
        self.0.load()
    }

    pub fn replace(&self, settings: LiveSettings) {
        self.0.store(Arc::new(settings));
    }
}

fn public_url(text: &Text) -> Result<Option<String>, ConfigError> {
    match text.value.is_empty() {
        true => Ok(None),
        false => address::read(&text.value).map(Some).or_else(|rule| text.refuse(rule)),
    }
}

fn purposes(text: &Text) -> Result<Vec<u8>, ConfigError> {
    let purpose = |part: &str| part.trim().parse().ok().filter(|purpose| (1..=24).contains(purpose));
    // Each once, so that the database and the judgement of consent stay short.
    match text.value.split(',').map(purpose).collect::<Option<BTreeSet<u8>>>() {
        Some(purposes) => Ok(purposes.into_iter().collect()),
        None => text.refuse("must list numbers from 1 to 24, separated by commas"),
    }
}
