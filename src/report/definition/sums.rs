//! The columns of the reports that add up sums.

use super::Column;
use super::Kind::{Amount, Day, Hour, Int, Month, Ratio, Text};
use super::Origin::{Currency, Id, Name, PerThousand, Ratio as Divided, Sum, Time};
use super::{Need, REPORTED_COSTS};
use crate::domain::Grain;
use crate::store::Dimension::{Advertiser, Campaign, LineItem, Pixel, Publisher, Source};
use crate::store::Measure;

const fn count(column: &'static str) -> Measure {
    Measure { column, money: false }
}

const fn money(column: &'static str) -> Measure {
    Measure { column, money: true }
}

const MONTH: Column = Column::new("month", Month, "The month.").of(Time(Grain::Month));
const DAY: Column = Column::new("day", Day, "The day.").of(Time(Grain::Day));
const HOUR: Column =
    Column::new("hour", Hour, "The hour; with its offset where clocks show it twice.").of(Time(Grain::Hour));
const ADVERTISER_ID: Column = Column::new("advertiser_id", Int, "The advertiser.").of(Id(Advertiser));
const ADVERTISER_NAME: Column = Column::new("advertiser_name", Text, "The advertiser's name.").of(Name(Advertiser));

const IMPS: &[Measure] = &[count("imps")];
const CLICKS: &[Measure] = &[count("clicks")];
const EXPOSURES: &[Measure] = &[count("imps"), count("clicks")];
const ANCOST: Measure = money("cost");
const COST: &[Measure] = &[ANCOST, Measure::MEDIA_COST];
const CONVS: &[Measure] = &[count("post_click_convs"), count("post_view_convs")];
const GROSS_CONVS: &[Measure] = &[count("gross_post_click_convs"), count("gross_post_view_convs")];
const REVENUE: &[Measure] = &[money("post_click_revenue"), money("post_view_revenue")];
const GROSS_REVENUE: &[Measure] = &[money("gross_post_click_revenue"), money("gross_post_view_revenue")];

/// Plain columns, then three columns for each figure of conversions: its name, and `net_` before it, are after corrections;
/// `gross_` before it is as sent.
macro_rules! columns {
    (
        [$($plain:expr),* $(,)?],
        $($name:literal, $kind:ident, $about:literal, net: $net:expr, gross: $gross:expr;)+
    ) => {
        &[
            $($plain,)*
            $(
                Column::new($name, $kind, concat!($about, " After corrections: without retracted ones.")).of($net),
                Column::new(concat!("net_", $name), $kind, concat!("The same as ", $name, ".")).of($net),
                Column::new(concat!("gross_", $name), $kind, concat!($about, " As sent: corrections change nothing."))
                    .of($gross),
            )+
        ]
    };
}

