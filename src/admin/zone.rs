//! Whose days the pages show. Figures by day are the same for everybody who looks at them, so they go by the
//! advertisers' zone, not by the viewer's: what a page says of yesterday is what the advertiser's report says of it.

use jiff::tz::TimeZone;

use super::choices;
use crate::domain::{Advertiser, AdvertiserId, Reader};
use crate::store::{ListQuery, Store, StoreError};

/// The zone of the advertisers that the caller sees where all have the same, else UTC.
///
/// # Errors
/// Database faults.
pub async fn of_all(store: &Store, by: &Reader) -> Result<TimeZone, StoreError> {
    let advertisers = choices::every::<Advertiser>(store, by, ListQuery::default()).await?;
    let same = match advertisers.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other.timezone == first.timezone) => Some(&first.timezone),
        _ => None,
    };
    Ok(same.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC))
}

/// The zone of this advertiser.
///
/// # Errors
/// Database faults; [`StoreError::NotFound`] also if the caller may not see it.
pub async fn of(store: &Store, by: &Reader, id: AdvertiserId) -> Result<TimeZone, StoreError> {
    let advertiser: Advertiser = store.get(by, id.0).await?;
    Ok(TimeZone::get(&advertiser.timezone).unwrap_or(TimeZone::UTC))
}

/// Its name.
pub fn name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}
