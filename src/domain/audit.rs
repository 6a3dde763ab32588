//! The audit log's vocabulary: who changed what, and what it was before and after. How a change is noticed is the
//! store's matter.

use super::{Millis, TokenId, UserId, words::words};

words! {
    /// What was done.
    AuditAction {
        /// It was made.
        Created = "created",
        /// It was changed.
        Changed = "changed",
        /// It was deleted; a token, revoked.
        Deleted = "deleted",
        /// A user's password was set; neither it nor its hash is ever noted.
        PasswordSet = "password_set",
    }
}

words! {
    /// What it was done to.
    AuditObject {
        /// The member.
        Member = "member",
        /// A user.
        User = "user",
        /// A long-lived API token.
        Token = "token",
        /// An advertiser.
        Advertiser = "advertiser",
        /// A publisher.
        Publisher = "publisher",
        /// A line item.
        LineItem = "line-item",
        /// A campaign.
        Campaign = "campaign",
        /// A pixel.
        Pixel = "pixel",
        /// A tracker of either kind.
        Tracker = "tracker",
        /// A segment.
        Segment = "segment",
        /// A saved report.
        SavedReport = "saved-report",
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number: later changes have higher ones.
    pub id: i64,
    /// When it was done.
    pub created_on: Millis,
    /// Who did it; none for a long-lived token and the shell.
    pub user_id: Option<UserId>,
    /// The long-lived token that did it; none for users and the shell.
    pub token_id: Option<TokenId>,
    /// The user's or token's name as it was then; `shell` for commands run from the shell.
    pub user_name: String,
    /// What was done.
    pub action: AuditAction,
    /// To what.
    pub object_type: AuditObject,
    /// To which.
    pub object_id: i64,
    /// Its name, as it was then.
    pub object_name: String,
    /// The stored columns and their values as a JSON object (times in milliseconds, money in millionths); none where
    /// there was nothing before.
    pub before: Option<String>,
    /// The same after; none where nothing is left.
    pub after: Option<String>,
}
