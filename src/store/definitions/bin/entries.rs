//! What is in the bin, who may see and restore it, and who deleted an object that somebody asks for.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{BIN_DAYS, entry_with, since};
use crate::domain::{AuditAction, AuditObject, Caller, Editor, Millis, Reader, Scope};
use crate::store::definitions::audit_note::object_of;
use crate::store::{Store, StoreError};

/// The most entries of a list.
pub const MOST_ENTRIES: u32 = 200;
/// The names that a list of belongings shows of a kind.
const NAMED: u32 = 5;

/// A deletion that can be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinEntry {
    pub id: i64,
    pub deleted_on: Millis,
    /// When it goes for good.
    pub until: Millis,
    /// The user or token that deleted it, by its name at that time.
    pub user_name: String,
    pub object: AuditObject,
    pub object_id: i64,
    pub name: String,
    /// Its advertiser; none if all advertisers share it.
    pub advertiser_id: Option<i64>,
    /// How many objects of each kind went with it.
    pub with: Vec<(AuditObject, u64)>,
}

/// Who deleted an object, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub by: String,
    pub at: Millis,
    /// The name that it had.
    pub name: String,
    /// The entry of the bin, if the caller may restore it, and when that goes for good.
    pub entry: Option<(i64, Millis)>,
}

/// What goes with an advertiser: a kind, how many, and the names of the first ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belongings {
    pub object: AuditObject,
    pub count: u64,
    pub names: Vec<String>,
}

const ENTRY: &str = "id, deleted_on, user_name, object_type, object_id, object_name, advertiser_id";

fn read(row: &Row<'_>) -> rusqlite::Result<BinEntry> {
    let deleted_on: Millis = row.get("deleted_on")?;
    Ok(BinEntry {
        id: row.get("id")?,
        deleted_on,
        until: deleted_on.plus(BIN_DAYS * Millis::DAY),
        user_name: row.get("user_name")?,
        object: row.get("object_type")?,
        object_id: row.get("object_id")?,
        name: row.get("object_name")?,
        advertiser_id: row.get("advertiser_id")?,
        with: Vec::new(),
    })
}

