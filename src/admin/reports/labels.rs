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
        about: "Impressions, clicks, conversions and amounts by day, line item, placement or pixel.",
        row: "row",
        columns: &[
            "day",
            "line_item_name",
            "currency",
            "imps",
            "clicks",
            "ctr",
            "cost",
            "post_click_convs",
            "post_view_convs",
            "total_revenue",
            "roas",
            "booked_revenue",
        ],
    },
    ReportLabels {
        report_type: "attributed_conversions",
        name: "Conversion list",
        about: "Every credited conversion with its time, order ID, order value and ad.",
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
        name: "Outcomes by pixel",
        about: "How many events of each pixel were credited, and why the others were not.",
        row: "row",
        columns: &["day", "pixel_name", "fires", "post_click", "post_view", "unattributed", "not_counted"],
    },
    ReportLabels {
        report_type: "segment_load",
        name: "Segment activity",
        about: "How many visitors were added to each segment, day by day.",
        row: "row",
        columns: &["day", "segment_name", "loads", "uniques"],
    },
    ReportLabels {
        report_type: "pixel_fired",
        name: "Last activity of pixels",
        about: "When each pixel had its last event. Finds pixels that went silent.",
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
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("last_2_days", "Today and yesterday"),
    ("last_7_days", "Last 7 days"),
    ("last_14_days", "Last 14 days"),
    ("last_30_days", "Last 30 days"),
    ("month_to_date", "This month"),
    ("month_to_yesterday", "This month until yesterday"),
    ("last_month", "Last month"),
    ("quarter_to_date", "This quarter"),
    ("lifetime", "All time"),
    ("current_hour", "This hour"),
    ("last_hour", "Previous hour"),
    ("last_48_hours", "Last 48 hours"),
];

/// The range that the user's own dates make.
pub const DATES: &str = "dates";

