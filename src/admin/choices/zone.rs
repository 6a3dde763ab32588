//! The time zone of the pages' days. It is the advertisers' zone and not the viewer's, so that a page and a report give
//! the same figure for a day.

use jiff::tz::TimeZone;

use crate::admin::choices;
use crate::domain::{Advertiser, AdvertiserId, Reader};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};

/// The common zone of the advertisers that the caller sees; UTC if they differ.
pub async fn of_all(store: &Store, by: &Reader) -> Result<TimeZone, StoreError> {
    Ok(common(&choices::every::<Advertiser>(store, by, ListQuery::default()).await?))
}

/// The same of these advertisers alone; of all if the caller sees none of them.
pub async fn of_these(store: &Store, by: &Reader, ids: Vec<AdvertiserId>) -> Result<TimeZone, StoreError> {
    let ids = Test::In(ids.into_iter().map(|id| Scalar::Int(id.0)).collect());
    let advertisers =
        choices::every::<Advertiser>(store, by, ListQuery::default().with::<Advertiser>("id", ids)).await?;
    if advertisers.is_empty() { of_all(store, by).await } else { Ok(common(&advertisers)) }
}

/// The common zone of some advertisers; UTC if they differ.
pub fn common(advertisers: &[Advertiser]) -> TimeZone {
    match advertisers {
        [first, rest @ ..] if rest.iter().all(|other| other.timezone == first.timezone) => first.zone(),
        _ => TimeZone::UTC,
    }
}

pub fn name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}
