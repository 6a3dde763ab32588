//! Whether the browser says that a page of another site made it send a request.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use url::Url;

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

/// The host and port in this server's own address; empty without one.
pub fn host_of_url(url: Option<&str>) -> &str {
    url.and_then(|url| url.split_once("://")).map_or("", |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

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
