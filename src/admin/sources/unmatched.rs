//! The arrivals that no source took, each with a link to the form of a source that takes it.

use url::form_urlencoded::Serializer;

use crate::admin::shell::object_kind::SOURCE;
use crate::admin::text::format::{Moment, grouped};
use crate::admin::text::warnings;
use crate::domain::{AdParameter, AdvertiserId, ArrivalContent, Millis, Reader, SourceMatch, SourceTemplate};
use crate::store::{Store, StoreError, Unmatched};

/// The most rows.
const MOST: usize = 50;

/// Unmatched arrivals that carried the same.
pub struct UnmatchedRow {
    pub utm_source: String,
    pub utm_medium: String,
    pub utm_campaign: String,
    /// Click ids and other parameters.
    pub others: Vec<String>,
    /// Why a parameter does not count, in words.
    pub problems: Vec<String>,
    pub arrivals: String,
    pub last: Moment,
    /// What the row is called.
    pub name: String,
    /// The address of the form, filled in; empty if no source can take it.
    pub create: String,
}

/// The rows with most arrivals first, and how many arrivals they are together.
pub async fn load(
    store: &Store,
    by: &Reader,
    advertiser: AdvertiserId,
    now: Millis,
) -> Result<(Vec<UnmatchedRow>, u64), StoreError> {
    let mut unmatched = store.unmatched_arrivals(by, advertiser, MOST).await?;
    unmatched.sort_by_key(|row| std::cmp::Reverse(row.arrivals));
    let count = unmatched.iter().map(|row| row.arrivals).sum();
    Ok((unmatched.into_iter().map(|row| UnmatchedRow::of(row, advertiser, now)).collect(), count))
}

impl UnmatchedRow {
    fn of(unmatched: Unmatched, advertiser: AdvertiserId, now: Millis) -> Self {
        let Unmatched { content, arrivals, last_at } = unmatched;
        let is_rest = content.is_none();
        let content = content.unwrap_or_default();
        let of = |name: &str| {
            let found = content.parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let shown = ["utm_source", "utm_medium", "utm_campaign"];
        let further = content.parameters.iter().filter(|(name, _)| !shown.contains(&name.as_str()));
        let mut others = content.click_ids.clone();
        others.extend(further.map(|(name, value)| format!("{name}={value}")));
        others.extend(content.referrer_host.clone());
        let problem = |(name, rule): &(String, String)| format!("{name} {}", warnings::words(rule));
        UnmatchedRow {
            utm_source: if is_rest { "others".to_owned() } else { of("utm_source") },
            utm_medium: of("utm_medium"),
            utm_campaign: of("utm_campaign"),
            others,
            problems: content.problems.iter().map(problem).collect(),
            arrivals: grouped(arrivals),
            last: Moment::new(last_at, now),
            name: name(&content),
            create: create(&content, advertiser),
        }
    }
}

/// The name of a new source.
fn name(content: &ArrivalContent) -> String {
    let known = |name: &String| match AdParameter::of(name) {
        Some(AdParameter::ClickId(id)) => Some(id.name),
        Some(AdParameter::Campaign(_)) | None => None,
    };
    let ids: Vec<&'static str> = content.click_ids.iter().filter_map(known).collect();
    let template = SourceTemplate::like(&SourceMatch { click_ids: ids, ..SourceMatch::default() });
    let parameter = content.parameters.iter().find(|(name, _)| name == "utm_source").or(content.parameters.first());
    match (template, parameter) {
        (Some(template), _) => template.name.to_owned(),
        (None, Some((_, value))) => value.clone(),
        (None, None) => content.referrer_host.clone().unwrap_or_default(),
    }
}

/// The form with the click ids, and with `utm_source` and `utm_medium` or else the first parameter.
fn create(content: &ArrivalContent, advertiser: AdvertiserId) -> String {
    let path = format!("{}/new?", SOURCE.path);
    let start = path.len();
    let mut form = Serializer::for_suffix(path, start);
    form.append_pair("advertiser_id", &advertiser.to_string());
    form.append_pair("name", &name(content));
    for id in &content.click_ids {
        form.append_pair("click_id", id);
    }
    let usual = |(name, _): &&(String, String)| ["utm_source", "utm_medium"].contains(&name.as_str());
    let mut asked: Vec<_> = content.parameters.iter().filter(usual).collect();
    if asked.is_empty() && content.click_ids.is_empty() {
        asked.extend(content.parameters.first());
    }
    for (name, value) in &asked {
        // A comma separates alternatives.
        form.append_pair("parameter", name).append_pair("parameter_values", &value.replace(',', "*"));
    }
    if let Some(host) = &content.referrer_host {
        form.append_pair("referrer_host", host);
    }
    match asked.is_empty() && content.click_ids.is_empty() && content.referrer_host.is_none() {
        true => String::new(),
        false => form.finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(parameters: &[(&str, &str)], click_ids: &[&str]) -> ArrivalContent {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ArrivalContent {
            parameters: parameters.iter().map(owned).collect(),
            click_ids: click_ids.iter().map(|id| (*id).to_owned()).collect(),
            ..ArrivalContent::default()
        }
    }

    #[test]
    fn the_form_is_filled_in_with_what_arrived() {
        for (content, address) in [
            (
                content(&[("utm_campaign", "launch"), ("utm_medium", "paid"), ("utm_source", "tiktok")], &["ttclid"]),
                "/admin/sources/new?advertiser_id=1&name=TikTok+Ads&click_id=ttclid&parameter=utm_medium\
                 &parameter_values=paid&parameter=utm_source&parameter_values=tiktok",
            ),
            (
                content(&[("ref", "a,b&c")], &[]),
                "/admin/sources/new?advertiser_id=1&name=a%2Cb%26c&parameter=ref&parameter_values=a*b%26c",
            ),
            (content(&[], &["tblci"]), "/admin/sources/new?advertiser_id=1&name=&click_id=tblci"),
            (content(&[], &[]), ""),
        ] {
            assert_eq!(create(&content, AdvertiserId(1)), address);
        }
    }
}
