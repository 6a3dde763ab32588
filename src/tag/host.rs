//! The host in a tag's URL, and who reaches it. Only a plain host passes, so that no `Host` header can become HTML.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// The host in a tag's URL, with its port unless that is the scheme's own: `px.shop.example`, `127.0.0.1:8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagHost(String);

impl TagHost {
    /// Reads a `Host` header or a base URL such as `https://px.shop.example`. None unless the host is plain.
    pub fn parse(text: &str) -> Option<Self> {
        let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if authority.is_empty() || !authority.chars().all(plain) {
            return None;
        }
        let url = url::Url::parse(&format!("http://{authority}")).ok()?;
        let host = url.host_str()?;
        Some(TagHost(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))))
    }
}

impl fmt::Display for TagHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who can load a tag of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The server's own computer: `localhost`, 127.0.0.1.
    ThisComputer,
    /// The network around it: 192.168.1.5, `nas.local`, a name without a dot.
    OwnNetwork,
    /// Every page over http. Browsers block it on https pages.
    HttpPages,
    /// Every page.
    AllPages,
}

/// Names that no public server has (RFC 6761, 6762, 8375, and ICANN's `internal`).
const OWN_NAMES: [&str; 7] = ["local", "internal", "lan", "home.arpa", "test", "invalid", "localdomain"];

impl Reach {
    /// Reads a base URL such as `https://px.shop.example`. None if no tag can name its host.
    pub fn of_url(url: &str) -> Option<Self> {
        Some(Self::of(&TagHost::parse(url)?, url.starts_with("https://")))
    }

    /// Who can load a tag of this host.
    pub fn of(host: &TagHost, secure: bool) -> Self {
        let by_scheme = if secure { Reach::AllPages } else { Reach::HttpPages };
        match url::Url::parse(&format!("http://{host}")).ok().as_ref().and_then(url::Url::host) {
            Some(url::Host::Domain(name)) => of_name(name).unwrap_or(by_scheme),
            Some(url::Host::Ipv4(ip)) => of_ip(ip.into()).unwrap_or(by_scheme),
            Some(url::Host::Ipv6(ip)) => of_ip(ip.to_canonical()).unwrap_or(by_scheme),
            None => by_scheme,
        }
    }

    /// Whether visitors elsewhere can never load the tag.
    pub fn is_local(self) -> bool {
        matches!(self, Reach::ThisComputer | Reach::OwnNetwork)
    }
}

/// None for a name that the whole internet may know.
fn of_name(name: &str) -> Option<Reach> {
    let name = name.trim_end_matches('.');
    let is_in = |zone: &str| name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if is_in("localhost") {
        return Some(Reach::ThisComputer);
    }
    (!name.contains('.') || OWN_NAMES.into_iter().any(is_in)).then_some(Reach::OwnNetwork)
}

/// None for a public address.
fn of_ip(ip: IpAddr) -> Option<Reach> {
    if ip.is_loopback() || ip.is_unspecified() {
        return Some(Reach::ThisComputer);
    }
    let is_shared = |ip: Ipv4Addr| matches!(ip.octets(), [100, 64..=127, ..]);
    let is_own = match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || is_shared(ip),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    is_own.then_some(Reach::OwnNetwork)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_who_reaches_it() {
        use Reach::{AllPages, HttpPages, OwnNetwork, ThisComputer};
        for (url, reach) in [
            ("http://127.0.0.1:8080", ThisComputer),
            ("https://127.9.9.9", ThisComputer),
            ("https://localhost", ThisComputer),
            ("http://LOCALHOST.:81/", ThisComputer),
            ("https://px.shop.localhost", ThisComputer),
            ("http://[::1]:8080", ThisComputer),
            ("http://[::ffff:127.0.0.1]", ThisComputer),
            ("http://0.0.0.0:8080", ThisComputer),
            ("http://[::]", ThisComputer),
            ("http://2130706433", ThisComputer),
            ("https://10.0.0.7", OwnNetwork),
            ("http://172.31.0.1", OwnNetwork),
            ("https://192.168.1.5:8443", OwnNetwork),
            ("http://169.254.1.1", OwnNetwork),
            ("http://100.64.0.1", OwnNetwork),
            ("http://[fd00::1]", OwnNetwork),
            ("http://[fe80::1]", OwnNetwork),
            ("http://[::ffff:10.0.0.1]", OwnNetwork),
            ("https://pixeld", OwnNetwork),
            ("https://nas.local", OwnNetwork),
            ("http://px.home.arpa", OwnNetwork),
            ("http://px.shop.example", HttpPages),
            ("http://172.32.0.1", HttpPages),
            ("https://px.shop.example", AllPages),
            ("https://notlocalhost.example", AllPages),
            ("https://mylocal.example", AllPages),
            ("https://93.184.216.34", AllPages),
            ("https://[2606:2800::1]", AllPages),
        ] {
            assert_eq!(Reach::of_url(url), Some(reach), "{url}");
            assert_eq!(reach.is_local(), matches!(reach, ThisComputer | OwnNetwork));
        }
        assert_eq!(Reach::of_url("https://"), None);
    }

    #[test]
    fn only_plain_hosts_enter_a_tag() {
        for (text, host) in [
            ("px.shop.example", "px.shop.example"),
            ("PX.Shop.example:8443", "px.shop.example:8443"),
            ("https://px.shop.example", "px.shop.example"),
            ("[::1]:80", "[::1]"),
        ] {
            assert_eq!(TagHost::parse(text).map(|host| host.to_string()).as_deref(), Some(host), "{text}");
        }
        for bad in ["", "/", "a b", "a\"b", "a'b", "a/b", "a?b", "u@a", "a:b", "a:99999", "<b>", "a&b", "ä.example"] {
            assert_eq!(TagHost::parse(bad), None, "{bad:?}");
        }
    }
}
