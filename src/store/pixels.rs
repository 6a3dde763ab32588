//! Conversion pixels with their piggybacks, and the versions of what decides outcomes.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, Row, ToSql, params};

use super::catalog::Change;
use super::entity::{Entity, Listed, change, find, insert, name_some};
use super::health::json;
use super::sql_types::get;
use super::{Store, StoreError, Tx};
use crate::domain::{
    Advertiser, AdvertiserId, Caller, CampaignId, Field, FieldError, LineItemId, Millis, Piggyback, Pixel, PixelId,
    Reader, Scope, State, TriggerType, fields,
};

impl Listed for Pixel {
    const WHAT: &'static str = "pixel";
    const TABLE: &'static str = "pixels";
    const FIELDS: &'static [Field] = fields::PIXEL;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Pixel {
            id: get(row, "id")?,
            advertiser_id: get(row, "advertiser_id")?,
            code: get(row, "code")?,
            name: get(row, "name")?,
            state: get(row, "state")?,
            trigger_type: get(row, "trigger_type")?,
            min_minutes_per_conv: get(row, "min_minutes_per_conv")?,
            post_click_expire_mins: get(row, "post_click_expire_mins")?,
            post_view_expire_mins: get(row, "post_view_expire_mins")?,
            post_click_value: get(row, "post_click_value")?,
            post_view_value: get(row, "post_view_value")?,
            piggyback_pixels: Vec::new(),
            pixel_conversion_event: get(row, "pixel_conversion_event_id")?,
            count_each_order_once: get(row, "count_each_order_once")?,
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }

    fn fill(conn: &Connection, pixels: &mut [Self]) -> rusqlite::Result<()> {
        for pixel in pixels {
            pixel.piggyback_pixels = read_piggybacks(conn, "pixel", pixel.id.0)?;
        }
        Ok(())
    }
}

impl Entity for Pixel {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn set_id(&mut self, id: i64) {
        self.id = PixelId(id);
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
        Pixel::check(self)
    }

    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            ("advertiser_id", &self.advertiser_id),
            ("code", &self.code),
            ("name", &self.name),
            ("state", &self.state),
            ("trigger_type", &self.trigger_type),
            ("min_minutes_per_conv", &self.min_minutes_per_conv),
            ("post_click_expire_mins", &self.post_click_expire_mins),
            ("post_view_expire_mins", &self.post_view_expire_mins),
            ("post_click_value", &self.post_click_value),
            ("post_view_value", &self.post_view_value),
            ("pixel_conversion_event_id", &self.pixel_conversion_event),
            ("count_each_order_once", &self.count_each_order_once),
            ("created_on", &self.created_on),
            ("last_modified", &self.last_modified),
        ]
    }

    fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        super::parties::advertiser_exists(tx.conn, self.advertiser_id)
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        if before.is_none_or(|before| before.piggyback_pixels != self.piggyback_pixels) {
            write_piggybacks(tx.conn, "pixel", self.id.0, &self.piggyback_pixels)?;
        }
        if before.is_none_or(|before| decides_differently(before, self)) {
            add_version(tx, self, false)?;
        }
        tx.changed(Change::Pixel(self.id, Some(Arc::new(self.clone()))));
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT l.id || ' (' || l.name || ')' FROM line_item_pixels p JOIN line_items l ON l.id = p.line_item_id
            WHERE p.pixel_id = ?1 ORDER BY l.id";
        let users: Vec<String> =
            tx.conn.prepare_cached(sql)?.query_map([self.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if !users.is_empty() {
            let users = name_some(&users);
            let id = self.id;
            return Err(StoreError::Integrity(format!(
                "pixel {id} is used by line item {users}; remove it from there first"
            )));
        }
        remove(tx, self)?;
        Ok(Vec::new())
    }
}

