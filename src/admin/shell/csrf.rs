//! Keeps other sites from posting in a user's name. Every form carries the session's token, and the browser's headers
//! must name this server as the sender. `session` knows who is signed in.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use url::Url;

use super::mac;
use super::mac::Purpose;

/// The form field that carries the token.
pub const FIELD: &str = "csrf";

/// A token for a form of this session. Each is different, so that the length of a compressed page reveals nothing.
pub fn token(secret: &str) -> String {
    let mut salt = [0_u8; 8];
    // Without random bytes the token is always the same, and still valid.
    let _ = getrandom::fill(&mut salt);
    let salt = u64::from_le_bytes(salt);
    format!("{salt:016x}.{}", mac::mark(secret, Purpose::Form, &format!("{salt:016x}")))
}

/// Whether a token belongs to this session.
pub fn is_genuine(secret: &str, token: &str) -> bool {
    token.split_once('.').is_some_and(|(salt, mark)| mac::is_genuine(secret, Purpose::Form, salt, mark))
}

/// Whether the browser says that another site sent this request. `hosts` are the names of this server. Requests that
/// change nothing pass. So do those of programs, which send no such header and carry no session by themselves.
pub fn is_from_elsewhere(method: &Method, headers: &HeaderMap, hosts: &[&str]) -> bool {
    if method.is_safe() {
        return false;
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => !hosts.iter().any(|host| names(origin, host)),
        (None, None) => false,
    }
}

/// Whether an origin is that of a host. `host` has the port, unless it is the scheme's own.
fn names(origin: &str, host: &str) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    let Ok(own) = Url::parse(&format!("{}://{host}", origin.scheme())) else { return false };
    origin.origin().is_tuple() && origin.origin() == own.origin()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn tokens_belong_to_one_session_and_never_repeat() {
        let (one, two) = (token("secret"), token("secret"));
        assert_ne!(one, two);
        assert!(is_genuine("secret", &one) && is_genuine("secret", &two));
        for bad in ["", ".", &one[..20], &one.replace('.', ""), &format!("0{one}")] {
            assert!(!is_genuine("secret", bad), "{bad}");
        }
        assert!(!is_genuine("another", &one));
    }

    fn elsewhere(method: &Method, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        is_from_elsewhere(method, &headers, &["px.example:8080", "shop.example"])
    }

    #[test]
    fn the_browser_names_the_site_that_posts() {
        for site in ["cross-site", "same-site", "", "Same-Origin"] {
            assert!(elsewhere(&Method::POST, &[("sec-fetch-site", site)]), "{site}");
        }
        assert!(!elsewhere(&Method::POST, &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]));
        for origin in ["null", "https://evil.example", "http://px.example", "http://px.example:8080.evil.example", ""] {
            assert!(elsewhere(&Method::POST, &[("origin", origin)]), "{origin}");
        }
        for origin in ["http://px.example:8080", "https://shop.example", "http://shop.example"] {
            assert!(!elsewhere(&Method::POST, &[("origin", origin)]), "{origin}");
        }
        assert!(!elsewhere(&Method::POST, &[]));
        assert!(!elsewhere(&Method::GET, &[("sec-fetch-site", "cross-site")]));
    }
}
