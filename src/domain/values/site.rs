//! Hosts and sites as browsers part them: whether a cookie of one host reaches the pages of another.

use std::net::IpAddr;

/// Names below a country that anybody may register under: `shop.co.uk`.
const BELOW_COUNTRIES: [&str; 10] = ["ac", "co", "com", "edu", "gov", "ltd", "net", "or", "org", "plc"];

/// Hosts that lend a name to each customer, so that browsers take each name below them as a site.
const LENT: [&str; 14] = [
    "blogspot.com",
    "cloudfront.net",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "myshopify.com",
    "netlify.app",
    "onrender.com",
    "pages.dev",
    "vercel.app",
    "web.app",
    "webflow.io",
    "wixsite.com",
    "workers.dev",
];

/// The host of an address, without its port; empty if it has none.
pub fn host_of(address: &str) -> String {
    url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether browsers take two hosts as one site: equal, or below one registered name. The full list of such names is not
/// here, so a rare pair counts as two sites although it is one.
pub fn is_same_site(one: &str, other: &str) -> bool {
    one == other || (!is_number(one) && !is_number(other) && site(one) == site(other))
}

/// Whether a host is an address of numbers, which has no site around it.
fn is_number(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

/// The registered name that a host belongs to: `shop.example` of `www.shop.example`.
pub fn site(host: &str) -> &str {
    let below = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return host };
    let is_country = host.len() - last == 3;
    let is_shared =
        is_country && BELOW_COUNTRIES.contains(&&host[second + 1..last]) || LENT.iter().any(|suffix| below(suffix));
    let dot = if is_shared { dots.next() } else { Some(second) };
    dot.map_or(host, |dot| &host[dot + 1..])
}

/// Whether only computers of one place reach a host by this name: `localhost`, or an address of numbers.
pub fn is_nameless(host: &str) -> bool {
    is_number(host) || host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_below_one_registered_name_are_one_site() {
        for (one, other, same) in [
            ("shop.example", "px.shop.example", true),
            ("www.shop.example", "px.shop.example", true),
            ("shop.example", "px.other.example", false),
            ("shop.co.uk", "px.co.uk", false),
            ("shop.co.uk", "px.shop.co.uk", true),
            ("a.co.shop", "b.co.shop", true),
            ("hut.de", "px.hut.de", true),
            ("one.myshopify.com", "two.myshopify.com", false),
            ("one.myshopify.com", "px.one.myshopify.com", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("10.0.0.1", "127.0.0.1", false),
            ("[::1]", "127.0.0.1", false),
            ("localhost", "127.0.0.1", false),
            ("a.localhost", "b.localhost", false),
        ] {
            assert_eq!(is_same_site(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn the_host_of_an_address_has_no_port() {
        assert_eq!((host_of("https://a.example:8443/x?y"), host_of("x")), ("a.example".to_owned(), String::new()));
    }

    #[test]
    fn numbers_and_local_names_have_no_registered_name() {
        for (host, nameless) in [
            ("127.0.0.1", true),
            ("[::1]", true),
            ("localhost", true),
            ("a.localhost", true),
            ("px.shop.example", false),
        ] {
            assert_eq!(is_nameless(host), nameless, "{host}");
        }
    }
}
