//! The chart of credited conversions by day, or by hour of a single day, with its table.

use super::spans::Spans;
use super::sums::Totals;
use super::tiles::count;
use crate::admin::text::format::grouped;
use crate::web::chart::{Chart, Columns, Series, stacked_bars};

/// The figures of each column.
pub struct ChartSums<'a> {
    pub spans: &'a Spans,
    pub now: &'a [Totals],
    /// The column to compare each with; empty if nothing is compared.
    pub before: &'a [Totals],
    /// What these are: "Previous 30 days".
    pub before_label: String,
    /// The address of the list of events, up to the days.
    pub list: String,
    /// Whether to show what is not credited.
    pub has_uncredited: bool,
}

pub struct CreditedChart {
    /// "Credited conversions by day".
    pub title: &'static str,
    /// SVG, safe to put into a page.
    pub svg: String,
    /// "Day" or "Hour".
    pub head: &'static str,
    /// The rows of the table, the newest first.
    pub rows: Vec<ChartRow>,
    /// "Previous 30 days"; empty if nothing is compared.
    pub before: String,
    pub has_uncredited: bool,
    /// How many events are not credited; empty if the chart leaves them out.
    pub uncredited: String,
}

/// The counts of one column.
pub struct ChartRow {
    pub label: String,
    pub post_click: String,
    pub post_view: String,
    pub uncredited: String,
    pub before: String,
}

impl CreditedChart {
    pub fn draw(sums: ChartSums<'_>) -> Self {
        let ChartSums { spans, now, before, has_uncredited, .. } = &sums;
        let values = |of: fn(&Totals) -> u64| now.iter().map(|totals| count(of(totals))).collect::<Vec<_>>();
        let (click, view) = (values(|totals| totals.post_click), values(|totals| totals.post_view));
        let uncredited = values(|totals| totals.unattributed);
        let mut series = vec![
            Series { class: "click", name: "click", values: &click, texts: &[] },
            Series { class: "view", name: "view", values: &view, texts: &[] },
        ];
        if *has_uncredited {
            series.push(Series { class: "none", name: "not credited", values: &uncredited, texts: &[] });
        }
        let links: Vec<String> = spans.days.iter().map(|day| format!("{}from={day}&to={day}", sums.list)).collect();
        let titles: Vec<String> = (0..spans.count()).map(|at| sums.title(at)).collect();
        let before_values: Vec<f64> = before.iter().map(|totals| count(totals.conversions())).collect();
        let title = if spans.by_hour { "Credited conversions by hour" } else { "Credited conversions by day" };
        let desc = sums.description();
        let chart = Chart { id: "by-day", title, desc: &desc, labels: &spans.labels, series: &series };
        let running = match (spans.is_running, spans.by_hour) {
            (false, _) => "",
            (true, false) => "Today",
            (true, true) => "Now",
        };
        let columns = Columns { running, links: &links, before: &before_values, titles: &titles };
        let all: u64 = now.iter().map(|totals| totals.unattributed).sum();
        CreditedChart {
            title,
            svg: stacked_bars(&chart, &columns),
            head: if spans.by_hour { "Hour" } else { "Day" },
            rows: (0..spans.count()).rev().map(|at| sums.row(at)).collect(),
            before: sums.before_label.clone(),
            has_uncredited: *has_uncredited,
            uncredited: if *has_uncredited { grouped(all) } else { String::new() },
        }
    }
}

impl ChartSums<'_> {
    /// "17 Nov: 59 conversions (42 after a click, 17 after a view). Previous 30 days: 66".
    fn title(&self, at: usize) -> String {
        let (Some(totals), Some(label)) = (self.now.get(at), self.spans.labels.get(at)) else { return String::new() };
        let so_far = if self.spans.is_running && at + 1 == self.spans.count() { ", so far" } else { "" };
        let noun = if totals.conversions() == 1 { "conversion" } else { "conversions" };
        let (all, click, view) = (grouped(totals.conversions()), grouped(totals.post_click), grouped(totals.post_view));
        let mut title = format!("{label}{so_far}: {all} {noun} ({click} after a click, {view} after a view)");
        if self.has_uncredited {
            title.push_str(&format!(", {} not credited", grouped(totals.unattributed)));
        }
        if let Some(before) = self.before.get(at) {
            title.push_str(&format!(". {}: {}", self.before_label, grouped(before.conversions())));
        }
        title
    }

    /// "30 days: 1,433 credited to a click, 395 to a view. Today is not over."
    fn description(&self) -> String {
        let total = |of: fn(&Totals) -> u64| grouped(self.now.iter().map(of).sum::<u64>());
        let (columns, running) = match self.spans.by_hour {
            true => ("hours", "This hour is not over."),
            false => ("days", "Today is not over."),
        };
        let mut text = format!(
            "{} {columns}: {} credited to a click, {} to a view",
            self.spans.count(),
            total(|totals| totals.post_click),
            total(|totals| totals.post_view)
        );
        if self.has_uncredited {
            text.push_str(&format!(", {} not credited", total(|totals| totals.unattributed)));
        }
        format!(
            "{text}.{}{}",
            if self.spans.is_running { " " } else { "" },
            if self.spans.is_running { running } else { "" }
        )
    }

    fn row(&self, at: usize) -> ChartRow {
        let totals = self.now.get(at).cloned().unwrap_or_default();
        ChartRow {
            label: self.spans.labels.get(at).cloned().unwrap_or_default(),
            post_click: grouped(totals.post_click),
            post_view: grouped(totals.post_view),
            uncredited: grouped(totals.unattributed),
            before: self.before.get(at).map(|before| grouped(before.conversions())).unwrap_or_default(),
        }
    }
}
