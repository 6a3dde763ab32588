//! Conversion pixels, the versions of their rules for conversions, and where pixels are used.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::record::entity;
use super::{Entity, change, insert};
use super::{piggybacks, rules};
use crate::domain::{
    Advertiser, AdvertiserId, Caller, CampaignId, Currency, LineItemId, Pixel, PixelId, Reader, Scope, Status,
    TriggerType, fields,
};
use crate::store::catalog::Change;
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::db::id_list::IdList;
use crate::store::db::list::{all, find};
use crate::store::{Store, StoreError, Tx};

entity! {
    Pixel {
        id: PixelId,
        what: "pixel",
        table: "pixels",
        fields: fields::PIXEL,
        advertiser: |pixel| Some(pixel.advertiser_id),
        code: |pixel| pixel.code.as_deref(),
        list: Pixel::list_length,
        columns: [
            advertiser_id, code, name, state, trigger_type, min_minutes_per_conv, post_click_expire_mins,
            post_view_expire_mins, post_click_value, post_view_value, max_value,
            pixel_conversion_event = "pixel_conversion_event_id", count_each_order_once,
        ],
        parts: [piggyback_pixels = piggybacks::of_pixels],
    }
}

impl Entity for Pixel {
    fn fits(&self, tx: &Tx<'_>, _: Scope) -> Result<(), StoreError> {
        rules::advertiser_exists(tx.conn, self.advertiser_id)
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        if before.is_none_or(|before| before.piggyback_pixels != self.piggyback_pixels) {
            piggybacks::set_of_pixel(tx.conn, self.id, &self.piggyback_pixels)?;
        }
        if before.is_none_or(|before| !columns::same(&decisive(before), &decisive(self))) {
            add_version(tx, self, false)?;
        }
        tx.changed(Change::Pixel(self.id, Some(Arc::new(self.clone()))));
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT l.id || ' (' || l.name || ')' FROM line_item_pixels p JOIN line_items l ON l.id = p.line_item_id
            WHERE p.pixel_id = ?1 ORDER BY l.id";
        if let Some(users) = rules::users_of(tx.conn, sql, self.id.0)? {
            return Err(StoreError::Integrity(format!(
                "pixel {} is used by line item {users}; remove it from there first",
                self.id
            )));
        }
        remove(tx, self)?;
        Ok(Vec::new())
    }
}

impl Store {
    /// The advertiser's default pixel. If the advertiser has none, this creates one named "Invoca conversions". It needs no
    /// caller, since a tag may request it first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown advertiser.
    pub async fn default_pixel(&self, advertiser: AdvertiserId) -> Result<PixelId, StoreError> {
        self.write(move |tx| {
            let owner: Advertiser = find(tx.conn, Scope::All, advertiser.0)?;
            if let Some(pixel) = owner.default_pixel_id {
                return Ok(pixel);
            }
            let mut pixel = Pixel::new(advertiser, DEFAULT_PIXEL);
            // Every sale that Invoca reports counts, whether a click or an impression led to it.
            (pixel.trigger_type, pixel.min_minutes_per_conv) = (TriggerType::Hybrid, Some(0));
            let who = Caller::tag();
            let pixel = insert(tx, &who, pixel)?.id;
            change(tx, &who, advertiser.0, |owner: &mut Advertiser| {
                owner.default_pixel_id = Some(pixel);
                Ok(())
            })?;
            Ok(pixel)
        })
        .await
    }
}

const DEFAULT_PIXEL: &str = "Invoca conversions";

/// Ends the version of a pixel that is deleted, and removes it from the catalog and from its advertiser.
pub(in crate::store) fn remove(tx: &mut Tx<'_>, pixel: &Pixel) -> Result<(), StoreError> {
    add_version(tx, pixel, true)?;
    tx.conn.execute("UPDATE advertisers SET default_pixel_id = NULL WHERE default_pixel_id = ?1", [pixel.id])?;
    tx.changed(Change::Pixel(pixel.id, None));
    Ok(())
}

