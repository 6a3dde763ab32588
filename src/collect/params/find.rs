//! Finds the pixel, tracker or advertiser that a request names: by `id`, or by `code` with its `member`, and with
//! `advertiser_id` if several advertisers use the code.

use std::sync::Arc;

use crate::collect::problems::rejection::Rejection;
use crate::collect::query::Raw;
use crate::domain::{Advertiser, AdvertiserId, Pixel, Tracker, TrackerKind};
use crate::store::{ByCode, Catalog, MEMBER};

/// # Errors
/// Why there is none. Without a pixel there is no fire.
pub fn pixel(raw: &Raw<'_>, catalog: &Catalog) -> Result<Arc<Pixel>, Rejection> {
    if let Some(id) = non_empty(raw.id.as_deref()) {
        let id = id.parse().map_err(|_| Rejection::BadId)?;
        return catalog.pixel(id).ok_or(Rejection::UnknownPixel);
    }
    let (code, of) = code(raw)?;
    one(catalog.pixel_by_code(code, of), Rejection::UnknownPixel)
}

/// # Errors
/// Why there is none of this kind. Without a tracker there is no exposure.
pub fn tracker(raw: &Raw<'_>, kind: TrackerKind, catalog: &Catalog) -> Result<Arc<Tracker>, Rejection> {
    if let Some(id) = non_empty(raw.id.as_deref()) {
        let id = id.parse().map_err(|_| Rejection::BadId)?;
        let tracker = catalog.tracker(id).filter(|tracker| tracker.kind == kind);
        return tracker.ok_or(Rejection::UnknownTracker);
    }
    let (code, of) = code(raw)?;
    one(catalog.tracker_by_code(kind, code, of), Rejection::UnknownTracker)
}

/// # Errors
/// Why there is none.
pub fn advertiser(raw: &Raw<'_>, catalog: &Catalog) -> Result<Arc<Advertiser>, Rejection> {
    if let Some(id) = non_empty(raw.id.as_deref()).or(non_empty(raw.advertiser_id.as_deref())) {
        let id = id.parse().map_err(|_| Rejection::BadId)?;
        return catalog.advertiser(id).ok_or(Rejection::UnknownAdvertiser);
    }
    let (code, _) = code(raw)?;
    one(catalog.advertiser_by_code(code), Rejection::UnknownAdvertiser)
}

fn code<'r>(raw: &'r Raw<'_>) -> Result<(&'r str, Option<AdvertiserId>), Rejection> {
    let code = non_empty(raw.code.as_deref()).ok_or(Rejection::MissingId)?;
    let member = non_empty(raw.member.as_deref()).ok_or(Rejection::MissingMember)?;
    if member.parse() != Ok(MEMBER) {
        return Err(Rejection::UnknownMember);
    }
    let of = non_empty(raw.advertiser_id.as_deref()).map(str::parse).transpose();
    Ok((code, of.map_err(|_| Rejection::BadAdvertiserId)?))
}

/// An empty parameter means the same as a missing one.
fn non_empty(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn one<T>(by_code: ByCode<T>, unknown: Rejection) -> Result<T, Rejection> {
    match by_code {
        ByCode::One(one) => Ok(one),
        ByCode::Nothing => Err(unknown),
        ByCode::Several => Err(Rejection::AmbiguousCode),
    }
}
