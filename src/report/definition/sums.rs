//! The columns of the reports that add up sums.

use super::Column;
use super::Kind::{Amount, Day, Hour, Int, Month, Ratio, Text};
use super::Origin;
use super::Origin::{Currency, Id, Name, Sum, Time};
use crate::domain::Grain;
use crate::store::Dimension::{Advertiser, Campaign, LineItem, Pixel, Publisher};
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
const COST: &[Measure] = &[money("cost")];
const CONVS: &[Measure] = &[count("post_click_convs"), count("post_view_convs")];
const REVENUE: &[Measure] = &[money("post_click_revenue"), money("post_view_revenue")];

/// Of `advertiser_analytics` and `network_analytics`.
pub(in crate::report) const ANALYTICS: &[Column] = &[
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
    Column::new("pixel_id", Int, "The pixel; empty for views, clicks and cost, which belong to none.").of(Id(Pixel)),
    Column::new("pixel_name", Text, "The pixel's name.").of(Name(Pixel)),
    Column::new(
        "currency",
        Text,
        "The currency of the row's amounts. Counts and cost stand under the line item's currency.",
    )
    .of(Currency),
    Column::new("imps", Int, "Ad views.").of(Sum(IMPS)),
    Column::new("clicks", Int, "Ad clicks.").of(Sum(CLICKS)),
    Column::new("ctr", Ratio, "Clicks per view.").of(Origin::Ratio(CLICKS, IMPS)),
    Column::new("cost", Amount, "What the ads cost: the sum of ancost.").of(Sum(COST)),
    Column::new("total_convs", Int, "Attributed conversions.").of(Sum(CONVS)),
    Column::new("post_click_convs", Int, "Conversions credited to a click.").of(Sum(&[count("post_click_convs")])),
    Column::new("post_view_convs", Int, "Conversions credited to a view.").of(Sum(&[count("post_view_convs")])),
    Column::new("convs_rate", Ratio, "Attributed conversions per view.").of(Origin::Ratio(CONVS, IMPS)),
    Column::new("post_click_revenue", Amount, "Values passed with post-click conversions.")
        .of(Sum(&[money("post_click_revenue")])),
    Column::new("post_view_revenue", Amount, "Values passed with post-view conversions.")
        .of(Sum(&[money("post_view_revenue")])),
    Column::new("total_revenue", Amount, "Values passed with attributed conversions.").of(Sum(REVENUE)),
    Column::new("booked_revenue", Amount, "What line items or pixels say the conversions are worth.")
        .of(Sum(&[money("booked_revenue")])),
    Column::new("cpa", Amount, "Cost per attributed conversion.").of(Origin::Ratio(COST, CONVS)),
    Column::new("roas", Ratio, "Total revenue per unit of cost.").of(Origin::Ratio(REVENUE, COST)),
];

const fn fires(name: &'static str, about: &'static str, of: &'static [Measure]) -> Column {
    Column::new(name, Int, about).of(Sum(of))
}

/// Of `pixel_outcomes`.
pub(in crate::report) const OUTCOMES: &[Column] = &[
    MONTH,
    DAY,
    HOUR,
    Column::new("pixel_id", Int, "The pixel.").of(Id(Pixel)),
    Column::new("pixel_name", Text, "The pixel's name.").of(Name(Pixel)),
    ADVERTISER_ID,
    ADVERTISER_NAME,
    fires("fires", "All fires but tests.", &[count("fires")]),
    fires("warned", "Fires of which a parameter broke its rule.", &[count("warned")]),
    fires("attributed", "Credited conversions.", &[count("post_click"), count("post_view")]),
    fires("post_click", "Credited to a click.", &[count("post_click")]),
    fires("post_view", "Credited to a view.", &[count("post_view")]),
    fires(
        "unattributed",
        "Conversions that no exposure earned.",
        &[
            count("pixel_inactive"),
            count("no_line_item"),
            count("no_visitor"),
            count("no_exposure"),
            count("wrong_kind"),
            count("outside_window"),
        ],
    ),
    fires("pixel_inactive", "The pixel was inactive.", &[count("pixel_inactive")]),
    fires("no_line_item", "The pixel was on no active line item.", &[count("no_line_item")]),
    fires("no_visitor", "The visitor was unknown.", &[count("no_visitor")]),
    fires("no_exposure", "The visitor had seen no ad of the pixel's line items.", &[count("no_exposure")]),
    fires("wrong_kind", "Views only, or clicks only, where the other was asked for.", &[count("wrong_kind")]),
    fires("outside_window", "All exposures were too old.", &[count("outside_window")]),
    fires(
        "not_counted",
        "Fires that are no conversions.",
        &[
            count("bot"),
            count("prefetch"),
            count("duplicate_event"),
            count("adjustment"),
            count("duplicate_order"),
            count("repeat"),
        ],
    ),
    fires("bot", "Sent by a bot.", &[count("bot")]),
    fires("prefetch", "Fetched in advance by a browser.", &[count("prefetch")]),
    fires("duplicate_event", "The event had come before.", &[count("duplicate_event")]),
    fires("adjustment", "It updates an earlier conversion.", &[count("adjustment")]),
    fires("duplicate_order", "The order had been counted.", &[count("duplicate_order")]),
    fires("repeat", "The visitor had converted already, within the repeat rule.", &[count("repeat")]),
];
