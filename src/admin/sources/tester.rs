//! Tries an address on the sources of an advertiser, for the page *Sources*. Nothing is recorded. Pure.

use url::Url;

use crate::admin::text::conditions;
use crate::attribution::sources::{Part, Tried, try_all};
use crate::domain::{
    AdParameter, AdvertiserId, Arrival, ClickIdValue, MAX_CAMPAIGN_VALUE, MAX_CLICK_ID, Source, SourceId, Status,
    UNPAID_LINKS_ALONE, cut, trim,
};

/// The longest address.
pub const MAX_ADDRESS: usize = 8_000;

/// What the tester says of an address.
pub struct TestResult {
    /// `good`, `warn` or `info`.
    pub kind: &'static str,
    pub title: String,
    /// Sentences below the title.
    pub text: String,
    /// The source that takes the arrival.
    pub taken_by: Option<SourceId>,
    /// Every source with what it says.
    pub lines: Vec<Line>,
    /// What of the address does not count.
    pub set_aside: Vec<String>,
}

/// One source.
pub struct Line {
    pub rank: usize,
    pub name: String,
    pub words: String,
    /// `yes`, `no` or `later`: after the one that takes it.
    pub kind: &'static str,
    /// Whether it is the one that takes it, or the closest one.
    pub here: bool,
}

/// What an address says of an arrival, and what of it does not count.
struct Read {
    arrival: Arrival,
    /// Whether it has a token of ours.
    has_token: bool,
    set_aside: Vec<String>,
}

/// Tries an address. `before` is the address or host of the page before; empty for none. `is_token` knows our tokens.
pub fn test(sources: &[Source], address: &str, before: &str, is_token: impl Fn(&str) -> bool) -> TestResult {
    let mut result = TestResult {
        kind: "warn",
        title: String::new(),
        text: String::new(),
        taken_by: None,
        lines: Vec::new(),
        set_aside: Vec::new(),
    };
    let Some(url) = parse(address) else {
        result.title = "This is no address.".to_owned();
        result.text = "Paste the whole address of a landing page, such as https://shop.example/?gclid=abc.".to_owned();
        return result;
    };
    let Read { arrival, has_token, set_aside } = read(&url, sources, before, is_token);
    result.set_aside = set_aside;
    if has_token {
        result.kind = "good";
        result.title = "The address has a click ID of pixeld.".to_owned();
        result.text = "It names the click by itself, so no source is asked.".to_owned();
        return result;
    }
    let tried = try_all(sources, &arrival);
    let from_known_host = tried
        .iter()
        .flat_map(|tried| &tried.parts)
        .any(|part| part.holds && matches!(part.part, Part::ReferrerHost(_)));
    if arrival.parameters.is_empty() && arrival.click_ids.is_empty() && !from_known_host {
        result.kind = "info";
        result.title = "The site tag sends nothing for this address.".to_owned();
        result.text = "It has no campaign parameter and no click ID.".to_owned();
        return result;
    }
    let taken = tried.iter().position(Tried::matches);
    let closest = if taken.is_none() { closest(&tried) } else { None };
    match (taken, closest) {
        (Some(place), _) => {
            result.kind = "good";
            result.taken_by = sources.get(place).map(|source| source.id);
            result.title = format!("{} takes this arrival.", tried[place].source.name);
        }
        (None, closest) => {
            result.title = "No source matches. This arrival would not be credited.".to_owned();
            result.text = closest.map(|place| said_of_closest(&tried[place])).unwrap_or_default();
        }
    }
    result.lines = tried.iter().enumerate().map(|(place, tried)| line(place, tried, taken, closest)).collect();
    result
}

fn line(place: usize, tried: &Tried<'_, Source>, taken: Option<usize>, closest: Option<usize>) -> Line {
    let (kind, words) = match taken {
        Some(taken) if taken == place => ("yes", format!("{} found", conditions::found(tried))),
        Some(taken) if place > taken => ("later", "comes later".to_owned()),
        _ => ("no", conditions::why_not(tried)),
    };
    let here = taken.or(closest) == Some(place);
    Line { rank: place + 1, name: tried.source.name.clone(), words, kind, here }
}

