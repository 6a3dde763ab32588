//! Line items with their pixels and revenues, and the versions of what decides outcomes.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::entity::{Entity, Listed, all, name_some};
use super::sql_types::get;
use super::{StoreError, Tx};
use crate::domain::{
    AdvertiserId, Currency, Field, FieldError, LineItem, LineItemId, LineItemPixel, MAX_PIXELS_PER_LINE_ITEM, Millis,
    fields,
};

impl Listed for LineItem {
    const WHAT: &'static str = "line item";
    const TABLE: &'static str = "line_items";
    const FIELDS: &'static [Field] = fields::LINE_ITEM;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(LineItem {
            id: get(row, "id")?,
            advertiser_id: get(row, "advertiser_id")?,
            code: get(row, "code")?,
            name: get(row, "name")?,
            state: get(row, "state")?,
            start_date: get(row, "start_date")?,
            end_date: get(row, "end_date")?,
            revenue_type: get(row, "revenue_type")?,
            revenue_value: get(row, "revenue_value")?,
            currency: get(row, "currency")?,
            pixels: Vec::new(),
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }

    fn fill(conn: &Connection, line_items: &mut [Self]) -> rusqlite::Result<()> {
        let sql = "SELECT pixel_id, state, post_click_revenue, post_view_revenue FROM line_item_pixels
            WHERE line_item_id = ?1 ORDER BY place";
        let mut statement = conn.prepare_cached(sql)?;
        for line_item in line_items {
            let rows = statement.query_map([line_item.id], |row| {
                Ok(LineItemPixel {
                    pixel_id: row.get(0)?,
                    state: row.get(1)?,
                    post_click_revenue: row.get(2)?,
                    post_view_revenue: row.get(3)?,
                })
            })?;
            line_item.pixels = rows.collect::<Result<_, _>>()?;
        }
        Ok(())
    }
}

impl Entity for LineItem {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn set_id(&mut self, id: i64) {
        self.id = LineItemId(id);
    }

    fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
        (&mut self.created_on, &mut self.last_modified)
    }

    fn advertiser(&self) -> Option<AdvertiserId> {
        Some(self.advertiser_id)
    }

    fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    fn check(&self) -> Result<(), Vec<FieldError>> {
        LineItem::check(self)
    }

    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            ("advertiser_id", &self.advertiser_id),
            ("code", &self.code),
            ("name", &self.name),
            ("state", &self.state),
            ("start_date", &self.start_date),
            ("end_date", &self.end_date),
            ("revenue_type", &self.revenue_type),
            ("revenue_value", &self.revenue_value),
            ("currency", &self.currency),
            ("created_on", &self.created_on),
            ("last_modified", &self.last_modified),
        ]
    }

    fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        super::parties::advertiser_exists(tx.conn, self.advertiser_id)?;
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
                Some(_) => {
                    return Err(StoreError::Integrity(format!(
                        "pixels[{place}].id names pixel {id}, which does not belong to advertiser {advertiser}"
                    )));
                }
                None => {
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
            let sql = "INSERT INTO line_item_pixels VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let mut statement = tx.conn.prepare_cached(sql)?;
            for (place, entry) in (0_i64..).zip(&self.pixels) {
                let (click, view) = (entry.post_click_revenue, entry.post_view_revenue);
                statement.execute(params![self.id, place, entry.pixel_id, entry.state, click, view])?;
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
            UNION ALL SELECT 'tracker ' || id || ' (' || name || ')' FROM trackers WHERE line_item_id = ?1";
        let users: Vec<String> =
            tx.conn.prepare_cached(sql)?.query_map([self.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if !users.is_empty() {
            let (id, users) = (self.id, name_some(&users));
            return Err(StoreError::Integrity(format!("line item {id} is used by {users}; delete or move them first")));
        }
        remove(tx, self)?;
        Ok(Vec::new())
    }
}

/// What goes with a line item that is deleted: its version ends.
pub(super) fn remove(tx: &mut Tx<'_>, line_item: &LineItem) -> Result<(), StoreError> {
    add_version(tx, line_item, true)
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
    let sql = "INSERT INTO line_item_versions VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.conn.prepare_cached(sql)?.execute(params![seq, tx.now, line_item.id, deleted, line_item.state, currency])?;
    let sql = "INSERT INTO line_item_version_pixels VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = tx.conn.prepare_cached(sql)?;
    for entry in &line_item.pixels {
        let (click, view) = (entry.post_click_revenue, entry.post_view_revenue);
        statement.execute(params![seq, entry.pixel_id, entry.state, click, view])?;
    }
    Ok(())
}

/// New versions for the line items that take their currency from this advertiser, whose currency has changed.
pub(super) fn currency_changed(tx: &mut Tx<'_>, advertiser: AdvertiserId) -> Result<(), StoreError> {
    let line_items: Vec<LineItem> = all(tx.conn, "advertiser_id = ?1 AND currency IS NULL", [advertiser])?;
    line_items.iter().try_for_each(|line_item| add_version(tx, line_item, false))
}
