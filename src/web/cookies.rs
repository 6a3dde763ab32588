//! Names of the cookies of people and scripts. Over https each has the prefix `__Host-`, so that no other host of the domain can
//! plant one. The visitor cookie is no such cookie.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, CookieBuilder};

/// The name of a cookie over plain http.
#[derive(Clone, Copy, Debug)]
pub struct CookieName(pub &'static str);

impl CookieName {
    /// The name over this scheme.
    pub fn over(self, https: bool) -> String {
        if https { format!("__Host-{}", self.0) } else { self.0.to_owned() }
    }

    /// The value in a request. Over https the plain name counts for nothing.
    pub fn value(self, request: &HttpRequest, https: bool) -> Option<String> {
        request.cookie(&self.over(https)).map(|cookie| cookie.value().to_owned())
    }

    /// A cookie out of reach for scripts. Browsers take the prefix with `Secure`, `Path=/` and no `Domain` alone.
    pub fn build(self, value: String, https: bool) -> CookieBuilder<'static> {
        Cookie::build(self.over(https), value).path("/").http_only(true).secure(https)
    }
}