/// The active source with the most parts that hold; none if not one holds anywhere.
fn closest(tried: &[Tried<'_, Source>]) -> Option<usize> {
    let held = |tried: &Tried<'_, Source>| tried.parts.iter().filter(|part| part.holds).count();
    let active = tried.iter().enumerate().filter(|(_, tried)| tried.source.state == Status::Active);
    let best = active.map(|(place, tried)| (held(tried), place)).filter(|(held, _)| *held > 0);
    best.max_by_key(|(held, place)| (*held, usize::MAX - place)).map(|(_, place)| place)
}

fn said_of_closest(tried: &Tried<'_, Source>) -> String {
    let (name, found, missing) = (&tried.source.name, conditions::found(tried), conditions::why_not(tried));
    let mut said = format!("Closest: {name}. The address has {found}, but {missing}.");
    if tried.source.condition.click_ids.contains(&"fbclid") {
        said.push(' ');
        said.push_str(UNPAID_LINKS_ALONE);
    }
    said
}

/// An address with or without its scheme, or its query alone.
fn parse(address: &str) -> Option<Url> {
    let address = trim(address);
    if address.is_empty() || address.len() > MAX_ADDRESS {
        return None;
    }
    let whole = match address {
        address if address.starts_with(['?', '/']) => {
            format!("https://shop.example/{}", address.trim_start_matches('/'))
        }
        address if address.contains("://") => address.to_owned(),
        address => format!("https://{address}"),
    };
    Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Reads what the site tag would send.
fn read(url: &Url, sources: &[Source], before: &str, is_token: impl Fn(&str) -> bool) -> Read {
    let (mut set_aside, mut has_token) = (Vec::new(), false);
    let mut arrival = Arrival {
        advertiser_id: sources.first().map_or(AdvertiserId(0), |source| source.advertiser_id),
        parameters: Vec::new(),
        click_ids: Vec::new(),
        referrer_host: parse(before).and_then(|url| Some(url.host_str()?.to_ascii_lowercase())),
        named: None,
    };
    for (name, value) in url.query_pairs() {
        let (lower, value) = (name.to_lowercase(), trim(&value));
        match AdParameter::of(&name) {
            _ if value.is_empty() => {}
            _ if is_token(value) => has_token = true,
            Some(AdParameter::ClickId(id)) if is_click_id(value) => {
                arrival.click_ids.retain(|known| known.name != id.name);
                arrival.click_ids.push(ClickIdValue { name: id.name.to_owned(), value: Some(value.to_owned()) });
            }
            Some(AdParameter::ClickId(id)) => set_aside.push(format!("{} is no click ID", id.name)),
            campaign => {
                let asked = || sources.iter().any(|source| source.parameters().any(|asked| asked == lower));
                let first = arrival.parameter(&lower).is_none();
                if campaign.is_none() && !asked() {
                } else if is_unfilled(value) {
                    set_aside.push(format!("{lower} is a placeholder that was not filled in"));
                } else if first {
                    arrival.parameters.push((lower, cut(value, MAX_CAMPAIGN_VALUE).to_owned()));
                }
            }
        }
    }
    Read { arrival, has_token, set_aside }
}

/// Whether an ad platform left its placeholder as it was: `{campaignid}`, `{{ad.id}}`, `__CID__`, `[NAME]`.
fn is_unfilled(value: &str) -> bool {
    [("{", "}"), ("[", "]"), ("__", "__"), ("%%", "%%")].iter().any(|(open, close)| {
        let inside = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inside.is_some_and(|inside| !inside.is_empty() && !inside.contains(' '))
    })
}

fn is_click_id(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~=-".contains(&byte);
    (1..=MAX_CLICK_ID).contains(&value.len()) && value.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LineItemId, SourceTemplate};

    fn sources() -> Vec<Source> {
        let make = |key: &str| {
            let template = SourceTemplate::of(key).unwrap();
            let mut source = Source::new(AdvertiserId(1), LineItemId(1), template.name);
            source.condition = template.condition();
            source
        };
        ["google", "meta", "newsletter", "partner"].map(make).into()
    }

    fn said(address: &str, before: &str) -> String {
        let sources = sources();
        let result = test(&sources, address, before, |text| text == "token");
        let lines = result.lines.iter().map(|line| {
            let here = if line.here { "*" } else { "" };
            format!("\n{here}{} {} {}: {}", line.kind, line.rank, line.name, line.words)
        });
        let aside: String = result.set_aside.iter().map(|aside| format!("\n[{aside}]")).collect();
        format!("{} {} {}{aside}{}", result.kind, result.title, result.text, lines.collect::<String>())
    }

    #[test]
    fn an_address_is_told_who_takes_it_and_why_not() {
        assert_eq!(
            said("https://shop.example/a?fbclid=IwZXh0&utm_source=facebook&utm_medium=social", ""),
            "warn No source matches. This arrival would not be credited. Closest: Meta Ads. The address has fbclid, but \
             utm_medium is “social”, not cpc, ppc, cpm, paid or 6 more. fbclid alone is on unpaid links, too.\
             \nno 1 Google Ads: no gclid, gbraid or wbraid\
             \n*no 2 Meta Ads: utm_medium is “social”, not cpc, ppc, cpm, paid or 6 more\
             \nno 3 Newsletter: utm_medium is “social”, not email\
             \nno 4 Affiliate or influencer link: no ref or via"
        );
        assert_eq!(
            said("shop.example/?FBCLID=x&utm_medium=CPC&ref=a", ""),
            "good Meta Ads takes this arrival. \
             \nno 1 Google Ads: no gclid, gbraid or wbraid\
             \n*yes 2 Meta Ads: fbclid, utm_medium found\
             \nlater 3 Newsletter: comes later\
             \nlater 4 Affiliate or influencer link: comes later"
        );
        assert_eq!(
            said("?gclid={gclid}&utm_medium=x", ""),
            "warn No source matches. This arrival would not be credited. \
             \n[gclid is no click ID]\
             \nno 1 Google Ads: no gclid, gbraid or wbraid\
             \nno 2 Meta Ads: no fbclid, utm_medium is “x”, not cpc, ppc, cpm, paid or 6 more\
             \nno 3 Newsletter: utm_medium is “x”, not email\
             \nno 4 Affiliate or influencer link: no ref or via"
        );
        for (address, title) in [
            (
                "https://shop.example/a?b=c",
                "info The site tag sends nothing for this address. It has no campaign parameter and no click ID.",
            ),
            (
                "",
                "warn This is no address. Paste the whole address of a landing page, such as https://shop.example/?gclid=abc.",
            ),
            (
                "javascript://x",
                "warn This is no address. Paste the whole address of a landing page, such as https://shop.example/?gclid=abc.",
            ),
        ] {
            assert_eq!(said(address, "https://www.google.com/"), title);
        }
    }
}
