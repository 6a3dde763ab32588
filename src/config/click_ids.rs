//! The names of further click ids.

use super::ConfigError;
use super::text::Text;

/// The most names that the setting adds.
const MOST_NAMES: usize = 20;
/// The longest name, in characters.
const LONGEST_NAME: usize = 64;

/// Parameters and fields of pixeld's own. None of them is a click id.
const OWN: &[&str] = &[
    "id",
    "t",
    "order_id",
    "value",
    "other",
    "event_id",
    "currency",
    "test",
    "redir",
    "code",
    "member",
    "advertiser_id",
    "seg",
    "add",
    "remove",
    "seg_code",
    "add_code",
    "remove_code",
    "content_ids",
    "num_items",
    "sspdata",
    "ancost",
    "campaign_id",
    "creative_id",
    "imp",
    "gdpr",
    "gdpr_consent",
    "us_privacy",
    "gpp",
    "page_url",
    "cachebuster",
    "cb",
    "pixel_id",
    "visitor_id",
    "visitor",
    "hashed_email",
    "user_agent",
    "ip",
    "timestamp",
    "referrer",
    "reason_code",
    "reference_id",
    "parent_reference_id",
    "type",
    "tracker_id",
    "line_item_id",
    "publisher_id",
    "source_id",
    "click_id",
    "referrer_host",
    "sale_amount",
    "amount",
    "external_data",
    "sku_list",
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

/// The names in lower case, each once.
pub(super) fn names(text: &Text) -> Result<Vec<String>, ConfigError> {
    let mut names: Vec<String> = Vec::new();
    for name in text.value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if name.len() > LONGEST_NAME || !name.bytes().all(is_plain) {
            let begin: String = name.chars().take(LONGEST_NAME).collect();
            return text.refuse(format!(
                "must list names of 1 to {LONGEST_NAME} letters, digits, _, - and ., separated by commas; {begin:?} is none"
            ));
        }
        if OWN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return text.refuse(format!("must list names of click IDs; {name} means something else to pixeld"));
        }
        let name = name.to_ascii_lowercase();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0..=MOST_NAMES => Ok(names),
        count => text.refuse(format!("must list at most {MOST_NAMES} names, and lists {count}")),
    }
}
