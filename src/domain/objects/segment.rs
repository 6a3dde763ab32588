//! Segments: named groups of visitors whose memberships expire. A tracking request adds its visitor or removes it.

use std::fmt;
use std::str::FromStr;

use super::piggyback;
use crate::domain::{
    AdvertiserId, BadId, Checks, FieldError, ListLength, Millis, Piggyback, SegmentId, Seq, Status, VisitorId,
};

/// How long a membership lasts if the segment does not say, in minutes: 180 days.
pub const MEMBERSHIP_MINS: u32 = 180 * 1440;

/// A segment. Its fields have the published API's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub id: SegmentId,
    /// At most 50 letters, digits, `_` and `-`, unique regardless of case.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub short_name: String,
    /// At most 500 characters.
    pub description: Option<String>,
    /// Whether it takes new members.
    pub state: Status,
    /// None: all advertisers share it.
    pub advertiser_id: Option<AdvertiserId>,
    /// How long a membership lasts, in minutes. None: 180 days. 0: it is not kept.
    pub expire_minutes: Option<u32>,
    pub piggyback_pixels: Vec<Piggyback>,
    /// It has no effect here. Clients send it and read it back.
    pub max_usersync_pixels: Option<u32>,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl Segment {
    /// A segment that all advertisers share.
    pub fn new(short_name: impl Into<String>) -> Self {
        Segment {
            id: SegmentId(0),
            code: None,
            short_name: short_name.into(),
            description: None,
            state: Status::Active,
            advertiser_id: None,
            expire_minutes: None,
            piggyback_pixels: Vec::new(),
            max_usersync_pixels: None,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// Whether only a script tag can carry its piggybacks.
    pub fn needs_script_tag(&self) -> bool {
        piggyback::needs_script_tag(&self.piggyback_pixels)
    }

    /// How many piggybacks it has.
    pub fn list_length(&self) -> ListLength {
        piggyback::list_length(&self.piggyback_pixels)
    }

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("short_name", &self.short_name, 255);
        checks.text("description", self.description.as_deref().unwrap_or(""), 500);
        checks.code(self.code.as_deref(), 50);
        let plain = |code: &str| code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        checks.require(self.code.as_deref().is_none_or(plain), "code", || {
            format!("may hold only letters, digits, _ and -, and is {:?}", self.code.as_deref().unwrap_or(""))
        });
        piggyback::check(&mut checks, &self.piggyback_pixels);
        checks.done()
    }
}

/// One visitor in one segment, by the request that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    pub segment_id: SegmentId,
    pub visitor_id: VisitorId,
    /// The log row that decides: among the rows that added the visitor, the one whose membership lasts longest.
    pub seq: Seq,
    /// From the tag.
    pub value: Option<i32>,
    /// The time of that row.
    pub added_at: Millis,
    /// The visitor is a member until just before this moment.
    pub expires_at: Millis,
}

/// A tracking request's change of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentOp {
    pub segment_id: SegmentId,
    pub action: SegmentAction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentAction {
    /// The visitor becomes a member, or its membership begins again.
    Add {
        /// 0 to 2147483647.
        value: Option<i32>,
    },
    Remove,
}

/// The form in the log: `12192`, with a value `12304:5`, to remove `-23145`.
impl fmt::Display for SegmentOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            SegmentAction::Add { value: None } => write!(f, "{}", self.segment_id),
            SegmentAction::Add { value: Some(value) } => write!(f, "{}:{value}", self.segment_id),
            SegmentAction::Remove => write!(f, "-{}", self.segment_id),
        }
    }
}

impl FromStr for SegmentOp {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let (id, action) = match (text.strip_prefix('-'), text.split_once(':')) {
            (Some(id), _) => (id, SegmentAction::Remove),
            (None, Some((id, value))) => {
                let value = value.parse().ok().filter(|value| *value >= 0);
                (id, SegmentAction::Add { value: Some(value.ok_or(BadId)?) })
            }
            (None, None) => (text, SegmentAction::Add { value: None }),
        };
        Ok(SegmentOp { segment_id: id.parse()?, action })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_read_back_as_written() {
        for text in ["12192", "12304:0", "12304:2147483647", "-23145"] {
            assert_eq!(text.parse::<SegmentOp>().map(|op| op.to_string()), Ok(text.to_owned()));
        }
        for bad in ["", "0", "-", "--1", "-1:2", "1:", "1:-1", "1:2147483648", "1:2:3", "a", " 1"] {
            assert_eq!(bad.parse::<SegmentOp>(), Err(BadId), "{bad:?}");
        }
    }
}
