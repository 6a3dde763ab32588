//! The vocabulary of pixeld as types, which all other modules use. Nothing here knows the web, SQL or a JSON shape.

mod access;
mod adjustment;
mod advertiser;
mod audit;
mod campaign;
mod conversion;
mod currency;
mod error;
mod field;
pub mod fields;
mod ids;
mod judge_fire;
mod line_item;
mod log;
mod member;
mod money;
mod outcome;
mod piggyback;
mod pixel;
mod publisher;
mod rejudging;
mod report;
mod rules;
mod segment;
mod status;
mod time;
mod tracker;
mod user;
mod words;

pub use access::{Admin, Caller, Collector, Denied, Editor, Reader, Role, Scope};
pub use adjustment::{
    Adjustment, AppliedAdjustment, ConversionChange, ConversionName, CurrentValue, Effect, MAX_REASON_CODE,
};
pub use advertiser::{Advertiser, RedirectHosts};
pub use audit::{AuditAction, AuditEntry, AuditObject};
pub use campaign::Campaign;
pub use conversion::{Conversion, Credited};
pub use currency::Currency;
pub use error::{Checks, FieldError};
pub use field::{Field, FieldKind, Required};
pub use ids::*;
pub use judge_fire::JudgeFire;
pub use line_item::{LineItem, LineItemPixel, MAX_PIXELS_PER_LINE_ITEM};
pub use log::{
    Exposure, ExposureKind, Fire, FireDetails, Flags, LogKind, Logged, Rejected, SegmentLoad, TagForm, TagKind, Warning,
};
pub use member::Member;
pub use money::{Micros, ParseMoneyError, TotalMicros};
pub use outcome::{NotCounted, Outcome, OutcomeKind, Reason, Unattributed};
pub use piggyback::{Piggyback, PiggybackKind};
pub use pixel::{
    ConversionEvent, MAX_CLICK_WINDOW_MINS, MAX_REPEAT_MINS, MAX_VIEW_WINDOW_MINS, Pixel, RepeatRule, TriggerType,
};
pub use publisher::Publisher;
pub use rejudging::{Rejudge, Rejudgement, Rejudgements, Under};
pub use report::{ReportFormat, ReportRun, ReportStatus, SavedReport};
pub use rules::{LineItemEntry, LineItemRules, PixelRules, SegmentRules};
pub use segment::{MEMBERSHIP_MINS, Membership, Segment, SegmentAction, SegmentOp};
pub use status::Status;
pub use time::{Millis, Minutes};
pub use tracker::{Tracker, TrackerKind};
pub use user::{ApiToken, SecretHash, Session, SessionKind, User};
