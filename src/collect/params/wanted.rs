//! What an advertiser's sources look for in arrivals, beside the parameters that all advertisers share.

use std::collections::BTreeSet;

use crate::domain::{AdParameter, Source, Status};

/// The most own parameters, and the most hosts, that the site tag looks for.
pub const MAX_WANTED: usize = 100;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Names of parameters, in lower case.
    pub parameters: Vec<String>,
    /// Hosts of the page before, in lower case. Each includes the hosts below it.
    pub hosts: Vec<String>,
}

impl Wanted {
    /// Of these sources in their order; inactive ones take no arrival.
    pub fn of(sources: &[Source]) -> Self {
        let active = || sources.iter().filter(|source| source.state == Status::Active);
        let own = active().flat_map(Source::parameters).filter(|name| AdParameter::of(name).is_none());
        let hosts = active().flat_map(|source| &source.condition.referrer_hosts).map(String::as_str);
        Wanted { parameters: each_once(own), hosts: each_once(hosts) }
    }

    /// Whether visitors from this host came by an ad.
    pub fn has_host(&self, host: &str) -> bool {
        let is_or_includes = |own: &String| {
            host.strip_suffix(own.as_str()).is_some_and(|below| below.is_empty() || below.ends_with('.'))
        };
        self.hosts.iter().any(is_or_includes)
    }
}

fn each_once<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(*text)).take(MAX_WANTED).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AdvertiserId, LineItemId, SourceMatch};

    fn source(conditions: &[(&str, &str)]) -> Source {
        let conditions = conditions.iter().map(|(part, value)| ((*part).to_owned(), vec![(*value).to_owned()]));
        let condition = SourceMatch::of(conditions).unwrap();
        Source { condition, ..Source::new(AdvertiserId(1), LineItemId(1), "Partner") }
    }

    #[test]
    fn own_parameters_and_hosts_are_named_once() {
        let inactive =
            Source { state: Status::Inactive, ..source(&[("gone", "*"), ("referrer_host", "gone.example")]) };
        let by = Source { campaign_by: Some("offer".to_owned()), ..source(&[("utm_source", "a"), ("partner", "b")]) };
        let sources = [by, inactive, source(&[("partner,aff", "*"), ("referrer_host", "Chat.example")])];
        let wanted = Wanted::of(&sources);
        assert_eq!(wanted.parameters, ["partner", "offer", "aff"]);
        assert_eq!(wanted.hosts, ["chat.example"]);
        for (host, has) in [
            ("chat.example", true),
            ("www.chat.example", true),
            ("xchat.example", false),
            ("example", false),
            ("chat.example.evil", false),
            ("", false),
        ] {
            assert_eq!(wanted.has_host(host), has, "{host}");
        }
        let many: Vec<_> = (0..150).map(|n| source(&[(&format!("p{n}"), "*")])).collect();
        assert_eq!(Wanted::of(&many).parameters.len(), MAX_WANTED);
        assert_eq!(Wanted::of(&[]), Wanted::default());
    }
}
