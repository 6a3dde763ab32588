//! Conditions of sources, and why one does not match, in words. Pure.

use crate::attribution::sources::{Part, Tried, TriedPart, parts};
use crate::domain::{Pattern, Source, SourceMatch, cut};

/// One part of a condition: "`utm_medium` is cpc or paid".
pub struct PartWords {
    /// Names that the page shows as code, any of them.
    pub names: Vec<String>,
    pub rest: String,
}

/// The most values that a list names.
const NAMED: usize = 4;
/// The most characters of a value from an address.
const SHOWN: usize = 60;

/// The parts of a condition. `all` names every value.
pub fn condition(condition: &SourceMatch, all: bool) -> Vec<PartWords> {
    let named = if all { usize::MAX } else { NAMED };
    let words = |part| match part {
        Part::ClickId(names) => {
            PartWords { names: names.iter().map(|name| (*name).to_owned()).collect(), rest: String::new() }
        }
        Part::Parameter(parameter) => {
            PartWords { names: parameter.names.clone(), rest: format!("is {}", values(&parameter.values, named)) }
        }
        Part::ReferrerHost(hosts) => {
            PartWords { names: Vec::new(), rest: format!("the page before is on {}", or(hosts, named)) }
        }
    };
    parts(condition).map(words).collect()
}

/// The whole condition as one text.
pub fn text(of: &SourceMatch) -> String {
    let part = |PartWords { names, rest }: PartWords| {
        let names = or(&names, usize::MAX);
        format!("{names} {rest}").trim().to_owned()
    };
    condition(of, true).into_iter().map(part).collect::<Vec<_>>().join(" and ")
}

/// Why a source does not match, in one line: "no gclid or gbraid", "utm_medium is “social”".
pub fn why_not(tried: &Tried<'_, Source>) -> String {
    let failed = tried.parts.iter().filter(|part| !part.holds);
    let mut words: Vec<String> = failed.map(|part| failing(part)).collect();
    if tried.source.state == crate::domain::Status::Inactive {
        words.insert(0, "inactive".to_owned());
    }
    words.join(", ")
}

/// What of a source the arrival has: "`fbclid`"; empty if nothing.
pub fn found(tried: &Tried<'_, Source>) -> String {
    let held = tried.parts.iter().filter(|part| part.holds);
    held.filter_map(|part| part.found.as_ref()).map(|(name, _)| plain_name(name)).collect::<Vec<_>>().join(", ")
}

fn failing(tried: &TriedPart<'_>) -> String {
    match (tried.part, &tried.found) {
        (Part::ClickId(names), _) => {
            format!("no {}", or(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), NAMED))
        }
        (Part::Parameter(parameter), None) => format!("no {}", or(&parameter.names, NAMED)),
        (Part::Parameter(parameter), Some((name, value))) => {
            format!("{name} is “{}”, not {}", cut(value, SHOWN), values(&parameter.values, NAMED))
        }
        (Part::ReferrerHost(hosts), None) => format!("no page before on {}", or(hosts, NAMED)),
        (Part::ReferrerHost(hosts), Some((_, host))) => {
            format!("the page before is on {}, not on {}", cut(host, SHOWN), or(hosts, NAMED))
        }
    }
}

fn plain_name(name: &str) -> String {
    if name == "referrer_host" { "the page before".to_owned() } else { name.to_owned() }
}

fn values(values: &[Pattern], named: usize) -> String {
    if values.iter().any(Pattern::takes_all) {
        return "set".to_owned();
    }
    or(&values.iter().map(|pattern| pattern.0.clone()).collect::<Vec<_>>(), named)
}

/// `a`, `a or b`, `a, b or c`, `a, b, c, d or 6 more`.
fn or(words: &[String], named: usize) -> String {
    let some: Vec<&str> = words.iter().take(named).map(String::as_str).collect();
    let more = words.len() - some.len();
    match (some.as_slice(), more) {
        ([], _) => String::new(),
        ([only], 0) => (*only).to_owned(),
        ([first @ .., last], 0) => format!("{} or {last}", first.join(", ")),
        (some, more) => format!("{} or {more} more", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceTemplate;

    #[test]
    fn conditions_are_said_in_words() {
        let of = |key| SourceTemplate::of(key).unwrap().condition();
        assert_eq!(text(&of("google")), "gclid, gbraid or wbraid");
        assert_eq!(text(&of("newsletter")), "utm_medium is email");
        assert_eq!(text(&of("partner")), "ref or via is set");
        let short: Vec<_> = condition(&of("meta"), false).into_iter().map(|part| part.rest).collect();
        assert_eq!(short, ["", "is cpc, ppc, cpm, paid or 6 more"]);
        let host = SourceMatch::of([("referrer_host".to_owned(), vec!["a.example".to_owned()])]).unwrap();
        assert_eq!(text(&host), "the page before is on a.example");
    }
}
