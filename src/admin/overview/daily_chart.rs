//! The chart of outcomes by day with its table, for a pixel's page.

use crate::store::DayOutcomes;
use crate::web::chart::{Chart, Columns, Series, stacked_bars};

use crate::admin::text::format::grouped;

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

/// Draws the chart of days that end today. `id` is unique on the page; `list` is the address of the list of these events
/// up to its days, such as `/admin/conversions?pixel=7&`.
pub fn draw(id: &str, days: &[DayOutcomes], list: &str) -> DayChart {
    let labels: Vec<String> = days.iter().map(|day| day.day.strftime("%-d %b").to_string()).collect();
    let links: Vec<String> = days.iter().map(|day| format!("{list}from={0}&to={0}", day.day)).collect();
    let values = |of: fn(&DayOutcomes) -> u64| days.iter().map(|day| count(of(day))).collect::<Vec<_>>();
    let (click, view, nobody) =
        (values(|day| day.post_click), values(|day| day.post_view), values(|day| day.unattributed));
    let series = [
        Series { class: "click", name: "click", values: &click, texts: &[] },
        Series { class: "view", name: "view", values: &view, texts: &[] },
        Series { class: "none", name: "not credited", values: &nobody, texts: &[] },
    ];
    let chart = Chart { id, title: "Events by day", desc: &description(days), labels: &labels, series: &series };
    let row = |(day, label): (&DayOutcomes, &String)| DayRow {
        day: label.clone(),
        post_click: grouped(day.post_click),
        post_view: grouped(day.post_view),
        unattributed: grouped(day.unattributed),
    };
    DayChart {
        svg: stacked_bars(&chart, &Columns { running: "Today", links: &links, ..Columns::default() }),
        rows: days.iter().zip(&labels).rev().map(row).collect(),
    }
}

/// "14 days: 12 credited to a click, 3 to a view, 20 not credited. Today is not over."
fn description(days: &[DayOutcomes]) -> String {
    let total = |of: fn(&DayOutcomes) -> u64| grouped(days.iter().map(of).sum::<u64>());
    format!(
        "{} days: {} credited to a click, {} to a view, {} not credited. Today is not over.",
        days.len(),
        total(|day| day.post_click),
        total(|day| day.post_view),
        total(|day| day.unattributed),
    )
}

/// Exact up to four thousand million; a chart shows no difference beyond.
fn count(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
