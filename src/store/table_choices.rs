//! What people chose for tables that they imported: which column holds what, and the line items of campaigns.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use crate::domain::{AdvertiserId, Editor, LineItemId, Reader};

/// The most headers and names that are kept of an advertiser. The oldest go.
const MOST_HEADERS: i64 = 200;
const MOST_NAMES: i64 = 20_000;

/// A campaign in files of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CostName {
    /// Empty if the file names none.
    pub account: String,
    pub name: String,
}

impl Store {
    /// What was chosen for a table of this kind with this header.
    ///
    /// # Errors
    /// Database faults.
    pub async fn table_choices(
        &self,
        by: &Reader,
        advertiser: AdvertiserId,
        kind: &'static str,
        header: String,
    ) -> Result<Option<String>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| {
            let sql = "SELECT choices FROM table_choices WHERE advertiser_id = ?1 AND kind = ?2 AND header = ?3
                AND (?4 IS NULL OR advertiser_id = ?4)";
            let values = params![advertiser, kind, header, scope.advertiser()];
            Ok(conn.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
        })
        .await
    }

    /// The line items that campaigns of such files were given to; `None` for one that is left out.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cost_names(
        &self,
        by: &Reader,
        advertiser: AdvertiserId,
        profile: String,
    ) -> Result<HashMap<CostName, Option<LineItemId>>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| {
            let sql = "SELECT account, name, line_item_id FROM cost_names WHERE advertiser_id = ?1 AND profile = ?2
                AND (?3 IS NULL OR advertiser_id = ?3)";
            let mut statement = conn.prepare_cached(sql)?;
            let name = |row: &rusqlite::Row<'_>| {
                Ok((CostName { account: row.get(0)?, name: row.get(1)? }, row.get::<_, Option<LineItemId>>(2)?))
            };
            let names = statement.query_map(params![advertiser, profile, scope.advertiser()], name)?;
            Ok(names.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Remembers what was chosen for a table.
    ///
    /// # Errors
    /// The caller may not edit the advertiser's objects.
    pub async fn remember_table(
        &self,
        by: &Editor,
        advertiser: AdvertiserId,
        kind: &'static str,
        header: String,
        choices: String,
    ) -> Result<(), StoreError> {
        let scope = by.scope();
        self.write(move |tx| {
            if scope.advertiser().is_some_and(|own| own != advertiser) {
                return Err(StoreError::not_found("advertiser", advertiser));
            }
            tx.conn.execute(
                "INSERT OR REPLACE INTO table_choices VALUES (?1, ?2, ?3, ?4, ?5)",
                params![advertiser, kind, header, choices, tx.now],
            )?;
            let sql =
                "DELETE FROM table_choices WHERE (advertiser_id, kind, header) IN (SELECT advertiser_id, kind, header
                FROM table_choices WHERE advertiser_id = ?1 ORDER BY used_at DESC LIMIT -1 OFFSET ?2)";
            tx.conn.execute(sql, params![advertiser, MOST_HEADERS])?;
            Ok(())
        })
        .await
    }

    /// Remembers the line items of campaigns; `None` for one that is left out.
    ///
    /// # Errors
    /// The caller may not edit the advertiser's objects.
    pub async fn remember_cost_names(
        &self,
        by: &Editor,
        advertiser: AdvertiserId,
        profile: String,
        names: Vec<(CostName, Option<LineItemId>)>,
    ) -> Result<(), StoreError> {
        let scope = by.scope();
        self.write(move |tx| {
            if scope.advertiser().is_some_and(|own| own != advertiser) {
                return Err(StoreError::not_found("advertiser", advertiser));
            }
            let sql = "INSERT OR REPLACE INTO cost_names VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let mut insert = tx.conn.prepare_cached(sql)?;
            for (CostName { account, name }, line_item) in &names {
                insert.execute(params![advertiser, profile, account, name, line_item, tx.now])?;
            }
            let sql = "DELETE FROM cost_names WHERE (advertiser_id, profile, account, name) IN
                (SELECT advertiser_id, profile, account, name FROM cost_names WHERE advertiser_id = ?1
                ORDER BY used_at DESC LIMIT -1 OFFSET ?2)";
            tx.conn.execute(sql, params![advertiser, MOST_NAMES])?;
            Ok(())
        })
        .await
    }
}
