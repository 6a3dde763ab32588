//! The condition of a source: what an arrival must carry. All its parts must hold, and the values of a part are
//! alternatives. Case says nothing, so texts are kept in lower case.

use std::collections::HashSet;

use crate::domain::values::ad_parameters::MAX_CAMPAIGN_VALUE;
use crate::domain::{AdParameter, CAMPAIGN_PARAMETERS, Checks, ClickId, FieldError, trim};

/// The most parameters, or groups of them, that a condition asks for.
const MAX_PARAMETERS: usize = 10;
/// The most names of one parameter.
const MAX_NAMES: usize = 5;
/// The longest name of a parameter.
const MAX_NAME: usize = 64;
/// The most values of all parts together.
const MAX_VALUES: usize = 50;
/// What to say of a condition that takes unpaid links.
pub const UNPAID_LINKS: &str = "fbclid is on unpaid links, too; ask for a paid utm_medium as well";
/// The same as a sentence on a page.
pub const UNPAID_LINKS_ALONE: &str = "fbclid alone is on unpaid links, too.";
/// The parts that are no parameters.
const CLICK_ID: &str = "click_id";
const REFERRER_HOST: &str = "referrer_host";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMatch {
    /// Names of click ids, as [`crate::domain::ClickId`] writes them. Empty: no condition.
    pub click_ids: Vec<&'static str>,
    pub parameters: Vec<ParameterMatch>,
    /// Hosts, which include those below them. Empty: no condition.
    pub referrer_hosts: Vec<String>,
}

/// One of these parameters has one of these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterMatch {
    /// In lower case.
    pub names: Vec<String>,
    /// In lower case.
    pub values: Vec<Pattern>,
}

/// A text in lower case, in which `*` takes the place of any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(pub String);

impl Pattern {
    /// Whether the pattern takes a value. The value must be in lower case. Its work grows with the length of both, and
    /// not with their product.
    pub fn takes(&self, value: &str) -> bool {
        let mut pieces = self.0.split('*');
        let Some(mut rest) = pieces.next().and_then(|start| value.strip_prefix(start)) else { return false };
        let Some(end) = pieces.next_back() else { return rest.is_empty() };
        for piece in pieces {
            match rest.split_once(piece) {
                Some((_, after)) => rest = after,
                None if piece.is_empty() => {}
                None => return false,
            }
        }
        rest.ends_with(end)
    }

    /// Whether it takes every value.
    pub fn takes_all(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'*')
    }
}

impl SourceMatch {
    /// Reads conditions, each a part with its values. A part is `click_id`, `referrer_host`, or one or several names of
    /// parameters with commas between them.
    ///
    /// # Errors
    /// Every rule that they break, by published field.
    pub fn of(conditions: impl IntoIterator<Item = (String, Vec<String>)>) -> Result<Self, Vec<FieldError>> {
        let mut reading = Reading::default();
        conditions.into_iter().for_each(|(part, values)| reading.part(&part, &values));
        reading.done().map_err(|(_, broken)| broken)
    }

    /// The same for conditions that were stored: the rules of today do not make them unreadable.
    pub fn stored(conditions: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let mut reading = Reading { is_stored: true, ..Reading::default() };
        conditions.into_iter().for_each(|(part, values)| reading.part(&part, &values));
        reading.done().unwrap_or_else(|(readable, _)| readable)
    }

    /// The conditions, as [`SourceMatch::of`] reads them.
    pub fn conditions(&self) -> Vec<(String, Vec<&str>)> {
        let mut conditions = Vec::new();
        if !self.click_ids.is_empty() {
            conditions.push((CLICK_ID.to_owned(), self.click_ids.clone()));
        }
        for parameter in &self.parameters {
            let values = parameter.values.iter().map(|value| value.0.as_str()).collect();
            conditions.push((parameter.names.join(","), values));
        }
        if !self.referrer_hosts.is_empty() {
            conditions.push((REFERRER_HOST.to_owned(), self.referrer_hosts.iter().map(String::as_str).collect()));
        }
        conditions
    }