/// Of `advertiser_analytics` and `network_analytics`.
pub(in crate::report) const ANALYTICS: &[Column] = columns![
    [
        MONTH,
        DAY,
        HOUR,
        ADVERTISER_ID,
        ADVERTISER_NAME,
        Column::new("line_item_id", Int, "The line item.").of(Id(LineItem)),
        Column::new("line_item_name", Text, "The line item's name.").of(Name(LineItem)),
        Column::new("campaign_id", Int, "The campaign; empty where none was named.").of(Id(Campaign)),
        Column::new("campaign_name", Text, "The campaign's name.").of(Name(Campaign)),
        Column::new("publisher_id", Int, "Where the ads ran.").of(Id(Publisher)),
        Column::new("publisher_name", Text, "The publisher's name.").of(Name(Publisher)),
        Column::new("source_id", Int, "The source that took the arrivals; empty for other clicks and views.")
            .of(Id(Source)),
        Column::new("source_name", Text, "The source's name.").of(Name(Source)),
        Column::new("pixel_id", Int, "The pixel; empty for views, clicks and cost, which belong to none.")
            .of(Id(Pixel)),
        Column::new("pixel_name", Text, "The pixel's name.").of(Name(Pixel)),
        Column::new(
            "currency",
            Text,
            "The currency of the row's amounts. Counts and cost are in the row of the currency that the line item had \
             then.",
        )
        .of(Currency),
        Column::new("imps", Int, "Ad views.").of(Sum(IMPS)),
        Column::new("clicks", Int, "Ad clicks.").of(Sum(CLICKS)),
        Column::new("ctr", Ratio, "Clicks per view.").of(Divided(CLICKS, IMPS, Need::Nothing)),
        Column::new("cost", Amount, "What the ads cost: ancost and media_cost together.").of(Sum(COST)),
        Column::new("cost_known_share", Ratio, "The share of views and clicks that came with a cost.")
            .of(Divided(REPORTED_COSTS, EXPOSURES, Need::Nothing)),
        Column::new("ancost", Amount, "The cost that came with views and clicks.").of(Sum(&[ANCOST])),
        Column::new(
            "media_cost",
            Amount,
            "The cost of whole days that was typed, sent or imported; empty by hour, and under a filter by pixel or source.",
        )
        .of(Sum(&[Measure::MEDIA_COST])),
        Column::new("cpc", Amount, "Cost per click; empty where no cost is known.")
            .of(Divided(COST, CLICKS, Need::KnownCost)),
        Column::new("cpm", Amount, "Cost per thousand views; empty where no cost is known.")
            .of(PerThousand(COST, IMPS, Need::KnownCost)),
    ],
    "total_convs", Int, "Attributed conversions.", net: Sum(CONVS), gross: Sum(GROSS_CONVS);
    "post_click_convs", Int, "Conversions credited to a click.",
        net: Sum(&[count("post_click_convs")]), gross: Sum(&[count("gross_post_click_convs")]);
    "post_view_convs", Int, "Conversions credited to a view.",
        net: Sum(&[count("post_view_convs")]), gross: Sum(&[count("gross_post_view_convs")]);
    "convs_rate", Ratio, "Attributed conversions per view.",
        net: Divided(CONVS, IMPS, Need::Nothing), gross: Divided(GROSS_CONVS, IMPS, Need::Nothing);
    "post_click_revenue", Amount, "Values of post-click conversions.",
        net: Sum(&[money("post_click_revenue")]), gross: Sum(&[money("gross_post_click_revenue")]);
    "post_view_revenue", Amount, "Values of post-view conversions.",
        net: Sum(&[money("post_view_revenue")]), gross: Sum(&[money("gross_post_view_revenue")]);
    "total_revenue", Amount, "Values of attributed conversions.", net: Sum(REVENUE), gross: Sum(GROSS_REVENUE);
    "booked_revenue", Amount, "What line items or pixels say the conversions are worth.",
        net: Sum(&[money("booked_revenue")]), gross: Sum(&[money("gross_booked_revenue")]);
    "cpa", Amount, "Cost per attributed conversion; empty where no cost is known.",
        net: Divided(COST, CONVS, Need::KnownCost), gross: Divided(COST, GROSS_CONVS, Need::KnownCost);
    "roas", Ratio,
        "Total revenue per unit of cost; empty where no cost is known, or the revenue is in another currency.",
        net: Divided(REVENUE, COST, Need::CostInSameCurrency),
        gross: Divided(GROSS_REVENUE, COST, Need::CostInSameCurrency);
];

/// The same for counts of fires, each the sum over some reasons.
macro_rules! outcomes {
    ([$($plain:expr),* $(,)?], $($name:literal, $about:literal, [$($reason:literal),+];)+) => {
        columns![
            [$($plain),*],
            $($name, Int, $about,
                net: Sum(&[$(count($reason)),+]), gross: Sum(&[$(count(concat!("gross_", $reason))),+]);)+
        ]
    };
}

/// Of `pixel_outcomes`.
pub(in crate::report) const OUTCOMES: &[Column] = outcomes![
    [
        MONTH,
        DAY,
        HOUR,
        Column::new("pixel_id", Int, "The pixel.").of(Id(Pixel)),
        Column::new("pixel_name", Text, "The pixel's name.").of(Name(Pixel)),
        ADVERTISER_ID,
        ADVERTISER_NAME,
        Column::new("fires", Int, "All fires but tests, with those that were retracted later.").of(Sum(&[count("fires")])),
        Column::new("warned", Int, "Of these, fires of which a parameter broke its rule.").of(Sum(&[count("warned")])),
        Column::new("retracted", Int, "Of these, conversions that a correction retracted.").of(Sum(&[count("retracted")])),
    ],
    "attributed", "Credited conversions.", ["post_click", "post_view"];
    "post_click", "Credited to a click.", ["post_click"];
    "post_view", "Credited to a view.", ["post_view"];
    "unattributed", "Conversions that no exposure earned.",
        ["pixel_inactive", "no_line_item", "no_visitor", "no_exposure", "wrong_kind", "outside_window"];
    "pixel_inactive", "The pixel was inactive.", ["pixel_inactive"];
    "no_line_item", "The pixel was on no active line item.", ["no_line_item"];
    "no_visitor", "The visitor was unknown.", ["no_visitor"];
    "no_exposure", "The visitor had seen no ad of the pixel's line items.", ["no_exposure"];
    "wrong_kind", "Views only, or clicks only, where the other was asked for.", ["wrong_kind"];
    "outside_window", "All exposures were too old.", ["outside_window"];
    "not_counted", "Fires that are no conversions.",
        ["bot", "prefetch", "duplicate_event", "adjustment", "duplicate_order", "repeat"];
    "bot", "Sent by a bot.", ["bot"];
    "prefetch", "Fetched in advance by a browser.", ["prefetch"];
    "duplicate_event", "The event had come before.", ["duplicate_event"];
    "adjustment", "It updates an earlier conversion.", ["adjustment"];
    "duplicate_order", "The order had been counted.", ["duplicate_order"];
    "repeat", "The visitor had converted already, within the repeat rule.", ["repeat"];
];
