//! The fields of every service, one row each. Filters, sorting, `fields=`, `/X/meta`, warnings about unknown and read-only
//! fields, and the OpenAPI document all come from these tables.

mod cost;
pub mod field;

pub use cost::{COST, COST_RUN};

use super::{
    AuditAction, AuditObject, ExposureKind, Field,
    FieldKind::{Array, Bool, Double, Enum, Int, Object, Text, Timestamp},
    OutcomeKind, Reason, Required, Role, SessionKind, Status, TagKind, TrackerKind, TriggerType,
};

const ID: Field = Field::column("id", Int, "The id.").read_only().required(Required::Put);
const CODE: Field = Field::column("code", Text(100), "Your own code for it, unique within the advertiser.");
const NAME: Field = Field::column("name", Text(255), "The name.").required(Required::Post);
const STATE: Field = Field::column("state", Enum(Status::WORDS), "Whether it is in use. Default: active.");
const ADVERTISER_ID: Field =
    Field::column("advertiser_id", Int, "The advertiser it belongs to. It cannot change.").required(Required::Post);
const CREATED_ON: Field = Field::column("created_on", Timestamp, "When it was created, UTC.").read_only();
const LAST_MODIFIED: Field = Field::column("last_modified", Timestamp, "When it was last changed, UTC.").read_only();
const MEMBER_ID: Field = Field::value("member_id", Int, "The member that runs this installation.").read_only();

