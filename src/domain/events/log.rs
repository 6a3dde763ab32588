//! The rows of the log: requests of visitors' browsers and advertisers' servers, as typed values. A logged row never
//! changes.

use std::ops::Deref;

use crate::domain::values::words::words;
use crate::domain::{
    Arrival, CampaignId, ClickIdValue, Currency, LineItemId, Micros, Millis, PixelId, PublisherId, SegmentOp, Seq,
    TrackerId, VisitorId,
};

words! {
    ExposureKind {
        Impression = "impression",
        Click = "click",
    }
}

words! {
    /// The kinds of rows that the live page can be filtered by.
    LogKind {
        Fire = "fire",
        Impression = "impression",
        Click = "click",
        SegmentLoad = "segment_load",
        Adjustment = "adjustment",
        Rejected = "rejected",
    }
}

impl LogKind {
    pub fn exposure(self) -> Option<ExposureKind> {
        match self {
            LogKind::Impression => Some(ExposureKind::Impression),
            LogKind::Click => Some(ExposureKind::Click),
            LogKind::Fire | LogKind::SegmentLoad | LogKind::Adjustment | LogKind::Rejected => None,
        }
    }
}

words! {
    /// The HTML element that carries a tag. It decides which answer the browser expects.
    TagForm {
        /// `t=2`, or no `t` at all.
        Image = "image",
        /// `t=1`.
        Script = "script",
    }
}

words! {
    /// The way a row came in.
    TagKind {
        /// An image tag: `t=2`, or no `t` at all.
        Image = "image",
        /// A script tag: `t=1`.
        Script = "script",
        /// A page's script sent it (`POST`, `navigator.sendBeacon`).
        Beacon = "beacon",
        /// The advertiser's server sent it to `/conversions`.
        Server = "server",
        /// The advertiser's server sent it to `/sspx`, with a token.
        Postback = "postback",
        /// A tag with one of Invoca's addresses.
        Invoca = "invoca",
        /// A line of a file that `pixeld import` read.
        Import = "import",
    }
}

impl From<TagForm> for TagKind {
    fn from(form: TagForm) -> Self {
        match form {
            TagForm::Image => TagKind::Image,
            TagForm::Script => TagKind::Script,
        }
    }
}

/// The facts about a request that decide whether it may count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `test=1`: the live page shows it, and no count includes it.
    pub test: bool,
    /// The user agent is a known bot's.
    pub bot: bool,
    /// A browser fetched it in advance of a visit that may never come.
    pub prefetch: bool,
    /// The request brought no visitor cookie, so its answer sets one.
    pub new_visitor: bool,
}

impl Flags {
    /// Whether a person made the request on a real visit. Only then does it count and have consequences.
    pub fn is_real(self) -> bool {
        !(self.test || self.bot || self.prefetch)
    }

    /// As one number for storage: 1 test, 2 bot, 4 prefetch, 8 new visitor. DO NOT change the values.
    pub fn bits(self) -> i64 {
        i64::from(self.test)
            | i64::from(self.bot) << 1
            | i64::from(self.prefetch) << 2
            | i64::from(self.new_visitor) << 3
    }

    /// Reads [`Flags::bits`].
    pub fn from_bits(bits: i64) -> Self {
        Flags { test: bits & 1 != 0, bot: bits & 2 != 0, prefetch: bits & 4 != 0, new_visitor: bits & 8 != 0 }
    }
}

/// A parameter that broke its rule. The request counts all the same, without that parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub parameter: String,
    /// The parameter's text as it came, at most 200 characters of it.
    pub raw: String,
    /// The stable name of the rule, such as `not_a_plain_decimal`.
    pub rule: String,
}

/// A row with the number that the log gave it. It reads like the row itself: `fire.at` beside `fire.seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged<T> {
    pub seq: Seq,
    pub row: T,
}

impl<T> Deref for Logged<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

/// How much of an order id published columns show, in characters.
pub const PUBLISHED_ORDER_ID: usize = 36;

