//! Keeps other sites from posting in a user's name: every form carries the session's mark, and what the browser says
//! of where a post came from must be this server. Who is signed in is `session`'s business.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use url::Url;

use super::seal::{self, Purpose};

/// The form field that carries the token.
pub const FIELD: &str = "csrf";

/// A token for a form of this session. Each is different, so that compressed pages do not give it away.
pub fn token(secret: &str) -> String {
    let mut salt = [0_u8; 8];
    // Without random bytes the token is the same each time, and no less valid.
    let _ = getrandom::fill(&mut salt);
    let salt = u64::from_le_bytes(salt);
    format!("{salt:016x}.{}", seal::mark(secret, Purpose::Form, &format!("{salt:016x}")))
}

/// Whether a form's token is of this session.
pub fn is_genuine(secret: &str, token: &str) -> bool {
    token.split_once('.').is_some_and(|(salt, mark)| seal::is_genuine(secret, Purpose::Form, salt, mark))
}

/// Whether the browser says that another site sent this request. `hosts` are the names this server goes by. Requests
/// that change nothing pass, and so do those of programs, which say nothing of it and carry no session by themselves.
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

/// Whether an origin is that of a host, with its port where it is not the scheme's own.
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
    fn tokens_are_of_one_session_and_never_the_same() {
        let (one, two) = (token("secret"), token("secret"));
        assert_ne!(one, two);
        assert!(is_genuine("secret", &one) && is_genuine("secret", &two));
        for bad in ["", ".", &one[..20], &one.replace('.', ""), &format!("0{one}")] {
            assert!(!is_genuine("secret", bad), "{bad}");
        }
        assert!(!is_genuine("another", &one));
    }

    fn elsewhere(method: &Method, given: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        is_from_elsewhere(method, &headers, &["px.example:8080", "shop.example"])
    }

    #[test]
    fn a_post_of_another_site_is_known_by_what_the_browser_says() {
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