impl Store {
    /// The advertiser's default pixel: the one that is set, else a new one named "Invoca conversions", which is then set.
    /// It asks for no caller, since it is the advertiser's own tags that first need it.
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
            // Each sale that is reported is one, whatever led to it.
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

/// The name of a default pixel that is made when it is first needed.
const DEFAULT_PIXEL: &str = "Invoca conversions";

/// What goes with a pixel that is deleted: its version ends, tags stop to know it.
pub(super) fn remove(tx: &mut Tx<'_>, pixel: &Pixel) -> Result<(), StoreError> {
    add_version(tx, pixel, true)?;
    tx.conn.execute("UPDATE advertisers SET default_pixel_id = NULL WHERE default_pixel_id = ?1", [pixel.id])?;
    tx.changed(Change::Pixel(pixel.id, None));
    Ok(())
}

fn decides_differently(before: &Pixel, after: &Pixel) -> bool {
    before.state != after.state
        || before.trigger_type != after.trigger_type
        || before.min_minutes_per_conv != after.min_minutes_per_conv
        || before.post_click_expire_mins != after.post_click_expire_mins
        || before.post_view_expire_mins != after.post_view_expire_mins
        || before.count_each_order_once != after.count_each_order_once
        || before.post_click_value != after.post_click_value
        || before.post_view_value != after.post_view_value
}

fn add_version(tx: &mut Tx<'_>, pixel: &Pixel, deleted: bool) -> Result<(), StoreError> {
    let seq = tx.next_seq();
    let sql = "INSERT INTO pixel_versions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    tx.conn.prepare_cached(sql)?.execute(params![
        seq,
        tx.now,
        pixel.id,
        pixel.advertiser_id,
        deleted,
        pixel.state,
        pixel.trigger_type,
        pixel.min_minutes_per_conv,
        pixel.post_click_expire_mins,
        pixel.post_view_expire_mins,
        pixel.count_each_order_once,
        pixel.post_click_value,
        pixel.post_view_value,
    ])?;
    Ok(())
}

/// The piggybacks of a pixel or segment, in their order.
pub(super) fn read_piggybacks(conn: &Connection, of: &str, id: i64) -> rusqlite::Result<Vec<Piggyback>> {
    let sql = format!("SELECT pixel_type, url FROM {of}_piggybacks WHERE {of}_id = ?1 ORDER BY place");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([id], |row| Ok(Piggyback { kind: row.get(0)?, url: row.get(1)? }))?;
    rows.collect()
}

/// Puts these piggybacks in place of the pixel's or segment's.
pub(super) fn write_piggybacks(conn: &Connection, of: &str, id: i64, piggybacks: &[Piggyback]) -> rusqlite::Result<()> {
    conn.execute(&format!("DELETE FROM {of}_piggybacks WHERE {of}_id = ?1"), [id])?;
    let mut statement = conn.prepare_cached(&format!("INSERT INTO {of}_piggybacks VALUES (?1, ?2, ?3, ?4)"))?;
    for (place, piggyback) in (0_i64..).zip(piggybacks) {
        statement.execute(params![id, place, piggyback.kind, piggyback.url])?;
    }
    Ok(())
}

/// Where a pixel is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PixelLinks {
    /// The line items that hold it: id, name, state of the line item, state of its entry there.
    pub line_items: Vec<(LineItemId, String, State, State)>,
    /// The campaigns of these line items.
    pub campaigns: Vec<CampaignId>,
}

impl PixelLinks {
    /// Whether some active line item holds it with an active entry: otherwise it is *paused*.
    pub fn is_running(&self) -> bool {
        self.line_items.iter().any(|(.., line_item, entry)| *line_item == State::Active && *entry == State::Active)
    }
}

impl Store {
    /// Where these pixels are used; one that the caller may not see counts as unused.
    ///
    /// # Errors
    /// Database faults.
    pub async fn pixel_links(
        &self,
        by: &Reader,
        ids: Vec<PixelId>,
    ) -> Result<HashMap<PixelId, PixelLinks>, StoreError> {
        let own = by.scope().advertiser();
        self.look_up(move |conn| {
            let list = json(&ids);
            let mut links: HashMap<_, _> = ids.into_iter().map(|id| (id, PixelLinks::default())).collect();
            let mut statement = conn.prepare_cached(LINE_ITEMS_OF)?;
            let mut rows = statement.query(params![list, own])?;
            while let Some(row) = rows.next()? {
                let line_item = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
                links.entry(row.get(0)?).or_default().line_items.push(line_item);
            }
            let mut statement = conn.prepare_cached(CAMPAIGNS_OF)?;
            let mut rows = statement.query(params![list, own])?;
            while let Some(row) = rows.next()? {
                links.entry(row.get(0)?).or_default().campaigns.push(row.get(1)?);
            }
            Ok(links)
        })
        .await
    }
}

/// Of these pixels, those of advertiser `?2` if one is given, with their line items.
const LINE_ITEMS_OF: &str = "SELECT p.pixel_id, l.id, l.name, l.state, p.state FROM line_item_pixels p
    JOIN line_items l ON l.id = p.line_item_id
    WHERE p.pixel_id IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR l.advertiser_id = ?2) ORDER BY l.id";

/// The same with the campaigns of these line items.
const CAMPAIGNS_OF: &str = "SELECT p.pixel_id, c.id FROM line_item_pixels p
    JOIN campaigns c ON c.line_item_id = p.line_item_id
    WHERE p.pixel_id IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR c.advertiser_id = ?2) ORDER BY c.id";
