//! Rules between definitions that several kinds share.

use rusqlite::{Connection, OptionalExtension};

use crate::domain::{AdvertiserId, LineItemId, PublisherId, Scope};
use crate::store::StoreError;

/// Refuses an object whose advertiser does not exist.
pub(in crate::store) fn advertiser_exists(
    conn: &Connection,
    id: impl Into<Option<AdvertiserId>>,
) -> Result<(), StoreError> {
    let Some(id) = id.into() else { return Ok(()) };
    if conn.prepare_cached("SELECT 1 FROM advertisers WHERE id = ?1")?.exists([id])? {
        return Ok(());
    }
    Err(StoreError::not_found("advertiser", id))
}

/// Refuses an object whose line item does not exist, or belongs to another advertiser. To a caller limited to one
/// advertiser both are the same.
pub(in crate::store) fn own_line_item(
    conn: &Connection,
    scope: Scope,
    id: LineItemId,
    advertiser: AdvertiserId,
) -> Result<(), StoreError> {
    let sql = "SELECT advertiser_id FROM line_items WHERE id = ?1";
    let owner: Option<AdvertiserId> = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    match owner {
        Some(owner) if owner == advertiser => Ok(()),
        Some(_) if scope == Scope::All => Err(StoreError::Integrity(format!(
            "line_item_id names line item {id}, which does not belong to advertiser {advertiser}"
        ))),
        Some(_) | None => {
            Err(StoreError::invalid("line_item_id", format!("names line item {id}, which does not exist")))
        }
    }
}

/// Refuses an object whose publisher does not exist.
pub(in crate::store) fn publisher_exists(conn: &Connection, publisher: PublisherId) -> Result<(), StoreError> {
    if conn.prepare_cached("SELECT 1 FROM publishers WHERE id = ?1")?.exists([publisher])? {
        return Ok(());
    }
    Err(StoreError::invalid("publisher_id", format!("names publisher {publisher}, which does not exist")))
}

/// The objects that use this one, as `sql` names them: "3 (Autumn), 4 (Winter) and 2 more". None if none does.
pub(in crate::store) fn users_of(conn: &Connection, sql: &str, id: i64) -> rusqlite::Result<Option<String>> {
    const NAMED: usize = 5;
    let names = conn.prepare_cached(sql)?.query_map([id], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let some = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    Ok(match names.len().saturating_sub(NAMED) {
        _ if names.is_empty() => None,
        0 => Some(some),
        more => Some(format!("{some} and {more} more")),
    })
}
