//! The last change of an object, for the facts on its page.

use crate::admin::shell::session::Session;
use crate::admin::text::author;
use crate::admin::text::format::Moment;
use crate::domain::Millis;
use crate::store::{Listed, Store, StoreError};

pub struct LastChange {
    pub at: Moment,
    /// The name of the user or token; empty if unknown.
    pub by: String,
    /// What the audit log calls such objects; empty for users who may not read the log.
    pub kind: &'static str,
}

impl LastChange {
    /// `kind` is what the audit log calls such objects.
    ///
    /// # Errors
    /// Database trouble.
    pub async fn load<E: Listed>(
        store: &Store,
        session: &Session,
        id: i64,
        at: Millis,
        kind: &'static str,
    ) -> Result<Self, StoreError> {
        Ok(LastChange {
            at: Moment::new(at, session.now),
            by: author::words(&store.last_changed_by::<E>(session.reader(), id).await?.unwrap_or_default()).to_owned(),
            kind: if session.admin().is_ok() { kind } else { "" },
        })
    }
}
