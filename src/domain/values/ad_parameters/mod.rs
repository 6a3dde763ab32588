//! The parameters that ad platforms add to a landing page's address: click ids and campaign parameters. These tables are
//! the only list of them, beside the click ids that a setting adds. Case says nothing in their names.

pub mod added;

use std::sync::LazyLock;

/// The name of a click id.
#[derive(Debug, PartialEq, Eq)]
pub struct ClickId {
    pub name: &'static str,
    pub platform: &'static str,
    /// Whether many clicks share one value, so that it never shows that two arrivals are one.
    pub is_shared: bool,
    /// For so many days after the click the platform takes it back with a conversion; none: no end is known.
    pub good_days: Option<u32>,
}

/// A parameter of an ad platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdParameter {
    ClickId(&'static ClickId),
    Campaign(&'static str),
}

/// The longest value of a click id, in characters.
pub const MAX_CLICK_ID: usize = 512;
/// The longest value of a campaign parameter, in characters.
pub const MAX_CAMPAIGN_VALUE: usize = 255;

const fn of_one_click(name: &'static str, platform: &'static str, good_days: Option<u32>) -> ClickId {
    ClickId { name, platform, is_shared: false, good_days }
}

const fn shared(name: &'static str, platform: &'static str, good_days: Option<u32>) -> ClickId {
    ClickId { name, platform, is_shared: true, good_days }
}

pub const CLICK_IDS: &[ClickId] = &[
    of_one_click("gclid", "Google Ads", Some(90)),
    of_one_click("dclid", "Campaign Manager 360", Some(90)),
    of_one_click("fbclid", "Meta Ads", Some(90)),
    of_one_click("msclkid", "Microsoft Ads", Some(90)),
    of_one_click("ttclid", "TikTok", Some(28)),
    of_one_click("twclid", "X", Some(30)),
    of_one_click("epik", "Pinterest", Some(60)),
    of_one_click("rdt_cid", "Reddit", Some(28)),
    of_one_click("ScCid", "Snap", Some(28)),
    of_one_click("li_fat_id", "LinkedIn", Some(30)),
    of_one_click("oppref", "OpenAI Ads", None),
    of_one_click("irclickid", "Impact", None),
    of_one_click("irclid", "Impact", None),
    of_one_click("tblci", "Taboola", None),
    of_one_click("obclid", "Outbrain", None),
    of_one_click("dicbo", "Outbrain", None),
    of_one_click("yclid", "Yandex", None),
    shared("gbraid", "Google Ads", Some(90)),
    shared("wbraid", "Google Ads", Some(90)),
    shared("mc_cid", "Mailchimp", None),
];

pub const CAMPAIGN_PARAMETERS: &[&str] = &[
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "utm_id",
    "gad_source",
    "gad_campaignid",
    "ref",
    "via",
];

/// All parameters by the length of their names.
static BY_LENGTH: LazyLock<Vec<Vec<(&'static str, AdParameter)>>> = LazyLock::new(|| {
    let click_ids = CLICK_IDS.iter().map(|id| (id.name, AdParameter::ClickId(id)));
    let campaigns = CAMPAIGN_PARAMETERS.iter().map(|name| (*name, AdParameter::Campaign(name)));
    let mut by_length: Vec<Vec<_>> = Vec::new();
    for (name, parameter) in click_ids.chain(campaigns) {
        if by_length.len() <= name.len() {
            by_length.resize_with(name.len() + 1, Vec::new);
        }
        if let Some(same) = by_length.get_mut(name.len()) {
            same.push((name, parameter));
        }
    }
    by_length
});

impl ClickId {
    /// Every id: those of the table, then those that the setting adds.
    pub fn all() -> Vec<&'static ClickId> {
        let is_new = |added: &&'static ClickId| !CLICK_IDS.iter().any(|id| id.name.eq_ignore_ascii_case(added.name));
        CLICK_IDS.iter().chain(added::all().into_iter().filter(is_new)).collect()
    }

    /// The ids of a name or of a platform. A source may keep an id that the setting does not add any more.
    pub fn of(text: &str) -> Vec<&'static ClickId> {
        let is_it = |id: &&ClickId| id.name.eq_ignore_ascii_case(text) || id.platform.eq_ignore_ascii_case(text);
        let ids: Vec<_> = ClickId::all().into_iter().filter(is_it).collect();
        if ids.is_empty() { added::made_before(text).into_iter().collect() } else { ids }
    }

    /// The same of a stored text, which is a name if it is none of a platform.
    pub fn of_stored(text: &str) -> Vec<&'static ClickId> {
        let ids = ClickId::of(text);
        if ids.is_empty() { vec![added::made(text)] } else { ids }
    }
}

impl AdParameter {
    /// The parameter of this name, in any case. Every parameter of every request is looked up, so it compares names of
    /// the same length only.
    pub fn of(name: &str) -> Option<Self> {
        let same_length = BY_LENGTH.get(name.len()).map(Vec::as_slice).unwrap_or_default();
        match same_length.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => Some(*known),
            None => added::find(name).map(AdParameter::ClickId),
        }
    }

    /// The longest value, in characters.
    pub fn longest(self) -> usize {
        match self {
            AdParameter::ClickId(_) => MAX_CLICK_ID,
            AdParameter::Campaign(_) => MAX_CAMPAIGN_VALUE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        for (name, found) in [
            ("gclid", Some("Google Ads")),
            ("GCLID", Some("Google Ads")),
            ("sccid", Some("Snap")),
            ("UTM_Source", Some("utm_source")),
            ("gclid2", None),
            ("utm_", None),
            ("", None),
        ] {
            let known = AdParameter::of(name).map(|parameter| match parameter {
                AdParameter::ClickId(id) => id.platform,
                AdParameter::Campaign(name) => name,
            });
            assert_eq!(known, found, "{name}");
        }
    }
}
