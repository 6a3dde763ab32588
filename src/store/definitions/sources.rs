//! Sources: rules that say which ad an arrival came from, and the versions of them for the judge.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::record::entity;
use super::rules::{advertiser_exists, own_line_item, publisher_exists};
use super::{Entity, change};
use crate::domain::{
    AdvertiserId, CampaignId, Editor, LineItemId, MAX_POSITION, MAX_SOURCES_PER_ADVERTISER, Scope, Source, SourceId,
    SourceMatch, fields,
};
use crate::store::catalog::Change;
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::db::list::find;
use crate::store::{Store, StoreError, Tx};

entity! {
    Source {
        id: SourceId,
        what: "source",
        table: "sources",
        fields: fields::SOURCE,
        advertiser: |source| Some(source.advertiser_id),
        code: |source| source.code.as_deref(),
        columns: [
            advertiser_id, code, name, state, position, condition = "match", line_item_id, publisher_id, campaign_id,
            campaign_by, makes_campaigns,
        ],
    }
}

/// As the API has it: each condition with its values.
impl ToSql for SourceMatch {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let conditions = self.conditions().into_iter().map(|(part, values)| (part, Value::from(values)));
        Ok(Value::Object(conditions.collect()).to_string().into())
    }
}

impl FromSql for SourceMatch {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let conditions: Map<String, Value> = serde_json::from_str(value.as_str()?).unwrap_or_default();
        let texts = |values: Value| serde_json::from_value(values).unwrap_or_default();
        Ok(SourceMatch::stored(conditions.into_iter().map(|(part, values)| (part, texts(values)))))
    }
}

impl Entity for Source {
    /// A source without a position comes after the others.
    fn complete(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        if self.position == 0 {
            let sql = "SELECT coalesce(max(position), 0) FROM sources WHERE advertiser_id = ?1 AND id <> ?2";
            let last: u32 = tx.conn.prepare_cached(sql)?.query_row((self.advertiser_id, self.id), |row| row.get(0))?;
            self.position = last.saturating_add(1).min(MAX_POSITION);
        }
        Ok(())
    }

    fn fits(&self, tx: &Tx<'_>, scope: Scope) -> Result<(), StoreError> {
        let advertiser = self.advertiser_id;
        advertiser_exists(tx.conn, advertiser)?;
        let sql = "SELECT count(*) FROM sources WHERE advertiser_id = ?1 AND id <> ?2";
        let others: u32 = tx.conn.prepare_cached(sql)?.query_row((advertiser, self.id), |row| row.get(0))?;
        if others >= MAX_SOURCES_PER_ADVERTISER {
            return Err(StoreError::Limit(format!(
                "an advertiser may have at most {MAX_SOURCES_PER_ADVERTISER} sources, and advertiser {advertiser} has \
                 {others}; delete one first, or let one source take several values"
            )));
        }
        own_line_item(tx.conn, scope, self.line_item_id, advertiser)?;
        if let Some(publisher) = self.publisher_id {
            publisher_exists(tx.conn, publisher)?;
        }
        self.campaign_id.map_or(Ok(()), |campaign| campaign_of(tx.conn, scope, campaign, advertiser, self.line_item_id))
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        tx.changed(Change::Source(self.advertiser_id, self.id, Some(Box::new(self.clone()))));
        let version = |source: &Source| source.rules(crate::domain::Seq::START);
        if before.is_none_or(|before| version(before) != version(self)) {
            add_version(tx, self, false)?;
        }
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        remove(tx, self)?;
        Ok(Vec::new())
    }
}

/// Refuses a campaign that does not exist, or belongs to another line item.
fn campaign_of(
    conn: &Connection,
    scope: Scope,
    id: CampaignId,
    advertiser: AdvertiserId,
    line_item: LineItemId,
) -> Result<(), StoreError> {
    let sql = "SELECT advertiser_id, line_item_id FROM campaigns WHERE id = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let owners: Option<(AdvertiserId, LineItemId)> = conn.prepare_cached(sql)?.query_row([id], row).optional()?;
    match owners {
        Some((_, owner)) if owner == line_item => Ok(()),
        Some((owner, _)) if owner == advertiser || scope == Scope::All => Err(StoreError::Integrity(format!(
            "campaign_id names campaign {id}, which does not belong to line item {line_item}"
        ))),
        Some(_) | None => Err(StoreError::invalid("campaign_id", format!("names campaign {id}, which does not exist"))),
    }
}

/// Ends the version of a source that is deleted.
pub(in crate::store) fn remove(tx: &mut Tx<'_>, source: &Source) -> Result<(), StoreError> {
    tx.changed(Change::Source(source.advertiser_id, source.id, None));
    add_version(tx, source, true)
}

fn add_version(tx: &mut Tx<'_>, source: &Source, deleted: bool) -> Result<(), StoreError> {
    let seq = tx.next_seq();
    let row: [Column<'_>; 13] = [
        ("seq", &seq),
        ("at", &tx.now),
        ("source_id", &source.id),
        ("advertiser_id", &source.advertiser_id),
        ("deleted", &deleted),
        ("state", &source.state),
        ("position", &source.position),
        ("name", &source.name),
        ("match", &source.condition),
        ("line_item_id", &source.line_item_id),
        ("publisher_id", &source.publisher_id),
        ("campaign_id", &source.campaign_id),
        ("campaign_by", &source.campaign_by),
    ];
    columns::insert(tx.conn, "source_versions", &row)?;
    Ok(())
}

impl Store {
    /// Moves a source one place up or down in its advertiser's order. The first stays when it moves up, and the last when it
    /// moves down.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it.
    pub async fn move_source(&self, by: &Editor, id: i64, up: bool) -> Result<Source, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            let source: Source = find(tx.conn, who.scope, id)?;
            let sql = "SELECT id, position FROM sources WHERE advertiser_id = ?1 ORDER BY position, id";
            let mut order: Vec<(i64, u32)> = tx
                .conn
                .prepare_cached(sql)?
                .query_map(params![source.advertiser_id], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let place = order.iter().position(|(other, _)| *other == id).unwrap_or_default();
            let other = if up { place.saturating_sub(1) } else { (place + 1).min(order.len() - 1) };
            order.swap(place, other);
            for (position, (id, before)) in (1_u32..).zip(order) {
                if position != before {
                    change::<Source, _>(tx, &who, id, |source| {
                        source.position = position;
                        Ok(())
                    })?;
                }
            }
            find(tx.conn, who.scope, id)
        })
        .await
    }
}