    /// Whether it has no part. Such a condition would take every arrival, and is refused.
    pub fn is_empty(&self) -> bool {
        self.click_ids.is_empty() && self.parameters.is_empty() && self.referrer_hosts.is_empty()
    }

    /// Whether it takes the links of Meta's unpaid posts, too: `fbclid` alone is on them as well.
    pub fn takes_unpaid_links(&self) -> bool {
        self.click_ids.contains(&"fbclid") && self.parameters.is_empty() && self.referrer_hosts.is_empty()
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.require(!self.is_empty(), "match", || {
            "must hold at least one condition: click_id, a parameter such as utm_source, or referrer_host".to_owned()
        });
    }
}

/// Checks the name of a parameter, in lower case.
pub(super) fn check_name(checks: &mut Checks, field: &str, name: &str) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let good = !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(plain);
    checks.require(good, field, || {
        format!("must name a parameter by 1 to {MAX_NAME} letters, digits, _, - and ., and names {:?}", short(name))
    });
    checks.require(!matches!(AdParameter::of(name), Some(AdParameter::ClickId(_))), field, || {
        format!("names {name}, which is a click ID: put it into click_id")
    });
}

/// A text from outside, cut for a message.
fn short(text: &str) -> &str {
    crate::domain::cut(text, 60)
}

/// Conditions as they are read.
#[derive(Default)]
struct Reading {
    read: SourceMatch,
    /// Whether a click id may be one that the setting added once.
    is_stored: bool,
    names: HashSet<String>,
    values: usize,
    checks: Checks,
}

impl Reading {
    fn done(mut self) -> Result<SourceMatch, (SourceMatch, Vec<FieldError>)> {
        let Reading { values, .. } = self;
        self.checks.require(values <= MAX_VALUES, "match", || {
            format!("must hold at most {MAX_VALUES} values, and holds {values}; use * for several, or make two sources")
        });
        let parameters = self.read.parameters.len();
        self.checks.require(parameters <= MAX_PARAMETERS, "match", || {
            format!("must name at most {MAX_PARAMETERS} parameters, and names {parameters}")
        });
        self.sort();
        match self.checks.done() {
            Ok(()) => Ok(self.read),
            Err(broken) => Err((self.read, broken)),
        }
    }

    /// The known parameters first, in their order, then the others by name.
    fn sort(&mut self) {
        self.read.parameters.sort_by_cached_key(|parameter| {
            let known = CAMPAIGN_PARAMETERS.iter().position(|known| parameter.names.iter().any(|name| name == known));
            (known.unwrap_or(CAMPAIGN_PARAMETERS.len()), parameter.names.clone())
        });
    }

    fn part(&mut self, part: &str, values: &[String]) {
        let part = trim(part).to_lowercase();
        let field = format!("match.{}", short(&part));
        let first = part.split(',').map(trim).all(|name| self.names.insert(name.to_owned()));
        self.checks.require(first, &field, || "is there twice; give all its values at once".to_owned());
        self.checks.require(!values.is_empty(), &field, || "must have at least one value; * is any value".to_owned());
        self.values += values.len();
        match part.as_str() {
            CLICK_ID => self.click_ids(&field, values),
            REFERRER_HOST => self.hosts(&field, values),
            _ => self.parameter(&part, &field, values),
        }
    }

    fn click_ids(&mut self, field: &str, values: &[String]) {
        for (index, value) in values.iter().enumerate().take(MAX_VALUES) {
            let wanted = trim(value);
            let of_text = if self.is_stored { ClickId::of_stored(wanted) } else { ClickId::of(wanted) };
            let unknown = of_text.is_empty();
            for id in of_text {
                if !self.read.click_ids.contains(&id.name) {
                    self.read.click_ids.push(id.name);
                }
            }
            self.checks.require(!unknown, &format!("{field}[{index}]"), || {
                format!(
                    "must be a click ID such as gclid, or a platform such as Google Ads, and is {:?}",
                    short(wanted)
                )
            });
        }
    }

