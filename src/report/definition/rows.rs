//! The table of all types of reports.

use super::Kind::{Amount, Beginning, Day, Hour, Int, LongId, Moment, Month, Text, UtcDay, Words};
use super::sums::{ANALYTICS, OUTCOMES};
use super::{Column, Definition, Source};
use crate::domain::PUBLISHED_ORDER_ID;
use crate::store::{ReportSource, SumSource};

const CREDIT: &[(&str, &str)] = &[("post_click", "Post Click"), ("post_view", "Post View")];
const IMP_TYPE_ID: &[(&str, &str)] = &[("post_view", "9"), ("post_click", "10")];
const IMP_TYPE: &[(&str, &str)] = &[("post_view", "External Impression"), ("post_click", "External Click")];

const RETRACTED: &[(&str, &str)] = &[("true", "true"), ("false", "false")];

/// The last moment of a pixel that never fired, as published.
const NEVER: &str = "1900-01-01 00:00:00";

const PIXEL_ID: Column = Column::new("pixel_id", Int, "The pixel.");
const PIXEL_NAME: Column = Column::new("pixel_name", Text, "The pixel's name.");
const ADVERTISER_ID: Column = Column::new("advertiser_id", Int, "The advertiser.");
const ADVERTISER_NAME: Column = Column::new("advertiser_name", Text, "The advertiser's name.");
const BUYER_MEMBER_ID: Column =
    Column::new("buyer_member_id", Int, "The member that runs this installation.").from("member_id");

