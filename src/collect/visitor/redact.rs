//! Removes everything that names a private visitor from a request before it is logged. An exposure's token names the
//! visitor too, also in an address: landing pages carry it there.

use std::borrow::Cow;

use crate::collect::query;
use crate::domain::Warning;

/// The parameters and fields that name a visitor.
pub const NAMES: &[&str] = &["visitor_id", "sspdata", "imp", "hashed_email"];

/// The parameters that are addresses.
const ADDRESSES: &[&str] = &["redir", "page_url", "referer"];

/// The query string without them, and without the query of an address.
pub fn parameters(query: &str) -> Cow<'_, str> {
    let names_visitor = |part: &str| NAMES.contains(&query::name(part).as_ref());
    let is_address = |part: &str| ADDRESSES.contains(&query::name(part).as_ref());
    if !query.split('&').any(|part| names_visitor(part) || is_address(part)) {
        return Cow::Borrowed(query);
    }
    let kept = query.split('&').filter(|part| !names_visitor(part));
    let kept: Vec<_> = kept.map(|part| if is_address(part) { address(part) } else { part }).collect();
    Cow::Owned(kept.join("&"))
}

/// An address without its query and fragment, encoded or not.
pub fn address(url: &str) -> &str {
    let ends = ["?", "%3F", "%3f", "%253F", "%253f", "#", "%23"].into_iter().filter_map(|sign| url.find(sign));
    ends.min().and_then(|end| url.get(..end)).unwrap_or(url)
}

/// Clears the texts of warnings about parameters that name a visitor.
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
    fn names_of_the_visitor_are_left_out() {
        for (query, kept) in [
            ("id=1&value=2", "id=1&value=2"),
            ("id=1&sspdata=abc&value=2", "id=1&value=2"),
            ("imp=x", ""),
            ("id=1&amp;imp=x&%69mp=y&simp=z", "id=1&simp=z"),
            ("id=1&redir=https://a.example/?sspdata=1&imp=2", "id=1&redir=https://a.example/"),
            ("redir=https%3A%2F%2Fa.example%2F%3fsspdata%3D1&t=2", "redir=https%3A%2F%2Fa.example%2F&t=2"),
            ("page_url=https%3A%2F%2Fa.example%2Fx%3Femail%3Da&t=2", "page_url=https%3A%2F%2Fa.example%2Fx&t=2"),
            ("redir=https://a.example/thanks&t=2", "redir=https://a.example/thanks&t=2"),
        ] {
            assert_eq!(parameters(query), kept, "{query}");
        }
    }

    #[test]
    fn an_address_loses_its_query() {
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
        let mut kept =
            [warning("sspdata", "abc"), warning("redir", "https://a.example/?sspdata=abc"), warning("value", "$1")];
        warnings(&mut kept);
        assert_eq!(kept, [warning("sspdata", ""), warning("redir", "https://a.example/"), warning("value", "$1")]);
    }
}