    fn hosts(&mut self, field: &str, values: &[String]) {
        for (index, value) in values.iter().enumerate().take(MAX_VALUES) {
            match host(trim(value)) {
                Some(host) if self.read.referrer_hosts.contains(&host) => {}
                Some(host) => self.read.referrer_hosts.push(host),
                None => self.checks.fail(
                    format!("{field}[{index}]"),
                    format!(
                        "must be a host such as pinterest.com, which includes those below it, and is {:?}",
                        short(value)
                    ),
                ),
            }
        }
    }

    fn parameter(&mut self, part: &str, field: &str, values: &[String]) {
        let names: Vec<String> = part.split(',').take(MAX_NAMES + 1).map(|name| trim(name).to_owned()).collect();
        self.checks.require(names.len() <= MAX_NAMES, field, || format!("must be at most {MAX_NAMES} names"));
        names.iter().take(MAX_NAMES).for_each(|name| check_name(&mut self.checks, field, name));
        let mut patterns: Vec<Pattern> = Vec::new();
        for (index, value) in values.iter().enumerate().take(MAX_VALUES) {
            let (field, value) = (format!("{field}[{index}]"), trim(value));
            self.checks.require(!value.is_empty(), &field, || "must not be blank; * is any value".to_owned());
            self.checks.text(&field, value, MAX_CAMPAIGN_VALUE);
            self.checks.require(!value.contains(','), &field, || {
                "must not hold a comma: give each value by itself, or write * in place of the comma".to_owned()
            });
            let pattern = Pattern(value.to_lowercase());
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
        self.read.parameters.push(ParameterMatch { names, values: patterns });
    }
}

/// A host as referrers name it: in lower case and ASCII. A name without a dot is refused, since it may be the end of very
/// many hosts.
fn host(text: &str) -> Option<String> {
    let host = url::Host::parse(text).ok()?;
    let name = host.to_string();
    let is_address = !matches!(host, url::Host::Domain(_));
    let has_dot = name.trim_end_matches('.').contains('.') && !name.starts_with('.') && !name.ends_with('.');
    (name.len() <= MAX_CAMPAIGN_VALUE && !name.contains('*') && (is_address || has_dot)).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(conditions: &[(&str, &[&str])]) -> Result<SourceMatch, Vec<FieldError>> {
        let owned = |(part, values): &(&str, &[&str])| {
            ((*part).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        SourceMatch::of(conditions.iter().map(owned))
    }

    #[test]
    fn conditions_are_kept_in_their_normal_form() {
        let read = read(&[
            ("Click_ID", &["GCLID", " google ads ", "sccid"]),
            (" UTM_Medium", &["CPC", "Paid*", "cpc"]),
            ("ref, via", &["*"]),
            ("referrer_host", &["Pinterest.COM", "müller.example"]),
        ])
        .unwrap();
        assert_eq!(
            read.conditions(),
            [
                ("click_id".to_owned(), vec!["gclid", "gbraid", "wbraid", "ScCid"]),
                ("utm_medium".to_owned(), vec!["cpc", "paid*"]),
                ("ref,via".to_owned(), vec!["*"]),
                ("referrer_host".to_owned(), vec!["pinterest.com", "xn--mller-kva.example"]),
            ]
        );
        let again = read.conditions().into_iter();
        let again = again.map(|(part, values)| (part, values.into_iter().map(str::to_owned).collect()));
        assert_eq!(SourceMatch::of(again), Ok(read));
    }

    #[test]
    fn wrong_conditions_are_refused() {
        let (long, many) = ("x".repeat(256), vec!["a"; 51]);
        for (part, values, error) in [
            (
                "click_id",
                &["glcid"][..],
                "match.click_id[0] must be a click ID such as gclid, or a platform such as Google Ads, and is \"glcid\"",
            ),
            ("gclid", &["*"], "match.gclid names gclid, which is a click ID: put it into click_id"),
            ("utm_source", &[], "match.utm_source must have at least one value; * is any value"),
            ("utm_source", &["a", " "], "match.utm_source[1] must not be blank; * is any value"),
            ("utm_source", &[&long], "match.utm_source[0] must be at most 255 characters, and has 256"),
            (
                "utm_medium",
                &["cpc,paid"],
                "match.utm_medium[0] must not hold a comma: give each value by itself, or write * in place of the comma",
            ),
            ("utm_source", &["a\u{1}b"], "match.utm_source[0] must not hold control characters"),
            (
                "utm_source",
                &many,
                "match must hold at most 50 values, and holds 51; use * for several, or make two sources",
            ),
            (
                "utm source",
                &["a"],
                "match.utm source must name a parameter by 1 to 64 letters, digits, _, - and ., and names \"utm source\"",
            ),
            ("", &["a"], "match. must name a parameter by 1 to 64 letters, digits, _, - and ., and names \"\""),
            ("a,b,c,d,e,f", &["a"], "match.a,b,c,d,e,f must be at most 5 names"),
            ("ref,ref", &["a"], "match.ref,ref is there twice; give all its values at once"),
            (
                "referrer_host",
                &["com"],
                "match.referrer_host[0] must be a host such as pinterest.com, which includes those below it, and is \"com\"",
            ),
            (
                "referrer_host",
                &["*.com"],
                "match.referrer_host[0] must be a host such as pinterest.com, which includes those below it, and is \"*.com\"",
            ),
            (
                "referrer_host",
                &["https://a.example/"],
                "match.referrer_host[0] must be a host such as pinterest.com, which includes those below it, and is \"https://a.example/\"",
            ),
        ] {
            let broken = read(&[(part, values)]).unwrap_err();
            assert_eq!(broken[0].to_string(), error, "{part} {values:?}");
        }
        assert_eq!(
            read(&[("ref", &["a"]), ("REF", &["b"])]).unwrap_err()[0].to_string(),
            "match.ref is there twice; give all its values at once"
        );
        let names: Vec<String> = (0..11).map(|number| format!("p{number}")).collect();
        let eleven: Vec<(&str, &[&str])> = names.iter().map(|name| (name.as_str(), &["*"][..])).collect();
        assert_eq!(read(&eleven).unwrap_err()[0].to_string(), "match must name at most 10 parameters, and names 11");
    }

    #[test]
    fn patterns_take_what_they_say() {
        for (pattern, value, takes) in [
            ("cpc", "cpc", true),
            ("cpc", "cpcs", false),
            ("*", "", true),
            ("*", "anything", true),
            ("paid*", "paid", true),
            ("paid*", "unpaid", false),
            ("*paid", "unpaid", true),
            ("*ai*", "paid", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "acb", false),
            ("**x**", "axb", true),
            ("é*", "école", true),
        ] {
            assert_eq!(Pattern(pattern.to_owned()).takes(value), takes, "{pattern} {value}");
        }
    }

    /// What `*` means, by trying every text that it may take the place of.
    fn oracle(pattern: &[char], value: &[char]) -> bool {
        match (pattern, value) {
            ([], []) => true,
            (['*', rest @ ..], value) => (0..=value.len()).any(|taken| oracle(rest, &value[taken..])),
            ([sign, pattern @ ..], [same, value @ ..]) if sign == same => oracle(pattern, value),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn patterns_mean_any_text_by_a_star(pattern in "[aé*]{0,7}", value in "[aéb]{0,9}") {
            let signs = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(Pattern(pattern.clone()).takes(&value), oracle(&signs(&pattern), &signs(&value)));
        }

        #[test]
        fn any_condition_is_refused_or_read_the_same_again(part in ".{0,20}|utm_source|click_id|referrer_host", values in prop::collection::vec(".{0,9}|[a-z]{1,4}[.][a-z]{2}|gclid", 0..4)) {
            if let Ok(read) = SourceMatch::of([(part, values)]) {
                let again = || read.conditions().into_iter().map(|(part, values)| (part, values.into_iter().map(str::to_owned).collect()));
                prop_assert_eq!(SourceMatch::of(again()), Ok(read.clone()));
                prop_assert_eq!(SourceMatch::stored(again()), read.clone());
            }
        }
    }
}
