//! Advertisers. Deleting one deletes all its objects.

use std::sync::Arc;

use rusqlite::Connection;

use super::Entity;
use super::record::entity;
use super::{line_items, pixels, segments, sources};
use crate::domain::{Advertiser, Caller, LineItem, Pixel, Scope, Segment, Source, TrackerId, fields};
use crate::store::catalog::Change;
use crate::store::db::list::all;
use crate::store::{StoreError, Tx};

entity! {
    Advertiser {
        id: AdvertiserId,
        what: "advertiser",
        table: "advertisers",
        fields: fields::ADVERTISER,
        scope: "id = ?",
        // A new one has no number yet, so a caller limited to one advertiser cannot create another.
        advertiser: |advertiser| (advertiser.id.0 != 0).then_some(advertiser.id),
        code: |advertiser| advertiser.code.as_deref(),
        list: Advertiser::list_length,
        columns: [
            code, name, state, default_currency, timezone, redirect_hosts, allow_any_redirect, default_pixel_id,
        ],
    }
}

impl Entity for Advertiser {
    const CASCADE: &'static [&'static str] =
        &["trackers", "sources", "campaigns", "line_items", "pixels", "segments", "users", "tokens", "saved_reports"];

    fn fits(&self, tx: &Tx<'_>, _: Scope) -> Result<(), StoreError> {
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
            pixels::currency_changed(tx, self.id)?;
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

    /// Deletes all objects of the advertiser, as the API documents. Logged events stay.
    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        let mut messages = Vec::new();
        let mut delete = |tx: &mut Tx<'_>, what: &str, table: &str| -> Result<(), StoreError> {
            let deleted = tx.conn.execute(&format!("DELETE FROM {table} WHERE advertiser_id = ?1"), [self.id])?;
            if deleted > 0 {
                messages.push(format!("deleted {deleted} {what}{}", if deleted == 1 { "" } else { "s" }));
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
        for source in all::<Source>(tx.conn, "advertiser_id = ?1", [self.id])? {
            sources::remove(tx, &source)?;
        }
        delete(tx, "source", "sources")?;
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
        // Users and tokens that are limited to it would see no object any more.
        delete(tx, "user", "users")?;
        delete(tx, "token", "tokens")?;
        delete(tx, "saved report", "saved_reports")?;
        tx.changed(Change::Advertiser(self.id, None));
        Ok(messages)
    }
}
