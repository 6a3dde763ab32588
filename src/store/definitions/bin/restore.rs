//! Restores an entry of the bin, all of it or nothing. What has no place any more is named: an object that it needs, or a
//! code that another object has taken meanwhile.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::entries::{entry, restorable};
use super::rows::{self, BinRow, Reference};
use super::{entry_with, rows::DEFAULT_PIXEL};
use crate::domain::{
    Advertiser, AuditObject, Caller, Campaign, Editor, LineItem, Pixel, Publisher, SavedReport, Scope, Segment, Source,
    Tracker,
};
use crate::store::db::list::find;
use crate::store::definitions::audit_note::{note_restored, object_of};
use crate::store::definitions::{Entity, audit_note};
use crate::store::{Store, StoreError, Tx};

/// What became of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// Everything is back.
    Done(BinObject),
    /// Other objects have these codes or names by now. Nothing is back yet.
    Taken(BinObject, Vec<TakenName>),
    /// These objects must be there first. Nothing is back.
    Missing(BinObject, Vec<MissingObject>),
}

/// An object of the bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinObject {
    pub object: AuditObject,
    pub id: i64,
    pub name: String,
}

/// A code or a name that another object has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenName {
    pub of: BinObject,
    /// The column: `code`, `username` or `name`.
    pub column: &'static str,
    pub text: String,
    /// The object that has it now.
    pub by: i64,
}

/// An object that a restore needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingObject {
    pub object: AuditObject,
    pub id: i64,
    /// Its entry of the bin; none if it is gone for good.
    pub entry: Option<i64>,
}

/// The column that must be unique, and within what: a condition on the row with this column.
const UNIQUE: &[(&str, &str, &[&str])] = &[
    ("advertisers", "code", &[]),
    ("publishers", "code", &[]),
    ("segments", "code", &[]),
    ("users", "username", &[]),
    ("tokens", "name", &[]),
    ("line_items", "code", &["advertiser_id"]),
    ("campaigns", "code", &["advertiser_id"]),
    ("pixels", "code", &["advertiser_id"]),
    ("sources", "code", &["advertiser_id"]),
    ("trackers", "code", &["advertiser_id", "kind"]),
];

impl Store {
    /// Restores an entry. With `rename`, objects whose codes are taken come back without a code, and users and tokens under
    /// another name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an entry that the caller may not see, or that is too old; rules that hold by now.
    pub async fn restore(&self, by: &Editor, id: i64, rename: bool) -> Result<Restored, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| restore(tx, &who, id, rename)).await
    }
}

fn restore(tx: &mut Tx<'_>, who: &Caller, id: i64, rename: bool) -> Result<Restored, StoreError> {
    let entry = entry(tx.conn, who, id, tx.now)?;
    restorable(who, &entry).map_err(StoreError::Denied)?;
    let object = BinObject { object: entry.object, id: entry.object_id, name: entry.name };
    let mut rows = rows::of_entry(tx.conn, id)?;
    let missing = missing(tx, &rows)?;
    if !missing.is_empty() {
        return Ok(Restored::Missing(object, missing));
    }
    let taken = taken(tx.conn, &mut rows, rename)?;
    if !taken.is_empty() {
        return Ok(Restored::Taken(object, taken));
    }
    let now: Value = tx.now.0.into();
    for row in &mut rows {
        // Who follows changes by this stamp sees the object again.
        if let Some(stamp) = row.columns.get_mut("last_modified") {
            stamp.clone_from(&now);
        }
        row.insert(tx.conn)?;
    }
    for row in &rows {
        is_back(tx, who, row)?;
    }
    tx.conn.execute("DELETE FROM bin WHERE id = ?1", [id])?;
    Ok(Restored::Done(object))
}

/// Checks an object that is back against the others, gives it a new version, and notes it.
fn is_back(tx: &mut Tx<'_>, who: &Caller, row: &BinRow) -> Result<(), StoreError> {
    let Some(table) = audit_note::table(&row.table) else { return Ok(()) };
    let id = row.object;
    match table {
        "advertisers" => is_back_as::<Advertiser>(tx, id)?,
        "publishers" => is_back_as::<Publisher>(tx, id)?,
        "line_items" => is_back_as::<LineItem>(tx, id)?,
        "campaigns" => is_back_as::<Campaign>(tx, id)?,
        "pixels" => is_back_as::<Pixel>(tx, id)?,
        "trackers" => is_back_as::<Tracker>(tx, id)?,
        "segments" => is_back_as::<Segment>(tx, id)?,
        "sources" => is_back_as::<Source>(tx, id)?,
        "saved_reports" => is_back_as::<SavedReport>(tx, id)?,
        // Users and tokens have no version.
        _ => {}
    }
    note_restored(tx, who, table, id)
}

