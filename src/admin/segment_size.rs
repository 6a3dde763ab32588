//! A segment's size over time: the drawing, and the table behind it.

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::wording::{grouped, plural};
use crate::domain::{Millis, Reader, SegmentId};
use crate::store::{Store, StoreError};
use crate::web::chart::{Chart, Series, lines};

/// Days in the drawing.
const DAYS: i64 = 30;

/// What the page shows.
pub struct Size {
    /// Members now.
    pub members: String,
    /// Requests that put somebody in, over these days.
    pub loads: String,
    /// SVG, safe to put into a page.
    pub svg: String,
    /// The newest day first.
    pub rows: Vec<Day>,
}

/// A day's counts, as text.
pub struct Day {
    pub day: String,
    pub members: String,
    pub loads: String,
    pub visitors: String,
}

impl Size {
    /// Over the last 30 UTC days, up to now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it; database faults.
    pub async fn load(store: &Store, by: &Reader, id: SegmentId, now: Millis) -> Result<Self, StoreError> {
        let today = TimeZone::UTC.to_datetime(now.timestamp()).date();
        let from = today.saturating_sub((DAYS - 1).days());
        let sizes = store.segment_sizes_by_day(by, id, from, today).await?;
        let mut loads = store.segment_loads(by, from, today).await?;
        loads.retain(|loads| loads.segment_id == id);
        let labels: Vec<String> = sizes.keys().map(|day| day.strftime("%-d %b").to_string()).collect();
        let values: Vec<f64> = sizes.values().map(|members| drawn(*members)).collect();
        let members = sizes.get(&today).copied().unwrap_or(0);
        let before = sizes.get(&from).copied().unwrap_or(0);
        let desc = format!("{} 29 days ago, {} now.", plural(before, "member"), grouped(members));
        let series = [Series { class: "loads", name: "members", values: &values, texts: &[] }];
        let rows = sizes.iter().rev().map(|(day, members)| {
            let found = loads.iter().find(|loads| loads.day == *day);
            Day {
                day: day.strftime("%-d %b").to_string(),
                members: grouped(*members),
                loads: grouped(found.map_or(0, |found| found.loads)),
                visitors: grouped(found.map_or(0, |found| found.uniques)),
            }
        });
        Ok(Size {
            members: grouped(members),
            loads: grouped(loads.iter().map(|loads| loads.loads).sum()),
            svg: lines(&Chart {
                id: "size",
                title: "Members at the end of each day",
                desc: &desc,
                labels: &labels,
                series: &series,
            }),
            rows: rows.collect(),
        })
    }
}

/// Exact up to four thousand million, which no chart shows apart.
fn drawn(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
