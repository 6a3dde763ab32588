//! The chart of a segment's size by day, with its table.

use jiff::tz::TimeZone;

use crate::admin::text::format::{grouped, plural};
use crate::domain::{Days, Millis, Reader, SegmentId};
use crate::store::{Store, StoreError};
use crate::web::chart::{Chart, Series, lines};

pub struct SegmentSize {
    /// The members now.
    pub members: String,
    /// The visits of these days that added somebody.
    pub loads: String,
    /// Whether nobody was ever added lately, as in a new segment.
    pub is_empty: bool,
    /// SVG, safe to put into a page.
    pub svg: String,
    /// The rows of the table, the newest first.
    pub rows: Vec<SizeRow>,
}

/// The counts of one day.
pub struct SizeRow {
    pub day: String,
    pub members: String,
    pub loads: String,
    pub visitors: String,
}

impl SegmentSize {
    /// Loads the last 30 UTC days, up to now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see the segment.
    pub async fn load(store: &Store, by: &Reader, id: SegmentId, now: Millis) -> Result<Self, StoreError> {
        let Days { first: from, last: today, .. } = Days::latest(30, now, TimeZone::UTC);
        let sizes = store.segment_sizes_by_day(by, id, from, today).await?;
        let mut loads = store.segment_loads(by, from, today).await?;
        loads.retain(|loads| loads.segment_id == id);
        let labels: Vec<String> = sizes.keys().map(|day| day.strftime("%-d %b").to_string()).collect();
        let values: Vec<f64> = sizes.values().map(|members| value(*members)).collect();
        let members = sizes.get(&today).copied().unwrap_or(0);
        let before = sizes.get(&from).copied().unwrap_or(0);
        let desc = format!("{} 29 days ago, {} now.", plural(before, "member"), grouped(members));
        let series = [Series { class: "loads", name: "members", values: &values, texts: &[] }];
        let rows = sizes.iter().rev().map(|(day, members)| {
            let loads = loads.iter().find(|loads| loads.day == *day);
            SizeRow {
                day: day.strftime("%-d %b").to_string(),
                members: grouped(*members),
                loads: grouped(loads.map_or(0, |loads| loads.loads)),
                visitors: grouped(loads.map_or(0, |loads| loads.uniques)),
            }
        });
        let visits: u64 = loads.iter().map(|loads| loads.loads).sum();
        Ok(SegmentSize {
            members: grouped(members),
            loads: grouped(visits),
            is_empty: members == 0 && visits == 0,
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

/// Exact up to four thousand million; a chart shows no difference beyond.
fn value(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
