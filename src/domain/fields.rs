//! The fields of every service, a row each. Filters, sorting, `fields=`, `/X/meta`, the warnings about unknown and
//! read-only fields and the API description all come from these tables (`spec/api.md`).

use super::{
    AuditAction, AuditObject, ExposureKind, Field,
    FieldKind::{Array, Bool, Double, Enum, Int, Object, Text, Timestamp},
    OutcomeKind, Reason, Required, Role, State, TagKind, TrackerKind, TriggerType,
};

const ID: Field = Field::column("id", Int, "The id.").read_only().required(Required::Put);
const CODE: Field = Field::column("code", Text(100), "Your own code for it, unique within the advertiser.");
const NAME: Field = Field::column("name", Text(255), "The name.").required(Required::Post);
const STATE: Field = Field::column("state", Enum(State::WORDS), "Whether it is in use; default active.");
const ADVERTISER_ID: Field =
    Field::column("advertiser_id", Int, "The advertiser it belongs to; cannot change.").required(Required::Post);
const CREATED_ON: Field = Field::column("created_on", Timestamp, "When it was made, UTC.").read_only();
const LAST_MODIFIED: Field = Field::column("last_modified", Timestamp, "When it was last changed, UTC.").read_only();
const MEMBER_ID: Field = Field::value("member_id", Int, "The member that runs this installation.").read_only();