pub const DEFINITIONS: &[Definition] = &[
    Definition {
        report_type: "attributed_conversions",
        source: Source::Rows(ReportSource::AttributedConversions),
        timed: true,
        utc_days: false,
        about: "One row per attributed conversion, by the time it happened.",
        columns: &[
            Column::new("month", Month, "The month it happened in.").from("at"),
            Column::new("day", Day, "The day it happened on.").from("at"),
            Column::new("hour", Hour, "The hour it happened in; with its offset where clocks show it twice.")
                .from("at"),
            Column::new("datetime", Moment(""), "When it happened; with its offset where clocks show it twice.")
                .from("at"),
            PIXEL_ID,
            PIXEL_NAME,
            Column::new(
                "order_id",
                Beginning(PUBLISHED_ORDER_ID),
                "The first 36 characters of the order id that was passed. Filters compare the whole id.",
            ),
            Column::new("order_id_full", Text, "The order id that was passed, whole.").from("order_id"),
            Column::new("external_data", Text, "What was passed as other."),
            Column::new("post_click_or_post_view_conv", Words(CREDIT), "What it was credited to.").from("reason"),
            Column::new(
                "post_click_or_post_view_revenue",
                Amount,
                "The value after corrections: as passed, or as restated.",
            )
            .from("value"),
            Column::new("currency", Text, "The currency of that value."),
            Column::new("sent_value", Amount, "The value as sent, before corrections."),
            Column::new("sent_currency", Text, "The currency of the value as sent."),
            Column::new(
                "retracted",
                Words(RETRACTED),
                "Whether a correction retracted it. Retracted ones are left out, unless a filter names this column.",
            ),
            Column::new("line_item_id", Int, "The line item it was credited to."),
            Column::new("line_item_name", Text, "The line item's name."),
            Column::new("campaign_id", Int, "The campaign it was credited to."),
            Column::new("campaign_name", Text, "The campaign's name."),
            Column::new("creative_id", Int, "The creative that the exposure named."),
            Column::new("publisher_id", Int, "Where the exposure took place; empty where an import did not say."),
            Column::new("publisher_name", Text, "The publisher's name."),
            Column::new("source_id", Int, "The source that took the arrival; empty for another exposure."),
            Column::new("source_name", Text, "The source's name."),
            Column::new("imp_time", Moment(""), "When the exposure took place.").from("exposure_at"),
            Column::new("imp_type_id", Words(IMP_TYPE_ID), "9: external impression; 10: external click.")
                .from("reason"),
            Column::new("imp_type", Words(IMP_TYPE), "The same in words.").from("reason"),
            ADVERTISER_ID,
            ADVERTISER_NAME,
            BUYER_MEMBER_ID,
            Column::new("auction_id", LongId, "The exposure's id.").from("exposure_seq"),
            Column::new("user_id", LongId, "The visitor.").from("visitor_id"),
        ],
    },
    Definition {
        report_type: "pixel_fired",
        source: Source::Rows(ReportSource::PixelFired),
        timed: false,
        utc_days: false,
        about: "One row per pixel: when it last fired, with tests, bots and prefetches left out.",
        columns: &[
            PIXEL_ID,
            PIXEL_NAME,
            ADVERTISER_ID,
            ADVERTISER_NAME,
            BUYER_MEMBER_ID,
            Column::new(
                "last_fired",
                Moment(NEVER),
                "When it last loaded, tests, bots and prefetches left out; 1900-01-01 00:00:00 if never.",
            ),
        ],
    },
    Definition {
        report_type: "segment_load",
        source: Source::Rows(ReportSource::SegmentLoad),
        timed: true,
        utc_days: true,
        about: "One row per segment and UTC day: requests that added to it, without tests, bots and prefetches.",
        columns: &[
            Column::new("segment_id", Int, "The segment."),
            Column::new("segment_name", Text, "The segment's short name."),
            Column::new("segment_code", Text, "The segment's code."),
            Column::new("day", UtcDay, "The UTC day."),
            Column::new("loads", Int, "Requests that added to it."),
            Column::new("uniques", Int, "The visitors who sent them, each once a day."),
            ADVERTISER_ID,
            ADVERTISER_NAME,
            BUYER_MEMBER_ID,
        ],
    },
    Definition {
        report_type: "advertiser_analytics",
        source: Source::Sums(SumSource::Analytics),
        timed: true,
        utc_days: false,
        about: "Views, clicks, conversions and amounts, grouped by whatever else is among the columns.",
        columns: ANALYTICS,
    },
    Definition {
        report_type: "network_analytics",
        source: Source::Sums(SumSource::Analytics),
        timed: true,
        utc_days: false,
        about: "The same as advertiser_analytics.",
        columns: ANALYTICS,
    },
    Definition {
        report_type: "pixel_outcomes",
        source: Source::Sums(SumSource::Outcomes),
        timed: true,
        utc_days: false,
        about: "Fires by what became of them, tests left out, grouped by whatever else is among the columns.",
        columns: OUTCOMES,
    },
];

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::{Caller, Millis};
    use crate::report::definition::Origin;
    use crate::store::{Dimension, ReportQuery, Store, SumQuery};

    #[actix_web::test]
    async fn every_source_has_the_columns_that_its_report_names() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), Clock::fixed(Millis(0))).unwrap();
        let by = Caller::shell().reader().unwrap();
        let between = (Millis(0), Millis(1));
        for definition in DEFINITIONS {
            let rows = match definition.source {
                Source::Rows(source) => {
                    let columns = definition.columns.iter().map(|column| match column.from {
                        Origin::Field(name) => name,
                        other => panic!("{other:?} in a report of single rows"),
                    });
                    let between = definition.timed.then_some(between);
                    let query = ReportQuery { source, columns: columns.collect(), filters: Vec::new(), between };
                    let (rows, place) = store.report_rows(&by, query, None, 10).await.unwrap();
                    assert_eq!(place, None);
                    rows.len()
                }
                Source::Sums(source) => {
                    let columns = definition.columns;
                    let dimensions = columns.iter().filter_map(|column| match column.from {
                        Origin::Id(dimension) => Some(dimension),
                        _ => None,
                    });
                    let query = SumQuery {
                        source,
                        between,
                        zone: TimeZone::UTC,
                        grain: None,
                        dimensions: dimensions.collect::<Vec<Dimension>>(),
                        by_currency: columns.iter().any(|column| column.from == Origin::Currency),
                        measures: columns.iter().flat_map(|column| column.from.measures()).copied().collect(),
                        filters: Vec::new(),
                    };
                    store.report_sums(&by, query).await.unwrap().len()
                }
            };
            assert_eq!(rows, 0, "{}", definition.report_type);
        }
    }
}
