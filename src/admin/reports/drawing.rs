//! The chart of a report with its description and its table. Pure.

use jiff::tz::TimeZone;

use super::labels::label;
use super::value::value_text;
use crate::admin::text::format::{number, plural};
use crate::domain::{Grain, Millis, TotalMicros, offset_if_repeated};
use crate::report::{Line, Screen};
use crate::web::chart::{self, Chart, Columns, Series};

/// A chart with its table.
pub struct ChartView {
    pub title: String,
    /// SVG, safe to put into a page.
    pub svg: String,
    /// The names of the figures.
    pub names: Vec<String>,
    /// "Hour", "Day" or "Month".
    pub span: &'static str,
    /// The rows of the table, the latest first.
    pub rows: Vec<ChartRow>,
}

pub struct ChartRow {
    /// The time.
    pub label: String,
    /// A figure for each name.
    pub values: Vec<String>,
}

/// The start of each point. Hours of a single day need no date; an hour that clocks show twice needs its offset.
fn labels(grain: Grain, begins: &[Millis], zone: &TimeZone) -> Vec<String> {
    let is_hour = grain == Grain::Hour;
    let offset = |at: &Millis| if is_hour { offset_if_repeated(*at, true, zone) } else { String::new() };
    let offsets: Vec<String> = begins.iter().map(offset).collect();
    let begins: Vec<jiff::Zoned> = begins.iter().map(|at| at.timestamp().to_zoned(zone.clone())).collect();
    let one_day = begins.windows(2).all(|pair| matches!(pair, [one, other] if one.date() == other.date()));
    let form = match grain {
        Grain::Hour if one_day => "%H:00",
        Grain::Hour => "%-d %b %H:00",
        Grain::Day => "%-d %b",
        Grain::Month => "%b %Y",
    };
    begins.iter().zip(offsets).map(|(begin, offset)| begin.strftime(form).to_string() + &offset).collect()
}

/// What the last point is called if its time is not over; else empty.
fn running(grain: Grain, begins: &[Millis], zone: &TimeZone, now: Millis) -> &'static str {
    let form = |at: Millis| {
        let at = at.timestamp().to_zoned(zone.clone());
        match grain {
            Grain::Hour => at.strftime("%F %H %z").to_string(),
            Grain::Day => at.strftime("%F").to_string(),
            Grain::Month => at.strftime("%Y-%m").to_string(),
        }
    };
    match (begins.last().is_some_and(|last| form(*last) == form(now)), grain) {
        (false, _) => "",
        (true, Grain::Hour) => "This hour",
        (true, Grain::Day) => "Today",
        (true, Grain::Month) => "This month",
    }
}

/// The short name of a figure beside others.
fn short_name(name: &str) -> String {
    match class(name) {
        "click" => "Click".to_owned(),
        "view" => "View".to_owned(),
        _ => label(name),
    }
}

/// The class that colours a figure.
fn class(name: &str) -> &'static str {
    match name {
        "post_click" | "post_click_convs" | "post_click_revenue" => "click",
        "post_view" | "post_view_convs" | "post_view_revenue" => "view",
        "unattributed" => "none",
        "not_counted" => "ignored",
        _ => "loads",
    }
}

/// The most bars of a chart. More points become a line.
const MOST_BARS: usize = 62;

/// Draws these lines.
pub fn draw((grain, begins, lines): (Grain, &[Millis], &[Line]), screen: &Screen, now: Millis) -> ChartView {
    let running = running(grain, begins, &screen.zone, now);
    let labels = &labels(grain, begins, &screen.zone);
    let (span, spans) = match grain {
        Grain::Hour => ("Hour", "hour"),
        Grain::Day => ("Day", "day"),
        Grain::Month => ("Month", "month"),
    };
    let names: Vec<String> = lines.iter().map(|line| label(line.name)).collect();
    let title = title(&names, spans);
    let values: Vec<Vec<f64>> =
        lines.iter().map(|line| line.values.iter().map(|text| text.parse().unwrap_or(0.0)).collect()).collect();
    let texts: Vec<Vec<String>> = lines.iter().map(|line| texts(line, screen)).collect();
    let shown: Vec<String> = lines.iter().map(|line| short_name(line.name)).collect();
    let series = lines.iter().zip(&shown).zip(values.iter().zip(&texts));
    let series: Vec<Series<'_>> =
        series.map(|((line, name), (values, texts))| Series { class: class(line.name), name, values, texts }).collect();
    let count = plural(u64::try_from(labels.len()).unwrap_or(0), spans);
    let peaks: Vec<String> = lines.iter().zip(&names).map(|(line, name)| peak(line, name, labels)).collect();
    let desc = format!("{count}. {}.", peaks.join(". "));
    let chart = Chart { id: "by-time", title: &title, desc: &desc, labels, series: &series };
    let columns = Columns { running, ..Columns::default() };
    let svg = if labels.len() > MOST_BARS && lines.len() == 1 {
        chart::lines(&chart)
    } else {
        chart::stacked_bars(&chart, &columns)
    };
    let text = |texts: &Vec<String>, at: usize| texts.get(at).cloned().unwrap_or_default();
    let row = |(at, label): (usize, &String)| ChartRow {
        label: label.clone(),
        values: texts.iter().map(|texts| text(texts, at)).collect(),
    };
    ChartView { svg, names, span, rows: labels.iter().enumerate().rev().map(row).collect(), title }
}

/// The figures of a line as people read them.
fn texts(line: &Line, screen: &Screen) -> Vec<String> {
    let column = screen.columns.iter().copied().find(|column| column.name == line.name);
    line.values.iter().map(|text| column.map_or_else(|| number(text), |column| value_text(column, text))).collect()
}

/// "Impressions by day"; "Conversions by day" and "Events by day" for figures that are drawn together.
fn title(names: &[String], spans: &str) -> String {
    match names {
        [only] => format!("{only} by {spans}"),
        _ if names.iter().all(|name| name.starts_with("Credited: ")) => format!("Conversions by {spans}"),
        _ => format!("Events by {spans}"),
    }
}

/// The greatest figure of a line, and its time.
fn peak(line: &Line, name: &str, labels: &[String]) -> String {
    let value = |text: &String| TotalMicros::parse(text).map_or(0, |total| total.0);
    let most = line.values.iter().zip(labels).max_by_key(|(text, _)| value(text));
    match most {
        Some((text, label)) if value(text) > 0 => format!("{name}: {} at most, {label}", number(text)),
        _ => format!("{name}: none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_clocks_show_twice_has_two_labels() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let hour = |at: &str| Millis::parse(at).unwrap();
        let begins = [hour("2026-10-25 00:00:00"), hour("2026-10-25 01:00:00"), hour("2026-10-25 02:00:00")];
        assert_eq!(labels(Grain::Hour, &begins, &zone), ["02:00+02:00", "02:00+01:00", "03:00"]);
        assert_eq!(labels(Grain::Day, &begins[..1], &zone), ["25 Oct"]);
    }

    #[test]
    fn a_line_is_described_by_its_greatest_figure() {
        let labels = ["1 Oct".to_owned(), "2 Oct".to_owned()];
        let line = |values: [&str; 2]| Line { name: "imps", values: values.map(str::to_owned).to_vec() };
        assert_eq!(peak(&line(["5", "1200"]), "Views", &labels), "Views: 1,200 at most, 2 Oct");
        assert_eq!(peak(&line(["0", ""]), "Views", &labels), "Views: none");
        let largest = peak(&line(["20000000000000.5", "1"]), "Cost", &labels);
        assert_eq!(largest, "Cost: 20,000,000,000,000.5 at most, 1 Oct");
    }
}