/// `/pixel`.
pub const PIXEL: &[Field] = &[
    ID,
    ADVERTISER_ID,
    CODE,
    NAME,
    STATE,
    Field::column("trigger_type", Enum(TriggerType::WORDS), "Which exposures may earn credit. Default: click."),
    Field::column(
        "min_minutes_per_conv",
        Int,
        "Null: one conversion per visitor; 0: all; N: one per N minutes, at most 32767.",
    ),
    Field::column(
        "post_click_expire_mins",
        Int,
        "The post-click window in minutes, at most 129600; 0 or null: the maximum.",
    ),
    Field::column(
        "post_view_expire_mins",
        Int,
        "The post-view window in minutes, at most 43200; 0 or null: the maximum.",
    ),
    Field::column("post_click_value", Double, "The value of a post-click conversion, if the line item sets none."),
    Field::column("post_view_value", Double, "The value of a post-view conversion, if the line item sets none."),
    Field::value("piggyback_pixels", Array, "Other pixels that this one fires: {pixel_type: js or img, url}."),
    Field::column("pixel_conversion_event_id", Int, "The category of the conversion, 2 to 8."),
    Field::value("pixel_conversion_event", Object, "The category as {id, name}.").read_only(),
    Field::value("campaigns", Array, "The campaigns of the line items that use it: [{id}], ids as strings.")
        .read_only(),
    Field::value("line_items", Array, "The line items that use it: [{id, name, state}].").read_only(),
    Field::column("count_each_order_once", Bool, "Whether each order id counts once."),
    Field::column(
        "max_value",
        Double,
        "The largest believable value of one fire, in the advertiser's currency: a fire with a larger one counts without \
        its value. Null: no bound.",
    ),
    MEMBER_ID,
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/advertiser`.
pub const ADVERTISER: &[Field] = &[
    ID,
    CODE,
    NAME,
    STATE,
    Field::column("default_currency", Text(3), "The ISO 4217 currency of values that name none. Default: USD."),
    Field::column("timezone", Text(100), "An IANA time zone. Default: UTC."),
    Field::value(
        "redirect_hosts",
        Array,
        "Hosts that redir may lead to: shop.example, or *.shop.example for all below.",
    ),
    Field::column("allow_any_redirect", Bool, "Lets redir lead anywhere. This makes an open redirector."),
    Field::column("default_pixel_id", Int, "The pixel that Invoca's URLs convert for."),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/publisher`.
pub const PUBLISHER: &[Field] = &[ID, CODE, NAME, STATE, CREATED_ON, LAST_MODIFIED];

/// `/line-item`.
pub const LINE_ITEM: &[Field] = &[
    ID,
    ADVERTISER_ID,
    CODE,
    NAME,
    STATE,
    Field::column("start_date", Timestamp, "When its ads start to run. Attribution ignores it."),
    Field::column("end_date", Timestamp, "When its ads stop running. Attribution ignores it."),
    Field::column("revenue_type", Text(50), "How the advertiser pays, such as cpa. Attribution ignores it."),
    Field::column("revenue_value", Double, "How much the advertiser pays. Attribution ignores it."),
    Field::column("currency", Text(3), "The ISO 4217 currency of its revenues. Null: the advertiser's."),
    Field::value(
        "pixels",
        Array,
        "Its pixels, at most 20: {id, state, post_click_revenue, post_view_revenue}, and read-only name and trigger_type.",
    ),
    Field::value("campaigns", Array, "Its campaigns: [{id, name, state}].").read_only(),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/campaign`.
pub const CAMPAIGN: &[Field] = &[
    ID,
    CODE,
    NAME,
    ADVERTISER_ID,
    Field::column("line_item_id", Int, "The line item it belongs to.").required(Required::Post),
    STATE,
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/segment`.
pub const SEGMENT: &[Field] = &[
    ID,
    Field::column("code", Text(50), "Your own code for it: letters, digits, _ and -, unique regardless of case."),
    Field::column("short_name", Text(255), "The name.").required(Required::Post),
    Field::column("description", Text(500), "A description."),
    STATE,
    MEMBER_ID,
    Field::column(
        "advertiser_id",
        Int,
        "The advertiser it belongs to. Null: all advertisers share it. Callers limited to one advertiser cannot change it.",
    ),
    Field::column("expire_minutes", Int, "How long a membership lasts. Null: 180 days. 0: it is not kept."),
    Field::value("piggyback_pixels", Array, "Other pixels that this one fires: {pixel_type: js or img, url}."),
    Field::column("max_usersync_pixels", Int, "It has no effect. Clients can send it and read it back."),
    Field::value(
        "members",
        Int,
        "How many visitors are in it now. For a large segment the number may be a minute old.",
    )
    .read_only(),
    CREATED_ON,
    LAST_MODIFIED,
];

const TRACKER_PUBLISHER_ID: Field = Field::column("publisher_id", Int, "The publisher; shown as publisher {id, name}.")
    .required(Required::Post)
    .write_only();
const TRACKER_LINE_ITEM_ID: Field = Field::column("line_item_id", Int, "The line item; shown as line_item {id, name}.")
    .required(Required::Post)
    .write_only();
const TRACKER_PUBLISHER: Field =
    Field::value("publisher", Object, "The publisher: {id, name}. Its id can be set here.");
const TRACKER_LINE_ITEM: Field =
    Field::value("line_item", Object, "The line item: {id, name}. Its id can be set here.");
const PAYMENT_RULE: Field = Field::value("payment_rule", Object, "Always null.").read_only();

/// `/imptracker`.
pub const IMP_TRACKER: &[Field] = &[
    ID,
    CODE,
    NAME,
    ADVERTISER_ID,
    STATE,
    TRACKER_PUBLISHER_ID,
    TRACKER_LINE_ITEM_ID,
    TRACKER_PUBLISHER,
    TRACKER_LINE_ITEM,
    Field::value("tag", Text(2000), "The tag to put where the ad runs.").read_only(),
    PAYMENT_RULE,
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/clicktracker`.
pub const CLICK_TRACKER: &[Field] = &[
    ID,
    CODE,
    NAME,
    ADVERTISER_ID,
    STATE,
    TRACKER_PUBLISHER_ID,
    TRACKER_LINE_ITEM_ID,
    TRACKER_PUBLISHER,
    TRACKER_LINE_ITEM,
    Field::column("click_url", Text(2000), "The landing page. It may hold macros."),
    Field::value("tag", Text(2000), "The URL to link the ad to.").read_only(),
    PAYMENT_RULE,
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/source`.
pub const SOURCE: &[Field] = &[
    ID,
    CODE,
    NAME,
    ADVERTISER_ID,
    STATE,
    Field::column(
        "position",
        Int,
        "The place in the order of matching, 1 to 1000000; the id decides between equal ones. Null: after the others.",
    ),
    Field::value(
        "match",
        Object,
        "What an arrival must carry. Each key is a condition, and all must hold: click_id (click IDs or platforms), \
        referrer_host (hosts), or a parameter such as utm_source; ref,via is either of two. Its values are alternatives: \
        a text or an array of texts, in which * is any text. Case is ignored.",
    )
    .required(Required::Post),
    Field::column("line_item_id", Int, "The line item that gets the arrivals.").required(Required::Post),
    Field::column("publisher_id", Int, "The publisher of the arrivals. Null: none."),
    Field::column("campaign_id", Int, "The campaign of the arrivals, of the line item. Null: none."),
    Field::column(
        "campaign_by",
        Text(64),
        "The parameter whose value is the code of a campaign of the line item. It comes before campaign_id.",
    ),
    Field::column(
        "makes_campaigns",
        Bool,
        "Whether an arrival with an unknown code makes a campaign of the line item. Default: false.",
    ),
    CREATED_ON,
    LAST_MODIFIED,
];

/// Both kinds of trackers in one list, for the pages. No service has them.
pub const TRACKER: &[Field] = &[
    ID,
    CODE,
    NAME,
    ADVERTISER_ID,
    STATE,
    Field::column("kind", Enum(TrackerKind::WORDS), "Impression or click."),
    Field::column("publisher_id", Int, "The publisher."),
    Field::column("line_item_id", Int, "The line item."),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/user`.
pub const USER: &[Field] = &[
    ID,
    Field::column("username", Text(100), "The name to sign in with, unique regardless of case.")
        .required(Required::Post),
    Field::value("password", Text(64), "12 to 64 characters, and not easy to guess. No answer shows it.")
        .required(Required::Post)
        .write_only(),
    Field::value("current_password", Text(64), "Needed to change your own password. No answer shows it.").write_only(),
    Field::column("role", Enum(Role::WORDS), "What the user may do. Default: viewer."),
    Field::column("advertiser_id", Int, "The user sees only this advertiser's objects. Null: all."),
    Field::column("state", Enum(Status::WORDS), "An inactive user cannot sign in. Default: active."),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/session`: read-only, the last used first.
pub const SESSION: &[Field] = &[
    filter("id", Int, "The id. It is not the token."),
    filter("user_id", Int, "The user that is signed in. Default: the caller. Others are for admins."),
    answer("kind", Enum(SessionKind::WORDS), "browser: the admin pages. api: a token of /auth."),
    answer("user_agent", Text(255), "The User-Agent that signed in."),
    answer("ip", Text(45), "The address that signed in, truncated. Null if addresses are not kept."),
    answer("created_on", Timestamp, "When it began, UTC."),
    answer("last_used", Timestamp, "When it was last used, to the minute, UTC."),
    answer("current", Bool, "Whether it is the caller's own."),
];

/// `/member`.
pub const MEMBER: &[Field] =
    &[Field::value("id", Int, "The id.").read_only(), Field::value("name", Text(255), "The name.")];

/// A field that is a filter, without order or comparisons.
const fn filter(name: &'static str, kind: super::FieldKind, about: &'static str) -> Field {
    Field::column(name, kind, about).unsorted().read_only()
}

/// A field that only answers hold.
const fn answer(name: &'static str, kind: super::FieldKind, about: &'static str) -> Field {
    Field::value(name, kind, about).read_only()
}

/// `/conversion`: read-only, newest first by the time of the event.
pub const CONVERSION: &[Field] = &[
    filter("id", Int, "The id: the place of the fire in the log."),
    filter("datetime", Timestamp, "When it happened, UTC."),
    answer("received_on", Timestamp, "When the fire arrived, UTC. Late server events arrive after their datetime."),
    filter("pixel_id", Int, "The pixel that fired."),
    filter("advertiser_id", Int, "The pixel's advertiser."),
    filter("outcome", Enum(OutcomeKind::WORDS), "The outcome."),
    filter("reason", Enum(Reason::WORDS), "The one reason for the outcome."),
    answer("duplicate_of", Int, "Of a duplicate: the conversion that counts in its place."),
    filter("order_id", Text(36), "The first 36 characters of the order id in the fire. The filter takes the whole id."),
    answer("order_id_full", Text(255), "The order id in the fire, or in a duplicate of it, whole."),
    answer("value", Double, "The value in the fire, or in a duplicate of it."),
    answer("currency", Text(3), "The currency of that value."),
    answer("taken", Array, "What the fire lacked and took from duplicates of it: field and from_id."),
    answer("adjusted", Bool, "Whether an adjustment changed it."),
    filter("retracted", Bool, "Whether an adjustment retracted it. Figures after corrections leave it out."),
    answer("adjusted_value", Double, "The value in reports: the adjusted one, else the one in the fire."),
    answer("adjusted_currency", Text(3), "The currency of the value in reports."),
    answer("external_data", Text(20), "The parameter other of the fire."),
    answer("event_id", Text(255), "The event id in the fire. The same event counts once."),
    answer("tag", Enum(TagKind::WORDS), "The kind of tag or endpoint that received it."),
    answer("user_id", Text(20), "The visitor, as digits. Null if unknown."),
    filter("line_item_id", Int, "The line item it is credited to."),
    answer("campaign_id", Int, "The campaign it is credited to."),
    answer("publisher_id", Int, "The publisher of the credited exposure."),
    answer("source_id", Int, "The source that took the credited arrival; null for another exposure."),
    answer("creative_id", Int, "The creative of the credited exposure."),
    answer("imp_time", Timestamp, "The time of the credited exposure, UTC."),
    answer("exposure_id", Int, "The credited exposure."),
    answer("exposure_kind", Enum(ExposureKind::WORDS), "The kind of the credited exposure."),
    answer("static_value", Double, "The value that the line item sets, else the pixel."),
    answer("static_currency", Text(3), "The currency of the static value."),
    answer(
        "click_ids",
        Array,
        "The click ids that were good at its time: name, value, first_seen, arrival_id, from_event.",
    ),
];

/// `/adjustment`: read-only, the last logged first.
pub const ADJUSTMENT: &[Field] = &[
    filter("id", Int, "The id: its place in the log."),
    answer("datetime", Timestamp, "When it happened, UTC."),
    answer("received_on", Timestamp, "When it arrived, UTC."),
    filter("advertiser_id", Int, "The advertiser whose conversions it names."),
    answer("pixel_id", Int, "Only conversions of this pixel. Null: of every pixel of the advertiser."),
    answer("order_id", Text(255), "The name of the conversions, if it is an order id."),
    answer("event_id", Text(255), "The name of the conversions, if it is an event id."),
    answer("reference_id", Text(255), "The name of the conversions, if it is a reference id."),
    answer("type", Enum(&["retract", "restate"]), "The change: retract or restate."),
    answer("value", Double, "The new value."),
    answer("currency", Text(3), "The currency of the new value. Null: that of the conversion."),
    answer("reason_code", Text(64), "The reason that its sender gave."),
    answer("source", Text(100), "The name of the token or user that sent it."),
    answer(
        "result",
        Text(32),
        "pending; matched if it changed a conversion; unmatched if it reached none; else its effect.",
    ),
    filter("has_effect", Bool, "Whether it changed a conversion. Null while it is pending."),
    answer("conversions", Int, "How many conversions it changed."),
    answer("effects", Object, "How many conversions it reached, by its effect on them."),
    answer("conversion_ids", Array, "The conversions that it reached."),
    answer(
        "near_misses",
        Array,
        "Conversions with nearly this name, if it reached none: {conversion_id, datetime, and the name}.",
    ),
];

/// `/membership`: read-only, of one visitor, ordered by segment.
pub const MEMBERSHIP: &[Field] = &[
    filter("visitor_id", Text(16), "The visitor, as in the cookie pxid: hexadecimal digits."),
    filter("user_id", Text(20), "The same visitor as digits, as in conversions and reports."),
    answer("segment_id", Int, "The segment."),
    answer("code", Text(50), "The segment's code."),
    answer("short_name", Text(255), "The segment's name."),
    answer("value", Int, "The value in the tag."),
    answer("added_at", Timestamp, "When the browser loaded the tag of this membership, UTC."),
    answer("expires_at", Timestamp, "When the membership ends, UTC."),
];

/// Saved reports, for the pages. No service has them.
pub const SAVED_REPORT: &[Field] = &[
    ID,
    NAME,
    Field::column("advertiser_id", Int, "The advertiser it is about. Null: all."),
    Field::column("owner", Text(100), "The name of the user or token that created it.").read_only(),
    Field::column("definition", Text(8_000), "The query string of the report page's address."),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/audit`: read-only, newest first, for admins.
pub const AUDIT: &[Field] = &[
    Field::column("id", Int, "The id. Later changes have higher ids.").read_only(),
    Field::column("created_on", Timestamp, "When the change was made, UTC.").read_only(),
    Field::column("user_id", Int, "Who did it; null for a long-lived token and for the shell.").read_only(),
    Field::column("token_id", Int, "The long-lived token that did it; null for users and for the shell.").read_only(),
    Field::column("user_name", Text(100), "The user's or token's name as it was then.").read_only(),
    Field::column("action", Enum(AuditAction::WORDS), "What was done.").read_only(),
    Field::column("object_type", Enum(AuditObject::WORDS), "To what.").read_only(),
    Field::column("object_id", Int, "To which.").read_only(),
    Field::column("object_name", Text(255), "Its name, as it was then.").read_only(),
    Field::value("before", Object, "Its fields before; null where there was nothing.").read_only(),
    Field::value("after", Object, "Its fields after; null where nothing is left.").read_only(),
];
