//! The host in a tag's URL. Only a plain one passes, so that no `Host` header can become HTML.

use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::*;

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
