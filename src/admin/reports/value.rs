//! The values of a report's file as text for people. Pure.

use super::labels::{is_figure, word};
use crate::admin::text::format::number;
use crate::domain::TotalMicros;
use crate::report::{Column, Kind, Origin};

/// A value of the report's file as text for people.
pub fn value_text(column: &Column, text: &str) -> String {
    let micros = || TotalMicros::parse(text.strip_prefix('-').unwrap_or(text)).ok();
    let sign = if text.starts_with('-') { "–" } else { "" };
    match (column.kind, column.from) {
        _ if text.is_empty() => String::new(),
        _ if column.name == "last_fired" && text.starts_with("1900-") => "never".to_owned(),
        (Kind::Month | Kind::Day | Kind::UtcDay | Kind::Hour | Kind::Moment(_), _) => dated(text),
        (Kind::Words(_), _) => word(text).to_owned(),
        (Kind::Int, _) if is_figure(column) => number(text),
        (Kind::Ratio | Kind::Amount, Origin::Ratio(over, ..) | Origin::PerThousand(over, ..))
            if over.iter().any(|measure| measure.money) =>
        {
            micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}", hundredths(m.0)))
        }
        (Kind::Amount, _) => micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}", hundredths(m.0))),
        // The share of one count in another.
        (Kind::Ratio, _) => micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}%", hundredths(m.0 * 100))),
        _ => text.to_owned(),
    }
}

/// `2026-10-01 14:00:00` as `1 Oct 2026 14:00:00`, and `2026-10` as `Oct 2026`.
fn dated(text: &str) -> String {
    let (date, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    if let Ok(day) = date.parse::<jiff::civil::Date>() {
        return day.strftime("%-d %b %Y").to_string() + rest;
    }
    match format!("{text}-01").parse::<jiff::civil::Date>() {
        Ok(month) => month.strftime("%b %Y").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// Millionths as text with two decimals, rounded half up.
fn hundredths(micros: i128) -> String {
    let hundredths = (micros + 5_000) / 10_000;
    number(&format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::DEFINITIONS;

    fn text_of(report: &str, column: &str, text: &str) -> String {
        let definition = DEFINITIONS.iter().find(|definition| definition.report_type == report).unwrap();
        value_text(definition.column(column).unwrap(), text)
    }

    #[test]
    fn figures_get_commas_and_ids_do_not() {
        for (column, text, expected) in [
            ("imps", "1234567", "1,234,567"),
            ("ctr", "0.012345", "1.23%"),
            ("convs_rate", "1", "100.00%"),
            ("roas", "12.345678", "12.35"),
            ("roas", "20000000000000000000", "20,000,000,000,000,000,000.00"),
            ("total_revenue", "20000000000000.000001", "20,000,000,000,000.00"),
            ("cost", "16.556182", "16.56"),
            ("total_revenue", "-1234.5", "–1,234.50"),
            ("cpa", "", ""),
            ("cpa", "2.345678", "2.35"),
            ("line_item_id", "123456", "123456"),
            ("line_item_name", "1234567", "1234567"),
        ] {
            assert_eq!(text_of("advertiser_analytics", column, text), expected, "{column}");
        }
        assert_eq!(text_of("attributed_conversions", "user_id", "9007199254740993"), "9007199254740993");
        assert_eq!(text_of("segment_load", "uniques", "1204"), "1,204");
    }

    #[test]
    fn times_and_words_are_those_of_the_screens() {
        for (report, column, text, expected) in [
            ("pixel_outcomes", "day", "2026-10-01", "1 Oct 2026"),
            ("pixel_outcomes", "month", "2026-10", "Oct 2026"),
            ("pixel_outcomes", "hour", "2026-10-25 02:00+01:00", "25 Oct 2026 02:00+01:00"),
            ("attributed_conversions", "datetime", "2026-10-01 14:40:07", "1 Oct 2026 14:40:07"),
            ("attributed_conversions", "post_click_or_post_view_conv", "Post View", "View"),
            ("pixel_fired", "last_fired", "1900-01-01 00:00:00", "never"),
        ] {
            assert_eq!(text_of(report, column, text), expected, "{column}");
        }
    }
}
