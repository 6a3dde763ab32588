//! Campaigns: each belongs to a line item of its advertiser.

use super::Entity;
use super::record::entity;
use super::rules::{advertiser_exists, own_line_item};
use crate::domain::{Campaign, CampaignId, Scope, fields};
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

impl Entity for Campaign {
    fn fits(&self, tx: &Tx<'_>, scope: Scope) -> Result<(), StoreError> {
        advertiser_exists(tx.conn, self.advertiser_id)?;
        own_line_item(tx.conn, scope, self.line_item_id, self.advertiser_id)
    }
}
