//! The rows of the log: what visitors' browsers sent, as typed values. Nothing in them is ever changed.

use super::{
    CampaignId, Currency, LineItemId, Micros, Millis, PixelId, PublisherId, SegmentOp, Seq, TrackerId, VisitorId,
    words::words,
};

words! {
    /// Whether an exposure is an ad view or an ad click.
    ExposureKind {
        /// An ad view.
        Impression = "impression",
        /// An ad click.
        Click = "click",
    }
}

words! {
    /// What a row of the log tells of.
    LogKind {
        /// A pixel loaded.
        Fire = "fire",
        /// An ad was seen.
        Impression = "impression",
        /// An ad was clicked.
        Click = "click",
        /// The segment pixel loaded.
        SegmentLoad = "segment_load",
        /// An advertiser corrected earlier conversions.
        Adjustment = "adjustment",
        /// A request could not be taken.
        Rejected = "rejected",
    }
}

impl LogKind {
    /// Which exposures it means; none where it means no exposures.
    pub fn exposure(self) -> Option<ExposureKind> {
        match self {
            LogKind::Impression => Some(ExposureKind::Impression),
            LogKind::Click => Some(ExposureKind::Click),
            LogKind::Fire | LogKind::SegmentLoad | LogKind::Adjustment | LogKind::Rejected => None,
        }
    }
}

words! {
    /// What a tag on a page is: it says what the browser expects for an answer.
    TagForm {
        /// An image, `t=2` or none.
        Image = "image",
        /// A script, `t=1`.
        Script = "script",
    }
}

words! {
    /// By which way a row came.
    TagKind {
        /// An image, `t=2` or none.
        Image = "image",
        /// A script, `t=1`.
        Script = "script",
        /// A page's script sent it (`POST`, `navigator.sendBeacon`).
        Beacon = "beacon",
        /// The advertiser's server sent it, `/conversions`.
        Server = "server",
        /// The advertiser's server sent it with a token, `/sspx`.
        Postback = "postback",
        /// A tag with one of Invoca's addresses.
        Invoca = "invoca",
        /// A line of a file, `pixeld import`.
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

/// What is known of a request that decides whether it may count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `test=1`: shown in the debugger, kept out of every count.
    pub test: bool,
    /// A known bot's user agent.
    pub bot: bool,
    /// A browser fetched it in advance of a visit that may never come.
    pub prefetch: bool,
    /// The request brought no visitor cookie, so it was given one.
    pub new_visitor: bool,
}

impl Flags {
    /// Whether a person did it, and for real: else it counts for nothing, and what would follow from it does not.
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

/// A parameter that broke its rule: the fire counts, the parameter is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The parameter's name.
    pub parameter: String,
    /// The text as it came, at most 200 characters of it.
    pub raw: String,
    /// The rule it broke: a stable name such as `not_a_plain_decimal`.
    pub rule: String,
}

/// One request that loaded a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fire {
    /// Its place in the log; 0 until it is logged.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// When it arrived here; the same, but for late server events and imports.
    pub received: Millis,
    /// Which pixel.
    pub pixel_id: PixelId,
    /// Whose browser; none when opted out or without consent.
    pub visitor_id: Option<VisitorId>,
    /// What decides whether it may count.
    pub flags: Flags,
    /// By which tag it came.
    pub tag: TagKind,
    /// At most 36 characters.
    pub order_id: Option<String>,
    /// The dynamic value.
    pub value: Option<Micros>,
    /// The value's currency; the advertiser's where the tag named none.
    pub currency: Option<Currency>,
    /// At most 20 characters.
    pub other: Option<String>,
    /// At most 64 characters: the same event sent twice counts once.
    pub event_id: Option<String>,
    /// An exposure named by a token, in place of the visitor's own.
    pub exposure: Option<Seq>,
    /// What most fires do not carry.
    pub details: FireDetails,
    /// Parameters that broke their rule.
    pub warnings: Vec<Warning>,
    /// The query string as it came; of a `POST`, with the body's parameters, at most 8,192 characters.
    pub query: String,
    /// The page it was on (`Referer`), at most 1,024 characters.
    pub referer: Option<String>,
    /// At most 512 characters.
    pub user_agent: Option<String>,
    /// The address, cut short as the privacy setting says.
    pub ip: Option<String>,
}

