//! Campaigns: each belongs to a line item of its advertiser. The versions of their codes let the judge find the campaign of
//! an arrival.

use super::Entity;
use super::record::entity;
use super::rules::{advertiser_exists, own_line_item, users_of};
use crate::domain::{Campaign, CampaignId, Scope, fields};
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::{StoreError, Tx};

entity! {
    Campaign {
        id: CampaignId,
        what: "campaign",
        table: "campaigns",
        fields: fields::CAMPAIGN,
        advertiser: |campaign| Some(campaign.advertiser_id),
        code: |campaign| campaign.code.as_deref(),
        columns: [code, name, advertiser_id, line_item_id, state],
    }
}

const USED_BY: &str = "SELECT 'source ' || id || ' (' || name || ')' FROM sources WHERE campaign_id = ?1";

impl Entity for Campaign {
    fn fits(&self, tx: &Tx<'_>, scope: Scope) -> Result<(), StoreError> {
        advertiser_exists(tx.conn, self.advertiser_id)?;
        own_line_item(tx.conn, scope, self.line_item_id, self.advertiser_id)?;
        let moved = "SELECT 1 FROM campaigns WHERE id = ?1 AND line_item_id <> ?2";
        if tx.conn.prepare_cached(moved)?.exists((self.id, self.line_item_id))?
            && let Some(users) = users_of(tx.conn, USED_BY, self.id.0)?
        {
            return Err(StoreError::Integrity(format!(
                "line_item_id cannot change while campaign {} is used by {users}; change them first",
                self.id
            )));
        }
        Ok(())
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        let (had, has) = (before.and_then(|before| before.code.as_ref()), self.code.as_ref());
        let moved = before.is_some_and(|before| before.line_item_id != self.line_item_id);
        if had != has || (moved && has.is_some()) {
            add_version(tx, self, false)?;
        }
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        if let Some(users) = users_of(tx.conn, USED_BY, self.id.0)? {
            let id = self.id;
            return Err(StoreError::Integrity(format!("campaign {id} is used by {users}; delete or move them first")));
        }
        if self.code.is_some() {
            add_version(tx, self, true)?;
        }
        Ok(Vec::new())
    }
}

/// Writes a version of a campaign's code. One that never had a code has none.
fn add_version(tx: &mut Tx<'_>, campaign: &Campaign, deleted: bool) -> Result<(), StoreError> {
    let seq = tx.next_seq();
    let row: [Column<'_>; 7] = [
        ("seq", &seq),
        ("at", &tx.now),
        ("campaign_id", &campaign.id),
        ("advertiser_id", &campaign.advertiser_id),
        ("line_item_id", &campaign.line_item_id),
        ("code", &campaign.code),
        ("deleted", &deleted),
    ];
    columns::insert(tx.conn, "campaign_versions", &row)?;
    Ok(())
}
