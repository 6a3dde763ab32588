//! Finds the address and scheme of the client behind a request. Only trusted proxies may say that they forward one.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::{HOST, HeaderMap};
use ipnet::IpNet;

use crate::config::IpStorage;

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The visitor's address.
    pub ip: Option<IpAddr>,
    /// Whether the visitor spoke https.
    pub https: bool,
}

impl Client {
    /// Reads the connection, and `X-Forwarded-For` and `X-Forwarded-Proto` if the peer is trusted.
    pub fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = peer.map(|peer| peer.ip().to_canonical());
        if !peer.is_some_and(|peer| is_trusted(peer, trusted)) {
            return Client { ip: peer, https: false };
        }
        // The last address that is no trusted proxy's is the visitor's. Anybody can write those before it.
        let (mut ip, mut hops) = (peer, 0);
        let addresses: Vec<_> = listed(headers, "x-forwarded-for").collect();
        for address in addresses.iter().rev().map_while(|text| address(text)) {
            (ip, hops) = (Some(address), hops + 1);
            if !is_trusted(address, trusted) {
                break;
            }
        }
        // Each proxy adds the scheme of its own client. If there are fewer addresses than schemes, the first scheme is the
        // visitor's.
        let schemes = || listed(headers, "x-forwarded-proto");
        let count = schemes().count();
        let hop = if addresses.len() < count { count } else { hops.max(1) };
        let scheme = schemes().nth(count.saturating_sub(hop));
        Client { ip, https: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")) }
    }

    /// The address as the log keeps it.
    pub fn stored_ip(&self, storage: IpStorage) -> Option<String> {
        let ip = self.ip?;
        match (storage, ip) {
            (IpStorage::None, _) => None,
            (IpStorage::Full, ip) => Some(ip.to_string()),
            (IpStorage::Truncated, IpAddr::V4(ip)) => {
                let [a, b, c, _] = ip.octets();
                Some(format!("{a}.{b}.{c}.0"))
            }
            (IpStorage::Truncated, IpAddr::V6(ip)) => {
                let [a, b, c, ..] = ip.segments();
                Some(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_string())
            }
        }
    }
}

/// The host that the client named: in `Host`, or in `X-Forwarded-Host` if the peer is trusted. Empty if none.
pub fn named_host<'h>(peer: Option<SocketAddr>, headers: &'h HeaderMap, trusted: &[IpNet]) -> &'h str {
    let forwarded = listed(headers, "x-forwarded-host").last();
    match forwarded.filter(|_| peer.is_some_and(|peer| is_trusted(peer.ip().to_canonical(), trusted))) {
        Some(forwarded) => forwarded,
        None => headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or(""),
    }
}

/// The parts of a header that lists one for each proxy. It may come more than once.
fn listed<'h>(headers: &'h HeaderMap, name: &'static str) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).flat_map(|value| value.to_str().unwrap_or("").split(','));
    values.map(str::trim).filter(|part| !part.is_empty())
}

/// An address as proxies write it; some add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// Whether the peer forwards a request for another client, and is not trusted to.
pub fn forwards_untrusted(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> bool {
    headers.contains_key("x-forwarded-for") && !peer.is_some_and(|peer| is_trusted(peer.ip().to_canonical(), trusted))
}

pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> Client {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        Client::of(Some(SocketAddr::new(peer.parse().unwrap(), 1)), &map, &trusted)
    }

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn forwarding_headers_are_believed_from_trusted_peers_alone() {
        let headers = [("x-forwarded-for", "203.0.113.7"), ("x-forwarded-proto", "https")];
        assert_eq!(client("198.51.100.1", &headers), Client { ip: ip("198.51.100.1"), https: false });
        assert_eq!(client("10.0.0.1", &headers), Client { ip: ip("203.0.113.7"), https: true });
        assert_eq!(client("::1", &headers), Client { ip: ip("203.0.113.7"), https: true });
    }

    #[test]
    fn addresses_that_a_visitor_forges_are_not_believed() {
        let spoofed =
            [("x-forwarded-for", "1.2.3.4, 203.0.113.7, 10.1.1.1"), ("x-forwarded-proto", "https, http, http")];
        assert_eq!(client("10.0.0.1", &spoofed), Client { ip: ip("203.0.113.7"), https: false });
        assert_eq!(client("10.0.0.1", &[("x-forwarded-for", "junk")]).ip, ip("10.0.0.1"));
    }

    #[test]
    fn the_scheme_is_that_of_the_visitor() {
        for (addresses, schemes, https) in [
            (&["203.0.113.7"][..], &["https"][..], true),
            (&["203.0.113.7"], &[" HTTPS "], true),
            (&["203.0.113.7"], &["http"], false),
            (&["203.0.113.7"], &[""], false),
            (&["203.0.113.7"], &[], false),
            (&[], &["https"], true),
            // A chain of trusted proxies, the nearest to the visitor first.
            (&["203.0.113.7, 10.1.1.1"], &["https, http"], true),
            (&["203.0.113.7", "10.1.1.1"], &["https", "http"], true),
            (&["203.0.113.7, 10.1.1.1"], &["http,https"], false),
            (&["203.0.113.7, 10.2.2.2, 10.1.1.1"], &["https, http"], true),
            // Only the schemes are listed.
            (&[], &["https, http"], true),
            (&["203.0.113.7"], &["https,http"], true),
            (&["203.0.113.7"], &["http, https"], false),
            // The visitor wrote the first ones, and the only proxy the last.
            (&["1.2.3.4, 203.0.113.7"], &["https, http"], false),
            (&["10.3.3.3, 203.0.113.7"], &["http, https"], true),
        ] {
            let mut headers: Vec<_> = addresses.iter().map(|value| ("x-forwarded-for", *value)).collect();
            headers.extend(schemes.iter().map(|value| ("x-forwarded-proto", *value)));
            assert_eq!(client("10.0.0.1", &headers).https, https, "{addresses:?} {schemes:?}");
            assert!(!client("198.51.100.1", &headers).https, "{addresses:?} {schemes:?}");
        }
    }

    #[test]
    fn addresses_are_stored_as_the_setting_says() {
        let v4 = Client { ip: ip("203.0.113.77"), https: false };
        assert_eq!(v4.stored_ip(IpStorage::Truncated).as_deref(), Some("203.0.113.0"));
        assert_eq!(v4.stored_ip(IpStorage::Full).as_deref(), Some("203.0.113.77"));
        assert_eq!(v4.stored_ip(IpStorage::None), None);
        let v6 = Client { ip: ip("2001:db8:1:2::5"), https: false };
        assert_eq!(v6.stored_ip(IpStorage::Truncated).as_deref(), Some("2001:db8:1::"));
    }

    #[test]
    fn only_a_trusted_proxy_names_another_host() {
        let trusted = ["192.0.2.7/32".parse().unwrap()];
        for (peer, forwarded, host) in [
            ([192, 0, 2, 7], Some("shop.example"), "shop.example"),
            ([192, 0, 2, 7], Some("first.example, last.example"), "last.example"),
            ([192, 0, 2, 7], None, "px.example"),
            ([192, 0, 2, 8], Some("evil.example"), "px.example"),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(HOST, HeaderValue::from_static("px.example"));
            headers.append("forwarded".parse().unwrap(), HeaderValue::from_static("host=evil.example"));
            if let Some(forwarded) = forwarded {
                headers.append("x-forwarded-host".parse().unwrap(), HeaderValue::from_static(forwarded));
            }
            assert_eq!(named_host(Some((peer, 1).into()), &headers, &trusted), host, "{peer:?} {forwarded:?}");
        }
    }
}
