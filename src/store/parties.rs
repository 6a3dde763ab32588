//! Advertisers, publishers and campaigns.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::catalog::Change;
use super::entity::{Entity, Listed, all, name_some};
use super::sql_types::get;
use super::{StoreError, Tx, line_items, pixels, segments};
use crate::domain::{
    Advertiser, AdvertiserId, Caller, Campaign, CampaignId, Field, FieldError, LineItem, LineItemId, Millis, Pixel,
    PixelId, Publisher, PublisherId, Segment, TrackerId, fields,
};

impl Listed for Advertiser {
    const WHAT: &'static str = "advertiser";
    const TABLE: &'static str = "advertisers";
    const SCOPE: &'static str = "id = ?";
    const FIELDS: &'static [Field] = fields::ADVERTISER;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Advertiser {
            id: get(row, "id")?,
            code: get(row, "code")?,
            name: get(row, "name")?,
            state: get(row, "state")?,
            default_currency: get(row, "default_currency")?,
            timezone: get(row, "timezone")?,
            redirect_hosts: get(row, "redirect_hosts")?,
            allow_any_redirect: get(row, "allow_any_redirect")?,
            default_pixel_id: get(row, "default_pixel_id")?,
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }
}

impl Entity for Advertiser {
    const TAKES_ALONG: &'static [&'static str] =
        &["trackers", "campaigns", "line_items", "pixels", "segments", "users", "tokens", "saved_reports"];

    fn id(&self) -> i64 {
        self.id.0
    }

    fn set_id(&mut self, id: i64) {
        self.id = AdvertiserId(id);
    }

    fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
        (&mut self.created_on, &mut self.last_modified)
    }

    /// A new one is nobody's yet, so that a caller limited to one advertiser cannot create further ones.
    fn advertiser(&self) -> Option<AdvertiserId> {
        (self.id.0 != 0).then_some(self.id)
    }

    fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    fn check(&self) -> Result<(), Vec<FieldError>> {
        Advertiser::check(self)
    }

    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            ("code", &self.code),
            ("name", &self.name),
            ("state", &self.state),
            ("default_currency", &self.default_currency),
            ("timezone", &self.timezone),
            ("redirect_hosts", &self.redirect_hosts),
            ("allow_any_redirect", &self.allow_any_redirect),
            ("default_pixel_id", &self.default_pixel_id),
            ("created_on", &self.created_on),
            ("last_modified", &self.last_modified),
        ]
    }

    fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let Some(pixel) = self.default_pixel_id else { return Ok(()) };
        let sql = "SELECT 1 FROM pixels WHERE id = ?1 AND advertiser_id = ?2";
        let own = tx.conn.prepare_cached(sql)?.exists((pixel, self.id))?;
        if own {
            return Ok(());
        }
        Err(StoreError::invalid("default_pixel_id", format!("must be a pixel of this advertiser, and is {pixel}")))
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        if before.is_some_and(|before| before.default_currency != self.default_currency) {
            line_items::currency_changed(tx, self.id)?;
        }
        tx.changed(Change::Advertiser(self.id, Some(Arc::new(self.clone()))));
        Ok(())
    }

    fn may_delete(&self, conn: &Connection, who: &Caller) -> Result<(), StoreError> {
        let sql =
            "SELECT 1 FROM users WHERE advertiser_id = ?1 UNION ALL SELECT 1 FROM tokens WHERE advertiser_id = ?1";
        let has_users_or_tokens = conn.prepare_cached(sql)?.exists([self.id])?;
        who.may_delete_advertiser(has_users_or_tokens).map_err(StoreError::Denied)
    }

    /// As published, deletes all that is the advertiser's; logged fires stay.
    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        let mut told = Vec::new();
        let mut delete = |tx: &mut Tx<'_>, what: &str, table: &str| -> Result<(), StoreError> {
            let gone = tx.conn.execute(&format!("DELETE FROM {table} WHERE advertiser_id = ?1"), [self.id])?;
            if gone > 0 {
                told.push(format!("deleted {gone} {what}{}", if gone == 1 { "" } else { "s" }));
            }
            Ok(())
        };
        let trackers: Vec<TrackerId> = tx
            .conn
            .prepare_cached("SELECT id FROM trackers WHERE advertiser_id = ?1")?
            .query_map([self.id], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for tracker in trackers {
            tx.changed(Change::Tracker(tracker, None));
        }
        delete(tx, "tracker", "trackers")?;
        delete(tx, "campaign", "campaigns")?;
        for line_item in all::<LineItem>(tx.conn, "advertiser_id = ?1", [self.id])? {
            line_items::remove(tx, &line_item)?;
        }
        delete(tx, "line item", "line_items")?;
        for pixel in all::<Pixel>(tx.conn, "advertiser_id = ?1", [self.id])? {
            pixels::remove(tx, &pixel)?;
        }
        delete(tx, "pixel", "pixels")?;
        for segment in all::<Segment>(tx.conn, "advertiser_id = ?1", [self.id])? {
            segments::remove(tx, &segment)?;
        }
        delete(tx, "segment", "segments")?;
        // Users and tokens that are limited to it would see nothing more.
        delete(tx, "user", "users")?;
        delete(tx, "token", "tokens")?;
        delete(tx, "saved report", "saved_reports")?;
        tx.changed(Change::Advertiser(self.id, None));
        Ok(told)
    }
}

