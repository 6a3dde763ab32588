//! The labels of reports, columns and ranges on the pages, and the columns that a report begins with. `report` defines
//! them all; a test checks that each has a label here. Pure.

use crate::report::{Column, DEFINITIONS, Definition};

/// The texts of a report.
pub struct ReportLabels {
    /// The published name.
    pub report_type: &'static str,
    /// The name on the pages.
    pub name: &'static str,
    /// The purpose, in a sentence.
    pub about: &'static str,
    /// The noun for a row.
    pub row: &'static str,
    /// The columns that the form begins with.
    pub columns: &'static [&'static str],
}

/// The reports that the pages offer. `network_analytics` is the same as `advertiser_analytics`, so they leave it out.
pub const REPORTS: [ReportLabels; 5] = [
    ReportLabels {
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
    ReportLabels {
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
    ReportLabels {
        report_type: "pixel_outcomes",
        name: "What became of fires",
        about: "How many fires of each pixel were credited, and why the others were not.",
        row: "row",
        columns: &["day", "pixel_name", "fires", "post_click", "post_view", "unattributed", "not_counted"],
    },
    ReportLabels {
        report_type: "segment_load",
        name: "Loads of segments",
        about: "How many requests and visitors were added to each segment, day by day.",
        row: "row",
        columns: &["day", "segment_name", "loads", "uniques"],
    },
    ReportLabels {
        report_type: "pixel_fired",
        name: "When pixels last fired",
        about: "Every pixel with the moment of its last fire, without tests, bots and prefetches: finds those that went silent.",
        row: "pixel",
        columns: &["pixel_name", "pixel_id", "advertiser_name", "last_fired"],
    },
];

/// The definition and the labels of a report; none if there is no such report.
pub fn find(report_type: &str) -> Option<(&'static Definition, &'static ReportLabels)> {
    let definition = DEFINITIONS.iter().find(|definition| definition.report_type == report_type)?;
    let offered = if report_type == "network_analytics" { "advertiser_analytics" } else { report_type };
    Some((definition, REPORTS.iter().find(|labels| labels.report_type == offered)?))
}

/// The ranges with their labels, in the order of the page.
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

/// The range that the user's own dates make.
pub const DATES: &str = "dates";

/// The labels of columns that differ from the name.
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
    ("sent_value", "Value, as sent"),
    ("sent_currency", "Currency, as sent"),
    ("imp_time", "Time of the ad"),
    ("imp_type_id", "Kind of ad, as a number"),
    ("imp_type", "Kind of ad"),
    ("buyer_member_id", "Member id"),
    ("auction_id", "Exposure id"),
    ("user_id", "Visitor"),
    ("last_fired", "Last fired"),
    ("imps", "Views"),
    ("ctr", "Clicks per view"),
    ("cost_known_share", "Share with a cost"),
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

pub fn label(column: &str) -> String {
    if let Some((_, label)) = LABELS.iter().find(|(name, _)| *name == column) {
        return (*label).to_owned();
    }
    match (column.strip_prefix("gross_"), column.strip_prefix("net_")) {
        (Some(figure), _) => format!("{}, as sent", label(figure)),
        (_, Some(figure)) => format!("{}, after corrections", label(figure)),
        _ => crate::admin::shell::form::capital(&column.replace('_', " ")),
    }
}

/// Whether the pages offer a column. A figure after corrections goes by its plain name there.
pub fn is_offered(column: &Column) -> bool {
    !column.name.starts_with("net_")
}

/// Whether a column is a figure and not a dimension.
pub fn is_figure(column: &Column) -> bool {
    column.from.is_figure()
        || ["loads", "uniques", "post_click_or_post_view_revenue", "sent_value"].contains(&column.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{INTERVALS, Interval};

    #[test]
    fn every_report_has_labels_and_begins_with_its_own_columns() {
        for definition in DEFINITIONS {
            let (other, labels) = find(definition.report_type).expect(definition.report_type);
            assert_eq!(other.report_type, definition.report_type);
            for column in labels.columns {
                assert!(other.column(column).is_some(), "{column}");
            }
        }
        assert!(find("odd").is_none());
    }

    #[test]
    fn every_range_has_a_label() {
        assert_eq!(RANGES.len(), INTERVALS.len());
        for (name, _) in RANGES {
            assert!(Interval::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn no_two_columns_of_a_report_have_the_same_label() {
        for definition in DEFINITIONS {
            let mut labels: Vec<String> = definition.columns.iter().map(|column| label(column.name)).collect();
            labels.sort();
            let count = labels.len();
            labels.dedup();
            assert_eq!(labels.len(), count, "{}", definition.report_type);
        }
    }
}
