//! The time zone of the pages' days. It is the advertisers' zone and not the viewer's, so that a page and a report give
//! the same figure for a day.

use jiff::tz::TimeZone;

use crate::admin::choices;
use crate::domain::{Advertiser, AdvertiserId, Reader};
use crate::store::{ListQuery, Store, StoreError};

/// The common zone of the advertisers that the caller sees; UTC if they differ.
pub async fn of_all(store: &Store, by: &Reader) -> Result<TimeZone, StoreError> {
    let advertisers = choices::every::<Advertiser>(store, by, ListQuery::default()).await?;
    let same = match advertisers.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other.timezone == first.timezone) => Some(&first.timezone),
        _ => None,
    };
    Ok(same.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC))
}

/// The zone of one advertiser.
///
/// # Errors
/// [`StoreError::NotFound`] also if the caller may not see the advertiser.
pub async fn of(store: &Store, by: &Reader, id: AdvertiserId) -> Result<TimeZone, StoreError> {
    let advertiser: Advertiser = store.get(by, id.0).await?;
    Ok(TimeZone::get(&advertiser.timezone).unwrap_or(TimeZone::UTC))
}

pub fn name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}
