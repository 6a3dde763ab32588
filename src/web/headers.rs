//! The headers that keep a page safe in the browser. For pages only: on tracking answers they would break the pages that
//! carry the tags.

use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;

/// Allows the server's own files and forms to itself; no inline style or script, and no frame around a page.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; form-action 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same, for a page that carries a tag of this origin, such as `https://px.shop.example`: an image or a script.
/// Anything that the tag fetches from elsewhere stays forbidden.
pub fn policy_with(origin: &str, script: bool) -> String {
    let images = CONTENT_SECURITY_POLICY.replace("img-src 'self'", &format!("img-src 'self' {origin}"));
    match script {
        true => images.replace("script-src 'self'", &format!("script-src 'self' {origin}")),
        false => images,
    }
}

/// Sets the headers on every answer of the scope it wraps.
pub fn for_pages() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Not `no-referrer`: with it browsers send `Origin: null` with our own forms.
        .add((header::REFERRER_POLICY, "same-origin"))
        .add((header::X_FRAME_OPTIONS, "DENY"))
        // Only its user may see a page, so a browser must not show it after sign-out.
        .add((header::CACHE_CONTROL, "no-store"))
}
