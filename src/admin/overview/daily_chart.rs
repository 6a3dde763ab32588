//! The chart of outcomes by day with its table, for the overview and a pixel's page.

use crate::store::DayOutcomes;
use crate::web::chart::{Chart, Series, stacked_bars};

use crate::admin::text::format::{grouped, plural};

pub struct DayChart {
    /// SVG, safe to put into a page.
    pub svg: String,
    /// The rows of the table, the newest first.
    pub rows: Vec<DayRow>,
}

/// The counts of one day.
pub struct DayRow {
    pub day: String,
    pub post_click: String,
    pub post_view: String,
    pub unattributed: String,
}

/// Draws the chart. `id` is unique on the page.
pub fn draw(id: &str, days: &[DayOutcomes]) -> DayChart {
    let labels: Vec<String> = days.iter().map(|day| day.day.strftime("%-d %b").to_string()).collect();
    let values = |of: fn(&DayOutcomes) -> u64| days.iter().map(|day| count(of(day))).collect::<Vec<_>>();
    let (click, view, nobody) =
        (values(|day| day.post_click), values(|day| day.post_view), values(|day| day.unattributed));
    let series = [
        Series { class: "click", name: "credited: click", values: &click, texts: &[] },
        Series { class: "view", name: "credited: view", values: &view, texts: &[] },
        Series { class: "none", name: "not credited", values: &nobody, texts: &[] },
    ];
    let total = |of: fn(&DayOutcomes) -> u64| days.iter().map(of).sum::<u64>();
    let desc = format!(
        "{}: {} post-click, {} post-view and {} unattributed.",
        plural(u64::try_from(days.len()).unwrap_or(0), "day"),
        grouped(total(|day| day.post_click)),
        grouped(total(|day| day.post_view)),
        grouped(total(|day| day.unattributed)),
    );
    let row = |day: &DayOutcomes| DayRow {
        day: day.day.strftime("%-d %b").to_string(),
        post_click: grouped(day.post_click),
        post_view: grouped(day.post_view),
        unattributed: grouped(day.unattributed),
    };
    DayChart {
        svg: stacked_bars(&Chart { id, title: "Conversions by day", desc: &desc, labels: &labels, series: &series }),
        rows: days.iter().rev().map(row).collect(),
    }
}

/// Exact up to four thousand million; a chart shows no difference beyond.
fn count(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
