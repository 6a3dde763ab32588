//! The fields of costs, and of their runs.

use super::{ADVERTISER_ID, CREATED_ON, ID, LAST_MODIFIED};
use crate::domain::FieldKind::{Bool, Day, Double, Enum, Int, Text, Timestamp};
use crate::domain::{CostState, CostWay, Field, Required};

/// `/cost`.
pub const COST: &[Field] = &[
    ID,
    Field::column("day", Day, "A day of the advertiser's calendar; today at the latest. It cannot change.")
        .required(Required::Post),
    Field::column("line_item_id", Int, "The line item that it was paid for. It cannot change.")
        .required(Required::Post),
    Field::column("campaign_id", Int, "A campaign of the line item. Null: none. It cannot change."),
    Field::column("publisher_id", Int, "Where the ads ran. Null: not told. It cannot change."),
    Field::column("advertiser_id", Int, "The advertiser of the line item. It cannot change."),
    Field::column("amount", Double, "What the ads cost, without currency. Below 0 only with allow_negative.")
        .required(Required::Post),
    Field::column("currency", Text(3), "The currency of the amount. It stays whatever becomes of the line item's.")
        .required(Required::Post),
    Field::column("imps", Int, "Views, as the ad platform counts them. Null: not told."),
    Field::column("clicks", Int, "Clicks, as the ad platform counts them. Null: not told."),
    Field::column(
        "profile",
        Text(64),
        "The kind of file that it comes from, such as google_ads. Default: plain. It cannot change.",
    ),
    Field::column("account", Text(255), "The account at the ad platform. Default: empty. It cannot change."),
    Field::column("label", Text(255), "The campaign's name at the ad platform. Default: empty. It cannot change."),
    Field::value("allow_negative", Bool, "Whether an amount below 0 is meant, such as a credit. Default: false.")
        .write_only(),
    Field::column("run_id", Int, "The import, request or form that it came with.").read_only(),
    Field::column("state", Enum(CostState::WORDS), "Only live costs count. Lists show live ones unless they ask.")
        .read_only(),
    Field::column("replaced_by", Int, "The run that replaced it. Null: none.").read_only(),
    CREATED_ON,
    LAST_MODIFIED,
];

/// The runs of costs, for the pages. No service has them.
pub const COST_RUN: &[Field] = &[
    ID,
    ADVERTISER_ID,
    Field::column("how", Enum(CostWay::WORDS), "How it came."),
    Field::column("profile", Text(64), "The kind of its file."),
    Field::column("file_name", Text(255), "The name of its file."),
    Field::column("file_hash", Text(64), "The SHA-256 of its file."),
    Field::column("rows", Int, "How many costs it brought."),
    Field::column("replaced", Int, "How many costs it replaced."),
    Field::column("made_by", Text(100), "The user or token."),
    Field::column("made_at", Timestamp, "When it came."),
    Field::column("undone_by", Text(100), "The user or token that undid it."),
    Field::column("undone_at", Timestamp, "When it was undone."),
];