/// The kinds that went with the object, each with a count.
fn with(conn: &Connection, entry: &BinEntry) -> Result<Vec<(AuditObject, u64)>, StoreError> {
    let sql = "SELECT table_name, count(*) FROM bin_rows WHERE bin_id = ?1 AND place > 0 GROUP BY table_name";
    let mut statement = conn.prepare_cached(sql)?;
    let counts = statement.query_map([entry.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let counts = counts.collect::<Result<Vec<(String, i64)>, _>>()?;
    Ok(counts.into_iter().filter_map(|(table, count)| Some((object_of(&table)?, count.unsigned_abs()))).collect())
}

/// An entry that this caller sees.
pub(super) fn entry(conn: &Connection, who: &Caller, id: i64, now: Millis) -> Result<BinEntry, StoreError> {
    let sql =
        format!("SELECT {ENTRY} FROM bin WHERE id = ?1 AND deleted_on > ?2 AND (?3 IS NULL OR advertiser_id = ?3)");
    let values = params![id, since(now), who.scope.advertiser()];
    let mut entry = conn
        .prepare_cached(&sql)?
        .query_row(values, read)
        .optional()?
        .ok_or_else(|| StoreError::not_found("entry of the bin", id))?;
    entry.with = with(conn, &entry)?;
    Ok(entry)
}

/// Whether this caller may restore an entry: as for the deletion.
///
/// # Errors
/// Why not.
pub(super) fn restorable(who: &Caller, entry: &BinEntry) -> Result<(), String> {
    who.editor().map_err(|denied| denied.to_string())?;
    let has = |object| entry.with.iter().any(|(kind, _)| *kind == object);
    match entry.object {
        AuditObject::Advertiser => who.may_delete_advertiser(has(AuditObject::User) || has(AuditObject::Token)),
        _ => Ok(()),
    }
}

/// Whether all who read see such objects although they belong to no advertiser.
fn is_shared(object: AuditObject) -> bool {
    matches!(object, AuditObject::Publisher | AuditObject::Segment)
}

impl Store {
    /// What this caller may see of the bin, newest first, at most [`MOST_ENTRIES`]. The second value says whether the caller
    /// may restore it.
    ///
    /// # Errors
    /// Database faults.
    pub async fn bin(&self, by: &Editor) -> Result<Vec<(BinEntry, bool)>, StoreError> {
        let (who, now) = (by.caller().clone(), self.clock().now());
        self.look_up(move |conn| {
            let sql = format!(
                "SELECT {ENTRY} FROM bin WHERE deleted_on > ?1 AND (?2 IS NULL OR advertiser_id = ?2)
                ORDER BY deleted_on DESC, id DESC LIMIT ?3"
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let entries = statement.query_map(params![since(now), who.scope.advertiser(), MOST_ENTRIES], read)?;
            let mut rows = Vec::new();
            for entry in entries {
                let mut entry = entry?;
                entry.with = with(conn, &entry)?;
                let may = restorable(&who, &entry).is_ok();
                rows.push((entry, may));
            }
            Ok(rows)
        })
        .await
    }

    /// Who deleted the object of this kind with this id. None if it was not deleted, or if the caller could not have seen it.
    ///
    /// # Errors
    /// Database faults.
    pub async fn deletion(&self, who: &Caller, kind: &str, id: i64) -> Result<Option<Deletion>, StoreError> {
        let Some((table, object)) = table_of(kind) else { return Ok(None) };
        let (who, now) = (who.clone(), self.clock().now());
        self.look_up(move |conn| {
            let Some(mut deletion) = last_deletion(conn, who.scope, object, id)? else { return Ok(None) };
            let entry = match entry_with(conn, table, id, now)? {
                Some(entry) => self::entry(conn, &who, entry, now).ok(),
                None => None,
            };
            let may = entry.filter(|entry| restorable(&who, entry).is_ok());
            deletion.entry = may.map(|entry| (entry.id, entry.until));
            Ok(Some(deletion))
        })
        .await
    }

    /// What goes with an advertiser, kind by kind.
    ///
    /// # Errors
    /// Database faults.
    pub async fn belongings(&self, by: &Reader, advertiser: i64) -> Result<Vec<Belongings>, StoreError> {
        const TABLES: [(&str, &str); 9] = [
            ("pixels", "name"),
            ("line_items", "name"),
            ("campaigns", "name"),
            ("trackers", "name"),
            ("sources", "name"),
            ("segments", "short_name"),
            ("users", "username"),
            ("tokens", "name"),
            ("saved_reports", "name"),
        ];
        let is_own = by.scope().advertiser().is_none_or(|own| own.0 == advertiser);
        self.look_up(move |conn| {
            let mut all = Vec::new();
            for (table, name) in TABLES.iter().filter(|_| is_own) {
                let sql = format!("SELECT count(*) FROM {table} WHERE advertiser_id = ?1");
                let count: i64 = conn.prepare_cached(&sql)?.query_row([advertiser], |row| row.get(0))?;
                let sql = format!("SELECT {name} FROM {table} WHERE advertiser_id = ?1 ORDER BY id LIMIT {NAMED}");
                let mut statement = conn.prepare_cached(&sql)?;
                let names = statement.query_map([advertiser], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
                if let (Some(object), 1..) = (object_of(table), count) {
                    all.push(Belongings { object, count: count.unsigned_abs(), names });
                }
            }
            Ok(all)
        })
        .await
    }
}

/// The table of a kind, by the kind's name in messages.
fn table_of(kind: &str) -> Option<(&'static str, AuditObject)> {
    let table = match kind {
        "advertiser" => "advertisers",
        "publisher" => "publishers",
        "line item" => "line_items",
        "campaign" => "campaigns",
        "pixel" => "pixels",
        "tracker" | "click tracker" | "impression tracker" => "trackers",
        "segment" => "segments",
        "source" => "sources",
        "saved report" => "saved_reports",
        _ => return None,
    };
    Some((table, object_of(table)?))
}

/// The last deletion of an object that is not there, if this scope would have seen it.
fn last_deletion(
    conn: &Connection,
    scope: Scope,
    object: AuditObject,
    id: i64,
) -> Result<Option<Deletion>, StoreError> {
    let sql = "SELECT action, created_on, user_name, object_name, json_extract(before, '$.advertiser_id') AS advertiser
        FROM audit WHERE object_type = ?1 AND object_id = ?2 AND action IN (?3, ?4) ORDER BY id DESC LIMIT 1";
    let values = params![object, id, AuditAction::Deleted, AuditAction::Restored];
    let read = |row: &Row<'_>| {
        let deletion = Deletion {
            by: row.get("user_name")?,
            at: row.get("created_on")?,
            name: row.get("object_name")?,
            entry: None,
        };
        Ok((row.get::<_, AuditAction>("action")?, row.get::<_, Option<i64>>("advertiser")?, deletion))
    };
    let found = conn.prepare_cached(sql)?.query_row(values, read).optional()?;
    Ok(found.and_then(|(action, advertiser, deletion)| {
        let is_seen = match (scope, object, advertiser) {
            (Scope::All, ..) => true,
            (Scope::Advertiser(own), AuditObject::Advertiser, _) => own.0 == id,
            (Scope::Advertiser(own), _, Some(owner)) => own.0 == owner,
            (Scope::Advertiser(_), object, None) => is_shared(object),
        };
        (action == AuditAction::Deleted && is_seen).then_some(deletion)
    }))
}