/// Says so if an object names an advertiser that is not there.
pub(super) fn advertiser_exists(conn: &Connection, id: AdvertiserId) -> Result<(), StoreError> {
    if conn.prepare_cached("SELECT 1 FROM advertisers WHERE id = ?1")?.exists([id])? {
        return Ok(());
    }
    Err(StoreError::not_found("advertiser", id))
}

/// Says so if an object names a line item that is not there, or is another advertiser's.
pub(super) fn own_line_item(tx: &Tx<'_>, id: LineItemId, advertiser: AdvertiserId) -> Result<(), StoreError> {
    let sql = "SELECT advertiser_id FROM line_items WHERE id = ?1";
    let owner: Option<AdvertiserId> = tx.conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    match owner {
        Some(owner) if owner == advertiser => Ok(()),
        Some(_) => Err(StoreError::Integrity(format!(
            "line_item_id names line item {id}, which does not belong to advertiser {advertiser}"
        ))),
        None => Err(StoreError::invalid("line_item_id", format!("names line item {id}, which does not exist"))),
    }
}

impl Listed for Publisher {
    const WHAT: &'static str = "publisher";
    const TABLE: &'static str = "publishers";
    const SCOPE: &'static str = "? IS NOT NULL";
    const FIELDS: &'static [Field] = fields::PUBLISHER;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Publisher {
            id: get(row, "id")?,
            code: get(row, "code")?,
            name: get(row, "name")?,
            state: get(row, "state")?,
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }
}

impl Entity for Publisher {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn set_id(&mut self, id: i64) {
        self.id = PublisherId(id);
    }

    fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
        (&mut self.created_on, &mut self.last_modified)
    }

    fn advertiser(&self) -> Option<AdvertiserId> {
        None
    }

    fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    fn check(&self) -> Result<(), Vec<FieldError>> {
        Publisher::check(self)
    }

    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            ("code", &self.code),
            ("name", &self.name),
            ("state", &self.state),
            ("created_on", &self.created_on),
            ("last_modified", &self.last_modified),
        ]
    }

    fn saved(&self, _: &mut Tx<'_>, _: Option<&Self>) -> Result<(), StoreError> {
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id || ' (' || name || ')' FROM trackers WHERE publisher_id = ?1 ORDER BY id";
        let users: Vec<String> =
            tx.conn.prepare_cached(sql)?.query_map([self.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let (id, users) = (self.id, name_some(&users));
        Err(StoreError::Integrity(format!("publisher {id} is used by tracker {users}; delete or move them first")))
    }
}

impl Listed for Campaign {
    const WHAT: &'static str = "campaign";
    const TABLE: &'static str = "campaigns";
    const FIELDS: &'static [Field] = fields::CAMPAIGN;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Campaign {
            id: get(row, "id")?,
            code: get(row, "code")?,
            name: get(row, "name")?,
            advertiser_id: get(row, "advertiser_id")?,
            line_item_id: get(row, "line_item_id")?,
            state: get(row, "state")?,
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }
}

impl Entity for Campaign {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn set_id(&mut self, id: i64) {
        self.id = CampaignId(id);
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
        Campaign::check(self)
    }

    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            ("code", &self.code),
            ("name", &self.name),
            ("advertiser_id", &self.advertiser_id),
            ("line_item_id", &self.line_item_id),
            ("state", &self.state),
            ("created_on", &self.created_on),
            ("last_modified", &self.last_modified),
        ]
    }

    fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        advertiser_exists(tx.conn, self.advertiser_id)?;
        own_line_item(tx, self.line_item_id, self.advertiser_id)
    }

    fn saved(&self, _: &mut Tx<'_>, _: Option<&Self>) -> Result<(), StoreError> {
        Ok(())
    }

    fn deleting(&self, _: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

/// Reads every advertiser, pixel, tracker and segment for the catalog.
pub(super) fn load_catalog(conn: &Connection) -> rusqlite::Result<Vec<Change>> {
    let mut changes = Vec::new();
    for advertiser in all::<Advertiser>(conn, "1", [])? {
        changes.push(Change::Advertiser(advertiser.id, Some(Arc::new(advertiser))));
    }
    for pixel in all::<Pixel>(conn, "1", [])? {
        changes.push(Change::Pixel(PixelId(pixel.id.0), Some(Arc::new(pixel))));
    }
    for tracker in super::trackers::load_all(conn)? {
        changes.push(Change::Tracker(tracker.id, Some(Arc::new(tracker))));
    }
    for segment in all::<Segment>(conn, "1", [])? {
        changes.push(Change::Segment(segment.id, Some(Arc::new(segment))));
    }
    Ok(changes)
}
