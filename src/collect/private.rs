//! What is kept of a request whose visitor is not to be known (`spec/collection.md`, *Visitor identity*): all of it but
//! what names somebody. An exposure's token does, wherever it stands: landing pages carry it in their address.

use std::borrow::Cow;

use super::query;
use crate::domain::Warning;

/// The parameters and fields that name somebody.
pub const NAMES: &[&str] = &["visitor_id", "sspdata", "imp", "hashed_email"];

/// A query string without them, nor what stands in the query of a `redir`.
pub fn parameters(query: &str) -> Cow<'_, str> {
    let names_somebody = |part: &str| NAMES.contains(&query::name(part).as_ref());
    let leads_on = |part: &str| query::name(part) == "redir";
    if !query.split('&').any(|part| names_somebody(part) || leads_on(part)) {
        return Cow::Borrowed(query);
    }
    let kept = query.split('&').filter(|part| !names_somebody(part));
    let kept: Vec<_> = kept.map(|part| if leads_on(part) { address(part) } else { part }).collect();
    Cow::Owned(kept.join("&"))
}

/// An address without its query, encoded or not, and what follows that.
pub fn address(url: &str) -> &str {
    let ends = ["?", "%3F", "%3f", "%253F", "%253f", "#", "%23"].into_iter().filter_map(|sign| url.find(sign));
    ends.min().and_then(|end| url.get(..end)).unwrap_or(url)
}

/// What is noted of parameters that broke their rules, without what those said that name somebody.
pub fn warnings(warnings: &mut [Warning]) {
    for Warning { parameter, raw, .. } in warnings {
        if NAMES.contains(&parameter.as_str()) {
            raw.clear();
        } else {
            raw.truncate(address(raw).len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_somebody_is_left_out() {
        for (query, kept) in [
            ("id=1&value=2", "id=1&value=2"),
            ("id=1&sspdata=abc&value=2", "id=1&value=2"),
            ("imp=x", ""),
            ("id=1&amp;imp=x&%69mp=y&simp=z", "id=1&simp=z"),
            ("id=1&redir=https://a.example/?sspdata=1&imp=2", "id=1&redir=https://a.example/"),
            ("redir=https%3A%2F%2Fa.example%2F%3fsspdata%3D1&t=2", "redir=https%3A%2F%2Fa.example%2F&t=2"),
            ("redir=https://a.example/thanks&t=2", "redir=https://a.example/thanks&t=2"),
        ] {
            assert_eq!(parameters(query), kept, "{query}");
        }
    }

    #[test]
    fn an_address_keeps_what_stands_before_its_query() {
        for (url, kept) in [
            ("https://shop.example/land?sspdata=abc", "https://shop.example/land"),
            ("https://shop.example/land#sspdata=abc", "https://shop.example/land"),
            ("https%3A%2F%2Fshop.example%253Fa", "https%3A%2F%2Fshop.example"),
            ("https://shop.example/", "https://shop.example/"),
            ("", ""),
        ] {
            assert_eq!(address(url), kept, "{url}");
        }
    }

    #[test]
    fn warnings_keep_their_rules_and_lose_the_names() {
        let warning = |parameter: &str, raw: &str| Warning {
            parameter: parameter.to_owned(),
            raw: raw.to_owned(),
            rule: "repeated".to_owned(),
        };
        let mut noted =
            [warning("sspdata", "abc"), warning("redir", "https://a.example/?sspdata=abc"), warning("value", "$1")];
        warnings(&mut noted);
        assert_eq!(noted, [warning("sspdata", ""), warning("redir", "https://a.example/"), warning("value", "$1")]);
    }
}
