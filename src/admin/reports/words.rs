//! What the pages call reports, their columns and spans of time, and what a report begins with. Pure: what there is
//! stands in `report`, and a test holds that everything of it has words here.

use crate::report::{Column, DEFINITIONS, Definition};

/// A report as people know it.
pub struct Words {
    /// The published name.
    pub report_type: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// A row of it.
    pub row: &'static str,
    /// The columns to begin with.
    pub columns: &'static [&'static str],
}

/// Every report that the pages offer. `network_analytics` is the same as `advertiser_analytics`, and so is not.
pub const REPORTS: [Words; 5] = [
    Words {
        report_type: "advertiser_analytics",
        name: "Performance",
        about: "Views, clicks, conversions and what they are worth, added up by day, line item, publisher or pixel.",
        row: "row",
        columns: &[
            "day",
            "line_item_name",
            "currency",
            "imps",
            "clicks",
            "ctr",
            "post_click_convs",
            "post_view_convs",
            "total_revenue",
            "booked_revenue",
        ],
    },
    Words {
        report_type: "attributed_conversions",
        name: "Conversions one by one",
        about: "A row for every conversion that was credited: when, which order, its value, and the ad that earned it.",
        row: "conversion",
        columns: &[
            "datetime",
            "pixel_name",
            "order_id",
            "post_click_or_post_view_conv",
            "line_item_name",
            "publisher_name",
            "post_click_or_post_view_revenue",
            "currency",
        ],
    },
    Words {
        report_type: "pixel_outcomes",
        name: "What became of fires",
        about: "How many fires of each pixel were credited, and why the others were not.",
        row: "row",
        columns: &["day", "pixel_name", "fires", "post_click", "post_view", "unattributed", "not_counted"],
    },
    Words {
        report_type: "segment_load",
        name: "Loads of segments",
        about: "How many requests and visitors were added to each segment, day by day.",
        row: "row",
        columns: &["day", "segment_name", "loads", "uniques"],
    },
    Words {
        report_type: "pixel_fired",
        name: "When pixels last fired",
        about: "Every pixel with the moment of its last fire: finds those that went silent.",
        row: "pixel",
        columns: &["pixel_name", "pixel_id", "advertiser_name", "last_fired"],
    },
];

/// The definition and the words of a report; none if there is no such report.
pub fn find(report_type: &str) -> Option<(&'static Definition, &'static Words)> {
    let definition = DEFINITIONS.iter().find(|definition| definition.report_type == report_type)?;
    let told = if report_type == "network_analytics" { "advertiser_analytics" } else { report_type };
    Some((definition, REPORTS.iter().find(|words| words.report_type == told)?))
}

/// The spans of time, in the order in which they are offered.
pub const RANGES: [(&str, &str); 14] = [
    ("today", "Today so far"),
    ("yesterday", "Yesterday"),
    ("last_2_days", "Today and yesterday"),
    ("last_7_days", "Last 7 days to now"),
    ("last_14_days", "Last 14 days to now"),
    ("last_30_days", "Last 30 days to now"),
    ("month_to_date", "This month to now"),
    ("month_to_yesterday", "Month to yesterday"),
    ("last_month", "Last month"),
    ("quarter_to_date", "This quarter to now"),
    ("lifetime", "All there is"),
    ("current_hour", "This hour"),
    ("last_hour", "The hour before"),
    ("last_48_hours", "Last 48 hours"),
];

/// The choice of dates instead.
pub const DATES: &str = "dates";

/// The columns whose label is not just their name.
const LABELS: &[(&str, &str)] = &[
    ("datetime", "Time"),
    ("pixel_name", "Pixel"),
    ("line_item_name", "Line item"),
    ("campaign_name", "Campaign"),
    ("publisher_name", "Publisher"),
    ("advertiser_name", "Advertiser"),
    ("segment_name", "Segment"),
    ("external_data", "Other"),
    ("post_click_or_post_view_conv", "Credited to"),
    ("post_click_or_post_view_revenue", "Value"),
    ("imp_time", "Time of the ad"),
    ("imp_type_id", "Kind of ad, as a number"),
    ("imp_type", "Kind of ad"),
    ("buyer_member_id", "Member id"),
    ("auction_id", "Exposure id"),
    ("user_id", "Visitor"),
    ("last_fired", "Last fired"),
    ("imps", "Views"),
    ("ctr", "Clicks per view"),
    ("total_convs", "Conversions"),
    ("post_click_convs", "Post-click"),
    ("post_view_convs", "Post-view"),
    ("convs_rate", "Conversions per view"),
    ("post_click_revenue", "Post-click value"),
    ("post_view_revenue", "Post-view value"),
    ("total_revenue", "Value passed"),
    ("booked_revenue", "Value booked"),
    ("cpa", "Cost per conversion"),
    ("roas", "Value per cost"),
    ("warned", "With warnings"),
    ("post_click", "Post-click"),
    ("post_view", "Post-view"),
    ("uniques", "Visitors"),
];

/// A column's label.
pub fn label(column: &str) -> String {
    match LABELS.iter().find(|(name, _)| *name == column) {
        Some((_, label)) => (*label).to_owned(),
        None => super::super::form::capital(&column.replace('_', " ")),
    }
}

/// Whether a column is a figure, and not something that tells rows apart.
pub fn is_figure(column: &Column) -> bool {
    column.from.is_figure() || ["loads", "uniques", "post_click_or_post_view_revenue"].contains(&column.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{INTERVALS, Interval};

    #[test]
    fn every_report_has_words_and_begins_with_columns_that_it_has() {
        for definition in DEFINITIONS {
            let (found, words) = find(definition.report_type).expect(definition.report_type);
            assert_eq!(found.report_type, definition.report_type);
            for column in words.columns {
                assert!(found.column(column).is_some(), "{column}");
            }
        }
        assert!(find("odd").is_none());
    }

    #[test]
    fn every_span_of_time_has_words() {
        assert_eq!(RANGES.len(), INTERVALS.len());
        for (name, _) in RANGES {
            assert!(Interval::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn no_two_columns_of_a_report_are_called_the_same() {
        for definition in DEFINITIONS {
            let mut labels: Vec<String> = definition.columns.iter().map(|column| label(column.name)).collect();
            labels.sort();
            let count = labels.len();
            labels.dedup();
            assert_eq!(labels.len(), count, "{}", definition.report_type);
        }
    }
}
