//! Entries of the audit log: a change of an object, its user or token, and the object before and after.

use crate::domain::values::words::words;
use crate::domain::{Millis, TokenId, UserId};

words! {
    /// The kind of a change.
    AuditAction {
        Created = "created",
        Changed = "changed",
        /// Or revoked, for a token.
        Deleted = "deleted",
        /// The entry holds neither the password nor its hash.
        PasswordSet = "password_set",
        /// Of a user. The user ended it, or an admin.
        SessionEnded = "session_ended",
    }
}

words! {
    /// The kind of the changed object.
    AuditObject {
        Member = "member",
        User = "user",
        Token = "token",
        Advertiser = "advertiser",
        Publisher = "publisher",
        LineItem = "line-item",
        Campaign = "campaign",
        Pixel = "pixel",
        /// Of either kind.
        Tracker = "tracker",
        Segment = "segment",
        Source = "source",
        SavedReport = "saved-report",
        /// One figure.
        Cost = "cost",
        /// All figures of one import, request or form.
        CostRun = "cost-run",
        /// Those of the server, all as one.
        Settings = "settings",
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Later changes have higher ids.
    pub id: i64,
    pub created_on: Millis,
    /// None for a long-lived token and the command line.
    pub user_id: Option<UserId>,
    /// The long-lived token; none for a user and the command line.
    pub token_id: Option<TokenId>,
    /// The name of the user or token at that time; `shell` for the command line.
    pub user_name: String,
    pub action: AuditAction,
    pub object_type: AuditObject,
    pub object_id: i64,
    /// At that time.
    pub object_name: String,
    /// The stored columns as a JSON object, with times in milliseconds and money in millionths. None for a new object.
    pub before: Option<String>,
    /// The same after the change. None for a deleted object.
    pub after: Option<String>,
}