/// The columns with their headings, and help where a heading needs some. Files and the API use the published names.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("hour", "Hour", "With the offset from UTC where clocks show an hour twice."),
    ("datetime", "Time", ""),
    ("advertiser_id", "Advertiser ID", ""),
    ("advertiser_name", "Advertiser", ""),
    ("line_item_id", "Line item ID", ""),
    ("line_item_name", "Line item", ""),
    ("campaign_id", "Campaign ID", ""),
    ("campaign_name", "Campaign", ""),
    ("publisher_id", "Placement ID", ""),
    ("publisher_name", "Placement", "Where the ads ran."),
    ("source_id", "Source ID", ""),
    ("source_name", "Source", "The rule that took clicks seen on the landing page."),
    ("pixel_id", "Pixel ID", ""),
    ("pixel_name", "Pixel", ""),
    ("segment_id", "Segment ID", ""),
    ("segment_name", "Segment", ""),
    ("segment_code", "Segment code", ""),
    ("creative_id", "Creative ID", ""),
    ("buyer_member_id", "Organisation ID", ""),
    ("currency", "Currency", "Amounts of several currencies are never added up."),
    ("imps", "Impressions", "Ad views that trackers reported."),
    ("clicks", "Clicks", "Ad clicks that trackers or the site tag reported."),
    ("ctr", "CTR", "Clicks per impression."),
    ("cost", "Cost", "Sent with ads, and entered by day."),
    ("cost_known_share", "Ads with a cost", "How many ad views and clicks had a cost."),
    ("ancost", "Cost sent with ads", "As sent with ad views and clicks."),
    ("media_cost", "Cost by day", "Typed, imported or sent for whole days."),
    ("cpc", "CPC", "Cost per click."),
    ("cpm", "CPM", "Cost per thousand impressions."),
    ("total_convs", "Conversions", "Credited events."),
    ("post_click_convs", "Credited: click", ""),
    ("post_view_convs", "Credited: view", ""),
    ("convs_rate", "Conversion rate", "Conversions per impression."),
    ("post_click_revenue", "Order value: click", "Of conversions that are credited to a click."),
    ("post_view_revenue", "Order value: view", "Of conversions that are credited to a view."),
    ("total_revenue", "Order value", "What customers paid, as the tags sent it."),
    ("booked_revenue", "Payout", "What conversions are worth by line item or pixel."),
    ("cpa", "CPA", "Cost per conversion."),
    ("roas", "ROAS", "Order value per unit of cost."),
    ("fires", "Events", "All but tests."),
    ("warned", "With a warning", "A value was invalid and set aside."),
    ("attributed", "Conversions", "Credited events."),
    ("post_click", "Credited: click", ""),
    ("post_view", "Credited: view", ""),
    ("unattributed", "Not credited", "No ad earned the credit. The reasons are below."),
    ("pixel_inactive", "Pixel inactive", ""),
    ("no_line_item", "No line item", "The pixel was attached to no active line item."),
    ("no_visitor", "Unknown visitor", "Opted out, without consent, or not named by the server."),
    ("no_exposure", "No ad seen", "The visitor saw or clicked none of the ads."),
    ("wrong_kind", "Wrong kind of ad", "Only clicks count and the visitor saw a view, or the reverse."),
    ("outside_window", "Ad too old", "All ads were older than the attribution window."),
    ("not_counted", "Ignored", "The reasons are below."),
    ("bot", "Bot", ""),
    ("prefetch", "Prefetch", "A browser loaded the page before anybody opened it."),
    ("duplicate_event", "Duplicate event ID", ""),
    ("adjustment", "Correction", "Changes an earlier conversion."),
    ("duplicate_order", "Duplicate order ID", ""),
    ("repeat", "Repeat conversion", "The same visitor had converted before."),
    ("retracted", "Retracted", "Cancelled by a correction."),
    ("order_id", "Order ID", "The first 36 characters."),
    ("order_id_full", "Whole order ID", ""),
    ("external_data", "Other", "What the tag sent as “other”."),
    ("post_click_or_post_view_conv", "Credited", "To a click or a view."),
    ("post_click_or_post_view_revenue", "Order value", "With corrections."),
    ("sent_value", "Order value, as sent", "Without corrections."),
    ("sent_currency", "Currency, as sent", ""),
    ("imp_time", "Time of the ad", ""),
    ("imp_type_id", "Kind of ad, number", "9 is a view, 10 a click."),
    ("imp_type", "Kind of ad", ""),
    ("auction_id", "Ad ID", "The number of the ad view or click."),
    ("user_id", "Visitor", "A random number in a cookie."),
    ("last_fired", "Last event", "Tests, bots and prefetches are left out."),
    ("loads", "Events", "Each of them added a visitor."),
    ("uniques", "Visitors", "Each counts once a day."),
];

/// The heading of a column.
pub fn label(column: &str) -> String {
    if let Some((_, label, _)) = COLUMNS.iter().find(|(name, ..)| *name == column) {
        return (*label).to_owned();
    }
    match (column.strip_prefix("gross_"), column.strip_prefix("net_")) {
        (Some(figure), _) => format!("{}, as sent", label(figure)),
        (_, Some(figure)) => format!("{}, corrected", label(figure)),
        _ => crate::admin::shell::form::capital(&column.replace('_', " ")),
    }
}

/// The meaning of a column; empty where its heading says it all.
pub fn help(column: &str) -> &'static str {
    match COLUMNS.iter().find(|(name, ..)| *name == column) {
        Some((_, _, help)) => help,
        None if column.starts_with("gross_") => "Without corrections.",
        None => "",
    }
}

/// A word of a column as the screens say it.
pub fn word(published: &str) -> &str {
    match published {
        "Post Click" => "Click",
        "Post View" => "View",
        "External Impression" => "Ad view",
        "External Click" => "Ad click",
        other => other,
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
    fn no_help_repeats_its_heading_and_every_entry_is_a_column() {
        for (name, label, help) in COLUMNS {
            assert_ne!(help.trim_end_matches('.'), *label, "{name}");
            assert!(DEFINITIONS.iter().any(|definition| definition.column(name).is_some()), "{name}");
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