/// `/pixel`.
pub const PIXEL: &[Field] = &[
    ID,
    ADVERTISER_ID,
    CODE,
    NAME,
    STATE,
    Field::column("trigger_type", Enum(TriggerType::WORDS), "Which exposures may earn credit; default click."),
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
    Field::column("post_click_value", Double, "What a post-click conversion is worth, unless the line item says."),
    Field::column("post_view_value", Double, "What a post-view conversion is worth, unless the line item says."),
    Field::value("piggyback_pixels", Array, "Further pixels fired by this one: {pixel_type: js or img, url}."),
    Field::column("pixel_conversion_event_id", Int, "The category of the conversion, 2 to 8."),
    Field::value("pixel_conversion_event", Object, "The category as {id, name}.").read_only(),
    Field::value("campaigns", Array, "The campaigns of the line items that use it: [{id}], ids as strings.")
        .read_only(),
    Field::value("line_items", Array, "The line items that use it: [{id, name, state}].").read_only(),
    Field::column("count_each_order_once", Bool, "Whether an order id that was counted is not counted again."),
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
    Field::column("default_currency", Text(3), "The ISO 4217 currency of values that come without one; default USD."),
    Field::column("timezone", Text(100), "An IANA time zone; default UTC."),
    Field::value("redirect_hosts", Array, "Hosts that redir may lead to: exact, or *.example.com."),
    Field::column("allow_any_redirect", Bool, "Lets redir lead anywhere; makes an open redirector."),
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
    Field::column("start_date", Timestamp, "When its ads start to run; for the record."),
    Field::column("end_date", Timestamp, "When its ads stop running; for the record."),
    Field::column("revenue_type", Text(50), "How the advertiser pays, such as cpa; for the record."),
    Field::column("revenue_value", Double, "How much the advertiser pays; for the record."),
    Field::column("currency", Text(3), "The ISO 4217 currency of its revenues; null: the advertiser's."),
    Field::value("pixels", Array, "Its pixels, at most 20: {id, state, post_click_revenue, post_view_revenue}."),
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
    Field::column("code", Text(50), "Your own code for it: letters, digits, _ and -; unique regardless of case."),
    Field::column("short_name", Text(255), "The name.").required(Required::Post),
    Field::column("description", Text(500), "What it is for."),
    STATE,
    MEMBER_ID,
    Field::column("advertiser_id", Int, "The advertiser it belongs to; null: all."),
    Field::column("expire_minutes", Int, "How long a membership lasts; null: 180 days; 0: not kept."),
    Field::value("piggyback_pixels", Array, "Further pixels fired by this one: {pixel_type: js or img, url}."),
    Field::column("max_usersync_pixels", Int, "Kept for clients that send it."),
    Field::value("members", Int, "How many visitors are in it now; counted anew each minute where they are many.")
        .read_only(),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/imptracker`.
pub const IMP_TRACKER: &[Field] = &[
    ID,
    CODE,
    NAME,
    ADVERTISER_ID,
    STATE,
    Field::column("publisher_id", Int, "The publisher; shown as publisher {id, name}.")
        .required(Required::Post)
        .write_only(),
    Field::column("line_item_id", Int, "The line item; shown as line_item {id, name}.")
        .required(Required::Post)
        .write_only(),
    Field::value("publisher", Object, "The publisher: {id, name}; the id may be set here."),
    Field::value("line_item", Object, "The line item: {id, name}; the id may be set here."),
    Field::value("tag", Text(2000), "The tag to put where the ad runs.").read_only(),
    Field::value("payment_rule", Object, "Always null here.").read_only(),
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
    Field::column("publisher_id", Int, "The publisher; shown as publisher {id, name}.")
        .required(Required::Post)
        .write_only(),
    Field::column("line_item_id", Int, "The line item; shown as line_item {id, name}.")
        .required(Required::Post)
        .write_only(),
    Field::value("publisher", Object, "The publisher: {id, name}; the id may be set here."),
    Field::value("line_item", Object, "The line item: {id, name}; the id may be set here."),
    Field::column("click_url", Text(2000), "The landing page; may hold macros."),
    Field::value("tag", Text(2000), "The URL to link the ad to.").read_only(),
    Field::value("payment_rule", Object, "Always null here.").read_only(),
    CREATED_ON,
    LAST_MODIFIED,
];

/// Both kinds of trackers in one list, for people; no service.
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
    Field::column("username", Text(100), "The name to sign in with; unique regardless of case.")
        .required(Required::Post),
    Field::value("password", Text(64), "10 to 64 characters; set here, and never shown.")
        .required(Required::Post)
        .write_only(),
    Field::value("current_password", Text(64), "Needed to change one's own password; never shown.").write_only(),
    Field::column("role", Enum(Role::WORDS), "What the user may do; default viewer."),
    Field::column("advertiser_id", Int, "If set, the user sees only this advertiser's objects."),
    Field::column("state", Enum(State::WORDS), "An inactive user cannot sign in; default active."),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/member`.
pub const MEMBER: &[Field] =
    &[Field::value("id", Int, "The id.").read_only(), Field::value("name", Text(255), "The name.")];

/// A field of a judged fire that pages can be narrowed by.
const fn narrows(name: &'static str, kind: super::FieldKind, about: &'static str) -> Field {
    Field::column(name, kind, about).unsorted().read_only()
}

/// Any other field of a judged fire.
const fn judged(name: &'static str, kind: super::FieldKind, about: &'static str) -> Field {
    Field::value(name, kind, about).read_only()
}

/// `/conversion`: read-only, newest first by their own time.
pub const CONVERSION: &[Field] = &[
    narrows("id", Int, "The id: the place of its fire in the log."),
    narrows("datetime", Timestamp, "When it happened, UTC."),
    judged("received_on", Timestamp, "When its fire arrived, UTC; later than datetime for late server events."),
    narrows("pixel_id", Int, "The pixel that fired."),
    narrows("advertiser_id", Int, "The pixel's advertiser."),
    narrows("outcome", Enum(OutcomeKind::WORDS), "What became of it."),
    narrows("reason", Enum(Reason::WORDS), "Why: exactly one reason."),
    narrows("order_id", Text(36), "The order id that was passed."),
    judged("value", Double, "The value that was passed."),
    judged("currency", Text(3), "The currency of that value."),
    judged("adjusted", Bool, "Whether it was adjusted later."),
    judged("retracted", Bool, "Whether it was taken back, and so is no longer reported."),
    judged("adjusted_value", Double, "The value that is reported now: as adjusted, else as passed."),
    judged("adjusted_currency", Text(3), "The currency of the value that is reported now."),
    judged("external_data", Text(20), "What was passed as other."),
    judged("event_id", Text(64), "The event id that was passed: the same event counts once."),
    judged("tag", Enum(TagKind::WORDS), "By which way it came."),
    judged("user_id", Text(20), "The visitor, as digits; null if unknown."),
    narrows("line_item_id", Int, "The line item it is credited to."),
    judged("campaign_id", Int, "The campaign it is credited to."),
    judged("publisher_id", Int, "Where the credited exposure took place."),
    judged("creative_id", Int, "The creative that the credited exposure named."),
    judged("imp_time", Timestamp, "When the credited exposure took place, UTC."),
    judged("exposure_id", Int, "The credited exposure."),
    judged("exposure_kind", Enum(ExposureKind::WORDS), "What it is credited to."),
    judged("static_value", Double, "What the line item, else the pixel, says it is worth."),
    judged("static_currency", Text(3), "The currency of the static value."),
];

/// `/membership`: read-only, of one visitor, by segment.
pub const MEMBERSHIP: &[Field] = &[
    narrows("visitor_id", Text(16), "The visitor, as in the cookie pxid: hexadecimal digits."),
    narrows("user_id", Text(20), "The same visitor, as digits: what conversions and reports call it."),
    judged("segment_id", Int, "The segment."),
    judged("code", Text(50), "The segment's code."),
    judged("short_name", Text(255), "The segment's name."),
    judged("value", Int, "The value that the tag passed."),
    judged("added_at", Timestamp, "When the tag was loaded that keeps the visitor in it, UTC."),
    judged("expires_at", Timestamp, "From when on the visitor is in it no more, UTC."),
];

/// Saved reports: kept by the pages, not by a service.
pub const SAVED_REPORT: &[Field] = &[
    ID,
    NAME,
    Field::column("advertiser_id", Int, "The advertiser it is about; null: all."),
    Field::column("owner", Text(100), "Who made it.").read_only(),
    Field::column("definition", Text(8_000), "What to run, as the page's address has it."),
    CREATED_ON,
    LAST_MODIFIED,
];

/// `/audit`: read-only, newest first; admins only.
pub const AUDIT: &[Field] = &[
    Field::column("id", Int, "The id: later changes have higher ones.").read_only(),
    Field::column("created_on", Timestamp, "When it was done, UTC.").read_only(),
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
