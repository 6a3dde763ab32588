//! The public address of a server: how people write it, and what keeps browsers from reaching it.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The longest public address, in characters.
pub const MAX_ADDRESS: usize = 255;

/// Endings of names that only a local network resolves.
const LOCAL_ENDINGS: [&str; 6] = [".local", ".internal", ".lan", ".intranet", ".home.arpa", ".home"];

/// What keeps browsers of visitors from loading tags that name an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressConcern {
    /// It leads each computer to itself.
    ThisComputer,
    /// It is known in one network only.
    OwnNetwork,
    /// Pages on https block tags from it.
    PlainHttp,
}

/// Reads an address: `https://px.shop.example`, or the host alone. The result has a scheme and no slash at its end.
///
/// # Errors
/// The rule that it breaks, as the rest of a sentence.
pub fn read(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > MAX_ADDRESS {
        return Err(format!("must be at most {MAX_ADDRESS} characters long"));
    }
    let refuse = || "must be http:// or https:// and a host, without a path".to_owned();
    let url = match text.contains("://") {
        true => Url::parse(text).map_err(|_| refuse())?,
        false => with_scheme(text).ok_or_else(refuse)?,
    };
    let is_known = matches!(url.scheme(), "http" | "https") && url.port() != Some(0);
    if !is_known
        || !url.username().is_empty()
        || url.password().is_some()
        || !url.host().is_some_and(|host| is_plain(&host))
    {
        return Err(refuse());
    }
    let origin = url.origin().ascii_serialization();
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("must end after the host: {origin}"));
    }
    Ok(origin)
}

/// A host without a scheme gets https, unless no other computer can have a certificate for it.
fn with_scheme(text: &str) -> Option<Url> {
    let url = Url::parse(&format!("https://{text}")).ok()?;
    match reach(&url) {
        None => Some(url),
        Some(_) => Url::parse(&format!("http://{text}")).ok(),
    }
}

/// Whether tags and headers can hold the host.
fn is_plain(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            name.bytes().all(is_sign) && name.split('.').all(|part| !part.is_empty())
        }
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    }
}

/// What is wrong with an address for visitors: at most its reach and its scheme.
pub fn concerns(address: &str) -> Vec<AddressConcern> {
    let Ok(url) = Url::parse(address) else { return Vec::new() };
    let plain = (url.scheme() == "http").then_some(AddressConcern::PlainHttp);
    reach(&url).into_iter().chain(plain).collect()
}

/// Why only some computers reach it.
fn reach(url: &Url) -> Option<AddressConcern> {
    match url.host()? {
        Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => Some(AddressConcern::ThisComputer),
        Host::Domain(name) => {
            let is_local = !name.contains('.') || LOCAL_ENDINGS.iter().any(|ending| name.ends_with(ending));
            is_local.then_some(AddressConcern::OwnNetwork)
        }
        Host::Ipv4(ip) => reach_of_v4(ip),
        Host::Ipv6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => reach_of_v4(ip),
            None => reach_of_v6(ip),
        },
    }
}

fn reach_of_v4(ip: Ipv4Addr) -> Option<AddressConcern> {
    let [first, second, ..] = ip.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    if ip.is_loopback() || first == 0 {
        Some(AddressConcern::ThisComputer)
    } else {
        (ip.is_private() || ip.is_link_local() || is_shared).then_some(AddressConcern::OwnNetwork)
    }
}

fn reach_of_v6(ip: Ipv6Addr) -> Option<AddressConcern> {
    if ip.is_loopback() || ip.is_unspecified() {
        Some(AddressConcern::ThisComputer)
    } else {
        (ip.is_unique_local() || ip.is_unicast_link_local()).then_some(AddressConcern::OwnNetwork)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_people_write_it() {
        for (text, address) in [
            ("https://px.shop.example", "https://px.shop.example"),
            ("https://px.shop.example/", "https://px.shop.example"),
            (" HTTPS://PX.Shop.Example:443/ ", "https://px.shop.example"),
            ("http://px.shop.example:8080", "http://px.shop.example:8080"),
            ("px.shop.example", "https://px.shop.example"),
            ("px.shop.example:8443", "https://px.shop.example:8443"),
            ("localhost:8080", "http://localhost:8080"),
            ("192.168.1.5:8080", "http://192.168.1.5:8080"),
            ("203.0.113.9", "https://203.0.113.9"),
            ("[2001:db8::1]:8080", "https://[2001:db8::1]:8080"),
            ("müller.example", "https://xn--mller-kva.example"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(address), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_rule() {
        let rule = "must be http:// or https:// and a host, without a path";
        for text in [
            "",
            "https://",
            "ftp://px.shop.example",
            "javascript://px.shop.example",
            "https://anna@px.shop.example",
            "https://:x@px.shop.example",
            "https://px.shop.example:0",
            "https://px.shop.example:99999",
            "https://px shop.example",
            "https://*.shop.example",
            "https://px..example",
            "https://px.example\"onload=x",
            "https:px.shop.example",
        ] {
            assert_eq!(read(text).unwrap_err(), rule, "{text:?}");
        }
        for text in ["https://px.shop.example/px", "px.shop.example/px", "px.shop.example?id=1", "px.shop.example#a"] {
            assert_eq!(read(text).unwrap_err(), "must end after the host: https://px.shop.example", "{text}");
        }
        assert_eq!(read(&"a".repeat(256)).unwrap_err(), "must be at most 255 characters long");
    }

    #[test]
    fn what_visitors_cannot_load_is_said() {
        use AddressConcern::{OwnNetwork, PlainHttp, ThisComputer};
        for (address, concerns) in [
            ("https://px.shop.example", &[][..]),
            ("https://203.0.113.9", &[]),
            ("https://[2001:db8::1]", &[]),
            ("http://px.shop.example", &[PlainHttp]),
            ("http://localhost:8080", &[ThisComputer, PlainHttp]),
            ("https://px.localhost", &[ThisComputer]),
            ("http://127.0.0.1:8080", &[ThisComputer, PlainHttp]),
            ("https://0.0.0.0", &[ThisComputer]),
            ("https://[::1]", &[ThisComputer]),
            ("https://[::ffff:127.0.0.1]", &[ThisComputer]),
            ("https://10.1.2.3", &[OwnNetwork]),
            ("https://100.64.0.1", &[OwnNetwork]),
            ("https://169.254.1.1", &[OwnNetwork]),
            ("https://[fd00::1]", &[OwnNetwork]),
            ("https://[fe80::1]", &[OwnNetwork]),
            ("https://nas", &[OwnNetwork]),
            ("https://nas.local", &[OwnNetwork]),
        ] {
            assert_eq!(super::concerns(address), concerns, "{address}");
        }
    }
}