/// One request that loaded a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fire {
    pub at: Millis,
    /// When it arrived here. It differs from `at` for late server events and imports alone.
    pub received: Millis,
    pub pixel_id: PixelId,
    /// None for a visitor who opted out or gave no consent.
    pub visitor_id: Option<VisitorId>,
    pub flags: Flags,
    pub tag: TagKind,
    /// At most 255 characters.
    pub order_id: Option<String>,
    /// The dynamic value.
    pub value: Option<Micros>,
    /// The value's currency: the tag's, else the advertiser's.
    pub currency: Option<Currency>,
    /// At most 20 characters.
    pub other: Option<String>,
    /// At most 255 characters. The same event sent twice counts once.
    pub event_id: Option<String>,
    /// The exposure that a token named. It takes the place of the visitor.
    pub exposure: Option<Seq>,
    pub details: FireDetails,
    pub warnings: Vec<Warning>,
    /// The parameters that may be kept, as they came. At most 8,192 characters.
    pub query: String,
    /// The page it was on (`Referer`), at most 1,024 characters.
    pub referer: Option<String>,
    /// At most 512 characters.
    pub user_agent: Option<String>,
    /// The address, shortened as the privacy setting says.
    pub ip: Option<String>,
}

/// The parts that most fires do not carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FireDetails {
    /// The request's changes of segments, in its order.
    pub segments: Vec<SegmentOp>,
    /// The products: at most 100, of at most 100 characters each.
    pub content_ids: Vec<String>,
    pub num_items: Option<u32>,
    /// The reason in the advertiser's words, at most 64 characters.
    pub reason_code: Option<String>,
    /// The advertiser's name for this conversion, which later requests may use. At most 64 characters.
    pub reference_id: Option<String>,
    /// The `reference_id` of the earlier conversion that this fire updates. At most 64 characters. The judge looks it
    /// up, since only the log's order decides which is earlier.
    pub parent_reference_id: Option<String>,
    /// The consent signals as they came: `gdpr=1&gdpr_consent=...&us_privacy=...&gpp=...`.
    pub consent: Option<String>,
    /// The SHA-256 of an e-mail address, as 64 lower-case hexadecimal digits.
    pub hashed_email: Option<String>,
    /// The ad clicks that the shop carried with the order. Each name stands once.
    pub click_ids: Vec<ClickIdValue>,
}

/// One request that loaded the segment pixel, `/seg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentLoad {
    pub at: Millis,
    /// None for a visitor who opted out or gave no consent.
    pub visitor_id: Option<VisitorId>,
    pub flags: Flags,
    pub tag: TagKind,
    /// Its changes of segments, in its order.
    pub segments: Vec<SegmentOp>,
    pub warnings: Vec<Warning>,
    /// The parameters that may be kept, as they came. At most 8,192 characters.
    pub query: String,
    /// The page it was on (`Referer`), at most 1,024 characters.
    pub referer: Option<String>,
    /// At most 512 characters.
    pub user_agent: Option<String>,
    /// The address, shortened as the privacy setting says.
    pub ip: Option<String>,
}

/// One ad view or ad click by a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    pub at: Millis,
    pub kind: ExposureKind,
    /// The tracker that reported it; [`TrackerId::NONE`] for an arrival or an imported exposure.
    pub tracker_id: TrackerId,
    /// The line item that it may earn credit for; [`LineItemId::NONE`] for an arrival.
    pub line_item_id: LineItemId,
    /// Where the ad ran; [`PublisherId::NONE`] for an arrival, or if an imported exposure does not say.
    pub publisher_id: PublisherId,
    pub campaign_id: Option<CampaignId>,
    pub creative_id: Option<i64>,
    /// None for a visitor who opted out or gave no consent.
    pub visitor_id: Option<VisitorId>,
    pub flags: Flags,
    /// The media cost.
    pub ancost: Option<Micros>,
    /// For a click: the impression that was clicked, if its token came with the click.
    pub impression: Option<(Seq, Millis)>,
    /// For a click that the site tag saw on the landing page. The judge decides who gets it.
    pub arrival: Option<Box<Arrival>>,
    pub warnings: Vec<Warning>,
    /// The parameters that may be kept, as they came.
    pub query: String,
    /// The page it was on (`Referer`), at most 1,024 characters.
    pub referer: Option<String>,
    /// At most 512 characters.
    pub user_agent: Option<String>,
    /// The address, shortened as the privacy setting says.
    pub ip: Option<String>,
}

/// A tracking request that pixeld could not take. It has no number in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub at: Millis,
    /// Empty for a request that an earlier version kept.
    pub method: String,
    pub path: String,
    /// A stable name: `unknown_pixel`, `bad_id`, ...
    pub reason: String,
    /// The answer's message beside the reason: the field and the rule it breaks. Mostly empty; at most 512
    /// characters.
    pub message: String,
    /// The parameters that may be kept, or a server's event. At most 2,048 characters.
    pub query: String,
    /// The page it was on, at most 1,024 characters.
    pub referer: Option<String>,
    /// The address, shortened as the privacy setting says.
    pub ip: Option<String>,
}
