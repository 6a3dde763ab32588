//! Line items with their pixels, and the versions of their rules for conversions.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::Entity;
use super::record::entity;
use super::rules;
use crate::domain::{
    AdvertiserId, Currency, LineItem, LineItemId, LineItemPixel, MAX_PIXELS_PER_LINE_ITEM, Scope, fields,
};
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::db::id_list::{IdList, rows_by_id};
use crate::store::db::list::all;
use crate::store::{StoreError, Tx};

entity! {
    LineItem {
        id: LineItemId,
        what: "line item",
        table: "line_items",
        fields: fields::LINE_ITEM,
        advertiser: |line_item| Some(line_item.advertiser_id),
        code: |line_item| line_item.code.as_deref(),
        columns: [
            advertiser_id, code, name, state, start_date, end_date, revenue_type, revenue_value, currency,
        ],
        parts: [pixels = pixels_of],
    }
}

/// The pixels of these line items, in order.
fn pixels_of(conn: &Connection, ids: &IdList) -> rusqlite::Result<HashMap<i64, Vec<LineItemPixel>>> {
    let sql = "SELECT line_item_id, pixel_id, state, post_click_revenue, post_view_revenue FROM line_item_pixels
        WHERE line_item_id IN (SELECT value FROM json_each(?1)) ORDER BY line_item_id, place";
    rows_by_id(conn, sql, ids, |row| {
        let entry = LineItemPixel {
            pixel_id: row.get("pixel_id")?,
            state: row.get("state")?,
            post_click_revenue: row.get("post_click_revenue")?,
            post_view_revenue: row.get("post_view_revenue")?,
        };
        Ok((row.get("line_item_id")?, entry))
    })
}

impl Entity for LineItem {
    fn fits(&self, tx: &Tx<'_>, scope: Scope) -> Result<(), StoreError> {
        rules::advertiser_exists(tx.conn, self.advertiser_id)?;
        if self.pixels.len() > MAX_PIXELS_PER_LINE_ITEM {
            return Err(StoreError::Limit(format!(
                "pixels may hold at most {MAX_PIXELS_PER_LINE_ITEM} pixels per line item, and holds {}",
                self.pixels.len()
            )));
        }
        for (place, entry) in self.pixels.iter().enumerate() {
            let sql = "SELECT advertiser_id FROM pixels WHERE id = ?1";
            let owner: Option<AdvertiserId> =
                tx.conn.prepare_cached(sql)?.query_row([entry.pixel_id], |row| row.get(0)).optional()?;
            let (id, advertiser) = (entry.pixel_id, self.advertiser_id);
            match owner {
                Some(owner) if owner == advertiser => {}
                Some(_) if scope == Scope::All => {
                    return Err(StoreError::Integrity(format!(
                        "pixels[{place}].id names pixel {id}, which does not belong to advertiser {advertiser}"
                    )));
                }
                Some(_) | None => {
                    let message = format!("names pixel {id}, which does not exist");
                    return Err(StoreError::invalid(&format!("pixels[{place}].id"), message));
                }
            }
        }
        Ok(())
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        if before.is_none_or(|before| before.pixels != self.pixels) {
            tx.conn.execute("DELETE FROM line_item_pixels WHERE line_item_id = ?1", [self.id])?;
            for (place, entry) in (0_i64..).zip(&self.pixels) {
                let mut row: Vec<Column<'_>> = vec![("line_item_id", &self.id), ("place", &place)];
                row.extend(entry_columns(entry));
                columns::insert(tx.conn, "line_item_pixels", &row)?;
            }
        }
        if before.is_none_or(|before| {
            before.state != self.state || before.currency != self.currency || before.pixels != self.pixels
        }) {
            add_version(tx, self, false)?;
        }
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT 'campaign ' || id || ' (' || name || ')' FROM campaigns WHERE line_item_id = ?1
            UNION ALL SELECT 'tracker ' || id || ' (' || name || ')' FROM trackers WHERE line_item_id = ?1
            UNION ALL SELECT 'source ' || id || ' (' || name || ')' FROM sources WHERE line_item_id = ?1";
        if let Some(users) = rules::users_of(tx.conn, sql, self.id.0)? {
            let id = self.id;
            return Err(StoreError::Integrity(format!("line item {id} is used by {users}; delete or move them first")));
        }
        remove(tx, self)?;
        Ok(Vec::new())
    }
}

/// Ends the version of a line item that is deleted.
pub(in crate::store) fn remove(tx: &mut Tx<'_>, line_item: &LineItem) -> Result<(), StoreError> {
    add_version(tx, line_item, true)
}

/// The columns of a pixel's entry, in the line item and in its versions.
fn entry_columns(entry: &LineItemPixel) -> [Column<'_>; 4] {
    [
        ("pixel_id", &entry.pixel_id),
        ("state", &entry.state),
        ("post_click_revenue", &entry.post_click_revenue),
        ("post_view_revenue", &entry.post_view_revenue),
    ]
}

fn add_version(tx: &mut Tx<'_>, line_item: &LineItem, deleted: bool) -> Result<(), StoreError> {
    let seq = tx.next_seq();
    let currency: Currency = match line_item.currency {
        Some(currency) => currency,
        None => tx.conn.query_row(
            "SELECT default_currency FROM advertisers WHERE id = ?1",
            [line_item.advertiser_id],
            |row| row.get(0),
        )?,
    };
    let row: [Column<'_>; 7] = [
        ("seq", &seq),
        ("at", &tx.now),
        ("line_item_id", &line_item.id),
        ("advertiser_id", &line_item.advertiser_id),
        ("deleted", &deleted),
        ("state", &line_item.state),
        ("currency", &currency),
    ];
    columns::insert(tx.conn, "line_item_versions", &row)?;
    for entry in &line_item.pixels {
        let mut row: Vec<Column<'_>> = vec![("version_seq", &seq)];
        row.extend(entry_columns(entry));
        columns::insert(tx.conn, "line_item_version_pixels", &row)?;
    }
    Ok(())
}

/// Writes new versions for the line items that use the currency of this advertiser, which has changed.
pub(in crate::store) fn currency_changed(tx: &mut Tx<'_>, advertiser: AdvertiserId) -> Result<(), StoreError> {
    let line_items: Vec<LineItem> = all(tx.conn, "advertiser_id = ?1 AND currency IS NULL", [advertiser])?;
    line_items.iter().try_for_each(|line_item| add_version(tx, line_item, false))
}
