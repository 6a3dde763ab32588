//! Identifiers as types: the compiler rejects a line item's id where a pixel's is expected.

use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            /// Takes plain decimal digits, 1 to 9223372036854775807; no sign, no blanks.
            fn from_str(text: &str) -> Result<Self, BadId> {
                parse_id(text).map($name)
            }
        }
    )+};
}

id! {
    AdvertiserId,
    LineItemId,
    CampaignId,
    PublisherId,
    /// Impression and click trackers share one numbering.
    TrackerId,
    PixelId,
    SegmentId,
    SourceId,
    /// A person or script that signs in, never a site visitor.
    UserId,
    MemberId,
    /// A saved report. Report runs are named by random texts instead.
    SavedReportId,
    /// A figure of costs.
    CostId,
    /// One import, one request or one form that brought costs.
    CostRunId,
    /// An API token's number, not its secret.
    TokenId,
    /// A session's number, not its secret.
    SessionId,
    /// A row's number in the log. One sequence numbers fires, exposures, segment loads, adjustments and versions of
    /// definitions, so "logged before" is `<`.
    Seq,
}

impl Seq {
    /// Before the first row of the log. The derived tables store it as the version of a pixel that never was.
    pub const START: Seq = Seq(0);
}

impl AdvertiserId {
    /// Stored with the conversions of a pixel that never was. Only users who see all advertisers see those.
    pub const UNKNOWN: AdvertiserId = AdvertiserId(0);
}

impl PublisherId {
    /// Stored with an arrival, and with an imported exposure that does not say where the ad ran.
    pub const NONE: PublisherId = PublisherId(0);

    /// The publisher, if there is one.
    pub fn known(self) -> Option<Self> {
        Some(self).filter(|id| *id != Self::NONE)
    }
}

impl LineItemId {
    /// Stored with an arrival: the judge decides which line item gets it.
    pub const NONE: LineItemId = LineItemId(0);
}

impl TrackerId {
    /// Stored with an exposure that no tracker reported: an arrival, or an imported one.
    pub const NONE: TrackerId = TrackerId(0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a whole number from 1 to 9223372036854775807")]
pub struct BadId;

fn parse_id(text: &str) -> Result<i64, BadId> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BadId);
    }
    match text.parse() {
        Ok(id) if id > 0 => Ok(id),
        _ => Err(BadId),
    }
}

/// A visitor: the browser or device that sees ads and converts. The id is a random 63-bit number; the cookie `pxid`
/// holds it in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitorId(pub i64);

impl VisitorId {
    /// Makes an id from 63 random bits. It is never zero, so it cannot look like a default.
    pub fn from_random(bits: u64) -> Self {
        let positive = i64::try_from(bits >> 1).unwrap_or(i64::MAX);
        VisitorId(positive.max(1))
    }

    /// Reads a cookie's value: 1 to 16 hexadecimal digits naming a number from 1 to 2^63-1.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        match i64::from_str_radix(text, 16) {
            Ok(id) if id > 0 => Some(VisitorId(id)),
            _ => None,
        }
    }

    /// Reads the published `user_id`: the same number in plain decimal digits.
    ///
    /// # Errors
    /// The text is not a whole number from 1 up.
    pub fn from_digits(text: &str) -> Result<Self, BadId> {
        parse_id(text).map(VisitorId)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 1 to 7fffffffffffffff in hexadecimal digits, as in the cookie pxid")]
pub struct BadVisitorId;

impl FromStr for VisitorId {
    type Err = BadVisitorId;

    fn from_str(text: &str) -> Result<Self, BadVisitorId> {
        VisitorId::from_hex(text).ok_or(BadVisitorId)
    }
}

impl fmt::Display for VisitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_positive_decimals() {
        assert_eq!("8371".parse(), Ok(PixelId(8371)));
        for bad in ["", "0", "-1", "+1", " 1", "1.0", "0x1", "9223372036854775808", "١"] {
            assert_eq!(bad.parse::<PixelId>(), Err(BadId), "{bad:?}");
        }
    }

    #[test]
    fn visitor_ids_survive_the_cookie() {
        for bits in [0, 1, 2, u64::MAX, 0x1234_5678_9abc_def0] {
            let id = VisitorId::from_random(bits);
            assert!(id.0 > 0);
            assert_eq!((id.to_string().parse(), VisitorId::from_digits(&id.0.to_string())), (Ok(id), Ok(id)));
        }
        for bad in ["", "0", "optout", "ffffffffffffffff", "12345678901234567", "-1"] {
            assert_eq!(VisitorId::from_hex(bad), None, "{bad:?}");
        }
    }
}
