//! Publishers: shared by all advertisers.

use super::Entity;
use super::record::entity;
use super::rules;
use crate::domain::{Publisher, PublisherId, fields};
use crate::store::{StoreError, Tx};

entity! {
    Publisher {
        id: PublisherId,
        what: "publisher",
        table: "publishers",
        fields: fields::PUBLISHER,
        scope: "? IS NOT NULL",
        advertiser: |_| None,
        code: |publisher| publisher.code.as_deref(),
        columns: [code, name, state],
    }
}

impl Entity for Publisher {
    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT 'tracker ' || id || ' (' || name || ')' FROM trackers WHERE publisher_id = ?1
            UNION ALL SELECT 'source ' || id || ' (' || name || ')' FROM sources WHERE publisher_id = ?1";
        match rules::users_of(tx.conn, sql, self.id.0)? {
            None => Ok(Vec::new()),
            Some(users) => Err(StoreError::Integrity(format!(
                "publisher {} is used by {users}; delete or move them first",
                self.id
            ))),
        }
    }
}
