//! The vocabulary of pixeld as types. Every other module speaks in these words (`spec/words.md`).
//! Nothing here knows the web, SQL or any JSON shape.

mod access;
mod adjustment;
mod audit;
mod conversion;
mod currency;
mod error;
mod field;
pub mod fields;
mod ids;
mod judge_fire;
mod line_item;
mod log;
mod money;
mod outcome;
mod party;
mod pixel;
mod rejudging;
mod report;
mod rules;
mod segment;
mod time;
mod tracker;
mod user;

pub use access::{Admin, Caller, Collector, Denied, Editor, Reader, Role, Scope};
pub use adjustment::{
    Adjustment, AppliedAdjustment, ConversionChange, ConversionName, CurrentValue, Effect, MAX_REASON_CODE,
};
pub use audit::{AuditAction, AuditEntry, AuditObject};
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
pub use money::{Micros, ParseMoneyError};
pub use outcome::{NotCounted, Outcome, OutcomeKind, Reason, Unattributed};
pub use party::{Advertiser, Campaign, Member, Publisher, RedirectHosts};
pub use pixel::{
    ConversionEvent, MAX_CLICK_WINDOW_MINS, MAX_REPEAT_MINS, MAX_VIEW_WINDOW_MINS, Piggyback, PiggybackKind, Pixel,
    RepeatRule, State, TriggerType,
};
pub use rejudging::{Rejudge, Rejudgement, Rejudgements, Under};
pub use report::{ReportFormat, ReportRun, ReportStatus, SavedReport};
pub use rules::{LineItemEntry, LineItemRules, PixelRules, SegmentRules};
pub use segment::{MEMBERSHIP_MINS, Membership, Segment, SegmentAction, SegmentOp};
pub use time::{Millis, Minutes};
pub use tracker::{Tracker, TrackerKind};
pub use user::{ApiToken, SecretHash, Session, SessionKind, User};