fn is_back_as<E: Entity>(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let object: E = find(tx.conn, Scope::All, id)?;
    object.fits(tx, Scope::All)?;
    object.saved(tx, None)
}

/// The objects that the rows refer to, and that are neither there nor among them.
fn missing(tx: &Tx<'_>, rows: &[BinRow]) -> Result<Vec<MissingObject>, StoreError> {
    let own: HashSet<(&str, i64)> = rows.iter().map(|row| (row.table.as_str(), row.object)).collect();
    let mut known: HashMap<&str, Vec<Reference>> = HashMap::new();
    let mut missing: Vec<MissingObject> = Vec::new();
    for row in rows.iter().filter(|row| row.table != DEFAULT_PIXEL) {
        if !known.contains_key(row.table.as_str()) {
            known.insert(&row.table, rows::references(tx.conn, &row.table)?);
        }
        for Reference { table, from, to } in known.get(row.table.as_str()).into_iter().flatten() {
            let Some(id) = row.columns.get(from).and_then(Value::as_i64) else { continue };
            let sql = format!("SELECT 1 FROM {table} WHERE {to} = ?1");
            if own.contains(&(table.as_str(), id)) || tx.conn.prepare_cached(&sql)?.exists([id])? {
                continue;
            }
            let object = object_of(table).unwrap_or(AuditObject::Advertiser);
            let entry = entry_with(tx.conn, table, id, tx.now)?;
            let needed = MissingObject { object, id, entry };
            if !missing.contains(&needed) {
                missing.push(needed);
            }
        }
    }
    Ok(missing)
}

/// The codes and names that others have by now. With `rename` the rows give them up, and none is left.
fn taken(conn: &Connection, rows: &mut [BinRow], rename: bool) -> Result<Vec<TakenName>, StoreError> {
    let mut taken = Vec::new();
    for row in rows {
        let Some((table, column, within)) = UNIQUE.iter().find(|(table, ..)| *table == row.table) else { continue };
        let Some(text) = row.text(column).map(str::to_owned) else { continue };
        let Some(by) = owner(conn, row, (table, column, within), &text)? else { continue };
        if rename {
            let other = other_name(conn, row, (table, column, within), &text)?;
            row.columns.insert((*column).to_owned(), other);
        } else {
            let object = object_of(table).unwrap_or(AuditObject::Advertiser);
            let name = row.text("name").or(row.text("short_name")).unwrap_or(&text).to_owned();
            taken.push(TakenName { of: BinObject { object, id: row.object, name }, column, text, by });
        }
    }
    Ok(taken)
}

/// The object that has this text in a unique column.
fn owner(
    conn: &Connection,
    row: &BinRow,
    (table, column, within): (&str, &str, &[&str]),
    text: &str,
) -> Result<Option<i64>, StoreError> {
    let mut sql = format!("SELECT id FROM {table} WHERE {column} = ?1 AND id <> ?2");
    let mut values = Vec::new();
    for (mark, name) in (3..).zip(within) {
        sql.push_str(&format!(" AND {name} = ?{mark}"));
        values.push(row.columns.get(*name).map(|value| value.as_str().map_or(value.to_string(), str::to_owned)));
    }
    // A number as a text compares as a number with a column of numbers.
    let found = match values.as_slice() {
        [] => conn.prepare_cached(&sql)?.query_row(params![text, row.object], |row| row.get(0)),
        [one] => conn.prepare_cached(&sql)?.query_row(params![text, row.object, one], |row| row.get(0)),
        [one, two, ..] => conn.prepare_cached(&sql)?.query_row(params![text, row.object, one, two], |row| row.get(0)),
    };
    Ok(found.optional()?)
}

/// The longest name of users and tokens, less the sign that tells them apart.
const MOST_LETTERS: usize = 90;

/// No code, or another name of a user or token: `bert-2`.
fn other_name(conn: &Connection, row: &BinRow, unique: (&str, &str, &[&str]), text: &str) -> Result<Value, StoreError> {
    if unique.1 == "code" {
        return Ok(Value::Null);
    }
    let start: String = text.chars().take(MOST_LETTERS).collect();
    for number in 2..1_000 {
        let other = format!("{start}-{number}");
        if owner(conn, row, unique, &other)?.is_none() {
            return Ok(other.into());
        }
    }
    Err(StoreError::Integrity(format!("{text} has no free name left; rename the other one first")))
}