/// The columns that decide outcomes. A change of one of them begins a new version.
fn decisive(pixel: &Pixel) -> [Column<'_>; 9] {
    [
        ("state", &pixel.state),
        ("trigger_type", &pixel.trigger_type),
        ("min_minutes_per_conv", &pixel.min_minutes_per_conv),
        ("post_click_expire_mins", &pixel.post_click_expire_mins),
        ("post_view_expire_mins", &pixel.post_view_expire_mins),
        ("count_each_order_once", &pixel.count_each_order_once),
        ("post_click_value", &pixel.post_click_value),
        ("post_view_value", &pixel.post_view_value),
        ("max_value", &pixel.max_value),
    ]
}

fn add_version(tx: &mut Tx<'_>, pixel: &Pixel, deleted: bool) -> Result<(), StoreError> {
    let seq = tx.next_seq();
    let currency: Option<Currency> = match pixel.max_value {
        Some(_) => {
            let sql = "SELECT default_currency FROM advertisers WHERE id = ?1";
            Some(tx.conn.prepare_cached(sql)?.query_row([pixel.advertiser_id], |row| row.get(0))?)
        }
        None => None,
    };
    let mut row: Vec<Column<'_>> = vec![
        ("seq", &seq),
        ("at", &tx.now),
        ("pixel_id", &pixel.id),
        ("advertiser_id", &pixel.advertiser_id),
        ("deleted", &deleted),
        ("max_value_currency", &currency),
    ];
    row.extend(decisive(pixel));
    columns::insert(tx.conn, "pixel_versions", &row)?;
    Ok(())
}

/// Writes new versions for the pixels whose largest believable value is in the currency of this advertiser, which has
/// changed.
pub(in crate::store) fn currency_changed(tx: &mut Tx<'_>, advertiser: AdvertiserId) -> Result<(), StoreError> {
    let pixels: Vec<Pixel> = all(tx.conn, "advertiser_id = ?1 AND max_value IS NOT NULL", [advertiser])?;
    pixels.iter().try_for_each(|pixel| add_version(tx, pixel, false))
}

/// The line items and campaigns that use a pixel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PixelLinks {
    /// Id, name and state of the line item, and the pixel's state on it.
    pub line_items: Vec<(LineItemId, String, Status, Status)>,
    /// The campaigns of these line items.
    pub campaigns: Vec<CampaignId>,
}

impl PixelLinks {
    /// Whether the pixel is active on an active line item. Otherwise it is *paused*.
    pub fn is_running(&self) -> bool {
        self.line_items.iter().any(|(.., line_item, entry)| *line_item == Status::Active && *entry == Status::Active)
    }
}

impl Store {
    /// The line items and campaigns that use these pixels. A pixel that the caller may not see counts as unused.
    pub async fn pixel_links(
        &self,
        by: &Reader,
        ids: Vec<PixelId>,
    ) -> Result<HashMap<PixelId, PixelLinks>, StoreError> {
        let own = by.scope().advertiser();
        self.look_up(move |conn| links(conn, own, ids)).await
    }
}

fn links(
    conn: &Connection,
    own: Option<AdvertiserId>,
    ids: Vec<PixelId>,
) -> Result<HashMap<PixelId, PixelLinks>, StoreError> {
    let list = IdList::of(ids.iter().map(|id| id.0));
    let mut links: HashMap<_, _> = ids.into_iter().map(|id| (id, PixelLinks::default())).collect();
    let sql = "SELECT p.pixel_id, l.id, l.name, l.state, p.state AS entry
        FROM line_item_pixels p JOIN line_items l ON l.id = p.line_item_id
        WHERE p.pixel_id IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR l.advertiser_id = ?2)
        ORDER BY l.id";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![list, own])?;
    while let Some(row) = rows.next()? {
        let line_item = (row.get("id")?, row.get("name")?, row.get("state")?, row.get("entry")?);
        links.entry(row.get("pixel_id")?).or_default().line_items.push(line_item);
    }
    let sql = "SELECT p.pixel_id, c.id FROM line_item_pixels p JOIN campaigns c ON c.line_item_id = p.line_item_id
        WHERE p.pixel_id IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR c.advertiser_id = ?2)
        ORDER BY c.id";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![list, own])?;
    while let Some(row) = rows.next()? {
        links.entry(row.get("pixel_id")?).or_default().campaigns.push(row.get("id")?);
    }
    Ok(links)
}
