//! Answers with a file that browsers may keep. They ask again with its tag, and get 304 while it is the same.

use std::borrow::Cow;

use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

/// `cache` is the text of `Cache-Control`.
pub fn answer(
    request: &HttpRequest,
    cache: &'static str,
    content_type: &'static str,
    body: Cow<'static, [u8]>,
) -> HttpResponse {
    // Weak, since the compressed body bears the same tag.
    let tag = EntityTag::new_weak(hex::encode(&Sha256::digest(&body)[..8]));
    let unchanged = match request.get_header::<IfNoneMatch>() {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if unchanged {
        return answer.finish();
    }
    answer.content_type(content_type).body(body.into_owned())
}
