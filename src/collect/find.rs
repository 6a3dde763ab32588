//! Finds the pixel or tracker that a request means: by `id`, or by `code` with the `member` it belongs to and, where
//! several advertisers have one with this code, the `advertiser_id`.

use std::sync::Arc;

use super::query::Raw;
use super::rejection::Rejection;
use crate::domain::{AdvertiserId, Pixel, Tracker, TrackerKind};
use crate::store::{ByCode, Catalog, MEMBER};

/// The pixel.
///
/// # Errors
/// Why there is none: without it there is nothing to log a fire for.
pub fn pixel(raw: &Raw<'_>, catalog: &Catalog) -> Result<Arc<Pixel>, Rejection> {
    if let Some(id) = given(raw.id.as_deref()) {
        let id = id.parse().map_err(|_| Rejection::BadId)?;
        return catalog.pixel(id).ok_or(Rejection::UnknownPixel);
    }
    let (code, of) = code(raw)?;
    one(catalog.pixel_by_code(code, of), Rejection::UnknownPixel)
}

/// The tracker of this kind.
///
/// # Errors
/// Why there is none: without it there is nothing to log an exposure for.
pub fn tracker(raw: &Raw<'_>, kind: TrackerKind, catalog: &Catalog) -> Result<Arc<Tracker>, Rejection> {
    if let Some(id) = given(raw.id.as_deref()) {
        let id = id.parse().map_err(|_| Rejection::BadId)?;
        let found = catalog.tracker(id).filter(|tracker| tracker.kind == kind);
        return found.ok_or(Rejection::UnknownTracker);
    }
    let (code, of) = code(raw)?;
    one(catalog.tracker_by_code(kind, code, of), Rejection::UnknownTracker)
}

fn code<'r>(raw: &'r Raw<'_>) -> Result<(&'r str, Option<AdvertiserId>), Rejection> {
    let code = given(raw.code.as_deref()).ok_or(Rejection::MissingId)?;
    let member = given(raw.member.as_deref()).ok_or(Rejection::MissingMember)?;
    if member.parse() != Ok(MEMBER) {
        return Err(Rejection::UnknownMember);
    }
    let of = given(raw.advertiser_id.as_deref()).map(str::parse).transpose();
    Ok((code, of.map_err(|_| Rejection::BadAdvertiserId)?))
}

/// A parameter that is there but empty says as much as one that is not there.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn one<T>(found: ByCode<T>, unknown: Rejection) -> Result<T, Rejection> {
    match found {
        ByCode::One(found) => Ok(found),
        ByCode::Nothing => Err(unknown),
        ByCode::Several => Err(Rejection::AmbiguousCode),
    }
}
