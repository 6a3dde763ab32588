//! The vocabulary of pixeld as types, which all other modules use. Nothing here knows the web, SQL or a JSON shape.

mod cost;
mod error;
mod events;
pub mod fields;
mod objects;
mod people;
mod report;
mod values;

pub use cost::{
    Cost, CostKey, CostRun, CostState, CostWay, FIRST_COST_DAY, ImportedCosts, MAX_COST_COUNT, MAX_COSTS_AT_ONCE,
    NewCost, PLAIN_PROFILE,
};
pub use error::{Checks, FieldError};
pub use events::adjustment::{
    Adjustment, AppliedAdjustment, ConversionChange, ConversionName, CurrentValue, Effect, MAX_REASON_CODE,
};
pub use events::arrival::{Arrival, ArrivalContent, ArrivalFate, ClickIdValue, GoodClickId};
pub use events::conversion::{Conversion, Credited, Taken, TakenField, over_max_value};
pub use events::effect_counts::EffectCounts;
pub use events::judge_fire::JudgeFire;
pub use events::log::{
    Exposure, ExposureKind, Fire, FireDetails, Flags, LogKind, Logged, PUBLISHED_ORDER_ID, Rejected, SegmentLoad,
    TagForm, TagKind, Warning,
};
pub use events::loss::{Losses, LostKind};
pub use events::outcome::{NotCounted, Outcome, OutcomeKind, Reason, Unattributed};
pub use events::rejudging::{Rejudge, Rejudgement, Rejudgements, Under};
pub use events::token_uses::TokenUses;
pub use fields::field::{Field, FieldKind, Required};
pub use objects::advertiser::{Advertiser, RedirectHosts};
pub use objects::campaign::Campaign;
pub use objects::line_item::{LineItem, LineItemPixel, MAX_PIXELS_PER_LINE_ITEM};
pub use objects::list_length::ListLength;
pub use objects::member::Member;
pub use objects::piggyback::{Piggyback, PiggybackKind};
pub use objects::pixel::{
    ConversionEvent, MAX_CLICK_WINDOW_MINS, MAX_REPEAT_MINS, MAX_VIEW_WINDOW_MINS, Pixel, RepeatRule, TriggerType,
};
pub use objects::publisher::Publisher;
pub use objects::rules::{
    CampaignRules, LineItemEntry, LineItemRules, MaxValue, PixelRules, SegmentRules, SourceRules,
};
pub use objects::segment::{MEMBERSHIP_MINS, Membership, Segment, SegmentAction, SegmentOp};
pub use objects::source::{MAX_POSITION, MAX_SOURCES_PER_ADVERTISER, Source};
pub use objects::source_match::{ParameterMatch, Pattern, SourceMatch, UNPAID_LINKS, UNPAID_LINKS_ALONE};
pub use objects::source_template::{PAID_MEDIUMS, SOURCE_TEMPLATES, SourceTemplate};
pub use objects::tracker::{Tracker, TrackerKind};
pub use objects::tracking_setup::{Goal, TrackingSetup, shop_site};
pub use people::access::{Admin, Caller, CallerId, Collector, Denied, Editor, Reader, Role, Scope};
pub use people::audit::{AuditAction, AuditEntry, AuditObject};
pub use people::password::PASSWORD_RULE;
pub use people::user::{ApiToken, MAX_USERNAME, SecretHash, Session, SessionKind, User};
pub use report::{ReportFormat, ReportRun, ReportStatus, SavedReport};
pub use values::ad_parameters::added::set as set_added_click_ids;
pub use values::ad_parameters::{
    AdParameter, CAMPAIGN_PARAMETERS, CLICK_IDS, ClickId, MAX_CAMPAIGN_VALUE, MAX_CLICK_ID,
};
pub use values::calendar::{Days, Grain, day_begin, offset_if_repeated};
pub use values::currency::Currency;
pub use values::day::Day;
pub use values::decimal::plain_decimal;
pub use values::ids::*;
pub use values::money::{Micros, ParseMoneyError, TotalMicros};
pub use values::network::network_of;
pub use values::order_ids::order_spellings;
pub use values::site::{host_of, is_nameless, is_same_site, site};
pub use values::status::Status;
pub use values::text::{cut, fold, trim, trim_cow};
pub use values::time::{Millis, Minutes};
pub use values::written_time::{TimeError, WrittenTime};
