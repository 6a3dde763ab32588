//! Identifiers as types, so that a line item's number can never be passed where a pixel's is wanted.

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
    /// An advertiser: the brand whose site carries the pixels.
    AdvertiserId,
    /// A line item: which pixels count, and what a conversion is worth.
    LineItemId,
    /// A campaign: a child of a line item.
    CampaignId,
    /// A publisher: where ads ran.
    PublisherId,
    /// An impression or click tracker; both kinds share one numbering.
    TrackerId,
    /// A conversion pixel.
    PixelId,
    /// A segment: a named group of visitors.
    SegmentId,
    /// A user: a person or script that signs in. Never a site visitor.
    UserId,
    /// The organisation that runs this installation.
    MemberId,
    /// A saved report's number (the runs of reports have no such numbers).
    SavedReportId,
    /// An API token's number (never the token itself).
    TokenId,
    /// A place in the log. One sequence numbers fires, exposures and changes of definitions alike, so
    /// "logged before" is `<` on `Seq`.
    Seq,
}

impl PublisherId {
    /// Of an imported exposure that does not say where the ad ran.
    pub const NONE: PublisherId = PublisherId(0);
}

impl TrackerId {
    /// Of an imported exposure, which no tracker need have reported.
    pub const NONE: TrackerId = TrackerId(0);
}

/// Why a text is no id.
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

/// A visitor: the browser or device that sees ads and converts. A random 63-bit number, written in hexadecimal in
/// the `pxid` cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitorId(pub i64);

impl VisitorId {
    /// Makes an id of 63 random bits; zero is left out so that it can never look like a default.
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
    /// As every other id.
    pub fn from_digits(text: &str) -> Result<Self, BadId> {
        parse_id(text).map(VisitorId)
    }
}

/// Why a text is no visitor's number.
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
