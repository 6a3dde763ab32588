//! The campaigns that arrivals bring: a source may ask for one for each code that it sees for the first time.

use rusqlite::params;

use crate::domain::{AdvertiserId, Caller, Campaign, LineItemId};
use crate::store::definitions::insert;
use crate::store::{Store, StoreError};

/// The most campaigns of a line item. A stranger can make up as many codes.
const MOST_OF_LINE_ITEM: u32 = 500;
/// The longest code, in characters. An arrival may bring a longer value, which then names no campaign.
const LONGEST_CODE: usize = 100;

impl Store {
    /// Creates the campaign that a code of an arrival names, unless the advertiser has one of this code, or the line item
    /// has 500 campaigns. The judge finds it from its place in the log on.
    ///
    /// # Errors
    /// Database faults.
    pub async fn make_campaign(
        &self,
        advertiser: AdvertiserId,
        line_item: LineItemId,
        code: String,
    ) -> Result<(), StoreError> {
        let fits = (1..=LONGEST_CODE).contains(&code.chars().count());
        if !fits || !self.has_room_for(advertiser, line_item, code.clone()).await? {
            return Ok(());
        }
        self.write(move |tx| {
            let who = Caller { name: "site tag".to_owned(), ..Caller::shell() };
            let campaign = Campaign::new(advertiser, line_item, code.clone());
            match insert(tx, &who, Campaign { code: Some(code), ..campaign }) {
                // Another arrival was faster, or a code is no good name.
                Ok(_) | Err(StoreError::Invalid(_) | StoreError::Integrity(_)) => Ok(()),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn has_room_for(
        &self,
        advertiser: AdvertiserId,
        line_item: LineItemId,
        code: String,
    ) -> Result<bool, StoreError> {
        self.look_up(move |conn| {
            let sql = "SELECT NOT EXISTS (SELECT 1 FROM campaigns WHERE advertiser_id = ?1 AND code = ?2)
                AND (SELECT count(*) FROM campaigns WHERE line_item_id = ?3) < ?4";
            let values = params![advertiser, code, line_item, MOST_OF_LINE_ITEM];
            Ok(conn.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
        })
        .await
    }
}