/// What most fires do not carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FireDetails {
    /// What the request does with segments, in its order.
    pub segments: Vec<SegmentOp>,
    /// The products, at most 100 of at most 100 characters.
    pub content_ids: Vec<String>,
    /// How many items were bought.
    pub num_items: Option<u32>,
    /// Why, in the advertiser's words; at most 64 characters.
    pub reason_code: Option<String>,
    /// The advertiser's name for this conversion, by which a later request may name it; at most 64 characters.
    pub reference_id: Option<String>,
    /// The earlier conversion, by its `reference_id`, that this one updates; at most 64 characters. The judge follows it,
    /// since only the log's order tells what is earlier.
    pub parent_reference_id: Option<String>,
    /// The consent signals as they came: `gdpr=1&gdpr_consent=...&us_privacy=...&gpp=...`, those that did.
    pub consent: Option<String>,
    /// The SHA-256 of an e-mail address, as 64 lower-case hexadecimal digits.
    pub hashed_email: Option<String>,
}

/// One request that loaded the segment pixel, `/seg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentLoad {
    /// Its place in the log; 0 until it is logged.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// Whose browser; none when opted out or without consent.
    pub visitor_id: Option<VisitorId>,
    /// What decides whether it may count.
    pub flags: Flags,
    /// By which tag it came.
    pub tag: TagKind,
    /// What it does with segments, in its order.
    pub segments: Vec<SegmentOp>,
    /// Parameters that broke their rule.
    pub warnings: Vec<Warning>,
    /// The query string as it came; of a `POST`, with the body's parameters, at most 8,192 characters.
    pub query: String,
    /// The page it was on (`Referer`), at most 1,024 characters.
    pub referer: Option<String>,
    /// At most 512 characters.
    pub user_agent: Option<String>,
    /// The address, cut short as the privacy setting says.
    pub ip: Option<String>,
}

/// One recorded ad view or ad click by a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Its place in the log; 0 until it is logged.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// View or click.
    pub kind: ExposureKind,
    /// The tracker that reported it.
    pub tracker_id: TrackerId,
    /// The line item it may earn credit for.
    pub line_item_id: LineItemId,
    /// Where the ad ran.
    pub publisher_id: PublisherId,
    /// The campaign, where the tag named one.
    pub campaign_id: Option<CampaignId>,
    /// The creative, where the tag named one.
    pub creative_id: Option<i64>,
    /// Whose browser; none when opted out or without consent.
    pub visitor_id: Option<VisitorId>,
    /// What decides whether it may count.
    pub flags: Flags,
    /// The media cost, where the tag named one.
    pub ancost: Option<Micros>,
    /// For a click: the impression that was clicked, where its token came with the click.
    pub impression: Option<(Seq, Millis)>,
    /// Parameters that broke their rule.
    pub warnings: Vec<Warning>,
    /// The query string as it came.
    pub query: String,
    /// The page it was on (`Referer`), at most 1,024 characters.
    pub referer: Option<String>,
    /// At most 512 characters.
    pub user_agent: Option<String>,
    /// The address, cut short as the privacy setting says.
    pub ip: Option<String>,
}

/// A tracking request that could not be taken as a fire or exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// When it arrived.
    pub at: Millis,
    /// By which method; empty of one that an earlier program kept.
    pub method: String,
    /// The path asked for.
    pub path: String,
    /// A stable name: `unknown_pixel`, `bad_id`, ...
    pub reason: String,
    /// What its sender was told beside that: the field that is wrong, and how. Mostly empty; at most 512 characters.
    pub told: String,
    /// The query string as it came, with the parameters of a page's script, or the body of a server's; at most 2,048
    /// characters.
    pub query: String,
    /// The page it was on, at most 1,024 characters.
    pub referer: Option<String>,
    /// The address, cut short as the privacy setting says.
    pub ip: Option<String>,
}
